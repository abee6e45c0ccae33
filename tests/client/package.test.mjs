// What the package promises of its files, as npm packs them: all there and nothing else, types that hold, sizes
// within budget, and that what one does not use is left out.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { root, temporaryFolder } from '../lib/paths.mjs';
import { run } from '../lib/process.mjs';
import { home, pack } from './bundle-app.mjs';
import { BUDGET, WHOLE_BUDGET, api } from './package-api.mjs';

const said = JSON.parse(fs.readFileSync(path.join(home, 'package.json')));
const { build } = createRequire(path.join(home, 'package.json'))('esbuild');
const { publint } = await import(createRequire(path.join(root, 'tests/bundlers/package.json')).resolve('publint'));
const { formatMessage } = await import(createRequire(path.join(root, 'tests/bundlers/package.json')).resolve('publint/utils'));
const entries = Object.keys(said.exports).filter((name) => name !== './package.json');

const size = (contents) => gzipSync(contents, { level: 9 }).length;
const bundle = (contents, options) => build({
	stdin: { contents, resolveDir: home }, bundle: true, minify: true, format: 'esm', platform: 'browser', write: false, metafile: true,
	logLevel: 'silent', ...options,
});

// What entries come with, that are entries of their own: bindings with the text, hooks with all.
const UPON = { './codemirror': ['./text'], './monaco': ['./text', './undo'], './quill': ['./text'], './react': ['.', './undo'] };
const partsOf = async (names) => {
	const { metafile: { inputs } } = await build({
		entryPoints: names.map((name) => path.join(home, said.exports[name].default)), outdir: home,
		bundle: true, format: 'esm', packages: 'external', write: false, metafile: true, logLevel: 'error',
	});
	return Object.keys(inputs).filter((file) => file.includes('chunk-')).map((file) => `./${path.basename(file)}`);
};

test('each entry is within its budget', async () => {
	assert.deepEqual([...entries].sort(), Object.keys(BUDGET).sort());
	for (const name of entries) {
		const { outputFiles: [file] } = await build({
			entryPoints: [path.join(home, said.exports[name].default)],
			bundle: true, minify: true, format: 'esm', packages: 'external', write: false, logLevel: 'error',
			external: UPON[name] ? await partsOf(UPON[name]) : [],
		});
		assert.ok(size(file.contents) <= BUDGET[name] * 1000, `${name} has ${size(file.contents)} bytes`);
	}
});

test('the types hold', () => {
	execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '--noEmit'], { cwd: home });
});

test('a bundle for browsers needs nothing else, and is within its budget', async () => {
	const { warnings, outputFiles: [file] } = await bundle("import { connect } from './dist/index.js'; console.log(connect)");
	assert.deepEqual(warnings, []);
	assert.ok(size(file.contents) <= WHOLE_BUDGET * 1000, `${size(file.contents)} bytes`);
});

describe('what is not used is left out', () => {
	const kept = async (contents) => {
		const { metafile: { outputs } } = await bundle(contents, { external: ['react', '@codemirror/*'] });
		return Object.entries(Object.values(outputs)[0].inputs).filter(([name, { bytesInOutput }]) => bytesInOutput && name !== '<stdin>')
			.map(([name]) => name);
	};
	test('an entry of which nothing is used, wholly', async () => {
		for (const name of entries) assert.deepEqual(await kept(`import '${name.replace('.', 'otd-client')}'`), [], name);
	});
	test('the text of a document, where only changes are counted', async () => {
		const { outputFiles: [{ text }] } = await bundle("import { textDiff } from 'otd-client/text'; console.log(textDiff)", { minify: false });
		assert.match(text, /function textDiff/);
		assert.doesNotMatch(text, /SharedText|class /);
	});
	test('undo, where only other hooks are', async () => {
		const text = async (name) => (await bundle(`import { ${name} as hook } from 'otd-client/react'; console.log(hook)`,
			{ external: ['react'], minify: false })).outputFiles[0].text;
		assert.match(await text('useUndo'), /canUndo/);
		assert.doesNotMatch(await text('useClient'), /canUndo/);
	});
	test('the text types, where no text is bound', async () => {
		const names = await kept("import { connect } from 'otd-client'; console.log(connect)");
		assert.ok(names.some((name) => name.includes('/sharedb/')));
		assert.deepEqual(names.filter((name) => /ot-text|idb|react|chunk-.*undo/.test(name)), []);
	});
});

describe('as packed', () => {
	let archive, folder, files;
	const read = (name) => fs.readFileSync(path.join(folder, name), 'utf8');

	before(async () => {
		archive = await pack();
		const out = temporaryFolder('packed');
		await run('tar', ['-xzf', archive, '-C', out]);
		folder = path.join(out, 'package');
		files = fs.readdirSync(folder, { recursive: true }).map(String).filter((name) => fs.statSync(path.join(folder, name)).isFile());
	});

	test('publint finds nothing', async () => {
		const tarball = fs.readFileSync(archive);
		const { messages, pkg } = await publint({
			strict: true, pack: { tarball: tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.length) },
		});
		assert.equal(pkg.name, said.name);
		assert.deepEqual(messages.map((message) => formatMessage(message, pkg)), []);
	});

	test('it holds what is built, the README and the licence', () => {
		assert.deepEqual(files.filter((name) => !name.startsWith('dist/')).sort(), ['LICENSE', 'README.md', 'package.json']);
		assert.equal(read('LICENSE'), fs.readFileSync(path.join(root, 'LICENSE'), 'utf8'));
		assert.deepEqual(files.filter((name) => name.startsWith('dist/') && !/\.(js|js\.map|d\.ts)$/.test(name)), []);
		for (const name of entries)
			for (const kind of ['types', 'default']) assert.ok(files.includes(path.normalize(said.exports[name][kind])), `${name}: ${kind}`);
	});

	test('whatever its files import is there, or a package that it depends on', () => {
		const known = [...Object.keys(said.dependencies), ...Object.keys(said.peerDependencies)];
		const used = new Set();
		for (const name of files.filter((name) => /\.(js|d\.ts)$/.test(name)))
			for (const [, from] of read(name).matchAll(/(?:\bfrom|\bimport) ?\(?["']([^"'\n]+)["']/g)) {
				if (/ \* /.test(from)) continue;
				if (from.startsWith('.')) {
					const at = path.join(path.dirname(name), name.endsWith('.d.ts') ? from.replace(/\.js$/, '.d.ts') : from);
					assert.ok(files.includes(at), `${name} imports ${from}`);
				} else if (!from.startsWith('otd-client')) {
					const one = known.find((known) => from === known || from.startsWith(`${known}/`));
					assert.ok(one, `${name} imports ${from}`);
					used.add(one);
				}
			}
		// ShareDB's client asks for these in a browser, and for the types.
		for (const name of ['events', 'inherits', '@types/sharedb']) used.add(name);
		assert.deepEqual(known.filter((name) => !used.has(name)), []);
		for (const name of Object.keys(said.peerDependencies)) assert.equal(said.peerDependenciesMeta[name]?.optional, true, name);
	});

	test('every export is in the code, and is told of', async () => {
		const untold = [];
		for (const name of entries) {
			const exports = api(path.join(folder, said.exports[name].types));
			const values = [...exports].filter(([, { isValue }]) => isValue).map(([one]) => one).sort();
			const module = await import(pathToFileURL(path.join(home, said.exports[name].default)));
			assert.deepEqual(Object.keys(module).sort(), values, name);
			for (const [one, { isTold }] of exports) if (!isTold) untold.push(`${name}: ${one}`);
		}
		assert.deepEqual(untold, []);
	});

	test('nothing in it names this machine, and the maps carry their sources', () => {
		const here = [root, os.homedir(), os.tmpdir(), os.hostname()].filter((name) => name.length > 3);
		for (const name of files) {
			const text = read(name);
			assert.deepEqual(here.filter((word) => text.includes(word)), [], name);
			if (!name.endsWith('.map')) continue;
			const map = JSON.parse(text);
			assert.ok(map.sources.every((source) => source.startsWith('../src/')), `${name}: ${map.sources}`);
			assert.equal(map.sourcesContent.length, map.sources.length);
		}
	});
});
