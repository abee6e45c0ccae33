/*
 * pretend_store: the truth in memory, with the meaning that core/job.h gives
 * to jobs; and a witness.
 *
 * It keeps every op and applies each to a model of its own as it comes in.
 * What must never be asked of a store (an op that is there already, one that
 * does not fit, a checkpoint that says something else than the ops) is a
 * complaint.  Ops are copied in and out: whoever gets one has to parse it.
 *
 * It carries jobs out when it is told to; being slow, away or unsure is the
 * world's business.
 */
#ifndef TESTS_SIM_PRETEND_STORE_H
#define TESTS_SIM_PRETEND_STORE_H

#include "base/list.h"
#include "core/access.h"
#include "core/job.h"

struct chance;

struct pretend_checkpoint {
	uint64_t	 v;
	char		*type, *body;	/* owned; NULL as in job_checkpoint */
	size_t		 len;
	bool		 kept;
};

struct pretend_doc {
	struct list	 node;
	char		*collection, *id;
	struct op	**log;		/* by version; what was committed */
	uint64_t	 v;		/* how many */
	uint64_t	 gone;		/* those below are not given out any more */
	uint64_t	 horizon;	/* those below are not as they were sent */
	struct snapshot	 head;		/* the model */
	/* What finds see: the model as it was when content was written. */
	uint64_t	 seen_v;
	const struct ot_type *seen_type;	/* NULL: nothing */
	char		*seen;		/* owned; NULL: undefined */
	size_t		 seen_len;
	enum content_lag lag;
	char		*owner;		/* who created it last; NULL: nobody */
	struct pretend_checkpoint *checkpoints;
	size_t		 n_checkpoints;
};

struct pretend_grant {
	struct list	 node;
	char		*collection, *id, *subject;
	enum access_role role;
	int64_t		 expires_ms;	/* 0: never */
};

struct pretend_store {
	struct list	 docs;
	struct list	 grants;	/* struct pretend_grant */
	struct list	 late;		/* commits on their way, see pretend_delay */
	/* Told of each change of grants; NULL: nobody is. */
	void		(*regranted)(const char *collection, const char *id,
			    const char *subject);
	/* Loads begin at any checkpoint, not at the newest; NULL: they do not. */
	struct chance	*chance;
	void		(*complain)(const char *fmt, ...)
			    __attribute__((format(printf, 1, 2)));
};

void	 pretend_init(struct pretend_store *s);
void	 pretend_done(struct pretend_store *s);
/* NULL: nothing was ever written. */
struct pretend_doc *pretend_find(const struct pretend_store *s,
	    const char *collection, const char *id);
/* The head version; 0: never was. */
uint64_t pretend_version(const struct pretend_store *s,
	    const char *collection, const char *id);
/* What the ops below v made: a snapshot of the caller's. */
void	 pretend_replay(struct pretend_store *s, const struct pretend_doc *d,
	    uint64_t v, struct snapshot *snap_out);
/* From now on it is so; ROLE_NONE: nothing is granted any more. */
void	 pretend_grant(struct pretend_store *s, const char *collection,
	    const char *id, const char *subject, enum access_role role,
	    int64_t expires_ms);
/* Nothing is: of one subject or of all (NULL), of a document or of any (NULL). */
void	 pretend_ungrant(struct pretend_store *s, const char *collection,
	    const char *id, const char *subject);
/* All of a document, its owner's too, into *grants, which is empty. */
void	 pretend_grants_of(const struct pretend_store *s,
	    const char *collection, const char *id, struct grants *grants);
/* A JOB_ROWS. */
void	 pretend_rows(struct pretend_store *s, struct job_rows *rows);
/* Carry the job out and fill in its answer. */
void	 pretend_do(struct pretend_store *s, struct job *job);
/* The same for a JOB_FIND: every document is looked at. */
void	 pretend_query(struct pretend_store *s, struct job *job);
/* What is due is written, as somebody would do who asks. */
void	 pretend_write_contents(struct pretend_store *s);
/* Take down a commit that will be carried out after its job is gone. */
void	 pretend_delay(struct pretend_store *s, const struct job *job);
/* Carry out one of those; false: there is none. */
bool	 pretend_catch_up(struct pretend_store *s);
/* Remove the history that some checkpoint makes needless. */
void	 pretend_forget(struct pretend_store *s, const char *collection,
	    const char *id);
/*
 * What otd compact makes of the ops below end, which becomes the horizon:
 * between kept checkpoints, creations and deletions one that stands for all,
 * and others that do nothing.  pretend_compact.c.
 */
void	 pretend_compact(struct pretend_store *s, struct pretend_doc *d,
	    uint64_t end);
/* Somebody else writes straight into the store; op is at the head's version. */
void	 pretend_write(struct pretend_store *s, const char *collection,
	    const char *id, const struct op *op);
/* The same op, unparsed, with one count. */
struct op *pretend_copy(const struct op *op);

#endif
