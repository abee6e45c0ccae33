// otd verify: everything agrees; a byte flipped in one row of a table is found, and where it is said.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Otd, otd } from '../lib/otd.mjs';
import { program } from '../lib/paths.mjs';
import { Postgres } from '../lib/postgres.mjs';
import { run } from '../lib/process.mjs';
import { JSON0, TEXT, join, write } from './edit.mjs';
import { Database } from './database.mjs';

let pg;
before(async () => { pg = await Postgres.start(); });
after(async () => { await pg?.stop(); });

// Flips of one byte: of what row, in which column, from and to, and what is to be heard.
const FLIPS = [
	{ name: 'an operation that applies no more', table: 'operation', id: 'long', v: 7, column: 'body', from: '"na"', to: '"nb"',
		finds: { collection: 'notes', id: 'long', table: 'operation', v: 7 }, says: /op 7 does not apply/ },
	{ name: 'an operation that does something else', table: 'operation', id: 'long', v: 12, column: 'body', from: '"si":"2"', to: '"si":"3"',
		finds: { collection: 'notes', id: 'long', table: 'snapshot', v: 25 }, says: /does not lead to the checkpoint of version 25/ },
	{ name: 'an operation behind the last checkpoint', table: 'operation', id: 'short', v: 2, column: 'body', from: '"na":1', to: '"na":3',
		finds: { collection: 'notes', id: 'short', table: 'content' }, says: /does not lead to the content for queries/ },
	{ name: 'a create', table: 'operation', id: 'short', v: 0, column: 'body', from: 'JSONv0', to: 'JSONv9',
		finds: { collection: 'notes', id: 'short', table: 'operation', v: 0 }, says: /Unknown type/ },
	{ name: 'an operation that is no JSON any more', table: 'operation', id: 'short', v: 1, column: 'body', from: ',"na"', to: ' "na"',
		finds: { collection: 'notes', id: 'short', table: 'operation', v: 1 }, says: /does not apply/ },
	{ name: 'the version of a document', table: 'document', id: 'short', column: 'version', from: '5', to: '7',
		finds: { collection: 'notes', id: 'short', table: 'document', v: 7 }, says: /its log ends at version 5, its row says 7/ },
	{ name: 'the version of a document, down', table: 'document', id: 'short', column: 'version', from: '5', to: '4',
		finds: { collection: 'notes', id: 'short', table: 'operation', v: 4 }, says: /op 4 stands beyond its version, 4/ },
	{ name: 'the type of a document', table: 'document', id: 'short', column: 'type', from: 'JSONv0', to: 'JSONv1',
		finds: { collection: 'notes', id: 'short', table: 'document', v: 5 }, says: /its row says another type/ },
	{ name: 'a checkpoint', table: 'snapshot', id: 'long', v: 50, column: 'body', from: '"n":49', to: '"n":59',
		finds: { collection: 'notes', id: 'long', table: 'snapshot', v: 50 }, says: /of version 50, though to what is kept of version 25/ },
	{ name: 'the type of a checkpoint', table: 'snapshot', id: 'long', v: 25, column: 'type', from: 'JSONv0', to: 'JSONv1',
		finds: { collection: 'notes', id: 'long', table: 'snapshot', v: 25 }, says: /the type there is/ },
	{ name: 'what queries see', table: 'content', id: 'short', column: 'body', from: '"n":4', to: '"n":5',
		finds: { collection: 'notes', id: 'short', table: 'content' }, says: /does not lead to the content for queries/ },
	{ name: 'the name of what queries see', table: 'content', id: 'short', column: 'id', from: 'short', to: 'shoru',
		finds: { collection: 'notes', id: 'shoru', table: 'content' }, says: /no such document/ },
];

for (const kind of ['postgresql', 'sqlite']) {
	describe(kind, () => {
		let db;

		before(async () => {
			db = await Database.make(kind, pg);
			const server = await Otd.start({ store: db.store, args: ['--checkpoint-ops', '10', '--keep-every', '25'] });
			const client = await join(server);
			await write(client, 'notes', 'long', 60);
			await write(client, 'notes', 'short', 5);
			await client.op('notes', 'gone', 0, { create: { type: JSON0, data: [] } });
			await client.op('notes', 'gone', 1, { del: true });
			await client.op('notes', 'twice', 0, { create: { type: JSON0, data: 1 } });
			await client.op('notes', 'twice', 1, { del: true });
			await client.op('notes', 'twice', 2, { create: { type: TEXT, data: 'x' } });
			for (let i = 0; i < 30; i++) await write(client, 'others', `d${i}`, 3);
			client.leave();
			await server.stop();
		});

		const verify = async (...words) => {
			const { code, text } = await otd(['verify', '--store', db.store, '--json', ...words]);
			const lines = text.split('\n').map((line) => JSON.parse(line));
			return { code, found: lines.slice(0, -1), end: lines.at(-1) };
		};

		test('all agree', async () => {
			for (const jobs of ['1', '3']) {
				const { code, found, end } = await verify('--jobs', jobs);
				assert.deepEqual(found, []);
				assert.equal(code, 0);
				assert.deepEqual(end, { documents: 34, operations: 60 + 5 + 2 + 3 + 90, bad: 0, complete: true });
			}
			assert.deepEqual((await verify('notes')).end, { documents: 4, operations: 70, bad: 0, complete: true });
			assert.equal((await verify('notes', 'others')).end.documents, 34);
			assert.equal((await verify('nothing')).end.documents, 0);
			const { code, text } = await otd(['verify', '--store', db.store]);
			assert.equal(code, 0);
			assert.equal(text, '34 documents, 160 operations: all agree');
		});

		test('next to a server that is written to', async () => {
			const server = await Otd.start({ store: db.store, args: ['--checkpoint-ops', '3'] });
			const client = await join(server);
			let v = 0, more = true;
			const writing = (async () => {
				await client.op('busy', 'x', v++, { create: { type: JSON0, data: { n: 0 } } });
				while (more) await client.op('busy', 'x', v++, { op: [{ p: ['n'], na: 1 }] });
			})();
			for (let i = 0; i < 5; i++) {
				const { code, found } = await verify('busy');
				assert.deepEqual(found, []);
				assert.equal(code, 0);
			}
			more = false;
			await writing;
			client.leave();
			await server.stop();
			const { end } = await verify('busy');
			assert.equal(end.operations, v);
		});

		for (const flip of FLIPS)
			test(`found: ${flip.name}`, async () => {
				const undo = await db.flip(flip);
				try {
					const { code, found } = await verify();
					assert.equal(code, 1);
					const mine = found.find((f) => f.id === flip.finds.id && f.collection === flip.finds.collection);
					assert.ok(mine, JSON.stringify(found));
					const { reason, ...where } = mine;
					if (flip.finds.v === undefined) delete where.v;
					assert.deepEqual(where, flip.finds);
					assert.match(reason, flip.says);
					// Nobody else is blamed.
					assert.deepEqual(found.filter((f) => f !== mine && f.id !== flip.id), []);
				} finally {
					await undo();
				}
				assert.equal((await verify()).code, 0, 'all agree again');
			});

		test('found: operations and checkpoints of no document', async () => {
			const undo = await db.orphan('long');
			const { code, found } = await verify();
			assert.equal(code, 1);
			assert.deepEqual(new Set(found.filter((f) => !f.collection).map((f) => f.table)), new Set(['operation', 'snapshot']));
			for (const f of found.filter((one) => !one.collection)) assert.match(f.reason, /rows of doc_pk \d+, and no such document/);
			await undo();
			assert.equal((await verify()).code, 0);
		});

		test('in words', async () => {
			const undo = await db.flip(FLIPS[0]);
			const { code, text } = await otd(['verify', '--store', db.store, 'notes']);
			assert.equal(code, 1);
			const lines = text.split('\n');
			assert.match(lines[0], /^notes\/long: version 7 \(operation\): op 7 does not apply: ./);
			assert.match(lines[1], /^4 documents, 1\d operations: 1 bad$/);
			await undo();
		});

		test('a bar, on a terminal alone', async () => {
			const asked = `${program('otd')} verify --store '${db.store}' --jobs 2`;
			const shown = await run('script', ['-qec', asked, '/dev/null']);
			assert.match(shown, /verify \[[#.]{24}\] +\d+% {2}\d+ of \d+ documents/);
			const { text } = await otd(['verify', '--store', db.store]);
			assert.ok(!text.includes('['), text);
		});
	});
}

test('a byte of the file that the disk has changed', async () => {
	const db = await Database.make('sqlite', pg);
	const server = await Otd.start({ store: db.store });
	const client = await join(server);
	await client.op('notes', 'torn', 0, { create: { type: JSON0, data: { mark: 'MARK'.repeat(100) } } });
	await write(client, 'notes', 'whole', 3);
	client.leave();
	await server.stop();
	await db.tear('MARKMARK', 'MARKMARC');
	const { code, text } = await otd(['verify', '--store', db.store, '--json']);
	assert.equal(code, 1, text);
	assert.deepEqual(text.split('\n').slice(0, -1).map((line) => JSON.parse(line).id), ['torn']);
});

test('what cannot be asked', async () => {
	const nowhere = await otd(['verify', '--store', 'sqlite:/nowhere/otd.db']);
	assert.equal(nowhere.code, 69);
	assert.match(nowhere.text, /cannot open the store/);
	for (const jobs of ['0', '65', 'x', '2x', '']) {
		const { code, text } = await otd(['verify', '--jobs', jobs]);
		assert.equal(code, 64);
		assert.match(text, /--jobs wants a number from 1 to 64/);
	}
	assert.equal((await otd(['verify', '--json=1'])).code, 64);
	assert.equal((await otd(['verify', '--jobs'])).code, 64);
});
