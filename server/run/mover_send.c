/*
 * Parcels on their way to the store; see mover_in.h.
 *
 * A commit takes at most one parcel of each document, so that a long document
 * takes several; the order of a document's parcels is that of the queue.
 */
#include "run/mover_in.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define JOB_OPS_MAX	5000	/* operations in one commit, about */
#define JOB_BYTES	(8u << 20)
#define QUEUE_JOBS	2	/* so many commits are prepared ahead */
#define BESIDE_MAX	64	/* checkpoints and loads under way */

void
moved_unref(struct moved *doc)
{
	if (doc == NULL || --doc->refs > 0)
		return;
	snapshot_done(&doc->s);
	free(doc->collection);
	free(doc->id);
	free(doc->owner);
	free(doc->body);
	free(doc);
}

struct bale *
bale_new(struct moved *doc, uint64_t base_v)
{
	struct bale *b = mem_get(sizeof(*b));

	list_init(&b->node);
	list_init(&b->shots);
	doc->refs++;
	b->doc = doc;
	b->parcel = parcel_new(b, doc->collection, doc->id, base_v);
	b->parcel->owner = doc->owner;
	return b;
}

static void
parcel_drop(struct parcel *p)
{
	struct job *job;

	if (p == NULL)
		return;
	/* A job knows how to free its parcels. */
	job = job_new(JOB_COMMIT, NULL);
	list_push(&job->commit.parcels, &p->node);
	job_free(job);
}

void
bale_free(struct bale *b)
{
	struct list *node;

	if (b == NULL)
		return;
	list_remove(&b->node);
	while ((node = list_shift(&b->shots)) != NULL)
		job_free(LIST_ITEM(node, struct job, node));
	parcel_drop(b->parcel);
	moved_unref(b->doc);
	free(b->at_ms);
	free(b);
}

void
mover_give_up(struct mover *m, const char *why)
{
	if (m->is_over)
		return;
	m->is_over = true;
	progress_clear(&m->progress);
	fprintf(stderr, "otd: %s; nothing is lost: run it again to go on\n",
	    why);
}

/* ---- what comes back ---- */

/* The bale is in: so are checkpoints to go, and maybe the whole document. */
static void
bale_settled(struct mover *m, struct bale *b, size_t n_ops)
{
	struct list *node;

	m->ops += n_ops;
	if (!b->doc->is_counted)
		m->documents++;
	b->doc->is_counted = true;
	while ((node = list_shift(&b->shots)) != NULL) {
		m->n_beside++;
		asker_start(&m->a, LIST_ITEM(node, struct job, node));
	}
	if (b->is_last)
		mover_mark(m, b->doc);
	if (b->is_last && m->verifies) {
		b->doc->refs++;
		mover_check(m, b->doc);
	}
}

static void
bale_refused(struct mover *m, const struct bale *b, uint64_t head_v)
{
	if (!b->doc->is_refused)
		mover_tell(m, b->doc->collection, b->doc->id, true,
		    "somebody else writes it meanwhile: it is at version %"
		    PRIu64 ", and not taken further", head_v);
	b->doc->is_refused = true;
}

/* Each bale of the commit gets its parcel back. */
static void
commit_settled(struct mover *m, struct job *job)
{
	struct list *node;

	m->is_sending = false;
	if (job->err != ERR_NONE)
		mover_give_up(m, err_text(job->err));
	while ((node = list_shift(&job->commit.parcels)) != NULL) {
		struct parcel *p = LIST_ITEM(node, struct parcel, node);
		struct bale *b = p->doc;

		b->parcel = p;
		if (job->err == ERR_NONE && p->accepted)
			bale_settled(m, b, p->ops.n);
		else if (job->err == ERR_NONE)
			bale_refused(m, b, p->head_v);
		bale_free(b);
	}
}

/* The document as the store has it, printed, is what was replayed? */
static bool
is_same(const struct job_load *load, const struct moved *doc)
{
	struct snapshot s = { .v = 0 };
	struct buf b = BUF_INIT;
	struct ot_err err;
	bool same = false;
	size_t i;

	if (job_snapshot(load, &s, &err) != 0)
		goto out;
	/* Whoever went on editing it meanwhile is not our matter. */
	for (i = 0; i < load->ops.n && s.v < doc->end_v; i++)
		if (op_parse(load->ops.ops[i], s.type, &err) != 0 ||
		    op_apply(&s, load->ops.ops[i], NULL, &err) != 0)
			goto out;
	if (s.v > doc->end_v && load->v > doc->end_v) {
		same = true;		/* a checkpoint is past it */
		goto out;
	}
	if (s.v != doc->end_v || s.type != doc->end_type)
		goto out;
	if (s.type == NULL || !s.type->print(s.data, &b))
		same = doc->body == NULL;
	else
		same = doc->body != NULL && b.len == doc->len &&
		    memcmp(b.data, doc->body, b.len) == 0;
out:
	buf_done(&b);
	snapshot_done(&s);
	return same;
}

static void
load_settled(struct mover *m, struct job *job)
{
	struct moved *doc = job->whose;

	if (job->err != ERR_NONE)
		mover_give_up(m, err_text(job->err));
	else if (!is_same(&job->load, doc))
		mover_tell(m, doc->collection, doc->id, true, "read back, it "
		    "is not what was written");
	else
		m->verified++;
	moved_unref(doc);
}

static void
settle(struct mover *m, struct job *job)
{
	switch (job->kind) {
	case JOB_COMMIT:
		commit_settled(m, job);
		break;
	case JOB_LOAD:
		m->n_beside--;
		load_settled(m, job);
		break;
	case JOB_COMPACT:
		m->n_beside--;
		if (job->err != ERR_NONE)
			mover_give_up(m, err_text(job->err));
		break;
	default:
		/* A checkpoint that is lost costs a longer load. */
		m->n_beside--;
	}
	job_free(job);
}

/* What is back; waits until something is, if anything is out. */
static bool
come_back(struct mover *m, bool waits)
{
	struct job *job;

	if (!m->is_sending && m->n_beside == 0)
		return !m->is_over;
	if (waits) {
		if ((job = asker_next(&m->a, true)) == NULL) {
			mover_give_up(m, "the store does not answer");
			return false;
		}
		settle(m, job);
	}
	while ((job = asker_next(&m->a, false)) != NULL)
		settle(m, job);
	return !m->is_over;
}

struct job *
mover_ask(struct mover *m, struct job *job)
{
	struct job *back;

	if (m->is_over) {
		job_free(job);
		return NULL;
	}
	asker_start(&m->a, job);
	while ((back = asker_next(&m->a, true)) != NULL && back != job)
		settle(m, back);
	if (back == NULL) {
		mover_give_up(m, "the store does not answer");
		return NULL;
	}
	if (back->err == ERR_NONE)
		return back;
	mover_give_up(m, err_text(back->err));
	job_free(back);
	return NULL;
}

void
mover_check(struct mover *m, struct moved *doc)
{
	struct job *job = job_new(JOB_LOAD, doc);

	job->load.collection = doc->collection;
	job->load.id = doc->id;
	m->n_beside++;
	asker_start(&m->a, job);
}

void
mover_mark(struct mover *m, const struct moved *doc)
{
	struct job *job;

	if (doc->horizon <= doc->have_horizon || doc->is_refused)
		return;
	job = job_new(JOB_COMPACT, NULL);
	job->compact.collection = mem_copy(doc->collection,
	    strlen(doc->collection));
	job->compact.id = mem_copy(doc->id, strlen(doc->id));
	job->compact.was = doc->have_horizon;
	job->compact.from = job->compact.to = doc->horizon;
	m->n_beside++;
	asker_start(&m->a, job);
}

/* ---- what goes ---- */

/* A commit of what is queued, as much as fits; NULL: nothing is. */
static struct job *
pack(struct mover *m)
{
	struct job *job = job_new(JOB_COMMIT, NULL);
	struct job_commit *c = &job->commit;
	struct list *node, *next;

	m->n_jobs++;
	LIST_EACH(&m->queue, node, next) {
		struct bale *b = LIST_ITEM(node, struct bale, node);

		if (c->n_ops >= JOB_OPS_MAX || c->bytes >= JOB_BYTES)
			break;
		if (b->doc->in_job == m->n_jobs)
			continue;	/* one of a document at a time */
		m->queued_ops -= b->parcel->ops.n;
		m->queued_bytes -= b->bytes;
		if (b->doc->is_refused) {
			bale_free(b);
			continue;
		}
		b->doc->in_job = m->n_jobs;
		list_remove(&b->node);
		list_push(&m->sent, &b->node);
		list_push(&c->parcels, &b->parcel->node);
		c->n_parcels++;
		c->n_ops += b->parcel->ops.n;
		c->bytes += b->bytes + b->parcel->len;
		b->parcel = NULL;	/* the job's, until it is back */
	}
	if (c->n_parcels > 0)
		return job;
	job_free(job);
	return NULL;
}

static void
send_some(struct mover *m)
{
	struct job *job;

	if (m->is_sending || m->is_over || (job = pack(m)) == NULL)
		return;
	m->is_sending = true;
	asker_start(&m->a, job);
}

static bool
is_enough(const struct mover *m, unsigned jobs)
{
	return m->queued_ops >= jobs * JOB_OPS_MAX ||
	    m->queued_bytes >= jobs * JOB_BYTES;
}

bool
mover_queue(struct mover *m, struct bale *b)
{
	list_push(&m->queue, &b->node);
	m->queued_ops += b->parcel->ops.n;
	m->queued_bytes += b->bytes;
	if (!come_back(m, false))
		return false;
	if (is_enough(m, 1))
		send_some(m);
	while (is_enough(m, QUEUE_JOBS) || m->n_beside > BESIDE_MAX) {
		if (!come_back(m, true))
			return false;
		send_some(m);
	}
	progress_show(&m->progress, m->seen, m->seen_ops);
	return true;
}

bool
mover_wait(struct mover *m)
{
	while (m->n_beside > BESIDE_MAX)
		if (!come_back(m, true))
			return false;
	return come_back(m, false);
}

bool
mover_flush(struct mover *m)
{
	while (!m->is_over && (!list_empty(&m->queue) || m->is_sending ||
	    m->n_beside > 0)) {
		send_some(m);
		if (!come_back(m, true))
			return false;
		progress_show(&m->progress, m->seen, m->seen_ops);
	}
	return !m->is_over;
}
