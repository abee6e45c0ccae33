// What was written offline and cannot be carried out any more: it is told, kept,
// and the document goes on. And disks that fail, are full, or are of before.
import { openPage, records, until } from './offline-rig.mjs';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import WebSocket from 'ws';
import { patience } from '../lib/paths.mjs';
import { startReference } from '../interop/reference.mjs';
import { connect } from '../../clients/js/dist/index.js';
import { offline } from '../../clients/js/dist/offline.js';
import { servers } from './servers.mjs';

const NOWHERE = 'ws://127.0.0.1:9/';
const onDisk = (name, id, count) => until(async () => (await records(name)).some((kept) => kept.id === id && kept.ops.length >= count));
const add = (n) => [{ p: ['n'], na: n }];

for (const [server, start] of Object.entries(servers))
	describe(`on ${server}`, { timeout: 120_000 * patience }, () => {
		let at, other;
		before(async () => { at = await start(); other = connect(at.urls[0], { WebSocket, minDelay: 20 }); });
		after(async () => { await other.close(); await at.stop(); });

		// A page has written two ops without a connection, and is gone.
		async function left(name) {
			const page = await openPage(at.urls[0], name);
			const doc = await page.client.doc('gone', name).open({ create: { n: 0 } });
			await page.client.saved();
			page.client.disconnect();
			void doc.submit(add(1));
			void doc.submit([{ p: ['words'], oi: ['mine'] }]);
			await onDisk(name, name, 1);
			await until(async () => JSON.stringify(await records(name)).includes('mine'));
			page.kill();
		}

		for (const isRestored of [false, true])
			test(isRestored ? 'deleted and made anew meanwhile' : 'deleted meanwhile', async () => {
				const name = `${server}-deleted-${isRestored}`;
				await left(name);
				const theirs = await other.doc('gone', name).open();
				await theirs.delete();
				if (isRestored) await theirs.create({ n: 100 });
				const page = await openPage(at.urls[0], name);
				const doc = page.client.doc('gone', name);
				const told = [];
				doc.on('error', ({ code }) => told.push(code));
				await doc.open();
				await until(() => page.lost.length > 0);
				const [lost] = page.lost;
				assert.deepEqual([lost.collection, lost.id, lost.error.code], ['gone', name, 'ERR_DOC_WAS_DELETED']);
				assert.deepEqual(lost.data, { n: 1, words: ['mine'] });
				assert.deepEqual(lost.ops.flatMap(({ op }) => op), [{ p: ['n'], na: 1 }, { p: ['words'], oi: ['mine'] }]);
				assert.ok(told.includes('ERR_DOC_WAS_DELETED'));
				await until(() => doc.version === theirs.version);
				assert.deepEqual(doc.data, isRestored ? { n: 100 } : undefined);
				// It is offered until it is forgotten, to other pages too.
				assert.deepEqual((await page.keeper.lost()).map(({ key }) => key), [lost.key]);
				await page.client.close();
				const next = await openPage(at.urls[0], name);
				assert.deepEqual((await next.keeper.lost()).map(({ data }) => data), [lost.data]);
				await next.keeper.forget(lost);
				assert.deepEqual(await next.keeper.lost(), []);
				if (isRestored) {
					const again = await next.client.doc('gone', name).open();
					await again.submit(add(1));
					assert.deepEqual(again.data, { n: 101 });
				}
				await next.client.close();
			});

		test('made by somebody else meanwhile', async () => {
			const name = `${server}-made`;
			const first = await openPage(at.urls[0], name);
			first.client.disconnect();
			await until(() => first.client.status === 'offline');
			const doc = await first.client.doc('gone', name).open({ create: { n: 7 } });
			void doc.submit([{ p: ['mine'], oi: true }]);
			await onDisk(name, name, 1);
			await (await other.doc('gone', name).open()).create({ n: 50 });
			first.client.reconnect();
			await until(() => first.lost.length > 0 && doc.data?.n === 50);
			assert.deepEqual(first.lost[0].ops.map(({ create }) => create.data), [{ n: 7, mine: true }]);
			await doc.submit(add(1));
			assert.deepEqual(doc.data, { n: 51 });
			await first.client.close();
		});

		test('the server never had this version, or is another one', async () => {
			const name = `${server}-newer`;
			await left(name);
			const page = await openPage((await servers[server]().then((fresh) => { at.fresh = fresh; return fresh; })).urls[0], name);
			const doc = page.client.doc('gone', name);
			doc.on('error', () => {});
			await doc.open();
			await until(() => page.lost.length > 0);
			assert.deepEqual(page.lost.flatMap(({ ops }) => ops).flatMap(({ op }) => op).filter(({ oi }) => oi), [{ p: ['words'], oi: ['mine'] }]);
			// It is as the server has it, and goes on from there.
			await until(() => !doc.exists && doc.saveState === 'saved');
			await doc.create({ n: 7 });
			await doc.submit(add(1));
			assert.deepEqual(doc.data, { n: 8 });
			await page.client.close();
			await at.fresh.stop();
		});

		const isTrimmable = server === 'otd';
		test('the log that leads here is gone', { skip: !isTrimmable && 'otd only: the reference keeps its log in memory' }, async () => {
			const name = `${server}-trimmed`;
			await left(name);
			const theirs = await other.doc('gone', name).open();
			for (let i = 0; i < 5; i++) await theirs.submit(add(10));
			theirs.close();
			await at.otd.kill();
			// Somebody has cut it off, and left a snapshot.
			execFileSync('sqlite3', [at.otd.store.replace('sqlite:', ''), `
				INSERT INTO snapshot SELECT doc_pk, version, type, '{"n":50}', 0, 1 FROM document WHERE id = '${name}';
				DELETE FROM operation WHERE version < 3 AND doc_pk = (SELECT doc_pk FROM document WHERE id = '${name}');`]);
			await at.otd.up();
			const page = await openPage(at.urls[0], name);
			const doc = page.client.doc('gone', name);
			const told = [];
			doc.on('error', ({ code }) => told.push(code));
			assert.deepEqual((await doc.open()).data, { n: 1, words: ['mine'] });
			await until(() => page.lost.length > 0 && doc.data?.n === 50);
			assert.ok(told.includes('ERR_SUBMIT_TRANSFORM_OPS_NOT_FOUND'));
			assert.deepEqual(page.lost.flatMap(({ ops }) => ops).flatMap(({ op }) => op).filter(({ oi }) => oi), [{ p: ['words'], oi: ['mine'] }]);
			await doc.submit(add(1));
			assert.deepEqual(doc.data, { n: 51 });
			await page.client.close();
		});

		test('a page that had the document open elsewhere: the other is sent in the background', async () => {
			const name = `${server}-background`;
			await left(name);
			const page = await openPage(at.urls[0], name);
			// A query reads it first, so that what was left is not for this document of this page.
			const query = page.client.query('gone', { n: 0 });
			await query.ready;
			assert.ok(query.results.some(({ id }) => id === name));
			const doc = await page.client.doc('gone', name).open();
			await until(() => doc.data.words?.length === 1);
			assert.deepEqual(doc.data, { n: 1, words: ['mine'] });
			await until(async () => (await records(name)).every(({ ops }) => ops.length === 0));
			query.close();
			await page.client.close();
		});

		test('a disk that fails is told once, and everything goes on', async () => {
			const name = `${server}-broken`;
			const page = await openPage(at.urls[0], name);
			const doc = await page.client.doc('gone', name).open({ create: { n: 0 } });
			const { put } = IDBObjectStore.prototype;
			IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); };
			try {
				for (let i = 0; i < 5; i++) await doc.submit(add(1));
				assert.deepEqual(page.errors.map(({ code }) => code), ['ERR_NOT_KEPT']);
				assert.match(page.errors[0].message, /full/);
			} finally {
				IDBObjectStore.prototype.put = put;
			}
			// And when there is room again, it is kept again.
			await doc.submit(add(1));
			await until(async () => (await records(name)).some(({ data }) => data.n === 6));
			page.kill();
			const offlinePage = await openPage(NOWHERE, name);
			assert.deepEqual((await offlinePage.client.doc('gone', name).open()).data, { n: 6 });
			await offlinePage.client.close();
		});
	});

test('without a disk at all', async () => {
	const reference = await startReference();
	const { open } = indexedDB;
	indexedDB.open = () => { throw new DOMException('not here', 'SecurityError'); };
	try {
		const one = connect(reference.urls[0], { WebSocket, offline: offline({ name: 'none' }) });
		const errors = [];
		one.on('error', ({ code }) => errors.push(code));
		const doc = await one.doc('gone', 'memory').open({ create: { n: 0 } });
		one.disconnect();
		const kept = doc.submit(add(1));
		one.reconnect();
		await kept;
		assert.deepEqual(doc.data, { n: 1 });
		assert.deepEqual(errors, ['ERR_NOT_KEPT']);
		await one.close();
	} finally {
		indexedDB.open = open;
	}
	await reference.stop();
});

test('a page that is not secure has no names by chance, and tells what is refused all the same', async () => {
	const reference = await startReference();
	const { randomUUID } = crypto;
	Object.defineProperty(crypto, 'randomUUID', { value: undefined, configurable: true });
	globalThis.isSecureContext = false;
	try {
		const one = connect(reference.urls[0], { WebSocket, minDelay: 20, offline: offline({ name: 'plain' }) });
		const other = connect(reference.urls[0], { WebSocket });
		const lost = [];
		one.on('lost', (what) => lost.push(what));
		const doc = await one.doc('gone', 'plain').open({ create: { n: 0 } });
		doc.on('error', () => {});
		one.disconnect();
		const refused = assert.rejects(doc.submit(add(1)), { code: 'ERR_DOC_WAS_DELETED' });
		await (await other.doc('gone', 'plain').open()).delete();
		one.reconnect();
		await refused;
		await until(() => lost.length > 0);
		assert.deepEqual(lost[0].ops.map(({ op }) => op), [add(1)]);
		await doc.create({ n: 5 });
		await Promise.all([one.close(), other.close()]);
	} finally {
		Object.defineProperty(crypto, 'randomUUID', { value: randomUUID, configurable: true });
		delete globalThis.isSecureContext;
	}
	await reference.stop();
});

test('a database of the first version is taken over, with what is in it', async () => {
	const reference = await startReference();
	const old = await new Promise((done, fail) => {
		const request = indexedDB.open('otd:old', 1);
		request.onupgradeneeded = () => request.result.createObjectStore('docs', { keyPath: ['collection', 'id', 'tab'] });
		request.onsuccess = () => done(request.result);
		request.onerror = () => fail(request.error);
	});
	// A page of before that is still open lets go when it is asked to.
	old.onversionchange = () => old.close();
	const other = connect(reference.urls[0], { WebSocket });
	for (const id of ['opened', 'swept']) {
		await other.doc('gone', id).open({ create: { n: 0 } });
		await new Promise((done, fail) => {
			const tx = old.transaction('docs', 'readwrite');
			tx.objectStore('docs').put({ collection: 'gone', id, tab: 'before', v: 1, type: 'http://sharejs.org/types/JSONv0', data: { n: 1 },
				ops: [{ op: add(1) }] });
			tx.oncomplete = done;
			tx.onerror = fail;
		});
	}
	const page = await openPage(reference.urls[0], 'old');
	const doc = await page.client.doc('gone', 'opened').open();
	assert.deepEqual(doc.data, { n: 1 });
	await until(() => doc.saveState === 'saved' && page.client.status === 'online');
	for (const id of ['opened', 'swept']) await until(() => other.doc('gone', id).data.n === 1);
	assert.deepEqual(page.errors, []);
	await Promise.all([page.client.close(), other.close()]);
	await reference.stop();
});
