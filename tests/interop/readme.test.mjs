// The lines that README.md gives to connect a client work as they stand.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Otd } from '../lib/otd.mjs';
import { root } from '../lib/paths.mjs';
import { run } from '../lib/process.mjs';
import { fetchSnapshot } from './crowd.mjs';

test('the client in README.md', async () => {
	const [, example] = /^```js\n([^]*?)^```/m.exec(fs.readFileSync(path.join(root, 'README.md'), 'utf8'));
	const otd = await Otd.start();
	// Beside the packages that it imports.  A browser has WebSocket; node may not.
	const file = path.join(root, `tests/node_modules/.readme-${process.pid}.mjs`);
	fs.writeFileSync(file, `import { WebSocket } from 'ws';
globalThis.WebSocket ??= WebSocket;
${example.replace('ws://127.0.0.1:7007/ws', otd.ws)}
doc.once('create', () => doc.submitOp(['hello'], (error) => process.exit(error ? 1 : 0)));
setTimeout(() => process.exit(2), 15000);
`);
	try {
		await run(process.execPath, [file]);
		assert.deepEqual((await fetchSnapshot(otd.ws, 'notes', 'first')).data, 'hello');
	} finally {
		fs.rmSync(file);
		await otd.stop();
	}
});
