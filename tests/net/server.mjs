// echo_net, started for a test; and a raw WebSocket client that may misbehave.
import net from 'node:net';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import WebSocket from 'ws';
import { Program, sleep } from '../lib/process.mjs';
import { patience, program } from '../lib/paths.mjs';

export { sleep };
export const SECOND = 1000 * patience;

export class Server {
	// settings: numbers by the names that echo_net knows
	static async start(settings = {}, addresses = ['clients:127.0.0.1:0']) {
		const args = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
		const it = new Server();
		it.program = new Program(program('tests/net/echo_net'), [...args, ...addresses]);
		await it.program.waitFor(/^ready /);
		while (it.#names().length < addresses.length) await sleep(5);
		it.ports = it.#names().map((name) => Number(name.split(':').pop()));
		it.port = it.ports[0];
		return it;
	}

	#names() {
		return this.program.lines.filter((l) => l.startsWith('ready ')).map((l) => l.slice(6));
	}

	url(path = '/') { return `ws://127.0.0.1:${this.port}${path}`; }

	http(path) { return `http://127.0.0.1:${this.port}${path}`; }

	async counts() {
		try {
			return await (await fetch(this.http('/counts'))).json();
		} catch (error) {
			throw new Error(`/counts: ${error.cause ?? error}\n${this.program.said()}`);
		}
	}

	// CPU used so far, in ms; to find what spins.
	async cpu() {
		const { readFile } = await import('node:fs/promises');
		const stat = await readFile(`/proc/${this.program.pid}/stat`, 'latin1');
		const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
		return (Number(fields[11]) + Number(fields[12])) * 10;
	}

	// Resident memory, in bytes.
	async memory() {
		const { readFile } = await import('node:fs/promises');
		const status = await readFile(`/proc/${this.program.pid}/status`, 'latin1');
		return Number(/VmRSS:\s+(\d+)/.exec(status)[1]) * 1024;
	}

	// It must leave by itself, with 0 and without a word of a sanitizer.
	async stop() {
		const exit = await this.program.stop('SIGTERM', 20 * SECOND);
		if (exit.code !== 0) throw new Error(`echo_net left with ${JSON.stringify(exit)}:\n${this.program.said()}`);
	}
}

// A client by the book, that keeps what it hears.
export class Client {
	static async open(url, options = {}) {
		const it = new Client();
		it.heard = [];
		it.pongs = 0;
		it.socket = new WebSocket(url, { perMessageDeflate: false, ...options });
		it.closed = new Promise((done) => it.socket.once('close',
			(code, reason) => done({ code, reason: String(reason) })));
		it.socket.on('message', (data) => it.heard.push(String(data)));
		it.socket.on('pong', () => it.pongs++);
		it.socket.on('error', (error) => { it.error = error; });
		await Promise.race([once(it.socket, 'open'), it.closed]);
		await it.hears(1);			// hello
		return it;
	}

	say(text) { this.socket.send(text); }

	// Wait until it has heard so many messages in all.
	async hears(count, timeout_ms = 10 * SECOND) {
		const deadline = Date.now() + timeout_ms;
		while (this.heard.length < count) {
			if (Date.now() > deadline)
				throw new Error(`heard ${this.heard.length} messages, not ${count}`);
			await sleep(2);
		}
		return this.heard[count - 1];
	}
}

// One frame, RFC 6455 section 5.2, with whatever bits one likes.
export function frame(opcode, payload = '', { fin = true, mask = true, rsv = 0 } = {}) {
	const data = Buffer.from(payload);
	const head = [(fin ? 0x80 : 0) | rsv << 4 | opcode];
	const bit = mask ? 0x80 : 0;
	if (data.length < 126) head.push(bit | data.length);
	else if (data.length < 65536) head.push(bit | 126, data.length >> 8, data.length & 255);
	else head.push(bit | 127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((n) => data.length >>> n & 255));
	if (!mask) return Buffer.concat([Buffer.from(head), data]);
	const key = randomBytes(4);
	return Buffer.concat([Buffer.from(head), key, data.map((b, i) => b ^ key[i & 3])]);
}

// A TCP connection that keeps all it receives.
export class Raw {
	static async connect(port) {
		const it = new Raw();
		it.chunks = [];
		it.ended = false;
		it.socket = net.connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
		it.socket.on('data', (data) => it.chunks.push(data));
		it.socket.on('error', (error) => { it.error = error; });
		it.gone = new Promise((done) => {
			it.socket.once('end', () => { it.ended = true; done(); });
			it.socket.once('close', () => { it.ended = true; done(); });
		});
		await once(it.socket, 'connect');
		return it;
	}

	get bytes() {
		if (this.chunks.length !== 1) this.chunks = [Buffer.concat(this.chunks)];
		return this.chunks[0];
	}

	// Upgraded, with nothing but frames in bytes.
	static async upgraded(port, extra = '') {
		const it = await Raw.connect(port);
		it.write('GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
			`Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Version: 13\r\n${extra}\r\n`);
		await it.waitFor('\r\n\r\n');
		const end = it.bytes.indexOf('\r\n\r\n') + 4;
		it.head = it.bytes.subarray(0, end).toString('latin1');
		it.chunks = [it.bytes.subarray(end)];
		return it;
	}

	write(bytes) { this.socket.write(bytes); return this; }

	text() { return this.bytes.toString('latin1'); }

	async waitFor(text, timeout_ms = 10 * SECOND) {
		const deadline = Date.now() + timeout_ms;
		while (!this.text().includes(text)) {
			if (this.ended || Date.now() > deadline)
				throw new Error(`no ${JSON.stringify(text)} in ${JSON.stringify(this.text().slice(0, 500))}`);
			await sleep(2);
		}
	}

	// Everything until the server hangs up; throws if it does not in time.
	async rest(timeout_ms = 10 * SECOND) {
		let timer;
		const late = new Promise((_, fail) => {
			timer = setTimeout(() => fail(new Error('the server did not hang up')), timeout_ms);
		});
		try {
			await Promise.race([this.gone, late]);
		} finally {
			clearTimeout(timer);
		}
		this.socket.destroy();
		return this.text();
	}

	// The frames received so far: [{opcode, fin, payload}].
	frames() {
		const found = [];
		for (let at = 0; at + 2 <= this.bytes.length;) {
			const b = this.bytes;
			let len = b[at + 1] & 127, head = 2;
			if (len === 126) { len = b.readUInt16BE(at + 2); head = 4; }
			else if (len === 127) { len = Number(b.readBigUInt64BE(at + 2)); head = 10; }
			if (at + head + len > b.length) break;
			found.push({
				opcode: b[at] & 15, fin: b[at] >> 7 === 1,
				payload: b.subarray(at + head, at + head + len),
			});
			at += head + len;
		}
		return found;
	}

	// The first frame of an opcode, as soon as it is here.
	async frame(opcode, timeout_ms = 10 * SECOND) {
		const deadline = Date.now() + timeout_ms;
		for (;;) {
			const found = this.frames().find((f) => f.opcode === opcode);
			if (found) return found;
			if (this.ended || Date.now() > deadline)
				throw new Error(`no frame with opcode ${opcode}`);
			await sleep(2);
		}
	}

	async closeCode(timeout_ms) {
		return (await this.frame(8, timeout_ms)).payload.readUInt16BE(0);
	}
}
