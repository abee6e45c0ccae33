-- For those who run the database, as it is now: who may what, operations in
-- parts, views to look at.  Continues postgresql.sql; not run by anybody either.

-- ---- who may what ----

-- Roles belong to the whole cluster and not to this database: so they are made
-- by a function that the administrator calls, and not by a migration.  What
-- otd_app may is said as a rule with its exceptions, so that tables to come are
-- served too; what the others may is said table by table.
CREATE FUNCTION otd.grant_roles() RETURNS void LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
	t text;
BEGIN
	-- Of a database that create_roles never saw nothing is given to anybody.
	IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'otd'
	    AND nspowner = to_regrole('otd_owner')) THEN
		RETURN;
	END IF;
	FOR t IN SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class AS c
	    JOIN pg_namespace AS n ON n.oid = c.relnamespace
	    WHERE n.nspname = 'otd' AND c.relkind IN ('r', 'p') AND NOT c.relispartition LOOP
		EXECUTE 'REVOKE ALL ON ' || t || ' FROM otd_app, otd_reader, otd_maint';
		EXECUTE 'GRANT SELECT, INSERT, UPDATE, DELETE ON ' || t || ' TO otd_app';
	END LOOP;
	GRANT USAGE ON SCHEMA otd TO otd_app, otd_reader, otd_maint;

	-- History is written once, and documents stay when they are deleted.
	REVOKE UPDATE, DELETE ON otd.operation FROM otd_app;
	REVOKE DELETE ON otd.document FROM otd_app;
	REVOKE UPDATE ON otd.access_change, otd.event FROM otd_app;
	REVOKE INSERT, UPDATE, DELETE ON otd.secret, otd.meta, otd.migration FROM otd_app;
	REVOKE INSERT, DELETE ON otd.event_horizon FROM otd_app;
	-- To compact and to erase takes otd_maint as well.
	REVOKE INSERT, UPDATE, DELETE ON otd.log_horizon FROM otd_app;
	REVOKE ALL ON otd.erasure FROM otd_app;

	-- Content and history; neither keys, nor passwords, nor who hears of events.
	GRANT SELECT ON otd.document, otd.operation, otd.snapshot, otd.content,
		otd.access_grant, otd.access_change, otd.revocation, otd.event,
		otd.event_horizon, otd.log_horizon, otd.named_version,
		otd.erasure, otd.meta, otd.migration, otd.documents,
		otd.operations, otd.storage, otd.active_documents,
		otd.slow_documents, otd.retention_preview TO otd_reader;

	-- History can be shortened and what is over can go; nothing can be written.
	GRANT SELECT ON otd.document, otd.operation, otd.snapshot, otd.content,
		otd.access_change, otd.event, otd.event_horizon,
		otd.log_horizon, otd.named_version, otd.erasure, otd.meta,
		otd.migration, otd.documents, otd.operations, otd.storage,
		otd.active_documents, otd.slow_documents, otd.retention_preview
		TO otd_maint;
	GRANT SELECT (expires_at) ON otd.revocation, otd.refresh_token, otd.ticket TO otd_maint;
	GRANT SELECT (at) ON otd.login_failure TO otd_maint;
	GRANT SELECT (created_at) ON otd.once TO otd_maint;
	GRANT UPDATE, DELETE ON otd.operation TO otd_maint;
	GRANT INSERT, UPDATE ON otd.log_horizon TO otd_maint;
	GRANT INSERT ON otd.erasure TO otd_maint;
	GRANT UPDATE ON otd.event_horizon TO otd_maint;
	GRANT DELETE ON otd.document, otd.access_change, otd.event,
		otd.revocation, otd.refresh_token, otd.ticket,
		otd.login_failure, otd.once TO otd_maint;
	GRANT EXECUTE ON FUNCTION otd.restored() TO otd_maint;
	IF current_setting('server_version_num')::integer >= 170000 THEN
		EXECUTE 'GRANT MAINTAIN ON ALL TABLES IN SCHEMA otd TO otd_maint';
	END IF;
END $$;
COMMENT ON FUNCTION otd.grant_roles() IS
'gives otd_app, otd_reader and otd_maint what they may here, if the schema is otd_owner''s, and takes what else they were given on its tables; "otd migrate up" calls it, so that it holds for new tables';

CREATE FUNCTION otd.create_roles() RETURNS void LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
	r text;
BEGIN
	-- Some other database of the cluster may have made them.
	FOREACH r IN ARRAY ARRAY['otd_owner', 'otd_app', 'otd_reader', 'otd_maint'] LOOP
		IF to_regrole(r) IS NULL THEN
			EXECUTE format('CREATE ROLE %I NOLOGIN', r);
		END IF;
	END LOOP;
	EXECUTE format('GRANT CREATE ON DATABASE %I TO otd_owner', current_database());
	-- Sequences and indexes go with their tables.
	FOR r IN SELECT format('%s %s', CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END,
	    c.oid::regclass) FROM pg_class AS c
	    WHERE c.relnamespace = to_regnamespace('otd') AND c.relkind IN ('r', 'p', 'v')
	    UNION ALL SELECT format('FUNCTION %s', p.oid::regprocedure) FROM pg_proc AS p
	    WHERE p.pronamespace = to_regnamespace('otd') LOOP
		EXECUTE format('ALTER %s OWNER TO otd_owner', r);
	END LOOP;
	ALTER SCHEMA otd OWNER TO otd_owner;
	PERFORM otd.grant_roles();
END $$;
COMMENT ON FUNCTION otd.create_roles() IS
'makes the roles otd_owner, otd_app, otd_reader and otd_maint unless they are there, hands what otd made over to otd_owner, and calls grant_roles; for who may make roles';

-- A restored dump has transaction numbers of another server, and one that was
-- put back in time gives out again what is already known to somebody.
CREATE FUNCTION otd.restored() RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
	fresh uuid := gen_random_uuid();
BEGIN
	LOCK TABLE otd.event, otd.hook IN ACCESS EXCLUSIVE MODE;
	UPDATE otd.meta SET epoch = fresh;
	UPDATE otd.hook AS h SET after_xid = pg_current_xact_id(), settled = '',
		after_serial = (SELECT count(*) FROM otd.event AS e
			WHERE (e.xid, e.serial) <= (h.after_xid, h.after_serial));
	WITH past AS (DELETE FROM otd.event RETURNING *)
	INSERT INTO otd.event (serial, xid, at, from_v, to_v, kind, collection, id)
		OVERRIDING SYSTEM VALUE
		SELECT row_number() OVER (ORDER BY xid, serial), pg_current_xact_id(),
			at, from_v, to_v, kind, collection, id FROM past;
	UPDATE otd.event_horizon SET xid = pg_current_xact_id(), serial = 0;
	DELETE FROM otd.access_change;
	RETURN fresh;
END $$;
COMMENT ON FUNCTION otd.restored() IS
'for a database that comes from a backup, before otd serves it: a new epoch, by which clients see that what they know may never have been; and events and webhooks'' places in numbers of this server, in the same order; returns the epoch';

-- ---- operations in parts ----

CREATE FUNCTION otd.partition_operations(parts integer) RETURNS void LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
	whole CONSTANT regclass := 'otd.operation';
	was pg_class;
	comment text := obj_description(whole, 'pg_class');
	indexes text[] := ARRAY(SELECT pg_get_indexdef(indexrelid) FROM pg_index
		WHERE indrelid = whole AND NOT indisprimary ORDER BY indexrelid);
	comments text[] := ARRAY(SELECT format('COMMENT ON INDEX %s IS %L', indexrelid::regclass,
		obj_description(indexrelid, 'pg_class')) FROM pg_index
		WHERE indrelid = whole AND NOT indisprimary ORDER BY indexrelid);
	views text[] := ARRAY(SELECT DISTINCT format('CREATE OR REPLACE VIEW %s AS %s',
		r.ev_class::regclass, pg_get_viewdef(r.ev_class))
		FROM pg_depend AS d JOIN pg_rewrite AS r ON r.oid = d.objid
		WHERE d.classid = 'pg_rewrite'::regclass AND d.refobjid = whole);
	sql text;
BEGIN
	IF parts NOT BETWEEN 2 AND 1024 THEN
		RAISE EXCEPTION 'parts are 2 to 1024, not %', parts;
	END IF;
	LOCK TABLE otd.operation IN ACCESS EXCLUSIVE MODE;
	SELECT * INTO was FROM pg_class WHERE oid = whole;
	IF was.relkind = 'p' THEN
		RAISE EXCEPTION 'otd.operation is in parts already';
	END IF;
	ALTER TABLE otd.operation RENAME TO operation_whole;
	CREATE TABLE otd.operation (LIKE otd.operation_whole INCLUDING ALL EXCLUDING INDEXES)
		PARTITION BY HASH (doc_pk);
	EXECUTE format('COMMENT ON TABLE otd.operation IS %L', comment);
	EXECUTE format('ALTER TABLE otd.operation OWNER TO %s', was.relowner::regrole);
	FOR i IN 0 .. parts - 1 LOOP
		EXECUTE format('CREATE TABLE otd.operation_%s PARTITION OF otd.operation'
			' FOR VALUES WITH (MODULUS %s, REMAINDER %s)', i, parts, i) ||
			coalesce(' WITH (' || array_to_string(was.reloptions, ', ') || ')', '');
		EXECUTE format('COMMENT ON TABLE otd.operation_%s IS %L', i,
			format('part %s of %s of otd.operation', i + 1, parts));
		EXECUTE format('ALTER TABLE otd.operation_%s OWNER TO %s', i, was.relowner::regrole);
	END LOOP;
	INSERT INTO otd.operation SELECT * FROM otd.operation_whole;
	-- What was written of the former table means the new one.
	FOREACH sql IN ARRAY views LOOP
		EXECUTE sql;
	END LOOP;
	DROP TABLE otd.operation_whole;
	ALTER TABLE otd.operation ADD CONSTRAINT operation_pkey PRIMARY KEY (doc_pk, version);
	FOREACH sql IN ARRAY indexes || comments LOOP
		EXECUTE sql;
	END LOOP;
	PERFORM otd.grant_roles();
END $$;
COMMENT ON FUNCTION otd.partition_operations(integer) IS
'puts operations into so many tables, by hash of their document: smaller indexes, and vacuum a part at a time, for histories of hundreds of gigabytes; copies them all under a lock, so that otd has to wait; for the owner';

REVOKE EXECUTE ON FUNCTION otd.grant_roles(), otd.create_roles(), otd.restored(),
	otd.partition_operations(integer) FROM PUBLIC;

-- ---- what to look at ----

CREATE VIEW otd.documents AS
SELECT d.collection, d.id, d.version, d.type, d.type IS NULL AS is_deleted, d.owner,
	d.created_at, d.updated_at, s.version AS snapshot_version, d.doc_pk
FROM otd.document AS d
LEFT JOIN LATERAL (SELECT version FROM otd.snapshot
	WHERE doc_pk = d.doc_pk AND version <= d.version
	ORDER BY version DESC LIMIT 1) AS s ON true;
COMMENT ON VIEW otd.documents IS 'documents by name, live and deleted';
COMMENT ON COLUMN otd.documents.collection IS 'name of the collection';
COMMENT ON COLUMN otd.documents.id IS 'name within the collection';
COMMENT ON COLUMN otd.documents.version IS 'operations so far';
COMMENT ON COLUMN otd.documents.type IS 'URI of its OT type; null: deleted';
COMMENT ON COLUMN otd.documents.is_deleted IS 'it is; its operations stay';
COMMENT ON COLUMN otd.documents.owner IS 'subject of who created it; null: nobody''s';
COMMENT ON COLUMN otd.documents.created_at IS 'when its first operation was stored';
COMMENT ON COLUMN otd.documents.updated_at IS 'when its newest operation was stored';
COMMENT ON COLUMN otd.documents.snapshot_version IS 'what a load begins with; the operations from there on are replayed; null: all of them';
COMMENT ON COLUMN otd.documents.doc_pk IS 'names it in the tables';

CREATE VIEW otd.operations AS
SELECT d.collection, d.id, o.version,
	CASE o.kind WHEN 0 THEN 'edit' WHEN 1 THEN 'create' ELSE 'delete' END AS kind,
	o.created_at, o.author, o.src, o.seq, o.body::json AS body,
	octet_length(o.body) AS bytes, o.doc_pk
FROM otd.operation AS o JOIN otd.document AS d USING (doc_pk);
COMMENT ON VIEW otd.operations IS 'operations of documents by name, their kind in words. Quick for one document, given collection and id';
COMMENT ON COLUMN otd.operations.collection IS 'of the document';
COMMENT ON COLUMN otd.operations.id IS 'of the document';
COMMENT ON COLUMN otd.operations.version IS 'the version it was applied to; the result is one higher';
COMMENT ON COLUMN otd.operations.kind IS 'edit, create or delete';
COMMENT ON COLUMN otd.operations.created_at IS 'when it was stored';
COMMENT ON COLUMN otd.operations.author IS 'principal who made it; null: not known';
COMMENT ON COLUMN otd.operations.src IS 'who sent it; with seq names it for ever';
COMMENT ON COLUMN otd.operations.seq IS 'its sender''s counter';
COMMENT ON COLUMN otd.operations.body IS 'an edit as the document''s type has it; of a create {"type", "data"}; null: a delete';
COMMENT ON COLUMN otd.operations.bytes IS 'of the body as text; null: a delete';
COMMENT ON COLUMN otd.operations.doc_pk IS 'of the document, in the tables';

CREATE VIEW otd.storage AS
SELECT d.collection, count(*) AS documents, count(*) FILTER (WHERE d.type IS NULL) AS deleted,
	sum(o.n)::bigint AS operations, sum(o.bytes)::bigint AS operation_bytes,
	sum(s.n)::bigint AS snapshots, sum(s.bytes)::bigint AS snapshot_bytes,
	sum(c.bytes)::bigint AS content_bytes
FROM otd.document AS d
CROSS JOIN LATERAL (SELECT count(*) AS n, coalesce(sum(pg_column_size(body)), 0) AS bytes
	FROM otd.operation WHERE doc_pk = d.doc_pk) AS o
CROSS JOIN LATERAL (SELECT count(*) AS n, coalesce(sum(pg_column_size(body)), 0) AS bytes
	FROM otd.snapshot WHERE doc_pk = d.doc_pk) AS s
CROSS JOIN LATERAL (SELECT coalesce(sum(pg_column_size(body) + coalesce(pg_column_size(data), 0)), 0)
	AS bytes FROM otd.content WHERE collection = d.collection AND id = d.id) AS c
GROUP BY d.collection;
COMMENT ON VIEW otd.storage IS 'what collections take. Reads every row of those asked for: WHERE collection = ... for one';
COMMENT ON COLUMN otd.storage.collection IS 'its name';
COMMENT ON COLUMN otd.storage.documents IS 'how many, live and deleted';
COMMENT ON COLUMN otd.storage.deleted IS 'of these';
COMMENT ON COLUMN otd.storage.operations IS 'how many';
COMMENT ON COLUMN otd.storage.operation_bytes IS 'of their bodies, as compressed on disk; each row has some 100 more';
COMMENT ON COLUMN otd.storage.snapshots IS 'how many';
COMMENT ON COLUMN otd.storage.snapshot_bytes IS 'of their bodies, as compressed on disk';
COMMENT ON COLUMN otd.storage.content_bytes IS 'of the content for queries, as compressed on disk';

CREATE VIEW otd.active_documents AS
SELECT d.collection, d.id, d.type, d.version, d.updated_at, o.operations, o.sources, o.authors, o.bytes
FROM otd.document AS d
CROSS JOIN LATERAL (SELECT count(*) AS operations, count(DISTINCT src) AS sources,
	count(DISTINCT author) AS authors, coalesce(sum(octet_length(body)), 0)::bigint AS bytes
	FROM otd.operation WHERE doc_pk = d.doc_pk AND version >= d.version - 10000
	AND created_at > now() - interval '1 hour') AS o
WHERE d.updated_at > now() - interval '1 hour';
COMMENT ON VIEW otd.active_documents IS 'documents edited within the last hour: ORDER BY operations DESC LIMIT 20 shows the busiest';
COMMENT ON COLUMN otd.active_documents.collection IS 'name of the collection';
COMMENT ON COLUMN otd.active_documents.id IS 'name within the collection';
COMMENT ON COLUMN otd.active_documents.type IS 'URI of its OT type; null: deleted';
COMMENT ON COLUMN otd.active_documents.version IS 'operations so far';
COMMENT ON COLUMN otd.active_documents.updated_at IS 'when its newest operation was stored';
COMMENT ON COLUMN otd.active_documents.operations IS 'of the last hour, among the newest 10000';
COMMENT ON COLUMN otd.active_documents.sources IS 'clients that sent them';
COMMENT ON COLUMN otd.active_documents.authors IS 'principals who made them';
COMMENT ON COLUMN otd.active_documents.bytes IS 'of their bodies as text';

CREATE VIEW otd.slow_documents AS
SELECT d.collection, d.id, d.type, d.version, s.version AS snapshot_version, s.bytes AS snapshot_bytes,
	o.replayed, o.bytes AS replayed_bytes, coalesce(s.bytes, 0) + o.bytes AS load_bytes
FROM otd.document AS d
LEFT JOIN LATERAL (SELECT version, octet_length(body)::bigint AS bytes FROM otd.snapshot
	WHERE doc_pk = d.doc_pk AND version <= d.version
	ORDER BY version DESC LIMIT 1) AS s ON true
CROSS JOIN LATERAL (SELECT count(*) AS replayed, coalesce(sum(octet_length(body)), 0)::bigint AS bytes
	FROM otd.operation WHERE doc_pk = d.doc_pk
	AND version >= coalesce(s.version, 0) AND version < d.version) AS o;
COMMENT ON VIEW otd.slow_documents IS 'what opening a document takes: ORDER BY load_bytes DESC LIMIT 20 shows the slowest, ORDER BY replayed DESC those whose snapshots lag';
COMMENT ON COLUMN otd.slow_documents.collection IS 'name of the collection';
COMMENT ON COLUMN otd.slow_documents.id IS 'name within the collection';
COMMENT ON COLUMN otd.slow_documents.type IS 'URI of its OT type; null: deleted';
COMMENT ON COLUMN otd.slow_documents.version IS 'operations so far';
COMMENT ON COLUMN otd.slow_documents.snapshot_version IS 'what a load begins with; null: nothing';
COMMENT ON COLUMN otd.slow_documents.snapshot_bytes IS 'of its body as text; null: there is none';
COMMENT ON COLUMN otd.slow_documents.replayed IS 'operations that a load applies to it';
COMMENT ON COLUMN otd.slow_documents.replayed_bytes IS 'of their bodies as text';
COMMENT ON COLUMN otd.slow_documents.load_bytes IS 'what a load reads';

CREATE VIEW otd.retention_preview AS
SELECT c.collection, p.days, p.operations, p.bytes
FROM (SELECT d.collection,
	count(*) FILTER (WHERE age > interval '7 days') AS n7,
	sum(bytes) FILTER (WHERE age > interval '7 days') AS b7,
	count(*) FILTER (WHERE age > interval '30 days') AS n30,
	sum(bytes) FILTER (WHERE age > interval '30 days') AS b30,
	count(*) FILTER (WHERE age > interval '90 days') AS n90,
	sum(bytes) FILTER (WHERE age > interval '90 days') AS b90,
	count(*) FILTER (WHERE age > interval '365 days') AS n365,
	sum(bytes) FILTER (WHERE age > interval '365 days') AS b365
	FROM otd.document AS d
	CROSS JOIN LATERAL (SELECT now() - o.created_at AS age, pg_column_size(o.body) AS bytes
		FROM otd.operation AS o WHERE o.doc_pk = d.doc_pk AND o.version <
		(SELECT max(s.version) FROM otd.snapshot AS s WHERE s.doc_pk = d.doc_pk)) AS o
	GROUP BY d.collection) AS c
CROSS JOIN LATERAL (VALUES (7, n7, b7), (30, n30, b30), (90, n90, b90), (365, n365, b365))
	AS p (days, operations, bytes)
WHERE p.operations > 0;
COMMENT ON VIEW otd.retention_preview IS 'operations that are older than some days and lie before their document''s newest snapshot: what could go if only the last days were kept. Reads every operation';
COMMENT ON COLUMN otd.retention_preview.collection IS 'name of the collection';
COMMENT ON COLUMN otd.retention_preview.days IS 'if so many were kept: 7, 30, 90 or 365';
COMMENT ON COLUMN otd.retention_preview.operations IS 'how many are older';
COMMENT ON COLUMN otd.retention_preview.bytes IS 'of their bodies, as compressed on disk';
