// Queries: fetched, followed, taken up again.
const create = (d, seq, data, type = 'json0') => ({ a: 'op', c: 'query', d, v: 0, seq, create: { type, data } });
const add = (d, v, seq, na) => ({ a: 'op', c: 'query', d, v, seq, op: [{ p: ['n'], na }] });
const del = (d, v, seq) => ({ a: 'op', c: 'query', d, v, seq, del: true });
const ask = (a, id, q, rest) => ({ a, id, c: 'query', q, ...rest });
const told = (op) => ({ ...op, src: '<id 0>' });
const row = (d, v, data) => ({ d, v, data });
const remove = (index) => ({ type: 'remove', index, howMany: 1 });
const insert = (index, ...values) => ({ type: 'insert', index, values });
const diff = (id, ...steps) => ({ a: 'q', id, diff: steps });
const three = [1, 2, 3].map((n) => [0, create('abc'[n - 1], n, { n })]);

export default [
	{ name: 'the checks of a query', steps: [
		[0, { a: 'qf', c: 'query', q: {} }], [0, { a: 'qs', id: '1', c: 'query', q: {} }], [0, { a: 'qu', id: null }],
		[0, { a: 'qf', id: 1, c: 5, q: {} }], [0, { a: 'qu', id: 1, c: '__proto__' }],
		...[1, {}, 'x', [1], [[]], [[1]], [['__proto__', 1]], [['x', -1]], [['x', '1']], [['x', true]]]
			.map((r) => [0, ask('qs', 1, {}, { r })]),
		[0, ask('qf', 1, {}, { o: { db: 'other' } })], [0, ask('qs', 1, {}, { o: { db: {} } })],
	] },
	{ name: 'fetch what matches', steps: [
		...three, [0, ask('qf', 1, {})], [0, ask('qf', 2, { n: { $gt: 1 } })], [0, ask('qf', 3, { n: 7 })],
		[0, ask('qf', 4, { $sort: { n: -1 } })], [0, ask('qf', 5, { $sort: { n: 1 }, $skip: 1, $limit: 1 })],
		[0, ask('qf', 6, { n: { $in: [1, 3] }, $count: true })], [0, ask('qf', 0, { n: 1 })], [0, ask('qf', -1.5, { n: 1 })],
		[0, ask('qf', 7, { n: 1 }, { r: [['a', 1], ['b', 1]] })], [0, ask('qf', 8, { n: 1 }, { o: { pollInterval: 1 } })],
		[0, { a: 'qf', id: 9, c: 'query none', q: {} }], [0, { a: 'qu', id: 7 }],
	] },
	{ name: 'types in results', steps: [
		[0, create('a', 1, 'x', 'text')], [0, create('b', 2, [1], 'json0')], [0, create('c', 3, 'y', 'text-unicode')],
		[0, del('b', 1, 4)], [0, ask('qf', 1, {})],
	] },
	{ name: 'a document comes, changes and goes', clients: 2, steps: [
		...three, [1, ask('qs', 7, { n: { $gt: 1 } })],
		[0, add('b', 1, 4, 5)],			// in it, and stays
		[0, add('a', 1, 5, 5)],			// comes
		[0, add('b', 2, 6, -9)],		// goes: the diff before the op
		[0, add('b', 3, 7, 1)],			// out of it
		[0, del('c', 1, 8)], [0, create('d', 9, { n: 4 })],
		[1, { a: 'qu', id: 7 }], [0, add('d', 1, 10, 1)],
	] },
	{ name: 'one\'s own ops in a result', steps: [
		...three, [0, ask('qs', 1, { n: { $gt: 1 } })], [0, add('b', 1, 4, 1)], [0, add('b', 2, 5, -9)], [0, add('a', 1, 6, 9)],
	] },
	{ name: 'all documents, from none on', clients: 2, steps: [
		[1, ask('qs', 1, {})], [0, create('a', 1, { n: 1 })], [0, create('b', 2, 'text', 'text')], [0, del('a', 1, 3)],
		[0, { a: 'op', c: 'query', d: 'b', v: 1, seq: 4, op: ['x'] }],
	] },
	{ name: 'a sorted window', clients: 2, differs: ['window-later'], steps: [
		...three, [1, ask('qs', 1, { $sort: { n: 1 }, $limit: 2 })],
		[0, add('a', 1, 4, 9)], [0, add('c', 1, 5, -9)], [0, del('b', 1, 6)],
	], otd: {
		5: { 1: [told(add('a', 1, 4, 9)), diff(1, remove(0), insert(1, row('c', 1, { n: 3 })))] },
		6: { 1: [told(add('c', 1, 5, -9)), diff(1, { type: 'move', from: 1, to: 0, howMany: 1 })] },
		7: { 1: [told(del('b', 1, 6)), diff(1, remove(1), insert(1, row('a', 2, { n: 10 })))] },
	} },
	{ name: 'a count', clients: 2, steps: [
		...three, [1, ask('qs', 1, { n: { $gt: 1 }, $count: true })],
		[0, del('b', 1, 4)], [0, add('a', 1, 5, 5)],
	] },
	{ name: 'taking up a result again', clients: 2, steps: [
		...three, [0, add('b', 1, 4, 5)], [0, del('a', 1, 5)], [0, create('d', 6, { n: 4 })],
		[1, ask('qs', 3, { n: { $gt: 1 } }, { r: [['b', 1], ['c', 1]] })],
		[1, { a: 'qu', id: 3 }],
		[1, ask('qs', 4, { n: { $gt: 1 } }, { r: [['b', 2], ['c', 1], ['d', 1]] })],
		[0, add('d', 1, 7, 1)],
		[1, { a: 'qu', id: 4 }],
		[1, ask('qs', 5, { n: { $gt: 1 } }, { r: [['b', null], ['c', 1]] })],
	] },
	{ name: 'the same id again', clients: 2, steps: [
		...three, [1, ask('qs', 1, { n: 1 })], [1, ask('qs', 1, { n: 2 })], [0, add('b', 1, 4, 0)], [0, add('a', 1, 5, 0)],
	] },
];
