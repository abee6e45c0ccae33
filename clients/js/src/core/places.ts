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
export interface Place { path: Array<string | number> | null }

interface WithPlaces extends OtType {
	transformPresence?: (value: unknown, op: unknown, isOwn: boolean) => unknown;
	transformSelection?: (place: number, op: unknown, isOwn: boolean) => number;
	transformPosition?: (place: never, op: unknown) => unknown;
}

const range = (move: (place: number, op: unknown, isOwn: boolean) => number) =>
	(value: unknown, op: unknown, isOwn: boolean) => {
		if (!value) return null;
		const { index, length } = value as Range;
		const start = move(index, op, isOwn), end = move(index + length, op, isOwn);
		return { ...value, index: start, length: end - start };
	};

const place = (move: (path: never, op: unknown) => unknown) =>
	(value: unknown, op: unknown) => {
		const path = (value as Place | null)?.path;
		return path ? { ...value as Place, path: move(path as never, op) ?? null } : value;
	};

const MAKERS: Record<string, (type: WithPlaces) => WithPlaces['transformPresence']> = {
	'http://sharejs.org/types/textv1': (type) => range(type.transformSelection!),
	'http://sharejs.org/types/text-unicode': (type) =>
		range((at, op) => type.transformPosition!(at as never, op) as number),
	'http://sharejs.org/types/JSONv1': (type) => place(type.transformPosition!),
};

/** Give a type what it lacks; is there something to announce? */
export function addPlaces(type: OtType): boolean {
	const known = type as WithPlaces;
	const make = MAKERS[type.uri];
	if (!make) return false;
	known.transformPresence ??= make(known)!;
	return true;
}
