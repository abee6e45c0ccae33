/*
 * checkpoint: a document's content, written down.
 *
 * Two kinds: the latest, from which a load begins and which the next one
 * replaces, written after so many ops and when the document comes to rest; and
 * those of every keep_every-th version, exactly, which are kept for good, so
 * that any version is at most keep_every ops away from one.  Of a document that
 * is long for so few ops only every second of these is kept, or every fourth,
 * and so on: checkpoint.c says when.  Whoever stages the op that makes such a
 * version writes it down; whoever replays past such a version finds that it is
 * missing, and does so too.
 */
#ifndef CORE_CHECKPOINT_H
#define CORE_CHECKPOINT_H

#include <stdbool.h>
#include <stdint.h>

struct collection;
struct hub;
struct job;
struct snapshot;

/* Is this one of the versions that are kept? */
bool		 checkpoint_is_kept(const struct collection *settings,
		    const struct snapshot *s);
/* A JOB_CHECKPOINT of what s shows.  The names are copied. */
struct job	*checkpoint_job(const struct collection *settings,
		    const char *collection, const char *id,
		    const struct snapshot *s);
/* The hub drains: write down what was edited lately. */
void		 checkpoint_drain(struct hub *h);

#endif
