// Offline in Chromium, with its own IndexedDB and locks: renderers that crash, a
// browser that is killed, two tabs, disks that are full, away, or of another version.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import WebSocket from 'ws';
import { openBrowser } from '../lib/browser.mjs';
import { Otd } from '../lib/otd.mjs';
import { patience, temporaryFolder } from '../lib/paths.mjs';
import { until } from '../lib/process.mjs';
import { connect } from '../../clients/js/dist/index.js';
import { startProxy } from './proxy.mjs';
import { types } from './rig.mjs';
import { servers } from './servers.mjs';
import { serve } from './site.mjs';

const timeout_ms = 30_000 * patience;

const READ = {
	text: (data) => data,
	json0: ({ words }) => words.map((word) => `${word};`).join(''),
	'rich-text': ({ ops }) => ops.map(({ insert }) => insert).join('').trim(),
};

describe('offline in a browser', { timeout: 400_000 * patience }, () => {
	let site, browser;
	const profile = temporaryFolder('chromium');
	before(async () => { [site, browser] = await Promise.all([serve('offline-page'), openBrowser({ profile })]); });
	after(async () => { await browser?.close(); site?.stop(); });

	const at = (host) => Object.assign(new URL(site.url), { hostname: host });

	// A window; `server` may be one that nobody listens at.
	async function visit({ server, kind = 'json0', name, id = name }, { context = browser, before = null, host = '127.0.0.1' } = {}) {
		const page = await context.newPage();
		page.setDefaultTimeout(timeout_ms);
		await before?.(page);
		await page.goto(`${at(host)}?${new URLSearchParams({ server, kind, name, id })}`);
		await page.waitForFunction('window.page');
		const call = (what, ...args) => page.evaluate(([what, args]) => window.page[what](...args), [what, args]);
		return {
			page, open: () => call('open'), write: (word) => call('write', word), read: () => call('read'), state: () => call('state'),
			online: (is) => page.evaluate((is) => { if (is) window.page.client.reconnect(); else window.page.client.disconnect(); }, is),
			kept: (word) => until(`${word} on disk`, () => call('hasOnDisk', word), { timeout_ms }),
			settled: () => until('all to be sent', async () => await call('pending') === 0 &&
				(({ status, save }) => status === 'online' && save !== 'saving')(await call('state')), { timeout_ms }),
			// Its process ends, in the middle of whatever it does.
			async crash() {
				const session = await context.newCDPSession(page);
				const crashed = page.waitForEvent('crash');
				session.send('Page.crash').catch(() => {});
				await crashed;
				await page.close();
			},
		};
	}

	for (const [server, start] of Object.entries(servers))
		describe(`on ${server}`, () => {
			let at, proxy, other;
			before(async () => {
				at = await start();
				proxy = await startProxy(at.urls[0]);
				other = connect(at.urls[0], { WebSocket, types: Object.values(types) });
			});
			after(async () => {
				await other.close();
				await proxy.stop();
				await at.stop();
			});
			const says = async (doc, kind, all) => {
				const now = () => doc.exists && READ[kind](doc.data);
				await until(`"${all}"`, () => now() === all, { timeout_ms }).catch((error) => { throw new Error(`${error.message}; it is "${now()}"`); });
			};

			for (const kind of Object.keys(READ))
				test(`${kind}: sent, not acknowledged, crashed, opened and written offline, crashed, and online again`, async () => {
					const where = { server: proxy.url, kind, name: `${server}-${kind}` };
					const theirs = await other.doc('browser', where.name).open();
					const first = await visit(where);
					await first.open();
					await first.write('one');
					await says(theirs, kind, 'one;');
					await first.settled();
					// From here on no acknowledgement comes.
					proxy.passes = ({ a, error }, isUp) => isUp || a !== 'op' || Boolean(error);
					await first.write('two');
					await says(theirs, kind, 'one;two;');
					await first.write('three');
					await first.kept('three');
					await first.crash();

					proxy.passes = () => true;
					proxy.isShut = true;
					const second = await visit(where);
					assert.equal(await second.open(), 'one;two;three;');
					assert.equal(await second.write('four'), 'one;two;three;four;');
					assert.equal((await second.state()).save, 'offline');
					await second.kept('four');
					await second.crash();

					proxy.isShut = false;
					const third = await visit(where);
					assert.equal(await third.open(), 'one;two;three;four;');
					await third.write('five');
					await says(theirs, kind, 'one;two;three;four;five;');
					await third.settled();
					assert.deepEqual((await third.state()).errors, []);
					assert.equal(await third.read(), 'one;two;three;four;five;');
					await third.page.close();
				});

			test('two tabs on one document, and one of them dies: the other sends what it left', async () => {
				const where = { server: proxy.url, name: `${server}-tabs` };
				const theirs = await other.doc('browser', where.name).open();
				const tabs = [await visit(where), await visit(where)];
				for (const tab of tabs) await tab.open();
				for (const tab of tabs) await tab.online(false);
				await tabs[0].write('a1');
				await tabs[1].write('b1');
				await tabs[0].write('a2');
				await tabs[0].kept('a2');
				await tabs[1].kept('b1');
				await tabs[0].crash();
				// It lives, and what is its own is nobody else's.
				await tabs[1].write('b2');
				await tabs[1].online(true);
				await until('all words', () => theirs.exists && theirs.data.words.length === 4, { timeout_ms });
				await tabs[1].settled();
				const { words } = theirs.data;
				for (const who of ['a', 'b']) assert.deepEqual(words.filter((word) => word.startsWith(who)), [`${who}1`, `${who}2`]);
				await until('the tab to show it', async () => await tabs[1].read() === words.map((word) => `${word};`).join(''), { timeout_ms });
				await tabs[1].page.close();
			});
		});

	describe('disks', () => {
		let otd, other;
		before(async () => { otd = await Otd.start(); other = connect(otd.ws, { WebSocket }); });
		after(async () => { await other.close(); await otd.stop(); });
		const words = async (id) => (await other.doc('browser', id).open()).data?.words;

		test('a browser that is killed', async () => {
			const where = { server: otd.ws, name: 'killed' };
			const folder = temporaryFolder('chromium-killed');
			const mine = await openBrowser({ profile: folder });
			const page = await visit(where, { context: mine });
			await page.open();
			await page.online(false);
			await page.write('one');
			await page.kept('one');
			// The name of the lock has the process: HOST-PID.
			process.kill(Number(fs.readlinkSync(path.join(folder, 'SingletonLock')).split('-').at(-1)), 'SIGKILL');
			void mine.close().catch(() => {});
			fs.rmSync(path.join(folder, 'SingletonLock'), { force: true });
			const again = await openBrowser({ profile: folder });
			const next = await visit(where, { context: again });
			assert.equal(await next.open(), 'one;');
			await next.settled();
			assert.deepEqual(await words('killed'), ['one']);
			await again.close();
		});

		test('a disk that is full: told, and written on; kept again when there is room', async () => {
			// Of an origin of its own: what is free is asked once for each, and then remembered for some time.
			const tab = await visit({ server: otd.ws, name: 'full' }, { host: 'localhost', before: async (page) => {
				const session = await browser.newCDPSession(page);
				await session.send('Storage.overrideQuotaForOrigin', { origin: at('localhost').origin, quotaSize: 500_000 });
			} });
			await tab.open();
			await tab.write('one');
			await tab.settled();
			let written = 1;
			for (; written < 20 && (await tab.state()).errors.length === 0; written++) {
				await tab.write(String(written).repeat(50_000));
				await until('it to be saved', async () => (await tab.state()).save === 'saved', { timeout_ms });
			}
			assert.deepEqual((await tab.state()).errors.map(({ code }) => code), ['ERR_NOT_KEPT']);
			await tab.write('last');
			await until('all to be there', async () => (await words('full')).length === written + 1, { timeout_ms });
			assert.equal((await tab.state()).errors.length, 1);
			const session = await browser.newCDPSession(tab.page);
			await session.send('Storage.overrideQuotaForOrigin', { origin: at('localhost').origin });
			await tab.write('more');
			await tab.kept('more');
			await tab.page.close();
		});

		test('no IndexedDB', async () => {
			const tab = await visit({ server: otd.ws, name: 'none' }, { before: (page) => page.addInitScript(() => { delete IDBFactory.prototype.open; }) });
			await tab.open();
			await tab.write('one');
			await until('it to be saved', async () => (await tab.state()).save === 'saved' && (await words('none'))?.length === 1, { timeout_ms });
			assert.deepEqual((await tab.state()).errors.map(({ code }) => code), ['ERR_NOT_KEPT']);
			await tab.page.close();
		});

		test('a private window keeps as long as it is there', async () => {
			const context = await browser.browser().newContext();
			const where = { server: otd.ws, name: 'private' };
			const tab = await visit(where, { context });
			await tab.open();
			await tab.online(false);
			await tab.write('one');
			await tab.kept('one');
			await tab.page.close();
			const next = await visit(where, { context });
			assert.equal(await next.open(), 'one;');
			await next.settled();
			assert.deepEqual(await words('private'), ['one']);
			assert.deepEqual((await next.state()).errors, []);
			await context.close();
		});

		test('a page of before lets go, and its database is taken over; one of a later version is left alone', async () => {
			const old = await visit({ server: otd.ws, name: 'unused' });
			const make = (name, version) => old.page.evaluate(([name, version]) => new Promise((done, fail) => {
				const request = indexedDB.open(`otd:${name}`, version);
				request.onupgradeneeded = () => request.result.createObjectStore('docs', { keyPath: ['collection', 'id', 'tab'] });
				request.onerror = () => fail(request.error);
				request.onsuccess = () => {
					const db = request.result;
					db.onversionchange = () => db.close();
					const tx = db.transaction('docs', 'readwrite');
					tx.objectStore('docs').put({ collection: 'browser', id: name, tab: 'gone', v: 1, type: 'http://sharejs.org/types/JSONv0',
						data: { words: ['one', 'two'] }, ops: [{ op: [{ p: ['words', 1], li: 'two' }] }] });
					tx.oncomplete = () => done();
				};
			}), [name, version]);
			for (const name of ['older', 'newer']) await other.doc('browser', name).open({ create: { words: ['one'] } });
			await make('older', 1);
			const tab = await visit({ server: otd.ws, name: 'older' });
			assert.equal(await tab.open(), 'one;two;');
			await tab.settled();
			assert.deepEqual(await words('older'), ['one', 'two']);
			assert.deepEqual((await tab.state()).errors, []);
			await make('newer', 99);
			const next = await visit({ server: otd.ws, name: 'newer' });
			assert.equal(await next.open(), 'one;');
			await next.write('three');
			await until('it to be saved', async () => (await words('newer')).length === 2, { timeout_ms });
			assert.deepEqual((await next.state()).errors.map(({ code }) => code), ['ERR_NOT_KEPT']);
			for (const { page } of [old, tab, next]) await page.close();
		});

		test('a page of before that does not let go holds nothing up for long', async () => {
			const old = await visit({ server: otd.ws, name: 'unused' });
			await old.page.evaluate(() => new Promise((done) => {
				const request = indexedDB.open('otd:stuck', 1);
				request.onupgradeneeded = () => request.result.createObjectStore('docs', { keyPath: ['collection', 'id', 'tab'] });
				request.onsuccess = () => done();
			}));
			const tab = await visit({ server: otd.ws, name: 'stuck' });
			await tab.open();
			await tab.write('one');
			await until('it to be saved', async () => (await tab.state()).save === 'saved' && (await words('stuck'))?.length === 1, { timeout_ms });
			assert.deepEqual((await tab.state()).errors.map(({ code }) => code), ['ERR_NOT_KEPT']);
			await old.page.close();
			await tab.online(false);
			await tab.write('more');
			await tab.kept('more');
			await tab.online(true);
			await tab.settled();
			await tab.page.close();
		});
	});
});
