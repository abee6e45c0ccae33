// The comparison fails when it should: with a tool that answers wrongly now and then, with programs that are no tool.
import test from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { makeOne, run, types } from './compare.mjs';
import { isLie } from './liar.mjs';

const CASES = 2000;
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const liar = here('liar.mjs');

for (const type of Object.keys(types)) {
	for (const tier of ['first', 'second']) {
		test(`${type}, ${tier} tier: every wrong answer is found, and nothing else`, async () => {
			const { differences, cases } = await run({ type, n: CASES, seed: 3, tier, file: liar, most: CASES });
			const all = Array.from({ length: CASES }, (_, i) => makeOne(type, 3, i, tier));
			// One that may be refused is no difference when it is.
			const wrong = all.filter((one) => isLie(one.line) && one.class !== 'skip' && one.class !== 'lenient');
			assert.equal(cases, CASES);
			assert.ok(wrong.length > 3);
			const found = new Set(differences.map(({ i }) => i));
			assert.deepEqual(wrong.filter(({ i }) => !found.has(i)).map(({ line }) => line), []);
			assert.deepEqual(differences.filter(({ line }) => !isLie(line)), []);
		});
	}
}

const command = (...args) => spawnSync(process.execPath, [here('run.mjs'), ...args], { encoding: 'utf8' });

test('the command ends with 1, and says how to see a difference again', () => {
	const long = command('--type', 'json0', '--n', '1000', '--ext', '0', '--seeds', '3,4', '--jobs', '1', '--tool', liar);
	assert.equal(long.status, 1);
	assert.match(long.stdout, /^total: 2000 cases, [1-9]\d* differences$/m);
	const again = /^ {2}again {4}(.*)$/m.exec(long.stdout)[1];
	const one = command(...again.split(' '), '--tool', liar);
	assert.equal(one.status, 1);
	assert.match(one.stdout, /^total: 1 cases, 1 differences$/m);
	assert.equal(one.stdout.split('\n')[2], long.stdout.split('\n')[2]);
	const sound = command(...again.split(' '));
	assert.equal(sound.status, 0, sound.stdout);
});

test('programs that are no tool', async () => {
	for (const file of ['cat', 'true', 'false', 'otd-no-such-program']) {
		const { differences } = await run({ type: 'text', n: 100, seed: 1, file });
		assert.ok(differences.length > 0, file);
	}
	assert.equal(command('--type', 'text', '--n', '10', '--ext', '0', '--tool', 'false').status, 1);
});

test('a command that cannot be is refused', () => {
	for (const args of [['--type', 'nope'], ['--n', 'x'], ['--seeds', ''], ['--what'], ['--tier', 'third'], ['--n', '0', '--ext', '0']]) {
		const { status, stderr } = command(...args);
		assert.equal(status, 2, args.join(' '));
		assert.match(stderr, /usage/);
	}
});
