// A textarea's binding with a pretend element: what it holds is the document.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bindTextarea } from '../../clients/js/dist/textarea.js';
import { SharedText } from '../../clients/js/dist/text.js';
import { chance, place, room, words } from './rig.mjs';

// What a binding needs of a textarea; typing and input methods as browsers tell of them.
class Field extends EventTarget {
	value = '';
	selectionStart = 0;
	selectionEnd = 0;
	selectionDirection = 'none';
	scrollTop = 0;
	ownerDocument = { activeElement: this };
	setSelectionRange(start, end, direction) { Object.assign(this, { selectionStart: start, selectionEnd: end, selectionDirection: direction }); }
	tell(name) { this.dispatchEvent(new Event(name)); }
	replace(from, to, insert) {
		this.value = this.value.slice(0, from) + insert + this.value.slice(to);
		this.selectionStart = this.selectionEnd = from + insert.length;
		this.tell('input');
	}
}

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
				default: field.replace(Math.min(a, b), Math.min(Math.max(a, b), Math.min(a, b) + 4), words(dice, 3));
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
	field.value = 'a你b';
	field.setSelectionRange(2, 2);
	field.tell('compositionend');
	await settle();
	assert.equal(field.value, '> a你b');
	assert.equal(field.selectionStart, 4);
	assert.equal(theirs.data, '> a你b');
	close();
});
