#include "run/compact_doc.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "core/catalog.h"
#include "core/checkpoint.h"
#include "core/span.h"
#include "run/asker.h"

#define OPS_EACH	1000	/* of a log, read at once */
#define SPAN_OPS	10000	/* in one transaction, where no mark is nearer */
#define ATTEMPTS	100	/* to write, while others write the document */

/* As ROWS_MARKS has them. */
enum mark_kind { MARK_PASSING, MARK_KEPT, MARK_NAMED };

/* A version at which something is stored, or that has a name. */
struct mark {
	uint64_t	 v;
	enum mark_kind	 kind;
	uint64_t	 bytes;		/* of the snapshot */
};

enum outcome { WORK_GOES_ON, WORK_BEGINS_ANEW, WORK_LEFT, WORK_STORE_FAILS };

/* One document. */
struct work {
	struct compact	*c;
	const char	*id;
	uint64_t	 horizon;	/* where it is now */
	uint64_t	 begins;	/* it was erased there; 0: it never was */
	uint64_t	 first;		/* there is no op below */
	uint64_t	 end;		/* what is old ends */
	struct mark	*marks;		/* in order; heap */
	size_t		 n_marks;
	size_t		 next_mark;	/* not below shot.v */
	struct snapshot	 shot;		/* replayed so far */
	struct span	 span;		/* from some version up to shot.v */
	struct compact_sum written;	/* the sum, as the horizon last moved */
};

/* ---- saying and asking ---- */

static enum outcome
leave(const struct work *w, const char *why)
{
	fprintf(stderr, "otd: document \"%s/%s\" is left as it is at version "
	    "%" PRIu64 ": %s\n", w->c->collection, w->id, w->shot.v, why);
	return WORK_LEFT;
}

/* The job, answered; NULL, told and freed. */
static struct job *
ask(const struct work *w, struct job *job)
{
	const char *why;

	if ((job = asker_ask(w->c->asker, job, &why)) == NULL)
		fprintf(stderr, "otd: document \"%s/%s\": %s\n",
		    w->c->collection, w->id, why);
	return job;
}

static struct job *
history_job(const struct work *w, uint64_t v, uint64_t from, uint64_t max_ops)
{
	struct job *job = job_new(JOB_HISTORY, NULL);

	job->history.load.collection = w->c->collection;
	job->history.load.id = w->id;
	job->history.load.v = v;
	job->history.from = from;
	job->history.max_ops = max_ops;
	return job;
}

/* ---- where to begin and to end ---- */

static enum outcome
find_end(struct work *w)
{
	struct job *job = history_job(w, 0, 0, 0);

	job->history.by_time = true;
	job->history.time_ms = w->c->old_ms;
	if ((job = ask(w, job)) == NULL)
		return WORK_STORE_FAILS;
	w->end = job->history.load.v;
	job_free(job);
	return WORK_GOES_ON;
}

static enum outcome
find_marks(struct work *w)
{
	struct job *job = ask(w, rows_new(ROWS_MARKS, NULL, NULL,
	    w->c->collection, w->id));
	size_t i;

	if (job == NULL)
		return WORK_STORE_FAILS;
	free(w->marks);			/* of what they were before */
	w->next_mark = 0;
	w->n_marks = job->rows.n_rows;
	w->marks = mem_grow(NULL, w->n_marks + 1, sizeof(*w->marks));
	for (i = 0; i < w->n_marks; i++)
		w->marks[i] = (struct mark){
			.v = (uint64_t)rows_number(job, i, 0, 0),
			.kind = (enum mark_kind)rows_number(job, i, 1, 0),
			.bytes = (uint64_t)rows_number(job, i, 2, 0),
		};
	job_free(job);
	return WORK_GOES_ON;
}

/* The last that stays, at or below the horizon. */
static uint64_t
begin_v(const struct work *w)
{
	uint64_t v = w->first;
	size_t i;

	for (i = 0; i < w->n_marks && w->marks[i].v <= w->horizon; i++)
		if (w->marks[i].kind != MARK_PASSING && w->marks[i].v > v)
			v = w->marks[i].v;
	return v;
}

/* ---- writing ---- */

/*
 * What the span does to snapshots: those within go.  If the newest of all was
 * among them, loads shall not begin much earlier than before: another takes
 * its place.  So does one that is to be kept and is missing.
 */
struct shots {
	uint64_t	 dropped, dropped_bytes;
	bool		 is_wanted, is_kept;	/* one at the span's end */
};

static struct shots
shots_of(const struct work *w)
{
	struct shots s = { .is_kept = checkpoint_is_kept(w->c->settings,
	    &w->shot) };
	bool has_newer = false, has_kept = false;
	size_t i;

	for (i = 0; i < w->n_marks; i++) {
		const struct mark *m = &w->marks[i];

		if (m->kind == MARK_NAMED)
			continue;
		if (m->v > w->span.from && m->v < w->shot.v) {
			s.dropped++;
			s.dropped_bytes += m->bytes;
		}
		has_newer |= m->v >= w->shot.v;
		has_kept |= m->v == w->shot.v && m->kind == MARK_KEPT;
	}
	s.is_wanted = (s.is_kept && !has_kept) || (s.dropped > 0 && !has_newer);
	return s;
}

static void
put_shot(struct job_compact *j, const struct snapshot *s, bool is_kept)
{
	struct buf b = BUF_INIT;

	j->has_snapshot = true;
	j->kept = is_kept;
	if (s->type == NULL)
		return;
	j->type = s->type->uri;
	if (s->type->print(s->data, &b))
		j->snap_body = buf_take(&b, &j->snap_len);
	if (buf_failed(&b))
		bug("no memory for a snapshot");
	buf_done(&b);
}

/* So that there are no more ops a second than were asked for. */
static void
pace(const struct compact *c, uint64_t n_ops)
{
	struct timespec ts;

	if (c->rate == 0)
		return;
	ts.tv_sec = (time_t)(n_ops / c->rate);
	ts.tv_nsec = (long)(n_ops % c->rate * 1000000000 / c->rate);
	nanosleep(&ts, NULL);
}

static struct job *
compact_job(const struct work *w, uint64_t from)
{
	struct job *job = job_new(JOB_COMPACT, NULL);
	struct job_compact *j = &job->compact;

	j->collection = mem_copy(w->c->collection, strlen(w->c->collection));
	j->id = mem_copy(w->id, strlen(w->id));
	j->was = w->horizon;
	j->from = from;
	j->to = w->shot.v;
	return job;
}

/* A version strictly between from and to has a name. */
static bool
has_name_inside(const struct work *w, uint64_t from, uint64_t to)
{
	size_t i;

	for (i = 0; i < w->n_marks; i++)
		if (w->marks[i].kind == MARK_NAMED && w->marks[i].v > from &&
		    w->marks[i].v < to)
			return true;
	return false;
}

/*
 * The store refused: is it still as it was seen?  Then it was an edit that
 * came in at that moment, and the same may be asked again.  A name that was
 * given meanwhile is one more mark.
 */
static enum outcome
look_again(struct work *w, const struct job_compact *j)
{
	enum outcome out;
	struct job *job;
	uint64_t horizon;

	if ((job = ask(w, rows_new(ROWS_HORIZON, NULL, NULL, w->c->collection,
	    w->id))) == NULL)
		return WORK_STORE_FAILS;
	horizon = (uint64_t)rows_number(job, 0, 0, 0);
	job_free(job);
	if (horizon != j->was)
		return leave(w, "somebody else compacts or erases it");
	if ((out = find_marks(w)) != WORK_GOES_ON)
		return out;
	return has_name_inside(w, j->from, j->to) ? WORK_BEGINS_ANEW :
	    WORK_GOES_ON;
}

/* The job is used up. */
static enum outcome
write_down(struct work *w, struct job *job)
{
	enum outcome out = WORK_GOES_ON;
	bool done = w->c->is_forecast;
	int i;

	for (i = 0; i < ATTEMPTS && !done && out == WORK_GOES_ON; i++) {
		if ((job = ask(w, job)) == NULL)
			return WORK_STORE_FAILS;
		if (!(done = job->compact.done))
			out = look_again(w, &job->compact);
	}
	if (done) {
		w->horizon = job->compact.to;
		w->written = w->c->sum;
	} else {
		w->c->sum = w->written;
		if (out == WORK_GOES_ON)
			out = leave(w, "it is written too often");
	}
	job_free(job);
	return out;
}

static void
count(struct work *w, const struct shots *shots, const struct job_compact *j,
    uint64_t emptied)
{
	struct compact_sum *sum = &w->c->sum;

	sum->spans++;
	sum->ops += w->span.n;
	sum->emptied += emptied;
	sum->bytes_before += w->span.bytes;
	sum->bytes_after += (w->span.n - 1) * strlen(j->empty) + j->len;
	sum->snapshots_dropped += shots->dropped;
	sum->snapshot_bytes_dropped += shots->dropped_bytes;
	sum->snapshots_added += j->has_snapshot;
	sum->snapshot_bytes_added += j->snap_len;
}

/* What lies between the span's beginning and here becomes one. */
static enum outcome
compact_span(struct work *w)
{
	/* Those that are no longer to be what they are, the last one aside. */
	uint64_t emptied = w->span.n_full - (uint64_t)w->span.is_last_full;
	struct shots shots;
	struct ot_err err;
	enum outcome out;
	struct job *job;
	char *body;
	size_t len;

	if (emptied == 0 || w->shot.v <= w->horizon)
		return WORK_GOES_ON;
	if (span_end(&w->span, &w->shot, &body, &len, &err) != 0) {
		w->c->sum.spans_left++;
		return WORK_GOES_ON;
	}
	shots = shots_of(w);
	job = compact_job(w, w->span.from);
	job->compact.empty = mem_copy(span_empty(w->span.type),
	    strlen(span_empty(w->span.type)));
	job->compact.body = body;
	job->compact.len = len;
	if (shots.is_wanted)
		put_shot(&job->compact, &w->shot, shots.is_kept);
	count(w, &shots, &job->compact, emptied);
	if ((out = write_down(w, job)) == WORK_GOES_ON &&
	    !w->c->is_forecast)
		pace(w->c, w->span.n);
	return out;
}

/* The span ends here, and the next begins. */
static enum outcome
cut(struct work *w)
{
	enum outcome out = w->span.n > 0 ? compact_span(w) : WORK_GOES_ON;

	span_begin(&w->span, &w->shot);
	return out;
}

/* ---- replaying ---- */

static bool
is_cut_here(struct work *w)
{
	uint64_t v = w->shot.v;
	size_t i;

	while (w->next_mark < w->n_marks && w->marks[w->next_mark].v < v)
		w->next_mark++;
	for (i = w->next_mark; i < w->n_marks && w->marks[i].v == v; i++)
		if (w->marks[i].kind != MARK_PASSING)
			return true;
	return v == w->end || w->span.n >= SPAN_OPS ||
	    (v > w->horizon && checkpoint_is_kept(w->c->settings, &w->shot));
}

/* The next op of the log; with spans: becomes part of one, or parts two. */
static enum outcome
take_op(struct work *w, struct op *op, bool with_spans)
{
	bool is_edit = op->kind == OP_EDIT;
	enum outcome out;
	struct ot_err err;

	if (op->v != w->shot.v)
		return leave(w, "its log has a gap");
	if (with_spans && !is_edit && (out = cut(w)) != WORK_GOES_ON)
		return out;
	if ((with_spans && is_edit && span_add(&w->span, op, &err) != 0) ||
	    op_parse(op, w->shot.type, &err) != 0 ||
	    op_apply(&w->shot, op, NULL, &err) != 0)
		return leave(w, err.text);
	if (!with_spans)
		return WORK_GOES_ON;
	if (!is_edit)
		span_begin(&w->span, &w->shot);
	return !is_edit || is_cut_here(w) ? cut(w) : WORK_GOES_ON;
}

/* What a JOB_HISTORY brought. */
static enum outcome
take_part(struct work *w, const struct job_history *h, bool with_spans)
{
	enum outcome out = WORK_GOES_ON;
	size_t i;

	if (h->load.ops.n == 0 && w->shot.v < h->load.v)
		return leave(w, "its log has a gap");
	for (i = 0; i < h->load.ops.n && out == WORK_GOES_ON; i++)
		out = take_op(w, h->load.ops.ops[i], with_spans);
	return out;
}

/* The content at v, from the snapshot below. */
static enum outcome
begin_at(struct work *w, uint64_t v)
{
	enum outcome out = WORK_GOES_ON;
	struct ot_err err;
	struct job *job;

	if (v == w->begins) {
		w->shot.v = v;	/* it was erased, or never was */
		return WORK_GOES_ON;
	}
	if ((job = ask(w, history_job(w, v, JOB_NO_VERSION,
	    OPS_EACH))) == NULL)
		return WORK_STORE_FAILS;
	if (job_snapshot(&job->history.load, &w->shot, &err) != 0)
		out = leave(w, err.text);
	else
		out = take_part(w, &job->history, false);
	job_free(job);
	while (out == WORK_GOES_ON && w->shot.v < v) {
		if ((job = ask(w, history_job(w, v, w->shot.v,
		    OPS_EACH))) == NULL)
			return WORK_STORE_FAILS;
		out = take_part(w, &job->history, false);
		job_free(job);
	}
	return out;
}

static enum outcome
go_on(struct work *w)
{
	enum outcome out = WORK_GOES_ON;
	struct job *job;

	span_begin(&w->span, &w->shot);
	while (out == WORK_GOES_ON && w->shot.v < w->end) {
		if ((job = ask(w, history_job(w, w->end, w->shot.v,
		    OPS_EACH))) == NULL)
			return WORK_STORE_FAILS;
		out = take_part(w, &job->history, true);
		job_free(job);
	}
	/* Nothing was left to be done in the last of it: say so. */
	if (out == WORK_GOES_ON && w->horizon < w->end)
		out = write_down(w, compact_job(w, w->shot.v));
	return out;
}

/* From the horizon on, as far as the marks stay what they are. */
static enum outcome
compact_on(struct work *w)
{
	enum outcome out;

	span_done(&w->span);
	snapshot_done(&w->shot);
	w->shot = (struct snapshot){ .v = 0 };
	if ((out = find_marks(w)) != WORK_GOES_ON ||
	    (out = begin_at(w, begin_v(w))) != WORK_GOES_ON)
		return out;
	return go_on(w);
}

static enum outcome
work(struct work *w)
{
	enum outcome out;
	int i;

	if ((out = find_end(w)) != WORK_GOES_ON || w->end <= w->horizon)
		return out;
	out = WORK_BEGINS_ANEW;
	for (i = 0; i < ATTEMPTS && out == WORK_BEGINS_ANEW; i++)
		out = compact_on(w);
	return out != WORK_BEGINS_ANEW ? out : leave(w, "versions of it are "
	    "being named");
}

bool
compact_doc(struct compact *c, const char *id, uint64_t horizon,
    uint64_t begins, uint64_t first)
{
	struct work w = { .c = c, .id = id, .horizon = horizon,
	    .begins = begins, .first = first, .written = c->sum };
	enum outcome out = work(&w);

	c->sum.documents++;
	c->sum.left += out == WORK_LEFT;
	span_done(&w.span);
	snapshot_done(&w.shot);
	free(w.marks);
	return out != WORK_STORE_FAILS;
}
