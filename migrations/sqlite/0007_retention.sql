-- Old operations may be compacted, versions named, documents erased.
--
-- Locks: an IMMEDIATE transaction; nobody else has the database open.
-- Duration: none to speak of.

-- Up to where the operations of a document are no longer those that were sent;
-- documents that were never compacted and never erased have no row.
CREATE TABLE log_horizon (
	doc_pk		INTEGER PRIMARY KEY,	-- whose operations
	horizon		INTEGER NOT NULL,	-- below it one operation stands for many, and the others are empty
	begins		INTEGER NOT NULL DEFAULT 0 CHECK (begins BETWEEN 0 AND horizon), -- below it there are none: erased; 0: not so
	at		INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))
) STRICT;

-- Versions of documents that somebody gave a name to: compaction keeps each
-- exactly as it was.
CREATE TABLE named_version (
	doc_pk		INTEGER NOT NULL,
	version		INTEGER NOT NULL CHECK (version > 0), -- operations that it contains
	name		TEXT NOT NULL,		-- unique within the document
	created_at	INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)),
	named_by	TEXT,			-- NULL: not said
	PRIMARY KEY (doc_pk, name)
) STRICT;

-- That a document was erased for good: what stays of it, beside its name and
-- version; never changed.
CREATE TABLE erasure (
	serial		INTEGER PRIMARY KEY AUTOINCREMENT,
	at		INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)),
	collection	TEXT NOT NULL,
	id		TEXT NOT NULL,
	version		INTEGER NOT NULL,	-- of the document afterwards, when it does not exist
	operations	INTEGER NOT NULL,	-- how many were erased
	snapshots	INTEGER NOT NULL,
	events		INTEGER NOT NULL,
	erased_by	TEXT NOT NULL,
	reason		TEXT NOT NULL
) STRICT;
