// otd top beside a server that runs: in a pipe, in a terminal, and without one.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Peer } from '../interop/client.mjs';
import { Otd, otd } from '../lib/otd.mjs';
import { patience, program } from '../lib/paths.mjs';
import { Program, freePort, until } from '../lib/process.mjs';

let server, peer;
before(async () => {
	server = await Otd.start();
	peer = await Peer.connect(server.ws);
	await peer.doc('notes', 'a').create({ n: 0 });
});
after(async () => {
	await peer?.close();
	await server?.stop();
});

const top = (...args) => otd(['top', ...args]);

test('a screen in a pipe, and the rates of what happens meanwhile', async () => {
	const doc = peer.doc('notes', 'a');
	let going = true;
	const writing = (async () => {
		while (going) await doc.submit([{ p: ['n'], na: 1 }]);
	})();
	const { code, text } = await top(`127.0.0.1:${server.port}`, '--every', '1s');
	going = false;
	await writing;
	assert.equal(code, 0, text);
	assert.match(text, new RegExp(`^otd \\d\\S+ at http://127\\.0\\.0\\.1:${server.port}/metrics   \\d\\d:\\d\\d:\\d\\d$`, 'm'));
	assert.match(text, /^1 of 1 workers serve {3}store up {3}bus up {3}running 0h \dm$/m);
	const [, edits] = /^edits +([\d.]+K?)\/s durable/m.exec(text);
	assert.ok(parseFloat(edits) > 0, text);
	assert.match(text, /^ack after +[\d.]+ m?s half +[\d.]+ m?s 99 of 100$/m);
	assert.match(text, /^clients +1 WebSockets/m);
	assert.match(text, /^ +0 {2}up +\d+%/m);
});

test('settings tell where it is; --count tells how often', async () => {
	const { code, text } = await top('--listen', `0.0.0.0:${server.port}`, '--count', '2', '--every', '1s');
	assert.equal(code, 0, text);
	assert.equal(text.match(/^otd \d/gm).length, 2);
});

test('in a terminal it goes on until q, and leaves the terminal as it was', async () => {
	const url = `127.0.0.1:${server.port}`;
	// script(1) makes the terminal, and passes on what it is told.
	const terminal = new Program('script', ['-qec', `${program('otd')} top ${url} --every 1s`, '/dev/null'],
		{ stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, TERM: 'xterm' } });
	const screens = () => terminal.said().match(/workers serve/g)?.length ?? 0;
	await until('three screens', () => screens() >= 3, { timeout_ms: 15_000 * patience });
	terminal.child.stdin.write('q');
	assert.equal((await terminal.ended).code, 0);
	assert.match(terminal.said(), /\x1b\[\?1049h\x1b\[\?25l/);
	assert.match(terminal.said(), /\x1b\[\?25h\x1b\[\?1049l/);
});

test('who does not answer, or not as otd does', async () => {
	const port = await freePort();
	const nobody = await top(`127.0.0.1:${port}`);
	assert.equal(nobody.code, 69);
	assert.match(nobody.text, new RegExp(`^otd: http://127\\.0\\.0\\.1:${port}/metrics: .+`));
	const live = await top(`${server.url}livez`);
	assert.equal(live.code, 69);
	assert.match(live.text, /it is no page of metrics/);
	const missing = await top(`${server.url}no-such-page`);
	assert.equal(missing.code, 69);
	assert.match(missing.text, /the answer is 404/);
});

test('words that it does not take', async () => {
	for (const [args, pattern] of [
		[['--every', 'soon'], /--every is a term .* not "soon"/],
		[['--count', '0'], /--count is a number .* not "0"/],
		[['a:1', 'b:2'], /one address, not also "b:2"/],
		[['--every'], /a value is missing behind "--every"/],
	]) {
		const { code, text } = await top(...args);
		assert.equal(code, 64, args.join(' '));
		assert.match(text, pattern);
	}
});
