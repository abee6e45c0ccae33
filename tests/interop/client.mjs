// The unmodified ShareDB client on a reconnecting socket, with promises, and
// with a line that a test can cut.
import Client from 'sharedb/lib/client/index.js';
import ReconnectingWebSocket from 'reconnecting-websocket';
import { WebSocket } from 'ws';
import { types } from './types.mjs';

for (const type of Object.values(types)) Client.types.register(type);

export class Peer {
	// client: the package's client library; that of ShareDB 7 if none is given.  wire: options of its WebSocket.
	static async connect(url, client, wire) {
		const peer = new Peer(url, client, wire);
		await peer.online();
		return peer;
	}

	constructor(url, client = Client, wire = {}) {
		const peer = this;
		this.url = url;
		this.deaf = false;	// nothing that arrives is heard
		this.heard = [];	// messages as they arrived, when kept
		this.keeps = false;
		// Each (re)connection makes one of these; the newest is peer.wire.
		class Wire extends WebSocket {
			constructor(address) {
				super(address, { perMessageDeflate: false, ...wire });
				peer.wire = this;
				// The reconnecting socket takes its listeners off before it gives up one that is still opening: the
				// error of that is nobody's, and unheard it would be thrown before the wire has said that it is closed.
				this.on('error', () => {});
			}
			emit(name, ...args) {
				if (name === 'message') {
					if (peer.deaf) return true;
					if (peer.keeps) peer.heard.push(JSON.parse(args[0]));
				}
				return super.emit(name, ...args);
			}
		}
		this.socket = new ReconnectingWebSocket(() => this.url, [], {
			WebSocket: Wire, maxEnqueuedMessages: 0,
			minReconnectionDelay: 10, maxReconnectionDelay: 200,
			reconnectionDelayGrowFactor: 1.5, connectionTimeout: 4000, minUptime: 10,
		});
		this.connection = new client.Connection(this.socket);
		this.errors = [];
		this.connection.on('error', (error) => this.errors.push(error));
	}

	async online(timeout_ms = 20_000) {
		if (this.connection.state === 'connected') return;
		await within(timeout_ms, 'connected', new Promise((done) => this.connection.once('connected', done)));
	}

	// The TCP connection ends without a word; the socket will come back.
	cut() { this.wire?.terminate(); }

	// For good: the socket does not come back.
	async close() {
		const gone = this.wire.readyState === WebSocket.CLOSED ? Promise.resolve() :
			new Promise((done) => this.wire.once('close', done));
		this.socket.close();
		await within(40_000, 'the wire is closed', gone);
	}

	doc(collection, id) { return new Doc(this.connection.get(collection, id)); }
}

// A ShareDB Doc with promises instead of callbacks.
export class Doc {
	constructor(doc) {
		this.raw = doc;
		this.errors = [];
		doc.on('error', (error) => this.errors.push(error));
	}
	get v() { return this.raw.version; }
	get data() { return this.raw.data; }
	get type() { return this.raw.type; }
	#call(what, ...args) {
		return within(30_000, `${what} of ${this.raw.id}`, new Promise((done, fail) =>
			this.raw[what](...args, (error) => (error ? fail(error) : done()))));
	}
	create(data, type = 'json0') { return this.#call('create', data, type); }
	submit(op) { return this.#call('submitOp', op); }
	del() { return this.#call('del'); }
	fetch() { return this.#call('fetch'); }
	subscribe() { return this.#call('subscribe'); }
	unsubscribe() { return this.#call('unsubscribe'); }
	settled() { return this.#call('whenNothingPending'); }
	// Resolves when check(doc) holds, asked after each change.
	until(what, check, timeout_ms = 15_000) {
		const { raw } = this;
		let look;
		return within(timeout_ms, what, new Promise((done) => {
			look = () => { if (check(this)) done(); };
			for (const event of ['op', 'load', 'create', 'del', 'no write pending']) raw.on(event, look);
			look();
		}), () => `v ${raw.version}, ${JSON.stringify(raw.data)?.slice(0, 200)}`)
			.finally(() => {
				for (const event of ['op', 'load', 'create', 'del', 'no write pending'])
					raw.removeListener(event, look);
			});
	}
	atLeast(v) { return this.until(`version ${v}`, () => this.v >= v && !this.raw.hasWritePending()); }
}

export function within(timeout_ms, what, promise, state = () => '') {
	let timer;
	return Promise.race([promise, new Promise((_, fail) => {
		timer = setTimeout(() => fail(new Error(`waited ${timeout_ms} ms in vain: ${what} ${state()}`)), timeout_ms);
	})]).finally(() => clearTimeout(timer));
}
