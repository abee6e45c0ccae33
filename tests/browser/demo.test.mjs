// The demo page in two browser windows on one otd.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openBrowser } from '../lib/browser.mjs';
import { Otd } from '../lib/otd.mjs';
import { patience } from '../lib/paths.mjs';
import { until } from '../lib/process.mjs';

const timeout_ms = 20_000 * patience;

describe('the demo page', { timeout: 180_000 * patience }, () => {
	let otd;
	let browser;
	const complaints = [];
	const foreign = [];

	before(async () => {
		otd = await Otd.start();
		browser = await openBrowser();
	});
	after(async () => {
		await browser?.close();
		await otd?.stop();
	});

	async function openPage() {
		const page = await browser.newPage();
		page.setDefaultTimeout(timeout_ms);
		page.on('console', (said) => { if (said.type() === 'error') complaints.push(said.text()); });
		page.on('pageerror', (error) => complaints.push(String(error)));
		page.on('request', (request) => {
			if (!request.url().startsWith(otd.url)) foreign.push(request.url());
		});
		await page.goto(otd.url);
		await page.locator('#text:not([disabled])').waitFor();
		await page.locator('#more:not([disabled])').waitFor();
		return page;
	}

	const text = (page) => page.locator('#text').inputValue();
	const count = async (page) => Number(await page.locator('#counter').textContent());
	const connected = (page) => page.locator('#status[data-state="connected"]').waitFor();

	// Both show the same, and what check wants of it.
	const same = (pages, what, read, check) => until(what, async () => {
		const [first, second] = await Promise.all(pages.map(read));
		return first === second && check(first);
	}, { timeout_ms });

	test('interleaved typing in two windows converges', async () => {
		const pages = [await openPage(), await openPage()];
		await pages[0].locator('#text').pressSequentially('the first line\n');
		await same(pages, 'the first line in both', text, (t) => t === 'the first line\n');

		// One types at the end, the other at the start, a key each in turn.
		await pages[0].locator('#text').press('Control+End');
		await pages[1].locator('#text').press('Control+Home');
		const [end, start] = ['at the end 💡', 'at the start, '];
		const keys = [[...end], [...start]];
		for (let i = 0; i < Math.max(keys[0].length, keys[1].length); i++)
			await Promise.all(pages.map((page, n) => keys[n][i] && page.keyboard.insertText(keys[n][i])));
		await same(pages, 'both texts in both windows', text, (t) => t === `${start}the first line\n${end}`);

		// And at the same place, where only a merge can tell.
		for (const page of pages) await page.locator('#text').press('Control+End');
		await Promise.all(pages.map((page, n) => page.locator('#text').pressSequentially(n ? 'BBBB' : 'aaaa', { delay: 15 })));
		await same(pages, 'the same mixture', text, (t) => t.replace(/[^]*💡/u, '').split('').sort().join('') === 'BBBBaaaa');

		// Deleting and replacing a selection.
		await pages[0].locator('#text').press('Control+Home');
		await pages[0].locator('#text').press('Shift+End');
		await pages[0].keyboard.insertText('replaced');
		await same(pages, 'the replacement', text, (t) => t.startsWith('replaced\nat the end 💡'));
		for (const page of pages) await page.close();
	});

	test('a cursor stays where it was when another types before it', async () => {
		const pages = [await openPage(), await openPage()];
		const area = pages[0].locator('#text');
		await area.fill('0123456789');
		await same(pages, 'ten digits', text, (t) => t === '0123456789');
		await area.evaluate((node) => { node.focus(); node.setSelectionRange(5, 7); });
		await pages[1].locator('#text').press('Control+Home');
		await pages[1].keyboard.insertText('💡!');
		await same(pages, 'the insertion', text, (t) => t === '💡!0123456789');
		assert.deepEqual(await area.evaluate((node) => [node.selectionStart, node.selectionEnd]), [8, 10]);
		for (const page of pages) await page.close();
	});

	test('the counter counts every click of both', async () => {
		const pages = [await openPage(), await openPage()];
		const before = await count(pages[0]);
		for (let i = 0; i < 10; i++) {
			await Promise.all(pages.map((page) => page.locator('#more').dispatchEvent('click')));
			if (i % 2) await pages[0].locator('#less').dispatchEvent('click');
		}
		await same(pages, 'fifteen more', count, (n) => n === before + 15);
		for (const page of pages) await page.close();
	});

	test('what was typed is there after a restart, and what was typed meanwhile arrives', async () => {
		const page = await openPage();
		await page.locator('#text').fill('to be kept: é💡');
		await page.locator('#more').click();
		await until('acknowledged', async () => (await text(page)) === 'to be kept: é💡', { timeout_ms });
		const other = await openPage();
		await same([page, other], 'the text in both', text, (t) => t === 'to be kept: é💡');
		const counted = await count(page);

		await otd.stop();
		await page.locator('#status[data-state="disconnected"], #status[data-state="connecting"]').waitFor();
		await page.locator('#text').press('Control+End');
		await page.keyboard.insertText(' and this');
		await page.locator('#more').click();
		await otd.up();
		await connected(page);
		await same([page, other], 'both after the restart', text, (t) => t === 'to be kept: é💡 and this');
		await same([page, other], 'the counter too', count, (n) => n === counted + 1);

		const fresh = await openPage();
		assert.equal(await text(fresh), 'to be kept: é💡 and this');
		assert.equal(await count(fresh), counted + 1);
	});

	test('the page is readable by machines that read to people', async () => {
		const page = await openPage();
		assert.equal(await page.getByRole('textbox', { name: 'A shared text' }).count(), 1);
		for (const name of ['one less', 'one more']) assert.equal(await page.getByRole('button', { name }).count(), 1);
		for (const role of ['banner', 'main', 'contentinfo', 'status'])
			assert.equal(await page.getByRole(role).first().count(), 1, role);
		assert.equal(await page.locator('html').getAttribute('lang'), 'en');
		assert.match(await (await page.request.get(`${otd.url}licenses.txt`)).text(), /sharedb/);
	});

	test('nothing was loaded from elsewhere, nothing was complained of', () => {
		assert.deepEqual(foreign, []);
		// The browser itself reports sockets that it could not open.
		assert.deepEqual(complaints.filter((text) => !/WebSocket connection/.test(text)), []);
	});
});
