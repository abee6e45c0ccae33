// Editors that are not there: what a binding needs of each, with its own ways
// of ends of lines, of cursors and of telling what happened.  As the tests use
// them, each has
//
//	text		what it shows
//	edit(from, to, insert)	what a user does: the cursor is behind it then
//	select(anchor, head), selection
//	compose(is)	an input method begins or ends; what comes between is its
//	mayWrite	does it let a user write?
//	undo()		one step; false: there was none
//	close()
import { EditorState } from '../../clients/js/node_modules/@codemirror/state/dist/index.js';
import { ViewPlugin } from '../../clients/js/node_modules/@codemirror/view/dist/index.js';
import { history, undo as undoCodemirror } from '../../clients/js/node_modules/@codemirror/commands/dist/index.js';
import { codemirror } from '../../clients/js/dist/codemirror.js';
import { bindMonaco } from '../../clients/js/dist/monaco.js';
import { bindTextarea } from '../../clients/js/dist/textarea.js';
import { UndoManager } from '../../clients/js/dist/undo.js';

const bounded = (at, text) => Math.max(0, Math.min(at, text.length));

/** A <textarea> or an <input>: its value is text as HTML has it there. */
export class Field extends EventTarget {
	#value = '';
	selectionStart = 0;
	selectionEnd = 0;
	selectionDirection = 'none';
	scrollTop = 0;
	readOnly = false;
	maxLength = -1;

	constructor(localName = 'textarea') {
		super();
		this.localName = localName;
	}

	get value() { return this.#value; }
	set value(text) {
		const value = this.localName === 'input' ? text.replace(/[\r\n]/g, '') : text.replace(/\r\n?/g, '\n');
		if (value === this.#value) return;
		this.#value = value;
		this.selectionStart = this.selectionEnd = value.length;
	}

	matches(selector) { return selector === ':focus'; }
	setSelectionRange(start, end, direction = 'none') {
		const [selectionStart, selectionEnd] = [bounded(start, this.value), bounded(end, this.value)];
		Object.assign(this, { selectionStart, selectionEnd, selectionDirection: direction });
	}

	tell(name, more = {}) {
		const event = Object.assign(new Event(name, { cancelable: true }), more);
		this.dispatchEvent(event);
		return event;
	}

	/** A user's: no longer than allowed, whatever others wrote. */
	replace(from, to, insert) {
		if (this.readOnly) return;
		if (this.localName === 'input') insert = insert.replace(/[\r\n]/g, '');
		if (this.maxLength >= 0) insert = insert.slice(0, Math.max(0, this.maxLength - (this.value.length - (to - from))));
		if (/[\ud800-\udbff]$/.test(insert)) insert = insert.slice(0, -1);
		this.#value = this.value.slice(0, from) + insert + this.value.slice(to);
		this.setSelectionRange(from + insert.length, from + insert.length);
		this.tell('input');
	}
}

function fieldEditor(field, doc, path) {
	const undo = new UndoManager(doc, { group: 0, limit: 10_000 });
	const binding = bindTextarea(field, doc, { path, undo });
	return {
		field, binding, undoer: undo,
		get text() { return field.value; },
		get mayWrite() { return !field.readOnly; },
		get selection() {
			const { selectionStart: from, selectionEnd: to } = field;
			return field.selectionDirection === 'backward' ? { anchor: to, head: from } : { anchor: from, head: to };
		},
		edit: (from, to, insert) => field.replace(from, to, insert),
		select: (anchor, head) => field.setSelectionRange(Math.min(anchor, head), Math.max(anchor, head), head < anchor ? 'backward' : 'forward'),
		compose: (is) => field.tell(is ? 'compositionstart' : 'compositionend'),
		undo() {
			const had = undo.canUndo;
			field.tell('keydown', { key: 'z', ctrlKey: true });
			return had;
		},
		close() { binding.close(); undo.close(); },
	};
}

// CodeMirror's own, with a view that has no page: it makes the plugins and
// tells them of each update, in the middle of which there is no other.
const plugins = ViewPlugin.fromClass(class {}).extension[0].facet;

class View {
	hasFocus = true;
	#isUpdating = false;

	constructor(state) {
		this.state = state;
		this.plugins = state.facet(plugins).map(({ plugin, arg }) => plugin.create(this, arg));
	}

	dispatch = (...specs) => {
		if (this.#isUpdating) throw new Error('in the middle of an update');
		const startState = this.state;
		const transaction = specs[0].state ? specs[0] : startState.update(...specs);
		this.state = transaction.state;
		this.#isUpdating = true;
		for (const plugin of this.plugins)
			plugin.update?.({
				view: this, state: this.state, startState, transactions: [transaction], changes: transaction.changes,
				docChanged: transaction.docChanged, selectionSet: !!transaction.selection, focusChanged: false,
			});
		this.#isUpdating = false;
	};

	destroy() { for (const plugin of this.plugins) plugin.destroy?.(); }
}

function codemirrorEditor(doc, path) {
	const bound = codemirror(doc, { path, person: false });
	const view = new View(EditorState.create({ doc: bound.doc, extensions: [bound.extensions, history({ newGroupDelay: 0 })] }));
	return {
		view,
		get text() { return view.state.doc.toString(); },
		get mayWrite() { return view.state.update({ changes: { from: 0, insert: 'x' } }).docChanged; },
		get selection() { return view.state.selection.main; },
		edit: (from, to, insert) => view.dispatch({ changes: { from, to, insert }, selection: { anchor: from + insert.length }, userEvent: 'input' }),
		edits: (changes) => view.dispatch({ changes, userEvent: 'input' }),
		select: (anchor, head) => view.dispatch({ selection: { anchor, head } }),
		undo: () => undoCodemirror(view),
		close() { view.destroy(); bound.close(); },
	};
}

/** Those who listen to one event of Monaco's. */
function signal() {
	const all = new Set();
	const on = (listener) => {
		all.add(listener);
		return { dispose: () => all.delete(listener) };
	};
	return { on, tell: (event) => { for (const listener of [...all]) listener(event); }, all };
}

/** A model of Monaco's: lines with one kind of end, positions that are in no character's middle. */
class Model {
	#text = '';
	eol = '\n';
	changed = signal();
	disposed = signal();
	onDidChangeContent = this.changed.on;
	onWillDispose = this.disposed.on;
	reads = 0;

	undo() { throw new Error("Monaco's own undo"); }
	redo() { throw new Error("Monaco's own redo"); }
	getValue() { this.reads++; return this.#text; }
	get value() { return this.#text; }

	getPositionAt(offset) {
		const before = this.#text.slice(0, bounded(offset, this.#text)).split(this.eol);
		return { lineNumber: before.length, column: before.at(-1).length + 1 };
	}
	getOffsetAt({ lineNumber, column }) {
		const lines = this.#text.split(this.eol);
		const line = Math.max(1, Math.min(lineNumber, lines.length));
		let at = Math.min(column - 1, lines[line - 1].length);
		if (/[\udc00-\udfff]/.test(lines[line - 1][at] ?? '') && /[\ud800-\udbff]/.test(lines[line - 1][at - 1] ?? '')) at--;
		return lines.slice(0, line - 1).reduce((sum, { length }) => sum + length + this.eol.length, at);
	}

	setValue(text) {
		this.eol = text.split('\r\n').length > text.split('\n').length / 2 + 1 ? '\r\n' : '\n';
		this.#replaceAll(text, { isFlush: true });
	}
	setEOL(kind) {
		this.eol = kind === 1 ? '\r\n' : '\n';
		this.#replaceAll(this.#text, { isEolChange: true });
	}
	#replaceAll(text, more) {
		const rangeLength = this.#text.length;
		this.#text = this.#ends(text);
		this.changed.tell({ changes: [{ rangeOffset: 0, rangeLength, text: this.#text }], eol: this.eol, isFlush: false, isEolChange: false, ...more });
	}
	#ends(text) { return text.replace(/\r\n?|\n/g, this.eol); }

	/** All about the text before; told the last first. */
	applyEdits(edits) {
		const changes = edits.map(({ range: r, text }) => {
			const rangeOffset = this.getOffsetAt({ lineNumber: r.startLineNumber, column: r.startColumn });
			const end = this.getOffsetAt({ lineNumber: r.endLineNumber, column: r.endColumn });
			return { rangeOffset, rangeLength: end - rangeOffset, text: this.#ends(text) };
		}).sort((a, b) => b.rangeOffset - a.rangeOffset);
		for (const { rangeOffset: at, rangeLength, text } of changes)
			this.#text = this.#text.slice(0, at) + text + this.#text.slice(at + rangeLength);
		this.moved?.(changes);
		this.changed.tell({ changes, eol: this.eol, isFlush: false, isEolChange: false });
	}
}

/** Monaco, as far as a binding knows it. Its cursors go with what is written where they stand. */
class Code {
	model = new Model();
	options = { readOnly: false };
	style = { isConnected: true, textContent: '', remove() { this.isConnected = false; } };
	decorations = [];
	#selections = [{ anchor: 0, head: 0 }];

	constructor() {
		for (const name of ['DidCompositionStart', 'DidCompositionEnd', 'DidChangeCursorSelection', 'DidChangeModel', 'DidBlurEditorText', 'DidFocusEditorText']) {
			this[name] = signal();
			this[`on${name}`] = this[name].on;
		}
		this.model.moved = (changes) => {
			const move = (at, isStart) => changes.reduce((to, { rangeOffset: from, rangeLength, text }) =>
				(from + rangeLength < at || from + rangeLength === at && !isStart ? to + text.length - rangeLength :
					from < at ? to - (at - from) + (isStart ? 0 : text.length) : to), at);
			this.#selections = this.#selections.map(({ anchor, head }) => (anchor === head ?
				{ anchor: move(anchor, false), head: move(head, false) } :
				{ anchor: move(anchor, anchor < head), head: move(head, head < anchor) }));
		};
	}

	getModel() { return this.model; }
	getRawOptions() { return this.options; }
	updateOptions(options) { Object.assign(this.options, options); }
	hasTextFocus() { return true; }
	getDomNode() { return { ownerDocument: { createElement: () => this.style }, appendChild: (child) => child }; }
	createDecorationsCollection() {
		return { set: (all) => { this.decorations = all; }, clear: () => { this.decorations = []; } };
	}
	getSelections() {
		return this.#selections.map(({ anchor, head }) => {
			const a = this.model.getPositionAt(anchor), b = this.model.getPositionAt(head);
			return { selectionStartLineNumber: a.lineNumber, selectionStartColumn: a.column, positionLineNumber: b.lineNumber, positionColumn: b.column };
		});
	}
	getSelection() { return this.getSelections()[0]; }
	setSelections(all) {
		this.#selections = all.map((s) => ({
			anchor: this.model.getOffsetAt({ lineNumber: s.selectionStartLineNumber, column: s.selectionStartColumn }),
			head: this.model.getOffsetAt({ lineNumber: s.positionLineNumber, column: s.positionColumn }),
		}));
		this.DidChangeCursorSelection.tell({});
	}
	get selection() { return this.#selections[0]; }
	set selection(one) { this.#selections = [one]; this.DidChangeCursorSelection.tell({}); }
}

function monacoEditor(doc, path) {
	const code = new Code();
	const binding = bindMonaco(code, doc, { path, person: false, undo: { group: 0, limit: 10_000 } });
	const range = (from, to) => {
		const a = code.model.getPositionAt(from), b = code.model.getPositionAt(to);
		return { startLineNumber: a.lineNumber, startColumn: a.column, endLineNumber: b.lineNumber, endColumn: b.column };
	};
	const edits = (all) => {
		if (!code.options.readOnly) code.model.applyEdits(all.map(({ from, to = from, insert }) => ({ range: range(from, to), text: insert })));
	};
	return {
		code, binding,
		get text() { return code.model.value; },
		get mayWrite() { return !code.options.readOnly; },
		get selection() { return code.selection; },
		edit(from, to, insert) {
			edits([{ from, to, insert }]);
			code.selection = { anchor: from + insert.length, head: from + insert.length };
		},
		edits,
		select: (anchor, head) => { code.selection = { anchor, head }; },
		compose: (is) => (is ? code.DidCompositionStart : code.DidCompositionEnd).tell(),
		undo() {
			const had = binding.undo.canUndo;
			void code.model.undo();
			return had;
		},
		close: () => binding.close(),
	};
}

/** Each kind, on a document. */
export const editors = {
	textarea: (doc, path) => fieldEditor(new Field(), doc, path),
	input: (doc, path) => fieldEditor(new Field('input'), doc, path),
	codemirror: codemirrorEditor,
	monaco: monacoEditor,
};
