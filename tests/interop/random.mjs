// Random edits of each type from a seeded generator, made against a document's
// content as the client has it.
import generator from './seed.mjs';

export class Chance {
	constructor(seed) { this.next = generator(seed); }
	below(n) { return Math.floor(this.next() * n); }
	one(list) { return list[this.below(list.length)]; }
	often(p) { return this.next() < p; }
}

const WORDS = ['a', 'bc', 'def ', '\n', 'é', '日本', '💡', '👩‍🚀', '"\\', 'x\u0000y', 'longer than the others'];

// How many characters a text may have before more is deleted than inserted.
const FULL = 400;

// of: 'units' (UTF-16) or 'points' (code points)
function textOp(chance, content, of) {
	const chars = of === 'points' ? [...content] : content.split('');
	const at = chance.below(chars.length + 1);
	const op = at ? [at] : [];
	const remove = chars.length > at && chance.often(chars.length > FULL ? 0.8 : 0.4);
	const gone = remove ? 1 + chance.below(Math.min(6, chars.length - at)) : 0;
	// Halves of surrogate pairs are no text: cut units only at borders.
	if (of === 'units' && (half(chars[at]) || half(chars[at + gone]))) return [`${chance.below(9)}`];
	if (!remove || chance.often(0.3)) op.push(chance.one(WORDS));
	if (gone) op.push({ d: of === 'points' && chance.often(0.5) ? chars.slice(at, at + gone).join('') : gone });
	return op;
}

function half(unit) {
	return unit !== undefined && unit >= '\uDC00' && unit <= '\uDFFF';
}

function text0Op(chance, content) {
	const [start, ...rest] = textOp(chance, content, 'units');
	const p = typeof start === 'number' ? start : 0;
	const op = [];
	for (const part of typeof start === 'number' ? rest : [start, ...rest])
		if (typeof part === 'string') op.push({ p, i: part });
		else {
			const from = p + (op.length ? op[0].i.length : 0);
			op.push({ p: from, d: content.slice(p, p + part.d) });
		}
	return op;
}

// A json0 document here is {list: [...], map: {...}, text: '...', n: 0}.
function json0Op(chance, data) {
	const value = () => chance.one([0, 1.5, -7, 'word', '💡', null, true, [1, [2]], { k: 'v' }, '']);
	const { list, map, text } = data;
	const at = chance.below(list.length + 1);
	const key = chance.one(['a', 'b', 'c', 'd', 'é']);
	switch (chance.below(8)) {
	case 0: case 1: return [{ p: ['list', at], li: value() }];
	case 2:
		if (at === list.length) return [{ p: ['n'], na: 1 }];
		return [{ p: ['list', at], ld: list[at] }];
	case 3:
		if (at === list.length) return [{ p: ['n'], na: -2 }];
		return chance.often(0.5) ? [{ p: ['list', at], ld: list[at], li: value() }] :
			[{ p: ['list', at], lm: chance.below(list.length) }];
	case 4: case 5:
		if (!(key in map)) return [{ p: ['map', key], oi: value() }];
		return chance.often(0.5) ? [{ p: ['map', key], od: map[key] }] :
			[{ p: ['map', key], od: map[key], oi: value() }];
	case 6: return [{ p: ['n'], na: chance.below(20) - 10 }];
	default: {
		const units = chance.below(text.length + 1);
		if (half(text[units])) return [{ p: ['n'], na: 1 }];
		if (text.length > FULL || (text.length && chance.often(0.4))) {
			const end = units + 1 + chance.below(4);
			const gone = text.slice(units, half(text[end]) ? end + 1 : end);
			if (gone) return [{ p: ['text', units], sd: gone }];
		}
		return [{ p: ['text', units], si: chance.one(WORDS) }];
	}
	}
}

// A rich text is {ops: [{insert, attributes}]}; lengths in UTF-16 units.
function richOp(chance, { ops }) {
	const content = ops.map(({ insert }) => (typeof insert === 'string' ? insert : 'o')).join('');
	const at = chance.below(content.length + 1);
	const edit = at ? [{ retain: at }] : [];
	const left = content.length - at;
	const length = left && 1 + chance.below(Math.min(5, left));
	if (half(content[at]) || half(content[at + length])) return { ops: [{ insert: `${chance.below(9)}` }] };
	const attributes = chance.one([{ bold: true }, { bold: null }, { color: chance.one(['red', 'blue']) }, { italic: true }]);
	if (length && content.length > FULL || length && chance.often(0.3)) edit.push({ delete: length });
	else if (length && chance.often(0.4)) edit.push({ retain: length, attributes });
	else if (chance.often(0.1)) edit.push({ insert: { image: chance.one(['a.png', 'b.png']) } });
	else edit.push({ insert: chance.one(WORDS), ...(chance.often(0.4) && attributes.bold !== null && { attributes }) });
	return { ops: edit };
}

// A json1 document here is {list: [...], map: {...}, text: '...', n: 0}.  Ops
// that json1 refuses to merge (its write conflicts) are left out: two that put
// something at the same key.
let unique = 0;
function json1Op(chance, data) {
	const value = () => chance.one([0, 1.5, 'word', '💡', null, true, [1, [2]], { k: 'v' }]);
	const { list, map, text } = data;
	const at = chance.below(list.length + 1);
	const keys = Object.keys(map);
	const key = chance.one(keys);
	switch (chance.below(7)) {
	case 0: case 1: return ['list', at, { i: value() }];
	case 2: return at < list.length ? ['list', at, { r: true }] : ['n', { ena: 1 }];
	case 3: return keys.length ? ['map', key, { r: true }] : ['n', { ena: -1 }];
	case 4: return ['map', `k${process.pid}-${unique++}`, { i: value() }];
	case 5: return ['n', { ena: chance.below(20) - 10 }];
	default: return ['text', { es: textOp(chance, text, 'points') }];
	}
}

// By type: how a document starts, and a next edit of it.
export const random = {
	json0: { initial: () => ({ list: [1, 'two'], map: { a: 1 }, text: 'start', n: 0 }), op: json0Op },
	text: { initial: () => 'start', op: (chance, data) => textOp(chance, data, 'units') },
	'text-unicode': { initial: () => 'start', op: (chance, data) => textOp(chance, data, 'points') },
	text0: { initial: () => 'start', op: text0Op },
	'rich-text': { initial: () => [{ insert: 'start' }], op: richOp },
	json1: { initial: () => ({ list: [1, 'two'], map: { a: 1 }, text: 'start', n: 0 }), op: json1Op },
};
