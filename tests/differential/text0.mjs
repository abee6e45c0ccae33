// text0: cases, the reference, and what the strict rules take.
import { createRequire } from 'node:module';
import { damage, functions, text } from './random.mjs';

const text0 = createRequire(import.meta.url)('ot-json0/lib/text0');
const copy = (v) => JSON.parse(JSON.stringify(v));

function strictComponent(c, loose) {
	if (c === null || typeof c !== 'object' || Array.isArray(c)) return false;
	const fields = Object.keys(c).sort().join();
	const p = loose ? c.p ?? 0 : c.p;
	if (!['i,p', 'd,p', ...(loose ? ['i', 'd'] : [])].includes(fields)) return false;
	return Number.isInteger(p) && p >= 0 && typeof (c.i ?? c.d) === 'string';
}

export const strictText0 = (op) => Array.isArray(op) && op.every((c) => strictComponent(c, false));

function inRange(doc, op) {
	let s = doc;
	for (const c of op) {
		if ('i' in c && c.p > s.length) return false;
		s = text0.apply(s, [c]);
	}
	return true;
}

export function reference(fn, args) {
	switch (fn) {
	case 'create':
		return { result: text0.create(args[0]), core: true };
	case 'apply': {
		const result = text0.apply(args[0], args[1]);
		return { result, core: typeof args[0] === 'string' && strictText0(args[1]) && inRange(args[0], args[1]) };
	}
	case 'normalize': {
		const list = Array.isArray(args[0]) ? args[0] : [args[0]];
		const core = list.every((c) => strictComponent(c, true));
		return { result: text0.normalize(args[0]), core };
	}
	case 'transformCursor':
		return { result: text0.transformCursor(...args), core: typeof args[0] === 'number' && strictText0(args[1]) };
	case 'transform':
		return { result: text0.transform(...args), core: strictText0(args[0]) && strictText0(args[1]) };
	case 'compose':
		return { result: text0.compose(...args), core: strictText0(args[0]) && strictText0(args[1]) };
	case 'invert':
		return { result: text0.invert(args[0]), core: strictText0(args[0]) };
	}
}

function makeOp(r, doc) {
	const op = [];
	let s = doc;
	for (let n = r.weighted([[1, 0], [10, 1], [5, 2], [4, 3], [2, 6]]); n > 0; n--) {
		const p = r.int(s.length + 1);
		const c = r.chance(0.5) ? { p, i: text(r, 5, r.chance(0.1)) } : { p, d: s.slice(p, p + r.int(6)) };
		op.push(c);
		s = text0.apply(s, [c]);
	}
	return op;
}

const asked = functions([[2, 'create'], [25, 'apply'], [45, 'transform'], [15, 'compose'], [4, 'invert']],
	[[5, 'normalize'], [4, 'transformCursor']]);

export function makeCase(r, tier = 'both') {
	const doc = text(r, 14, r.chance(0.1)).repeat(r.chance(0.02) ? 500 : 1);	// long ones are held otherwise
	const fn = r.weighted(asked[tier]);
	let args;
	switch (fn) {
	case 'create': args = [r.weighted([[1, null], [1, 5], [8, doc]])]; break;
	case 'apply': args = [doc, makeOp(r, doc)]; break;
	case 'transform': {
		let op = makeOp(r, doc);
		if (r.chance(0.25)) op = text0.transform(op, makeOp(r, doc), r.pick(['left', 'right']));
		args = [op, makeOp(r, r.chance(0.97) ? doc : text(r, 14, true)), r.pick(['left', 'right'])];
		break;
	}
	case 'compose': {
		const op = makeOp(r, doc);
		args = [op, makeOp(r, text0.apply(doc, op))];
		break;
	}
	case 'transformCursor': args = [r.int(doc.length + 1), makeOp(r, doc), r.pick(['left', 'right'])]; break;
	default: args = [makeOp(r, doc)];
	}
	args = copy(args);
	if (r.chance(0.06)) args = damage(r, args);
	return { fn, args: Array.isArray(args) ? args : [args] };
}

// ---- scenes: a document, two concurrent ops on it, a third after the first (promises.mjs) ----

export function makeScene(r) {
	const doc = text(r, 14, r.chance(0.1));
	const a = makeOp(r, doc);
	return { doc, a, b: makeOp(r, doc), c: makeOp(r, text0.apply(doc, a)), cursor: r.int(doc.length + 1), inContract: true };
}
