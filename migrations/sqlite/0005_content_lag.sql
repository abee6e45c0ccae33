-- Content for queries is written a while after edits, many at a time; documents
-- say when theirs is old.
--
-- Locks: an IMMEDIATE transaction; nobody else has the database open.
-- Duration: that of writing the rows of documents anew.

ALTER TABLE document RENAME TO document_before;

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
	owner		TEXT,			-- subject of who created it; NULL: nobody's
	content_lag	INTEGER NOT NULL DEFAULT 0 CHECK (content_lag BETWEEN 0 AND 2), -- content is older: 1: finds have it written first, 2: long
	UNIQUE (collection, id)
) STRICT;

-- Of long ones the content was not always written yet.
INSERT INTO document (doc_pk, collection, id, version, type, created_at,
	updated_at, owner, content_lag)
SELECT d.doc_pk, d.collection, d.id, d.version, d.type, d.created_at,
	d.updated_at, d.owner,
	CASE WHEN c.version < d.version AND length(c.body) > 32768 THEN 2 ELSE 0 END
FROM document_before AS d LEFT JOIN content AS c
	ON c.collection = d.collection AND c.id = d.id ORDER BY d.doc_pk;

DROP TABLE document_before;

-- What is somebody's: for queries.
CREATE INDEX document_owner ON document (owner, collection) WHERE owner IS NOT NULL;

-- What a find has written down before it looks.
CREATE INDEX document_content_due ON document (collection, id) WHERE content_lag = 1;

CREATE TRIGGER owner_changed AFTER UPDATE OF owner ON document
WHEN old.owner IS NOT new.owner BEGIN
	INSERT INTO access_change (kind, collection, id, subject)
	VALUES ('grant', new.collection, new.id, new.owner);
END;
