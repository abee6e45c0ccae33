#include "store/pg_commit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* ---- requests ---- */

static int
by_name(const void *a, const void *b)
{
	const struct parcel *p = *(struct parcel *const *)a;
	const struct parcel *q = *(struct parcel *const *)b;
	int c = strcmp(p->collection, q->collection);

	return c != 0 ? c : strcmp(p->id, q->id);
}

static void
parcels_of(struct pg_parcels *parcels, struct job_commit *c)
{
	struct list *node, *next;

	parcels->n = 0;
	parcels->p = mem_grow(NULL, c->n_parcels, sizeof(*parcels->p));
	LIST_EACH(&c->parcels, node, next)
		parcels->p[parcels->n++] = LIST_ITEM(node, struct parcel, node);
	if (parcels->n != c->n_parcels || parcels->n == 0)
		bug("a batch has lost count of its parcels");
	qsort(parcels->p, parcels->n, sizeof(*parcels->p), by_name);
}

static void
put_one_op(struct pg_request *r, const struct parcel *p)
{
	const struct op *op = p->ops.ops[0];

	pg_request_put_str(r, p->collection);
	pg_request_put_str(r, p->id);
	pg_request_put_u64(r, p->base_v);
	pg_request_put_str(r, p->type_after);
	pg_request_put_u64(r, op->kind);
	pg_request_put_u64(r, op->seq);
	pg_request_put_str(r, op->src);
	pg_request_put_bytes(r, op->body, op->body_len);
	pg_request_put_str(r, op->author);
	pg_request_put_u64(r, p->lag);
}

/* What a commit of many has beside ops, as far as its statement takes it. */
static void
put_extras(struct pg_request *r, const struct pg_parcels *parcels)
{
	struct pg_array *lags = pg_request_put_array(r, PG_INT2);
	struct pg_array *contents, *created, *owners, *events;
	size_t i;

	for (i = 0; i < parcels->n; i++)
		pg_array_put_int(lags, parcels->p[i]->has_content ? LAG_NONE :
		    parcels->p[i]->lag);
	if (r->statement == PG_COMMIT)
		return;
	contents = pg_request_put_array(r, PG_TEXT);
	for (i = 0; i < parcels->n; i++) {
		const struct parcel *p = parcels->p[i];

		pg_array_put_text(contents, p->has_content ? p->body : NULL,
		    p->len);
	}
	if (r->statement == PG_COMMIT_CONTENT)
		return;
	created = pg_request_put_array(r, PG_INT2);
	owners = pg_request_put_array(r, PG_TEXT);
	events = pg_request_put_array(r, PG_TEXT);
	for (i = 0; i < parcels->n; i++) {
		const struct parcel *p = parcels->p[i];

		pg_array_put_int(created, p->is_created);
		pg_array_put_str(owners, p->owner);
		pg_array_put_str(events, parcel_event(p));
	}
}

/* When ops of the past were stored: of each op, before what is of parcels. */
static void
put_times(struct pg_request *r, const struct pg_parcels *parcels)
{
	struct pg_array *times = pg_request_put_array(r, PG_INT8);
	size_t i, k;

	for (i = 0; i < parcels->n; i++)
		for (k = 0; k < parcels->p[i]->ops.n; k++)
			pg_array_put_int(times,
			    (uint64_t)parcels->p[i]->at_ms[k]);
}

/* What a commit of the past has beside ops. */
static void
put_past(struct pg_request *r, const struct pg_parcels *parcels)
{
	struct pg_array *lags = pg_request_put_array(r, PG_INT2);
	struct pg_array *contents = pg_request_put_array(r, PG_TEXT);
	struct pg_array *owners = pg_request_put_array(r, PG_TEXT);
	struct pg_array *first = pg_request_put_array(r, PG_INT8);
	struct pg_array *last = pg_request_put_array(r, PG_INT8);
	size_t i;

	for (i = 0; i < parcels->n; i++) {
		const struct parcel *p = parcels->p[i];

		pg_array_put_int(lags, p->has_content ? LAG_NONE : LAG_KEEP);
		pg_array_put_text(contents, p->has_content ? p->body : NULL,
		    p->len);
		pg_array_put_str(owners, p->owner);
		pg_array_put_int(first, (uint64_t)p->at_ms[0]);
		pg_array_put_int(last, (uint64_t)p->at_ms[p->ops.n - 1]);
	}
}

static bool
put_parcels(struct pg_request *r, const struct pg_parcels *parcels)
{
	struct pg_array *collections = pg_request_put_array(r, PG_TEXT);
	struct pg_array *ids = pg_request_put_array(r, PG_TEXT);
	struct pg_array *base_vs = pg_request_put_array(r, PG_INT8);
	struct pg_array *ns = pg_request_put_array(r, PG_INT8);
	struct pg_array *types = pg_request_put_array(r, PG_TEXT);
	struct pg_array *whose = pg_request_put_array(r, PG_INT8);
	struct pg_array *versions = pg_request_put_array(r, PG_INT8);
	struct pg_array *kinds = pg_request_put_array(r, PG_INT2);
	struct pg_array *seqs = pg_request_put_array(r, PG_INT8);
	struct pg_array *srcs = pg_request_put_array(r, PG_TEXT);
	struct pg_array *bodies = pg_request_put_array(r, PG_TEXT);
	struct pg_array *authors = pg_request_put_array(r, PG_TEXT);
	size_t i, k;

	for (i = 0; i < parcels->n; i++) {
		const struct parcel *p = parcels->p[i];

		pg_array_put_str(collections, p->collection);
		pg_array_put_str(ids, p->id);
		pg_array_put_int(base_vs, p->base_v);
		pg_array_put_int(ns, p->ops.n);
		pg_array_put_str(types, p->type_after);
		for (k = 0; k < p->ops.n; k++) {
			const struct op *op = p->ops.ops[k];

			pg_array_put_int(whose, i + 1);
			pg_array_put_int(versions, op->v);
			pg_array_put_int(kinds, op->kind);
			pg_array_put_int(seqs, op->seq);
			pg_array_put_str(srcs, op->src);
			pg_array_put_text(bodies, op->body, op->body_len);
			pg_array_put_str(authors, op->author);
		}
	}
	if (r->statement == PG_COMMIT_PAST) {
		put_times(r, parcels);
		put_past(r, parcels);
	} else {
		put_extras(r, parcels);
	}
	return pg_request_seal(r);
}

/* One op and no more: a statement for itself. */
static bool
is_lone(const struct pg_parcels *parcels)
{
	const struct parcel *p = parcels->p[0];

	return parcels->n == 1 && p->ops.n == 1 && !p->has_content &&
	    (p->base_v == 0 || !p->is_created) && p->at_ms == NULL;
}

/* Of commits that are not lone: the cheapest that does all they ask. */
static enum pg_sql
statement_for(const struct pg_parcels *parcels)
{
	bool has_content = false;
	size_t i;

	/* Those of the past go by themselves, and each has ops. */
	if (parcels->p[0]->at_ms != NULL)
		return PG_COMMIT_PAST;
	for (i = 0; i < parcels->n; i++) {
		const struct parcel *p = parcels->p[i];

		/* To be nobody's is what a new document begins with. */
		if (p->has_event || (p->is_created &&
		    (p->base_v > 0 || p->owner != NULL)))
			return PG_COMMIT_ALL;
		has_content |= p->has_content;
	}
	return has_content ? PG_COMMIT_CONTENT : PG_COMMIT;
}

bool
pg_request_commit(struct pg_request *r, struct job_commit *c,
    struct pg_parcels *parcels)
{
	const struct parcel *p;

	parcels_of(parcels, c);
	if (!is_lone(parcels)) {
		pg_request_init(r, statement_for(parcels));
		return put_parcels(r, parcels);
	}
	p = parcels->p[0];
	if (p->base_v == 0)
		pg_request_init(r, p->has_event ? PG_CREATE_TOLD : PG_CREATE_ONE);
	else
		pg_request_init(r, p->has_event ? PG_EDIT_TOLD : PG_EDIT_ONE);
	put_one_op(r, p);
	if (p->base_v == 0)
		pg_request_put_str(r, p->is_created ? p->owner : NULL);
	if (p->has_event)
		pg_request_put_str(r, parcel_event(p));
	return true;
}

bool
pg_request_missed(struct pg_request *r, const struct pg_parcels *parcels)
{
	struct pg_array *collections, *ids, *base_vs;
	size_t i;

	pg_request_init(r, PG_MISSED);
	collections = pg_request_put_array(r, PG_TEXT);
	ids = pg_request_put_array(r, PG_TEXT);
	base_vs = pg_request_put_array(r, PG_INT8);
	for (i = 0; i < parcels->n; i++) {
		pg_array_put_str(collections, parcels->p[i]->collection);
		pg_array_put_str(ids, parcels->p[i]->id);
		pg_array_put_int(base_vs, parcels->p[i]->base_v);
	}
	return pg_request_seal(r);
}

/* ---- verdicts ---- */

/*
 * Does what came reach from base_v to the head without gap?  A head at base_v
 * is no reason to refuse: it was read too early.
 */
static bool
is_whole(const struct parcel *p)
{
	return p->head_v != p->base_v && p->head_v != 0 &&
	    (p->head_v < p->base_v || p->missed.n == p->head_v - p->base_v);
}

void
pg_answer_commit(struct pg_parcels *parcels, const PGresult *res, bool again)
{
	size_t left = 0, i;
	int row;

	for (i = 0; i < parcels->n; i++) {
		parcels->p[i]->accepted = !again;
		op_list_done(&parcels->p[i]->missed);
	}
	for (row = 0; row < PQntuples(res); row++) {
		struct parcel *p;

		i = pg_get_u64(res, row, 0) - 1;
		if (i >= parcels->n)
			bug("a verdict on no parcel");
		p = parcels->p[i];
		p->accepted = false;
		p->head_v = pg_get_u64(res, row, 1);	/* null: 0 */
		if (!PQgetisnull(res, row, 2))
			op_list_add(&p->missed, pg_get_op(res, row, 2));
	}
	for (i = 0; i < parcels->n; i++)
		if (!again && !parcels->p[i]->accepted &&
		    !is_whole(parcels->p[i]))
			parcels->p[left++] = parcels->p[i];
	parcels->n = left;
}
