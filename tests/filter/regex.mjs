// Random regular expressions of the dialect of core/regex.h, and what
// JavaScript says of them.
import { Random } from '../differential/random.mjs';

const ATOMS = ['a', 'b', 'A', 'é', 'Ж', '😀', '.', '\\d', '\\D', '\\w', '\\W', '\\s', '\\S', '\\n', '\\t', '\\x41',
	'\\u00e9', '\\u{1f600}', '[ab]', '[^ab]', '[a-c]', '[^\\d]', '[\\w-]', '[\\s\\S]', '[é-ю]', '\\.', '\\*', '\\[', '\\/'];
const ASSERTIONS = ['^', '$', '\\b', '\\B'];
const REPEATS = ['*', '+', '?', '{2}', '{0,2}', '{1,}', '*?', '+?', '??', '{1,2}?'];
const TEXT = ['a', 'b', 'c', 'A', 'B', 'é', 'É', 'ж', 'Ж', '😀', '1', '_', '-', ' ', '\n', '\t', '\u2028', '.', '*', '[', '/'];

function pattern(r, depth) {
	let text = '';
	for (let n = 1 + r.int(3); n > 0; n--) {
		if (r.chance(0.15)) { text += r.pick(ASSERTIONS); continue; }
		text += depth > 0 && r.chance(0.35) ?
			`(${r.pick(['', '?:', '?<n>'])}${pattern(r, depth - 1)}${r.chance(0.5) ? `|${pattern(r, depth - 1)}` : ''})` : r.pick(ATOMS);
		if (r.chance(0.35)) text += r.pick(REPEATS);
	}
	return text;
}

// Case i of a seed: {source, options, texts, matches}.
export function regex(seed, i) {
	const r = new Random(seed, i);
	for (;;) {
		const source = pattern(r, 2).replaceAll('?<n>', () => `?<n${r.int(1e9)}>`);
		const options = ['', 'i', 'm', 's', 'ims'][r.int(5)];
		// V8 looks for \B between the halves of a pair too, which ECMA-262 (22.2.7.2) does not.
		const letters = source.includes('\\B') ? TEXT.filter((c) => c.length === 1) : TEXT;
		const texts = Array.from({ length: 12 }, () => Array.from({ length: r.int(7) }, () => r.pick(letters)).join(''));
		let re;
		try { re = new RegExp(source, `u${options}`); } catch { continue; }
		// With u and i, JavaScript's \w and \b know two letters more, which are
		// not in the texts.
		return { source, options, texts, matches: texts.map((text) => re.test(text)) };
	}
}
