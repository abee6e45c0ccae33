// bench/long-history does what it says, whatever time it takes.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { spawnSync } from 'node:child_process';
import { build, root } from '../lib/paths.mjs';

const run = (...args) => spawnSync(process.execPath, [path.join(root, 'bench/long-history.mjs'), ...args],
	{ encoding: 'utf8', env: { ...process.env, OTD_BUILD: build } });

test('versions and times of a long history are right, and are timed', () => {
	const { stdout, stderr, status } = run('--json', '--ops', '3500', '--asked', '20', '--keep-every', '100');
	assert.equal(status, 0, stderr + stdout);
	const figures = JSON.parse(stdout);
	assert.equal(figures.ops, 3500);
	for (const ms of [figures.first_ms, figures.longest_turn_ms, figures.version.p50, figures.time.p99]) assert.ok(ms > 0);
});

test('what cannot be measured is said', () => {
	const { stderr, status } = run('--ops', '1');
	assert.notEqual(status, 0);
	assert.match(stderr, /--ops wants a whole number over 1/);
	assert.match(run('--help').stdout, /--keep-every/);
});
