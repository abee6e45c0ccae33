// Who comes in: tokens and their places, origins, proxies.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, Raw, SECOND, Server, sleep } from './server.mjs';

let server, listed, proxied;

before(async () => {
	server = await Server.start({ gate: 1, unknown_body_bytes: 100, request_ms: 2000 });
	listed = await Server.start({ gate: 2, unknown_body_bytes: 100,
		origins: 'https://app.example.com,https://*.example.org' });
	proxied = await Server.start({ gate: 2, proxies: '127.0.0.1,10.0.0.0/8,2001:db8::/32', connections_address: 3 });
});
after(() => Promise.all([server, listed, proxied].map((s) => s.stop())));

// The answer to an upgrade, whole: 101 or a refusal with its body.
async function upgrade(of, headers = {}, path = '/') {
	const it = await Raw.connect(of.port);
	it.write([`GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${of.port}`, 'Upgrade: websocket', 'Connection: Upgrade',
		'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version: 13',
		...Object.entries(headers).map(([k, v]) => `${k}: ${v}`), '', ''].join('\r\n'));
	await it.waitFor('\r\n\r\n');
	const status = Number(it.text().slice(9, 12));
	if (status !== 101) await it.rest();
	const text = it.text();
	it.socket.destroy();
	return { status, text };
}

async function who(of, options, path = '/') {
	const client = await Client.open(of.url(path), options);
	client.say('who');
	const said = await client.hears(2);
	client.socket.close();
	await client.closed;
	return said;
}

const bearer = (token) => ({ headers: { authorization: `Bearer ${token}` } });

test('a token is taken from header, cookie and query', async () => {
	assert.equal(await who(server, bearer('good-ann')), 'ann - 127.0.0.1');
	assert.equal(await who(server, { headers: { authorization: 'bearer  good-ann' } }), 'ann - 127.0.0.1');
	assert.equal(await who(server, { headers: { cookie: 'a=b; otd_token=good-bob; c=d' } }), 'bob - 127.0.0.1');
	assert.equal(await who(server, {}, '/?x=1&access_token=good-cy'), 'cy - 127.0.0.1');
	assert.equal(await who(server, bearer('good-ann'), '/ws?share=link-1'), 'ann link-1 127.0.0.1');
	assert.equal(await who(server, bearer('good-ann'), '/?access_token=good-ann'), 'ann - 127.0.0.1');
});

test('different tokens at once are refused', async () => {
	for (const [headers, path] of [
		[{ authorization: 'Bearer good-ann' }, '/?access_token=good-bob'],
		[{ authorization: 'Bearer good-ann', cookie: 'otd_token=good-bob' }, '/'],
		[{ cookie: 'otd_token=good-ann; otd_token=good-bob' }, '/'],
		[{}, '/?access_token=good-ann&access_token=good-bob'],
		[{}, '/?ticket=a&ticket=b'],
	]) {
		const { status, text } = await upgrade(server, headers, path);
		assert.equal(status, 400, path);
		assert.match(text, /two different tokens/);
	}
});

test('a refused token is told why, before the upgrade', async () => {
	const { status, text } = await upgrade(server, { authorization: 'Bearer nonsense' });
	assert.equal(status, 401);
	assert.match(text, /WWW-Authenticate: Bearer realm="otd", error="invalid_token", error_description="the token's 'sub' is bad"\r\n/);
	assert.match(text, /Content-Type: application\/problem\+json/);
	assert.equal(JSON.parse(text.split('\r\n\r\n')[1]).code, 'ERR_OTD_UNAUTHENTICATED');
	assert.equal(JSON.parse(text.split('\r\n\r\n')[1]).detail, 'the token\'s "sub" is bad');
});

test('no token is refused without an error code', async () => {
	const { status, text } = await upgrade(server);
	assert.equal(status, 401);
	assert.match(text, /WWW-Authenticate: Bearer realm="otd"\r\n/);
	assert.equal((await upgrade(listed)).status, 101);
});

test('what takes a while is heard after the upgrade', async () => {
	const client = await Client.open(server.url('/?ticket=dora'));
	client.say('who');
	assert.equal(await client.hears(2), 'dora - 127.0.0.1');
	client.socket.close();
	// said before it is known
	const it = await Raw.upgraded(server.port, 'Authorization: Bearer slow-eve\r\n');
	const { frame } = await import('./server.mjs');
	it.write(frame(1, 'who'));
	while (it.frames().length < 2) await sleep(2);
	assert.equal(String(it.frames()[1].payload), 'eve - 127.0.0.1');
	it.socket.destroy();
});

test('what is refused after the upgrade is closed with 4401 and why', async () => {
	const it = await Raw.upgraded(server.port, 'Authorization: Bearer slow-bad\r\n');
	const close = await it.frame(8);
	assert.equal(close.payload.readUInt16BE(0), 4401);
	assert.equal(String(close.payload.subarray(2)), 'it was slow and bad');
	it.socket.destroy();
});

test('who leaves while it is found out is forgotten', async () => {
	for (let i = 0; i < 20; i++) {
		const it = await Raw.upgraded(server.port, 'Authorization: Bearer slow-late\r\n');
		if (i % 2) it.socket.destroy();
		else it.socket.resetAndDestroy();
	}
	for (const end = Date.now() + 10 * SECOND; (await server.counts()).sockets !== 0; await sleep(10))
		assert.ok(Date.now() < end);
});

test('an api learns who asks, or why not', async () => {
	const ask = async (headers, path = '/api/show', more = {}) => {
		const answer = await fetch(server.http(path), { headers, ...more });
		return { status: answer.status, ...await answer.json() };
	};
	assert.equal((await ask({ authorization: 'Bearer good-ann' })).who, 'ann');
	assert.equal((await ask({ authorization: 'Bearer slow-bob' })).who, 'bob');
	const late = await ask({ authorization: 'Bearer slow-bob' }, '/api/later', { method: 'POST', body: 'x'.repeat(50_000) });
	assert.equal(late.who, 'bob');
	assert.equal(late.bytes, 50_000);
	assert.deepEqual(await ask({ authorization: 'Bearer slow-bad' }).then(({ status, why }) => ({ status, why })),
		{ status: 401, why: 'it was slow and bad' });
	assert.equal((await ask({})).why, 'no token is shown');
	assert.equal((await ask({ authorization: 'Basic abc' })).why, 'no token is shown');
});

test('the api does not see the token of the query', async () => {
	const answer = await (await fetch(server.http('/api/show?a=1&access_token=good-ann&share=x&b=2'))).json();
	assert.equal(answer.query, 'a=1&b=2');
	assert.equal(answer.who, 'ann');
	assert.equal((await fetch(server.http('/api/show?ticket=x'))).status, 400);
});

test('a body is not read from who is refused, and little from who is not known', async () => {
	const it = await Raw.connect(server.port);
	it.write('PUT /api/show HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer nonsense\r\nContent-Length: 100000\r\n\r\n');
	await it.waitFor('401');
	it.socket.destroy();
	const put = (size) => fetch(listed.http('/api/show'), { method: 'PUT', body: 'x'.repeat(size) });
	assert.equal((await put(100)).status, 200);
	assert.equal((await put(101)).status, 413);
});

test('tokens are not logged', async () => {
	assert.doesNotMatch(server.program.said(), /good-|slow-|nonsense/);
});

// ---- origins ----

const ORIGINS = [
	['https://app.example.com', true], ['https://APP.example.com', true], ['https://a.example.org', true],
	['https://a.b.example.org', true], ['https://example.org', false], ['http://app.example.com', false],
	['https://app.example.com:8443', false], ['https://app.example.com.evil.test', false], ['null', false],
	['https://evil.test/.example.org', false], ['https://evilexample.org', false], ['https://x@.example.org', false],
];

for (const [origin, allowed] of ORIGINS)
	test(`${origin} is ${allowed ? 'let in' : 'held off'}`, async () => {
		assert.equal((await upgrade(listed, { origin })).status, allowed ? 101 : 403);
		const answer = await fetch(listed.http('/api/show'), { headers: { origin } });
		assert.equal(answer.status, 200);
		assert.equal(answer.headers.get('access-control-allow-origin'), allowed ? origin : null);
		assert.equal(answer.headers.get('vary'), 'Origin');
		if (allowed) assert.match(answer.headers.get('access-control-expose-headers'), /ETag.*Retry-After/);
		const preflight = await fetch(listed.http('/api/show'), { method: 'OPTIONS',
			headers: { origin, 'access-control-request-method': 'PUT' } });
		assert.equal(preflight.status, allowed ? 204 : 403);
		assert.equal(preflight.headers.get('access-control-allow-origin'), allowed ? origin : null);
		if (allowed) assert.match(preflight.headers.get('access-control-allow-headers'), /Authorization.*Idempotency-Key/);
	});

test('without a list any page may connect, but not with the cookie', async () => {
	const authorization = 'Bearer good-ann', cookie = 'otd_token=good-ann', origin = 'https://evil.test';
	assert.equal((await upgrade(server, { authorization, origin })).status, 101);
	assert.equal((await upgrade(server, { cookie, origin })).status, 403);
	assert.equal((await upgrade(server, { cookie, origin: 'null' })).status, 403);
	assert.equal((await upgrade(server, { cookie })).status, 101);
	assert.equal((await upgrade(server, { cookie, origin: `http://127.0.0.1:${server.port}` })).status, 101);
	assert.equal((await upgrade(listed, { cookie, origin: 'https://app.example.com' })).status, 101);
});

test('other pages may not write with the cookie', async () => {
	const put = (headers) => fetch(server.http('/api/show'), { method: 'PUT', body: 'x', headers }).then((a) => a.status);
	const cookie = 'otd_token=good-ann', origin = 'https://evil.test';
	assert.equal(await put({ cookie, origin }), 403);
	assert.equal(await put({ cookie }), 200);
	assert.equal(await put({ cookie, origin: `http://127.0.0.1:${server.port}` }), 200);
	assert.equal(await put({ origin, authorization: 'Bearer good-ann' }), 200);
	assert.equal(await put({ origin, cookie: 'otd_refresh=r' }), 403);
	assert.equal(await put({ origin, cookie: 'otd_refresh=r', authorization: 'Bearer bad' }), 403);
	assert.equal((await fetch(server.http('/api/show'), { headers: { cookie, origin } })).status, 200);
});

// ---- proxies ----

const FORWARDED = [
	['203.0.113.7', '203.0.113.7'], ['6.6.6.6, 203.0.113.7', '203.0.113.7'],
	['6.6.6.6, 203.0.113.7, 10.1.2.3', '203.0.113.7'], ['203.0.113.7:4711', '203.0.113.7'],
	['2001:db9::1', '2001:db9::1'], ['[2001:db9::1]:99,2001:db8::5', '2001:db9::1'],
	['unknown', '127.0.0.1'], ['203.0.113.7, nonsense', '127.0.0.1'], ['10.0.0.1, 10.0.0.2', '10.0.0.1'], ['', '127.0.0.1'],
	['::ffff:203.0.113.7', '203.0.113.7'],
];

for (const [list, address] of FORWARDED)
	test(`behind proxies, "${list}" is ${address}`, async () => {
		const seen = await (await fetch(proxied.http('/api/show'), { headers: { 'x-forwarded-for': list } })).json();
		assert.equal(seen.address, address);
	});

test('several lines are one list, and who is not trusted is not believed', async () => {
	const it = await Raw.connect(proxied.port);
	it.write('GET /api/show HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 203.0.113.9\r\n' +
		'X-Forwarded-Proto: https\r\n\r\n');
	const seen = JSON.parse((await it.rest()).split('\r\n\r\n')[1]);
	assert.equal(seen.address, '203.0.113.9');
	assert.equal(seen.secure, true);
	const open = await (await fetch(listed.http('/api/show'),
		{ headers: { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https' } })).json();
	assert.equal(open.address, '127.0.0.1');
	assert.equal(open.secure, false);
});

test('a session knows its client behind the proxy', async () => {
	assert.equal(await who(proxied, { headers: { 'x-forwarded-for': '203.0.113.7' } }), 'nobody - 203.0.113.7');
});

test('limits count the client, not the proxy', async () => {
	const from = (address) => upgradeKept({ 'x-forwarded-for': address });
	const kept = [];
	async function upgradeKept(headers) {
		const it = await Raw.connect(proxied.port);
		it.write([`GET / HTTP/1.1`, 'Host: x', 'Upgrade: websocket', 'Connection: Upgrade',
			'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version: 13',
			...Object.entries(headers).map(([k, v]) => `${k}: ${v}`), '', ''].join('\r\n'));
		await it.waitFor('\r\n\r\n');
		kept.push(it);
		return Number(it.text().slice(9, 12));
	}
	assert.deepEqual([await from('203.0.113.1'), await from('203.0.113.1'), await from('203.0.113.1'),
		await from('203.0.113.1'), await from('203.0.113.2')], [101, 101, 101, 429, 101]);
	// of IPv6 the first 64 bits count
	assert.deepEqual([await from('2001:db9::1'), await from('2001:db9::2'), await from('2001:db9::3'),
		await from('2001:db9::4'), await from('2001:db9:0:1::1')], [101, 101, 101, 429, 101]);
	for (const it of kept) it.socket.destroy();
});
