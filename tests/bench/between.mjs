// A go-between that stands before a server and does with messages what a test wants: what a load generator has to notice.
import { WebSocket, WebSocketServer } from 'ws';

const pass = (message) => [message];

/**
 * up and down are given each message, parsed, notes of its connection (its index, hangUp), and how to say something at
 * once to where it came from; they answer the messages that go on instead of it.  {url, stop}.
 */
export async function between(url, { up = pass, down = pass }) {
	const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
	let connections = 0;
	server.on('connection', (near) => {
		const far = new WebSocket(url, { perMessageDeflate: false });
		const notes = { index: connections++, hangUp: () => near.terminate() };
		const waiting = [];
		const toFar = (message) => {
			if (far.readyState === far.OPEN) far.send(JSON.stringify(message));
			else waiting.push(message);
		};
		const toNear = (message) => near.readyState === near.OPEN && near.send(JSON.stringify(message));
		far.on('open', () => waiting.splice(0).forEach(toFar));
		near.on('message', (data) => up(JSON.parse(data), notes, toNear).forEach(toFar));
		far.on('message', (data) => down(JSON.parse(data), notes, toFar).forEach(toNear));
		for (const [one, other] of [[near, far], [far, near]]) {
			one.on('close', () => other.close());
			one.on('error', () => other.close());
		}
	});
	await new Promise((done) => server.once('listening', done));
	return {
		url: `ws://127.0.0.1:${server.address().port}/`,
		async stop() {
			for (const socket of server.clients) socket.terminate();
			await new Promise((done) => server.close(done));
		},
	};
}
