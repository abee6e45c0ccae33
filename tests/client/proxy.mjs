// A network between client and server that can be cut, or fall silent, or lose
// what it is told to lose.
import { WebSocket, WebSocketServer } from 'ws';

export async function startProxy(target) {
	const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
	await new Promise((done) => server.once('listening', done));
	const proxy = {
		url: `ws://127.0.0.1:${server.address().port}/`,
		count: 0,		// connections so far
		isSilent: false,	// connections stay, and nothing comes through
		isShut: false,
		passes: () => true,	// does this message get through? (message, isUp)
		cut() { for (const near of server.clients) near.terminate(); },
		async stop() { proxy.cut(); await new Promise((done) => server.close(done)); },
	};
	server.on('connection', (near) => {
		if (proxy.isShut) return near.terminate();
		proxy.count++;
		const far = new WebSocket(target);
		const opened = new Promise((done) => { far.once('open', done); far.once('error', done); });
		const get = (text, isUp) => !proxy.isSilent && proxy.passes(JSON.parse(text), isUp);
		near.on('message', async (data) => {
			await opened;
			if (get(data.toString(), true) && far.readyState === 1) far.send(data.toString());
		});
		far.on('message', (data) => { if (get(data.toString(), false) && near.readyState === 1) near.send(data.toString()); });
		near.on('close', () => far.terminate());
		far.on('close', () => near.terminate());
		near.on('error', () => {});
	});
	return proxy;
}
