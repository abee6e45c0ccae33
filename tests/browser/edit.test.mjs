// The demo page's edits: from what a text was and is to an op, and cursors.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import unicode from 'ot-text-unicode';
import { build } from '../lib/paths.mjs';
import { Chance } from '../interop/random.mjs';

// The copy that the build bundled, beside the packages that it imports.
const { diff, moveCursor, wellFormed } = await import(path.join(build, 'demo-page.tmp/edit.js'));
const { type } = unicode;

const LETTERS = ['a', 'a', 'b', '\n', 'é', '💡', '🧑‍🚀'];
const word = (chance, most) => Array.from({ length: chance.below(most) }, () => chance.one(LETTERS)).join('');

test('an op leads from one text to the other', () => {
	const chance = new Chance('diff');
	for (let i = 0; i < 5000; i++) {
		const before = word(chance, 12);
		const after = chance.often(0.2) ? word(chance, 12) :
			before.slice(0, chance.below(4)) + word(chance, 4) + before.slice(chance.below(6));
		const [from, to] = [wellFormed(before), wellFormed(after)];
		assert.equal(type.apply(from, diff(from, to, chance.below(to.length + 1))), to);
	}
});

test('what is typed is put where the cursor was', () => {
	assert.deepEqual(diff('aaa', 'aaaa', 1), ['a']);
	assert.deepEqual(diff('aaa', 'aaaa', 2), [1, 'a']);
	assert.deepEqual(diff('aaa', 'aaaa', 4), [3, 'a']);
	assert.deepEqual(diff('x💡y', 'x💡💡y', 5), [2, '💡']);
	assert.deepEqual(diff('same', 'same', 2), []);
	assert.deepEqual(diff('', 'x', 1), ['x']);
	assert.deepEqual(diff('one two', 'one', 3), [3, { d: ' two' }]);
});

test('a cursor keeps its place in the text', () => {
	assert.equal(moveCursor('ab', 'a💡b', 2, [1, '💡']), 4);
	assert.equal(moveCursor('a💡b', 'ab', 4, [1, { d: '💡' }]), 2);
	assert.equal(moveCursor('ab', 'abx', 1, [2, 'x']), 1);
});

test('half a surrogate pair does not get in', () => {
	assert.equal(wellFormed('a\ud83d'), 'a\ufffd');
	assert.equal(wellFormed('\udca1b💡'), '\ufffdb💡');
});
