// A run: servers, visitors for so many seconds, what the servers hold in memory meanwhile, and whether all is there.
import { familyOf } from '../chaos/family.mjs';
import { Otd, otd } from '../lib/otd.mjs';
import { Postgres } from '../lib/postgres.mjs';
import { patience } from '../lib/paths.mjs';
import { sleep, until } from '../lib/process.mjs';
import { Redis } from '../lib/redis.mjs';
import { anonymous } from './memory.mjs';
import { Shelf, Visitor } from './visitor.mjs';

// So little that documents have to go from memory from the first minutes on: what grows then is no cache.
const HOT_MEMORY = '1M';

async function gauges(base) {
	const text = await (await fetch(`${base}metrics`)).text();
	const sum = (name) => [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))]
		.reduce((all, [, value]) => all + Number(value), 0);
	return { documents: sum('otd_documents'), evictions: sum('otd_evictions_total'), sessions: sum('otd_sessions') };
}

function stumbled(all) {
	const one = all.find(({ failed }) => failed);
	if (one) throw new Error(`${one.name} stumbled`, { cause: one.failed });
}

/*
 * tell({ seconds, kib, ... }): a sample.  Returns { samples, counts, stored, verified, left }: counts of the visitors, stored
 * operations in the database, what `otd verify` said, why not all clients are gone or 0.
 */
export async function soak({ seconds, seed, visitors, documents_per_s, every_s, tell }) {
	const pg = await Postgres.start();
	const redis = await Redis.start();
	const store = await pg.database();
	const server = await Otd.start({ store, bus: redis.url(), workers: 2, args: ['--hot-memory', HOT_MEMORY] });
	const counts = { connections: 0, cuts: 0, opened: 0, left: 0, sent: 0, acknowledged: 0, refused: 0, presences: 0, queries: 0 };
	const shelf = new Shelf(documents_per_s);
	const all = Array.from({ length: visitors }, (_, i) =>
		new Visitor(`visitor ${i}`, { seed, url: server.ws, shelf, counts }));
	const samples = [];
	const began = Date.now();
	const passed = () => (Date.now() - began) / 1000;

	for (const visitor of all) visitor.start();
	while (passed() < seconds) {
		await sleep(Math.min(every_s, Math.max(0.1, seconds - passed())) * 1000);
		const kib = familyOf(server.pid).reduce((sum, pid) => sum + anonymous(pid), 0);
		samples.push({ seconds: passed(), kib });
		tell({ ...samples.at(-1), ...await gauges(server.url), ...counts });
		stumbled(all);
	}
	await Promise.all(all.map((visitor) => visitor.leave()));
	stumbled(all);
	// Workers tell their gauges now and then.
	const gone = async () => (await gauges(server.url)).sessions === 0;
	const left = await until('all clients are gone', gone, { timeout_ms: 30_000 * patience }).then(() => 0, (error) => error.message);
	await server.stop();
	const [[stored]] = await pg.sql('SELECT count(*) FROM otd.operation', store.split('/').pop());
	const verified = await otd(['verify', '--store', store]);
	await redis.stop();
	await pg.stop();
	return { samples, counts, stored: Number(stored), verified, left };
}
