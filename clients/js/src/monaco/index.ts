import type { editor, IRange } from 'monaco-editor';
import ottext from 'ot-text';
import type { Doc } from '../core/doc.js';
import { Cursors, type Person } from '../text/cursors.js';
import { Hold } from '../text/hold.js';
import { changesOf, opOf, textDiff, type TextOp } from '../text/op.js';
import { type Path, SharedText } from '../text/shared.js';
import { UndoManager } from '../undo/index.js';

/** What is bound to Monaco, and how. */
export interface MonacoOptions {
	/** Where the string is in a JSON document. */
	path?: Path;
	/** Show the others' cursors, and tell of this one's; of documents that are a text. */
	person?: Person | false;
}

const HEX = /^#[\da-f]{6}$/i;

/** One rule of style a colour; decorations take class names only. */
function classOf(colour = '', page: Document): string {
	const known = HEX.test(colour) ? colour : '#777777';
	const name = `otd-cursor-${known.slice(1)}`;
	if (!page.getElementById(name)) {
		const style = page.head.appendChild(page.createElement('style'));
		style.id = name;
		style.textContent = `.${name} { background: ${known}4d } .${name}-caret { border-left: 2px solid ${known}; margin-left: -1px }`;
	}
	return name;
}

/**
 * Monaco on a text that is edited together. Its own undo would take back what
 * others wrote: the keys for it are taken over by an `UndoManager`, which is in
 * the answer. Lines end with "\n"; others in the text become so.
 */
export function bindMonaco(code: editor.IStandaloneCodeEditor, doc: Doc<never> | Doc<unknown>,
		options: MonacoOptions = {}): { undo: UndoManager; close(): void } {
	const shared = new SharedText(doc as Doc<unknown>, options.path ?? []);
	const model = code.getModel();
	if (!model) throw new TypeError('the editor has no model');
	const source = { monaco: code };
	const undo = new UndoManager(doc, { tracks: (by) => by === source });
	const cursors = options.person === false || options.path?.length ? null : new Cursors(doc, options.person ?? {});
	const marks = code.createDecorationsCollection();
	const hold = new Hold<TextOp>(ottext.type);
	let isShowing = false;
	let isComposing = false;
	let shown = '';		// what the model holds

	const rangeOf = (from: number, to: number): IRange => {
		const a = model.getPositionAt(from), b = model.getPositionAt(to);
		return { startLineNumber: a.lineNumber, startColumn: a.column, endLineNumber: b.lineNumber, endColumn: b.column };
	};
	const quietly = (call: () => void) => {
		isShowing = true;
		try { call(); } finally { isShowing = false; }
	};
	/** What Monaco has made of other ends of lines is said to all. */
	const normalize = () => { void shared.submit(textDiff(shared.text, model.getValue()), source).catch(() => {}); };
	const show = (op: TextOp) => {
		quietly(() => model.applyEdits(changesOf(op).map(({ from, to, insert }) =>
			({ range: rangeOf(from, to), text: insert, forceMoveMarkers: from === to }))));
		shown = model.getValue();
		if (op.some((c) => typeof c === 'string' && c.includes('\r'))) normalize();
	};
	const showCursors = () => marks.set([...cursors!.others.values()].map(({ anchor, head, name, colour }) => {
		const style = classOf(colour, code.getDomNode()!.ownerDocument);
		return {
			range: rangeOf(Math.min(anchor, head), Math.max(anchor, head)),
			options: {
				className: style, hoverMessage: { value: name ?? '' },
				...(head < anchor ? { beforeContentClassName: `${style}-caret` } : { afterContentClassName: `${style}-caret` }),
			},
		};
	}));
	const place = () => {
		const s = code.getSelection();
		if (!s || !cursors) return;
		const anchor = model.getOffsetAt({ lineNumber: s.selectionStartLineNumber, column: s.selectionStartColumn });
		cursors.set({ anchor, head: model.getOffsetAt({ lineNumber: s.positionLineNumber, column: s.positionColumn }) });
	};

	quietly(() => {
		model.setValue(shared.text);
		model.setEOL(0 satisfies editor.EndOfLineSequence.LF);
	});
	shown = model.getValue();
	if (shown !== shared.text) normalize();

	const ends = [
		shared.on('change', ({ op, source: by }) => { if (by !== source) (isComposing ? hold.add(op) : show(op)); }),
		cursors?.on('change', showCursors),
	];
	const watched = [
		model.onDidChangeContent(({ changes }) => {
			if (isShowing) return;
			const stretches = changes.map(({ rangeOffset, rangeLength, text }) =>
				({ from: rangeOffset, to: rangeOffset + rangeLength, insert: text }));
			const mine = opOf(stretches, shown);
			shown = model.getValue();
			void shared.submit(hold.tell(mine), source).catch(() => {});
		}),
		code.onDidCompositionStart(() => { isComposing = true; }),
		code.onDidCompositionEnd(() => {
			isComposing = false;
			const late = hold.take();
			if (late) show(late);
		}),
		code.onDidChangeCursorSelection(place),
		code.onDidBlurEditorText(() => cursors?.set(null)),
		code.onDidFocusEditorText(place),
		code.onKeyDown((event) => {
			const key = event.browserEvent.key.toLowerCase();
			if (!(event.ctrlKey || event.metaKey) || event.altKey || key !== 'z' && key !== 'y') return;
			event.preventDefault();
			event.stopPropagation();
			void (key === 'y' || event.shiftKey ? undo.redo() : undo.undo()).catch(() => {});
		}),
	];

	return {
		undo,
		close() {
			for (const one of watched) one.dispose();
			for (const end of ends) end?.();
			marks.clear();
			undo.close();
			cursors?.close();
			shared.close();
		},
	};
}
