// A database as ShareDB 7 writes it through sharedb-postgres, with its own server and real clients.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { root } from '../lib/paths.mjs';
import { Peer } from '../interop/client.mjs';
import { startReference } from '../interop/reference.mjs';

const require = createRequire(import.meta.url);
const PostgresDB = require('sharedb-postgres');
const STRUCTURE = path.join(root, 'tests/node_modules/sharedb-postgres/structure.sql');

export class ShareDbDatabase {
	static async make(pg) {
		const made = new ShareDbDatabase();
		made.pg = pg;
		made.url = await pg.database();
		made.name = new URL(made.url).pathname.slice(1);
		await made.sql(fs.readFileSync(STRUCTURE, 'utf8'));
		return made;
	}

	sql(text) { return this.pg.sql(text, this.name); }

	// ShareDB's server on it; urls, stop().
	async serve() {
		const db = new PostgresDB({ connectionString: this.url });
		db._pool.on('error', () => {});	// PostgreSQL is stopped under idle connections
		return startReference({ db });
	}

	// Do something with a client of the server.
	async edit(call) {
		const server = await this.serve();
		const peer = await Peer.connect(server.urls[0]);
		try {
			return await call(peer, server);
		} finally {
			await peer.close();
			await server.stop();
		}
	}

	// Documents of a counter by SQL, as the adapter would have written them: many in little time.
	async fill(collection, documents, ops) {
		const uri = 'http://sharejs.org/types/JSONv0';
		await this.sql(`
			INSERT INTO ops SELECT '${collection}', 'd' || lpad(d::text, 6, '0'), v, CASE v
				WHEN 1 THEN jsonb_build_object('v', 0, 'src', 'filler' || d, 'seq', 1, 'm', jsonb_build_object('ts', 1700000000000 + d),
					'create', jsonb_build_object('type', '${uri}', 'data', jsonb_build_object('n', 0, 'of', d)))
				ELSE jsonb_build_object('v', v - 1, 'src', 'filler' || d, 'seq', v, 'm', jsonb_build_object('ts', 1700000000000 + d + 1000 * v),
					'op', jsonb_build_array(jsonb_build_object('p', jsonb_build_array('n'), 'na', v)))
				END FROM generate_series(1, ${documents}) AS d, generate_series(1, ${ops}) AS v;
			INSERT INTO snapshots (collection, doc_id, version, doc_type, data)
				SELECT '${collection}', 'd' || lpad(d::text, 6, '0'), ${ops}, '${uri}',
				jsonb_build_object('n', ${ops * (ops + 1) / 2 - 1}, 'of', d) FROM generate_series(1, ${documents}) AS d`);
	}
}
