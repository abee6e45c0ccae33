// Requests that an api answers: what it is shown, and answers at once, later,
// in parts, or never.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { Raw, SECOND, Server, sleep } from './server.mjs';

const METHODS = { GET: 1, POST: 4, PUT: 8, PATCH: 16, DELETE: 32, OPTIONS: 64 };
let server;

before(async () => {
	server = await Server.start({ header_ms: 700, request_ms: 900, close_ms: 500, body_bytes: 200_000, outbox_bytes: 4 << 20 });
});
after(() => server.stop());

const show = async (path, options) => (await fetch(server.http(path), options)).json();

// Until the server's counts say so.
async function counted(what) {
	for (const end = Date.now() + 10 * SECOND; ; await sleep(5)) {
		const counts = await server.counts();
		if (what(counts)) return counts;
		if (Date.now() > end) throw new Error(`never came: ${JSON.stringify(counts)}`);
	}
}

test('an api sees method, path, body and headers', async () => {
	const headers = {
		accept: 'application/json', authorization: 'Bearer x.y.z', 'content-type': 'application/merge-patch+json',
		cookie: 'a=b; c=d', 'idempotency-key': 'key-1', 'if-match': '"1", "2"', 'if-none-match': '*',
		'if-modified-since': 'Sun, 06 Nov 1994 08:49:37 GMT', 'if-unmodified-since': 'Sun, 06 Nov 1994 08:49:38 GMT',
		'last-event-id': '17', origin: 'https://a.example', prefer: 'return=minimal',
		traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', 'user-agent': 'test',
	};
	for (const method of ['PUT', 'POST', 'PATCH', 'DELETE']) {
		const seen = await new Promise((done, fail) => {
			const it = http.request(server.http('/api/a/b'), { method, headers: { ...headers, 'content-length': 7 } }, (answer) => {
				let text = '';
				answer.on('data', (d) => { text += d; });
				answer.on('end', () => done(JSON.parse(text)));
			});
			it.on('error', fail);
			it.end('{"a":1}');
		});
		assert.equal(seen.method, METHODS[method]);
		assert.equal(seen.path, '/api/a/b');
		assert.equal(seen.body, '{"a":1}');
		assert.equal(seen.bytes, 7);
		assert.equal(seen.address, '127.0.0.1');
		assert.equal(seen.host, `127.0.0.1:${server.port}`);
		assert.equal(seen.secure, false);
		for (const [name, value] of Object.entries(headers)) assert.equal(seen[name], value, name);
	}
});

test('absent headers are absent', async () => {
	const it = await Raw.connect(server.port);
	it.write('GET /api/show HTTP/1.1\r\nHost: x\r\n\r\n');
	const seen = JSON.parse((await it.rest()).split('\r\n\r\n')[1]);
	assert.deepEqual(Object.keys(seen).sort(),
		['address', 'body', 'bytes', 'host', 'method', 'path', 'query', 'secure']);
});

test('the query comes as it was sent', async () => {
	const values = {
		plain: 'a-b_c.d~e', json: '{"x":["a b",1,null]}', letters: 'äß☃😀', signs: '&=;+%#/?:@!$\'()*,', empty: '',
	};
	const sent = Object.entries(values).map(([k, v]) => `${k}=${encodeURIComponent(v)}`).join('&');
	const { query } = await show(`/api/show?${sent}`);
	assert.deepEqual(Object.fromEntries(new URLSearchParams(query)), values);
	assert.equal((await show('/api/show?a=1=2&b')).query, 'a=1%3D2&b');
	assert.equal((await show('/api/show')).query, '');
	assert.equal((await show('/api/show?')).query, '');
	assert.equal((await show('/api/show?x=a+b')).query, 'x=a%20b');
});

test('paths are decoded once; & and ; must be encoded', async () => {
	assert.equal((await show('/api/a%2Fb%20c%26%3B%2B%25')).path, '/api/a/b c&;+%');
	for (const path of ['/api/a&b', '/api/a;b'])
		assert.equal((await fetch(server.http(path))).status, 400, path);
});

test('HEAD is shown as GET and gets no body', async () => {
	const answer = await fetch(server.http('/api/show'), { method: 'HEAD' });
	assert.equal(answer.status, 200);
	assert.equal(await answer.text(), '');
	assert.ok(Number(answer.headers.get('content-length')) > 10);
});

test('bodies of every size come whole, empty ones too', async () => {
	for (const size of [0, 1, 4096, 32768, 200_000]) {
		const seen = await show('/api/show', { method: 'PUT', body: 'b'.repeat(size) });
		assert.equal(seen.bytes, size);
	}
	assert.equal((await fetch(server.http('/api/show'), { method: 'PUT', body: 'b'.repeat(200_001) })).status, 413);
});

test('an answer has its headers, and no-store unless it says', async () => {
	const plain = await fetch(server.http('/api/show'));
	assert.equal(plain.headers.get('cache-control'), 'no-store');
	assert.equal(plain.headers.get('x-content-type-options'), 'nosniff');
	assert.ok(Math.abs(Date.parse(plain.headers.get('date')) - Date.now()) < 5000);
	const own = await fetch(server.http('/api/lines'));
	assert.equal(own.status, 203);
	assert.equal(own.headers.get('etag'), '"7"');
	assert.equal(own.headers.get('cache-control'), 'private');
	assert.equal((await own.text()).length, 10 << 20);
});

test('an answer may come later, with body and without', async () => {
	assert.equal((await show('/api/later?x=1')).query, 'x=1');
	const bodies = await Promise.all(Array.from({ length: 50 }, (_, i) =>
		show('/api/later', { method: 'POST', body: `${i}` })));
	assert.deepEqual(bodies.map((b) => b.body), Array.from({ length: 50 }, (_, i) => `${i}`));
	await counted((c) => c.open === 0);
});

test('a call that is not answered in time is taken back and told so', async () => {
	const before = await server.counts();
	const answer = await fetch(server.http('/api/never'), { method: 'POST', body: 'x' });
	assert.equal(answer.status, 504);
	assert.equal(answer.headers.get('content-type'), 'application/problem+json');
	assert.equal((await answer.json()).code, 'ERR_OTD_TIMEOUT');
	await counted((c) => c.gone === before.gone + 1 && c.open === 0);
});

test('who hangs up while a call waits is noticed, and nobody spins', async () => {
	const before = await server.counts();
	const clients = [];
	for (let i = 0; i < 5; i++) {
		const it = await Raw.connect(server.port);
		it.write('GET /api/never HTTP/1.1\r\nHost: x\r\n\r\n');
		clients.push(it);
	}
	clients[0].write('and more, which nobody reads');
	await counted((c) => c.open === 5);
	clients[0].socket.end();
	clients[1].socket.resetAndDestroy();
	for (const it of clients.slice(2)) it.socket.destroy();
	await counted((c) => c.open === 0 && c.gone === before.gone + 5);
});

test('a stream comes part by part and ends', async () => {
	const answer = await fetch(server.http('/api/stream'));
	assert.equal(answer.headers.get('content-type'), 'text/event-stream');
	assert.equal(answer.headers.get('content-length'), null);
	const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
	let text = '';
	// longer than request_ms: streams are not answers that are late
	for (const end = Date.now() + 1.5 * 900; Date.now() < end;) text += (await reader.read()).value;
	assert.ok(text.startsWith('part 0\npart 1\npart 2\n'));
	await fetch(server.http('/api/stream'), { method: 'DELETE' });
	for (;;) {
		const { done, value } = await reader.read();
		if (done) break;
		text += value;
	}
	const parts = text.trim().split('\n');
	assert.deepEqual(parts, parts.map((_, i) => `part ${i}`));
	await counted((c) => c.open === 0);
});

test('the end of a reader is noticed', async () => {
	const before = await server.counts();
	const stop = new AbortController();
	const answer = await fetch(server.http('/api/stream'), { signal: stop.signal });
	await answer.body.getReader().read();
	stop.abort();
	await counted((c) => c.open === 0 && c.gone === before.gone + 1);
});

test('a stream drains to a reader that reads', async () => {
	const before = await server.counts();
	const answer = await fetch(server.http('/api/flood'));
	let bytes = 0;
	for await (const part of answer.body) bytes += part.length;
	assert.equal(bytes, 100 << 20);
	assert.ok((await server.counts()).drained > before.drained);
	await counted((c) => c.open === 0);
});

test('a reader that takes nothing is cut, one that rests is not', async () => {
	const before = await server.counts();
	const it = await Raw.connect(server.port);
	it.socket.pause();
	it.write('GET /api/flood HTTP/1.1\r\nHost: x\r\n\r\n');
	await counted((c) => c.open === 1);
	await counted((c) => c.open === 0 && c.gone === before.gone + 1 && c.cut_late > before.cut_late);
	it.socket.destroy();
});

test('nothing is left behind', async () => {
	await counted((c) => c.open === 0 && c.connections === 1);
	const cpu = await server.cpu();
	await sleep(300);
	assert.ok(await server.cpu() - cpu < 200);
});
