// What these tests write through a server: one client that says one op after the other.
import assert from 'node:assert/strict';
import { WebSocket } from 'ws';
import { patience } from '../lib/paths.mjs';
import { until } from '../lib/process.mjs';

export const JSON0 = 'http://sharejs.org/types/JSONv0';
export const TEXT = 'http://sharejs.org/types/text-unicode';

export async function join(server) {
	const socket = new WebSocket(server.ws);
	const heard = [];
	let seq = 0;
	socket.on('message', (text) => heard.push(JSON.parse(text)));
	await until('init', () => heard.length, { timeout_ms: 10_000 * patience });
	return {
		leave() { socket.terminate(); },
		async op(c, d, v, op) {
			socket.send(JSON.stringify({ a: 'op', c, d, v, seq: ++seq, x: {}, ...op }));
			const answer = await until(`the answer to op ${seq}`, () => heard.find((m) => m.a === 'op' && m.seq === seq),
				{ timeout_ms: 10_000 * patience, every_ms: 1 });
			assert.ok(!answer.error, JSON.stringify(answer));
		},
	};
}

// A document of so many versions: json0, each edit a letter at the front and one more counted.
export async function write(client, collection, id, versions) {
	await client.op(collection, id, 0, { create: { type: JSON0, data: { n: 0, s: 'h\u00e9 \u{1f600}' } } });
	for (let v = 1; v < versions; v++)
		await client.op(collection, id, v, { op: [{ p: ['n'], na: 1 }, { p: ['s', 0], si: String(v % 10) }] });
}
