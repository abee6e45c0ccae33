// What somebody may do to a server from one address, each for some seconds and bounded in number.  bench/storm starts
// this in a process of its own:  node bench/attacks.mjs NAME PORT SECONDS TOKEN ADDRESS  and reads what it counted.
import http from 'node:http';
import net from 'node:net';
import { fileURLToPath } from 'node:url';
import { WebSocket } from '../tests/node_modules/ws/wrapper.mjs';

const HANDSHAKE = { a: 'hs', id: null, protocol: 1, protocolMinor: 2 };
const COLLECTION = 'notes';
const MOST_CONNECTIONS = 4000;	// that one attack has open at once
const MOST_WAITING = 8 << 20;	// bytes that one connection has written and the server has not taken
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// An attack under way, and what was counted of it.
class Attack {
	constructor({ port, seconds, token, address }) {
		Object.assign(this, { port, token, address, end: Date.now() + 1000 * seconds, sockets: new Set(), counts: {} });
	}

	get over() { return Date.now() >= this.end; }
	count(what, n = 1) { this.counts[what] = (this.counts[what] ?? 0) + n; }

	// A bare connection; resolves to null where it is refused.
	connect() {
		return new Promise((done) => {
			const socket = net.connect({ port: this.port, host: '127.0.0.1', localAddress: this.address, noDelay: true });
			this.sockets.add(socket);
			socket.on('connect', () => { this.count('connected'); done(socket); });
			socket.on('error', () => done(null));
			socket.on('close', () => { this.sockets.delete(socket); this.count('closed'); done(null); });
			socket.resume();
		});
	}

	// A WebSocket that has said hello; null where it is refused.
	open({ hello = true } = {}) {
		return new Promise((done) => {
			const socket = new WebSocket(`ws://127.0.0.1:${this.port}/ws`, {
				headers: { authorization: `Bearer ${this.token}` }, localAddress: this.address,
				perMessageDeflate: false, handshakeTimeout: 5000 });
			this.sockets.add(socket);
			socket.heard = 0;
			socket.on('open', () => {
				this.count('connected');
				if (hello) socket.send(JSON.stringify(HANDSHAKE));
				done(socket);
			});
			socket.on('message', (data) => {
				socket.heard++;
				if (socket.heard > 2) this.#note(data);
			});
			socket.on('error', () => done(null));
			socket.on('close', (code) => { this.sockets.delete(socket); this.count(`close ${code}`); done(null); });
		});
	}

	// Which errors the server tells.
	#note(data) {
		const code = /"code":"([A-Z_]+)"/.exec(data.toString('latin1', Math.max(0, data.length - 1000)))?.[1];
		this.count(code ?? 'answers');
	}

	// Each of n connections says what make(i, socket) gives, again and again, as fast as the server takes it;
	// who is thrown out comes again.
	async flood(n, make, { pause_ms = 0 } = {}) {
		await Promise.all(Array.from({ length: n }, async (_, who) => {
			let socket = null, i = 0;
			while (!this.over) {
				if (!socket || socket.readyState !== WebSocket.OPEN) {
					socket = await this.open();
					if (!socket) await sleep(50);
					continue;
				}
				while (!this.over && socket.readyState === WebSocket.OPEN && socket.bufferedAmount > MOST_WAITING) await sleep(2);
				if (socket.readyState !== WebSocket.OPEN) continue;
				socket.send(make(i++, who));
				this.count('messages');
				if (pause_ms || i % 64 === 0) await sleep(pause_ms);
			}
		}));
	}

	// n at once, as fast as they are answered.
	async requests(n, make) {
		await Promise.all(Array.from({ length: n }, async (_, who) => {
			for (let i = 0; !this.over; i++) {
				const status = await this.request(make(i, who));
				this.count(`status ${status}`);
				if (status === 'none') await sleep(5);
			}
		}));
	}

	request({ method = 'GET', path, body, headers = {} }) {
		return new Promise((done) => {
			const request = http.request({ host: '127.0.0.1', port: this.port, localAddress: this.address, path, method, agent: false,
				headers: { ...headers, ...body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } } },
			(answer) => { answer.resume(); answer.on('close', () => done(answer.statusCode)); });
			request.on('error', () => done('none'));
			request.setTimeout(10_000, () => request.destroy());
			request.end(body);
		});
	}

	// Many connections that send(socket, i) something small each pause_ms.
	async drip(n, begin, drop, pause_ms) {
		const all = [];
		while (all.length < n && !this.over) {
			const some = await Promise.all(Array.from({ length: 100 }, () => this.connect()));
			for (const socket of some)
				if (socket) { socket.write(begin); all.push(socket); }
			if (!some.some(Boolean)) await sleep(100);
		}
		while (!this.over) {
			for (const socket of all)
				if (!socket.destroyed) { socket.write(drop); this.count('drops'); }
			await sleep(pause_ms);
		}
	}

	stop() {
		for (const socket of this.sockets) (socket.terminate ?? socket.destroy).call(socket);
	}
}

const text = (message) => JSON.stringify(message);
const nested = (depth) => '['.repeat(depth) + ']'.repeat(depth);

// A frame of a client, masked with zeros; fin and opcode are as told.
function frame(opcode, payload, fin) {
	const head = payload.length < 126 ? Buffer.from([0, 0x80 | payload.length]) : Buffer.from([0, 0x80 | 126, payload.length >> 8, payload.length & 255]);
	head[0] = (fin ? 0x80 : 0) | opcode;
	return Buffer.concat([head, Buffer.alloc(4), payload]);
}

export const attacks = {
	'connection flood': async (a) => {
		while (!a.over) {
			const some = await Promise.all(Array.from({ length: 100 }, () => a.connect()));
			for (const socket of [...a.sockets].slice(0, Math.max(0, a.sockets.size - MOST_CONNECTIONS))) socket.destroy();
			if (!some.some(Boolean)) await sleep(5);
		}
	},
	'slow heads': (a) => a.drip(2000, 'GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ', 'x', 200),
	'slow bodies': (a) => a.drip(2000, `POST /v1/collections/notes/query HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${a.token}\r\n` +
		'Content-Type: application/json\r\nContent-Length: 60000\r\n\r\n', ' ', 200),
	'huge frames': (a) => {
		const huge = text({ a: 'op', c: COLLECTION, d: 'huge', v: 0, seq: 1, create: { type: 'json0', data: 'x'.repeat(15 << 20) } });
		const beyond = 'x'.repeat(17 << 20);
		return a.flood(4, (i, who) => who === 3 ? beyond : huge);
	},
	'huge frames of numbers': (a) => {
		const huge = text({ a: 'op', c: COLLECTION, d: 'numbers', v: 0, seq: 1, create: { type: 'json0', data: Array(5 << 20).fill(7) } });
		return a.flood(4, () => huge);
	},
	'fragments without end': async (a) => {
		const first = frame(1, Buffer.from('{'), false);
		const more = Buffer.concat(Array.from({ length: 1000 }, () => frame(0, Buffer.from(' '), false)));
		await Promise.all(Array.from({ length: 16 }, async () => {
			while (!a.over) {
				const socket = await a.open();
				if (!socket) { await sleep(50); continue; }
				const raw = socket._socket;
				raw.write(first);
				while (!a.over && !raw.destroyed) {
					raw.write(more);
					a.count('frames', 1000);
					await sleep(0);
					while (!a.over && !raw.destroyed && raw.writableLength > MOST_WAITING) await sleep(2);
				}
			}
		}));
	},
	'subscription bombs': (a) => {
		const bombs = Array.from({ length: 8 }, (_, k) => Array.from({ length: 10_000 }, (_, i) => `bomb-${k}-${i}`));
		return a.flood(4, (i, who) => text({ a: i % 2 ? 'bu' : 'bs', c: COLLECTION, b: bombs[who * 2 + (i >> 1) % 2] }), { pause_ms: 50 });
	},
	'single subscriptions': (a) => a.flood(4, (i) => text({ a: i % 3 === 2 ? 'u' : 's', c: COLLECTION, d: `single-${i % 50_000}` })),
	'query bombs': (a) => a.flood(4, (i, who) => text({ a: 'qs', id: i + 1, c: COLLECTION, q: { n: { $gt: i }, who, $sort: { m: 1 } } })),
	'fetched queries': (a) => a.flood(4, (i) => text({ a: 'qf', id: i + 1, c: COLLECTION, q: { $or: [{ n: i }, { text: { $regex: 'w.*x' } }] } })),
	'costly regular expressions': (a) => a.flood(4, (i) =>
		text({ a: i % 2 ? 'qs' : 'qf', id: i + 1, c: COLLECTION, q: { text: { $regex: `(x+x+)+y{0,${i % 100}}(a|b|c)*.*.*.*z` } } })),
	'deep JSON': (a) => a.flood(4, (i) => `{"a":"op","c":"${COLLECTION}","d":"deep","v":0,"seq":${i + 1},"create":{"type":"json0","data":${nested(i % 2 ? 500 : 100_000)}}}`),
	'wide and deep JSON': (a) => {
		const wide = `[${Array(500).fill(nested(400)).join(',')}]`;
		return a.flood(4, (i) => `{"a":"op","c":"${COLLECTION}","d":"wide","v":0,"seq":${i + 1},"create":{"type":"json0","data":${wide}}}`);
	},
	'deep paths': (a) => {
		const path = Array(400).fill('p');
		return a.flood(4, (i) => i % 2 ? text({ a: 'op', c: COLLECTION, d: 'good', v: 1, seq: i + 1, op: [{ p: path, oi: 1 }] }) :
			text({ a: 'qf', id: i, c: COLLECTION, q: { [path.join('.')]: i } }));
	},
	'ids of 1 MB': (a) => {
		const id = 'i'.repeat(1 << 20);
		return a.flood(4, (i) => text([{ a: 's', c: COLLECTION, d: id }, { a: 'f', c: id, d: 'x' }, { a: 'p', ch: id, id, p: 1, pv: i },
			{ a: 'op', c: COLLECTION, d: 'x', v: 0, seq: 1, src: id, create: { type: id } }, { a: 'qs', id: 1, c: id, q: {} }][i % 5]));
	},
	'a million components': (a) => {
		const many = Array.from({ length: 500_000 }, () => ({ p: ['n'], na: 1 }));
		const op = text(many);
		return a.flood(2, (i, who) => i === 0 ? text({ a: 'op', c: COLLECTION, d: `many-${who}`, v: 0, seq: 1, create: { type: 'json0', data: { n: 0 } } }) :
			`{"a":"op","c":"${COLLECTION}","d":"many-${who}","v":1,"seq":${i + 1},"op":${op}}`);
	},
	'ops that meet': (a) => {
		const op = text(Array.from({ length: 20_000 }, (_, i) => ({ p: ['l', i], li: i })));
		return a.flood(4, (i, who) => i === 0 ? text({ a: 'op', c: COLLECTION, d: 'meet', v: 0, seq: 1, create: { type: 'json0', data: { l: [] } } }) :
			`{"a":"op","c":"${COLLECTION}","d":"meet","v":1,"seq":${i + 1},"op":${op}}`);
	},
	'edits of the same document': (a) => a.flood(8, (i) => text({ a: 'op', c: COLLECTION, d: 'good', v: null, seq: i + 1, op: [{ p: ['m'], na: 1 }] })),
	'edits of other documents': (a) => a.flood(8, (i, who) => i === 0 ?
		text({ a: 'op', c: COLLECTION, d: `own-${who}`, v: 0, seq: 1, create: { type: 'json0', data: { n: 0 } } }) :
		text({ a: 'op', c: COLLECTION, d: `own-${who}`, v: i, seq: i + 1, op: [{ p: ['n'], na: 1 }] })),
	'presence bombs': (a) => a.flood(16, (i, who) => i === 0 ? text({ a: 'ps', ch: 'room', seq: 1 }) :
		text({ a: 'p', ch: 'room', id: `p-${who}-${i % 1000}`, p: { at: i, more: 'x'.repeat(200) }, pv: i })),
	'slow readers': async (a) => {
		const readers = [];
		for (let i = 0; i < 200 && !a.over; i++) {
			const socket = await a.open();
			if (!socket) continue;
			socket.send(text({ a: 's', c: COLLECTION, d: 'good' }));
			socket.pause();
			readers.push(socket);
		}
		while (!a.over) {
			for (const socket of readers)
				if (socket.readyState === WebSocket.OPEN) { socket.send(text({ a: 'f', c: COLLECTION, d: 'good' })); a.count('messages'); }
			await sleep(10);
		}
	},
	'login guessing': (a) => a.requests(32, (i, who) => ({ method: 'POST', path: '/v1/login',
		body: text({ name: i % 2 ? 'admin' : `user-${who}-${i}`, password: `guess-${i}` }) })),
	'REST reads': (a) => a.requests(64, () => ({ path: '/v1/collections/notes/docs/good', headers: { authorization: `Bearer ${a.token}` } })),
	'REST writes': (a) => a.requests(64, (i, who) => ({ method: 'PUT', path: `/v1/collections/notes/docs/rest-${who}`,
		headers: { authorization: `Bearer ${a.token}` }, body: text({ n: i }) })),
	'REST without a token': (a) => a.requests(64, (i) => ({ method: i % 2 ? 'GET' : 'POST', path: '/v1/collections/notes/docs/good',
		...i % 2 || { body: 'x'.repeat(70_000) }, headers: { authorization: `Bearer ${'x.'.repeat(i % 100)}y` } })),
	'reconnect storms': async (a) => {
		await Promise.all(Array.from({ length: 64 }, async () => {
			while (!a.over) {
				const socket = await a.open();
				if (!socket) { await sleep(5); continue; }
				socket.send(text({ a: 's', c: COLLECTION, d: 'good' }));
				await sleep(10);
				socket.terminate();
			}
		}));
	},
};

// Let it go on to its end; what it waits for may never come.  What it counted: answers by code, closings, statuses.
export async function attack(name, { seconds, ...where }) {
	const it = new Attack({ seconds, ...where });
	await Promise.race([attacks[name](it), sleep(1000 * seconds + 500)]);
	it.stop();
	return it.counts;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const [name, port, seconds, token, address] = process.argv.slice(2);
	console.log(JSON.stringify(await attack(name, { port: Number(port), seconds: Number(seconds), token, address })));
	process.exit(0);
}
