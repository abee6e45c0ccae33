// json0: cases, the reference, and what the strict rules take.
import { createRequire } from 'node:module';
import { isDeepStrictEqual } from 'node:util';
import { damage, functions, text } from './random.mjs';
import { strictText0 } from './text0.mjs';

const require = createRequire(import.meta.url);
const json0 = require('ot-json0').type;
const sharedb = require('sharedb/lib/ot');

const copy = (v) => (v === undefined ? undefined : JSON.parse(JSON.stringify(v)));

// ---- strict rules: what a program may not refuse ----

const isIndex = (s) => (typeof s === 'number' ? Number.isInteger(s) && s >= 0 :
	typeof s === 'string' && /^(0|[1-9]\d{0,14})$/.test(s));
const ACTIONS = new Set(['na', 'li', 'ld', 'ld,li', 'lm', 'oi', 'od', 'od,oi', 'si', 'sd', 'o,t']);
const DANGEROUS = new Set(Object.getOwnPropertyNames(Object.prototype));

function hasProto(v) {
	return v !== null && typeof v === 'object' &&
		Object.keys(v).some((k) => k === '__proto__' || hasProto(v[k]));
}

function strictComponent(c) {
	if (c === null || typeof c !== 'object' || Array.isArray(c) || !Array.isArray(c.p)) return false;
	if (!ACTIONS.has(Object.keys(c).filter((k) => k !== 'p').sort().join())) return false;
	if (!c.p.every((s) => typeof s === 'string' || (typeof s === 'number' && isIndex(s)))) return false;
	const last = c.p[c.p.length - 1];
	if ('li' in c || 'ld' in c || 'lm' in c) {
		if (c.p.length && !isIndex(last)) return false;
		if ('lm' in c && !isIndex(c.lm)) return false;
	}
	if (('oi' in c || 'od' in c) && c.p.length && typeof last !== 'string') return false;
	if ('si' in c || 'sd' in c) {
		if (typeof last !== 'number' || typeof (c.si ?? c.sd) !== 'string') return false;
	}
	if ('na' in c && typeof c.na !== 'number') return false;
	if ('t' in c && (c.t !== 'text0' || !strictText0(c.o))) return false;
	return !hasProto(c);
}

const strictOp = (op) => Array.isArray(op) && op.every(strictComponent);

// The value at path and its container, by own names and indices in range only; null when
// the way there is not strict.
function find(doc, path) {
	let holder = { data: doc };
	let key = 'data';
	for (const s of path) {
		const v = holder[key];
		if (Array.isArray(v)) {
			if (!isIndex(s)) return null;
		} else if (v === null || typeof v !== 'object' || typeof s !== 'string' || DANGEROUS.has(s)) return null;
		holder = v;
		key = Array.isArray(v) ? Number(s) : s;
	}
	return { holder, key, value: Object.hasOwn(holder, key) ? holder[key] : undefined };
}

// Does component c fit doc by the strict rules? (If the reference refuses, that counts more.)
// lax: indices may be out of range, as in values that an op quotes.
function fits(doc, c, lax) {
	const isText = 'si' in c || 'sd' in c;
	const at = find(doc, isText ? c.p.slice(0, -1) : c.p);
	if (!at) return false;
	if (isText || 't' in c) {
		const o = isText ? [{ p: c.p[c.p.length - 1], ...('si' in c ? { i: c.si } : { d: c.sd }) }] : c.o;
		if (at.value === undefined || (o.length && typeof at.value !== 'string')) return false;
		let length = at.value?.length;
		for (const part of o) {
			if (!lax && part.p > length && 'i' in part) return false;
			length += 'i' in part ? part.i.length : -part.d.length;
		}
		return true;
	}
	if ('na' in c) return Number.isFinite(at.value + c.na);
	if ('oi' in c || 'od' in c) return true;
	if (lax) return at.key - at.holder.length < 1000;
	const n = at.holder.length;
	if ('lm' in c) return at.key < n && Number(c.lm) < n;
	return 'ld' in c ? at.key < n : at.key <= n;
}

function fitsAll(doc, op) {
	const box = { doc: copy(doc) };
	for (const c of op) {
		if (!fits(box.doc, c, false)) return false;
		box.doc = json0.apply(box.doc, [copy(c)]);
	}
	return true;
}

// ---- the reference ----

// transformComponent applies ops to the values that others quote, by way of json0.apply: look on.
const apply = json0.apply;
let quotedFits = true;
json0.apply = (doc, op) => {
	if (!op.every((c) => fits(doc, c, true))) quotedFits = false;
	return apply(doc, op);
};

// Cloning makes null of NaN and Infinity.
const hasHoles = (op) => hasNaN(op) || op.some((c) => c.na === null || c.p?.includes(null) || c.lm === null);
const hasNaN = (v) => (typeof v === 'number' ? !Number.isFinite(v) :
	v !== null && typeof v === 'object' && Object.keys(v).some((k) => hasNaN(v[k])));

// List actions whose index is a string bring names into list arithmetic, and NaN comes out, if only
// on the way; so to transform them may be refused.
const spelt = (c) => typeof c.lm === 'string' || ('li' in c || 'ld' in c || 'lm' in c) && typeof c.p.at(-1) === 'string';

// {result} or a throw; core: a program may not refuse.
export function reference(fn, args) {
	quotedFits = true;
	switch (fn) {
	case 'create':
		return { result: json0.create(args[0]), core: !hasProto(args[0]) };
	case 'apply': {
		const [doc, op] = args;
		const error = sharedb.checkSubmittedOpForType(json0.uri, { op });
		if (error) throw error;
		const result = apply(copy(doc), copy(op));
		return { result, core: strictOp(op) && fitsAll(doc, op) };
	}
	case 'transform': {
		const [op, other, side] = args;
		const result = json0.transform(op, other, side);
		return { result, core: strictOp(op) && strictOp(other) && quotedFits && !hasHoles(result) && ![...op, ...other].some(spelt) };
	}
	case 'compose': {
		const result = json0.compose(...args);
		return { result, core: strictOp(args[0]) && strictOp(args[1]) && !hasHoles(result) };
	}
	case 'invert': {
		const core = strictOp(args[0]) && args[0].every((c) => !('lm' in c) || c.p.length);
		return { result: json0.invert(args[0]), core };
	}
	case 'normalize': {
		const list = Array.isArray(args[0]) ? copy(args[0]) : [copy(args[0])];
		const core = list.every((c) => c !== null && typeof c === 'object' && strictComponent({ ...c, p: c.p ?? [] }));
		const result = json0.normalize(args[0]);
		return { result, core: core && !hasHoles(result) };
	}
	}
}

// ---- cases ----

const KEYS = ['a', 'b', 'c', 'd', '', '0', '1', 'length', '😀', '\uffff', 'a b', 'constructor', '10', '-1', ' 1', '0x1', '1.0', '01'];
const NUMBERS = [0, 1, 2, 3, -1, 10, 0.1, 0.2, 1e21, 5e-324, 9007199254740993, 1.7976931348623157e308, -0, 1e-7, 123456789.125];

function scalar(r) {
	return r.weighted([[1, null], [1, true], [1, false], [4, r.pick(NUMBERS)], [6, text(r, 6, r.chance(0.1)).repeat(r.chance(0.005) ? 900 : 1)]]);
}

function key(r) {
	return r.chance(0.7) ? r.pick(['a', 'b', 'c']) : r.chance(0.97) ? r.pick(KEYS.slice(0, 11)) : r.pick(KEYS);
}

export function value(r, depth) {
	if (depth <= 0 || r.chance(0.3)) return scalar(r);
	if (r.chance(0.5)) return Array.from({ length: r.int(5) }, () => value(r, depth - 1));
	const object = {};
	for (let n = r.chance(0.05) ? 20 : r.int(4); n > 0; n--) object[n > 5 ? `k${r.int(30)}` : key(r)] = value(r, depth - 1);
	return object;
}

const isObject = (v) => v !== null && typeof v === 'object' && !Array.isArray(v);

// A way down into doc; where it can, along focus.
function walk(r, doc, focus) {
	const path = [];
	let v = doc;
	let along = true;
	while (v !== null && typeof v === 'object' && !r.chance(0.2)) {
		const keys = Object.keys(v);
		if (!keys.length) break;
		let next = Array.isArray(v) ? r.int(v.length) : r.pick(keys);
		if (along && path.length < focus.length && r.chance(0.8) && Object.hasOwn(v, focus[path.length])) {
			next = focus[path.length];
		} else along = false;
		path.push(next);
		v = v[next];
	}
	return [path, v];
}

// The true value most of the time.
function quoted(r, v) {
	return r.chance(0.92) ? copy(v) : value(r, 2);
}

function at(doc, path) {
	return path.reduce((v, s) => v[s], doc);
}

function textComponents(r, path, s, form) {
	const pos = r.int(s.length + 1);
	const len = r.int(Math.min(4, s.length - pos) + 1);
	const part = r.chance(0.5) ? { p: pos, i: text(r, 4, r.chance(0.1)) } : { p: pos, d: s.slice(pos, pos + len) };
	if (r.chance(form)) return { p: path, t: 'text0', o: r.chance(0.05) ? [] : [part] };
	return { p: [...path, part.p], ...('i' in part ? { si: part.i } : { sd: part.d }) };
}

function inParent(r, doc, path) {
	const parent = at(doc, path.slice(0, -1));
	const v = at(doc, path);
	const last = path[path.length - 1];
	if (Array.isArray(parent)) {
		const here = path.slice(0, -1);
		switch (r.int(5)) {
		case 0: return { p: [...here, r.int(parent.length + 1)], li: value(r, 2) };
		case 1: return { p: path, ld: quoted(r, v) };
		case 2: return { p: path, ld: quoted(r, v), li: value(r, 2) };
		default: return { p: path, lm: r.int(parent.length) };
		}
	}
	const other = [...path.slice(0, -1), key(r)];
	switch (r.int(5)) {
	case 0: return { p: path, od: quoted(r, v) };
	case 1: return { p: path, od: quoted(r, v), oi: value(r, 2) };
	case 2: return { p: r.chance(0.5) ? path : other, oi: value(r, 2) };
	case 3: return r.chance(0.2) ? { p: other, od: value(r, 1) } : { p: other, oi: value(r, 1) };
	default: return r.chance(0.5) ? { p: path, oi: value(r, 2) } : { p: [...path.slice(0, -1), String(last)], od: quoted(r, v) };
	}
}

function component(r, doc, focus, form) {
	if (form === MOVES && Array.isArray(doc) && doc.length) {
		return r.chance(0.6) ? { p: [r.int(doc.length)], lm: r.int(doc.length) } : inParent(r, doc, [r.int(doc.length)]);
	}
	const [path, v] = walk(r, doc, focus);
	if (typeof v === 'number' && r.chance(0.7)) return { p: path, na: r.pick(NUMBERS) };
	if (typeof v === 'string' && r.chance(0.8)) return textComponents(r, path, v, form);
	if (Array.isArray(v) && r.chance(0.5)) return { p: [...path, r.int(v.length + 1)], li: value(r, 2) };
	if (isObject(v) && r.chance(0.5)) {
		const k = key(r);
		return Object.hasOwn(v, k) ? { p: [...path, k], od: quoted(r, v[k]), oi: value(r, 2) } : { p: [...path, k], oi: value(r, 2) };
	}
	if (path.length) return inParent(r, doc, path);
	return r.chance(0.3) ? { p: [], od: quoted(r, doc), oi: value(r, 3) } : { p: [], od: quoted(r, doc) };
}

// The share of t:'text0' among text edits; or one list, and nearly all of it moves within.
const MOVES = 'moves';
const FORMS = [[4, 0], [4, 1], [2, 0.5], [2, MOVES]];

const makeDocument = (r, form) => (form === MOVES || r.chance(0.3) ?
	Array.from({ length: 2 + r.int(6) }, () => value(r, form === MOVES ? 0 : 1)) : value(r, 4));

// An op that fits doc, mostly; about where focus points.
function makeOp(r, doc, focus, form) {
	const op = [];
	let live = copy(doc);
	let n = r.weighted([[1, 0], [12, 1], [5, 2], [3, 3], [2, 4], [1, 7]]);
	for (; n > 0; n--) {
		const c = component(r, live, focus, form);
		op.push(copy(c));
		try {
			live = apply(live, [copy(c)]);
		} catch { /* one that does not fit stays */ }
		if (live === undefined) break;
	}
	return op;
}

// Spell some indices as strings.
function stringIndices(r, op) {
	for (const c of op) {
		c.p = c.p.map((s) => (typeof s === 'number' && r.chance(0.5) && !('si' in c || 'sd' in c) ? String(s) : s));
		if ('lm' in c && r.chance(0.5)) c.lm = String(c.lm);
	}
	return op;
}

// The op that others made before it reached us.
function carried(r, doc, op, focus, form) {
	try {
		return json0.transform(copy(op), makeOp(r, doc, focus, form), r.pick(['left', 'right']));
	} catch {
		return op;
	}
}

const asked = functions([[2, 'create'], [30, 'apply'], [45, 'transform'], [15, 'compose'], [5, 'invert']], [[3, 'normalize']]);

export function makeCase(r, tier = 'both') {
	const form = r.weighted(FORMS);
	const doc = makeDocument(r, form);
	const [focus] = walk(r, doc, []);
	const op = () => {
		const made = makeOp(r, r.chance(0.03) ? value(r, 3) : doc, focus, form);
		return r.chance(0.03) ? stringIndices(r, made) : made;
	};
	const fn = r.weighted(asked[tier]);
	let args;
	switch (fn) {
	case 'create': args = [doc]; break;
	case 'apply': args = [r.chance(0.02) ? undefined : doc, op()]; break;
	case 'transform': {
		let first = op();
		if (r.chance(0.25)) first = carried(r, doc, first, focus, form);
		args = [first, op(), r.pick(['left', 'right'])];
		break;
	}
	case 'compose': {
		const first = op();
		let after = doc;
		try {
			after = apply(copy(doc), copy(first));
		} catch { /* compose them all the same */ }
		args = [first, makeOp(r, after ?? null, focus, form)];
		break;
	}
	default: args = [op()];
	}
	args = args.map((v) => (v === undefined ? v : copy(v)));
	if (r.chance(0.06)) args[args.length - 1 - r.int(Math.min(2, args.length))] = damage(r, copy(args[r.int(args.length)] ?? null));
	return { fn, args };
}

// ---- scenes: a document, two concurrent ops on it, a third after the first (promises.mjs) ----

const isWhole = (n) => Number.isSafeInteger(n) && Math.abs(n) < 2 ** 40;
const same = (a, b) => a !== undefined && isDeepStrictEqual(a, b);

// Does op say the truth about doc, and does nothing round off?  What it is afterwards, or null.
function truth(doc, op) {
	const box = { doc: copy(doc) };
	for (const c of op) {
		const at = find(box.doc, 'si' in c || 'sd' in c ? c.p.slice(0, -1) : c.p);
		if (!at) return null;
		if ('ld' in c && !same(at.value, c.ld)) return null;
		if (('od' in c || 'oi' in c) && ('od' in c ? !same(at.value, c.od) : at.value !== undefined)) return null;
		if ('na' in c && !(isWhole(c.na) && isWhole(at.value))) return null;
		box.doc = apply(box.doc, [copy(c)]);
	}
	return box;
}

const forms = (op) => op.flatMap((c) => ('t' in c ? ['t'] : 'si' in c || 'sd' in c ? ['s'] : []));

export function makeScene(r) {
	const form = r.weighted(FORMS);
	const doc = makeDocument(r, form);
	const [focus] = walk(r, doc, []);
	const a = makeOp(r, doc, focus, form);
	const b = makeOp(r, doc, focus, form);
	let after = null;
	try {
		after = apply(copy(doc), copy(a)) ?? null;
	} catch { /* it does not fit */ }
	const c = makeOp(r, after, focus, form);
	let inContract = new Set([a, b, c].flatMap(forms)).size < 2;
	try {
		const then = inContract && truth(doc, a);
		inContract = Boolean(then) && truth(doc, b) !== null && truth(then.doc, c) !== null;
	} catch {
		inContract = false;
	}
	return { doc, a, b, c, inContract };
}
