// Documents beyond the page: read and written without a network, and each edit
// carried out once, whatever happens between sending and being told of it.
import '../../clients/js/node_modules/fake-indexeddb/auto/index.mjs';
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import WebSocket from 'ws';
import { connect } from '../../clients/js/dist/index.js';
import { offline } from '../../clients/js/dist/offline.js';
import { types } from './rig.mjs';
import { servers } from './servers.mjs';

let server, names = 0;

// A page that can be killed: nothing is said to it or by it any more.
function page(name, options = {}) {
	let deaf = false;
	class Wire extends WebSocket {
		emit(event, ...args) { return deaf && event === 'message' ? false : super.emit(event, ...args); }
		send(...args) { if (!page.dead) super.send(...args); }
	}
	const client = connect(options.url ?? server.urls[0], { WebSocket: Wire, types: Object.values(types), minDelay: 50, offline: offline({ name }) });
	const page = {
		client, dead: false,
		deafen() { deaf = true; },
		kill() { page.dead = deaf = true; client.connection.socket.close(); },
	};
	return page;
}
const until = async (holds) => { while (!await holds()) await new Promise((done) => setTimeout(done, 10)); };
const online = ({ client }) => until(() => client.status === 'online');
const records = async ({ name, id }) => {
	const db = await new Promise((done, fail) => {
		const asked = indexedDB.open(`otd:${name}`);
		asked.onsuccess = () => done(asked.result);
		asked.onerror = () => fail(asked.error);
	});
	const all = await new Promise((done) => {
		const asked = db.transaction('docs').objectStore('docs').getAll();
		asked.onsuccess = () => done(asked.result);
	});
	db.close();
	return all.filter((kept) => kept.id === id);
};
const stored = async (doc, count) => (await records(doc)).some((kept) => kept.ops.length >= count);
const fresh = async (id) => {
	const client = connect(server.urls[0], { WebSocket });
	const doc = await client.doc('kept', id).open();
	const { data, version } = doc;
	client.close();
	return { data, version };
};

for (const [name, start] of Object.entries(servers)) describe(`on ${name}`, () => {
	before(async () => { server = await start(); });
	after(() => server.stop());

	test('sent, not acknowledged, closed: it is there once', async () => {
		const name = `sent${names++}`;
		const first = page(name);
		const doc = await first.client.doc('kept', name).open({ create: { n: 0 } });
		first.deafen();
		void doc.submit([{ p: ['n'], na: 1 }]).catch(() => {});
		await until(async () => (await fresh(name)).data.n === 1);
		first.kill();
		const second = page(name);
		const again = await second.client.doc('kept', name).open();
		await until(() => again.saveState === 'saved' && second.client.status === 'online');
		assert.deepEqual(await fresh(name), { data: { n: 1 }, version: 2 });
		await again.submit([{ p: ['n'], na: 5 }]);
		assert.deepEqual(again.data, { n: 6 });
		assert.deepEqual(await fresh(name), { data: { n: 6 }, version: 3 });
		second.client.close();
	});

	test('written offline, closed, opened offline, and then online: all of it, once', async () => {
		const name = `away${names++}`;
		const first = page(name);
		const doc = await first.client.doc('kept', name).open({ create: { n: 0, list: [] } });
		first.client.disconnect();
		await until(() => first.client.status === 'offline');
		void doc.submit([{ p: ['n'], na: 1 }]).catch(() => {});
		void doc.submit([{ p: ['list', 0], li: 'a' }]).catch(() => {});
		await until(() => stored({ name, id: name }, 1));
		first.kill();

		const second = page(name, { url: 'ws://127.0.0.1:9/' });	// nobody is there
		const reopened = await second.client.doc('kept', name).open();
		assert.deepEqual(reopened.data, { n: 1, list: ['a'] });
		void reopened.submit([{ p: ['n'], na: 10 }]).catch(() => {});
		await until(async () => stored({ name, id: name }, 1));
		await new Promise((done) => setTimeout(done, 50));
		second.kill();

		const third = page(name);
		const last = await third.client.doc('kept', name).open();
		await online(third);
		await until(async () => last.saveState === 'saved' && !await stored({ name, id: name }, 1));
		assert.deepEqual((await fresh(name)).data, { n: 11, list: ['a'] });
		third.client.close();
	});

	test('what a page has left is sent by the next, though it does not open the document', async () => {
		const name = `left${names++}`;
		const first = page(name);
		const doc = await first.client.doc('kept', name).open({ create: { n: 0 } });
		first.client.disconnect();
		await until(() => first.client.status === 'offline');
		void doc.submit([{ p: ['n'], na: 1 }]).catch(() => {});
		await until(() => stored({ name, id: name }, 1));
		first.kill();
		const second = page(name);
		await until(async () => (await fresh(name)).data.n === 1);
		await until(async () => !await stored({ name, id: name }, 1));
		second.client.close();
	});

	test('made offline', async () => {
		const name = `made${names++}`;
		const first = page(name);
		await online(first);
		first.client.disconnect();
		await until(() => first.client.status === 'offline');
		const doc = await first.client.doc('kept', name).open({ create: { n: 7 } });
		void doc.submit([{ p: ['n'], na: 1 }]).catch(() => {});
		await until(() => stored({ name, id: name }, 1));
		first.kill();
		const second = page(name);
		const again = await second.client.doc('kept', name).open();
		assert.deepEqual(again.data, { n: 8 });
		await until(() => again.saveState === 'saved' && second.client.status === 'online');
		assert.deepEqual((await fresh(name)).data, { n: 8 });
		second.client.close();
	});
});
