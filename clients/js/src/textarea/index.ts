import type { Doc } from '../core/doc.js';
import { Link } from '../text/link.js';
import { carry, textDiff, type TextOp } from '../text/op.js';
import { type Path, SharedText } from '../text/shared.js';
import type { UndoManager } from '../undo/index.js';

/** What is bound to the element. */
export interface TextareaOptions {
	/** Where the string is in a JSON document. */
	path?: Path;
	/** What the keys for undo and redo do; the browser's own forgets what was typed when others write. */
	undo?: Pick<UndoManager, 'undo' | 'redo'>;
}

/** An element that is bound. */
export interface Binding {
	/** Leave the element as it is. */
	close(): void;
}

type Field = HTMLTextAreaElement | HTMLInputElement;

/** What a key press asks for, in the ways of Windows, Linux and macOS. */
function asksFor({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): 'undo' | 'redo' | null {
	if (!ctrlKey && !metaKey || altKey) return null;
	const letter = key.toLowerCase();
	return letter === 'y' || letter === 'z' && shiftKey ? 'redo' : letter === 'z' ? 'undo' : null;
}

/**
 * A `<textarea>` or a text `<input>` on a text that is edited together. The
 * selection stays where it was in the text. While an input method composes,
 * the element is left alone: what others write meanwhile comes afterwards.
 * Ends of lines that an element does not keep stay in the document.
 */
export function bindTextarea(field: Field, doc: Doc<never> | Doc<unknown>, options: TextareaOptions = {}): Binding {
	const { path, undo } = options;
	const shared = new SharedText(doc, path, field.localName === 'input' ? 'one' : 'unix');
	const isReadOnly = field.readOnly;
	let isComposing = false;
	let shown = field.value = shared.text;	// what the element held when it was last looked at

	/** What the user has changed since, told to the others. */
	const tell = () => {
		const mine = textDiff(shown, field.value, field.selectionEnd ?? undefined);
		shown = field.value;
		link.edit(mine);
	};

	const show = (op: TextOp) => {
		const { selectionStart, selectionEnd, selectionDirection, scrollTop } = field;
		field.value = shown = shared.text;
		// In an element without the focus, some browsers would give it the focus.
		if (selectionStart !== null && field.matches(':focus')) {
			const { anchor, head } = carry({ anchor: selectionStart, head: selectionEnd! }, op);
			field.setSelectionRange(anchor, head, selectionDirection ?? undefined);
		}
		field.scrollTop = scrollTop;
	};

	const link = new Link(shared, {
		show, flush: tell,
		read: () => field.value,
		enable: (isThere) => { field.readOnly = isReadOnly || !isThere; },
	});

	const take = (what: 'undo' | 'redo' | null, event: Event) => {
		if (!what || !undo || isComposing) return;
		event.preventDefault();
		undo[what]().catch(() => {});	// the document tells of it
	};
	const compose = (is: boolean) => () => link.compose(isComposing = is);
	const on: Record<string, (event: never) => void> = {
		input: () => { if (!isComposing) tell(); },
		compositionstart: compose(true),
		compositionend: compose(false),
		keydown: (event: KeyboardEvent) => take(asksFor(event), event),
		beforeinput: (event: InputEvent) =>
			take(({ historyUndo: 'undo', historyRedo: 'redo' } as const)[event.inputType] ?? null, event),
	};
	for (const [name, listener] of Object.entries(on)) field.addEventListener(name, listener as EventListener);

	return {
		close() {
			for (const [name, listener] of Object.entries(on)) field.removeEventListener(name, listener as EventListener);
			link.close();
			shared.close();
			field.readOnly = isReadOnly;
		},
	};
}
