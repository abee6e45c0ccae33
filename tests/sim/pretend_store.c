#include "tests/sim/pretend_store.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/ot/chance.h"

struct late {
	struct list	 node;
	char		*collection, *id;
	uint64_t	 base_v;
	struct op_list	 ops;
	bool		 has_content;
	enum content_lag lag;
};

void
pretend_init(struct pretend_store *s)
{
	list_init(&s->docs);
	list_init(&s->late);
	list_init(&s->grants);
	s->chance = NULL;
	s->complain = NULL;
	s->regranted = NULL;
}

static void
checkpoint_done(struct pretend_checkpoint *c)
{
	free(c->type);
	free(c->body);
}

static void
doc_done(struct pretend_doc *d)
{
	uint64_t v;
	size_t i;

	for (v = 0; v < d->v; v++)
		op_unref(d->log[v]);
	for (i = 0; i < d->n_checkpoints; i++)
		checkpoint_done(&d->checkpoints[i]);
	free(d->log);
	free(d->checkpoints);
	snapshot_done(&d->head);
	free(d->seen);
	free(d->collection);
	free(d->id);
	free(d->owner);
	free(d);
}

static void
late_done(struct late *l)
{
	op_list_done(&l->ops);
	free(l->collection);
	free(l->id);
	free(l);
}

void
pretend_done(struct pretend_store *s)
{
	struct list *node;

	while ((node = list_shift(&s->docs)) != NULL)
		doc_done(LIST_ITEM(node, struct pretend_doc, node));
	s->regranted = NULL;
	pretend_ungrant(s, NULL, NULL, NULL);
	while ((node = list_shift(&s->late)) != NULL)
		late_done(LIST_ITEM(node, struct late, node));
}

struct pretend_doc *
pretend_find(const struct pretend_store *s, const char *collection,
    const char *id)
{
	struct list *node, *next;
	struct pretend_doc *d;

	LIST_EACH(&s->docs, node, next) {
		d = LIST_ITEM(node, struct pretend_doc, node);
		if (strcmp(d->collection, collection) == 0 &&
		    strcmp(d->id, id) == 0)
			return d;
	}
	return NULL;
}

uint64_t
pretend_version(const struct pretend_store *s, const char *collection,
    const char *id)
{
	const struct pretend_doc *d = pretend_find(s, collection, id);

	return d != NULL ? d->v : 0;
}

struct op *
pretend_copy(const struct op *op)
{
	struct op *copy = op_new(op->kind, op->v, op->src, op->seq, op->body,
	    op->body_len);

	if (copy == NULL || (op->author != NULL &&
	    !op_set_author(copy, op->author)))
		bug("no memory for an op");
	return copy;
}

static void
put_ops(const struct pretend_doc *d, uint64_t from, uint64_t to,
    struct op_list *l)
{
	uint64_t v;

	if (d == NULL)
		return;
	for (v = from > d->gone ? from : d->gone; v < to && v < d->v; v++)
		op_list_add(l, pretend_copy(d->log[v]));
}

/* For readers and authors: as they were sent. */
static void
put_sent(const struct pretend_doc *d, uint64_t from, uint64_t to,
    struct op_list *l)
{
	put_ops(d, d != NULL && from < d->horizon ? d->horizon : from, to, l);
}

/* ---- writing ---- */

static struct pretend_doc *
find_or_make(struct pretend_store *s, const char *collection, const char *id)
{
	struct pretend_doc *d = pretend_find(s, collection, id);

	if (d != NULL)
		return d;
	d = mem_get(sizeof(*d));
	d->collection = mem_copy(collection, strlen(collection));
	d->id = mem_copy(id, strlen(id));
	list_push(&s->docs, &d->node);
	return d;
}

/* It is somebody's now; what was granted of one that was before is void. */
static void
take_owner(struct pretend_store *s, struct pretend_doc *d, const char *owner)
{
	free(d->owner);
	d->owner = owner != NULL ? mem_copy(owner, strlen(owner)) : NULL;
	if (d->v > 0)
		pretend_ungrant(s, d->collection, d->id, NULL);
}

/* Append one op, applying it to the model. */
static void
append(struct pretend_store *s, struct pretend_doc *d, const struct op *op)
{
	struct op *copy = pretend_copy(op), *parsed = pretend_copy(op);
	struct ot_err err;
	uint64_t v;

	/* What is gone cannot be recognised. */
	for (v = d->gone; v < d->v; v++)
		if (d->log[v]->seq == op->seq &&
		    strcmp(d->log[v]->src, op->src) == 0)
			s->complain("%s/%s: op %s:%llu is stored again, at %llu",
			    d->collection, d->id, op->src,
			    (unsigned long long)op->seq,
			    (unsigned long long)op->v);
	if (op->v != d->v)
		s->complain("%s/%s: op of version %llu at %llu", d->collection,
		    d->id, (unsigned long long)op->v,
		    (unsigned long long)d->v);
	if (op_parse(parsed, d->head.type, &err) != 0 ||
	    op_apply(&d->head, parsed, NULL, &err) != 0)
		s->complain("%s/%s: op %s:%llu does not fit at %llu: %s",
		    d->collection, d->id, op->src, (unsigned long long)op->seq,
		    (unsigned long long)op->v, err.text);
	op_unref(parsed);
	if (op->kind == OP_CREATE)
		take_owner(s, d, op->author);
	d->log = mem_grow(d->log, d->v + 1, sizeof(struct op *));
	d->log[d->v++] = copy;
}

/* Finds see it as it is from now on. */
static void
write_content(struct pretend_doc *d)
{
	struct buf b = BUF_INIT;

	free(d->seen);
	d->seen = NULL;
	d->seen_len = 0;
	d->seen_v = d->v;
	d->seen_type = d->head.type;
	d->lag = LAG_NONE;
	if (d->head.type != NULL && d->head.type->print(d->head.data, &b))
		d->seen = buf_take(&b, &d->seen_len);
}

void
pretend_write_contents(struct pretend_store *s)
{
	struct list *node, *next;
	struct pretend_doc *d;

	LIST_EACH(&s->docs, node, next) {
		d = LIST_ITEM(node, struct pretend_doc, node);
		if (d->lag == LAG_DUE)
			write_content(d);
	}
}

static void
note_content(struct pretend_doc *d, bool has_content, enum content_lag lag)
{
	if (has_content)
		write_content(d);
	else if (lag != LAG_KEEP)
		d->lag = lag;
}

void
pretend_write(struct pretend_store *s, const char *collection,
    const char *id, const struct op *op)
{
	struct pretend_doc *d = find_or_make(s, collection, id);

	append(s, d, op);
	write_content(d);
}

static bool
append_all(struct pretend_store *s, const char *collection, const char *id,
    uint64_t base_v, const struct op_list *ops)
{
	struct pretend_doc *d;
	size_t i;

	if (pretend_version(s, collection, id) != base_v)
		return false;
	d = find_or_make(s, collection, id);
	for (i = 0; i < ops->n; i++)
		append(s, d, ops->ops[i]);
	return true;
}

/* What it brings for queries is what its ops have made. */
static void
check_content(struct pretend_store *s, const struct pretend_doc *d,
    const char *body, size_t len)
{
	struct buf b = BUF_INIT;
	bool is_there = d->head.type != NULL &&
	    d->head.type->print(d->head.data, &b);

	if (is_there != (body != NULL) || b.len != len ||
	    (is_there && memcmp(b.data, body, b.len) != 0))
		s->complain("%s/%s: the wrong content is brought for %llu",
		    d->collection, d->id, (unsigned long long)d->v);
	buf_done(&b);
}

static void
do_content(struct pretend_store *s, const struct job_content *c)
{
	struct pretend_doc *d = pretend_find(s, c->collection, c->id);

	if (d == NULL || d->v != c->v)
		return;
	check_content(s, d, c->body, c->len);
	write_content(d);
}

static void
do_parcel(struct pretend_store *s, struct parcel *p)
{
	struct pretend_doc *d;
	const char *type;

	p->accepted = append_all(s, p->collection, p->id, p->base_v, &p->ops);
	d = pretend_find(s, p->collection, p->id);
	if (!p->accepted) {
		p->head_v = d != NULL ? d->v : 0;
		put_sent(d, p->base_v, p->head_v, &p->missed);
		return;
	}
	type = d->head.type != NULL ? d->head.type->uri : "";
	if (strcmp(p->type_after != NULL ? p->type_after : "", type) != 0)
		s->complain("%s/%s: a commit names the wrong type", p->collection,
		    p->id);
	if (p->is_whole)
		check_content(s, d, p->body, p->len);
	else if (p->has_content)
		s->complain("%s/%s: content that is not known is written",
		    p->collection, p->id);
	if (p->ops.n == 0 && !p->has_content)
		s->complain("%s/%s: a parcel of nothing", p->collection, p->id);
	note_content(d, p->has_content, p->lag);
	if (p->is_created && strcmp(p->owner != NULL ? p->owner : "",
	    d->owner != NULL ? d->owner : "") != 0)
		s->complain("%s/%s: a commit names the wrong owner",
		    p->collection, p->id);
}

static void
do_commit(struct pretend_store *s, struct job_commit *c)
{
	struct list *node, *next;

	LIST_EACH(&c->parcels, node, next)
		do_parcel(s, LIST_ITEM(node, struct parcel, node));
}

void
pretend_delay(struct pretend_store *s, const struct job *job)
{
	struct list *node, *next;
	const struct parcel *p;
	struct late *l;
	size_t i;

	LIST_EACH(&job->commit.parcels, node, next) {
		p = LIST_ITEM(node, struct parcel, node);
		l = mem_get(sizeof(*l));
		l->collection = mem_copy(p->collection, strlen(p->collection));
		l->id = mem_copy(p->id, strlen(p->id));
		l->base_v = p->base_v;
		l->has_content = p->has_content;
		l->lag = p->lag;
		for (i = 0; i < p->ops.n; i++)
			op_list_add(&l->ops, pretend_copy(p->ops.ops[i]));
		list_push(&s->late, &l->node);
	}
}

bool
pretend_catch_up(struct pretend_store *s)
{
	struct list *node = list_shift(&s->late);
	struct late *l;

	if (node == NULL)
		return false;
	l = LIST_ITEM(node, struct late, node);
	if (append_all(s, l->collection, l->id, l->base_v, &l->ops))
		note_content(pretend_find(s, l->collection, l->id),
		    l->has_content, l->lag);
	late_done(l);
	return true;
}

/* ---- checkpoints ---- */

void
pretend_replay(struct pretend_store *s, const struct pretend_doc *d, uint64_t v,
    struct snapshot *snap)
{
	struct ot_err err;
	struct op *op;

	*snap = (struct snapshot){ 0, NULL, NULL };
	while (snap->v < v) {
		op = pretend_copy(d->log[snap->v]);
		if (op_parse(op, snap->type, &err) != 0 ||
		    op_apply(snap, op, NULL, &err) != 0)
			s->complain("%s/%s: the log cannot be replayed: %s",
			    d->collection, d->id, err.text);
		op_unref(op);
	}
}

static void
check_checkpoint(struct pretend_store *s, const struct pretend_doc *d,
    const struct job_checkpoint *c)
{
	struct snapshot snap;
	struct buf b = BUF_INIT;

	if (d == NULL || c->v > d->v) {
		s->complain("%s/%s: a checkpoint of what is not stored",
		    c->collection, c->id);
		return;
	}
	pretend_replay(s, d, c->v, &snap);
	if (snap.type != NULL)
		snap.type->print(snap.data, &b);
	if (strcmp(snap.type != NULL ? snap.type->uri : "",
	    c->type != NULL ? c->type : "") != 0 ||
	    (c->body == NULL) != (b.len == 0) || c->len != b.len ||
	    (b.len > 0 && memcmp(b.data, c->body, b.len) != 0))
		s->complain("%s/%s: checkpoint of %llu says %.*s, the ops %.*s",
		    c->collection, c->id, (unsigned long long)c->v, (int)c->len,
		    c->body != NULL ? c->body : "", (int)b.len,
		    b.data != NULL ? b.data : "");
	buf_done(&b);
	snapshot_done(&snap);
}

static void
do_checkpoint(struct pretend_store *s, const struct job_checkpoint *c)
{
	struct pretend_doc *d = pretend_find(s, c->collection, c->id);
	struct pretend_checkpoint *to;
	size_t i;

	if (d == NULL || c->v >= d->horizon)	/* else of what may be gone */
		check_checkpoint(s, d, c);
	if (d == NULL || c->v < d->horizon)
		return;
	/* The newest replaces one that is not to be kept. */
	for (i = 0; i < d->n_checkpoints; i++) {
		to = &d->checkpoints[i];
		if (to->v == c->v || (!to->kept && to->v < c->v))
			break;
	}
	if (i == d->n_checkpoints) {
		d->checkpoints = mem_grow(d->checkpoints, i + 1, sizeof(*to));
		d->n_checkpoints++;
	} else {
		checkpoint_done(&d->checkpoints[i]);
	}
	to = &d->checkpoints[i];
	*to = (struct pretend_checkpoint){ .v = c->v, .kept = c->kept };
	if (c->type != NULL)
		to->type = mem_copy(c->type, strlen(c->type));
	if (c->body != NULL)
		to->body = mem_copy(c->body, c->len);
	to->len = c->len;
}

/* ---- reading ---- */

/* The newest, or by chance any that what is left of the ops leads on from. */
static const struct pretend_checkpoint *
choose_checkpoint(struct pretend_store *s, const struct pretend_doc *d)
{
	const struct pretend_checkpoint *best = NULL, *c;
	size_t i;

	for (i = 0; i < d->n_checkpoints; i++) {
		c = &d->checkpoints[i];
		if (c->v < d->gone)
			continue;
		if (best == NULL || (s->chance != NULL ?
		    chance_below(s->chance, 2) == 0 : c->v > best->v))
			best = c;
	}
	if (d->gone == 0 && s->chance != NULL &&
	    chance_below(s->chance, 4) == 0)
		return NULL;
	return best;
}

void
pretend_forget(struct pretend_store *s, const char *collection,
    const char *id)
{
	struct pretend_doc *d = pretend_find(s, collection, id);
	const struct pretend_checkpoint *c;

	if (d != NULL && (c = choose_checkpoint(s, d)) != NULL)
		d->gone = c->v;
}

static void
give_checkpoint(const struct pretend_checkpoint *c, struct job_load *load)
{
	load->snap_v = c->v;
	if (c->type != NULL)
		load->snap_type = mem_copy(c->type, strlen(c->type));
	if (c->body != NULL)
		load->snap_body = mem_copy(c->body, c->len);
	load->snap_len = c->len;
}

static void
do_load(struct pretend_store *s, struct job_load *load)
{
	const struct pretend_doc *d = pretend_find(s, load->collection,
	    load->id);
	const struct pretend_checkpoint *c;

	if (d == NULL)
		return;
	load->v = d->v;
	load->lag = d->lag;
	load->horizon = d->horizon;
	if ((c = choose_checkpoint(s, d)) != NULL)
		give_checkpoint(c, load);
	put_ops(d, load->snap_v, d->v, &load->ops);
}

/* Times are steps: an op's is its version. */
static void
do_history(struct pretend_store *s, struct job_history *h)
{
	struct job_load *l = &h->load;
	const struct pretend_doc *d = pretend_find(s, l->collection, l->id);
	const struct pretend_checkpoint *c = NULL;
	uint64_t from = h->from;
	size_t i;

	h->head_v = d != NULL ? d->v : 0;
	l->horizon = d != NULL ? d->horizon : 0;
	if (h->by_time)
		l->v = h->time_ms < 0 ? 0 : (uint64_t)h->time_ms >= h->head_v ?
		    h->head_v : (uint64_t)h->time_ms + 1;
	if (d == NULL || l->v > h->head_v)
		return;
	if (from == JOB_NO_VERSION) {
		for (i = 0; i < d->n_checkpoints; i++)
			if (d->checkpoints[i].v <= l->v &&
			    (c == NULL || d->checkpoints[i].v > c->v))
				c = &d->checkpoints[i];
		if (c != NULL)
			give_checkpoint(c, l);
		from = l->snap_v;
	}
	put_ops(d, from, l->v - from < h->max_ops ? l->v : from + h->max_ops,
	    &l->ops);
}

static void
do_ops(struct pretend_store *s, struct job_ops *ops)
{
	const struct pretend_doc *d = pretend_find(s, ops->collection, ops->id);

	ops->v = d != NULL ? d->v : 0;
	put_sent(d, ops->from, ops->to, &ops->ops);
}

static void
do_created(struct pretend_store *s, struct job_created *c)
{
	const struct pretend_doc *d = pretend_find(s, c->collection, c->id);
	uint64_t v;

	c->v = JOB_NO_VERSION;
	for (v = d != NULL ? d->gone : 0; d != NULL && v < d->v; v++)
		if (d->log[v]->kind == OP_CREATE && d->log[v]->seq == c->seq &&
		    strcmp(d->log[v]->src, c->src) == 0)
			c->v = v;
}

void
pretend_do(struct pretend_store *s, struct job *job)
{
	size_t i;

	job->err = ERR_NONE;
	switch (job->kind) {
	case JOB_LOAD:
		do_load(s, &job->load);
		break;
	case JOB_HISTORY:
		do_history(s, &job->history);
		break;
	case JOB_OPS:
		do_ops(s, &job->ops);
		break;
	case JOB_COMMIT:
		do_commit(s, &job->commit);
		break;
	case JOB_CREATED:
		do_created(s, &job->created);
		break;
	case JOB_CHECKPOINT:
		do_checkpoint(s, &job->checkpoint);
		break;
	case JOB_FIND:
		pretend_query(s, job);
		break;
	case JOB_CONTENT:
		do_content(s, &job->content);
		break;
	case JOB_ROWS:
		pretend_rows(s, &job->rows);
		break;
	case JOB_LACKING:
	case JOB_PLACE:
	case JOB_COMPACT:
	case JOB_ERASE:
		bug("the hub never asks this");
	case JOB_VERSIONS:
		for (i = 0; i < job->versions.n; i++)
			job->versions.docs[i].v = pretend_version(s,
			    job->versions.docs[i].collection,
			    job->versions.docs[i].id);
		break;
	}
}
