// The package as npm packs it, installed into applications: what bundlers make of it with no word of
// configuration runs in a browser, Node imports it, and TypeScript finds its types.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openBrowser } from '../lib/browser.mjs';
import { Otd } from '../lib/otd.mjs';
import { patience } from '../lib/paths.mjs';
import { Program, freePort, run } from '../lib/process.mjs';
import { application, home, openPage, quiet, serve, tool, write } from './bundle-app.mjs';

const timeout_ms = 30_000 * patience;
const entries = Object.keys(JSON.parse(fs.readFileSync(path.join(home, 'package.json'))).exports)
	.filter((name) => name !== './package.json').map((name) => name.replace('.', 'otd-client'));

// A form whose one field is shared, on a client that `from` makes.
const form = (page, from) => `
	import { connect } from 'otd-client';
	import { OtdProvider, useDoc, useDocData, useSaveState } from 'otd-client/react';
	import { useEffect, useState } from 'react';

	function Title() {
		const { doc } = useDoc('pages', '${page}', { create: { title: '' } });
		const title = useDocData(doc, (data) => data.title);
		return <input data-save={useSaveState(doc)} disabled={!doc} value={title ?? ''}
			onChange={(event) => doc.submit([{ p: ['title'], od: title, oi: event.target.value }])} />;
	}
	${from}`;
const OF_PAGE = `
	export default function Page() {
		const [client, setClient] = useState(null);
		useEffect(() => {
			const made = connect(new URLSearchParams(location.search).get('server'));
			setClient(made);
			return () => { void made.close(); };
		}, []);
		return client && <OtdProvider client={client}><Title /></OtdProvider>;
	}`;
// As one writes it where the page's own server passes /ws on. Where it is rendered it stays offline.
const OF_MODULE = `
	const client = connect(typeof location === 'undefined' ? '/ws' : new URLSearchParams(location.search).get('server'));

	export default function Page() {
		return <OtdProvider client={client}><Title /></OtdProvider>;
	}`;

// How JSX is meant is what an application says of itself, not what the package needs.
const VITE = {
	'vite/tsconfig.json': '{ "compilerOptions": { "jsx": "react-jsx" } }',
	'vite/index.html': '<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>page</title><div id="page"></div><script type="module" src="./main.tsx"></script></html>',
	'vite/page.tsx': form('vite', OF_PAGE),
	'vite/main.tsx': `
		import { createRoot } from 'react-dom/client';
		import Page from './page';
		// Every entry is in the bundle.
		${entries.map((name, i) => `import * as entry${i} from '${name}';`).join('\n')}
		window.entries = [${entries.map((_, i) => `entry${i}`)}].map((entry) => Object.keys(entry).length);
		createRoot(document.getElementById('page')).render(<Page />);`,
};
const NEXT = {
	'app/layout.jsx': 'export default function Layout({ children }) { return <html lang="en"><body>{children}</body></html>; }',
	'app/page.jsx': `'use client';\n${form('next', OF_MODULE)}`,
};

describe('in applications', { timeout: 500_000 * patience }, () => {
	let app, otd, browser;
	const complaints = [];

	before(async () => {
		[app, otd, browser] = await Promise.all([
			application({ borrow: ['typescript', 'monaco-editor', '@types/node', '@types/react', 'csstype'] }), Otd.start(), openBrowser(),
		]);
		write(app, { ...VITE, ...NEXT });
	});
	after(async () => {
		await browser?.close();
		await otd?.stop();
		assert.deepEqual(complaints, []);
	});

	/** Two windows of a page with the form: what is typed in one is in the other; what `look` finds there. */
	async function works(url, look = () => {}) {
		const at = `${url}?server=${encodeURIComponent(otd.ws)}`;
		const pages = [await openPage(browser, at, complaints, timeout_ms), await openPage(browser, at, complaints, timeout_ms)];
		const text = `said at ${url}`;
		await pages[0].locator('input:enabled').fill(text);
		await pages[1].locator('input:enabled').and(pages[1].locator(`[value="${text}"]`)).waitFor();
		await pages[0].locator('input[data-save="saved"]').waitFor();
		const found = await look(pages[0]);
		for (const page of pages) await page.close();
		return found;
	}

	test('Vite builds it', async () => {
		const said = await run(...tool(app, 'vite/bin/vite.js', 'build', '--base', './'), { cwd: path.join(app, 'vite'), env: quiet });
		// ShareDB looks for Node's util and does without it where there is none.
		const others = said.split('\n').filter((line) => /warn|externalized|polyfill/i.test(line) &&
			!/"util" has been externalized .* imported by ".*\/sharedb\/lib\/util\.js"|chunkSizeWarningLimit/.test(line));
		assert.deepEqual(others, []);
		const site = await serve(path.join(app, 'vite/dist'));
		try {
			const counts = await works(site.url, (page) => page.evaluate('window.entries'));
			assert.ok(counts.length === entries.length && counts.every((n) => n > 0), String(counts));
		} finally {
			site.stop();
		}
	});

	test('Vite serves it while one develops', async () => {
		const port = await freePort();
		const server = new Program(...tool(app, 'vite/bin/vite.js', '--host', '127.0.0.1', '--port', String(port), '--strictPort'),
			{ cwd: path.join(app, 'vite'), env: quiet, detached: true });
		try {
			await server.waitFor(/ready in/, timeout_ms);
			await works(`http://127.0.0.1:${port}/`);
			// That of util, as above, is told here, too.
			const isOfUtil = (said) => said.includes('Module "util" has been externalized') && said.includes('util.inherits');
			complaints.splice(0, complaints.length, ...complaints.filter((said) => !isOfUtil(said)));
		} finally {
			await server.kill();
		}
	});

	test('esbuild builds it, with React 18 in the place of 19', async () => {
		await run(...tool(app, 'esbuild/bin/esbuild', 'vite/main.tsx', '--bundle', '--format=esm', '--outdir=esbuild', '--jsx=automatic',
			'--log-level=warning', '--alias:react=react-18', '--alias:react-dom=react-dom-18'), { cwd: app, env: quiet });
		const made = fs.readFileSync(path.join(app, 'esbuild/main.js'), 'utf8');
		assert.match(made, /"18\.3\.1"|18\.3\.1-/);
		assert.doesNotMatch(made, /"19\.\d+\.\d+/);
		write(app, { 'esbuild/index.html': VITE['vite/index.html'].replace('main.tsx', 'main.js') });
		const site = await serve(path.join(app, 'esbuild'));
		try {
			await works(site.url);
		} finally {
			site.stop();
		}
	});

	test('Next builds it, and serves it with webpack', async () => {
		const said = await run(...tool(app, 'next/dist/bin/next', 'build', '--no-lint'), { cwd: app, env: quiet });
		assert.doesNotMatch(said, /not found:|can't resolve|attempted import|critical dependency/i);
		await serves('start', /Ready in/);
	});

	test('Next serves it with Turbopack while one develops', async () => {
		await serves('dev', /Ready in/, '--turbopack');
	});

	async function serves(command, sign, ...options) {
		const port = await freePort();
		const server = new Program(...tool(app, 'next/dist/bin/next', command, '-H', '127.0.0.1', '-p', String(port), ...options),
			{ cwd: app, env: quiet, detached: true });
		try {
			await server.waitFor(sign, timeout_ms);
			await works(`http://127.0.0.1:${port}/`);
		} finally {
			await server.kill();
		}
	}

	test('Node imports it, and works with it', async () => {
		write(app, { 'node.mjs': `
			import WebSocket from 'ws';
			import { connect } from 'otd-client';
			for (const name of ['otd-client/react', 'otd-client/text', 'otd-client/undo', 'otd-client/offline', 'otd-client/textarea',
				'otd-client/codemirror', 'otd-client/monaco', 'otd-client/quill']) await import(name);
			const client = connect(${JSON.stringify(otd.ws)}, { WebSocket });
			const doc = await client.doc('pages', 'node').open({ create: { n: 1 } });
			await doc.submit([{ p: ['n'], na: 1 }]);
			console.log(JSON.stringify([doc.data, doc.saveState, client.status]));
			client.close();` });
		const said = await run(process.execPath, ['node.mjs'], { cwd: app });
		assert.equal(said, '[{"n":2},"saved","online"]');
	});

	// An application that uses each entry by a type and a value of it.
	const TYPES = `
		import { connect, type Doc, type SaveState } from 'otd-client';
		import { SharedText, type TextOp } from 'otd-client/text';
		import { bindTextarea } from 'otd-client/textarea';
		import { codemirror } from 'otd-client/codemirror';
		import { bindMonaco } from 'otd-client/monaco';
		import { bindQuill } from 'otd-client/quill';
		import { offline } from 'otd-client/offline';
		import { useDoc, useDocData } from 'otd-client/react';
		import { UndoManager } from 'otd-client/undo';

		interface Note { title: string; tags: string[] }
		const client = connect('ws://localhost/', { offline: offline() });
		export const note: Doc<Note> = client.doc<Note>('notes', 'one');
		export const state: SaveState = note.saveState;
		export const title: string | undefined = note.data?.title;
		// @ts-expect-error: a document knows its shape
		export const wrong: number | undefined = note.data?.title;
		export const op: TextOp = [1, 'a', { d: 1 }];
		export const used = [SharedText, bindTextarea, codemirror, bindMonaco, bindQuill, UndoManager];
		export function useTitle(): string | undefined {
			const { doc } = useDoc<Note>('notes', 'one');
			return useDocData(doc, (data) => data.title);
		}`;
	for (const [module, moduleResolution] of [['esnext', 'bundler'], ['node16', 'node16'], ['nodenext', 'nodenext']])
		test(`TypeScript finds its types: ${moduleResolution}`, async () => {
			const compilerOptions = { module, moduleResolution, target: 'es2022', lib: ['es2022', 'dom', 'dom.iterable'], strict: true,
				exactOptionalPropertyTypes: true, noEmit: true, types: [] };
			write(app, { [`types-${moduleResolution}/app.mts`]: TYPES,
				[`types-${moduleResolution}/tsconfig.json`]: JSON.stringify({ compilerOptions, files: ['app.mts'] }) });
			const compiler = new Program(...tool(app, 'typescript/bin/tsc', '-p', `types-${moduleResolution}`), { cwd: app });
			await compiler.ended;
			// The types of other packages have faults of their own.
			const faults = compiler.lines.filter((line) => /error TS/.test(line) && !/^node_modules\/(?!otd-client\/)/.test(line));
			assert.deepEqual(faults, []);
			assert.ok(compiler.exit.code === 0 || compiler.said().includes('error TS'), compiler.said());
		});
});
