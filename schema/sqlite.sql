-- The embedded database (SQLite) as it is now.  Not run by anybody: tests compare
-- it with what migrations/sqlite makes.

-- A collaborative document, live or deleted.  Narrow: an edit rewrites one
-- of these rows, never the content.
CREATE TABLE document (
	doc_pk		INTEGER PRIMARY KEY,
	collection	TEXT NOT NULL,
	id		TEXT NOT NULL,		-- unique within its collection
	version		INTEGER NOT NULL CHECK (version > 0), -- operations so far; stays when deleted
	type		TEXT,			-- URI of its OT type; NULL: deleted
	created_at	INTEGER NOT NULL,	-- milliseconds since 1970, UTC
	updated_at	INTEGER NOT NULL,	-- of the newest operation
	UNIQUE (collection, id)
) STRICT;

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

-- Was this create sent before?  A repeated create may meet a document whose
-- history has long moved on.
CREATE INDEX operation_create ON operation (src, seq) WHERE kind = 1;

-- Content of documents at some versions, from which a load replays.
CREATE TABLE snapshot (
	doc_pk		INTEGER NOT NULL,
	version		INTEGER NOT NULL CHECK (version > 0),
	type		TEXT,			-- URI; NULL: did not exist at this version
	body		TEXT,			-- JSON, lossless; NULL: undefined
	created_at	INTEGER NOT NULL,	-- milliseconds since 1970, UTC
	kept		INTEGER NOT NULL DEFAULT 0 CHECK (kept IN (0, 1)), -- 1: a milestone, stays
	PRIMARY KEY (doc_pk, version)
) STRICT;

-- What the next snapshot replaces, found without a look at those that stay.
CREATE INDEX snapshot_passing ON snapshot (doc_pk, version) WHERE kept = 0;

-- Present content; deleted documents have no row.
CREATE TABLE content (
	collection	TEXT NOT NULL,
	id		TEXT NOT NULL,		-- unique within its collection
	version		INTEGER NOT NULL CHECK (version > 0), -- operations that it contains
	type		TEXT NOT NULL,		-- URI of its OT type
	body		TEXT,			-- JSON, lossless; NULL: undefined
	PRIMARY KEY (collection, id)
) STRICT;

-- Facts about the database as a whole: one row.
CREATE TABLE meta (
	one_row		INTEGER PRIMARY KEY CHECK (one_row = 1),
	schema_version	INTEGER NOT NULL,	-- number of the newest migration applied
	epoch		TEXT NOT NULL,		-- changes when the database was restored from a backup
	created_at	INTEGER NOT NULL	-- milliseconds since 1970, UTC
) STRICT;

-- How the database became what it is; written by "otd migrate".
CREATE TABLE migration (
	number		INTEGER PRIMARY KEY,
	name		TEXT NOT NULL,
	checksum	TEXT NOT NULL,		-- SHA-256 of the file, hexadecimal
	applied_at	INTEGER NOT NULL	-- milliseconds since 1970, UTC
) STRICT;
