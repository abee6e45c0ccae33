// PostgreSQL is away and comes back: what is in memory is read, edits wait or are refused with a code that says so,
// nothing is acknowledged that is not there, and all goes on by itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { Api, OP } from '../rest/api.mjs';
import { Otd } from '../lib/otd.mjs';
import { patience } from '../lib/paths.mjs';
import { Postgres } from '../lib/postgres.mjs';
import { until } from '../lib/process.mjs';

const PATIENCE = { timeout_ms: 60_000 * patience };
const AWAY = 'ERR_OTD_STORE_UNAVAILABLE';
const TYPE = 'http://sharejs.org/types/JSONv0';
const LINE = 8;			// edits that may wait in a document
const EDITS = 12;

const ready = async (otd) => (await fetch(`${otd.url}readyz`)).status;

// A WebSocket that keeps what it heard.
async function join(otd) {
	const socket = new WebSocket(otd.ws);
	const client = { heard: [] };
	socket.on('message', (text) => client.heard.push(JSON.parse(text)));
	client.say = (message) => socket.send(JSON.stringify(message));
	client.hear = (what, match) => until(what, () => client.heard.find(match), PATIENCE);
	client.ask = async (a, d) => {
		client.say({ a, c: 'notes', d, v: null });
		return client.hear(`${a} of ${d}`, (m) => m.a === a && m.d === d);
	};
	client.ops = (d) => client.heard.filter((m) => m.a === 'op' && m.d === d && !m.error);
	client.refused = () => client.heard.filter((m) => m.a === 'op' && m.error);
	client.leave = () => socket.terminate();
	await new Promise((done, fail) => socket.once('open', done).once('error', fail));
	client.say({ a: 'hs', protocol: 1, protocolMinor: 2 });
	await client.hear('the handshake', (m) => m.a === 'hs');
	return client;
}

const edit = (seq) => ({ a: 'op', c: 'notes', d: 'hot', seq, op: [{ p: ['n'], na: 1 }] });

test('PostgreSQL is away and comes back', { timeout: 300_000 * patience }, async (t) => {
	const pg = await Postgres.start();
	t.after(() => pg.stop());
	const otd = await Otd.start({ store: await pg.database(), args: ['--max-line', String(LINE)] });
	t.after(() => otd.stop());
	const writer = await join(otd), reader = await join(otd);
	const hot = '/collections/notes/docs/hot', api = new Api(otd.ws);
	for (const [i, d] of ['hot', 'quiet'].entries()) {
		writer.say({ a: 'op', c: 'notes', d, v: 0, seq: i + 1, create: { type: TYPE, data: { n: 0 } } });
		await writer.hear('the acknowledgement', (m) => m.a === 'op' && m.d === d);
	}
	await reader.ask('s', 'hot');
	await pg.down('SIGQUIT');
	await until('it says that it is not ready', async () => await ready(otd) === 503, PATIENCE);

	// Who comes now is shown what is in memory; what is not is refused in the end.
	const late = await join(otd);
	const cold = late.ask('f', 'cold');
	assert.deepEqual((await late.ask('s', 'hot')).data, { v: 1, data: { n: 0 } });

	// Edits wait, as many as may; nobody is told of them, and who comes is shown the document without.
	for (let i = 0; i < EDITS; i++) writer.say(edit(i + 3));
	await until('the line is full', () => writer.refused().length === EDITS - LINE, PATIENCE);
	for (const { error } of writer.refused()) assert.equal(error.code, AWAY);
	const later = await join(otd);
	assert.equal((await later.ask('f', 'quiet')).data.v, 1);
	assert.deepEqual((await later.ask('s', 'hot')).data, { v: 1, data: { n: 0 } });

	// The same by REST, where nobody waits for long.
	const shown = await api.get(hot);
	assert.deepEqual([shown.status, shown.version, shown.json], [200, 1, { n: 0 }]);
	for (const refused of [
		await api.patch(hot, [{ p: ['n'], na: 1 }], OP),
		await api.put(hot, { n: 7 }),
		await api.post(`${hot}/ops`, { v: 1, src: 'service', seq: 1, op: [{ p: ['n'], na: 1 }] }),
		await api.get('/collections/notes/docs/cold'),
	]) {
		assert.deepEqual([refused.status, refused.code], [503, AWAY], refused.text);
		assert.ok(refused.headers['retry-after']);
	}
	assert.equal((await cold).error.code, AWAY);
	assert.equal((await fetch(`${otd.url}livez`)).status, 200);
	assert.equal(writer.ops('hot').length, 1, 'the create, from before');
	for (const client of [reader, late, later]) assert.equal(client.ops('hot').length, 0);

	await pg.up();
	await until('what waited is acknowledged', () => writer.ops('hot').length === 1 + LINE, PATIENCE);
	for (const { seq } of writer.refused()) writer.say(edit(seq));
	for (const client of [reader, late, later]) {
		await until('it is heard, and what was said again', () => client.ops('hot').length === EDITS, PATIENCE);
		assert.deepEqual(client.ops('hot').map((m) => m.v), Array.from({ length: EDITS }, (_, i) => i + 1));
	}
	assert.equal((await api.patch(hot, [{ p: ['n'], na: 1 }], OP)).version, EDITS + 2);
	assert.equal((await late.ask('f', 'quiet')).data.v, 1);
	await until('it is ready', async () => await ready(otd) === 200, PATIENCE);
	assert.deepEqual((await api.get(hot)).json, { n: EDITS + 1 });
	for (const client of [writer, reader, late, later]) client.leave();
});
