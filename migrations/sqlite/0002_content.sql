-- The present content of documents in collections that may be queried, in a
-- table of its own: one row a document, found by collection, and written by
-- commits to such collections alone.
--
-- Locks: an IMMEDIATE transaction; nobody else has the database open.
-- Duration: that of writing the snapshots anew, since a column that was never
-- used goes.

-- Present content; deleted documents have no row.
CREATE TABLE content (
	collection	TEXT NOT NULL,
	id		TEXT NOT NULL,		-- unique within its collection
	version		INTEGER NOT NULL CHECK (version > 0), -- operations that it contains
	type		TEXT NOT NULL,		-- URI of its OT type
	body		TEXT,			-- JSON, lossless; NULL: undefined
	PRIMARY KEY (collection, id)
) STRICT;

ALTER TABLE snapshot DROP COLUMN data;
