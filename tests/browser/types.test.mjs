// The studio's types: TypeScript has nothing to say.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { build, root } from '../lib/paths.mjs';

test('types are right', { timeout: 120_000 }, () => {
	const client = path.join(root, 'clients/js');
	const work = path.join(build, 'demo-page.tmp');
	const config = path.join(work, 'tsconfig.json');
	// The packages are those of the bundle; TypeScript and what React lacks are the client's.
	fs.writeFileSync(config, JSON.stringify({
		extends: path.join(client, 'demo/tsconfig.json'),
		compilerOptions: {
			typeRoots: [path.join(client, 'node_modules/@types')],
			rootDir: '/',
			paths: {
				'otd-client': [path.join(client, 'src/index.ts')],
				'otd-client/*': [path.join(client, 'src/*/index.ts')],
				react: [path.join(client, 'node_modules/@types/react')],
				'react/*': [path.join(client, 'node_modules/@types/react/*')],
				'react-dom/*': [path.join(client, 'node_modules/@types/react-dom/*')],
				sharedb: [path.join(client, 'node_modules/@types/sharedb')],
				'sharedb/*': [path.join(client, 'node_modules/@types/sharedb/*')],
				'*': [path.join(work, 'node_modules/*'), path.join(client, 'node_modules/*'), path.join(client, 'node_modules/@types/*')],
			},
		},
		include: [path.join(client, 'demo/src'), path.join(client, 'src/text/ot-text.d.ts')],
	}));
	const { status, stdout } = spawnSync(process.execPath, [path.join(client, 'node_modules/typescript/bin/tsc'), '-p', config], { encoding: 'utf8' });
	assert.equal(stdout, '');
	assert.equal(status, 0);
});
