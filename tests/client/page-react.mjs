// What the hooks' test loads in a browser, in StrictMode.
import { createElement as h, StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { connect } from 'otd-client';
import { OtdProvider, useConnectionStatus, useDoc, useDocData, useLiveQuery, usePresence, useSaveState, useUndo } from 'otd-client/react';

const asked = new URL(location.href).searchParams;
const client = connect(asked.get('server'), { minDelay: 50 });
let renders = 0;

function Form({ id }) {
	const { doc, error } = useDoc('forms', id, { create: { title: '', tags: ['a'] } });
	const title = useDocData(doc, (data) => data.title);
	const tags = useDocData(doc, (data) => data.tags);
	const saved = useSaveState(doc);
	const { undo, canUndo } = useUndo(doc);
	const [others, setPlace] = usePresence(doc === null ? null : 'lobby');
	window.tags = (window.tags ?? new Set()).add(tags);
	renders++;
	if (error) return h('p', { id: 'error' }, error.message);
	return h('div', null,
		h('input', { id: 'title', value: title ?? '', onFocus: () => setPlace({ name: asked.get('name') }),
			onChange: (event) => doc.submit([{ p: ['title'], od: title, oi: event.target.value }]) }),
		h('p', { id: 'tags' }, (tags ?? []).join()),
		h('p', { id: 'saved' }, saved),
		h('p', { id: 'others' }, [...others.values()].map(({ name }) => name).join()),
		h('button', { id: 'undo', disabled: !canUndo, onClick: () => undo() }, 'undo'));
}

function List() {
	const { results } = useLiveQuery('forms', { title: { $ne: '' } });
	return h('ul', { id: 'list' }, (results ?? []).map(({ id, data }) => h('li', { key: id }, `${id}: ${data.title}`)));
}

function App() {
	const status = useConnectionStatus();
	const [id, setId] = useState('one');
	return h('main', null, h('p', { id: 'status' }, status), h(Form, { id }), h(List),
		h('button', { id: 'other', onClick: () => setId('two') }, 'other'));
}

createRoot(document.getElementById('editor')).render(
	h(StrictMode, null, h(OtdProvider, { client }, h(App))));
window.page = { client, renders: () => renders };
