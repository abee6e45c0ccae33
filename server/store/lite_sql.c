#include "store/lite_sql.h"

const char *const lite_sql_texts[LITE_SQL_N] = {
	[LITE_BEGIN_READ] = "BEGIN",
	[LITE_BEGIN_WRITE] = "BEGIN IMMEDIATE",
	[LITE_COMMIT] = "COMMIT",
	[LITE_ROLLBACK] = "ROLLBACK",

	[LITE_FIND] =
	"SELECT doc_pk, version, updated_at, content_lag FROM document"
	" WHERE collection = ?1 AND id = ?2",

	[LITE_CREATE] =
	"INSERT INTO document (collection, id, version, type, created_at,"
	" updated_at, owner, content_lag) VALUES (?1, ?2, ?3, ?4, ?5, ?8, ?6, ?7)",

	[LITE_MOVE] =
	"UPDATE document SET version = ?2, type = ?3, updated_at = ?4"
	" WHERE doc_pk = ?1",

	[LITE_LAG] =
	"UPDATE document SET content_lag = ?2 WHERE doc_pk = ?1",

	[LITE_OWN] =
	"UPDATE document SET owner = ?2 WHERE doc_pk = ?1",

	[LITE_DROP_GRANTS] =
	"DELETE FROM access_grant WHERE collection = ?1 AND id = ?2",

	[LITE_PUT_EVENT] =
	"INSERT INTO event (collection, id, from_v, to_v, kind, at)"
	" VALUES (?1, ?2, ?3, ?4, ?5, ?6)",

	[LITE_PUT_OP] =			/* a place that is no number is refused */
	"INSERT INTO operation (place, src, seq, kind, body, created_at, author)"
	" VALUES (CASE WHEN ?2 < 4294967296 THEN (?1 << 32) + ?2"
	" ELSE 'too many' END, ?3, ?4, ?5, ?6, ?7, ?8)",

	[LITE_GET_OPS] =
	"SELECT kind, version, src, seq, body FROM operation"
	" WHERE place >= (?1 << 32) + min(?2, 4294967296)"
	" AND place < (?1 << 32) + min(?3, 4294967296) ORDER BY place",

	[LITE_GET_TIME] =
	"SELECT created_at FROM operation WHERE place = (?1 << 32) + ?2",

	[LITE_GET_SNAPSHOT] =
	"SELECT version, type, body FROM snapshot"
	" WHERE doc_pk = ?1 AND version <= ?2"
	" ORDER BY version DESC LIMIT 1",

	[LITE_GET_CREATED] =		/* operation_create answers it */
	"SELECT version FROM operation"
	" WHERE src = ?1 AND seq = ?2 AND kind = 1"
	" AND place >= ?3 << 32 AND place < (?3 + 1) << 32"
	" ORDER BY place DESC LIMIT 1",

	/* Nothing when a newer one is there already, unless this one stays. */
	[LITE_PUT_SNAPSHOT] =
	"INSERT INTO snapshot (doc_pk, version, type, body, kept, created_at)"
	" SELECT doc_pk, ?2, ?3, ?4, ?5, ?6 FROM document AS d"
	" WHERE doc_pk = ?1 AND version >= ?2 AND (?5 OR NOT EXISTS"
	" (SELECT 1 FROM snapshot WHERE doc_pk = d.doc_pk AND version > ?2))"
	" ON CONFLICT (doc_pk, version)"
	" DO UPDATE SET kept = max(kept, excluded.kept)",

	/* What the newest makes needless. */
	[LITE_DROP_SNAPSHOTS] =
	"DELETE FROM snapshot WHERE doc_pk = ?1 AND kept = 0 AND version <"
	" (SELECT max(version) FROM snapshot WHERE doc_pk = ?1)",

	[LITE_PUT_CONTENT] =
	"INSERT INTO content (collection, id, version, type, body)"
	" VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (collection, id) DO UPDATE"
	" SET version = excluded.version, type = excluded.type,"
	" body = excluded.body WHERE version < excluded.version",

	[LITE_DROP_CONTENT] =
	"DELETE FROM content WHERE collection = ?1 AND id = ?2",

	[LITE_LACKING] =		/* as in pg_sql.c */
	"SELECT d.id FROM document AS d LEFT JOIN content AS c"
	" ON c.collection = d.collection AND c.id = d.id"
	" WHERE d.collection = ?1 AND d.id > ?2 AND CASE WHEN d.type IS NULL"
	" THEN c.id IS NOT NULL ELSE c.id IS NULL OR c.version < d.version END"
	" ORDER BY d.id LIMIT ?3",

	[LITE_GET_HORIZON] =
	"SELECT horizon, begins FROM log_horizon WHERE doc_pk = ?1",

	[LITE_PUT_HORIZON] =
	"INSERT INTO log_horizon (doc_pk, horizon, begins) VALUES (?1, ?2, ?3)"
	" ON CONFLICT (doc_pk) DO UPDATE SET horizon = excluded.horizon,"
	" begins = max(begins, excluded.begins), at = excluded.at",

	[LITE_NAMED_INSIDE] =
	"SELECT 1 FROM named_version"
	" WHERE doc_pk = ?1 AND version > ?2 AND version < ?3 LIMIT 1",

	[LITE_THIN] =
	"UPDATE operation"
	" SET body = CASE version WHEN ?3 - 1 THEN ?5 ELSE ?4 END"
	" WHERE place >= (?1 << 32) + ?2 AND place < (?1 << 32) + ?3"
	" AND kind = 0"
	" AND body <> CASE version WHEN ?3 - 1 THEN ?5 ELSE ?4 END",

	[LITE_DROP_INSIDE] =
	"DELETE FROM snapshot"
	" WHERE doc_pk = ?1 AND version > ?2 AND version < ?3",

	[LITE_KEEP_SNAPSHOT] =
	"INSERT INTO snapshot (doc_pk, version, type, body, kept, created_at)"
	" VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (doc_pk, version)"
	" DO UPDATE SET kept = max(kept, excluded.kept)",

	[LITE_ERASED] =
	"UPDATE document SET version = version + 1, type = NULL, owner = NULL,"
	" content_lag = 0, updated_at = ?2 WHERE doc_pk = ?1",

	[LITE_DROP_OPS] =
	"DELETE FROM operation"
	" WHERE place >= ?1 << 32 AND place < (?1 + 1) << 32",

	[LITE_DROP_ALL_SNAPSHOTS] =
	"DELETE FROM snapshot WHERE doc_pk = ?1",

	[LITE_DROP_NAMES] =
	"DELETE FROM named_version WHERE doc_pk = ?1",

	[LITE_DROP_EVENTS] =
	"DELETE FROM event WHERE collection = ?1 AND id = ?2",

	[LITE_EVENT_HORIZON] =
	"SELECT serial FROM event_horizon",

	[LITE_SET_EVENT_HORIZON] =
	"UPDATE event_horizon SET serial = ?1",

	[LITE_DROP_ONCE] =
	"DELETE FROM once WHERE collection = ?1 AND id = ?2",

	[LITE_DROP_DEAD] =
	"DELETE FROM hook_dead WHERE collection = ?1 AND id = ?2",

	[LITE_PUT_ERASURE] =
	"INSERT INTO erasure (collection, id, version, operations, snapshots,"
	" events, erased_by, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
};
