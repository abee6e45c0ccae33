// The package's README: what it shows runs and has types, and what it says of sizes and options is so.
//
//	sh	each line is run, with the package as npm packs it and the versions that the tests pin
//	js	one program, from the first such block to the last: run in Node on a real otd, and what it logs is what
//		the comments behind console.log say
//	ts, tsx	each by itself has to have types that hold; what it takes from around it is in GIVEN
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Otd } from '../lib/otd.mjs';
import { patience, root, temporaryFolder } from '../lib/paths.mjs';
import { run } from '../lib/process.mjs';
import { application, home, pack, tool, write } from './bundle-app.mjs';
import { BUDGET, WHOLE_BUDGET } from './package-api.mjs';

const readme = fs.readFileSync(path.join(home, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].map(([, language, text], i) => ({ language, text, name: `block-${i + 1}` }));
const of = (...languages) => blocks.filter(({ language }) => languages.includes(language));
const BORROWED = ['typescript', 'monaco-editor', '@types/node', '@types/react', 'csstype', 'undici-types'];

// What examples take from around them.
const GIVEN = `
	import type { Client, Doc } from 'otd-client';
	import type { connect as connecting } from 'otd-client';
	declare global {
		const connect: typeof connecting;
		const client: Client;
		const note: Doc<{ title: string; tags: string[] }>;
		const pad: Doc<string>;
		const page: Doc<{ ops: object[] }>;
		const session: { token: string };
		const user: { id: string };
		function show(...what: unknown[]): void;
	}`;

// Packages that have no types.
const UNTYPED = "declare module 'ws';\ndeclare module 'rich-text';\n";

describe('the README', { timeout: 120_000 * patience }, () => {
	let app, otd;
	before(async () => { [app, otd] = await Promise.all([application({ borrow: BORROWED }), Otd.start()]); });
	after(() => otd?.stop());

	test('every block is of a language that is tried here', () => {
		assert.ok(blocks.length > 10);
		assert.deepEqual(blocks.filter(({ language }) => !['sh', 'js', 'ts', 'tsx'].includes(language)), []);
	});

	test('its JavaScript runs, and logs what it says', async () => {
		const program = of('js').map(({ text }) => text).join('\n');
		const expected = [...program.matchAll(/console\.log\(.*\);\s*\/\/ (.*)$/gm)].map(([, said]) => said);
		assert.equal(expected.length, program.match(/console\.log/g).length);
		write(app, { 'readme.mjs': `
			import WebSocket from 'ws';
			globalThis.WebSocket ??= WebSocket;
			const show = () => {};
			${program.replaceAll('ws://127.0.0.1:7007/ws', otd.ws)}
			client.close();
			ben.close();` });
		const said = await run(process.execPath, ['readme.mjs'], { cwd: app });
		assert.deepEqual(said.split('\n'), expected);
	});

	test('its TypeScript has types that hold', async () => {
		const files = Object.fromEntries(of('ts', 'tsx').map(({ name, language, text }) => [`readme/${name}.${language}`, `${text}\nexport {};\n`]));
		const compilerOptions = { module: 'esnext', moduleResolution: 'bundler', target: 'es2022', lib: ['es2022', 'dom', 'dom.iterable'],
			jsx: 'react-jsx', strict: true, noEmit: true, skipLibCheck: true, esModuleInterop: true, types: ['node'] };
		write(app, { ...files, 'readme/given.d.ts': GIVEN, 'readme/untyped.d.ts': UNTYPED, 'readme/tsconfig.json': JSON.stringify({ compilerOptions }) });
		await run(...tool(app, 'typescript/bin/tsc', '-p', 'readme'), { cwd: app });
	});

	test('its commands install what they say', async () => {
		const folder = temporaryFolder('readme');
		write(folder, { 'package.json': '{ "private": true }' });
		fs.copyFileSync(path.join(root, 'tests/bundlers/.npmrc'), path.join(folder, '.npmrc'));
		const archive = await pack();
		const version = (name) => JSON.parse(fs.readFileSync(path.join(app, 'node_modules', name, 'package.json'))).version;
		for (const line of of('sh').flatMap(({ text }) => text.trim().split('\n'))) {
			const [npm, install, ...names] = line.split(' ');
			assert.deepEqual([npm, install], ['npm', 'install']);
			await run('npm', ['install', '--ignore-scripts', '--prefer-offline', '--loglevel=error',
				...names.map((name) => (name === 'otd-client' ? archive : `${name}@${version(name)}`))], { cwd: folder });
		}
		await run(process.execPath, ['-e', "import('otd-client').then(({ connect }) => connect.name || process.exit(1))"], { cwd: folder });
	});

	test('each entry is in its table, with what it stands on and its budget', () => {
		const said = JSON.parse(fs.readFileSync(path.join(home, 'package.json')));
		const rows = [...readme.matchAll(/^\| `(otd-client[^`]*)` \|[^|]*\|([^|]*)\| (\d+) \|$/gm)];
		const entries = Object.keys(said.exports).filter((name) => name !== './package.json');
		assert.deepEqual(rows.map(([, name]) => name.replace('otd-client', '.')).sort(), entries.sort());
		for (const [, name, , kB] of rows) assert.equal(Number(kB), BUDGET[name.replace('otd-client', '.')], name);
		assert.equal(Number(/within (\d+) kB/.exec(readme)[1]), WHOLE_BUDGET);
		for (const name of Object.keys(said.peerDependencies)) assert.ok(rows.some(([, , beside]) => beside.includes(`\`${name}\``)), name);
	});

	test('each option of connect, and each hook, is in it', async () => {
		const types = (name) => fs.readFileSync(path.join(home, 'dist', name), 'utf8');
		const members = (text, name) => [...new RegExp(`interface ${name}\\b[^{]*\\{([^]*?)\\n\\}`).exec(text)[1].matchAll(/^\s+(\w+)\??:/gm)]
			.map(([, member]) => member);
		const options = [['client', 'ConnectOptions'], ['door', 'Door'], ['wire', 'WireOptions']]
			.flatMap(([file, name]) => members(types(`core/${file}.d.ts`), name));
		assert.ok(options.length >= 8);
		const hooks = [...types('react/index.d.ts').matchAll(/export declare function (use\w+)/g)].map(([, name]) => name);
		// A provider's own, for hooks of one's own.
		assert.deepEqual([...options, ...hooks.filter((name) => name !== 'useClient')].filter((name) => !new RegExp(`\\b${name}\\b`).test(readme)), []);
	});
});
