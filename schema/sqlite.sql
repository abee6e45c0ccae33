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
	owner		TEXT,			-- subject of who created it; NULL: nobody's
	content_lag	INTEGER NOT NULL DEFAULT 0 CHECK (content_lag BETWEEN 0 AND 2), -- content is older: 1: finds have it written first, 2: long
	UNIQUE (collection, id)
) STRICT;

-- What is somebody's: for queries.
CREATE INDEX document_owner ON document (owner, collection) WHERE owner IS NOT NULL;

-- What a find has written down before it looks.
CREATE INDEX document_content_due ON document (collection, id) WHERE content_lag = 1;

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

-- Was this request, which names itself, carried out before?  Its operation has
-- a source that begins with "once:"; a statement that repeats the condition
-- finds it, however long ago it was.
CREATE INDEX operation_once ON operation (src)
	WHERE src >= 'once:' AND src < 'once;';

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

-- Who may do what with one document, beside the rules.  Each change of it,
-- whoever makes it, is written to access_change by a trigger.
CREATE TABLE access_grant (
	collection	TEXT NOT NULL,
	id		TEXT NOT NULL,		-- the document need not exist yet
	subject		TEXT NOT NULL,		-- of a principal, or a share link
	role		TEXT NOT NULL CHECK (role IN ('viewer', 'commenter', 'editor', 'owner')), -- each gives more
	expires_at	INTEGER,		-- from then on it gives nothing; NULL: stays
	granted_by	TEXT,			-- subject; NULL: an administrator at the machine
	granted_at	INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)),
	PRIMARY KEY (collection, id, subject)
) STRICT;

-- What was granted to somebody: for queries.
CREATE INDEX access_grant_subject ON access_grant (subject, collection);

-- Tokens that are refused although their signature is good.  Each change is
-- written to access_change by a trigger.
CREATE TABLE revocation (
	kind		TEXT NOT NULL CHECK (kind IN ('token', 'subject')), -- one of them, or all of somebody
	value		TEXT NOT NULL,		-- the token's "jti", or the subject
	before_at	INTEGER,		-- of a subject: tokens issued before; NULL: all
	revoked_at	INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)),
	expires_at	INTEGER,		-- from then on the row may go; NULL: never
	revoked_by	TEXT,			-- subject; NULL: an administrator at the machine
	PRIMARY KEY (kind, value)
) STRICT;

-- What changed of grants and revocations: the server looks here for what it
-- has not seen, several times a second, and may delete what is an hour old.
-- Written by triggers alone.
CREATE TABLE access_change (
	serial		INTEGER PRIMARY KEY AUTOINCREMENT, -- order
	at		INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)),
	kind		TEXT NOT NULL CHECK (kind IN ('grant', 'token', 'subject')), -- grants or owner of a document; revocations
	collection	TEXT,			-- of the document; NULL: a revocation
	id		TEXT,
	subject		TEXT,			-- whom it is about; NULL: a token
	token_id	TEXT,			-- its "jti"; NULL: not about one
	before_at	INTEGER			-- of a subject: tokens issued before; NULL: all
) STRICT;

CREATE TRIGGER access_grant_inserted AFTER INSERT ON access_grant BEGIN
	INSERT INTO access_change (kind, collection, id, subject)
	VALUES ('grant', new.collection, new.id, new.subject);
END;
CREATE TRIGGER access_grant_deleted AFTER DELETE ON access_grant BEGIN
	INSERT INTO access_change (kind, collection, id, subject)
	VALUES ('grant', old.collection, old.id, old.subject);
END;
CREATE TRIGGER access_grant_updated AFTER UPDATE ON access_grant BEGIN
	INSERT INTO access_change (kind, collection, id, subject)
	SELECT 'grant', old.collection, old.id, old.subject
	UNION SELECT 'grant', new.collection, new.id, new.subject;
END;
CREATE TRIGGER owner_changed AFTER UPDATE OF owner ON document
WHEN old.owner IS NOT new.owner BEGIN
	INSERT INTO access_change (kind, collection, id, subject)
	VALUES ('grant', new.collection, new.id, new.owner);
END;
CREATE TRIGGER revocation_inserted AFTER INSERT ON revocation BEGIN
	INSERT INTO access_change (kind, subject, token_id, before_at)
	VALUES (new.kind, iif(new.kind = 'subject', new.value, NULL),
		iif(new.kind = 'token', new.value, NULL), new.before_at);
END;
CREATE TRIGGER revocation_updated AFTER UPDATE ON revocation BEGIN
	INSERT INTO access_change (kind, subject, token_id, before_at)
	VALUES (new.kind, iif(new.kind = 'subject', new.value, NULL),
		iif(new.kind = 'token', new.value, NULL), new.before_at);
END;
CREATE TRIGGER revocation_deleted AFTER DELETE ON revocation BEGIN
	INSERT INTO access_change (kind, subject, token_id, before_at)
	VALUES (old.kind, iif(old.kind = 'subject', old.value, NULL),
		iif(old.kind = 'token', old.value, NULL), old.before_at);
END;

-- What keys are derived from: one row, not for who only reads.  Whoever knows
-- it can speak as any client.  Changing it makes clients take new ids.
CREATE TABLE secret (
	one_row		INTEGER PRIMARY KEY CHECK (one_row = 1),
	value		TEXT NOT NULL CHECK (length(value) = 64) -- 32 random bytes, hexadecimal
) STRICT;

-- Accounts of the built-in user service.
CREATE TABLE account (
	subject		TEXT NOT NULL PRIMARY KEY DEFAULT (lower(hex(randomblob(16)))), -- "sub" of its tokens
	name		TEXT NOT NULL,		-- what it logs in with
	password	TEXT,			-- argon2id, as crypt writes it; NULL: it cannot log in
	roles		TEXT NOT NULL DEFAULT '[]', -- JSON list of names, a claim of its tokens
	display_name	TEXT,			-- what others see; NULL: not said
	colour		TEXT,			-- #rrggbb of its cursor; NULL: not said
	avatar_url	TEXT,			-- a picture; NULL: none
	created_at	INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)),
	disabled_at	INTEGER,		-- since when it cannot log in; NULL: it can
	password_at	INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)),
	last_login_at	INTEGER			-- NULL: never
) STRICT;

-- ASCII letters are alike in both cases: for logging in.
CREATE UNIQUE INDEX account_name ON account (lower(name));

-- What accounts renew their tokens with; each is good for one renewal.
CREATE TABLE refresh_token (
	hash		TEXT NOT NULL PRIMARY KEY, -- SHA-256 of it, hexadecimal: it is not kept itself
	family		TEXT NOT NULL,		-- all that come from one login
	subject		TEXT NOT NULL,		-- of the account
	issued_at	INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)),
	expires_at	INTEGER NOT NULL,	-- from then on it is refused, and the row may go
	used_at		INTEGER			-- when exchanged; seen again after that, its family is revoked
) STRICT;

CREATE INDEX refresh_token_family ON refresh_token (family);
CREATE INDEX refresh_token_subject ON refresh_token (subject);
CREATE INDEX refresh_token_expires ON refresh_token (expires_at);

-- Logins that were refused lately: for their limits.
CREATE TABLE login_failure (
	at		INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)),
	name		TEXT NOT NULL,		-- what was tried, in lower case
	address		TEXT NOT NULL		-- the client's
) STRICT;

CREATE INDEX login_failure_name ON login_failure (name, at);
CREATE INDEX login_failure_address ON login_failure (address, at);
CREATE INDEX login_failure_at ON login_failure (at);

-- Let their bearer in once, within seconds, in the place of a token; whoever
-- uses one deletes it.
CREATE TABLE ticket (
	hash		TEXT NOT NULL PRIMARY KEY, -- SHA-256 of it, hexadecimal: it is not kept itself
	principal	TEXT NOT NULL,		-- who asked for it: the claims of their token, JSON
	expires_at	INTEGER NOT NULL	-- from then on it is refused, and the row may go
) STRICT;

CREATE INDEX ticket_expires ON ticket (expires_at);

-- Answers to requests that came with an Idempotency-Key: repeated, they are
-- answered so again.
CREATE TABLE once (
	key		TEXT NOT NULL PRIMARY KEY, -- hash of who asked, their key, and the document
	fingerprint	TEXT NOT NULL,		-- hash of the request: the same key with another is refused
	status		INTEGER NOT NULL,	-- of the answer, as HTTP has it
	collection	TEXT,			-- of the document; NULL: about none
	id		TEXT,
	version		INTEGER,		-- of the document after it
	answer		TEXT,			-- body of the answer; NULL: none
	created_at	INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))
) STRICT;

-- What may go.
CREATE INDEX once_created ON once (created_at);

-- Outbox: what happened to documents of collections with events, written with
-- the commit, in order.
CREATE TABLE event (
	serial		INTEGER PRIMARY KEY AUTOINCREMENT,
	at		INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)),
	collection	TEXT NOT NULL,
	id		TEXT NOT NULL,
	from_v		INTEGER NOT NULL,	-- version before
	to_v		INTEGER NOT NULL,	-- version after; what lies between are its operations
	kind		TEXT NOT NULL CHECK (kind IN ('created', 'edited', 'deleted')), -- what the document is afterwards
	CHECK (from_v < to_v)
) STRICT;

CREATE INDEX event_collection ON event (collection, serial);
CREATE INDEX event_at ON event (at);

-- How far events are gone: one row.
CREATE TABLE event_horizon (
	one_row		INTEGER PRIMARY KEY CHECK (one_row = 1),
	serial		INTEGER NOT NULL	-- of the newest event that was deleted
) STRICT;

CREATE TRIGGER event_deleted AFTER DELETE ON event BEGIN
	UPDATE event_horizon SET serial = old.serial WHERE serial < old.serial;
END;

-- Webhooks: whom to tell of events.
CREATE TABLE hook (
	id		TEXT NOT NULL PRIMARY KEY,
	url		TEXT NOT NULL,		-- where to
	secret		TEXT NOT NULL,		-- what deliveries are signed with
	old_secret	TEXT,			-- the one before; NULL: none
	old_secret_until INTEGER,		-- until when that signs too
	collections	TEXT NOT NULL,		-- names, or patterns with one *: a JSON list
	kinds		TEXT NOT NULL DEFAULT '["created","edited","deleted"]', -- of events, a JSON list
	created_by	TEXT,			-- subject; NULL: an administrator at the machine
	created_at	INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)),
	disabled_at	INTEGER,		-- since when nothing is sent; NULL: it is
	after_serial	INTEGER NOT NULL,	-- all events up to this one are dealt with
	settled		TEXT NOT NULL DEFAULT '', -- those behind it that are, "0.serial" with blanks between
	holder		TEXT,			-- the process that delivers it; NULL: none
	leased_until	INTEGER,		-- from then on another process may take it
	tenure		INTEGER NOT NULL DEFAULT 0, -- how often it changed hands
	failures	INTEGER NOT NULL DEFAULT 0, -- attempts that failed, since the last one that did not
	open_until	INTEGER			-- nothing is tried before; NULL: the receiver is well
) STRICT;

-- Deliveries that were given up; kept until somebody sends them again, or
-- lets them go.
CREATE TABLE hook_dead (
	hook		TEXT NOT NULL,
	serial		INTEGER NOT NULL,	-- of the event
	collection	TEXT NOT NULL,		-- of the document
	id		TEXT NOT NULL,
	payload		TEXT NOT NULL,		-- what was to be delivered, JSON
	attempts	INTEGER NOT NULL,	-- how often it was tried
	last_status	INTEGER,		-- what the receiver answered last, as HTTP has it; NULL: nothing
	last_error	TEXT,			-- what went wrong last; NULL: only the status
	failed_at	INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)),
	replay_at	INTEGER,		-- when it was asked to be sent again; NULL: it was not
	PRIMARY KEY (hook, serial)
) STRICT;

CREATE TRIGGER hook_deleted AFTER DELETE ON hook BEGIN
	DELETE FROM hook_dead WHERE hook = old.id;
END;

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
