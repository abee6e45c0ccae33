// A window of the studio, as a person uses it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { patience } from '../lib/paths.mjs';
import { until } from '../lib/process.mjs';

export const timeout_ms = 10_000 * patience;
export const KINDS = ['Rich text', 'Code', 'Form'];
export const PEOPLE = [{ name: 'Ada Lovelace', colour: '#8a3ffc' }, { name: 'Grace Hopper', colour: '#b3361e' }];

/** What the windows of a test said that they should not. */
export class Complaints {
	said = [];
	foreign = [];

	watch(page, url) {
		page.on('console', (line) => { if (line.type() === 'error') this.said.push(line.text()); });
		page.on('pageerror', (error) => this.said.push(error.stack ?? String(error)));
		page.on('request', (request) => { if (!request.url().startsWith(url)) this.foreign.push(request.url()); });
	}

	none() {
		assert.deepEqual(this.foreign, []);
		// The browser itself reports what it could not reach, and answers of 401.
		assert.deepEqual(this.said.filter((text) => !/WebSocket connection|Failed to load resource/.test(text)), []);
	}
}

/*
 * A window of its own: of several tabs in one Chromium draws the one in front,
 * and clicks in the others wait a second each for something to be drawn.  One is to be opened after
 * another.
 */
async function newWindow(browser) {
	const [first] = browser.pages();
	const cdp = await browser.newCDPSession(first);
	const [page] = await Promise.all([browser.waitForEvent('page'),
		cdp.send('Target.createTarget', { url: 'about:blank', newWindow: true })]);
	await cdp.detach();
	return page;
}

export class Window {
	static async open(browser, url, { person = PEOPLE[0], complaints, at = '' } = {}) {
		const page = await newWindow(browser);
		page.setDefaultTimeout(timeout_ms);
		complaints?.watch(page, url);
		await page.addInitScript((me) => {
			if (!sessionStorage.getItem('otd.me')) sessionStorage.setItem('otd.me', JSON.stringify(me));
		}, person);
		await page.goto(`${url}${at}`);
		return new Window(page, url);
	}

	constructor(page, url) {
		this.page = page;
		this.url = url;
	}

	get rich() { return this.page.locator('.editor-place .ql-editor'); }
	get code() { return this.page.locator('.editor-place .cm-content'); }
	get title() { return this.page.getByRole('textbox', { name: 'Title', exact: true }); }
	get slider() { return this.page.getByRole('slider', { name: 'Version' }); }
	get id() { return new URL(this.page.url()).hash.replace('#/d/', ''); }
	line(title) { return this.page.locator('.library .line', { has: this.page.locator('.line-title', { hasText: title }) }); }
	button(name) { return this.page.getByRole('button', { name, exact: true }); }
	field(name) { return this.page.getByLabel(name, { exact: true }); }

	/** A new document of a kind, made with its button and named. */
	async create(kind, title) {
		const before = this.page.url();
		await this.button(`New ${kind}`).click();
		await this.page.waitForURL((url) => url.href !== before && url.hash.startsWith('#/d/'));
		await this.opened('');
		await this.title.fill(title);
		return this.id;
	}

	/** The document of this title is open, and can be edited. */
	async opened(title) {
		await until(`"${title}" is open`, async () => (await this.title.count()) && (await this.title.inputValue()) === title, { timeout_ms });
		await this.page.locator('.editor-place > *').waitFor();
	}

	async go(id) {
		await this.page.evaluate((hash) => { location.hash = hash; }, id ? `#/d/${id}` : '#/');
		if (id) await this.page.locator('.editor-place > *').waitFor();
	}

	richText() { return this.rich.innerText(); }
	codeText() { return this.linesOf(this.code); }
	pastCode() { return this.linesOf(this.page.locator('.history-view .cm-content')); }

	/** The text of an editor of code, without the cursors in it. */
	linesOf(editor) {
		return editor.evaluate((node) => [...node.querySelectorAll('.cm-line')].map((line) => {
			const copy = line.cloneNode(true);
			for (const caret of copy.querySelectorAll('.otd-caret')) caret.remove();
			return copy.textContent;
		}).join('\n'));
	}

	saved() { return this.page.locator('.save-state[data-state="saved"]').waitFor(); }
	connection(state) { return this.page.locator(`.connection[data-state="${state}"]`).waitFor(); }
	offlineSwitch() { return this.page.getByRole('switch', { name: 'Work offline' }); }
	close() { return this.page.close(); }
}

/** Step by step until it is there; how many letters are one step is for the clock to say. */
export async function stepTo(step, what, read, check) {
	for (let i = 0; i < 50 && !check(await read()); i++) {
		const before = JSON.stringify(await read());
		await step();
		await until(`${what}: a step`, async () => JSON.stringify(await read()) !== before, { timeout_ms });
	}
	assert.ok(check(await read()), `${what}: ${JSON.stringify(await read())}`);
}

/** All windows come to show the same, and what check wants of it. */
export async function same(windows, what, read, check = () => true) {
	let seen;
	await until(what, async () => {
		seen = await Promise.all(windows.map(read));
		return seen.every((one) => JSON.stringify(one) === JSON.stringify(seen[0])) && check(seen[0]);
	}, { timeout_ms }).catch((error) => { throw new Error(`${error.message}; seen: ${JSON.stringify(seen)}`); });
	return seen[0];
}

const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe-core finds serious or critical in a page, as it is now. */
export async function serious(page) {
	if (!await page.evaluate(() => 'axe' in window)) await page.evaluate(axe);
	const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
	return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
		.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary}`).join('\n')}`);
}
