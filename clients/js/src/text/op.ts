/**
 * Changes of text, counted in UTF-16 units as editors on the web count: ops of
 * the type `text` (npm `ot-text`, which transforms and composes them). A number
 * skips, a string is inserted, `{d: n}` deletes.
 */
export type TextOp = Array<number | string | { d: number }>;

/** A stretch of the text before the change, and what stands there after it. */
export interface TextChange { from: number; to: number; insert: string }

/** A text whose units can be looked at one by one: a string, or what an editor keeps. NaN: there is none. */
export interface Units { charCodeAt(at: number): number }

/** Is this place within a character of two units? */
const splits = (text: Units, at: number) =>
	(text.charCodeAt(at - 1) & 0xfc00) === 0xd800 && (text.charCodeAt(at) & 0xfc00) === 0xdc00;

/** The stretches that an op changes, in order, none touching the next. */
export function changesOf(op: TextOp): TextChange[] {
	const out: TextChange[] = [];
	let at = 0;
	let last: TextChange | null = null;
	for (const c of op) {
		if (typeof c === 'number') {
			at += c;
			last = null;
			continue;
		}
		if (!last) out.push(last = { from: at, to: at, insert: '' });
		if (typeof c === 'string') last.insert += c;
		else last.to = at += c.d;
	}
	return out;
}

/**
 * The op of changes that do not overlap, in any order, about the same text. No
 * character of two units is cut: what is left of it is written anew.
 */
export function opOf(changes: Iterable<TextChange>, text: Units): TextOp {
	const stretches: TextChange[] = [];
	for (const change of [...changes].sort((a, b) => a.from - b.from || a.to - b.to)) {
		const last = stretches.at(-1);
		if (last && last.to === change.from) {
			last.insert += change.insert;
			last.to = change.to;
		} else {
			stretches.push({ ...change });
		}
	}
	const op: TextOp = [];
	let at = 0;
	for (let { from, to, insert } of stretches) {
		if (from > at && splits(text, from)) insert = String.fromCharCode(text.charCodeAt(--from)) + insert;
		if (splits(text, to)) insert += String.fromCharCode(text.charCodeAt(to++));
		if (from === to && insert === '') continue;
		if (from > at) op.push(from - at);
		if (insert !== '') op.push(insert);
		if (to > from) op.push({ d: to - from });
		at = to;
	}
	return op;
}

/** A selection, in UTF-16 units. */
export interface Selected { anchor: number; head: number }

/**
 * Where a selection is after the op of somebody else: what that writes at its
 * ends is not in it, and a cursor stays in front of what comes where it is.
 */
export function carry({ anchor, head }: Selected, op: TextOp): Selected {
	const changes = changesOf(op);
	const move = (place: number, isStart: boolean) => {
		let gained = 0;
		for (const { from, to, insert } of changes) {
			if (place < from || place === from && !(isStart && from === to)) break;
			if (place < to) return from + gained + (isStart ? insert.length : 0);
			gained += insert.length - (to - from);
		}
		return place + gained;
	};
	return { anchor: move(anchor, anchor < head), head: move(head, head < anchor) };
}

/**
 * The op that leads from one text to another; empty when they are the same.
 * Where it could be in several places, in front of `caret`: where the cursor
 * stands after it.
 */
export function textDiff(from: string, to: string, caret = to.length): TextOp {
	if (from === to) return [];
	const shorter = Math.min(from.length, to.length);
	const same = (behind: number) =>
		from.charCodeAt(from.length - 1 - behind) === to.charCodeAt(to.length - 1 - behind);
	let tail = 0, head = 0;
	// What is behind the cursor was not typed just now.
	const behind = Math.min(shorter, Math.max(0, to.length - caret));
	// A half of a character that looks the same is not.
	const trim = () => { if (splits(from, from.length - tail) || splits(to, to.length - tail)) tail--; };
	while (tail < behind && same(tail)) tail++;
	trim();
	while (head < shorter - tail && from.charCodeAt(head) === to.charCodeAt(head)) head++;
	if (splits(from, head) || splits(to, head)) head--;
	while (tail < shorter - head && same(tail)) tail++;
	trim();
	return opOf([{ from: head, to: from.length - tail, insert: to.slice(head, to.length - tail) }], from);
}

/** How many units the `n` characters behind `at` have. */
export function unitsOf(text: string, at: number, n: number): number {
	const start = at;
	for (; n > 0 && at < text.length; n--) at += splits(text, at + 1) ? 2 : 1;
	return at - start;
}

/** How many characters these units are. */
export function charactersOf(text: string, from: number, to: number): number {
	let n = 0;
	for (let at = from; at < to; n++) at += splits(text, at + 1) ? 2 : 1;
	return n;
}

type AnyTextOp = ReadonlyArray<number | string | { d: number | string }>;

/** From the type `text-unicode`, whose ops count characters. `text` is what it is about. */
export function fromUnicode(op: AnyTextOp, text: string): TextOp {
	let at = 0;
	return op.map((c) => {
		if (typeof c === 'string') return c;
		const units = typeof c !== 'number' && typeof c.d === 'string' ? c.d.length :
			unitsOf(text, at, typeof c === 'number' ? c : c.d as number);
		at += units;
		return typeof c === 'number' ? units : { d: units };
	});
}

/** To the type `text-unicode`. */
export function toUnicode(op: TextOp, text: string): TextOp {
	let at = 0;
	return op.map((c) => {
		if (typeof c === 'string') return c;
		const units = typeof c === 'number' ? c : c.d;
		const n = charactersOf(text, at, at + units);
		at += units;
		return typeof c === 'number' ? n : { d: n };
	});
}
