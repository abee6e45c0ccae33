// Patches by the published cases of others; diffs beside the packages that people know.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { execFileSync } from 'node:child_process';
import fastDiff from 'fast-diff';
import Delta from 'quill-delta';
import { type as json0 } from 'ot-json0';
import { type as json1 } from 'ot-json1';
import { type as unicode } from 'ot-text-unicode';
import { program } from '../lib/paths.mjs';

const require = createRequire(import.meta.url);
json1.registerSubtype(unicode);

const ask = (requests) => execFileSync(program('tests/ot/edit_tool'), {
	input: requests.map((request) => `${JSON.stringify(request)}\n`).join(''), maxBuffer: 1 << 28,
}).toString().trim().split('\n').map((line) => JSON.parse(line));

test('the cases of json-patch-test-suite', () => {
	// A case without a test in it, or one that its authors switched off, says nothing.
	const cases = [...require('json-patch-test-suite/tests.json'), ...require('json-patch-test-suite/spec_tests.json')]
		.filter((one) => !one.disabled && ('expected' in one || 'error' in one));
	assert.ok(cases.length > 80);
	const answers = ask(cases.map(({ doc, patch }) => ['patch', doc, patch]));
	cases.forEach(({ comment, doc, patch, expected, error }, i) => {
		const what = `${comment ?? error}: ${JSON.stringify(doc)} ${JSON.stringify(patch)}`;
		if (error !== undefined) assert.ok(answers[i].refused, `${what}: ${JSON.stringify(answers[i])}`);
		else assert.deepEqual(answers[i], { out: expected }, what);
	});
});

// splitmix32; the seed can be given.
let seed = Number(process.env.TEST_SEED ?? 5);
function below(n) {
	seed = (seed + 0x9e3779b9) | 0;
	let z = seed;
	z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
	z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
	return ((z ^ (z >>> 15)) >>> 0) % n;
}
const WORDS = 'the quick brown fox jumps over a lazy dog and so it goes on 😀 with émigrés,\n in 1984.'.split(' ');
const prose = (n) => Array.from({ length: n }, () => WORDS[below(WORDS.length)]).join(' ');
function edited(text) {
	let letters = [...text];
	for (let n = 1 + below(5); n > 0; n--) {
		const at = below(letters.length + 1);
		letters.splice(at, below(8), ...[...prose(below(3))]);
	}
	return letters.join('');
}
const pairs = (n) => Array.from({ length: n }, () => { const from = prose(below(120)); return [from, edited(from)]; });

test(`text: edits are no longer than those that fast-diff leads to (TEST_SEED=${seed})`, () => {
	const all = pairs(600);
	const points = (text) => [...text].length;
	let ours = 0, theirs = 0;
	ask(all.map(([from, to]) => ['diff', 'text-unicode', from, to])).forEach((answer, i) => {
		const [from, to] = all[i];
		const op = answer.out ?? [];
		assert.equal(unicode.apply(from, op), to);
		const parts = fastDiff(from, to).map(([kind, text]) => (kind === 1 ? text : kind === 0 ? points(text) : { d: points(text) }));
		ours += JSON.stringify(op).length;
		theirs += JSON.stringify(unicode.normalize(parts)).length;
	});
	assert.ok(ours <= theirs, `${ours} bytes, ${theirs} by fast-diff`);
	assert.ok(theirs > 10_000);
});

test('rich-text: as quill-delta, in no more ops', () => {
	const attributes = [undefined, { bold: true }, { italic: true }, { bold: true, link: 'x' }];
	const made = () => new Delta(Array.from({ length: below(8) }, () => ({
		insert: below(5) === 0 ? { image: below(3) } : prose(1 + below(4)),
		...(below(2) && { attributes: attributes[1 + below(3)] }),
	})));
	const changed = (delta) => delta.ops.reduce((to, { insert, attributes: its }) => {
		if (below(6) === 0) return to;
		return to.insert(typeof insert === 'string' && below(4) === 0 ? edited(insert) || 'x' : insert,
			below(4) === 0 ? attributes[below(4)] : its);
	}, new Delta());
	const all = Array.from({ length: 600 }, () => {
		const from = made().reduce((to, op) => to.push(op), new Delta());
		return [from, changed(from)];
	});
	let ours = 0, theirs = 0;
	ask(all.map(([from, to]) => ['diff', 'rich-text', from, to])).forEach((answer, i) => {
		const [from, to] = all[i];
		const op = new Delta(answer.out ?? []);
		const normal = (delta) => delta.reduce((out, one) => out.push(one), new Delta()).ops;
		assert.deepEqual(normal(from.compose(op)), normal(to));
		ours += op.ops.length;
		theirs += from.diff(to).ops.length;
	});
	assert.ok(ours <= theirs, `${ours} ops, ${theirs} by quill-delta`);
	assert.ok(theirs > 500);
});

test('json0 and json1: the packages take the edits, and end where they should', () => {
	const value = (depth) => [() => below(5), () => prose(below(6)), () => null,
		() => Array.from({ length: below(6) }, () => value(depth - 1)),
		() => Object.fromEntries(Array.from({ length: below(5) }, (_, i) => [`k${i + below(2)}`, value(depth - 1)]))][depth > 0 ? below(5) : below(3)]();
	const all = Array.from({ length: 600 }, () => [value(4), value(4)]).flatMap(([a, b]) => [[a, b], [[a, b, 1], [b, a]], [{ a }, { a, b }]]);
	for (const [name, apply] of [['json0', (doc, op) => json0.apply(doc, op)], ['json1', (doc, op) => json1.apply(doc, op)]])
		ask(all.map(([from, to]) => ['diff', name, from, to])).forEach((answer, i) => {
			const [from, to] = all[i];
			assert.deepEqual(answer.none ? from : apply(structuredClone(from), answer.out), to, JSON.stringify([from, to, answer]));
		});
});

test('a JSON Patch ends as the op that it means', () => {
	const [added, moved, replaced] = ask([
		['diff', 'json0', [1, 2, 3], ask([['patch', [1, 2, 3], [{ op: 'add', path: '/1', value: 9 }]]])[0].out],
		['diff', 'json1', [['a'], ['b'], ['c']], ask([['patch', [['a'], ['b'], ['c']], [{ op: 'move', from: '/2', path: '/0' }]]])[0].out],
		['diff', 'json0', { a: { b: 'open' } }, ask([['patch', { a: { b: 'open' } }, [{ op: 'replace', path: '/a/b', value: 'done' }]]])[0].out],
	]);
	assert.deepEqual(added.out, [{ p: [1], li: 9 }]);
	assert.deepEqual(moved.out, [[0, { d: 0 }], [2, { p: 0 }]]);
	assert.deepEqual(replaced.out, [{ p: ['a', 'b'], od: 'open', oi: 'done' }]);
});
