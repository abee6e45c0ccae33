// What the hooks' test loads: components that write down what they are given,
// render after render, in StrictMode.
import { createElement as h, memo, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { connect } from 'otd-client';
import { OtdProvider, useConnectionStatus, useDoc, useDocData, useLiveQuery, usePresence, useSaveState, useUndo } from 'otd-client/react';

const client = connect(new URL(location.href).searchParams.get('server'), { minDelay: 50 });
client.on('error', () => {});
const sent = [];
client.connection.on('send', (message) => sent.push(message));

// name -> what was rendered, in order
const seen = {};
const see = (name, value) => (seen[name] ??= []).push(value);

const Title = memo(function Title({ doc }) { see('title', useDocData(doc, (data) => data.title)); return null; });
const Tags = memo(function Tags({ doc }) { see('tags', useDocData(doc, (data) => data.tags)); return null; });
const Save = memo(function Save({ doc }) { see('save', useSaveState(doc)); return null; });
const Undo = memo(function Undo({ doc }) { see('undo', useUndo(doc)); return null; });
const Others = memo(function Others() { see('others', usePresence('lobby')); return null; });
const Status = memo(function Status() { see('status', useConnectionStatus()); return null; });

const cases = {
	doc({ id, create }) {
		const { doc, error } = useDoc('forms', id, create ? { create } : {});
		see('doc', { id, doc: doc?.id ?? null, error: error?.message ?? null });
		window.doc = doc;
		return h('div', null, h(Title, { doc }), h(Tags, { doc }), h(Save, { doc }), h(Undo, { doc }), h(Status), h(Others));
	},
	query({ filter }) {
		const { results, error } = useLiveQuery('forms', filter);
		see('query', { filter, results, error: error?.message ?? null });
		return null;
	},
};

let root = null;
Object.assign(window, {
	client, sent, seen,
	last: (name) => seen[name]?.at(-1),
	show(name, props) {
		root ??= createRoot(document.getElementById('root'));
		root.render(h(StrictMode, null, h(OtdProvider, { client }, h(cases[name], props))));
	},
	leave() { root.unmount(); root = null; },
	forget() { for (const name of Object.keys(seen)) delete seen[name]; sent.length = 0; },
	// What is held of the server's things.
	held: () => ({
		docs: Object.values(client.connection.collections).flatMap((docs) => Object.keys(docs)),
		queries: Object.keys(client.connection.queries).length,
		presences: Object.keys(client.connection._presences).length,
	}),
});
