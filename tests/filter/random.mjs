// Random documents and filters: few names and few values, so that they meet.
import { Random } from '../differential/random.mjs';

const NAMES = ['a', 'b', 'c', '0', '1'];
const STRINGS = ['', 'a', 'ab', 'b', 'B', 'é', '\uffff', '\u{10000}', 'a\nb', '1', '\u0000', '\ud800', 'x"$.\\'];
const NUMBERS = [0, 1, 2, 3, -1, -0.5, 1.5, 1e21, 1e-7, 9007199254740993, 5e-324, 1.7976931348623157e308];
const PATTERNS = ['a', '^a', 'b$', '^$', '.', '[ab]{1,2}', '^(a|b)+$', 'A', '\\n', '^[^a]', '\\w'];

class Maker {
	constructor(seed, i) { this.r = new Random(seed, i); }

	string() { return this.r.pick(this.r.chance(0.85) ? STRINGS.slice(0, 6) : STRINGS); }
	number() { return this.r.pick(this.r.chance(0.85) ? NUMBERS.slice(0, 6) : NUMBERS); }
	name() { return this.r.pick(this.r.chance(0.9) ? NAMES.slice(0, 3) : NAMES); }

	scalar() {
		return this.r.weighted([[2, () => null], [2, () => this.r.chance(0.5)], [7, () => this.number()],
			[5, () => this.string()]])();
	}

	value(depth) {
		return depth === 0 ? this.scalar() : this.r.weighted([
			[6, () => this.scalar()],
			[3, () => this.list(depth - 1)],
			[3, () => this.object(depth - 1)],
		])();
	}

	list(depth) { return Array.from({ length: this.r.int(4) }, () => this.value(depth)); }

	object(depth) {
		const o = {};
		for (let n = this.r.int(4); n > 0; n--) o[this.name()] = this.value(depth);
		return o;
	}

	document() {
		if (this.r.chance(0.03)) return this.value(1);
		const o = {};
		for (const name of ['a', 'b', 'c']) if (this.r.chance(0.75)) o[name] = this.value(3);
		return o;
	}

	// ids and contents of a collection
	documents(n) {
		return Object.fromEntries(Array.from({ length: n }, (_, i) => [`d${i}`, this.document()]));
	}

	path() {
		const names = [this.r.pick(['a', 'b', 'c'])];
		while (names.length < 4 && this.r.chance(0.4)) names.push(this.r.chance(0.25) ? this.r.pick(['0', '1']) : this.name());
		return names.join('.');
	}

	literal() {
		const v = this.r.chance(0.75) ? this.scalar() : this.value(2);
		return v;
	}

	literals() { return Array.from({ length: this.r.int(4) }, () => this.literal()); }

	regex() {
		const o = { $regex: this.r.pick(PATTERNS) };
		if (this.r.chance(0.3)) o.$options = this.r.pick(['i', 'm', 's', 'im']);
		return o;
	}

	operator(depth) {
		return this.r.weighted([
			[3, () => ({ $eq: this.literal() })],
			[3, () => ({ $ne: this.literal() })],
			[6, () => ({ [this.r.pick(['$gt', '$gte', '$lt', '$lte'])]: this.literal() })],
			[3, () => ({ $in: this.literals() })],
			[2, () => ({ $nin: this.literals() })],
			[2, () => ({ $exists: this.r.chance(0.6) })],
			[2, () => ({ $all: this.literals() })],
			[2, () => ({ $size: this.r.int(4) })],
			[2, () => this.regex()],
			[depth > 0 ? 3 : 0, () => ({ $elemMatch: this.r.chance(0.5) ? this.operators(depth - 1) : this.filter(depth - 1) })],
			[depth > 0 ? 2 : 0, () => ({ $not: this.operators(depth - 1) })],
		])();
	}

	operators(depth) {
		let o = this.operator(depth);
		while (this.r.chance(0.3)) o = { ...o, ...this.operator(depth) };
		return o;
	}

	condition(depth) {
		return this.r.weighted([
			[5, () => ({ [this.path()]: this.literal() })],
			[8, () => ({ [this.path()]: this.operators(depth) })],
			[0.5, () => ({ _id: this.r.pick(['d1', { $in: ['d1', 'd7', 'x', 3] }, { $gt: 'd3' }, { $ne: 'd2' }, null]) })],
			[0.3, () => ({ _data: this.literal() })],
			[depth > 0 ? 3 : 0, () => ({ [this.r.pick(['$and', '$or', '$nor'])]:
				Array.from({ length: 1 + this.r.int(3) }, () => this.filter(depth - 1)) })],
		])();
	}

	filter(depth = 2) {
		let o = {};
		for (let n = this.r.weighted([[1, 0], [10, 1], [4, 2], [1, 3]]); n > 0; n--) o = { ...o, ...this.condition(depth) };
		return o;
	}

	// What stands beside the conditions.
	beside() {
		const o = {};
		if (this.r.chance(0.5)) {
			o.$sort = {};
			for (let n = 1 + this.r.int(2); n > 0; n--) o.$sort[this.path()] = this.r.chance(0.5) ? 1 : -1;
		}
		if (this.r.chance(0.4)) o.$skip = this.r.int(6);
		if (this.r.chance(0.5)) o.$limit = this.r.int(8);
		if (this.r.chance(0.2)) o.$count = true;
		return o;
	}

	query() {
		return { ...this.filter(), ...this.r.chance(0.35) ? this.beside() : {} };
	}
}

// The i-th collection of a seed, and n queries of it.
export function group(seed, i, { docs, queries }) {
	const m = new Maker(seed, i);
	return { docs: m.documents(docs), queries: Array.from({ length: queries }, () => m.query()) };
}
