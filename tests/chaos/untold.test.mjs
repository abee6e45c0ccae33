// A node stores an edit and dies before the others have heard of it: their readers have it soon after it is back, though
// nobody edits any more.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Peer } from '../interop/client.mjs';
import { Otd } from '../lib/otd.mjs';
import { patience } from '../lib/paths.mjs';
import { Postgres } from '../lib/postgres.mjs';
import { Redis } from '../lib/redis.mjs';
import { Wire } from './wire.mjs';

const SOON_MS = 2_000 * patience;

test('a node that dies has not told all', async () => {
	const pg = await Postgres.start();
	const redis = await Redis.start();
	const toRedis = await Wire.start('A to redis', () => redis.port);
	const store = await pg.database();
	// No timer may do the work.
	const args = ['--sweep-interval', '0'];
	const a = await Otd.start({ store, bus: `redis://127.0.0.1:${toRedis.port}`, args });
	const b = await Otd.start({ store, bus: redis.url(), args });
	try {
		const [writer, reader] = [await Peer.connect(a.ws), await Peer.connect(b.ws)];
		const written = writer.doc('chaos', 'untold'), read = reader.doc('chaos', 'untold');
		await written.create({ n: 0 });
		await read.subscribe();
		await written.submit([{ p: ['n'], na: 1 }]);
		await read.atLeast(2);

		toRedis.set('lose');
		await written.submit([{ p: ['n'], na: 1 }]);
		await a.kill();
		toRedis.set('pass');
		await writer.close();
		assert.equal(read.v, 2);
		await a.up();
		await read.until('the edit that was not told', () => read.v === 3, SOON_MS);
		assert.equal(read.data.n, 2);
		await reader.close();
	} finally {
		await Promise.all([a.stop(), b.stop()]);
		await toRedis.stop();
		await redis.stop();
		await pg.stop();
	}
});
