// Hocuspocus as its guide sets it up: with its Database extension, here on PostgreSQL, and its Redis extension.
//
//	node hocuspocus.mjs --port N [--store postgres://...] [--bus redis://...]
//
// Changes reach the database 2 to 10 s after they were acknowledged: its defaults.
// Says "listening" when it does.
import { parseArgs } from 'node:util';
import { Database } from '@hocuspocus/extension-database';
import { Redis } from '@hocuspocus/extension-redis';
import { Server } from '@hocuspocus/server';
import pg from 'pg';

const { values: asked } = parseArgs({ options: {
	port: { type: 'string' }, store: { type: 'string' }, bus: { type: 'string' },
} });

function database(url) {
	const pool = new pg.Pool({ connectionString: url });
	return new Database({
		async fetch({ documentName }) {
			const { rows } = await pool.query({ name: 'fetch', text: 'SELECT data FROM documents WHERE name = $1', values: [documentName] });
			return rows[0]?.data ?? null;
		},
		async store({ documentName, state }) {
			await pool.query({ name: 'store', text: `INSERT INTO documents (name, data) VALUES ($1, $2)
				ON CONFLICT (name) DO UPDATE SET data = excluded.data`, values: [documentName, state] });
		},
	});
}

const extensions = [];
if (asked.bus) {
	const { hostname: host, port } = new URL(asked.bus);
	extensions.push(new Redis({ host, port: Number(port) }));
}
if (asked.store) extensions.push(database(asked.store));
await new Server({ quiet: true, port: Number(asked.port), address: '127.0.0.1', extensions,
	websocketOptions: { perMessageDeflate: false } }).listen();
console.log('listening');
