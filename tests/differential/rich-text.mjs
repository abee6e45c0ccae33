// rich-text: cases, the reference, and what the strict rules take.
import { createRequire } from 'node:module';
import { damage, functions, text } from './random.mjs';

const require = createRequire(import.meta.url);
const { Delta, type } = require('rich-text');
const copy = (v) => JSON.parse(JSON.stringify(v));
const own = (o, k) => Object.hasOwn(o, k);
const plain = (v) => v !== null && typeof v === 'object' && !Array.isArray(v);

// ---- strict rules ----

const INHERITED = new Set([...Object.getOwnPropertyNames(Object.prototype)]);
const FIELDS = ['insert', 'retain', 'delete'];
const isCount = (n, least) => Number.isInteger(n) && n >= least && n <= Number.MAX_SAFE_INTEGER;

const strictAttributes = (a) => plain(a) && Object.keys(a).length > 0 && Object.keys(a).every((k) => !INHERITED.has(k));

function strictOp(op) {
	if (!plain(op) || Object.keys(op).some((k) => !FIELDS.includes(k) && k !== 'attributes')) return false;
	if (FIELDS.filter((k) => own(op, k)).length !== 1) return false;
	if (own(op, 'attributes') && (own(op, 'delete') || !strictAttributes(op.attributes))) return false;
	if (!own(op, 'insert')) return isCount(op.retain ?? op.delete, 1);
	return typeof op.insert === 'string' ? op.insert !== '' : op.insert !== null && typeof op.insert !== 'boolean';
}

const opsOf = (delta) => (Array.isArray(delta) ? delta : plain(delta) ? delta.ops : undefined);
const strictDelta = (delta) => Array.isArray(opsOf(delta)) && opsOf(delta).every(strictOp);
const strictDocument = (doc) => strictDelta(doc) && opsOf(doc).every((op) => own(op, 'insert'));
const lengthOf = (ops) => new Delta(ops).length();
const inRange = (doc, op) => opsOf(op).reduce((n, c) => n + (c.retain ?? c.delete ?? 0), 0) <= lengthOf(opsOf(doc));

export function reference(fn, args) {
	const copies = copy(args.map((v) => v ?? null));
	switch (fn) {
	case 'create':
		return { result: type.create(args[0]), core: args[0] === undefined || args[0] === null || strictDocument(args[0]) };
	case 'apply':
		return {
			result: type.apply(copies[0], copies[1]),
			core: strictDocument(args[0]) && strictDelta(args[1]) && inRange(args[0], args[1]),
		};
	case 'transform':
		// Another side counts as right there, and is refused here.
		return {
			result: type.transform(copies[0], copies[1], copies[2]),
			core: strictDelta(args[0]) && strictDelta(args[1]) && (args[2] === 'left' || args[2] === 'right'),
		};
	case 'compose':
		return { result: type.compose(copies[0], copies[1]), core: strictDelta(args[0]) && strictDelta(args[1]) };
	case 'invert':
		throw new Error('rich-text has none');
	case 'invertWithDoc':
		return {
			result: new Delta(copies[0]).invert(new Delta(copies[1])),
			core: strictDelta(args[0]) && strictDocument(args[1]) && inRange(args[1], args[0]),
		};
	case 'transformCursor':
		return {
			result: type.transformCursor(args[0], new Delta(copies[1]), args[2]),
			core: isCount(args[0], 0) && strictDelta(args[1]),
		};
	case 'transformPresence': {
		const [range, op] = args;
		return {
			result: type.transformPresence(copies[0], copies[1], args[2]),
			core: (!range || (plain(range) && isCount(range.index, 0) && isCount(range.length, 0))) && (op == null || strictDelta(op)),
		};
	}
	}
}

// ---- cases ----

const VALUES = [true, true, 1, 'red', '', 0, false, { q: [1] }, [2, { z: 0 }]];
const EMBEDS = [{ image: 'u' }, { v: { n: 1 } }, 5, 0, [1], {}, []];

function attributes(r, nulls) {
	if (r.chance(0.5)) return { b: nulls && r.chance(0.4) ? null : true };
	const found = {};
	for (let n = 1 + r.int(3); n > 0; n--) {
		found[r.pick(['b', 'i', 'color', '', '0', 'é'])] = nulls && r.chance(0.4) ? null : r.pick(VALUES);
	}
	return found;
}

function insertion(r, halves) {
	const op = { insert: r.chance(0.2) ? copy(r.pick(EMBEDS)) : text(r, r.chance(0.05) ? 300 : 5, halves) || 'x' };
	if (r.chance(0.5)) op.attributes = attributes(r, r.chance(0.1));
	return op;
}

// Pushed, as the package makes them itself; or with the parts as they came.
const settle = (ops, messy) => (messy ? ops : ops.reduce((delta, op) => delta.push(op), new Delta()).ops);

function makeDocument(r) {
	const ops = [];
	const halves = r.chance(0.1);
	for (let n = r.chance(0.03) ? 150 : r.int(7); n > 0; n--) ops.push(insertion(r, halves));
	return settle(ops, r.chance(0.2));
}

function makeOp(r, length) {
	const ops = [];
	const halves = r.chance(0.1);
	for (let n = r.weighted([[1, 0], [8, 2], [6, 3], [4, 6]]); n > 0; n--) {
		const kind = r.int(6);
		if (kind >= 3 || length === 0) {
			ops.push(insertion(r, halves));
			continue;
		}
		const len = 1 + r.int(r.chance(0.8) ? Math.min(length, 6) : length);
		length -= len;
		if (kind === 0) ops.push({ delete: len });
		else ops.push(kind === 1 ? { retain: len } : { retain: len, attributes: attributes(r, true) });
	}
	return settle(ops, r.chance(0.2));
}

const dressed = (r, ops) => (r.chance(0.3) ? { ops, ...(r.chance(0.1) ? { more: 1 } : {}) } : ops);

const asked = functions([[3, 'create'], [25, 'apply'], [40, 'transform'], [20, 'compose'], [1, 'invert']],
	[[4, 'invertWithDoc'], [4, 'transformCursor'], [4, 'transformPresence']]);

export function makeCase(r, tier = 'both') {
	const doc = makeDocument(r);
	const length = lengthOf(doc);
	const op = (len = length) => makeOp(r, len);
	const fn = r.weighted(asked[tier]);
	let args;
	switch (fn) {
	case 'create': args = [r.weighted([[1, null], [1, op()], [8, dressed(r, doc)]])]; break;
	case 'apply': args = [dressed(r, doc), dressed(r, op())]; break;
	case 'transform': {
		let first = op();
		if (r.chance(0.25)) first = type.transform(copy(first), op(), r.pick(['left', 'right'])).ops;
		args = [dressed(r, first), dressed(r, op()), r.pick(['left', 'right'])];
		break;
	}
	case 'compose': {
		const first = op();
		args = [dressed(r, first), dressed(r, op(lengthOf(type.apply(copy(doc), copy(first)).ops) + (r.chance(0.1) ? 3 : 0)))];
		break;
	}
	case 'invertWithDoc': args = [dressed(r, op()), dressed(r, doc)]; break;
	case 'transformCursor': args = [r.int(length + 2), dressed(r, op()), r.chance(0.5)]; break;
	case 'transformPresence': {
		const range = r.chance(0.1) ? null : { index: r.int(length + 1), length: r.int(5), ...(r.chance(0.3) ? { x: [1] } : {}) };
		args = [range, r.chance(0.05) ? null : dressed(r, op()), r.chance(0.5)];
		break;
	}
	default: args = [op()];
	}
	args = copy(args);
	if (r.chance(0.06)) args = damage(r, args);
	return { fn, args: Array.isArray(args) ? args : [args] };
}

// ---- scenes: a document, two concurrent ops on it, a third after the first (promises.mjs) ----

const isSettled = (ops) => JSON.stringify(settle(copy(ops), false)) === JSON.stringify(ops);

export function makeScene(r) {
	const doc = makeDocument(r);
	const a = makeOp(r, lengthOf(doc));
	const b = makeOp(r, lengthOf(doc));
	const c = makeOp(r, lengthOf(type.apply(copy(doc), copy(a)).ops));
	// To insert an attribute that is null leaves it null, to set it so later takes it away; and the package's invert
	// does not see an embed that is 0.
	const inContract = [doc, a, b, c].every((ops) => isSettled(ops) && ops.every((op) => !own(op, 'insert') ||
		(op.insert !== 0 && !Object.values(op.attributes ?? {}).includes(null))));
	return { doc: { ops: doc }, a, b, c, cursor: r.int(lengthOf(doc) + 1), inContract };
}
