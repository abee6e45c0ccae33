// ShareDB's own server as its README sets it up: WebSockets by ws, sharedb-postgres, sharedb-redis-pubsub.
//
//	node sharedb.mjs --port N [--store postgres://...] [--bus redis://...]
//
// Without --store everything is in memory and nothing outlives it.  Says "listening" when it does.
import http from 'node:http';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import ShareDB from 'sharedb';
import WebSocketJSONStream from '@teamwork/websocket-json-stream';
import { WebSocketServer } from 'ws';

const require = createRequire(import.meta.url);
const { values: asked } = parseArgs({ options: {
	port: { type: 'string' }, store: { type: 'string' }, bus: { type: 'string' },
} });

for (const type of [require('ot-text-unicode').type, require('ot-text').type, require('rich-text').type, require('ot-json1').type])
	ShareDB.types.register(type);
ShareDB.logger.setMethods({ info() {} });

const db = asked.store
	? new (require('sharedb-postgres'))({ connectionString: asked.store })	// a pool of 10 connections: pg's default
	: new ShareDB.MemoryDB();
const pubsub = asked.bus && new (require('sharedb-redis-pubsub'))({ url: asked.bus });
const backend = new ShareDB({ db, ...pubsub && { pubsub } });

const server = http.createServer();
new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket) => {
	socket._socket.setNoDelay(true);
	const stream = new WebSocketJSONStream(socket);
	stream.on('error', () => {});	// a client that left before its answer
	backend.listen(stream);
});
server.listen(Number(asked.port), '127.0.0.1', 4096, () => console.log('listening'));
process.once('SIGTERM', () => process.exit(0));
