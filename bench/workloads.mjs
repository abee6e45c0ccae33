// What is measured.  A workload is one thing that one type does: {name, type,
// verb, doc, ops, steps, limit_ms, wanted}; doc and ops are JSON values of that
// type, limit_ms is how long one run may take in JavaScript, and wanted is
// [M steps a second, times as fast as JavaScript], either null.
import fs from 'node:fs';
import zlib from 'node:zlib';

// ---- one edit {pos, cut, ins} of a text, as an op of each type that holds one ----

const notNothing = (list) => list.filter((c) => c !== 0 && c !== '' && c?.d !== 0);
const inText = ({ pos, cut, ins }) => notNothing([pos, ins, { d: cut.length }]);
const at = ({ pos, cut, ins }, place, del, add) => [
	...(cut ? [{ p: place(pos), [del]: cut }] : []), ...(ins ? [{ p: place(pos), [add]: ins }] : [])];

export const textTypes = {
	text: { doc: (s) => s, op: inText },
	'text-unicode': { doc: (s) => s, op: inText },
	text0: { doc: (s) => s, op: (edit) => at(edit, (pos) => pos, 'd', 'i') },
	'rich-text': {
		doc: (s) => ({ ops: s ? [{ insert: s }] : [] }),
		op: ({ pos, cut, ins }) => [
			...(pos ? [{ retain: pos }] : []), ...(ins ? [{ insert: ins }] : []), ...(cut ? [{ delete: cut.length }] : [])],
	},
	json0: { doc: (s) => ({ t: s }), op: (edit) => at(edit, (pos) => ['t', pos], 'sd', 'si') },
	json1: { doc: (s) => ({ t: s }), op: (edit) => ['t', { es: inText(edit) }] },
};
const TEXT_TYPES = Object.keys(textTypes);

// ---- chance ----

// Marsaglia's xorshift; n(k) is a whole number below k.
export class Chance {
	constructor(seed) {
		this.state = seed || 1;
	}

	n(below) {
		let x = this.state;
		x ^= x << 13;
		x ^= x >>> 17;
		x ^= x << 5;
		this.state = x;
		return (x >>> 0) % below;
	}

	letter() {
		return 'etaoin shrdlu'[this.n(13)];
	}
}

export const prose = (chance, length) => Array.from({ length }, () => chance.letter()).join('');
const edits = (count, make) => Array.from({ length: count }, (_, i) => make(i));
const insertAt = (chance, length) => ({ pos: chance.n(length + 1), cut: '', ins: chance.letter() });
// Each is made on the text that those before it left.
const randomInserts = (chance, length, count) => edits(count, (i) => insertAt(chance, length + i));

// ---- traces: {name, start, edits, end} ----

export function readTrace(file) {
	const { startContent, endContent, txns } = JSON.parse(zlib.gunzipSync(fs.readFileSync(file)));
	if (/[\ud800-\udfff]/.test(JSON.stringify(txns)))
		throw new Error(`${file}: positions count code points, and it has characters of two units`);
	let now = startContent;
	const all = [];
	for (const [pos, del, ins] of txns.flatMap((txn) => txn.patches)) {
		all.push({ pos, cut: now.slice(pos, pos + del), ins });
		now = now.slice(0, pos) + ins + now.slice(pos + del);
	}
	if (now !== endContent) throw new Error(`${file}: its patches do not lead to its end`);
	return { name: file.replace(/.*\/|\.json\.gz$/g, ''), start: startContent, edits: all, end: now };
}

// Somebody writes: words, second thoughts, sometimes elsewhere.
export function writeTrace(seed, count) {
	const chance = new Chance(seed);
	let now = '';
	let pos = 0;
	const all = edits(count, () => {
		if (chance.n(60) === 0) pos = chance.n(now.length + 1);
		const back = pos > 0 && chance.n(7) === 0;
		const edit = back ? { pos: pos - 1, cut: now[pos - 1], ins: '' } : { pos, cut: '', ins: chance.letter() };
		now = now.slice(0, edit.pos) + edit.ins + now.slice(edit.pos + edit.cut.length);
		pos = edit.pos + edit.ins.length;
		return edit;
	});
	return { name: 'made-up', start: '', edits: all, end: now };
}

// ---- records: an edit of one field, as an op of json0 and of json1 ----

const RECORDS = 100;
const record = () => ({ name: 'a name', count: 0, done: false, text: '' });
const records = { records: Array.from({ length: RECORDS }, record) };

const replace = (i, field, from, to) => ({
	json0: [{ p: ['records', i, field], od: from, oi: to }], json1: ['records', i, field, { r: from, i: to }],
});
const add = (i) => ({ json0: [{ p: ['records', i, 'count'], na: 1 }], json1: ['records', i, 'count', { ena: 1 }] });
const write = (i) => ({ json0: [{ p: ['records', i, 'text', 0], si: 'x' }], json1: ['records', i, 'text', { es: ['x'] }] });

function move(from, to) {
	const ends = [[from, { p: 0 }], [to, { d: 0 }]].sort(([a], [b]) => a - b);
	return { json0: [{ p: ['records', from], lm: to }], json1: ['records', ...ends] };
}

function fieldEdit(chance) {
	const i = chance.n(RECORDS);
	return [() => add(i), () => replace(i, 'done', false, true), () => replace(i, 'name', 'a name', 'a new name')][chance.n(3)]();
}

function anyEdit(chance) {
	const i = chance.n(RECORDS);
	const kind = chance.n(4);
	return kind === 0 ? move(i, (i + 1 + chance.n(RECORDS - 1)) % RECORDS) : kind === 1 ? write(i) : fieldEdit(chance);
}

// ---- rich-text with formats ----

const RUNS = 200;
const RUN_LENGTH = 20;

const formatted = (chance) => ({
	ops: Array.from({ length: RUNS }, (_, i) =>
		({ insert: prose(chance, RUN_LENGTH), attributes: [{ bold: true }, { italic: true }, { color: 'red' }][i % 3] })),
});

// All are made on the first text; each leaves it as long as it was, or longer.
function formatEdit(chance) {
	const retain = 1 + chance.n(RUNS * RUN_LENGTH - 10);
	return [
		() => [{ retain }, { insert: chance.letter(), attributes: { bold: true } }],
		() => [{ retain }, { retain: 5, attributes: chance.n(2) ? { bold: true } : { bold: null } }],
		() => [{ retain }, { delete: 1 }, { insert: 'x' }],
	][chance.n(3)]();
}

// ---- all of it ----

const BURST = 20;		// letters typed before somebody goes elsewhere

// size scales how much is done; 1 is what figures should be taken from.
export function* workloads(traces, { size = 1, seed = 1 } = {}) {
	const some = (n) => Math.max(2, Math.round(n * size));
	const chance = new Chance(seed);
	const ofText = (name, verb, text, list, more, wanted = {}) => TEXT_TYPES.map((type) => ({
		name, type, verb, doc: () => textTypes[type].doc(text), ops: () => list.map(textTypes[type].op),
		limit_ms: 1000 * size, wanted: wanted[type] ?? [null, null], ...more,
	}));
	const ofRecords = (name, verb, list, wanted = {}) => ['json0', 'json1'].map((type) => ({
		name, type, verb, doc: () => records, ops: () => list.map((edit) => edit[type]),
		limit_ms: 1000 * size, wanted: wanted[type] ?? [null, null],
	}));

	// what is wanted was said of this history; others are shorter or of another kind
	const replay = { text: [10, 50], 'text-unicode': [10, 500], 'rich-text': [4, 20], json0: [4, 20], json1: [4, 200] };
	for (const { name, start, edits: list, end } of traces)
		yield* ofText(`replay ${name}`, 'apply', start, list, { end, limit_ms: 3000 * size },
			name === 'automerge-paper' ? replay : {});
	const [first] = traces;
	const list = first.edits.slice(0, some(100000));
	yield* ofText('replay, each undoable', 'undoable', first.start, list, { alone: true });
	yield* ofText('parse', 'parse', '', list, {}, Object.fromEntries(TEXT_TYPES.map((type) => [type, [2, null]])));
	yield* ofText('insert at random, 100,000 characters', 'apply', prose(chance, some(100000)),
		randomInserts(chance, some(100000), some(20000)), {},
		{ text: [5, 58], 'text-unicode': [5, 735], text0: [5, null], 'rich-text': [5, null] });
	// As if made at once, they could not cut different texts out of one place.
	const neighbours = list.filter(({ cut }, i) => !(cut && list[i - 1]?.cut));
	yield* ofText('transform neighbours', 'transform', '', neighbours, {}, {
		text: [20, 2.8], 'text-unicode': [20, 2.8], 'rich-text': [8, 12], json0: [8, 18], json1: [4, 10],
	});
	const length = some(100000);
	yield* ofText('carry over 1,000', 'carry', '', edits(1001, () => insertAt(chance, length)), { steps: some(100000) });
	const typing = edits(some(100) * 100, (i) => ({ pos: 10 * Math.floor(i / 100) + i % 100, cut: '', ins: chance.letter() }));
	yield* ofText('compose a typing run of 100', 'compose', '', typing, {}, {
		text: [15, 2.3], 'text-unicode': [15, 5.8], 'rich-text': [4, 8], json0: [4, 8], json1: [4, 8],
	});

	const fields = edits(some(50000), () => fieldEdit(chance));
	const mixed = edits(some(50000), () => anyEdit(chance));
	const adds = edits(some(500) * 100, (i) => add(Math.floor(i / 100) % RECORDS));
	yield* ofRecords('records: apply field edits', 'apply', fields, { json0: [8, 7], json1: [8, 7] });
	yield* ofRecords('records: apply all edits', 'apply', mixed);
	yield* ofRecords('records: transform field edits', 'transform', fields, { json0: [8, null], json1: [4, null] });
	yield* ofRecords('records: transform all edits', 'transform', mixed, { json0: [8, null], json1: [4, null] });
	yield* ofRecords('records: compose adds', 'compose', adds, { json0: [4, 8], json1: [4, 8] });

	const formats = edits(some(10000), () => formatEdit(chance));
	const rich = { type: 'rich-text', doc: () => formatted(new Chance(seed)), ops: () => formats, limit_ms: 1000 * size };
	yield { ...rich, name: '200 formatted runs: apply', verb: 'apply', wanted: [null, null] };
	yield { ...rich, name: '200 formatted runs: transform', verb: 'transform', wanted: [8, 12] };

	for (const bytes of [1e4, 1e5, 1e6, 1e7].map((n) => Math.round(n * Math.min(1, size)))) {
		const text = prose(chance, bytes);
		const named = (what) => `${what} in ${bytes.toLocaleString('en')} bytes`;
		const more = (sized) => ({ sized, bytes, limit_ms: 100 * size });
		let pos = 0;
		const bursts = edits(some(5000), (i) => {
			pos = i % BURST ? pos + 1 : chance.n(bytes + i + 1);
			return { pos, cut: '', ins: chance.letter() };
		});
		yield* ofText(named('insert at random'), 'next', text, randomInserts(chance, bytes, some(5000)), more('at random'));
		yield* ofText(named('type words'), 'next', text, bursts, more(`${BURST} at a place`));
	}
}
