// The kernel beside the JavaScript packages: every workload through both, run
// by run in turn, so that what else the machine does falls on both.  What
// comes of it is compared too.  bench/kernel builds and starts this.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { spawn } from 'node:child_process';
import { parseArgs, isDeepStrictEqual } from 'node:util';
import { fileURLToPath } from 'node:url';
import { build, program, root, temporaryFolder } from '../tests/lib/paths.mjs';
import { readTrace, workloads, writeTrace } from './workloads.mjs';

const USAGE = `usage: bench/kernel [--json] [--runs N] [--size FACTOR] [--only WORDS] [TRACE_DIR|TRACE.json.gz...]

--json	a line of JSON a figure, instead of the table
--runs	how many runs each figure is the median of; 5
--size	how much is done; 1
--only	only workloads whose name and type have these words in them
`;
const USUAL = ['automerge-paper.json.gz', 'sveltecomponent.json.gz'];	// of a folder
const SHOWN = 2000;		// results of transform and compose that are compared
const reference = fileURLToPath(new URL('reference.mjs', import.meta.url));

// A program that is told lines and answers each with one.
class Party {
	constructor(file, args) {
		this.child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
		this.ended = new Promise((done) => {
			this.child.once('close', done);
		});
		this.child.stdin.on('error', () => {});		// it ended; ask() says so
		this.lines = readline.createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
	}

	async ask(line) {
		this.child.stdin.write(`${line}\n`);
		const { value, done } = await this.lines.next();
		if (done) throw new Error(`${this.child.spawnargs.join(' ')} ended`);
		return JSON.parse(value);
	}

	close() {
		this.child.stdin.end();
		return this.ended;
	}
}

export const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

// A Delta may be told as the list of its ops.
const bare = (value) => (Array.isArray(value) ? value.map(bare) : Array.isArray(value?.ops) ? value.ops : value);
export const agree = (a, b) => isDeepStrictEqual(bare(a), bare(b));

const rate = (runs) => median(runs.map(({ steps, ms }) => steps / ms / 1000));

// The runs of both sides, in turn; js may be null.
async function alternate(c, js, steps, runs) {
	// Once to warm up; then it is known how far JavaScript comes.
	await c.ask(steps);
	const jsSteps = (await js?.ask(steps))?.steps;
	const all = { c: [], js: [] };
	for (let i = 0; i < runs; i++) {
		all.c.push(await c.ask(steps));
		if (js) all.js.push(await js.ask(jsSteps));
	}
	return all;
}

// One workload's figure.
export async function measure(work, { runs, folder, file = program('bench/bench_kernel') }) {
	const { name, type, verb, bytes, sized, wanted, end, alone } = work;
	const input = path.join(folder, 'workload');
	const ops = work.ops();
	const steps = work.steps ?? ops.length;
	fs.writeFileSync(input, [work.doc(), ...ops].map((v) => `${JSON.stringify(v)}\n`).join(''));
	const c = new Party(file, [verb, type, input]);
	const js = alone ? null : new Party(process.execPath, [reference, verb, type, input, work.limit_ms]);
	const figure = { name, type, verb, bytes, sized, wanted };
	try {
		const all = await alternate(c, js, steps, runs);
		const [{ steps: done, held }] = all.c;
		figure.c = { steps: done, rate: rate(all.c), first_ms: median(all.c.map((run) => run.first_ms)) };
		if (js) {
			figure.js = { steps: all.js[0].steps, of: done, rate: rate(all.js) };
			figure.times = figure.c.rate / figure.js.rate;
			const most = ['apply', 'next'].includes(verb) ? figure.js.steps : Math.min(figure.js.steps, SHOWN);
			figure.agree = agree(await c.ask(`show ${most}`), await js.ask(`show ${most}`));
		}
		if (end !== undefined) {
			const doc = await c.ask(`show ${steps}`);
			figure.ends = [doc, doc.t, doc.ops?.map((op) => op.insert).join('')].includes(end);
			figure.held = held / Buffer.byteLength(end);
		}
	} finally {
		await Promise.all([c.close(), js?.close()]);
	}
	figure.reached = (wanted[0] === null || figure.c.rate >= wanted[0]) && (wanted[1] === null || figure.times >= wanted[1]);
	return figure;
}

// ---- printing ----

const number = (n) => (n >= 100 ? n.toFixed(0) : n >= 10 ? n.toFixed(1) : n >= 0.1 ? n.toFixed(2) : n.toPrecision(2));

function line({ name, type, c, js, times, wanted: [rate, least], reached, held, ...figure }) {
	const notes = [
		...(js && js.steps < js.of ? [`JS did ${js.steps} of ${js.of}`] : []),
		...(held === undefined ? [] : [`${number(held)} bytes held a byte`]),
		...(figure.agree === false ? ['RESULTS DIFFER'] : []), ...(figure.ends === false ? ['NOT THE END'] : []),
	];
	const wanted = [...(rate === null ? [] : [`${rate} M/s`]), ...(least === null ? [] : [`${least}x`])].join(', ');
	return [name.padEnd(38), type.padEnd(12), number(c.rate).padStart(8), (js ? number(js.rate) : '').padStart(9),
		(times ? `${number(times)}x` : '').padStart(8), ` ${wanted.padEnd(14)}`, wanted ? reached ? 'ok   ' : 'SHORT' : '     ',
		notes.join('; ')].join(' ').trimEnd();
}

// What an insert costs in texts of all sizes, in C and in JavaScript.
function* sizes(figures) {
	const sized = figures.filter(({ bytes }) => bytes !== undefined);
	const all = [...new Set(sized.map(({ bytes }) => bytes))];
	const cell = (text) => String(text).padStart(12);
	if (all.length < 2) return;
	yield `\n${'µs an insert, in a text of bytes'.padEnd(32)}${all.map((n) => cell(n.toLocaleString('en'))).join('')}` +
		`${cell('last:first')}  wanted    ms of the first insert`;
	for (const who of ['c', 'js']) {
		for (const title of new Set(sized.map((figure) => `${figure.type}, ${figure.sized}`))) {
			const row = sized.filter((figure) => title === `${figure.type}, ${figure.sized}`);
			const costs = row.map((figure) => 1 / figure[who].rate);
			const ratio = costs.at(-1) / costs[0];
			const notes = who === 'js' ? '' :
				`  2x ${ratio <= 2 ? 'ok   ' : 'SHORT'}  ${row.map(({ c }) => number(c.first_ms)).join(' ')}`;
			yield `${`${who === 'js' ? 'JS ' : ''}${title}`.padEnd(32)}${costs.map((n) => cell(number(n))).join('')}` +
				`${cell(number(ratio))}${notes}`;
		}
	}
}

// ---- the command ----

const traceFiles = (named) => named.flatMap((name) => (fs.statSync(name).isDirectory() ?
	USUAL.map((file) => path.join(name, file)).filter((file) => fs.existsSync(file)) : [name]));

async function main() {
	const { values, positionals } = parseArgs({
		allowPositionals: true,
		options: {
			json: { type: 'boolean' }, runs: { type: 'string', default: '5' }, size: { type: 'string', default: '1' },
			only: { type: 'string', default: '' }, help: { type: 'boolean' },
		},
	});
	const runs = Number(values.runs);
	const size = Number(values.size);
	if (values.help || !(runs >= 1) || !(size > 0)) {
		process.stderr.write(USAGE);
		process.exit(values.help ? 0 : 2);
	}
	const files = traceFiles(positionals);
	if (positionals.length && !files.length) throw new Error(`${positionals.join(' ')} has none of ${USUAL.join(', ')}`);
	const traces = files.length ? files.map(readTrace) : [writeTrace(1, Math.max(200, Math.round(50000 * size)))];
	const words = values.only.split(/\s+/).filter(Boolean);
	const folder = temporaryFolder('bench');
	const figures = [];
	const load = os.loadavg()[0].toFixed(1);
	if (!values.json)
		console.log(`${os.cpus().length} x ${os.cpus()[0].model}, load ${load}, node ${process.version}, ` +
			`${path.relative(root, build) || '.'}; medians of ${runs} runs, M steps a second\n\n` +
			`${'workload'.padEnd(38)} ${'type'.padEnd(12)} ${'C'.padStart(8)} ${'JS'.padStart(9)} ${'C : JS'.padStart(8)}  wanted`);
	for (const work of workloads(traces, { size })) {
		const title = `${work.name} ${work.type}`;
		if (!words.every((word) => title.includes(word))) continue;
		const figure = await measure(work, { runs, folder });
		figures.push(figure);
		console.log(values.json ? JSON.stringify(figure) : line(figure));
	}
	if (!values.json) {
		for (const text of sizes(figures)) console.log(text);
		console.log(`\nload at the end ${os.loadavg()[0].toFixed(1)}`);
	}
	if (figures.some((figure) => figure.agree === false || figure.ends === false)) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
