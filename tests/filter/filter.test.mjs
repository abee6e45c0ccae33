// Filters in memory, in SQLite, in PostgreSQL and in mingo say the same; a
// part of what run.mjs does at length.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { program, temporaryFolder } from '../lib/paths.mjs';
import { Postgres } from '../lib/postgres.mjs';
import { Tool } from '../differential/tool.mjs';
import { compare } from './compare.mjs';
import { exceptionOf, exceptions, matcher, stored } from './mingo.mjs';
import { regex } from './regex.mjs';

const tool = () => program('filter-tool');
let postgres;

before(async () => { postgres = await Postgres.start({ settings: ['fsync = off'] }); });
after(() => postgres.stop());

const asked = async (questions) => {
	const one = new Tool(tool(), ['memory']);
	const answers = (await one.ask(questions.map((q) => JSON.stringify(q)))).map((answer) => JSON.parse(answer));
	assert.equal(await one.close(), 'exit 0');
	return answers;
};

test('memory, SQLite, PostgreSQL and mingo agree about random filters', { timeout: 300_000 }, async () => {
	const found = await compare(tool(), {
		seed: 20, to: 50,
		answerers: {
			memory: ['memory'],
			sqlite: [`sqlite:${path.join(temporaryFolder('filter'), 'otd.db')}`],
			postgresql: [await postgres.database()],
		},
	});
	assert.deepEqual(found.differences, []);
	assert.equal(found.cases, 2500);
	assert.equal(found.refused, 0);
	// What is compared must be worth it, and every exception must be met.
	assert.ok(found.nonempty > 800, `${found.nonempty} answers are not empty`);
	assert.ok(found.exact > 150, `${found.exact} cases are compared whole`);
	assert.ok(found.pairs > 40_000, `${found.pairs} pairs are compared`);
	assert.deepEqual(Object.keys(exceptions).filter((name) => !found.exceptions[name]), []);
});

for (const [name, { example: [filter, content, matches] }] of Object.entries(exceptions)) {
	test(`mingo is not MongoDB: ${name}`, async () => {
		const doc = stored('x', content);
		assert.equal(exceptionOf(filter, doc), name);
		assert.equal(matcher(filter)(doc), !matches, 'mingo says so no longer');
		const [, answer] = await asked([{ docs: { x: content } }, { q: filter }]);
		assert.deepEqual(answer.ids, matches ? ['x'] : []);
	});
}

test('regular expressions match what they match in JavaScript', async () => {
	const cases = Array.from({ length: 3000 }, (_, i) => regex(4, i));
	const answers = await asked(cases.flatMap(({ source, options, texts }) => [
		{ docs: Object.fromEntries(texts.map((text, i) => [`t${String(i).padStart(2, '0')}`, text])) },
		{ q: { _data: { $regex: source, $options: options } } },
	]));
	let matched = 0;
	cases.forEach(({ source, options, texts, matches }, i) => {
		const { ids, error } = answers[2 * i + 1];
		const ours = texts.map((_, k) => ids?.includes(`t${String(k).padStart(2, '0')}`));
		assert.deepEqual(ours, matches, `/${source}/${options} ${error ?? ''} ${JSON.stringify(texts)}`);
		matched += matches.filter(Boolean).length;
	});
	assert.ok(matched > 5000 && matched < 30_000, `${matched} of 36000 match`);
});
