// Edits that fit and edits that do not, type by type, at the head and stale.
const ops = (type, data, list) => ({
	name: `${type}: edits that do not fit`,
	steps: [
		[0, { a: 'op', c: 'edits', d: type, v: 0, seq: 1, create: { type, data } }],
		...list.map((op, i) => [0, { a: 'op', c: 'edits', d: type, v: null, seq: i + 2, op }]),
		[0, { a: 'f', c: 'edits', d: type }],
	],
});
const stale = (type, data, other, list) => ({
	name: `${type}: stale edits that do not fit`,
	steps: [
		[0, { a: 'op', c: 'edits', d: type, v: 0, seq: 1, create: { type, data } }],
		[0, { a: 'op', c: 'edits', d: type, v: 1, seq: 2, op: other }],
		...list.map((op, i) => [0, { a: 'op', c: 'edits', d: type, v: 1, seq: i + 3, op }]),
		[0, { a: 'f', c: 'edits', d: type }],
	],
});

const JSON_DATA = { n: 1, s: 'text', l: [1, 2, 3], o: { k: 'v' }, b: true, z: null };
const json0 = [
	{}, 'x', 5, null, [null], [5], ['x'], [[]], [{}], [{ p: null }], [{ p: 'n' }], [{ p: {} }], [{ oi: 1 }],
	[{ p: ['__proto__'], oi: 1 }], [{ p: ['o', 'constructor'], oi: 1 }], [{ p: [['__proto__']], oi: 1 }],
	[{ p: ['none', 'x'], oi: 1 }], [{ p: ['s', 'x'], oi: 1 }], [{ p: ['n', 'x'], oi: 1 }],
	[{ p: ['s'], na: 1 }], [{ p: ['n'], na: 'x' }], [{ p: ['none'], na: 1 }], [{ p: ['z'], na: 1 }],
	[{ p: ['o', 0], li: 1 }], [{ p: ['l', 'x'], li: 1 }], [{ p: ['l', -1], li: 1 }], [{ p: ['l', 0.5], li: 1 }],
	[{ p: ['s', 0], li: 'x' }], [{ p: ['l', 0], oi: 1 }], [{ p: ['l', 0], od: 1 }], [{ p: ['l', 0], lm: 'x' }],
	[{ p: ['o', 0], lm: 1 }], [{ p: ['n', 0], si: 'x' }], [{ p: ['s', 99], si: 'x' }], [{ p: ['s', 0], sd: 'nope' }],
	[{ p: ['s', 'x'], si: 'x' }], [{ p: ['s', 0], si: 5 }], [{ p: ['s', 0] }], [{ p: ['n'], oi: 2, na: 1 }],
	[{ p: ['s'], t: 'text0', o: [{ p: 0, i: 'x' }] }], [{ p: ['s'], t: 'text0', o: [{ p: -1, i: 'x' }] }],
	[{ p: ['s'], t: 'none', o: [] }], [{ p: ['n'], t: 'text0', o: [{ p: 0, i: 'x' }] }],
	[{ p: [], na: 1 }], [{ p: [], x: 1 }], [{ p: ['l', '1'], ld: 2 }], [{ p: ['l', 0], lm: '1' }],
	[{ p: [null], oi: 1 }], [{ p: [true], oi: 1 }], [{ p: [{}], oi: 1 }],
];

const TEXT = 'hello';
const text = [
	{}, 'x', 5, null, [null], [true], [0], [-1], [1.5], [''], [{}], [{ d: 0 }], [{ d: -1 }], [{ d: 'x' }], [{ d: 1.5 }],
	[[]], [99, 'x'], [{ d: 99 }], ['x', 1], [1, 2, 'x'], ['x', 'y'], [{ d: 1 }, { d: 1 }], [2], [{ i: 'x' }],
	[1, { d: 2, x: 1 }],
];
const unicode = [
	...text, [{ d: 'hel' }], [{ d: 'zzz' }], [{ d: '' }], ['💡'], [1, { d: 1 }], [1, '\ud83d'],
];
const text0 = [
	{}, 'x', 5, null, [null], [5], [{}], [{ p: 0 }], [{ i: 'x' }], [{ p: -1, i: 'x' }], [{ p: '0', i: 'x' }],
	[{ p: 99, i: 'x' }], [{ p: 0, d: 'nope' }], [{ p: 0, i: 5 }], [{ p: 0, d: 5 }], [{ p: 0, i: 'a', d: 'h' }],
	[{ p: 0, i: 'a' }, { p: 1, d: 'h' }], [{ p: 1.5, i: 'x' }], [{ p: 0, i: '' }],
];

export default [
	ops('json0', JSON_DATA, json0), stale('json0', JSON_DATA, [{ p: ['l', 0], li: 0 }], json0),
	ops('text', TEXT, text), stale('text', TEXT, ['oh '], text),
	ops('text-unicode', TEXT, unicode), stale('text-unicode', TEXT, ['oh '], unicode),
	ops('text0', TEXT, text0), stale('text0', TEXT, [{ p: 0, i: 'oh ' }], text0),
];
