import ottext from 'ot-text';
import { Hold } from './hold.js';
import { changesOf, textDiff, type TextOp } from './op.js';
import type { SharedText } from './shared.js';

/** An editor, as far as a link needs it. */
export interface Editor {
	/** Do this to what it shows; the selection goes along. */
	show(op: TextOp, source: unknown): void;
	/** All that it shows. */
	read(): string;
	/** Is there a text to write in? */
	enable(isThere: boolean): void;
	/** Tell by `edit` what it has not told yet. */
	flush?(): void;
}

const gainOf = (op: TextOp) =>
	op.reduce<number>((n, c) => n + (typeof c === 'string' ? c.length : typeof c === 'number' ? 0 : -c.d), 0);

/**
 * Keeps an editor and a text the same.
 *
 * 1. What is done in the editor is told by `edit`, which is synchronous: from
 *    then on the document has it.
 * 2. What others write is shown at once; while an input method composes it is
 *    held, and comes when that is over.
 * 3. When the document did not take an edit as it was made (it is deleted, or
 *    read anew because the server refused something), the editor shows what
 *    the document has as soon as the editor is done with its own turn.
 */
export class Link {
	#shared: SharedText;
	#editor: Editor;
	#hold = new Hold<TextOp>(ottext.type);
	#isComposing = false;
	#held: string | null = null;	// what the editor shows while something is held
	#isAwry = false;		// it shows something else than it should
	#isClosed = false;
	#gained: number | null = null;	// by the edit that is being told; null: not taken
	#end: () => void;

	constructor(shared: SharedText, editor: Editor) {
		this.#shared = shared;
		this.#editor = editor;
		if (!shared.exists) editor.enable(false);
		this.#end = shared.on('change', ({ op, source }) => {
			editor.enable(shared.exists);
			if (source === this) {
				this.#gained = gainOf(op);
				return;
			}
			if (this.#isComposing) this.#held ??= editor.read();
			this.#hold.add(op);
			this.#settle(source);
		});
	}

	/** What the editor showed before the edit that it is about to tell. */
	get shown(): string { return this.#held ?? this.#shared.text; }

	/** What the editor has done to what it showed. */
	edit(op: TextOp): void {
		if (op.length === 0 || this.#isAwry) return;
		const told = this.#hold.tell(op);
		if (this.#held !== null) this.#held = this.#editor.read();
		if (changesOf(told).length === 0) return;
		this.#gained = null;
		// Should it be refused, the document tells of it.
		void this.#shared.submit(told, this).catch(() => {});
		if (this.#gained !== gainOf(told)) this.mend();
	}

	/** An input method begins to compose, or ends. */
	compose(isComposing: boolean): void {
		this.#isComposing = isComposing;
		this.#settle(null);
	}

	/** Have the editor show what the document has; soon, for it may be in the middle of something. */
	mend(): void {
		this.#isAwry = true;
		queueMicrotask(() => this.#settle(null));
	}

	close(): void {
		this.#isClosed = true;
		this.#end();
	}

	#settle(source: unknown): void {
		if (this.#isComposing || this.#isClosed) return;
		this.#editor.flush?.();
		let late = this.#hold.take();
		this.#held = null;
		if (this.#isAwry) late = textDiff(this.#editor.read(), this.#shared.text);
		if (late?.length) this.#editor.show(late, source);
		this.#isAwry = false;
	}
}
