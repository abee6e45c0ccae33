// Each example, built as its README says with the package that npm packs, in two windows on a real otd.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import WebSocket from 'ws';
import { openBrowser } from '../lib/browser.mjs';
import { Otd } from '../lib/otd.mjs';
import { patience } from '../lib/paths.mjs';
import { Program, run, until } from '../lib/process.mjs';
import { connect } from '../../clients/js/dist/index.js';
import { application, home, openPage, pack, quiet, serve, tool } from './bundle-app.mjs';

const timeout_ms = 30_000 * patience;
const source = path.join(home, 'examples');
const NAMES = fs.readdirSync(source).filter((name) => fs.existsSync(path.join(source, name, 'package.json')));

/** In a page: is there a record in IndexedDB that has this text? */
async function onDisk(text) {
	const done = (request) => new Promise((resolve, reject) => {
		request.onsuccess = () => resolve(request.result);
		request.onerror = () => reject(request.error);
	});
	for (const { name } of await indexedDB.databases()) {
		const db = await done(indexedDB.open(name));
		const stores = [...db.objectStoreNames];
		const all = await Promise.all(stores.map((store) => done(db.transaction(store).objectStore(store).getAll())));
		db.close();
		if (JSON.stringify(all).includes(text)) return true;
	}
	return false;
}

describe('examples', { timeout: 400_000 * patience }, () => {
	let app, otd, browser;
	const at = (...names) => path.join(app, 'examples', ...names);
	const said = (name) => JSON.parse(fs.readFileSync(path.join(source, name, 'package.json')));
	const complaints = [];

	before(async () => {
		[app, otd, browser] = await Promise.all([
			application({ borrow: ['typescript', '@types/react', '@types/react-dom', 'csstype'] }), Otd.start(), openBrowser(),
		]);
		fs.cpSync(source, at(), { recursive: true });
	});
	after(async () => {
		await browser?.close();
		await otd?.stop();
		assert.deepEqual(complaints, []);
	});

	/** Build an example with the command of its own package.json, and serve what comes of it. */
	async function site(name) {
		await run('npm', ['run', '--silent', 'build'], { cwd: at(name), env: quiet });
		return serve(fs.existsSync(at(name, 'dist')) ? at(name, 'dist') : at(name));
	}
	async function open({ url }, asked) {
		const query = new URLSearchParams({ server: otd.ws, ...asked });
		return openPage(browser, `${url}?${query}`, complaints, timeout_ms);
	}
	const saved = (page) => page.locator('output', { hasText: /^saved$/ }).waitFor();
	const agree = (pages, read, check) => until('the windows to agree', async () => {
		const [one, two] = await Promise.all(pages.map(read));
		return one === two && check(one) && one;
	}, { timeout_ms });
	async function close(server, pages) {
		for (const page of pages) await page.close();
		server.stop();
	}

	test('all five are here, and want versions that they are tested with', () => {
		assert.deepEqual(NAMES.sort(), ['bot', 'code', 'notes', 'offline', 'todo']);
		const readme = fs.readFileSync(path.join(source, 'README.md'), 'utf8');
		for (const name of NAMES) {
			assert.ok(readme.includes(`\`${name}/\``), name);
			const { dependencies, devDependencies, scripts } = said(name);
			assert.ok(scripts.start, name);
			for (const [other, wanted] of Object.entries({ ...dependencies, ...devDependencies })) {
				const { version } = JSON.parse(fs.readFileSync(path.join(app, 'node_modules', other, 'package.json')));
				assert.equal(other === 'otd-client' ? wanted.replace('^', '') : wanted, version, `${name}: ${other}`);
			}
		}
		const { version } = JSON.parse(fs.readFileSync(path.join(home, 'package.json')));
		assert.ok(readme.includes(`otd-client-${version}.tgz`));
	});

	test('bot: installs by itself, as the README says, and counts the words of notes while people write them', async () => {
		const [line, archive] = /^npm install .*\/(otd-client.*)$/m.exec(fs.readFileSync(path.join(source, 'README.md'), 'utf8'));
		fs.renameSync(await pack(), path.join(app, archive));
		const before = fs.readFileSync(at('bot/package.json'), 'utf8');
		await run('sh', ['-c', `${line} --ignore-scripts --prefer-offline --loglevel=error`], { cwd: at('bot') });
		assert.ok(fs.existsSync(at('bot/node_modules/otd-client/dist/index.js')) && fs.existsSync(at('bot/node_modules/ws')));
		assert.equal(fs.readFileSync(at('bot/package.json'), 'utf8'), before);
		const bot = new Program(process.execPath, ['bot.mjs', otd.ws], { cwd: at('bot') });
		await bot.waitFor(/^online$/, timeout_ms);
		const client = connect(otd.ws, { WebSocket });
		try {
			const words = (note, n) => until(`${n} words`, () => note.data.words === n, { timeout_ms });
			const one = await client.doc('notes', 'one').open({ create: { text: 'three small words' } });
			await words(one, 3);
			await one.submit([{ p: ['text', 0], si: 'now it is ' }]);
			await words(one, 6);
			// One that comes later; and the first is watched still.
			const two = await client.doc('notes', 'two').open({ create: { text: '' } });
			await words(two, 0);
			await Promise.all([two.submit([{ p: ['text', 0], si: 'a b' }]), one.submit([{ p: ['text', 0], sd: 'now it is ' }])]);
			await words(two, 2);
			await words(one, 3);
			// How often it writes is not said: it leaves nothing behind, and no loop.
			const { version } = one;
			await client.saved();
			assert.equal(one.version, version);
			assert.deepEqual(one.data, { text: 'three small words', words: 3 });
		} finally {
			client.close();
			assert.deepEqual(await bot.stop('SIGTERM', timeout_ms), { code: 0, signal: null });
		}
		assert.ok(bot.lines.includes('one: 6 words'), bot.said());
	});

	test('notes: two windows write in one', async () => {
		const server = await site('notes');
		const pages = [await open(server, { note: 'plain' }), await open(server, { note: 'plain' })];
		const fields = pages.map((page) => page.getByLabel('Everybody who has this page open'));
		for (const field of fields) await field.and(field.page().locator(':enabled')).waitFor();
		await fields[0].pressSequentially('one writes here.');
		await agree(fields, (field) => field.inputValue(), (text) => text === 'one writes here.');
		await fields[1].press('Control+Home');
		await Promise.all([fields[0].pressSequentially(' and at the end'), fields[1].pressSequentially('the other before: ')]);
		await agree(fields, (field) => field.inputValue(), (text) => text === 'the other before: one writes here. and at the end');
		for (const page of pages) await saved(page);
		await close(server, pages);
	});

	test('todo: its types hold; two windows tick, add and undo', async () => {
		await run(...tool(app, 'typescript/bin/tsc'), { cwd: at('todo') });
		const server = await site('todo');
		const pages = [await open(server, { name: 'Ann' }), await open(server, { name: 'Ben' })];
		const [ann, ben] = pages;
		// Windows that are behind draw seldom, and a click waits for that.
		const click = async (page, name) => {
			await page.bringToFront();
			await page.getByRole('button', { name }).click();
		};
		const add = async (page, text) => {
			await page.getByLabel('New task').fill(text);
			await click(page, 'Add');
			await page.getByText(text, { exact: true }).waitFor();
		};
		const tasks = (page) => page.locator('li').evaluateAll((items) =>
			items.map((item) => `${item.querySelector('input').checked ? 'x' : '-'} ${item.querySelector('span').textContent}`).join('\n'));

		await ann.getByText('also here: Ben').waitFor();
		await ben.getByText('also here: Ann').waitFor();
		await add(ann, 'bread');
		await ben.getByText('bread', { exact: true }).waitFor();
		await add(ben, 'milk');
		await ann.bringToFront();
		await ann.getByLabel('bread', { exact: true }).check();
		await agree(pages, tasks, (list) => list === 'x bread\n- milk');
		// Ann takes back what she did, the tick first; Ben's milk stays.
		await click(ann, 'Undo');
		await agree(pages, tasks, (list) => list === '- bread\n- milk');
		await click(ann, 'Undo');
		await agree(pages, tasks, (list) => list === '- milk');
		await click(ann, 'Redo');
		await agree(pages, tasks, (list) => list === '- bread\n- milk');
		await click(ben, 'Remove bread');
		await agree(pages, tasks, (list) => list === '- milk');
		for (const page of pages) await saved(page);
		await close(server, pages);
	});

	test('code: two windows type, and see each other\'s cursors', async () => {
		const server = await site('code');
		const pages = [await open(server, { name: 'Ann', colour: '#b3261e' }), await open(server, { name: 'Ben', colour: '#1e6fb3' })];
		const editors = pages.map((page) => page.getByRole('textbox', { name: 'Code' }));
		const text = (editor) => editor.locator('.cm-line').allTextContents().then((lines) => lines.join('\n'));
		await editors[0].pressSequentially('let first = 1;');
		await until('it to be there', async () => (await editors[1].textContent()).includes('let first = 1;'), { timeout_ms });
		await editors[1].press('Control+Home');
		await Promise.all([editors[0].pressSequentially(' // end'), editors[1].pressSequentially('// start ')]);
		// The others' names stand in the lines, too.
		const bare = async (editor) => (await text(editor)).replace(/Ann|Ben|\u2060|\u200b/g, '');
		await agree(editors, bare, (shown) => shown === '// start let first = 1; // end');
		await pages[1].locator('.otd-caret-name', { hasText: 'Ann' }).waitFor({ state: 'attached' });
		// Undo takes back one's own.
		await editors[0].press('Control+z');
		await agree(editors, bare, (shown) => shown.startsWith('// start ') && !shown.includes('end'));
		for (const page of pages) await saved(page);
		await close(server, pages);
	});

	test('offline: written without a server and over a closed window, each edit arrives once', async () => {
		const server = await site('offline');
		const text = (page) => page.locator('.ql-editor').innerText();
		const write = (page, words) => page.locator('.ql-editor').pressSequentially(words);
		const state = (page, what) => page.locator('output', { hasText: new RegExp(`^${what}$`) }).waitFor();

		let mine = await open(server, { page: 'kept' });
		await mine.locator('.ql-editor').click();
		await write(mine, 'before. ');
		await saved(mine);
		await mine.getByLabel('Work offline').check();
		await write(mine, 'away. ');
		await state(mine, 'offline');
		await until('it to be on disk', () => mine.evaluate(onDisk, 'before. away. '), { timeout_ms });
		await mine.close();

		// A window on a server that is not there.
		const expected = complaints.length;
		await otd.stop();
		mine = await open(server, { page: 'kept' });
		await until('what was written', async () => /before\. away\./.test(await text(mine)), { timeout_ms });
		await mine.locator('.ql-editor').click();
		await mine.locator('.ql-editor').press('Control+End');
		await write(mine, 'reopened. ');
		await state(mine, 'offline');

		await otd.up();
		const other = await open(server, { page: 'kept' });
		await saved(mine);
		await agree([mine, other], text, (shown) => shown.replace(/\s+/g, ' ').trim() === 'before. away. reopened.');
		await close(server, [mine, other]);
		// Chromium says of each attempt that nobody was there.
		const about = complaints.splice(expected);
		assert.deepEqual(about.filter((line) => !/WebSocket connection to .* failed/.test(line)), []);
	});
});
