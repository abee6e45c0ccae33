/*
 * pretend_rows: grants in memory, and what schema/rows.def says of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/sim/pretend_store.h"

static bool
is_of(const struct pretend_grant *g, const char *collection, const char *id)
{
	return strcmp(g->id, id) == 0 && strcmp(g->collection, collection) == 0;
}

static void
grant_changed(const struct pretend_store *s, const struct pretend_grant *g)
{
	if (s->regranted != NULL)
		s->regranted(g->collection, g->id, g->subject);
}

static void
grant_free(struct pretend_grant *g)
{
	list_remove(&g->node);
	free(g->collection);
	free(g->id);
	free(g->subject);
	free(g);
}

void
pretend_ungrant(struct pretend_store *s, const char *collection,
    const char *id, const char *subject)
{
	struct list *node, *next;
	struct pretend_grant *g;

	LIST_EACH(&s->grants, node, next) {
		g = LIST_ITEM(node, struct pretend_grant, node);
		if ((id != NULL && !is_of(g, collection, id)) ||
		    (subject != NULL && strcmp(g->subject, subject) != 0))
			continue;
		grant_changed(s, g);
		grant_free(g);
	}
}

void
pretend_grant(struct pretend_store *s, const char *collection, const char *id,
    const char *subject, enum access_role role, int64_t expires_ms)
{
	struct pretend_grant *g;

	pretend_ungrant(s, collection, id, subject);
	if (role == ROLE_NONE)
		return;
	g = mem_get(sizeof(*g));
	g->collection = mem_copy(collection, strlen(collection));
	g->id = mem_copy(id, strlen(id));
	g->subject = mem_copy(subject, strlen(subject));
	g->role = role;
	g->expires_ms = expires_ms;
	list_push(&s->grants, &g->node);
	grant_changed(s, g);
}

void
pretend_grants_of(const struct pretend_store *s, const char *collection,
    const char *id, struct grants *grants)
{
	const struct pretend_doc *d = pretend_find(s, collection, id);
	struct list *node, *next;
	const struct pretend_grant *g;

	LIST_EACH(&s->grants, node, next) {
		g = LIST_ITEM(node, struct pretend_grant, node);
		if (is_of(g, collection, id))
			grants_add(grants, g->subject, g->role, g->expires_ms);
	}
	if (d != NULL && d->owner != NULL)
		grants_add(grants, d->owner, ROLE_OWNER, 0);
}

/* A row of first, a role and when it expires. */
static void
put_row(struct job_rows *r, const char *first, enum access_role role,
    int64_t expires_ms)
{
	const char *name = access_role_name(role);
	char **row, number[24];

	r->n_columns = 3;
	r->cells = mem_grow(r->cells, (r->n_rows + 1) * 3, sizeof(*r->cells));
	row = r->cells + 3 * r->n_rows++;
	row[0] = mem_copy(first, strlen(first));
	row[1] = mem_copy(name, strlen(name));
	row[2] = NULL;
	if (expires_ms == 0)
		return;
	snprintf(number, sizeof(number), "%lld", (long long)expires_ms);
	row[2] = mem_copy(number, strlen(number));
}

static bool
is_param(const struct job_rows *r, const char *subject)
{
	return (r->params[0] != NULL && strcmp(r->params[0], subject) == 0) ||
	    (r->params[1] != NULL && strcmp(r->params[1], subject) == 0);
}

static void
granted_to(const struct pretend_store *s, struct job_rows *r)
{
	struct list *node, *next;
	const struct pretend_grant *g;
	const struct pretend_doc *d;

	LIST_EACH(&s->grants, node, next) {
		g = LIST_ITEM(node, struct pretend_grant, node);
		if (strcmp(g->collection, r->params[2]) == 0 &&
		    is_param(r, g->subject))
			put_row(r, g->id, g->role, g->expires_ms);
	}
	LIST_EACH(&s->docs, node, next) {
		d = LIST_ITEM(node, struct pretend_doc, node);
		if (strcmp(d->collection, r->params[2]) == 0 &&
		    d->owner != NULL && is_param(r, d->owner))
			put_row(r, d->id, ROLE_OWNER, 0);
	}
}

void
pretend_rows(struct pretend_store *s, struct job_rows *r)
{
	struct grants grants = { NULL, 0 };
	size_t i;

	if (r->what == ROWS_GRANTED) {
		granted_to(s, r);
		return;
	}
	if (r->what != ROWS_GRANTS_OF)
		bug("the hub never asks this");
	pretend_grants_of(s, r->params[0], r->params[1], &grants);
	for (i = 0; i < grants.n; i++)
		put_row(r, grants.all[i].subject, grants.all[i].role,
		    grants.all[i].expires_ms);
	grants_done(&grants);
}
