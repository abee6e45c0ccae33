// Messages over WebSocket: echo, fragments, limits, what is refused and how.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, Raw, SECOND, Server, frame, sleep } from './server.mjs';

const TEXT = 1, BINARY = 2, CONTINUATION = 0, CLOSE = 8, PING = 9, PONG = 10;
let server;

before(async () => {
	server = await Server.start({ message_bytes: 3_000_000, close_ms: 500, outbox_bytes: 64 << 20 });
});
after(() => server.stop());

test('a client is greeted with an unguessable id, at / and /ws', async () => {
	const ids = new Set();
	for (const path of ['/', '/ws', '/ws?access_token=x']) {
		const client = await Client.open(server.url(path));
		assert.match(client.heard[0], /^hello [0-9a-f]{32}$/);
		ids.add(client.heard[0]);
		client.socket.close();
		assert.equal((await client.closed).code, 1005);
	}
	assert.equal(ids.size, 3);
});

test('messages of every size come back whole and in order', async () => {
	const client = await Client.open(server.url());
	const sizes = [1, 125, 126, 127, 1023, 1024, 1025, 4096, 65535, 65536, 65537, 300_000, 2_999_999];
	const texts = sizes.map((n) => 'é€𝄞x'.repeat(n / 10 + 1));
	for (const text of [...texts, 'empty', ...sizes.map((n) => 'y'.repeat(n))]) client.say(text);
	await client.hears(1 + 2 * sizes.length + 1, 60 * SECOND);
	assert.deepEqual(client.heard.slice(1, 1 + texts.length), texts);
	assert.equal(client.heard[1 + texts.length], '');
	assert.deepEqual(client.heard.slice(2 + texts.length).map((t) => t.length), sizes);
	client.socket.close();
});

test('one message reaches 200 clients, in order', async () => {
	const clients = await Promise.all(Array.from({ length: 200 }, () => Client.open(server.url())));
	for (let i = 0; i < 20; i++) clients[i].say(`all ${i} ${'z'.repeat(i * 1000)}`);
	await Promise.all(clients.map((c) => c.hears(21, 30 * SECOND)));
	const order = clients[0].heard.slice(1);
	for (const client of clients) assert.deepEqual(client.heard.slice(1), order);
	assert.deepEqual(order.map((t) => parseInt(t, 10)).sort((a, b) => a - b), [...Array(20).keys()]);
	for (const client of clients) client.socket.close();
});

test('frames that wait together leave in one write', async () => {
	const client = await Client.open(server.url());
	const before = (await server.counts()).writes;
	client.say('flood 100 100');
	await client.hears(101);
	const writes = (await server.counts()).writes - before;
	assert.ok(writes < 10, `${writes} writes for 100 frames`);
	client.socket.close();
});

test('fragments make one message, with a ping between them', async () => {
	const raw = await Raw.upgraded(server.port);
	await raw.frame(TEXT);
	raw.write(frame(TEXT, 'one ', { fin: false }));
	raw.write(frame(CONTINUATION, 'two ', { fin: false }));
	raw.write(frame(PING, 'are you there'));
	raw.write(frame(CONTINUATION, '', { fin: false }));
	raw.write(frame(CONTINUATION, 'three'));
	assert.equal(String((await raw.frame(PONG)).payload), 'are you there');
	await raw.waitFor('one two three');
	assert.equal(raw.frames().filter((f) => f.opcode === TEXT).length, 2);
	raw.socket.destroy();
});

test('a message byte by byte', async () => {
	const raw = await Raw.upgraded(server.port);
	for (const byte of frame(TEXT, 'slowly but surely')) {
		raw.write(Buffer.from([byte]));
		await sleep(1);
	}
	await raw.waitFor('slowly but surely');
	raw.socket.destroy();
});

test('frames that come with the upgrade request are heard', async () => {
	const raw = await Raw.connect(server.port);
	raw.write(Buffer.concat([
		Buffer.from('GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
			'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n'),
		frame(TEXT, 'early'),
	]));
	await raw.waitFor('early');
	assert.match(raw.text(), /^HTTP\/1\.1 101 .*Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/is);
	raw.socket.destroy();
});

test('many messages in one segment are all answered', async () => {
	const raw = await Raw.upgraded(server.port);
	raw.write(Buffer.concat(Array.from({ length: 500 }, (_, i) => frame(TEXT, `m${i}.`))));
	await raw.waitFor('m499.');
	const texts = raw.frames().filter((f) => f.opcode === TEXT).slice(1).map((f) => String(f.payload));
	assert.deepEqual(texts, Array.from({ length: 500 }, (_, i) => `m${i}.`));
	raw.socket.destroy();
});

test('a slow inbox stops reading and loses nothing', async () => {
	const slow = await Server.start({ inbox_messages: 2 });
	try {
		const client = await Client.open(slow.url());
		client.say('slow');
		const texts = Array.from({ length: 300 }, (_, i) => `${i} ${'p'.repeat(i * 37 % 3000)}`);
		for (const text of texts) client.say(text);
		await client.hears(302, 30 * SECOND);
		assert.deepEqual(client.heard.slice(2), texts);
		client.socket.close();
		await client.closed;
	} finally {
		await slow.stop();
	}
});

test('an unmasked frame does no harm', async () => {
	// RFC 6455, 5.1, has a server close on it; lws does not tell us.
	const raw = await Raw.upgraded(server.port);
	raw.write(frame(TEXT, 'bare', { mask: false }));
	await Promise.race([raw.waitFor('bare'), raw.gone]);
	raw.socket.destroy();
	const client = await Client.open(server.url());
	client.say('still here');
	assert.equal(await client.hears(2), 'still here');
	client.socket.close();
});

const REFUSED = [
	['a binary message', [frame(BINARY, 'x')], 1003],
	['a binary message in fragments', [frame(BINARY, 'x', { fin: false })], 1003],
	['an oversized message', [frame(TEXT, Buffer.alloc(3_000_001, 'x'))], 1009],
	['an oversized message in fragments', [
		frame(TEXT, Buffer.alloc(2_000_000, 'x'), { fin: false }),
		frame(CONTINUATION, Buffer.alloc(2_000_000, 'x'), { fin: false }),
	], 1009],
	['invalid UTF-8', [frame(TEXT, Buffer.from([0x61, 0xc0, 0xaf]))], 1007],
	['a surrogate in UTF-8', [frame(TEXT, Buffer.from([0xed, 0xa0, 0x80]))], 1007],
	['invalid UTF-8 over two fragments', [
		frame(TEXT, Buffer.from([0xe2, 0x82]), { fin: false }),
		frame(CONTINUATION, Buffer.from([0x41])),
	], 1007],
	['a character cut by the end', [frame(TEXT, Buffer.from([0x61, 0xe2, 0x82]))], 1007],
	['a reserved bit', [frame(TEXT, 'x', { rsv: 4 })], 1002],
	['an unknown opcode', [frame(3, 'x')], 1002],
	['a continuation of nothing', [frame(CONTINUATION, 'x')], 1002],
	['a ping in fragments', [frame(PING, 'x', { fin: false })], 1002],
	['a new message inside another', [frame(TEXT, 'x', { fin: false }), frame(TEXT, 'y')], 1002],
];

for (const [what, frames, code] of REFUSED)
	test(`${what} is closed with ${code}`, async () => {
		const raw = await Raw.upgraded(server.port);
		await raw.frame(TEXT);
		for (const bytes of frames) raw.write(bytes);
		assert.equal(await raw.closeCode(), code);
		raw.write(frame(CLOSE, Buffer.from([code >> 8, code & 255])));
		await raw.rest();
	});

test('a valid character split over fragments passes', async () => {
	const raw = await Raw.upgraded(server.port);
	const bytes = Buffer.from('a€𝄞z');
	for (let i = 0; i < bytes.length; i++)
		raw.write(frame(i ? CONTINUATION : TEXT, bytes.subarray(i, i + 1), { fin: i === bytes.length - 1 }));
	await raw.waitFor(bytes.toString('latin1'));
	raw.socket.destroy();
});

test('the client closes: its code is answered, the server hangs up', async () => {
	const raw = await Raw.upgraded(server.port);
	raw.write(frame(CLOSE, Buffer.from([0x03, 0xe8, 0x62, 0x79, 0x65])));	// 1000 bye
	assert.equal(await raw.closeCode(), 1000);
	await raw.rest();
	const client = await Client.open(server.url());
	client.socket.close(3001, 'mine');
	assert.deepEqual(await client.closed, { code: 3001, reason: 'mine' });
});

test('the server closes: outbox first, then code and reason', async () => {
	const client = await Client.open(server.url());
	client.say('before');
	client.say('close 1012');
	assert.deepEqual(await client.closed, { code: 1012, reason: 'as you wish' });
	assert.deepEqual(client.heard.slice(1), ['before']);
});

test('when both have closed, once each, the server hangs up', async () => {
	const raw = await Raw.upgraded(server.port);
	raw.write(frame(TEXT, 'close 1012'));
	assert.equal(await raw.closeCode(), 1012);
	raw.write(frame(CLOSE, Buffer.from([0x03, 0xf4])));
	const began = Date.now();
	await raw.rest();
	assert.ok(Date.now() - began < 400, 'it waited for its deadline');
	assert.equal(raw.frames().filter((f) => f.opcode === CLOSE).length, 1);
});

test('a client that does not answer our close is cut', async () => {
	const raw = await Raw.upgraded(server.port);
	raw.write(frame(TEXT, 'close 1001'));
	assert.equal(await raw.closeCode(), 1001);
	const began = Date.now();
	raw.write(frame(TEXT, 'and nothing else'));
	await raw.rest();
	assert.ok(Date.now() - began >= 400, 'before its time');
});

test('who goes without a word leaves nothing behind', async () => {
	const clients = await Promise.all(Array.from({ length: 50 }, () => Client.open(server.url())));
	for (const client of clients) client.socket.terminate();
	for (let i = 0; i < 500 && (await server.counts()).sockets > 0; i++) await sleep(10);
	assert.equal((await server.counts()).sockets, 0);
});
