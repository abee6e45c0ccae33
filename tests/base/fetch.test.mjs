// base/fetch against real servers on loopback, which behave well or not.
import assert from 'node:assert/strict';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import path from 'node:path';
import { execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';
import { program } from '../lib/paths.mjs';

// fetch_tool, and the answers it prints.
class Tool {
	constructor(env = {}) {
		this.next = 0;
		this.waiting = new Map();	// who waits for answers, by number
		this.child = spawn(program('tests/base/fetch_tool'), { env: { ...process.env, ...env },
			stdio: ['pipe', 'pipe', 'inherit'] });
		this.exit = once(this.child, 'exit');
		createInterface({ input: this.child.stdout }).on('line', (line) => {
			const [n, status, bytes, maxAge, retryAfter, text] = line.split('\t');
			this.waiting.get(Number(n))?.shift()?.({ status: Number(status), bytes: Number(bytes),
				maxAge: Number(maxAge), retryAfter: Number(retryAfter), text });
		});
	}

	start(url, { method = 'GET', inside = 1, timeout = 5000, max = 65536, body = '-', verb = 'start' } = {}) {
		const n = this.next++ % 64;
		const ask = () => new Promise((done) => {
			this.waiting.set(n, [...this.waiting.get(n) ?? [], done]);
		});
		const answer = ask();
		const another = verb === 'again' ? ask() : null;
		this.child.stdin.write(`${verb} ${n} ${method} ${url} ${inside} ${timeout} ${max} ${body}\n`);
		return { n, answer, another };
	}

	get(url, options) { return this.start(url, options).answer; }

	drop(n) {
		this.child.stdin.write(`drop ${n}\n`);
		this.waiting.set(n, [() => { this.heardOfDropped = true; }]);
	}

	// It ends by itself, and says nothing of a sanitizer.
	async end() {
		this.child.stdin.end();
		assert.deepEqual(await this.exit, [0, null]);
	}
}

let tool, server, base, seen;
const pages = {
	'/hello': (q, r) => r.end('hello'),
	'/fresh': (q, r) => r.setHeader('Cache-Control', 'public, max-age=120').end('keys'),
	'/stale': (q, r) => r.setHeader('Cache-Control', 'no-cache, max-age=120').end('keys'),
	'/busy': (q, r) => r.writeHead(503, { 'Retry-After': '7' }).end('later'),
	'/later': (q, r) => r.writeHead(429, { 'Retry-After': new Date(Date.now() + 3600e3).toUTCString() }).end(),
	'/moved': (q, r) => r.writeHead(302, { Location: '/hello' }).end('elsewhere'),
	'/hangup': (q, r) => r.socket.destroy(),
	'/half': (q, r) => { r.writeHead(200, { 'Content-Length': '100' }); r.write('half'); setTimeout(() => r.socket.destroy(), 20); },
	'/silent': () => {},
	'/drip': (q, r) => { const t = setInterval(() => r.write('.'), 20); r.on('close', () => clearInterval(t)); },
	'/large': (q, r) => r.end('x'.repeat(70000)),
	'/endless': (q, r) => { const t = setInterval(() => r.write('x'.repeat(50000)), 1); r.on('close', () => clearInterval(t)); },
	'/heads': (q, r) => r.writeHead(200, { a: 'x'.repeat(9000), b: 'x'.repeat(9000), c: 'x'.repeat(9000), d: 'x'.repeat(9000),
		e: 'x'.repeat(9000), f: 'x'.repeat(9000), g: 'x'.repeat(9000), h: 'x'.repeat(9000) }).end(),
};

before(async () => {
	seen = [];
	server = http.createServer(async (q, r) => {
		let body = '';
		for await (const chunk of q) body += chunk;
		seen.push({ method: q.method, url: q.url, headers: q.headers, body, port: q.socket.remotePort });
		(pages[q.url] ?? ((_, answer) => answer.writeHead(404).end('none')))(q, r);
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	base = `http://127.0.0.1:${server.address().port}`;
	tool = new Tool();
});

after(async () => {
	await tool.end();
	server.closeAllConnections();
	server.close();
});

test('an answer comes with status, body and what its head says', async () => {
	const rows = [
		['/hello', { status: 200, bytes: 5, maxAge: 0, retryAfter: 0, text: 'hello' }],
		['/none', { status: 404, bytes: 4, maxAge: 0, retryAfter: 0, text: 'none' }],
		['/fresh', { status: 200, bytes: 4, maxAge: 120, retryAfter: 0, text: 'keys' }],
		['/stale', { status: 200, bytes: 4, maxAge: 0, retryAfter: 0, text: 'keys' }],
		['/busy', { status: 503, bytes: 5, maxAge: 0, retryAfter: 7, text: 'later' }],
		['/moved', { status: 302, bytes: 9, maxAge: 0, retryAfter: 0, text: 'elsewhere' }],
	];
	for (const [url, wanted] of rows) assert.deepEqual(await tool.get(base + url), wanted, url);
	const { status, retryAfter } = await tool.get(`${base}/later`);
	assert.equal(status, 429);
	assert.ok(retryAfter > 3000 && retryAfter <= 3600, `${retryAfter}`);
});

test('method, headers and body go out as they were given', async () => {
	for (const [method, body] of [['POST', 'abc'], ['PUT', 'x'.repeat(8000)], ['DELETE', '-']]) {
		seen.length = 0;
		await tool.get(`${base}/hello`, { method, body });
		assert.equal(seen.length, 1);
		assert.equal(seen[0].method, method);
		assert.equal(seen[0].body, body === '-' ? '' : body);
		assert.equal(seen[0].headers['x-tool'], 'fetch');
		assert.equal(seen[0].headers['content-type'], 'text/plain');
		assert.equal(seen[0].headers.expect, undefined);
		assert.equal(seen[0].headers.cookie, undefined);
	}
});

test('connections are used again, also from within done', async () => {
	seen.length = 0;
	await tool.get(`${base}/hello`);
	const { answer, another } = tool.start(`${base}/hello`, { verb: 'again' });
	await answer;
	await another;
	assert.equal(seen.length, 3);
	assert.equal(new Set(seen.map((s) => s.port)).size, 1);
});

test('many are under way at once', async () => {
	const answers = await Promise.all(Array.from({ length: 40 }, () => tool.get(`${base}/hello`)));
	assert.deepEqual(new Set(answers.map((a) => a.text)), new Set(['hello']));
});

test('what fails says why', async () => {
	const gone = net.createServer().listen(0, '127.0.0.1');
	await once(gone, 'listening');
	const { port } = gone.address();
	gone.close();
	await once(gone, 'close');
	const rows = [
		[`${base}/hangup`, {}, /empty reply|reset|died/i],
		[`${base}/half`, {}, /transfer closed/i],
		[`${base}/silent`, { timeout: 200 }, /timed out/i],
		[`${base}/drip`, { timeout: 300 }, /timed out/i],
		[`${base}/large`, {}, /body of the answer is too large/],
		[`${base}/endless`, {}, /body of the answer is too large/],
		[`${base}/heads`, {}, /head of the answer is too large/],
		[`http://127.0.0.1:${port}/`, {}, /connect/i],
		['http://no-such-name.invalid/', {}, /resolve/i],
		['nonsense', {}, /resolve/i],
		['http://', {}, /./],
		['file:///etc/passwd', {}, /not supported|disabled/i],
		['ftp://127.0.0.1/', {}, /not supported|disabled/i],
		['gopher://127.0.0.1/', {}, /not supported|disabled/i],
	];
	for (const [url, options, why] of rows) {
		const answer = await tool.get(url, options);
		assert.equal(answer.status, 0, url);
		assert.match(answer.text, why, url);
	}
	assert.equal((await tool.get(`${base}/large`, { max: 70000 })).bytes, 70000);
	assert.match((await tool.get(`${base}/large`, { max: 69999 })).text, /too large/);
	assert.equal((await tool.get(`${base}/hello`)).text, 'hello');
});

test('who may not go inside does not, by no name', async () => {
	const { port } = server.address();
	seen.length = 0;
	await tool.get(`${base}/hello`);		// a connection that could be used again
	for (const host of ['127.0.0.1', 'localhost', '127.1', '2130706433', '0x7f.1', '0.0.0.0', '[::1]', '[::ffff:127.0.0.1]',
		'[::]', '10.0.0.1', '169.254.169.254', '192.168.0.1', '[fe80::1]', '[fd00::1]', 'localhost.']) {
		const answer = await tool.get(`http://${host}:${port}/hello`, { inside: 0 });
		assert.equal(answer.status, 0, host);
		assert.match(answer.text, /its address is one of this machine or of a private network|resolve/, host);
	}
	assert.equal(seen.length, 1);
	assert.match((await tool.get(`http://127.0.0.1:${port}/hello`, { inside: 0 })).text, /private network/);
});

test('proxies of the environment are not asked', async () => {
	const proxied = new Tool({ http_proxy: 'http://127.0.0.1:1', HTTP_PROXY: 'http://127.0.0.1:1', ALL_PROXY: 'http://127.0.0.1:1' });
	assert.equal((await proxied.get(`${base}/hello`)).text, 'hello');
	await proxied.end();
});

test('a request that is dropped is not heard of again', async () => {
	const { n } = tool.start(`${base}/silent`, { timeout: 400 });
	while (!seen.some((s) => s.url === '/silent')) await tool.get(`${base}/hello`);
	tool.drop(n);
	assert.match((await tool.get(`${base}/silent`, { timeout: 800 })).text, /timed out/i);
	assert.equal(tool.heardOfDropped, undefined);
});

test('it ends in the middle of everything', async () => {
	const busy = new Tool();
	for (const url of ['/silent', '/drip', '/endless', '/hello']) busy.start(base + url, { max: 1 << 30 });
	busy.start('http://no-such-name.invalid/');
	await busy.get(`${base}/hello`);
	await busy.end();
});

test('a certificate that nobody vouches for is refused', async (t) => {
	const dir = mkdtempSync(path.join(tmpdir(), 'otd-fetch-'));
	t.after(() => rmSync(dir, { recursive: true }));
	execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
		'-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1',
		'-keyout', `${dir}/key`, '-out', `${dir}/cert`], { stdio: 'ignore' });
	let asked = 0;
	const tls = https.createServer({ key: readFileSync(`${dir}/key`), cert: readFileSync(`${dir}/cert`) },
		(q, r) => { asked++; r.end('secret'); }).listen(0, '127.0.0.1');
	await once(tls, 'listening');
	t.after(() => tls.close());
	const answer = await tool.get(`https://127.0.0.1:${tls.address().port}/`);
	assert.equal(answer.status, 0);
	assert.match(answer.text, /certificate/i);
	assert.equal(asked, 0);
});
