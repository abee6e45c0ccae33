// What bench_kernel.c does, done by the JavaScript packages: the same
// arguments, the same lines in and out.  A fourth argument limits a run's
// milliseconds: where a package's cost grows with the document it would not
// come to an end.
//
//	node bench/reference.mjs VERB TYPE FILE [LIMIT_MS]
import fs from 'node:fs';
import readline from 'node:readline';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../tests/package.json', import.meta.url));
const RUN = 100;

const types = {
	text: () => require('ot-text').type,
	'text-unicode': () => require('ot-text-unicode').type,
	text0: () => require('ot-json0/lib/text0'),
	json0: () => require('ot-json0').type,
	'rich-text': () => require('rich-text').type,
	json1: () => {
		const { type } = require('ot-json1');
		return { ...type, transform: type.transformNoConflict };
	},
};

const [verb, name, file, limit = Infinity] = process.argv.slice(2);
const type = types[name]();
const [start, ...lines] = fs.readFileSync(file, 'utf8').trimEnd().split('\n');
const ops = lines.map((line) => JSON.parse(line));

// On a busy machine the wall's clock counts what others do, and the
// processor's counts what node's helper threads do; the smaller is the truer.
class Clock {
	start() {
		this.wall = performance.now();
		this.cpu = process.cpuUsage();
	}

	get ms() {
		const { user, system } = process.cpuUsage(this.cpu);
		return Math.min(performance.now() - this.wall, (user + system) / 1000);
	}
}

let limited = true;

// Call step(i) for i from 0, at most n times; how many times.  The clock is
// looked at after 1, 2, 4 ... 512 steps and then after every 512.
function walk(clock, n, step) {
	let done = 0;
	for (let next = 1; done < n; next += Math.min(next, 512)) {
		for (const end = Math.min(next, n); done < end; done++) step(done);
		if (limited && clock.ms > limit) break;
	}
	return done;
}

// Each takes the clock, the most steps, and a list for what comes of it.
const verbs = {
	parse: (clock, steps) => {
		clock.start();
		return [walk(clock, Math.min(steps, lines.length), (i) => { ops[i] = JSON.parse(lines[i]); })];
	},
	apply: (clock, steps) => {
		let doc = JSON.parse(start);
		clock.start();
		const done = walk(clock, Math.min(steps, ops.length), (i) => { doc = type.apply(doc, ops[i]); });
		return [done, doc];
	},
	next: (clock, steps) => {
		let doc = type.apply(JSON.parse(start), ops[0]);
		clock.start();
		const done = walk(clock, Math.min(steps, ops.length - 1), (i) => { doc = type.apply(doc, ops[i + 1]); });
		return [done, doc];
	},
	transform: (clock, steps, shown) => {
		clock.start();
		return [walk(clock, Math.min(steps, ops.length - 1), (i) => {
			const out = type.transform(ops[i], ops[i + 1], 'left');
			shown?.push(out);
		}), shown];
	},
	carry: (clock, steps, shown) => {
		const others = ops.length - 1;
		let carried = null;
		clock.start();
		const done = walk(clock, steps, (i) => {
			const k = i % others;
			if (k === 0 && i > 0) shown?.push(carried);
			carried = type.transform(k === 0 ? ops[0] : carried, ops[k + 1], 'left');
		});
		if (done) shown?.push(carried);
		return [done, shown];
	},
	compose: (clock, steps, shown) => {
		const runs = Math.floor(ops.length / RUN);
		let all = null;
		clock.start();
		const done = walk(clock, Math.min(steps, runs * (RUN - 1)), (i) => {
			const first = Math.floor(i / (RUN - 1)) * RUN;
			const k = i % (RUN - 1);
			if (k === 0 && i > 0) shown?.push(all);
			all = type.compose(k === 0 ? ops[first] : all, ops[first + k + 1]);
		});
		if (done) shown?.push(all);
		return [done, shown];
	},
};

for await (const line of readline.createInterface({ input: process.stdin })) {
	const [, show, steps] = /^(show )?(\d+)$/.exec(line);
	const clock = new Clock();
	limited = !show;
	const [done, came] = verbs[verb](clock, Number(steps), show ? [] : undefined);
	const { ms } = clock;
	process.stdout.write(`${JSON.stringify(show ? came ?? [] : { steps: done, ms })}\n`);
}
