// Compares ot-tool with the reference types on seeded cases; scripts/differential builds and starts this.
import os from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { UsageError, command, number, typesOf } from './arguments.mjs';
import { types } from './compare.mjs';
import { program } from '../lib/paths.mjs';

const USAGE = `usage: run.mjs [--n N] [--ext N] [--seeds S,S...] [--type T]... [--tool FILE] [--jobs N]
       run.mjs --type T --tier first|second --seeds S --first I --n N [--tool FILE]

--n	cases a type and seed of the functions that every type has
--ext	the same of those that only some have: cursors, normalize, makeInvertible...
--jobs	how many at a time; one a processor
--tier	of one tier only, from case --first on: so a difference is seen again

A line for each type, tier and seed, and the differences; ends with 1 if there are any.
`;
const CHUNK = 25_000;
const SHOWN = 20;

function read() {
	const { values } = parseArgs({
		options: {
			n: { type: 'string', default: '20000' }, ext: { type: 'string', default: '4000' }, seeds: { type: 'string', default: '1' },
			type: { type: 'string', multiple: true, default: Object.keys(types) }, tool: { type: 'string' },
			jobs: { type: 'string', default: String(os.availableParallelism()) }, tier: { type: 'string' },
			first: { type: 'string', default: '0' },
		},
	});
	if (values.tier && !['first', 'second'].includes(values.tier)) throw new UsageError(`no such tier: ${values.tier}; there are first, second`);
	const [n, ext, first, jobs] = ['n', 'ext', 'first', 'jobs'].map((name) => number(name, values[name]));
	const tiers = values.tier ? [{ tier: values.tier, n }] : [{ tier: 'first', n }, { tier: 'second', n: ext }];
	const runs = values.seeds.split(',').map((seed) => number('seeds', seed)).flatMap((seed) =>
		typesOf(values.type).flatMap((type) => tiers.filter((tier) => tier.n > 0).map((tier) => ({ type, seed, first, ...tier }))));
	if (!runs.length || jobs < 1) throw new UsageError('that is nothing to do');
	return { runs, jobs, file: values.tool ?? program('ot-tool') };
}

// Chunks of a run, each by the next worker that is free, until there are enough differences.
async function compare({ type, seed, tier, first, n }, workers, file) {
	const total = { cases: 0, classes: { core: 0, lenient: 0, taken: 0, error: 0, skip: 0 }, differences: [], ended: 'exit 0' };
	let next = first;
	await Promise.all(workers.map(async (worker) => {
		while (next < first + n && total.differences.length < SHOWN && total.ended === 'exit 0') {
			const from = next;
			next += CHUNK;
			const part = await worker.ask({ type, seed, tier, first: from, n: Math.min(CHUNK, first + n - from), file });
			total.cases += part.cases;
			for (const kind of Object.keys(total.classes)) total.classes[kind] += part.classes[kind];
			total.differences.push(...part.differences);
			if (part.ended !== 'exit 0') total.ended = part.ended;
		}
	}));
	total.differences.sort((a, b) => a.i - b.i);
	return total;
}

class Hand {
	constructor() {
		this.worker = new Worker(new URL('./worker.mjs', import.meta.url));
	}

	ask(task) {
		return new Promise((done, fail) => {
			this.worker.once('message', (answer) => {
				this.worker.off('error', fail);
				done(answer);
			});
			this.worker.once('error', fail);
			this.worker.postMessage(task);
		});
	}
}

async function main() {
	const { runs, jobs, file } = read();
	const workers = Array.from({ length: jobs }, () => new Hand());
	const all = { cases: 0, differences: 0 };
	let failed = false;
	for (const run of runs) {
		const began = Date.now();
		const { cases, classes, differences, ended } = await compare(run, workers, file);
		for (const { i, class: kind, why, line, result, answer } of differences.slice(0, SHOWN)) {
			console.log(`\ncase ${i} (${kind}): ${why}\n  asked    ${line}\n  expected ${JSON.stringify(result)}\n  got      ${answer}\n` +
				`  again    --type ${run.type} --tier ${run.tier} --seeds ${run.seed} --first ${i} --n 1`);
		}
		console.log(`${run.type} ${run.tier} tier, seed ${run.seed}: ${cases} cases, ${differences.length} differences ` +
			`(core ${classes.core}, lenient ${classes.lenient} of which taken ${classes.taken}, error ${classes.error}, ` +
			`skipped ${classes.skip}), ${((Date.now() - began) / 1000).toFixed(1)} s${ended === 'exit 0' ? '' : `; the tool ended: ${ended}`}`);
		all.cases += cases;
		all.differences += differences.length;
		if (differences.length || ended !== 'exit 0') failed = true;
	}
	console.log(`total: ${all.cases} cases, ${all.differences} differences`);
	for (const { worker } of workers) await worker.terminate();
	return failed ? 1 : 0;
}

await command(USAGE, main);
