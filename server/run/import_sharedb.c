/*
 * A database that ShareDB 7 wrote through sharedb-postgres 5 (its
 * structure.sql):
 *
 *	ops (collection, doc_id, version, operation)
 *	snapshots (collection, doc_id, doc_type, version, data[, metadata])
 *
 * version of an op is that of the document after it.  Everything is read in
 * one transaction, by one cursor, in the order of documents: of each a row
 * about its operations, its snapshot, its operations.  So its servers may run
 * meanwhile; what they write later comes with another run.
 *
 * A document whose operations are all there is replayed from its first.  One
 * whose early operations were removed begins late: its snapshot is taken back
 * as far as operations can be inverted, and at worst not at all.
 */
#include <inttypes.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ot/type.h"
#include "run/import.h"
#include "run/mover.h"
#include "run/sharedb_doc.h"

#define FETCH	"FETCH FORWARD 1000 FROM moving"

enum { PART_ABOUT, PART_SNAPSHOT, PART_OP };
enum {
	COLUMN_COLLECTION, COLUMN_ID, COLUMN_PART, COLUMN_VERSION,
	COLUMN_TYPE, COLUMN_BODY, COLUMN_FIRST, COLUMN_COUNT, COLUMN_TIME
};

/* Releases before 5.0.0 have no metadata. */
#define CURSOR(time)							\
"DECLARE moving NO SCROLL CURSOR FOR"					\
" SELECT collection, doc_id, 0 AS part, max(version) AS version,"	\
"  NULL::text, NULL::text, min(version), count(*), NULL::text"		\
" FROM ops GROUP BY collection, doc_id"					\
" UNION ALL SELECT collection, doc_id, 1, version, doc_type,"		\
"  data::text, NULL, NULL, " time " FROM snapshots"			\
" UNION ALL SELECT collection, doc_id, 2, version, NULL,"		\
"  operation::text, NULL, NULL, NULL FROM ops"				\
" ORDER BY collection, doc_id, part, version"

struct source {
	struct mover	*m;
	PGconn		*pg;
	PGresult	*rows;		/* NULL: to be fetched */
	int		 row;		/* the next of them */

	/* ---- the document that is read; collection NULL: none ---- */
	char		*collection, *id;
	uint64_t	 first, last, count;	/* of its ops' rows; 0: it has none */
	bool		 has_snapshot;
	struct mover_content snapshot;	/* its texts are heap */
	int64_t		 snapshot_ms;
	bool		 is_begun;	/* the mover has it, op by op */
	bool		 is_refused;	/* the mover would not begin it */
	bool		 skips;		/* it failed: its ops are passed over */
	char		 why[400];	/* an op that cannot be read; "": none */
	const struct ot_type *type;	/* of one that is held; NULL: not there */
	struct op_list	 held;		/* ops of a document that begins late */
	int64_t		*held_ms;	/* when each was made; heap */
};

static bool
trouble(const struct source *s)
{
	const char *why = PQerrorMessage(s->pg);

	fprintf(stderr, "otd: cannot read the database: %.*s\n",
	    (int)strcspn(why, "\n"), why);
	return false;
}

/* ---- rows ---- */

static uint64_t
cell_u64(const struct source *s, int column)
{
	return strtoull(PQgetvalue(s->rows, s->row, column), NULL, 10);
}

static char *
cell_copy(const struct source *s, int column)
{
	if (PQgetisnull(s->rows, s->row, column))
		return NULL;
	return mem_copy(PQgetvalue(s->rows, s->row, column),
	    (size_t)PQgetlength(s->rows, s->row, column));
}

static bool
run_sql(struct source *s, const char *sql)
{
	PGresult *res = PQexec(s->pg, sql);
	bool ok = PQresultStatus(res) == PGRES_COMMAND_OK;

	PQclear(res);
	return ok || trouble(s);
}

/* A number that the statement gives. */
static bool
ask_number(struct source *s, const char *sql, uint64_t *out)
{
	PGresult *res = PQexec(s->pg, sql);
	bool ok = PQresultStatus(res) == PGRES_TUPLES_OK &&
	    PQntuples(res) == 1;

	if (ok)
		*out = strtoull(PQgetvalue(res, 0, 0), NULL, 10);
	PQclear(res);
	return ok || trouble(s);
}

/* 1: s->row is the next; 0: there is none; -1: told. */
static int
next_row(struct source *s)
{
	if (s->rows != NULL && ++s->row < PQntuples(s->rows))
		return 1;
	PQclear(s->rows);
	s->row = 0;
	s->rows = PQexec(s->pg, FETCH);
	if (PQresultStatus(s->rows) != PGRES_TUPLES_OK) {
		trouble(s);
		return -1;
	}
	return PQntuples(s->rows) > 0;
}

/* ---- a document ---- */

static void
document_drop(struct source *s)
{
	free(s->collection);
	free(s->id);
	free((char *)s->snapshot.type);
	free((char *)s->snapshot.data);
	free(s->held_ms);
	op_list_done(&s->held);
	*s = (struct source){ .m = s->m, .pg = s->pg, .rows = s->rows,
	    .row = s->row };
}

static struct mover_doc
doc_of(const struct source *s, uint64_t v)
{
	return (struct mover_doc){ .collection = s->collection, .id = s->id,
	    .v = v, .at_ms = s->snapshot_ms };
}

/* Are all its operations there, from the first? */
static bool
is_whole(const struct source *s)
{
	return s->first == 1 && s->count == s->last;
}

/* Begin it at base, and end it, with the ops held from first on. */
static bool
move_late(struct source *s, struct snapshot *base, size_t first)
{
	struct mover_doc doc = doc_of(s, s->snapshot.v);
	enum mover_fate fate = mover_begin(s->m, &doc, base);

	for (; fate == MOVER_ON && first < s->held.n; first++)
		fate = mover_op(s->m, op_ref(s->held.ops[first]),
		    s->held_ms[first]);
	return fate != MOVER_OVER &&
	    mover_end(s->m, &s->snapshot) != MOVER_OVER;
}

/* Without any history, from its snapshot. */
static bool
move_snapshot(struct source *s, bool is_bad, const char *why)
{
	struct snapshot base = { .v = 0 };
	struct ot_err err;

	if (sharedb_snapshot(&s->snapshot, &base, &err) != 0) {
		mover_tell(s->m, s->collection, s->id, true,
		    "%s, and its snapshot cannot be read: %s", why, err.text);
		return true;
	}
	mover_tell(s->m, s->collection, s->id, is_bad, "%s: its history "
	    "begins at version %" PRIu64 ", with its snapshot", why,
	    s->snapshot.v);
	return move_late(s, &base, s->held.n);
}

/* Of the ops held those behind the last gap stay. */
static void
drop_before_gap(struct source *s)
{
	size_t i, k = 0, n = s->held.n;

	for (i = 1; i < n; i++)
		if (s->held.ops[i]->v != s->held.ops[i - 1]->v + 1)
			k = i;
	for (i = 0; i < k; i++)
		op_unref(s->held.ops[i]);
	if (k == 0)
		return;
	memmove(s->held.ops, s->held.ops + k, (n - k) * sizeof(*s->held.ops));
	memmove(s->held_ms, s->held_ms + k, (n - k) * sizeof(*s->held_ms));
	s->held.n = n - k;
}

/* Early operations are missing. */
static bool
end_late(struct source *s)
{
	struct snapshot base = { .v = 0 };
	struct ot_err err;
	size_t first, n;

	if (!s->has_snapshot) {
		mover_tell(s->m, s->collection, s->id, true, "operations are "
		    "missing, and so is its snapshot: it cannot be taken");
		return true;
	}
	drop_before_gap(s);
	n = s->held.n;
	if (n == 0 || s->held.ops[n - 1]->v + 1 != s->snapshot.v)
		return move_snapshot(s, false, "operations are missing");
	if (sharedb_walk_back(&s->held, &s->snapshot, &first, &base,
	    &err) != 0) {
		mover_tell(s->m, s->collection, s->id, true, "operations are "
		    "missing, and its snapshot cannot be read: %s", err.text);
		return true;
	}
	mover_tell(s->m, s->collection, s->id, false, "operations are "
	    "missing: its history begins at version %" PRIu64, base.v);
	return move_late(s, &base, first);
}

/* It was moved op by op, or failed on the way. */
static bool
end_begun(struct source *s)
{
	if (s->skips && !s->is_refused && s->has_snapshot) {
		if (s->why[0] == '\0')
			snprintf(s->why, sizeof(s->why), "%s",
			    mover_why(s->m));
		if (mover_forget(s->m))
			return move_snapshot(s, true, s->why);
	}
	return mover_end(s->m, s->has_snapshot ? &s->snapshot : NULL) !=
	    MOVER_OVER;
}

static bool
end_document(struct source *s)
{
	bool goes_on = true;

	if (s->collection == NULL)
		return true;
	goes_on = s->is_begun ? end_begun(s) : end_late(s);
	document_drop(s);
	return goes_on;
}

/* ---- parts ---- */

static void
take_about(struct source *s)
{
	s->last = cell_u64(s, COLUMN_VERSION);
	s->first = cell_u64(s, COLUMN_FIRST);
	s->count = cell_u64(s, COLUMN_COUNT);
}

static void
take_snapshot(struct source *s)
{
	const struct ot_type *type;

	s->has_snapshot = true;
	s->snapshot.v = cell_u64(s, COLUMN_VERSION);
	s->snapshot.type = cell_copy(s, COLUMN_TYPE);
	s->snapshot.data = cell_copy(s, COLUMN_BODY);
	s->snapshot.len = s->snapshot.data != NULL ?
	    strlen(s->snapshot.data) : 0;
	s->snapshot_ms = (int64_t)strtod(PQgetvalue(s->rows, s->row,
	    COLUMN_TIME), NULL);
	type = s->snapshot.type != NULL ? ot_type_find(s->snapshot.type) : NULL;
	s->type = type;
}

static void
hold(struct source *s, struct op *op, int64_t at_ms)
{
	size_t n = s->held.n;

	if ((n & (n - 1)) == 0)		/* as op_list_add grows */
		s->held_ms = mem_grow(s->held_ms, n > 0 ? 2 * n : 1,
		    sizeof(*s->held_ms));
	s->held_ms[n] = at_ms;
	op_list_add(&s->held, op);
}

/* One that goes to the mover at once. */
static bool
begin_whole(struct source *s)
{
	struct mover_doc doc = doc_of(s, s->last);
	struct snapshot nothing = { .v = 0 };
	enum mover_fate fate = mover_begin(s->m, &doc, &nothing);

	s->is_begun = true;
	s->skips = s->is_refused = fate == MOVER_FAILED;
	return fate != MOVER_OVER;
}

static bool
take_op(struct source *s)
{
	uint64_t version = cell_u64(s, COLUMN_VERSION);
	enum mover_fate fate;
	struct ot_err err;
	int64_t at_ms = 0;
	struct op *op;

	if (is_whole(s) && !s->is_begun && !begin_whole(s))
		return false;
	if (s->skips)
		return true;
	op = sharedb_op(PQgetvalue(s->rows, s->row, COLUMN_BODY),
	    (size_t)PQgetlength(s->rows, s->row, COLUMN_BODY), version - 1,
	    s->is_begun ? mover_type(s->m) : s->type, &at_ms, &err);
	if (op == NULL) {
		/* Nothing that ShareDB writes; of those held it is a gap. */
		snprintf(s->why, sizeof(s->why), "operation %" PRIu64
		    " cannot be read: %s", version - 1, err.text);
		s->skips = s->is_begun;
		return true;
	}
	if (!s->is_begun) {
		hold(s, op, at_ms);
		return true;
	}
	fate = mover_op(s->m, op, at_ms);
	s->skips = fate == MOVER_FAILED;
	return fate != MOVER_OVER;
}

static bool
take_row(struct source *s)
{
	const char *collection = PQgetvalue(s->rows, s->row,
	    COLUMN_COLLECTION);
	const char *id = PQgetvalue(s->rows, s->row, COLUMN_ID);

	if (s->collection == NULL || strcmp(collection, s->collection) != 0 ||
	    strcmp(id, s->id) != 0) {
		if (!end_document(s))
			return false;
		s->collection = cell_copy(s, COLUMN_COLLECTION);
		s->id = cell_copy(s, COLUMN_ID);
	}
	switch (cell_u64(s, COLUMN_PART)) {
	case PART_ABOUT:
		take_about(s);
		return true;
	case PART_SNAPSHOT:
		take_snapshot(s);
		return true;
	default:
		return take_op(s);
	}
}

/* ---- the whole ---- */

static bool
open_cursor(struct source *s)
{
	uint64_t documents, has_metadata;

	if (!run_sql(s, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") ||
	    !ask_number(s, "SELECT count(*) FROM snapshots", &documents) ||
	    !ask_number(s, "SELECT count(*) FROM pg_catalog.pg_attribute"
	    " WHERE attrelid = 'snapshots'::regclass"
	    " AND attname = 'metadata' AND NOT attisdropped", &has_metadata))
		return false;
	mover_expect(s->m, documents);
	return run_sql(s, has_metadata > 0 ? CURSOR("metadata->>'mtime'") :
	    CURSOR("NULL"));
}

static bool
take_all(struct source *s)
{
	bool goes_on = true;
	int more = 1;

	while (goes_on && (more = next_row(s)) > 0)
		goes_on = take_row(s);
	return goes_on && more == 0 && end_document(s);
}

bool
import_sharedb(struct mover *m, const char *url)
{
	struct source s = { .m = m, .pg = PQconnectdb(url) };
	bool is_whole;

	if (PQstatus(s.pg) != CONNECTION_OK ||
	    PQsetClientEncoding(s.pg, "UTF8") != 0)
		is_whole = trouble(&s);
	else
		is_whole = open_cursor(&s) && take_all(&s);
	document_drop(&s);
	PQclear(s.rows);
	PQfinish(s.pg);
	return is_whole;
}
