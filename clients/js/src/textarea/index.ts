import ottext from 'ot-text';
import type { Doc } from '../core/doc.js';
import { Hold } from '../text/hold.js';
import { textDiff, type TextOp } from '../text/op.js';
import { type Path, SharedText } from '../text/shared.js';

/** What is bound to the element. */
export interface TextareaOptions {
	/** Where the string is in a JSON document. */
	path?: Path;
}

/** An element that is bound. */
export interface Binding {
	/** Leave the element as it is. */
	close(): void;
}

type Field = HTMLTextAreaElement | HTMLInputElement;

const { transformSelection } = ottext.type;

/**
 * A `<textarea>` or a text `<input>` on a text that is edited together. The
 * selection stays where it was in the text. While an input method composes,
 * the element is left alone: what others write meanwhile comes afterwards.
 *
 * The browser forgets its own undo when others write; for one that does not
 * use `UndoManager`.
 */
export function bindTextarea(field: Field, doc: Doc<never> | Doc<unknown>, options: TextareaOptions = {}): Binding {
	const shared = new SharedText(doc as Doc<unknown>, options.path ?? []);
	const source = { textarea: field };
	const hold = new Hold<TextOp>(ottext.type);
	let composing = false;
	let shown = shared.text;	// what the element holds, as far as it has told

	field.value = shown;

	/** What the user has changed since, told to the others. */
	const tell = () => {
		const mine = textDiff(shown, field.value, field.selectionEnd ?? undefined);
		shown = field.value;
		if (mine.length === 0) return;
		void shared.submit(hold.tell(mine), source).catch(() => {});	// the document tells of it
	};

	const show = (op: TextOp | null) => {
		if (!op?.length) return;
		const { selectionStart, selectionEnd, selectionDirection, scrollTop } = field;
		field.value = shown = shared.text;
		if (selectionStart !== null && field.ownerDocument.activeElement === field)
			field.setSelectionRange(transformSelection(selectionStart, op, false),
				transformSelection(selectionEnd!, op, false), selectionDirection ?? undefined);
		field.scrollTop = scrollTop;
	};

	/** What the element does not hold yet, or has not told yet: both now. */
	const settle = () => {
		tell();
		show(hold.take());
	};

	const end = shared.on('change', ({ op, source: from }) => {
		if (from === source) return;
		hold.add(op);
		if (!composing) settle();
	});

	const on = {
		input: () => { if (!composing) tell(); },
		compositionstart: () => { composing = true; },
		compositionend: () => {
			composing = false;
			settle();
		},
	};
	for (const [name, listener] of Object.entries(on)) field.addEventListener(name, listener);

	return {
		close() {
			for (const [name, listener] of Object.entries(on)) field.removeEventListener(name, listener);
			end();
			shared.close();
		},
	};
}
