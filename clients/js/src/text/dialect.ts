import ottext from 'ot-text';
import { changesOf, fromUnicode, toUnicode, type TextOp } from './op.js';

/** Where a string is in a JSON document. */
export type Path = ReadonlyArray<string | number>;

/** What an op of a document does to one text in it. */
export interface Said {
	/** The change of the text; null: not said, compare. */
	op: TextOp | null;
	/** Where the text is then; null: it is gone, with the item of a list that held it. */
	path: Path | null;
}

/** How a type of documents writes a change of text, and what its ops do to it. */
export interface Dialect {
	/** Are characters counted, not UTF-16 units? */
	isPoints: boolean;
	/** Is the text somewhere in the document, or all of it? */
	isWithin: boolean;
	write(op: TextOp, text: string, path: Path): unknown;
	read(op: unknown, text: string, path: Path): Said;
}

/** Is this where `path` leads, or a place on the way? */
const leadsTo = (start: Path, path: Path) => start.every((key, i) => key === path[i]);
export const isSame = (a: Path, b: Path) => a.length === b.length && leadsTo(a, b);

/** An op as parts that are done one after another: each deletes, or inserts. */
function partsOf(op: TextOp, text: string): Array<{ at: number; deleted?: string; inserted?: string }> {
	const out = [];
	let gained = 0;
	for (const { from, to, insert } of changesOf(op)) {
		const at = from + gained;
		if (to > from) out.push({ at, deleted: text.slice(from, to) });
		if (insert) out.push({ at, inserted: insert });
		gained += insert.length - (to - from);
	}
	return out;
}

/** And such parts as one op. */
function joined(parts: Array<{ at: number; deleted?: string | undefined; inserted?: string | undefined }>): TextOp {
	return parts.reduce((whole: TextOp, { at, deleted, inserted }) => {
		const change = inserted ?? { d: deleted!.length };
		return ottext.type.compose(whole, at > 0 ? [at, change] : [change]);
	}, []);
}

type Part0 = { p: number; i?: string; d?: string };

const readText0 = (op: Part0[]) => joined(op.map(({ p, i, d }) => ({ at: p, inserted: i, deleted: d })));

const text0: Dialect = {
	isPoints: false, isWithin: false,
	write: (op, text) => partsOf(op, text).map(({ at, deleted, inserted }) =>
		(inserted !== undefined ? { p: at, i: inserted } : { p: at, d: deleted })),
	read: (op, _, path) => ({ op: readText0(op as Part0[]), path }),
};

interface Part {
	p: Path;
	si?: string; sd?: string;
	t?: string; o?: Part0[];
	oi?: unknown; od?: unknown;
	li?: unknown; ld?: unknown; lm?: number;
}

/** Where a path leads that stood in a list, after its part of an op; null: nowhere. */
function movedInList(path: Path, { p, li, ld, lm }: Part): Path | null {
	const depth = p.length - 1;
	const at = p[depth] as number;
	let index = path[depth] as number;
	if (lm !== undefined) index = index === at ? lm : (index -= +(at < index)) + +(lm <= index);
	else if (ld === undefined) index += +(at <= index);
	else if (li === undefined && at === index) return null;
	else if (li === undefined) index -= +(at < index);
	return [...path.slice(0, depth), index, ...path.slice(depth + 1)];
}

const json0: Dialect = {
	isPoints: false, isWithin: true,
	write: (op, text, path) => partsOf(op, text).map(({ at, deleted, inserted }) =>
		(inserted !== undefined ? { p: [...path, at], si: inserted } : { p: [...path, at], sd: deleted })),
	read(op, _, start) {
		let change: TextOp | null = [];
		let path: Path | null = start;
		const add = (more: TextOp) => { if (change) change = ottext.type.compose(change, more); };
		for (const c of op as Part[]) {
			const at = c.p.slice(0, -1);
			if (c.si !== undefined || c.sd !== undefined) {
				if (isSame(at, path)) add(joined([{ at: c.p.at(-1) as number, inserted: c.si, deleted: c.sd }]));
			} else if (c.t !== undefined) {
				if (isSame(c.p, path)) c.t === 'text0' ? add(readText0(c.o!)) : change = null;
			} else if (leadsTo(at, path) && at.length < path.length) {
				const isList = c.li !== undefined || c.ld !== undefined || c.lm !== undefined;
				if (leadsTo(c.p, path) && c.lm === undefined && (!isList || c.ld !== undefined)) change = null;
				if (isList) path = movedInList(path, c);
				if (path === null) break;
			} else if (c.p.length === 0) {
				change = null;
			}
		}
		return { op: change, path };
	},
};

interface Type1 { transformPosition(path: Path, op: unknown): Path | null }

type Op1 = Array<string | number | Op1 | { es?: TextOp; et?: string }>;

/** What an op of json1 does at a path, as paths are after it. */
function componentAt(op: Op1, path: Path): { es?: TextOp; et?: string } | null {
	let depth = 0;
	for (const one of op) {
		if (Array.isArray(one)) {
			if (one[0] === path[depth]) return componentAt(one, path.slice(depth));
		} else if (typeof one === 'object') {
			if (depth === path.length) return one;
		} else if (one !== path[depth++]) {
			break;
		}
	}
	return null;
}

const json1 = (type: Type1): Dialect => ({
	isPoints: true, isWithin: true,
	write: (op, text, path) => [...path, { es: toUnicode(op, text) }],
	read(op, text, path) {
		const moved = op === null ? path : type.transformPosition(path, op);
		// What is put in the place of a member has its name; an item's index is another's.
		if (!moved) return { op: null, path: path.some((key) => typeof key === 'number') ? null : path };
		const { es, et } = componentAt((op ?? []) as Op1, moved) ?? {};
		return { op: et ? null : es ? fromUnicode(es, text) : [], path: moved };
	},
});

const DIALECTS: Record<string, (type: never) => Dialect> = {
	'http://sharejs.org/types/textv1': () => ({
		isPoints: false, isWithin: false, write: (op) => op, read: (op, _, path) => ({ op: op as TextOp, path }),
	}),
	'http://sharejs.org/types/text-unicode': () => ({
		isPoints: true, isWithin: false, write: toUnicode,
		read: (op, text, path) => ({ op: fromUnicode(op as TextOp, text), path }),
	}),
	'http://sharejs.org/types/textv0': () => text0,
	'http://sharejs.org/types/JSONv0': () => json0,
	'http://sharejs.org/types/JSONv1': json1,
};

/** That of a type of documents; null: there is no text in them. */
export function dialectOf(type: { uri: string } | null): Dialect | null {
	return type && DIALECTS[type.uri]?.(type as never) || null;
}
