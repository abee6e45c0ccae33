// Presence in documents of every type: what a client has to know that says so
// in its handshake, made of the types' own cursor functions.  Section 10.5 of
// docs/PROTOCOL.md.
import { types } from './types.mjs';

const range = (move) => (presence, op, own) => {
	if (!presence) return null;
	const index = move(presence.index, op, own);
	return { ...presence, index, length: move(presence.index + presence.length, op, own) - index };
};

const place = (move) => (presence, op) => {
	if (!presence) return null;
	if (!presence.path) return { ...presence, path: null };
	const path = move(presence.path, op);
	const at = presence.path.at(-1);
	if (!('length' in presence) || typeof at !== 'number') return { ...presence, path };
	const end = move(presence.path.with(-1, at + presence.length), op);
	return { ...presence, path, length: path && end ? Math.max(0, end.at(-1) - path.at(-1)) : 0 };
};

// An offset into the text that c edits, which stands at parent.
const within = (path, parent) => path.length === parent.length + 1 && typeof path.at(-1) === 'number' &&
	parent.every((key, i) => key === path[i]);

function movePath(path, c) {
	if (c.si !== undefined || c.sd !== undefined || c.t) {
		const parent = c.t ? c.p : c.p.slice(0, -1);
		const edit = c.t ? c.o : [{ p: c.p.at(-1), ...(c.si !== undefined ? { i: c.si } : { d: c.sd }) }];
		return within(path, parent) ? [...parent, types.text0.transformCursor(path.at(-1), edit, 'left')] : path;
	}
	const [left] = types.json0.transform([{ p: [...path], na: 0 }], [structuredClone(c)], 'left');
	return left ? left.p : null;
}

// By type; rich-text brings its own.
export const transforms = {
	text: range((at, op, own) => types.text.transformSelection(at, op, own)),
	'text-unicode': range((at, op) => types['text-unicode'].transformPosition(at, op)),
	text0: range((at, op, own) => types.text0.transformCursor(at, op, own ? 'right' : 'left')),
	json0: place((path, op) => op.reduce((at, c) => at && movePath(at, c), path)),
	json1: place((path, op) => types.json1.transformPosition(path, op)),
};

for (const [name, transform] of Object.entries(transforms)) types[name].transformPresence = transform;

// Say so on a connection that is not open yet.
export function announce(connection) {
	const send = connection.send;
	connection.send = (message) => send.call(connection,
		message.a === 'hs' ? { ...message, x: { presence: Object.keys(transforms) } } : message);
}

// Somewhere in the content of a document, at random.
export const somewhere = {
	json0: (chance, data) => ({ path: chance.one([['list', chance.below(data.list.length + 1)], ['n'], ['map', 'a'],
		['text', chance.below(data.text.length + 1)]]), length: chance.below(4) }),
	json1: (chance, data) => ({ path: chance.one([['list', chance.below(data.list.length + 1)], ['n'],
		['text', chance.below([...data.text].length + 1)]]), length: chance.below(4) }),
	text: (chance, data) => part(chance, data.length),
	text0: (chance, data) => part(chance, data.length),
	'text-unicode': (chance, data) => part(chance, [...data].length),
	'rich-text': (chance, { ops }) => part(chance, ops.reduce((sum, { insert }) => sum + (insert.length ?? 1), 0)),
};

function part(chance, length) {
	const index = chance.below(length + 1);
	return { index, length: chance.below(length - index + 1) };
}
