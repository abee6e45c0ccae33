-- For those who run the database: views to look at.
--
-- Locks: an IMMEDIATE transaction; nobody else has the database open.
-- Duration: milliseconds.

-- Documents by name, live and deleted; a load begins at snapshot_version.
CREATE VIEW documents AS
SELECT d.collection, d.id, d.version, d.type, d.type IS NULL AS is_deleted, d.owner,
	strftime('%Y-%m-%dT%H:%M:%fZ', d.created_at / 1000.0, 'unixepoch') AS created_at,
	strftime('%Y-%m-%dT%H:%M:%fZ', d.updated_at / 1000.0, 'unixepoch') AS updated_at,
	(SELECT max(s.version) FROM snapshot AS s WHERE s.doc_pk = d.doc_pk
		AND s.version <= d.version) AS snapshot_version, d.doc_pk
FROM document AS d;

-- Operations of documents by name, their kind in words.  Quick for one
-- document, given collection and id.
CREATE VIEW operations AS
SELECT d.collection, d.id, o.version,
	CASE o.kind WHEN 0 THEN 'edit' WHEN 1 THEN 'create' ELSE 'delete' END AS kind,
	strftime('%Y-%m-%dT%H:%M:%fZ', o.created_at / 1000.0, 'unixepoch') AS created_at,
	o.author, o.src, o.seq, o.body, length(CAST(o.body AS BLOB)) AS bytes, d.doc_pk
FROM document AS d JOIN operation AS o
	ON o.place >= (d.doc_pk << 32) AND o.place < ((d.doc_pk + 1) << 32);

-- What collections take.  Reads every row of those asked for.
CREATE VIEW storage AS
SELECT d.collection, count(*) AS documents, sum(d.type IS NULL) AS deleted,
	sum((SELECT count(*) FROM operation AS o WHERE o.place >= (d.doc_pk << 32)
		AND o.place < ((d.doc_pk + 1) << 32))) AS operations,
	sum((SELECT total(length(CAST(o.body AS BLOB))) FROM operation AS o
		WHERE o.place >= (d.doc_pk << 32)
		AND o.place < ((d.doc_pk + 1) << 32))) AS operation_bytes,
	sum((SELECT total(length(CAST(s.body AS BLOB))) FROM snapshot AS s
		WHERE s.doc_pk = d.doc_pk)) AS snapshot_bytes
FROM document AS d GROUP BY d.collection;
