// Edits that fit and edits that do not, type by type, at the head and stale.
// An edit in the lists below is an op, or strict(op, message): one that ShareDB
// lets through or trips over and that otd refuses with that message.
const BADLY_FORMED = 'ERR_OT_OP_BADLY_FORMED';
const strict = (op, message, code = 'ERR_OT_OP_NOT_APPLIED') => ({ op, message, code, isStrict: true });

const URI = {
	text: 'http://sharejs.org/types/textv1', 'text-unicode': 'http://sharejs.org/types/text-unicode',
	text0: 'http://sharejs.org/types/textv0',
};

/*
 * Each edit is tried on a document of its own, so that none depends on what
 * became of the one before.  other: an edit that came first and that the author
 * has not seen; after: the content with it.
 */
function tryAll(type, data, list, other, after = data) {
	const steps = [];
	const otd = {};
	for (const [i, entry] of list.entries()) {
		const d = `${type}${i}`;
		const edit = { a: 'op', c: 'edits', d, v: 1, seq: 9, op: entry?.isStrict ? entry.op : entry };
		steps.push([0, { a: 'op', c: 'edits', d, v: 0, seq: 1, create: { type, data } }]);
		if (other) steps.push([0, { a: 'op', c: 'edits', d, v: 1, seq: 2, op: other }]);
		steps.push([0, edit]);
		if (entry?.isStrict)
			otd[steps.length] = { 0: [{ ...edit, error: { code: entry.code, message: entry.message } }] };
		steps.push([0, { a: 'f', c: 'edits', d }]);
		const snapshot = { v: other ? 2 : 1, data: after, ...(URI[type] && { type: URI[type] }) };
		if (entry?.isStrict) otd[steps.length] = { 0: [{ a: 'f', c: 'edits', d, data: snapshot }] };
	}
	return {
		name: `${type}: ${other ? 'stale ' : ''}edits`, steps, otd,
		differs: ['strict-edits', ...(other ? ['stale-code'] : [])], addsCode: Boolean(other),
	};
}

const JSON_DATA = { n: 1, s: 'text', l: [1, 2, 3], o: { k: 'v' }, b: true, z: null };
const NO_KEY = 'an object action needs a key at the end of its path';
const NO_INDEX = 'list index must be whole and not negative';
const NO_STRING = 'text0 operations cannot be applied to a value that is not a string';
const json0 = [
	{}, 'x', 5, null, [null], [5], ['x'], [[]], [{}], [{ p: null }], [{ p: 'n' }], [{ p: {} }], [{ oi: 1 }],
	[{ p: ['__proto__'], oi: 1 }], [{ p: ['o', 'constructor'], oi: 1 }], [{ p: [['__proto__']], oi: 1 }],
	[{ p: ['none', 'x'], oi: 1 }], [{ p: ['s', 'x'], oi: 1 }], [{ p: ['n', 'x'], oi: 1 }],
	[{ p: ['s'], na: 1 }], strict([{ p: ['n'], na: 'x' }], 'na must be a number', BADLY_FORMED),
	[{ p: ['none'], na: 1 }], [{ p: ['z'], na: 1 }], [{ p: ['o', 0], li: 1 }],
	strict([{ p: ['l', 'x'], li: 1 }], 'a list action needs an index at the end of its path', BADLY_FORMED),
	strict([{ p: ['l', -1], li: 1 }], NO_INDEX, BADLY_FORMED), strict([{ p: ['l', 0.5], li: 1 }], NO_INDEX, BADLY_FORMED),
	[{ p: ['s', 0], li: 'x' }],
	strict([{ p: ['l', 0], oi: 1 }], NO_KEY, BADLY_FORMED), strict([{ p: ['l', 0], od: 1 }], NO_KEY, BADLY_FORMED),
	strict([{ p: ['l', 0], lm: 'x' }], 'a move goes from one list index to another', BADLY_FORMED),
	[{ p: ['o', 0], lm: 1 }], strict([{ p: ['n', 0], si: 'x' }], NO_STRING),
	strict([{ p: ['s', 99], si: 'x' }], 'insert past the end'),
	strict([{ p: ['s', 0], sd: 'nope' }], 'Delete component does not match deleted text'),
	[{ p: ['s', 'x'], si: 'x' }], [{ p: ['s', 0], si: 5 }], [{ p: ['s', 0] }],
	strict([{ p: ['n'], oi: 2, na: 1 }], 'several instructions in one component', BADLY_FORMED),
	[{ p: ['s'], t: 'text0', o: [{ p: 0, i: 'x' }] }], [{ p: ['s'], t: 'text0', o: [{ p: -1, i: 'x' }] }],
	[{ p: ['s'], t: 'none', o: [] }], strict([{ p: ['n'], t: 'text0', o: [{ p: 0, i: 'x' }] }], NO_STRING),
	[{ p: [], na: 1 }], [{ p: [], x: 1 }], [{ p: ['l', '1'], ld: 2 }], [{ p: ['l', 0], lm: '1' }],
	strict([{ p: [null], oi: 1 }], 'Invalid path segment'), strict([{ p: [true], oi: 1 }], 'Invalid path segment'),
	strict([{ p: [{}], oi: 1 }], 'Invalid path segment'),
];

const TEXT = 'hello';
const NO_COMPONENT = 'Components must be numbers, strings or deletes';
const NO_COUNT = 'Counts must be whole numbers';
const NO_FIELD = 'Deletes have no other field than d';
const text = [
	{}, 'x', 5, null, strict([null], NO_COMPONENT), strict([true], NO_COMPONENT), [0], [-1], strict([1.5], NO_COUNT),
	[''], [{}], [{ d: 0 }], [{ d: -1 }], [{ d: 'x' }], strict([{ d: 1.5 }], NO_COUNT), strict([[]], NO_COMPONENT),
	[99, 'x'], strict([{ d: 99 }], 'The op is too long for this document'), ['x', 1], [1, 2, 'x'], ['x', 'y'],
	[{ d: 1 }, { d: 1 }], [2], strict([{ i: 'x' }], NO_FIELD), strict([1, { d: 2, x: 1 }], NO_FIELD),
];
const unicode = [
	...text, [{ d: 'hel' }], [{ d: 'zzz' }], [{ d: '' }], ['💡'], [1, { d: 1 }],
	strict([1, '\ud83d'], 'Lone surrogates are not allowed'),
];
const NO_LIST = 'op must be a list of components';
const text0 = [
	strict({}, NO_LIST, BADLY_FORMED), strict('x', NO_LIST, BADLY_FORMED), strict(5, NO_LIST, BADLY_FORMED),
	strict(null, NO_LIST, BADLY_FORMED), strict([null], 'component missing position field'),
	[5], [{}], [{ p: 0 }], [{ i: 'x' }], [{ p: -1, i: 'x' }], [{ p: '0', i: 'x' }],
	strict([{ p: 99, i: 'x' }], 'insert past the end'),
	strict([{ p: 0, d: 'nope' }], 'Delete component does not match deleted text'),
	[{ p: 0, i: 5 }], [{ p: 0, d: 5 }], [{ p: 0, i: 'a', d: 'h' }], [{ p: 0, i: 'a' }, { p: 1, d: 'h' }],
	strict([{ p: 1.5, i: 'x' }], 'position must be whole', BADLY_FORMED), [{ p: 0, i: '' }],
];

export default [
	tryAll('json0', JSON_DATA, json0),
	tryAll('json0', JSON_DATA, json0, [{ p: ['l', 0], li: 0 }], { ...JSON_DATA, l: [0, 1, 2, 3] }),
	tryAll('text', TEXT, text), tryAll('text', TEXT, text, ['oh '], 'oh hello'),
	tryAll('text-unicode', TEXT, unicode), tryAll('text-unicode', TEXT, unicode, ['oh '], 'oh hello'),
	tryAll('text0', TEXT, text0), tryAll('text0', TEXT, text0, [{ p: 0, i: 'oh ' }], 'oh hello'),
];
