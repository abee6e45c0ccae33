// Fetch, subscribe, unsubscribe, alone and in bulk.
const create = (d, seq, data = { n: 0 }, type = 'json0') =>
	({ a: 'op', c: 'read', d, v: 0, seq, create: { type, data } });
const add = (d, v, seq) => ({ a: 'op', c: 'read', d, v, seq, op: [{ p: ['n'], na: 1 }] });
const of = (a, d, v) => ({ a, c: 'read', d, v });
const bulk = (a, b) => ({ a, c: 'read', b });

export default [
	{ name: 'a document that never was', steps: [
		[0, of('f', 'none')], [0, of('f', 'none', 0)], [0, of('s', 'none')], [0, of('s', 'none', 0)],
		[0, of('u', 'none')], [0, bulk('bf', ['none', 'none2'])], [0, bulk('bs', ['none', 'none2'])],
		[0, bulk('bu', ['none', 'none2'])],
	] },
	{ name: 'fetch a snapshot', steps: [
		[0, create('a', 1)], [0, of('f', 'a')], [0, add('a', 1, 2)], [0, of('f', 'a')],
		[0, { ...of('f', 'a'), id: 9 }], [0, { ...of('f', 'a'), id: 0 }],
		[0, { a: 'op', c: 'read', d: 'a', v: 2, seq: 3, del: true }], [0, of('f', 'a')],
	] },
	{ name: 'fetch ops', steps: [
		[0, create('a', 1)], [0, add('a', 1, 2)], [0, add('a', 2, 3)],
		[0, { a: 'op', c: 'read', d: 'a', v: 3, seq: 4, del: true }], [0, create('a', 5)],
		[0, { ...create('a', 6), v: 4 }],
		...[0, 1, 3, 4, 5, 6, 7].map((v) => [0, of('f', 'a', v)]),
		[0, { ...of('f', 'a', 2), id: 'mine' }],
	] },
	{ name: 'types in snapshots', steps: [
		...[['json0', [1]], ['text', 'x'], ['text-unicode', 'é'], ['text0', 'y']].flatMap(([type, data], i) =>
			[[0, create(type, i + 1, data, type)], [0, of('f', type)], [0, of('f', type, 0)]]),
		[0, bulk('bf', ['json0', 'text', 'text-unicode', 'text0', 'none'])],
	] },
	{ name: 'content that is null or absent', steps: [
		[0, create('null', 1, null)], [0, of('f', 'null')],
		[0, { a: 'op', c: 'read', d: 'absent', v: 0, seq: 2, create: { type: 'json0' } }], [0, of('f', 'absent')],
		[0, { a: 'op', c: 'read', d: 'absent', v: 1, seq: 3, op: [{ p: [], oi: { x: 1 } }] }], [0, of('f', 'absent')],
		[0, { a: 'op', c: 'read', d: 'absent', v: 2, seq: 4, op: [{ p: [], od: { x: 1 } }] }], [0, of('f', 'absent')],
		[0, of('f', 'absent', 0)],
	] },
	{ name: 'content that must come back as it was', steps: [
		[0, '{"a":"op","c":"read","d":"e","v":0,"seq":1,"create":{"type":"json0","data":{"z":1,"10":2,"9":3,"a":' +
			'["\\ud800","\\udc00x","\\u0000","\\u2028",1e21,5e-324,1.5,-0,0.1,123456789012345680000,"\\/",""]}}}'],
		[0, of('f', 'e')], [0, of('f', 'e', 0)],
		[0, '{"a":"op","c":"read","d":"e","v":1,"seq":2,"op":[{"p":["a",0],"ld":"\\ud800","li":"\\ude00"}]}'],
		[0, of('f', 'e')],
	] },
	{ name: 'subscribe, then ops by others', clients: 2, steps: [
		[0, create('a', 1)], [1, of('s', 'a')], [0, add('a', 1, 2)], [0, add('a', 2, 3)],
		[1, of('u', 'a')], [0, add('a', 3, 4)], [1, of('s', 'a', 1)], [0, add('a', 4, 5)],
		[0, { a: 'op', c: 'read', d: 'a', v: 5, seq: 6, del: true }],
		[0, { ...create('a', 7), v: 6 }],
	] },
	{ name: 'subscribed before it was made', clients: 2, steps: [
		[1, of('s', 'new')], [0, create('new', 1, 'text', 'text')], [1, of('u', 'new')],
	] },
	{ name: 'subscribed twice, told once', clients: 2, steps: [
		[0, create('a', 1)], [1, of('s', 'a')], [1, of('s', 'a')], [1, of('s', 'a', 1)], [1, bulk('bs', ['a', 'a'])],
		[0, add('a', 1, 2)], [1, of('u', 'a')], [0, add('a', 2, 3)],
	] },
	{ name: 'subscribe by version', clients: 2, steps: [
		[0, create('a', 1)], [0, add('a', 1, 2)], [0, add('a', 2, 3)],
		...[0, 2, 3, 4].map((v) => [1, of('s', 'a', v)]), [0, add('a', 3, 4)],
		[1, { ...of('s', 'a', 3), id: 4 }],
	] },
	{ name: 'one\'s own ops come as acknowledgements only', steps: [
		[0, of('s', 'a')], [0, create('a', 1)], [0, add('a', 1, 2)],
		[0, { a: 'op', c: 'read', d: 'a', v: 2, seq: 3, del: true }],
	] },
	{ name: 'unsubscribe without having subscribed', steps: [
		[0, of('u', 'a')], [0, { a: 'u', c: 'read', d: 'a', id: 3 }], [0, { ...of('u', 'a'), v: 5 }],
		[0, bulk('bu', [])], [0, bulk('bu', { a: 1 })],
	] },
	{ name: 'leaving ends a subscription', clients: 3, steps: [
		[0, create('a', 1)], [1, of('s', 'a')], [2, of('s', 'a')], [1, 'leave'], [0, add('a', 1, 2)],
	] },
	{ name: 'other documents are not heard', clients: 2, steps: [
		[0, create('a', 1)], [0, create('b', 2)], [1, of('s', 'a')], [0, add('b', 1, 3)],
		[0, { ...create('a', 4), c: 'read2' }], [0, { ...create('b.c', 5), c: 'read.a' }],
		[1, { a: 's', c: 'read.a', d: 'b' }], [0, { ...add('b.c', 1, 6), c: 'read.a' }],
		[0, { ...create('c', 7), c: 'read.a.b' }],
	] },
	{ name: 'bulk fetch by list', steps: [
		[0, create('a', 1)], [0, create('b', 2, 'x', 'text')],
		[0, bulk('bf', ['a', 'b', 'none'])], [0, bulk('bf', ['a', 'a'])], [0, bulk('bf', [])],
		[0, { ...bulk('bf', ['a']), id: 5 }], [0, bulk('bf', [''])],
	] },
	{ name: 'bulk fetch by map', steps: [
		[0, create('a', 1)], [0, create('b', 2)], [0, add('b', 1, 3)],
		[0, bulk('bf', { a: 0, b: 1 })], [0, bulk('bf', { a: 1, b: 2 })], [0, bulk('bf', { none: 0 })],
		[0, bulk('bf', {})], [0, { ...bulk('bf', { a: 0 }), id: 6 }], [0, bulk('bf', { a: 7 })],
	] },
	{ name: 'bulk fetch by map without a version', steps: [
		[0, create('a', 1)], [0, bulk('bf', { a: null })],
	] },
	{ name: 'bulk subscribe by list', clients: 2, steps: [
		[0, create('a', 1)], [0, create('b', 2, 'x', 'text')], [1, bulk('bs', ['a', 'b', 'none'])],
		[0, add('a', 1, 3)], [0, create('none', 4)], [1, bulk('bu', ['a', 'none'])], [0, add('a', 2, 5)],
		[0, { a: 'op', c: 'read', d: 'b', v: 1, seq: 6, op: ['y'] }], [1, bulk('bs', [])],
	] },
	{ name: 'bulk subscribe by map', clients: 2, steps: [
		[0, create('a', 1)], [0, create('b', 2)], [0, add('b', 1, 3)],
		[1, bulk('bs', { a: 0, b: 1 })], [0, add('a', 1, 4)], [0, add('b', 2, 5)], [1, bulk('bu', ['a', 'b'])],
		[1, bulk('bs', { a: 2, b: null, none: null })], [0, add('b', 3, 6)], [1, bulk('bs', {})],
		[1, bulk('bs', { a: null, b: null })],
	] },
	{ name: 'bulk data that is none', steps: [
		...['bf', 'bs', 'bu'].flatMap((a) => [undefined, null, 5, 'a', true].map((b) => [0, bulk(a, b)])),
		...['bf', 'bs', 'bu'].flatMap((a) => [['ok', 5], ['ok', null], [[]], { x: -1 }, { x: '1' }].map((b) =>
			[0, bulk(a, b)])),
		[0, { ...bulk('bf', 5), id: 8 }],
	] },
];
