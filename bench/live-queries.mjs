// What subscribers of queries ask of the database: two otd on one PostgreSQL,
// many subscriptions of one shape on both, edits at a steady rate by one
// client of the first.  PostgreSQL counts its statements itself
// (pg_stat_statements).  bench/live-queries builds and starts this.
import fs from 'node:fs';
import { parseArgs } from 'node:util';
import { WebSocket } from '../tests/node_modules/ws/wrapper.mjs';
import { Otd } from '../tests/lib/otd.mjs';
import { Postgres } from '../tests/lib/postgres.mjs';
import { Redis } from '../tests/lib/redis.mjs';
import { sleep, until } from '../tests/lib/process.mjs';

const USAGE = `usage: bench/live-queries [--json] [--subscribers N] [--connections N] [--rate N] [--seconds N] [--documents N]
                          [--shapes N]

--json		a line of JSON a shape, instead of the table
--subscribers	subscriptions of one shape, over all connections; 10000
--connections	that they share; 100
--rate		edits a second; 100
--seconds	how long each shape is measured; 15
--documents	that are edited in turn; 200
--shapes	different queries among the subscriptions of a shape; 1
`;
const MOST = 20;		// statements a second beside the commits: what otd has to stay under
const LEAVES = 50;		// of so many edits one makes its document leave or enter

// What each shape looks at: all match in the first, the others are windows.
const shapes = [
	{ name: 'matching', q: { on: true } },
	{ name: 'sorted, cut', q: { on: true, $sort: { n: -1 }, $limit: 20 } },
	{ name: 'counted', q: { on: true, $count: true } },
];

const { values: asked } = parseArgs({ options: {
	json: { type: 'boolean' }, help: { type: 'boolean' }, subscribers: { type: 'string', default: '10000' },
	connections: { type: 'string', default: '100' }, rate: { type: 'string', default: '100' },
	seconds: { type: 'string', default: '15' }, documents: { type: 'string', default: '200' },
	shapes: { type: 'string', default: '1' },
} });
const number = (name) => {
	const n = Number(asked[name]);
	if (!Number.isInteger(n) || n < 1) throw new Error(`--${name} wants a whole number`);
	return n;
};

// A connection that counts what it hears, and looks only into what it waits for.
class Line {
	static async open(url) {
		const line = new Line();
		line.messages = line.bytes = 0;
		line.socket = new WebSocket(url, { perMessageDeflate: false });
		line.socket.on('message', (data) => {
			line.messages++;
			line.bytes += data.length;
			line.hear?.(data);
		});
		await new Promise((done, fail) => { line.socket.once('open', done); line.socket.once('error', fail); });
		line.say({ a: 'hs', id: null, protocol: 1, protocolMinor: 2 });
		return line;
	}

	say(message) { this.socket.send(JSON.stringify(message)); }

	// Until as many messages as expected begin so.
	async count(begin, expected, say) {
		let n = 0;
		const want = Buffer.from(begin);
		const all = new Promise((done) => {
			this.hear = (data) => { if (data.subarray(0, want.length).equals(want) && ++n === expected) done(); };
		});
		say();
		await all;
		this.hear = null;
	}

	close() { this.socket.terminate(); }
}

const seconds = () => Number(process.hrtime.bigint()) / 1e9;

// User and system time of a process so far.
function cpu(pid) {
	const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
	return (Number(fields[11]) + Number(fields[12])) / 100;
}

// Statements so far, by what they are for.
async function statements(pg) {
	const rows = await pg.sql("select calls, regexp_replace(query, '\\s+', ' ', 'g') from pg_stat_statements " +
		"where query not like '%pg_stat_statements%'");
	const sums = { commits: 0, begins: 0, others: 0 };
	const texts = new Map();
	for (const [calls, query] of rows) {
		const kind = /^(begin|commit)\b/i.test(query) ? 'begins' : /insert into otd\.operation/i.test(query) ? 'commits' : 'others';
		sums[kind] += Number(calls);
		const text = query.slice(0, 120);
		if (kind === 'others') texts.set(text, (texts.get(text) ?? 0) + Number(calls));
	}
	return { sums, texts };
}

async function measure({ name, q }, { pg, redis, number: ordinal }) {
	const store = await pg.database();
	const bus = redis.url(`b${ordinal}`);
	const otds = [await Otd.start({ store, bus })];
	otds.push(await Otd.start({ store, bus }));
	const n = { subscribers: number('subscribers'), connections: number('connections'), rate: number('rate'),
		seconds: number('seconds'), documents: number('documents') };
	const writer = await Line.open(otds[0].ws);
	const versions = new Array(n.documents).fill(1);
	const on = new Array(n.documents).fill(true);
	let seq = 0;
	await writer.count('{"a":"op"', n.documents, () => {
		for (let i = 0; i < n.documents; i++)
			writer.say({ a: 'op', c: 'board', d: `d${i}`, v: 0, seq: ++seq,
				create: { type: 'json0', data: { on: true, n: i, text: 'some words to have a document of some length' } } });
	});
	const lines = await Promise.all(Array.from({ length: n.connections }, (_, i) => Line.open(otds[i % 2].ws)));
	const each = Math.ceil(n.subscribers / n.connections);
	const began = seconds();
	let joined = 0;
	await Promise.all(lines.map((line) => line.count('{"a":"qs"', each, () => {
		for (let id = 1; id <= each; id++) {
			const shape = joined++ % number('shapes');
			line.say({ a: 'qs', id, c: 'board', q: shape ? { ...q, n: { $ne: 1000 + shape } } : q });
		}
	})));
	const joining = seconds() - began;
	await sleep(500);

	const edit = (i) => {
		const d = (i * 7) % n.documents;
		const op = i % LEAVES === 0 ?
			[{ p: ['on'], od: on[d], oi: (on[d] = !on[d]) }] : [{ p: ['n'], na: (i % 13) - 6 }];
		writer.say({ a: 'op', c: 'board', d: `d${d}`, v: versions[d]++, seq: ++seq, op });
	};
	const before = await statements(pg);
	const cpuBefore = otds.map(({ pid }) => cpu(pid));
	const heardBefore = lines.map(({ messages, bytes }) => ({ messages, bytes }));
	const start = seconds();
	let acked = 0;
	writer.hear = () => { acked++; };
	let i = 0;
	for (; i < n.rate * n.seconds; i++) {
		edit(i);
		const wait = start + (i + 1) / n.rate - seconds();
		if (wait > 0) await sleep(1000 * wait);
	}
	await until('all edits are acknowledged', () => acked >= i);
	const took = seconds() - start;
	const after = await statements(pg);
	const heard = lines.reduce((sum, line, k) => ({ messages: sum.messages + line.messages - heardBefore[k].messages,
		bytes: sum.bytes + line.bytes - heardBefore[k].bytes }), { messages: 0, bytes: 0 });
	const rate = (what) => Number(((after.sums[what] - before.sums[what]) / took).toFixed(1));
	const figure = {
		shape: name, subscribers: each * n.connections, edits_per_s: Number((i / took).toFixed(1)),
		commits_per_s: rate('commits'), others_per_s: rate('others'),
		messages_per_s: Math.round(heard.messages / took), mbytes_per_s: Number((heard.bytes / took / 1e6).toFixed(1)),
		cpu: otds.map(({ pid }, k) => Number(((cpu(pid) - cpuBefore[k]) / took).toFixed(2))),
		joining_s: Number(joining.toFixed(2)),
		others: Object.fromEntries([...after.texts].map(([text, calls]) => [text, calls - (before.texts.get(text) ?? 0)])
			.filter(([, calls]) => calls > 0)),
	};
	for (const line of [...lines, writer]) line.close();
	for (const otd of otds) await otd.stop();
	return figure;
}

function show(figure) {
	if (asked.json) {
		console.log(JSON.stringify(figure));
		return;
	}
	console.log(`${figure.shape}: ${figure.subscribers} subscribers, joined in ${figure.joining_s} s; ` +
		`${figure.edits_per_s} edits/s\n  statements/s: ${figure.commits_per_s} commits, ${figure.others_per_s} beside them ` +
		`(to stay under ${MOST})${figure.others_per_s < MOST ? '' : ' TOO MANY'}\n` +
		`  told: ${figure.messages_per_s} messages/s, ${figure.mbytes_per_s} MB/s; ` +
		`processors: ${figure.cpu.join(' and ')}`);
	for (const [text, calls] of Object.entries(figure.others)) console.log(`  ${calls} times: ${text.replace(/\s+/g, ' ')}`);
}

for (const name of ['subscribers', 'connections', 'rate', 'seconds', 'documents', 'shapes']) number(name);
if (asked.help) {
	process.stdout.write(USAGE);
} else {
	const pg = await Postgres.start({ settings: ["shared_preload_libraries = 'pg_stat_statements'",
		'pg_stat_statements.track = top', 'pg_stat_statements.track_utility = on'] });
	const redis = await Redis.start();
	await pg.sql('create extension pg_stat_statements');
	let failed = false;
	for (const [ordinal, shape] of shapes.entries()) {
		const figure = await measure(shape, { pg, redis, number: ordinal });
		show(figure);
		failed ||= figure.others_per_s >= MOST;
	}
	await redis.stop();
	await pg.down();
	process.exit(failed ? 1 : 0);
}
