// The history of a document: every version as it was, and back to one of them.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import WebSocket from 'ws';
import { openBrowser } from '../lib/browser.mjs';
import { Otd } from '../lib/otd.mjs';
import { patience } from '../lib/paths.mjs';
import { until } from '../lib/process.mjs';
import { Complaints, PEOPLE, same, timeout_ms, Window } from './window.mjs';

const require = createRequire(import.meta.url);
const { Connection, types } = require('sharedb/lib/client');
for (const name of ['ot-text-unicode', 'rich-text']) types.register(require(name).type);

const COLLECTION = 'studio-documents';

describe('history', { timeout: 120_000 * patience }, () => {
	let otd, browser, windows, one, two, connection;
	const complaints = new Complaints();
	const ask = (call) => new Promise((resolve, reject) => call((error, value) => (error ? reject(error) : resolve(value))));

	before(async () => {
		otd = await Otd.start();
		browser = await openBrowser({ viewport: { width: 1280, height: 800 } });
		windows = [];
		for (const person of PEOPLE) windows.push(await Window.open(browser, otd.url, { person, complaints }));
		[one, two] = windows;
		connection = new Connection(new WebSocket(otd.ws));
	});
	after(async () => {
		connection?.close();
		await browser?.close();
		await otd?.stop();
	});

	const shown = (w) => w.page.locator('.history-words').evaluate((node) =>
		(node.dataset.loading === 'false' ? Number(node.dataset.version) : null));

	async function slideTo(v) {
		await one.slider.fill(String(v));
		await until(`version ${v}`, async () => (await shown(one)) === v, { timeout_ms });
	}

	test('code: each version is what it was; one comes back as an edit that can be undone', async () => {
		const id = await one.create('Code', 'History');
		await two.page.goto(one.page.url());
		await one.code.click();
		for (const words of ['one 💡\n', 'two\n', 'three\n']) {
			await one.page.keyboard.insertText(words);
			await one.saved();
		}
		await one.page.keyboard.press('Control+Home');
		await one.page.keyboard.press('Shift+End');
		await one.page.keyboard.insertText('1');
		await one.saved();

		await one.button('History').click();
		await one.slider.waitFor();
		const last = Number(await one.slider.getAttribute('max'));
		assert.ok(last >= 5, `${last} versions`);
		for (let v = last; v >= 1; v--) {
			await slideTo(v);
			const { data } = await ask((done) => connection.fetchSnapshot(COLLECTION, id, v, done));
			assert.equal(await one.pastCode(), data, `version ${v}`);
			if (v === 1) assert.equal(data, '');
		}
		// By key, from there on.
		await one.slider.focus();
		await one.slider.press('ArrowRight');
		await one.slider.press('ArrowRight');
		await until('two steps on', async () => (await shown(one)) === 3, { timeout_ms });
		await one.slider.press('Home');
		await until('the first', async () => (await shown(one)) === 1, { timeout_ms });
		assert.match(await one.slider.getAttribute('aria-valuetext'), /^Version 1 of \d+/);
		await one.page.getByText(/Version 1 of \d+ · \d+ \w+ \d{4}/).waitFor();

		// Played to its end.
		await one.button('Play').click();
		await until('played', async () => (await shown(one)) === last, { timeout_ms });
		await one.button('Play').waitFor();

		// The other has a cursor where nothing differs, and keeps it.
		await two.code.click();
		await two.page.keyboard.press('Control+End');
		await slideTo(2);
		const { data: then } = await ask((done) => connection.fetchSnapshot(COLLECTION, id, 2, done));
		await one.button('Restore this version').click();
		await same(windows, 'restored', (w) => w.codeText(), (text) => text === then);
		await one.saved();
		const doc = connection.get(COLLECTION, id);
		await ask((done) => doc.fetch(done));
		assert.equal(doc.version, last + 1, 'one op');
		await two.page.keyboard.insertText('!');
		await same(windows, 'the other\'s cursor', (w) => w.codeText(), (text) => text === `${then}!`);
		await one.button('Undo').click();
		await same(windows, 'undone', (w) => w.codeText(), (text) => text === '1\ntwo\nthree\n!');
	});

	test('a form and a rich text come back, too', async () => {
		await one.create('Form', 'Old plan');
		await two.page.goto(one.page.url());
		await one.field('What').fill('First');
		await one.button('Add a line').click();
		await one.page.keyboard.type('Line');
		await one.saved();
		const plan = Number(await version());
		await one.field('What').fill('Second');
		await one.button('Remove line 1').click();
		await one.saved();
		await one.button('History').click();
		await slideTo(plan);
		assert.match(await one.page.locator('.form-past').innerText(), /First[^]*Line/);
		await one.button('Restore this version').click();
		await same(windows, 'the plan', (w) => w.field('What').inputValue(), (value) => value === 'First');
		await same(windows, 'its line', (w) => w.field('Line 1').inputValue(), (value) => value === 'Line');

		await one.create('Rich text', 'Old text');
		await two.page.goto(one.page.url());
		await one.rich.click();
		await one.page.keyboard.type('Title');
		await one.page.getByRole('combobox', { name: 'Kind of paragraph' }).selectOption('Heading 2');
		await one.saved();
		const text = Number(await version());
		await one.rich.press('End');
		await one.page.keyboard.type(' that is longer');
		await one.page.getByRole('combobox', { name: 'Kind of paragraph' }).selectOption('Quotation');
		await one.saved();
		await one.button('History').click();
		await slideTo(text);
		assert.equal(await one.page.locator('.history-view h2', { hasText: /^Title$/ }).count(), 1);
		await one.button('Restore this version').click();
		await two.page.locator('.editor-place .ql-editor h2', { hasText: /^Title$/ }).waitFor();
	});

	/** The version that the open document has. */
	async function version() {
		const doc = connection.get(COLLECTION, one.id);
		await ask((done) => doc.fetch(done));
		return doc.version;
	}

	test('a long history is quick to go through: what is passed over is not asked for', async () => {
		const id = await one.create('Code', 'Long');
		await one.saved();
		const doc = connection.get(COLLECTION, id);
		await until('made', async () => { await ask((done) => doc.fetch(done)); return doc.type; }, { timeout_ms });
		doc.preventCompose = true;
		for (let i = 0; i < 500; i++) doc.submitOp([doc.data.length, `f(${i});\n`].filter(Boolean), { source: i });
		await ask((done) => doc.whenNothingPending(done));
		let asked = 0;
		one.page.on('websocket', () => assert.fail('connected anew'));
		const cdp = await one.page.context().newCDPSession(one.page);
		await cdp.send('Network.enable');
		cdp.on('Network.webSocketFrameSent', ({ response }) => { if (/"a":"nf"/.test(response.payloadData)) asked++; });

		await one.button('History').click();
		await until('all versions', async () => Number(await one.slider.getAttribute('max')) === doc.version, { timeout_ms });
		await until('the last', async () => (await shown(one)) === doc.version, { timeout_ms });
		asked = 0;
		// Dragged: a hundred places within a moment, to where all of it is on the screen.
		await one.slider.evaluate((node, most) => {
			const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set;
			for (let i = 0; i < 100; i++) {
				set.call(node, String(most - 5 * i));
				node.dispatchEvent(new Event('input', { bubbles: true }));
			}
		}, doc.version);
		const end = doc.version - 5 * 99;
		await until('where it was let go', async () => (await shown(one)) === end, { timeout_ms });
		assert.ok(asked <= 5, `${asked} versions were asked for`);
		const { data } = await ask((done) => connection.fetchSnapshot(COLLECTION, id, end, done));
		// The editor draws more of it when it has been measured.
		await until('all of it', async () => (await one.pastCode()) === data, { timeout_ms });

		// By time: what it was before all of it.
		await one.page.getByLabel('At time').fill('2001-01-01T00:00:01');
		await one.page.getByText('There was nothing at this version.').waitFor();
		await one.button('Back to now').click();
		await one.code.waitFor();
	});

	test('nothing was loaded from elsewhere, nothing was complained of', () => complaints.none());
});
