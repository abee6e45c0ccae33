// Two PostgreSQL, a primary and its synchronous standby, that change roles: nothing is acknowledged that only one of
// them has.
import fs from 'node:fs';
import { Postgres } from '../lib/postgres.mjs';
import { temporaryFolder } from '../lib/paths.mjs';
import { freePort, run, sleep, until } from '../lib/process.mjs';
import { familyOf } from './family.mjs';

const DATABASE = 'chaos';

export class PostgresPair {
	// [primary, standby]
	static async start() {
		const pair = new PostgresPair();
		pair.primary = await Postgres.start({ settings: ['wal_level = replica', 'hot_standby = on', 'max_wal_senders = 8',
			'wal_sender_timeout = 20s', 'wal_receiver_timeout = 20s', 'wal_retrieve_retry_interval = 200ms',
			'max_connections = 100', 'full_page_writes = on'] });
		await pair.primary.sql(`CREATE DATABASE ${DATABASE}`);
		// From here on a commit waits for a standby, whoever is primary: the setting is copied with the data.
		await pair.primary.sql("ALTER SYSTEM SET synchronous_standby_names = '*'");
		await pair.primary.sql('SELECT pg_reload_conf()');
		pair.standby = await pair.#empty();
		await pair.#mirror();
		await pair.inStep();
		pair.both = [pair.primary, pair.standby];
		return pair;
	}

	get database() { return DATABASE; }
	sql(text) { return this.primary.sql(text, DATABASE); }

	// A server that has no data yet.
	async #empty() {
		const { bin, as, options } = this.primary;
		const server = Object.assign(new Postgres(), { bin, as, folder: temporaryFolder('pg'), port: await freePort() });
		server.options = { ...options, cwd: server.folder };
		if (as.uid !== undefined) fs.chownSync(server.folder, as.uid, as.gid);
		return server;
	}

	// The standby becomes a copy of the primary, and follows it.
	async #mirror() {
		const { bin, folder, port, options } = this.standby;
		fs.rmSync(`${folder}/data`, { recursive: true, force: true });
		await run(`${bin}/pg_basebackup`, ['-D', `${folder}/data`, '-R', '-X', 'stream', '-c', 'fast', '--no-sync',
			'-d', this.primary.url()], options);
		fs.appendFileSync(`${folder}/data/postgresql.conf`, `port = ${port}\n`);
		await this.standby.up();
	}

	/*
	 * Wait until the standby has, on disk, all that the primary has now.  What a commit waited for when the primary was
	 * restarted is visible after that, and the standby may not have it: then nobody may be promoted yet.
	 */
	async inStep(timeout_ms = 60_000) {
		const [[lsn]] = await this.primary.sql('SELECT pg_current_wal_flush_lsn()');
		await until('the standby is in step', async () => {
			const rows = await this.primary.sql("SELECT 1 FROM pg_stat_replication WHERE state = 'streaming' " +
				`AND sync_state = 'sync' AND flush_lsn >= '${lsn}'`);
			return rows.length > 0;
		}, { timeout_ms, every_ms: 50 });
	}

	// The primary's machine is gone; the standby takes over, and the other comes back as its standby.
	async change(pause_ms = 0) {
		await this.inStep();
		await kill(this.primary);
		await sleep(pause_ms);
		[this.primary, this.standby] = [this.standby, this.primary];
		const { bin, folder, options } = this.primary;
		await run(`${bin}/pg_ctl`, ['-D', `${folder}/data`, '-w', 'promote'], options);
		await this.#mirror();
		await this.inStep();
	}

	async restart(signal, pause_ms) {
		await this.primary.down(signal);
		await sleep(pause_ms);
		await this.primary.up();
	}

	// Like a power cut, of the primary.
	async crash(pause_ms) {
		await kill(this.primary);
		await sleep(pause_ms);
		await this.primary.up();
	}

	async stop() { for (const server of this.both) if (server.server && !server.server.exit) await kill(server); }
}

// All processes of a server at once.
async function kill(pg) {
	const family = familyOf(pg.server.pid);
	for (const pid of family) try { process.kill(pid, 'SIGKILL'); } catch { /* has just ended */ }
	await pg.server.ended;
	await until('its processes are gone', () => family.every((pid) => !fs.existsSync(`/proc/${pid}`)));
}
