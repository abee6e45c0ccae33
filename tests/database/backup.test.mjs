// The drills of docs/BACKUP.md: what comes back from a backup is whole, up to a moment, and otd goes on with it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, describe, test } from 'node:test';
import { Otd, otd } from '../lib/otd.mjs';
import { temporaryFolder } from '../lib/paths.mjs';
import { Postgres } from '../lib/postgres.mjs';
import { run, until } from '../lib/process.mjs';
import { content, fill, put } from './ask.mjs';

const DOCS = 6;
const EVENTS = { collections: { told: { events: true } } };

// Edits on and on, until stop(); resolves with how many were acknowledged.
function writer(server) {
	let isOver = false, n = 0;
	const done = (async () => {
		for (; !isOver; n++) await put(server, 'notes', `d${n % DOCS}`, { n });
		return n;
	})();
	return { stop: () => { isOver = true; return done; } };
}

// Every document there replays to what is stored.
async function verifyAll(store, ids) {
	assert.ok(ids.length >= DOCS);
	for (const [collection, id] of ids) {
		const { code, text } = await otd(['doc', 'verify', collection, id, '--store', store]);
		assert.equal(code, 0, text);
	}
}

async function migrateRestored(store) {
	const { code, text } = await otd(['migrate', 'restored', '--store', store]);
	assert.equal(code, 0, text);
}

// It takes edits, and knows what it had.
async function goesOn(store, wanted) {
	const server = await Otd.start({ store, config: EVENTS });
	for (const [id, data] of Object.entries(wanted)) assert.deepEqual((await content(server, 'notes', id)).data, data);
	const { v } = await content(server, 'notes', 'd0');
	await put(server, 'notes', 'd0', { restored: true });
	assert.equal((await content(server, 'notes', 'd0')).v, v + 1);
	await put(server, 'told', 'after', 1);
	await server.stop();
}

const listed = 'SELECT collection, id FROM otd.document';
const history = `SELECT d.collection, d.id, d.version, md5(string_agg(o.version || o.body, ',' ORDER BY o.version))
	FROM otd.document AS d JOIN otd.operation AS o USING (doc_pk) GROUP BY 1, 2, 3 ORDER BY 1, 2`;

describe('PostgreSQL', { timeout: 240_000 }, () => {
	const servers = [];
	const start = async (options) => { const pg = await Postgres.start(options); servers.push(pg); return pg; };
	after(() => Promise.all(servers.map((pg) => pg.stop())));

	test('pg_dump while edits go on, restored into another cluster', async () => {
		const pg = await start();
		const store = await pg.database();
		const server = await Otd.start({ store, config: EVENTS });
		await pg.sqlAt(store, 'SELECT otd.create_roles()');
		// Transaction numbers far ahead of those of a new cluster.
		await pg.sql('DO $$ BEGIN FOR i IN 1 .. 3000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$');
		await fill(server, 'notes', DOCS);
		for (let i = 0; i < 5; i++) await put(server, 'told', 'e', { i });
		const writing = writer(server);
		const file = `${temporaryFolder('dump')}/otd.dump`;
		await run(`${pg.bin}/pg_dump`, ['-Fc', '-f', file, '-d', store]);
		assert.ok(await writing.stop() > 0);
		await server.stop();

		const other = await start();
		const restored = await other.database();
		await run(`${pg.bin}/pg_restore`, ['--no-owner', '--no-acl', '--exit-on-error', '-d', restored, file]);
		const before = await other.sqlAt(restored, 'SELECT epoch FROM otd.meta');
		const events = 'SELECT collection, id, from_v, to_v, kind FROM otd.event ORDER BY xid, serial';
		const told = await other.sqlAt(restored, events);
		assert.equal(told.length, 5);
		await migrateRestored(restored);
		assert.notDeepEqual(await other.sqlAt(restored, 'SELECT epoch FROM otd.meta'), before);
		assert.deepEqual(await other.sqlAt(restored, events), told);
		assert.deepEqual(await other.sqlAt(restored, 'SELECT count(*) FROM otd.event WHERE xid > pg_snapshot_xmin(pg_current_snapshot())'), [['0']]);
		await other.sqlAt(restored, 'SELECT otd.create_roles()');
		await verifyAll(restored, await other.sqlAt(restored, listed));
		// A moment of the history, and the same history up to it.
		for (const [collection, id, version, sum] of await other.sqlAt(restored, history))
			assert.deepEqual(await pg.sqlAt(store, `SELECT md5(string_agg(o.version || o.body, ',' ORDER BY o.version))
				FROM otd.document AS d JOIN otd.operation AS o USING (doc_pk)
				WHERE collection = '${collection}' AND id = '${id}' AND o.version < ${version}`), [[sum]]);
		await goesOn(restored, {});
		// What is new comes after what was.
		assert.equal((await other.sqlAt(restored, events)).at(-1)[1], 'after');
	});

	test('back to a moment before an accident, from a base backup and the log', async () => {
		const archive = temporaryFolder('archive');
		const base = temporaryFolder('base');
		const pg = await start({ settings: ['wal_level = replica', 'archive_mode = on',
			`archive_command = 'test ! -f ${archive}/%f && cp %p ${archive}/%f'`] });
		for (const folder of [archive, base]) if (pg.as.uid !== undefined) fs.chownSync(folder, pg.as.uid, pg.as.gid);
		const store = await pg.database();
		const server = await Otd.start({ store });
		await fill(server, 'notes', DOCS);
		await run(`${pg.bin}/pg_basebackup`, ['-D', `${base}/data`, '-c', 'fast', '-X', 'none', '-d', pg.url()], pg.options);
		await put(server, 'notes', 'd1', 'after the backup');
		await pg.sql("SELECT pg_create_restore_point('before')");
		// Acknowledged, and gone for good.
		await put(server, 'notes', 'd1', 'after the moment');
		await server.kill();
		await pg.sqlAt(store, "DELETE FROM otd.operation; DELETE FROM otd.snapshot; UPDATE otd.document SET version = 1");
		const [[last]] = await pg.sql('SELECT pg_walfile_name(pg_switch_wal())');
		await until('the log is in the archive', () => fs.existsSync(`${archive}/${last}`));
		await pg.down();

		const other = await start({
			make: async ({ folder }) => {
				fs.renameSync(`${base}/data`, `${folder}/data`);
				fs.writeFileSync(`${folder}/data/recovery.signal`, '');
			},
			settings: [`restore_command = 'cp ${archive}/%f %p'`, "recovery_target_name = 'before'",
				"recovery_target_action = 'promote'", 'archive_mode = off'],
		});
		const restored = other.url(store.split('/').pop());
		await until('it is promoted', async () => (await other.sqlAt(restored, 'SELECT pg_is_in_recovery()'))[0][0] === 'f');
		await migrateRestored(restored);
		await verifyAll(restored, await other.sqlAt(restored, listed));
		await goesOn(restored, { d1: 'after the backup', d2: { i: 2, e: 2 } });
	});
});

describe('SQLite', { timeout: 120_000 }, () => {
	test('a copy while edits go on, by the backup of sqlite3', async () => {
		const server = await Otd.start();
		const file = server.store.replace('sqlite:', '');
		await fill(server, 'notes', DOCS);
		const writing = writer(server);
		const copy = `${temporaryFolder('copy')}/otd.db`;
		await run('sqlite3', [file, `.backup ${copy}`]);
		assert.ok(await writing.stop() > 0);
		await server.stop();
		const store = `sqlite:${copy}`;
		await migrateRestored(store);
		const ids = (await run('sqlite3', ['-separator', '\t', copy, 'SELECT collection, id FROM documents'])).split('\n').filter(Boolean)
			.map((line) => line.split('\t'));
		await verifyAll(store, ids);
		assert.equal(await run('sqlite3', [copy, 'PRAGMA integrity_check']).then((said) => said.trim()), 'ok');
		await goesOn(store, {});
	});

	test('what is not there is not made by saying that it was restored', async () => {
		const path = `${temporaryFolder('none')}/otd.db`;
		const { code, text } = await otd(['migrate', 'restored', '--store', `sqlite:${path}`]);
		assert.equal(code, 1);
		assert.match(text, /no database/);
		assert.ok(!fs.existsSync(path));
	});
});
