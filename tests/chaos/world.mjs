// The servers of a run, as real processes, with a wire between any two that speak to each other.
import fs from 'node:fs';
import path from 'node:path';
import { Otd } from '../lib/otd.mjs';
import { Redis } from '../lib/redis.mjs';
import { patience, temporaryFolder } from '../lib/paths.mjs';
import { run, sleep } from '../lib/process.mjs';
import { Disk } from './disk.mjs';
import { childrenOf } from './family.mjs';
import { PostgresPair } from './postgres-pair.mjs';
import { Wire } from './wire.mjs';

const WORKERS = 2;
const UP_AGAIN_MS = 60_000;

// Small ceilings, so that what happens in days happens in seconds: documents leave the memory, edits leave the window,
// snapshots are stored, slow readers are too slow.
const SETTINGS = ['--idle-document', '300ms', '--hot-memory', '1M', '--window-ops', '40', '--checkpoint-ops', '25',
	'--keep-every', '60', '--max-outbox', '64K', '--send-buffer', '16K', '--drain-timeout', '3s'];

const FAKETIME = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';

// The calendar's clock alone steps: the other one is never set in real life either.
const clockEnvironment = (file) => ({
	LD_PRELOAD: FAKETIME, FAKETIME_TIMESTAMP_FILE: file, FAKETIME_CACHE_DURATION: '1',
	FAKETIME_DONT_FAKE_MONOTONIC: '1', DONT_FAKE_MONOTONIC: '1',
});

// One otd, and what brings it up again, as systemd would.
export class Node {
	// wires: to its stores; options: those of Otd.
	static async start(name, { wires = [], ...options }) {
		const node = Object.assign(new Node(), { name, lives: [] });
		node.otd = await Otd.start({ ...options, args: SETTINGS });
		node.lives.push(node.otd.process);
		node.door = await Wire.start(`clients to ${name}`, () => node.otd.port);
		node.wires = [...wires, node.door];
		return node;
	}

	get pid() { return this.otd.pid; }

	setClock(seconds) { setClock(this.clock, seconds); }

	async kill() {
		this.#mean();
		await this.otd.kill();
	}

	// SIGTERM; it has to leave with 0.
	async leave() {
		this.#mean();
		await this.otd.stop();
	}

	// Its end is our doing, unless it has come already.
	#mean() { this.otd.process.isMeant ??= !this.otd.process.exit; }

	killWorker(which) {
		const workers = childrenOf(this.pid);
		if (workers.length) try { process.kill(workers[which % workers.length], 'SIGKILL'); } catch { /* has just ended */ }
	}

	// Started until it runs: with its database away it may leave again (69).
	async revive() {
		for (const end = Date.now() + UP_AGAIN_MS * patience; ;) {
			try {
				await this.otd.up();
				this.lives.push(this.otd.process);
				return;
			} catch (error) {
				if (this.otd.process.exit?.code !== 69 || Date.now() > end) throw error;
				await sleep(100);
			}
		}
	}

	// What went wrong with it that nobody did to it.
	complaints() {
		const found = [];
		for (const life of this.lives) {
			if (life.exit && !life.isMeant) found.push(`${this.name} ended by itself: ${JSON.stringify(life.exit)}`);
			for (const line of life.lines)
				if (/worker.*ended:/.test(line) && !/killed by signal 9\b/.test(line) ||
					/AddressSanitizer|runtime error:|LeakSanitizer|Assertion/.test(line)) found.push(`${this.name}: ${line}`);
		}
		return found;
	}

	get said() { return this.lives.map((life) => life.said()).join('\n---- started again ----\n'); }
}

function setClock(file, seconds) { fs.writeFileSync(file, `${seconds < 0 ? '' : '+'}${seconds}\n`); }

class Servers {
	cannot = new Set();	// kinds of fault that are not to be had here

	get wires() { return this.nodes.flatMap((node) => node.wires); }
	get urls() { return this.nodes.map(({ door }) => `ws://127.0.0.1:${door.port}/ws`); }
	get direct() { return this.nodes.map(({ otd }) => otd.ws); }
	get bases() { return this.nodes.map(({ door }) => `http://127.0.0.1:${door.port}`); }

	async stop() {
		const ends = await Promise.allSettled(this.nodes.map((node) => node.leave()));
		for (const wire of this.wires) await wire.stop();
		await this.stopStores();
		for (const end of ends) if (end.status === 'rejected') throw end.reason;
	}
}

// How each document stands in the database, asked without otd: "collection id" -> {v, ops, names, last}.
const STORED = (schema) => 'SELECT d.collection, d.id, d.version, count(o.version), ' +
	"count(DISTINCT o.src || '/' || o.seq), coalesce(max(o.version), -1) " +
	`FROM ${schema}document d LEFT JOIN ${schema}operation o USING (doc_pk) GROUP BY d.doc_pk, d.collection, d.id, d.version`;

const stored = (rows) => new Map(rows.map(([c, d, ...numbers]) => {
	const [v, ops, names, last] = numbers.map(Number);
	return [`${c} ${d}`, { v, ops, names, last }];
}));

// Two nodes of two workers each on a PostgreSQL with a synchronous standby and a Redis.
export class Cluster extends Servers {
	// Sanitizers want to be loaded first, and so does libfaketime.
	static async start({ clocks = fs.existsSync(FAKETIME) && !process.env.ASAN_OPTIONS } = {}) {
		const world = Object.assign(new Cluster(), { nodes: [] });
		if (!clocks) world.cannot.add('clock stepped');
		[world.pg, world.redis] = await Promise.all([PostgresPair.start(), Redis.start()]);
		for (const name of ['A', 'B']) {	// the first one makes the schema
			const wires = await Promise.all([...world.pg.both.map((server, i) =>
				Wire.start(`${name} to postgres ${i + 1}`, () => server.port)),
			Wire.start(`${name} to redis`, () => world.redis.port)]);
			const hosts = wires.slice(0, 2).map(({ port }) => `127.0.0.1:${port}`).join(',');
			const clock = path.join(temporaryFolder('clock'), 'offset');
			setClock(clock, 0);
			const node = await Node.start(name, { wires, workers: WORKERS, env: clocks ? clockEnvironment(clock) : {},
				store: `postgres://otd@${hosts}/${world.pg.database}`, bus: `redis://127.0.0.1:${wires[2].port}` });
			node.clock = clock;
			world.nodes.push(node);
		}
		return world;
	}

	redisSay(...words) { return run('redis-cli', ['-p', String(this.redis.port), ...words]); }

	async stored() { return stored(await this.pg.sql(STORED('otd.'))); }

	async stopStores() {
		await this.redis.stop();
		await this.pg.stop();
	}
}

// One node on the embedded store, on a small disk.
export class Alone extends Servers {
	static async start() {
		const world = new Alone();
		world.disk = await Disk.make();
		world.file = path.join(world.disk.folder, 'otd.db');
		world.nodes = [await Node.start('alone', { store: `sqlite:${world.file}` })];
		return world;
	}

	async stored() {
		const said = await run('sqlite3', ['-readonly', '-separator', '\t', this.file, STORED('')]);
		return stored(said.split('\n').filter(Boolean).map((line) => line.split('\t')));
	}

	async stopStores() { await this.disk.remove(); }
}
