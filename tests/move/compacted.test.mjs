// otd verify, export and import of what was compacted and purged, and of logs whose beginning is gone.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Otd, otd } from '../lib/otd.mjs';
import { temporaryFolder } from '../lib/paths.mjs';
import { Postgres } from '../lib/postgres.mjs';
import { JSON0, join, write } from './edit.mjs';
import { Database } from './database.mjs';

let pg;
before(async () => { pg = await Postgres.start(); });
after(async () => { await pg?.stop(); });

const settings = ['--keep-every', '25', '--checkpoint-ops', '10'];
const folder = temporaryFolder('compacted');
let files = 0;

async function verify(db) {
	const { code, text } = await otd(['verify', '--store', db.store, '--json']);
	const lines = text.split('\n').map((line) => JSON.parse(line));
	return { code, found: lines.slice(0, -1), end: lines.at(-1) };
}

async function exported(db) {
	const file = path.join(folder, `e${++files}.ndjson`);
	const { code, text } = await otd(['export', '--out', file, '--store', db.store]);
	assert.equal(code, 0, text);
	return file;
}

const imported = (db, file) => otd(['import', 'ndjson', file, '--verify', ...settings, '--store', db.store]);
const linesOf = (file) => fs.readFileSync(file, 'utf8').split('\n').slice(0, -1);
const horizons = (db) => db.sql(`SELECT id, horizon FROM ${db.prefix}log_horizon AS h JOIN ${db.prefix}document AS d
	ON d.doc_pk = h.doc_pk ORDER BY id`);

// Of what is compacted up to 60 with snapshots kept at 25 and 50; what is to be heard.
const FLIPS = [
	{ name: 'an operation that stands for others', table: 'operation', id: 'old', v: 24, column: 'body', from: '"si":"4', to: '"si":"5',
		finds: { table: 'snapshot', v: 25 } },
	{ name: 'the last that does', table: 'operation', id: 'old', v: 59, column: 'body', from: '"si":"9"}]', to: '"si":"8"}]',
		finds: { table: 'snapshot' } },
	{ name: 'an operation that does nothing', table: 'operation', id: 'old', v: 30, column: 'body', from: '[]', to: '7 ',
		finds: { table: 'operation', v: 30 } },
	{ name: 'a kept snapshot between them', table: 'snapshot', id: 'old', v: 50, column: 'body', from: '"n":49', to: '"n":48',
		finds: { table: 'snapshot', v: 50 } },
	{ name: 'an operation that was too young', table: 'operation', id: 'old', v: 62, column: 'body', from: '"na"', to: '"nb"',
		finds: { table: 'operation', v: 62 } },
	{ name: 'the horizon', table: 'log_horizon', id: 'old', column: 'horizon', from: '60', to: '90',
		finds: { table: 'log_horizon', v: 90 } },
	{ name: 'where the log of what was erased begins', table: 'log_horizon', id: 'purged', column: 'begins', from: '30', to: '20',
		finds: { table: 'operation', v: 0 } },
];

for (const kind of ['postgresql', 'sqlite'])
	describe(kind, () => {
		let db, raw, file;

		before(async () => {
			db = await Database.make(kind, pg);
			const server = await Otd.start({ store: db.store, args: settings });
			const client = await join(server);
			await write(client, 'notes', 'old', 60);
			await write(client, 'notes', 'trimmed', 40);
			await write(client, 'notes', 'purged', 30);
			await write(client, 'notes', 'young', 5);
			client.leave();
			await server.stop();
			raw = await exported(db);
			// By hand, up to a kept snapshot.
			await db.sql(`DELETE FROM ${db.prefix}operation WHERE version < 25 AND doc_pk =
				(SELECT doc_pk FROM ${db.prefix}document WHERE id = 'trimmed')`);
			const compacted = await otd(['compact', 'notes', '--older-than', '0', '--rate', '0', ...settings, '--store', db.store]);
			assert.equal(compacted.code, 0, compacted.text);
			// Of 1 to 24, 25 to 49 and 50 to 59; 25 to 39; 1 to 24 and 25 to 29; 1 to 4.
			const { documents, left, spans, operations } = JSON.parse(compacted.text);
			assert.deepEqual([documents, left, spans, operations], [4, 0, 7, 59 + 15 + 29 + 4]);
			const purged = await otd(['purge', 'notes', 'purged', '--reason', 'asked', '--by', 'ann', '--store', db.store]);
			assert.equal(purged.code, 0, purged.text);
			const again = await Otd.start({ store: db.store, args: settings });
			const later = await join(again);
			for (let v = 60; v < 65; v++) await later.op('notes', 'old', v, { op: [{ p: ['n'], na: 1 }] });
			await later.op('notes', 'purged', 31, { create: { type: JSON0, data: { n: 1 } } });
			later.leave();
			await again.stop();
			file = await exported(db);
		});

		test('all agree', async () => {
			const { code, found, end } = await verify(db);
			assert.deepEqual(found, []);
			assert.equal(code, 0);
			assert.deepEqual(end, { documents: 4, operations: 65 + 15 + 2 + 5, bad: 0, complete: true });
			for (const id of ['old', 'trimmed', 'purged', 'young'])
				assert.equal((await otd(['doc', 'verify', 'notes', id, '--store', db.store])).code, 0, id);
		});

		for (const flip of FLIPS)
			test(`found: ${flip.name}`, async () => {
				const undo = await db.flip(flip);
				try {
					const { code, found } = await verify(db);
					assert.equal(code, 1);
					assert.deepEqual(found.map(({ id }) => id), [flip.id]);
					assert.equal(found[0].table, flip.finds.table, found[0].reason);
					if (flip.finds.v !== undefined) assert.equal(found[0].v, flip.finds.v, found[0].reason);
				} finally {
					await undo();
				}
			});

		test('found: what should have been erased', async () => {
			const pk = `(SELECT doc_pk FROM ${db.prefix}document WHERE id = 'purged')`;
			const [key, place] = kind === 'sqlite' ? ['place', `(${pk} << 32) + 7`] : ['version, doc_pk', `7, ${pk}`];
			for (const [table, v, columns, values] of [
				['operation', 7, `${key}, kind, seq, src, body`, `${place}, 0, 1, 's', '[]'`],
				['snapshot', 25, 'doc_pk, version, kept, type, body', `${pk}, 25, ${kind === 'sqlite' ? 1 : true}, '${JSON0}', '1'`],
			]) {
				await db.sql(`INSERT INTO ${db.prefix}${table} (created_at, ${columns})
					SELECT min(created_at), ${values} FROM ${db.prefix}operation`);
				const { code, found } = await verify(db);
				assert.equal(code, 1);
				assert.deepEqual(found.map((one) => [one.id, one.v, one.table]), [['purged', v, table]]);
				assert.match(found[0].reason, /erased at 30/);
				await db.sql(`DELETE FROM ${db.prefix}${table} WHERE version = ${v} AND doc_pk = ${pk}`);
			}
			assert.deepEqual((await verify(db)).found, [], 'all agree again');
		});

		for (const into of ['postgresql', 'sqlite'].filter((one) => one !== kind))
			test(`there and back, into ${into}: horizons go along`, async () => {
				const other = await Database.make(into, pg);
				const { code, text } = await imported(other, file);
				assert.equal(code, 0, text);
				const { found } = await verify(other);
				assert.deepEqual(found, []);
				assert.deepEqual((await horizons(other)).filter(([id]) => id === 'old'), [['old', '60']]);
				assert.deepEqual(linesOf(await exported(other)).sort(), linesOf(file).sort());
				// Broken off before the horizons moved, it is found out when it is run again.
				await other.sql(`DELETE FROM ${other.prefix}log_horizon`);
				assert.equal((await imported(other, file)).code, 0);
				assert.deepEqual((await horizons(other)).filter(([id]) => id === 'old'), [['old', '60']]);
				// Whoever knows an old version is told so there, too; who is younger is caught up.
				const server = await Otd.start({ store: other.store, args: settings });
				for (const [v, status] of [[30, 410], [60, 200]]) {
					const answer = await fetch(`${server.url}v1/collections/notes/docs/old/ops`, { method: 'POST',
						headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ v, op: [{ p: ['n'], na: 1 }] }) });
					assert.equal(answer.status, status, await answer.text());
				}
				await server.stop();
			});

		test('behind what was taken before it was compacted it does not go', async () => {
			const other = await Database.make('sqlite', pg);
			// The first export, cut in the middle of what was to become one.
			const lines = linesOf(raw).map((line) => JSON.parse(line));
			const at = lines.findIndex((line) => line.document?.id === 'old');
			const part = [lines[0], { document: { ...lines[at].document, v: 30 } }, ...lines.slice(at + 1, at + 31),
				{ content: { v: 30, type: JSON0, data: 0 } }, { end: { documents: 1, operations: 30 } }];
			const cut = path.join(folder, `e${++files}.ndjson`);
			fs.writeFileSync(cut, part.map((line) => `${JSON.stringify(line)}\n`).join(''));
			assert.match((await imported(other, cut)).text, /lead to another content than its snapshot/);
			const before = await other.sql("SELECT version FROM document WHERE id = 'old'");
			const { code, text } = await imported(other, file);
			assert.equal(code, 1);
			assert.match(text, /notes\/old: it is there already, up to version 30, and was compacted up to 60 since: purge it here/);
			assert.deepEqual(await other.sql("SELECT version FROM document WHERE id = 'old'"), before);
			assert.deepEqual((await verify(other)).found, []);
		});
	});
