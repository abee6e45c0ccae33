// Many clients, slow ones, silent ones, and leaving them all.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, Raw, SECOND, Server, frame, sleep } from './server.mjs';

const TEXT = 1, CLOSE = 8, PING = 9, PONG = 10;

async function having(settings, body, addresses) {
	const server = await Server.start(settings, addresses);
	let failed = true;
	try {
		await body(server);
		failed = false;
	} finally {
		if (failed) await server.program.kill();
	}
	await server.stop();
}

test('stalled readers are cut, the others go on', () =>
	having({ outbox_bytes: 2 << 20, drain_ms: 300, close_ms: 300 }, async (server) => {
		const good = await Client.open(server.url());
		const stalled = [];
		for (let i = 0; i < 10; i++) {
			const raw = await Raw.upgraded(server.port);
			raw.socket.pause();
			stalled.push(raw);
		}
		for (let i = 0; i < 10; i++) {
			good.say('flood 20 100000');
			await good.hears(1 + 20 * (i + 1), 30 * SECOND);
		}
		for (let i = 0; (await server.counts()).sockets > 1; i++) {
			assert.ok(i < 200, 'stalled readers are left');
			await sleep(50);
		}
		assert.ok((await server.counts()).cut_late >= 10);
		good.say('still here');
		assert.equal(await good.hears(202), 'still here');
		for (const raw of stalled) raw.socket.destroy();
		good.socket.close();
	}));

test('a reader who was slow for a while gets everything', () =>
	having({ outbox_bytes: 64 << 20 }, async (server) => {
		const client = await Client.open(server.url());
		client.socket.pause();
		client.say('flood 3000 5000');
		await sleep(300);
		client.say('last');
		client.socket.resume();
		await client.hears(3002, 60 * SECOND);
		assert.equal(client.heard[3001], 'last');
		assert.ok(client.heard.slice(1, 3001).every((t) => t.length === 5000));
		client.socket.close();
	}));

test('pings are answered between frames to a slow reader', () =>
	having({ outbox_bytes: 64 << 20 }, async (server) => {
		const raw = await Raw.upgraded(server.port);
		raw.write(frame(TEXT, 'flood 100 70000'));
		for (let i = 0; i < 20; i++) raw.write(frame(PING, `p${i}`));
		raw.write(frame(TEXT, 'the end'));
		await raw.waitFor('the end', 30 * SECOND);
		const frames = raw.frames();		// whole to the last byte
		assert.equal(frames.filter((f) => f.opcode === TEXT && f.payload.length === 70000).length, 100);
		assert.ok(frames.every((f) => f.opcode === TEXT || f.opcode === PONG));
		raw.socket.destroy();
	}));

test('a storm is let in at a rate, and nobody else waits for it', () =>
	having({ accept_rate: 10 }, async (server) => {
		const storm = Array.from({ length: 30 }, () => Client.open(server.url()));
		for (let i = 0; (await server.counts()).waiting === 0; i++) {
			assert.ok(i < 500, 'nobody waits');
			await sleep(5);
		}
		// Each of these pages comes behind the storm, by the same address.
		const { waiting } = await server.counts();
		assert.equal((await fetch(server.http('/livez'))).status, 200);
		assert.ok(waiting > 0 && waiting <= 20, `${waiting} wait`);
		for (const client of await Promise.all(storm)) {
			client.say('in');
			assert.equal(await client.hears(2), 'in');
			client.socket.close();
		}
		assert.equal((await server.counts()).waiting, 0);
	}));

test('who waits to be let in is told when the server leaves', () =>
	having({ accept_rate: 1 }, async (server) => {
		await Client.open(server.url());
		const raws = await Promise.all(Array.from({ length: 5 }, () => Raw.upgraded(server.port)));
		server.program.signal('SIGTERM');
		for (const raw of raws) assert.equal(await raw.closeCode(), 1001);
	}));

test('the silent are pinged, and cut if they do not answer', () =>
	having({ ping_ms: 200, idle_ms: 800 }, async (server) => {
		const alive = await Client.open(server.url());		// ws answers pings
		let pings = 0;
		alive.socket.on('ping', () => pings++);
		const dead = await Raw.upgraded(server.port);
		const began = Date.now();
		await dead.rest(5 * SECOND);
		assert.ok(Date.now() - began >= 700, 'before its time');
		assert.ok(dead.frames().some((f) => f.opcode === PING));
		assert.equal(dead.frames().filter((f) => f.opcode === PING).length, 1);
		await sleep(600);
		assert.ok(pings >= 3, `${pings} pings`);
		alive.say('alive');
		assert.equal(await alive.hears(2), 'alive');
		assert.equal((await server.counts()).cut_idle, 1);
		alive.socket.close();
	}));

test('2000 idle connections: little memory, no CPU, and all are told to go', async () => {
	const server = await Server.start();
	const before = await server.memory();
	const clients = [];
	while (clients.length < 2000)
		clients.push(...await Promise.all(Array.from({ length: 100 }, () => Client.open(server.url()))));
	assert.equal((await server.counts()).sockets, 2000);
	const each = (await server.memory() - before) / clients.length;
	const asan = /asan/.test(process.env.OTD_BUILD || '');
	assert.ok(asan || each < 6000, `${each} bytes a connection`);
	const cpu = await server.cpu();
	await sleep(1000);
	assert.ok(await server.cpu() - cpu <= 50 * SECOND / 1000, 'idle is not idle');
	clients[0].say('all wake up');
	await Promise.all(clients.map((c) => c.hears(2, 30 * SECOND)));
	await server.stop();
	for (const client of clients)
		assert.deepEqual(await client.closed, { code: 1001, reason: 'the server is leaving' });
});

test('leaving: frames first, half requests cut, who does not answer is cut', async () => {
	const server = await Server.start({ close_ms: 400, drain_ms: 1500, outbox_bytes: 64 << 20 });
	const client = await Client.open(server.url());
	const mute = await Raw.upgraded(server.port);		// never answers a close
	const stalled = await Raw.upgraded(server.port);	// never reads
	stalled.socket.pause();
	const half = await Raw.connect(server.port);
	half.write('GET /livez HTT');
	const late = await Raw.upgraded(server.port);
	client.say('flood 15 200000');
	await client.hears(5, 30 * SECOND);
	const began = Date.now();
	await server.stop();
	assert.ok(Date.now() - began < 5 * SECOND);
	assert.equal((await client.closed).code, 1001);
	assert.equal(client.heard.length, 16);
	assert.equal(await mute.closeCode(), 1001);
	await half.rest();
	late.socket.destroy();
	stalled.socket.destroy();
});

test('nobody new is accepted while it leaves', async () => {
	const server = await Server.start({ close_ms: 1500 });
	const mute = await Raw.upgraded(server.port);
	const stopped = server.stop();
	await mute.closeCode();
	await assert.rejects(Raw.connect(server.port), { code: 'ECONNREFUSED' });
	await stopped;
	mute.socket.destroy();
});

test('a crowd that comes and goes leaves nothing', () =>
	having({}, async (server) => {
		for (let round = 0; round < 5; round++) {
			const clients = await Promise.all(Array.from({ length: 100 }, () => Client.open(server.url())));
			clients.forEach((c, i) => {
				c.say(`all ${i}`);
				if (i % 3 === 0) c.socket.terminate();
				else if (i % 3 === 1) c.socket.close();
				else c.say('close 1000');
			});
			await Promise.all(clients.map((c) => c.closed));
		}
		for (let i = 0; (await server.counts()).connections > 1; i++) {
			assert.ok(i < 200, 'connections are left');
			await sleep(20);
		}
	}));

test('too many are turned away, and come in when others left', () =>
	having({ connections: 5 }, async (server) => {
		const clients = [];
		for (let i = 0; i < 5; i++) clients.push(await Client.open(server.url()));
		const raw = await Raw.connect(server.port);
		assert.equal(await raw.rest(), '');
		clients[0].socket.close();
		await clients[0].closed;
		await sleep(100);
		clients[0] = await Client.open(server.url());
		assert.match(clients[0].heard[0], /^hello/);
		for (const client of clients) client.socket.close();
		await Promise.all(clients.map((c) => c.closed));
		await sleep(100);
	}));

test('a port that is taken is an error that says so', async () => {
	await having({}, async (server) => {
		await assert.rejects(Server.start({}, [`clients:127.0.0.1:${server.port}`]), /Address already in use/);
	});
	await assert.rejects(Server.start({}, ['clients:7007']), /is not HOST:PORT/);
	await assert.rejects(Server.start({}, ['clients:::1:7007']), /is not HOST:PORT/);
	await assert.rejects(Server.start({}, ['clients:127.0.0.1:99999']), /is not HOST:PORT/);
	await assert.rejects(Server.start({}, ['clients:no.such.host.invalid:1']), /cannot listen on/);
});
