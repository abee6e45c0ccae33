import type { Doc } from '../core/doc.js';
import { Events } from '../core/events.js';
import type { Place, Range } from '../core/places.js';
import type { Presence } from '../core/presence.js';
import { carry, type Selected } from './op.js';
import type { SharedTextEvents } from './shared.js';

/** Who somebody is, to be shown with their cursor. */
export interface Person { name?: string; colour?: string }

/** Somebody's selection, in UTF-16 units of the text as it is here now. */
export interface Cursor extends Required<Person>, Selected {}

type Said = Person & Partial<Range & Place> & { back?: boolean };
interface Type { transformPresence?(value: Said | null, op: unknown, isOwn: boolean): Said | null }

const COLOUR = /^#[\da-f]{6}$/i;

/** Somebody came, moved or left. */
export interface CursorsEvents { change: undefined }

/** A text, or what else has places: a `SharedText`. */
export interface Placed {
	readonly doc: Doc<unknown>;
	placeOf(from: number, to: number): Range | Place | null;
	rangeOf(place: Partial<Range & Place>): { from: number; to: number } | null;
	on(name: 'change', listener: (change: SharedTextEvents['change']) => void): () => void;
}

/**
 * The cursors of everybody in a text: others' selections, carried along while
 * people write, and one's own to tell. Where the type or the server carries
 * no places there are none.
 */
export class Cursors extends Events<CursorsEvents> {
	#shared: Placed;
	#presence: Presence<Said>;
	#person: Person;
	#mine: Selected | null = null;
	#said: Said | null = null;	// as the others have it by now
	#isSaying = false;
	#isTelling = false;
	#isAlone = true;
	#isClosed = false;
	#ends: Array<() => void>;

	constructor(shared: Placed, person: Person = {}) {
		super();
		this.#shared = shared;
		this.#person = person;
		this.#presence = shared.doc.presence<Said>();
		this.#ends = [
			this.#presence.on('change', () => this.#tell()),
			// A server that does not carry them refuses; then it is quiet here.
			this.#presence.on('error', () => {}),
			shared.on('change', ({ op, remote }) => {
				if (remote && this.#mine) this.#mine = carry(this.#mine, op);
				this.#tell();
			}),
			shared.doc.on('change', ({ op, remote }) => {
				// Everybody carries it; it is said again only when it goes elsewhere.
				if (op !== null) this.#said = this.#type?.transformPresence?.(this.#said, op, !remote) ?? null;
				else if (this.#mine) this.set(this.#mine), this.#said = null;
			}),
		];
		this.#presence.open().catch(() => {});
	}

	/** The others', by the ids of their presence. */
	get others(): Map<string, Cursor> {
		const out = new Map<string, Cursor>();
		// They are what somebody sent: anything.
		for (const [id, value] of this.#presence.others) {
			const range = this.#shared.rangeOf(value);
			if (!range) continue;
			const { from, to } = range;
			out.set(id, {
				name: String(value.name ?? '').slice(0, 80),
				colour: COLOUR.test(value.colour ?? '') ? value.colour! : '#777777',
				anchor: value.back ? to : from, head: value.back ? from : to,
			});
		}
		return out;
	}

	/** Tell the others of one's own; null: none, as when the editor is left. */
	set(selection: Selected | null): void {
		this.#mine = selection;
		if (this.#isSaying || !this.#type?.transformPresence) return;
		this.#isSaying = true;
		// Where it is counts in the text that the others know: not before it is saved.
		this.#shared.doc.doc.whenNothingPending(() => {
			this.#isSaying = false;
			if (!this.#isClosed) this.#say();
		});
	}

	close(): void {
		this.#isClosed = true;
		for (const end of this.#ends) end();
		this.#presence.close();
	}

	get #type(): Type | null { return this.#shared.doc.doc.type as Type | null; }

	#say(): void {
		const said = this.#mine && this.#value(this.#mine);
		if (JSON.stringify(said) === JSON.stringify(this.#said)) return;
		this.#said = said;
		this.#presence.set(said);
	}

	#value({ anchor, head }: Selected): Said | null {
		const place = this.#shared.placeOf(Math.min(anchor, head), Math.max(anchor, head));
		return place && { ...this.#person, ...place, ...(head < anchor ? { back: true } : {}) };
	}

	/** Once for all that happens in one turn. */
	#tell(): void {
		const wasAlone = this.#isAlone;
		this.#isAlone = this.#presence.others.size === 0;
		if (this.#isTelling || wasAlone && this.#isAlone) return;
		this.#isTelling = true;
		queueMicrotask(() => {
			this.#isTelling = false;
			if (!this.#isClosed) this.emit('change', undefined);
		});
	}
}
