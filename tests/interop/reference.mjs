// ShareDB's own server, in memory unless a database is given, over WebSockets: what otd is compared with.
import { Duplex } from 'node:stream';
import ShareDB from 'sharedb';
import MingoMemory from 'sharedb-mingo-memory';
import { WebSocketServer } from 'ws';
import { types } from './types.mjs';

ShareDB.logger.setMethods({ info() {}, warn() {}, error() {} });

// A WebSocket as the stream of objects that Backend.listen wants.
function objectStream(socket) {
	let ended = false;	// the server has hung up: what still arrives is not for it
	const stream = new Duplex({
		objectMode: true,
		read() {},
		write(message, encoding, done) {
			if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
			done();
		},
		final(done) { ended = true; socket.close(); done(); },
		destroy(error, done) { socket.close(); done(error); },
	});
	socket.on('message', (data) => {
		let message;
		try {
			message = JSON.parse(data);
		} catch {
			return socket.close(1007);
		}
		if (message !== null && !ended) stream.push(message);
	});
	socket.on('close', () => { stream.push(null); stream.destroy(); });
	return stream;
}

/** projections: {name: {of: collection, fields: [names]}}; db: an adapter. */
export async function startReference({ projections = {}, db = new MingoMemory() } = {}) {
	for (const type of Object.values(types)) ShareDB.types.register(type);
	const backend = new ShareDB({ db, presence: true, doNotForwardSendPresenceErrorsToClient: true });
	for (const [name, { of, fields }] of Object.entries(projections))
		backend.addProjection(name, of, Object.fromEntries(fields.map((field) => [field, true])));
	const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
	server.on('connection', (socket) => backend.listen(objectStream(socket)));
	await new Promise((done) => server.once('listening', done));
	const url = `ws://127.0.0.1:${server.address().port}/`;
	return {
		urls: [url],
		async stop() {
			for (const socket of server.clients) socket.terminate();
			await new Promise((done) => server.close(done));
			await new Promise((done) => backend.close(done));
		},
	};
}
