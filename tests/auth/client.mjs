// What the tests of identity have in common: tokens made by hand, a client of the api, and a bare WebSocket.
import crypto from 'node:crypto';
import { WebSocket } from 'ws';
import { Api } from '../rest/api.mjs';
import { patience } from '../lib/paths.mjs';

export const SECRET = '0123456789abcdef0123456789abcdef';
export const now_s = () => Math.floor(Date.now() / 1000);

const encode = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

// header and claims are objects, or text that is meant to be odd.
export function sign(claims, { key = SECRET, alg = 'HS256', header = {} } = {}) {
	const body = `${encode(typeof header === 'string' ? header : { alg, ...header })}.${encode(claims)}`;
	let signature = Buffer.alloc(0);
	if (alg.startsWith('HS'))
		signature = crypto.createHmac(`sha${alg.slice(2)}`, key).update(body).digest();
	else if (alg !== 'none')
		signature = crypto.sign(`sha${alg.slice(2)}`, Buffer.from(body), { key, dsaEncoding: 'ieee-p1363' });
	return `${body}.${signature.toString('base64url')}`;
}

// A good token, unless claims say otherwise.
export const token = (sub, claims = {}, options) => sign({ sub, exp: now_s() + 600, ...claims }, options);
export const bearer = (text) => ({ authorization: `Bearer ${text}` });

// An api that shows this token.
export class As extends Api {
	constructor(url, text) {
		super(url);
		this.shown = text === undefined ? {} : bearer(text);
	}

	call(method, path, options = {}) {
		return super.call(method, path, { ...options, headers: { ...this.shown, ...options.headers } });
	}
}

// One WebSocket: what it heard, and how it was closed.
export class Socket {
	static open(url, headers = {}) {
		return new Promise((done, fail) => {
			const socket = new Socket();
			socket.heard = [];
			socket.ws = new WebSocket(url, { headers });
			socket.closed = new Promise((ended) => socket.ws.on('close', (code, reason) =>
				ended({ code, reason: reason.toString(), at: Date.now() })));
			socket.ws.on('message', (text) => {
				socket.heard.push(JSON.parse(text));
				socket.waiting?.();
			});
			socket.ws.on('open', () => done(socket));
			socket.ws.on('unexpected-response', (request, answer) => {
				request.destroy();
				done({ refused: answer.statusCode, challenge: answer.headers['www-authenticate'] });
			});
			socket.ws.on('error', (error) => fail(error));
		});
	}

	say(message) { this.ws.send(JSON.stringify(message)); }

	// The first message that fits, heard already or to come.
	async hears(fits) {
		const end = Date.now() + 10_000 * patience;
		for (;;) {
			const found = this.heard.find(fits);
			if (found) return found;
			if (this.ws.readyState >= WebSocket.CLOSING) throw new Error(`closed, having heard ${JSON.stringify(this.heard)}`);
			if (Date.now() > end) throw new Error(`not heard among ${JSON.stringify(this.heard)}`);
			await new Promise((come) => {
				this.waiting = come;
				setTimeout(come, 100);
				this.closed.then(come);
			});
		}
	}

	close() { this.ws.close(); return this.closed; }
}
