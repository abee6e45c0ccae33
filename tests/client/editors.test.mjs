// The bindings in a real browser: two windows type at once, the network is cut
// in between, and both have one text, their cursors, and their own undo.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Otd } from '../lib/otd.mjs';
import { openBrowser } from '../lib/browser.mjs';
import { patience, root, temporaryFolder } from '../lib/paths.mjs';
import { until } from '../lib/process.mjs';
import { startReference } from '../interop/reference.mjs';

const home = path.join(root, 'clients/js');
const { build } = createRequire(path.join(home, 'package.json'))('esbuild');
const timeout_ms = 30_000 * patience;
// Each on documents of a type.
const KINDS = { textarea: 'text-unicode', input: 'json0', codemirror: 'json0', monaco: 'text', quill: 'rich-text' };
// Fields show no cursors of others.
const SHOWS = ['codemirror', 'monaco', 'quill'];
// Both servers; ShareDB's own carries places of rich-text only: other cursors are otd's.
const SERVERS = {
	otd: { carries: Object.values(KINDS), start: async () => { const otd = await Otd.start(); return { url: otd.ws, stop: () => otd.stop() }; } },
	ShareDB: { carries: ['rich-text'], start: async () => { const { urls: [url], stop } = await startReference(); return { url, stop }; } },
};

async function bundle() {
	const outdir = temporaryFolder('editors');
	await build({
		entryPoints: ['page', 'page-react'].map((name) => path.join(root, `tests/client/${name}.mjs`)), outdir, bundle: true, splitting: true, format: 'esm',
		nodePaths: [path.join(home, 'node_modules'), path.join(root, 'tests/node_modules')],
		alias: { 'otd-client': path.join(home, 'dist') }, loader: { '.ttf': 'dataurl' }, logLevel: 'error', minify: true,
	});
	for (const name of ['page', 'page-react'])
		fs.writeFileSync(path.join(outdir, `${name}.html`), `<!doctype html><meta charset="utf-8"><title>editor</title>
			<link rel="stylesheet" href="page.css"><style>#editor, textarea { width: 700px; height: 300px }</style>
			<div id="editor"></div><script type="module" src="${name}.js"></script>`);
	const types = { html: 'text/html', js: 'text/javascript', css: 'text/css' };
	const server = http.createServer((request, answer) => {
		const file = path.join(outdir, path.normalize(new URL(request.url, 'http://x').pathname));
		if (!fs.existsSync(file)) return answer.writeHead(404).end();
		answer.writeHead(200, { 'content-type': types[path.extname(file).slice(1)] ?? 'application/octet-stream' });
		answer.end(fs.readFileSync(file));
	});
	await new Promise((done) => server.listen(0, '127.0.0.1', done));
	return { url: `http://127.0.0.1:${server.address().port}/`, stop: () => server.close() };
}

let site, browser;
before(async () => { [site, browser] = await Promise.all([bundle(), openBrowser()]); });
after(async () => {
	await browser?.close();
	site?.stop();
});

for (const [name, { carries, start }] of Object.entries(SERVERS)) describe(`editors on ${name}`, { timeout: 300_000 * patience }, () => {
	let server;
	const complaints = [];

	before(async () => { server = await start(); });
	after(async () => {
		await server?.stop();
		assert.deepEqual(complaints, []);
	});

	async function open(editor, doc, name, colour) {
		const page = await browser.newPage();
		page.setDefaultTimeout(timeout_ms);
		page.on('pageerror', (error) => complaints.push(`${editor}: ${error}`));
		const at = new URL(editor === 'react' ? 'page-react.html' : 'page.html', site.url);
		at.search = new URLSearchParams({ editor, doc, name, colour, type: KINDS[editor] ?? '', server: server.url });
		await page.goto(at.href);
		await page.waitForFunction('window.page');
		return page;
	}
	const call = (page, name, ...args) => page.evaluate(([name, args]) => window.page[name](...args), [name, args]);
	const text = (page) => call(page, 'text');
	// Both show the same, and it is what the document holds.
	const agree = (pages, check) => until('the windows to agree', async () => {
		const shown = await Promise.all(pages.map(text));
		const [saved] = await Promise.all(pages.map((page) => page.evaluate(() => window.page.doc.saveState)));
		return saved === 'saved' && shown[0] === shown[1] && check(shown[0]);
	}, { timeout_ms });

	for (const [kind, type] of Object.entries(KINDS)) {
		const shows = SHOWS.includes(kind) && carries.includes(type);
		const both = (id) => Promise.all([open(kind, `${kind}-${id}`, 'Ann', '#cc0000'), open(kind, `${kind}-${id}`, 'Ben', '#0000cc')]);
		// Where each one's own cursor is, and where each sees the other's.
		const cursors = (pages, own, seen) => until('the cursors', async () => {
			for (const [i, page] of pages.entries()) {
				if (await call(page, 'at') !== own[i]) return false;
				if (!shows) continue;
				const others = await call(page, 'cursors');
				if (others.length !== 1 || others[0].name !== ['Ben', 'Ann'][i] || others[0].at !== seen[i]) return false;
			}
			return true;
		}, { timeout_ms });

		test(`${kind}: two type at once, with cuts; all is there, and so are their cursors`, async () => {
			const pages = await both('typing');
			await call(pages[0], 'write', 0, '[][😀]');
			await agree(pages, (all) => all === '[][😀]');
			const words = ['a', 'b'].map((who) => [...Array(12).keys()].map((i) => `${who}${i} `));
			await Promise.all(pages.map(async (page, i) => {
				await call(page, 'focus');
				await call(page, 'select', [1, 3][i], [1, 3][i]);
				for (const [n, word] of words[i].entries()) {
					if (n % 4 === 2) await page.evaluate(() => window.page.client.connection.socket._ws?.close());
					await page.keyboard.type(word, { delay: 3 });
				}
			}));
			const [a, b] = words.map((all) => all.join(''));
			await agree(pages, (all) => all.replaceAll('\u00a0', ' ') === `[${a}][${b}😀]`);
			const at = [1 + a.length, 3 + a.length + b.length];
			await cursors(pages, at, [...at].reverse());
			for (const page of pages) await page.close();
		});

		test(`${kind}: emoji, and what an input method composes`, async () => {
			const pages = await both('ime');
			await pages[0].bringToFront();
			await call(pages[0], 'focus');
			await pages[0].keyboard.insertText('👩‍👩‍👧x');
			await agree(pages, (all) => all === '👩‍👩‍👧x');
			const session = await pages[0].context().newCDPSession(pages[0]);
			await session.send('Input.imeSetComposition', { text: 'に', selectionStart: 1, selectionEnd: 1 });
			await call(pages[1], 'write', 0, '> ');
			await session.send('Input.imeSetComposition', { text: 'にほ', selectionStart: 2, selectionEnd: 2 });
			await session.send('Input.insertText', { text: '日本' });
			await agree(pages, (all) => all.startsWith('> ') && all.includes('日本') && all.includes('👩‍👩‍👧x') && !all.includes('に'));
			await pages[0].keyboard.press('Backspace');
			await agree(pages, (all) => all === '> 👩‍👩‍👧x日');
			for (const page of pages) await page.close();
		});

		test(`${kind}: a selection stays, cursors are seen, and undo takes back one's own`, async () => {
			const pages = await both('undo');
			await pages[0].bringToFront();
			await call(pages[0], 'focus');
			await pages[0].keyboard.insertText('one two');
			await agree(pages, (all) => all === 'one two');
			await call(pages[0], 'select', 4, 7);
			if (shows) await until('the cursor to be seen', async () => (await call(pages[1], 'cursors'))[0]?.at === 7, { timeout_ms });
			await pages[1].bringToFront();
			await call(pages[1], 'focus');
			await call(pages[1], 'select', 0, 0);
			await pages[1].keyboard.insertText('three ');
			await agree(pages, (all) => all === 'three one two');
			assert.equal(await call(pages[0], 'selected'), 'two');
			await cursors(pages, [13, 6], [6, 13]);
			await call(pages[0], 'undo');
			await agree(pages, (all) => all === 'three ');
			for (const page of pages) await page.close();
		});
	}

	test('react: the hooks in StrictMode', async () => {
		const [ann, ben] = [await open('react', '', 'Ann', ''), await open('react', '', 'Ben', '')];
		const says = (page, id, what) => page.waitForFunction(([id, what]) =>
			document.getElementById(id)?.textContent === what, [id, what]);
		await Promise.all([ann, ben].map((page) => says(page, 'status', 'online')));
		await Promise.all([ann, ben].map((page) => says(page, 'tags', 'a')));
		await ann.bringToFront();
		await ann.locator('#title').pressSequentially('Plan');
		await ben.waitForFunction(() => document.getElementById('title').value === 'Plan');
		await says(ben, 'list', 'one: Plan');
		await says(ben, 'others', 'Ann');
		await says(ann, 'saved', 'saved');
		// What did not change is the same object, render after render.
		assert.equal(await ann.evaluate(() => [...window.tags].filter(Array.isArray).length), 1);
		await ben.locator('#other').click();
		await ben.waitForFunction(() => document.getElementById('title').value === '');
		await ann.locator('#undo').click();
		await ann.waitForFunction(() => document.getElementById('title').value !== 'Plan');
		await ann.evaluate(() => window.page.client.disconnect());
		await says(ann, 'status', 'offline');
		assert.ok(await ann.evaluate(() => window.page.renders()) < 200);
		for (const page of [ann, ben]) await page.close();
	});
});
