// A private PgBouncer on loopback before a private PostgreSQL.
import fs from 'node:fs';
import { Program, freePort } from './process.mjs';
import { temporaryFolder } from './paths.mjs';

export class PgBouncer {
	// settings: lines over ours.
	static async start(pg, { settings = [] } = {}) {
		const bouncer = new PgBouncer();
		bouncer.port = await freePort();
		const folder = temporaryFolder('bouncer');
		if (pg.as.uid !== undefined) fs.chownSync(folder, pg.as.uid, pg.as.gid);
		// Few sessions, so that the transactions of one client meet several.
		fs.writeFileSync(`${folder}/ini`, ['[databases]', `* = host=127.0.0.1 port=${pg.port} user=otd`, '[pgbouncer]',
			'listen_addr = 127.0.0.1', `listen_port = ${bouncer.port}`, 'unix_socket_dir =', 'auth_type = any',
			'pool_mode = transaction', 'default_pool_size = 3', 'server_login_retry = 1',
			...settings, ''].join('\n'));
		bouncer.process = new Program(fs.existsSync('/usr/sbin/pgbouncer') ? '/usr/sbin/pgbouncer' : 'pgbouncer',
			[`${folder}/ini`], { ...pg.options, cwd: folder });
		await bouncer.process.waitFor(/process up/, 20_000);
		return bouncer;
	}

	url(database) { return `postgres://otd@127.0.0.1:${this.port}/${database}`; }

	async stop() { await this.process.stop('SIGTERM', 15_000); }
}
