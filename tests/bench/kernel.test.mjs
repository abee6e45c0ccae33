// bench/kernel does what it says, whatever time it takes.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { test } from 'node:test';
import { spawnSync } from 'node:child_process';
import { agree, measure, median } from '../../bench/kernel.mjs';
import { readTrace, textTypes, workloads, writeTrace } from '../../bench/workloads.mjs';
import { program, root, temporaryFolder } from '../lib/paths.mjs';

const folder = temporaryFolder('bench-test');
const small = { size: 0.003, seed: 7 };

test('every workload comes to the same in C and in JavaScript', async () => {
	const trace = writeTrace(7, 200);
	const verbs = new Set();
	const all = [...workloads([trace], small)];
	const [least, most] = [Math.min, Math.max].map((of) => of(...all.map(({ bytes }) => bytes).filter(Boolean)));
	for (const work of all.filter(({ bytes }) => [undefined, least, most].includes(bytes))) {
		const figure = await measure({ ...work, limit_ms: 60000 }, { runs: 1, folder });
		const what = `${work.name}, ${work.type}`;
		verbs.add(work.verb);
		assert.equal(figure.agree, work.alone ? undefined : true, what);
		assert.equal(figure.ends, work.end === undefined ? undefined : true, what);
		assert.ok(figure.c.steps > 0 && figure.c.rate > 0, what);
		if (!work.alone) assert.equal(figure.js.steps, figure.c.steps, what);
	}
	assert.deepEqual([...verbs].sort(), ['apply', 'carry', 'compose', 'next', 'parse', 'transform', 'undoable']);
});

test('every type that holds text is asked, at every size', () => {
	const all = [...workloads([writeTrace(1, 50)], small)];
	for (const type of Object.keys(textTypes))
		for (const sized of new Set(all.map((work) => work.sized).filter(Boolean)))
			assert.equal(all.filter((work) => work.type === type && work.sized === sized).length, 4);
});

test('another result is noticed', async () => {
	const liar = path.join(folder, 'liar');
	fs.writeFileSync(liar, `#!/bin/sh
"${program('bench/bench_kernel')}" "$@" | sed -u 's/^"\\(.*\\)"$/"\\1!"/'
`, { mode: 0o755 });
	const [work] = workloads([writeTrace(7, 60)], small);
	assert.equal(work.type, 'text');
	const figure = await measure(work, { runs: 1, folder, file: liar });
	assert.equal(figure.agree, false);
	assert.equal(figure.ends, false);
	assert.equal(agree([{ ops: [{ insert: 'a' }] }], [[{ insert: 'a' }]]), true);
	assert.equal(agree([{ ops: [{ insert: 'a' }] }], [[{ insert: 'b' }]]), false);
});

test('an op that does not fit ends it', async () => {
	const [work] = workloads([writeTrace(7, 60)], small);
	await assert.rejects(measure({ ...work, ops: () => [[5, 'x']] }, { runs: 1, folder }), /ended|failed/);
});

test('a trace leads to its end or is refused', () => {
	const file = path.join(folder, 'trace.json.gz');
	const write = (endContent) => fs.writeFileSync(file, zlib.gzipSync(JSON.stringify({
		startContent: 'ab', endContent, txns: [{ patches: [[1, 1, 'cd'], [0, 0, 'x']] }, { patches: [] }],
	})));
	write('xacd');
	assert.deepEqual(readTrace(file), {
		name: 'trace', start: 'ab', end: 'xacd', edits: [{ pos: 1, cut: 'b', ins: 'cd' }, { pos: 0, cut: '', ins: 'x' }],
	});
	write('xab');
	assert.throws(() => readTrace(file), /do not lead/);
});

test('the command prints a line of JSON a figure, or a table', () => {
	program('bench/bench_kernel');
	const run = (...args) => spawnSync(process.execPath, [path.join(root, 'bench/kernel.mjs'), '--size', '0.003',
		'--runs', '1', ...args], { encoding: 'utf8' });
	const lines = run('--json', '--only', 'replay made-up');
	assert.equal(lines.status, 0, lines.stderr);
	const figures = lines.stdout.trim().split('\n').map((line) => JSON.parse(line));
	assert.deepEqual(figures.map(({ type }) => type), Object.keys(textTypes));
	assert.ok(figures.every(({ agree: same, times, wanted }) => same && times > 0 && wanted.length === 2));
	const table = run('--only', 'random text-unicode');
	assert.match(table.stdout, /^insert at random, 100,000 characters +text-unicode .*x +5 M\/s, 735x/m);
	assert.match(table.stdout, /^text-unicode, at random /m);
	assert.match(table.stdout, /^JS text-unicode, at random /m);
	assert.equal(run('--runs', 'none').status, 2);
});

test('the median is the one in the middle', () => {
	assert.equal(median([3, 1, 2]), 2);
	assert.equal(median([10, 9, 100, 1, 11]), 10);
});
