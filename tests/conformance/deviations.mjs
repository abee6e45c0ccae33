// A server that speaks a little wrong: a go-between that changes what the
// server says.  Every deviation must be noticed by some talk.
import { WebSocket, WebSocketServer } from 'ws';

const said = (message, action) => message.a === action && !message.error;

/*
 * Each takes a message of the server, and the connection's memory, and answers
 * what is said in its place: a message, several in a list, or none (null).
 */
export const deviations = {
	'greets with another minor version': (m) => (m.a === 'hs' ? { ...m, protocolMinor: 1 } : m),
	'gives a new id to who comes back': (m) => (m.a === 'hs' ? { ...m, id: 'new' } : m),
	'says the default type in snapshots': (m) => (said(m, 'f') && m.data?.v && !m.data.type ?
		{ ...m, data: { ...m.data, type: 'http://sharejs.org/types/JSONv0' } } : m),
	'leaves the type out of a snapshot that is not there': (m) => {
		if (!said(m, 'f') || m.data?.type !== null) return m;
		const { type, ...data } = m.data;
		return { ...m, data };
	},
	'repeats names beside an id': (m) => (m.a === 'f' && m.id ? { ...m, c: 'c', d: 'one' } : m),
	'forgets the id of an answer': ({ id, ...m }) => (m.a === 'pp' || m.a === 'f' ? m : { id, ...m }),
	'acknowledges the version sent, not the one reached': (m) => (said(m, 'op') && !('op' in m) && m.v > 1 ? { ...m, v: m.v - 1 } : m),
	'says a refusal by its reason only': (m) => (m.error && !['nf', 'nt'].includes(m.a) ? { a: m.a, error: m.error } : m),
	'refuses with other words': (m) => (m.error && !['nf', 'nt'].includes(m.a) ? { ...m, error: { ...m.error, message: 'No' } } : m),
	'refuses with another code': (m) => (m.error?.code ? { ...m, error: { ...m.error, code: 'ERR_OTHER' } } : m),
	'tells authors their own ops': (m) => (said(m, 'op') && !('op' in m) && !m.create && !m.del && m.src ? [m, { ...m, op: [] }] : m),
	'tells readers an op twice': (m) => (said(m, 'op') && 'op' in m ? [m, m] : m),
	'keeps ops back': (m) => (said(m, 'op') && ('op' in m || m.create || m.del) ? null : m),
	'tells ops in the wrong order': (m, memory) => {
		if (said(m, 'op') && ('op' in m || m.create || m.del)) { (memory.held ??= []).unshift(m); return null; }
		const held = memory.held ?? [];
		memory.held = [];
		return [...held, m];
	},
	'tells what is secret': (m) => (said(m, 'op') && m.create ? { ...m, m: { ts: 1 } } : m),
	'names types short in ops': (m) => (said(m, 'op') && m.create ? { ...m, create: { ...m.create, type: 'json0' } } : m),
	'turns U+0000 into nothing': (m) => JSON.parse(JSON.stringify(m).replaceAll('\\u0000', '')),
	'answers an unsubscription with nothing': (m) => (m.a === 'u' || m.a === 'bu' ? null : m),
	'gives a list where a bulk has a map': (m) => (said(m, 'bf') && m.data ? { ...m, data: Object.values(m.data) } : m),
	'tells of a version of history without m': ({ m: meta, ...m }) => (m.a === 'nf' || meta === undefined ? m : { ...m, m: meta }),
	'sends presence back to who said it': (m) => (said(m, 'p') ? [m, m] : m),
	'lets presence stay when its owner leaves': (m) => (said(m, 'p') && m.p === null && 'seq' in m ? null : m),
	'asks nobody for presence': (m) => (m.a === 'pr' ? null : m),
	'numbers the diffs of queries wrongly': (m) => (m.a === 'q' && m.diff?.[0].index === 0 ?
		{ ...m, diff: m.diff.map((d) => ({ ...d, index: 1 })) } : m),
	'tells the op before the removal': (m, memory) => {
		if (m.a === 'q' && m.diff?.[0].type === 'remove') { memory.held = m; return null; }
		const held = memory.held;
		memory.held = null;
		return held ? [m, held] : m;
	},
	'counts wrongly': (m) => (typeof m.extra === 'number' ? { ...m, extra: m.extra + 1 } : m),
	'shows what a projection hides': (m) => (said(m, 'f') && m.c === 'kit_names' ? { ...m, data: { ...m.data, data: { ...m.data.data, secret: 1 } } } : m),
};

/** A go-between to the server at url; {url, stop}. */
export async function startDeviant(url, deviate) {
	const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
	await new Promise((done) => server.once('listening', done));
	server.on('connection', (client) => {
		const behind = new WebSocket(url);
		const memory = {};
		const waiting = [];
		client.on('message', (data) => (behind.readyState === behind.OPEN ? behind.send(String(data)) : waiting.push(String(data))));
		behind.on('open', () => { for (const text of waiting.splice(0)) behind.send(text); });
		behind.on('message', (data) => {
			const out = deviate(JSON.parse(data), memory);
			for (const message of [out].flat()) if (message) client.send(JSON.stringify(message));
		});
		client.on('close', () => behind.terminate());
		behind.on('close', () => client.close());
		for (const socket of [client, behind]) socket.on('error', () => {});
	});
	return {
		url: `ws://127.0.0.1:${server.address().port}/`,
		async stop() {
			for (const socket of server.clients) socket.terminate();
			await new Promise((done) => server.close(done));
		},
	};
}
