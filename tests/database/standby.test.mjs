// A standby that is waited for and does not come: what is acknowledged, and what is said when somebody cancels the wait.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Otd } from '../lib/otd.mjs';
import { patience } from '../lib/paths.mjs';
import { Postgres } from '../lib/postgres.mjs';
import { until } from '../lib/process.mjs';
import { Api } from '../rest/api.mjs';

test('a commit waits for the standby, and one that is told not to is known', async (t) => {
	const pg = await Postgres.start();
	t.after(() => pg.stop());
	const server = await Otd.start({ store: await pg.database(), args: ['--queries', 'off'] });
	t.after(() => server.kill());
	const api = new Api(server.url);
	const path = '/collections/notes/docs/a';
	assert.equal((await api.put(path, { n: 0 })).status, 201);
	await pg.sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
	await pg.sql('SELECT pg_reload_conf()');

	// PostgreSQL's processes hear of it one after the other: edits until one is not answered.
	const waiting = (what) => pg.sql(`SELECT ${what} FROM pg_stat_activity WHERE wait_event = 'SyncRep'`);
	let n = 0, edit = null;
	await until('a commit waits', async () => {
		edit ??= api.put(path, { n: ++n }).finally(() => { edit = null; });
		return (await waiting('pid')).length > 0 && edit !== null;
	}, { timeout_ms: 30_000 * patience });
	assert.doesNotMatch(server.process.said(), /standby/);
	const answer = edit;
	await until('it is answered', async () => { await waiting('pg_cancel_backend(pid)'); return !edit; }, { timeout_ms: 30_000 * patience });
	assert.equal((await answer).status, 200);
	await server.process.waitFor(/told not to wait for the standby/);
	assert.deepEqual((await api.get(path)).json, { n });

	await pg.sql('ALTER SYSTEM RESET synchronous_standby_names');
	await pg.sql('SELECT pg_reload_conf()');
	await server.stop();
});
