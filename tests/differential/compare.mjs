// Runs cases through the reference and through ot-tool and compares.
//
// Each case has a class:
//
//	core	the reference takes it and so do the strict rules: results must be equal
//	lenient	the reference takes it, the strict rules do not: refuse, or be equal
//	error	the reference refuses: so must the tool
//
// and asks a function of a tier: the first is the five that every type has, the second what some have besides.  The
// first cases of each run are made by hand (curated.mjs), the others by chance.
import { Random } from './random.mjs';
import { Tool } from './tool.mjs';
import { curated } from './curated.mjs';
import * as json0 from './json0.mjs';
import * as json1 from './json1.mjs';
import * as richText from './rich-text.mjs';
import * as text0 from './text0.mjs';
import { forType } from './text.mjs';

export const types = {
	json0, json1, 'rich-text': richText, text0, text: forType('text'), 'text-unicode': forType('text-unicode'),
};

const BATCH = 2000;

// Equal as JSON: key order does not matter, -0 is 0.
export function equal(a, b) {
	if (a === b) return true;
	if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
	if (Array.isArray(a) !== Array.isArray(b)) return false;
	const keys = Object.keys(a);
	return keys.length === Object.keys(b).length && keys.every((k) => Object.hasOwn(b, k) && equal(a[k], b[k]));
}

const json = (v) => (v === undefined ? undefined : JSON.parse(JSON.stringify(v)));

export const FIRST = ['create', 'apply', 'transform', 'compose', 'invert'];
export const TIERS = ['first', 'second', 'both'];

const isOf = { first: (fn) => FIRST.includes(fn), second: (fn) => !FIRST.includes(fn), both: () => true };
const byHand = Object.fromEntries(Object.keys(types).map((type) => [type,
	Object.fromEntries(TIERS.map((tier) => [tier, curated[type].filter(([fn]) => isOf[tier](fn))]))]));

// What case i of a seed asks: {fn, args}.
function makeCase(type, tier, seed, i) {
	const [fn, args] = byHand[type][tier][i] ?? [];
	return fn ? { fn, args } : types[type].makeCase(new Random(tier === 'second' ? ~seed : seed, i), tier);
}

// Case i of a seed: {line, class, result}.
export function makeOne(type, seed, i, tier = 'both') {
	const { fn, args } = makeCase(type, tier, seed, i);
	const undef = args.flatMap((v, k) => (v === undefined ? [k] : []));
	const line = JSON.stringify({
		type, fn, args: args.map((v) => (v === undefined ? null : v)), ...(undef.length ? { undef } : {}),
	});
	let verdict;
	try {
		const { result, core, skip } = types[type].reference(fn, args.map(json));
		verdict = skip ? { class: 'skip' } : { class: core ? 'core' : 'lenient', result: json(result) };
	} catch (error) {
		verdict = { class: 'error', why: String(error?.message ?? error) };
	}
	return { i, fn, line, ...verdict };
}

// What is wrong with the answer, or null.
export function judge(one, answer) {
	let got;
	try {
		got = JSON.parse(answer);
	} catch {
		return 'no JSON';
	}
	const refused = typeof got.error === 'string' && got.error !== '';
	if (one.class === 'skip') return null;
	if (one.class === 'error') return refused ? null : 'should be refused';
	if (refused) return one.class === 'lenient' ? null : 'should be taken';
	if (!('ok' in got)) return 'neither ok nor error';
	const result = got.undef ? undefined : got.ok;
	return equal(result, one.result) ? null : 'another result';
}

// {cases, classes, differences: [{i, fn, line, why, expected, answer}], ended}
export async function run({ type, n, seed, first = 0, tier = 'both', file, most = 20 }) {
	const tool = new Tool(file);
	const summary = { cases: 0, classes: { core: 0, lenient: 0, taken: 0, error: 0, skip: 0 }, differences: [], ended: null };
	for (let i = first; i < first + n && summary.differences.length < most;) {
		const batch = [];
		while (batch.length < BATCH && i < first + n) batch.push(makeOne(type, seed, i++, tier));
		const answers = await tool.ask(batch.map((one) => one.line));
		batch.forEach((one, k) => {
			summary.cases++;
			summary.classes[one.class]++;
			if (one.class === 'lenient' && answers[k]?.startsWith('{"ok"')) summary.classes.taken++;
			const why = answers[k] === undefined ? 'no answer' : judge(one, answers[k]);
			if (why) summary.differences.push({ ...one, why, answer: answers[k] });
		});
		if (tool.ended !== null) break;
	}
	summary.ended = await tool.close();
	return summary;
}
