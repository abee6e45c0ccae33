// otd serve as an operator sees it: starting, pages, draining, workers.
import assert from 'node:assert/strict';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { Otd, otd } from '../lib/otd.mjs';
import { patience, program, temporaryFolder } from '../lib/paths.mjs';
import { Postgres } from '../lib/postgres.mjs';
import { Program, freePort, sleep, until } from '../lib/process.mjs';
import { Redis } from '../lib/redis.mjs';

let pg, redis;

before(async () => {
	pg = await Postgres.start();
	redis = await Redis.start();
});
after(async () => {
	await pg?.stop();
	await redis?.stop();
});

const page = (port, name) => fetch(`http://127.0.0.1:${port}${name}`);

// A WebSocket that keeps what it heard: {socket, heard, closed}.
async function join(url) {
	const socket = new WebSocket(url);
	const client = { socket, heard: [] };
	socket.on('message', (text) => client.heard.push(JSON.parse(text)));
	client.closed = new Promise((done) => socket.on('close', (code) => done(code)));
	client.say = (message) => socket.send(JSON.stringify(message));
	client.hear = (what, match) => until(what, () => client.heard.find(match), { timeout_ms: 10_000 * patience });
	await new Promise((done, fail) => socket.once('open', done).once('error', fail));
	await client.hear('init', (m) => m.a === 'init');
	client.say({ a: 'hs', protocol: 1, protocolMinor: 2 });
	await client.hear('the handshake', (m) => m.a === 'hs');
	return client;
}

const create = (id, seq = 1) => ({
	a: 'op', c: 'notes', d: id, v: 0, seq, x: {},
	create: { type: 'http://sharejs.org/types/JSONv0', data: { n: 0 } },
});

// One metric of every worker: [value, ...].
async function metric(port, name) {
	const text = await (await page(port, '/metrics')).text();
	return [...text.matchAll(new RegExp(`^${name}\\{worker="\\d+"\\} (.*)$`, 'gm'))].map((m) => Number(m[1]));
}

test('it starts with nothing said, and says where it listens', async () => {
	const cwd = temporaryFolder('bare');
	const port = await freePort();
	const server = new Program(program('otd'), ['serve'],
		{ cwd, env: { PATH: process.env.PATH, OTD_LISTEN: `127.0.0.1:${port}`, OTD_LOG_LEVEL: 'error' } });
	await server.waitFor(new RegExp(`listening on http://127.0.0.1:${port}`));
	assert.equal((await page(port, '/readyz')).status, 200);
	const exit = await server.stop('SIGINT');
	assert.equal(exit.code, 0, server.said());
});

test('several addresses, a free port, pages on an address of their own', async () => {
	const admin = await freePort();
	const server = await Otd.start({ args: ['--listen', '127.0.0.1:0', '--admin-listen', `127.0.0.1:${admin}`] });
	const ports = server.process.lines.map((l) => /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(l)?.[1]).filter(Boolean);
	assert.equal(ports.length, 2);
	assert.equal(Number(ports[0]), server.port);
	assert.ok(Number(ports[1]) > 0);
	for (const port of ports) {
		const client = await join(`ws://127.0.0.1:${port}/`);
		client.socket.terminate();
		assert.notEqual((await page(port, '/metrics')).status, 200);
	}
	for (const name of ['/livez', '/readyz', '/metrics', '/version'])
		assert.equal((await page(admin, name)).status, 200, name);
	await server.stop();
});

test('pages', async () => {
	const server = await Otd.start();
	assert.deepEqual(await (await page(server.port, '/livez')).json(), { status: 'alive' });
	assert.deepEqual(await (await page(server.port, '/readyz')).json(), { status: 'ready' });
	const version = await (await page(server.port, '/version')).json();
	assert.equal(version.name, 'otd');
	assert.equal(version.protocol, '1.2');
	assert.match((await otd(['version'])).text, new RegExp(`^otd ${version.version}$`));

	const client = await join(server.ws);
	client.say(create('m'));
	await client.hear('the acknowledgement', (m) => m.a === 'op');
	const metrics = await page(server.port, '/metrics');
	assert.match(metrics.headers.get('content-type'), /^text\/plain; version=0\.0\.4/);
	const text = await metrics.text();
	for (const line of text.trim().split('\n'))
		assert.match(line, /^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+\{(worker="0"(,le="[^"]+")?|version="[^"]+")\} \d+(\.\d{6})?)$/);
	const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map((m) => m[1]);
	assert.equal(new Set(names).size, names.length, 'a name twice');
	assert.deepEqual(await metric(server.port, 'otd_ops_committed_total'), [1]);
	assert.deepEqual(await metric(server.port, 'otd_websockets'), [1]);
	assert.deepEqual(await metric(server.port, 'otd_store_up'), [1]);
	assert.ok((await metric(server.port, 'process_resident_memory_bytes'))[0] > 1e6);
	client.socket.terminate();
	await server.stop();
});

test('a port that is taken is said', async () => {
	const server = await Otd.start();
	const second = await otd(['serve', '--listen', `127.0.0.1:${server.port}`,
		'--store', `sqlite:${path.join(temporaryFolder('db'), 'otd.db')}`]);
	assert.equal(second.code, 69);
	assert.match(second.text, new RegExp(`127\\.0\\.0\\.1:${server.port}.*in use`));
	await server.stop();
});

test('SIGTERM: what was said is answered, clients are told to come back, exit 0', async () => {
	const server = await Otd.start();
	const clients = await Promise.all(Array.from({ length: 20 }, () => join(server.ws)));
	clients.forEach((client, i) => client.say(create(`d${i}`)));
	// Half of them are still on their way when the signal comes.
	await clients[0].hear('the first acknowledgement', (m) => m.a === 'op');
	await server.stop();
	for (const client of clients)
		assert.equal(await client.closed, 1012);
	// Whoever has an acknowledgement finds the document again.
	const acknowledged = clients.map((c, i) => [i, c.heard.some((m) => m.a === 'op' && !m.error)]).filter(([, ok]) => ok);
	await server.up();
	const reader = await join(server.ws);
	for (const [i] of acknowledged) {
		reader.say({ a: 'f', c: 'notes', d: `d${i}`, v: null });
		const answer = await reader.hear(`d${i}`, (m) => m.a === 'f' && m.d === `d${i}`);
		assert.equal(answer.data.v, 1);
	}
	reader.socket.terminate();
	await server.stop();
});

test('SIGTERM: a client that does not answer cannot hold it up', async () => {
	const server = await Otd.start({ args: ['--close-timeout', '300ms', '--drain-timeout', '3s'] });
	const client = await join(server.ws);
	client.socket._socket.pause();
	const silent = net.connect(server.port, '127.0.0.1');	// and one that never asks
	await new Promise((done) => silent.once('connect', done));
	const began = Date.now();
	await server.stop();
	assert.ok(Date.now() - began < 3500 * patience);
	client.socket.terminate();
	silent.destroy();
});

test('SIGTERM twice: it leaves at once', async () => {
	const server = await Otd.start({ args: ['--close-timeout', '30s', '--drain-timeout', '60s'] });
	const client = await join(server.ws);
	client.socket._socket.pause();
	server.process.signal('SIGTERM');
	await server.process.waitFor(/draining/);
	assert.notEqual((await page(server.port, '/readyz').catch(() => ({ status: 503 }))).status, 200);
	const began = Date.now();
	await server.stop();
	assert.ok(Date.now() - began < 2000 * patience);
	client.socket.terminate();
});

test('without the store: not ready; without the bus: degraded', async () => {
	const store = await Postgres.start();
	const bus = await Redis.start();
	const server = await Otd.start({ store: await store.database(), bus: bus.url() });
	await until('ready', async () => (await (await page(server.port, '/readyz')).json()).status === 'ready');
	await bus.down();
	await until('degraded', async () => {
		const answer = await page(server.port, '/readyz');
		return answer.status === 200 && (await answer.json()).status === 'degraded';
	});
	await bus.up();
	await until('ready again', async () => (await (await page(server.port, '/readyz')).json()).status === 'ready');
	await store.down('SIGQUIT');
	await until('unavailable', async () => {
		const answer = await page(server.port, '/readyz');
		return answer.status === 503 && (await answer.json()).reasons.includes('the store is away');
	});
	assert.equal((await page(server.port, '/livez')).status, 200);
	await store.up();
	await until('ready in the end', async () => (await page(server.port, '/readyz')).status === 200,
		{ timeout_ms: 20_000 * patience });
	await server.stop();
	await store.stop();
	await bus.stop();
});

test('workers share a port, hear each other, and are replaced', async () => {
	const server = await Otd.start({ store: await pg.database(), bus: redis.url('workers'), workers: 3 });
	assert.equal(server.process.lines.filter((l) => /listening on/.test(l)).length, 1, 'said once');
	assert.deepEqual(await metric(server.port, 'otd_worker_up'), [1, 1, 1]);
	const clients = await Promise.all(Array.from({ length: 30 }, () => join(server.ws)));
	await until('every worker has clients', async () =>
		(await metric(server.port, 'otd_websockets')).every((n) => n > 0));
	clients[0].say(create('w'));
	await clients[0].hear('the acknowledgement', (m) => m.a === 'op');
	for (const client of clients) {
		client.say({ a: 's', c: 'notes', d: 'w', v: null });
		await client.hear('subscribed', (m) => m.a === 's');
	}
	clients[0].say({ a: 'op', c: 'notes', d: 'w', v: 1, seq: 2, x: {}, op: [{ p: ['n'], na: 1 }] });
	for (const client of clients)
		await client.hear('the edit', (m) => m.a === 'op' && m.v === 1);

	// One dies: the others serve on, and another takes its place.
	const pids = (await sleep(0), await workerPids(server.pid));
	assert.equal(pids.length, 3);
	process.kill(pids[1], 'SIGKILL');
	await until('three again', async () => {
		const now = await workerPids(server.pid);
		return now.length === 3 && !now.includes(pids[1]);
	}, { timeout_ms: 10_000 * patience });
	await until('all up', async () => (await metric(server.port, 'otd_worker_up')).every((n) => n === 1));
	for (let i = 0; i < 12; i++) (await join(server.ws)).socket.terminate();
	for (const client of clients) client.socket.terminate();
	await server.stop();
});

// The children of the supervisor.
async function workerPids(parent) {
	const listed = new Program('ps', ['-o', 'pid=', '--ppid', String(parent)]);
	await listed.ended;
	return listed.said().split('\n').map((l) => Number(l)).filter(Boolean);
}

test('SIGTERM drains all workers; they end with their supervisor', async () => {
	const store = await pg.database();
	const server = await Otd.start({ store, bus: redis.url('drain'), workers: 2 });
	const clients = await Promise.all(Array.from({ length: 10 }, () => join(server.ws)));
	const pids = await workerPids(server.pid);
	await server.stop();
	for (const client of clients) assert.equal(await client.closed, 1012);
	await server.up();
	const others = await workerPids(server.pid);
	assert.ok(!others.some((pid) => pids.includes(pid)));
	process.kill(server.pid, 'SIGKILL');		// the supervisor alone
	await until('its workers are gone', () => others.every((pid) => {
		try {
			process.kill(pid, 0);
			return false;
		} catch {
			return true;
		}
	}), { timeout_ms: 10_000 * patience });
});

test('workers that cannot start end the program', async () => {
	const store = await pg.database();
	const server = await otd(['serve', '--listen', `127.0.0.1:${await freePort()}`, '--workers', '2',
		'--store', store, '--bus', 'redis://name.invalid']);
	assert.equal(server.code, 69);
	assert.match(server.text, /name\.invalid/);
	assert.doesNotMatch(server.text, /listening on/);
});
