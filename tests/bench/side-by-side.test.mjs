// scripts/bench does what it says, whatever time it takes: its generators, its limits, its report.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import * as Y from '../../bench/peers/node_modules/yjs/dist/yjs.mjs';
import * as yjs from '../../bench/peers/yjs.mjs';
import { behind, judge, report } from '../../bench/report.mjs';
import { Results, median } from '../../bench/side-by-side/figures.mjs';
import { Limits } from '../../bench/side-by-side/limits.mjs';
import { chosen, rows } from '../../bench/side-by-side/scenarios.mjs';
import { systems } from '../../bench/side-by-side/systems.mjs';
import { otd } from '../lib/otd.mjs';
import { program, root, temporaryFolder } from '../lib/paths.mjs';
import { Postgres } from '../lib/postgres.mjs';
import { Program, run } from '../lib/process.mjs';

test('updates that are written by hand are what Yjs understands, and the other way round', () => {
	const doc = new Y.Doc();
	const bodies = [[7, 0], [9, 0], [7, 4], [7, 8], [9, 4]].map(([client, clock]) => {
		const { document, type, step, body } = yjs.read(yjs.insert('d', client, clock, 'abcd'));
		assert.deepEqual([document, type, step], ['d', yjs.SYNC, yjs.UPDATE]);
		return body;
	});
	for (const body of bodies) Y.applyUpdate(doc, body);
	assert.equal(doc.getText('text').toString().length, 20);
	for (const update of [Y.encodeStateAsUpdate(doc), Y.mergeUpdates(bodies)]) {
		const of = { 7: 0, 9: 0 };
		yjs.eachRun(update, (client, clock, length) => { of[client] += length; });
		assert.deepEqual(of, { 7: 12, 9: 8 });
	}
	doc.getText('text').delete(0, 2);
	assert.throws(() => yjs.eachRun(Y.encodeStateAsUpdate(doc), () => {}), /kind/);
});

test('every row names systems, figures and plots that are there, once', () => {
	assert.equal(new Set(rows.map((row) => row.name)).size, rows.length);
	for (const row of rows) for (const system of row.systems) assert.ok(systems[system], `${row.name}: ${system}`);
	assert.deepEqual(chosen(['s6', 's1-10']).map((row) => row.name), ['s1-10', 's6']);
	assert.equal(chosen([]).length, rows.length);
	assert.ok(chosen([], { quick: true }).length < rows.length);
	assert.deepEqual(chosen(['s4', 's4-10000'], { quick: true }).map((row) => row.name), ['s4-1000', 's4-10000']);
	assert.throws(() => chosen(['s99']), /no scenario s99/);
});

test('a short run of otd and ShareDB, on one process and on two, and its report', async () => {
	const folder = temporaryFolder('bench'), out = path.join(folder, 'run.jsonl');
	const bench = new Program(process.execPath, [path.join(root, 'bench/side-by-side/main.mjs'), '--quick', '--seconds', '0.5', '--no-limits',
		'--only', 'otd', '--only', 'sharedb', '--out', out, 's1-10', 's6']);
	const exit = await bench.ended;
	assert.equal(exit.code, 0, bench.said());
	const lines = fs.readFileSync(out, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
	const runs = lines.filter((line) => line.kind === 'run');
	assert.deepEqual(runs.map(({ row, system, ok }) => [row, system, ok]),
		[['s1-10', 'otd', true], ['s1-10', 'sharedb', true], ['s6', 'otd', true], ['s6', 'sharedb', true]]);
	for (const { figures: f } of runs) {
		assert.deepEqual([f.verify.done, f.verify.faults], [true, 0]);
		assert.ok(f.ops > 0 && f.wal_bytes > 0 && f.statements > 0, 'the database counts between the marks');
		assert.ok(f.processes.server1 && f.processes.postgres.processes > 1 && f.processes.redis);
	}
	assert.equal(Object.keys(runs[2].figures.processes).filter((name) => name.startsWith('server')).length, 2);
	report(lines, folder);
	const text = fs.readFileSync(path.join(folder, 'BENCHMARKS.md'), 'utf8');
	for (const row of chosen(['s1-10', 's6'])) assert.ok(text.includes(row.title), row.title);
});

test('the limits: commits of every shape are checked, messages come back', async () => {
	const pg = await Postgres.start();
	try {
		const url = await pg.database();
		assert.equal((await otd(['migrate', 'up', '--store', url])).code, 0);
		for (const shape of ['many', 'hot', 'pipeline']) {
			const figure = JSON.parse(await run(program('bench/limits/limit_commit'), [url, shape, '10', '2', '1']));
			assert.ok(figure.ops_per_s > 0 && figure.p99_ms >= figure.p50_ms);
			// What it says it committed is there.
			const [[n]] = await pg.sql(`SELECT count(*) FROM otd.operation WHERE kind = 0`, path.basename(new URL(url).pathname));
			assert.ok(Number(n) >= Math.floor(figure.ops_per_s * figure.seconds));
		}
		await assert.rejects(run(program('bench/limits/limit_commit'), [pg.url(), 'many', '1', '1', '1']), /otd/);
	} finally {
		await pg.stop();
	}
	const echo = JSON.parse(await run(program('bench/limits/limit_socket'), ['echo', '4', '1']));
	assert.ok(echo.messages_per_s > 0 && echo.server_cpu_us > 0);
	const broadcast = JSON.parse(await run(program('bench/limits/limit_socket'), ['broadcast', '20', '1', '50']));
	assert.ok(broadcast.messages_per_s > 0.5 * 20 * 50 && broadcast.messages_per_s <= 1.1 * 20 * 50);
});

// Lines as scripts/bench writes them, with figures that are known.
const line = (row, system, n, figures, more = {}) => ({ kind: 'run', row, system, run: n, ok: true, figures, spin_ms: [50, 51],
	noise: { load_1: 1, ticks: 100, steal: 0 }, ...more });
const s1 = (ops, p50) => ({ ops_per_second: ops, ops, seconds: 1, ack_ms: { p50, p99: 2 * p50 }, verify: { done: true, faults: 0 } });
const recorded = [
	{ kind: 'head', at: '2026-01-01T00:00:00Z', machine: { processor: 'P', processors: 2, memory_gb: 1, kernel: 'k', node: 'v', system: 's' },
		postgres: '15', settings: ['fsync = on'], runs: 3, seconds: 1, warmup: 1 },
	{ kind: 'limit', figures: { limit: 'commit', shape: 'many', batch: 1, connections: 1, ops_per_s: 1000, p50_ms: 1 } },
	{ kind: 'limit', figures: { limit: 'commit', shape: 'many', batch: 10, connections: 2, ops_per_s: 9000, p50_ms: 2 } },
	{ kind: 'limit', figures: { limit: 'commit', shape: 'hot', batch: 10, connections: 1, ops_per_s: 20000, p50_ms: 2 } },
	{ kind: 'limit', figures: { limit: 'commit', shape: 'many', batch: 100, connections: 2, ops_per_s: 50000, p50_ms: 5 } },
	{ kind: 'limit', figures: { limit: 'echo', connections: 10, rate: 0, messages_per_s: 90000, p50_ms: 0.1 } },
	...[4000, 6000, 5000].map((ops, i) => line('s1-10', 'otd', i + 1, s1(ops, 2))),
	...[900, 1000, 1100].map((ops, i) => line('s1-10', 'sharedb', i + 1, s1(ops, 9))),
	line('s1-10', 'otd-memory', 1, s1(8000, 4)),
	line('s1-10', 'hocuspocus', 1, s1(7000, 3)),
	line('s1-10', 'sharedb-memory', 1, { ...s1(99_999, 0.1), verify: { done: true, faults: 1 } }, { ok: false, why: 'an op | is lost' }),
];

test('the report: medians, targets, who is ahead, limits; nothing of runs that lost something', () => {
	const results = new Results(recorded), row = rows.find(({ name }) => name === 's1-10');
	assert.equal(median([3, 1, undefined, 2]), 2);
	assert.equal(results.get('s1-10', 'otd', 'ops'), 5000);
	assert.deepEqual(judge(results, row, ['ops', '>=', 5]), { figure: 'ops', target: 'at least 5x', value: 5000, theirs: 1000, ratio: 5, met: true });
	assert.equal(judge(results, row, ['ops', '>=', 5.1]).met, false);
	assert.equal(judge(results, row, ['delivery50', '<=', 1]), null);
	const who = (pairs) => behind(results, pairs).map(([{ name }, us, peer, figure]) => [name, us, peer, figure]);
	assert.deepEqual(who(), [['s1-10', 'otd-memory', 'hocuspocus', 'ack50'], ['s1-10', 'otd-memory', 'hocuspocus', 'ack99']]);
	assert.deepEqual(who([['otd', 'sharedb'], ['otd', 'hocuspocus']]), [['s1-10', 'otd', 'hocuspocus', 'ops']]);
	assert.equal(new Limits(results.limits).of(row).rate, 9000);

	const folder = temporaryFolder('report');
	report(recorded, folder);
	const text = fs.readFileSync(path.join(folder, 'BENCHMARKS.md'), 'utf8');
	assert.match(text, /S1, 10 connections \| ops\/s \| 5,000 \| 1,000 \| 5x \| at least 5x \| yes/);
	const [alike, less] = text.split('\n## ').filter((part) => /^Where otd /.test(part));
	assert.match(alike, /S1, 10 connections \| otd in memory \| Hocuspocus 4 \| ack p50, ms \| 4 \| 3 \| 1\.3x/);
	assert.match(less, /S1, 10 connections \| otd \| Hocuspocus 4 \| ops\/s \| 5,000 \| 7,000 \| 0\.71x/);
	assert.match(text, /commits of 10, 2 connections \(many\) \| 9,000 \| 55\.6%/);
	assert.match(text, /ShareDB 7 in memory \| 1 \| an op \/ is lost/);
	assert.ok(!text.includes('99,999') && !text.includes('NaN') && !text.includes('undefined'));
	assert.throws(() => report(recorded.slice(1), folder), /no head/);
});

test('a plot has a point for each figure, and none outside', () => {
	const { plots } = report([...recorded, ...[1, 50].map((n) => line(`s1-${n}`, 'otd', 1, s1(1000 * n, 1)))], temporaryFolder('plot'));
	const { svg } = plots.find(({ name }) => name === 'connections');
	const points = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => [Number(x), Number(y)]);
	assert.equal(points.length, 3);
	for (const [x, y] of points) assert.ok(x >= 0 && x <= 760 && y >= 0 && y <= 420);
	assert.ok(points[0][0] < points[1][0] && points[0][1] > points[2][1], 'more is further right, and higher');
});
