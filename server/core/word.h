/*
 * word: what is said on the bus.
 *
 * The bus is a hint, never the truth: words may be lost, repeated, reordered.
 * A word of ops names its versions, so a gap shows.
 */
#ifndef CORE_WORD_H
#define CORE_WORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "core/job.h"
#include "ot/buf.h"

enum word_kind {
	WORD_OPS,	/* said and heard: these ops became durable */
	WORD_HEAD,	/* said and heard: the document has come to head_v */
	WORD_FOLLOW,	/* said: we want to hear of this document, or collection */
	WORD_UNFOLLOW,	/* said: no longer */
	WORD_FOLLOWED,	/* heard: from now on we do hear of it */
	WORD_BACK,	/* heard: words may have been lost; compare versions */
	WORD_PRESENCE,	/* said and heard: about presence, on a topic */
};

struct word {
	struct list	 node;
	enum word_kind	 kind;
	char		*collection, *id;	/* owned; NULL for WORD_BACK */
	/*
	 * Said of a document to those who follow the collection; without an id
	 * it is about the collection anyway.
	 */
	bool		 for_collection;
	struct op_list	 ops;		/* WORD_OPS: one document's, versions in a row */
	/* WORD_OPS for a collection: what the ops have made, if it is small. */
	bool		 has_content;
	char		*type;		/* owned URI; NULL: deleted */
	char		*body;		/* owned JSON; NULL: undefined, deleted */
	size_t		 len;		/* bytes */
	uint64_t	 head_v;	/* WORD_HEAD */
	char		*topic;		/* owned; instead of a document: presence */
	struct buf	 text;		/* WORD_PRESENCE: core/presence_word.h */
};

/* Copies the names; NULL for WORD_BACK. */
struct word	*word_new(enum word_kind kind, const char *collection,
		    const char *id);
/*
 * The same as if it had come from elsewhere: ops with names, versions and
 * bodies, not parsed.
 */
struct word	*word_copy(const struct word *w);
/* FOLLOW, UNFOLLOW, FOLLOWED and PRESENCE go by topics too.  Copies it. */
struct word	*word_new_topic(enum word_kind kind, const char *topic);
/* The same word for those who follow the collection; shares the ops. */
struct word	*word_for_collection(const struct word *w);
/* The content goes with it; copies both. */
void		 word_set_content(struct word *w, const char *type,
		    const char *body, size_t len);
void		 word_free(struct word *w);

#endif
