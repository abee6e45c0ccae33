// Two nodes are restarted in turn while clients work: nothing is lost, nobody is sent a snapshot again, and who is
// moved goes at a rate.  And who may send a node away.
import assert from 'node:assert/strict';
import net from 'node:net';
import Client from 'sharedb/lib/client/index.js';
import ReconnectingWebSocket from 'reconnecting-websocket';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { Otd } from '../lib/otd.mjs';
import { patience } from '../lib/paths.mjs';
import { Postgres } from '../lib/postgres.mjs';
import { freePort, sleep, until } from '../lib/process.mjs';
import { Redis } from '../lib/redis.mjs';

const ROUNDS = 3;
const WRITERS = 24;
const READERS = 12;
const DOCS = 6;
const PATIENCE_MS = 20_000 * patience;

let pg, redis;

before(async () => {
	pg = await Postgres.start();
	redis = await Redis.start();
});
after(async () => {
	await pg?.stop();
	await redis?.stop();
});

// The unmodified ShareDB client behind a balancer: each connection goes to the next node.
class Member {
	static next = 0;

	constructor(nodes) {
		const member = this;
		this.closes = [];		// codes, of connections that had been open
		this.snapshots = 0;		// documents sent whole
		this.greeted = 0;
		class Wire extends WebSocket {
			constructor(address) {
				super(address, { perMessageDeflate: false });
				let open = false;
				this.on('open', () => { open = true; });
				this.on('close', (code) => { if (open && !member.over) member.closes.push(code); });
				this.on('error', () => {});
				this.on('message', (text) => member.#note(JSON.parse(text)));
			}
		}
		this.socket = new ReconnectingWebSocket(() => nodes[Member.next++ % nodes.length].ws, [], {
			WebSocket: Wire, maxEnqueuedMessages: 0, minReconnectionDelay: 20, maxReconnectionDelay: 300,
			reconnectionDelayGrowFactor: 1.5, connectionTimeout: PATIENCE_MS, minUptime: 10,
		});
		this.connection = new Client.Connection(this.socket);
		this.errors = [];
		this.connection.on('error', (error) => this.errors.push(error));
	}

	// A reply with a snapshot: {data: {v, data}}, or of many documents {data: {id: {v, data}}}.
	#note(message) {
		if (message.a === 'hs') this.greeted++;
		if (!['f', 's', 'bf', 'bs'].includes(message.a)) return;
		const whole = (part) => part && typeof part === 'object' && 'v' in part && 'data' in part;
		const { data } = message;
		if (whole(data)) this.snapshots++;
		else if (data && typeof data === 'object') this.snapshots += Object.values(data).filter(whole).length;
	}

	doc(id) {
		const doc = this.connection.get('rolling', id);
		if (doc.listenerCount('error') === 0) doc.on('error', (error) => this.errors.push(error));
		return doc;
	}

	close() {
		this.over = true;
		this.socket.close();
	}
}

const promise = (what) => new Promise((done, fail) => what((error) => (error ? fail(error) : done())));
const ids = Array.from({ length: DOCS }, (_, i) => `d${i}`);

test('three rolling restarts of two nodes under load', async () => {
	const place = { store: await pg.database(), bus: redis.url('rolling'), args: ['--drain-rate', '40'] };
	const nodes = [await Otd.start(place), await Otd.start(place)];
	const members = Array.from({ length: WRITERS + READERS }, () => new Member(nodes));
	for (const id of ids) await promise((done) => members[0].doc(id).create({ n: 0, by: {} }, done));
	await Promise.all(members.flatMap((m) => ids.map((id) => promise((done) => m.doc(id).subscribe(done)))));
	assert.equal(members.at(-1).snapshots, DOCS, 'the first time it must be sent each');
	for (const m of members) m.snapshots = 0;

	// Each writer edits one document after the other, the next when the last is acknowledged, and counts.
	let over = false;
	const acknowledged = Object.fromEntries(ids.map((id) => [id, new Array(WRITERS).fill(0)]));
	const write = async (member, k) => {
		for (let i = k; !over; i++) {
			const id = ids[i % DOCS];
			const doc = member.doc(id);
			const count = acknowledged[id];
			await promise((done) => doc.submitOp([{ p: ['n'], na: 1 },
				...(count[k] === 0 ? [{ p: ['by', `w${k}`], oi: 1 }] : [{ p: ['by', `w${k}`], na: 1 }])], done));
			count[k]++;
			await sleep(5);
		}
	};
	const writing = Promise.all(members.slice(0, WRITERS).map(write));
	const total = () => ids.reduce((sum, id) => sum + acknowledged[id].reduce((a, b) => a + b, 0), 0);

	for (let round = 0; round < ROUNDS; round++)
		for (const node of nodes) {
			const before = total();
			await until('edits go on', () => total() > before + WRITERS, { timeout_ms: PATIENCE_MS });
			await node.stop();		// exit 0 or it throws
			assert.ok(!node.process.lines.some((l) => /work undone/.test(l)), 'it was out within its time');
			await until('edits go on at the other', () => total() > before + 3 * WRITERS, { timeout_ms: PATIENCE_MS });
			await node.up();
		}
	over = true;
	await writing;

	// Everybody has everything, once: the documents, their logs, what was acknowledged.
	for (const id of ids) {
		const sum = acknowledged[id].reduce((a, b) => a + b, 0);
		const by = Object.fromEntries(acknowledged[id].map((n, k) => [`w${k}`, n]).filter(([, n]) => n > 0));
		for (const member of members) {
			const doc = member.doc(id);
			await until(`all of ${id}`, () => doc.data.n >= sum, { timeout_ms: PATIENCE_MS });
			assert.deepEqual(doc.data, { n: sum, by });
			assert.equal(doc.version, sum + 1);
		}
	}
	for (const member of members) {
		assert.deepEqual(member.errors, []);
		assert.equal(member.snapshots, 0, 'somebody was sent a document whole again');
		assert.deepEqual(member.closes.filter((code) => code !== 1012), [], 'closed, and not by a word');
	}
	const moves = members.reduce((sum, { closes }) => sum + closes.length, 0);
	assert.ok(moves >= members.length * ROUNDS, `${moves} moves`);
	for (const member of members) member.close();
	for (const node of nodes) await node.stop();
});

test('who has not been moved yet is served as ever', async () => {
	const node = await Otd.start({ args: ['--drain-rate', '1', '--drain-timeout', '60s'] });
	const members = Array.from({ length: 4 }, () => new Member([node]));
	await promise((done) => members[0].doc('m').create({ n: 0, by: {} }, done));
	await Promise.all(members.map((m) => promise((done) => m.doc('m').subscribe(done))));
	const stopped = node.stop();
	await until('one is moved', () => members.some((m) => m.closes.length > 0), { timeout_ms: PATIENCE_MS });
	const left = members.filter((m) => m.closes.length === 0);
	assert.ok(left.length > 0, 'all went at once');
	// The last of them to speak is the last to go.
	const last = left.at(-1);
	await promise((done) => last.doc('m').submitOp([{ p: ['n'], na: 1 }], done));
	assert.equal(last.closes.length, 0);
	await stopped;
	for (const member of members) {
		await until('all are moved', () => member.closes.length > 0, { timeout_ms: PATIENCE_MS });
		assert.deepEqual(member.closes.slice(0, 1), [1012]);
		member.close();
	}
});

const ask = (port, path, options) => fetch(`http://127.0.0.1:${port}${path}`, options);

// The answer to a request written by hand, whose connection ends.
async function raw(port, request) {
	const socket = net.connect(port, '127.0.0.1').setEncoding('utf8');
	let said = '';
	socket.write(request.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
	for await (const part of socket) said += part;
	assert.notEqual(said, '', 'closed without an answer');
	const [head, text] = said.split('\r\n\r\n');
	return { status: Number(head.split(' ')[1]), text };
}

// A worker that has nobody left goes, and with it what the kernel had for it and it had not accepted.
async function again(what) {
	for (let left = 20; ; left--)
		try {
			return await what();
		} catch (error) {
			if (!left) throw error;
			await sleep(50);
		}
}

for (const workers of [1, 2])
	test(`POST /drain at the admin address, ${workers === 1 ? 'one worker' : 'two workers'}`, async () => {
		const admin = await freePort();
		const node = await Otd.start({ store: await pg.database(), bus: redis.url(`drain${workers}`), workers,
			args: ['--admin-listen', `127.0.0.1:${admin}`, '--drain-rate', '2', '--drain-timeout', '60s'] });
		const members = Array.from({ length: 6 }, () => new Member([node]));
		await until('all are there', () => members.every((m) => m.greeted > 0), { timeout_ms: PATIENCE_MS });

		assert.equal((await ask(node.port, '/drain', { method: 'POST' })).status, 404);
		assert.equal((await ask(admin, '/drain')).status, 405);
		const page = await ask(admin, '/drain', { method: 'POST', headers: { origin: 'https://example.com' } });
		assert.equal(page.status, 403);
		assert.equal((await ask(admin, '/readyz')).status, 200, 'nothing of that has begun it');

		// Said three times, by whoever, with a length of nothing, without one, with something: it does not hurry.
		for (const body of ['Content-Length: 0\r\n\r\n', '\r\n', 'Content-Length: 2\r\n\r\n{}']) {
			const { status, text } = await again(() => raw(admin, `POST /drain HTTP/1.1\r\nHost: x\r\n${body}`));
			assert.equal(status, 202);
			assert.deepEqual(JSON.parse(text), { status: 'draining' });
		}
		await until('it is not ready', async () => {
			const answer = await again(() => ask(admin, '/readyz'));
			return answer.status === 503 && (await answer.json()).reasons.includes('draining');
		}, { timeout_ms: PATIENCE_MS });
		await assert.rejects(ask(node.port, '/livez'), 'clients are accepted');
		assert.equal((await again(() => ask(admin, '/livez'))).status, 200);
		const exit = await node.process.ended;
		assert.equal(exit.code, 0, node.process.said());
		assert.ok(!node.process.lines.some((l) => /leaving at once|work undone/.test(l)), node.process.said());
		for (const member of members) {
			await until('all are moved', () => member.closes.length > 0, { timeout_ms: PATIENCE_MS });
			assert.deepEqual(member.closes, [1012]);
			member.close();
		}
	});

test('POST /drain where clients come is refused', async () => {
	const node = await Otd.start();
	const answer = await raw(node.port, 'POST /drain HTTP/1.1\r\nHost: x\r\n\r\n');
	assert.equal(answer.status, 403);
	assert.equal((await ask(node.port, '/readyz')).status, 200);
	await node.stop();
});
