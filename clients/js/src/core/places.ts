import type { OtType } from './client.js';

/**
 * Places in documents, carried along while others write.
 *
 * ShareDB's client wants `transformPresence` of a type for that; of the types on
 * npm only rich-text has it. For the others it is made here from their own
 * functions for cursors, and the server is told in the handshake that it may
 * count on it (otd does the same; a ShareDB server knows nothing of it, and
 * then there are no places in these types).
 */
export interface Range { index: number; length: number }
/** The last item may be an offset in the text that stands there; `length`: so much of the text from there on. */
export interface Place { path: Array<string | number> | null; length?: number }

type Path = Array<string | number>;

interface WithPlaces extends OtType {
	transformPresence?: (value: unknown, op: unknown, isOwn: boolean) => unknown;
	transformSelection?: (place: number, op: unknown, isOwn: boolean) => number;
	transformPosition?: (place: never, op: unknown) => unknown;
	transformCursor?: (place: number, op: unknown, side: 'left' | 'right') => number;
	transform?: (op: unknown[], other: unknown[], side: 'left') => Array<{ p: Path }>;
}

const range = (move: (place: number, op: unknown, isOwn: boolean) => number) =>
	(value: unknown, op: unknown, isOwn: boolean) => {
		if (!value) return null;
		const { index, length } = value as Range;
		const start = move(index, op, isOwn), end = move(index + length, op, isOwn);
		return { ...value, index: start, length: end - start };
	};

const place = (move: (path: Path, op: unknown) => Path | null) =>
	(value: unknown, op: unknown) => {
		const { path, length } = (value ?? {}) as Partial<Place>;
		if (!path) return value;
		const moved = move(path, op) ?? null;
		const start = path.at(-1);
		if (typeof length !== 'number' || typeof start !== 'number') return { ...value as Place, path: moved };
		const end = moved && move([...path.slice(0, -1), start + length], op);
		return { ...value as Place, path: moved, length: end ? Math.max(0, (end.at(-1) as number) - (moved!.at(-1) as number)) : 0 };
	};

interface Part { p: Path; si?: string; sd?: string; t?: string; o?: Array<{ p: number; i?: string; d?: string }> }

/** Where a path of json0 goes: an offset in a text as text0 has it, others as an op that adds 0 there. */
const movePart = (type: WithPlaces) => (path: Path | null, c: Part): Path | null => {
	if (!path) return null;
	const { p, si, sd, t, o } = c;
	if (si === undefined && sd === undefined && !t) return type.transform!([{ p: path, na: 0 }], [c], 'left')[0]?.p ?? null;
	const holder = t ? p : p.slice(0, -1);
	let at = path.at(-1)!;
	if (typeof at !== 'number' || path.length !== holder.length + 1 || !holder.every((key, i) => key === path[i])) return path;
	for (const { p: from, i, d } of t ? o! : [{ p: p.at(-1) as number, i: si, d: sd }])
		if (i !== undefined) at += from < at ? i.length : 0;
		else at -= Math.max(0, Math.min(at - from, d!.length));
	return [...holder, at];
};

const MAKERS: Record<string, (type: WithPlaces) => WithPlaces['transformPresence']> = {
	'http://sharejs.org/types/textv1': (type) => range(type.transformSelection!),
	'http://sharejs.org/types/text-unicode': (type) =>
		range((at, op) => type.transformPosition!(at as never, op) as number),
	'http://sharejs.org/types/textv0': (type) =>
		range((at, op, isOwn) => type.transformCursor!(at, op, isOwn ? 'right' : 'left')),
	'http://sharejs.org/types/JSONv0': (type) =>
		place((path, op) => (op as Part[]).reduce(movePart(type), path)),
	'http://sharejs.org/types/JSONv1': (type) => place((path, op) => type.transformPosition!(path as never, op) as Path | null),
};

/** Give a type what it lacks; is there something to announce? */
export function addPlaces(type: OtType): boolean {
	const known = type as WithPlaces;
	const make = MAKERS[type.uri];
	if (!make) return false;
	known.transformPresence ??= make(known)!;
	return true;
}
