// A worker that hangs is ended and started again; one that is idle is not.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Peer } from '../interop/client.mjs';
import { Otd } from '../lib/otd.mjs';
import { patience } from '../lib/paths.mjs';
import { Postgres } from '../lib/postgres.mjs';
import { run, sleep, until } from '../lib/process.mjs';
import { Redis } from '../lib/redis.mjs';

let pg, redis;
before(async () => {
	pg = await Postgres.start();
	redis = await Redis.start();
});
after(async () => {
	await pg?.stop();
	await redis?.stop();
});

const start = async (...args) => Otd.start({ store: await pg.database(), bus: redis.url('hang'), workers: 2, args });

async function workers(server) {
	const listed = await run('ps', ['-o', 'pid=', '--ppid', String(server.pid)]);
	return listed.split('\n').map(Number).filter(Boolean);
}

const hangs = (server) => server.process.lines.filter((line) => / hangs: /.test(line));

test('a worker that stands still makes room for another, and its clients come back', async () => {
	const server = await start('--hang-timeout', `${1000 * patience}ms`);
	const peers = await Promise.all(Array.from({ length: 12 }, () => Peer.connect(server.ws)));
	const docs = peers.map((peer) => peer.doc('notes', 'a'));
	await docs[0].create({ n: 0 });
	for (const doc of docs) await doc.subscribe();
	const [first, second] = await workers(server);
	process.kill(first, 'SIGSTOP');		// it does not hear SIGABRT either
	await until('another one', async () => {
		const now = await workers(server);
		return now.length === 2 && !now.includes(first);
	}, { timeout_ms: 20_000 * patience });
	assert.ok((await workers(server)).includes(second), 'the other one was left alone');
	assert.equal(hangs(server).length, 2, 'told to abort, then killed');
	for (const doc of docs) await doc.submit([{ p: ['n'], na: 1 }]);
	for (const doc of docs) await doc.until('all edits', () => doc.data.n === docs.length);
	for (const peer of peers) await peer.close();
	await server.stop();
});

test('all stopped together, as by a debugger or with the machine: none is ended', async () => {
	const server = await start('--hang-timeout', `${1000 * patience}ms`);
	const pids = await workers(server);
	const all = [server.pid, ...pids];
	for (const pid of all) process.kill(pid, 'SIGSTOP');
	await sleep(3000);
	for (const pid of all.reverse()) process.kill(pid, 'SIGCONT');
	await sleep(2500);		// and idle for longer than the time, too
	assert.deepEqual(await workers(server), pids);
	assert.deepEqual(hangs(server), []);
	await server.stop();
});
