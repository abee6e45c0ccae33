// The log as JSON: every line that a server writes in good and bad times is as
// schema/log.json says, and none has what nobody should read.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import Ajv from 'ajv/dist/2020.js';
import { after, before, test } from 'node:test';
import { As, SECRET, token } from '../auth/client.mjs';
import { patience, program, root, temporaryFolder } from '../lib/paths.mjs';
import { Postgres } from '../lib/postgres.mjs';
import { Program, freePort, until } from '../lib/process.mjs';
import { Redis } from '../lib/redis.mjs';

const schema = JSON.parse(fs.readFileSync(path.join(root, 'schema/log.json'), 'utf8'));
const check = new Ajv({ allErrors: true }).compile(schema);
const PASSWORD = 'hush-of-the-database', CONTENT = 'hush-of-a-document';
const folder = temporaryFolder('log');
const rules = path.join(folder, 'rules.json');

let pg, redis, server, url;
before(async () => {
	pg = await Postgres.start();
	redis = await Redis.start();
	fs.writeFileSync(rules, JSON.stringify({ rules: [{ name: 'all', who: 'authenticated', allow: '*', collections: ['notes'] }] }));
	const port = await freePort();
	url = `http://127.0.0.1:${port}/`;
	server = new Program(program('otd'), ['serve', '--listen', `127.0.0.1:${port}`, '--log-format', 'json', '--log-level', 'debug',
		'--auth', 'jwt', '--policy', rules, '--bus', redis.url('log'), '--workers', '2'], {
		detached: true,
		env: {
			PATH: process.env.PATH, OTD_JWT_SECRET: SECRET,
			OTD_STORE: (await pg.database()).replace('otd@', `otd:${PASSWORD}@`),
			ASAN_OPTIONS: process.env.ASAN_OPTIONS, UBSAN_OPTIONS: process.env.UBSAN_OPTIONS,
		},
	});
	await server.waitFor(/listening on/);
});
after(async () => {
	await server?.kill();
	await redis?.stop();
	await pg?.stop();
});

const logged = (pattern) => until(`the log says ${pattern}`, () => server.lines.some((line) => pattern.test(line)),
	{ timeout_ms: 20_000 * patience });

test('a server\'s life, each line by the schema', async () => {
	const ann = token('ann', {}), forged = `${ann.slice(0, -4)}AAAA`;
	assert.equal((await new As(url, ann).put('/collections/notes/docs/a', { text: CONTENT })).status, 201);
	assert.equal((await new As(url, forged).put('/collections/notes/docs/b', { text: CONTENT })).status, 401);
	assert.equal((await fetch(`${url}v1/collections/notes/docs/a?access_token=${forged}`)).status, 401);
	assert.equal((await fetch(`${url}v1/collections/notes/docs/a?access_token=${ann}`)).status, 200);
	// Rules that are none, SIGHUP, Redis gone and back, the database gone and back.
	fs.writeFileSync(rules, '{"rules": [{"name": "line\\nbreak", "who": 7}]}');
	server.signal('SIGHUP');
	await logged(/SIGHUP/);
	await logged(/the former rules stay/);
	await redis.down();
	await logged(/"subject":"bus".*"msg":"(could not|lost)/);
	await redis.up();
	await pg.down('SIGQUIT');
	await logged(/"subject":"store.*lost the connection/);
	await pg.up();
	await until('ready again', async () => (await fetch(`${url}readyz`)).status === 200, { timeout_ms: 20_000 * patience });
	assert.equal((await server.stop('SIGTERM', 30_000 * patience)).code, 0);

	const order = Object.keys(schema.properties);
	const seen = { level: new Set(), subject: new Set(), worker: new Set() };
	for (const line of server.lines) {
		const said = JSON.parse(line);
		assert.ok(check(said), `${line}: ${JSON.stringify(check.errors)}`);
		assert.deepEqual(Object.keys(said), order.filter((name) => name in said), line);
		for (const key of Object.keys(seen)) seen[key].add(said[key]);
		// It can be read back: a time that there is, and one line is one object.
		assert.equal(new Date(said.time).toISOString(), said.time);
	}
	for (const level of ['info', 'warn']) assert.ok(seen.level.has(level), level);
	for (const subject of ['server', 'policy', 'bus']) assert.ok(seen.subject.has(subject), subject);
	assert.ok([...seen.subject].some((subject) => subject.startsWith('store')));
	assert.deepEqual([...seen.worker].sort(), [0, 1, undefined], 'both workers, and who watches them');
	for (const hush of [PASSWORD, CONTENT, SECRET, ann, forged, ann.split('.')[2]])
		assert.ok(!server.said().includes(hush), `the log has ${hush}`);
});

test('the schema refuses what is no such line', () => {
	const good = { time: '2026-01-02T03:04:05.678Z', level: 'info', subject: 'server', msg: 'draining' };
	assert.ok(check(good));
	assert.ok(check({ ...good, worker: 3 }));
	for (const bad of [
		{ ...good, worker: '3' }, { ...good, worker: -1 },
		{ ...good, time: '2026-01-02 03:04:05' }, { ...good, level: 'notice' }, { ...good, subject: 'Server' }, { ...good, msg: '' },
		{ ...good, token: 'x' }, { time: good.time, level: 'info', msg: 'x' }, 'draining',
	]) assert.ok(!check(bad), JSON.stringify(bad));
});
