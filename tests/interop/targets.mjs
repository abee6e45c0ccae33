// The servers that the interop suite runs against, one after the other, with
// the same tests:
//
//	reference  ShareDB's own server: proves the tests right
//	sqlite     one otd on the embedded store
//	pair       two otd on one PostgreSQL and Redis
//	workers    one otd with two workers on those
//
// OTD_TEST_TARGETS=reference,pair runs some of them.
import { Otd } from '../lib/otd.mjs';
import { patience } from '../lib/paths.mjs';
import { Postgres } from '../lib/postgres.mjs';
import { sleep, until } from '../lib/process.mjs';
import { Redis } from '../lib/redis.mjs';
import { startReference } from './reference.mjs';

// Each start answers {urls, stop, otds, pg, redis}: several urls are several
// ways in to the same documents.  lossy(url) makes another of the bus's URL.
async function startSqlite({ lossy, ...options } = {}) {
	const otd = await Otd.start(options);
	return { urls: [otd.ws], otds: [otd], stop: () => otd.stop() };
}

const SETTLE_MS = 250;

/*
 * A process that has come to Redis tells the others, and each then asks its clients for their presence anew.  Whoever
 * begins before that hears of it in the middle of something.
 */
async function settled(otds, processes) {
	const there = () => otds.flatMap((otd) => otd.process.lines).filter((line) => /bus: connected to /.test(line)).length;
	await until('all are at Redis', () => there() >= processes, { timeout_ms: 20_000 * patience });
	await sleep(SETTLE_MS * patience);
}

async function onPostgres(lossy, start) {
	const pg = await Postgres.start();
	const redis = await Redis.start();
	const server = { pg, redis, store: await pg.database(), bus: lossy(redis.url()) };
	server.otds = await start(server);
	await settled(server.otds, 2);		// both kinds are two
	server.urls = server.otds.map((otd) => otd.ws);
	server.stop = async () => {
		const ends = await Promise.allSettled(server.otds.map((otd) => otd.stop()));
		await redis.stop();
		await pg.stop();
		for (const end of ends) if (end.status === 'rejected') throw end.reason;
	};
	return server;
}

const startPair = ({ lossy = (url) => url, ...options } = {}) => onPostgres(lossy, async ({ store, bus }) => {
	const first = await Otd.start({ ...options, store, bus });	// makes the schema
	return [first, await Otd.start({ ...options, store, bus })];
});

const startWorkers = ({ lossy = (url) => url, ...options } = {}) => onPostgres(lossy, async ({ store, bus }) =>
	[await Otd.start({ ...options, store, bus, workers: 2 })]);

const all = [
	{ name: 'reference', start: startReference },
	{ name: 'sqlite', start: startSqlite },
	{ name: 'pair', start: startPair },
	{ name: 'workers', start: startWorkers },
];

const chosen = process.env.OTD_TEST_TARGETS?.split(',');

export const targets = all.filter(({ name }) => !chosen || chosen.includes(name));
export const otdTargets = targets.filter(({ name }) => name !== 'reference');
