// Each binding of a text, with a pretend editor, each type that holds text:
// two type in editors and two are programs, all at once and at random.  When it
// is quiet, everybody has one text; a selection has in it what it had; and who
// undoes everything takes back what they wrote, and nothing else.
//
// Seeds count from OTD_TEST_SEED.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SharedText } from '../../clients/js/dist/text.js';
import { editors } from './editors-pretend.mjs';
import { chance, place, room } from './rig.mjs';

const SEED = Number(process.env.OTD_TEST_SEED || 1);
const RUNS = Number(process.env.OTD_TEST_RUNS || 4);
const STEPS = 120;

// Where the text is; moved: what a program does around it.
const holders = {
	text: { data: '', path: [] },
	'text-unicode': { data: '', path: [] },
	text0: { data: '', path: [] },
	json0: {
		data: { list: ['x', { body: '' }] }, path: ['list', 1, 'body'],
		around: ({ below }, { list }) => {
			const at = list.findIndex((one) => one.body !== undefined);
			switch (below(3)) {
			case 0: return [{ p: ['list', 0], li: 'n' }];
			case 1: return at > 0 ? [{ p: ['list', 0], ld: list[0] }] : [{ p: ['list', at + 1], li: 'm' }];
			default: return [{ p: ['list', at], lm: below(list.length) }];
			}
		},
	},
	json1: {
		data: { list: ['x', { body: '' }] }, path: ['list', 1, 'body'],
		around: ({ below }, { list }) => (list[0].body === undefined && below(2) ? ['list', 0, { r: true }] : ['list', 0, { i: 'n' }]),
	},
};

// Text of which each piece comes once, so that whose it is can be told: of one
// unit, of two, with a mark that combines, joined; ends of lines among it.
function writer(dice) {
	let n = 0;
	const kinds = [
		() => String.fromCodePoint(0x4e00 + n), () => String.fromCodePoint(0x20000 + n), () => `${String.fromCodePoint(0x4e00 + n)}\u0301`,
		() => `${String.fromCodePoint(0x20000 + n)}\u200d`, () => '\n', () => ' ',
	];
	return (most) => Array.from({ length: dice.below(most + 1) }, () => { n++; return dice.pick(kinds)(); }).join('');
}
const own = (text) => new Set([...text].filter((c) => c >= '\u4e00'));

/** The selection has in it what it had, as far as that is there, and the cursor what was around it. */
function checkSelection(before, after) {
	const [from, to] = [before.anchor, before.head].sort((a, b) => a - b);
	const [start, end] = [after.anchor, after.head].sort((a, b) => a - b);
	assert.ok(start >= 0 && end <= after.text.length);
	const sides = [before.text.slice(0, from), before.text.slice(from, to), before.text.slice(to)].map((part) => [...own(part)]);
	for (const [i, side] of sides.entries())
		for (const c of side) {
			const at = after.text.indexOf(c);
			if (at >= 0) assert.equal(at < start ? 0 : at < end ? 1 : 2, i, `${c}, ${JSON.stringify([before, after])}`);
		}
	// What comes at an end is not in it.
	const first = sides[1][0], last = sides[1].at(-1), left = sides[0].at(-1), right = sides[2][0];
	const isNext = (c, text, at) => text.startsWith(c, at);
	if (first && isNext(first, before.text, from) && after.text.includes(first)) assert.equal(start, after.text.indexOf(first));
	if (last && before.text.slice(0, to).endsWith(last) && after.text.includes(last)) assert.equal(end, after.text.indexOf(last) + last.length);
	if (from !== to) return;
	assert.equal(start, end);
	if (left && right && isNext(right, before.text, from) && before.text.slice(0, from).endsWith(left) && [left, right].every((c) => after.text.includes(c)))
		assert.equal(start, after.text.indexOf(left) + left.length);
	if (before.anchor !== before.head) assert.equal(before.anchor < before.head, after.anchor < after.head || after.anchor === after.head);
}

const seen = ({ text, selection: { anchor, head } }) => ({ text, anchor, head });

async function play(kind, type, { data, path, around }, seed, { refuses = false } = {}) {
	const dice = chance(seed * 7919);
	const words = writer(dice);
	const isLine = kind === 'input';
	const { docs, settle, close } = await room(4, structuredClone(data), type, (i) => refuses && i === 0 && dice.below(6) === 0);
	const people = docs.slice(0, 2).map((doc) => editors[kind](doc, path));
	const programs = docs.slice(2).map((doc) => new SharedText(doc, path));
	const composing = new Map();		// where
	const written = new Set();		// by everybody but the first
	const removed = new Set();		// by them
	const mine = new Set();
	let haveUndone = false;			// then something may have gone and come back

	const edit = (i) => {
		const person = people[i];
		const insert = isLine ? words(3).replaceAll('\n', '') : words(3);
		const before = person.text;
		const a = place(dice, before), b = place(dice, before);
		let from = Math.min(a, b), to = place({ below: () => Math.min(Math.max(a, b), from + 6) }, before);
		// An input method writes in one place, over what it has written.
		const at = composing.get(person);
		if (at) ({ from = from, to = to } = at);
		if (at) Object.assign(at, { from, to: from + insert.length });
		person.edit(from, to, insert);
		for (const c of own(insert)) (i ? written : mine).add(c);
		if (i) for (const c of own(before)) if (!person.text.includes(c)) removed.add(c);
	};
	const program = (shared) => {
		const a = place(dice, shared.text), b = place(dice, shared.text);
		const from = Math.min(a, b), gone = dice.below(3) ? 0 : Math.min(Math.max(a, b) - from, 6);
		const to = place({ below: () => from + gone }, shared.text);
		const insert = words(3);
		for (const c of own(insert)) written.add(c);
		for (const c of own(shared.text.slice(from, to))) removed.add(c);
		const op = [...from ? [from] : [], ...insert ? [insert] : [], ...to > from ? [{ d: to - from }] : []];
		if (insert || to > from) void shared.submit(op, 'program').catch(() => {});
	};
	const undo = (i) => {
		const before = own(people[i].text);
		people[i].undo();
		haveUndone = true;
		if (i === 0) return;
		const after = own(people[i].text);
		for (const c of before) if (!after.has(c)) removed.add(c);
		// What it brings back is the other's from then on.
		for (const c of after) if (!before.has(c)) mine.delete(c);
	};
	const same = (what) => {
		const all = programs.map(({ text }) => text);
		assert.equal(all[1], all[0], what);
		for (const [i, person] of people.entries())
			if (!composing.has(person)) assert.equal(person.text, isLine ? all[0].replaceAll('\n', '') : all[0], `${what}: ${i}`);
	};

	for (let step = 0; step < STEPS; step++) {
		const i = dice.below(2), person = people[i];
		switch (dice.below(10)) {
		case 0: case 1: program(dice.pick(programs)); break;
		case 2:
			if (!person.compose) break;
			if (composing.delete(person)) person.compose(false);
			else { composing.set(person, {}); person.compose(true); }
			break;
		case 3: case 4: {
			for (const one of people) {
				const a = place(dice, one.text);
				one.select(a, dice.below(2) ? a : place(dice, one.text));
			}
			const before = people.map(seen);
			await settle();
			same(`step ${step}`);
			for (const [j, one] of people.entries())
				if (composing.has(one)) assert.deepEqual(seen(one), before[j], 'what composes is left alone');
				else if (!refuses && !haveUndone) checkSelection(before[j], seen(one));
			haveUndone = false;
			break;
		}
		case 5: if (around && dice.below(2)) void docs[3].submit(around(dice, docs[3].data), 'program').catch(() => {}); break;
		case 6:
			if (!person.edits || composing.has(person)) break;
			// Several at once, as with several cursors.
			person.edits([...new Set([0, 0.5, 1].map((part) => place({ below: () => Math.floor(person.text.length * part) }, person.text)))]
				.map((from) => {
					const insert = words(2);
					for (const c of own(insert)) (i ? written : mine).add(c);
					return { from, insert };
				}));
			break;
		case 7: await new Promise((done) => setImmediate(done)); break;
		case 8: if (dice.below(3) === 0 && !composing.has(person)) undo(i); break;
		default: edit(i);
		}
	}
	for (const person of composing.keys()) person.compose(false);
	composing.clear();
	await settle();
	same('at the end');

	if (!refuses) {
		while (people[0].undo());
		await settle();
		same('undone');
		const left = own(programs[0].text);
		for (const c of mine) assert.ok(!left.has(c), 'what was undone is gone');
		// What one had removed is back; who else removed it may not have known.
		for (const c of written) if (!removed.has(c)) assert.ok(left.has(c), 'what others wrote is left');
	}
	for (const one of [...people, ...programs]) one.close();
	close();
}

for (const kind of Object.keys(editors))
	describe(kind, () => {
		for (const [type, holder] of Object.entries(holders))
			test(type, async () => {
				for (let run = 0; run < RUNS; run++)
					await play(kind, type, holder, SEED + run).catch((error) => {
						error.message = `seed ${SEED + run}: ${error.message}`;
						throw error;
					});
			});
		test('what the server refuses is gone from the editor', async () => {
			for (const [type, holder] of Object.entries(holders))
				for (let run = 0; run < RUNS; run++)
					// Read anew, a document does not say where the items of its lists went.
					await play(kind, type, { ...holder, around: null }, SEED + run, { refuses: true }).catch((error) => {
						error.message = `${type}, seed ${SEED + run}: ${error.message}`;
						throw error;
					});
		});
	});
