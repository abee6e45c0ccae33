// Documents by the names of projections: *_short and *_empty of *_all
// (projections below), which stand for some fields of the root and for none.
export const projections = {
	'*_short': { of: '*_all', fields: ['name', 'age', '0'] },
	'*_empty': { of: '*_all', fields: [] },
};

const ALL = 'project_all';
const SHORT = 'project_short';
const EMPTY = 'project_empty';

const data = { name: 'Ann', age: 7, secret: { name: 'x' }, tags: ['a'] };
const create = (c, d, seq, content = data, type = 'json0') =>
	({ a: 'op', c, d, v: 0, seq, create: { type, data: content } });
const edit = (c, d, v, seq, op) => ({ a: 'op', c, d, v, seq, op });
const del = (c, d, v, seq) => ({ a: 'op', c, d, v, seq, del: true });
const of = (a, c, d, v) => (v === undefined ? { a, c, d } : { a, c, d, v });
const bulk = (a, c, b) => ({ a, c, b });

const older = (by) => ({ p: ['age'], na: by });
const hush = (text) => ({ p: ['secret', 'name', 0], si: text });
const root = (before, after) => ({ p: [], ...(before === undefined ? {} : { od: before }), ...(after === undefined ? {} : { oi: after }) });

const refused = (message) => ({ ...message,
	error: { code: 'ERR_TYPE_CANNOT_BE_PROJECTED', message: 'Cannot project documents of this type' } });
const JSON1 = 'http://sharejs.org/types/JSONv1';
const shown = { name: 'Ann', age: 7 };

export default [
	{ name: 'snapshots through projections', steps: [
		...[data, { secret: 1 }, { age: null, other: 1 }, { 0: 'x', 1: 'y' }, [1, 2], 'text', 5, true, null].flatMap((content, i) =>
			[[0, create(ALL, `d${i}`, i + 1, content)], [0, of('f', SHORT, `d${i}`)], [0, of('f', EMPTY, `d${i}`)],
				[0, of('f', SHORT, `d${i}`, 0)]]),
		[0, { a: 'op', c: ALL, d: 'absent', v: 0, seq: 20, create: { type: 'json0' } }], [0, of('f', SHORT, 'absent')],
		[0, of('f', SHORT, 'absent', 0)], [0, of('f', SHORT, 'none')], [0, of('s', SHORT, 'none')],
		[0, bulk('bf', SHORT, ['d0', 'd1', 'd4', 'none'])], [0, bulk('bf', ALL, ['d0'])],
	] },
	{ name: 'ops through projections', clients: 2, steps: [
		[0, create(ALL, 'a', 1)], [1, of('s', SHORT, 'a')],
		...[
			[older(1)], [hush('y')], [older(1), hush('z'), { p: ['tags', 0], ld: 'a', li: 'b' }, { p: ['name', 1], sd: 'n' }],
			[{ p: ['name'], od: 'An', oi: 'Bo' }, { p: ['new'], oi: 1 }], [{ p: ['age'], od: 9 }], [], [{ p: ['0'], oi: 4 }],
		].map((op, i) => [0, edit(ALL, 'a', i + 1, i + 2, op)]),
		[0, del(ALL, 'a', 8, 9)], [0, { ...create(ALL, 'a', 10), v: 9 }],
		...[0, 1, 3, 8].map((v) => [1, of('f', SHORT, 'a', v)]), [1, of('f', EMPTY, 'a', 4)],
		[1, of('u', SHORT, 'a')], [0, edit(ALL, 'a', 10, 11, [older(1)])], [1, of('s', SHORT, 'a', 9)],
		[0, edit(ALL, 'a', 11, 12, [older(1)])],
	] },
	{ name: 'the root replaced', clients: 2, steps: [
		[0, create(ALL, 'a', 1)], [1, of('s', SHORT, 'a')],
		[0, edit(ALL, 'a', 1, 2, [root(data, { age: 1, secret: 2 })])], [1, of('f', SHORT, 'a')],
		[0, edit(ALL, 'a', 2, 3, [root({ age: 1, secret: 2 }, [1])])], [1, of('f', SHORT, 'a')],
		[0, edit(ALL, 'a', 3, 4, [{ p: [0], ld: 1, li: 2 }, { p: [1], li: 3 }])],
		[0, edit(ALL, 'a', 4, 5, [root([2, 3], null)])], [0, edit(ALL, 'a', 5, 6, [root(null, 'x')])],
		[0, edit(ALL, 'a', 6, 7, [root('x')])], [1, of('f', SHORT, 'a')],
		[0, edit(ALL, 'a', 7, 8, [root(undefined, data)])], [1, of('f', SHORT, 'a')],
	] },
	{ name: 'the collection and its projections read by one client', clients: 2, steps: [
		[0, create(ALL, 'a', 1)], [1, of('s', ALL, 'a')], [0, edit(ALL, 'a', 1, 2, [older(1)])], [1, of('u', ALL, 'a')],
		[1, of('s', SHORT, 'a')], [0, edit(ALL, 'a', 2, 3, [hush('y')])], [1, of('u', SHORT, 'a')], [1, of('s', EMPTY, 'a')],
		[0, edit(ALL, 'a', 3, 4, [older(1)])], [1, of('u', EMPTY, 'a')], [0, edit(ALL, 'a', 4, 5, [older(1)])],
	] },
	{ name: 'submits through a projection', clients: 2, steps: [
		[0, create(ALL, 'a', 1)], [1, of('s', ALL, 'a')], [0, edit(SHORT, 'a', 1, 2, [older(1)])],
		[0, edit(SHORT, 'a', 2, 3, [{ p: ['name', 3], si: 'e' }, older(2)])], [0, edit(SHORT, 'a', 3, 4, [])],
		[0, create(SHORT, 'b', 5, { name: 'Bo' })], [0, create(SHORT, 'c', 6, {})], [0, create(SHORT, 'd', 7, null)],
		[0, { a: 'op', c: SHORT, d: 'e', v: 0, seq: 8, create: { type: 'json0' } }],
		[1, bulk('bf', ALL, ['a', 'b', 'c', 'd', 'e'])], [0, del(SHORT, 'a', 4, 9)], [1, of('f', ALL, 'a')],
	] },
	{ name: 'submits outside of a projection', clients: 2, steps: [
		[0, create(ALL, 'a', 1)], [1, of('s', ALL, 'a')],
		...[[hush('y')], [older(1), hush('y')], [root(data, { name: 'x' })], [root(data)], [{ p: ['tags', 0], ld: 'a' }]]
			.map((op, i) => [0, edit(SHORT, 'a', 1, i + 2, op)]),
		[0, edit(EMPTY, 'a', 1, 7, [older(1)])], [0, edit(EMPTY, 'a', 1, 8, [])],
		[0, create(SHORT, 'b', 9)], [0, create(SHORT, 'b', 10, [])], [0, create(SHORT, 'b', 11, 'x')],
		[0, create(SHORT, 'b', 12, 'x', 'text')], [1, bulk('bf', ALL, ['a', 'b'])],
	] },
	{ name: 'what an author missed comes projected', clients: 2, steps: [
		[0, create(ALL, 'a', 1)], [1, of('f', SHORT, 'a')], [0, edit(ALL, 'a', 1, 2, [older(1), hush('y')])],
		[0, edit(ALL, 'a', 2, 3, [hush('y')])], [1, edit(SHORT, 'a', 1, 1, [older(10)])], [1, of('f', SHORT, 'a')],
		[1, edit(SHORT, 'a', 1, 1, [older(10)])],
	] },
	{ name: 'one\'s own ops by another name', clients: 1, steps: [
		[0, create(ALL, 'a', 1)], [0, of('s', SHORT, 'a')], [0, edit(SHORT, 'a', 1, 2, [older(1)])],
		[0, edit(ALL, 'a', 2, 3, [older(1), hush('y')])], [0, del(SHORT, 'a', 3, 4)],
	] },
	{ name: 'bulk by projection', clients: 2, steps: [
		[0, create(ALL, 'a', 1)], [0, create(ALL, 'b', 2)], [1, bulk('bs', SHORT, ['a', 'b', 'none'])],
		[0, edit(ALL, 'a', 1, 3, [older(1), hush('y')])], [0, edit(ALL, 'b', 1, 4, [hush('y')])],
		[1, bulk('bu', SHORT, ['a'])], [0, edit(ALL, 'a', 2, 5, [older(1)])],
		[1, bulk('bs', SHORT, { a: 1, b: 2 })], [0, edit(ALL, 'a', 3, 6, [older(1)])],
	] },
	{ name: 'queries see what a projection hides, and results are projected', clients: 3, steps: [
		[0, create(ALL, 'a', 1, { name: 'Ann', age: 1, hidden: 0 })],
		[1, { a: 'qs', id: 1, c: SHORT, q: { hidden: 1 } }], [2, { a: 'qs', id: 1, c: EMPTY, q: { hidden: 1 } }],
		[0, edit(ALL, 'a', 1, 2, [{ p: ['hidden'], na: 1 }])], [0, edit(ALL, 'a', 2, 3, [older(1), { p: ['new'], oi: 1 }])],
		[1, edit(SHORT, 'a', 3, 1, [older(1)])], [1, { a: 'qu', id: 1 }], [2, { a: 'qu', id: 1 }],
		[0, edit(ALL, 'a', 4, 4, [{ p: ['hidden'], na: 1 }])],
		[1, { a: 'qf', id: 2, c: SHORT, q: { hidden: 2, age: 3 } }], [1, { a: 'qf', id: 3, c: SHORT, q: { hidden: 1 } }],
		[1, { a: 'qf', id: 4, c: SHORT, q: { hidden: 2, $count: true } }],
		[1, { a: 'qs', id: 5, c: SHORT, q: { hidden: 2 }, r: [['a', 1]] }], [0, edit(ALL, 'a', 5, 5, [older(1)])],
	] },
	{ name: 'a document as it was, through a projection', steps: [
		[0, create(ALL, 'a', 1)], [0, edit(ALL, 'a', 1, 2, [older(1), hush('y')])], [0, edit(ALL, 'a', 2, 3, [hush('z')])],
		...[0, 1, 2, 3, null].map((v, i) => [0, { a: 'nf', id: i + 1, c: SHORT, d: 'a', v }]),
		[0, { a: 'nt', id: 8, c: SHORT, d: 'a', ts: null }], [0, { a: 'nf', id: 9, c: EMPTY, d: 'a', v: 2 }],
		[0, del(ALL, 'a', 3, 4)], [0, { a: 'nf', id: 10, c: SHORT, d: 'a', v: 4 }], [0, { a: 'nf', id: 11, c: SHORT, d: 'no', v: null }],
	] },
	{ name: 'a type that cannot be projected', clients: 2, differs: ['unprojected'], steps: [
		[1, of('s', SHORT, 't')], [0, create(ALL, 't', 1, 'abc', 'text')], [1, of('f', SHORT, 't')],
		[1, of('f', SHORT, 't', 0)], [1, of('s', SHORT, 't')], [1, of('s', SHORT, 't', 0)],
		[0, edit(ALL, 't', 1, 2, ['x'])], [1, edit(SHORT, 't', 1, 1, ['y'])], [0, create(ALL, 'a', 3)],
		[1, bulk('bf', SHORT, ['a', 't'])], [1, bulk('bs', SHORT, ['t', 'a'])], [0, edit(ALL, 'a', 1, 4, [older(1)])],
		[0, del(ALL, 't', 2, 5)], [1, of('f', SHORT, 't')],
	], otd: {
		3: { 1: [refused(of('f', SHORT, 't'))] },
		4: { 1: [refused(of('f', SHORT, 't', 0))] },
		5: { 1: [refused(of('s', SHORT, 't'))] },
		6: { 1: [refused(of('s', SHORT, 't', 0))] },
		10: { 1: [{ a: 'bf', c: SHORT, data: { a: { v: 1, data: shown }, t: refused({}) } }] },
		11: { 1: [{ a: 'bs', c: SHORT, data: { a: { v: 1, data: shown }, t: refused({}) } }] },
		12: { 1: [{ a: 'op', c: SHORT, d: 'a', v: 1, src: '<id 0>', seq: 4, op: [older(1)] }] },
	} },
	{ name: 'json1 through projections', clients: 2, differs: ['json1-projected'], steps: [
		[0, create(ALL, 'j', 1, data, 'json1')], [1, of('s', SHORT, 'j')],
		[0, edit(ALL, 'j', 1, 2, [['age', { ena: 1 }], ['secret', { r: true }]])],
		[0, edit(ALL, 'j', 2, 3, [['age', { p: 0 }], ['old', { d: 0 }]])],
		[0, edit(ALL, 'j', 3, 4, ['tags', { r: true }])],
		[1, edit(SHORT, 'j', 4, 1, ['age', { i: 1 }])], [1, of('f', SHORT, 'j')],
	], otd: {
		2: { 1: [{ a: 's', c: SHORT, d: 'j', data: { v: 1, data: shown, type: JSON1 } }] },
		3: { 1: [{ a: 'op', c: SHORT, d: 'j', v: 1, src: '<id 0>', seq: 2, op: ['age', { ena: 1 }] }] },
		4: { 1: [{ a: 'op', c: SHORT, d: 'j', v: 2, src: '<id 0>', seq: 3, op: ['age', { r: true }] }] },
		5: { 1: [{ a: 'op', c: SHORT, d: 'j', v: 3, src: '<id 0>', seq: 4, op: null }] },
		6: { 1: [{ a: 'op', c: SHORT, d: 'j', src: '<id 1>', seq: 1, v: 4 }] },
		7: { 1: [{ a: 'f', c: SHORT, d: 'j', data: { v: 5, data: { name: 'Ann', age: 1 }, type: JSON1 } }] },
	} },
	{ name: 'no such document, and errors, through a projection', steps: [
		[0, edit(SHORT, 'none', 0, 1, [older(1)])], [0, del(SHORT, 'none', 0, 2)], [0, create(ALL, 'a', 3)],
		[0, create(SHORT, 'a', 4, { age: 1 })], [0, edit(SHORT, 'a', 9, 5, [older(1)])],
		[0, edit(SHORT, 'a', 2, 6, [{ p: ['age', 'x'], oi: 1 }])], [0, edit(SHORT, 'a', 2, 7, [{ p: ['age'] }])],
		[0, of('f', SHORT, 'a')],
	] },
];
