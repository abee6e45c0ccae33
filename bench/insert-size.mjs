// What one insert costs the server, by the size of the text that it goes
// into: one client, one op at a time, everything between the socket and the
// embedded store.  Documents of both sizes take turns, so that what else the
// machine does falls on both.  bench/insert-size builds and starts this.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { Otd } from '../tests/lib/otd.mjs';
import { temporaryFolder } from '../tests/lib/paths.mjs';
import { sleep } from '../tests/lib/process.mjs';
import { Chance, prose, textTypes } from './workloads.mjs';

const require = createRequire(new URL('../tests/package.json', import.meta.url));
const WebSocket = require('ws');

const USAGE = `usage: bench/insert-size [--json] [--inserts N] [--only WORDS] [--folder DIR] [-- SETTING...]

--json		a line of JSON a figure, instead of the table
--inserts	how many are measured, of each kind and size; 4000
--only		only types and places with these words
--folder	where the store lies; a temporary one
SETTING...	for otd serve, such as --queries off
`;
const SIZES = [1e4, 1e7];	// bytes of text
const WARM = 1000;		// inserts before those that are measured
const TURN = 250;		// inserts in one document before it is the other's turn
const BURST = 20;		// letters typed before somebody goes elsewhere
const QUIET = 1e6;		// ns of processor in 20 ms that say that the server has nothing to do
const URIS = {
	text: 'textv1', 'text-unicode': 'text-unicode', text0: 'textv0', 'rich-text': 'rich-text/v1', json0: 'JSONv0', json1: 'JSONv1',
};

// ---- the server's time ----

// Nanoseconds of processor that all threads of the process have had.
function busy(pid) {
	const tasks = `/proc/${pid}/task`;
	return fs.readdirSync(tasks).map((id) => Number(fs.readFileSync(`${tasks}/${id}/schedstat`, 'utf8').split(' ')[0]))
		.reduce((a, b) => a + b);
}

// Wait for what the server does behind our back, which belongs to what was before.
async function settled(pid) {
	for (let before = -1, now = busy(pid); now - before > QUIET; now = busy(pid)) {
		before = now;
		await sleep(20);
	}
	return busy(pid);
}

// ---- one client ----

export class Client {
	static async open(url) {
		const client = new Client();
		client.socket = new WebSocket(url, { perMessageDeflate: false, maxPayload: 1 << 28 });
		client.socket.on('message', (data) => client.take(JSON.parse(data)));
		client.seq = 0;
		const hello = client.next();
		await new Promise((done, fail) => client.socket.once('open', done).once('error', fail));
		await hello;
		client.src = (await client.ask({ a: 'hs', id: null, protocol: 1, protocolMinor: 2 })).id;
		return client;
	}

	next() {
		return new Promise((done, fail) => { this.waiting = { done, fail }; });
	}

	take(message) {
		const { done, fail } = this.waiting;
		if (message.error) fail(new Error(JSON.stringify(message.error)));
		else done(message);
	}

	ask(message) {
		const answer = this.next();
		this.socket.send(JSON.stringify(message));
		return answer;
	}

	op(document, payload) {
		return this.ask({ a: 'op', c: 'texts', d: document.id, v: document.v++, seq: ++this.seq, ...payload });
	}
}

// ---- documents ----

const places = {
	'at random': (chance, length) => chance.n(length + 1),
	[`${BURST} at a place`]: (chance, length, i, pos) => (i % BURST ? pos + 1 : chance.n(length + 1)),
};

// A text in a document, and edits of it: each is made on what those before left.
class Document {
	constructor(type, place, bytes) {
		Object.assign(this, { id: `${type}, ${place}, ${bytes}`, v: 0, type, place: places[place], length: bytes, made: 0, pos: 0 });
		this.chance = new Chance(bytes + 1);
		this.costs = { cpu: 0, ack: [] };
	}

	create(client) {
		const data = textTypes[this.type].doc(prose(this.chance, this.length));
		return client.op(this, { create: { type: `http://sharejs.org/types/${URIS[this.type]}`, data } });
	}

	nextOp() {
		this.pos = this.place(this.chance, this.length++, this.made++, this.pos);
		const op = textTypes[this.type].op({ pos: this.pos, cut: '', ins: this.chance.letter() });
		return { op: this.type === 'rich-text' ? { ops: op } : op };
	}

	async insert(client, pid, count, counts) {
		const ops = Array.from({ length: count }, () => this.nextOp());
		const before = await settled(pid);
		for (const op of ops) {
			const since = process.hrtime.bigint();
			await client.op(this, op);
			if (counts) this.costs.ack.push(Number(process.hrtime.bigint() - since) / 1e3);
		}
		if (counts) this.costs.cpu += (await settled(pid) - before) / 1e3;
	}

	async check(client) {
		const { data } = await client.ask({ a: 'f', c: 'texts', d: this.id });
		const text = data.data.t ?? data.data.ops?.map((op) => op.insert).join('') ?? data.data;
		if (data.v !== this.v || text.length !== this.length) throw new Error(`${this.id}: not what was written`);
	}
}

export async function measure(type, place, { inserts, sizes = SIZES, warm = WARM, client, pid }) {
	const documents = sizes.map((bytes) => new Document(type, place, bytes));
	for (const document of documents) await document.create(client);
	for (const document of documents) await document.insert(client, pid, warm, false);
	for (let done = 0; done < inserts; done += TURN)
		for (const document of documents) await document.insert(client, pid, Math.min(TURN, inserts - done), true);
	for (const document of documents) await document.check(client);
	return {
		type, place, sizes: documents.map(({ costs }, i) => {
			const ack = costs.ack.sort((a, b) => a - b);
			return { bytes: sizes[i], cpu: costs.cpu / ack.length, p50: ack[ack.length >> 1], p99: ack[Math.floor(ack.length * 0.99)] };
		}),
	};
}

// ---- the command ----

const cell = (n) => (n >= 100 ? n.toFixed(0) : n.toPrecision(3)).padStart(9);

function line({ type, place, sizes }) {
	const [small, large] = sizes;
	const columns = ['cpu', 'p50', 'p99'].map((what) => `${cell(small[what])}${cell(large[what])}${cell(large[what] / small[what])}  `);
	return `${`${type}, ${place}`.padEnd(28)}${columns.join(' ')}${large.cpu <= 2 * small.cpu ? 'ok' : 'SHORT'}`;
}

async function main() {
	const { values, positionals } = parseArgs({
		allowPositionals: true,
		options: {
			json: { type: 'boolean' }, inserts: { type: 'string', default: '4000' }, only: { type: 'string', default: '' },
			folder: { type: 'string' }, help: { type: 'boolean' },
		},
	});
	const inserts = Number(values.inserts);
	if (values.help || !(inserts >= 1)) {
		process.stderr.write(USAGE);
		process.exit(values.help ? 0 : 2);
	}
	const folder = values.folder ? fs.mkdtempSync(path.join(values.folder, 'otd-')) : temporaryFolder('insert-size');
	const words = values.only.split(/\s+/).filter(Boolean);
	const otd = await Otd.start({
		store: `sqlite:${path.join(folder, 'otd.db')}`, args: positionals,
	});
	try {
		if (!values.json)
			console.log(`${os.cpus().length} x ${os.cpus()[0].model}, load ${os.loadavg()[0].toFixed(1)}, node ${process.version}; ` +
				`µs an insert, in ${SIZES.map((n) => n.toLocaleString('en')).join(' and ')} bytes, and the ratio\n\n` +
				`${''.padEnd(28)}${['processor of the server', 'ack, median', 'ack, p99'].map((s) => s.padStart(27)).join('   ')}`);
		for (const type of Object.keys(textTypes)) {
			for (const place of Object.keys(places)) {
				if (!words.every((word) => `${type}, ${place}`.includes(word))) continue;
				const client = await Client.open(otd.ws);
				const figure = await measure(type, place, { inserts, client, pid: otd.pid });
				client.socket.close();
				console.log(values.json ? JSON.stringify(figure) : line(figure));
			}
		}
	} finally {
		await otd.stop();
		if (values.folder) fs.rmSync(folder, { recursive: true });
	}
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
