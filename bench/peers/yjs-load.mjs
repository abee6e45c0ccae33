// otd-load's scenarios for a Hocuspocus server, whose protocol is another (Yjs): the same flags, the same JSON.
//
// Cheap for the server, so that what is measured is the server: updates are written without a Y.Doc, each writer types on
// behind its own last characters (which Yjs keeps as one run), and what is delivered is counted, not applied.  --verify
// then asks for every document with a client that knows nothing, and counts each writer's characters in it.
import fs from 'node:fs';
import { parseArgs } from 'node:util';
import { WebSocket } from 'ws';
import * as Y from 'yjs';
import * as yjs from './yjs.mjs';

const TEXT = 'abcd';		// of one op
const FOUNDER = 1;		// client that puts in what a document begins with
const FIRST_WRITER = 1000;
const OPENING = 100;		// documents that a client asks for at a time at most: Hocuspocus's limit

const { values: given, positionals: [scenario] } = parseArgs({ allowPositionals: true, options: {
	url: { type: 'string', multiple: true }, connections: { type: 'string', default: '1' }, writers: { type: 'string', default: '1' },
	readers: { type: 'string', default: '0' }, rate: { type: 'string', default: '0' }, seconds: { type: 'string', default: '5' },
	warmup: { type: 'string', default: '1' }, docs: { type: 'string', default: '1' }, size: { type: 'string', default: '0' },
	ops: { type: 'string', default: '100' }, type: { type: 'string' },
	run: { type: 'string', default: `y${process.pid}` }, phase: { type: 'string', default: 'both' }, limit: { type: 'string', default: '300' },
	pid: { type: 'string', multiple: true, default: [] }, verify: { type: 'boolean' }, json: { type: 'boolean' }, marks: { type: 'boolean' },
} });
const asked = Object.fromEntries(['connections', 'writers', 'readers', 'rate', 'seconds', 'warmup', 'docs', 'size', 'ops', 'limit']
	.map((name) => [name, Number(given[name])]));
const urls = given.url;
setTimeout(() => fatal(`not done in ${asked.limit} seconds (--limit)`), 1000 * asked.limit).unref();

const now = () => performance.now();
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// ---- what is counted ----

const count = { measuring: false, acks: [], opens: [], deliveries: [], delivered: 0 };
const sentAt = new Map();	// of writers whose deliveries are timed: client -> times of its ops

function onDelivery(client, clock, length) {
	if (!count.measuring) return;
	const times = sentAt.get(client), at = now();
	for (let c = clock; c < clock + length; c += TEXT.length) {
		count.delivered++;
		const sent = times?.[c / TEXT.length];
		if (sent !== undefined) count.deliveries.push(at - sent);
	}
}

// ---- a connection ----

class Client {
	#opening = new Map();	// document -> what waits for its state
	#acks = new Map();	// document -> what waits for acknowledgements, in order

	static async connect(url) {
		const client = new Client();
		client.socket = new WebSocket(url, { perMessageDeflate: false, skipUTF8Validation: true });
		client.socket.binaryType = 'nodebuffer';
		await new Promise((done, fail) => { client.socket.once('open', done); client.socket.once('error', fail); });
		client.socket._socket.setNoDelay(true);
		client.socket.on('message', (bytes) => client.#receive(bytes));
		client.socket.on('close', (code) => { if (!client.closing) fatal(`the server closed a connection: ${code}`); });
		return client;
	}

	/** The document's whole state, as an update. */
	open(document) {
		return new Promise((done) => {
			this.#opening.set(document, done);
			this.#acks.set(document, []);
			this.socket.send(yjs.authenticate(document));
			this.socket.send(yjs.ask(document));
		});
	}

	/** done() is called with the acknowledgement. */
	submit(document, bytes, done) {
		this.#acks.get(document).push(done);
		this.socket.send(bytes);
	}

	close() {
		this.closing = true;
		return new Promise((done) => { this.socket.once('close', done); this.socket.close(); });
	}

	#receive(bytes) {
		const { document, type, step, body, ok } = yjs.read(bytes);
		if (type === yjs.SYNC_STATUS) {
			if (!ok) fatal('an update was refused');
			// The empty step 2 of a client that opens is acknowledged, too.
			this.#acks.get(document).shift()?.();
		} else if (step === yjs.STEP_1) {
			this.submit(document, yjs.nothing(document), () => {});
		} else if (step === yjs.STEP_2 && this.#opening.has(document)) {
			this.#opening.get(document)(body);
			this.#opening.delete(document);
		} else if (body) {
			yjs.eachRun(body, onDelivery);
		}
	}
}

function fatal(why) {
	console.error(`yjs-load: ${why}`);
	process.exit(1);
}

const connectTo = (i) => Client.connect(urls[i % urls.length]);

// ---- writers ----

const expected = new Map();	// document -> Map(client -> characters)

function wrote(document, client, characters) {
	if (!expected.has(document)) expected.set(document, new Map());
	const of = expected.get(document);
	of.set(client, (of.get(client) ?? 0) + characters);
}

class Writer {
	#clock = 0;
	#stop = false;
	flying = 0;

	constructor(client, document, id, timed) {
		Object.assign(this, { client, document, id });
		if (timed) sentAt.set(id, this.times = []);
	}

	// at: when it should have been sent, if that was earlier.
	op(done, at = now()) {
		const clock = this.#clock;
		this.#clock += TEXT.length;
		if (this.times) this.times[clock / TEXT.length] = at;
		this.flying++;
		this.client.submit(this.document, yjs.insert(this.document, this.id, clock, TEXT), () => {
			this.flying--;
			wrote(this.document, this.id, TEXT.length);
			if (count.measuring) count.acks.push(now() - at);
			done?.();
		});
	}

	/** One op in flight, always. */
	loop() { this.op(() => { if (!this.#stop) this.loop(); }); }

	stop() { this.#stop = true; }
}

async function fill(document, size) {
	if (!size) return;
	const client = await connectTo(0);
	await client.open(document);
	await new Promise((done) => client.submit(document, yjs.insert(document, FOUNDER, 0, 'x'.repeat(size)), done));
	wrote(document, FOUNDER, size);
	await client.close();
}

/** rate ops a second over the writers in turn, each at its time whatever came of those before.  A function that ends it. */
function pace(writers, rate) {
	const began = now();
	let n = 0;
	const timer = setInterval(() => {
		for (const until = now(); began + n * 1000 / rate <= until; n++)
			writers[n % writers.length].op(null, began + n * 1000 / rate);
	}, 1);
	return () => clearInterval(timer);
}

// ---- scenarios: what each opens; {writers, rate} ----

const name = (i) => `${scenario}-${given.run}-${i}`;

async function crowd(n, make) {
	const all = [];
	for (let i = 0; i < n; i += 50) all.push(...await Promise.all([...Array(Math.min(50, n - i)).keys()].map((k) => make(i + k))));
	return all;
}

const member = async (i, document) => {
	const client = await connectTo(i);
	await client.open(document);
	return client;
};
const writing = async (i, document, timed) => new Writer(await member(i, document), document, FIRST_WRITER + i, timed);

const scenarios = {
	s1: async () => ({ writers: await crowd(asked.connections, (i) => writing(i, name(i))) }),
	s2: async () => ({ writers: await crowd(asked.docs * asked.writers, (i) => writing(i, name(Math.floor(i / asked.writers)))) }),
	async s3() {
		const writer = await writing(0, name(0), true);
		await crowd(asked.readers, (i) => member(i + 1, name(0)));
		return { writers: [writer], rate: asked.rate, readers: asked.readers };
	},
	async s4() {
		if (given.phase !== 'open') await crowd(asked.connections, (i) => fill(name(i), asked.size));
		if (given.phase !== 'prepare') await crowd(asked.connections, (i) => member(i, name(i)));
		return { writers: [] };
	},
	async s5() {
		await fill(name(0), asked.size);
		return { writers: [await writing(0, name(0))] };
	},
	s6: async () => ({ writers: [await writing(0, name(0), true)], reader: await member(1, name(0)), rate: asked.rate, readers: 1 }),
	s8: async () => ({ writers: await crowd(asked.docs, (i) => writing(i, name(i))), rate: asked.rate }),
};

// ---- S7: documents with a history, opened when the server has let go of them ----

async function prepare(documents) {
	const client = await connectTo(0);
	for (let i = 0; i < documents.length; i += OPENING) {
		await Promise.all(documents.slice(i, i + OPENING).map(async (document, k) => {
			await client.open(document);
			const writer = new Writer(client, document, FIRST_WRITER + i + k);
			for (let n = 0; n < asked.ops; n++) await new Promise((done) => writer.op(done));
		}));
	}
	await client.close();
	await sleep(3000);	// the server stores them when its last client has left
}

async function openAll(documents) {
	const clients = await crowd(asked.connections, connectTo);
	begin();
	await Promise.all(clients.map(async (client, i) => {
		for (let d = i; d < documents.length; d += clients.length) {
			const at = now();
			const state = await client.open(documents[d]);
			count.opens.push(now() - at);
			let length = 0;
			yjs.eachRun(state, (writer, clock, characters) => { length += characters; });
			if (length !== asked.ops * TEXT.length) fatal(`${documents[d]} came back with ${length} characters`);
		}
	}));
	return end();
}

async function cold() {
	const documents = [...Array(asked.docs).keys()].map(name);
	if (given.phase !== 'open') await prepare(documents);
	return given.phase === 'prepare' ? {} : openAll(documents);
}

// ---- measuring ----

const ticks = (pid) => {
	const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
	return Number(fields[11]) + Number(fields[12]);
};
const kilobytes = (pid, file, what) => Number(new RegExp(`^${what}:\\s+(\\d+)`, 'm').exec(fs.readFileSync(`/proc/${pid}/${file}`, 'utf8'))?.[1] ?? 0);
const sum = (list) => list.reduce((a, b) => a + b, 0);

function family(pid) {
	const children = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
	return [pid, ...children.flatMap(family)];
}

const processes = given.pid.map((text) => {
	const [who, pid] = text.split('=');
	return { who, pid, rss_start: rss(pid) };
});

function rss(pid) { return 1024 * sum(family(pid).map((p) => kilobytes(p, 'status', 'VmRSS'))); }

let start;

function begin() {
	if (given.marks) console.error('counting begins');
	for (const p of processes) {
		p.rss_open = rss(p.pid);
		p.family = family(p.pid);
		p.ticks = sum(p.family.map(ticks));
	}
	start = { at: now(), cpu: process.cpuUsage() };
	count.measuring = true;
}

function times(list) {
	if (!list.length) return undefined;
	const sorted = Float64Array.from(list).sort();
	const at = (q) => Number(sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))].toFixed(4));
	return { n: sorted.length, mean: sum(list) / list.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), p99_9: at(0.999), max: at(1) };
}

function end() {
	count.measuring = false;
	const seconds = (now() - start.at) / 1000;
	const { user, system } = process.cpuUsage(start.cpu);
	for (const p of processes) p.cpu_seconds = (sum(p.family.map(ticks)) - p.ticks) / 100;
	if (given.marks) console.error('counting ends');
	const rate = (n) => n / seconds;
	return { seconds, ops: count.acks.length, ops_per_second: rate(count.acks.length), deliveries: count.delivered,
		deliveries_per_second: rate(count.delivered), opens: count.opens.length, opens_per_second: rate(count.opens.length),
		ack_ms: times(count.acks), delivery_ms: times(count.deliveries), open_ms: times(count.opens),
		load: { cpu_seconds: (user + system) / 1e6 } };
}

function memory() {
	return Object.fromEntries(processes.map(({ who, pid, cpu_seconds, rss_start, rss_open }) => [who, { pid: Number(pid),
		processes: family(pid).length, cpu_seconds, rss_start, rss_open, rss_end: rss(pid),
		pss_end: 1024 * sum(family(pid).map((p) => kilobytes(p, 'smaps_rollup', 'Pss'))) }]));
}

async function warm() {
	const { writers, rate = 0 } = await scenarios[scenario]();
	const stop = rate ? pace(writers, rate) : () => { for (const writer of writers) writer.stop(); };
	if (!rate) for (const writer of writers) writer.loop();
	await sleep(1000 * asked.warmup);
	begin();
	await sleep(1000 * asked.seconds);
	const figures = end();
	stop();
	figures.processes = memory();
	for (let i = 0; writers.some((writer) => writer.flying) && i < 100; i++) await sleep(100);
	if (writers.some((writer) => writer.flying)) fatal('ops were never acknowledged');
	return figures;
}

/** Every document, asked for anew at every server, holds each writer's characters once. */
async function verify() {
	await sleep(300);	// what is on its way between servers
	for (let u = 0; u < urls.length; u++) {
		const client = await connectTo(u);
		for (const [document, of] of expected) {
			const doc = new Y.Doc();
			Y.applyUpdate(doc, await client.open(document));
			const length = doc.getText('text').toString().length, wanted = sum([...of.values()]);
			if (length !== wanted) fatal(`${document} has ${length} characters and not ${wanted}`);
			for (const [id, characters] of of)
				if (Y.getState(doc.store, id) !== characters) fatal(`${document} has not the ${characters} characters of client ${id}`);
		}
		await client.close();
	}
	return { done: true, documents: expected.size, faults: 0 };
}

if (!(scenario in scenarios) && scenario !== 's7') fatal('which scenario? s1 to s8');
const figures = scenario === 's7' ? await cold() : await warm();
if (scenario === 's7') figures.processes = memory();
else if (given.verify) figures.verify = await verify();
console.log(JSON.stringify({ scenario, generator: 'yjs-load', ...asked, ...figures, ok: true }));
process.exit(0);
