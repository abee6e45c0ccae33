// Who may what: otd itself with the least of rights, and people with less.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Otd, otd } from '../lib/otd.mjs';
import { Postgres } from '../lib/postgres.mjs';
import { content, put, remove } from './ask.mjs';

const LOGINS = { server: 'otd_app', analyst: 'otd_reader', keeper: 'otd_maint', upgrader: 'otd_owner' };

describe('roles', () => {
	let pg, store, server;
	const as = (login) => store.replace('otd@', `${login}@`);
	// What a login is told when it tries: '' when it may.
	const tries = async (login, sql) => {
		try {
			await pg.sqlAt(as(login), sql);
			return '';
		} catch (error) {
			return /ERROR: {2}(.*)/.exec(error.message)[1];
		}
	};

	before(async () => {
		pg = await Postgres.start();
		store = await pg.database();
		assert.equal((await otd(['migrate', 'up', '--store', store])).code, 0);
		await pg.sqlAt(store, 'SELECT otd.create_roles()');
		await pg.sqlAt(store, 'SELECT otd.create_roles()');	// again is no fault
		for (const [login, role] of Object.entries(LOGINS))
			await pg.sqlAt(store, `CREATE ROLE ${login} LOGIN IN ROLE ${role}`);
		server = await Otd.start({ store: as('server'), args: ['--auth', 'none', '--keep-every', '5'],
			config: { collections: { told: { events: true } } } });
	});
	after(async () => { await server?.stop(); await pg?.stop(); });

	test('otd serves with otd_app alone', async () => {
		for (let i = 0; i < 12; i++)
			await put(server, 'notes', 'a', { n: i });
		assert.deepEqual((await content(server, 'notes', 'a')).data, { n: 11 });
		await put(server, 'told', 'b', { n: 1 });
		await remove(server, 'told', 'b');
		assert.deepEqual((await pg.sqlAt(store, 'SELECT kind FROM otd.event ORDER BY xid, serial')).flat(),
			['created', 'deleted']);
		const said = server.process.said();
		assert.doesNotMatch(said, /permission denied/);
	});

	test('otd_app changes neither history nor the schema', async () => {
		for (const sql of ["UPDATE otd.operation SET body = '1'", 'DELETE FROM otd.operation', 'DELETE FROM otd.document',
			'UPDATE otd.meta SET epoch = gen_random_uuid()', 'DELETE FROM otd.migration', 'DELETE FROM otd.secret',
			'TRUNCATE otd.snapshot', 'SELECT otd.restored()', 'SELECT otd.create_roles()'])
			assert.match(await tries('server', sql), /^permission denied/, sql);
		assert.match(await tries('server', 'ALTER TABLE otd.document ADD x integer'), /must be owner/);
		assert.match(await tries('server', 'CREATE TABLE otd.mine (x integer)'), /permission denied for schema/);
	});

	test('otd_reader sees documents, not secrets, and writes nothing', async () => {
		for (const view of ['documents', 'operations', 'storage', 'active_documents', 'slow_documents', 'retention_preview',
			'document', 'operation', 'snapshot', 'content', 'event', 'meta', 'migration'])
			assert.equal(await tries('analyst', `SELECT * FROM otd.${view}`), '', view);
		for (const table of ['secret', 'account', 'refresh_token', 'ticket', 'hook', 'hook_dead', 'once', 'login_failure'])
			assert.match(await tries('analyst', `SELECT * FROM otd.${table}`), /^permission denied/, table);
		const tables = (await pg.sqlAt(store, "SELECT relname FROM pg_class WHERE relnamespace = 'otd'::regnamespace AND relkind = 'r'")).flat();
		assert.ok(tables.length > 15);
		for (const table of tables)
			assert.match(await tries('analyst', `DELETE FROM otd.${table}`), /^permission denied/, table);
	});

	test('nobody but otd and the owner writes snapshots, content or the versions of documents', async () => {
		for (const login of ['analyst', 'keeper'])
			for (const sql of ["UPDATE otd.snapshot SET body = '1'", 'DELETE FROM otd.snapshot',
				"INSERT INTO otd.snapshot (doc_pk, version) VALUES (1, 99)", "UPDATE otd.content SET body = '1'",
				'DELETE FROM otd.content', 'UPDATE otd.document SET version = 99',
				"INSERT INTO otd.operation (doc_pk, version, seq, kind, src) VALUES (1, 99, 1, 2, 'x')"])
				assert.match(await tries(login, sql), /^permission denied/, `${login}: ${sql}`);
	});

	test('otd_maint takes away what is over, and knows no secret', async () => {
		for (const sql of ["DELETE FROM otd.ticket WHERE expires_at < now()", "DELETE FROM otd.refresh_token WHERE expires_at < now()",
			"DELETE FROM otd.once WHERE created_at < now() - interval '2 days'", "DELETE FROM otd.login_failure WHERE at < now()",
			"DELETE FROM otd.operation WHERE created_at < now() - interval '9 years'", 'SELECT * FROM otd.retention_preview'])
			assert.equal(await tries('keeper', sql), '', sql);
		for (const sql of ['SELECT hash FROM otd.refresh_token', 'SELECT hash FROM otd.ticket', 'SELECT answer FROM otd.once',
			'SELECT * FROM otd.account', 'SELECT * FROM otd.secret', 'SELECT secret FROM otd.hook'])
			assert.match(await tries('keeper', sql), /^permission denied/, sql);
	});

	test('a stranger sees nothing', async () => {
		await pg.sqlAt(store, 'CREATE ROLE stranger LOGIN');
		assert.match(await tries('stranger', 'SELECT * FROM otd.documents'), /permission denied for schema/);
	});

	test('who upgrades as a member of otd_owner makes tables of otd_owner, and otd_app may use them', async () => {
		const fresh = await pg.database();
		const upgrader = fresh.replace('otd@', 'upgrader@');
		assert.equal((await otd(['migrate', 'up', '--store', fresh])).code, 0);
		await pg.sqlAt(fresh, 'SELECT otd.create_roles()');
		// As if the step that makes the views were still to come.
		await pg.sqlAt(fresh, `DELETE FROM otd.migration WHERE number >= 5; ALTER TABLE otd.meta DROP COLUMN serves_from;
			DROP VIEW otd.documents, otd.operations, otd.storage, otd.active_documents, otd.slow_documents, otd.retention_preview;
			DROP TABLE otd.log_horizon, otd.named_version, otd.erasure;
			DROP FUNCTION otd.create_roles(), otd.grant_roles(), otd.restored(), otd.partition_operations(integer)`);
		const { code, text } = await otd(['migrate', 'up', '--store', upgrader]);
		assert.equal(code, 0, text);
		assert.deepEqual(await pg.sqlAt(fresh, `SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class
			WHERE relnamespace = 'otd'::regnamespace`), [['otd_owner']]);
		await pg.sqlAt(fresh.replace('otd@', 'analyst@'), 'SELECT * FROM otd.documents');
	});
});
