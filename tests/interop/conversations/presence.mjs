// Presence: channels, and places in documents.
const RICH = 'http://sharejs.org/types/rich-text/v1';
const error = (code, message) => ({ error: { code, message } });
const malformed = (message) => error('ERR_MESSAGE_BADLY_FORMED', message);
const unsupported = (type) => error('ERR_TYPE_DOES_NOT_SUPPORT_PRESENCE', `Type does not support presence: ${type}`);

const ps = (seq, ch = 'room') => ({ a: 'ps', ch, seq });
const pu = (seq, ch = 'room') => ({ a: 'pu', ch, seq });
const pr = (ch = 'room') => ({ a: 'pr', ch });
const p = (pv, value, more) => JSON.parse(JSON.stringify({ a: 'p', ch: 'room', id: 'x', p: value, pv, ...more }));
const create = (d, data, type = 'rich-text') => ({ a: 'op', c: 'pres', d, v: 0, seq: 1, create: { type, data } });
const edit = (d, v, seq, op) => ({ a: 'op', c: 'pres', d, v, seq, op });
const at = (index, length = 0) => ({ index, length });
// A place in a document: the channel is the client's, `${c}.${d}`.
const place = (d, v, pv, value, more) =>
	({ a: 'p', ch: `in.${d}`, id: 'x', p: value, pv, c: 'pres', d, v, t: RICH, ...more });
// Another process's edits are known where a read has made sure of them.
const fetch = (d) => ({ a: 'f', c: 'pres', d });
const told = (who, message) => ({ ...message, src: `<id ${who}>` });

export default [
	{ name: 'presence is told to the others', clients: 3, steps: [
		[0, ps(1)], [1, ps(1)], [0, p(0, { n: 1 })], [0, p(1, 'text')], [1, p(0, [1, null, { é: '💡' }])],
		[2, p(0, 7)], [0, p(2, 0)], [0, p(3, '')], [0, p(4, false)],
	] },
	{ name: 'presence of several ids', clients: 2, steps: [
		[1, ps(1)], [0, p(0, 1, { id: 'a' })], [0, p(0, 2, { id: 'b' })], [0, p(1, null, { id: 'a' })],
		[0, p(1, 3, { id: 'b' })], [0, p(0, 4, { id: 'a' })],
	] },
	{ name: 'null is told, had it been there or not', clients: 2, steps: [
		[1, ps(1)], [0, p(0, null)], [0, p(1, 1)], [0, p(2, null)], [0, p(3, null)], [0, p(4, 2)],
	] },
	{ name: 'the same version of a presence is told again', clients: 2, steps: [
		[1, ps(1)], [0, p(3, 1)], [0, p(3, 2)], [0, p(3, null)],
	] },
	{ name: 'an older version of a presence', clients: 2, steps: [
		[1, ps(1)], [0, p(3, 'new')], [0, p(2, 'old')], [0, p(1, null)], [0, p(4, 'newer')],
	], differs: ['stale-presence'], otd: { 3: { 1: [] }, 4: { 1: [] } } },
	{ name: 'channels are apart', clients: 2, steps: [
		[1, ps(1, 'a')], [0, p(0, 1, { ch: 'b' })], [0, p(0, 2, { ch: 'a' })], [1, ps(2, 'b')], [0, p(1, 3, { ch: 'b' })],
	], differs: ['told-at-once'], otd: {
		4: { 1: [ps(2, 'b'), told(0, p(0, 1, { ch: 'b' }))] },
	} },
	{ name: 'subscribing asks the others', clients: 3, steps: [
		[0, ps(1)], [1, ps(4)], [2, ps(2, 'other')], [1, ps(5)], [1, pu(6)], [1, ps(7)], [0, pr()], [2, pr()],
		[0, { ...pr(), id: 5 }], [0, { ...pr(), c: 'c', d: 'd' }], [0, { ...ps(9), id: 7 }], [0, { ...pu(9), c: 'c', d: 'd' }],
	] },
	{ name: 'unsubscribing takes presence along', clients: 2, steps: [
		[0, ps(1)], [1, ps(1)], [0, p(0, 1)], [0, p(0, 2, { id: 'y' })], [1, p(0, 3)], [0, pu(2)], [1, p(1, 4)],
	], differs: ['plain-null'], otd: {
		6: { 1: [told(0, p(0, null)), told(0, p(0, null, { id: 'y' }))] },
	} },
	{ name: 'leaving takes presence along', clients: 2, steps: [
		[0, ps(1)], [1, ps(1)], [0, p(0, 1)], [0, p(5, 2, { id: 'y' })], [0, 'leave'],
	], differs: ['plain-null'], otd: {
		5: { 1: [told(0, p(0, null)), told(0, p(5, null, { id: 'y' }))] },
	} },
	{ name: 'leaving without having subscribed', clients: 2, steps: [
		[1, ps(1)], [0, p(0, 1)], [0, 'leave'],
	], differs: ['no-ghosts'], otd: { 3: { 1: [told(0, p(0, null))] } } },
	{ name: 'stale wishes to subscribe', clients: 2, steps: [
		[0, ps(5)], [0, pu(6)], [0, ps(4)], [1, p(0, 1)], [0, ps(6)], [1, p(1, 2)], [0, pu(1)], [1, p(2, 3)], [0, ps(2)],
		[1, p(3, 4)],
	], differs: ['told-at-once'], otd: {
		5: { 0: [ps(6), told(1, p(0, 1))] }, 9: { 0: [ps(2), told(1, p(2, 3))] },
	} },
	{ name: 'seq may be anything or nothing', clients: 2, steps: [
		[0, { a: 'ps', ch: 'room' }], [1, p(0, 1)], [0, { a: 'pu', ch: 'room', seq: null }], [0, ps(-1.5)], [1, p(1, 2)],
		[0, ps(0)], [1, p(2, 3)], [0, { a: 'pu', ch: 'room' }], [0, ps(-7)], [1, p(3, 4)],
	], differs: ['told-at-once'], otd: {
		6: { 0: [ps(0), told(1, p(1, 2))] }, 9: { 0: [ps(-7), told(1, p(2, 3))] },
	} },
	{ name: 'a client that comes back is asked itself', bare: true, clients: 2, steps: [
		[0, { a: 'hs', id: null, protocol: 1, protocolMinor: 2 }], [1, { a: 'hs', id: 'former', protocol: 1, protocolMinor: 2 }],
		[0, ps(1)], [1, ps(1)], [1, p(0, 1)], [1, pr()],
	] },
	{ name: 'one src in two connections', bare: true, clients: 3, steps: [
		[0, { a: 'hs', id: 'one', protocol: 1, protocolMinor: 2 }], [1, { a: 'hs', id: 'one', protocol: 1, protocolMinor: 2 }],
		[2, ps(1)], [1, ps(1)], [0, p(0, 'first')], [1, p(1, 'second')], [0, 'leave'], [1, p(2, 'third')],
	] },
	{ name: 'presence with parts of a document', clients: 2, steps: [
		[1, ps(1)], [0, p(0, 1, { c: 'pres' })], [0, p(1, 1, { d: 'x' })], [0, p(2, 1, { v: 3 })], [0, p(3, 1, { t: RICH })],
		[0, p(4, 1, { c: null, d: null, v: null, t: null })], [0, p(5, 1, { c: 'pres', d: null, v: 9, t: RICH })],
		[0, p(6, 1, { c: '', d: 'x', v: 2 })], [0, p(7, 1, { unknown: 1, src: 'forged' })],
	] },
	{ name: 'presence in a document at its head', clients: 2, steps: [
		[0, create('head', [{ insert: 'hello' }])], [1, ps(1, 'in.head')], [0, place('head', 1, 0, at(2))],
		[0, place('head', 1, 1, at(2, 3))], [0, place('head', 1, 2, null)],
	] },
	{ name: 'presence from before an edit', clients: 2, steps: [
		[0, create('old', [{ insert: 'hello' }])], [1, ps(1, 'in.old')], [1, edit('old', 1, 1, { ops: [{ insert: 'oh ' }] })],
		[0, fetch('old')],
		[0, place('old', 1, 0, at(2, 3))], [0, place('old', 2, 1, at(2, 3))], [0, place('old', 1, 2, at(0))],
		[0, edit('old', 2, 2, { ops: [{ insert: 'x' }] })], [0, place('old', 2, 3, at(0))], [1, fetch('old')],
		[1, place('old', 2, 0, at(0))],
		[0, place('old', 1, 4, null)],
	] },
	{ name: 'presence keeps what else is in it', clients: 2, steps: [
		[0, create('more', [{ insert: 'hello' }])], [1, ps(1, 'in.more')], [1, edit('more', 1, 1, { ops: [{ insert: 'oh ' }] })],
		[0, fetch('more')],
		[0, place('more', 1, 0, { name: 'Ada', index: 1, length: 0, colour: { r: 1 } })],
	] },
	{ name: 'presence from before a document was made anew', clients: 2, steps: [
		[0, create('anew', [{ insert: 'hello' }])], [1, ps(1, 'in.anew')], [0, { a: 'op', c: 'pres', d: 'anew', v: 1, seq: 2, del: true }],
		[0, place('anew', 1, 0, at(1))], [0, { ...create('anew', [{ insert: 'again' }]), v: 2, seq: 3 }],
		[0, place('anew', 1, 1, at(1))], [0, place('anew', 3, 2, at(1))], [0, place('anew', null, 3, at(1))],
	] },
	{ name: 'presence above the head', clients: 2, steps: [
		[0, create('above', [{ insert: 'hello' }])], [1, ps(1, 'in.above')], [0, place('above', 9, 0, at(1))],
		[0, place('nothing', 9, 0, at(1), { ch: 'in.above' })],
	] },
	{ name: 'presence that cannot be carried', clients: 2, steps: [
		[0, create('bad', [{ insert: 'hello' }])], [1, ps(1, 'in.bad')], [1, edit('bad', 1, 1, { ops: [{ insert: 'oh ' }] })],
		[0, fetch('bad')],
		[0, place('bad', 1, 0, at(1), { t: undefined })], [0, place('bad', 2, 1, at(1), { t: undefined })],
		[0, place('bad', 2, 2, 'anything')],
	] },
	{ name: 'presence of a shape that rich-text does not know', clients: 2, differs: ['strict-presence'], steps: [
		[0, create('shape', [{ insert: 'hello' }])], [1, ps(1, 'in.shape')], [1, edit('shape', 1, 1, { ops: [{ insert: 'oh ' }] })],
		[0, fetch('shape')],
		[0, place('shape', 1, 0, { index: 'one' })],
	], otd: { 5: {
		0: [{ ...place('shape', 1, 0, { index: 'one' }), ...error('ERR_PRESENCE_TRANSFORM_FAILED', 'Invalid range') }],
		1: [],
	} } },
	{ name: 'the removal of a presence in a document has its head', clients: 2, steps: [
		[0, create('gone', [{ insert: 'hello' }])], [0, ps(1, 'in.gone')], [1, ps(1, 'in.gone')], [0, place('gone', 1, 0, at(2))],
		[1, edit('gone', 1, 1, { ops: [{ insert: 'oh ' }] })], [0, 'leave'],
	], differs: ['plain-null'], otd: { 6: { 1: [told(0, place('gone', 2, 0, null))] } } },
	{ name: 'types without presence', steps: [
		...['http://sharejs.org/types/JSONv0', 'json0', 'http://sharejs.org/types/text-unicode', 'nothing', '__proto__x', 5]
			.map((t, i) => [0, place('none', 1, i, at(0), { t })]),
		[0, p(0, 1, { t: 'json0' })], [0, p(1, 1, { t: 'rich-text' })], [0, p(2, 1, { t: '' })], [0, p(3, 1, { t: 0 })],
	] },
	{ name: 'presence that is malformed', steps: [
		...[5, null, undefined, {}, '__proto__', 'constructor'].map((id) => [0, p(0, 1, { id })]),
		...['1', -1, {}, true].map((pv) => [0, p(pv, 1)]),
		...[5, '__proto__'].flatMap((name) => [[0, p(0, 1, { ch: name })], [0, p(0, 1, { c: name })], [0, p(0, 1, { d: name })]]),
		...['1', -1].map((v) => [0, p(0, 1, { v })]), [0, p(0, 1, { seq: 'x' })],
		[0, p(0, 1, { d: 5, v: -1, id: 5, pv: -1, c: 5, ch: 5, seq: 'x' })], [0, p(0, 1, { v: -1, id: 5, pv: -1, c: 5, ch: 5 })],
		[0, p(0, 1, { id: 5, pv: -1, c: 5, ch: 5 })], [0, p(-1, 1, { c: 5, ch: 5 })], [0, p(0, 1, { c: 5, ch: 5 })],
	] },
	{ name: 'channels that are malformed', steps: ['ps', 'pu', 'pr'].flatMap((a) => [
		...[5, {}, '__proto__', 'toString'].map((ch) => [0, { a, ch, seq: 1 }]), [0, { a, ch: 'room', seq: 'x' }],
		[0, { a, ch: 'room', c: 5 }],
	]) },
	{ name: 'presence without its channel, version or value', differs: ['presence-whole'], steps: [
		[0, p(0, 1, { ch: undefined })], [0, p(undefined, 1)], [0, p(null, 1)], [0, p(0, undefined)], [0, p(0.5, 1)],
		[0, { a: 'ps', seq: 1 }], [0, { a: 'pu', ch: null }], [0, { a: 'pr' }],
	], otd: {
		1: { 0: [{ ...p(0, 1, { ch: undefined }), ...malformed('Invalid presence channel') }] },
		2: { 0: [{ ...p(undefined, 1), ...malformed('Invalid presence version') }] },
		3: { 0: [{ ...p(null, 1), ...malformed('Invalid presence version') }] },
		4: { 0: [{ ...p(0, undefined), ...malformed('Invalid presence value') }] },
		5: { 0: [{ ...p(0.5, 1), ...malformed('Invalid presence version') }] },
		6: { 0: [{ a: 'ps', seq: 1, ...malformed('Invalid presence channel') }] },
		7: { 0: [{ a: 'pu', ch: null, ...malformed('Invalid presence channel') }] },
		8: { 0: [{ a: 'pr', ...malformed('Invalid presence channel') }] },
	} },
	{ name: 'a presence that is too large', clients: 2, differs: ['presence-limits'], steps: [
		[1, ps(1)], [0, p(0, 'x'.repeat(20_000))], [0, p(1, 'x')],
	], otd: {
		2: { 0: [{ ...p(0, 'x'.repeat(20_000)),
			...error('ERR_OTD_PRESENCE_TOO_LARGE', 'The presence is over its size limit') }], 1: [] },
	} },
	{ name: 'places in documents of other types', bare: true, clients: 3, differs: ['more-presence'], steps: [
		[0, { a: 'hs', id: null, protocol: 1, protocolMinor: 2, x: { presence: ['json0', 'http://sharejs.org/types/text-unicode', 'nothing', 5] } }],
		[1, { a: 'hs', id: null, protocol: 1, protocolMinor: 2, x: { presence: ['json0'] } }],
		[2, { a: 'hs', id: null, protocol: 1, protocolMinor: 2 }],
		[0, create('tree', { list: [1, 2, 3] }, 'json0')], [1, ps(1, 'in.tree')], [2, ps(1, 'in.tree')],
		[1, edit('tree', 1, 1, [{ p: ['list', 0], li: 0 }])], [0, fetch('tree')],
		[0, place('tree', 1, 0, { path: ['list', 1], name: 'Ada' }, { t: 'http://sharejs.org/types/JSONv0' })],
		[0, place('tree', 1, 1, { path: ['list', 1] }, { t: 'http://sharejs.org/types/JSONv1' })],
	], otd: {
		9: {
			0: [told(0, place('tree', 2, 0, { path: ['list', 2], name: 'Ada' }, { t: 'http://sharejs.org/types/JSONv0' }))],
			1: [told(0, place('tree', 2, 0, { path: ['list', 2], name: 'Ada' }, { t: 'http://sharejs.org/types/JSONv0' }))],
		},
	} },
];
