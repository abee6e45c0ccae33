// What abuse from one address costs a client that behaves, on another: its edits are acknowledged one after the other,
// quietly, under attack, quietly, under attack; and once more while the same attack goes to a server that does nothing,
// which shows what the attacker takes from the machine rather than from otd.  bench/storm builds and starts this.
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import Client from '../tests/node_modules/sharedb/lib/client/index.js';
import { WebSocket, WebSocketServer } from '../tests/node_modules/ws/wrapper.mjs';
import { Otd } from '../tests/lib/otd.mjs';
import { temporaryFolder } from '../tests/lib/paths.mjs';
import { Postgres } from '../tests/lib/postgres.mjs';
import { Program, freePort, sleep } from '../tests/lib/process.mjs';
import { Redis } from '../tests/lib/redis.mjs';
import { attacks } from './attacks.mjs';
import { strangers } from './strangers.mjs';

const USAGE = `usage: bench/storm [--store sqlite|postgres] [--settings default|public] [--seconds N] [--rounds N]
                   [--only TEXT] [--json]

--store		where documents live; postgres: with a Redis beside it, both of their own; sqlite
--settings	the defaults, or beside them what docs/LIMITS.md has for strangers; public
--seconds	how long each attack lasts, and each quiet time; 5
--rounds	of quiet and attack; 2
--only		attacks whose name holds this
--json		a line of JSON an attack, instead of the table
`;
const PACE = 200;		// edits a second that the client makes at most: a hundred typists'
const MOST = 2;			// so many times slower may the client be
const ATTACKER = '127.0.0.2';
const SECRET = crypto.randomBytes(32).toString('base64url');
const here = path.dirname(fileURLToPath(import.meta.url));

const { values: asked } = parseArgs({ options: {
	store: { type: 'string', default: 'sqlite' }, settings: { type: 'string', default: 'public' },
	seconds: { type: 'string', default: '5' }, rounds: { type: 'string', default: '2' }, only: { type: 'string', default: '' },
	json: { type: 'boolean' }, help: { type: 'boolean' }, dummy: { type: 'boolean' },
} });

const number = (name) => {
	const n = Number(asked[name]);
	if (!Number.isInteger(n) || n < 1) throw new Error(`--${name} wants a whole number`);
	return n;
};

function token(sub) {
	const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
	const body = `${encode({ alg: 'HS256' })}.${encode({ sub, exp: Math.floor(Date.now() / 1000) + 7200 })}`;
	return `${body}.${crypto.createHmac('sha256', SECRET).update(body).digest('base64url')}`;
}

// Whoever is known may work in the same collection: the attacker too.
function rules() {
	const file = path.join(temporaryFolder('storm'), 'rules.json');
	fs.writeFileSync(file, JSON.stringify({ rules: [{ name: 'all work on notes', who: 'authenticated',
		allow: ['read', 'create', 'edit', 'delete', 'presence', 'query'], collections: ['notes'], channels: ['*'] }] }));
	return file;
}

const seconds = () => Number(process.hrtime.bigint()) / 1e9;
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
const round = (x, digits = 2) => Number(x.toFixed(digits));

// User and system time of a process so far.
function cpu(pid) {
	const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
	return (Number(fields[11]) + Number(fields[12])) / 100;
}

const memory = (pid) => Math.round(Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024);

// The client that behaves: one document, one edit after the other.
class Typist {
	static async open(url) {
		const typist = new Typist();
		const socket = new WebSocket(url, { headers: { authorization: `Bearer ${token('ann')}` }, perMessageDeflate: false });
		typist.socket = socket;
		typist.connection = new Client.Connection(socket);
		typist.doc = typist.connection.get('notes', 'good');
		await new Promise((done, fail) => typist.doc.subscribe((error) => error ? fail(error) : done()));
		if (!typist.doc.type)
			await new Promise((done, fail) => typist.doc.create({ n: 0, m: 0, text: 'words that somebody wrote '.repeat(20) },
				(error) => error ? fail(error) : done()));
		return typist;
	}

	edit() {
		return new Promise((done, fail) => {
			const timer = setTimeout(() => fail(new Error('an edit was not acknowledged within 20 s')), 20_000);
			this.doc.submitOp([{ p: ['n'], na: 1 }], (error) => {
				clearTimeout(timer);
				if (error) fail(error);
				else done();
			});
		});
	}

	// Edit for so long: its rate, and how long acknowledgements take, in ms.
	async type(duration) {
		const took = [];
		const began = seconds(), end = began + duration;
		for (let at = began; at < end;) {
			await this.edit().catch(() => { this.stuck = true; });
			took.push(1000 * (seconds() - at));
			if (seconds() - at < 1 / PACE) await sleep(1000 * (at + 1 / PACE - seconds()));
			at = seconds();
		}
		const all = seconds() - began;
		took.sort((a, b) => a - b);
		return { p50: quantile(took, 0.5), p99: quantile(took, 0.99), rate: took.length / all };
	}

	close() { this.socket.terminate(); }
}

// A server that takes everything and does nothing with it.
async function dummy() {
	const server = http.createServer((request, answer) => {
		request.resume();
		request.on('end', () => answer.end('{}'));
	});
	new WebSocketServer({ server, path: '/ws', maxPayload: 64 << 20 }).on('connection', (socket) => {
		socket.on('message', () => {});
		socket.on('error', () => {});
	});
	server.on('clientError', (error, socket) => socket.destroy());
	server.listen(Number(process.env.STORM_PORT), '127.0.0.1', () => console.log('listening'));
}

// Start an attack: it runs beside us, and behind us, for the processor.
function begin(name, port, duration) {
	const child = new Program('chrt', ['--idle', '0', 'nice', '-n', '19', process.execPath, path.join(here, 'attacks.mjs'), name, String(port),
		String(duration), token('mallory'), ATTACKER]);
	return async () => {
		const exit = await child.ended;
		if (exit.code !== 0) throw new Error(`the attack failed:\n${child.said()}`);
		return JSON.parse(child.lines.at(-1));
	};
}

const WARM_S = 0.7;	// until an attack is under way

async function attacked(name, typist, pid, port, duration) {
	const end = begin(name, port, duration + WARM_S);
	await sleep(1000 * WARM_S);
	const before = cpu(pid), at = seconds();
	const figure = await typist.type(duration);
	figure.cpu = (cpu(pid) - before) / (seconds() - at);
	figure.counts = await end();
	await sleep(1000);
	return figure;
}

async function quiet(typist, pid, duration) {
	const before = cpu(pid), at = seconds();
	const figure = await typist.type(duration);
	figure.cpu = (cpu(pid) - before) / (seconds() - at);
	return figure;
}

async function measure(name, otd, typist, nothing) {
	const duration = number('seconds'), pid = otd.pid;
	const runs = { quiet: [], attacked: [], control: [] };
	const before = memory(pid);
	let most = before;
	const watch = setInterval(() => { if (!otd.process.exit) most = Math.max(most, memory(pid)); }, 100);
	try {
		for (let i = 0; i < number('rounds'); i++) {
			runs.quiet.push(await quiet(typist, pid, duration));
			runs.attacked.push(await attacked(name, typist, pid, otd.port, duration));
			runs.control.push(await attacked(name, typist, pid, nothing, duration));
		}
	} finally {
		clearInterval(watch);
	}
	const of = (kind, what) => median(runs[kind].map((run) => run[what]));
	const figure = { attack: name, store: asked.store, settings: asked.settings };
	for (const kind of Object.keys(runs))
		figure[kind] = { p50_ms: round(of(kind, 'p50')), p99_ms: round(of(kind, 'p99')), edits_per_s: round(of(kind, 'rate'), 1),
			server_cpu: round(of(kind, 'cpu')) };
	const slower = (kind) => ({ p50: round(of(kind, 'p50') / of('quiet', 'p50')), rate: round(of('quiet', 'rate') / of(kind, 'rate')) });
	figure.slower = slower('attacked');
	figure.control_slower = slower('control');
	figure.memory_mb = { before, most, after: memory(pid) };
	figure.alive = !otd.process.exit;
	figure.heard = runs.attacked[0].counts;
	figure.fine = figure.alive && figure.slower.p50 <= MOST && figure.slower.rate <= MOST;
	return figure;
}

function show(f) {
	if (asked.json) {
		console.log(JSON.stringify(f));
		return;
	}
	const row = (kind) => [f[kind].p50_ms, f[kind].p99_ms, f[kind].edits_per_s, f[kind].server_cpu]
		.map((n, i) => String(n).padStart([8, 9, 9, 6][i])).join('');
	const times = (kind) => `${String(f[kind].p50).padStart(6)}${String(f[kind].rate).padStart(6)}`;
	const verdict = f.fine ? 'fine' : f.alive ? 'SLOW' : 'DOWN';
	const { before, most, after } = f.memory_mb;
	console.log(`${f.attack.padEnd(27)}quiet   ${row('quiet')}\n` +
		`${' '.repeat(27)}attack  ${row('attacked')}${times('slower')}  ${verdict}; memory ${before}, ${most}, ${after} MB\n` +
		`${' '.repeat(27)}control ${row('control')}${times('control_slower')}\n` +
		`${' '.repeat(27)}${Object.entries(f.heard).map(([what, n]) => `${what}: ${n}`).join(', ')}`);
}

async function main() {
	const stops = [];
	let pg, redis;
	if (asked.store === 'postgres') {
		pg = await Postgres.start();
		redis = await Redis.start();
		stops.push(() => redis.stop(), () => pg.down());
	}
	const args = ['--auth', 'jwt', '--users', 'on', '--signup', 'open', '--policy', rules(),
		...asked.settings === 'public' ? strangers() : []];
	const port = await freePort();
	const nothing = new Program(process.execPath, [fileURLToPath(import.meta.url), '--dummy'],
		{ env: { ...process.env, STORM_PORT: String(port) } });
	await nothing.waitFor(/listening/);
	let failed = false;
	if (!asked.json)
		console.log(`${os.cpus().length} processors, shared by otd, the client, the attacker (SCHED_IDLE) and the store; ` +
			`${asked.store}, ${args.slice(8).join(' ') || 'default limits'}\n` +
			'attack                     when      p50 ms   p99 ms  edits/s   cpu   p50  rate times slower');
	for (const name of Object.keys(attacks)) {
		if (!name.includes(asked.only)) continue;
		// Each has a server of its own: what an attack leaves behind is not the next one's.
		const otd = await Otd.start({ store: pg && await pg.database(), bus: redis?.url(`storm-${name.replaceAll(' ', '-')}`), args,
			env: { OTD_JWT_SECRET: SECRET } });
		const typist = await Typist.open(otd.ws);
		await typist.type(1);
		const figure = await measure(name, otd, typist, port);
		typist.close();
		show(figure);
		failed ||= !figure.fine;
		if (figure.alive) await otd.stop();
	}
	await nothing.kill();
	for (const stop of stops) await stop();
	process.exit(failed ? 1 : 0);
}

for (const name of ['seconds', 'rounds']) number(name);
if (asked.help) process.stdout.write(USAGE);
else if (asked.dummy) await dummy();
else await main();
