-- What the front door keeps beside documents: grants and revocations, the
-- word of their changes, accounts and tokens, tickets, answers to requests
-- that may be repeated, events and webhooks.  Documents get an owner.
--
-- Locks: ACCESS EXCLUSIVE on otd.document and SHARE on otd.operation until the
-- end, so that nothing is written meanwhile.
-- Duration: that of reading all operations once, for an index that will be
-- empty.

ALTER TABLE otd.document ADD COLUMN owner text COLLATE "C";
COMMENT ON COLUMN otd.document.owner IS 'subject of who created it, may do anything with it; null: nobody''s';

CREATE INDEX document_owner ON otd.document (owner, collection) WHERE owner IS NOT NULL;
COMMENT ON INDEX otd.document_owner IS 'what is somebody''s: for queries';

CREATE INDEX operation_once ON otd.operation (src)
	WHERE src >= 'once:' AND src < 'once;';
COMMENT ON INDEX otd.operation_once IS
'was this request, which names itself, carried out before? its operation has a source that begins with "once:"; a statement that repeats the condition finds it, however long ago it was';

CREATE TABLE otd.access_grant (
	expires_at	timestamptz,
	granted_at	timestamptz NOT NULL DEFAULT now(),
	collection	text COLLATE "C" NOT NULL,
	id		text COLLATE "C" NOT NULL,
	subject		text COLLATE "C" NOT NULL,
	role		text COLLATE "C" NOT NULL,
	granted_by	text COLLATE "C",
	CONSTRAINT access_grant_pkey PRIMARY KEY (collection, id, subject),
	CONSTRAINT access_grant_role_check CHECK (role IN ('viewer', 'commenter', 'editor', 'owner'))
);
COMMENT ON TABLE otd.access_grant IS
'who may do what with one document, beside the rules; each change of it, whoever makes it, is written to access_change by a trigger, and so known to all nodes';
COMMENT ON COLUMN otd.access_grant.expires_at IS 'from then on it gives nothing; null: stays';
COMMENT ON COLUMN otd.access_grant.granted_at IS 'when it was given';
COMMENT ON COLUMN otd.access_grant.collection IS 'of the document';
COMMENT ON COLUMN otd.access_grant.id IS 'of the document, which need not exist yet';
COMMENT ON COLUMN otd.access_grant.subject IS 'of a principal, or a share link';
COMMENT ON COLUMN otd.access_grant.role IS 'viewer, commenter, editor or owner: each gives more than the one before';
COMMENT ON COLUMN otd.access_grant.granted_by IS 'subject who gave it; null: an administrator at the machine';

CREATE INDEX access_grant_subject ON otd.access_grant (subject, collection);
COMMENT ON INDEX otd.access_grant_subject IS 'what was granted to somebody: for queries';

CREATE TABLE otd.revocation (
	before_at	timestamptz,
	revoked_at	timestamptz NOT NULL DEFAULT now(),
	expires_at	timestamptz,
	kind		text COLLATE "C" NOT NULL,
	value		text COLLATE "C" NOT NULL,
	revoked_by	text COLLATE "C",
	CONSTRAINT revocation_pkey PRIMARY KEY (kind, value),
	CONSTRAINT revocation_kind_check CHECK (kind IN ('token', 'subject'))
);
COMMENT ON TABLE otd.revocation IS
'tokens that are refused although their signature is good; each change is written to access_change by a trigger';
COMMENT ON COLUMN otd.revocation.before_at IS 'of a subject: tokens issued before are refused; null: all of them';
COMMENT ON COLUMN otd.revocation.revoked_at IS 'when it was said';
COMMENT ON COLUMN otd.revocation.expires_at IS 'from then on no such token can be good any more, and the row may go; null: never';
COMMENT ON COLUMN otd.revocation.kind IS '"token": one of them; "subject": all of somebody';
COMMENT ON COLUMN otd.revocation.value IS 'the token''s "jti", or the subject';
COMMENT ON COLUMN otd.revocation.revoked_by IS 'subject who said it; null: an administrator at the machine';

CREATE TABLE otd.access_change (
	serial		bigint GENERATED ALWAYS AS IDENTITY,
	xid		xid8 NOT NULL DEFAULT pg_current_xact_id(),
	at		timestamptz NOT NULL DEFAULT now(),
	before_at	timestamptz,
	kind		text COLLATE "C" NOT NULL,
	collection	text COLLATE "C",
	id		text COLLATE "C",
	subject		text COLLATE "C",
	token_id	text COLLATE "C",
	CONSTRAINT access_change_pkey PRIMARY KEY (xid, serial),
	CONSTRAINT access_change_kind_check CHECK (kind IN ('grant', 'token', 'subject'))
);
COMMENT ON TABLE otd.access_change IS
'what changed of grants and revocations: each node looks here for what it has not seen, several times a second, and may delete what is an hour old; written by triggers alone';
COMMENT ON COLUMN otd.access_change.serial IS 'order within a transaction';
COMMENT ON COLUMN otd.access_change.xid IS 'the transaction: what a snapshot does not show yet will be new in a later one, in whatever order they commit';
COMMENT ON COLUMN otd.access_change.at IS 'when';
COMMENT ON COLUMN otd.access_change.before_at IS 'of a subject: tokens issued before are refused; null: all of them';
COMMENT ON COLUMN otd.access_change.kind IS '"grant": grants or the owner of a document; "token", "subject": a revocation';
COMMENT ON COLUMN otd.access_change.collection IS 'of the document; null: a revocation';
COMMENT ON COLUMN otd.access_change.id IS 'of the document; null: a revocation';
COMMENT ON COLUMN otd.access_change.subject IS 'whom it is about; null: a token';
COMMENT ON COLUMN otd.access_change.token_id IS '"jti" of the token; null: not about one';

CREATE FUNCTION otd.access_grant_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP <> 'INSERT' THEN
		INSERT INTO otd.access_change (kind, collection, id, subject)
		VALUES ('grant', OLD.collection, OLD.id, OLD.subject);
	END IF;
	IF TG_OP = 'INSERT' OR TG_OP = 'UPDATE' AND
	    (NEW.collection, NEW.id, NEW.subject) <> (OLD.collection, OLD.id, OLD.subject) THEN
		INSERT INTO otd.access_change (kind, collection, id, subject)
		VALUES ('grant', NEW.collection, NEW.id, NEW.subject);
	END IF;
	RETURN NULL;
END $$;
COMMENT ON FUNCTION otd.access_grant_changed() IS 'word of a changed grant, in the transaction that changes it';
CREATE TRIGGER access_grant_changed AFTER INSERT OR UPDATE OR DELETE ON otd.access_grant
	FOR EACH ROW EXECUTE FUNCTION otd.access_grant_changed();

CREATE FUNCTION otd.owner_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO otd.access_change (kind, collection, id, subject)
	VALUES ('grant', NEW.collection, NEW.id, NEW.owner);
	RETURN NULL;
END $$;
COMMENT ON FUNCTION otd.owner_changed() IS 'word of a document''s new owner, in the transaction that gives it to them';
CREATE TRIGGER owner_changed AFTER UPDATE OF owner ON otd.document
	FOR EACH ROW WHEN (OLD.owner IS DISTINCT FROM NEW.owner)
	EXECUTE FUNCTION otd.owner_changed();

CREATE FUNCTION otd.revocation_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	r otd.revocation := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
BEGIN
	INSERT INTO otd.access_change (kind, subject, token_id, before_at)
	VALUES (r.kind, CASE r.kind WHEN 'subject' THEN r.value END,
		CASE r.kind WHEN 'token' THEN r.value END, r.before_at);
	RETURN NULL;
END $$;
COMMENT ON FUNCTION otd.revocation_changed() IS 'word of a revocation made or taken back, in the transaction that does it';
CREATE TRIGGER revocation_changed AFTER INSERT OR UPDATE OR DELETE ON otd.revocation
	FOR EACH ROW EXECUTE FUNCTION otd.revocation_changed();

CREATE TABLE otd.secret (
	one_row		boolean NOT NULL DEFAULT true,
	value		text COLLATE "C" NOT NULL,
	CONSTRAINT secret_pkey PRIMARY KEY (one_row),
	CONSTRAINT secret_one_row_check CHECK (one_row),
	CONSTRAINT secret_value_check CHECK (value ~ '^[0-9a-f]{64}$')
);
COMMENT ON TABLE otd.secret IS
'what the keys that nodes share are derived from: one row, for the role of otd alone. Do not grant it to who only reads: whoever knows it can speak as any client. Changing it makes clients take new ids';
COMMENT ON COLUMN otd.secret.one_row IS 'true: keeps it one row';
COMMENT ON COLUMN otd.secret.value IS '32 random bytes, hexadecimal';
REVOKE ALL ON otd.secret FROM PUBLIC;
INSERT INTO otd.secret (value)
SELECT encode(sha256(convert_to(string_agg(gen_random_uuid()::text, ''), 'UTF8')), 'hex')
FROM generate_series(1, 4);

CREATE TABLE otd.account (
	created_at	timestamptz NOT NULL DEFAULT now(),
	disabled_at	timestamptz,
	password_at	timestamptz NOT NULL DEFAULT now(),
	last_login_at	timestamptz,
	subject		text COLLATE "C" NOT NULL DEFAULT gen_random_uuid()::text,
	name		text COLLATE "C" NOT NULL,
	password	text COLLATE "C",
	roles		text COLLATE "C" NOT NULL DEFAULT '[]',
	display_name	text COLLATE "C",
	colour		text COLLATE "C",
	avatar_url	text COLLATE "C",
	CONSTRAINT account_pkey PRIMARY KEY (subject)
);
COMMENT ON TABLE otd.account IS 'accounts of the built-in user service';
COMMENT ON COLUMN otd.account.created_at IS 'when it was made';
COMMENT ON COLUMN otd.account.disabled_at IS 'since when it cannot log in; null: it can';
COMMENT ON COLUMN otd.account.password_at IS 'when the password was set';
COMMENT ON COLUMN otd.account.last_login_at IS 'when it last logged in; null: never';
COMMENT ON COLUMN otd.account.subject IS '"sub" of its tokens; never another''s';
COMMENT ON COLUMN otd.account.name IS 'what it logs in with';
COMMENT ON COLUMN otd.account.password IS 'argon2id, as crypt writes it; null: it cannot log in';
COMMENT ON COLUMN otd.account.roles IS 'JSON list of names, a claim of its tokens';
COMMENT ON COLUMN otd.account.display_name IS 'what others see; null: not said';
COMMENT ON COLUMN otd.account.colour IS '#rrggbb of its cursor; null: not said';
COMMENT ON COLUMN otd.account.avatar_url IS 'a picture; null: none';

CREATE UNIQUE INDEX account_name ON otd.account (lower(name));
COMMENT ON INDEX otd.account_name IS 'ASCII letters are alike in both cases: for logging in';

CREATE TABLE otd.refresh_token (
	issued_at	timestamptz NOT NULL DEFAULT now(),
	expires_at	timestamptz NOT NULL,
	used_at		timestamptz,
	hash		text COLLATE "C" NOT NULL,
	family		text COLLATE "C" NOT NULL,
	subject		text COLLATE "C" NOT NULL,
	CONSTRAINT refresh_token_pkey PRIMARY KEY (hash)
);
COMMENT ON TABLE otd.refresh_token IS 'what accounts renew their tokens with; each is good for one renewal';
COMMENT ON COLUMN otd.refresh_token.issued_at IS 'when it was given out';
COMMENT ON COLUMN otd.refresh_token.expires_at IS 'from then on it is refused, and the row may go';
COMMENT ON COLUMN otd.refresh_token.used_at IS 'when it was exchanged for the next one; null: not yet; seen again after that, its family is revoked';
COMMENT ON COLUMN otd.refresh_token.hash IS 'SHA-256 of it, hexadecimal: it is not kept itself';
COMMENT ON COLUMN otd.refresh_token.family IS 'all that come from one login';
COMMENT ON COLUMN otd.refresh_token.subject IS 'of the account';

CREATE INDEX refresh_token_family ON otd.refresh_token (family);
COMMENT ON INDEX otd.refresh_token_family IS 'for logging out, and for revoking what was stolen';
CREATE INDEX refresh_token_subject ON otd.refresh_token (subject);
COMMENT ON INDEX otd.refresh_token_subject IS 'for logging out everywhere';
CREATE INDEX refresh_token_expires ON otd.refresh_token (expires_at);
COMMENT ON INDEX otd.refresh_token_expires IS 'what may go';

CREATE TABLE otd.login_failure (
	at		timestamptz NOT NULL DEFAULT now(),
	name		text COLLATE "C" NOT NULL,
	address		text COLLATE "C" NOT NULL
);
COMMENT ON TABLE otd.login_failure IS 'logins that were refused lately: for their limits, on all nodes together';
COMMENT ON COLUMN otd.login_failure.at IS 'when';
COMMENT ON COLUMN otd.login_failure.name IS 'what was tried, in lower case';
COMMENT ON COLUMN otd.login_failure.address IS 'the client''s';

CREATE INDEX login_failure_name ON otd.login_failure (name, at);
COMMENT ON INDEX otd.login_failure_name IS 'guesses at one account';
CREATE INDEX login_failure_address ON otd.login_failure (address, at);
COMMENT ON INDEX otd.login_failure_address IS 'guesses from one address';
CREATE INDEX login_failure_at ON otd.login_failure (at);
COMMENT ON INDEX otd.login_failure_at IS 'what may go';

CREATE TABLE otd.ticket (
	expires_at	timestamptz NOT NULL,
	hash		text COLLATE "C" NOT NULL,
	principal	text COLLATE "C" NOT NULL,
	CONSTRAINT ticket_pkey PRIMARY KEY (hash)
);
COMMENT ON TABLE otd.ticket IS 'let their bearer in once, within seconds, in the place of a token; whoever uses one deletes it';
COMMENT ON COLUMN otd.ticket.expires_at IS 'from then on it is refused, and the row may go';
COMMENT ON COLUMN otd.ticket.hash IS 'SHA-256 of it, hexadecimal: it is not kept itself';
COMMENT ON COLUMN otd.ticket.principal IS 'who asked for it: the claims of their token, JSON';

CREATE INDEX ticket_expires ON otd.ticket (expires_at);
COMMENT ON INDEX otd.ticket_expires IS 'what may go';

CREATE TABLE otd.once (
	version		bigint,
	created_at	timestamptz NOT NULL DEFAULT now(),
	status		smallint NOT NULL,
	key		text COLLATE "C" NOT NULL,
	fingerprint	text COLLATE "C" NOT NULL,
	collection	text COLLATE "C",
	id		text COLLATE "C",
	answer		text COLLATE "C",
	CONSTRAINT once_pkey PRIMARY KEY (key)
);
COMMENT ON TABLE otd.once IS 'answers to requests that came with an Idempotency-Key: repeated, they are answered so again';
COMMENT ON COLUMN otd.once.version IS 'of the document after it; null: about none';
COMMENT ON COLUMN otd.once.created_at IS 'when it was answered';
COMMENT ON COLUMN otd.once.status IS 'of the answer, as HTTP has it';
COMMENT ON COLUMN otd.once.key IS 'hash of who asked, their key, and the document';
COMMENT ON COLUMN otd.once.fingerprint IS 'hash of the request: the same key with another one is refused';
COMMENT ON COLUMN otd.once.collection IS 'of the document; null: about none';
COMMENT ON COLUMN otd.once.id IS 'of the document; null: about none';
COMMENT ON COLUMN otd.once.answer IS 'body of the answer; null: none';

CREATE INDEX once_created ON otd.once (created_at);
COMMENT ON INDEX otd.once_created IS 'what may go';

CREATE TABLE otd.event (
	serial		bigint GENERATED ALWAYS AS IDENTITY,
	xid		xid8 NOT NULL DEFAULT pg_current_xact_id(),
	at		timestamptz NOT NULL DEFAULT now(),
	from_v		bigint NOT NULL,
	to_v		bigint NOT NULL,
	kind		text COLLATE "C" NOT NULL,
	collection	text COLLATE "C" NOT NULL,
	id		text COLLATE "C" NOT NULL,
	CONSTRAINT event_pkey PRIMARY KEY (xid, serial),
	CONSTRAINT event_version_check CHECK (from_v < to_v),
	CONSTRAINT event_kind_check CHECK (kind IN ('created', 'edited', 'deleted'))
);
COMMENT ON TABLE otd.event IS
'outbox: what happened to documents of collections with events, written with the commit. Read in the order of (xid, serial), and only up to the oldest transaction that is still open: so none is ever passed, in whatever order they commit. A restored dump has numbers of another server: UPDATE otd.event SET xid = DEFAULT, and the same of cursors';
COMMENT ON COLUMN otd.event.serial IS 'order within a transaction';
COMMENT ON COLUMN otd.event.xid IS 'the transaction; of one document''s they only grow, since each builds on a version that it has seen';
COMMENT ON COLUMN otd.event.at IS 'when';
COMMENT ON COLUMN otd.event.from_v IS 'version before';
COMMENT ON COLUMN otd.event.to_v IS 'version after; what lies between are its operations';
COMMENT ON COLUMN otd.event.kind IS 'created, edited or deleted: what the document is afterwards';
COMMENT ON COLUMN otd.event.collection IS 'of the document';
COMMENT ON COLUMN otd.event.id IS 'of the document';

CREATE INDEX event_collection ON otd.event (collection, xid, serial);
COMMENT ON INDEX otd.event_collection IS 'what happened in a collection';
CREATE INDEX event_at ON otd.event (at);
COMMENT ON INDEX otd.event_at IS 'what may go';

CREATE TABLE otd.event_horizon (
	one_row		boolean NOT NULL DEFAULT true,
	xid		xid8 NOT NULL,
	serial		bigint NOT NULL,
	CONSTRAINT event_horizon_pkey PRIMARY KEY (one_row),
	CONSTRAINT event_horizon_one_row_check CHECK (one_row)
);
COMMENT ON TABLE otd.event_horizon IS 'how far events are gone: one row';
COMMENT ON COLUMN otd.event_horizon.one_row IS 'true: keeps it one row';
COMMENT ON COLUMN otd.event_horizon.xid IS 'of the newest event that was deleted';
COMMENT ON COLUMN otd.event_horizon.serial IS 'and its serial';
INSERT INTO otd.event_horizon (xid, serial) VALUES ('0', 0);

CREATE TABLE otd.hook (
	created_at	timestamptz NOT NULL DEFAULT now(),
	disabled_at	timestamptz,
	after_xid	xid8 NOT NULL DEFAULT pg_snapshot_xmin(pg_current_snapshot()),
	after_serial	bigint NOT NULL DEFAULT 0,
	leased_until	timestamptz,
	open_until	timestamptz,
	old_secret_until	timestamptz,
	failures	integer NOT NULL DEFAULT 0,
	tenure		integer NOT NULL DEFAULT 0,
	id		text COLLATE "C" NOT NULL,
	url		text COLLATE "C" NOT NULL,
	secret		text COLLATE "C" NOT NULL,
	old_secret	text COLLATE "C",
	collections	text COLLATE "C" NOT NULL,
	kinds		text COLLATE "C" NOT NULL DEFAULT '["created","edited","deleted"]',
	created_by	text COLLATE "C",
	holder		text COLLATE "C",
	settled		text COLLATE "C" NOT NULL DEFAULT '',
	CONSTRAINT hook_pkey PRIMARY KEY (id)
);
COMMENT ON TABLE otd.hook IS 'webhooks: whom to tell of events';
COMMENT ON COLUMN otd.hook.created_at IS 'when it was made';
COMMENT ON COLUMN otd.hook.disabled_at IS 'since when nothing is sent; null: it is';
COMMENT ON COLUMN otd.hook.after_xid IS 'all events up to this one are dealt with: its xid';
COMMENT ON COLUMN otd.hook.after_serial IS 'and its serial';
COMMENT ON COLUMN otd.hook.leased_until IS 'from then on another process may take it';
COMMENT ON COLUMN otd.hook.open_until IS 'the receiver failed too often: nothing is tried before; null: it is well';
COMMENT ON COLUMN otd.hook.old_secret_until IS 'until when the former secret signs too';
COMMENT ON COLUMN otd.hook.failures IS 'attempts that failed, since the last one that did not';
COMMENT ON COLUMN otd.hook.tenure IS 'how often it changed hands';
COMMENT ON COLUMN otd.hook.id IS 'its name';
COMMENT ON COLUMN otd.hook.url IS 'where to';
COMMENT ON COLUMN otd.hook.secret IS 'what deliveries are signed with';
COMMENT ON COLUMN otd.hook.old_secret IS 'the one before; null: none';
COMMENT ON COLUMN otd.hook.collections IS 'names of collections, or patterns with one *: a JSON list';
COMMENT ON COLUMN otd.hook.kinds IS 'of events, a JSON list';
COMMENT ON COLUMN otd.hook.created_by IS 'subject who made it; null: an administrator at the machine';
COMMENT ON COLUMN otd.hook.holder IS 'the process that delivers it; null: none';
COMMENT ON COLUMN otd.hook.settled IS 'events behind that place that are dealt with, "xid.serial" with blanks between';

CREATE TABLE otd.hook_dead (
	xid		xid8 NOT NULL,
	serial		bigint NOT NULL,
	failed_at	timestamptz NOT NULL DEFAULT now(),
	replay_at	timestamptz,
	attempts	integer NOT NULL,
	last_status	integer,
	hook		text COLLATE "C" NOT NULL,
	collection	text COLLATE "C" NOT NULL,
	id		text COLLATE "C" NOT NULL,
	payload		text COLLATE "C" NOT NULL,
	last_error	text COLLATE "C",
	CONSTRAINT hook_dead_pkey PRIMARY KEY (hook, xid, serial),
	CONSTRAINT hook_dead_hook_fkey FOREIGN KEY (hook) REFERENCES otd.hook (id) ON DELETE CASCADE
);
COMMENT ON TABLE otd.hook_dead IS 'deliveries that were given up; kept until somebody sends them again, or lets them go';
COMMENT ON COLUMN otd.hook_dead.xid IS 'of the event';
COMMENT ON COLUMN otd.hook_dead.serial IS 'of the event';
COMMENT ON COLUMN otd.hook_dead.failed_at IS 'when it was given up';
COMMENT ON COLUMN otd.hook_dead.replay_at IS 'when it was asked to be sent again; null: it was not';
COMMENT ON COLUMN otd.hook_dead.attempts IS 'how often it was tried';
COMMENT ON COLUMN otd.hook_dead.last_status IS 'what the receiver answered last, as HTTP has it; null: nothing';
COMMENT ON COLUMN otd.hook_dead.hook IS 'whose';
COMMENT ON COLUMN otd.hook_dead.collection IS 'of the document';
COMMENT ON COLUMN otd.hook_dead.id IS 'of the document';
COMMENT ON COLUMN otd.hook_dead.payload IS 'what was to be delivered, JSON';
COMMENT ON COLUMN otd.hook_dead.last_error IS 'what went wrong last; null: only the status';
