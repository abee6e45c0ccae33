// json1: cases, the reference, and what the strict rules take.
import { createRequire } from 'node:module';
import { damage, functions, text } from './random.mjs';

const require = createRequire(import.meta.url);
const { type: json1, insertOp, moveOp, removeOp, replaceOp, editOp } = require('ot-json1');
const unicode = require('ot-text-unicode').type;

const copy = (v) => (v === undefined ? undefined : JSON.parse(JSON.stringify(v)));
const isObject = (v) => v !== null && typeof v === 'object' && !Array.isArray(v);

// ---- strict rules: what a program may not refuse ----

const LONE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const COUNT_MAX = 1e6;		// the reference counts code points one by one
const ROUNDS_MAX = 1000;	// of resolving conflicts
const ODD_NAMES = new Set([
	...Object.getOwnPropertyNames(Object.prototype), ...Object.getOwnPropertyNames(Array.prototype),
]);

const hasProto = (v) => v !== null && typeof v === 'object' &&
	Object.keys(v).some((k) => k === '__proto__' || hasProto(v[k]));
const hasNaN = (v) => (typeof v === 'number' ? !Number.isFinite(v) :
	v !== null && typeof v === 'object' && Object.keys(v).some((k) => hasNaN(v[k])));
const isCount = (n) => Number.isInteger(n) && n > 0 && n < COUNT_MAX;
const isText = (s) => typeof s === 'string' && s !== '' && !LONE.test(s);

function strictText(op) {
	if (!Array.isArray(op)) return false;
	if (!op.every((c) => isCount(c) || isText(c) ||
		(isObject(c) && Object.keys(c).join() === 'd' && (isCount(c.d) || isText(c.d))))) return false;
	try {
		unicode.checkOp(op);
		return true;
	} catch {
		return false;
	}
}

function strictComponent(c) {
	if ('et' in c && !('e' in c)) return false;
	if ('es' in c && !strictText(c.es)) return false;
	if ('e' in c && c.et !== 'number' && !strictText(c.e)) return false;
	for (const n of [c.ena, c.et === 'number' ? c.e : undefined]) {
		if (n !== undefined && !Number.isFinite(n)) return false;
	}
	return !hasProto(c);
}

const everyItem = (op, test) => op === null || op.every((d) => (Array.isArray(d) ? everyItem(d, test) : test(d)));

function strictOp(op) {
	try {
		json1.checkValidOp(op);
	} catch {
		return false;
	}
	return everyItem(op, (d) => !isObject(d) || strictComponent(d));
}

// No keys that JavaScript finds in places where we find nothing.
const plainKeys = (op) => everyItem(op, (d) => typeof d !== 'string' || !(ODD_NAMES.has(d) || /^\d+$/.test(d)));

// ---- the reference ----

// What the subtypes are asked to do decides too.
let fits = true;

const dlen = (c) => (typeof c.d === 'number' ? c.d : [...c.d].length);

function textFits(doc, op) {
	if (typeof doc !== 'string' || LONE.test(doc)) return false;
	let left = [...doc].length;
	for (const c of op) left -= typeof c === 'number' ? c : typeof c === 'object' ? dlen(c) : 0;
	return left >= 0;
}

const { apply: applyText, makeInvertible: completeText } = unicode;
unicode.apply = (doc, op) => {
	if (!Array.isArray(op) || !textFits(doc, op)) fits = false;
	return applyText(doc, op);
};
unicode.makeInvertible = (op, doc) => {
	if (!Array.isArray(op) || !textFits(doc, op)) fits = false;
	return completeText(op, doc);
};
const add = (a, b) => {
	const sum = a + b;
	if (typeof a !== 'number' || !Number.isFinite(sum)) fits = false;
	return sum;
};
json1.registerSubtype({ name: 'number', apply: add, compose: add, invert: (n) => -n, transform: (n) => n });

const tooMuch = (v) => (typeof v === 'number' ? v > COUNT_MAX :
	v !== null && typeof v === 'object' && Object.values(v).some(tooMuch));
const tooMuchText = (op) => Array.isArray(op) && op.some((d) => (Array.isArray(d) ? tooMuchText(d) :
	isObject(d) && [d.es, d.e].some((e) => typeof e === 'object' && (tooMuch(e) || oddText(e)))));
// Skips and deletes that the strict rules refuse may never end.
const oddText = (e) => Array.isArray(e) && e.some((c) => typeof c === 'boolean' ||
	[c, c?.d].some((n) => typeof n === 'number' && !Number.isInteger(n)));

function transformAuto(op, other, side) {
	let rounds = 0;
	const auto = json1.typeAllowingConflictsPred(({ type, op1, op2 }) =>
		++rounds <= ROUNDS_MAX && (type !== json1.BLACKHOLE || op1 !== null || op2 !== null));
	return auto.transform(op, other, side);
}

// {result} or a throw; core: a program may not refuse.
export function reference(fn, args) {
	fits = true;
	if (args.some((arg) => tooMuchText(arg))) return { skip: true };
	const [op, second, side, policy] = args;
	switch (fn) {
	case 'create':
		return { result: json1.create(op), core: !hasProto(op) };
	case 'apply': {
		const result = json1.apply(copy(op), copy(second));
		return { result, core: strictOp(second) && plainKeys(second) && fits };
	}
	case 'transform': {
		if (side !== 'left' && side !== 'right') throw new Error('side');
		const result = policy === 'auto' ? transformAuto(op, second, side) : json1.transform(op, second, side);
		return { result, core: strictOp(op) && strictOp(second) && plainKeys(op) && plainKeys(second) && !hasNaN(result) };
	}
	case 'tryTransform': {
		const result = json1.tryTransform(op, second, side);
		return { result, core: strictOp(op) && strictOp(second) && !hasNaN(result) };
	}
	case 'compose': {
		const result = json1.compose(op, second);
		// Ops that do not follow one another may give one that is none, with two edits of one place.
		return { result, core: strictOp(op) && strictOp(second) && plainKeys(second) && fits && strictOp(result) };
	}
	case 'invert': {
		const result = json1.invert(op);
		return { result, core: strictOp(op) && plainKeys(op) && fits };
	}
	case 'normalize':
		return { result: json1.normalize(copy(op)), core: strictOp(op) };
	case 'makeInvertible': case 'invertWithDoc': {
		const result = json1[fn](copy(op), copy(second));
		return { result, core: strictOp(op) && plainKeys(op) && fits };
	}
	case 'transformCursor': {
		const result = json1.transformPosition(op, second);
		const core = op.every((k) => (typeof k === 'string' ? !/^\s*[\d+-]/.test(k) : Number.isInteger(k) && k >= 0 && k < 2 ** 31));
		return { result, core: core && strictOp(second) && !hasNaN(result) };
	}
	}
}

// ---- documents ----

const KEYS = ['a', 'b', 'c', 'd', '', '0', '1', 'length', '😀', '\uffff', '\u{10000}', 'a b', '10', '-1', 'constructor'];
const NUMBERS = [0, 1, 2, 3, -1, 10, 0.5, 0.1, 1e21, 5e-324, 9007199254740993, 1.7976931348623157e308, -0];

const sound = (r, max) => text(r, max, false);
const scalar = (r) => r.weighted([[1, null], [1, true], [1, false], [4, r.pick(NUMBERS)],
	[6, r.chance(0.02) ? text(r, 6, true) : sound(r, 6)]]);
const key = (r) => (r.chance(0.85) ? r.pick(KEYS.slice(0, 4)) : r.chance(0.98) ? r.pick(KEYS.slice(0, -1)) : r.pick(KEYS));

function value(r, depth) {
	if (depth <= 0 || r.chance(0.3)) return scalar(r);
	if (r.chance(0.5)) return Array.from({ length: r.int(5) }, () => value(r, depth - 1));
	const object = {};
	for (let n = r.int(4); n > 0; n--) object[key(r)] = value(r, depth - 1);
	return object;
}

// A way down into doc; where it can, along the path of focus.
function walk(r, doc, { path: focus = [] }, stop = 0.15) {
	const path = [];
	let v = doc;
	let along = true;
	while (v !== null && typeof v === 'object' && !r.chance(stop)) {
		const keys = Object.keys(v);
		if (!keys.length || (along && focus.length && path.length === focus.length && r.chance(0.4))) break;
		let next = Array.isArray(v) ? r.int(v.length) : r.pick(keys);
		if (along && path.length < focus.length && r.chance(0.85) && Object.hasOwn(v, focus[path.length])) {
			next = focus[path.length];
			if (Array.isArray(v)) next = Number(next);
		} else along = false;
		path.push(next);
		v = v[next];
	}
	return [path, v];
}

// A place in doc where something can be put, near focus.
function freePlace(r, doc, focus) {
	for (let i = 0; i < 5; i++) {
		let [path, v] = walk(r, doc, focus, 0.3);
		if (v === null || typeof v !== 'object') {
			path = path.slice(0, -1);
			v = path.reduce((u, k) => u[k], doc);
		}
		if (Array.isArray(v)) return [...path, r.int(v.length + 1)];
		if (isObject(v)) {
			const k = r.chance(0.5) ? focus.key : key(r);
			if (!Object.hasOwn(v, k) && !ODD_NAMES.has(k)) return [...path, k];
		}
	}
	return null;
}

// ---- ops ----

function textOp(r, s) {
	const units = [...s];
	const op = [];
	let left = units.length;
	const put = (c) => op.push(c);
	for (let n = 1 + r.int(3); n > 0; n--) {
		const skip = r.int(left + 1);
		if (skip > 0 && typeof op.at(-1) !== 'number') {
			put(skip);
			left -= skip;
		}
		if (r.chance(0.6) || left === 0) {
			const s2 = sound(r, 3);
			if (s2) put(s2);
		} else {
			const len = 1 + r.int(Math.min(left, 3));
			const at = units.length - left;
			put({ d: r.chance(0.4) ? units.slice(at, at + len).join('') : len });
			left -= len;
		}
	}
	while (typeof op.at(-1) === 'number') op.pop();
	return op;
}

function editPart(r, path, v) {
	if (typeof v === 'string' && (!LONE.test(v) || r.chance(0.3))) return editOp(path, 'text-unicode', textOp(r, v), r.chance(0.5));
	if (typeof v === 'number') return editOp(path, 'number', r.pick(NUMBERS.slice(0, 8)));
	return null;
}

// One thing done to doc, or null.
function part(r, doc, focus) {
	if (doc === undefined) return insertOp([], value(r, 3));
	const [path, v] = walk(r, doc, focus);
	const removed = () => (r.chance(0.5) ? true : r.chance(0.9) ? copy(v) : r.pick([null, false, 0, {}]));
	switch (r.weighted([[6, 'edit'], [8, 'insert'], [6, 'remove'], [3, 'replace'], [10, 'move'], [2, 'fill']])) {
	case 'edit': return editPart(r, path, v);
	case 'insert': {
		const to = freePlace(r, doc, focus);
		return to && insertOp(to, value(r, 2));
	}
	case 'remove': return path.length || r.chance(0.1) ? removeOp(path, removed()) : null;
	case 'replace': return path.length || r.chance(0.1) ? replaceOp(path, removed(), value(r, 2)) : null;
	case 'move': {
		if (!path.length) return null;
		const to = freePlace(r, json1.apply(doc, removeOp(path)), r.chance(0.7) ? focus : {});
		return to && moveOp(path, to);
	}
	default: {	// a container, and something in it
		const to = freePlace(r, doc, focus);
		if (!to) return null;
		const list = r.chance(0.5);
		return json1.compose(insertOp(to, list ? [] : {}), insertOp([...to, list ? 0 : key(r)], value(r, 1)));
	}
	}
}

// An op that fits doc, about where focus points, and the document after it.
function makeOp(r, doc, focus) {
	let op = null;
	let live = doc;
	for (let n = r.weighted([[1, 0], [8, 1], [8, 2], [7, 3], [5, 5], [1, 12]]); n > 0; n--) {
		try {
			let next = null;
			for (let tries = 0; next === null && tries < 8; tries++) next = part(r, live, focus);
			const both = json1.compose(op, next);
			live = json1.apply(live, next);
			op = both;
		} catch { /* without it then */ }
	}
	return [op, live];
}

// Other spellings of the same.
function respell(r, op) {
	if (op === null) return op;
	const slots = [];
	everyItem(op, (d) => (isObject(d) && 'p' in d && slots.push(d.p), true));
	for (let i = slots.length - 1; i > 0; i--) {
		const k = r.int(i + 1);
		[slots[i], slots[k]] = [slots[k], slots[i]];
	}
	const names = new Map(slots.map((slot, i) => [slot, i]));
	everyItem(op, (d) => {
		if (!isObject(d)) return true;
		if ('p' in d) d.p = names.get(d.p);
		if ('d' in d) d.d = names.get(d.d);
		if ('es' in d && r.chance(0.5)) {
			d.et = r.pick([unicode.name, unicode.uri]);
			d.e = d.es;
			delete d.es;
		}
		if ('ena' in d && r.chance(0.5)) {
			d.et = 'number';
			d.e = d.ena;
			delete d.ena;
		}
		return true;
	});
	return op;
}

// Items of ops that do not hold together, for normalize.
function loosen(r, op) {
	if (op === null || r.chance(0.5)) return op;
	const loose = op.map((d) => (Array.isArray(d) ? loosen(r, d) : d));
	return r.chance(0.5) ? [loose] : r.chance(0.5) ? loose.flatMap((d) => (Array.isArray(d) ? [d, []] : [d])) : loose.reverse();
}

// ---- cases ----

const asked = functions(
	[[1, 'create'], [25, 'apply'], [40, 'transform'], [15, 'compose'], [5, 'invert']],
	[[3, 'normalize'], [4, 'makeInvertible'], [3, 'invertWithDoc'], [4, 'transformCursor'], [8, 'tryTransform']]);

export function makeCase(r, tier = 'both') {
	let doc = r.chance(0.3) ? Array.from({ length: 2 + r.int(5) }, () => value(r, 2)) : value(r, 4);
	if (typeof doc !== 'object' && r.chance(0.9)) doc = { a: doc, b: value(r, 3), c: value(r, 2) };
	const focus = { path: walk(r, doc, {})[0], key: key(r) };
	const spelt = (op) => (r.chance(0.2) ? respell(r, copy(op)) : op);
	const op = (on = doc) => makeOp(r, on, focus)[0];
	const side = r.pick(['left', 'right']);
	// The op that others made before it reached us.
	const carried = () => {
		try {
			return r.chance(0.25) ? transformAuto(op(), op(), side) : op();
		} catch {
			return op();
		}
	};
	const fn = r.weighted(asked[tier]);
	let args;
	switch (fn) {
	case 'create': args = [doc]; break;
	case 'apply': args = [r.chance(0.04) ? value(r, 3) : doc, spelt(carried())]; break;
	case 'transform': args = [spelt(carried()), spelt(op()), side, ...(r.chance(0.6) ? ['auto'] : [])]; break;
	case 'tryTransform': args = [carried(), spelt(op()), side]; break;
	case 'compose': {
		const [first, after] = makeOp(r, doc, focus);
		args = [spelt(first), spelt(op(r.chance(0.05) ? value(r, 3) : after))];
		break;
	}
	case 'makeInvertible': case 'invertWithDoc': args = [spelt(carried()), r.chance(0.04) ? value(r, 3) : doc]; break;
	case 'invert': {
		const made = op();
		args = [spelt(r.chance(0.1) ? made : json1.makeInvertible(made, doc))];
		break;
	}
	case 'normalize': args = [loosen(r, spelt(op()))]; break;
	default: args = [[...walk(r, doc, focus)[0], ...(r.chance(0.1) ? [r.int(4)] : [])], spelt(op())];
	}
	args = args.map(copy);
	if (r.chance(0.06)) {
		const k = r.int(Math.min(2, args.length));
		args[k] = damage(r, copy(args[k] ?? null));
	}
	return { fn, args };
}

// ---- scenes: a document, two concurrent ops on it, a third after the first (promises.mjs) ----

const numbersIn = (v) => (typeof v === 'number' ? [v] : v !== null && typeof v === 'object' ? Object.values(v).flatMap(numbersIn) : []);
const isSum = (d) => isObject(d) && ('ena' in d || d.et === 'number');
const isSettled = (d) => !isObject(d) || !('es' in d) || JSON.stringify(unicode.normalize(copy(d.es))) === JSON.stringify(d.es);

export function makeScene(r) {
	let doc = r.chance(0.3) ? Array.from({ length: 2 + r.int(5) }, () => value(r, 2)) : value(r, 4);
	if (typeof doc !== 'object' && r.chance(0.9)) doc = { a: doc, b: value(r, 3), c: value(r, 2) };
	const focus = { path: walk(r, doc, {})[0], key: key(r) };
	const [a, after] = makeOp(r, doc, focus);
	const [b] = makeOp(r, doc, focus);
	const [c] = makeOp(r, after, focus);
	const ops = [a, b, c];
	const sums = !ops.every((op) => everyItem(op, (d) => !isSum(d)));
	const whole = !sums || numbersIn([doc, ops]).every((n) => Number.isSafeInteger(n) && Math.abs(n) < 2 ** 40);
	const cursor = [...walk(r, doc, focus)[0], ...(r.chance(0.1) ? [r.int(4)] : [])];
	return { doc, a, b, c, cursor, inContract: whole && ops.every((op) => everyItem(op, isSettled)) };
}
