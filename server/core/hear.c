#include "core/hear.h"

#include <string.h>

#include "base/mem.h"
#include "core/doc.h"
#include "core/feed.h"

/* Documents in one question of versions. */
#define VERSIONS_EACH	1000

void
hear_doubt(struct doc *d)
{
	if (list_empty(&d->in_doubt))
		list_push(&d->hub->doubtful, &d->in_doubt);
}

/* Compare the versions of everything that has readers here. */
void
hear_sweep(struct hub *h)
{
	struct list *node, *next;
	struct doc *d;

	LIST_EACH(&h->live, node, next) {
		d = LIST_ITEM(node, struct doc, place);
		if (d->n_readers > 0)
			hear_doubt(d);
	}
}

/* Words may have been lost, of whatever kind. */
static void
hear_back(struct hub *h)
{
	struct table_node *node = NULL;

	hear_sweep(h);
	presence_back(h);
	while ((node = table_next(&h->feeds, node)) != NULL)
		feed_back(LIST_ITEM(node, struct feed, in_hub));
}

static void
hear_of_doc(struct doc *d, const struct word *w)
{
	if (w->kind == WORD_OPS)
		doc_hear(d, &w->ops);
	else if (w->kind == WORD_HEAD)
		doc_compare(d, w->head_v);
	else if (w->kind == WORD_FOLLOWED)
		/* Something may have happened before we listened. */
		hear_doubt(d);
}

void
hub_hear(struct hub *h, struct word *w)
{
	struct feed *f;
	struct doc *d = NULL;

	if (w->topic != NULL || w->kind == WORD_BACK) {
		if (w->topic != NULL)
			presence_hear(h, w);
		else
			hear_back(h);
		word_free(w);
		return;
	}
	f = feed_here(h, w->collection);
	if (w->id != NULL)
		d = hub_doc_here(h, w->collection, w->id);
	else if (f != NULL && w->kind == WORD_FOLLOWED)
		feed_back(f);
	/* A document in memory tells the feed itself, once it has caught up. */
	if (f != NULL && w->id != NULL &&
	    (d == NULL || d->state == DOC_LOADING))
		feed_hear(f, w);
	if (d != NULL)
		hear_of_doc(d, w);
	word_free(w);
}

struct job *
hear_ask(struct hub *h)
{
	struct job *job;
	struct job_version *jv;
	struct list *node;
	struct doc *d;

	if (list_empty(&h->doubtful))
		return NULL;
	job = job_new(JOB_VERSIONS, NULL);
	job->versions.docs = mem_grow(NULL, VERSIONS_EACH, sizeof(*jv));
	while (job->versions.n < VERSIONS_EACH &&
	    (node = list_shift(&h->doubtful)) != NULL) {
		d = LIST_ITEM(node, struct doc, in_doubt);
		jv = &job->versions.docs[job->versions.n++];
		jv->collection = mem_copy(d->collection,
		    strlen(d->collection));
		jv->id = mem_copy(d->id, strlen(d->id));
		jv->v = 0;
		jv->must = d->was_shown;
		d->was_shown = false;
	}
	return job;
}

void
hear_versions(struct hub *h, const struct job *job)
{
	const struct job_version *jv = job->versions.docs;
	struct doc *d;
	size_t i;

	for (i = 0; i < job->versions.n; i++) {
		d = hub_doc_here(h, jv[i].collection, jv[i].id);
		if (d == NULL)
			continue;
		if (job->err == ERR_NONE)
			doc_compare(d, jv[i].v);
		else if (jv[i].must)
			doc_not_compared(d);
	}
}
