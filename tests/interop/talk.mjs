// Raw conversations: what clients say, and everything that each then hears.
import { WebSocket } from 'ws';
import { sleep } from '../lib/process.mjs';
import { patience } from '../lib/paths.mjs';

const HANDSHAKE = { a: 'hs', id: null, protocol: 1, protocolMinor: 2 };

class Talker {
	constructor(url) {
		this.heard = [];
		this.closed = null;
		this.barriers = 0;
		this.socket = new WebSocket(url, { perMessageDeflate: false });
		this.socket.on('message', (data) => this.#hear(JSON.parse(data)));
		this.socket.on('close', (code) => { this.closed = code; });
		this.socket.on('error', () => {});
		this.opened = new Promise((done) => this.socket.once('open', done));
	}

	#hear(message) {
		if (message.a === 'pp' && message.id === 'barrier') this.barriers--;
		else this.heard.push(message);
	}

	// text, or a Buffer for a binary frame
	say(text) {
		if (this.closed === null) this.socket.send(text);
	}

	// Whatever was said before it has been read by the server, and answered
	// if no store was needed.
	async barrier() {
		if (this.closed !== null) return;
		this.barriers++;
		this.say('{"a":"pp","id":"barrier"}');
		while (this.barriers && this.closed === null) await sleep(1);
	}

	// To wait for counts is exact; the limit is for servers that say less.
	async waitFor(count) {
		const deadline = Date.now() + 3000 * patience;
		while (this.heard.length < count && Date.now() < deadline) await sleep(1);
	}

	async leave() {
		if (this.closed !== null) return;
		this.socket.close();
		for (let i = 0; i < 500 && this.closed === null; i++) await sleep(2);
	}
}

/*
 * Hold a conversation with a server: {name, clients, bare, steps}, a step being
 * [who, message] or [who, 'leave'].  number, when given, goes into the names of
 * the conversation's collections, so that one server can hold many.  expected
 * is the outcome it should have; it says how much to wait for.  The outcome is,
 * per step and client, what was heard, with ids made by the server masked.
 */
export async function hold(talk, urls, { expected, number = '' } = {}) {
	const talkers = [];
	const outcome = [];
	const ids = new Map();
	const mark = `~${number}~`;
	const apart = (message) => (Buffer.isBuffer(message) ? message :
		(typeof message === 'string' ? message : JSON.stringify(message))
			.replace(/"c":"(greet|read|sub|edits|project|pres|past|query)/g, `"c":"$1${mark}`)
			.replace(/"ch":"(room|in\.|a|b|other)/g, `"ch":"$1${mark}`));
	const hear = (t) => t.heard.splice(0).map((message) => mask(withoutCreateType(message), ids, mark));

	const hearing = async (index) => {
		for (const [i, t] of talkers.entries()) {
			if (expected?.[index]?.closed[i]) {
				for (let n = 0; n < 1500 * patience && t.closed === null; n++) await sleep(2);
			} else if (expected) {
				await t.waitFor(expected[index]?.heard[i]?.length ?? 0);
			}
		}
		for (let round = 0; round < 2; round++)
			for (const t of talkers) await t.barrier();
		outcome.push({
			heard: talkers.map(hear),
			closed: talkers.map((t) => t.closed !== null),
		});
	};

	for (let i = 0; i < (talk.clients ?? 1); i++) {
		const t = new Talker(urls[i % urls.length]);
		talkers.push(t);
		await t.opened;
		while (!t.heard.length) await sleep(1);
		ids.set(t.heard[0].id, `<id ${i}>`);
		if (!talk.bare) t.say(JSON.stringify(HANDSHAKE));
	}
	await hearing(0);
	for (const [index, [who, message]] of talk.steps.entries()) {
		if (message === 'leave') await talkers[who].leave();
		else talkers[who].say(apart(message));
		await hearing(index + 1);
	}
	// Anything that comes later than the reference's is a fault as well.
	await sleep(expected ? 15 : 5);
	outcome.push({ heard: talkers.map(hear), closed: [] });
	for (const t of talkers) await t.leave();
	return outcome;
}

// The type in the echo of a refused create is not compared: ShareDB resolves it
// in place before it checks the op, so that the echo is not what was said.
function withoutCreateType(message) {
	if (message.error && message.create?.type !== undefined) delete message.create.type;
	return message;
}

function mask(value, ids, mark) {
	if (typeof value === 'string') return ids.get(value) ?? value.replace(mark, '');
	if (Array.isArray(value)) return value.map((v) => mask(v, ids, mark));
	if (value && typeof value === 'object')
		return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, mask(v, ids, mark)]));
	return value;
}

// What happened before the outcome's entry of that index.
export function describeStep(talk, index) {
	if (index === 0) return 'greeting';
	const step = talk.steps[index - 1];
	return step ? `step ${index}: client ${step[0]} says ${JSON.stringify(step[1]).slice(0, 200)}` : 'afterwards';
}
