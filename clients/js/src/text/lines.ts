import { changesOf, opOf, textDiff, type TextOp } from './op.js';

/** What becomes of ends of lines: they stay as they are, all are "\n", or there is one line. */
export type LineKind = 'any' | 'unix' | 'one';

/**
 * What an editor makes of ends of lines: `unix`, each is "\n"; `one`, it has
 * one line, and none. `any`: it shows them as they are. What it does not show
 * is hidden: it stays in the document, and goes with what is removed around it.
 */
export class Lines {
	#kind: LineKind;
	#hidden: RegExp;

	constructor(kind: LineKind) {
		this.#kind = kind;
		this.#hidden = kind === 'one' ? /[\r\n]/g : /\r(?=\n)/g;
	}

	show(raw: string): string {
		return this.#isPlain(raw) ? raw : raw.replace(this.#hidden, '').replace(/\r/g, '\n');
	}

	/** An op of what is shown, as one of the text that is behind it. */
	toRaw(op: TextOp, raw: string): TextOp {
		if (this.#isPlain(raw)) return op;
		const hidden = this.#places(raw);
		return opOf(changesOf(op).map(({ from, to, insert }) =>
			({ from: unhide(from, hidden), to: unhide(to, hidden), insert })), raw);
	}

	/** And back: `after` is what is behind it then. */
	toShown(op: TextOp, raw: string, after: string): TextOp {
		if (this.#isPlain(raw) && this.#isPlain(after)) return op;
		let gained = 0;
		return opOf(changesOf(op).flatMap(({ from, to, insert }) => {
			// The two of an end of a line are one.
			const start = from - +(raw[from - 1] === '\r'), end = to + +(raw[to] === '\n');
			const was = this.show(raw.slice(start, end));
			gained += insert.length - (to - from);
			const is = this.show(after.slice(start + gained - insert.length + (to - from), end + gained));
			const at = this.shownPlace(start, raw);
			return changesOf(textDiff(was, is)).map((c) => ({ from: c.from + at, to: c.to + at, insert: c.insert }));
		}), this.show(raw));
	}

	rawPlace(shown: number, raw: string): number {
		return this.#isPlain(raw) ? shown : unhide(shown, this.#places(raw));
	}

	shownPlace(place: number, raw: string): number {
		return this.#isPlain(raw) ? place : place - this.#places(raw).filter((at) => at < place).length;
	}

	/** Most texts have nothing of the kind, and looking for one character is quick. */
	#isPlain(raw: string): boolean {
		return this.#kind === 'any' || !raw.includes('\r') && (this.#kind === 'unix' || !raw.includes('\n'));
	}

	#places(raw: string): number[] { return [...raw.matchAll(this.#hidden)].map(({ index }) => index!); }
}

/** In front of what is hidden there. */
function unhide(place: number, hidden: number[]): number {
	for (const at of hidden) {
		if (at >= place) break;
		place++;
	}
	return place;
}
