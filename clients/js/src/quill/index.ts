import type Quill from 'quill';
import type { Doc } from '../core/doc.js';
import { Cursors, type Person, type Placed } from '../text/cursors.js';
import { Hold, type Holding } from '../text/hold.js';

/** What is used of npm `quill-cursors`, which shows the cursors when it is registered and switched on. */
interface QuillCursors {
	createCursor(id: string, name: string, colour: string): unknown;
	moveCursor(id: string, range: { index: number; length: number }): void;
	removeCursor(id: string): void;
	cursors(): Array<{ id: string }>;
}

/** How a document is bound to Quill. */
export interface QuillOptions {
	/** Tell the others of this cursor; with the module `cursors` theirs are shown. */
	person?: Person | false;
}

type Delta = ReturnType<Quill['getContents']>;
type Type = Holding<unknown>;
interface History { options: { userOnly: boolean }; clear(): void }

const endsWithLine = ({ ops }: Delta) => {
	const last = ops.at(-1)?.insert;
	return typeof last === 'string' && last.endsWith('\n');
};

/**
 * Quill 2 on a document of the type `rich-text`. What others write comes as
 * changes with the source "api", and the editor's own history leaves it alone:
 * it takes back what the user did, and nothing that came by the API.
 * Nothing can be written while the document is not there.
 */
export function bindQuill(quill: Quill, doc: Doc<never> | Doc<unknown>, options: QuillOptions = {}): { close(): void } {
	const inner = doc as Doc<unknown>;
	if (!inner.type?.includes('rich-text')) throw new TypeError(`Quill edits rich-text, not ${inner.type}`);
	const DeltaOf = quill.getContents().constructor as new (ops?: unknown) => Delta;
	const source = { quill };
	const isEnabled = quill.isEnabled();
	const type = inner.doc.type as unknown as Type;
	const hold = new Hold<unknown>(type);
	let isComposing = false;
	let isShowing = false;
	let isTaken = false;	// the document has the edit that is being told
	let isAwry = false;	// what Quill shows is not what the document has
	let isClosed = false;

	/** A copy: a Delta made of another shares its list. */
	const content = () => new DeltaOf([...(inner.data as Delta | undefined)?.ops ?? []]);
	const apply = (change: Delta) => {
		const before = quill.getSelection();
		isShowing = true;
		const done = quill.updateContents(change, 'api');
		isShowing = false;
		if (!before?.length) return;
		// What is written where a selection begins is not in it.
		const from = done.transformPosition(before.index);
		quill.setSelection(from, Math.max(0, done.transformPosition(before.index + before.length, true) - from), 'silent');
	};
	/** Quill always ends with a line; a document need not. */
	const isSame = () => quill.getLength() === content().length() + (endsWithLine(content()) ? 0 : 1);
	const showAll = () => {
		const all = content();
		if (!endsWithLine(all)) all.insert('\n');
		const change = quill.getContents().diff(all);
		if (change.ops.length) apply(change);
	};

	const settle = () => {
		if (isComposing || isClosed) return;
		const late = hold.take();
		if (late && !isAwry) apply(new DeltaOf(late));
		// There is what Quill makes something else of.
		if (isAwry || late && !isSame()) showAll();
		isAwry = false;
		showCursors();
	};
	const mend = () => {
		isAwry = true;
		queueMicrotask(settle);
	};

	const tell = (delta: Delta) => {
		if (isShowing || isAwry) return;
		let told = hold.tell(delta);
		const all = content();
		if (!endsWithLine(all)) told = type.compose(new DeltaOf().retain(all.length()).insert('\n'), told);
		isTaken = false;
		if (inner.exists) void inner.submit(told, source).catch(() => {});	// the document tells of it
		if (!isTaken) mend();
		place();
	};
	const end = inner.on('change', ({ op, source: by }) => {
		quill.enable(inner.exists && isEnabled);
		if (by === source) {
			isTaken = true;
			return;
		}
		if (op === null) isAwry = true;
		else if (!isAwry) hold.add(op);
		settle();
	});

	const shown = quill.getModule('cursors') as QuillCursors | undefined;
	const places: Placed = {
		doc: inner,
		placeOf: (from, to) => ({ index: from, length: to - from }),
		rangeOf: ({ index = -1, length = 0 }) => (index >= 0 && length >= 0 ? { from: index, to: index + length } : null),
		on: () => () => {},
	};
	const cursors = options.person === false ? null : new Cursors(places, options.person);
	const showCursors = () => {
		if (!cursors || !shown) return;
		const others = cursors.others;
		for (const { id } of shown.cursors()) if (!others.has(id)) shown.removeCursor(id);
		for (const [id, { name, colour, anchor, head }] of others) {
			shown.createCursor(id, name, colour);
			shown.moveCursor(id, { index: Math.min(anchor, head), length: Math.abs(head - anchor) });
		}
	};
	const place = () => {
		const range = quill.getSelection();
		cursors?.set(range && { anchor: range.index, head: range.index + range.length });
	};
	const endCursors = cursors?.on('change', showCursors);

	const compose = (is: boolean) => () => {
		isComposing = is;
		settle();
	};
	const on: Record<string, (...args: never[]) => void> = {
		'text-change': tell, 'selection-change': place,
		'composition-before-start': compose(true), 'composition-end': compose(false),
	};

	const history = quill.getModule('history') as History | undefined;
	if (history) history.options.userOnly = true;
	isShowing = true;
	quill.setContents(content(), 'api');
	isShowing = false;
	history?.clear();
	for (const [name, listener] of Object.entries(on)) quill.on(name as never, listener as never);

	return {
		close() {
			isClosed = true;
			for (const [name, listener] of Object.entries(on)) quill.off(name as never, listener as never);
			end();
			endCursors?.();
			cursors?.close();
		},
	};
}
