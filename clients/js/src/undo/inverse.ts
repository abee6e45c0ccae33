/**
 * What undoing needs of an OT type, whichever it is. An op is null where it
 * does nothing.
 */
export interface Undoing {
	/** What takes `op` back, which is about to be applied to `data`. */
	invert(op: unknown, data: unknown): unknown;
	/** Both in one, the second after the first. */
	compose(first: unknown, second: unknown): unknown;
	/** `op` after `other`, both about the same content; `side` breaks ties. */
	transform(op: unknown, other: unknown, side: 'left' | 'right'): unknown;
}

// What the npm packages of the ottypes family export, as far as it matters here.
interface Type {
	uri: string;
	compose(a: unknown, b: unknown): unknown;
	transform(op: unknown, other: unknown, side: string): unknown;
	transformNoConflict?(op: unknown, other: unknown, side: string): unknown;
	invert?(op: unknown, data?: unknown): unknown;
	invertWithDoc?(op: unknown, data: unknown): unknown;
	makeInvertible?(op: unknown, data: unknown): unknown;
}

type Piece = number | string | { d: number };

/** The type `text` cannot invert: what it deletes is in the text. */
function invertText(op: Piece[], text: string): Piece[] {
	const out: Piece[] = [];
	let at = 0;
	for (const c of op) {
		if (typeof c === 'number') out.push(c);
		else if (typeof c === 'string') out.push({ d: c.length });
		else out.push(text.slice(at, at + c.d));
		at += typeof c === 'number' ? c : typeof c === 'string' ? 0 : c.d;
	}
	return out;
}

interface Delta { constructor: new (delta: unknown) => Delta; invert(base: Delta): unknown }

/** The type `rich-text` has no function for it; its content, a Delta, has. */
function invertDelta(op: unknown, content: Delta): unknown {
	return new content.constructor(op).invert(content);
}

const isNothing = (op: unknown) => op === null || op === undefined || Array.isArray(op) && op.length === 0 ||
	Array.isArray((op as { ops?: unknown[] }).ops) && (op as { ops: unknown[] }).ops.length === 0;

const some = (op: unknown) => (isNothing(op) ? null : op);

/** How to undo ops of this type; null: it cannot be. */
export function undoing(given: unknown): Undoing | null {
	const type = given as Type;
	const invert = type.uri === 'http://sharejs.org/types/textv1' ?
		(op: unknown, data: unknown) => invertText(op as Piece[], data as string) :
		type.uri === 'http://sharejs.org/types/rich-text/v1' ?
			(op: unknown, data: unknown) => invertDelta(op, data as Delta) :
		type.invertWithDoc ? (op: unknown, data: unknown) => type.invertWithDoc!(op, data) :
		type.makeInvertible && type.invert ?
			(op: unknown, data: unknown) => type.invert!(type.makeInvertible!(op, data)) :
		type.invert ? (op: unknown, data: unknown) => type.invert!(op, data) : null;
	if (!invert) return null;
	const transform = (type.transformNoConflict ?? type.transform).bind(type);
	return {
		invert: (op, data) => some(invert(op, data)),
		compose: (a, b) => (a === null ? b : b === null ? a : some(type.compose(a, b))),
		transform: (op, other, side) => (op === null || other === null ? op : some(transform(op, other, side))),
	};
}
