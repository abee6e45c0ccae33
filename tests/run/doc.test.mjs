// otd doc: a document read from the store, and its log held against it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { Otd, otd } from '../lib/otd.mjs';
import { patience } from '../lib/paths.mjs';
import { Postgres } from '../lib/postgres.mjs';
import { until } from '../lib/process.mjs';

const JSON0 = 'http://sharejs.org/types/JSONv0';
let pg, store, server, client;

// One client that says one op after the other.
async function join(url) {
	const socket = new WebSocket(url);
	const heard = [];
	let seq = 0;
	socket.on('message', (text) => heard.push(JSON.parse(text)));
	await until('init', () => heard.length, { timeout_ms: 10_000 * patience });
	return {
		socket,
		async op(d, v, op) {
			socket.send(JSON.stringify({ a: 'op', c: 'notes', d, v, seq: ++seq, x: {}, ...op }));
			const answer = await until(`the answer to op ${seq}`, () => heard.find((m) => m.a === 'op' && m.seq === seq),
				{ timeout_ms: 10_000 * patience, every_ms: 1 });
			assert.ok(!answer.error, JSON.stringify(answer));
		},
	};
}

const doc = (verb, ...words) => otd(['doc', verb, '--store', store, ...words]);

before(async () => {
	pg = await Postgres.start();
	store = await pg.database();
	server = await Otd.start({ store, args: ['--checkpoint-ops', '10', '--keep-every', '25'] });
	client = await join(server.ws);
	await client.op('long', 0, { create: { type: JSON0, data: { n: 0, s: 'h\u00e9 \u{1f600}' } } });
	for (let v = 1; v < 60; v++)
		await client.op('long', v, { op: [{ p: ['n'], na: 1 }, { p: ['s', 0], si: String(v % 10) }] });
	await client.op('gone', 0, { create: { type: JSON0, data: [] } });
	await client.op('gone', 1, { del: true });
	await client.op('twice', 0, { create: { type: JSON0, data: 1 } });
	await client.op('twice', 1, { del: true });
	await client.op('twice', 2, { create: { type: 'http://sharejs.org/types/text-unicode', data: 'x' } });
});
after(async () => {
	client?.socket.terminate();
	await server?.stop();
	await pg?.stop();
});

test('show', async () => {
	const long = JSON.parse((await doc('show', 'notes', 'long')).text);
	assert.deepEqual({ ...long, data: undefined }, { collection: 'notes', id: 'long', v: 60, type: JSON0, data: undefined });
	assert.equal(long.data.n, 59);
	assert.ok(long.data.s.endsWith('h\u00e9 \u{1f600}'));
	assert.deepEqual(JSON.parse((await doc('show', 'notes', 'gone')).text),
		{ collection: 'notes', id: 'gone', v: 2, type: null });
	assert.deepEqual(JSON.parse((await doc('show', 'notes', 'twice')).text),
		{ collection: 'notes', id: 'twice', v: 3, type: 'http://sharejs.org/types/text-unicode', data: 'x' });
});

test('verify: log and checkpoints agree', async () => {
	await until('a checkpoint', async () => (await pg.sql(
		"SELECT max(s.version) FROM otd.snapshot s JOIN otd.document d USING (doc_pk) WHERE d.id = 'long'",
		new URL(store).pathname.slice(1)))[0]?.[0] >= 10, { timeout_ms: 10_000 * patience });
	for (const id of ['long', 'gone', 'twice']) {
		const { code, text } = await doc('verify', 'notes', id);
		assert.equal(code, 0, text);
		assert.match(text, /the log leads to both/);
	}
	assert.match((await doc('verify', 'notes', 'long')).text, /version 60, checkpoint of version [1-6]\d/);
});

test('what never was', async () => {
	for (const verb of ['show', 'verify']) {
		const { code, text } = await doc(verb, 'notes', 'never');
		assert.equal(code, 1);
		assert.match(text, /"notes\/never": never was/);
	}
	assert.equal((await otd(['doc', 'show', 'notes'])).code, 64);
	assert.equal((await otd(['doc', 'erase', 'notes', 'x'])).code, 64);
});

test('verify: a changed log is found', async () => {
	const database = new URL(store).pathname.slice(1);
	const change = (v, body) => pg.sql(`UPDATE otd.operation SET body = '${body}' WHERE version = ${v} AND doc_pk =
		(SELECT doc_pk FROM otd.document WHERE collection = 'notes' AND id = 'long')`, database);
	await change(3, '[{"p":["n"],"na":2}]');
	let { code, text } = await doc('verify', 'notes', 'long');
	assert.equal(code, 1);
	assert.match(text, /its log does not lead to the checkpoint/);
	await change(3, '[{"p":["nowhere",0],"si":"x"}]');
	({ code, text } = await doc('verify', 'notes', 'long'));
	assert.equal(code, 1);
	assert.match(text, /op 3 does not apply/);
	await pg.sql(`DELETE FROM otd.operation WHERE version = 3 AND doc_pk =
		(SELECT doc_pk FROM otd.document WHERE collection = 'notes' AND id = 'long')`, database);
	({ code, text } = await doc('verify', 'notes', 'long'));
	assert.equal(code, 1);
	assert.match(text, /gap|op 4 stands where 3 should/);
});

test('index', async () => {
	// Queries were off when these were written.
	const of = await pg.database();
	const index = () => otd(['doc', 'index', '--store', of, 'notes']);
	const asked = async (server) => {
		const socket = new WebSocket(server.ws);
		const heard = [];
		socket.on('message', (text) => heard.push(JSON.parse(text)));
		await until('init', () => heard.length, { timeout_ms: 10_000 * patience });
		socket.send(JSON.stringify({ a: 'qf', id: 1, c: 'notes', q: { n: { $gte: 7 }, $sort: { n: -1 } } }));
		const answer = await until('the answer', () => heard.find((m) => m.a === 'qf'), { timeout_ms: 20_000 * patience });
		socket.terminate();
		return answer;
	};
	const off = await Otd.start({ store: of, args: ['--queries', 'off', '--checkpoint-ops', '3'] });
	const writer = await join(off.ws);
	for (let i = 0; i < 130; i++) await writer.op(`d${i}`, 0, { create: { type: JSON0, data: { n: i % 10 } } });
	for (let v = 1; v < 8; v++) await writer.op('d3', v, { op: [{ p: ['n'], na: 1 }] });
	await writer.op('d9', 1, { del: true });
	writer.socket.terminate();
	await off.stop();

	const on = await Otd.start({ store: of });
	try {
		assert.equal((await asked(on)).error.code, 'ERR_OTD_QUERY_NOT_READY');
		assert.equal((await index()).text, 'notes: 129 documents prepared for queries');
		const found = (await asked(on)).data.map((d) => [d.data.n, d.d]);
		assert.equal(found.length, 39);
		assert.deepEqual(found[0], [10, 'd3']);
		assert.ok(!found.some(([, id]) => id === 'd9'));
		assert.equal((await index()).text, 'notes: 0 documents prepared for queries');
	} finally {
		await on.stop();
	}
});
