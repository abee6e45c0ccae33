// What the editors' tests load in a browser: one editor of the kind that the
// URL names, on one document.  window.page is what the tests speak to.
import { history, historyKeymap, undo as undoCodemirror } from '@codemirror/commands';
import { EditorState } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import json1 from 'ot-json1';
import text from 'ot-text';
import unicode from 'ot-text-unicode';
import Quill from 'quill';
import QuillCursors from 'quill-cursors';
import richText from 'rich-text';
import { connect } from 'otd-client';
import { codemirror } from 'otd-client/codemirror';
import { bindMonaco } from 'otd-client/monaco';
import { bindQuill } from 'otd-client/quill';
import { SharedText } from 'otd-client/text';
import { bindTextarea } from 'otd-client/textarea';
import { UndoManager } from 'otd-client/undo';

const asked = new URL(location.href).searchParams;
const person = { name: asked.get('name'), colour: asked.get('colour') };
const home = document.getElementById('editor');

const editors = {
	async textarea(doc, name = 'textarea') {
		const field = home.appendChild(document.createElement(name));
		const undo = new UndoManager(doc, { group: 0 });
		bindTextarea(field, doc, { path, undo });
		return { focus: () => field.focus(), text: () => field.value, undo: () => undo.undo(),
			select: (from, to) => field.setSelectionRange(from, to), at: () => field.selectionEnd,
			selected: () => field.value.slice(field.selectionStart, field.selectionEnd) };
	},
	input: (doc) => editors.textarea(doc, 'input'),
	async codemirror(doc) {
		const bound = codemirror(doc, { person, path });
		const view = new EditorView({ parent: home, state: EditorState.create({
			doc: bound.doc, extensions: [bound.extensions, history({ newGroupDelay: 0 }), keymap.of(historyKeymap)] }) });
		return { focus: () => view.focus(), text: () => view.state.sliceDoc(), undo: () => undoCodemirror(view),
			select: (anchor, head) => view.dispatch({ selection: { anchor, head } }), at: () => view.state.selection.main.head,
			selected: () => view.state.sliceDoc(view.state.selection.main.from, view.state.selection.main.to),
			cursors: () => [...document.querySelectorAll('.otd-caret')].map((caret) => ({ name: caret.textContent, at: view.posAtDOM(caret) })) };
	},
	async monaco(doc) {
		const monaco = await import('monaco-editor/editor/editor.api.js');
		globalThis.MonacoEnvironment = { getWorker: () => new Worker(URL.createObjectURL(new Blob([''], { type: 'text/javascript' }))) };
		const code = monaco.editor.create(home, { automaticLayout: true, language: 'plaintext' });
		const { undo } = bindMonaco(code, doc, { person, path });
		const model = code.getModel();
		const at = (offset) => model.getPositionAt(offset);
		return { focus: () => code.focus(), text: () => model.getValue(), undo: () => undo.undo(),
			select(from, to) { const [a, b] = [at(from), at(to)]; code.setSelection(new monaco.Selection(a.lineNumber, a.column, b.lineNumber, b.column)); },
			selected: () => model.getValueInRange(code.getSelection()), at: () => model.getOffsetAt(code.getPosition()),
			cursors: () => [...document.querySelectorAll('[class*=otd-caret-]')].map((caret, i) => ({
				name: JSON.parse(getComputedStyle(caret, '::after').content),
				at: model.getOffsetAt(model.getAllDecorations().filter((d) => d.options.className === `otd-cursor-${i}`)[0].range.getEndPosition()) })) };
	},
	async quill(doc) {
		Quill.register('modules/cursors', QuillCursors);
		const quill = new Quill(home, { modules: { cursors: true, history: { userOnly: true, delay: 0 }, toolbar: false } });
		bindQuill(quill, doc, { person });
		return { focus: () => quill.focus(), text: () => quill.getText().replace(/\n$/, ''), undo: () => quill.history.undo(),
			select: (from, to) => quill.setSelection(from, to - from, 'user'), at: () => { const range = quill.getSelection(); return range && range.index + range.length; },
			selected: () => { const range = quill.getSelection(); return range ? quill.getText(range.index, range.length) : ''; },
			cursors: () => quill.getModule('cursors').cursors().map(({ name, range }) => ({ name, at: range.index + range.length })) };
	},
};

const kind = asked.get('editor');
const path = asked.get('type') === 'json0' ? ['list', 1, 'body'] : [];
const contents = { 'rich-text': [{ insert: '\n' }], json0: { list: ['x', { body: '' }] } };
const client = connect(asked.get('server'), { types: [json1.type ?? json1, text.type, unicode.type, richText.type], minDelay: 50 });
const doc = client.doc('editors', asked.get('doc'));
await doc.open({ create: contents[asked.get('type')] ?? '', type: asked.get('type') });
// What a program writes, which is no editor.
const program = kind === 'quill' ? null : new SharedText(doc, path);
const write = (at, words) => (program ? program.submit([...at ? [at] : [], words], 'program') :
	doc.submit([...at ? [{ retain: at }] : [], { insert: words }], 'program'));
window.page = { ...await editors[kind](doc), client, doc, write };
