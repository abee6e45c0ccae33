// The same comparison while memory fails now and then: each answer is right, or an error; and with
// sanitizers nothing leaks.
import test from 'node:test';
import assert from 'node:assert/strict';
import { judge, makeOne, types } from './compare.mjs';
import { Tool } from './tool.mjs';
import { program } from '../lib/paths.mjs';

const CASES = 3000;

for (const type of Object.keys(types)) {
	test(`${type}: ${CASES} cases while memory fails now and then`, async () => {
		const tool = new Tool(program('tests/ot/starved_tool'));
		const cases = Array.from({ length: CASES }, (_, i) => makeOne(type, 40, i));
		const answers = await tool.ask(cases.map((one) => one.line));
		assert.equal(await tool.close(), 'exit 0');
		assert.equal(answers.length, CASES);
		let right = 0;
		let hungry = 0;
		cases.forEach((one, i) => {
			if (/^\{"error":".*(memory|could not)/.test(answers[i])) {
				hungry++;
				return;
			}
			assert.equal(judge(one, answers[i]), null, `${one.line}\n${answers[i]}`);
			right++;
		});
		assert.ok(right > CASES / 4 && hungry > CASES / 50, `${right} right, ${hungry} out of memory`);
	});
}
