-- The present content of documents in collections that may be queried, in a
-- table of its own: one row a document, found by collection, and written by
-- commits to such collections alone.
--
-- Locks: ACCESS EXCLUSIVE on otd.snapshot, for a moment: a column that was
-- never used goes from the catalog, no row is touched.
-- Duration: milliseconds.

CREATE TABLE otd.content (
	version		bigint NOT NULL,
	odd		boolean NOT NULL GENERATED ALWAYS AS (body IS NOT NULL AND
		(octet_length(body) > 16777216 OR strpos(body, '\u0000') > 0 OR
		strpos(body, '\ud') > 0)) STORED,
	collection	text COLLATE "C" NOT NULL,
	id		text COLLATE "C" NOT NULL,
	type		text COLLATE "C" NOT NULL,
	body		text COLLATE "C",
	data		jsonb GENERATED ALWAYS AS (CASE
		WHEN body IS NULL THEN '{}'::jsonb
		WHEN octet_length(body) > 16777216 OR strpos(body, '\u0000') > 0 OR
			strpos(body, '\ud') > 0 THEN NULL
		WHEN left(body, 1) = '{' THEN body::jsonb
		ELSE ('{"_data":' || body || '}')::jsonb
		END) STORED,
	CONSTRAINT content_pkey PRIMARY KEY (collection, id),
	CONSTRAINT content_version_check CHECK (version > 0)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
COMMENT ON TABLE otd.content IS
'present content of the documents in collections with queries, written with the commit; deleted documents have no row. No index of ours is on what changes, so that an edit can update its row in place (HOT). For filters that are equalities: CREATE INDEX ON otd.content USING gin (data jsonb_path_ops)';
COMMENT ON COLUMN otd.content.version IS 'operations that it contains: document.version, unless somebody wrote with queries switched off';
COMMENT ON COLUMN otd.content.odd IS
'jsonb cannot hold the body (U+0000, lone surrogates, or it is over 16 MB and might grow too large): every find looks at the body itself';
COMMENT ON COLUMN otd.content.collection IS 'name of the collection';
COMMENT ON COLUMN otd.content.id IS 'name within the collection';
COMMENT ON COLUMN otd.content.type IS 'URI of its OT type';
COMMENT ON COLUMN otd.content.body IS 'JSON, lossless as in operation.body; null: undefined';
COMMENT ON COLUMN otd.content.data IS
'body for the planner: an object as it is, anything else under "_data"; null where odd';

CREATE INDEX content_odd ON otd.content (collection) WHERE odd;
COMMENT ON INDEX otd.content_odd IS
'what every find has to look at beside what its conditions find in data';

ALTER TABLE otd.snapshot DROP COLUMN data;
