import type { editor, IRange, ISelection } from 'monaco-editor';
import type { Doc } from '../core/doc.js';
import { Cursors, type Person } from '../text/cursors.js';
import { Link } from '../text/link.js';
import { carry, changesOf, opOf, type Selected, textDiff, type TextChange, type TextOp } from '../text/op.js';
import { type Path, SharedText } from '../text/shared.js';
import { UndoManager, type UndoOptions } from '../undo/index.js';
import { Marks } from './marks.js';

/** What is bound to Monaco, and how. */
export interface MonacoOptions {
	/** Where the string is in a JSON document. */
	path?: Path;
	/** Show the others' cursors, and tell of this one's. */
	person?: Person | false;
	/** How changes are grouped, and how many steps are kept. */
	undo?: Pick<UndoOptions, 'group' | 'limit'>;
}

const LF = 0 satisfies editor.EndOfLineSequence.LF;

/** Behind the last of them. */
function endOf(changes: TextChange[]): Selected {
	const at = changes.reduce((gained, { from, to, insert }, i) =>
		gained + insert.length + (i < changes.length - 1 ? from - to : from), 0);
	return { anchor: at, head: at };
}

/**
 * Monaco on a text that is edited together. Its own undo would take back what
 * others wrote: that of the model is done by an `UndoManager`, which is in the
 * answer. Ends of lines are "\n" in the editor, whatever they are in the text.
 * Nothing can be written while the document is not there.
 */
export function bindMonaco(code: editor.IStandaloneCodeEditor, doc: Doc<never> | Doc<unknown>,
		options: MonacoOptions = {}): { undo: UndoManager; close(): void } {
	const model = code.getModel();
	if (!model) throw new TypeError('the editor has no model');
	const shared = new SharedText(doc, options.path, 'unix');
	const cursors = options.person === false ? null : new Cursors(shared, options.person);
	const marks = cursors && new Marks(code, (from, to) => rangeOf(from, to));
	const isReadOnly = code.getRawOptions().readOnly ?? false;
	let isShowing = false;

	const isHere = () => code.getModel() === model;
	const rangeOf = (from: number, to: number): IRange => {
		const a = model.getPositionAt(from), b = model.getPositionAt(to);
		return { startLineNumber: a.lineNumber, startColumn: a.column, endLineNumber: b.lineNumber, endColumn: b.column };
	};
	const quietly = (call: () => void) => {
		isShowing = true;
		try { call(); } finally { isShowing = false; }
	};

	const selected = (s: ISelection): Selected => ({
		anchor: model.getOffsetAt({ lineNumber: s.selectionStartLineNumber, column: s.selectionStartColumn }),
		head: model.getOffsetAt({ lineNumber: s.positionLineNumber, column: s.positionColumn }),
	});
	const selection = ({ anchor, head }: Selected): ISelection => {
		const a = model.getPositionAt(anchor), b = model.getPositionAt(head);
		return { selectionStartLineNumber: a.lineNumber, selectionStartColumn: a.column, positionLineNumber: b.lineNumber, positionColumn: b.column };
	};

	const show = (op: TextOp, by: unknown) => {
		const changes = changesOf(op);
		const before = isHere() && code.getSelections()?.map(selected);
		quietly(() => model.applyEdits(changes.map(({ from, to, insert }) => ({ range: rangeOf(from, to), text: insert }))));
		if (!before) return;
		// Its own way is to let a cursor go with what is written where it stands. That of who undoes goes to what is undone.
		code.setSelections((by === undo ? [endOf(changes)] : before.map((one) => carry(one, op))).map(selection));
	};
	const link = new Link(shared, {
		show,
		read: () => model.getValue(),
		enable: (isThere) => code.updateOptions({ readOnly: isReadOnly || !isThere }),
	});
	const undo = new UndoManager(doc, { ...options.undo, tracks: (by) => by === link });

	quietly(() => {
		model.setValue(shared.text);
		model.setEOL(LF);
	});
	model.undo = () => undo.undo().catch(() => {});		// the document tells of it
	model.redo = () => undo.redo().catch(() => {});

	const place = () => {
		const s = isHere() && code.hasTextFocus() && code.getSelection();
		cursors?.set(s ? selected(s) : null);
	};
	const endCursors = cursors?.on('change', () => { if (isHere()) marks!.show(cursors.others.values()); });
	const watched = [
		model.onDidChangeContent(({ changes, isFlush, isEolChange }) => {
			if (isShowing) return;
			if (isFlush || isEolChange) {
				quietly(() => model.setEOL(LF));
				return link.edit(textDiff(link.shown, model.getValue()));
			}
			link.edit(opOf(changes.map(({ rangeOffset, rangeLength, text }) =>
				({ from: rangeOffset, to: rangeOffset + rangeLength, insert: text })), link.shown));
		}),
		model.onWillDispose(() => close()),
		code.onDidCompositionStart(() => link.compose(true)),
		code.onDidCompositionEnd(() => link.compose(false)),
		code.onDidChangeCursorSelection(place),
		code.onDidChangeModel(place),
		code.onDidBlurEditorText(place),
		code.onDidFocusEditorText(place),
	];

	const close = () => {
		for (const one of watched.splice(0)) one.dispose();
		endCursors?.();
		marks?.close();
		link.close();
		undo.close();
		cursors?.close();
		shared.close();
		code.updateOptions({ readOnly: isReadOnly });
		// What the model has of its own is there again.
		delete (model as Partial<typeof model>).undo;
		delete (model as Partial<typeof model>).redo;
	};
	return { undo, close };
}
