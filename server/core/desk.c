#include "core/desk.h"

void
desk_init(struct desk *d)
{
	list_init(&d->jobs);
}

void
desk_done(struct desk *d)
{
	struct job *job;

	while ((job = desk_next(d)) != NULL)
		job_free(job);
}

void
desk_ask(struct desk *d, struct job *job)
{
	list_push(&d->jobs, &job->node);
}

struct job *
desk_next(struct desk *d)
{
	struct list *node = list_shift(&d->jobs);

	return node == NULL ? NULL : LIST_ITEM(node, struct job, node);
}
