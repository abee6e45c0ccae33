// What mingo says of a filter, and where it says something else than MongoDB.
//
// Each exception is a pair of condition and document that mingo decides
// otherwise than the manual, or than the server where the manual is silent;
// an example of each is held against both in filter.test.mjs.
import { Query } from 'mingo';

const URI = 'http://sharejs.org/types/JSONv0';
const isObject = (v) => v !== null && typeof v === 'object' && !Array.isArray(v);
const isIndex = (name) => /^\d+$/.test(name);
const RANGES = ['$gt', '$gte', '$lt', '$lte'];

// As sharedb-mongo stores it.
export const stored = (id, data) => ({ ...(isObject(data) ? data : { _data: data }), _id: id, _type: URI, _v: 1 });

// A value, and all that is in it.
function* all(v) {
	yield v;
	if (v !== null && typeof v === 'object') for (const item of Object.values(v)) yield* all(item);
}

const some = (v, is) => { for (const part of all(v)) if (is(part)) return true; return false; };

// The values under a path, with the lists met on the way; through objects,
// lists of them and indexes.
function walk(v, names, met) {
	if (names.length === 0) return [v];
	if (Array.isArray(v)) {
		met.push(v);
		return [...v.flatMap((item) => isObject(item) || Array.isArray(item) ? walk(item, names, met) : []),
			...isIndex(names[0]) ? walk(v[Number(names[0])], names.slice(1), met) : []];
	}
	return walk(isObject(v) && Object.hasOwn(v, names[0]) ? v[names[0]] : undefined, names.slice(1), met);
}

// name: {when(operator, operand, values, met), example: [filter, content, what MongoDB says]}
export const exceptions = {
	// A list on the way with something in it that is no object: MongoDB passes
	// over it, mingo takes what is left as a list.  An empty one as well.
	'a list on the way': {
		when: (op, operand, values, met) => met.some((list) => !list.length || list.some((item) => !isObject(item))),
		example: [{ 'a.b': [] }, { a: [] }, false],
	},
	// mingo loses those items of a list that lack the member.
	'a missing member in a list': {
		when: (op, operand, values, met) => met.length > 0 && values.includes(undefined),
		example: [{ 'a.b': null }, { a: [{}, { b: 1 }, {}] }, true],
	},
	// mingo gives one list, of what the items have, however deep they have it.
	'lists below a list': {
		when: (op, operand, values, met) => met.length > 0 && values.some(Array.isArray),
		example: [{ 'a.b': [[1], 2] }, { a: [{ b: [1] }, { b: 2 }] }, false],
	},
	'a condition on the whole list of what items have': {
		when: (op, operand, values, met) => met.length > 0 &&
			(some(operand, Array.isArray) || ['$size', '$elemMatch', '$all'].includes(op)),
		example: [{ 'a.b': { $size: 1 } }, { a: [{ b: 1 }] }, false],
	},
	// MongoDB looks at a list and its items, mingo at the items' items too.
	'lists in a list': {
		when: (op, operand, values) => values.some((v) => Array.isArray(v) && v.some(Array.isArray)),
		example: [{ a: { $regex: '^x' } }, { a: [['x']] }, false],
	},
	// mingo asks a number for its members.
	'$elemMatch of documents on items that are none': {
		when: (op, operand, values) => op === '$elemMatch' && !aboutItems(operand) &&
			values.some((v) => Array.isArray(v) && v.some((item) => !isObject(item))),
		example: [{ a: { $elemMatch: { b: { $ne: 3 } } } }, { a: [0] }, false],
	},
	'null in a range': {
		when: (op, operand) => RANGES.includes(op) && operand === null,
		example: [{ a: { $gte: null } }, {}, true],
	},
	'$all of what is no list': {
		when: (op, operand, values) => op === '$all' && !values.some(Array.isArray),
		example: [{ a: { $all: [1] } }, { a: 1 }, true],
	},
	'$all and a whole list': {
		when: (op, operand, values) => op === '$all' && operand.some(Array.isArray),
		example: [{ a: { $all: [[1]] } }, { a: [1] }, true],
	},
	'a whole list in $in': {
		when: (op, operand) => ['$in', '$nin'].includes(op) && operand.some(Array.isArray),
		example: [{ a: { $in: [[1]] } }, { a: [1] }, true],
	},
	'order of objects and lists': {
		when: (op, operand) => RANGES.includes(op) && typeof operand === 'object',
		example: [{ a: { $lt: [2] } }, { a: [1, 9] }, true],
	},
	// mingo finds objects equal whose members stand in another order.
	'order of members': {
		when: (op, operand) => some(operand, (v) => isObject(v) && Object.keys(v).length > 1),
		example: [{ a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } }, false],
	},
	// By bytes of UTF-8 in MongoDB, by units of UTF-16 in mingo.
	'strings beyond U+FFFF in a range': {
		when: (op, operand) => RANGES.includes(op) && typeof operand === 'string',
		needs: (operand, values) => [operand, ...values.flat()].some((s) => /[\ud800-\udfff]/.test(s)),
		example: [{ a: { $gt: '\uffff' } }, { a: '\u{10000}' }, true],
	},
};

// Do the operators ask about items themselves, or about documents in the list?
const aboutItems = (operand) => {
	const first = Object.keys(operand)[0];
	return Boolean(first?.startsWith('$')) && !['$and', '$or', '$nor'].includes(first);
};

// The exception that one condition on one value of context makes; undefined: none.
function ofCondition(op, operand, path, context) {
	const met = [];
	const values = path === null ? [context] : walk(context, path.split('.'), met);
	if (op === '$not') return ofOperators(operand, path, context);
	for (const [name, { when, needs }] of Object.entries(exceptions)) {
		if (when(op, operand, values, met) && (!needs || needs(operand, values))) return name;
	}
	if (op !== '$elemMatch') return undefined;
	const items = values.filter(Array.isArray).flat();
	for (const item of items) {
		const name = aboutItems(operand) ? ofOperators(operand, null, item) : ofFilter(operand, item);
		if (name) return name;
	}
	return undefined;
}

function ofOperators(operators, path, context) {
	for (const [op, operand] of Object.entries(operators)) {
		const name = ofCondition(op, operand, path, context);
		if (name) return name;
	}
	return undefined;
}

const hasOperators = (v) => isObject(v) && Object.keys(v)[0]?.startsWith('$');

function ofFilter(filter, context) {
	for (const [key, v] of Object.entries(filter)) {
		const name = key.startsWith('$') ? v.map((part) => ofFilter(part, context)).find(Boolean) :
			hasOperators(v) ? ofOperators(v, key, context) : ofCondition('$eq', v, key, context);
		if (name) return name;
	}
	return undefined;
}

export const exceptionOf = (filter, doc) => ofFilter(filter, doc);

// What mingo says of one document.
export const matcher = (filter) => {
	const query = new Query(filter);
	return (doc) => query.test(doc);
};
