// The handshake, messages that are none, and the checks before any action.
const hs = (more) => ({ a: 'hs', id: null, protocol: 1, protocolMinor: 2, ...more });
const error = (code, message) => ({ error: { code, message } });
const malformed = (message) => error('ERR_MESSAGE_BADLY_FORMED', message);
const NO_OBJECT = malformed('Received non-object message');
const DEEP = Array(600).fill().reduce((inside) => [inside], 1);
const LONG = 'n'.repeat(10_240);
const edit = (more) => ({ a: 'op', c: 'greet', d: 'a', v: 1, seq: 2, op: [], ...more });
const create = (d, seq = 1) => ({ a: 'op', c: 'greet', d, v: 0, seq, create: { type: 'json0', data: { n: 1 } } });

const DANGEROUS = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'isPrototypeOf',
	'propertyIsEnumerable', 'toLocaleString', '__defineGetter__', '__lookupSetter__'];
const NOT_NAMES = [5, true, {}, ['x']];

// Messages that otd refuses as malformed and ShareDB takes, one by one.
const refused = (name, differs, list) => ({
	name, differs, steps: list.map(([message]) => [0, message]),
	otd: Object.fromEntries(list.map(([message, why], i) => [i + 1, { 0: [{ ...message, ...malformed(why) }] }])),
});

export default [
	{ name: 'the server speaks first', bare: true, steps: [] },
	{ name: 'handshake variants', bare: true, steps: [
		[0, hs()], [0, hs({ id: 'former' })], [0, hs()], [0, hs({ id: '' })], [0, hs({ protocol: '1' })],
		[0, { a: 'hs' }], [0, hs({ protocol: null, protocolMinor: null })], [0, hs({ protocol: 2 })],
		[0, hs({ c: 'x', d: 'y', b: [1], ch: 'z', seq: 3 })],
	] },
	{ name: 'handshakes that are refused', bare: true, steps: [
		[0, hs({ protocol: {} })], [0, hs({ protocolMinor: [] })], [0, hs({ protocol: true })],
		[0, hs({ c: '__proto__' })], [0, hs({ seq: 'x' })], [0, hs()],
	] },
	{ name: 'a src that is no string', bare: true, steps: [
		[0, hs({ id: 5 })], [0, create('src5')],
	], differs: ['src-string'], otd: {
		1: { 0: [{ ...hs({ id: 5 }), ...malformed('Invalid id') }] },
		2: { 0: [{ a: 'op', c: 'greet', d: 'src5', src: '<id 0>', seq: 1, v: 0 }] },
	} },
	{ name: 'actions before the handshake', bare: true, steps: [
		[0, { a: 'pp' }], [0, { a: 'f', c: 'greet', d: 'early' }], [0, create('early')],
		[0, hs({ id: 'later' })], [0, { a: 'op', c: 'greet', d: 'early', v: 1, seq: 1, op: [] }],
	] },
	{ name: 'ping', steps: [
		[0, { a: 'pp' }], [0, { a: 'pp', id: 7 }], [0, { a: 'pp', id: 0, c: 'x', d: 'y', b: [1] }],
		[0, { a: 'pp', id: 'seven', c: 'x' }], [0, { a: 'pp', c: '', d: '' }],
	] },
	{ name: 'unknown actions', steps: [
		[0, { a: 'zz' }], [0, {}], [0, { a: null }], [0, { a: 5 }], [0, { a: ['f'] }], [0, { a: 'init' }],
		[0, { a: 'zz', id: 3, c: 'x', extra: { deep: [1, null, 'é'] } }], [0, { a: 'zz', c: '__proto__' }],
		[0, { a: 'zz', d: 5, v: 'x' }], [0, { a: 'zz', seq: 'x' }], [0, { a: 'zz', ch: 5 }], [0, { a: 'pp' }],
	] },
	{ name: 'a string closes the connection', steps: [[0, '"pp"']], differs: ['says-why'], otd: { 1: { 0: [NO_OBJECT] } } },
	{ name: 'a number closes the connection', steps: [[0, '12']], differs: ['says-why'], otd: { 1: { 0: [NO_OBJECT] } } },
	{ name: 'a boolean closes the connection', steps: [[0, 'true']], differs: ['says-why'], otd: { 1: { 0: [NO_OBJECT] } } },
	{ name: 'an array is no message', steps: [[0, '[]'], [0, { a: 'pp' }]],
		differs: ['array-message'], otd: { 1: { 0: [NO_OBJECT] } }, hangsUp: [1, 0] },
	{ name: 'malformed JSON', steps: [[0, '{"a":"pp"'], [0, { a: 'pp' }]], differs: ['says-why'],
		otd: { 1: { 0: [malformed('unexpected end at byte 9 of the JSON text')] } } },
	{ name: 'JSON that is over a limit', differs: ['over-limit'], steps: [
		[0, { a: 'f', c: 'greet', d: 'none', z: DEEP }], [0, '{"a":"f","c":"greet","d":"none","v":1e999}'],
		[0, { a: 'pp' }],
	], otd: {
		1: { 0: [{ a: 'f', c: 'greet', d: 'none', ...malformed('JSON is nested more than 512 deep') }] },
		2: { 0: [{ a: 'f', c: 'greet', d: 'none', ...malformed('number out of range at byte 45 of the JSON text') }] },
	} },
	{ name: 'a binary frame', steps: [[0, Buffer.from('{"a":"pp"}')]], differs: ['binary'], hangsUp: [1, 0] },
	...DANGEROUS.map((name) => ({ name: `dangerous: ${name}`, steps: [
		...['f', 's', 'u', 'op'].map((a) => [0, { a, c: name, d: 'x' }]),
		...['f', 's', 'u', 'op'].map((a) => [0, { a, c: 'x', d: name }]),
		...['bf', 'bs', 'bu'].map((a) => [0, { a, c: name, b: ['x'] }]),
		...['bf', 'bs', 'bu'].map((a) => [0, { a, c: 'x', b: ['ok', name] }]),
		...['bf', 'bs'].map((a) => [0, `{"a":"${a}","c":"x","b":{"ok":1,"${name}":1}}`]),
		[0, { a: 'pp', ch: name }], [0, { a: 'pp', c: name }],
	] })),
	{ name: 'names that are no strings', steps: [
		...NOT_NAMES.flatMap((n) => ['f', 's', 'u', 'op'].flatMap((a) =>
			[[0, { a, c: n, d: 'x' }], [0, { a, c: 'x', d: n }]])),
		...NOT_NAMES.flatMap((n) => ['bf', 'bs', 'bu'].flatMap((a) =>
			[[0, { a, c: n, b: ['x'] }], [0, { a, c: 'x', b: [n] }]])),
	] },
	{ name: 'the id is checked before the collection', steps: [
		[0, { a: 'f', c: '__proto__', d: '__proto__', v: -1, seq: 'x' }],
		[0, { a: 'f', c: '__proto__', d: 'x', v: -1, seq: 'x' }],
		[0, { a: 'f', c: '__proto__', d: 'x', v: 1, seq: 'x' }],
		[0, { a: 'bf', c: '__proto__', b: 5 }],
	] },
	{ name: 'empty names', steps: [
		[0, { a: 'f', c: '', d: 'x' }], [0, { a: 'f', c: 'x', d: '' }],
	] },
	refused('no names', ['no-name'], [
		[{ a: 'f', d: 'x' }, 'Invalid collection'], [{ a: 'f', c: 'x' }, 'Invalid id'], [{ a: 'f' }, 'Invalid id'],
		[{ a: 'f', c: null, d: null }, 'Invalid id'], [{ a: 's', d: 'x' }, 'Invalid collection'],
		[{ a: 'bf', b: ['x'] }, 'Invalid collection'],
		[{ a: 'op', d: 'a', v: 1, seq: 2, op: [] }, 'Invalid collection'],
	]),
	refused('names of 10 KB', ['long-name'], [
		[{ a: 'f', c: LONG, d: 'x' }, 'Invalid collection'], [{ a: 'f', c: 'x', d: LONG }, 'Invalid id'],
		[edit({ c: LONG }), 'Invalid collection'],
		[{ a: 'bs', c: 'x', b: [LONG] }, 'Invalid id'], [hs({ id: LONG }), 'Invalid id'],
	]),
	refused('names with half a surrogate pair or U+0000', ['long-name'], [
		[{ a: 'f', c: 'x', d: '\ud800' }, 'Invalid id'], [{ a: 'f', c: 'a\u0000b', d: 'x' }, 'Invalid collection'],
	]),
	{ name: 'unusual names', steps: [
		...['é', '日本', '💡', 'a b', 'a.b', '$x', '..', "a'b\"c\\", 'A', '%00', '\u0001'].flatMap((name) => [
			[0, { a: 'op', c: `greet ${name}`, d: name, v: 0, seq: 1, create: { type: 'json0', data: name } }],
			[0, { a: 'f', c: `greet ${name}`, d: name }],
		]),
	] },
	{ name: 'versions', steps: [
		[0, create('a')],
		...[-1, '1', true, {}, []].flatMap((v) => ['f', 's', 'op'].map((a) => [0, { ...edit({ v }), a }])),
		[0, { a: 'u', c: 'greet', d: 'a', v: -1 }],
		[0, { a: 'f', c: 'greet', d: 'a', v: null }], [0, { a: 'f', c: 'greet', d: 'a', v: 0 }],
		[0, '{"a":"f","c":"greet","d":"a","v":-0}'], [0, '{"a":"f","c":"greet","d":"a","v":1.0}'],
		[0, '{"a":"f","c":"greet","d":"a","v":10e-1}'],
	] },
	refused('versions that are no whole numbers', ['whole-numbers'], [
		[{ a: 'f', c: 'greet', d: 'a', v: 0.5 }, 'Invalid version'],
		[{ a: 's', c: 'greet', d: 'a', v: 0.5 }, 'Invalid version'], [edit({ v: 0.5 }), 'Invalid version'],
		[{ a: 'f', c: 'greet', d: 'a', v: 9007199254740992 }, 'Invalid version'],
		[{ a: 'f', c: 'greet', d: 'a', v: 1e300 }, 'Invalid version'], [edit({ v: 1e300 }), 'Invalid version'],
		[{ a: 'bs', c: 'greet', b: { a: 0.5 } }, 'Invalid version'],
		[edit({ seq: -1 }), 'Invalid seq'], [edit({ seq: 1.5 }), 'Invalid seq'],
	]),
	{ name: 'versions out of range', steps: [
		[0, create('a')], [0, { a: 'f', c: 'greet', d: 'a', v: 99 }], [0, { a: 's', c: 'greet', d: 'a', v: 99 }],
		[0, { a: 'f', c: 'greet', d: 'a', v: 9007199254740991 }], [0, edit({ v: 99 })],
	] },
	{ name: 'seq', steps: [
		[0, create('a')],
		[0, edit({ seq: 'x' })], [0, edit({ seq: {} })], [0, edit({ seq: true })],
		[0, edit({ seq: null })], [0, edit({ seq: undefined })],
		[0, edit({ seq: 9007199254740991 })], [0, edit({ seq: 1e300 })],
		[0, edit({ seq: 9007199254740990 })], [0, edit({ seq: 0, v: 2 })],
		[0, { a: 'f', c: 'greet', d: 'a', seq: 'x' }], [0, { a: 'bf', c: 'greet', b: ['a'], seq: 'x' }],
	] },
	{ name: 'a repeated key counts once, the last', steps: [
		[0, '{"a":"zz","c":"x","a":"pp","c":"y"}'],
	] },
];
