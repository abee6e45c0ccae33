import type { Doc } from '../core/doc.js';
import { Events } from '../core/events.js';
import type { Presence } from '../core/presence.js';
import type { Range } from '../core/places.js';

/** Who somebody is, to be shown with their cursor. */
export interface Person { name?: string; colour?: string }

/** Somebody's selection, in UTF-16 units of the text as it is here now. */
export interface Cursor extends Person { anchor: number; head: number }

type Said = Range & Person & { back?: boolean };

const UNICODE = 'http://sharejs.org/types/text-unicode';

const toPoints = (text: string, units: number) => {
	let n = 0;
	for (const c of text) {
		if (units <= 0) break;
		units -= c.length;
		n++;
	}
	return n;
};

const toUnits = (text: string, points: number) => {
	let at = 0;
	for (const c of text) {
		if (points-- <= 0) break;
		at += c.length;
	}
	return at;
};

export interface CursorsEvents { change: undefined }

/**
 * The cursors of everybody in a document that is a text: others' selections,
 * carried along while people write, and one's own to tell. Where the server
 * carries no places of its type there are none.
 */
export class Cursors extends Events<CursorsEvents> {
	#doc: Doc<unknown>;
	#presence: Presence<Said>;
	#person: Person;
	#said = '';
	#isWaiting = false;
	#ends: Array<() => void>;

	constructor(doc: Doc<never> | Doc<unknown>, person: Person = {}) {
		super();
		this.#doc = doc as Doc<unknown>;
		this.#person = person;
		this.#presence = this.#doc.presence<Said>();
		const tell = () => this.emit('change', undefined);
		this.#ends = [
			this.#presence.on('change', tell),
			this.#doc.on('change', tell),
			// A server that does not carry them refuses; then it is quiet here.
			this.#presence.on('error', () => {}),
		];
		this.#presence.open().catch(() => {});
	}

	/** The others', by the ids of their presence. */
	get others(): Map<string, Cursor> {
		const text = String(this.#doc.data ?? '');
		const units = this.#isPoints() ? (n: number) => toUnits(text, n) : (n: number) => Math.min(n, text.length);
		const out = new Map<string, Cursor>();
		for (const [id, { index, length, back, ...person }] of this.#presence.others) {
			const start = units(index), end = units(index + length);
			out.set(id, { ...person, anchor: back ? end : start, head: back ? start : end });
		}
		return out;
	}

	/** Tell the others of one's own; null: none, as when the editor is left. */
	set(selection: { anchor: number; head: number } | null): void {
		const said = selection && this.#value(selection);
		const text = JSON.stringify(said);
		if (text === this.#said || !said && !this.#said) return;
		this.#said = text;
		// Where it is counts in the text that the others know: not before it is saved.
		if (this.#isWaiting) return;
		this.#isWaiting = true;
		this.#doc.doc.whenNothingPending(() => {
			this.#isWaiting = false;
			if (this.#ends.length) this.#presence.set(JSON.parse(this.#said));
		});
	}

	close(): void {
		for (const end of this.#ends.splice(0)) end();
		this.#presence.close();
	}

	#isPoints(): boolean { return this.#doc.type === UNICODE; }

	#value({ anchor, head }: { anchor: number; head: number }): Said {
		const text = String(this.#doc.data ?? '');
		const place = this.#isPoints() ? (n: number) => toPoints(text, n) : (n: number) => n;
		const start = place(Math.min(anchor, head)), end = place(Math.max(anchor, head));
		return { ...this.#person, index: start, length: end - start, ...(head < anchor ? { back: true } : {}) };
	}
}
