import diff from 'fast-diff';
import type { TextChange } from 'otd-client/text';

/* Letter by letter up to so many pairs; beyond that line by line, and beyond that at once. */
const PAIRS = 2_000_000;
const LINES = 50_000;
/* Lines times those that are on one side only: what comparing them costs. */
const WORK = 50_000_000;

type Step = [kind: -1 | 0 | 1, text: string];

function fromSteps(steps: Step[], at: number): TextChange[] {
	const out: TextChange[] = [];
	let last: TextChange | null = null;
	for (const [kind, text] of steps) {
		if (kind === 0) {
			at += text.length;
			last = null;
			continue;
		}
		if (!last) out.push(last = { from: at, to: at, insert: '' });
		if (kind === 1) last.insert += text;
		else last.to = at += text.length;
	}
	return out;
}

/** Lines as letters, so that what compares letters compares lines. */
function lineSteps(from: string, to: string): Step[] | null {
	const letters = new Map<string, string>();
	const lines: string[] = [];
	const spell = (text: string) => (text.match(/[^\n]*\n|[^\n]+$/g) ?? []).map((line) => {
		let letter = letters.get(line);
		if (letter === undefined) {
			// Surrogates are left out: half a pair is not compared alone.
			letter = String.fromCharCode(lines.length < 0xd7ff ? lines.length + 1 : lines.length + 0x801);
			letters.set(line, letter);
			lines.push(line);
		}
		return letter;
	}).join('');
	const a = spell(from), b = spell(to);
	const inA = new Set(a), inB = new Set(b);
	const alone = [...letters.values()].filter((letter) => inA.has(letter) !== inB.has(letter)).length;
	if (lines.length > LINES || (a.length + b.length) * alone > WORK) return null;
	const codeOf = (letter: string) => { const code = letter.charCodeAt(0); return code < 0xd800 ? code - 1 : code - 0x801; };
	return diff(a, b).map(([kind, text]) => [kind, [...text].map((letter) => lines[codeOf(letter)]).join('')]);
}

/** The few stretches that lead from one text to another. */
export function textChanges(from: string, to: string): TextChange[] {
	let head = 0, tail = 0;
	const shorter = Math.min(from.length, to.length);
	while (head < shorter && from[head] === to[head]) head++;
	while (tail < shorter - head && from.at(-1 - tail) === to.at(-1 - tail)) tail++;
	const a = from.slice(head, from.length - tail), b = to.slice(head, to.length - tail);
	if (a === b) return [];
	if (a.length * b.length <= PAIRS) return fromSteps(diff(a, b), head);
	const steps = lineSteps(a, b);
	if (!steps) return [{ from: head, to: from.length - tail, insert: b }];
	// Within the lines that differ, letter by letter where they are few.
	return fromSteps(steps, head).flatMap((change) => {
		const gone = from.slice(change.from, change.to);
		return gone.length * change.insert.length > PAIRS ? [change] : fromSteps(diff(gone, change.insert), change.from);
	});
}
