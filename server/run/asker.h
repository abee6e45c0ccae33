/*
 * asker: asks the store one thing after the other, and waits.  For
 * subcommands, which do nothing else.
 */
#ifndef RUN_ASKER_H
#define RUN_ASKER_H

#include <stdbool.h>

#include "core/job.h"

struct asker {
	struct loop		*loop;
	struct store		*store;
	struct loop_timer	*pulse;		/* so that waiting ends */
	enum err		 err;		/* of what was asked last */
};

/*
 * is_beside: as store_open_beside, also next to a server on the embedded store.
 * False, told on stderr, when the store cannot be opened.
 */
bool		 asker_open(struct asker *a, const char *url, bool is_beside);
void		 asker_close(struct asker *a);
/*
 * The job, answered without error; or NULL, with the reason in *why_out,
 * static, and in a->err, and the job is gone.
 */
struct job	*asker_ask(struct asker *a, struct job *job,
		    const char **why_out);

/* ---- several at once; then asker_ask is not used meanwhile ---- */

/* Taken over; asker_next brings it back, with job->err. */
void		 asker_start(struct asker *a, struct job *job);
/*
 * One that is back, the caller's.  NULL: none is; with waits, that the store
 * has not answered for long.
 */
struct job	*asker_next(struct asker *a, bool waits);

#endif
