// What the parts can do by themselves, on the same machine, PostgreSQL and Redis, in the same run: the programs of
// bench/limits, PostgreSQL's own pg_test_fsync and Redis's own redis-benchmark.
import fs from 'node:fs';
import path from 'node:path';
import { program } from '../../tests/lib/paths.mjs';
import { run } from '../../tests/lib/process.mjs';

const BATCHES = [1, 10, 50, 100, 200, 500];
const line = async (name, args) => JSON.parse(await run(program(`bench/limits/${name}`), args.map(String)));

/** Commits of otd's own statements: [batch, connections, shape]. */
function* commits() {
	for (const batch of BATCHES)
		for (const connections of [1, 2])
			for (const shape of batch === 1 ? ['many'] : ['many', 'hot', 'pipeline']) yield [batch, connections, shape];
}

async function commit(database, seconds, each) {
	const url = await database.server.database();
	await run(program('otd'), ['migrate', 'up', '--store', url]);
	for (const [batch, connections, shape] of commits()) {
		await database.settle();
		await each(await line('limit_commit', [url, shape, batch, connections, seconds]));
	}
}

/** Flushes a second of the disk that the database is on, each way it knows. */
async function flush(database, seconds) {
	const file = path.join(database.server.folder, 'fsync-test');
	const said = await run(`${database.server.bin}/pg_test_fsync`, ['-s', String(seconds), '-f', file], database.server.options);
	fs.rmSync(file, { force: true });
	// "   fdatasync    4321.123 ops/sec     231 usecs/op", first of the single writes of 8 kB.
	const method = /^\s+fdatasync\s+([\d.]+) ops\/sec/m.exec(said);
	if (!method) throw new Error(`pg_test_fsync did not measure fdatasync:\n${said}`);
	return { limit: 'flush', method: 'fdatasync', flushes_per_s: Number(method[1]) };
}

/** Redis's publishing, to one subscriber's worth of nobody: a command each, and 16 in a pipeline. */
async function publish(redis, pipeline) {
	const said = await run('redis-benchmark', ['-h', '127.0.0.1', '-p', String(redis.port), '-n', String(pipeline > 1 ? 200_000 : 50_000),
		'-c', '1', '-P', String(pipeline), '--csv', 'publish', 'limit', 'x'.repeat(150)]);
	const [head, values] = said.trim().split('\n').map((row) => row.split(',').map((cell) => cell.replaceAll('"', '')));
	const of = (name) => Number(values[head.indexOf(name)]);
	return { limit: 'publish', pipeline, publishes_per_s: of('rps'), p50_ms: of('p50_latency_ms'), p99_ms: of('p99_latency_ms') };
}

/** Measure all, and call each(figure) with one after the other. */
export async function measureLimits({ database, redis, seconds, quick }, each) {
	await each(await flush(database, 1));
	await commit(database, seconds, each);
	for (const pipeline of [1, 16]) await each(await publish(redis, pipeline));
	for (const connections of [1, 10, 50, 200]) await each(await line('limit_socket', ['echo', connections, seconds]));
	for (const [connections, rate] of [[1000, 50], [5000, 50], ...quick ? [] : [[1, 50], [10, 50], [100, 50], [10_000, 50]], [1000, 300]])
		await each(await line('limit_socket', ['broadcast', connections, seconds, rate]));
}

/** The limits of a run, asked by row. */
export class Limits {
	constructor(figures) { this.figures = figures; }

	#best(of, by) {
		return this.figures.filter(of).sort((a, b) => by(b) - by(a))[0];
	}

	/** The fastest way that otd's statements went for batches up to what so many writers can fill. */
	commit({ batch, shape }) {
		const shapes = shape === 'many' ? ['many', 'pipeline'] : [shape, 'many'];
		return this.#best((f) => f.limit === 'commit' && f.batch <= batch && f.connections <= batch && (f.batch === 1 || shapes.includes(f.shape)),
			(f) => f.ops_per_s);
	}

	#nearest(limit, n) {
		return this.#best((f) => f.limit === limit && f.rate <= 50, (f) => -Math.abs(Math.log(f.connections / n)));
	}

	/** {rate, time_ms, cpu_us, of}: what nothing can pass; of says which part it is. */
	of({ limit }) {
		if (!limit) return null;
		if (limit.broadcast) {
			const f = this.#nearest('broadcast', limit.broadcast);
			return f && { cpu_us: f.server_cpu_us, time_ms: f.p50_ms, of: `broadcast to ${f.connections}` };
		}
		const commit = this.commit(limit), echo = this.#nearest('echo', limit.echo);
		const lone = this.commit({ batch: 1, shape: 'many' });
		const hop = limit.hop && this.figures.find((f) => f.limit === 'publish' && f.pipeline === 1);
		if (!commit || !echo) return null;
		return {
			rate: Math.min(commit.ops_per_s, echo.messages_per_s),
			time_ms: limit.echo === 1 ? lone.p50_ms + this.#nearest('echo', 1).p50_ms + (hop ? hop.p50_ms : 0) : undefined,
			of: `commits of ${commit.batch}, ${commit.connections} connection${commit.connections > 1 ? 's' : ''} (${commit.shape})`,
		};
	}
}
