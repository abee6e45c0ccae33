// A private PostgreSQL on loopback, fsync on, in a temporary folder.  Run by
// root it works as the user postgres, since PostgreSQL refuses root.
//
// By itself: node tests/lib/postgres.mjs COMMAND... runs the command with
// OTD_TEST_POSTGRES in its environment, for tests written in C.
import fs from 'node:fs';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './paths.mjs';
import { Program, freePort, run } from './process.mjs';

// The newest installed PostgreSQL's folder of programs.
function programs() {
	const versions = fs.existsSync('/usr/lib/postgresql') ? fs.readdirSync('/usr/lib/postgresql') : [];
	for (const version of versions.sort((a, b) => b - a)) {
		const folder = `/usr/lib/postgresql/${version}/bin`;
		if (fs.existsSync(`${folder}/initdb`)) return folder;
	}
	return path.dirname(execFileSync('sh', ['-c', 'command -v initdb']).toString().trim());
}

// uid and gid of the user postgres when we are root, else nothing.
function whose() {
	if (process.getuid() !== 0) return {};
	const line = fs.readFileSync('/etc/passwd', 'utf8').split('\n').find((l) => l.startsWith('postgres:'));
	if (!line) throw new Error('there is no user postgres');
	const [, , uid, gid] = line.split(':');
	return { uid: Number(uid), gid: Number(gid) };
}

export class Postgres {
	#databases = 0;

	// settings: postgresql.conf lines over ours.  make(pg): puts a cluster into pg.folder/data, such as one from a
	// backup; else a new one is made.
	static async start({ settings = [], make } = {}) {
		const pg = new Postgres();
		pg.bin = programs();
		pg.as = whose();
		pg.folder = temporaryFolder('pg');
		pg.port = await freePort();
		if (pg.as.uid !== undefined) fs.chownSync(pg.folder, pg.as.uid, pg.as.gid);
		pg.options = { ...pg.as, cwd: pg.folder, env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' } };
		await (make ? make(pg) : run(`${pg.bin}/initdb`,
			['-D', `${pg.folder}/data`, '-U', 'otd', '-A', 'trust', '-E', 'UTF8', '--no-sync'], pg.options));
		fs.appendFileSync(`${pg.folder}/data/postgresql.conf`, [
			"listen_addresses = '127.0.0.1'", "unix_socket_directories = ''",
			`port = ${pg.port}`, 'shared_buffers = 64MB', 'max_connections = 60',
			'fsync = on', 'synchronous_commit = on', 'autovacuum = off',
			...settings, ''].join('\n'));
		await pg.up();
		return pg;
	}

	async up() {
		this.server = new Program(`${this.bin}/postgres`, ['-D', `${this.folder}/data`], this.options);
		await this.server.waitFor(/ready to accept (read-only )?connections/, 60_000);
	}

	// SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one.
	async down(signal = 'SIGINT') { await this.server.stop(signal, 60_000); }

	url(database = 'postgres') { return `postgres://otd@127.0.0.1:${this.port}/${database}`; }

	// Rows as lists of strings.
	sql(text, database = 'postgres') { return this.sqlAt(this.url(database), text); }

	async sqlAt(url, text) {
		const said = await run(`${this.bin}/psql`, ['-X', '-q', '-A', '-t', '-F', '\t', '-v', 'ON_ERROR_STOP=1',
			'-d', url, '-c', text]);
		return said.split('\n').filter(Boolean).map((line) => line.split('\t'));
	}

	// A new, empty database; its URL.
	async database() {
		const name = `d${++this.#databases}`;
		await this.sql(`CREATE DATABASE ${name}`);
		return this.url(name);
	}

	async stop() { if (!this.server.exit) await this.down('SIGQUIT'); }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const pg = await Postgres.start();
	const child = new Program(process.argv[2], process.argv.slice(3),
		{ stdio: 'inherit', env: { ...process.env, OTD_TEST_POSTGRES: pg.url() } });
	const exit = await child.ended;
	await pg.stop();
	process.exit(exit.code ?? 1);
}
