// The edits that bring a version back, and going through versions, without a
// browser: from random contents to others.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Chance } from '../interop/random.mjs';
import { build, root, temporaryFolder } from '../lib/paths.mjs';

const require = createRequire(import.meta.url);
const json0 = require('ot-json0').type;
const unicode = require('ot-text-unicode').type;
const { Delta, type: richText } = require('rich-text');

// What the build has left: esbuild, and the packages that the studio imports.
const work = path.join(build, 'demo-page.tmp');
const PIECES = ['a', 'b', 'line\n', '\n', 'é', '💡', '🧑‍🚀', 'the quick brown ', 'fox'];
const words = (chance, most) => Array.from({ length: chance.below(most) }, () => chance.one(PIECES)).join('');

/** What it was before, with some changes. */
function changed(chance, text) {
	const units = [...text];
	for (let n = chance.below(4); n >= 0; n--)
		units.splice(chance.below(units.length + 1), chance.below(4), ...words(chance, 3));
	return units.join('');
}

describe('restoring', () => {
	let restoringOp, Replay, textChanges;

	before(async () => {
		const { build: bundle } = createRequire(path.join(work, 'package.json'))('esbuild');
		const out = path.join(temporaryFolder('restore'), 'restore.mjs');
		const src = path.join(root, 'clients/js/demo/src/history');
		await bundle({
			stdin: { contents: ['restore', 'replay', 'textDiff'].map((name) => `export * from './${name}.ts';`).join('\n'), resolveDir: src },
			alias: { 'otd-client/text': path.join(root, 'clients/js/src/text/index.ts'), react: path.join(work, 'node_modules/react') },
			nodePaths: [path.join(work, 'node_modules')], bundle: true, format: 'esm', platform: 'node', outfile: out, logLevel: 'error',
			banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
		});
		({ restoringOp, Replay, textChanges } = await import(pathToFileURL(out)));
		assert.ok(fs.existsSync(out));
	});

	test('a text', () => {
		const chance = new Chance('restore text');
		for (let i = 0; i < 3000; i++) {
			const now = words(chance, 20);
			const then = chance.often(0.2) ? words(chance, 20) : changed(chance, now);
			const op = restoringOp(unicode.uri, now, then);
			assert.equal(op === null ? now : unicode.apply(now, op), then);
			assert.equal(op === null, now === then);
		}
	});

	test('a long text: by lines, in time, and no more than differs', () => {
		const chance = new Chance('restore long');
		const lines = Array.from({ length: 20_000 }, (_, i) => `line ${i} ${words(chance, 4).replaceAll('\n', ' ')}\n`);
		const now = lines.join('');
		for (let n = 0; n < 200; n++) lines.splice(chance.below(lines.length), chance.below(3), `new ${n} 💡\n`);
		const then = lines.join('');
		const changes = textChanges(now, then);
		assert.ok(changes.length > 100 && changes.length < 1000, `${changes.length} changes`);
		assert.equal(unicode.apply(now, restoringOp(unicode.uri, now, then)), then);
		// Where all differs it is replaced.
		const other = Array.from({ length: 60_000 }, (_, i) => `${i * 7}\n`).join('');
		assert.equal(unicode.apply(now, restoringOp(unicode.uri, now, other)), other);
	});

	test('cursors stay where nothing differs', () => {
		const op = restoringOp(unicode.uri, 'one two three', 'one 2 three');
		assert.equal(unicode.transformPosition(8, op), 6);		// before "three"
		assert.deepEqual(restoringOp(json0.uri, { a: 'one two', b: 1 }, { a: 'one 2', b: 1 }),
			[{ p: ['a', 4], sd: 'two' }, { p: ['a', 4], si: '2' }]);
	});

	test('JSON: fields, lists whose lines come, go and move', () => {
		const chance = new Chance('restore json');
		const value = (deep) => chance.one([() => words(chance, 4), () => chance.below(3), () => null, () => chance.often(0.5),
			...(deep > 0 ? [() => object(deep), () => Array.from({ length: chance.below(5) }, () => value(deep - 1)), () => list()] : [])])();
		const object = (deep) => Object.fromEntries(Array.from({ length: chance.below(4) }, () => [chance.one(['a', 'b', 'c', 'd']), value(deep - 1)]));
		const list = () => ['p', 'q', 'r', 's', 't', 'u'].filter(() => chance.often(0.7)).sort(() => chance.below(3) - 1)
			.map((id) => ({ id, text: words(chance, 3), done: chance.often(0.5) }));
		for (let i = 0; i < 5000; i++) {
			const [now, then] = [object(3), object(3)];
			const op = restoringOp(json0.uri, now, then);
			assert.deepEqual(op === null ? now : json0.apply(structuredClone(now), structuredClone(op)), then);
		}
	});

	test('a line that has moved is moved back, and not made anew', () => {
		const line = (id) => ({ id, text: id });
		const plan = (...ids) => ({ items: ids.map(line) });
		assert.deepEqual(restoringOp(json0.uri, plan('a', 'b', 'c', 'd'), plan('d', 'a', 'b', 'c')), [{ p: ['items', 3], lm: 0 }]);
		assert.deepEqual(restoringOp(json0.uri, plan('a', 'b', 'c', 'd'), plan('b', 'c', 'd', 'a')), [{ p: ['items', 0], lm: 3 }]);
	});

	test('a rich text, with its formats', () => {
		const chance = new Chance('restore rich');
		const content = () => [...Array.from({ length: chance.below(5) }, () => ({ insert: words(chance, 4) || 'x',
			...(chance.often(0.5) ? { attributes: { bold: true, header: chance.below(3) } } : {}) })), { insert: '\n' }];
		for (let i = 0; i < 1000; i++) {
			const [now, then] = [content(), content()].map((ops) => ops.reduce((delta, op) => delta.push(op), new Delta()));
			const op = restoringOp(richText.uri, now, then.ops);
			assert.deepEqual(op === null ? now.ops : richText.apply(now, op).ops, then.ops);
		}
	});

	test('versions: one request at a time, the last one wanted is shown', async () => {
		const asked = [];
		const answers = [];
		const replay = new Replay((v) => new Promise((resolve, reject) => { asked.push(v); answers.push({ resolve, reject }); }), 100);
		const settle = () => new Promise((done) => setImmediate(done));
		const answer = async () => { answers.shift().resolve({ v: asked.at(-1), type: 't', data: `at ${asked.at(-1)}` }); await settle(); };
		for (let v = 99; v > 0; v--) replay.seek(v);
		assert.deepEqual(asked, [100]);
		assert.equal(replay.state.get().isLoading, true);
		await answer();
		assert.deepEqual(asked, [100, 1]);
		await answer();
		assert.deepEqual(replay.state.get(), { wanted: 1, shown: { v: 1, type: 't', data: 'at 1' }, isLoading: false, error: null });
		// What was shown is known.
		replay.seek(100);
		await settle();
		assert.deepEqual([asked.length, replay.state.get().shown.v, replay.state.get().isLoading], [2, 100, false]);
		// What cannot be had is told, and the next goes on.
		replay.seek(50);
		answers.shift().reject(new Error('away'));
		await settle();
		assert.equal(replay.state.get().error.message, 'away');
		replay.seek(51);
		await answer();
		assert.deepEqual([replay.state.get().error, replay.state.get().shown.v], [null, 51]);
	});
});
