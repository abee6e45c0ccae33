// Quill's binding, with a pretend Quill on real Deltas: two type, format and
// embed in it, as users and by its API, while programs write, all at random.
// When it is quiet everybody has one content; who undoes everything takes back
// what they wrote, and nothing else.  Seeds count from OTD_TEST_SEED.
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import Delta from 'quill-delta';
import { bindQuill } from '../../clients/js/dist/quill.js';
import { UndoManager } from '../../clients/js/dist/undo.js';
import { chance, room } from './rig.mjs';

const SEED = Number(process.env.OTD_TEST_SEED || 1);

/** Content that ends with a line, a selection, and who changed it. */
class Quill extends EventEmitter {
	content = new Delta().insert('\n');
	range = null;
	isOn = true;
	history = { options: { userOnly: false }, clear() { this.isClear = true; } };

	getModule(name) { return name === 'history' ? this.history : undefined; }
	getContents() { return new Delta(this.content.ops); }
	getLength() { return this.content.length(); }
	getSelection() { return this.range; }
	setSelection(index, length) { this.range = { index, length }; }
	isEnabled() { return this.isOn; }
	enable(is = true) { this.isOn = is; }
	setContents(delta, source) {
		const all = new Delta(delta.ops);
		if (!this.#endsWithLine(all)) all.insert('\n');
		return this.updateContents(this.content.diff(all), source);
	}
	updateContents(given, source) {
		const change = new Delta(given.ops ?? given);
		const old = this.content;
		const content = old.compose(change);
		if (!this.#endsWithLine(content)) content.insert('\n');
		this.content = content;
		if (this.range) {
			const [start, end] = [this.range.index, this.range.index + this.range.length].map((at) => change.transformPosition(at, source !== 'user'));
			this.range = { index: start, length: end - start };
		}
		if (change.ops.length && source !== 'silent') this.emit('text-change', change, old, source);
		return change;
	}
	#endsWithLine({ ops }) { return typeof ops.at(-1)?.insert === 'string' && ops.at(-1).insert.endsWith('\n'); }
}

const lettersOf = ({ ops }) => new Set(ops.flatMap(({ insert }) => (typeof insert === 'string' ? [...insert].filter((c) => c >= '\u4e00') : [])));
const plain = ({ ops }) => ops;

test('typing, formats, embeds and others at once', async () => {
	for (let seed = SEED; seed < SEED + 12; seed++) {
		const dice = chance(seed * 7919);
		let n = 0;
		const { docs, settle, close } = await room(3, [{ insert: '\n' }], 'rich-text');
		const quills = docs.slice(0, 2).map(() => new Quill());
		const bindings = quills.map((quill, i) => bindQuill(quill, docs[i], { person: false }));
		const undo = new UndoManager(docs[0], { group: 0, limit: 10_000 });
		const composing = new Set();
		const mine = new Set(), written = new Set(), removed = new Set();
		const boundary = (content, at) => {
			let before = 0;
			for (const { insert } of content.ops) {
				const size = insert.length ?? 1;
				if (at < before + size) return typeof insert === 'string' && /[\udc00-\udfff]/.test(insert[at - before]) ? at - 1 : at;
				before += size;
			}
			return before;
		};
		const change = (content, who) => {
			const length = content.length() - 1;
			const at = boundary(content, dice.below(length + 1));
			const to = Math.max(at, boundary(content, Math.min(length, at + dice.below(4))));
			const delta = new Delta().retain(at);
			const letter = String.fromCodePoint((dice.below(2) ? 0x4e00 : 0x20000) + n++);
			switch (dice.below(5)) {
			case 0: return delta.insert({ image: `${n}` });
			case 1: return to > at ? delta.retain(to - at, { bold: dice.pick([true, null]) }) : null;
			case 2:
				if (to === at) return null;
				if (who) for (const c of lettersOf(content.slice(at, to))) removed.add(c);
				return delta.delete(to - at);
			default:
				(who ? written : mine).add(letter);
				return delta.insert(`${letter}${dice.pick(['', '\u0301', '\n', '\u200d'])}`, dice.below(3) ? {} : { italic: true });
			}
		};
		const same = (what) => {
			for (const [i, quill] of quills.entries())
				if (!composing.has(quill)) assert.deepEqual(plain(quill.getContents()), plain(docs[2].data), `seed ${seed}, ${what}: ${i}`);
		};
		for (let step = 0; step < 100; step++) {
			const i = dice.below(2), quill = quills[i];
			switch (dice.below(8)) {
			case 0: {
				const op = change(new Delta(docs[2].data), 2);
				if (op) void docs[2].submit(op, 'program');
				break;
			}
			case 1:
				if (composing.delete(quill)) quill.emit('composition-end');
				else { composing.add(quill); quill.emit('composition-before-start'); }
				break;
			case 2: {
				const before = quills.map(({ content }) => content);
				await settle();
				same(`step ${step}`);
				for (const [j, one] of quills.entries()) if (composing.has(one)) assert.equal(one.content, before[j]);
				break;
			}
			case 3: await new Promise((done) => setImmediate(done)); break;
			default: {
				const op = change(quill.content, i);
				if (op) quill.updateContents(op, dice.pick(['user', 'api']));
			}
			}
		}
		for (const quill of composing) quill.emit('composition-end');
		composing.clear();
		await settle();
		same('at the end');
		while (undo.canUndo) await undo.undo();
		await settle();
		same('undone');
		const left = lettersOf(docs[2].data);
		for (const c of mine) assert.ok(!left.has(c), `seed ${seed}: what was undone is gone`);
		for (const c of written) if (!removed.has(c)) assert.ok(left.has(c), `seed ${seed}: what others wrote is left`);
		for (const one of [...bindings, undo]) one.close();
		assert.equal(quills[0].eventNames().length, 0);
		close();
	}
});

test('a selection has in it what it had; its undo is of the user alone', async () => {
	const { docs: [mine, theirs], settle, close } = await room(2, [{ insert: 'one two three\n' }], 'rich-text');
	const quill = new Quill();
	const binding = bindQuill(quill, mine, { person: false });
	assert.ok(quill.history.options.userOnly && quill.history.isClear);
	quill.range = { index: 4, length: 3 };
	void theirs.submit(new Delta().retain(4).insert('x').retain(3).insert('y'), 'you');
	await settle();
	assert.deepEqual(quill.range, { index: 5, length: 3 });
	quill.range = { index: 5, length: 0 };
	void theirs.submit(new Delta().retain(5).insert('z'), 'you');
	await settle();
	assert.deepEqual(quill.range, { index: 5, length: 0 });
	binding.close();
	close();
});

test('a document without a line at its end gets one with the first edit, and not before', async () => {
	const { docs: [mine, theirs], settle, close } = await room(2, [{ insert: 'one' }], 'rich-text');
	const quill = new Quill();
	const binding = bindQuill(quill, mine, { person: false });
	await settle();
	assert.deepEqual(theirs.data.ops, [{ insert: 'one' }]);
	quill.updateContents(new Delta().retain(3).insert('!'), 'user');
	await settle();
	assert.deepEqual(theirs.data.ops, [{ insert: 'one!\n' }]);
	binding.close();
	close();
});

test('nothing can be written while the document is deleted, and it goes on when it is there again', async () => {
	const { docs: [mine, theirs], settle, close } = await room(2, [{ insert: 'abc\n' }], 'rich-text');
	const quill = new Quill();
	const binding = bindQuill(quill, mine, { person: false });
	await theirs.delete();
	quill.updateContents(new Delta().insert('x'), 'api');
	await settle();
	assert.deepEqual([quill.content.ops, quill.isOn], [[{ insert: '\n' }], false]);
	await theirs.create([{ insert: 'anew\n' }], 'rich-text');
	await settle();
	assert.deepEqual([quill.content.ops, quill.isOn], [[{ insert: 'anew\n' }], true]);
	binding.close();
	close();
});
