-- Content for queries is written a while after edits, many at a time; documents
-- say when theirs is old.
--
-- Locks: ACCESS EXCLUSIVE on otd.document, until the end.
-- Duration: that of reading the documents of collections with queries once.

ALTER TABLE otd.document ADD COLUMN content_lag smallint NOT NULL DEFAULT 0;
ALTER TABLE otd.document ADD CONSTRAINT document_content_lag_check
	CHECK (content_lag BETWEEN 0 AND 2);
COMMENT ON COLUMN otd.document.content_lag IS
'does otd.content show an older version? 0: no, or nobody writes it; 1: yes, and finds have it written first; 2: yes, the document is long';

-- Long documents whose content was not written yet.
UPDATE otd.document AS d SET content_lag = 2 FROM otd.content AS c
	WHERE c.collection = d.collection AND c.id = d.id
	AND c.version < d.version AND octet_length(c.body) > 32768;

CREATE INDEX document_content_due ON otd.document (collection, id) WHERE content_lag = 1;
COMMENT ON INDEX otd.document_content_due IS
'what a find has written down before it looks; the column changes when editing begins and when the content is written, not with each edit, so that edits stay HOT';

COMMENT ON TABLE otd.content IS
'present content of the documents in collections with queries, written soon after their edits; deleted documents have no row. No index of ours is on what changes, so that an edit can update its row in place (HOT). For filters that are equalities: CREATE INDEX ON otd.content USING gin (data jsonb_path_ops)';
COMMENT ON COLUMN otd.content.version IS 'operations that it contains: document.version, unless document.content_lag says otherwise or somebody wrote with queries switched off';
