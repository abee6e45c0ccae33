// Acknowledged means durable: otd killed, PostgreSQL restarted, both in the
// middle of a run of writers; nothing acknowledged is missing, nothing is
// there twice.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { otdTargets } from './targets.mjs';
import { Tokens } from './tokens.mjs';
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
