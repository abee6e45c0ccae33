/*
 * How a commit stays right while others commit too, under READ COMMITTED:
 *
 * 1. What must hold: per document, versions without gap, each given once; a
 *    verdict per parcel; nobody waits in a circle.
 * 2. An UPDATE that finds its row locked waits, and then looks at the newest
 *    row: the condition on version decides there.  An INSERT that meets an
 *    uncommitted rival waits, and then DO NOTHING.  So a parcel is accepted
 *    exactly when its document was at base_v, and then the row's lock keeps
 *    others out until the ops are in.
 * 3. Rows are taken in one order by everybody: first what is created, by
 *    name, then what is there, by name.  Whoever holds a row that is there
 *    waits for no creation, so there is no circle.  The array is sorted by
 *    name; the count of made is in moved's condition to fix the order of the
 *    two, and "= ANY (ARRAY[...])" leaves the planner one way to join: the
 *    array outside, the index on names inside.  (A join by "=" may turn
 *    round while the table is tiny, and a prepared plan stays.)
 * 4. All CTEs of a statement see the snapshot of its beginning.  A parcel
 *    that waited and lost may therefore be shown too little of what it
 *    missed; the answer shows that (the ops do not reach past base_v, or
 *    stop short of the head), and PG_MISSED asks again with a new snapshot.
 *    That costs a round trip in the rare case and nothing otherwise.
 *
 * The lone op has statements of its own: arrays cost more than they save
 * below about ten.  All answer alike: a row for each op that was
 * missed, at least one for each refused parcel, none for the accepted.
 */
#include "store/pg_sql.h"

#include "store/rows_sql.h"

/*
 * Plans are chosen once and must suit a database of any size: everything goes
 * by key through an index.
 */
#define SETTINGS							\
" ('search_path', ''),"							\
" ('enable_seqscan', 'off'),"						\
" ('enable_bitmapscan', 'off'),"					\
" ('jit', 'off'),"							\
" ('statement_timeout', '30000')"		/* milliseconds */

const char pg_sql_session[] =
"SELECT pg_catalog.set_config(name, value, false) FROM (VALUES"
" ('default_transaction_isolation', 'read committed'),"
" ('plan_cache_mode', 'force_generic_plan'),"
SETTINGS
") AS setting (name, value)";

const char pg_sql_transaction[] =
"SELECT pg_catalog.set_config(name, value, true) FROM (VALUES"
SETTINGS
") AS setting (name, value)";

const char *const pg_sql_names[PG_SQL_N] = {
	[PG_EDIT_ONE] = "edit_one",
	[PG_CREATE_ONE] = "create_one",
	[PG_EDIT_TOLD] = "edit_told",
	[PG_CREATE_TOLD] = "create_told",
	[PG_COMMIT] = "commit",
	[PG_COMMIT_CONTENT] = "commit_content",
	[PG_COMMIT_ALL] = "commit_all",
	[PG_COMMIT_PAST] = "commit_past",
	[PG_MISSED] = "missed",
	[PG_LOAD] = "load",
	[PG_HISTORY] = "history",
	[PG_OPS] = "ops",
	[PG_CREATED] = "created",
	[PG_CHECKPOINT] = "checkpoint",
	[PG_PLACE] = "place",
	[PG_VERSIONS] = "versions",
	[PG_LACKING] = "lacking",
	[PG_CONTENT] = "content",
	[PG_CONTENT_GONE] = "content_gone",
	[PG_COMPACT] = "compact",
	[PG_ERASE] = "erase",
};

/*
 * A document's times never go back, though clocks may and a transaction that
 * waited began earlier: history looks by them.  The row's lock is held.
 */
#define LATER	"greatest(now(), updated_at)"

/* A time that is given in milliseconds. */
#define TIME(ms)	"(to_timestamp(0) + " ms " * interval '1 millisecond')"

/* The columns in which ops are answered; pg_answer.c reads them. */
#define OP	"o.kind, o.version, o.seq, o.src, o.body"

/* Below it the ops of a document (an alias) are not those that were sent. */
#define HORIZON(of)							\
"coalesce((SELECT horizon FROM otd.log_horizon AS h"			\
" WHERE h.doc_pk = " of ".doc_pk), 0)"

/*
 * Of each parcel p (i, collection, id, base_v): its head, the ops missed; what
 * was compacted is none.
 */
#define MISSED								\
" LEFT JOIN LATERAL (SELECT q.doc_pk, q.version, " HORIZON("q") " AS horizon" \
"  FROM otd.document AS q"						\
"  WHERE collection = p.collection AND id = p.id LIMIT 1) AS d ON true"	\
" LEFT JOIN LATERAL (SELECT * FROM otd.operation"			\
"  WHERE doc_pk = d.doc_pk AND version >= greatest(p.base_v, d.horizon)" \
"  AND version < d.version ORDER BY version) AS o ON true"

/*
 * What becomes of content_lag: enum content_lag (core/job.h), of which 3 is
 * to leave it.  Unless it changes the row stays HOT, index or not.
 */
#define LAG(of, was)	"CASE " of " WHEN 3 THEN " was " ELSE " of " END"

/* Which documents a lone op takes, and what it makes of them; $10 lag. */
#define EDIT_ONE							\
"WITH taken AS (UPDATE otd.document"					\
"  SET version = version + 1, type = $4, updated_at = " LATER ","	\
"  content_lag = " LAG("$10::smallint", "content_lag")			\
"  WHERE collection = $1 AND id = $2 AND version = $3::bigint"		\
"  RETURNING doc_pk, updated_at),"

/* And $10 lag, $11 owner. */
#define CREATE_ONE							\
"WITH taken AS (INSERT INTO otd.document"				\
"  (collection, id, version, type, content_lag, owner)"			\
"  VALUES ($1, $2, $3::bigint + 1, $4, " LAG("$10::smallint", "0") ", $11)" \
"  ON CONFLICT (collection, id) DO NOTHING"				\
"  RETURNING doc_pk, updated_at),"

/* Word of it; kind is the parameter that says what it is. */
#define TELL_ONE(kind)							\
" told AS (INSERT INTO otd.event (at, collection, id, from_v, to_v, kind)" \
"  SELECT updated_at, $1, $2, $3::bigint, $3::bigint + 1, " kind		\
"  FROM taken),"

/*
 * $1 collection, $2 id, $3 base_v, $4 type after, $5 kind, $6 seq, $7 src,
 * $8 body, $9 author; the rest of all of these.
 */
#define PUT_ONE								\
" put AS (INSERT INTO otd.operation"					\
"  (doc_pk, created_at, version, kind, seq, src, body, author)"		\
"  SELECT doc_pk, updated_at, $3::bigint, $5::smallint, $6::bigint, $7, $8," \
"  $9 FROM taken RETURNING version)"					\
" SELECT p.i, d.version, " OP						\
" FROM (VALUES (1, $1, $2, $3::bigint)) AS p (i, collection, id, base_v)" \
MISSED									\
" WHERE NOT EXISTS (SELECT FROM put)"

/*
 * Of the CTE parcel: which are accepted.  When they were changed is given, and
 * other columns of documents by name, what they are made with, and how they
 * change.
 */
#define PARCELS_TAKEN(names, made_with, when, changes)			\
" made AS (INSERT INTO otd.document"					\
"  (collection, id, version, type, content_lag" names ")"		\
"  SELECT collection, id, n, type, " LAG("lag", "0") made_with		\
"  FROM parcel WHERE base_v = 0"					\
"  ON CONFLICT (collection, id) DO NOTHING"				\
"  RETURNING doc_pk, collection, id, updated_at),"			\
" moved AS (UPDATE otd.document AS d"					\
"  SET version = p.base_v + p.n, type = p.type, updated_at ="		\
"  " when ", content_lag = " LAG("p.lag", "d.content_lag") changes	\
"  FROM parcel AS p"							\
"  WHERE p.base_v > 0 AND (SELECT count(*) FROM made) >= 0"		\
"  AND d.collection = ANY (ARRAY[p.collection])"			\
"  AND d.id = ANY (ARRAY[p.id]) AND d.version = p.base_v"		\
"  RETURNING p.i, d.doc_pk, d.updated_at),"				\
" taken AS MATERIALIZED (SELECT p.i, made.doc_pk, made.updated_at"	\
"  FROM made JOIN parcel AS p USING (collection, id)"			\
"  UNION ALL SELECT i, doc_pk, updated_at FROM moved),"

/* Their ops are put, then; there may be one more array of them. */
#define OPS_PUT(when, array, column)					\
" put AS (INSERT INTO otd.operation"					\
"  (doc_pk, created_at, kind, version, seq, src, body, author)"		\
"  SELECT t.doc_pk, " when ", " OP ", o.author"				\
"  FROM unnest($6::bigint[], $7::bigint[], $8::smallint[],"		\
"  $9::bigint[], $10::text[], $11::text[], $12::text[]" array ")"	\
"  AS o (i, version, kind, seq, src, body, author" column ")"		\
"  JOIN taken AS t ON t.i = o.i)"

/* Of a commit of now. */
#define CHANGED_NOW							\
	"CASE p.n WHEN 0 THEN updated_at ELSE " LATER " END"
#define PARCELS_PUT(names, made_with, changes)				\
	PARCELS_TAKEN(names, made_with, CHANGED_NOW, changes)		\
	OPS_PUT("t.updated_at", "", "")

/* Of the CTEs parcel and taken: content written down, or forgotten. */
#define CONTENT_PUT							\
" known AS (INSERT INTO otd.content AS c"				\
"  (collection, id, version, type, body)"				\
"  SELECT p.collection, p.id, p.base_v + p.n, p.type, p.content"	\
"  FROM taken AS t JOIN parcel AS p ON p.i = t.i"			\
"  WHERE p.lag = 0 AND p.type IS NOT NULL"				\
"  ON CONFLICT (collection, id) DO UPDATE SET"				\
"  version = excluded.version, type = excluded.type,"			\
"  body = excluded.body WHERE c.version < excluded.version),"		\
" forgotten AS (DELETE FROM otd.content AS c"				\
"  USING taken AS t JOIN parcel AS p ON p.i = t.i"			\
"  WHERE p.lag = 0 AND p.type IS NULL"					\
"  AND c.collection = p.collection AND c.id = p.id)"

#define PARCELS_REFUSED							\
" SELECT p.i, d.version, " OP						\
" FROM parcel AS p LEFT JOIN taken AS t ON t.i = p.i"			\
MISSED									\
" WHERE t.i IS NULL"

const char *const pg_sql_texts[PG_SQL_N] = {
	[PG_EDIT_ONE] = EDIT_ONE PUT_ONE,
	[PG_CREATE_ONE] = CREATE_ONE PUT_ONE,
	[PG_EDIT_TOLD] = EDIT_ONE TELL_ONE("$11") PUT_ONE,
	[PG_CREATE_TOLD] = CREATE_ONE TELL_ONE("$12") PUT_ONE,

	/*
	 * Parcels, sorted by name: $1 collections, $2 ids, $3 base_vs, $4
	 * numbers of ops, $5 types after, $13 lags.  Ops: $6 of which parcel
	 * (from 1), $7 versions, $8 kinds, $9 seqs, $10 srcs, $11 bodies, $12
	 * authors.
	 */
	[PG_COMMIT] =
	"WITH parcel AS MATERIALIZED (SELECT * FROM unnest("
	"  $1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[],"
	"  $13::smallint[]) WITH ORDINALITY"
	"  AS p (collection, id, base_v, n, type, lag, i)),"
	PARCELS_PUT("", "", "")
	PARCELS_REFUSED,

	/*
	 * The same, and $14 the content, of those whose lag is 0.  Who writes
	 * content holds its document's row, so nobody waits here.
	 */
	[PG_COMMIT_CONTENT] =
	"WITH parcel AS MATERIALIZED (SELECT * FROM unnest("
	"  $1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[],"
	"  $13::smallint[], $14::text[])"
	"  WITH ORDINALITY"
	"  AS p (collection, id, base_v, n, type, lag, content, i)),"
	PARCELS_PUT("", "", "") ","
	CONTENT_PUT
	PARCELS_REFUSED,

	/*
	 * The same, and $15 whether it is created, $16 owners, $17 kinds of
	 * event, null for none.  Grants of what was created anew are void; who
	 * creates anything holds the document's row, and grants wait for
	 * nobody else.
	 */
	[PG_COMMIT_ALL] =
	"WITH parcel AS MATERIALIZED (SELECT * FROM unnest("
	"  $1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[],"
	"  $13::smallint[], $14::text[], $15::smallint[], $16::text[],"
	"  $17::text[]) WITH ORDINALITY AS p (collection, id, base_v, n, type,"
	"  lag, content, is_created, owner, event, i)),"
	PARCELS_PUT(", owner", ", owner",
	    ", owner = CASE p.is_created WHEN 1 THEN p.owner ELSE d.owner END")
	","
	CONTENT_PUT ","
	" ungranted AS (DELETE FROM otd.access_grant AS g"
	"  USING taken AS t JOIN parcel AS p ON p.i = t.i"
	"  WHERE p.is_created = 1 AND p.base_v > 0"
	"  AND g.collection = p.collection AND g.id = p.id),"
	" told AS (INSERT INTO otd.event"
	"  (at, collection, id, from_v, to_v, kind)"
	"  SELECT t.updated_at, p.collection, p.id, p.base_v, p.base_v + p.n,"
	"  p.event FROM taken AS t JOIN parcel AS p ON p.i = t.i"
	"  WHERE p.event IS NOT NULL ORDER BY p.i)"
	PARCELS_REFUSED,

	/*
	 * $1 to $12 the same; $13 when each op was stored, in milliseconds; of
	 * parcels $14 lags, $15 content, $16 owners, and when $17 the first
	 * and $18 the last of their ops was stored.
	 */
	[PG_COMMIT_PAST] =
	"WITH parcel AS MATERIALIZED (SELECT * FROM unnest("
	"  $1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[],"
	"  $14::smallint[], $15::text[], $16::text[], $17::bigint[],"
	"  $18::bigint[]) WITH ORDINALITY AS p (collection, id, base_v, n, type,"
	"  lag, content, owner, first, last, i)),"
	PARCELS_TAKEN(", owner, created_at, updated_at",
	    ", owner, " TIME("first") ", " TIME("last"),
	    "greatest(d.updated_at, " TIME("p.last") ")",
	    ", owner = coalesce(p.owner, d.owner)")
	OPS_PUT(TIME("o.at"), ", $13::bigint[]", ", at") ","
	CONTENT_PUT
	PARCELS_REFUSED,

	/* $1 collections, $2 ids, $3 base_vs. */
	[PG_MISSED] =
	"SELECT p.i, d.version, " OP
	" FROM unnest($1::text[], $2::text[], $3::bigint[])"
	" WITH ORDINALITY AS p (collection, id, base_v, i)"
	MISSED,

	/*
	 * $1 collections, $2 ids.  One statement, one snapshot: head,
	 * checkpoint and ops agree.  For each document that ever was, first a
	 * row without kind: head version, version of the checkpoint, its type
	 * and body, content_lag, horizon; then the ops.
	 */
	[PG_LOAD] =
	"SELECT p.i, o.* FROM unnest($1::text[], $2::text[])"
	" WITH ORDINALITY AS p (collection, id, i)"
	" CROSS JOIN LATERAL (SELECT q.doc_pk, q.version, q.content_lag, "
	HORIZON("q") " AS horizon FROM otd.document AS q"
	"  WHERE collection = p.collection AND id = p.id LIMIT 1) AS d"
	" LEFT JOIN LATERAL (SELECT version, type, body FROM otd.snapshot"
	"  WHERE doc_pk = d.doc_pk AND version <= d.version"
	"  ORDER BY version DESC LIMIT 1) AS s ON true"
	" CROSS JOIN LATERAL ("
	"  SELECT NULL::smallint, d.version, s.version, s.type, s.body,"
	"   d.content_lag, d.horizon"
	"  UNION ALL (SELECT " OP ", NULL, NULL FROM otd.operation AS o"
	"   WHERE doc_pk = d.doc_pk AND version >= coalesce(s.version, 0)"
	"   AND version < d.version ORDER BY version)"
	" ) AS o",

	/*
	 * $1 collection, $2 id, $3 version or null, $4 milliseconds since 1970
	 * if that is null, $5 from or null, $6 how many ops.  First, of a
	 * document that ever was, a row without kind: head version, version
	 * found, horizon.  Then, if from is null and there is one, the checkpoint, a
	 * row without kind and seq: its version, type, body; then the ops.
	 *
	 * search halves the ops [low, high): those below low were stored in
	 * time, those from high on later.  (OFFSET 0: looked up once a step,
	 * not once a column.)
	 */
	[PG_HISTORY] =
	"WITH RECURSIVE d AS MATERIALIZED (SELECT doc_pk, version"
	"  FROM otd.document WHERE collection = $1 AND id = $2),"
	" search (low, high) AS ("
	"  SELECT 0::bigint, version FROM d WHERE $3::bigint IS NULL"
	"  UNION ALL SELECT CASE WHEN later THEN low ELSE middle + 1 END,"
	"  CASE WHEN later THEN middle ELSE high END"
	"  FROM (SELECT low, high, low + (high - low) / 2 AS middle"
	"   FROM search WHERE low < high) AS s"
	"  CROSS JOIN LATERAL (SELECT coalesce((SELECT o.created_at >="
	"   to_timestamp(0) + ($4::bigint + 1) * interval '1 millisecond'"
	"   FROM otd.operation AS o WHERE o.doc_pk = (SELECT doc_pk FROM d)"
	"   AND o.version = s.middle), false) AS later OFFSET 0) AS o),"
	" wanted AS MATERIALIZED (SELECT doc_pk, version AS head, coalesce("
	"  $3::bigint, (SELECT low FROM search WHERE low = high)) AS v FROM d),"
	" shot AS MATERIALIZED (SELECT s.version, s.type, s.body"
	"  FROM wanted AS w CROSS JOIN LATERAL (SELECT version, type, body"
	"   FROM otd.snapshot WHERE doc_pk = w.doc_pk AND version <= w.v"
	"   ORDER BY version DESC LIMIT 1) AS s"
	"  WHERE $5::bigint IS NULL AND w.v <= w.head),"
	" start AS MATERIALIZED (SELECT coalesce($5::bigint,"
	"  (SELECT version FROM shot), 0) AS v)"
	" SELECT NULL::smallint, head, v, (" HORIZON("w") ")::text, NULL"
	"  FROM wanted AS w"
	" UNION ALL SELECT NULL, version, NULL, type, body FROM shot"
	" UNION ALL (SELECT " OP " FROM otd.operation AS o"
	"  WHERE doc_pk = (SELECT doc_pk FROM wanted WHERE v <= head)"
	"  AND version >= (SELECT v FROM start)"
	"  AND version < least((SELECT v FROM wanted),"
	"   (SELECT v FROM start) + $6::bigint) ORDER BY version)",

	/*
	 * $1 collection, $2 id, $3 from, $4 to.  First a row without kind:
	 * head version; then the ops, from the horizon on.
	 */
	[PG_OPS] =
	"WITH d AS MATERIALIZED (SELECT p.doc_pk, p.version,"
	"  greatest($3::bigint, " HORIZON("p") ") AS start"
	"  FROM otd.document AS p WHERE collection = $1 AND id = $2)"
	" SELECT NULL::smallint, version, NULL::bigint, NULL, NULL FROM d"
	" UNION ALL (SELECT " OP
	" FROM otd.operation AS o WHERE doc_pk = (SELECT doc_pk FROM d)"
	" AND version >= (SELECT start FROM d) AND version < $4::bigint"
	" ORDER BY version)",

	/* $1 collection, $2 id, $3 src, $4 seq; "kind = 1" uses the index. */
	[PG_CREATED] =
	"SELECT version FROM otd.operation"
	" WHERE src = $3 AND seq = $4::bigint AND kind = 1"
	" AND doc_pk = (SELECT doc_pk FROM otd.document"
	" WHERE collection = $1 AND id = $2)"
	" ORDER BY version DESC LIMIT 1",

	/*
	 * $1 collection, $2 id, $3 version, $4 type, $5 body, $6 kept.
	 * Nothing is put when a newer one is there already, unless this one
	 * stays; older ones that need not stay go.  Nor below the horizon, and
	 * where the log begins anew: it may be of ops that are not in the log
	 * any more.
	 */
	[PG_CHECKPOINT] =
	"WITH d AS (SELECT p.doc_pk FROM otd.document AS p"
	"  WHERE collection = $1 AND id = $2 AND version >= $3::bigint"
	"  AND NOT EXISTS (SELECT FROM otd.log_horizon AS h"
	"   WHERE h.doc_pk = p.doc_pk"
	"   AND (h.horizon > $3::bigint OR h.begins = $3::bigint))),"
	" put AS (INSERT INTO otd.snapshot AS s"
	"  (doc_pk, version, type, body, kept)"
	"  SELECT doc_pk, $3::bigint, $4, $5, $6::boolean FROM d"
	"  WHERE $6::boolean OR NOT EXISTS (SELECT FROM otd.snapshot AS newer"
	"  WHERE newer.doc_pk = d.doc_pk AND newer.version > $3::bigint)"
	"  ON CONFLICT (doc_pk, version) DO UPDATE SET kept = true"
	"  WHERE excluded.kept AND NOT s.kept)"
	" DELETE FROM otd.snapshot WHERE doc_pk = (SELECT doc_pk FROM d)"
	" AND version < $3::bigint AND NOT kept",

	/*
	 * $1 collection, $2 id, $3 version, $4 type, $5 body, $6 owner, $7 when
	 * in milliseconds, $8 does the content go along.  A row when it was
	 * not there.
	 */
	[PG_PLACE] =
	"WITH d AS (INSERT INTO otd.document"
	"  (collection, id, version, type, owner, created_at, updated_at)"
	"  VALUES ($1, $2, $3::bigint, $4, $6, " TIME("$7::bigint") ", "
	TIME("$7::bigint") ") ON CONFLICT (collection, id) DO NOTHING"
	"  RETURNING doc_pk, collection, id, version, type, updated_at),"
	" known AS (INSERT INTO otd.content AS c"
	"  (collection, id, version, type, body)"
	"  SELECT collection, id, version, type, $5 FROM d"
	"  WHERE $8::boolean AND type IS NOT NULL"
	"  ON CONFLICT (collection, id) DO UPDATE SET"
	"  version = excluded.version, type = excluded.type,"
	"  body = excluded.body)"
	" INSERT INTO otd.snapshot (doc_pk, version, created_at, kept, type,"
	"  body) SELECT doc_pk, version, updated_at, true, type, $5 FROM d"
	" RETURNING version",

	/* $1 collections, $2 ids; a row for each, in order. */
	[PG_VERSIONS] =
	"SELECT d.version FROM unnest($1::text[], $2::text[])"
	" WITH ORDINALITY AS p (collection, id, i)"
	" LEFT JOIN LATERAL (SELECT version FROM otd.document"
	"  WHERE collection = p.collection AND id = p.id LIMIT 1) AS d ON true"
	" ORDER BY p.i",

	/*
	 * $1 collection, $2 the id after which, $3 how many: documents whose
	 * content is not written down, or old, or should not be there.
	 */
	[PG_LACKING] =
	"SELECT d.id FROM otd.document AS d LEFT JOIN otd.content AS c"
	" ON c.collection = d.collection AND c.id = d.id"
	" WHERE d.collection = $1 AND d.id > $2 AND CASE WHEN d.type IS NULL"
	" THEN c.id IS NOT NULL ELSE c.id IS NULL OR c.version < d.version END"
	" ORDER BY d.id LIMIT $3::bigint",

	/* $1 collection, $2 id, $3 version, $4 type, $5 body; as in commits. */
	[PG_CONTENT] =
	"WITH taken AS (UPDATE otd.document SET content_lag = 0"
	"  WHERE collection = $1 AND id = $2 AND version = $3::bigint"
	"  AND type IS NOT NULL RETURNING version)"
	" INSERT INTO otd.content AS c (collection, id, version, type, body)"
	" SELECT $1, $2, version, $4, $5 FROM taken"
	" ON CONFLICT (collection, id) DO UPDATE SET"
	" version = excluded.version, type = excluded.type,"
	" body = excluded.body WHERE c.version < excluded.version",

	/* $1 collection, $2 id: of a deleted document. */
	[PG_CONTENT_GONE] =
	"DELETE FROM otd.content AS c USING otd.document AS d"
	" WHERE c.collection = $1 AND c.id = $2 AND d.collection = $1"
	" AND d.id = $2 AND d.type IS NULL AND c.version < d.version",

	/*
	 * $1 collection, $2 id, $3 was, $4 from, $5 to, $6 empty, $7 body, $8
	 * is there a snapshot, $9 is it kept, $10 its type, $11 its body.
	 * How many horizons moved, how many bodies changed.
	 *
	 * Who compacts, names (ROWS_NAME_PUT) or erases writes the document's
	 * row first of all: they take turns, in no circle.  One that waited
	 * would still go by what it saw before, of names and horizons; so it
	 * does nothing when the row is not the one it saw (its xmin), and
	 * whoever asked asks again.
	 */
	[PG_COMPACT] =
	"WITH d AS (UPDATE otd.document AS p SET version = version"
	"  WHERE collection = $1 AND id = $2 AND version >= $5::bigint"
	"  AND xmin = (SELECT q.xmin FROM otd.document AS q"
	"   WHERE q.collection = $1 AND q.id = $2)"
	"  AND NOT EXISTS (SELECT FROM otd.named_version AS n"
	"   WHERE n.doc_pk = p.doc_pk AND n.version > $4::bigint"
	"   AND n.version < $5::bigint) RETURNING doc_pk),"
	" moved AS (INSERT INTO otd.log_horizon AS h (doc_pk, horizon)"
	"  SELECT doc_pk, $5::bigint FROM d"
	"  WHERE $3::bigint = 0 OR EXISTS (SELECT FROM otd.log_horizon AS l"
	"   WHERE l.doc_pk = d.doc_pk)"
	"  ON CONFLICT (doc_pk) DO UPDATE SET horizon = excluded.horizon,"
	"  at = excluded.at WHERE h.horizon = $3::bigint RETURNING doc_pk),"
	" thinned AS (UPDATE otd.operation AS o SET body ="
	"  CASE version WHEN $5::bigint - 1 THEN $7 ELSE $6 END FROM moved AS m"
	"  WHERE o.doc_pk = m.doc_pk AND version >= $4::bigint"
	"  AND version < $5::bigint AND kind = 0"
	"  AND body <> CASE version WHEN $5::bigint - 1 THEN $7 ELSE $6 END"
	"  RETURNING version),"
	" dropped AS (DELETE FROM otd.snapshot AS s USING moved AS m"
	"  WHERE s.doc_pk = m.doc_pk AND version > $4::bigint"
	"  AND version < $5::bigint),"
	" put AS (INSERT INTO otd.snapshot AS s"
	"  (doc_pk, version, kept, type, body)"
	"  SELECT doc_pk, $5::bigint, $9::boolean, $10, $11 FROM moved"
	"  WHERE $8::boolean ON CONFLICT (doc_pk, version)"
	"  DO UPDATE SET kept = true WHERE excluded.kept AND NOT s.kept)"
	" SELECT (SELECT count(*) FROM moved), (SELECT count(*) FROM thinned)",

	/*
	 * $1 collection, $2 id, $3 src, $4 by, $5 reason, $6 is word left of
	 * the deletion in the outbox.  The version afterwards, how many ops,
	 * snapshots and events are gone.  An op that
	 * is committed while this waits for the row of its document is not
	 * seen by it: who must be sure looks, and does it again.
	 */
	[PG_ERASE] =
	"WITH d AS (UPDATE otd.document SET version = version + 1,"
	"  type = NULL, owner = NULL, content_lag = 0, updated_at = " LATER
	"  WHERE collection = $1 AND id = $2"
	"  RETURNING doc_pk, version, updated_at),"
	" begun AS (INSERT INTO otd.log_horizon (doc_pk, horizon, begins)"
	"  SELECT doc_pk, version - 1, version - 1 FROM d"
	"  ON CONFLICT (doc_pk) DO UPDATE SET horizon = excluded.horizon,"
	"  begins = excluded.begins, at = excluded.at),"
	" ops AS (DELETE FROM otd.operation AS o USING d"
	"  WHERE o.doc_pk = d.doc_pk RETURNING 1),"
	" put AS (INSERT INTO otd.operation"
	"  (doc_pk, created_at, version, kind, seq, src)"
	"  SELECT doc_pk, updated_at, version - 1, 2, 1, $3 FROM d),"
	" shots AS (DELETE FROM otd.snapshot AS s USING d"
	"  WHERE s.doc_pk = d.doc_pk RETURNING 1),"
	" shot AS (INSERT INTO otd.snapshot (doc_pk, version, kept)"
	"  SELECT doc_pk, version, true FROM d),"
	" names AS (DELETE FROM otd.named_version AS n USING d"
	"  WHERE n.doc_pk = d.doc_pk),"
	" content AS (DELETE FROM otd.content"
	"  WHERE collection = $1 AND id = $2 AND EXISTS (SELECT FROM d)),"
	" events AS (DELETE FROM otd.event WHERE collection = $1 AND id = $2"
	"  AND EXISTS (SELECT FROM d) RETURNING 1),"
	" word AS (INSERT INTO otd.event"
	"  (at, collection, id, from_v, to_v, kind)"
	"  SELECT updated_at, $1, $2, version - 1, version, 'deleted' FROM d"
	"  WHERE $6::boolean),"
	" grants AS (DELETE FROM otd.access_grant"
	"  WHERE collection = $1 AND id = $2 AND EXISTS (SELECT FROM d)),"
	" onces AS (DELETE FROM otd.once"
	"  WHERE collection = $1 AND id = $2 AND EXISTS (SELECT FROM d)),"
	" dead AS (DELETE FROM otd.hook_dead"
	"  WHERE collection = $1 AND id = $2 AND EXISTS (SELECT FROM d)),"
	" done AS (SELECT version, (SELECT count(*) FROM ops) AS operations,"
	"  (SELECT count(*) FROM shots) AS snapshots,"
	"  (SELECT count(*) FROM events) AS events FROM d),"
	" told AS (INSERT INTO otd.erasure (version, operations, snapshots,"
	"  events, collection, id, erased_by, reason)"
	"  SELECT version, operations, snapshots, events, $1, $2, $4, $5"
	"  FROM done)"
	" SELECT version, operations, snapshots, events FROM done",
};

const char *
pg_sql_name(unsigned statement)
{
	return statement < PG_SQL_N ? pg_sql_names[statement] :
	    rows_sql((enum rows_what)(statement - PG_ROWS))->name;
}

const char *
pg_sql_text(unsigned statement)
{
	return statement < PG_SQL_N ? pg_sql_texts[statement] :
	    rows_sql((enum rows_what)(statement - PG_ROWS))->pg;
}
