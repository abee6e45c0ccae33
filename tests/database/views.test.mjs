// What the views show of documents that otd wrote.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Otd, otd } from '../lib/otd.mjs';
import { Postgres } from '../lib/postgres.mjs';
import { run } from '../lib/process.mjs';
import { put, remove } from './ask.mjs';

const ODD = '\ud800\u0000"\\';

for (const dialect of ['postgresql', 'sqlite'])
	describe(`views of ${dialect}`, () => {
		let pg, server, rows;

		before(async () => {
			if (dialect === 'postgresql') pg = await Postgres.start();
			server = await Otd.start({ store: await pg?.database(), args: ['--checkpoint-ops', '4'] });
			await put(server, 'notes', 'odd', { text: ODD });
			await put(server, 'notes', 'odd', { text: 'even' });
			for (let n = 0; n < 6; n++) await put(server, 'notes', 'long', { n });
			await put(server, 'tasks', 'gone', 1);
			await remove(server, 'tasks', 'gone');
			await server.stop();
			const prefix = pg ? 'otd.' : '';
			rows = async (what) => {
				const sql = `SELECT ${what.replace('@', prefix)}`;
				if (pg) return pg.sqlAt(server.store, sql);
				return (await run('sqlite3', ['-separator', '\t', server.store.replace('sqlite:', ''), sql])).split('\n').filter(Boolean)
					.map((line) => line.split('\t'));
			};
		});
		after(() => pg?.stop());
		const yes = () => (pg ? 't' : '1');
		const no = () => (pg ? 'f' : '0');

		test('documents by name, and where a load begins', async () => {
			assert.deepEqual(await rows('collection, id, version, is_deleted FROM @documents ORDER BY collection, id'), [
				['notes', 'long', '6', no()], ['notes', 'odd', '2', no()], ['tasks', 'gone', '2', yes()]]);
			assert.deepEqual(await rows("count(*) FROM @documents WHERE snapshot_version > version"), [['0']]);
		});

		test('operations in words, the oddest of bodies too', async () => {
			assert.deepEqual(await rows("id, version, kind FROM @operations WHERE collection = 'tasks' ORDER BY version"),
				[['gone', '0', 'create'], ['gone', '1', 'delete']]);
			const [[body]] = await rows("body FROM @operations WHERE id = 'odd' AND version = 0");
			assert.deepEqual(JSON.parse(body).data, { text: ODD });
		});

		test('what collections take', async () => {
			assert.deepEqual(await rows('collection, documents, deleted, operations FROM @storage ORDER BY collection'),
				[['notes', '2', '0', '8'], ['tasks', '1', '1', '2']]);
			assert.deepEqual(await rows('count(*) FROM @storage WHERE operation_bytes > 0'), [['2']]);
		});

		if (dialect === 'postgresql') {
			test('what is active and what is slow', async () => {
				assert.deepEqual(await rows('id, operations FROM @active_documents ORDER BY operations DESC, id LIMIT 1'), [['long', '6']]);
				await pg.sqlAt(server.store, "UPDATE otd.document SET updated_at = now() - interval '2 hours' WHERE id = 'long'");
				assert.deepEqual(await rows("count(*) FROM @active_documents WHERE id = 'long'"), [['0']]);
				await pg.sqlAt(server.store, 'DELETE FROM otd.snapshot');
				assert.deepEqual(await rows('id, replayed FROM @slow_documents ORDER BY replayed DESC LIMIT 1'), [['long', '6']]);
			});

			test('what keeping less would take away', async () => {
				await pg.sqlAt(server.store, `UPDATE otd.operation SET created_at = now() - interval '40 days' WHERE version < 3;
					INSERT INTO otd.snapshot (doc_pk, version, type, body) SELECT doc_pk, 2, type, 'null' FROM otd.document WHERE id = 'long'`);
				assert.deepEqual(await rows('collection, days, operations FROM @retention_preview ORDER BY days'),
					[['notes', '7', '2'], ['notes', '30', '2']]);
			});
		}
	});

test('operations in parts: otd goes on with them, and what it wrote is there', async () => {
	const pg = await Postgres.start();
	const store = await pg.database();
	const server = await Otd.start({ store });
	for (let n = 0; n < 12; n++) await put(server, 'notes', `d${n}`, { n });
	await pg.sqlAt(store, 'SELECT otd.partition_operations(4)');	// under its feet
	for (let n = 0; n < 12; n++) await put(server, 'notes', `d${n}`, { n, again: true });
	const parts = await pg.sqlAt(store, 'SELECT tableoid, count(*) FROM otd.operation GROUP BY 1');
	assert.ok(parts.length > 1, 'all in one part');
	assert.deepEqual(await pg.sqlAt(store, 'SELECT count(*) FROM otd.operations'), [['24']]);
	await assert.rejects(pg.sqlAt(store, 'SELECT otd.partition_operations(4)'), /in parts already/);
	await server.stop();
	for (let n = 0; n < 12; n++) assert.equal((await otd(['doc', 'verify', 'notes', `d${n}`, '--store', store])).code, 0);
	// Each look-up goes to one part, by its index.
	await pg.sqlAt(store, 'ANALYZE otd.operation');
	const plan = (await pg.sqlAt(store, 'SET enable_seqscan = off; EXPLAIN SELECT * FROM otd.operation WHERE doc_pk = 3 AND version >= 0')).flat().join('\n');
	assert.match(plan, /Index Scan using operation_\d_pkey/);
	assert.doesNotMatch(plan, /Append/);
	await pg.stop();
});
