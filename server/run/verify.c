/*
 * verify: see verify.h.
 *
 * Rows are read one statement after the other while servers may write, so
 * each may be newer than the one before.  What is asked of them holds all the
 * same: a snapshot or a content of version v is written with operation v - 1
 * or after it, so operations that are read later reach it.  Not so when ops
 * become one, or are erased, between two statements; that moves the horizon,
 * so nothing is said to be bad before the horizon was looked at again.
 */
#include "run/verify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "ot/type.h"
#include "run/oplog.h"

/* A row to compare with when its version is reached. */
struct mark {
	const char	*where;		/* the table */
	struct job	*job;		/* its columns; NULL: there is none */
	uint64_t	 v;
};

struct verifier {
	struct asker		*a;
	const char		*collection, *id;
	struct verify_result	*out;
	struct snapshot		 s;	/* as replayed */
	struct mark		 document, snapshot, content;
	int64_t			 at_ms;	/* of the op before */
	uint64_t		 horizon;	/* ops below stand for others */
	uint64_t		 begins;	/* and there is none below; 0: all are */
};

/* ---- verdicts ---- */

static enum verify_verdict bad(struct verifier *f, const char *where,
    uint64_t v, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static enum verify_verdict
bad(struct verifier *f, const char *where, uint64_t v, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(f->out->why, sizeof(f->out->why), fmt, args);
	va_end(args);
	f->out->where = where;
	f->out->bad_v = v;
	return VERIFY_BAD;
}

/* A row that the database cannot read is bad; one that is away is not. */
static enum verify_verdict
unread(struct verifier *f, const char *where, uint64_t v, const char *why)
{
	if (f->a->err == ERR_STORE_BROKEN)
		return bad(f, where, v, "the database cannot read it");
	snprintf(f->out->why, sizeof(f->out->why), "%s", why);
	return VERIFY_AWAY;
}

/* ---- rows ---- */

static void
mark_drop(struct mark *m)
{
	if (m->job != NULL)
		job_free(m->job);
	m->job = NULL;
	m->v = 0;
}

/* What the job answers; its first column is the version. */
static enum verify_verdict
mark_ask(struct verifier *f, struct mark *m, struct job *job)
{
	const char *why;

	mark_drop(m);
	if ((job = asker_ask(f->a, job, &why)) == NULL)
		return unread(f, m->where, f->s.v, why);
	if (job->rows.n_rows == 0) {
		job_free(job);
		return VERIFY_GOOD;
	}
	m->job = job;
	m->v = (uint64_t)rows_number(job, 0, 0, 0);
	return VERIFY_GOOD;
}

static enum verify_verdict
ask_document(struct verifier *f)
{
	enum verify_verdict rc = mark_ask(f, &f->document,
	    rows_new(ROWS_DOCUMENT, NULL, NULL, f->collection, f->id));

	if (rc != VERIFY_GOOD || f->document.job == NULL)
		return rc;
	f->horizon = (uint64_t)rows_number(f->document.job, 0, 3, 0);
	f->begins = (uint64_t)rows_number(f->document.job, 0, 4, 0);
	return VERIFY_GOOD;
}

static enum verify_verdict
ask_content(struct verifier *f)
{
	return mark_ask(f, &f->content, rows_new(ROWS_CONTENT, NULL, NULL,
	    f->collection, f->id));
}

static enum verify_verdict
ask_snapshot(struct verifier *f, uint64_t from)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, from);
	return mark_ask(f, &f->snapshot, rows_new(ROWS_SNAPSHOT_FROM, NULL,
	    NULL, f->collection, f->id, text));
}

/* ---- comparing ---- */

static bool
same_type(const struct ot_type *type, const char *uri)
{
	return type == NULL ? uri == NULL :
	    uri != NULL && strcmp(type->uri, uri) == 0;
}

/* Does the content print as body, byte for byte? */
static bool
same_body(const struct snapshot *s, const char *body)
{
	struct buf b = BUF_INIT;
	bool is_same;

	if (s->type == NULL || !s->type->print(s->data, &b)) {
		is_same = body == NULL;
	} else {
		if (buf_failed(&b))
			bug("out of memory");
		is_same = body != NULL && strlen(body) == b.len &&
		    memcmp(body, b.data, b.len) == 0;
	}
	buf_done(&b);
	return is_same;
}

/* The row is of the version that was reached: type in column 1, body in 2. */
static enum verify_verdict
compare(struct verifier *f, const struct mark *m, const char *what)
{
	const char *type = rows_cell(m->job, 0, 1);

	if (!same_type(f->s.type, type))
		return bad(f, m->where, m->v, "its log does not lead to the "
		    "%s of version %" PRIu64 ": the type there is %s, not %s",
		    what, m->v, type != NULL ? type : "none",
		    f->s.type != NULL ? f->s.type->uri : "none");
	if (!same_body(&f->s, rows_cell(m->job, 0, 2)))
		return bad(f, m->where, m->v, "its log does not lead to the "
		    "%s of version %" PRIu64 ", though to what is kept of "
		    "version %" PRIu64, what, m->v, f->out->kept_v);
	return VERIFY_GOOD;
}

/* Compare with all that is kept of the version that was reached. */
static enum verify_verdict
compare_here(struct verifier *f)
{
	enum verify_verdict rc = VERIFY_GOOD;

	if (f->document.v == f->s.v && !same_type(f->s.type,
	    rows_cell(f->document.job, 0, 1)))
		return bad(f, "document", f->s.v, "its row says another type "
		    "than its log leads to");
	if (f->content.job != NULL && f->content.v == f->s.v &&
	    (rc = compare(f, &f->content, "content for queries")) !=
	    VERIFY_GOOD)
		return rc;
	if (f->snapshot.job != NULL && f->snapshot.v == f->s.v) {
		if ((rc = compare(f, &f->snapshot, "checkpoint")) !=
		    VERIFY_GOOD)
			return rc;
		f->out->kept_v = f->s.v;
		rc = ask_snapshot(f, f->s.v + 1);
	}
	return rc;
}

/* ---- replaying ---- */

/* Is the body what otd writes of it?  Parsed it prints as that. */
static bool
is_canonical(const struct oplog_row *row, const struct op *op)
{
	return row->body == NULL ? op->body == NULL : op->body != NULL &&
	    strlen(row->body) == op->body_len &&
	    memcmp(row->body, op->body, op->body_len) == 0;
}

static enum verify_verdict
apply(struct verifier *f, const struct oplog_row *row, struct op *op)
{
	struct ot_err err;

	if (op_parse(op, f->s.type, &err) != 0)
		return bad(f, "operation", row->v,
		    "op %" PRIu64 " does not apply: %s", row->v, err.text);
	if (!is_canonical(row, op))
		return bad(f, "operation", row->v,
		    "op %" PRIu64 " is not written as otd writes it", row->v);
	if (op_apply(&f->s, op, NULL, &err) != 0)
		return bad(f, "operation", row->v,
		    "op %" PRIu64 " does not apply: %s", row->v, err.text);
	f->out->n_ops++;
	return compare_here(f);
}

static enum verify_verdict
take(struct verifier *f, const struct oplog_row *row)
{
	enum verify_verdict rc;
	struct op *op;

	if (row->v != f->s.v)
		return bad(f, "operation", f->s.v, "its log has a gap: op %"
		    PRIu64 " stands where %" PRIu64 " should", row->v, f->s.v);
	if (row->v >= row->head_v)
		return bad(f, "operation", row->v, "op %" PRIu64 " stands "
		    "beyond its version, %" PRIu64, row->v, row->head_v);
	if (row->at_ms < f->at_ms)
		return bad(f, "operation", row->v, "op %" PRIu64 " was stored "
		    "before the one that it follows", row->v);
	f->at_ms = row->at_ms;
	op = oplog_op(row);
	rc = apply(f, row, op);
	op_unref(op);
	return rc;
}

/* The document was erased, and is nothing where its log begins. */
static enum verify_verdict
begin_erased(struct verifier *f)
{
	if (f->snapshot.job != NULL && f->snapshot.v < f->begins)
		return bad(f, "snapshot", f->snapshot.v, "there is a "
		    "checkpoint of version %" PRIu64 ", and the document was "
		    "erased at %" PRIu64, f->snapshot.v, f->begins);
	f->s.v = f->begins;
	return compare_here(f);
}

/*
 * The log begins at a later version than 0: from the snapshot that was kept
 * there.
 */
static enum verify_verdict
begin_late(struct verifier *f, uint64_t first)
{
	struct job_load load = { .snap_v = first };
	struct ot_err err;
	enum verify_verdict rc = ask_snapshot(f, first);

	if (rc != VERIFY_GOOD)
		return rc;
	if (f->snapshot.job == NULL || f->snapshot.v != first)
		return bad(f, "operation", 0, "its log has a gap: it begins "
		    "at version %" PRIu64 ", of which nothing is kept", first);
	load.snap_type = (char *)rows_cell(f->snapshot.job, 0, 1);
	load.snap_body = (char *)rows_cell(f->snapshot.job, 0, 2);
	load.snap_len = load.snap_body != NULL ? strlen(load.snap_body) : 0;
	if (job_snapshot(&load, &f->s, &err) != 0)
		return bad(f, "snapshot", first, "the checkpoint of version %"
		    PRIu64 " cannot be read: %s", first, err.text);
	return compare_here(f);
}

/* The log begins with the op at first. */
static enum verify_verdict
begin(struct verifier *f, uint64_t first)
{
	if (first < f->begins)
		return bad(f, "operation", first, "there is an op %" PRIu64
		    ", and the document was erased at %" PRIu64, first,
		    f->begins);
	if (first == 0)
		return VERIFY_GOOD;
	return first == f->begins ? begin_erased(f) : begin_late(f, first);
}

/* All that the log has now, from where it was left. */
static enum verify_verdict
run_on(struct verifier *f, struct oplog *l)
{
	enum verify_verdict rc = VERIFY_GOOD;
	struct oplog_row row;
	const char *why;
	int more;

	while ((more = oplog_next(l, &row, &why)) > 0) {
		if (f->s.v == 0)
			rc = begin(f, row.v);
		if (rc != VERIFY_GOOD || (rc = take(f, &row)) != VERIFY_GOOD)
			return rc;
	}
	return more < 0 ? unread(f, "operation", f->s.v, why) : VERIFY_GOOD;
}

/* A document of which only a snapshot is left. */
static enum verify_verdict
run_without_log(struct verifier *f)
{
	enum verify_verdict rc = ask_snapshot(f, 0);

	if (rc != VERIFY_GOOD || f->snapshot.job == NULL)
		return rc;
	return begin_late(f, f->snapshot.v);
}

/* Everything that is kept was reached. */
static enum verify_verdict
ends(struct verifier *f)
{
	if (f->s.v < f->document.v)
		return bad(f, "document", f->document.v, "its log ends at "
		    "version %" PRIu64 ", its row says %" PRIu64, f->s.v,
		    f->document.v);
	if (f->snapshot.job != NULL && f->snapshot.v > f->s.v)
		return bad(f, "snapshot", f->snapshot.v, "there is a "
		    "checkpoint of version %" PRIu64 ", its log ends at %"
		    PRIu64, f->snapshot.v, f->s.v);
	if (f->content.job != NULL && f->content.v > f->s.v)
		return bad(f, "content", f->content.v, "queries see version %"
		    PRIu64 ", its log ends at %" PRIu64, f->content.v, f->s.v);
	return VERIFY_GOOD;
}

static bool
ends_early(const struct verifier *f)
{
	return f->s.v < f->snapshot.v || f->s.v < f->content.v;
}

static enum verify_verdict
run(struct verifier *f)
{
	enum verify_verdict rc;
	struct oplog l;

	if ((rc = ask_document(f)) != VERIFY_GOOD)
		return rc;
	if (f->document.job == NULL)
		return VERIFY_NEVER;
	f->out->v = f->document.v;
	if (f->horizon > f->document.v)
		return bad(f, "log_horizon", f->horizon, "it says that ops up "
		    "to version %" PRIu64 " became few, its row says %" PRIu64,
		    f->horizon, f->document.v);
	if ((rc = ask_content(f)) != VERIFY_GOOD ||
	    (rc = ask_snapshot(f, 1)) != VERIFY_GOOD)
		return rc;
	oplog_init(&l, f->a, f->collection, f->id, 0);
	rc = run_on(f, &l);
	if (rc == VERIFY_GOOD && f->s.v == 0)
		rc = run_without_log(f);
	/* What was written meanwhile may be ahead of what was read. */
	if (rc == VERIFY_GOOD && ends_early(f))
		rc = run_on(f, &l);
	oplog_done(&l);
	return rc == VERIFY_GOOD ? ends(f) : rc;
}

/* Since it was begun, ops became one or were erased. */
static bool
has_moved(struct verifier *f)
{
	uint64_t horizon = f->horizon, begins = f->begins;

	return ask_document(f) == VERIFY_GOOD && f->document.job != NULL &&
	    (f->horizon != horizon || f->begins != begins);
}

static enum verify_verdict
run_once(struct verifier *f, bool *has_moved_out)
{
	enum verify_verdict rc;

	*f->out = (struct verify_result){ .where = NULL };
	rc = run(f);
	*has_moved_out = rc == VERIFY_BAD && has_moved(f);
	mark_drop(&f->document);
	mark_drop(&f->snapshot);
	mark_drop(&f->content);
	snapshot_done(&f->s);
	return rc;
}

enum verify_verdict
verify_document(struct asker *a, const char *collection, const char *id,
    struct verify_result *out)
{
	enum verify_verdict rc;
	bool again;

	do {
		struct verifier f = { .a = a, .collection = collection,
		    .id = id, .out = out, .at_ms = INT64_MIN,
		    .document = { .where = "document" },
		    .snapshot = { .where = "snapshot" },
		    .content = { .where = "content" } };

		rc = run_once(&f, &again);
	} while (again);
	return rc;
}
