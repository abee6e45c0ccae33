// Changes of text as editors make them, for every type that holds text.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import ottext from 'ot-text';
import { type as unicode } from 'ot-text-unicode';
import { SharedText, changesOf, fromUnicode, opOf, textDiff, toUnicode } from '../../clients/js/dist/text.js';
import { chance, place, room, words } from './rig.mjs';

const apply = (text, op) => (op.length ? ottext.type.apply(text, op) : text);
const broken = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

test('a difference is what leads from one text to the other, and cuts no character', () => {
	const dice = chance(1);
	for (let i = 0; i < 3000; i++) {
		const from = words(dice, 8), to = dice.below(4) ? edited(dice, from) : words(dice, 8);
		const op = textDiff(from, to, place(dice, to));
		assert.equal(apply(from, op), to);
		assert.doesNotMatch(op.filter((c) => typeof c === 'string').join(), broken);
		assert.deepEqual(opOf(changesOf(op), from), op);
		const points = toUnicode(op, from);
		assert.equal(points.length ? unicode.apply(from, unicode.normalize(points)) : from, to);
		assert.deepEqual(fromUnicode(points, from), op);
	}
});

function edited(dice, text) {
	const a = place(dice, text), b = place(dice, text);
	return text.slice(0, Math.min(a, b)) + words(dice, 3) + text.slice(Math.max(a, b));
}

test('a typed letter among equal ones is where the cursor is', () => {
	assert.deepEqual(textDiff('aaaa', 'aaaaa', 2), [1, 'a']);
	assert.deepEqual(textDiff('aaaa', 'aaa', 1), [1, { d: 1 }]);
});

test('what cuts a character in two writes it anew', () => {
	assert.deepEqual(opOf([{ from: 1, to: 2, insert: '' }], '😀'), ['\ud83d', { d: 2 }]);
});

const holders = {
	text: ['', 'text', []],
	'text-unicode': ['', 'text-unicode', []],
	json0: [{ body: '', other: 'x' }, 'json0', ['body']],
	json1: [{ deep: { body: '' } }, 'json1', ['deep', 'body']],
};

for (const [name, [data, type, path]] of Object.entries(holders))
	test(`${name}: three who write at once have one text, and each change fits`, async () => {
		const dice = chance(7);
		const { docs, settle, close } = await room(3, data, type);
		const texts = docs.map((doc) => new SharedText(doc, path));
		const followed = texts.map((shared) => shared.text);
		texts.forEach((shared, i) => shared.on('change', ({ op }) => {
			followed[i] = apply(followed[i], op);
			assert.equal(followed[i], shared.text);
		}));
		for (let round = 0; round < 60; round++) {
			for (const shared of texts) {
				if (dice.below(3) === 0) continue;
				const op = textDiff(shared.text, edited(dice, shared.text));
				void shared.submit(op, 'me');
			}
			if (dice.below(2)) await settle();
		}
		await settle();
		assert.equal(texts[1].text, texts[0].text);
		assert.equal(texts[2].text, texts[0].text);
		assert.deepEqual(followed, texts.map((shared) => shared.text));
		close();
	});
