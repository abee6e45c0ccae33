// Acknowledged means durable: otd killed, PostgreSQL restarted, both in the
// middle of a run of writers; nothing acknowledged is missing, nothing is
// there twice.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { otdTargets } from './targets.mjs';
import { Tokens } from './tokens.mjs';
import { Peer, within } from './client.mjs';
import { sleep } from '../lib/process.mjs';

const ROUNDS = 4;

async function withServer(target, body) {
	const server = await target.start();
	try {
		await body(server);
	} finally {
		await server.stop();
	}
}

for (const target of otdTargets)
	describe(`durability on ${target.name}`, () => {
		test('otd is killed while it writes', () => withServer(target, async (server) => {
			const tokens = await Tokens.start(server.urls);
			for (let round = 0; round < ROUNDS; round++) {
				await tokens.more(100 + 37 * round);
				const victim = server.otds[round % server.otds.length];
				await victim.kill();
				const acknowledged = new Set(tokens.acknowledged);
				await victim.up();
				await tokens.check(acknowledged);
			}
			await tokens.more(100);
			await tokens.finish();
			assert.deepEqual([...tokens.refused], []);
		}));

		// Content for queries is written behind the edits: who edited is killed before that.
		test('queries find what was acknowledged before otd was killed', () => withServer(target, async (server) => {
			const ids = Array.from({ length: 30 }, (_, i) => `d${i}`);
			const found = async (url, n) => {
				const peer = await Peer.connect(url);
				const results = await within(20_000, 'found', new Promise((done, fail) => {
					peer.connection.createFetchQuery('behind', { n, $sort: { _id: 1 } }, null,
						(error, docs) => (error ? fail(error) : done(docs)));
				}));
				assert.deepEqual(results.map((doc) => [doc.id, doc.data.n]), [...ids].sort().map((id) => [id, n]));
				await peer.close();
			};
			const writer = await Peer.connect(server.urls[0]);
			const docs = ids.map((id) => writer.doc('behind', id));
			await Promise.all(docs.map((doc) => doc.create({ n: 0 })));
			const add = (doc) => doc.submit([{ p: ['n'], na: 1 }]);
			await Promise.all(docs.map(add));
			await found(server.urls.at(-1), 1);		// another process, perhaps
			await Promise.all(docs.map(add));
			await Promise.all(docs.map(add));
			await server.otds[0].kill();
			if (server.otds.length > 1) await found(server.urls.at(-1), 3);
			await server.otds[0].up();
			await found(server.urls[0], 3);
			await writer.close();
		}));

		test('otd is told to end while it writes', () => withServer(target, async (server) => {
			const tokens = await Tokens.start(server.urls);
			for (let round = 0; round < ROUNDS; round++) {
				await tokens.more(100);
				const leaver = server.otds[round % server.otds.length];
				await leaver.stop();
				const acknowledged = new Set(tokens.acknowledged);
				await leaver.up();
				await tokens.check(acknowledged);
			}
			await tokens.more(100);
			await tokens.finish();
		}));

		if (target.name !== 'sqlite')
			for (const [how, signal] of [['restarted', 'SIGINT'], ['crashed', 'SIGQUIT']])
				test(`PostgreSQL is ${how} while otd writes`, () => withServer(target, async (server) => {
					const tokens = await Tokens.start(server.urls);
					for (let round = 0; round < 3; round++) {
						await tokens.more(100);
						await server.pg.down(signal);
						await sleep(300);
						await server.pg.up();
						await tokens.more(50);
						await tokens.check();
					}
					await tokens.finish();
				}));
	});
