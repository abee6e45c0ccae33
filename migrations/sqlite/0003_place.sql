-- Operations are found by one number.  By two columns and without a rowid
-- SQLite compared whole rows, and an insert read all of a long one that it
-- passed: the create of the next document, of ten megabytes maybe.
--
-- Locks: an IMMEDIATE transaction; nobody else has the database open.
-- Duration: that of writing all operations anew.

ALTER TABLE operation RENAME TO operation_before;

-- Every operation of every document, gapless per document.  Bodies are JSON
-- text as otd printed it, never parsed by the database, so that key order,
-- escapes of lone surrogates and of U+0000 come back as they went in.
-- Found by place: one page is written per operation, and a load reads
-- neighbours; of the rows that a search passes it reads the place only.
CREATE TABLE operation (
	place		INTEGER PRIMARY KEY,	-- doc_pk << 32 | version
	doc_pk		INTEGER NOT NULL AS (place >> 32),
	version		INTEGER NOT NULL AS (place & 4294967295), -- the version it was applied to ("v" on the wire)
	src		TEXT NOT NULL,		-- who sent it; with seq names it for ever
	seq		INTEGER NOT NULL,
	kind		INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 2), -- 0 edit, 1 create, 2 delete
	created_at	INTEGER NOT NULL,	-- milliseconds since 1970, UTC
	author		TEXT,			-- principal; NULL: not known
	body		TEXT CHECK ((body IS NULL) = (kind = 2)) -- JSON; NULL for a delete
) STRICT;

INSERT INTO operation (place, src, seq, kind, created_at, author, body)
SELECT (doc_pk << 32) + version, src, seq, kind, created_at, author, body
FROM operation_before ORDER BY doc_pk, version;

DROP TABLE operation_before;

-- Was this create sent before?  A repeated create may meet a document whose
-- history has long moved on.
CREATE INDEX operation_create ON operation (src, seq) WHERE kind = 1;

-- What the next snapshot replaces, found without a look at those that stay.
CREATE INDEX snapshot_passing ON snapshot (doc_pk, version) WHERE kept = 0;
