// The run: one PostgreSQL and one Redis, the limits of the parts, then each row of scenarios.mjs, its systems in turn, as
// often as asked.  Every figure is a line of JSON in build/bench, written as soon as it is known.  scripts/bench builds
// and starts this.
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from '../../tests/lib/paths.mjs';
import { Program } from '../../tests/lib/process.mjs';
import { Bus } from './bus.mjs';
import { Database, settings } from './database.mjs';
import { measureLimits } from './limits.mjs';
import { describe, noise, source, spin } from './machine.mjs';
import { chosen } from './scenarios.mjs';
import { start, systems } from './systems.mjs';

const USAGE = `usage: scripts/bench [--quick] [--runs N] [--seconds S] [--only SYSTEM]... [--no-limits] [--out FILE] [--list]
                     [SCENARIO]...

SCENARIO	a row of bench/side-by-side/scenarios.mjs, or those that begin so: s1, s1-10; all
--quick		one short run each, and not the longest rows
--runs		how often each system runs a row, in turns; 3
--seconds	that are measured in each run; 5
--only		systems that take part; ${Object.keys(systems).join(', ')}
--no-limits	do not measure what the parts can do by themselves
--out		lines of JSON go there; build/bench/TIME.jsonl
--list		say what rows there are

Then: node bench/report.mjs FILE.jsonl
`;
const QUICK = { runs: 1, seconds: 2, warmup: 0.5 };
const WHOLE = { runs: 3, seconds: 5, warmup: 1 };
const KEPT = 0.97;		// of a rate that is asked for: then it is kept
const PATIENCE_MS = 50;		// and if acknowledgements' 99th percentile stays below this

const LOAD_LIMIT_S = 300;	// that a load may take in all

/** Run a generator; its figures, with what database and bus counted while it counted.  Throws when it fails. */
async function load(command, { database, bus }) {
	const count = async () => Object.assign({}, ...await Promise.all([database.count(), bus.count()]));
	const child = new Program(command[0], command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
	const counts = [];
	let buffer = '';
	child.child.stderr.on('data', (text) => {
		buffer += text;
		// Twice: when counting begins, and when it ends.
		for (const _ of buffer.match(/counting (begins|ends)\n/g) ?? []) counts.push(count());
		buffer = buffer.slice(buffer.lastIndexOf('\n') + 1);
	});
	const exit = await child.ended;
	const json = child.lines.findLast((line) => line.startsWith('{'));
	const figures = json ? JSON.parse(json) : null;
	if (figures && counts.length === 2) {
		const [before, after] = await Promise.all(counts);
		for (const what of Object.keys(after)) figures[what] = after[what] - before[what];
	}
	const said = child.lines.filter((line) => line !== json && !line.startsWith('counting ')).slice(-3).join('; ');
	const why = exit.code === 0 ? undefined : said || (figures ? complaint(figures) : `exit ${exit.code ?? exit.signal}`);
	return { figures, ok: exit.code === 0, why };
}

function complaint(f) {
	const counts = ['errors', 'unanswered', 'behind'].filter((what) => f[what]).map((what) => `${f[what]} ${what}`);
	return counts.join(', ') || `verify: ${JSON.stringify(f.verify)}`;
}

function flags(row, system, servers, parts, { seconds, warmup, ...more }) {
	const args = [row.load];
	// The generator deals its connections out to the URLs in turn, a document's writers one after the other.
	for (const url of servers.urls) for (let i = 0; i < (row.together ? row.flags.writers : 1); i++) args.push('--url', url);
	servers.pids.forEach((pid, i) => args.push('--pid', `server${i + 1}=${pid}`));
	if (system.stored) args.push('--pid', `postgres=${parts.database.pid}`, '--pid', `redis=${parts.bus.pid}`);
	for (const [name, value] of Object.entries({ ...row.flags, seconds, warmup, limit: LOAD_LIMIT_S, ...more })) args.push(`--${name}`, String(value));
	return [...args, '--verify', '--json', '--marks'];
}

/** Rates, each twice the one before, until one is not kept; the last that was. */
async function climb(row, system, servers, parts, time) {
	let best;
	for (const rate of row.climb) {
		const { figures, ok, why } = await load([...system.load(), ...flags(row, system, servers, parts, { ...time, rate, run: `r${rate}-${Date.now()}` })], parts);
		if (!figures || figures.verify?.faults) return { figures, ok: false, why };
		const kept = ok && figures.ops_per_second >= KEPT * rate && figures.ack_ms.p99 <= PATIENCE_MS;
		if (!kept) return best ?? { figures: { ...figures, sustained: 0 }, ok: true };
		best = { figures: { ...figures, sustained: rate }, ok: true };
	}
	return best;
}

/** One run of a row by a system, on servers and a database of its own. */
async function measure(row, name, parts, time) {
	const system = systems[name], { database, bus } = parts;
	const servers = await start(system, { pg: database.server, redis: bus.server, nodes: row.nodes, fill: row.fill });
	try {
		await database.settle();
		if (row.climb) return await climb(row, system, servers, parts, time);
		const command = (more) => [...system.load(), ...flags(row, system, servers, parts, { ...time, ...more })];
		if (!row.fresh || !system.stored) return await load(command(), parts);
		const run = `cold-${Date.now()}`;
		const prepared = await load(command({ phase: 'prepare', run }), parts);
		if (!prepared.ok) return { ok: false, why: `could not prepare: ${prepared.why}` };
		await servers.restart();
		await database.settle();
		return await load(command({ phase: 'open', run }), parts);
	} finally {
		await servers.remove();
	}
}

function options() {
	const { values, positionals } = parseArgs({ allowPositionals: true, options: {
		quick: { type: 'boolean' }, runs: { type: 'string' }, seconds: { type: 'string' }, only: { type: 'string', multiple: true },
		'no-limits': { type: 'boolean' }, out: { type: 'string' }, list: { type: 'boolean' }, help: { type: 'boolean' },
	} });
	const base = values.quick ? QUICK : WHOLE;
	const number = (name) => {
		const n = values[name] === undefined ? base[name] : Number(values[name]);
		if (!(n > 0)) throw new Error(`--${name} wants a number`);
		return n;
	};
	for (const name of values.only ?? []) if (!systems[name]) throw new Error(`no system ${name}: ${Object.keys(systems).join(' ')}`);
	return { ...values, words: positionals, runs: number('runs'), seconds: number('seconds'), warmup: base.warmup };
}

function opened(file) {
	const out = file ?? path.join(build, 'bench', `${new Date().toISOString().slice(0, 19).replaceAll(':', '')}.jsonl`);
	fs.mkdirSync(path.dirname(out), { recursive: true });
	fs.writeFileSync(out, '');
	return { out, write: (line) => fs.appendFileSync(out, `${JSON.stringify(line)}\n`) };
}

const show = (row, system, n, { figures: f, ok, why }) => {
	const rate = f?.sustained ?? (f?.opens_per_second || f?.ops_per_second || 0);
	const times = f?.delivery_ms ?? f?.ack_ms ?? f?.open_ms;
	console.log(`${row.name.padEnd(18)}${system.padEnd(16)}${String(n).padStart(2)}${rate.toFixed(0).padStart(9)}/s` +
		`${times ? `  p50 ${times.p50.toFixed(2)}  p99 ${times.p99.toFixed(2)} ms` : ''}${ok ? '' : `  FAILED: ${why}`}`);
};

async function main() {
	const asked = options();
	if (asked.help) return console.log(USAGE);
	const rows = chosen(asked.words, asked);
	if (asked.list) return rows.forEach((row) => console.log(row.name.padEnd(20), row.title));
	const { out, write } = opened(asked.out);
	const database = await Database.start(), bus = await Bus.start();
	const parts = { database, bus };
	const time = { seconds: asked.seconds, warmup: asked.warmup };
	let failed = false;
	write({ kind: 'head', at: new Date().toISOString(), machine: describe(), source: source(), postgres: await database.version(), settings,
		runs: asked.runs, ...time, quick: Boolean(asked.quick), noise: noise() });
	if (!asked['no-limits'])
		await measureLimits({ database, redis: bus.server, seconds: asked.quick ? 1 : 3, quick: asked.quick }, (figures) => {
			write({ kind: 'limit', figures, spin_ms: spin(), noise: noise() });
			console.log('limit', JSON.stringify(figures));
		});
	for (const row of rows) {
		for (let n = 1; n <= asked.runs; n++) {
			for (const name of row.systems.filter((s) => !asked.only || asked.only.includes(s))) {
				const before = spin();
				const result = await measure(row, name, parts, time).catch((error) => ({ ok: false, why: error.message }));
				write({ kind: 'run', row: row.name, system: name, run: n, spin_ms: [before, spin()], noise: noise(), ...result });
				show(row, name, n, result);
				failed ||= !result.ok && name.startsWith('otd');
			}
		}
	}
	await database.stop();
	await bus.stop();
	write({ kind: 'end', at: new Date().toISOString(), noise: noise() });
	console.log(out);
	process.exit(failed ? 1 : 0);
}

await main();
