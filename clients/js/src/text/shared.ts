import type { Change, Doc } from '../core/doc.js';
import type { Place, Range } from '../core/places.js';
import { Events } from '../core/events.js';
import { type Dialect, dialectOf, isSame, type Path } from './dialect.js';
import { type LineKind, Lines } from './lines.js';
import { charactersOf, textDiff, type TextOp, unitsOf } from './op.js';

export type { Path } from './dialect.js';

/** What a shared text tells of. */
export interface SharedTextEvents {
	/** The text has changed, by the op, or has come or gone (`exists`); `remote`: by somebody else. */
	change: { op: TextOp; source: unknown; remote: boolean };
}

/**
 * A text that is edited together: a whole document of the types `text`,
 * `text-unicode` and `text0`, or a string within one of `json0` and `json1`,
 * which is followed when lists on the way to it change. The document has to be
 * open.
 *
 * `lines` says what an editor makes of ends of lines: then the text, and the
 * ops, are as it shows them; what it cannot show stays in the document.
 */
export class SharedText extends Events<SharedTextEvents> {
	readonly doc: Doc<unknown>;
	#path: Path | null;
	#raw = '';		// as the document has it
	#text = '';		// as it is shown
	#exists = false;
	#hasPairs: boolean | null = null;	// characters of two units; null: not looked yet
	#lines: Lines;
	#dialect: Dialect;
	#end: () => void;

	constructor(doc: Doc<never> | Doc<unknown>, path: Path = [], lines: LineKind = 'any') {
		super();
		this.doc = doc as Doc<unknown>;
		const dialect = dialectOf(this.#type());
		if (!dialect) throw new TypeError(`no text in a document of type ${doc.type}`);
		this.#path = path;
		this.#dialect = dialect;
		this.#lines = new Lines(lines);
		this.#read();
		this.#end = this.doc.on('change', (change) => this.#changed(change));
	}

	get text(): string { return this.#text; }

	/** Is there a text? Not while the document is deleted, or what held it is. */
	get exists(): boolean { return this.#exists && this.doc.exists; }

	/** Where it is now; null: what held it was removed from a list. */
	get path(): Path | null { return this.#path; }

	/** Change it; `source` comes back with the change. */
	submit(op: TextOp, source: unknown): Promise<void> {
		if (op.length === 0) return Promise.resolve();
		if (!this.exists) return Promise.reject(new Error('the text is not there'));
		const raw = this.#lines.toRaw(op, this.#raw);
		return this.doc.submit(this.#dialect.write(raw, this.#raw, this.#path!), source);
	}

	/** A stretch of it, as presence tells of it: counted as the type does. null: the text is not there. */
	placeOf(from: number, to: number): Range | Place | null {
		if (!this.exists) return null;
		const [index, end] = [from, to].map((at) => {
			const raw = this.#lines.rawPlace(at, this.#raw);
			return this.#countsPoints() ? charactersOf(this.#raw, 0, raw) : raw;
		}) as [number, number];
		return { ...(this.#dialect.isWithin ? { path: [...this.#path!, index] } : { index }), length: end - index };
	}

	/** And back, for what others tell; null: that is none in here. */
	rangeOf({ index, path, length = 0 }: Partial<Range & Place>): { from: number; to: number } | null {
		if (this.#dialect.isWithin) {
			if (!Array.isArray(path) || !this.#path || !isSame(path.slice(0, -1), this.#path)) return null;
			index = path.at(-1) as number;
		}
		const [from, to] = [index!, index! + length].map((at) => {
			const raw = this.#countsPoints() ? unitsOf(this.#raw, 0, at) : Math.min(at, this.#raw.length);
			return this.#lines.shownPlace(raw, this.#raw);
		}) as [number, number];
		return this.exists && from >= 0 && from <= to ? { from, to } : null;
	}

	close(): void { this.#end(); }

	/** Is there a difference between what the type counts and units? Most texts have no such characters. */
	#countsPoints(): boolean {
		return this.#dialect.isPoints && (this.#hasPairs ??= /[\ud800-\udfff]/.test(this.#raw));
	}

	#type(): { uri: string } | null { return this.doc.doc.type as { uri: string } | null; }

	#read(): void {
		let at: unknown = this.#path && this.doc.data;
		for (const key of this.#path ?? []) at = (at as Record<string | number, unknown> | null | undefined)?.[key];
		this.#exists = typeof at === 'string';
		this.#raw = typeof at === 'string' ? at : '';
		this.#hasPairs = null;
		this.#text = this.#lines.show(this.#raw);
	}

	#changed({ op, source, remote }: Change): void {
		const raw = this.#raw, text = this.#text, existed = this.#exists;
		let said: TextOp | null = null;
		if (op === null) {
			// Made anew, maybe with another type.
			this.#dialect = dialectOf(this.#type()) ?? this.#dialect;
		} else if (this.#path) {
			({ op: said, path: this.#path } = this.#dialect.read(op, raw, this.#path));
		}
		this.#read();
		if (this.#raw === raw && this.#exists === existed) return;
		said = said ? this.#lines.toShown(said, raw, this.#raw) : textDiff(text, this.#text);
		this.emit('change', { op: said, source, remote });
	}
}
