// text and text-unicode: cases, the references, and what the strict rules take.
import { createRequire } from 'node:module';
import { damage, functions, text } from './random.mjs';

const require = createRequire(import.meta.url);
const types = { text: require('ot-text').type, 'text-unicode': require('ot-text-unicode').type };
const copy = (v) => JSON.parse(JSON.stringify(v));
const LONE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const COUNT_MAX = 1e6;		// the reference counts code points one by one

export function forType(name) {
	const type = types[name];
	const unicode = name === 'text-unicode';
	const units = (s) => (unicode ? [...s] : s.split(''));
	const sound = (s) => typeof s === 'string' && !(unicode && LONE.test(s));

	// ---- strict rules ----

	const isCount = (n, least) => Number.isInteger(n) && n >= least && n < COUNT_MAX;

	function strictComponent(c, least) {
		if (typeof c === 'number') return isCount(c, least);
		if (typeof c === 'string') return c.length >= least && sound(c);
		if (c === null || typeof c !== 'object' || Array.isArray(c) || Object.keys(c).join() !== 'd') return false;
		return isCount(c.d, least) || (unicode && sound(c.d) && c.d.length >= least);
	}

	const strictOp = (op, least = 1) => Array.isArray(op) && op.every((c) => strictComponent(c, least));
	const dlen = (c) => (typeof c.d === 'number' ? c.d : units(c.d).length);

	function inRange(doc, op) {
		let left = units(doc).length;
		for (const c of op) {
			if (typeof c === 'number') left -= c;
			else if (typeof c === 'object') left -= dlen(c);
		}
		return left >= 0;
	}

	// The reference would count for hours.
	const tooMuch = (v) => (typeof v === 'number' ? v > COUNT_MAX :
		v !== null && typeof v === 'object' && Object.values(v).some(tooMuch));

	function reference(fn, args) {
		if (tooMuch(args)) return { skip: true };
		switch (fn) {
		case 'create':
			return { result: type.create(args[0]), core: args[0] === undefined || args[0] === null || sound(args[0]) };
		case 'apply': {
			const [doc, op] = args;
			return { result: type.apply(doc, copy(op)), core: sound(doc) && strictOp(op) && inRange(doc, op) };
		}
		case 'normalize':
			return { result: type.normalize(copy(args[0])), core: strictOp(args[0], 0) };
		case 'transform': case 'compose': {
			const core = strictOp(args[0]) && strictOp(args[1]);
			// Skips and deletes that the strict rules refuse may never end.
			if (!core && [...[args[0]].flat(), ...[args[1]].flat()].some((c) => typeof c === 'boolean' || !Number.isInteger(c?.d ?? c ?? 1) && typeof (c?.d ?? c) === 'number')) return { skip: true };
			return { result: type[fn](...args), core };
		}
		case 'invert':
			return { result: type.invert(args[0]), core: strictOp(args[0]) && canonical(args[0]) };
		case 'makeInvertible': case 'invertWithDoc': {
			const [op, doc] = args;
			return { result: type[fn](op, doc), core: strictOp(op) && sound(doc) && inRange(doc, op) && canonical(op) };
		}
		case 'transformCursor': {
			const [cursor, op, own] = args;
			const selection = typeof cursor === 'number' || (Array.isArray(cursor) && (unicode || cursor.length === 2));
			const core = selection && [cursor].flat().every((n) => isCount(n, 0)) && strictOp(op) && canonical(op);
			return { result: type.transformSelection(cursor, op, own), core };
		}
		}
	}

	// The reference's check of a whole op, where it does not run it itself.
	function canonical(op) {
		try {
			type.apply('x'.repeat(1000), op);
			return true;
		} catch {
			return false;
		}
	}

	// ---- cases ----

	function makeOp(r, doc, messy) {
		const op = [];
		let left = units(doc);
		for (let n = r.weighted([[1, 0], [8, 2], [6, 3], [4, 6], [1, 12]]); n > 0; n--) {
			switch (r.int(3)) {
			case 0: {
				const skip = 1 + r.int(4);
				if (skip <= left.length) {
					op.push(skip);
					left = left.slice(skip);
				}
				break;
			}
			case 1:
				op.push(text(r, 4, !unicode && r.chance(0.1)) || 'x');
				break;
			default: {
				const len = 1 + r.int(4);
				if (len <= left.length) {
					op.push({ d: unicode && r.chance(0.5) ? left.slice(0, len).join('') : len });
					left = left.slice(len);
				}
			}
			}
		}
		if (!messy) return type.normalize(copy(op));
		const joined = [];	// two skips in a row are not allowed, and none at the end
		for (const c of op) {
			if (typeof c === 'number' && typeof joined.at(-1) === 'number') joined[joined.length - 1] += c;
			else joined.push(c);
		}
		if (typeof joined.at(-1) === 'number') joined.pop();
		return joined;
	}

	const asked = functions([[2, 'create'], [25, 'apply'], [45, 'transform'], [20, 'compose'], [2, 'invert']],
		[[3, 'normalize'], [3, 'transformCursor'], ...(unicode ? [[2, 'makeInvertible'], [2, 'invertWithDoc']] : [])]);

	function makeCase(r, tier = 'both') {
		const doc = text(r, 16, !unicode && r.chance(0.1));
		const op = (on = doc) => makeOp(r, on, r.chance(0.2));
		const fn = r.weighted(asked[tier]);
		let args;
		switch (fn) {
		case 'create': args = [r.weighted([[1, null], [1, 5], [8, doc]])]; break;
		case 'apply': args = [doc, op()]; break;
		case 'transform': {
			let first = op();
			if (r.chance(0.25)) first = type.transform(copy(first), op(), r.pick(['left', 'right']));
			args = [first, op(), r.pick(['left', 'right'])];
			break;
		}
		case 'compose': {
			const first = op();
			args = [first, op(type.apply(doc, copy(first)))];
			break;
		}
		case 'makeInvertible': case 'invertWithDoc': args = [op(), doc]; break;
		case 'transformCursor': {
			const n = () => r.int(units(doc).length + 1);
			args = [r.chance(0.5) ? n() : [n(), n()], op(), r.chance(0.3)];
			break;
		}
		default: args = [op()];
		}
		args = copy(args);
		if (r.chance(0.06)) args = damage(r, args);
		return { fn, args: Array.isArray(args) ? args : [args] };
	}

	// ---- scenes: a document, two concurrent ops on it, a third after the first (promises.mjs) ----

	function makeScene(r) {
		const doc = text(r, 16, !unicode && r.chance(0.1));
		const messy = r.chance(0.3);
		const a = makeOp(r, doc, messy);
		const b = makeOp(r, doc, messy);
		const c = makeOp(r, type.apply(doc, copy(a)), messy);
		const settled = (op) => JSON.stringify(type.normalize(copy(op))) === JSON.stringify(op);
		return { doc, a, b, c, cursor: r.int(units(doc).length + 1), inContract: [a, b, c].every(settled) };
	}

	return { reference, makeCase, makeScene };
}
