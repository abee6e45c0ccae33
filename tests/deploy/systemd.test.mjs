// The systemd unit, as far as it can be looked at without systemd running, and
// what otd tells a service manager while it serves.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Peer } from '../interop/client.mjs';
import { Otd } from '../lib/otd.mjs';
import { Api } from '../rest/api.mjs';
import { build, patience, program, root, temporaryFolder } from '../lib/paths.mjs';
import { Postgres } from '../lib/postgres.mjs';
import { Program, run, until } from '../lib/process.mjs';
import { Redis } from '../lib/redis.mjs';

const unit = fs.readFileSync(path.join(root, 'deploy/otd.service'), 'utf8');
const WATCHDOG_USEC = '600000';		// so a beat is every 0.2 s

let pg, redis;
before(async () => {
	pg = await Postgres.start();
	redis = await Redis.start();
});
after(async () => {
	await pg?.stop();
	await redis?.stop();
});

// The unit with the program of this build, in a folder by its own name.
function installed() {
	const file = path.join(temporaryFolder('unit'), 'otd.service');
	assert.ok(unit.includes('/usr/local/bin/otd'));
	fs.writeFileSync(file, unit.replace('/usr/local/bin/otd', program('otd')));
	return file;
}

// An ear, and otd that is told where it is.
async function watched(t, options) {
	const socket = path.join(temporaryFolder('manager'), 'notify');
	const manager = new Program(path.join(build, 'tests/run/manager_tool'), [socket]);
	t.after(() => manager.kill());
	await manager.waitFor(/^listening$/);
	const server = await Otd.start({ ...options, env: { NOTIFY_SOCKET: socket, WATCHDOG_USEC } });
	return { server, said: (what) => manager.lines.filter((line) => line.startsWith(what)).length };
}

test('systemd takes the unit as it is', async () => {
	const said = await run('systemd-analyze', ['verify', '--man=no', installed()]);
	assert.equal(said, '');
});

test('systemd takes the nightly compaction as it is', async () => {
	const folder = temporaryFolder('timer');
	const files = ['otd-compact.service', 'otd-compact.timer'].map((name) => {
		const text = fs.readFileSync(path.join(root, 'deploy', name), 'utf8');
		fs.writeFileSync(path.join(folder, name), text.replace('/usr/local/bin/otd', program('otd')));
		return path.join(folder, name);
	});
	assert.equal(await run('systemd-analyze', ['verify', '--man=no', ...files]), '');
	await run('systemd-analyze', ['security', '--no-pager', '--offline=true', '--threshold=15', files[0]]);
});

test('the unit gives away little: exposure at most 1.5 of 10', async () => {
	await run('systemd-analyze', ['security', '--no-pager', '--offline=true', '--threshold=15', installed()]);
});

test('the unit says what the program does', () => {
	assert.match(unit, /^Type=notify$/m);
	assert.match(unit, /^WatchdogSec=\d+$/m);
	const [, stop_s] = /^TimeoutStopSec=(\d+)$/m.exec(unit);
	const [, drain_s] = /^SETTING\(drain_timeout, TIME, .*"(\d+)s"/m.exec(fs.readFileSync(path.join(root, 'server/run/config.def'), 'utf8'));
	assert.ok(Number(stop_s) > Number(drain_s) + 5, 'it is killed before it has drained');
});

test('ready once it serves, alive while it does, stopping at SIGTERM', async (t) => {
	const { server, said } = await watched(t, {});
	await until('ready', () => said('READY=1 STATUS=serving') === 1);
	await until('signs of life', () => said('WATCHDOG=1') >= 3, { timeout_ms: 10_000 * patience });
	assert.equal(said('STOPPING=1'), 0);
	await server.stop();
	assert.equal(said('STOPPING=1 STATUS=draining'), 1);
	assert.equal(said('READY=1'), 1);
});

test('with workers the supervisor speaks, and not while one of them hangs', async (t) => {
	const { server, said } = await watched(t, { store: await pg.database(), bus: redis.url('systemd'), workers: 2 });
	await until('signs of life', () => said('WATCHDOG=1') >= 3, { timeout_ms: 10_000 * patience });
	const listed = await run('ps', ['-o', 'pid=', '--ppid', String(server.pid)]);
	const [worker] = listed.trim().split(/\s+/).map(Number);
	process.kill(worker, 'SIGSTOP');
	await until('it falls silent for four beats', async () => {
		const before = said('WATCHDOG=1');
		await new Promise((done) => setTimeout(done, 800));
		return said('WATCHDOG=1') === before;
	}, { timeout_ms: 10_000 * patience });
	process.kill(worker, 'SIGCONT');
	const silent = said('WATCHDOG=1');
	await until('it is heard again', () => said('WATCHDOG=1') >= silent + 2, { timeout_ms: 10_000 * patience });
	assert.equal(said('READY=1'), 1, 'once, for all of them');
	await server.stop();
	assert.equal(said('STOPPING=1'), 1);
});

// ---- the filter of system calls ----

// The calls that the unit's lines leave, in their order: "~" takes away.
async function allowed() {
	const sets = new Map();
	let calls;
	for (const line of (await run('systemd-analyze', ['syscall-filter', '--no-pager'])).split('\n'))
		if (line.startsWith('@')) sets.set(line.trim(), calls = []);
		else if (/^ +[@a-z_]/.test(line)) calls.push(line.trim());
	const expand = (name) => (name.startsWith('@') ? sets.get(name).flatMap(expand) : [name]);
	const left = new Set();
	for (const [, not, names] of unit.matchAll(/^SystemCallFilter=(~?)(.*)$/mg))
		for (const call of names.split(' ').flatMap(expand)) left[not ? 'delete' : 'add'](call);
	// SQLite gives what root makes to whom the database belongs to; the service is not root.
	if (process.getuid() === 0) left.add('fchown');
	const file = path.join(temporaryFolder('filter'), 'allowed');
	fs.writeFileSync(file, [...left, ''].join('\n'));
	return file;
}

// A sanitizer calls what otd does not.
const unconfined = /asan/.test(process.env.OTD_BUILD || '') && 'under a sanitizer';

const rules = path.join(temporaryFolder('rules'), 'rules.json');
fs.writeFileSync(rules, JSON.stringify({ rules: [] }));

test('under the filter of the unit otd calls nothing that it may not', { skip: unconfined }, async (t) => {
	const under = [program('tests/deploy/confined_tool'), await allowed()];
	await assert.rejects(run(under[0], [under[1], '/usr/bin/chroot', '/', '/bin/true']), 'the filter holds');
	for (const where of [{}, { store: await pg.database(), bus: redis.url('confined'), workers: 2 }]) {
		const server = await Otd.start({ ...where, under });
		t.after(() => server.kill());
		const peer = await Peer.connect(server.ws);
		t.after(() => peer.close());
		const doc = peer.doc('notes', 'a');
		await doc.fetch();
		await doc.create({ n: 1 });
		await doc.subscribe();
		assert.equal((await new Api(server.url).put('/collections/notes/docs/a', { n: 2 })).status, 200);
		await doc.until('the edit', () => doc.data.n === 2);
		assert.equal((await fetch(`${server.url}metrics`)).status, 200);
		process.kill(server.pid, 'SIGHUP');
		await server.process.waitFor(/files are read again/);
		await peer.close();
		await server.stop();
		assert.doesNotMatch(server.process.said(), /killed by|exit code/);
	}
	// Who is not there is hashed too, by a thread that steps behind the loop.
	const server = await Otd.start({ under, args: ['--auth', 'jwt', '--users', 'on', '--policy', rules,
		'--password-memory', '64K', '--password-passes', '1'] });
	t.after(() => server.kill());
	const { status } = await new Api(server.url).call('POST', '/login', { body: { name: 'nobody', password: 'at all' } });
	assert.equal(status, 401);
	await server.stop();
	assert.doesNotMatch(server.process.said(), /loop's priority/);
});
