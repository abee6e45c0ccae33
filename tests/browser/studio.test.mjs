// The studio in two windows on one otd: kinds of documents, who is here, the
// list, offline work.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openBrowser } from '../lib/browser.mjs';
import { Otd } from '../lib/otd.mjs';
import { patience } from '../lib/paths.mjs';
import { until } from '../lib/process.mjs';
import { Complaints, PEOPLE, same, stepTo, timeout_ms, Window } from './window.mjs';

describe('the studio', { timeout: 180_000 * patience }, () => {
	let otd, browser, windows, one, two;
	const complaints = new Complaints();

	before(async () => {
		otd = await Otd.start();
		browser = await openBrowser({ viewport: { width: 1280, height: 800 }, permissions: ['clipboard-read', 'clipboard-write'] });
		windows = [];
		for (const person of PEOPLE) windows.push(await Window.open(browser, otd.url, { person, complaints }));
		[one, two] = windows;
	});
	after(async () => {
		await browser?.close();
		await otd?.stop();
	});

	/** What comes after is a step of its own for undo. */
	const pause = () => new Promise((done) => setTimeout(done, 600));

	/** A new document, open in both. */
	async function both(kind, title) {
		const id = await one.create(kind, title);
		await two.line(title).getByRole('link').click();
		await two.opened(title);
		return id;
	}

	test('an empty studio invites, and names what it has', async () => {
		await one.page.getByRole('heading', { name: 'Write together' }).waitFor();
		await one.page.getByText('No documents yet').waitFor();
		for (const role of ['banner', 'main', 'navigation', 'search'])
			assert.equal(await one.page.getByRole(role).count(), 1, role);
		assert.equal(await one.page.locator('html').getAttribute('lang'), 'en');
		assert.match(await (await one.page.request.get(`${otd.url}licenses.txt`)).text(), /==== sharedb/);
		// Editors come before they are needed: without a network they could not.
		await until('the editors', () => two.page.evaluate(() => performance.getEntriesByType('resource')
			.some(({ name, decodedBodySize }) => /\/part-\w+\.js$/.test(name) && decodedBodySize > 200_000)), { timeout_ms });
	});

	test('rich text: two type at once, with formats and each other\'s cursors', async () => {
		await both('Rich text', 'Minutes');
		await one.rich.click();
		await one.page.keyboard.type('the first line');
		await same(windows, 'the first line', (w) => w.richText(), (text) => text.trim() === 'the first line');

		await two.rich.click();
		await two.page.keyboard.press('Control+End');
		await one.page.keyboard.press('Control+Home');
		await Promise.all([one.page.keyboard.type('at the start, '), two.page.keyboard.type(', at the end 💡')]);
		await same(windows, 'what both wrote', (w) => w.richText(), (text) => text.trim() === 'at the start, the first line, at the end 💡');

		await one.page.keyboard.press('Control+Home');
		await one.page.keyboard.press('Shift+End');
		await one.button('Bold').click();
		await one.page.getByRole('combobox', { name: 'Kind of paragraph' }).selectOption('Heading 1');
		await two.page.locator('.ql-editor h1 strong', { hasText: 'the first line' }).waitFor();
		assert.equal(await one.button('Bold').getAttribute('aria-pressed'), 'true');

		for (const [window, other] of [[one, PEOPLE[1]], [two, PEOPLE[0]]]) {
			await window.page.locator('.ql-cursor-name', { hasText: other.name }).waitFor({ state: 'attached' });
			await window.page.getByRole('img', { name: `Also here: ${other.name}` }).first().waitFor();
		}
		await Promise.all(windows.map((w) => w.saved()));
	});

	test('code: two type at once; undo takes back one\'s own', async () => {
		await both('Code', 'hello.js');
		await one.code.click();
		await one.page.keyboard.insertText('let a = 1;\nlet b = 2;');
		await same(windows, 'two lines', (w) => w.codeText(), (text) => text === 'let a = 1;\nlet b = 2;');
		await pause();
		await two.code.click();
		await two.page.keyboard.press('Control+End');
		await one.page.keyboard.press('Control+Home');
		await Promise.all([one.page.keyboard.type('// 💡 '), two.page.keyboard.type('34')]);
		await same(windows, 'what both wrote', (w) => w.codeText(), (text) => text === '// 💡 let a = 1;\nlet b = 2;34');

		for (const [window, other] of [[one, PEOPLE[1]], [two, PEOPLE[0]]])
			await window.page.locator('.otd-caret-name', { hasText: other.name }).waitFor({ state: 'attached' });

		// The key and the button; what the other wrote stays.
		const undone = (text) => text === 'let a = 1;\nlet b = 2;34';
		await stepTo(() => one.code.press('Control+z'), 'undone', () => one.codeText(), undone);
		await same(windows, 'one\'s own undone', (w) => w.codeText(), undone);
		const again = (text) => text === '// 💡 let a = 1;\nlet b = 2;34';
		await stepTo(() => one.code.press('Control+Shift+z'), 'done again', () => one.codeText(), again);
		await same(windows, 'done again', (w) => w.codeText(), again);
		const taken = (text) => text === '// 💡 let a = 1;\nlet b = 2;';
		await stepTo(() => two.button('Undo').click(), 'the other\'s own undone', () => two.codeText(), taken);
		await same(windows, 'the other\'s own undone', (w) => w.codeText(), taken);

		await one.page.getByLabel('Language').selectOption('Python');
		await same(windows, 'the language', (w) => w.page.getByLabel('Language').inputValue(), (value) => value === 'python');
	});

	test('form: fields, steps that add up, and a list that moves under one\'s hands', async () => {
		await both('Form', 'Summer party');
		await one.field('What').pressSequentially('Party');
		await same(windows, 'what', (w) => w.field('What').inputValue(), (value) => value === 'Party');
		await two.page.locator('[data-field="what"][data-taken="true"]', { hasText: PEOPLE[0].name }).waitFor();
		await Promise.all([one.field('What').pressSequentially(' outside'), (async () => {
			await two.field('What').press('Home');
			await two.page.keyboard.type('The ');
		})()]);
		await same(windows, 'what by both', (w) => w.field('What').inputValue(), (value) => value === 'The Party outside');

		await Promise.all(windows.map(async (w) => { for (let i = 0; i < 5; i++) await w.button('One guest more').click(); }));
		await same(windows, 'ten guests', (w) => w.field('Guests').inputValue(), (value) => value === '10');
		await two.field('Guests').fill('25');
		await two.field('Status').selectOption('Planned');
		await two.field('Public').check();
		const rest = (w) => Promise.all([w.field('Guests').inputValue(), w.field('Status').inputValue(), w.field('Public').isChecked()]);
		await same(windows, 'the other fields', rest, (seen) => JSON.stringify(seen) === '["25","planned",true]');

		for (const line of ['Chairs', 'Lamps', 'Music']) {
			await one.button('Add a line').click();
			await one.page.keyboard.type(line);
		}
		const items = (w) => w.page.locator('.item-text').evaluateAll((nodes) => nodes.map((node) => node.value));
		await same(windows, 'three lines', items, (list) => list.join() === 'Chairs,Lamps,Music');
		await pause();
		// One writes in a line while the other moves it, and removes the one above.
		await one.field('Line 3').focus();
		await one.page.keyboard.press('End');
		await Promise.all([one.page.keyboard.type(' and dance', { delay: 10 }), (async () => {
			await two.button('Move line 3 up').click();
			await two.button('Remove line 1').click();
			await two.page.getByLabel('Line 2 is done').check();
		})()]);
		await same(windows, 'moved, and written on', items, (list) => list.join() === 'Music and dance,Lamps');
		assert.equal(await one.page.evaluate(() => document.activeElement.value), 'Music and dance');
		await same(windows, 'done', (w) => w.page.getByLabel('Line 2 is done').isChecked(), (is) => is);
		const untyped = (list) => list.join() === 'Music,Lamps';
		await stepTo(() => one.button('Undo').click(), 'own typing undone', () => items(one), untyped);
		await same(windows, 'own typing undone', items, untyped);
	});

	test('offline: the switch cuts the connection, both write on, and it is merged', async () => {
		const id = await both('Code', 'Tunnel');
		await one.code.click();
		await one.page.keyboard.insertText('middle');
		await same(windows, 'a word', (w) => w.codeText(), (text) => text === 'middle');
		await one.offlineSwitch().click();
		await one.connection('offline');
		await one.code.focus();
		await one.page.keyboard.press('Control+Home');
		await one.page.keyboard.insertText('before ');
		await one.page.locator('.save-state[data-state="offline"]').waitFor();
		await two.code.click();
		await two.page.keyboard.press('Control+End');
		await two.page.keyboard.insertText(' after');
		await two.saved();
		assert.deepEqual(await Promise.all(windows.map((w) => w.codeText())), ['before middle', 'middle after']);

		// Even the page may go meanwhile: it finds its document and its writing again.
		await one.page.reload();
		await one.connection('offline');
		await until('kept over reloading', async () => (await one.code.count()) && (await one.codeText()) === 'before middle', { timeout_ms });
		assert.equal(await one.offlineSwitch().getAttribute('aria-checked'), 'true');
		// And another one begins without the server ever having heard of it.
		const begun = await one.create('Form', 'Begun in the tunnel');
		await one.field('What').fill('Light at its end');
		await one.line('Begun in the tunnel').waitFor();
		await one.page.goBack();
		await one.opened('Tunnel');
		await one.offlineSwitch().click();
		await one.connection('online');
		await same(windows, 'merged', (w) => w.codeText(), (text) => text === 'before middle after');
		await Promise.all(windows.map((w) => w.saved()));
		assert.equal(one.id, id);
		await two.line('Begun in the tunnel').getByRole('link').click();
		await two.opened('Begun in the tunnel');
		assert.equal(two.id, begun);
		await until('what was begun', async () => (await two.field('What').inputValue()) === 'Light at its end', { timeout_ms });
	});

	test('the server goes and comes back: nothing is lost, nobody has to do anything', async () => {
		await both('Rich text', 'Restart');
		await one.rich.click();
		await one.page.keyboard.type('kept');
		await one.saved();
		await otd.stop();
		await one.connection('offline');
		await one.page.keyboard.type(' é💡');
		await otd.up();
		await one.connection('online');
		await same(windows, 'written meanwhile', (w) => w.richText(), (text) => text.trim() === 'kept é💡');
		await one.saved();
	});

	test('the list: titles as they are typed, search, renaming, deleting', async () => {
		await one.go(null);
		await two.go(null);
		const id = await one.create('Form', 'Draft');
		await one.title.pressSequentially(' of a plan');
		await two.line('Draft of a plan').waitFor();
		await two.line('Draft of a plan').hover();
		await two.button('Rename Draft of a plan').click();
		await two.page.getByRole('dialog', { name: 'Rename' }).getByLabel('Title').fill('Plan B (final)');
		await two.button('Rename').click();
		await until('the other\'s title', async () => (await one.title.inputValue()) === 'Plan B (final)', { timeout_ms });
		assert.match(await one.page.title(), /^Plan B \(final\)/);

		const titles = () => two.page.locator('.line-title').allInnerTexts();
		const search = two.page.getByRole('searchbox', { name: 'Search by title' });
		await search.fill('b (F');		// no letter of it is a pattern's
		await until('found', async () => (await titles()).join() === 'Plan B (final)', { timeout_ms });
		await two.page.getByRole('group', { name: 'Kinds' }).getByRole('button', { name: 'Code' }).click();
		await two.page.getByText('Nothing matches.').waitFor();
		await search.fill('');
		await until('code alone', async () => (await titles()).sort().join() === 'Tunnel,hello.js', { timeout_ms });
		await two.page.getByRole('button', { name: 'All' }).click();

		await two.line('Plan B').hover();
		await two.button('Delete Plan B (final)').click();
		await two.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
		await one.page.getByRole('heading', { name: 'This document was deleted' }).waitFor();
		await two.line('Plan B').waitFor({ state: 'detached' });

		await two.go(null);
		await two.page.evaluate((gone) => { location.hash = `#/d/${gone}`; }, id);
		await two.page.getByRole('heading', { name: 'There is no such document' }).waitFor();
	});

	test('an address can be shared', async () => {
		await one.line('Minutes').getByRole('link').click();
		await one.rich.waitFor();
		await one.button('Copy the link').click();
		await one.page.getByText('The link is copied').waitFor();
		const link = await one.page.evaluate(() => navigator.clipboard.readText());
		assert.equal(link, one.page.url());
		const guest = await Window.open(browser, otd.url, { complaints, at: new URL(link).hash });
		await guest.rich.waitFor();
		await same([one, guest], 'the same document', (w) => w.richText(), (text) => text.includes('the first line'));
		await guest.close();
	});

	test('one\'s name: the others see the new one', async () => {
		await two.line('Minutes').getByRole('link').click();
		await two.rich.waitFor();
		await two.page.getByRole('button', { name: /^You are Grace Hopper/ }).click();
		await two.page.getByLabel('Your name', { exact: true }).fill('Rear Admiral');
		await two.page.getByRole('radio', { name: 'Green' }).check({ force: true });
		await two.button('Save').click();
		await one.page.getByRole('img', { name: 'Also here: Rear Admiral' }).first().waitFor();
		await two.rich.click();
		await one.page.locator('.ql-cursor-name', { hasText: 'Rear Admiral' }).waitFor({ state: 'attached' });
		await two.close();
		await one.page.getByRole('img', { name: /Rear Admiral/ }).first().waitFor({ state: 'detached' });
	});

	test('nothing was loaded from elsewhere, nothing was complained of', () => complaints.none());
});
