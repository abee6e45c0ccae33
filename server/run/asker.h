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
};

/*
 * is_beside: for JOB_ROWS alone, also next to a server on the embedded store.
 * False, told on stderr, when the store cannot be opened.
 */
bool		 asker_open(struct asker *a, const char *url, bool is_beside);
void		 asker_close(struct asker *a);
/*
 * The job, answered without error; or NULL, with the reason in *why_out,
 * static, and the job is gone.
 */
struct job	*asker_ask(struct asker *a, struct job *job,
		    const char **why_out);

#endif
