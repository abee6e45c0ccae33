import ottext from 'ot-text';
import type { Change, Doc } from '../core/doc.js';
import { Events } from '../core/events.js';
import { changesOf, fromUnicode, textDiff, toUnicode, type TextOp } from './op.js';

/** Where a string is in a JSON document. */
export type Path = ReadonlyArray<string | number>;

/** What a shared text tells of. */
export interface SharedTextEvents {
	/** The text has changed, by the op; `remote`: by somebody else. */
	change: { op: TextOp; source: unknown; remote: boolean };
}

/** How a type of documents writes a change of text, and what its ops do to the text. */
interface Dialect {
	write(op: TextOp, text: string): unknown;
	/** null: not said; compare. */
	read(op: unknown, text: string): TextOp | null;
}

const TEXT = 'http://sharejs.org/types/textv1';
const UNICODE = 'http://sharejs.org/types/text-unicode';
const JSON0 = 'http://sharejs.org/types/JSONv0';
const JSON1 = 'http://sharejs.org/types/JSONv1';

const same = (a: Path, b: Path) => a.length === b.length && a.every((key, i) => key === b[i]);

function json0(path: Path): Dialect {
	return {
		write(op, text) {
			const out: object[] = [];
			let gained = 0;
			for (const { from, to, insert } of changesOf(op)) {
				const p = [...path, from + gained];
				if (to > from) out.push({ p, sd: text.slice(from, to) });
				if (insert) out.push({ p, si: insert });
				gained += insert.length - (to - from);
			}
			return out;
		},
		read(op) {
			let whole: TextOp = [];
			for (const c of op as Array<{ p: Path; si?: string; sd?: string }>) {
				const change = c.si !== undefined ? c.si : c.sd !== undefined ? { d: c.sd.length } : null;
				if (change === null || !same(c.p.slice(0, -1), path)) return null;
				const at = c.p[c.p.length - 1] as number;
				whole = ottext.type.compose(whole, at > 0 ? [at, change] : [change]);
			}
			return whole;
		},
	};
}

function json1(path: Path): Dialect {
	return {
		write: (op, text) => [...path, { es: toUnicode(op, text) }],
		read(op, text) {
			const list = op as unknown[];
			const last = list?.[list.length - 1] as { es?: TextOp } | undefined;
			return last?.es && Object.keys(last).length === 1 && same(list.slice(0, -1) as Path, path) ?
				fromUnicode(last.es, text) : null;
		},
	};
}

const DIALECTS: Record<string, (path: Path) => Dialect> = {
	[TEXT]: () => ({ write: (op) => op, read: (op) => op as TextOp }),
	[UNICODE]: () => ({ write: toUnicode, read: (op, text) => fromUnicode(op as TextOp, text) }),
	[JSON0]: json0,
	[JSON1]: json1,
};

/**
 * A text that is edited together: a whole document of the types `text` and
 * `text-unicode`, or a string within one of `json0` and `json1`. The document
 * has to be open.
 */
export class SharedText extends Events<SharedTextEvents> {
	readonly doc: Doc<unknown>;
	readonly path: Path;
	#text: string;
	#dialect: Dialect;
	#end: () => void;

	constructor(doc: Doc<unknown>, path: Path = []) {
		super();
		const dialect = DIALECTS[doc.type ?? ''];
		if (!dialect) throw new TypeError(`no text in a document of type ${doc.type}`);
		this.doc = doc;
		this.path = path;
		this.#dialect = dialect(path);
		this.#text = this.#read();
		this.#end = doc.on('change', (change) => this.#changed(change));
	}

	get text(): string { return this.#text; }

	/** Change it; `source` comes back with the change. */
	submit(op: TextOp, source: unknown): Promise<void> {
		if (op.length === 0) return Promise.resolve();
		return this.doc.submit(this.#dialect.write(op, this.#text), source);
	}

	close(): void { this.#end(); }

	#read(): string {
		let at: unknown = this.doc.data;
		for (const key of this.path) at = (at as Record<string | number, unknown> | undefined)?.[key];
		return typeof at === 'string' ? at : '';
	}

	#changed({ op, source, remote }: Change): void {
		const now = this.#read();
		if (now === this.#text) return;
		const said = op === null ? null : this.#dialect.read(op, this.#text);
		const change = said ?? textDiff(this.#text, now);
		this.#text = now;
		this.emit('change', { op: change, source, remote });
	}
}
