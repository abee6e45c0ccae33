// A short run of the comparison for every type; run.mjs makes long ones.
import test from 'node:test';
import assert from 'node:assert/strict';
import { equal, judge, makeOne, run, types } from './compare.mjs';
import { program } from '../lib/paths.mjs';

const CASES = 5000;
const seed = Number(process.env.OTD_TEST_SEED || 20);

for (const type of Object.keys(types)) {
	test(`${type}: ${CASES} cases equal the reference, seed ${seed}`, async () => {
		const { cases, classes, differences, ended } = await run({ type, n: CASES, seed, file: program('ot-tool') });
		assert.deepEqual(differences.map(({ i, why, line, result, answer }) => ({ i, why, line, result, answer })), []);
		assert.equal(ended, 'exit 0');
		assert.equal(cases, CASES);
		assert.ok(classes.core > CASES * 0.8, `only ${classes.core} core cases`);
		assert.ok(classes.error > 0 && classes.lenient > 0);
	});
}

test('the comparison notices wrong answers', () => {
	const core = { class: 'core', result: [{ p: [0], li: 1 }] };
	assert.equal(judge(core, '{"ok":[{"li":1,"p":[0]}]}'), null);
	assert.equal(judge(core, '{"ok":[{"li":2,"p":[0]}]}'), 'another result');
	assert.equal(judge(core, '{"ok":[]}'), 'another result');
	assert.equal(judge(core, '{"error":"no"}'), 'should be taken');
	assert.equal(judge({ class: 'error' }, '{"ok":[]}'), 'should be refused');
	assert.equal(judge({ class: 'error' }, '{"error":""}'), 'should be refused');
	assert.equal(judge({ class: 'lenient', result: 1 }, '{"ok":2}'), 'another result');
	assert.equal(judge({ class: 'lenient', result: 1 }, '{"error":"no"}'), null);
	assert.equal(judge({ class: 'core', result: undefined }, '{"ok":null,"undef":true}'), null);
	assert.equal(judge({ class: 'core', result: undefined }, '{"ok":null}'), 'another result');
	assert.equal(judge(core, 'not json'), 'no JSON');
	assert.ok(!equal({ a: 1 }, { b: 1 }) && !equal([], {}) && equal(0, -0) && !equal(null, {}));
});

test('a case depends on type, seed and number alone', () => {
	for (const type of Object.keys(types)) {
		assert.equal(makeOne(type, 5, 17).line, makeOne(type, 5, 17).line);
		assert.notEqual(makeOne(type, 5, 17).line, makeOne(type, 5, 18).line);
	}
});
