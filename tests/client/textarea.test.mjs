// A textarea's binding with a pretend element: what it holds is the document.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bindTextarea } from '../../clients/js/dist/textarea.js';
import { SharedText } from '../../clients/js/dist/text.js';
import { UndoManager } from '../../clients/js/dist/undo.js';
import { Field } from './editors-pretend.mjs';
import { chance, place, room, words } from './rig.mjs';

for (const [data, type, path] of [['', 'text-unicode', []], ['', 'text', []], [{ a: [{ b: '' }] }, 'json0', ['a', 0, 'b']], [{ b: '' }, 'json1', ['b']]])
	test(`${type}: typing, composing and others at once`, async () => {
		for (let seed = 1; seed <= 6; seed++) {
			const dice = chance(seed);
			const { docs, settle, close } = await room(3, data, type);
			const fields = docs.slice(0, 2).map(() => new Field());
			const bindings = fields.map((field, i) => bindTextarea(field, docs[i], { path }));
			const other = new SharedText(docs[2], path);
			const composing = new Set();
			for (let i = 0; i < 80; i++) {
				const field = dice.pick(fields);
				const a = place(dice, field.value), b = place(dice, field.value);
				switch (dice.below(6)) {
				case 0:
					if (composing.delete(field)) field.tell('compositionend');
					else { composing.add(field); field.tell('compositionstart'); }
					break;
				case 1:
					void other.submit([...place(dice, other.text) ? [] : [], words(dice, 3) || '-'], 'program');
					break;
				case 2: await settle(); break;
				default: field.replace(Math.min(a, b), Math.max(a, b), words(dice, 3));
				}
			}
			for (const field of composing) field.tell('compositionend');
			await settle();
			assert.deepEqual(fields.map((field) => field.value), [other.text, other.text], `seed ${seed}`);
			for (const binding of bindings) binding.close();
			close();
		}
	});

test('the selection stays with the text that it is in', async () => {
	const { docs: [mine, theirs], settle, close } = await room(2, 'one two three', 'text-unicode');
	const field = new Field();
	const binding = bindTextarea(field, mine);
	field.setSelectionRange(4, 7, 'backward');
	void new SharedText(theirs).submit(['😀 '], 'you');
	await settle();
	assert.equal(field.value.slice(field.selectionStart, field.selectionEnd), 'two');
	assert.equal(field.selectionDirection, 'backward');
	binding.close();
	close();
});

test('while an input method composes, the element is left alone', async () => {
	const { docs: [mine, theirs], settle, close } = await room(2, 'ab', 'text-unicode');
	const field = new Field();
	bindTextarea(field, mine);
	field.tell('compositionstart');
	field.replace(1, 1, 'n');
	field.replace(1, 2, 'ni');
	void new SharedText(theirs).submit(['> '], 'you');
	await settle();
	assert.equal(field.value, 'anib');
	field.replace(1, 3, '你');
	field.setSelectionRange(2, 2);
	field.tell('compositionend');
	await settle();
	assert.equal(field.value, '> a你b');
	assert.equal(field.selectionStart, 4);
	assert.equal(theirs.data, '> a你b');
	close();
});

test('ends of lines that a textarea does not show stay in the document', async () => {
	const { docs: [mine, theirs], settle, close } = await room(2, 'one\r\ntwo\rthree\r\n', 'text-unicode');
	const field = new Field();
	const binding = bindTextarea(field, mine);
	assert.equal(field.value, 'one\ntwo\nthree\n');
	await settle();
	assert.equal(theirs.data, 'one\r\ntwo\rthree\r\n', 'to show it writes nothing');
	field.replace(4, 7, '2');
	await settle();
	assert.equal(theirs.data, 'one\r\n2\rthree\r\n');
	field.setSelectionRange(4, 5);
	void new SharedText(theirs).submit([3, { d: 2 }, 'X\r\n'], 'you');
	await settle();
	assert.equal(field.value, 'oneX\n2\nthree\n');
	assert.equal(field.value.slice(field.selectionStart, field.selectionEnd), '2');
	field.replace(4, 5, '');	// the end of a line, both of it
	await settle();
	assert.equal(theirs.data, 'oneX2\rthree\r\n');
	binding.close();
	close();
});

test('an input has one line; the others stay in the document', async () => {
	const { docs: [mine, theirs], settle, close } = await room(2, { title: 'one\ntwo' }, 'json0');
	const field = new Field('input');
	const binding = bindTextarea(field, mine, { path: ['title'] });
	assert.equal(field.value, 'onetwo');
	field.replace(6, 6, '!');
	field.replace(0, 1, 'O');
	await settle();
	assert.equal(theirs.data.title, 'One\ntwo!');
	binding.close();
	close();
});

test('what is longer than maxlength allows stays, and can be shortened', async () => {
	const { docs: [mine, theirs], settle, close } = await room(2, 'abc', 'text-unicode');
	const field = Object.assign(new Field(), { maxLength: 5 });
	const binding = bindTextarea(field, mine);
	void new SharedText(theirs).submit([3, 'defgh'], 'you');
	await settle();
	assert.equal(field.value, 'abcdefgh');
	field.replace(8, 8, 'i');
	field.replace(0, 2, '');
	await settle();
	assert.equal(theirs.data, 'cdefgh');
	binding.close();
	close();
});

test('the keys for undo take back what was typed here, and the cursor is where it was', async () => {
	const { docs: [mine, theirs], settle, close } = await room(2, 'ab', 'text-unicode');
	const field = new Field();
	const undo = new UndoManager(mine, { group: 0 });
	const binding = bindTextarea(field, mine, { undo });
	field.replace(1, 1, '😀');
	await settle();
	void new SharedText(theirs).submit(['> '], 'you');
	await settle();
	assert.ok(field.tell('keydown', { key: 'z', metaKey: true }).defaultPrevented);
	assert.deepEqual([field.value, field.selectionStart], ['> ab', 3]);
	assert.ok(field.tell('beforeinput', { inputType: 'historyRedo' }).defaultPrevented);
	assert.equal(field.value, '> a😀b');
	assert.ok(!field.tell('keydown', { key: 'z' }).defaultPrevented);
	binding.close();
	close();
});

test('nothing can be written while the document is deleted, and it goes on when it is there again', async () => {
	const { docs: [mine, theirs], settle, close } = await room(2, 'abc', 'text-unicode');
	const field = new Field();
	const binding = bindTextarea(field, mine);
	await theirs.delete();
	field.value = 'xabc';		// by a program, that does not ask
	field.tell('input');
	await settle();
	assert.deepEqual([field.value, field.readOnly], ['', true]);
	await theirs.create('anew', 'text');
	await settle();
	assert.deepEqual([field.value, field.readOnly], ['anew', false]);
	field.replace(4, 4, '!');
	await settle();
	assert.equal(theirs.data, 'anew!');
	binding.close();
	close();
});

test('a text in a list is followed, until its item is removed', async () => {
	const { docs: [mine, theirs], settle, close } = await room(2, ['a', 'b'], 'json0');
	const field = new Field();
	const binding = bindTextarea(field, mine, { path: [1] });
	await theirs.submit([{ p: [0], li: 'new' }]);
	await theirs.submit([{ p: [2], lm: 0 }]);
	await settle();
	field.replace(1, 1, '!');
	await settle();
	assert.deepEqual(theirs.data, ['b!', 'new', 'a']);
	await theirs.submit([{ p: [0], ld: 'b!' }]);
	await settle();
	assert.deepEqual([field.value, field.readOnly], ['', true]);
	binding.close();
	close();
});
