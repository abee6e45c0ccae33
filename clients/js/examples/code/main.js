import { javascript } from '@codemirror/lang-javascript';
import { EditorView, basicSetup } from 'codemirror';
import { type as text } from 'ot-text-unicode';
import { connect } from 'otd-client';
import { codemirror } from 'otd-client/codemirror';

const COLOURS = ['#b3261e', '#1e6fb3', '#2e7d32', '#8e24aa', '#b26a00'];

const asked = new URLSearchParams(location.search);
const client = connect(asked.get('server') ?? 'ws://127.0.0.1:7007/ws', { types: [text] });
const pad = client.doc('pads', asked.get('pad') ?? 'first');
const saved = document.getElementById('saved');

pad.open({ create: '', type: text.uri }).then(edit, (error) => { saved.value = error.message; });

function edit() {
	// Who one is, for the others' editors.
	const person = {
		name: asked.get('name') ?? 'somebody',
		colour: asked.get('colour') ?? COLOURS[Math.floor(Math.random() * COLOURS.length)],
	};
	const shared = codemirror(pad, { person });
	const view = new EditorView({
		doc: shared.doc,
		extensions: [basicSetup, javascript(), EditorView.contentAttributes.of({ 'aria-label': 'Code' }), shared.extensions],
		parent: document.getElementById('pad'),
	});
	view.focus();

	const show = () => { saved.value = pad.saveState; };
	pad.on('save', show);
	show();
}
