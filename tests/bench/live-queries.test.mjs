// bench/live-queries does what it says; and what it is there to hold, held at a small size.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { spawnSync } from 'node:child_process';
import { build, root } from '../lib/paths.mjs';

const run = (...args) => spawnSync(process.execPath, [path.join(root, 'bench/live-queries.mjs'), ...args],
	{ encoding: 'utf8', env: { ...process.env, OTD_BUILD: build } });

test('subscribers of one shape do not reach the database', () => {
	const { stdout, stderr, status } = run('--json', '--subscribers', '400', '--connections', '8', '--rate', '50',
		'--seconds', '1', '--documents', '20');
	// 1 is its verdict on questions a second, which the clock decides here.
	assert.ok(status === 0 || status === 1, stderr + stdout);
	const figures = stdout.trim().split('\n').map((line) => JSON.parse(line));
	assert.deepEqual(figures.map(({ shape }) => shape), ['matching', 'sorted, cut', 'counted']);
	for (const figure of figures) {
		assert.equal(figure.subscribers, 400);
		assert.ok(figure.commits_per_s > 0 && figure.messages_per_s > 0, JSON.stringify(figure));
	}
	// Decided from the changed documents, in both processes; windows are asked for.
	assert.deepEqual(Object.values(figures[0].others).filter((calls) => calls > 5), []);
	assert.ok(Object.values(figures[1].others).some((calls) => calls > 1), JSON.stringify(figures[1]));
});

test('what cannot be asked is said', () => {
	const { stderr, status } = run('--rate', '0');
	assert.notEqual(status, 0);
	assert.match(stderr, /--rate wants a whole number/);
	assert.match(run('--help').stdout, /--subscribers/);
});
