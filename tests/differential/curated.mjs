// Cases made by hand, for what chance finds too rarely: the first cases of every run.  By type, [fn, args] each.
import { json0, json1 } from './curated-json.mjs';

const repeat = (n, f) => Array.from({ length: n }, (_, i) => f(i));
const ways = (type, ...ops) => ops.flatMap(([a, b]) => ['left', 'right'].map((side) => [type, [a, b, side]]));

const text0 = [
	['create', [undefined]], ['create', [null]], ['create', ['']], ['create', [0]], ['create', [[]]], ['create', ['\ud83d']],
	['apply', ['abc', []]], ['apply', ['', [{ p: 0, i: '' }]]], ['apply', ['abc', [{ p: 3, d: '' }]]], ['apply', ['abc', [{ p: 3, i: 'd' }]]],
	['apply', ['abc', [{ p: 4, i: 'd' }]]], ['apply', ['abc', [{ p: 1, d: 'c' }]]], ['apply', ['abc', [{ p: 2, d: 'cd' }]]],
	['apply', ['abc', [{ p: -1, i: 'd' }]]], ['apply', ['abc', [{ p: 0.5, i: 'd' }]]], ['apply', ['abc', [{ p: '0', i: 'd' }]]],
	['apply', ['abc', [{ i: 'd' }]]], ['apply', ['abc', [{ p: 0 }]]], ['apply', ['abc', [{ p: 0, i: 'a', d: 'a' }]]], ['apply', ['abc', [{ p: 0, i: 5 }]]],
	['apply', ['abc', [{ p: 0, i: 'a', x: 1 }]]], ['apply', ['abc', [null]]], ['apply', ['abc', { p: 0, i: 'a' }]], ['apply', ['abc', 'x']], ['apply', [5, []]],
	['apply', ['\ud83d\ude00', [{ p: 1, i: 'x' }]]], ['apply', ['\ud83d\ude00', [{ p: 1, d: '\ude00' }, { p: 1, i: '\ude01' }]]], ['apply', ['\ud83d', [{ p: 1, i: '\ude00' }]]],
	['apply', ['a\ud83d\ude00', [{ p: 1, d: '\ud83d' }, { p: 0, d: 'a' }]]],
	...ways('transform', [[{ p: 1, i: 'x' }], [{ p: 1, i: 'y' }]], [[{ p: 1, i: 'x' }], [{ p: 1, d: 'bc' }]], [[{ p: 3, i: 'x' }], [{ p: 1, d: 'bc' }]],
		[[{ p: 1, d: 'bc' }], [{ p: 2, i: 'x' }]], [[{ p: 1, d: 'bc' }], [{ p: 1, i: 'x' }]], [[{ p: 1, d: 'bc' }], [{ p: 3, i: 'x' }]],
		[[{ p: 1, d: 'bc' }], [{ p: 1, d: 'bc' }]], [[{ p: 1, d: 'bc' }], [{ p: 2, d: 'cd' }]], [[{ p: 2, d: 'cd' }], [{ p: 1, d: 'bc' }]],
		[[{ p: 0, d: 'abcd' }], [{ p: 1, d: 'bc' }]], [[{ p: 1, d: 'bc' }], [{ p: 0, d: 'abcd' }]], [[{ p: 1, d: 'bc' }], [{ p: 1, d: 'xy' }]],
		[[], [{ p: 0, i: 'x' }]], [[{ bad: 1 }], []], [[{ p: 0, i: '' }], [{ p: 0, i: '' }]], [[{ p: 0, i: 'x' }], [{ p: 0, i: 'a' }, { p: 2, i: 'b' }]],
		[[{ p: 0, d: 'ab' }, { p: 0, i: 'x' }], [{ p: 1, i: 'q' }, { p: 0, i: 'r' }]], [repeat(9, (i) => ({ p: 2 * i, i: 'x' })), repeat(9, () => ({ p: 0, d: 'a' }))],
		[[{ p: 0, d: 'abc' }], [{ p: 1, i: 'x' }, { p: 3, i: 'y' }]], [[{ p: 1, i: '\ud83d' }], [{ p: 1, i: '\ude00' }]]),
	['transform', [[], [], 'middle']], ['transform', [[{ p: 0, i: 'x' }], [], 'middle']], ['transform', [[{ p: 0, i: 'x' }], [{ p: 0, i: 'x' }], undefined]],
	['compose', [[{ p: 0, i: 'ac' }], [{ p: 1, i: 'b' }]]], ['compose', [[{ p: 1, i: 'b' }], [{ p: 2, i: 'c' }]]], ['compose', [[{ p: 1, i: 'b' }], [{ p: 3, i: 'c' }]]],
	['compose', [[{ p: 1, i: 'b' }], [{ p: 0, i: 'a' }]]], ['compose', [[{ p: 2, d: 'c' }], [{ p: 1, d: 'b' }]]], ['compose', [[{ p: 1, d: 'b' }], [{ p: 1, d: 'c' }]]],
	['compose', [[{ p: 1, d: 'b' }], [{ p: 0, d: 'ac' }]]], ['compose', [[{ p: 1, i: 'b' }], [{ p: 1, d: 'b' }]]], ['compose', [[{ p: 1, i: '' }, { p: 1, i: '' }], [{ p: 2, d: '' }]]],
	['compose', [[], []]], ['compose', [[{ p: 0 }], []]],
	['invert', [[{ p: 0, i: 'a' }, { p: 5, d: 'b' }]]], ['invert', [[]]], ['invert', [[{ p: 0, i: '' }]]],
	['normalize', [{ i: 'x' }]], ['normalize', [{ p: 4 }]], ['normalize', [[{ i: 'x' }, { p: 1, i: 'y' }, { p: 9, d: '' }]]], ['normalize', [[]]], ['normalize', [{}]], ['normalize', [null]],
	...ways('transformCursor', [0, [{ p: 0, i: 'x' }]], [3, [{ p: 1, d: 'bcd' }]], [4, [{ p: 1, d: 'bcd' }]], [1, [{ p: 1, d: 'b' }]], [5, []], [2, [{ p: 2, i: '' }, { p: 0, d: 'ab' }]]),
];

const walks = [
	['create', [undefined]], ['create', [null]], ['create', ['']], ['create', [0]], ['create', [[]]], ['create', [{ s: 1 }]],
	['apply', ['abc', []]], ['apply', ['', ['x']]], ['apply', ['abc', [3, 'x']]], ['apply', ['abc', [4, 'x']]], ['apply', ['abc', [3, { d: 1 }]]], ['apply', ['abc', [{ d: 3 }]]], ['apply', ['abc', [{ d: 4 }]]],
	['apply', ['abc', ['']]], ['apply', ['abc', [0, 'x']]], ['apply', ['abc', [1]]], ['apply', ['abc', [1, 1, 'x']]], ['apply', ['abc', [{ d: 0 }]]], ['apply', ['abc', [{ d: -1 }]]], ['apply', ['abc', [-1, 'x']]],
	['apply', ['abc', [true, 'x']]], ['apply', ['abc', [null]]], ['apply', ['abc', [[]]]], ['apply', ['abc', [{}]]], ['apply', ['abc', [{ d: 1, x: 1 }]]], ['apply', ['abc', [{ d: 1.5 }]]], ['apply', ['abc', [0.5, 'x']]],
	['apply', ['abc', { d: 1 }]], ['apply', ['abc', 'x']], ['apply', ['abc', null]], ['apply', [null, ['x']]], ['apply', [5, []]],
	['apply', ['😀b', [1, 'x']]], ['apply', ['😀b', [2, 'x']]], ['apply', ['😀b', [{ d: 1 }]]], ['apply', ['a\u0000b', [1, '\u0000', { d: 1 }]]], ['apply', ['ab', ['x', { d: 1 }, 'y', { d: 1 }]]], ['apply', ['ab', [{ d: 1 }, { d: 1 }, 'x', 'y']]],
	...ways('transform', [['x'], ['y']], [['X', 'Z'], ['Y']], [[1, 'x'], [{ d: 2 }]], [[{ d: 2 }], [1, 'x']], [[{ d: 2 }], [{ d: 2 }]], [[{ d: 3 }], [1, { d: 1 }]], [[1, { d: 1 }], [{ d: 3 }]],
		[[], []], [[], ['x']], [['x'], []], [['x', { d: 1 }], ['y', { d: 1 }]], [[{ d: 1 }, 'x'], [{ d: 1 }, 'y']], [[1, 'x', 1, 'y'], [2, 'z']], [['x', 2, 'y'], [1, { d: 1 }]],
		[['x', 'y', { d: 1 }, { d: 1 }], ['z', { d: 2 }, 'w', 'v']], [repeat(20, (i) => (i % 2 ? 'x' : 1)), repeat(20, (i) => (i % 2 ? { d: 1 } : 2))], [[5, { d: 5 }], [5, 'a', { d: 2 }, 1, 'b']]),
	['transform', [['x'], ['y'], 'middle']], ['transform', [[], [], null]], ['transform', [['x'], [1], 'left']], ['transform', [[1], ['x'], 'left']], ['transform', [['x'], null, 'left']],
	['compose', [['abc'], [{ d: 3 }]]], ['compose', [['abc'], [1, { d: 1 }]]], ['compose', [['abc'], [1, 'x']]], ['compose', [[{ d: 2 }], ['x']]], ['compose', [['x'], [{ d: 2 }]]], ['compose', [[1, 'x'], ['y']]],
	['compose', [[], []]], ['compose', [['x'], []]], ['compose', [[], ['x']]], ['compose', [[{ d: 1 }, 'x'], [1, { d: 1 }]]], ['compose', [['x', { d: 1 }], [{ d: 1 }, 'y']]], ['compose', [[2, 'x'], [{ d: 2 }]]], ['compose', [['x'], [1]]],
	['compose', [['a', 'b', 'c'], [1, { d: 1 }, { d: 1 }]]], ['compose', [[1, { d: 1 }, 1, { d: 1 }], [1, { d: 1 }]]],
	['invert', [['x']]], ['invert', [[1, { d: 1 }]]], ['invert', [[]]],
	['normalize', [[]]], ['normalize', [[1, 1, 'a', 'b', { d: 1 }, { d: 2 }, 3]]], ['normalize', [['', 0, { d: 0 }]]], ['normalize', [[1, '', 1, 'x', { d: 0 }, 'y']]],
	['transformCursor', [0, ['x'], false]], ['transformCursor', [0, ['x'], true]], ['transformCursor', [1, ['x'], false]], ['transformCursor', [[1, 3], [2, { d: 2 }], false]], ['transformCursor', [[3, 1], [1, 'x'], true]],
	['transformCursor', [5, [2, { d: 2 }, 'x'], false]], ['transformCursor', [2, [2, 'x'], false]], ['transformCursor', [3, [2, 'x'], false]], ['transformCursor', [0, [], true]], ['transformCursor', [7, [{ d: 3 }, 'ab', 2, { d: 9 }], true]],
];

const unicode = [
	['create', ['\ud83d']], ['apply', ['abc', [{ d: 'abc' }]]], ['apply', ['abc', [1, { d: 'xy' }]]], ['apply', ['abc', [{ d: '' }]]], ['apply', ['abc', [{ d: 'abcd' }]]], ['apply', ['😀b', [{ d: '😀' }]]], ['apply', ['😀b', [{ d: '\ud83d' }]]],
	['apply', ['\u{10ffff}\uffff', [1, 'x', { d: 1 }]]], ['apply', ['abc', [{ d: null }]]], ['apply', ['abc', [{ d: true }]]], ['apply', ['abc', ['\ude00']]], ['apply', ['\ud83d', ['x']]],
	['transform', [[1, { d: 'bcd' }], [2, { d: 1 }], 'left']], ['transform', [[1, { d: 'b😀d' }], [2, 'x'], 'right']], ['transform', [[{ d: '😀' }], [{ d: '😀' }], 'left']], ['transform', [[{ d: 'ab' }, { d: 1 }], [1, 'x'], 'left']],
	['compose', [['a😀c'], [1, { d: '😀' }]]], ['compose', [[{ d: 'a' }], [{ d: 'b' }]]], ['compose', [[{ d: 'a' }], [{ d: 1 }]]], ['compose', [['x'], [{ d: 'xyz' }]]], ['compose', [[1, 'x'], [{ d: 'a😀b' }]]],
	['invert', [[{ d: 'abc' }, 'x']]], ['invert', [['x', { d: 'a' }, 1, { d: '😀' }]]], ['normalize', [[{ d: 'a' }, { d: 'b' }, { d: 1 }]]], ['normalize', [[{ d: 'a' }, { d: '' }, 'x']]],
	['makeInvertible', [[1, { d: 2 }], 'a😀b']], ['makeInvertible', [[1, { d: 'xy' }], 'abc']], ['makeInvertible', [[{ d: 4 }], 'abc']], ['makeInvertible', [[], 'abc']], ['makeInvertible', [[4, 'x'], 'abc']], ['makeInvertible', [[{ d: 1 }], null]],
	['invertWithDoc', [[1, 'x', { d: 1 }, 1, { d: 1 }], '😀😁ab']], ['invertWithDoc', [['x'], '']], ['invertWithDoc', [[{ d: 2 }], 'a']], ['transformCursor', [[1, 2, 3], [1, 'x'], false]], ['transformCursor', [[], ['x'], false]],
	['transformCursor', [2, [1, '😀😀', { d: '😀' }], false]],
];

const bold = { b: true };
const richText = [
	['create', [undefined]], ['create', [null]], ['create', ['abc']], ['create', [5]], ['create', [[]]], ['create', [{ ops: [] }]], ['create', [{}]], ['create', [[{ insert: 'a' }, { insert: 'b' }]]], ['create', [[{ retain: 1 }]]],
	['create', [[{ delete: 1 }]]], ['create', [{ ops: 5 }]], ['create', [[{ insert: '' }]]], ['create', [[{ insert: 5 }]]], ['create', [[{ insert: null }]]], ['create', [[{ insert: 'a', attributes: {} }]]], ['create', [[{ insert: 'a', attributes: { b: null } }]]],
	['apply', [[{ insert: 'a' }, { insert: 'b' }, { insert: 'c' }], [{ retain: 2 }, { insert: 'x' }]]], ['apply', [[{ insert: 'a' }, { insert: 'b' }, { insert: 'c' }], [{ insert: 'x' }]]], ['apply', [[{ insert: 'ab' }], []]], ['apply', [[], [{ insert: 'x' }]]],
	['apply', [[{ insert: 'ab' }], [{ retain: 1, attributes: bold }]]], ['apply', [[{ insert: 'ab', attributes: bold }], [{ retain: 1, attributes: { b: null } }]]], ['apply', [[{ insert: 'ab' }], [{ retain: 1, attributes: { b: null } }]]],
	['apply', [[{ insert: 'a' }], [{ delete: 2 }]]], ['apply', [[{ insert: 'a' }], [{ retain: 2, attributes: bold }]]], ['apply', [[{ insert: 'a' }], [{ retain: 1 }, { retain: 1 }, { insert: 'x' }]]], ['apply', [[{ insert: { image: 'u' } }], [{ delete: 1 }]]],
	['apply', [[{ insert: { image: 'u' } }], [{ retain: 1, attributes: { w: 5 } }]]], ['apply', [[{ insert: 'ab' }], [{ retain: 1 }, { insert: { image: 'u' } }]]], ['apply', [[{ insert: 'ab' }], [{ foo: 1 }]]], ['apply', [[{ insert: 'ab' }], [{ insert: 'x', delete: 1 }]]],
	['apply', [[{ insert: 'ab' }], [{ retain: 0 }]]], ['apply', [[{ insert: 'ab' }], [{ retain: -1 }]]], ['apply', [[{ insert: 'ab' }], [{ retain: 0.5 }]]], ['apply', [[{ insert: 'ab' }], [{ delete: 0 }]]], ['apply', [[{ insert: 'ab' }], [{ insert: '' }]]],
	['apply', [[{ insert: 'ab' }], [{ delete: 1, attributes: bold }]]], ['apply', [[{ insert: 'ab' }], [{ retain: { image: 'u' } }]]], ['apply', ['abc', [{ insert: 'x' }]]], ['apply', [[{ insert: 'ab' }], 'x']], ['apply', [[{ insert: 'ab' }], null]],
	['apply', [[{ insert: 'ab' }], [{ retain: 1, attributes: { toString: 1 } }]]], ['apply', [[{ insert: 'ab' }], [{ retain: 1, attributes: {} }]]], ['apply', [[{ insert: 'ab' }], [{ retain: 1, attributes: 'x' }]]], ['apply', [[{ insert: 'ab' }], [{ retain: 1, attributes: null }]]],
	['apply', [[{ insert: '\ud83d\ude00' }], [{ retain: 1 }, { delete: 1 }, { insert: '\ude01' }]]], ['apply', [[{ insert: '\ud83d' }, { insert: '\ude00', attributes: bold }], [{ retain: 2, attributes: bold }]]], ['apply', [[{ insert: 'a' }, { insert: 'b' }], [{ retain: 1 }, { delete: 1 }]]],
	['apply', [{ ops: [{ insert: 'ab' }], x: 1 }, { ops: [{ delete: 1 }], y: 2 }]], ['apply', [[{ insert: 'a', attributes: { q: { r: 1, s: 2 } } }], [{ retain: 1, attributes: { q: { s: 2, r: 1 } } }]]], ['apply', [[{ insert: 'ab' }], [{ delete: 1 }, { insert: 'x' }, { delete: 1 }, { insert: 'y' }]]],
	...ways('transform', [[{ insert: 'x' }], [{ insert: 'y' }]], [[{ retain: 2, attributes: { b: 1 } }], [{ retain: 2, attributes: { b: 2 } }]], [[{ retain: 2, attributes: { b: 1 } }], [{ retain: 1, attributes: { b: null } }]], [[{ delete: 2 }], [{ retain: 1 }, { insert: 'x' }]],
		[[{ retain: 1 }, { insert: 'x' }], [{ delete: 2 }]], [[{ delete: 2 }], [{ delete: 2 }]], [[], [{ insert: 'x' }]], [[{ insert: 'x' }], []], [{ ops: [{ insert: 'x' }] }, [{ insert: 'y' }]], [[{ delete: 1 }, { insert: 'x' }], [{ delete: 1 }, { insert: 'y' }]],
		[[{ insert: { image: 1 } }], [{ insert: { image: 2 } }]], [[{ retain: 3 }, { insert: 'x' }], [{ retain: 1 }, { delete: 1 }, { insert: 'yy' }]], [[{ retain: 1, attributes: { a: 1, b: 1 } }], [{ retain: 1, attributes: { a: 1 } }]]),
	['transform', [[], [], 'middle']], ['transform', [[{ insert: 'x' }], [{ insert: 'y' }], true]], ['transform', [[{ insert: 'x' }], null, 'left']],
	['compose', [[{ insert: 'a' }], [{ delete: 1 }]]], ['compose', [[{ delete: 1 }], [{ insert: 'a' }]]], ['compose', [[{ insert: 'a' }], [{ retain: 1, attributes: { b: null } }]]], ['compose', [[{ retain: 1, attributes: bold }], [{ retain: 1, attributes: { b: null } }]]],
	['compose', [[{ retain: 2 }], [{ retain: 2 }]]], ['compose', [[{ retain: 2, attributes: bold }], [{ delete: 2 }]]], ['compose', [[{ insert: 'a' }], [{ retain: 3 }, { delete: 1 }]]], ['compose', [[], []]], ['compose', [[{ insert: 'a' }, { insert: 'b' }], []]], ['compose', [[{ delete: 2 }], [{ delete: 2 }]]],
	['compose', [[{ insert: 'abc', attributes: bold }], [{ retain: 1 }, { retain: 1, attributes: { b: null } }]]], ['compose', [[{ insert: { image: 'u' } }], [{ retain: 1, attributes: bold }]]],
	['invert', [[{ insert: 'a' }]]], ['invertWithDoc', [[{ insert: 'x' }, { delete: 1 }], [{ insert: 'ab', attributes: bold }]]], ['invertWithDoc', [[{ retain: 2, attributes: { b: null, c: 1 } }], [{ insert: 'a', attributes: bold }, { insert: 'b' }]]],
	['invertWithDoc', [[{ delete: 3 }], [{ insert: 'a' }]]], ['invertWithDoc', [[{ retain: 1 }], [{ insert: 'a' }]]], ['invertWithDoc', [[{ delete: 1 }], [{ insert: { image: 'u' }, attributes: bold }]]], ['invertWithDoc', [[{ retain: 1 }, { delete: 1 }], [{ insert: 'a' }, { insert: 'b' }]]],
	['transformCursor', [0, [{ insert: 'x' }], false]], ['transformCursor', [0, [{ insert: 'x' }], true]], ['transformCursor', [3, [{ retain: 1 }, { delete: 5 }], false]], ['transformCursor', [1, [{ insert: { image: 'u' } }, { delete: 1 }], false]], ['transformCursor', [2, { ops: [{ retain: 2 }, { insert: 'xy' }] }, true]],
	['transformPresence', [null, [{ insert: 'x' }], true]], ['transformPresence', [{ index: 1, length: 2 }, null, false]], ['transformPresence', [{ index: 1, length: 2 }, [{ retain: 2 }, { insert: 'x' }], false]], ['transformPresence', [{ index: 1, length: 2, name: 'é' }, [{ delete: 5 }], false]],
	['transformPresence', [{ index: 1, length: 0 }, [{ retain: 1 }, { insert: 'x' }], true]], ['transformPresence', [{ index: 0 }, [{ insert: 'x' }], true]], ['transformPresence', [{}, [{ insert: 'x' }], true]], ['transformPresence', [5, [{ insert: 'x' }], true]],
];

export const curated = { text0, text: walks, 'text-unicode': [...walks, ...unicode], json0, json1, 'rich-text': richText };
