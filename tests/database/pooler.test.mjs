// otd through PgBouncer in transaction mode: no session is otd's own there.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import WebSocket from 'ws';
import { connect } from '../../clients/js/dist/index.js';
import { Otd, otd } from '../lib/otd.mjs';
import { PgBouncer } from '../lib/pgbouncer.mjs';
import { Postgres } from '../lib/postgres.mjs';
import { until } from '../lib/process.mjs';

describe('through PgBouncer', { timeout: 120_000 }, () => {
	let pg, bouncer, direct, pooled, server;
	const clients = [];
	const client = () => {
		const made = connect(server.ws, { WebSocket, minDelay: 20, maxDelay: 200 });
		clients.push(made);
		return made;
	};

	before(async () => {
		pg = await Postgres.start();
		bouncer = await PgBouncer.start(pg);
		direct = await pg.database();
		pooled = bouncer.url(direct.split('/').pop());
	});
	after(async () => {
		await Promise.all(clients.map((made) => made.close()));
		await server?.stop();
		await bouncer?.stop();
		await pg?.stop();
	});

	test('the schema is made directly, and that is said', async () => {
		const { code, text } = await otd(['migrate', 'up', '--store', pooled]);
		assert.notEqual(code, 0);
		assert.match(text, /pooler.*PostgreSQL itself/);
		assert.deepEqual(await pg.sqlAt(direct, "SELECT 1 FROM pg_namespace WHERE nspname = 'otd'"), []);
		assert.equal((await otd(['migrate', 'up', '--store', direct])).code, 0);
		assert.equal((await otd(['migrate', 'status', '--store', pooled])).code, 0);
	});

	test('documents, queries and workers', async () => {
		server = await Otd.start({ store: pooled });
		await server.process.waitFor(/connected to .* through a pooler/);
		const mine = client(), theirs = client();
		const docs = await Promise.all(Array.from({ length: 20 }, (_, i) =>
			mine.doc('notes', `d${i}`).open({ create: { i, n: 0 } })));
		const same = await Promise.all(docs.map(({ id }) => theirs.doc('notes', id).open()));
		const query = theirs.query('notes', { n: { $gte: 20 }, $sort: { i: 1 } });
		await query.ready;
		await Promise.all([...docs, ...same].flatMap((doc) =>
			Array.from({ length: 10 }, () => doc.submit([{ p: ['n'], na: 1 }]))));
		await until('all are found', () => query.results.length === 20);
		assert.deepEqual(query.results.map(({ data }) => data), docs.map((_, i) => ({ i, n: 20 })));
		assert.deepEqual(await pg.sqlAt(direct, 'SELECT count(*) FROM otd.document'), [['20']]);
		assert.doesNotMatch(server.process.said(), /prepared statement|postgresql:/);
	});

	test('no session is left otherwise than it was', async () => {
		const settings = ['search_path', 'enable_seqscan', 'statement_timeout', 'plan_cache_mode', 'default_transaction_read_only', 'jit'];
		const asked = `SELECT ${settings.map((name) => `current_setting('${name}')`).join(', ')}`;
		const [fresh] = await pg.sqlAt(direct, asked);
		// As many at once as the pool has sessions: each is held by one.
		const seen = await Promise.all([1, 2, 3].map(() => pg.sqlAt(pooled, `BEGIN; SELECT pg_sleep(0.3); ${asked}; COMMIT`)));
		for (const rows of seen) assert.deepEqual(rows.at(-1), fresh);
		assert.deepEqual(await pg.sqlAt(direct, 'SELECT count(*) FROM pg_prepared_statements'), [['0']]);
	});

	test('sessions come and go', async () => {
		const doc = await client().doc('notes', 'cut').open({ create: { n: 0 } });
		for (let round = 0; round < 3; round++) {
			await pg.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'otd'");
			await doc.submit([{ p: ['n'], na: 1 }]);
		}
		assert.deepEqual((await pg.sqlAt(direct, "SELECT version FROM otd.document WHERE id = 'cut'")), [['4']]);
	});

	test('with the database away it waits, and goes on', async () => {
		const doc = await client().doc('notes', 'away').open({ create: { n: 0 } });
		await pg.down();
		const written = doc.submit([{ p: ['n'], na: 1 }]);
		await pg.up();
		await written.catch((error) => assert.equal(error.code, 'ERR_OTD_STORE_UNAVAILABLE'));
		await until('it can be written again', () => doc.submit([{ p: ['n'], na: 10 }]).then(() => true, () => false), { timeout_ms: 30_000 });
	});
});
