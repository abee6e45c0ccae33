// otd import sharedb-postgres: databases that ShareDB's own server wrote for its own clients, and what is wrong with some.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Otd, otd } from '../lib/otd.mjs';
import { patience, program } from '../lib/paths.mjs';
import { Postgres } from '../lib/postgres.mjs';
import { Program, until } from '../lib/process.mjs';
import { Peer } from '../interop/client.mjs';
import { Chance, random } from '../interop/random.mjs';
import { types } from '../interop/types.mjs';
import { Database } from './database.mjs';
import { ShareDbDatabase } from './sharedb.mjs';

const seed = process.env.OTD_TEST_SEED || '1';
const KINDS = ['postgresql', 'sqlite'];
let pg;
before(async () => { pg = await Postgres.start(); });
after(async () => { await pg?.stop(); });

const importing = async (from, db, ...words) => {
	const { code, text } = await otd(['import', 'sharedb-postgres', from.url, '--store', db.store, ...words]);
	const lines = text.split('\n');
	return { code, told: lines.slice(0, -1), sum: lines.at(-1) };
};

// An edit that sharedb-postgres can keep: jsonb has no U+0000, and the adapter takes an empty text for no document.
function edit(chance, type, data) {
	const short = typeof data === 'string' && data.length < 12;
	for (;;) {
		const op = short ? (type === 'text0' ? [{ p: 0, i: 'longer ' }] : ['longer ']) : random[type].op(chance, data);
		if (!JSON.stringify(op).includes('\\u0000')) return op;
	}
}

// Clients that write at once, each not waiting for the others; waits: how often one waits for itself.
async function crowd(peers, chance, type, id, edits, waits = 0.3) {
	const docs = peers.map((peer) => peer.doc('notes', id));
	await docs[0].create(random[type].initial(), type);
	await Promise.all(docs.map((doc) => doc.subscribe()));
	for (let i = 0; i < edits; i++) {
		const doc = chance.one(docs);
		doc.raw.submitOp(edit(chance, type, doc.data), (error) => { if (error) doc.errors.push(error); });
		if (chance.often(waits)) await doc.settled();
	}
	await Promise.all(docs.map((doc) => doc.settled()));
	assert.deepEqual(docs.flatMap((doc) => doc.errors), []);
}

// Another document of that name and so many versions.
async function peerless(db, id, versions) {
	const server = await Otd.start({ store: db.store });
	const peer = await Peer.connect(server.ws);
	const doc = peer.doc('notes', id);
	await doc.create({ n: 0 });
	while (doc.v < versions) await doc.submit([{ p: ['n'], na: 1 }]);
	await peer.close();
	await server.stop();
}

// What ShareDB's server says of every document: {id: {v, type, data}}.
const asKnown = (from, ids) => from.edit(async (peer) => {
	const known = {};
	for (const id of ids) {
		const doc = peer.doc('notes', id);
		await doc.fetch();
		known[id] = { v: doc.v, type: doc.type?.uri, data: doc.data };
	}
	return known;
});

async function sameAsKnown(url, known) {
	const peer = await Peer.connect(url);
	for (const [id, wanted] of Object.entries(known)) {
		const doc = peer.doc('notes', id);
		await doc.fetch();
		assert.deepEqual({ v: doc.v, type: doc.type?.uri, data: doc.data }, wanted, id);
	}
	await peer.close();
}

describe('a database in order', () => {
	const ids = [...Object.keys(types), 'gone', 'again', 'both', 'empty'];
	let from, known;

	before(async () => {
		from = await ShareDbDatabase.make(pg);
		const server = await from.serve();
		const peers = await Promise.all([1, 2, 3].map(() => Peer.connect(server.urls[0])));
		for (const type of Object.keys(types)) await crowd(peers, new Chance(`${seed} ${type}`), type, type, 60);
		const gone = peers[0].doc('notes', 'gone');
		await gone.create({ a: 1 });
		await gone.submit([{ p: ['a'], na: 1 }]);
		await gone.del();
		const again = peers[0].doc('notes', 'again');
		await again.create([{ insert: 'x' }], 'rich-text');
		await again.del();
		await again.create('text', 'text-unicode');
		await again.submit([4, ' \u{1f600}']);
		// Two who delete at once: the one that is later deletes what is deleted.
		const both = peers.slice(0, 2).map((peer) => peer.doc('notes', 'both'));
		await both[0].create({ n: 1 });
		await both[1].fetch();
		await Promise.all(both.map((doc) => doc.del()));
		await peers[0].doc('notes', 'empty').create({});
		for (const peer of peers) await peer.close();
		await server.stop();
		known = await asKnown(from, ids);
	});

	for (const kind of KINDS)
		test(`into ${kind}`, async () => {
			const db = await Database.make(kind, pg);
			const { code, told, sum } = await importing(from, db, '--verify');
			assert.deepEqual(told, []);
			assert.equal(code, 0);
			const [[n]] = await from.sql('SELECT count(*) FROM ops');
			assert.match(sum, new RegExp(`^${ids.length} documents taken with ${n} operations \\(.* a second\\), ` +
				`${ids.length} documents read back and the same$`));
			assert.equal((await otd(['verify', '--store', db.store])).code, 0);

			// Every operation with its name and its time.
			const theirs = await from.sql(`SELECT doc_id, version - 1, operation->>'src', operation->>'seq', operation->'m'->>'ts'
				FROM ops ORDER BY doc_id COLLATE "C", version`);
			const ms = kind === 'sqlite' ? 'o.created_at' : 'floor(extract(epoch FROM o.created_at) * 1000)::bigint';
			const ours = await db.sql(`SELECT d.id, o.version, o.src, o.seq, ${ms} FROM ${db.prefix}document d
				JOIN ${db.prefix}operation o ON o.doc_pk = d.doc_pk ORDER BY d.id, o.version`);
			const times = (rows) => rows.map((cells) => [...cells.slice(0, 4), Number(cells[4])]);
			// A document's times do not go back, whatever the clocks of the servers did.
			const risen = times(theirs);
			for (let i = 1; i < risen.length; i++)
				if (risen[i][0] === risen[i - 1][0]) risen[i][4] = Math.max(risen[i][4], risen[i - 1][4]);
			assert.deepEqual(times(ours), risen);

			// Again, nothing happens.
			const again = await importing(from, db);
			assert.equal(again.code, 0);
			assert.equal(again.sum, `0 documents taken with 0 operations, ${ids.length} documents there already`);

			const server = await Otd.start({ store: db.store });
			await sameAsKnown(server.ws, known);
			// Queries find them, and people go on.
			const peer = await Peer.connect(server.ws);
			const query = peer.connection.createFetchQuery('notes', { 'map.a': { $exists: true } });
			await new Promise((done, fail) => { query.once('ready', done); query.once('error', fail); });
			const doc = peer.doc('notes', 'json0');
			await doc.fetch();
			await doc.submit([{ p: ['n'], na: 100 }]);
			assert.equal(doc.v, known.json0.v + 1);
			await peer.close();
			await server.stop();

			// One that was edited here since is left as it is.
			const later = await importing(from, db, '--verify');
			assert.equal(later.code, 0, later.told.join());
			assert.match(later.sum, /^0 documents taken with 0 operations, /);
		});

	test('what the old server writes later comes with another run', async () => {
		const db = await Database.make('postgresql', pg);
		await importing(from, db);
		await from.edit(async (peer) => {
			const doc = peer.doc('notes', 'json0');
			await doc.fetch();
			for (let i = 0; i < 5; i++) await doc.submit([{ p: ['n'], na: 1 }]);
			await peer.doc('notes', 'new').create({ is: 'new' });
		});
		const { code, sum } = await importing(from, db, '--verify');
		assert.equal(code, 0);
		assert.match(sum, /^2 documents taken with 6 operations/);
		await from.sql("DELETE FROM ops WHERE doc_id = 'new'; DELETE FROM snapshots WHERE doc_id = 'new'");
		known = await asKnown(from, ids);
		const server = await Otd.start({ store: db.store });
		await sameAsKnown(server.ws, known);
		await server.stop();
	});

	test('a client that never heard of its operation sends it to otd, and it is not there twice', async () => {
		const mine = await ShareDbDatabase.make(pg);
		const old = await mine.serve();
		const peer = await Peer.connect(old.urls[0]);
		const doc = peer.doc('notes', 'x');
		await doc.create({ n: 0 });
		await doc.subscribe();
		peer.deaf = true;
		doc.raw.submitOp([{ p: ['n'], na: 1 }]);	// stored there, and the answer is lost
		await until('it is stored', async () => (await mine.sql("SELECT version FROM snapshots"))[0][0] === '2');
		doc.raw.submitOp([{ p: ['n'], na: 10 }]);	// waits behind it
		const port = new URL(old.urls[0]).port;
		await old.stop();

		const db = await Database.make('sqlite', pg);
		assert.equal((await importing(mine, db)).code, 0);
		const server = await Otd.start({ store: db.store, port: Number(port) });
		peer.deaf = false;
		await doc.settled();
		assert.equal(doc.v, 3);
		assert.deepEqual(doc.data, { n: 11 });
		const other = await Peer.connect(server.ws);
		const seen = other.doc('notes', 'x');
		await seen.fetch();
		assert.deepEqual([seen.v, seen.data], [3, { n: 11 }]);
		await other.close();
		await peer.close();
		await server.stop();
	});
});

describe('a database that is not in order', () => {
	let from;
	const gone = (id, condition) => from.sql(`DELETE FROM ops WHERE doc_id = '${id}' AND ${condition}`);

	before(async () => {
		from = await ShareDbDatabase.make(pg);
		await from.edit(async (peer) => {
			for (const type of ['json0', 'text-unicode', 'rich-text', 'text0', 'json1', 'text'])
				await crowd([peer], new Chance(`${seed} late ${type}`), type, `late ${type}`, 40, 1);
			const reborn = peer.doc('notes', 'late reborn');
			await reborn.create({ n: 0 });
			for (let i = 0; i < 9; i++) await reborn.submit([{ p: ['n'], na: 1 }]);
			await reborn.del();
			await reborn.create({ n: 100 });
			await reborn.submit([{ p: ['n'], na: 1 }]);
			for (const id of ['gap', 'bare', 'lost', 'odd', 'differs', 'own', 'nothing', 'unnamed', 'strange']) {
				const doc = peer.doc('notes', id);
				await doc.create({ n: 0 });
				for (let i = 0; i < 9; i++) await doc.submit([{ p: ['n'], na: 1 }]);
			}
		});
		for (const type of Object.keys(types)) await gone(`late ${type}`, 'version <= 20');
		await gone('late reborn', 'version <= 4');
		await gone('gap', 'version = 5');
		await gone('bare', 'true');
		await gone('lost', 'version <= 3');
		await from.sql("DELETE FROM snapshots WHERE doc_id = 'lost'");
		await from.sql(`UPDATE ops SET operation = jsonb_set(operation, '{op,0,p,0}', '"there is no such"')
			WHERE doc_id = 'odd' AND version = 4`);
		await from.sql(`UPDATE ops SET operation = operation || '{"op":[{"p":["n","x"],"si":"y"}]}' WHERE doc_id = 'odd' AND version = 4`);
		await from.sql(`UPDATE snapshots SET data = '{"n":1000}' WHERE doc_id = 'differs'`);
		await from.sql(`UPDATE ops SET operation = jsonb_set(operation, '{create,type}', '"http://example.com/own"')
			WHERE doc_id = 'own' AND version = 1`);
		await from.sql("UPDATE snapshots SET doc_type = 'http://example.com/own' WHERE doc_id = 'own'");
		await from.sql(`INSERT INTO ops SELECT collection, doc_id, 11, '{"v":10,"src":"n","seq":1,"m":{"ts":1}}' FROM snapshots
			WHERE doc_id = 'nothing'`);
		await from.sql("UPDATE snapshots SET version = 11 WHERE doc_id = 'nothing'");
		await from.sql("UPDATE ops SET operation = operation - 'src' - 'seq' - 'm' WHERE doc_id = 'unnamed'");
		await from.sql(`UPDATE ops SET operation = '"no object"' WHERE doc_id = 'strange' AND version = 3`);
	});

	for (const kind of KINDS)
		test(`into ${kind}: what can be had is taken, and the rest is told`, async () => {
			const db = await Database.make(kind, pg);
			const { code, told, sum } = await importing(from, db, '--verify');
			const of = (id) => told.filter((line) => line.startsWith(`notes/${id}: `)).map((line) => line.slice(8 + id.length));
			assert.equal(code, 1);
			assert.deepEqual(of('late json0'), ['operations are missing: its history begins at version 20']);
			assert.deepEqual(of('late text0'), ['operations are missing: its history begins at version 20']);
			// No inverse without the document: not before the last operation.
			assert.deepEqual(of('late rich-text'), ['operations are missing: its history begins at version 41']);
			for (const type of ['text-unicode', 'json1', 'text'])
				assert.match(of(`late ${type}`).join(), /^operations are missing: its history begins at version (2\d|3\d|4[01])$/);
			assert.deepEqual(of('late reborn'), ['operations are missing: its history begins at version 11']);
			assert.deepEqual(of('gap'), ['operations are missing: its history begins at version 5']);
			assert.match(of('bare').join(), /^operations are missing: its history begins at version 10, with its snapshot$/);
			assert.match(of('lost').join(), /so is its snapshot: it cannot be taken$/);
			assert.match(of('odd').join(), /^operation 3 does not apply: .*: its history begins at version 10, with its snapshot$/);
			assert.match(of('differs').join(), /^its operations lead to another content than its snapshot has, of version 10;/);
			assert.match(of('own').join(), /Unknown type.*and its snapshot cannot be read: its type is not known$/);
			assert.match(of('strange').join(), /^operation 2 cannot be read: .*: its history begins at version 10, with its snapshot$/);
			assert.deepEqual([...of('nothing'), ...of('unnamed')], []);
			assert.match(sum, /^14 documents taken with \d+ operations .*, 14 documents read back and the same, 5 complaints$/);

			const proof = await otd(['verify', '--store', db.store]);
			assert.equal(proof.code, 0, proof.text);
			const again = await importing(from, db, '--verify');
			assert.match(again.sum, /^0 documents taken with 0 operations, 14 documents there already, /);

			const server = await Otd.start({ store: db.store });
			const whole = ['late json0', 'late rich-text', 'late text-unicode', 'late text', 'late text0', 'late json1', 'late reborn',
				'gap', 'bare', 'odd', 'nothing', 'unnamed', 'strange'];
			await sameAsKnown(server.ws, await asKnown(from, whole));
			// They are documents like others.
			const peer = await Peer.connect(server.ws);
			for (const id of ['late json0', 'late reborn', 'bare', 'nothing']) {
				const doc = peer.doc('notes', id);
				await doc.subscribe();
				const { v } = doc;
				await doc.submit([{ p: ['n'], na: 1 }]);
				assert.equal(doc.v, v + 1);
			}
			await peer.close();
			await server.stop();
			const names = await db.sql(`SELECT DISTINCT src FROM ${db.prefix}operation o JOIN ${db.prefix}document d
				ON d.doc_pk = o.doc_pk WHERE d.id = 'unnamed'`);
			assert.deepEqual(names, [['moved']]);
		});

	test('a document of the same name is let be', async () => {
		const db = await Database.make('sqlite', pg);
		const server = await Otd.start({ store: db.store });
		const peer = await Peer.connect(server.ws);
		const mine = peer.doc('notes', 'nothing');
		await mine.create({ mine: true });
		await mine.submit([{ p: ['mine'], od: true, oi: 2 }]);
		await peer.close();
		await server.stop();
		await peerless(db, 'bare', 12);
		const { code, told } = await importing(from, db);
		assert.equal(code, 1);
		assert.ok(told.includes('notes/nothing: it is there already, with another operation 1'), told.join('\n'));
		assert.ok(told.includes('notes/bare: it is there already, with another history'), told.join('\n'));
		assert.match((await otd(['doc', 'show', 'notes', 'nothing', '--store', db.store])).text, /"v":2,.*"data":\{"mine":2\}/);
	});
});

for (const kind of KINDS)
	test(`killed in the middle and begun again: ${kind}`, async () => {
		const from = await ShareDbDatabase.make(pg);
		const [documents, ops] = [4000, 12];
		await from.fill('notes', documents, ops);
		const db = await Database.make(kind, pg);
		await otd(['migrate', 'up', '--store', db.store]);
		const count = async () => Number((await db.sql(`SELECT count(*) FROM ${db.prefix}operation`))[0][0]);
		let kills = 0;
		for (let have = 0; kills < 3; kills++) {
			const child = new Program(program('otd'), ['import', 'sharedb-postgres', from.url, '--store', db.store]);
			await until('it has written some', async () => child.exit || await count() > have,
				{ timeout_ms: 30_000 * patience, every_ms: 1 });
			await child.kill();
			have = await count();
			if (have === documents * ops) break;
		}
		assert.ok(kills >= 1, 'it was over before it could be killed');
		const { code, sum } = await importing(from, db, '--verify');
		assert.equal(code, 0, sum);
		assert.equal(await count(), documents * ops);
		assert.match((await otd(['verify', '--store', db.store])).text, /^4,000 documents, 48,000 operations: all agree$/);
	});

test('what cannot be read', async () => {
	const db = await Database.make('sqlite', pg);
	const nowhere = await otd(['import', 'sharedb-postgres', 'postgres://127.0.0.1:1/x', '--store', db.store]);
	assert.equal(nowhere.code, 1);
	assert.match(nowhere.text, /cannot read the database: /);
	const other = await otd(['import', 'sharedb-postgres', await pg.database(), '--store', db.store]);
	assert.equal(other.code, 1);
	assert.match(other.text, /"snapshots" does not exist/);
	assert.match(other.text, /that is not all$/);
	for (const words of [[], ['ndjson'], ['sharedb-postgres'], ['mongo', 'x'], ['ndjson', 'x', 'y']]) {
		const { code, text } = await otd(['import', ...words, '--store', db.store]);
		assert.equal(code, 64);
		assert.match(text, /import wants ndjson FILE or sharedb-postgres URL/);
	}
	const server = await Otd.start({ store: db.store });
	const beside = await otd(['import', 'ndjson', '/dev/null', '--store', db.store]);
	assert.equal(beside.code, 1);
	assert.match(beside.text, /in use by another otd/);
	await server.stop();
});
