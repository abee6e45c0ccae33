// The systemd unit, as far as it can be looked at without systemd running, and
// what otd tells a service manager while it serves.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Otd } from '../lib/otd.mjs';
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
