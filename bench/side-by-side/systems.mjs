// What is measured, side by side: how each is started, on which database, and which generator loads it.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Otd } from '../../tests/lib/otd.mjs';
import { program } from '../../tests/lib/paths.mjs';
import { Program, freePort, run } from '../../tests/lib/process.mjs';

export const peers = fileURLToPath(new URL('../peers/', import.meta.url));
const STRUCTURE = path.join(peers, 'node_modules/sharedb-postgres/structure.sql');
const DOCUMENTS = 'CREATE TABLE documents (name text COLLATE "C" PRIMARY KEY, data bytea NOT NULL)';

const load = () => [program('otd-load')];
const yjsLoad = () => [process.execPath, path.join(peers, 'yjs-load.mjs')];

// Room for texts of 50 MB; all else as it is by default.
const OTD_ARGS = ['--max-message', '128M', '--max-outbox', '256M', '--max-document', '128M'];

const otd = (queries) => ({
	stored: true,
	load,
	prepare: async (pg, url) => { await run(program('otd'), ['migrate', 'up', '--store', url]); },
	fill: (n) => `
		INSERT INTO otd.document (version, collection, id, type)
			SELECT 1, 'load', 'filled-' || i, 'http://sharejs.org/types/text-unicode' FROM generate_series(1, ${n}) AS i;
		INSERT INTO otd.operation (doc_pk, version, seq, kind, src, body)
			SELECT doc_pk, 0, 1, 1, 'filler', '{"type":"http://sharejs.org/types/text-unicode","data":"' || repeat('x', 100) || '"}' FROM otd.document;
		ANALYZE`,
	start: async ({ store, bus, port }) => {
		const server = await Otd.start({ store, bus, port, args: ['--queries', queries, ...OTD_ARGS] });
		return { pid: server.pid, stop: () => server.stop() };
	},
});

// What the peers promise that keep nothing, or store later: a file that no restart of the machine survives.
const otdInMemory = {
	stored: false,
	load,
	start: async ({ port }) => {
		const folder = fs.mkdtempSync('/dev/shm/otd-bench-');
		const server = await Otd.start({ store: `sqlite:${folder}/otd.db`, port, args: ['--queries', 'off', ...OTD_ARGS] });
		return { pid: server.pid, stop: async () => {
			await server.stop();
			fs.rmSync(folder, { recursive: true });
		} };
	},
};

const script = (file, { store: stored = true, prepare, generator, fill }) => ({
	stored,
	load: generator,
	prepare,
	fill,
	start: async ({ store, bus, port }) => {
		const server = new Program(process.execPath, [path.join(peers, file), '--port', String(port),
			...stored ? ['--store', store, '--bus', bus] : []], { env: { ...process.env, NODE_ENV: 'production' } });
		await server.waitFor(/listening/);
		return { pid: server.pid, stop: () => server.stop('SIGTERM') };
	},
});

export const systems = {
	otd: { title: 'otd', note: 'PostgreSQL and Redis, `--queries off`: `sharedb-postgres` has none either', ...otd('off') },
	'otd-queries': { title: 'otd, queries on', note: 'the default: content is written soon after the commit, so that documents can be queried',
		...otd('on') },
	'otd-memory': { title: 'otd in memory', note: 'the embedded store on a RAM disk, one process, `--queries off`', ...otdInMemory },
	sharedb: { title: 'ShareDB 7', note: '`sharedb-postgres` and `sharedb-redis-pubsub`', ...script('sharedb.mjs', {
		generator: load,
		prepare: (pg, url) => run(`${pg.bin}/psql`, ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', url, '-f', STRUCTURE]),
		fill: (n) => `
			INSERT INTO snapshots (collection, doc_id, doc_type, version, data)
				SELECT 'load', 'filled-' || i, 'http://sharejs.org/types/text-unicode', 1, to_jsonb(repeat('x', 100))
				FROM generate_series(1, ${n}) AS i;
			INSERT INTO ops (collection, doc_id, version, operation)
				SELECT collection, doc_id, 1, jsonb_build_object('v', 0, 'src', 'filler', 'seq', 1,
					'create', jsonb_build_object('type', doc_type, 'data', data)) FROM snapshots;
			ANALYZE`,
	}) },
	'sharedb-memory': { title: 'ShareDB 7 in memory', note: 'nothing is stored, one process', ...script('sharedb.mjs', {
		store: false, generator: load }) },
	hocuspocus: { title: 'Hocuspocus 4', note: 'its Database extension on PostgreSQL and its Redis extension; stores 2 to 10 s after it acknowledged',
		...script('hocuspocus.mjs', { generator: yjsLoad, prepare: (pg, url) => pg.sql(DOCUMENTS, path.basename(new URL(url).pathname)) }) },
};

/** A system's servers on one new database.  {urls, pids, restart(), remove()}; the last takes the database along. */
export async function start(system, { pg, redis, nodes = 1, fill = 0 }) {
	const store = system.stored ? await pg.database() : undefined, database = store && path.basename(new URL(store).pathname);
	const ports = [];
	for (let i = 0; i < nodes; i++) ports.push(await freePort());
	let servers = [];
	if (store) await system.prepare(pg, store);
	if (store && fill) await pg.sql(system.fill(fill), database);
	const all = {
		urls: ports.map((port) => `ws://127.0.0.1:${port}/`),
		get pids() { return servers.map((server) => server.pid); },
		async up() { for (const port of ports) servers.push(await system.start({ store, bus: redis.url(), port })); },
		async stop() {
			for (const server of servers) await server.stop();
			servers = [];
		},
		async remove() {
			await all.stop();
			if (store) await pg.sql(`DROP DATABASE ${database} WITH (FORCE)`);
		},
		async restart() {
			await all.stop();
			await all.up();
		},
	};
	await all.up();
	return all;
}
