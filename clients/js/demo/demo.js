// The demo page: one text and one counter, shared by everyone who has it open.
import ReconnectingWebSocket from 'reconnecting-websocket';
import Client from 'sharedb/lib/client';
import { type as textType } from 'ot-text-unicode';
import { diff, moveCursor, wellFormed } from './edit.js';

Client.types.register(textType);

const at = (id) => document.getElementById(id);
const url = new URL('ws', location.href);
url.protocol = url.protocol.replace('http', 'ws');

// ShareDB sends again itself what was under way, so the socket must not.
const socket = new ReconnectingWebSocket(url.href, [], {
	maxEnqueuedMessages: 0, minReconnectionDelay: 250, maxReconnectionDelay: 5000,
});
const connection = new Client.Connection(socket);

const STATES = {
	connecting: 'connecting', connected: 'connected', disconnected: 'offline; what you write is kept',
	closed: 'closed', stopped: 'stopped',
};

connection.on('state', (state) => {
	at('status').dataset.state = state;
	at('status').textContent = STATES[state];
});
connection.on('error', complain);

function complain(error) {
	at('fault').hidden = false;
	at('fault').textContent = error.message;
}

/*
 * Follow a document; make it when it is missing.  Two pages may do so at the
 * same moment: the later is told that it exists, and reads it.
 */
function open(id, type, data, ready) {
	const doc = connection.get('demo', id);
	const begin = () => {
		if (doc.type) return ready(doc);
		doc.create(data, type, (error) => {
			if (!error) return ready(doc);
			if (error.code !== 'ERR_DOC_ALREADY_CREATED') return complain(error);
			doc.fetch((failed) => (failed ? complain(failed) : ready(doc)));
		});
	};
	doc.on('error', complain);
	doc.subscribe((error) => (error ? complain(error) : begin()));
}

// Say a document's version whenever it may have changed.
function showVersion(doc, id) {
	const show = () => { at(id).textContent = doc.version; };
	doc.on('op', show);
	doc.on('load', show);
	doc.on('no write pending', show);
	show();
}

open('text', textType.uri, '', (doc) => {
	const area = at('text');
	area.value = doc.data;
	area.disabled = false;
	showVersion(doc, 'text-version');

	area.addEventListener('input', () => {
		const now = wellFormed(area.value);
		const op = diff(doc.data, now, area.selectionEnd);
		if (op.length) doc.submitOp(op);
	});
	doc.on('op', (op, source) => {
		if (source) return;
		const before = area.value;
		const cursor = (unit) => moveCursor(before, doc.data, unit, op);
		const start = cursor(area.selectionStart);
		const end = cursor(area.selectionEnd);
		const direction = area.selectionDirection;
		const top = area.scrollTop;
		area.value = doc.data;
		area.setSelectionRange(start, end, direction);
		area.scrollTop = top;
	});
	doc.on('load', () => { area.value = doc.data ?? ''; });
});

open('counter', 'json0', { n: 0 }, (doc) => {
	const show = () => { at('counter').textContent = doc.data.n; };
	doc.on('op', show);
	doc.on('load', show);
	showVersion(doc, 'counter-version');
	show();
	for (const [id, step] of [['less', -1], ['more', 1]]) {
		at(id).disabled = false;
		at(id).addEventListener('click', () => doc.submitOp([{ p: ['n'], na: step }]));
	}
});
