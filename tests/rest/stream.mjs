// A reader of server-sent events that comes back by itself, as browsers' do,
// and keeps all it was sent; and a receiver of webhooks.
import http from 'node:http';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { patience } from '../lib/paths.mjs';
import { sleep, until } from '../lib/process.mjs';

// A token of a subject, signed with a secret (HS256).
export function token(secret, claims) {
	const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
	const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ exp: Math.floor(Date.now() / 1000) + 3600, ...claims })}`;
	return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

export class Stream {
	// base: the server's URL; path below /v1.
	constructor(base, path, { headers = {}, lastId } = {}) {
		Object.assign(this, { base: base.replace(/^ws/, 'http').replace(/\/(ws)?$/, ''), path, headers, lastId });
		this.events = [];	// {event, id, data}
		this.comments = 0;
		this.statuses = [];	// of each connection
		this.going = true;
		this.done = this.#run();
	}

	async #run() {
		while (this.going) {
			await this.#once().catch(() => {});
			if (this.going) await sleep(20);
		}
	}

	#once() {
		return new Promise((done) => {
			const headers = { ...this.headers, ...this.lastId !== undefined && { 'last-event-id': this.lastId } };
			this.request = http.get(`${this.base}/v1${this.path}`, { headers, agent: false }, (answer) => {
				this.statuses.push(answer.statusCode);
				this.type = answer.headers['content-type'];
				this.answerHeaders = answer.headers;
				let text = '';
				answer.setEncoding('utf8');
				answer.on('data', (chunk) => {
					text += chunk;
					for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) this.#block(text.slice(0, end));
				});
				answer.on('close', () => { this.body = text; done(); });
				answer.on('error', done);
			});
			this.request.on('error', done);
		});
	}

	#block(block) {
		const event = { event: 'message', data: [] };
		for (const line of block.split('\n')) {
			if (line.startsWith(':')) { this.comments++; continue; }
			const [, name, value] = /^(\w+): ?(.*)$/.exec(line);
			if (name === 'data') event.data.push(value);
			else if (name === 'retry') this.retry = Number(value);
			else event[name] = value;
		}
		if (!event.data.length) return;
		event.data = JSON.parse(event.data.join('\n'));
		if (event.id !== undefined) this.lastId = event.id;
		this.events.push(event);
	}

	of(name) { return this.events.filter(({ event }) => event === name); }

	// Wait until check(this) holds.
	async has(what, check, seconds = 15) {
		try {
			await until(what, () => check(this), { timeout_ms: seconds * 1000 * patience });
		} catch (error) {
			throw new Error(`${error.message}; statuses ${this.statuses}, last events ${JSON.stringify(this.events.slice(-5))} ${this.body}`);
		}
	}

	// The connection is cut; it comes back with the id of the last event.
	cut() { this.request.destroy(); }

	async close() {
		this.going = false;
		this.request.destroy();
		await this.done;
	}
}

// A receiver of webhooks.  answer(delivery) gives the status, or null: hang up.
export class Receiver {
	static async start(answer = () => 204) {
		const it = new Receiver();
		it.answer = answer;
		it.deliveries = [];	// all that were asked for, answered or not
		it.taken = [];		// those that were answered with 2xx
		it.flying = new Map();	// by document: how many at once
		it.overlaps = [];
		await it.up();
		return it;
	}

	async up(port = this.port ?? 0) {
		this.server = http.createServer((q, r) => this.#request(q, r).catch(() => r.destroy())).listen(port, '127.0.0.1');
		await once(this.server, 'listening');
		this.port = this.server.address().port;
	}

	get url() { return `http://127.0.0.1:${this.port}/hook`; }

	async #request(q, r) {
		let body = '';
		for await (const chunk of q) body += chunk;
		const payload = JSON.parse(body);
		const delivery = { headers: q.headers, body, payload, id: q.headers['webhook-id'], doc: payload.data.id, at: Date.now() };
		this.deliveries.push(delivery);
		const n = (this.flying.get(delivery.doc) ?? 0) + 1;
		this.flying.set(delivery.doc, n);
		if (n > 1) this.overlaps.push(delivery.doc);
		let answer;
		try {
			answer = await this.answer(delivery);
		} finally {
			this.flying.set(delivery.doc, this.flying.get(delivery.doc) - 1);
		}
		if (answer === null) { r.destroy(); return; }
		const { status, headers = {} } = typeof answer === 'number' ? { status: answer } : answer;
		if (status < 300) this.taken.push(delivery);
		r.writeHead(status, headers).end();
	}

	async down() {
		this.server.closeAllConnections();
		this.server.close();
		await once(this.server, 'close');
	}
}

// Is it signed with this secret?  Standard Webhooks 1.0.0, written anew from its text.
export function isSigned(delivery, secret) {
	const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signatures } = delivery.headers;
	const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
	const wanted = createHmac('sha256', key).update(`${id}.${at}.${delivery.body}`).digest();
	return Math.abs(Number(at) - Date.now() / 1000) < 300 && signatures.split(' ').some((text) => {
		const [version, value] = text.split(',');
		const given = Buffer.from(value, 'base64');
		return version === 'v1' && given.length === wanted.length && timingSafeEqual(given, wanted);
	});
}
