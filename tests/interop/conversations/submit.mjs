// Submitting: create, edit, delete; conflicts, resends, malformed ops.
const op = (d, v, seq, more) => ({ a: 'op', c: 'sub', d, v, seq, ...more });
const create = (d, seq, data = { n: 0 }, type = 'json0', v = 0) => op(d, v, seq, { create: { type, data } });
const add = (d, v, seq, more) => op(d, v, seq, { op: [{ p: ['n'], na: 1 }], ...more });
const del = (d, v, seq) => op(d, v, seq, { del: true });
const read = (d) => ({ a: 'f', c: 'sub', d });
const URI = {
	json0: 'http://sharejs.org/types/JSONv0', text: 'http://sharejs.org/types/textv1',
	text0: 'http://sharejs.org/types/textv0', 'text-unicode': 'http://sharejs.org/types/text-unicode',
	'rich-text': 'http://sharejs.org/types/rich-text/v1', json1: 'http://sharejs.org/types/JSONv1',
};
const CONTENT = { json0: {}, 'rich-text': [{ insert: 'x', attributes: { bold: true } }], json1: { n: [1] } };

const wasDeleted = { error: { code: 'ERR_DOC_WAS_DELETED', message: 'Document was deleted' } };
const opSaid = (message) => ({ ...message, src: 'same' });
// A member that decides what kind of op it is must be there and truthy.
const noOp = (message) => ({ 0: [{ ...message, error: { code: 'ERR_MESSAGE_BADLY_FORMED', message: 'Invalid op message' } }] });
// The harness leaves the type of a refused create out of the comparison.
const unknownType = (message) => ({ 0: [{ ...message, create: {},
	error: { code: 'ERR_DOC_TYPE_NOT_RECOGNIZED', message: 'Unknown type' } }] });

export default [
	{ name: 'create by name and by URI', steps: [
		...Object.entries(URI).flatMap(([name, uri], i) => [
			[0, create(`${name}-1`, 2 * i + 1, CONTENT[name] ?? 'x', name)],
			[0, create(`${name}-2`, 2 * i + 2, CONTENT[name] ?? 'x', uri)],
			[0, read(`${name}-1`)], [0, { a: 'f', c: 'sub', d: `${name}-2`, v: 0 }],
		]),
	], differs: ['canonical'], otd: { 20: { 0: [
		{ ...create('rich-text-2', 10, { ops: CONTENT['rich-text'] }, URI['rich-text']), src: '<id 0>' },
		{ a: 'f', c: 'sub', d: 'rich-text-2' },
	] } } },
	{ name: 'edit and acknowledge', steps: [
		[0, create('a', 1)], [0, add('a', 1, 2)], [0, { ...add('a', 2, 3), x: { source: 'me' }, m: { secret: 1 } }],
		[0, add('a', 3, 4, { id: 17 })], [0, add('a', null, 5)], [0, add('a', undefined, 6)], [0, read('a')],
		[0, { a: 'f', c: 'sub', d: 'a', v: 0 }],
	] },
	{ name: 'stale edits are transformed', clients: 2, steps: [
		[0, create('t', 1, 'hello', 'text')], [0, op('t', 1, 2, { op: [5, ' world'] })],
		[1, op('t', 1, 1, { op: ['oh '] })], [0, op('t', 1, 3, { op: [2, { d: 2 }] })], [1, read('t')],
		[1, { a: 'f', c: 'sub', d: 't', v: 0 }],
	] },
	{ name: 'an author who does not read hears what was missed, then the ack', clients: 2, steps: [
		[0, create('a', 1)], [0, add('a', 1, 2)], [0, add('a', 2, 3)], [1, add('a', 1, 1)],
		[1, add('a', 9, 2)], [1, add('a', 1, 3, { op: [{ p: ['n', 'x'], oi: 1 }] })],
	] },
	{ name: 'an author who reads', clients: 2, steps: [
		[0, create('a', 1)], [1, { a: 's', c: 'sub', d: 'a' }], [0, add('a', 1, 2)], [1, add('a', 2, 1)],
		[1, add('a', 3, 2)], [0, add('a', 2, 3)],
	] },
	{ name: 'a version that is not yet', steps: [
		[0, add('a', 1, 1)], [0, create('a', 2, {}, 'json0', 1)], [0, create('a', 3)], [0, add('a', 2, 4)],
		[0, del('a', 2, 5)], [0, create('a', 6, {}, 'json0', 2)],
	] },
	{ name: 'nothing to edit', steps: [
		[0, add('a', 0, 1)], [0, add('a', null, 2)], [0, op('a', 0, 3, { op: [] })], [0, op('a', 0, 4, { op: null })],
		[0, create('a', 5)], [0, del('a', 1, 6)], [0, add('a', 2, 7)], [0, add('a', null, 8)], [0, read('a')],
	] },
	{ name: 'create twice', clients: 2, steps: [
		[0, create('a', 1)], [1, create('a', 1, { other: 1 })], [1, create('a', 2, { other: 1 }, 'json0', 1)],
		[1, create('a', 3, { other: 1 }, 'json0', null)], [0, add('a', 1, 2)], [1, create('a', 4)],
		[1, create('a', 5, {}, 'json0', 1)], [0, read('a')],
	] },
	{ name: 'a create that is sent again', clients: 2, steps: [
		[0, create('a', 1)], [0, create('a', 1)], [0, create('a', 1, { n: 0 }, 'json0', null)],
		[1, { ...create('a', 1), src: 'x' }],
		[0, add('a', 1, 2)], [0, create('a', 1)], [0, create('a', 1, { n: 0 }, 'json0', null)],
		[0, read('a')],
	] },
	{ name: 'an op that is sent again', steps: [
		[0, create('a', 1)], [0, add('a', 1, 2)], [0, add('a', 1, 2)], [0, add('a', 2, 3)], [0, add('a', 1, 2)],
		[0, add('a', 2, 3)], [0, add('a', 1, 3)], [0, read('a')],
	] },
	{ name: 'sent again at the head', steps: [
		[0, create('a', 1)], [0, add('a', 1, 2)], [0, add('a', 2, 2)], [0, add('a', null, 2)], [0, read('a')],
	] },
	{ name: 'sent again by another connection', clients: 2, steps: [
		[0, create('a', 1)], [0, add('a', 1, 2, { src: 'former' })], [1, add('a', 1, 2, { src: 'former' })],
		[1, add('a', 2, 3, { src: 'former' })], [1, add('a', 2, 3)], [0, read('a')],
	] },
	{ name: 'sent again by a connection that kept its id', clients: 2, bare: true, steps: [
		[0, { a: 'hs', id: 'kept', protocol: 1, protocolMinor: 2 }], [0, create('a', 1)], [0, add('a', 1, 2)],
		[0, 'leave'], [1, { a: 'hs', id: 'kept', protocol: 1, protocolMinor: 2 }],
		[1, { a: 's', c: 'sub', d: 'a', v: 1 }], [1, add('a', 1, 2)], [1, add('a', 2, 3)], [1, read('a')],
	] },
	{ name: 'two connections with one src', clients: 3, bare: true, steps: [
		[0, { a: 'hs', id: 'same', protocol: 1, protocolMinor: 2 }],
		[1, { a: 'hs', id: 'same', protocol: 1, protocolMinor: 2 }],
		[0, { a: 's', c: 'sub', d: 'a' }], [1, { a: 's', c: 'sub', d: 'a' }], [2, { a: 's', c: 'sub', d: 'a' }],
		[0, create('a', 1)], [1, add('a', 1, 2)],
	], differs: ['own-elsewhere'], otd: {
		6: { 1: [{ ...opSaid(create('a', 1)), create: { type: URI.json0, data: { n: 0 } } }] },
		7: { 0: [opSaid(add('a', 1, 2))] },
	} },
	{ name: 'src', steps: [
		[0, create('a', 1)], [0, add('a', 1, 2, { src: '' })], [0, add('a', 2, 3, { src: null })],
		[0, add('a', 3, 4, { src: 5 })], [0, add('a', 3, 4, { src: {} })], [0, add('a', 3, 4, { src: 'é💡' })],
		[0, { a: 'f', c: 'sub', d: 'a', v: 0 }],
	] },
	{ name: 'delete', clients: 2, steps: [
		[0, create('a', 1)], [1, { a: 's', c: 'sub', d: 'a' }], [0, add('a', 1, 2)], [1, del('a', 1, 1)],
		[0, read('a')], [0, del('a', 3, 3)], [0, del('a', 1, 4)], [0, del('a', null, 5)],
		[0, add('a', 2, 6)], [0, add('a', 1, 7)], [0, read('a')],
	], differs: ['told-once'], otd: {
		4: { 1: [{ a: 'op', c: 'sub', d: 'a', src: '<id 1>', seq: 1, v: 2 }] },
	} },
	{ name: 'delete what never was', steps: [
		[0, del('a', 0, 1)], [0, read('a')], [0, del('a', null, 2)], [0, create('a', 3)], [0, read('a')],
	] },
	{ name: 'recreate', clients: 2, steps: [
		[0, create('a', 1)], [0, add('a', 1, 2)], [0, del('a', 2, 3)], [0, create('a', 4, 'again', 'text', 3)],
		[0, read('a')], [1, add('a', 1, 1)], [1, add('a', 2, 2)], [1, op('a', 3, 3, { op: ['x'] })],
		[1, del('a', 2, 4)], [1, del('a', 3, 5)], [1, op('a', 4, 6, { op: ['x'] })],
		[1, { a: 'f', c: 'sub', d: 'a', v: 0 }],
	], differs: ['was-deleted'], otd: { 6: { 1: [{ ...add('a', 1, 1), ...wasDeleted }] } } },
	{ name: 'create over a deletion it has not seen', clients: 2, steps: [
		[0, create('a', 1)], [0, del('a', 1, 2)], [1, create('a', 1, { two: 2 }, 'json0', 1)],
		[1, create('a', 2, { two: 2 }, 'json0', null)], [1, read('a')],
	] },
	{ name: 'creates that are none', steps: [
		[0, op('a', 0, 1, {})], [0, op('a', 0, 2, { create: null })], [0, op('a', 0, 3, { create: false })],
		[0, op('a', 0, 5, { create: {} })], [0, op('a', 0, 6, { create: { type: 5 } })],
		[0, op('a', 0, 9, { create: { type: null, data: 1 } })],
		[0, op('a', 0, 10, { create: [] })], [0, read('a')],
	], differs: ['invalid-op'], otd: { 1: noOp(op('a', 0, 1, {})), 2: noOp(op('a', 0, 2, { create: null })),
		3: noOp(op('a', 0, 3, { create: false })) } },
	{ name: 'creates of no known type', steps: [
		[0, op('a', 0, 7, { create: { type: 'none' } })], [0, op('a', 0, 8, { create: { type: '__proto__' } })],
		[0, op('a', 0, 9, { create: { type: '' } })], [0, op('a', 0, 10, { create: { type: 'constructor' } })],
		[0, op('a', 0, 11, { create: { type: 'JSON0' } })], [0, read('a')],
	], differs: ['unknown-type'],
	otd: Object.fromEntries([7, 8, 9, 10, 11].map((seq, i) => [i + 1, unknownType(op('a', 0, seq, {}))])) },
	{ name: 'create data must be an object', steps: [
		[0, op('a', 0, 4, { create: 'json0' })], [0, op('a', 0, 5, { create: true })], [0, op('a', 0, 6, { create: 1 })],
	] },
	{ name: 'deletes that are none', steps: [
		[0, create('a', 1)], [0, op('a', 1, 2, { del: false })], [0, op('a', 1, 3, { del: 1 })],
		[0, op('a', 1, 4, { del: 'true' })], [0, op('a', 1, 5, { del: null })], [0, op('a', 1, 6, { del: {} })],
		[0, read('a')],
	], differs: ['invalid-op'], otd: { 2: noOp(op('a', 1, 2, { del: false })), 5: noOp(op('a', 1, 5, { del: null })) } },
	{ name: 'op goes before create, create before del', steps: [
		[0, op('a', 0, 1, { create: { type: 'json0', data: 1 }, del: true })], [0, read('a')],
		[0, op('a', 1, 2, { op: [{ p: [], oi: 2 }], create: { type: 'json0', data: 3 }, del: true })], [0, read('a')],
	] },
	{ name: 'text content must be a string', steps: [
		...['text', 'text-unicode', 'text0'].flatMap((type, i) => [5, {}, null, [], true].map((data, j) =>
			[0, create(`${type}${j}`, 10 * i + j + 1, data, type)])),
		...['text', 'text-unicode', 'text0'].map((type, i) =>
			[0, op(`${type}none`, 0, 50 + i, { create: { type } })]),
		...['text', 'text-unicode', 'text0'].map((type) => [0, read(`${type}none`)]),
	] },
	{ name: 'nothing changes when an op is refused', clients: 2, steps: [
		[0, create('a', 1, { n: 1, s: 'x', l: [1] })], [1, { a: 's', c: 'sub', d: 'a' }],
		[0, op('a', 1, 2, { op: [{ p: ['n'], na: 1 }, { p: ['s'], na: 1 }] })],
		[0, op('a', 1, 3, { op: [{ p: ['l', 0], ld: 1 }, { p: ['none', 'x'], oi: 1 }] })], [0, read('a')],
	] },
	{ name: 'ops that change nothing are committed', clients: 2, steps: [
		[0, create('a', 1)], [1, { a: 's', c: 'sub', d: 'a' }], [0, op('a', 1, 2, { op: [] })],
		[0, op('a', 1, 3, { op: [] })], [0, create('t', 4, 'x', 'text')], [0, op('t', 1, 5, { op: [] })],
		[0, create('u', 6, 'x', 'text-unicode')], [0, op('u', 1, 7, { op: [] })], [0, read('a')],
	] },
	{ name: 'null is no edit', steps: [
		[0, create('a', 1)], [0, op('a', 1, 2, { op: null })], [0, create('t', 3, 'x', 'text')],
		[0, op('t', 1, 4, { op: null })], [0, create('u', 5, 'x', 'text-unicode')], [0, op('u', 1, 6, { op: null })],
	] },
];
