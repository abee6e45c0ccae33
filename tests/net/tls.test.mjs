// https and wss: requests, messages, streams; a certificate that changes.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { Client, Raw, SECOND, Server, sleep } from './server.mjs';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'otd-tls-'));
const file = (name) => path.join(folder, name);
let server, plain;

// A pair of files, signed by itself, for a name.
function make(name, type = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']) {
	execFileSync('openssl', ['req', '-x509', ...type, '-nodes', '-days', '2', '-subj', `/CN=${name}`,
		'-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', file(`${name}.key`), '-out', file(`${name}.pem`)],
	{ stdio: 'ignore' });
}

// Both files at once take the place of those that are served.
function serve(cert, key = cert) {
	for (const [from, to] of [[`${cert}.pem`, 'cert.pem'], [`${key}.key`, 'cert.key']]) {
		fs.copyFileSync(file(from), file('new'));
		fs.renameSync(file('new'), file(to));
	}
}

const trusted = () => ['one', 'two', 'rsa'].map((name) => fs.readFileSync(file(`${name}.pem`)));

// The name of the certificate that is shown to a newcomer.
function shown(options = {}) {
	return new Promise((done, fail) => {
		const it = tls.connect({ port: server.port, host: '127.0.0.1', ca: trusted(), ...options }, () => {
			done({ name: it.getPeerCertificate().subject.CN, protocol: it.getProtocol() });
			it.destroy();
		});
		it.on('error', fail);
	});
}

async function shows(name) {
	for (const end = Date.now() + 10 * SECOND; (await shown()).name !== name; await sleep(20))
		assert.ok(Date.now() < end, `${name} is never shown`);
}

function request(where, { body, ...options } = {}) {
	return new Promise((done, fail) => {
		const it = https.request({ host: '127.0.0.1', port: server.port, path: where, ca: trusted(), agent: false,
			...options, ...body && { headers: { 'content-length': body.length, ...options.headers } } }, (answer) => {
			const chunks = [];
			answer.on('data', (c) => chunks.push(c));
			answer.on('end', () => done({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks) }));
			answer.on('error', fail);
		});
		it.on('error', fail);
		it.end(body);
	});
}

const wss = () => Client.open(`wss://127.0.0.1:${server.port}/`, { ca: trusted() });

before(async () => {
	make('one');
	make('two');
	make('rsa', ['-newkey', 'rsa:2048']);
	serve('one');
	server = await Server.start({ cert: file('cert.pem'), key: file('cert.key'), gate: 2, unknown_body_bytes: 1_000_000, request_ms: 2000, header_ms: 1000,
		close_ms: 500, outbox_bytes: 4 << 20 }, ['clients:127.0.0.1:0', 'admin:127.0.0.1:0']);
	plain = server.ports[1];
	// the admin listener stays in the clear, and counts for us
	server.http = (where) => `http://127.0.0.1:${plain}${where}`;
});
after(async () => {
	await server.stop();
	fs.rmSync(folder, { recursive: true });
});

async function counted(what) {
	for (const end = Date.now() + 10 * SECOND; ; await sleep(5)) {
		const counts = await server.counts();
		if (what(counts)) return counts;
		if (Date.now() > end) throw new Error(`never came: ${JSON.stringify(counts)}`);
	}
}

test('pages, assets and apis answer over TLS, small and large', async () => {
	assert.equal(String((await request('/livez')).body), 'alive\n');
	assert.equal((await request('/large')).body.length, 3_000_000);
	assert.equal((await request('/script.js')).body.length, 300_000);
	assert.equal((await request('/api/lines')).body.length, 10 << 20);
	for (const size of [1, 12_000, 16_000, 100_000, 500_000]) {
		const body = Buffer.alloc(size, 'b');
		const echo = await request('/echo', { method: 'POST', body });
		assert.ok(echo.body.equals(body), `${size}`);
		const seen = JSON.parse((await request('/api/later', { method: 'PUT', body })).body);
		assert.equal(seen.bytes, size);
		assert.equal(seen.secure, true);
	}
});

test('a refused body does not lose its answer', async () => {
	const answer = await request('/nothing', { method: 'POST', body: Buffer.alloc(5_000_000) });
	assert.equal(answer.status, 404);
});

test('who hangs up while a call waits is noticed', async () => {
	const before = await server.counts();
	for (const end of ['end', 'destroy']) {
		const it = tls.connect({ port: server.port, host: '127.0.0.1', ca: trusted() });
		it.on('error', () => {});
		it.write('GET /api/never HTTP/1.1\r\nHost: x\r\n\r\n');
		await counted((c) => c.open === 1);
		it[end]();
		await counted((c) => c.open === 0);
	}
	assert.equal((await server.counts()).gone, before.gone + 2);
	assert.equal((await request('/api/never')).status, 504);
});

test('streams go on over TLS, and drain', async () => {
	const bytes = await new Promise((done, fail) => https.get({ host: '127.0.0.1', port: server.port, path: '/api/flood',
		ca: trusted(), agent: false }, (answer) => {
		let n = 0;
		answer.on('data', (c) => { n += c.length; });
		answer.on('end', () => done(n));
		answer.on('error', fail);
	}));
	assert.equal(bytes, 100 << 20);
	await counted((c) => c.open === 0);
});

test('messages of every size over wss', async () => {
	const client = await wss();
	let n = 1;
	for (const size of [1, 1000, 16_384, 70_000, 1_000_000]) {
		client.say('m'.repeat(size));
		assert.equal((await client.hears(++n)).length, size);
	}
	client.say('flood 200 5000');
	await client.hears(n + 200);
	client.socket.close();
	await client.closed;
});

test('who is refused over TLS is told why', async () => {
	const answer = await request('/', { headers: { upgrade: 'websocket', connection: 'Upgrade', authorization: 'Bearer bad',
		'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', 'sec-websocket-version': '13' } });
	assert.equal(answer.status, 401);
	assert.match(answer.headers['www-authenticate'], /invalid_token/);
});

test('TLS 1.2 and 1.3 are spoken, older ones and plain HTTP are not', async () => {
	assert.equal((await shown({ maxVersion: 'TLSv1.2' })).protocol, 'TLSv1.2');
	assert.equal((await shown()).protocol, 'TLSv1.3');
	await assert.rejects(shown({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' }));
	const it = await Raw.connect(server.port);
	it.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n');
	assert.doesNotMatch(await it.rest(), /alive/);
});

test('a slow handshake is cut', async () => {
	const all = await Promise.all(Array.from({ length: 20 }, async (_, i) => {
		const it = net.connect(server.port, '127.0.0.1');
		it.on('error', () => {});
		it.on('data', () => {});
		if (i % 2) it.write(Buffer.from([0x16, 3, 1, 1, 0, 1]));
		return it;
	}));
	await Promise.all(all.map((it) => new Promise((done) => it.once('close', done))));
	await counted((c) => c.connections === 1);
});

test('a new pair is taken at SIGHUP, for newcomers', async () => {
	const old = await wss();
	await shows('one');
	serve('two');
	process.kill(server.program.pid, 'SIGHUP');
	await shows('two');
	old.say('still here');
	assert.equal(await old.hears(2), 'still here');
	old.socket.close();
	await old.closed;
	// another kind of key as well
	serve('rsa');
	process.kill(server.program.pid, 'SIGHUP');
	await shows('rsa');
});

test('a changed file is noticed without a signal', async () => {
	serve('one');
	await shows('one');
});

test('a bad pair is logged and the old one kept', async () => {
	const bad = { 'does not go with': () => serve('one', 'two'),
		'cannot read a certificate': () => fs.writeFileSync(file('cert.pem'), 'nonsense'),
		'cannot read a private key': () => { serve('one'); fs.rmSync(file('cert.key')); } };
	for (const [why, spoil] of Object.entries(bad)) {
		spoil();
		process.kill(server.program.pid, 'SIGHUP');
		for (const end = Date.now() + 10 * SECOND; !server.program.said().includes(why); await sleep(10))
			assert.ok(Date.now() < end, `${why}: ${server.program.said()}`);
		assert.equal((await shown()).name, 'one');
	}
	serve('two');
	process.kill(server.program.pid, 'SIGHUP');
	await shows('two');
});
