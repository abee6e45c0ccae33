// The hooks: rendered on a server, and in Chromium in StrictMode.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { openBrowser } from '../lib/browser.mjs';
import { patience, root } from '../lib/paths.mjs';
import { connect } from '../../clients/js/dist/index.js';
import * as hooks from '../../clients/js/dist/react.js';
import { servers } from './servers.mjs';
import { serve } from './site.mjs';

const require = createRequire(path.join(root, 'clients/js/package.json'));
const load = (name) => import(pathToFileURL(require.resolve(name)));
const { createElement: h } = (await load('react')).default;
const { renderToString } = (await load('react-dom/server')).default;

test('on a server all hooks have their first value, and nothing is begun', () => {
	const client = connect('/ws');		// there is no page that this is relative to
	const given = {};
	function All() {
		given.doc = hooks.useDoc('notes', 'one', { create: {} });
		given.data = hooks.useDocData(given.doc.doc, (data) => data.title);
		given.status = hooks.useConnectionStatus();
		given.save = hooks.useSaveState(given.doc.doc);
		given.presence = hooks.usePresence('lobby');
		given.query = hooks.useLiveQuery('notes', { open: true });
		given.undo = hooks.useUndo(given.doc.doc);
		return h('p', null, given.status);
	}
	assert.equal(renderToString(h(hooks.OtdProvider, { client }, h(All))), '<p>offline</p>');
	assert.deepEqual(given.doc, { doc: null, error: null });
	assert.equal(given.data, undefined);
	assert.equal(given.save, 'saved');
	assert.deepEqual([...given.presence[0]], []);
	assert.deepEqual(given.query, { results: null, error: null });
	assert.equal(given.undo.canUndo, false);
	assert.deepEqual(client.connection.collections, Object.assign(Object.create(null)));
	assert.throws(() => renderToString(h(All)), /no <OtdProvider>/);
	void client.close();
});

for (const [name, start] of Object.entries(servers)) describe(`in a page, on ${name}`, { timeout: 120_000 * patience }, () => {
	let server, site, browser, page;
	const complaints = [];

	before(async () => {
		[server, site, browser] = await Promise.all([start(), serve('react-page'), openBrowser()]);
		page = await browser.newPage();
		page.setDefaultTimeout(20_000 * patience);
		page.on('pageerror', (error) => complaints.push(String(error)));
		page.on('console', (message) => { if (message.type() === 'error') complaints.push(message.text()); });
		await page.goto(`${site.url}?${new URLSearchParams({ server: server.urls[0] })}`);
		await page.waitForFunction('window.client?.status === "online"');
	});
	after(async () => {
		await browser?.close();
		site?.stop();
		await server?.stop();
		// React complains of snapshots that are not cached, updates of what is gone, and the like.
		assert.deepEqual(complaints, []);
	});
	beforeEach(() => page.evaluate('window.forget()'));

	const show = (name, props) => page.evaluate(([name, props]) => window.show(name, props), [name, props]);
	const seen = (name) => page.evaluate((name) => window.seen[name] ?? [], name);
	const sees = (name, check) => page.waitForFunction(`(${check})(window.last('${name}'))`);
	const leave = async () => {
		await page.evaluate('window.leave()');
		await page.waitForFunction('(({ docs, queries, presences }) => !docs.length && !queries && !presences)(window.held())');
	};
	const submit = (op) => page.evaluate((op) => window.doc.submit(op), op);
	const create = { title: '', tags: ['a'], n: 0 };

	test('mounted twice, subscribed once; unmounted, nothing is held', async () => {
		await show('doc', { id: 'one', create });
		await sees('title', '(title) => title === ""');
		await sees('status', '(status) => status === "online"');
		assert.equal(await page.evaluate(() => window.sent.filter(({ a, d }) => a === 's' && d === 'one').length), 1);
		assert.equal(await page.evaluate(() => window.sent.filter(({ create }) => create).length), 1);
		assert.deepEqual(await page.evaluate(() => window.held()), { docs: ['one'], queries: 0, presences: 1 });
		// One listener of the client's own for each kind of event, however often it was mounted.
		assert.equal(await page.evaluate(() => window.doc.doc.listenerCount('op')), 1);
		await leave();
	});

	test('a change renders those again that are concerned', async () => {
		await show('doc', { id: 'two', create });
		await sees('title', '(title) => title === ""');
		await sees('save', '(state) => state === "saved"');
		await page.evaluate('window.forget()');
		await submit([{ p: ['title'], od: '', oi: 'Plan' }]);
		await sees('title', '(title) => title === "Plan"');
		await sees('save', '(state) => state === "saved"');
		await sees('undo', '({ canUndo }) => canUndo');
		// StrictMode renders each twice.
		assert.deepEqual(new Set(await seen('title')), new Set(['Plan']));
		assert.equal((await seen('title')).length, 2);
		assert.deepEqual(await seen('tags'), []);
		assert.deepEqual(await seen('doc'), []);
		assert.deepEqual(await seen('others'), []);
		for (let i = 0; i < 5; i++) await submit([{ p: ['n'], na: 1 }]);
		assert.equal((await seen('title')).length, 2);
		await page.evaluate('window.forget()');
		await submit([{ p: ['tags', 1], li: 'b' }]);
		await sees('tags', '(tags) => tags?.length === 2');
		assert.equal((await seen('tags')).length, 2);
		assert.deepEqual(await seen('title'), []);
		await leave();
	});

	test('what is selected is a copy: ops change the document in place', async () => {
		await show('doc', { id: 'copy', create });
		await sees('tags', '(tags) => tags?.length === 1');
		await submit([{ p: ['tags', 1], li: 'b' }]);
		await sees('tags', '(tags) => tags?.length === 2');
		assert.deepEqual((await seen('tags')).filter(Boolean).at(0), ['a']);
		await leave();
	});

	test('another id: never a render with the former document', async () => {
		await show('doc', { id: 'x', create });
		await sees('doc', '({ doc }) => doc === "x"');
		for (const id of ['y', 'z', 'x']) await show('doc', { id, create });
		await sees('doc', '({ id, doc }) => id === "x" && doc === "x"');
		for (const { id, doc } of await seen('doc')) assert.ok(doc === null || doc === id, `${doc} for ${id}`);
		await leave();
	});

	test('unmounted while it loads', async () => {
		await page.evaluate(() => window.client.disconnect());
		await show('doc', { id: 'early', create });
		await sees('doc', '({ id }) => id === "early"');
		await page.evaluate('window.leave()');
		await page.evaluate(() => window.client.reconnect());
		await page.waitForFunction('window.client.status === "online" && window.held().docs.length === 0');
		assert.ok((await seen('doc')).every(({ doc }) => doc === null));
		assert.deepEqual(await page.evaluate(() => window.sent.filter(({ create }) => create)), []);
	});

	test('what cannot be opened is an error, and another id goes on', async () => {
		await show('doc', { id: '__proto__' });
		await sees('doc', '({ error }) => /Invalid id/.test(error)');
		await show('doc', { id: 'fine', create });
		await sees('doc', '({ doc, error }) => doc === "fine" && error === null');
		await leave();
	});

	test('undo, and its functions stay', async () => {
		await show('doc', { id: 'undo', create });
		await sees('title', '(title) => title === ""');
		await submit([{ p: ['title'], od: '', oi: 'Plan' }]);
		await sees('undo', '({ canUndo }) => canUndo');
		await page.evaluate(() => window.last('undo').undo());
		await sees('title', '(title) => title === ""');
		await sees('undo', '({ canUndo, canRedo }) => !canUndo && canRedo');
		assert.equal(await page.evaluate(() => window.last('undo').undo === window.seen.undo.filter(({ canUndo }) => canUndo)[0].undo), true);
		await leave();
	});

	test('presence: others come and go, and so do we', async (t) => {
		const other = connect(server.urls[0], { WebSocket: (await import('ws')).default });
		t.after(() => other.close());
		const lobby = await other.presence('lobby').open();
		await show('doc', { id: 'room', create });
		await page.waitForFunction('window.doc');
		lobby.set({ name: 'Ann' }, 'ann');
		await sees('others', '([others]) => others.get("ann")?.name === "Ann"');
		await page.evaluate(() => window.last('others')[1]({ name: 'Me' }));
		while (lobby.others.size === 0) await new Promise((done) => setTimeout(done, 10));
		assert.equal([...lobby.others.values()][0].name, 'Me');
		lobby.close();
		await sees('others', '([others]) => others.size === 0');
		await leave();
	});

	test('a live query: its answer, its changes, another filter, a filter that fails', async (t) => {
		const other = connect(server.urls[0], { WebSocket: (await import('ws')).default });
		t.after(() => other.close());
		const [a, b] = await Promise.all(['qa', 'qb'].map((id) => other.doc('forms', id).open({ create: { open: true, n: 0 } })));
		await show('query', { filter: { open: true } });
		await sees('query', '({ results }) => results?.length === 2');
		const rows = await page.evaluateHandle(() => window.last('query').results);
		await page.evaluate('window.forget()');
		await show('query', { filter: { open: true } });	// says the same
		await a.submit([{ p: ['n'], na: 1 }]);
		await sees('query', '({ results }) => results?.some(({ data }) => data.n === 1)');
		assert.equal(await page.evaluate(() => window.sent.filter(({ a }) => a === 'qs').length), 0);
		// What did not change is what it was.
		assert.equal(await page.evaluate((rows) => window.last('query').results.filter((row) => rows.includes(row)).length, rows), 1);
		await b.submit([{ p: ['open'], od: true, oi: false }]);
		await sees('query', '({ results }) => results?.length === 1');
		await show('query', { filter: { open: false } });
		await sees('query', '({ filter, results }) => filter.open === false && results?.length === 1');
		await show('query', { filter: { open: { $nonsense: 1 } } });
		await sees('query', '({ results, error }) => results === null && /nonsense/.test(error)');
		await leave();
	});

	test('the connection and what is saved, as they change', async () => {
		await show('doc', { id: 'status', create });
		await sees('title', '(title) => title === ""');
		await page.evaluate(() => window.client.disconnect());
		await sees('status', '(status) => status === "offline"');
		await page.evaluate(() => { void window.doc.submit([{ p: ['n'], na: 1 }]); });
		await sees('save', '(state) => state === "offline"');
		await page.evaluate(() => window.client.reconnect());
		await sees('status', '(status) => status === "online"');
		await sees('save', '(state) => state === "saved"');
		await leave();
	});
});
