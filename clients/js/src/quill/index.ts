import type Quill from 'quill';
import type { Doc } from '../core/doc.js';
import type { Presence } from '../core/presence.js';
import type { Range } from '../core/places.js';
import { Hold, type Holding } from '../text/hold.js';
import type { Person } from '../text/cursors.js';

/** What is used of npm `quill-cursors`, which shows the cursors when it is registered and switched on. */
interface QuillCursors {
	createCursor(id: string, name: string, colour: string): unknown;
	moveCursor(id: string, range: Range): void;
	removeCursor(id: string): void;
}

/** How a document is bound to Quill. */
export interface QuillOptions {
	/** Tell the others of this cursor; with the module `cursors` theirs are shown. */
	person?: Person | false;
}

interface Delta { ops: unknown[]; length(): number }

/**
 * Quill 2 on a document of the type `rich-text`. With `history: { userOnly:
 * true }` its own undo leaves alone what others write.
 */
export function bindQuill(quill: Quill, doc: Doc<never> | Doc<unknown>, options: QuillOptions = {}): { close(): void } {
	const inner = doc as Doc<unknown>;
	if (!inner.type?.includes('rich-text')) throw new TypeError(`Quill edits rich-text, not ${inner.type}`);
	const source = { quill };
	const cursors = quill.getModule('cursors') as QuillCursors | undefined;
	const person = options.person;
	const presence: Presence<Range & Person> | null = person === false ? null : inner.presence();

	const hold = new Hold<unknown>(inner.doc.type as unknown as Holding<unknown>);
	let isComposing = false;

	const tell = (delta: Delta, _old: unknown, from: string) => {
		if (from === 'user' || from === 'api') void inner.submit(hold.tell(delta), source).catch(() => {});
	};
	const end = inner.on('change', ({ op, source: by }) => {
		if (by === source) return;
		if (op === null) quill.setContents(inner.data as never, 'silent');
		else if (isComposing) hold.add(op);
		else quill.updateContents(op as never, 'silent');
	});
	const begin = () => { isComposing = true; };
	const settle = () => {
		isComposing = false;
		const late = hold.take();
		if (late) quill.updateContents(late as never, 'silent');
	};

	let said = '';
	let isWaiting = false;
	const place = (range: Range | null) => {
		const value = range && { ...(person || {}), index: range.index, length: range.length };
		said = JSON.stringify(value);
		if (isWaiting) return;
		isWaiting = true;
		inner.doc.whenNothingPending(() => {
			isWaiting = false;
			presence?.set(JSON.parse(said));
		});
	};
	const show = ({ id, value }: { id: string; value: (Range & Person) | null }) => {
		if (!value) return cursors?.removeCursor(id);
		cursors?.createCursor(id, value.name ?? '', value.colour ?? '#777777');
		cursors?.moveCursor(id, { index: value.index, length: value.length });
	};
	const endPresence = presence?.on('change', show);
	presence?.on('error', () => {});
	void presence?.open().catch(() => {});

	quill.setContents(inner.data as never, 'silent');
	quill.on('text-change', tell as never);
	quill.on('composition-before-start' as never, begin as never);
	quill.on('composition-end' as never, settle as never);
	quill.on('selection-change', place as never);
	const placeAgain = () => place(quill.getSelection());
	quill.on('text-change', placeAgain as never);

	return {
		close() {
			quill.off('text-change', tell as never);
			quill.off('composition-before-start' as never, begin as never);
			quill.off('composition-end' as never, settle as never);
			quill.off('text-change', placeAgain as never);
			quill.off('selection-change', place as never);
			end();
			endPresence?.();
			presence?.close();
		},
	};
}
