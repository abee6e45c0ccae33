// docs/LIMITS.md, the settings, the metrics, the errors and the tests agree.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { root } from '../lib/paths.mjs';
import { read } from './source.mjs';

const rows = [...read('docs/LIMITS.md').matchAll(/^\| `--([a-z-]+)` \|(.*)\|$/gm)].map(([, name, rest]) => {
	const [value, , beyond, metric, held] = rest.split('|').map((cell) => cell.trim());
	return { name, value, beyond, metric, held };
});
const settings = new Map([...read('server/run/config.def').matchAll(/^SETTING\((\w+), \w+, \d+, \d+,\s*"([^"]*)"/gm)]
	.map(([, name, value]) => [name.replaceAll('_', '-'), value]));

// A setting of such a name bounds something.
const BOUNDS = /^max-|-rate$|^(header|request|idle|close|drain|query)-timeout$|^hot-memory$|^window-ops$/;

test('every limit has its row, once, and every row is a setting with that default', () => {
	assert.ok(rows.length > 25);
	assert.deepEqual(rows.map(({ name }) => name).filter((name, i, all) => all.indexOf(name) !== i), []);
	const named = new Set(rows.map(({ name }) => name));
	assert.deepEqual([...settings.keys()].filter((name) => BOUNDS.test(name) && !named.has(name)), [], 'docs/LIMITS.md wants a row for these');
	assert.deepEqual(rows.map(({ name, value }) => [name, value]), rows.map(({ name }) => [name, settings.get(name)]));
});

test('what a row names is there: the error, the metric, the test that speaks of it', () => {
	const errors = read('server/base/err.def'), metrics = read('server/run/metrics.def');
	for (const { name, beyond, metric, held } of rows) {
		for (const [code] of beyond.matchAll(/ERR_\w+/g)) assert.ok(errors.includes(`"${code}"`), `${name}: ${code}`);
		assert.match(metric, /^`otd_\w+`$/, name);
		assert.ok(metrics.includes(`"${metric.slice(1, -1)}"`), `${name}: ${metric}`);
		const [, file, word] = /^`([^`]+)` \(([^)]+)\)$/.exec(held) ?? assert.fail(`${name}: which test, and a word of it`);
		assert.ok(fs.existsSync(path.join(root, 'tests', file)), `${name}: tests/${file}`);
		assert.ok(read(`tests/${file}`).includes(word), `${name}: tests/${file} does not speak of ${word}`);
	}
});
