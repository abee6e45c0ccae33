// History: a document at a version, or at a time.
const create = (d, more) => [0, { a: 'op', c: 'past', d, v: 0, seq: 1, create: { type: 'json0', data: { n: 0 }, ...more } }];
const add = (d, v) => [0, { a: 'op', c: 'past', d, v, seq: v + 1, op: [{ p: ['n'], na: 1 }] }];
const at = (d, v, more) => [0, { a: 'nf', id: 7, c: 'past', d, v, ...more }];
const when = (d, ts, more) => [0, { a: 'nt', id: 8, c: 'past', d, ts, ...more }];

// Messages that otd refuses and ShareDB takes, or refuses otherwise; the rest of each step is the same.
const refused = (name, differs, error, before, messages) => ({
	name, differs, steps: [...before, ...messages.map((message) => [0, message])],
	otd: Object.fromEntries(messages.map((message, i) => [before.length + i + 1, { 0: [{ ...message, error }] }])),
});

export default [
	{ name: 'any version of a document', steps: [
		create('a'), add('a', 1), add('a', 2), add('a', 3),
		...[0, 1, 2, 3, 4, null, undefined].map((v) => at('a', v)),
	] },
	refused('versions beyond the head', ['beyond-head'], { code: 'ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT',
		message: 'Requested version exceeds latest snapshot version' }, [create('a'), add('a', 1)], [
		{ a: 'nf', id: 7, c: 'past', d: 'a', v: 3 }, { a: 'nf', c: 'past', d: 'a', v: 9007199254740991 },
		{ a: 'nf', id: 7, c: 'past', d: 'none', v: 1 },
	]),
	{ name: 'versions of a document that never was', steps: [
		at('none', 0), at('none', null), when('none', 0), when('none', 4e12), when('none', null),
	] },
	{ name: 'versions around a deletion', steps: [
		create('a'), add('a', 1), [0, { a: 'op', c: 'past', d: 'a', v: 2, seq: 3, del: true }],
		[0, { a: 'op', c: 'past', d: 'a', v: 3, seq: 4, create: { type: 'text', data: 'new' } }],
		[0, { a: 'op', c: 'past', d: 'a', v: 4, seq: 5, op: ['er '] }],
		...[0, 1, 2, 3, 4, 5, null].map((v) => at('a', v)),
		when('a', 0), when('a', 4e12),
	] },
	...['json1', 'text', 'text-unicode', 'rich-text'].map((type) => ({ name: `versions of a ${type}`, steps: [
		[0, { a: 'op', c: 'past', d: 'a', v: 0, seq: 1, create: { type,
			data: { json1: { n: 0 }, 'rich-text': [{ insert: 'ab' }] }[type] ?? 'ab' } }],
		[0, { a: 'op', c: 'past', d: 'a', v: 1, seq: 2,
			op: { json1: ['n', { r: true, i: 'x' }], 'rich-text': { ops: [{ retain: 1 }, { insert: 'c' }] } }[type] ?? [1, 'c'] }],
		at('a', 0), at('a', 1), at('a', 2), at('a', null),
	] })),
	{ name: 'a document without content', steps: [
		[0, { a: 'op', c: 'past', d: 'a', v: 0, seq: 1, create: { type: 'json0' } }], at('a', 1), at('a', null),
	] },
	{ name: 'times', steps: [
		create('a'), add('a', 1),
		...[-1, 0, 1, 0.5, 1e12, 4e12, 1e300, -1e300, null, undefined].map((ts) => when('a', ts)),
	] },
	{ name: 'each message has the other\'s field', steps: [
		create('a'), add('a', 1), at('a', 1, { ts: 0 }), at('a', null, { ts: 0 }), when('a', 0, { v: 2 }),
		when('a', 4e12, { v: 77 }), when('a', null, { v: 0 }), when('none', 5, { v: 5 }),
	] },
	{ name: 'histories without a number', steps: [
		create('a'), add('a', 1),
		...[undefined, 0, '', null].map((id) => at('a', 1, { id })), at('a', 1, { id: 'x' }),
		...[undefined, 0].map((id) => when('a', null, { id })),
	] },
	{ name: 'histories that are refused', steps: [
		create('a'),
		...['nf', 'nt'].flatMap((a) => [
			{}, { c: 'past' }, { d: 'a' }, { c: null, d: null }, { c: null, d: 'a' }, { c: 'past', d: null },
			{ c: '__proto__', d: 'a' }, { c: 'past', d: '__proto__' }, { d: 5 }, { c: 5, d: 'a' },
			{ c: 'past', d: 'a', v: -1 }, { c: 'past', d: 'a', v: '1' }, { c: 'past', d: 'a', v: {} },
			{ c: 'past', d: 'a', ts: '1' }, { c: 'past', d: 'a', ts: true }, { c: 'past', d: 'a', ts: [] },
			{ c: 'past', d: 'a', v: 'x', ts: 'x' }, { c: '__proto__', d: 'a', v: -1 },
			{ c: 'past', d: 'a', v: 0, seq: 'x' }, { c: 'past', d: 'a', v: 0, ch: '__proto__' },
		].map((more) => [0, { a, id: 3, ...more }])),
		[0, { a: 'pp' }],
	] },
	refused('versions of the past that are no whole numbers', ['whole-numbers'],
		{ code: 'ERR_MESSAGE_BADLY_FORMED', message: 'Invalid version' }, [], [
			{ a: 'nf', id: 1, c: 'past', d: 'a', v: 0.5 }, { a: 'nf', id: 1, c: 'past', d: 'a', v: 1e300 },
		]),
	{ name: 'the past beside a reader', clients: 2, steps: [
		create('a'), [1, { a: 's', c: 'past', d: 'a' }], add('a', 1), add('a', 2),
		[1, { a: 'nf', id: 1, c: 'past', d: 'a', v: 1 }], add('a', 3),
		[1, { a: 'nf', id: 2, c: 'past', d: 'a', v: 4 }],
	] },
];
