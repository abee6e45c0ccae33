// Reading talks, and holding one with a server.  The form is in README.md.
import fs from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';

const folder = fileURLToPath(new URL('talks/', import.meta.url));
const LINE = /^([A-Z])([>&<~!|.+-])\s*(.*)$/;
const HELLO = { a: 'hs', id: null, protocol: 1, protocolMinor: 2 };

/** Every talk in a file's text: {topic, name, needs, lines: [{who, what, json, number}]}. */
export function parseTalks(text, topic) {
	const talks = [];
	for (const [index, raw] of text.split('\n').entries()) {
		const line = raw.trim();
		const where = `${topic}.talk:${index + 1}`;
		const talk = talks.at(-1);
		if (!line || line.startsWith('#')) continue;
		if (line.startsWith('== ')) {
			talks.push({ topic, name: line.slice(3), needs: [], lines: [] });
		} else if (!talk) {
			throw new Error(`${where}: a talk begins with == and its name`);
		} else if (line.startsWith('needs ')) {
			talk.needs.push(...line.slice(6).split(/\s+/));
		} else {
			const [, who, what, rest] = LINE.exec(line) ?? [];
			if (!who) throw new Error(`${where}: no such line: ${line}`);
			if ('>&<~'.includes(what)) JSON.parse(rest);
			const before = talk.lines.at(-1);
			const group = before?.what === '~' && before.who === who ? before.group : [];
			const entry = { who, what, json: rest, where };
			if (what === '~') {
				entry.group = group;
				if (!group.length) entry.among = group;		// the first waits for all
				group.push(rest);
			}
			talk.lines.push(entry);
		}
	}
	return talks;
}

export function readTalks() {
	return fs.readdirSync(folder).filter((name) => name.endsWith('.talk')).sort().flatMap((name) =>
		parseTalks(fs.readFileSync(path.join(folder, name), 'utf8'), path.basename(name, '.talk')));
}

// Does what was heard fit what was expected?  <any>, <text> and <number> fit what
// they say; a member whose name ends in ? may be missing.
function fits(expected, heard) {
	if (expected === '<any>') return true;
	if (expected === '<text>') return typeof heard === 'string' && heard !== '';
	if (expected === '<number>') return typeof heard === 'number';
	if (Array.isArray(expected))
		return Array.isArray(heard) && heard.length === expected.length &&
			expected.every((part, i) => fits(part, heard[i]));
	if (expected && typeof expected === 'object') {
		if (!heard || typeof heard !== 'object' || Array.isArray(heard)) return false;
		const may = Object.keys(expected).filter((name) => name.endsWith('?'));
		const must = Object.keys(expected).filter((name) => !name.endsWith('?'));
		return must.every((name) => Object.hasOwn(heard, name) && fits(expected[name], heard[name])) &&
			Object.keys(heard).every((name) => must.includes(name) ||
				may.includes(`${name}?`) && fits(expected[`${name}?`], heard[name]));
	}
	return isDeepStrictEqual(expected, heard);
}

class Client {
	#heard = [];
	#waiting = null;

	constructor(url) {
		this.closed = false;
		this.socket = new WebSocket(url, { perMessageDeflate: false });
		this.socket.on('message', (data) => { this.#heard.push(JSON.parse(data)); this.#waiting?.(); });
		this.socket.on('close', () => { this.closed = true; this.#waiting?.(); });
		this.opened = new Promise((done, fail) => {
			this.socket.once('open', done);
			this.socket.once('error', fail);
		});
		this.socket.on('error', () => {});
	}

	say(text) { this.socket.send(text); }

	/** Until there is something to hear, or the end, or the time is over. */
	async #something(limit_ms) {
		if (this.#heard.length || this.closed) return;
		await new Promise((done) => {
			const timer = setTimeout(done, limit_ms);
			this.#waiting = () => { clearTimeout(timer); done(); };
		});
		this.#waiting = null;
	}

	/** The next message, or undefined when none comes. */
	async hear(limit_ms) {
		await this.#something(limit_ms);
		return this.#heard.shift();
	}

	async end(limit_ms) {
		const deadline = Date.now() + limit_ms;
		while (!this.closed && Date.now() < deadline) {
			await this.#something(Math.max(1, deadline - Date.now()));
			this.#heard = [];	// a word of why
		}
	}

	leave() { this.socket.terminate(); }
}

class Failure extends Error {}

class Stage {
	constructor(urls, { limit_ms, mark }) {
		Object.assign(this, { urls, limit_ms, mark, clients: new Map(), ids: new Map(), connected: 0 });
	}

	// $A: the id that the server gave to A; $c and $ch: a collection and a channel of this talk alone.
	fill(json) {
		return json.replace(/\$(ch|c|[A-Z])\b/g, (whole, name) => {
			if (name === 'c' || name === 'ch') return `${name}-${this.mark}`;
			if (!this.ids.has(name)) throw new Failure(`${whole} is used before ${name} was greeted`);
			return this.ids.get(name);
		});
	}

	async connect(who) {
		const client = new Client(this.urls[this.connected++ % this.urls.length]);
		await client.opened;
		this.clients.set(who, client);
		const init = await client.hear(this.limit_ms);
		if (init?.a !== 'init' || typeof init.id !== 'string')
			throw new Failure(`${who} is greeted with ${JSON.stringify(init)}`);
		this.ids.set(who, init.id);
		return client;
	}

	async client(who) {
		let client = this.clients.get(who);
		if (client) return client;
		client = await this.connect(who);
		client.say(JSON.stringify(HELLO));
		const answer = await client.hear(this.limit_ms);
		if (answer?.a !== 'hs') throw new Failure(`${who} says hello and hears ${JSON.stringify(answer)}`);
		return client;
	}

	// A ping's answer says that everything said before has been dealt with.
	async silence(who, client) {
		if (client.closed) return;
		client.say('{"a":"pp"}');
		const heard = await client.hear(this.limit_ms);
		if (heard?.a !== 'pp' || heard.error) throw new Failure(`${who} hears what it should not: ${JSON.stringify(heard)}`);
	}

	// What is heard next is one of these, which are heard in any order.
	async anyOf(who, client, expected) {
		while (expected.length) {
			const heard = await client.hear(this.limit_ms);
			const found = expected.findIndex((json) => fits(JSON.parse(this.fill(json)), heard));
			if (found < 0)
				throw new Failure(`${who} hears       ${JSON.stringify(heard)}\n      and should hear ` +
					expected.map((json) => this.fill(json)).join(' or '));
			expected.splice(found, 1);
		}
	}

	async line({ who, what, json, among }) {
		if (what === '+') {
			await this.connect(who);
			return;
		}
		const client = await this.client(who);
		if (what === '>' || what === '!') {
			client.say(this.fill(json));
		} else if (what === '&') {		// said and answered by its echo
			client.say(this.fill(json));
			const said = JSON.parse(this.fill(json));
			const heard = await client.hear(this.limit_ms);
			if (heard?.a !== said.a || heard.error) throw new Failure(`${who} hears ${JSON.stringify(heard)}`);
		} else if (what === '<') {
			const heard = await client.hear(this.limit_ms);
			if (heard === undefined) throw new Failure(`${who} hears nothing, and should hear ${this.fill(json)}`);
			if (!fits(JSON.parse(this.fill(json)), heard))
				throw new Failure(`${who} hears       ${JSON.stringify(heard)}\n      and should hear ${this.fill(json)}`);
		} else if (what === '~') {
			if (among) await this.anyOf(who, client, [...among]);
		} else if (what === '|') {
			await client.end(this.limit_ms);
			if (!client.closed) throw new Failure(`${who} is not cut off`);
		} else if (what === '-') {
			client.leave();
			await client.end(this.limit_ms);
		} else {
			await this.silence(who, client);
		}
	}
}

/** Hold a talk with a server that has one or more ways in; undefined, or what went wrong. */
export async function hold(talk, urls, { limit_ms = 5000, mark = Math.random().toString(36).slice(2) } = {}) {
	const stage = new Stage(urls, { limit_ms, mark });
	let at = null;
	try {
		for (at of talk.lines) await stage.line(at);
		at = null;
		for (const [who, client] of stage.clients) await stage.silence(who, client);
		return undefined;
	} catch (error) {
		return `${at ? `${at.where}: ${at.who}${at.what} ${at.json.slice(0, 120)}` : 'at the end'}\n      ` +
			`${error instanceof Failure ? error.message : error.stack}`;
	} finally {
		for (const client of stage.clients.values()) client.leave();
	}
}
