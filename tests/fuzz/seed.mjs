// node tests/fuzz/seed.mjs
//
// Writes the seeds of the corpus, corpus/TARGET/seed-NN; leaves what else is there alone.  Seeds of types are
// cases of tests/differential: a document, two concurrent ops on it, a third after the first, a cursor.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { types } from '../differential/compare.mjs';
import { Random } from '../differential/random.mjs';
import { group } from '../filter/random.mjs';

const SEED = 1;
const PER_TYPE = 28;
const LONGEST = 700;	// bytes
const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), 'corpus');

function write(target, seeds) {
	const into = path.join(folder, target);
	fs.mkdirSync(into, { recursive: true });
	for (const file of fs.readdirSync(into)) if (file.startsWith('seed-')) fs.rmSync(path.join(into, file));
	seeds.forEach((seed, i) => fs.writeFileSync(path.join(into, `seed-${String(i).padStart(2, '0')}`), seed));
}

// n + 1 more copies of the last len bytes (input.h), both below 128.
const more = (len, n) => String.fromCharCode(1, len - 1, n);

// ---- types ----

// The same chance, but this function: cases of one number then have the same document.
class Choosing extends Random {
	constructor(i, fn) {
		super(SEED, i);
		this.fn = fn;
	}

	weighted(weights) {
		const value = super.weighted(weights);
		return weights.some(([, v]) => v === this.fn) ? this.fn : value;
	}
}

const json = (v) => (v === undefined ? 'undefined' : JSON.stringify(v));

// Case i as lines, or null when it is none of ours.
function scene(type, i) {
	const made = (fn) => {
		const one = types[type].makeCase(new Choosing(i, fn));
		return one.fn === fn ? one.args : null;
	};
	const [apply, compose, transform] = ['apply', 'compose', 'transform'].map(made);
	if (!apply || !compose || !transform) return null;
	let cursor = ['json0'].includes(type) ? null : made('transformCursor')?.[0];
	if (type === 'rich-text' && i % 2) cursor = made('transformPresence')?.[0];
	const lines = [apply[0], compose[0], transform[1], compose[1], cursor ?? 0];
	const seed = Buffer.from(lines.map(json).join('\n'));
	return seed.length <= LONGEST && !seed.includes(1) ? seed : null;
}

function scenes(type) {
	const found = [];
	for (let i = 0; found.length < PER_TYPE; i++) {
		const seed = scene(type, i);
		// of each size some: the first half as it comes, then longer ones
		if (seed && (found.length < PER_TYPE / 2 || seed.length > 120)) found.push(seed);
	}
	return found;
}

// Long texts, long lists of components, deep nesting.
const long = {
	json0: [
		`{"t":"abcdefghij${more(10, 30)}${more(100, 25)}é${more(128, 15)}"}\n[{"p":["t",3],"si":"x"},{"p":["t",900],"sd":"bc"}]\n[{"p":["t",2],"sd":"cdef"}]\n[{"p":["t",1500],"si":"é"}]`,
		`[0]\n[{"p":[0],"na":1}${more(14, 0)}\n[{"p":[0],"li":1},{"p":[0],"li":1}${`,{"p":[0],"li":1}`.repeat(2)}${more(17, 30)}]\n[{"p":[0],"lm":1},{"p":[1],"ld":0}${more(17, 20)}]`,
		`[[${more(1, 126)}1]${more(1, 126)}]\n[{"p":[0,0${more(2, 126)}],"ld":0}]\n[{"p":[0,0${more(2, 100)}],"li":1}]\n[]`,
	],
	json1: [
		`{"t":"abcdefghij${more(10, 30)}${more(100, 25)}é${more(128, 15)}"}\n["t",{"es":[900,"x",{"d":3}]}]\n["t",{"es":[{"d":2000}]}]\n["t",{"es":[2000,"é"]}]`,
		`[0,0${more(2, 126)}]\n[[0,{"p":0}],[9,{"d":0}]]\n[[3,{"r":true}],[4,{"r":true}]]\n[0,{"i":[[${more(1, 100)}]${more(1, 100)}]}]`,
	],
	'rich-text': [
		`[{"insert":"ab"},{"insert":"b","attributes":{"b":true}}${more(42, 0)}${',{"insert":"c"},{"insert":"d","attributes":{"i":1}}'}${more(50, 90)}]\n[{"retain":3},{"insert":"x"},{"retain":90,"attributes":{"b":null}}]\n[{"delete":50}]\n[{"retain":7},{"insert":{"image":"u"}}]`,
		`[{"insert":"abcdefghij${more(10, 30)}${more(100, 25)}"}]\n[{"retain":1},{"insert":"x"}${',{"retain":1},{"insert":"x"}'}${more(28, 120)}]\n[{"retain":2},{"delete":1}${',{"retain":2},{"delete":1}'}${more(26, 120)}]\n[{"retain":700,"attributes":{"b":1}}]`,
	],
	text: [
		`"abcdefghij${more(10, 30)}${more(100, 25)}"\n[1,"x"${',1,"x"'}${more(6, 126)}]\n[2,{"d":1}${',2,{"d":1}'}${more(10, 126)}]\n[1000,"y",{"d":500}]\n[3,900]`,
		`"a😀${more(4, 127)}${more(128, 15)}"\n[2,"x"]\n[{"d":2}]\n[1,{"d":1},"\\ude00"]\n0`,
	],
	'text-unicode': [
		`"abcdefghij${more(10, 30)}${more(100, 25)}"\n[1,"x"${',1,"x"'}${more(6, 126)}]\n[2,{"d":1}${',2,{"d":1}'}${more(10, 126)}]\n[1000,"y",{"d":500}]\n[3,900]`,
		`"a😀${more(4, 127)}${more(128, 15)}"\n[2,"x"]\n[{"d":2}]\n[1,{"d":"😀"},"b"]\n0`,
	],
	text0: [
		`"abcdefghij${more(10, 30)}${more(100, 25)}"\n[{"p":0,"i":"x"},{"p":5,"i":"y"}${more(16, 0)},{"p":9,"i":"z"}]\n[{"p":0,"d":"abc"}]\n[{"p":900,"i":"y"}]\n5`,
	],
};

// ---- the others ----

const values = ['null', '-0', '[1e21,1e-7,0.1,5e-324,1.7976931348623157e308,123456789012345678901]', '"\\ud83d\\ude00\\ud83d"',
	'{"a":1,"b":[true,false,null],"a":{"":""}}', '[[[[{}]]]]', ' [ 1 , 2 ] ', '"\\u0000\\n\\/\\"\\\\é\\u2028"', '{"__proto__":1}',
	'[1,]', '01', '"\ud7ff"', '1e999', '"a', '{"a":1', '[]]', '-', 'nul', '{"k":"😀𝒳"}', '0.1e+5', '"\\ude00\\ud83d"',
	`${'['.repeat(60)}${']'.repeat(60)}`, `{${Array.from({ length: 20 }, (_, i) => `"k${i}":${i}`).join()}}`, '2.2250738585072011e-308', '9007199254740993'];

const uri = (name) => `http://sharejs.org/types/${{ json0: 'JSONv0', json1: 'JSONv1', text: 'textv1', text0: 'textv0', 'text-unicode': 'text-unicode', 'rich-text': 'rich-text/v1' }[name]}`;
const creates = Object.keys(types).flatMap((type) => [0, 1, 2].map((k) => {
	for (let i = 1000 * k; ; i++) {
		const seed = scene(type, i);
		if (!seed) continue;
		const [doc, a, b] = seed.toString().split('\n');
		return `${doc === 'undefined' ? `{"type":"${type}"}` : `{"type":"${uri(type)}","data":${doc}}`}\n${a}\n${b}`;
	}
}));

const messages = [
	{ a: 'hs', id: 'abc', protocol: 1, protocolMinor: 2 }, { a: 'hs', id: null }, { a: 's', c: 'notes', d: '1' }, { a: 's', c: 'notes', d: '1', v: 3 },
	{ a: 'u', c: 'notes', d: '1' }, { a: 'f', c: 'notes', d: '1' }, { a: 'f', c: 'notes', d: '1', v: 2 }, { a: 'bs', c: 'notes', b: ['1', '2', '1'] },
	{ a: 'bs', c: 'notes', b: { 1: 3, 2: null } }, { a: 'bu', c: 'notes', b: ['1'] }, { a: 'bf', c: 'notes', b: { 1: 0 } },
	{ a: 'op', c: 'notes', d: '1', v: 1, seq: 1, x: {}, op: [{ p: ['a'], na: 1 }] }, { a: 'op', c: 'notes', d: '1', v: 0, seq: 2, src: 'z', create: { type: uri('json0'), data: { a: 1 } } },
	{ a: 'op', c: 'notes', d: '1', v: 9, seq: 3, del: true }, { a: 'op', c: 'notes', d: '1', v: null, seq: 1, op: [] }, { a: 'op', c: '', d: '1', seq: 1, op: [] },
	{ a: 'op', c: 'notes', d: '\ud800', seq: 1, op: [] }, { a: 'op', c: 'notes', d: '1', v: -1, seq: 1.5, op: [] }, { a: 'nf', c: 'notes', d: '1', v: 4 }, { a: 'nt', c: 'notes', d: '1', ts: 5 },
	{ a: 'q', id: 1, c: 'notes', q: {} }, { a: 'qf', id: 1, c: 'notes', q: { a: 1 }, o: {} }, { a: 'p', ch: 'x', id: 'p', p: {}, pv: 1 }, { a: 'ps', ch: 'x', seq: 1 }, { a: 'pp' }, { a: 'what' }, {}, [], null,
	{ a: 'op', c: 'constructor', d: '__proto__', v: 1, seq: 1, op: null, create: {}, del: false },
].map(json);

function leb(n) {
	const bytes = [];
	for (; n > 127; n = Math.floor(n / 128)) bytes.push(n % 128 | 128);
	return [...bytes, n];
}
const string = (s) => [...leb(Buffer.byteLength(s)), ...Buffer.from(s)];
const op = (kind, seq, src, body) => [kind, ...leb(seq), ...string(src), ...leb(body === null ? 0 : Buffer.byteLength(body) + 1), ...Buffer.from(body ?? '')];
const word = (c, d, v, ops) => Buffer.from([1, 1, 2, 3, 4, 5, 6, 7, 8, ...string(c), ...string(d), ...leb(v), ...leb(ops.length), ...ops.flat()]);
const words = [
	word('notes', '42', 7, [op(1, 1, 'a', '{"type":"x"}'), op(0, 300, '', '[]'), op(2, 2 ** 53 - 1, 'b', null)]),
	word('', '', 0, [op(2, 1, 'b', null)]), word('é'.repeat(70), 'x', 2 ** 40, [op(0, 1, 'src', '[]')]), word('notes', '42', 7, []),
	word('notes', '42', 2 ** 53 - 1, [op(0, 1, 's', '[]'), op(0, 2, 's', '[]')]), word('a\0b', 'c', 1, [op(0, 1, 's', '[]')]), word('a', 'b', 1, [op(3, 1, 's', '[]')]),
	Buffer.from([1, 1, 2, 3, 4, 5, 6, 7, 8]), Buffer.from([2, 0, 0, 0, 0, 0, 0, 0, 0, 1]), Buffer.from([1, 1, 2, 3, 4, 5, 6, 7, 8, 0x81, 0]), Buffer.from([1, 1, 2, 3, 4, 5, 6, 7, 8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]),
];

const big = (n, bytes) => Array.from({ length: bytes }, (_, i) => Number(BigInt(n) >> BigInt(8 * (bytes - 1 - i)) & 255n));
const long32 = (s) => [...big(Buffer.byteLength(s), 4), ...Buffer.from(s)];
const said = (src, id, pv, p, doc) => [...long32(src), ...long32(id), ...big(pv, 8),
	...long32(JSON.stringify({ a: 'p', ch: 'ch', src, id, pv, ...(doc && { c: doc[0], d: doc[1], t: doc[2] }) }).slice(0, -1)), ...long32(p),
	...long32(doc?.[2] ?? ''), doc ? 1 : 0, ...(doc ? [...long32(doc[0]), ...long32(doc[1]), ...big(doc[3], 8)] : [])];
const about = (kind, node, ...rest) => [kind, ...big(node, 8), ...long32('ch'), ...rest.flat()];
const inRow = (...list) => Buffer.from(list.flatMap((bytes) => [...big(bytes.length, 2), ...bytes]));
const place = ['c', 'd', 'rich-text', 3];
const presences = [
	inRow(about(1, 7, big(1, 8), said('a', 'x', 0, '{"n":1}')), about(1, 7, big(2, 8), said('a', 'x', 1, 'null'))),
	inRow(about(1, 7, big(1, 8), said('a', 'x', 0, '1')), about(1, 7, big(5, 8), said('a', 'y', 0, '"2"')), about(3, 7, big(9, 8))),
	inRow(about(2, 7, big(4, 8), big(1, 8), [1], big(2, 8), said('a', 'x', 0, '1'), said('b', 'x', 0, '2')), about(3, 7, big(4, 8))),
	inRow(about(2, 7, big(4, 8), big(1, 8), [0], big(1, 8), said('a', 'x', 0, '1')), about(2, 7, big(4, 8), big(2, 8), [1], big(1, 8), said('b', 'x', 0, '2')), about(2, 7, big(5, 8), big(1, 8), [1], big(0, 8))),
	inRow(about(1, 7, big(1, 8), said('a', 'x', 0, '{"index":1,"length":0}', place)), about(1, 8, big(1, 8), said('a', 'x', 1, '{"index":2,"length":0}', place)), about(1, 8, big(2, 8), said('a', 'x', 1, 'null', place))),
	inRow(about(4, 7, big(0, 8), big(0, 8)), about(4, 7, big(1, 8), big(2, 8), big(7, 8), big(1, 8), big(1, 8), big(1, 8)), about(5, 7, long32('a')), about(5, 7, long32('me')), [6, ...big(7, 8), ...big(0, 4)]),
	inRow(about(1, 7, big(1, 8), said('me', 'i', 9, '1')), about(1, 1, big(1, 8), said('a', 'x', 0, '1')), about(9, 7), []),
];

const urls = [
	['redis://localhost', '127.0.0.1:7007'], ['redis://user:pass@host:6380/prefix', '[::1]:7007'], ['redis://:p%40ss@[::1]:1', 'localhost:0'], ['redis://%zz@h', '0.0.0.0:65536'],
	['redis://h:0', '::1:7007'], ['redis://h:70000/', ':80'], ['redis://@h', '1.2.3.4'], ['redis://u:@h/a%2Fb', 'h:80'], ['postgresql://u:secret@h:5432/db?password=x&sslpassword=y&a=b', '[::]:1'],
	['sqlite:data/otd.db', '[fe80::1%eth0]:1'], ['redis://h/?password=a%26b', ' 127.0.0.1:1'], ['rediss://h', '127.1:1'], ['redis://', ''], ['redis://h/%00', '127.0.0.1:+1'], ['a:b@c', '//u:p@h'], ['host=/run user=u password=p', "password='a b'"],
].map((lines) => lines.join('\n'));

const configs = [
	['{}', '--listen', '127.0.0.1:1'], ['{"listen":["127.0.0.1:7007","[::1]:7007"],"store":"sqlite:x","workers":4}', 'OTD_BUS=local'], ['{"max-message":"16M","ping-interval":"25s","insecure":true}'], ['', '--max-message=1G', '--workers=2', 'serve'],
	['', '--listen=a', '--listen=b', 'OTD_LISTEN=c'], ['', '--log-format=json', '--log-level=debug'], ['{"nope":1}'], ['{"workers":0}'], ['[]'], ['{'], ['', '--workes=1'], ['', '--workers'], ['', '--', '--insecure'], ['', '--insecure=no'], ['', 'OTD_NOPE=1'], ['', 'OTD_DB_PORT_5432_TCP=1'],
	['', 'OTD_STORE=postgresql://u:p@h/db', '--bus=redis://:p@h'], ['{"store":"postgresql://u:p@h/db?password=q"}'], ['', '--max-message=16.5M'], ['', '--max-message=99999999999999999999'], ['', '--idle-timeout=1h', '--ping-interval=500ms'], ['{"listen":[1,null]}'], ['{"workers":1.5}'], ['{"log-level":"info\\u0000x"}'],
].map((lines) => lines.join('\n'));

const filters = Array.from({ length: 40 }, (_, i) => {
	const { docs, queries } = group(3, i, { docs: 2, queries: 1 });
	return [...queries, ...Object.values(docs)].map(json).join('\n');
});

// ---- rules of access: rules, claims, a collection, two ids ----

const rule = (more) => ({ name: 'r', who: 'anybody', allow: ['read'], collections: ['c'], ...more });
const aboutDocuments = (...documents) => rule({ documents });
const ann = { sub: 'ann', tenant: 'acme', org: { n: 7 }, roles: ['reader', 'editor'], 'a.b': 'x' };
const accesses = [
	[{ rules: [] }, ann, 'c', '', ''],
	[{ rules: [rule()] }, ann, 'c', 'x', 'y'],
	[{ rules: [aboutDocuments('{claims.tenant}/*', '{sub}')] }, ann, 'c', 'acme/1', 'ann'],
	[{ rules: [aboutDocuments('*-{claims.org.n}-*', '{*}{{}{}}')] }, ann, 'c', '-7-', '*{}'],
	[{ rules: [aboutDocuments('{claims.a.b}*', 'a.*b')] }, { ...ann, tenant: '.*' }, 'c', 'xx', 'a.\\b'],
	[{ rules: [rule(), rule({ name: 'd', allow: undefined, deny: '*', documents: ['x*', '{claims.t}'] })] }, { sub: 'u', t: [] }, 'c', 'x', 'y'],
	[{ grants: ['c'], rules: [rule({ who: { grant: 'editor' }, allow: '*' })] }, ann, 'c', 'x', 'y'],
	[{ grants: ['d*'], roles_claim: 'org.roles', comment: '', rules: [rule({ who: { roles: ['a'] } })] }, { sub: 'u', org: { roles: 'a b' } }, 'd', 'x', ''],
	[{ rules: [rule({ who: { claims: { 'org.n': [7, '7', true] }, subjects: ['ann'] } })] }, ann, 'c', 'x', 'y'],
	[{ rules: [rule({ who: 'authenticated', collections: undefined, channels: ['*'], allow: ['presence'] })] }, {}, '', '', ''],
	[{ rules: [aboutDocuments('{claims.sub}*')] }, { sub: '\ud83d' }, 'c', '\ud83d\ude00', 'x'],
].map(([rules, claims, ...names]) => [JSON.stringify(rules), JSON.stringify(claims), ...names].join('\n'));

const diffs = [
	['json0', { a: [1, { id: 7, t: 'one' }], s: 'open' }, { a: [{ id: 7, t: 'ones' }, 2], s: 'done', constructor: 1 },
		[{ op: 'copy', from: '/a', path: '/b/-' }, { op: 'test', path: '/~0', value: 1 }], { at: '/a/1/t', replace: 'one', with: '1' }],
	['json1', [['a'], ['b'], 'c\ud83d'], ['c', ['b'], ['a', null]],
		[{ op: 'move', from: '/0', path: '/1/-' }, { op: 'remove', path: '/0' }, { op: 'replace', path: '', value: [] }],
		{ at: '/0/0', before: 'a', with: 'z' }],
	['json1', undefined, { a: {} }, { a: { b: null }, c: [1] }, { with: 'x' }],
	['text', 'a\ud83d\ude00b \ud83d', 'a\ud83d\ude01b\n', null, { replace: 'b', with: 'bb', occurrence: 1 }],
	['text-unicode', 'the quick brown fox', 'a quick brown dog', { a: 1 }, { before: 'quick', with: 'er', after: ' ' }],
	['text0', '', 'new', [], { with: 'new' }],
	['rich-text', [{ insert: 'ab', attributes: { b: 1 } }, { insert: { img: 1 } }, { insert: 'c\n' }],
		[{ insert: 'a' }, { insert: { img: 2 }, attributes: { b: null } }, { insert: 'cd\n', attributes: { h: 1 } }],
		[{ op: 'add', path: '/-', value: { insert: 'x' } }], { replace: 'c', with: 'cc' }],
].map(([type, ...lines]) => [type, ...lines.map(json)].join('\n'));

// A token, claims, a key set: RFC 7515, A.3 has the key and the first of the tokens.
const ec = { kty: 'EC', crv: 'P-256', x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU', y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0' };
const part = (value) => Buffer.from(typeof value === 'string' ? value : json(value)).toString('base64url');
const claimed = { sub: 'ann', exp: 1800000100, iss: 'us', aud: ['a', 'x'], jti: 't', iat: 1799999999.5, nbf: 1800000001, roles: ['editor'] };
const tokens = [
	['eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ' +
		'.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q', claimed, { keys: [ec] }],
	[`${part({ alg: 'none' })}.${part(claimed)}.`, { ...claimed, exp: 0 }, { keys: [{ ...ec, kid: 'k', use: 'sig', alg: 'ES256' }] }],
	[`${part({ alg: 'HS256', kid: 'k', crit: ['x'] })}.${part(claimed)}.${part('signature')}`, { ...claimed, exp: '1' },
		{ keys: [{ kty: 'RSA', n: 'AQAB'.repeat(86), e: 'AQAB' }, { kty: 'oct', k: 'AAAA' }, 7] }],
	[`${part('{"alg":"none","alg":"HS256"}')}.${part('[]')}.${part('x')}`, '{"sub":"a","exp":1,"exp":1800000100}', []],
	['a.b.c', { ...claimed, sub: '', aud: 'b' }, { keys: {} }],
	['', { ...claimed, exp: 1e300, iat: -1 }, 'not JSON'],
].map((lines) => lines.map((line) => typeof line === 'string' ? line : json(line)).join('\n'));

for (const type of Object.keys(types)) {
	write(type.replace('-', '_'), [...scenes(type), ...(long[type] ?? [])]);
}
write('access', accesses);
write('diff', diffs);
write('json', values);
write('op', creates);
write('message', messages);
write('codec', words);
write('presence', presences);
write('token', tokens);
write('url', urls);

const doors = [
	['203.0.113.7', '10.0.0.0/8', 'https://example.com', 'https://example.com', 'example.com'],
	[' 203.0.113.7:4711 ', '::1/128', 'https://*.example.com', 'https://a.example.com', 'example.com:443'],
	['[2001:db8::1]:99', '2001:db8::/33', 'https://*.example.com:8443', 'https://a.b.example.com:8443', ''],
	['::ffff:192.0.2.1', '0.0.0.0/0', 'http://localhost:3000', 'null', 'localhost:3000'],
	['unknown', '192.0.2.7', 'capacitor://localhost', 'https://[::1]:80', '[::1]'],
	['fe80::1%eth0', '10.0.0.0/33', 'https://*', 'https://example.com.evil.test', 'example.com'],
];
write('door', doors.map((lines) => lines.join('\n')));

const record = (...fields) => fields.join('|');
const migrations = [
	[''], ['f'], ['1'], ['3'], ['99'], ['l2'], ['l99'],
	['99', record(99, 'later', '=', 1700000000000)], ['99', record(7, 'ours_too', 'e3b0c44298fc', 0), record(8, 'next', '=', 0)],
	['3', record(2, 'content', '=', 0)], ['3', record(2, 'content', '=0', 0)], ['3', record(2, 'content', '', 0)], ['3', record(5, 'gap', '=', 0)],
	['2', record(3, 'never_made', '=', 0)], ['l3', record(1, 'tables', '=', 0)], ['l1', '2', record(3, 'a')], ['l2', record(4294967299, 'wraps', '=', 0)],
	['l2', record(0, 'none', '=', 0), record(-1, 'less', '=', 0)], ['2', record(2, 'a\r\u001b[2Jb', '=', 9223372036854775807n)],
	['2', record(2, `${'é'.repeat(20)}${more(40, 5)}`, 'x', -62167219200001)], ['4', `${record(1, 'a', '=', 0)};${record(4, '%s%n', '=', 253402300800000)}`],
].map((lines) => lines.join('\n'));
write('migration', migrations);

// Requests: target, headers, body.
const asked = (...parts) => parts.map((part) => typeof part === 'string' ? part : JSON.stringify(part)).join('\t');
const J = '/v1/collections/c/docs/j';
const T = '/v1/collections/c/docs/t';
const isJson = 'content-type: application/json';
const requests = [
	[asked(`GET ${J}`), asked(`GET ${J}?fields=a,b`, 'if-none-match: "v0", W/"v1"'), asked(`GET ${T}?version=0`), asked(`GET ${J}?at=2026-11-22T15:04:05.678Z`)],
	[asked(`PUT ${J}`, isJson, 'if-match: "v1"', { a: 2, b: [2, 3] }), asked(`PUT ${J}?base=1`, isJson, { a: 2 }), asked(`PUT ${T}?type=rich-text`, isJson, [{ insert: 'x' }])],
	[asked(`PATCH ${J}`, 'content-type: application/json-patch+json', [{ op: 'replace', path: '/a', value: null }]), asked(`PATCH ${J}?base=1`, 'content-type: application/merge-patch+json', { a: null })],
	[asked(`PATCH ${T}`, 'content-type: application/vnd.otd.text-edit+json', { replace: 'b', with: 'c' }), asked(`GET ${T}`, 'accept: text/plain;q=0.5, */*')],
	[asked(`POST ${J}/ops`, isJson, 'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', { v: 1, op: ['a', { r: 1, i: 7 }] }), asked(`GET ${J}/ops?from=0&limit=5`)],
	[asked(`POST ${J}/ops`, isJson, { v: 1, src: 's', seq: 1, op: ['a', { r: 1 }] }), asked(`POST ${J}/ops`, isJson, { v: 1, src: 's', seq: 1, op: ['a', { r: 1 }] }), asked(`DELETE ${J}`, 'if-match: *')],
	[asked('GET /v1/collections/c/docs?filter=%7B%22a%22%3A1%7D&limit=1'), asked('POST /v1/collections/c/query', isJson, { filter: { a: { $gt: 0 } }, fields: ['a'], limit: 2 })],
	[asked('POST /v1/bulk', isJson, { gets: [{ collection: 'c', id: 'j' }, { collection: 'c', id: 'none', version: 3 }] }), asked('POST /v1/batch', isJson, 'prefer: return=minimal', { writes: [{ method: 'PUT', collection: 'c', id: 'n', body: 1 }] })],
	[asked(`GET ${J}/events?since=0&presence=1`, 'accept: text/event-stream', 'last-event-id: 1'), asked(`GET ${J}/presence`), asked('GET /v1/collections/c/events')],
	[asked(`POST ${J}/restore`, isJson, { version: 0 }), asked(`GET ${J}/versions?before=9&limit=2`), asked('POST /v1/collections/c/docs?type=json0', isJson, 'idempotency-key: "k"', { n: 1 })],
	[asked('GET /v1/collections/~YS8vYg/docs/~!'), asked('GET /v1/collections/c/docs/a/b/c?version=1&version=1'), asked('OPTIONS /v1/whoami'), asked('POST /v1/login', isJson, { user: 'a', password: 'b' }), asked('GET /v1/nothing?%zz')],
	[asked('POST /v1/hooks', isJson, { url: 'https://example.com/', collections: ['c'] }), asked(`PUT ${J}/grants/ann`, isJson, { role: 'editor' }), asked(`POST ${J}/links`, isJson, { role: 'reader' }), asked('POST /v1/revocations', isJson, { jti: 'x', until: 1 })],
].map((lines) => lines.join('\n'));
write('rest', requests);
write('config', configs);
write('filter', filters);
