// What the package promises of its files: types that hold, sizes within budget.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { root } from '../lib/paths.mjs';

const home = path.join(root, 'clients/js');
const said = JSON.parse(fs.readFileSync(path.join(home, 'package.json')));
const { build } = createRequire(path.join(home, 'package.json'))('esbuild');

// kB, gzip, without what package.json depends on, and without other entries.
const BUDGET = {
	'.': 6, './codemirror': 4, './monaco': 4, './offline': 4, './quill': 4, './react': 2, './text': 4, './textarea': 4, './undo': 4,
};

test('each entry is within its budget', async () => {
	const entries = Object.keys(said.exports).filter((name) => name !== './package.json');
	assert.deepEqual(entries.sort(), Object.keys(BUDGET).sort());
	for (const name of entries) {
		const { outputFiles: [file] } = await build({
			entryPoints: [path.join(home, said.exports[name].default)],
			bundle: true, minify: true, format: 'esm', packages: 'external', write: false,
			// The hooks come with undo, which is an entry of its own.
			...(name === './react' ? { external: ['./chunk-*'] } : {}),
		});
		const size = gzipSync(file.contents, { level: 9 }).length;
		assert.ok(size <= BUDGET[name] * 1000, `${name} has ${size} bytes`);
	}
});

test('the types hold', () => {
	execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '--noEmit'], { cwd: home });
});

test('a bundle for browsers needs nothing else', async () => {
	const { warnings } = await build({
		stdin: { contents: "import { connect } from './dist/index.js'; console.log(connect)", resolveDir: home },
		bundle: true, platform: 'browser', format: 'esm', write: false, logLevel: 'silent',
	});
	assert.deepEqual(warnings, []);
});
