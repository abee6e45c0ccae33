/*
 * rig: a hub, a store in memory, and sessions to talk with, for tests.
 *
 * The store answers at once, unless the test holds a kind of job back and
 * settles it by hand.  Messages are written with ' for ".  What is expected
 * is compared as JSON.
 */
#ifndef TESTS_CORE_RIG_H
#define TESTS_CORE_RIG_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "core/hub.h"
#include "tests/sim/pretend_store.h"

#define TEXT_URI "http://sharejs.org/types/text-unicode"
/* The message that creates c/x. */
#define CREATE_X "{'a':'op','c':'c','d':'x','v':0,'seq':1,'create':" \
		"{'type':'text-unicode','data':'abc'}}"

struct rig {
	struct hub		*hub;
	struct hub_limits	 limits;
	struct pretend_store	 store;
	unsigned		 held_kinds;	/* bits, 1 << enum job_kind */
	struct list		 held;		/* jobs not answered yet */
	struct list		 words;		/* said */
	uint64_t		 now_ms;
	uint64_t		 loads;		/* JOB_LOAD seen */
	uint64_t		 reads;		/* JOB_OPS seen */
	uint64_t		 replayed;	/* ops given for histories */
};

/* After setting limits, which rig_init fills. */
void		 rig_init(struct rig *r);
void		 rig_start(struct rig *r);
void		 rig_done(struct rig *r);

/* A session that has its init frame behind it. */
struct session	*rig_open(struct rig *r, const char *src);
/* The same of somebody, whose count is taken over. */
struct session	*rig_open_as(struct rig *r, const char *src,
		    struct principal *who, unsigned flags);
/* Say it and run until nothing moves. */
void		 rig_say(struct rig *r, struct session *ss, const char *text);
void		 rig_run(struct rig *r);
/* Say it and throw its one answer away. */
void		 rig_say_over(struct rig *r, struct session *ss,
		    const char *text);
/* The same: one more character into the text c/x, at the head. */
void		 rig_insert(struct rig *r, struct session *ss, int seq);
void		 rig_tick(struct rig *r, uint64_t ms);

/* The session's next frame must say this. */
void		 rig_hear(struct session *ss, const char *text);
void		 rig_hear_nothing(struct session *ss);
/* All that it has to hear, one line each; the caller's. */
char		*rig_hear_all(struct session *ss);
/* The same, thrown away. */
void		 rig_drop(struct session *ss);
/* The session's next frame must have this "error" code. */
void		 rig_hear_error(struct session *ss, const char *code);

/* Keep jobs of this kind until rig_settle. */
void		 rig_hold(struct rig *r, enum job_kind kind);
/* The oldest held job of this kind; it must be there. */
struct job	*rig_held(struct rig *r, enum job_kind kind);
/*
 * Answer that job: ERR_NONE carries it out; anything else is its err, with
 * the job carried out before when is_done.  Others of the kind are let go.
 */
void		 rig_settle(struct rig *r, enum job_kind kind, enum err err,
		    bool is_done);
/* The same, but later ones are held too. */
void		 rig_settle_on(struct rig *r, enum job_kind kind, enum err err,
		    bool is_done);
/* An op by somebody who is not here, straight into the store. */
void		 rig_rival(struct rig *r, const char *id, enum op_kind kind,
		    const char *src, uint64_t seq, const char *body);
/* The bus brings the store's ops [from, to) of c/id. */
void		 rig_word(struct rig *r, const char *id, uint64_t from,
		    uint64_t to);

#endif
