// Rules of access in a server that runs: what they let through, and what happens when their file is written anew.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { SECRET, As, Socket, bearer, token } from '../auth/client.mjs';
import { Otd, otd as run } from '../lib/otd.mjs';
import { patience, temporaryFolder } from '../lib/paths.mjs';

const folder = temporaryFolder('rules');
const file = path.join(folder, 'rules.json');
const rule = (name, more) => ({ name, who: 'authenticated', allow: '*', collections: ['notes'], documents: ['{claims.tenant}/*'], ...more });
const write = (...rules) => fs.writeFileSync(file, JSON.stringify({ rules }));
const ann = token('ann', { tenant: 'acme' }), eve = token('eve', { tenant: '*' });

const start = (args = [], env = {}) => Otd.start({ args: ['--auth', 'jwt', ...args], env: { OTD_JWT_SECRET: SECRET, ...env } });

// Until the log has it, from this line on.
async function logged(otd, pattern, from = 0) {
	const end = Date.now() + 10_000 * patience;
	for (;;) {
		const line = otd.process.lines.slice(from).find((text) => pattern.test(text));
		if (line) return line;
		assert.ok(Date.now() < end, `${pattern} is not in ${otd.process.lines.slice(from).join('\n')}`);
		await new Promise((done) => { setTimeout(done, 20); });
	}
}

async function create(otd, who, id) {
	const { status } = await new As(otd.url, who).put(`/collections/notes/docs/${id}`, { x: 1 });
	return status;
}

describe('a file of rules', () => {
	let otd;
	before(async () => {
		write(rule('own'));
		otd = await start(['--policy', file]);
	});
	after(() => otd.stop());

	test('what it says holds for REST and for sockets', async () => {
		assert.equal(await create(otd, ann, 'acme/1'), 201);
		assert.equal(await create(otd, ann, 'umbra/1'), 403);
		assert.equal(await create(otd, eve, 'acme/2'), 403);
		const socket = await Socket.open(otd.ws, bearer(eve));
		socket.say({ a: 's', c: 'notes', d: 'acme/1' });
		assert.equal((await socket.hears((m) => m.error)).error.code, 'ERR_OTD_FORBIDDEN');
		socket.say({ a: 'qf', id: 1, c: 'notes', q: {} });
		assert.deepEqual((await socket.hears((m) => m.a === 'qf')).data, []);
		await socket.close();
	});

	test('rules that let nobody read: who reads is closed with 4403, who does not goes on', async () => {
		const [reader, idler] = [await Socket.open(otd.ws, bearer(ann)), await Socket.open(otd.ws, bearer(ann))];
		reader.say({ a: 's', c: 'notes', d: 'acme/1' });
		await reader.hears((m) => m.a === 's' && !m.error);
		const from = otd.process.lines.length;
		write(rule('own'), rule('not now', { allow: undefined, deny: ['read'] }));
		assert.equal((await reader.closed).code, 4403);
		await logged(otd, /rules read from/, from);
		idler.say({ a: 'f', c: 'notes', d: 'acme/1' });
		assert.equal((await idler.hears((m) => m.error)).error.code, 'ERR_OTD_FORBIDDEN');
		await idler.close();
	});

	test('a file that is wrong, or gone, changes nothing; SIGHUP reads it at once', async () => {
		write(rule('own'));
		await logged(otd, /rules read from/, otd.process.lines.length);
		const socket = await Socket.open(otd.ws, bearer(ann));
		socket.say({ a: 's', c: 'notes', d: 'acme/1' });
		await socket.hears((m) => m.a === 's' && !m.error);
		let from = otd.process.lines.length;
		write(rule('own', { allow: ['reed'] }));
		assert.match(await logged(otd, /former rules stay/, from), /rule "own", "allow": "reed" is none of read/);
		fs.rmSync(file);
		await logged(otd, /could not read/, from);
		socket.say({ a: 'f', c: 'notes', d: 'acme/1' });
		assert.equal((await socket.hears((m) => m.a === 'f')).error, undefined);
		write(rule('own'));
		await logged(otd, /rules read from/, from);
		from = otd.process.lines.length;
		process.kill(otd.pid, 'SIGHUP');
		await logged(otd, /rules read from/, from);
		await socket.close();
	});
});

test('--auth jwt without rules: it says so, and nobody may do anything', async () => {
	const otd = await start();
	await logged(otd, /--auth jwt without --policy: nobody may do anything/);
	assert.equal(await create(otd, ann, 'acme/1'), 403);
	await otd.stop();
});

test('rules that are wrong stop the start, and are named', async () => {
	write(rule('own', { documents: ['{tenant}/*'] }));
	for (const command of [['serve'], ['config', '--check']]) {
		const { code, text } = await run([...command, '--auth', 'jwt', '--policy', file], { env: { OTD_JWT_SECRET: SECRET } });
		assert.equal(code, 64, text);
		assert.match(text, /--policy: .*rules\.json: rule "own", "documents": "\{tenant\}\/\*": \{tenant\} is none of/);
	}
});

test('over a rate a socket waits and loses nothing; REST hears 429', async () => {
	write(rule('own'));
	const otd = await start(['--policy', file, '--max-ops-second-principal', '20']);
	assert.equal(await create(otd, ann, 'acme/1'), 201);
	const socket = await Socket.open(otd.ws, bearer(ann));
	for (let seq = 1; seq <= 40; seq++)
		socket.say({ a: 'op', c: 'notes', d: 'acme/1', seq, op: [{ p: ['x'], na: 1 }] });
	await socket.hears((m) => m.a === 'op');
	const { status, json } = await new As(otd.url, ann).get('/collections/notes/docs/acme/1');
	assert.equal(status, 429);
	assert.equal(json.code, 'ERR_OTD_RATE_LIMIT');
	await socket.hears((m) => m.a === 'op' && m.seq === 40);
	const seqs = socket.heard.filter((m) => m.a === 'op').map((m) => [m.seq, m.error]);
	assert.deepEqual(seqs, Array.from({ length: 40 }, (_, i) => [i + 1, undefined]));
	await socket.close();
	await otd.stop();
});
