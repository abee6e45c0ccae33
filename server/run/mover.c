/*
 * A document that is brought into the store: replayed, cut into parcels; see
 * mover.h, mover_in.h.
 */
#include "run/mover_in.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/access.h"
#include "core/checkpoint.h"
#include "ot/json_value.h"
#include "ot/type.h"
#include "ot/utf.h"

#define NAME_MAX_BYTES	1024	/* docs/LIMITS.md: "a name" */
#define BALE_OPS	5000	/* operations in one parcel */
#define BALE_BYTES	(2u << 20)
#define HELD_OPS	50000	/* of one document, before any is written */
#define HELD_BYTES	(32u << 20)

/* ---- telling ---- */

void
mover_tell(struct mover *m, const char *collection, const char *id,
    bool is_bad, const char *fmt, ...)
{
	va_list args;

	progress_clear(&m->progress);
	fprintf(m->out, "%s/%s: ", collection, id);
	va_start(args, fmt);
	vfprintf(m->out, fmt, args);
	va_end(args);
	fprintf(m->out, "\n");
	fflush(m->out);
	if (is_bad)
		m->bad++;
	else
		m->notes++;
}

static enum mover_fate fail(struct mover *m, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static enum mover_fate
fail(struct mover *m, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(m->why, sizeof(m->why), fmt, args);
	va_end(args);
	m->has_failed = true;
	return MOVER_FAILED;
}

const char *
mover_why(const struct mover *m)
{
	return m->why;
}

const struct ot_type *
mover_type(const struct mover *m)
{
	return m->doc != NULL ? m->doc->s.type : NULL;
}

/* ---- beginning ---- */

static bool
is_name(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= NAME_MAX_BYTES && utf_is_utf8(name, len);
}

void
mover_drop(struct mover *m)
{
	struct list *node;

	while ((node = list_shift(&m->held)) != NULL)
		bale_free(LIST_ITEM(node, struct bale, node));
	bale_free(m->bale);
	m->bale = NULL;
	free(m->base_body);
	m->base_body = NULL;
	if (m->common != NULL)
		job_free(m->common);
	m->common = NULL;
	m->next_common = 0;
	/* Its parcels may wait for long: they do not need the content. */
	if (m->doc != NULL)
		snapshot_done(&m->doc->s);
	moved_unref(m->doc);
	m->doc = NULL;
}

/* The base as it will be placed. */
static void
base_take(struct mover *m, struct snapshot *base)
{
	struct buf b = BUF_INIT;

	m->doc->s = *base;
	*base = (struct snapshot){ .v = 0 };
	m->base_type = m->doc->s.type;
	if (m->base_type != NULL && m->base_type->print(m->doc->s.data, &b))
		m->base_body = buf_take(&b, &m->base_len);
	if (buf_failed(&b))
		bug("out of memory");
}

/* Which version the store has of it already. */
static bool
ask_have(struct mover *m)
{
	struct moved *doc = m->doc;
	struct job *job;

	if (m->is_new)
		return true;
	job = mover_ask(m, rows_new(ROWS_DOCUMENT, NULL, NULL, doc->collection,
	    doc->id));
	if (job == NULL)
		return false;
	doc->have_v = (uint64_t)rows_number(job, 0, 0, 0);
	doc->have_horizon = (uint64_t)rows_number(job, 0, 3, 0);
	job_free(job);
	return true;
}

/* What was placed is kept: it must be the base. */
static enum mover_fate
compare_base(struct mover *m)
{
	struct moved *doc = m->doc;
	enum mover_fate fate = MOVER_ON;
	const char *type, *body;
	struct job *job;
	char from[24];

	snprintf(from, sizeof(from), "%" PRIu64, doc->base_v);
	job = mover_ask(m, rows_new(ROWS_SNAPSHOT_FROM, NULL, NULL,
	    doc->collection, doc->id, from));
	if (job == NULL)
		return MOVER_OVER;
	type = rows_cell(job, 0, 1);
	body = rows_cell(job, 0, 2);
	if ((uint64_t)rows_number(job, 0, 0, 0) != doc->base_v ||
	    (type == NULL) != (m->base_type == NULL) ||
	    (type != NULL && strcmp(type, m->base_type->uri) != 0) ||
	    (body == NULL) != (m->base_body == NULL) ||
	    (body != NULL && (strlen(body) != m->base_len ||
	    memcmp(body, m->base_body, m->base_len) != 0)))
		fate = fail(m, "it is there already, with another history");
	m->is_foreign = fate == MOVER_FAILED;
	job_free(job);
	return fate;
}

enum mover_fate
mover_begin(struct mover *m, const struct mover_doc *from,
    struct snapshot *base)
{
	struct moved *doc = mem_get(sizeof(*doc));

	m->doc = doc;
	doc->refs = 1;
	doc->collection = mem_copy(from->collection, strlen(from->collection));
	doc->id = mem_copy(from->id, strlen(from->id));
	if (from->owner != NULL)
		doc->owner = mem_copy(from->owner, strlen(from->owner));
	doc->to_v = from->v;
	doc->horizon = from->horizon;
	doc->base_v = base->v;
	m->held_ops = m->held_bytes = 0;
	m->is_partial = m->has_failed = m->is_foreign = false;
	m->at_ms = 0;
	m->base_at_ms = from->at_ms;
	m->base_len = 0;
	base_take(m, base);
	m->must_place = false;
	if (!is_name(doc->collection) || !is_name(doc->id))
		return fail(m, "a name is UTF-8 of 1 to %d bytes",
		    NAME_MAX_BYTES);
	if (doc->horizon > doc->to_v)
		return fail(m, "its horizon, %" PRIu64 ", is beyond its "
		    "version, %" PRIu64, doc->horizon, doc->to_v);
	doc->settings = catalog_collection(m->catalog, doc->collection);
	if (doc->settings == NULL)
		return fail(m, "the settings name no such collection");
	if (!ask_have(m))
		return MOVER_OVER;
	if (doc->have_v > 0 && doc->have_v < doc->base_v)
		return fail(m, "it is there already, at version %" PRIu64
		    ", before its history begins here, at %" PRIu64,
		    doc->have_v, doc->base_v);
	m->must_place = doc->base_v > 0 && doc->have_v == 0;
	/* No operation will tell whether it is the same. */
	if (doc->have_v > 0 && doc->base_v == doc->to_v)
		return compare_base(m);
	return MOVER_ON;
}

enum mover_fate
mover_grant(struct mover *m, const struct mover_grant *g)
{
	struct moved *doc = m->doc;
	struct job *job;

	if (m->has_failed)
		return MOVER_FAILED;
	if (!is_name(g->subject) || access_role_named(g->role) <= ROLE_NONE)
		return fail(m, "a grant names nobody, or no role that there is");
	/* Grants may come before the document, so none is lost on the way. */
	if (doc->have_v >= doc->to_v)
		return MOVER_ON;
	job = mover_ask(m, rows_new(ROWS_GRANT_PUT, NULL, NULL,
	    doc->collection, doc->id, g->subject, g->role, g->expires_ms,
	    g->granted_by));
	if (job == NULL)
		return MOVER_OVER;
	job_free(job);
	return MOVER_ON;
}

/* ---- parcels ---- */

/* The base goes before everything else. */
static enum mover_fate
place(struct mover *m)
{
	struct moved *doc = m->doc;
	struct job *job = job_new(JOB_PLACE, NULL);
	bool placed;

	job->place = (struct job_place){ .collection = doc->collection,
	    .id = doc->id, .v = doc->base_v, .body = m->base_body,
	    .len = m->base_len, .owner = doc->owner, .at_ms = m->base_at_ms,
	    .type = m->base_type != NULL ? m->base_type->uri : NULL,
	    .has_content = doc->settings->queries };
	if ((job = mover_ask(m, job)) == NULL)
		return MOVER_OVER;
	placed = job->place.placed;
	job_free(job);
	if (!placed)
		return fail(m, "somebody else writes it meanwhile");
	m->must_place = false;
	m->is_partial = true;
	doc->is_counted = true;
	m->documents++;
	return MOVER_ON;
}

/* What was held back of the document goes. */
static enum mover_fate
let_go(struct mover *m)
{
	enum mover_fate fate;
	struct list *node;

	if (m->must_place && (fate = place(m)) != MOVER_ON)
		return fate;
	while ((node = list_shift(&m->held)) != NULL) {
		m->is_partial = true;
		if (!mover_queue(m, LIST_ITEM(node, struct bale, node)))
			return MOVER_OVER;
	}
	m->held_ops = m->held_bytes = 0;
	return MOVER_ON;
}

/* The bale is full, or the last. */
static void
bale_close(struct mover *m)
{
	struct bale *b = m->bale;
	struct parcel *p = b->parcel;
	struct snapshot *s = &m->doc->s;
	struct buf body = BUF_INIT;

	p->at_ms = b->at_ms;
	p->type_after = s->type != NULL ? s->type->uri : NULL;
	p->has_content = m->doc->settings->queries;
	if (p->has_content && s->type != NULL && s->type->print(s->data, &body))
		p->body = buf_take(&body, &p->len);
	if (buf_failed(&body))
		bug("out of memory");
	m->held_ops += p->ops.n;
	m->held_bytes += b->bytes + p->len;
	list_push(&m->held, &b->node);
	m->bale = NULL;
}

/* An op that the store has not, applied. */
static void
bale_add(struct mover *m, struct op *op)
{
	struct moved *doc = m->doc;
	struct parcel *p;
	struct bale *b;
	size_t n;

	if (m->bale == NULL)
		m->bale = bale_new(doc, op->v);
	b = m->bale;
	p = b->parcel;
	n = p->ops.n;
	if ((n & (n - 1)) == 0)		/* as op_list_add grows */
		b->at_ms = mem_grow(b->at_ms, n > 0 ? 2 * n : 1,
		    sizeof(*b->at_ms));
	b->at_ms[n] = m->at_ms;
	b->bytes += op->body_len;
	p->is_created |= op->kind == OP_CREATE;
	op_list_add(&p->ops, op);
	if (checkpoint_is_kept(doc->settings, &doc->s))
		list_push(&b->shots, &checkpoint_job(doc->settings,
		    doc->collection, doc->id, &doc->s)->node);
}

/* The newest op that both have must be the same one. */
static enum mover_fate
compare_op(struct mover *m, const struct op *op)
{
	struct moved *doc = m->doc;
	enum mover_fate fate = MOVER_ON;
	const char *src;
	struct job *job;
	char from[24];

	snprintf(from, sizeof(from), "%" PRIu64, op->v);
	job = mover_ask(m, rows_new(ROWS_OPS, NULL, NULL, doc->collection,
	    doc->id, from, "1"));
	if (job == NULL)
		return MOVER_OVER;
	src = rows_cell(job, 0, 2);
	if (src == NULL || (uint64_t)rows_number(job, 0, 0, -1) != op->v ||
	    strcmp(src, op->src) != 0 ||
	    (uint64_t)rows_number(job, 0, 3, -1) != op->seq)
		fate = fail(m, "it is there already, with another operation %"
		    PRIu64, op->v);
	m->is_foreign = fate == MOVER_FAILED;
	job_free(job);
	return fate;
}

static enum mover_fate
replay(struct mover *m, struct op *op, int64_t at_ms)
{
	struct moved *doc = m->doc;
	struct ot_err err;

	if (op->v != doc->s.v)
		return fail(m, "operation %" PRIu64 " stands where %" PRIu64
		    " should", op->v, doc->s.v);
	if (!is_name(op->src) || op->seq > OP_NUMBER_MAX)
		return fail(m, "operation %" PRIu64 " has no src or seq",
		    op->v);
	if (op_parse(op, doc->s.type, &err) != 0 ||
	    op_apply(&doc->s, op, NULL, &err) != 0)
		return fail(m, "operation %" PRIu64 " does not apply: %s",
		    op->v, err.text);
	if (at_ms > m->at_ms)
		m->at_ms = at_ms;
	if (op->v == doc->base_v)
		m->base_at_ms = m->at_ms;
	m->seen_ops++;
	return MOVER_ON;
}

/* The ops of the store from v on; there may be none. */
static bool
ask_common(struct mover *m, uint64_t v)
{
	char from[24];

	if (m->common != NULL && m->next_common < m->common->rows.n_rows)
		return true;
	if (m->common != NULL)
		job_free(m->common);
	snprintf(from, sizeof(from), "%" PRIu64, v);
	m->next_common = 0;
	m->common = mover_ask(m, rows_new(ROWS_OPS, NULL, NULL,
	    m->doc->collection, m->doc->id, from, "1000"));
	return m->common != NULL;
}

/*
 * What stands for others is to go behind this op, so the store's must be the
 * same to the letter.
 */
static enum mover_fate
compare_body(struct mover *m, const struct op *op)
{
	const char *body;
	size_t i;

	if (!ask_common(m, op->v))
		return MOVER_OVER;
	i = m->next_common++;
	body = rows_cell(m->common, i, 4);
	if ((uint64_t)rows_number(m->common, i, 0, -1) == op->v &&
	    (body == NULL) == (op->body == NULL) &&
	    (body == NULL || (strlen(body) == op->body_len &&
	    memcmp(body, op->body, op->body_len) == 0)))
		return MOVER_ON;
	m->is_foreign = true;
	return fail(m, "it is there already, up to version %" PRIu64 ", and "
	    "was compacted up to %" PRIu64 " since: purge it here, and take "
	    "it anew", m->doc->have_v, m->doc->horizon);
}

/* An op that the store should have. */
static enum mover_fate
compare_common(struct mover *m, const struct op *op)
{
	const struct moved *doc = m->doc;
	uint64_t n = doc->have_v < doc->to_v ? doc->have_v : doc->to_v;
	enum mover_fate fate;

	if (doc->have_v < doc->horizon &&
	    (fate = compare_body(m, op)) != MOVER_ON)
		return fate;
	return op->v + 1 == n ? compare_op(m, op) : MOVER_ON;
}

enum mover_fate
mover_op(struct mover *m, struct op *op, int64_t at_ms)
{
	enum mover_fate fate;

	if (m->has_failed || (fate = replay(m, op, at_ms)) != MOVER_ON) {
		op_unref(op);
		return MOVER_FAILED;
	}
	if (op->v < m->doc->have_v) {
		fate = compare_common(m, op);
		op_unref(op);
		return fate;
	}
	bale_add(m, op);
	if (m->bale->parcel->ops.n >= BALE_OPS || m->bale->bytes >= BALE_BYTES)
		bale_close(m);
	if (m->held_ops >= HELD_OPS || m->held_bytes >= HELD_BYTES)
		return let_go(m);
	return MOVER_ON;
}

/* ---- the end ---- */

/* Equal as JSON; what is undefined may have been kept as null. */
static bool
same_content(const struct snapshot *s, const struct mover_content *c)
{
	struct json *a = NULL, *b = NULL;
	struct ot_data *theirs = NULL;
	struct buf x = BUF_INIT, y = BUF_INIT;
	struct ot_err err;
	bool same = false;

	/* In the form that the type prints. */
	if (c->data != NULL && s->type->load(c->data, c->len, &theirs,
	    &err) != 0)
		return false;
	if (!s->type->print(s->data, &x))
		buf_puts(&x, "null");
	if (theirs == NULL || !s->type->print(theirs, &y))
		buf_puts(&y, "null");
	same = !buf_failed(&x) && !buf_failed(&y) &&
	    json_parse(x.data, x.len, 0, &a, &err) == 0 &&
	    json_parse(y.data, y.len, 0, &b, &err) == 0 &&
	    json_deep_equal(a, b);
	json_unref(a);
	json_unref(b);
	if (theirs != NULL)
		s->type->data_free(theirs);
	buf_done(&x);
	buf_done(&y);
	return same;
}

static void
compare_content(struct mover *m, const struct mover_content *c)
{
	const struct moved *doc = m->doc;
	const struct snapshot *s = &doc->s;
	const struct ot_type *type = c->type != NULL ?
	    ot_type_find(c->type) : NULL;

	if (c->v != s->v)
		mover_tell(m, doc->collection, doc->id, true, "its snapshot "
		    "is of version %" PRIu64 ", its operations lead to %"
		    PRIu64, c->v, s->v);
	else if (type != s->type || (c->type != NULL && type == NULL) ||
	    (type != NULL && !same_content(s, c)))
		mover_tell(m, doc->collection, doc->id, true, "its operations "
		    "lead to another content than its snapshot has, of version "
		    "%" PRIu64 "; taken is what they lead to", c->v);
}

/* What is to be found when it is read back. */
static void
remember_end(struct mover *m)
{
	struct moved *doc = m->doc;
	struct buf b = BUF_INIT;

	doc->end_v = doc->s.v;
	doc->end_type = doc->s.type;
	if (m->verifies && doc->s.type != NULL &&
	    doc->s.type->print(doc->s.data, &b))
		doc->body = buf_take(&b, &doc->len);
	if (buf_failed(&b))
		bug("out of memory");
}

/* All of it is replayed, and nothing was wrong. */
static enum mover_fate
finish(struct mover *m)
{
	struct moved *doc = m->doc;
	enum mover_fate fate;
	struct bale *last;
	bool is_there;

	if (m->bale != NULL)
		bale_close(m);
	remember_end(m);
	last = list_empty(&m->held) ? NULL :
	    LIST_ITEM(m->held.prev, struct bale, node);
	is_there = last == NULL && !m->must_place && !m->is_partial;
	if (last != NULL) {
		last->is_last = true;
		if (doc->s.v - doc->base_v >= doc->settings->checkpoint_ops &&
		    !checkpoint_is_kept(doc->settings, &doc->s))
			list_push(&last->shots, &checkpoint_job(doc->settings,
			    doc->collection, doc->id, &doc->s)->node);
	}
	if ((fate = let_go(m)) != MOVER_ON)
		return fate;
	if (is_there)
		m->there++;
	if (last == NULL)
		mover_mark(m, doc);
	if (last == NULL && m->verifies) {
		doc->refs++;
		mover_check(m, doc);
	}
	return MOVER_ON;
}

enum mover_fate
mover_end(struct mover *m, const struct mover_content *c)
{
	struct moved *doc = m->doc;
	enum mover_fate fate = MOVER_ON;

	m->seen++;
	if (!m->has_failed)
		fate = finish(m);
	if (m->has_failed)
		mover_tell(m, doc->collection, doc->id, true, "%s%s", m->why,
		    m->is_partial ? "; what is before it was taken" : "");
	else if (fate == MOVER_ON && c != NULL)
		compare_content(m, c);
	mover_drop(m);
	progress_show(&m->progress, m->seen, m->seen_ops);
	return fate != MOVER_OVER && mover_wait(m) ? MOVER_ON : MOVER_OVER;
}

bool
mover_forget(struct mover *m)
{
	if (m->is_partial || m->is_foreign)
		return false;
	mover_drop(m);
	return true;
}
