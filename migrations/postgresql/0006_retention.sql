-- Old operations may be compacted, versions named, documents erased.
--
-- Locks: none that anybody waits for.
-- Duration: none to speak of.

-- The otd before knows nothing of horizons, and lives with them while none is
-- set: it may serve until "otd compact" or "otd purge" is run.
UPDATE otd.meta SET serves_from = 5;

COMMENT ON TABLE otd.operation IS
'every operation of every document, gapless per document: added, and changed by compaction alone (otd.log_horizon); no foreign key, since an operation is inserted only together with its document''s row, and checking would cost each insert a look-up; may be partitioned by hash of doc_pk without changing a statement';

CREATE TABLE otd.log_horizon (
	doc_pk		bigint NOT NULL,
	horizon		bigint NOT NULL,
	begins		bigint NOT NULL DEFAULT 0,
	at		timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT log_horizon_pkey PRIMARY KEY (doc_pk),
	CONSTRAINT log_horizon_check CHECK (begins >= 0 AND begins <= horizon)
);
COMMENT ON TABLE otd.log_horizon IS
'up to where the operations of a document are no longer those that were sent; documents that were never compacted and never erased have no row';
COMMENT ON COLUMN otd.log_horizon.doc_pk IS 'whose operations';
COMMENT ON COLUMN otd.log_horizon.horizon IS 'below this version one operation stands for many, and the others are empty; from it on they are as they were sent';
COMMENT ON COLUMN otd.log_horizon.begins IS 'below this version there are none: the document was erased then; 0: it was not';
COMMENT ON COLUMN otd.log_horizon.at IS 'when it moved there';

CREATE TABLE otd.named_version (
	doc_pk		bigint NOT NULL,
	version		bigint NOT NULL,
	created_at	timestamptz NOT NULL DEFAULT now(),
	name		text COLLATE "C" NOT NULL,
	named_by	text COLLATE "C",
	CONSTRAINT named_version_pkey PRIMARY KEY (doc_pk, name),
	CONSTRAINT named_version_version_check CHECK (version > 0)
);
COMMENT ON TABLE otd.named_version IS
'versions of documents that somebody gave a name to: compaction keeps each exactly as it was';
COMMENT ON COLUMN otd.named_version.doc_pk IS 'whose version';
COMMENT ON COLUMN otd.named_version.version IS 'operations that it contains';
COMMENT ON COLUMN otd.named_version.created_at IS 'when it was named';
COMMENT ON COLUMN otd.named_version.name IS 'unique within the document';
COMMENT ON COLUMN otd.named_version.named_by IS 'who named it; null: not said';

CREATE TABLE otd.erasure (
	serial		bigint GENERATED ALWAYS AS IDENTITY,
	at		timestamptz NOT NULL DEFAULT now(),
	version		bigint NOT NULL,
	operations	bigint NOT NULL,
	snapshots	bigint NOT NULL,
	events		bigint NOT NULL,
	collection	text COLLATE "C" NOT NULL,
	id		text COLLATE "C" NOT NULL,
	erased_by	text COLLATE "C" NOT NULL,
	reason		text COLLATE "C" NOT NULL,
	CONSTRAINT erasure_pkey PRIMARY KEY (serial)
);
COMMENT ON TABLE otd.erasure IS
'that a document was erased for good: what stays of it, beside its name and version; never changed';
COMMENT ON COLUMN otd.erasure.serial IS 'order';
COMMENT ON COLUMN otd.erasure.at IS 'when';
COMMENT ON COLUMN otd.erasure.version IS 'of the document afterwards, when it does not exist';
COMMENT ON COLUMN otd.erasure.operations IS 'how many operations were erased';
COMMENT ON COLUMN otd.erasure.snapshots IS 'how many snapshots were erased';
COMMENT ON COLUMN otd.erasure.events IS 'how many events were erased';
COMMENT ON COLUMN otd.erasure.collection IS 'of the document';
COMMENT ON COLUMN otd.erasure.id IS 'of the document';
COMMENT ON COLUMN otd.erasure.erased_by IS 'who did it';
COMMENT ON COLUMN otd.erasure.reason IS 'why, as they said';

-- ---- who may what ----

CREATE OR REPLACE FUNCTION otd.grant_roles() RETURNS void LANGUAGE plpgsql SET search_path = '' AS $$
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
