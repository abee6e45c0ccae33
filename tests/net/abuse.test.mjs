// Abuse from one address, and a well-behaved client beside it: the limits hold,
// the process stays up, and others are served.
import assert from 'node:assert/strict';
import net from 'node:net';
import { once } from 'node:events';
import { test } from 'node:test';
import { Client, Raw, SECOND, Server, frame, sleep } from './server.mjs';

// A connection from another address of loopback.
async function from(address, port) {
	const it = Object.assign(new Raw(), { chunks: [], ended: false });
	it.socket = net.connect({ port, host: '127.0.0.1', localAddress: address, noDelay: true });
	it.socket.on('data', (data) => it.chunks.push(data));
	it.socket.on('error', (error) => { it.error = error; it.ended = true; });
	it.gone = new Promise((done) => it.socket.once('close', () => { it.ended = true; done(); }));
	await Promise.race([once(it.socket, 'connect'), it.gone]);
	return it;
}

const ATTACKER = '127.0.0.66';

async function during(settings, attack) {
	const server = await Server.start(settings);
	const friend = await Client.open(server.url());
	try {
		await attack(server);
		// who behaves is still served: the one who was here, and one who comes
		friend.say('still here');
		assert.equal(await friend.hears(2), 'still here');
		const next = await Client.open(server.url());
		next.say('welcome');
		assert.equal(await next.hears(2), 'welcome');
		next.socket.close();
		friend.socket.close();
		await Promise.all([friend.closed, next.closed]);
	} finally {
		await server.stop();
	}
}

async function counted(server, what) {
	for (const end = Date.now() + 10 * SECOND; ; await sleep(5)) {
		const counts = await server.counts();
		if (what(counts)) return counts;
		if (Date.now() > end) throw new Error(`never came: ${JSON.stringify(counts)}`);
	}
}

test('an address has so many connections, the rest is closed at once', () =>
	during({ connections_address: 20 }, async (server) => {
		const crowd = await Promise.all(Array.from({ length: 60 }, () => from(ATTACKER, server.port)));
		await counted(server, (c) => c.address_refused === 40);
		while (crowd.filter((it) => it.ended).length < 40) await sleep(5);
		assert.equal(crowd.filter((it) => !it.ended).length, 20);
		// one goes, one may come
		crowd.find((it) => !it.ended).socket.destroy();
		await counted(server, (c) => c.connections <= 21);
		const again = await from(ATTACKER, server.port);
		again.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n');
		await again.waitFor('200 OK');
		for (const it of crowd) it.socket.destroy();
	}));

test('a flood of connections is cut by its rate', () =>
	during({ connection_rate: 5 }, async (server) => {
		let served = 0;
		for (let i = 0; i < 300; i += 20)
			await Promise.all(Array.from({ length: 20 }, async () => {
				const it = await from(ATTACKER, server.port);
				it.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n');
				await it.gone;
				served += it.text().includes('200 OK');
			}));
		// 20 s' worth, and what the while of the flood adds
		assert.ok(served >= 100 && served < 250, `${served} served`);
		await counted(server, (c) => c.address_refused === 300 - served);
	}));

test('slow heads are cut, whoever drips them', () =>
	during({ header_ms: 400 }, async (server) => {
		const drips = await Promise.all(Array.from({ length: 50 }, () => from(ATTACKER, server.port)));
		const timer = setInterval(() => drips.forEach((it) => { if (!it.ended) it.write('G'); }), 50);
		await Promise.all(drips.map((it) => it.gone));
		clearInterval(timer);
	}));

test('slow bodies are cut, whoever drips them', () =>
	during({ request_ms: 500 }, async (server) => {
		const drips = await Promise.all(Array.from({ length: 50 }, () => from(ATTACKER, server.port)));
		for (const it of drips) it.write('POST /api/show HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n');
		const timer = setInterval(() => drips.forEach((it) => { if (!it.ended) it.write('b'); }), 50);
		await Promise.all(drips.map((it) => it.gone));
		clearInterval(timer);
	}));

test('bodies that have not come whole are bounded, of an address and of all', () =>
	during({ incoming_bytes: 3_000_000, incoming_address_bytes: 2_000_000, body_bytes: 1_000_000, request_ms: 20_000 }, async (server) => {
		const send = async (address) => {
			const it = await from(address, server.port);
			it.write('POST /api/show HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n');
			it.write(Buffer.alloc(900_000));
			return it;
		};
		const all = [await send(ATTACKER), await send(ATTACKER)];
		await counted(server, (c) => c.incoming === 1_800_000);
		all.push(await send(ATTACKER));
		await all[2].waitFor('503');
		all.push(await send('127.0.0.67'));
		await counted(server, (c) => c.incoming > 2_600_000);
		all.push(await send('127.0.0.68'));
		await all[4].waitFor('503');
		assert.equal((await server.counts()).incoming_refused, 2);
		for (const it of all) it.socket.destroy();
		await counted(server, (c) => c.incoming === 0);
	}));

test('messages that have not come whole are bounded too', () =>
	during({ incoming_bytes: 3_000_000, incoming_address_bytes: 2_000_000, message_bytes: 1_500_000 }, async (server) => {
		const all = [];
		for (let i = 0; i < 3; i++) {
			const it = await Raw.upgraded(server.port);
			it.write(frame(1, 'x'.repeat(900_000), { fin: false }));
			all.push(it);
		}
		const codes = await Promise.race(all.map((it) => it.closeCode()));
		assert.equal(codes, 1013);
		for (const it of all) it.socket.destroy();
		await counted(server, (c) => c.incoming === 0);
	}));

test('huge frames are refused before they are here', () =>
	during({ message_bytes: 10_000 }, async (server) => {
		for (let i = 0; i < 20; i++) {
			const it = await Raw.upgraded(server.port);
			// 2^40 bytes are announced
			it.write(Buffer.from([0x81, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 1, 2, 3, 4]));
			it.write(Buffer.alloc(100_000));
			assert.equal(await it.closeCode(), 1009);
			it.socket.destroy();
		}
		assert.ok(await server.memory() < 100 << 20);
	}));

test('a message in crumbs is refused, one in fragments of some size is not', () =>
	during({ message_bytes: 1_000_000 }, async (server) => {
		const it = await Raw.upgraded(server.port);
		it.write(frame(1, '"', { fin: false }));
		it.write(Buffer.concat(Array.from({ length: 2000 }, () => frame(0, 'x', { fin: false }))));
		assert.equal(await it.closeCode(), 1008);
		it.socket.destroy();
		const other = await Raw.upgraded(server.port);
		other.write(frame(1, 'x'.repeat(100), { fin: false }));
		for (let i = 0; i < 3000; i++) other.write(frame(0, 'y'.repeat(100), { fin: i === 2999 }));
		await other.waitFor(`x${'y'.repeat(1000)}`);
		other.socket.destroy();
	}));

test('a head of 1 MB is closed, one within the limit is read', () =>
	during({ head_bytes: 8192 }, async (server) => {
		for (const head of [`GET /api/${'i'.repeat(1 << 20)} HTTP/1.1\r\nHost: x\r\n\r\n`,
			`GET /api/show?x=${'i'.repeat(1 << 20)} HTTP/1.1\r\nHost: x\r\n\r\n`,
			`GET /api/show HTTP/1.1\r\nHost: x\r\nX: ${'i'.repeat(1 << 20)}\r\n\r\n`,
			`GET /api/show HTTP/1.1\r\nHost: x\r\n${'X: y\r\n'.repeat(100_000)}\r\n`,
			`GET /api/show?${'a&'.repeat(3000)} HTTP/1.1\r\nHost: x\r\n\r\n`]) {
			const it = await from(ATTACKER, server.port);
			it.write(head);
			await it.gone;
			assert.doesNotMatch(it.text(), /^HTTP\/1.1 200/);
		}
		const seen = await (await fetch(server.http(`/api/${'i'.repeat(6000)}`))).json();
		assert.equal(seen.path.length, 6005);
	}));

test('a principal has so many streams, the next is told 429', () =>
	during({ gate: 2, streams: 3 }, async (server) => {
		const open = async (token, stop) => {
			const answer = await fetch(server.http('/api/stream'),
				{ headers: token ? { authorization: `Bearer ${token}` } : {}, signal: stop.signal });
			if (answer.status === 200) await answer.body.getReader().read();
			return answer;
		};
		const stop = new AbortController(), first = new AbortController();
		assert.equal((await open('good-ann', first)).status, 200);
		for (let i = 0; i < 2; i++) assert.equal((await open('good-ann', stop)).status, 200);
		const refused = await open('good-ann', stop);
		assert.equal(refused.status, 429);
		assert.equal(refused.headers.get('retry-after'), '10');
		// the api is rid of it, though its client stays
		const it = await Raw.connect(server.port);
		it.write('GET /api/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer good-ann\r\n\r\n');
		await it.waitFor('429');
		await counted(server, (c) => c.open === 3);
		it.socket.destroy();
		assert.equal((await open('good-bob', stop)).status, 200);
		for (let i = 0; i < 3; i++) assert.equal((await open(null, stop)).status, 200);
		assert.equal((await open(null, stop)).status, 429);
		await counted(server, (c) => c.streams === 7 && c.open === 7);
		first.abort();
		await counted(server, (c) => c.streams === 6);
		assert.equal((await open('good-ann', stop)).status, 200);
		stop.abort();
		await counted(server, (c) => c.streams === 0 && c.open === 0);
	}));
