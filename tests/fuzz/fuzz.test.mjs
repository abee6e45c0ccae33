// Every target over its corpus; scripts/fuzz looks for more.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { execFileSync, spawnSync } from 'node:child_process';
import { program, root } from '../lib/paths.mjs';

const corpus = path.join(root, 'tests/fuzz/corpus');
const run = (target, ...inputs) => spawnSync(program(`tests/fuzz/fuzz_${target}`), inputs, { encoding: 'utf8' });
const targets = execFileSync(path.join(root, 'scripts/fuzz'), ['--list'], { encoding: 'utf8' }).trim().split('\n');

test('every target has a corpus and a dictionary, and there are no others', () => {
	assert.ok(targets.length > 10);
	assert.deepEqual(fs.readdirSync(corpus).filter((name) => name !== 'README.md').sort(), [...targets].sort());
	assert.deepEqual(fs.readdirSync(path.join(root, 'tests/fuzz/dictionaries')).filter((name) => name !== 'README.md').sort(),
		targets.map((target) => `${target}.dict`).sort());
});

for (const target of targets) {
	test(`${target} takes its corpus`, () => {
		const inputs = fs.readdirSync(path.join(corpus, target));
		const { status, signal, stdout, stderr } = run(target, path.join(corpus, target));
		assert.equal(status, 0, `${signal ?? status}\n${stderr.slice(-2000)}`);
		assert.equal(stdout, `${inputs.length} inputs\n`);
		assert.ok(inputs.length > 5);
	});
}

test('an input that cannot be read is not passed over', () => {
	const { status, stderr } = run('json', path.join(corpus, 'json/none'));
	assert.equal(status, 1);
	assert.match(stderr, /could not open/);
});

test('scripts/fuzz refuses what it cannot do', () => {
	const fuzz = (...args) => spawnSync(path.join(root, 'scripts/fuzz'), args, { encoding: 'utf8' });
	for (const [args, why] of [[[], /usage/], [['json'], /usage/], [['nope', '1'], /no target nope/], [['all', 'long'], /no number of seconds/]]) {
		const { status, stderr } = fuzz(...args);
		assert.equal(status, 1);
		assert.match(stderr, why);
	}
});
