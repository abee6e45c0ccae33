// Cursors in a text, of a whole document or within one: told, carried along,
// seen where they are, and not at all when the text is gone.  ShareDB's own
// server carries places of rich-text only: there is quiet, and nothing fails.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import WebSocket from 'ws';
import { Otd } from '../lib/otd.mjs';
import { patience } from '../lib/paths.mjs';
import { until } from '../lib/process.mjs';
import { startReference } from '../interop/reference.mjs';
import { connect } from '../../clients/js/dist/index.js';
import { Cursors, SharedText } from '../../clients/js/dist/text.js';
import { types } from './rig.mjs';

const timeout_ms = 20_000 * patience;
const TEXT = 'one 😀two three';
const holders = {
	text: { data: TEXT, path: [] },
	'text-unicode': { data: TEXT, path: [] },
	text0: { data: TEXT, path: [] },
	json0: { data: { list: ['x', { body: TEXT }] }, path: ['list', 1, 'body'], before: [{ p: ['list', 0], li: 'n' }], gone: [{ p: ['list', 2], ld: null }] },
	json1: { data: { list: ['x', { body: TEXT }] }, path: ['list', 1, 'body'], before: ['list', 0, { i: 'n' }], gone: ['list', 2, { r: true }] },
};
const servers = {
	otd: async () => {
		const otd = await Otd.start();
		return { url: otd.ws, stop: () => otd.stop(), carries: true };
	},
	ShareDB: async () => {
		const server = await startReference();
		return { url: server.urls[0], stop: () => server.stop(), carries: false };
	},
};

for (const [name, start] of Object.entries(servers))
	describe(`on ${name}`, () => {
		let server;
		const clients = [];
		before(async () => { server = await start(); });
		after(async () => {
			for (const one of clients) one.close();
			await server.stop();
		});

		async function enter(type, { data, path }, name, id = type) {
			// Of its own: what a client gives its types is not the server's.
			const own = Object.values(types).map((type) => ({ ...type }));
			const client = connect(server.url, { WebSocket, types: own, minDelay: 50 });
			clients.push(client);
			const doc = await client.doc('cursors', id).open({ create: data, type });
			const text = new SharedText(doc, path);
			const cursors = new Cursors(text, { name, colour: '#00aa00' });
			let told = 0;
			cursors.on('change', () => told++);
			return { client, doc, text, cursors, told: () => told };
		}
		// What of the text each of the others has selected, and which way.
		const seen = ({ text, cursors }) => [...cursors.others.values()].map(({ name, colour, anchor, head }) =>
			({ name, colour, part: text.text.slice(Math.min(anchor, head), Math.max(anchor, head)), at: head, isBack: head < anchor }));

		for (const [type, holder] of Object.entries(holders))
			test(`${type}: a selection is seen where it is`, async () => {
				const [ann, ben] = [await enter(type, holder, 'Ann'), await enter(type, holder, 'Ben')];
				ann.cursors.set({ anchor: 9, head: 6 });	// two, backwards
				if (!server.carries) {
					await Promise.all([ann.client.saved(), ben.client.saved()]);
					ann.cursors.set({ anchor: 0, head: 0 });
					await ben.text.submit([3, '!'], 'ben');
					await until('the text', () => ann.text.text.startsWith('one!'), { timeout_ms });
					assert.deepEqual(seen(ben), []);
					return;
				}
				const sees = (what, where = 6) => until(`what Ann has selected: ${what}`, () => {
					const [one] = seen(ben);
					return one?.part === what && one.at === where;
				}, { timeout_ms });
				await sees('two');
				assert.deepEqual(seen(ben), [{ name: 'Ann', colour: '#00aa00', part: 'two', at: 6, isBack: true }]);
				// Others write before it, in it and after it; around the text, too.
				await ben.text.submit(['😀', 7, '...', 7, '!'], 'ben');
				await sees('t...wo', 8);
				if (holder.before) await ben.doc.submit(holder.before, 'ben');
				// As an editor does: some types let one's own op take the cursor along.
				await ann.text.submit([2, { d: 1 }], 'ann');
				ann.cursors.set({ anchor: 13, head: 7 });
				await sees('t...wo', 7);
				// A cursor, and who leaves.
				ann.cursors.set({ anchor: 1, head: 1 });
				await until('the cursor', () => seen(ben)[0]?.part === '', { timeout_ms });
				if (holder.gone) {
					ann.cursors.set({ anchor: 3, head: 5 });
					await until('the selection', () => seen(ben)[0]?.part.length > 0, { timeout_ms });
					const op = structuredClone(holder.gone);
					if (op[0].p) op[0].ld = structuredClone(ben.doc.data.list[2]);
					await ben.doc.submit(op, 'ben');
					assert.equal(ben.text.exists, false);
					assert.deepEqual(seen(ben), []);
					return;
				}
				ann.cursors.set(null);
				await until('nobody', () => seen(ben).length === 0, { timeout_ms });
			});

		test('text-unicode: a cursor that goes along by itself is not said again', async (t) => {
			if (!server.carries) return t.skip('otd only: ShareDB carries no places of text');
			const [ann, ben] = await Promise.all(['Ann', 'Ben'].map((name) => enter('text-unicode', holders['text-unicode'], name, 'quiet')));
			const said = [];
			ann.client.connection.on('send', ({ a, p }) => { if (a === 'p') said.push(p.index); });
			ann.cursors.set({ anchor: 8, head: 8 });
			await until('the cursor', () => seen(ben).length > 0, { timeout_ms });
			for (let i = 0; i < 5; i++) {
				await ben.text.submit(['x'], 'ben');
				await until('the text', () => ann.text.text === ben.text.text, { timeout_ms });
				ann.cursors.set({ anchor: 9 + i, head: 9 + i });
			}
			await ann.client.saved();
			// The server may ask for it anew when somebody comes: that is none of the cursor's moves.
			assert.ok(said.length <= 2, String(said));
		});
	});
