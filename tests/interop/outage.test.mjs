// The bus goes away and comes back: readers on other processes have the last
// version soon after, though nobody edits any more.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Peer } from './client.mjs';
import { checkLog } from './crowd.mjs';
import { otdTargets } from './targets.mjs';
import { patience } from '../lib/paths.mjs';
import { sleep } from '../lib/process.mjs';

const AWAY_MS = 10_000;
const WITHIN_MS = 2_000 * patience;
const IDS = ['a', 'b', 'c', 'd'];

for (const target of otdTargets.filter(({ name }) => name !== 'sqlite'))
	describe(`outages on ${target.name}`, () => {
		let server;
		// No timer may do the work: the return of Redis itself must.
		before(async () => { server = await target.start({ args: ['--sweep-interval', '0'] }); });
		after(() => server?.stop());

		test('Redis is away for ten seconds', async () => {
			// Several readers, so that with two workers both have some.
			const writer = await Peer.connect(server.urls[0]);
			const readers = await Promise.all(Array.from({ length: 6 }, (_, i) =>
				Peer.connect(server.urls[(i + 1) % server.urls.length])));
			const written = IDS.map((id) => writer.doc('outage', id));
			for (const doc of written) await doc.create({ n: 0 });
			const read = readers.flatMap((reader) => IDS.map((id) => reader.doc('outage', id)));
			await Promise.all(read.map((doc) => doc.subscribe()));

			await server.redis.down();
			const back = Date.now() + AWAY_MS;
			while (Date.now() < back) {
				for (const doc of written) await doc.submit([{ p: ['n'], na: 1 }]);
				await sleep(40);
			}
			await server.redis.up();
			const last = new Map(written.map((doc) => [doc.raw.id, doc.v]));
			const began = Date.now();
			await Promise.all(read.map((doc) =>
				doc.until('the last version', () => doc.v === last.get(doc.raw.id), WITHIN_MS)));
			assert.ok(Date.now() - began < WITHIN_MS);
			for (const doc of read) assert.equal(doc.data.n, doc.v - 1);

			// The bus carries again: an edit is heard at once, not at a sweep.
			for (const doc of written) await doc.submit([{ p: ['n'], na: 1 }]);
			await Promise.all(read.map((doc) =>
				doc.until('a fresh edit', () => doc.v === last.get(doc.raw.id) + 1, 500 * patience)));
			for (const peer of [writer, ...readers]) await peer.close();
			for (const id of IDS) await checkLog(server.urls[0], 'outage', id);
		});
	});
