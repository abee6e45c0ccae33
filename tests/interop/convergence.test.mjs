// Many clients edit one document at random while their connections break: all
// end with the same content, and the log replayed gives it too.
import { after, before, describe, test } from 'node:test';
import { checkLog, crowd } from './crowd.mjs';
import { targets } from './targets.mjs';
import { types } from './types.mjs';

const seed = process.env.OTD_TEST_SEED || '1';
const CLIENTS = 8;
const OPS = Number(process.env.OTD_TEST_OPS || 500);

for (const target of targets)
	describe(`convergence on ${target.name}, seed ${seed}`, { concurrency: 3 }, () => {
		// ShareDB's own server proves the test right with fewer.
		const ops = target.name === 'reference' ? OPS / 5 : OPS;
		let server;
		before(async () => { server = await target.start(); });
		after(() => server?.stop());
		for (const type of Object.keys(types))
			test(`${CLIENTS} clients, ${ops} edits each: ${type}`, async () => {
				await crowd(server.urls, { type, id: type, clients: CLIENTS, ops, seed: `${seed} ${type}` });
				for (const url of server.urls) await checkLog(url, 'crowd', type);
			});
	});
