// PostgreSQL is away and comes back, Redis is away and comes back: what goes on, what waits, what is refused, that
// nothing is acknowledged that is not there, and that a server that is back is not run down by those who lost it.
import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { Otd } from '../lib/otd.mjs';
import { patience } from '../lib/paths.mjs';
import { Postgres } from '../lib/postgres.mjs';
import { until } from '../lib/process.mjs';
import { Redis } from '../lib/redis.mjs';

const PATIENCE = { timeout_ms: 30_000 * patience };
const JSON0 = 'http://sharejs.org/types/JSONv0';
const LINE = 8;
const EDITS = 12;
const CONNECTIONS = 6;		// of one worker: four of the store, two for queries

const page = (otd, name) => fetch(`http://127.0.0.1:${otd.port}${name}`);

async function status(otd) {
	const answer = await page(otd, '/readyz');
	return { code: answer.status, ...await answer.json() };
}

async function metric(otd, name) {
	const text = await (await page(otd, '/metrics')).text();
	return Number(new RegExp(`^${name}\\{worker="0"\\} (.*)$`, 'm').exec(text)[1]);
}

// What a breaker's metrics say: a row of open, half open, times opened, and whether there were probes.
async function breaker(otd, name) {
	const [open, half, opened, probes] = await Promise.all(['open', 'half_open', 'opened_total', 'probes_total']
		.map((what) => metric(otd, `otd_${name}_breaker_${what}`)));
	return { open, half, opened, probes };
}

async function closes(otd, name) {
	await until(`the breaker of the ${name} closes`, async () => (await breaker(otd, name)).open === 0, PATIENCE);
	const { half, opened, probes } = await breaker(otd, name);
	assert.equal(half, 0);
	assert.ok(opened >= 1 && probes >= opened, `opened ${opened} times, probed ${probes} times`);
}

// A WebSocket that keeps what it heard.
async function connect(otd) {
	const socket = new WebSocket(otd.ws);
	const client = { heard: [] };
	socket.on('message', (text) => client.heard.push(JSON.parse(text)));
	client.say = (message) => socket.send(JSON.stringify(message));
	client.hear = (what, match) => until(what, () => client.heard.find(match), PATIENCE);
	// Operations of others, or missed ones; an acknowledgement says no more than its version.
	client.ops = (id) => client.heard.filter((m) => m.a === 'op' && m.d === id && m.op);
	client.acks = (id) => client.heard.filter((m) => m.a === 'op' && m.d === id && !m.error && !m.op);
	// For want of room in the line; who is refused once the store is known to be away is told that instead.
	client.refused = () => client.heard.filter((m) => m.a === 'op' && m.error);
	client.leave = () => socket.terminate();
	await new Promise((done, fail) => socket.once('open', done).once('error', fail));
	client.say({ a: 'hs', protocol: 1, protocolMinor: 2 });
	await client.hear('the handshake', (m) => m.a === 'hs');
	return client;
}

const create = (id) => ({ a: 'op', c: 'notes', d: id, v: 0, seq: 1, x: {}, create: { type: JSON0, data: { n: 0 } } });
const edit = (id, seq) => ({ a: 'op', c: 'notes', d: id, v: 1, seq, x: {}, op: [{ p: ['n'], na: 1 }] });

// Stands where a server stood and says nothing to who comes: how many were there at once, and in all.
async function decoy(port) {
	const seen = { most: 0, total: 0 };
	const here = new Set();
	const server = net.createServer((socket) => {
		here.add(socket);
		seen.total++;
		seen.most = Math.max(seen.most, here.size);
		socket.on('error', () => {});
		socket.on('close', () => here.delete(socket));
		socket.resume();
	});
	await new Promise((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done));
	seen.refuse = () => here.forEach((socket) => socket.destroy());
	seen.close = () => {
		seen.refuse();
		return new Promise((done) => server.close(() => done()));
	};
	return seen;
}

// What was opened is let go of in the end, the last first, however it went.
function opened(t) {
	const all = [];
	t.after(async () => { for (const end of all.reverse()) await end(); });
	return (what, end) => {
		all.push(() => end(what));
		return what;
	};
}

test('PostgreSQL is away', async (t) => {
	const open = opened(t);
	const pg = open(await Postgres.start(), (it) => it.stop());
	const otd = open(await Otd.start({ store: await pg.database(), args: ['--queries', 'on', '--max-line', String(LINE)] }),
		(it) => it.kill());
	const join = async () => open(await connect(otd), (it) => it.leave());
	const writer = await join(), reader = await join();
	writer.say(create('hot'));
	await writer.hear('the acknowledgement', (m) => m.a === 'op');
	reader.say({ a: 's', c: 'notes', d: 'hot', v: null });
	await reader.hear('subscribed', (m) => m.a === 's');
	assert.deepEqual(await breaker(otd, 'store'), { open: 0, half: 0, opened: 0, probes: 0 });
	await pg.down('SIGQUIT');
	await until('it is not ready', async () => (await status(otd)).code === 503, PATIENCE);
	assert.ok((await status(otd)).reasons.includes('the store is away'));

	// One connection knocks, whoever wants something meanwhile: commits, reads, queries of both kinds.
	const late = await join();
	const stand = open(await decoy(pg.port), (it) => it.close());
	late.say({ a: 'f', c: 'notes', d: 'cold', v: null });
	late.say({ a: 'qf', id: 1, c: 'notes', q: { n: 0 } });
	late.say({ a: 'qf', id: 2, c: 'notes', q: { $limit: 1 } });
	for (let i = 0; i < EDITS; i++) writer.say(edit('hot', i + 3));
	for (let knocks = 1; knocks <= 3; knocks++) {
		await until('it knocks', () => stand.total >= knocks, PATIENCE);
		await until('as a probe', async () => (await breaker(otd, 'store')).half === 1, PATIENCE);
		assert.equal((await breaker(otd, 'store')).open, 1);
		stand.refuse();
	}
	assert.equal(stand.most, 1);

	// Edits wait, up to the line's ceiling; nothing is acknowledged, and nobody hears of it.
	await until('the line is full', () => writer.refused().length === EDITS - LINE, PATIENCE);
	for (const { error } of writer.refused()) assert.match(error.code, /^ERR_OTD_(BUSY|STORE_UNAVAILABLE)$/);
	assert.equal(writer.acks('hot').length, 1, 'the create, from before');
	assert.equal(reader.ops('hot').length, 0);
	assert.equal((await page(otd, '/livez')).status, 200);

	await stand.close();
	await pg.up();
	await until('all that waited is acknowledged', () => writer.acks('hot').length === 1 + LINE, PATIENCE);
	await until('and heard', () => reader.ops('hot').length === LINE, PATIENCE);
	assert.deepEqual(reader.ops('hot').map((m) => m.v), Array.from({ length: LINE }, (_, i) => i + 1));
	// Who was refused says it again, unchanged.
	for (const { seq } of writer.refused()) writer.say(edit('hot', seq));
	await until('the rest', () => reader.ops('hot').length === EDITS, PATIENCE);
	// What had to be asked for was answered when it was back, or refused for good before.
	const answered = (m) => !m.error || m.error.code === 'ERR_OTD_STORE_UNAVAILABLE';
	assert.ok(answered(await late.hear('of the cold one', (m) => m.a === 'f' && m.d === 'cold')));
	for (const id of [1, 2]) assert.ok(answered(await late.hear('of the query', (m) => m.a === 'qf' && m.id === id)));
	await until('it is ready', async () => (await status(otd)).code === 200, PATIENCE);
	await closes(otd, 'store');

	const database = otd.store.split('/').pop();
	const [[n, first, last]] = await pg.sql(`SELECT count(*), min(o.version), max(o.version)
		FROM otd.operation o JOIN otd.document d USING (doc_pk) WHERE d.id = 'hot'`, database);
	assert.deepEqual([n, first, last].map(Number), [1 + EDITS, 0, EDITS]);
	const [[connections]] = await pg.sql(`SELECT count(*) FROM pg_stat_activity WHERE application_name = 'otd'
		AND datname = '${database}'`);
	assert.ok(Number(connections) > 0 && Number(connections) <= CONNECTIONS, `${connections} connections`);
	await otd.stop();
});

test('Redis is away', async (t) => {
	const open = opened(t);
	const pg = open(await Postgres.start(), (it) => it.stop());
	const redis = open(await Redis.start(), (it) => it.stop());
	const place = { store: await pg.database(), bus: redis.url(), args: ['--sweep-interval', '300ms'] };
	const nodes = [];
	for (let i = 0; i < 2; i++) nodes.push(open(await Otd.start(place), (it) => it.kill()));
	const join = async (node) => open(await connect(node), (it) => it.leave());
	const writer = await join(nodes[0]), near = await join(nodes[0]), far = await join(nodes[1]);
	writer.say(create('n'));
	await writer.hear('the acknowledgement', (m) => m.a === 'op');
	for (const reader of [near, far]) {
		reader.say({ a: 's', c: 'notes', d: 'n', v: null });
		await reader.hear('subscribed', (m) => m.a === 's');
	}
	for (const node of nodes)
		await until('ready', async () => (await status(node)).status === 'ready', PATIENCE);
	await redis.down();
	for (const node of nodes) {
		await until('degraded', async () => (await status(node)).status === 'degraded', PATIENCE);
		assert.equal((await status(node)).code, 200, 'clients are sent there all the same');
		await until('the breaker opens', async () => (await breaker(node, 'bus')).open === 1, PATIENCE);
	}
	for (let seq = 2; seq < 6; seq++) writer.say(edit('n', seq));
	await until('acknowledged', () => writer.acks('n').length === 5, PATIENCE);
	await until('heard on the same node', () => near.ops('n').length === 4, PATIENCE);
	await until('and on the other, by comparing versions', () => far.ops('n').length === 4, PATIENCE);
	assert.deepEqual(far.ops('n').map((m) => m.v), [1, 2, 3, 4]);

	// Each node knocks with the two connections that it has, and no more, however long nobody answers.
	const stand = open(await decoy(redis.port), (it) => it.close());
	for (const knocks of [1, 5]) {
		await until('they knock', () => stand.total >= knocks, PATIENCE);
		for (const node of nodes)
			await until('as a probe', async () => (await breaker(node, 'bus')).half === 1, PATIENCE);
		stand.refuse();
	}
	assert.ok(stand.most <= 2 * nodes.length, `${stand.most} at once`);
	await stand.close();
	await redis.up();
	for (const node of nodes) {
		await until('ready again', async () => (await status(node)).status === 'ready', PATIENCE);
		await closes(node, 'bus');
	}
	writer.say(edit('n', 6));
	await until('the bus carries', () => far.ops('n').length === 5, PATIENCE);
	for (const node of nodes) await node.stop();
});
