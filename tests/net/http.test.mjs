// HTTP: pages, assets, bodies, and what must not be let in.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { Client, Raw, SECOND, Server, sleep } from './server.mjs';

let server;

before(async () => {
	server = await Server.start({ header_ms: 700, request_ms: 1500, close_ms: 500, body_bytes: 200_000 },
		['clients:127.0.0.1:0', 'admin:127.0.0.1:0', 'clients:[::1]:0']);
});
after(() => server.stop());

async function raw(text, port = server.port) {
	const it = await Raw.connect(port);
	it.write(text);
	return it.rest();
}

const status = (answer) => Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1] ?? 0);

// A request whose answer is kept with its head.
function request(options, body) {
	return new Promise((done, fail) => {
		const it = http.request({ host: '127.0.0.1', port: server.port, agent: false, ...options }, (answer) => {
			const chunks = [];
			answer.on('data', (c) => chunks.push(c));
			answer.on('end', () => done({
				status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks).toString(),
			}));
			answer.on('error', fail);
		});
		it.on('error', fail);
		it.end(body);
	});
}

test('pages answer, and every answer closes the connection', async () => {
	const answer = await request({ path: '/livez' });
	assert.equal(answer.status, 200);
	assert.equal(answer.body, 'alive\n');
	assert.equal(answer.headers.connection, 'close');
	assert.equal(answer.headers['cache-control'], 'no-store');
	assert.equal(answer.headers['x-content-type-options'], 'nosniff');
	assert.ok(Math.abs(Date.parse(answer.headers.date) - Date.now()) < 5000);
});

test('a query does not hide a page', async () => {
	assert.equal((await request({ path: '/livez?verbose=1' })).status, 200);
});

test('HTTP/1.1 needs a Host, HTTP/1.0 does not', async () => {
	assert.equal(status(await raw('GET /livez HTTP/1.1\r\n\r\n')), 400);
	assert.equal(status(await raw('GET /livez HTTP/1.0\r\n\r\n')), 200);
});

test('HEAD has the head of GET and no body', async () => {
	const answer = await raw('HEAD /livez HTTP/1.1\r\nHost: x\r\n\r\n');
	assert.equal(status(answer), 200);
	assert.match(answer, /\r\nContent-Length: 6\r\n/);
	assert.ok(answer.endsWith('\r\n\r\n'));
});

test('what is not there is a problem document', async () => {
	const answer = await request({ path: '/nothing' });
	assert.equal(answer.status, 404);
	assert.equal(answer.headers['content-type'], 'application/problem+json');
	const problem = JSON.parse(answer.body);
	assert.equal(problem.status, 404);
	assert.equal(problem.title, 'Not Found');
});

test('the wrong method is told the right ones', async () => {
	const post = await request({ path: '/livez', method: 'POST', headers: { 'content-length': 2 } }, 'hi');
	assert.equal(post.status, 405);
	assert.equal(post.headers.allow, 'GET, HEAD');
	const get = await request({ path: '/echo' });
	assert.equal(get.status, 405);
	assert.equal(get.headers.allow, 'POST, PUT, DELETE');
	assert.equal((await request({ path: '/script.js', method: 'DELETE' })).status, 405);
	assert.equal((await request({ path: '/livez', method: 'OPTIONS' })).status, 405);
});

test('bodies come back, of every size and method', async () => {
	for (const size of [1, 1000, 4096, 32768, 100_000, 200_000])
		for (const method of ['POST', 'PUT', 'DELETE']) {
			const body = 'b'.repeat(size);
			const answer = await request({ path: '/echo', method, headers: { 'content-length': size } }, body);
			assert.equal(answer.status, 200, `${method} ${size}`);
			assert.equal(answer.body, body);
		}
});

test('an empty body is a body', async () => {
	for (const method of ['POST', 'PUT']) {
		const answer = await raw(`${method} /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`);
		assert.equal(status(answer), 200, method);
		assert.match(answer, /\r\nContent-Length: 0\r\n/);
	}
});

test('100-continue is answered at once', async () => {
	const it = await Raw.connect(server.port);
	it.write('POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n');
	await it.waitFor('HTTP/1.1 100 Continue\r\n\r\n');
	it.write('later');
	assert.match(await it.rest(), /HTTP\/1\.1 200 OK.*later$/s);
});

const LENGTHS = [
	['5x', 400], ['-5', 400], ['5, 6', 400], ['0x5', 400], ['+5', 400], ['5 5', 400],
	['99999999999999999999999', 400], ['200001', 413], ['999999999999', 413],
];
for (const [length, expected] of LENGTHS)
	test(`Content-Length: ${length} is refused with ${expected}`, async () => {
		const answer = await raw(`POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\nhello`);
		assert.equal(status(answer), expected);
	});

test('two Content-Lengths that differ are refused', async () => {
	const answer = await raw('POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello');
	assert.equal(status(answer), 400);
});

test('no length is 411, chunks are 411, a GET with a body is 400', async () => {
	assert.equal(status(await raw('POST /echo HTTP/1.1\r\nHost: x\r\n\r\n')), 411);
	assert.equal(status(await raw('POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n' +
		'5\r\nhello\r\n0\r\n\r\n')), 411);
	assert.equal(status(await raw('GET /livez HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n')), 411);
	assert.equal(status(await raw('GET /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello')), 400);
});

test('a refused body that is still being sent does not lose the answer', async () => {
	const answer = await request({ path: '/echo', method: 'POST', headers: { 'content-length': 5_000_000 } },
		Buffer.alloc(5_000_000));
	assert.equal(answer.status, 413);
});

test('a NUL in the path is turned away, an encoded letter is a letter', async () => {
	assert.notEqual(status(await raw('GET /livez%00 HTTP/1.1\r\nHost: x\r\n\r\n')), 200);
	assert.equal((await request({ path: '/%6civez' })).status, 200);
});

// lws takes what is behind one for headers: of a document with such an id, or made up by whoever chose the id.
test('an end of line in the URL is turned away', async () => {
	const upgrade = 'Upgrade: websocket\r\nConnection: Upgrade\r\n' +
		'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n';
	for (const end of ['%0a', '%0d', '%0d%0a', '%0D%0AX-Forwarded-For:%2010.1.1.1%0D%0AX-Rest:%20', '%0aHTTP/1.1%20HTTP/1.1%0aX-Rest:%20'])
		for (const [path, headers] of [['/livez', ''], ['/livez?a=b', ''], ['/', upgrade], ['/?a=b', upgrade]])
			assert.equal(status(await raw(`GET ${path}${end} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`)), 400, path + end);
	for (const version of ['', ' HTTP/1.', ' HTTP/1.2', ' FTP/1.1'])
		assert.notEqual(status(await raw(`GET /livez${version}\r\nHost: x\r\n\r\n`)), 200, version);
});

test('assets: type, tag, revalidation', async () => {
	const first = await request({ path: '/script.js' });
	assert.equal(first.status, 200);
	assert.equal(first.body.length, 300_000);
	assert.equal(first.headers['content-type'], 'text/javascript');
	assert.match(first.headers.etag, /^"[0-9a-f]{16}"$/);
	assert.equal(first.headers['cache-control'], 'no-cache');
	const again = await request({ path: '/script.js', headers: { 'if-none-match': first.headers.etag } });
	assert.equal(again.status, 304);
	assert.equal(again.body, '');
	assert.equal(again.headers.etag, first.headers.etag);
	const other = await request({ path: '/script.js', headers: { 'if-none-match': '"0123456789abcdef"' } });
	assert.equal(other.status, 200);
});

test('assets: compressed for those who take it', async () => {
	const path = '/small-1a2b.js';
	const small = await request({ path, headers: { 'accept-encoding': 'deflate, gzip;q=0.5, br' } });
	assert.equal(small.body, 'small');		// the rig's stand-in for compressed bytes
	assert.equal(small.headers['content-encoding'], 'gzip');
	assert.equal(small.headers.vary, 'Accept-Encoding');
	assert.equal(small.headers['cache-control'], 'public, max-age=31536000, immutable');
	for (const accept of [undefined, '', 'identity', 'gzip;q=0', 'deflate, gzip; q=0.0', 'xgzip, gzipped']) {
		const plain = await request({ path, headers: accept === undefined ? {} : { 'accept-encoding': accept } });
		assert.equal(plain.body, 'plain', accept);
		assert.equal(plain.headers['content-encoding'], undefined, accept);
		assert.equal(plain.headers.vary, 'Accept-Encoding', accept);
		assert.notEqual(plain.headers.etag, small.headers.etag, accept);
	}
	const again = await request({ path, headers: { 'accept-encoding': 'gzip', 'if-none-match': small.headers.etag } });
	assert.deepEqual([again.status, again.headers.vary, again.headers['content-encoding']], [304, 'Accept-Encoding', undefined]);
	// The plain bytes are not those that are known compressed.
	assert.equal((await request({ path, headers: { 'if-none-match': small.headers.etag } })).status, 200);
	assert.equal((await request({ path: '/script.js', headers: { 'accept-encoding': 'gzip' } })).headers['content-encoding'], undefined);
});

test('the page is for those who accept HTML, with security headers', async () => {
	const page = await request({ path: '/', headers: { accept: 'text/html,application/xhtml+xml' } });
	assert.equal(page.status, 200);
	assert.match(page.headers['content-security-policy'], /default-src 'self'/);
	assert.match(page.headers['content-security-policy'], /frame-ancestors 'none'/);
	assert.equal(page.headers['referrer-policy'], 'no-referrer');
	assert.equal((await request({ path: '/', headers: { accept: 'application/json' } })).status, 406);
	assert.equal((await request({ path: '/' })).status, 200);
	const socket = await request({ path: '/ws' });
	assert.equal(socket.status, 426);
	assert.equal(socket.headers.upgrade, 'websocket');
});

test('the admin listener has pages only', async () => {
	const port = server.ports[1];
	assert.equal((await request({ path: '/livez', port })).status, 200);
	assert.equal((await request({ path: '/', port })).status, 404);
	assert.equal((await request({ path: '/script.js', port })).status, 404);
	const upgrade = await raw('GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
		'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n', port);
	assert.equal(status(upgrade), 404);
});

test('IPv6 serves too', async () => {
	assert.equal((await request({ path: '/livez', host: '::1', port: server.ports[2] })).status, 200);
});

const upgrade = (method, path, extra) => `${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n${extra}\r\n`;
const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
const UPGRADES = [
	['another path', upgrade('GET', '/elsewhere', `Upgrade: websocket\r\n${KEY}Sec-WebSocket-Version: 13\r\n`), 404],
	['POST', upgrade('POST', '/', `Upgrade: websocket\r\n${KEY}Sec-WebSocket-Version: 13\r\nContent-Length: 0\r\n`), 405],
	['HEAD', upgrade('HEAD', '/', `Upgrade: websocket\r\n${KEY}Sec-WebSocket-Version: 13\r\n`), 405],
	['version 8', upgrade('GET', '/', `Upgrade: websocket\r\n${KEY}Sec-WebSocket-Version: 8\r\n`), 426],
	['no version', upgrade('GET', '/', `Upgrade: websocket\r\n${KEY}`), 426],
	['no key', upgrade('GET', '/', 'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n'), 400],
	['a subprotocol', upgrade('GET', '/',
		`Upgrade: websocket\r\n${KEY}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: chat\r\n`), 400],
];
for (const [what, text, expected] of UPGRADES)
	test(`an upgrade with ${what} is refused with ${expected}`, async () => {
		assert.equal(status(await raw(text)), expected);
	});

test('Upgrade: h2c stays HTTP/1.1', async () => {
	const extra = 'Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n';
	assert.match(await raw(upgrade('GET', '/livez', extra)), /^HTTP\/1\.1 200 OK.*alive\n$/s);
	assert.match(await raw(upgrade('POST', '/echo', `${extra}Content-Length: 2\r\n`) + 'hi'), /200 OK.*hi$/s);
});

test('CONNECT, TRACE, garbage and HTTP/2 are turned away', async () => {
	for (const text of [
		'CONNECT example.com:80 HTTP/1.1\r\nHost: example.com\r\n\r\n',
		'CONNECT / HTTP/1.1\r\nHost: x\r\n\r\n' + 'x'.repeat(1000),
		'TRACE / HTTP/1.1\r\nHost: x\r\n\r\n',
		'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
		'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + '\0'.repeat(200),
		'nonsense\r\n\r\n', '\r\n\r\n\r\n', 'GET livez HTTP/1.1\r\nHost: x\r\n\r\n',
	])
		assert.notEqual(status(await raw(text)), 200, text.slice(0, 30));
	assert.equal((await request({ path: '/livez' })).status, 200);
});

test('an unknown Upgrade is turned away', async () => {
	const answer = await raw(upgrade('GET', '/livez', 'Upgrade: carrier-pigeon\r\n'));
	assert.ok(answer.split('HTTP/1.').length <= 2, 'one answer at most');
});

// lws 4.1 hangs for ever on the second request's body, if it ever parses it.
const POST = 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello';
const PIPELINES = {
	'GET and POST': `GET /livez HTTP/1.1\r\nHost: x\r\n\r\n${POST}`,
	'two POSTs': POST + POST,
	'POST of nothing and POST': `POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n${POST}`,
	'a refused POST and POST': `POST /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello${POST}`,
	'a bad length and POST': `POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n${POST}`,
	'a large answer and POST': `GET /large HTTP/1.1\r\nHost: x\r\n\r\n${POST}`,
	'a large answer and GETs': 'GET /large HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(5),
};
for (const [what, text] of Object.entries(PIPELINES))
	test(`${what} in one segment: one answer, no hang`, async () => {
		const answer = await raw(text);
		assert.equal(answer.split('HTTP/1.1 ').length, 2);
		assert.equal((await request({ path: '/livez' })).status, 200);
	});

test('a large answer reaches a slow reader, and costs no idle CPU', async () => {
	const it = await Raw.connect(server.port);
	it.socket.pause();
	it.write('GET /large HTTP/1.1\r\nHost: x\r\n\r\n');
	await sleep(300);
	const before = await server.cpu();
	await sleep(500);
	assert.ok(await server.cpu() - before < 200, 'it spins');
	it.socket.resume();
	const answer = await it.rest();
	assert.equal(answer.length - answer.indexOf('\r\n\r\n') - 4, 3_000_000);
});

test('bytes after the request while the answer is stuck do not spin', async () => {
	const it = await Raw.connect(server.port);
	it.socket.pause();
	it.write('GET /large HTTP/1.1\r\nHost: x\r\n\r\n');
	await sleep(100);
	it.write(POST + 'x'.repeat(5000));
	await sleep(200);
	const before = await server.cpu();
	await sleep(500);
	assert.ok(await server.cpu() - before < 200, 'it spins');
	it.socket.destroy();
});

test('a reader that never takes its answer is cut', async () => {
	const it = await Raw.connect(server.port);
	it.socket.pause();
	it.write('GET /large HTTP/1.1\r\nHost: x\r\n\r\n');
	for (let i = 0; (await server.counts()).connections > 1; i++) {
		assert.ok(i < 100 * SECOND / 1000, 'it is still there');
		await sleep(50);
	}
	it.socket.destroy();
});

const SLOW = {
	'who connects and says nothing': [''],
	'half a request line': ['GET /liv'],
	'half a header': ['GET /livez HTTP/1.1\r\nHost: '],
	'half a body': ['POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhello'],
};
for (const [what, parts] of Object.entries(SLOW))
	test(`${what} is cut in time`, async () => {
		const began = Date.now();
		assert.equal(await raw(parts.join('')), '');
		assert.ok(Date.now() - began < 4 * SECOND);
	});

test('a header that drips is cut all the same', async () => {
	const it = await Raw.connect(server.port);
	const timer = setInterval(() => it.write('x'), 50);
	it.write('GET /livez HTTP/1.1\r\nX-Drip: ');
	try {
		assert.equal(await it.rest(4 * SECOND), '');
	} finally {
		clearInterval(timer);
	}
});

test('headers up to 15 KB pass, larger ones are turned away', async () => {
	const big = (n) => `GET /livez HTTP/1.1\r\nHost: x\r\nX-Big: ${'h'.repeat(n)}\r\n\r\n`;
	assert.equal(status(await raw(big(15_000))), 200);
	assert.equal(status(await raw(big(20_000))), 0);
});

test('while others dawdle, a request is served', async () => {
	const slow = await Promise.all(Array.from({ length: 300 }, async () => {
		const it = await Raw.connect(server.port);
		it.write('GET /livez HTTP/1.1\r\nHost');
		return it;
	}));
	const began = Date.now();
	assert.equal((await request({ path: '/livez' })).status, 200);
	assert.ok(Date.now() - began < 500 * SECOND / 1000);
	await Promise.all(slow.map((it) => it.rest(6 * SECOND)));
});

test('noise of every kind leaves nothing behind', async () => {
	let seed = 42;
	const chance = (n) => {
		seed = (seed * 1103515245 + 12345) & 0x7fffffff;
		return (seed >> 8) % n;
	};
	const seeds = [...Object.values(PIPELINES), ...UPGRADES.map((u) => u[1]),
		...LENGTHS.map(([n]) => `POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: ${n}\r\n\r\nhello`)];
	for (let i = 0; i < 400; i++) {
		const bytes = Buffer.from(seeds[chance(seeds.length)].slice(0, 2000), 'latin1');
		for (let n = chance(4); n >= 0; n--) bytes[chance(bytes.length)] = chance(256);
		const it = await Raw.connect(server.port);
		it.write(bytes.subarray(0, 1 + chance(bytes.length)));
		await sleep(0);
		it.socket.destroy();
	}
	for (let i = 0; (await server.counts()).connections > 1; i++) {
		assert.ok(i < 200 * SECOND / 1000, 'connections are left');
		await sleep(50);
	}
	const client = await Client.open(server.url());
	client.say('alive');
	assert.equal(await client.hears(2), 'alive');
	client.socket.close();
});
