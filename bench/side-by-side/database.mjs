// The one PostgreSQL of a run: its settings, and what it counts itself.
import pg from '../peers/node_modules/pg/lib/index.js';
import { Postgres } from '../../tests/lib/postgres.mjs';

// Durable as it comes; large enough that no checkpoint falls into a run.  Said in the report.
export const settings = [
	'fsync = on', 'synchronous_commit = on', 'full_page_writes = on', 'wal_level = replica', 'shared_buffers = 1GB',
	'max_wal_size = 8GB', 'checkpoint_timeout = 30min', 'max_connections = 200', 'autovacuum = on',
	"shared_preload_libraries = 'pg_stat_statements'", 'pg_stat_statements.track_utility = off',
];

export class Database {
	static async start() {
		const database = new Database();
		database.server = await Postgres.start({ settings });
		await database.server.sql('CREATE EXTENSION pg_stat_statements');
		database.client = new pg.Client({ connectionString: database.server.url() });
		await database.client.connect();
		return database;
	}

	get pid() { return this.server.server.pid; }

	/** Bytes of WAL and statements so far, of all databases together. */
	async count() {
		const { rows: [row] } = await this.client.query({ name: 'count', text: `SELECT
			pg_current_wal_insert_lsn() - '0/0'::pg_lsn AS wal_bytes, (SELECT coalesce(sum(calls), 0) FROM pg_stat_statements) AS statements` });
		return { wal_bytes: Number(row.wal_bytes), statements: Number(row.statements) };
	}

	/** Nothing that was written before shall be written while something is measured. */
	async settle() {
		await this.client.query('CHECKPOINT');
		await this.client.query('SELECT pg_stat_statements_reset()');
	}

	async version() { return (await this.client.query('SHOW server_version')).rows[0].server_version; }

	async stop() {
		await this.client.end();
		await this.server.stop();
	}
}
