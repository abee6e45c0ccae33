// Undo takes back what was changed here, and only that, whatever others write.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Delta from 'quill-delta';
import { SharedText } from '../../clients/js/dist/text.js';
import { UndoManager } from '../../clients/js/dist/undo.js';
import { chance, place, room } from './rig.mjs';

const ONE = { group: 0 };

test('what others wrote stays, and redo brings back what was undone', async () => {
	const { docs: [mine, theirs], settle, close } = await room(2, 'one two three', 'text-unicode');
	const undo = new UndoManager(mine, ONE);
	const a = new SharedText(mine), b = new SharedText(theirs);
	void a.submit([4, 'ONE '], 'me');
	await settle();
	void b.submit(['> '], 'you');
	void b.submit([b.text.length, ' <'], 'you');
	await settle();
	void a.submit([2, { d: 3 }], 'me');
	assert.equal(a.text, '>  ONE two three <');
	await undo.undo();
	assert.equal(a.text, '> one ONE two three <');
	await undo.undo();
	assert.equal(a.text, '> one two three <');
	assert.equal(undo.canUndo, false);
	await undo.undo();
	await undo.redo();
	await undo.redo();
	assert.equal(a.text, '>  ONE two three <');
	await settle();
	assert.equal(b.text, a.text);
	close();
});

test('changes in quick succession are one step; stop begins another', async () => {
	const { docs: [doc], close } = await room(1, '', 'text');
	const undo = new UndoManager(doc, { group: 10_000 });
	const shared = new SharedText(doc);
	for (const letter of 'abc') void shared.submit([...shared.text ? [shared.text.length] : [], letter], 'me');
	undo.stop();
	for (const letter of 'def') void shared.submit([shared.text.length, letter], 'me');
	await undo.undo();
	assert.equal(shared.text, 'abc');
	await undo.undo();
	assert.equal(shared.text, '');
	await undo.redo();
	assert.equal(shared.text, 'abc');
	close();
});

test('only what it tracks is undone', async () => {
	const { docs: [doc], close } = await room(1, '', 'text');
	const undo = new UndoManager(doc, { ...ONE, tracks: (source) => source === 'mine' });
	const shared = new SharedText(doc);
	void shared.submit(['abc'], 'mine');
	void shared.submit([1, 'X'], 'a program');
	await undo.undo();
	assert.equal(shared.text, 'X');
	assert.equal(undo.canUndo, false);
	close();
});

// Each writes between marks of its own, so that whose text it is can be seen.
const holders = {
	text: ['', 'text', []],
	'text-unicode': ['', 'text-unicode', []],
	json0: [{ body: '' }, 'json0', ['body']],
	json1: [{ body: '' }, 'json1', ['body']],
};

for (const [name, [data, type, path]] of Object.entries(holders))
	test(`${name}: when one undoes everything, what the other wrote is left, and nothing else`, async () => {
		for (let seed = 1; seed <= 8; seed++) {
			const dice = chance(seed);
			const { docs, settle, close } = await room(2, data, type);
			const undo = new UndoManager(docs[0], { group: 0, limit: 1000 });
			const [a, b] = docs.map((doc) => new SharedText(doc, path));
			let written = 0;
			for (let i = 0; i < 40; i++) {
				if (dice.below(3)) {
					// Mine: inserts of x, and deletes of what is mine.
					const at = place(dice, a.text);
					const run = /^x+/.exec(a.text.slice(at))?.[0].length ?? 0;
					void a.submit(run && dice.below(2) ? [...at ? [at] : [], { d: run }] :
						[...at ? [at] : [], 'x'.repeat(1 + dice.below(3))], 'me');
				} else {
					const at = place(dice, b.text);
					void b.submit([...at ? [at] : [], 'O😀'], 'you');
					written++;
				}
				if (dice.below(4) === 0) await settle();
				if (dice.below(9) === 0) await undo.undo();
				if (dice.below(9) === 0) await undo.redo();
			}
			await settle();
			while (undo.canUndo) await undo.undo();
			await settle();
			assert.equal(a.text.replaceAll('O', '').replaceAll('😀', ''), '', `seed ${seed}`);
			assert.equal([...a.text.matchAll(/O/g)].length, written);
			assert.equal(b.text, a.text);
			close();
		}
	});

test('rich-text: formats and embeds come back', async () => {
	const { docs: [mine, theirs], settle, close } = await room(2, [{ insert: 'hello\n' }], 'rich-text');
	const undo = new UndoManager(mine, ONE);
	void mine.submit(new Delta().retain(5, { bold: true }), 'me');
	void mine.submit(new Delta().retain(5).insert({ image: 'x' }), 'me');
	await settle();
	void theirs.submit(new Delta().insert('well, '), 'you');
	await settle();
	await undo.undo();
	assert.deepEqual(mine.data.ops ?? mine.data, [{ insert: 'well, ' }, { insert: 'hello', attributes: { bold: true } }, { insert: '\n' }]);
	await undo.undo();
	await settle();
	assert.deepEqual(theirs.data.ops ?? theirs.data, [{ insert: 'well, hello\n' }]);
	close();
});

test('json0: lists and members', async () => {
	const { docs: [mine, theirs], settle, close } = await room(2, { list: ['a', 'b'], n: 1 }, 'json0');
	const undo = new UndoManager(mine, ONE);
	void mine.submit([{ p: ['list', 1], ld: 'b' }], 'me');
	void mine.submit([{ p: ['n'], na: 4 }], 'me');
	await settle();
	void theirs.submit([{ p: ['list', 0], li: 'z' }, { p: ['n'], na: 1 }], 'you');
	await settle();
	await undo.undo();
	await undo.undo();
	await settle();
	assert.deepEqual(theirs.data, { list: ['z', 'a', 'b'], n: 2 });
	close();
});
