// What abuse from one address costs a client beside it: one otd with tokens, one
// client that edits steadily, and beside it, from another address of loopback,
// one kind of abuse after the other, each between two quiet runs.
// bench/abuse builds and starts this.
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import { fork, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { WebSocket } from '../tests/node_modules/ws/wrapper.mjs';
import { Otd, otd } from '../tests/lib/otd.mjs';
import { temporaryFolder } from '../tests/lib/paths.mjs';
import { sleep } from '../tests/lib/process.mjs';

const USAGE = `usage: bench/abuse [--json] [--seconds N] [--lanes N] [--only NAME]

--json		a line of JSON an attack, instead of the table
--seconds	how long each lasts; 4
--lanes		connections that the attacker has at once; 8
--only		one attack: NAME of the table
`;
const MOST = 2;			// times the quiet acknowledgement: what otd has to stay under
const PAUSE_MS = 5;		// of the client between two edits
const ATTACKER = '127.0.0.66';

const { values: asked } = parseArgs({ options: {
	json: { type: 'boolean' }, help: { type: 'boolean' }, seconds: { type: 'string', default: '4' },
	lanes: { type: 'string', default: '8' }, only: { type: 'string' },
	attack: { type: 'string' }, port: { type: 'string' }, token: { type: 'string' },	// of ourselves, when forked
} });
const seconds = Number(asked.seconds), lanes = Number(asked.lanes);

// ---- the attacker, in a process of its own ----

const upgrade = () => 'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
	`Authorization: Bearer ${asked.token}\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Version: 13\r\n\r\n`;

// One text frame, masked with zeros; it may announce more than it brings.
function frame(text, announced = Buffer.byteLength(text)) {
	const head = Buffer.alloc(14);
	head[0] = 0x81;
	head[1] = 0xff;
	head.writeBigUInt64BE(BigInt(announced), 2);
	return Buffer.concat([head, Buffer.from(text)]);
}

const greeting = frame('{"a":"hs","id":null,"protocol":1,"protocolMinor":2}');
const deep = `{"a":"op","c":"notes","d":"x","v":0,"seq":1,"src":"","op":[{"p":[],"oi":${'['.repeat(200_000)}${']'.repeat(200_000)}}]}`;
const bomb = (i) => `{"a":"bs","c":"notes","b":[${Array.from({ length: 5000 }, (_, n) => `"b${i}-${n}"`).join()}]}`;

// name: what is done with a new connection
const attacks = {
	flood: (it) => it.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n'),
	half: (it) => { it.write('GET / HT'); setTimeout(() => it.destroy(), 500); },
	handshakes: (it) => tls.connect({ socket: it, rejectUnauthorized: false })
		.on('error', () => {}).on('secureConnect', () => it.destroy()),
	frames: (it) => { it.write(upgrade()); it.write(frame('', 2 ** 40)); it.write(Buffer.alloc(1 << 20)); setTimeout(() => it.destroy(), 300); },
	ids: (it) => it.write(`GET /v1/collections/notes/docs/${'i'.repeat(1 << 20)} HTTP/1.1\r\nHost: x\r\n\r\n`),
	tokens: (it) => it.write(`GET /v1/collections/notes/docs/x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${randomBytes(300).toString('hex')}\r\n\r\n`),
	deep: (it) => { it.write(upgrade()); it.write(greeting); it.write(frame(deep)); setTimeout(() => it.destroy(), 100); },
	bombs: (it) => { it.write(upgrade()); it.write(greeting); for (let i = 0; i < 6; i++) it.write(frame(bomb(i))); setTimeout(() => it.destroy(), 1000); },
};

async function attack() {
	const end = Date.now() + seconds * 1000;
	let n = 0;
	await Promise.all(Array.from({ length: lanes }, async () => {
		while (Date.now() < end) {
			const it = net.connect({ port: asked.port, host: '127.0.0.1', localAddress: ATTACKER });
			it.on('error', () => {});
			it.on('data', () => {});
			const closed = new Promise((done) => it.once('close', done));
			it.once('end', () => it.destroy());
			attacks[asked.attack](it);
			n++;
			await Promise.race([closed, sleep(2000)]);
			it.destroy();
		}
	}));
	process.send(n);
	process.disconnect();
}

// ---- the client beside it ----

class Editor {
	static async open(port, token, ca) {
		const editor = new Editor();
		editor.socket = new WebSocket(`${ca ? 'wss' : 'ws'}://127.0.0.1:${port}/`,
			{ perMessageDeflate: false, ca, headers: { authorization: `Bearer ${token}` } });
		editor.socket.on('message', (data) => editor.hear?.(JSON.parse(data)));
		await new Promise((done, fail) => { editor.socket.once('open', done); editor.socket.once('error', fail); });
		editor.say({ a: 'hs', id: null, protocol: 1, protocolMinor: 2 });
		editor.v = 0;
		editor.seq = 0;
		editor.id = `d-${randomBytes(4).toString('hex')}`;
		await editor.edit({ create: { type: 'http://sharejs.org/types/JSONv0', data: { n: 0 } } });
		return editor;
	}

	say(message) { this.socket.send(JSON.stringify(message)); }

	edit(what) {
		const seq = ++this.seq;
		return new Promise((done, fail) => {
			this.hear = (m) => {
				if (m.a !== 'op' || m.seq !== seq) return;
				this.v++;
				if (m.error) fail(new Error(m.error.message));
				else done();
			};
			this.say({ a: 'op', c: 'notes', d: this.id, v: this.v, seq, x: {}, ...what });
		});
	}

	// Acknowledgements for a while: median and 99th percentile, in ms.
	async measure(during_s) {
		const times = [];
		for (const end = Date.now() + during_s * 1000; Date.now() < end; await sleep(PAUSE_MS)) {
			const began = performance.now();
			await this.edit({ op: [{ p: ['n'], na: 1 }] });
			times.push(performance.now() - began);
		}
		times.sort((a, b) => a - b);
		return { p50: times[times.length >> 1], p99: times[Math.floor(times.length * 0.99)], n: times.length };
	}
}

// ---- the runs ----

function certificate() {
	const folder = temporaryFolder('abuse');
	const [key, cert] = ['key.pem', 'cert.pem'].map((name) => path.join(folder, name));
	execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
		'-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert], { stdio: 'ignore' });
	return { key, cert };
}

async function run(name) {
	const secret = randomBytes(32).toString('hex'), policy = path.join(temporaryFolder('abuse'), 'policy.json');
	const pair = name === 'handshakes' ? certificate() : null;
	fs.writeFileSync(policy, JSON.stringify({ rules: [{ name: 'all', who: 'authenticated', allow: '*' }] }));
	const token = async (sub) => (await otd(['token', '--sub', sub, '--jwt-secret', secret])).text.trim();
	const server = await Otd.start({ args: ['--auth', 'jwt', '--jwt-secret', secret, '--policy', policy,
		...pair ? ['--tls-cert', pair.cert, '--tls-key', pair.key] : []] });
	const editor = await Editor.open(server.port, await token('ann'), pair && fs.readFileSync(pair.cert));
	const before = await editor.measure(seconds / 2);
	const child = fork(fileURLToPath(import.meta.url), ['--attack', name, '--port', `${server.port}`, '--token', await token('eve'),
		'--seconds', `${seconds}`, '--lanes', `${lanes}`]);
	const made = new Promise((done) => { child.once('message', done); });
	await sleep(300);
	const under = await editor.measure(seconds - 0.5);
	const attempts = await made;
	await sleep(500);
	const after = await editor.measure(seconds / 2);
	editor.socket.close();
	await server.stop();
	const quiet = (before.p50 + after.p50) / 2;
	return { attack: name, attempts, quiet_ms: quiet, under_ms: under.p50, under_p99_ms: under.p99, quiet_p99_ms: Math.max(before.p99, after.p99), ratio: under.p50 / quiet };
}

if (asked.help) {
	process.stdout.write(USAGE);
} else if (asked.attack) {
	await attack();
} else {
	const shown = (n) => n.toFixed(2).padStart(8);
	if (!asked.json) console.log('attack       attempts   quiet    under   ratio   quiet p99, under p99 (ms)');
	for (const name of asked.only ? [asked.only] : Object.keys(attacks)) {
		const it = await run(name);
		if (it.ratio > MOST) process.exitCode = 1;
		console.log(asked.json ? JSON.stringify(it) : `${name.padEnd(12)} ${String(it.attempts).padStart(8)}${shown(it.quiet_ms)} ${shown(it.under_ms)}` +
			`${shown(it.ratio)}  ${shown(it.quiet_p99_ms)} ${shown(it.under_p99_ms)}${it.ratio > MOST ? '  SHORT' : ''}`);
	}
}
