// The front door of otd itself: the ShareDB client over wss with a token, and
// settings that are wrong.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import https from 'node:https';
import Client from 'sharedb/lib/client/index.js';
import { WebSocket } from 'ws';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { Otd, otd } from '../lib/otd.mjs';
import { temporaryFolder } from '../lib/paths.mjs';

const folder = temporaryFolder('door');
const file = (name) => path.join(folder, name);
const secret = 's'.repeat(32);
let server, ca, token;

before(async () => {
	execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
		'-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1',
		'-keyout', file('key.pem'), '-out', file('cert.pem')], { stdio: 'ignore' });
	ca = fs.readFileSync(file('cert.pem'));
	fs.writeFileSync(file('policy.json'), JSON.stringify({ rules: [
		{ name: 'whoever is known', who: 'authenticated', allow: '*' }] }));
	token = (await otd(['token', '--sub', 'ann', '--jwt-secret', secret])).text.trim();
	server = await Otd.start({ args: ['--auth', 'jwt', '--jwt-secret', secret, '--policy', file('policy.json'),
		'--tls-cert', file('cert.pem'), '--tls-key', file('key.pem'), '--origins', 'https://app.example.com'] });
});
after(() => server.stop());

function connect(query = '', headers = {}) {
	const socket = new WebSocket(`wss://127.0.0.1:${server.port}/${query}`, { ca, headers });
	return new Promise((done, fail) => {
		socket.once('error', fail);
		socket.once('unexpected-response', (_, answer) => fail(Object.assign(new Error('refused'),
			{ status: answer.statusCode, challenge: answer.headers['www-authenticate'] })));
		const connection = new Client.Connection(socket);
		connection.once('connected', () => done({ socket, connection }));
	});
}

const promised = (call) => new Promise((done, fail) => { call((error, value) => error ? fail(error) : done(value)); });

test('the ShareDB client edits over wss, with a token', async () => {
	const ann = await connect('', { authorization: `Bearer ${token}` });
	const again = await connect(`?access_token=${token}`, { origin: 'https://app.example.com' });
	const doc = ann.connection.get('notes', 'tls'), seen = again.connection.get('notes', 'tls');
	await promised((call) => doc.create({ text: 'x'.repeat(100_000) }, call));
	await promised((call) => seen.subscribe(call));
	const heard = new Promise((done) => { seen.once('op', () => done(seen.data.n)); });
	await promised((call) => doc.submitOp({ p: ['n'], oi: 7 }, call));
	assert.equal(await heard, 7);
	assert.equal(seen.data.text.length, 100_000);
	for (const { socket } of [ann, again]) socket.close();
});

test('without a token, with a bad one, and from another page it is held off', async () => {
	await assert.rejects(connect(), (error) => error.status === 401 && error.challenge === 'Bearer realm="otd"');
	await assert.rejects(connect('', { authorization: 'Bearer a.b.c' }),
		(error) => error.status === 401 && /error="invalid_token", error_description="[a-z].+"/.test(error.challenge));
	await assert.rejects(connect('', { authorization: `Bearer ${token}`, origin: 'https://evil.example.com' }),
		(error) => error.status === 403);
	assert.ok(!server.process.said().includes(token));
});

test('probes and metrics are served by TLS as well', async () => {
	const metrics = await new Promise((done, fail) => https.get({ host: '127.0.0.1', port: server.port, path: '/metrics', ca },
		(answer) => {
			let text = '';
			answer.on('data', (d) => { text += d; });
			answer.on('end', () => done(text));
		}).on('error', fail));
	assert.match(metrics, /^otd_tokens_refused_total\{worker="0"\} 2$/m);
	assert.match(metrics, /^otd_origins_refused_total\{worker="0"\} 1$/m);
});

const WRONG = [
	[['--origins', 'example.com'], /--origins: "example.com" is not allowed/],
	[['--origins', 'https://example.com/path'], /--origins/],
	[['--trusted-proxies', '10.0.0.0/40'], /--trusted-proxies: "10.0.0.0\/40" is not allowed/],
	[['--tls-cert', '/nowhere/cert.pem'], /go together; give --tls-key too/],
	[['--tls-key', '/nowhere/key.pem'], /go together; give --tls-cert too/],
	[['--tls-cert', '/nowhere/cert.pem', '--tls-key', '/nowhere/key.pem'], /cannot read a certificate from --tls-cert/],
];

for (const [args, why] of WRONG)
	test(`${args.join(' ')} is refused at the start`, async () => {
		const { code, text } = await otd(['serve', '--listen', '127.0.0.1:0', '--store', `sqlite:${file('none.db')}`, ...args]);
		assert.notEqual(code, 0);
		assert.match(text, why);
	});
