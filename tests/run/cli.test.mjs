// The command line: what is refused and how it is said, what wins over what.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { otd } from '../lib/otd.mjs';
import { temporaryFolder } from '../lib/paths.mjs';

const folder = temporaryFolder('cli');
const file = path.join(folder, 'otd.json');

// All settings, as otd config --print shows them.
async function printed(args = [], options = {}) {
	const { code, text } = await otd(['config', '--print', ...args], options);
	assert.equal(code, 0, text);
	return JSON.parse(text);
}

test('help lists subcommands and settings', async () => {
	for (const args of [['help'], ['--help'], ['-h'], ['serve', '--help'], ['migrate', 'up', '--help']]) {
		const { code, text } = await otd(args);
		assert.equal(code, 0, args.join(' '));
		for (const what of ['serve', 'migrate', 'config', 'version', '--listen HOST:PORT', '--drain-timeout'])
			assert.ok(text.includes(what), `${args.join(' ')}: ${what}`);
	}
});

test('version', async () => {
	for (const args of [['version'], ['--version']]) {
		const { code, text } = await otd(args);
		assert.equal(code, 0);
		assert.match(text, /^otd \d+\.\d+\.\d+$/);
	}
});

test('what is wrong is named, and leaves with 64', async () => {
	fs.writeFileSync(file, '{"workers": 0}');
	const rows = [
		[[], {}, /subcommand is missing/],
		[['serv'], {}, /no subcommand "serv"/],
		[['serve', 'now'], {}, /"now"/],
		[['serve', '--lisen', '127.0.0.1:1'], {}, /--lisen: there is no such setting; did you mean --listen\?/],
		[['serve', '--workers', 'many'], {}, /--workers: "many" is not allowed: a number from 1 to 256/],
		[['serve', '--workers'], {}, /--workers: a value is missing/],
		[['serve'], { OTD_WORKERS: '0' }, /OTD_WORKERS: "0" is not allowed/],
		[['serve'], { OTD_WORKRS: '1' }, /OTD_WORKRS: there is no such setting/],
		[['serve', '--config', file], {}, /"workers" in .*otd\.json: "0" is not allowed/],
		[['serve', '--listen', '0.0.0.0:7007'], {}, /--listen 0\.0\.0\.0:7007 with --auth none .* --insecure/],
		[['serve', '--auth', 'jwt'], {}, /--auth jwt wants something that verifies tokens: --jwt-secret/],
		[['serve', '--auth', 'jwt', '--jwt-secret', 'short'], {}, /--jwt-secret: a secret has at least 32 bytes, and this has 5/],
		[['serve', '--auth', 'jwt', '--users', 'on', '--jwt-algorithms', 'HS256,none'], {}, /--jwt-algorithms: "none" is not allowed/],
		[['serve', '--users', 'on'], {}, /--users on wants --auth jwt/],
		[['serve', '--workers', '2'], {}, /the embedded store serves one worker/],
		[['serve', '--workers', '2', '--store', 'postgres://127.0.0.1/x'], {}, /would not hear each other/],
		[['serve', '--bus', 'rediss://127.0.0.1'], {}, /TLS is not supported/],
		[['config'], {}, /--print or --check/],
		[['config', '--print', '--check'], {}, /one of/],
		[['config', '--check', '--listen', 'nowhere'], {}, /"nowhere"/],
		[['migrate'], {}, /status, plan, up or restored/],
		[['migrate', 'down'], {}, /"down"/],
		[['version', 'x'], {}, /"x"/],
	];
	for (const [args, env, says] of rows) {
		const { code, text } = await otd(args, { env, cwd: folder });
		assert.match(text, says, args.join(' '));
		assert.equal(code, 64, args.join(' '));
	}
	assert.deepEqual(fs.readdirSync(folder), ['otd.json'], 'a refusal leaves nothing behind');
});

test('flag, environment, file, default', async () => {
	fs.writeFileSync(file, JSON.stringify({ 'max-message': '1M', 'max-inbox': 7, listen: ['127.0.0.1:1', '[::1]:2'] }));
	let c = await printed();
	assert.equal(c['max-message'], 16 << 20);
	assert.deepEqual(c.listen, ['127.0.0.1:7007']);
	assert.equal(c.store, 'sqlite:data/otd.db');
	c = await printed(['--config', file]);
	assert.equal(c['max-message'], 1 << 20);
	assert.equal(c['max-inbox'], 7);
	assert.deepEqual(c.listen, ['127.0.0.1:1', '[::1]:2']);
	c = await printed([], { env: { OTD_CONFIG: file, OTD_MAX_MESSAGE: '2M', OTD_LISTEN: '127.0.0.1:3' } });
	assert.equal(c['max-message'], 2 << 20);
	assert.equal(c['max-inbox'], 7);
	assert.deepEqual(c.listen, ['127.0.0.1:3']);
	c = await printed(['--max-message=3M', '--listen', '127.0.0.1:4', '--listen', '127.0.0.1:5'],
		{ env: { OTD_CONFIG: file, OTD_MAX_MESSAGE: '2M' } });
	assert.equal(c['max-message'], 3 << 20);
	assert.deepEqual(c.listen, ['127.0.0.1:4', '127.0.0.1:5']);
});

test('secrets come from files and are never shown', async () => {
	const secret = path.join(folder, 'store');
	fs.writeFileSync(secret, 'postgres://otd:hush@127.0.0.1:1/otd\n');
	const jwt = path.join(folder, 'jwt');
	fs.writeFileSync(jwt, 'hush'.repeat(8) + '\n');
	const env = { OTD_STORE_FILE: secret, OTD_JWT_SECRET_FILE: jwt, OTD_BUS: 'redis://:hush@127.0.0.1:1/p' };
	const { code, text } = await otd(['config', '--print'], { env });
	assert.equal(code, 0);
	assert.ok(!text.includes('hush'), text);
	assert.equal(JSON.parse(text).store, 'postgres://otd:***@127.0.0.1:1/otd');
	assert.equal(JSON.parse(text)['jwt-secret'], '***');
	assert.equal(JSON.parse(text).bus, 'redis://:***@127.0.0.1:1/p');
	const wrong = await otd(['config', '--check', '--bus', 'redis://:hush@127.0.0.1:0']);
	assert.equal(wrong.code, 64);
	assert.ok(!wrong.text.includes('hush'), wrong.text);
});

test('what is printed is a file', async () => {
	const first = await printed(['--log-level', 'debug', '--idle-document', '2m', '--insecure']);
	fs.writeFileSync(file, JSON.stringify(first));
	assert.deepEqual(await printed(['--config', file]), first);
	const { code } = await otd(['config', '--check', '--config', file]);
	assert.equal(code, 0);
});

test('collections and projections are printed as they hold', async () => {
	const said = {
		queries: 'off', keep_every: 50,
		collections: { posts: { types: ['json0'], max_document: '1M' }, 'notes_*': { queries: true, 'keep-every': 5 } },
		projections: { posts_titles: { of: 'posts', fields: ['title'] } },
	};
	fs.writeFileSync(file, JSON.stringify(said));
	const c = await printed(['--config', file, '--checkpoint-ops', '9']);
	assert.deepEqual(c.collections, {
		posts: { types: ['json0'], queries: false, events: false, 'checkpoint-ops': 9, 'keep-every': 50, 'max-document': 1 << 20, 'raw-days': 0 },
		'notes_*': { queries: true, events: false, 'checkpoint-ops': 9, 'keep-every': 5, 'max-document': 64 << 20, 'raw-days': 0 },
	});
	assert.deepEqual(c.projections, said.projections);
	fs.writeFileSync(file, JSON.stringify(c));
	assert.deepEqual(await printed(['--config', file]), c);
	fs.writeFileSync(file, JSON.stringify({ ...said, projections: { p: { of: 'q*', fields: [] } } }));
	for (const args of [['serve'], ['config', '--check'], ['config', '--print']]) {
		const { code, text } = await otd([...args, '--config', file], { cwd: folder });
		assert.match(text, /"projections\.p\.of" in .*otd\.json: /);
		assert.equal(code, 64);
	}
});

test('migrate makes an embedded database and knows it again', async () => {
	const store = `sqlite:${folder}/new/otd.db`;
	const before = await otd(['migrate', 'plan', '--store', store]);
	assert.match(before.text, /CREATE TABLE/i);
	const up = await otd(['migrate', 'up', '--store', store]);
	assert.equal(up.code, 0, up.text);
	const status = await otd(['migrate', 'status', '--store', store]);
	assert.equal(status.code, 0, status.text);
	const after = await otd(['migrate', 'plan', '--store', store]);
	assert.doesNotMatch(after.text, /CREATE TABLE/i);
});
