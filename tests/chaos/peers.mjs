// ShareDB's own client, with a book kept of what it says and hears, that comes back to any of the nodes, and does as a
// careful application does: what a server in trouble refused is asked for again.
import logger from 'sharedb/lib/logger/index.js';
import { Peer } from '../interop/client.mjs';
import { nameOf } from './book.mjs';

const AGAIN_MS = 100;
const UNSURE = /not known/;	// whether the change was stored

// An edit that is sent again may be acknowledged at a version that the client has not reached yet; it says so, and
// fetches.  With ShareDB's own server that is no different.
logger.setMethods({ warn() {} });

export class ChaosPeer extends Peer {
	#slow = false;
	#said = new Set();	// names of the edits it has sent
	helped = 0;		// subscriptions that were asked for again
	followed = new Set();	// docs that are to be up to date

	// urls: taken in turn, from the first-th, a next one at each connection.
	constructor(name, urls, first, book) {
		super(urls[first % urls.length]);
		this.name = name;
		let at = first;
		Object.defineProperty(this, 'url', { get: () => urls[at++ % urls.length] });
		const { connection } = this;
		connection.on('send', (message) => { if (message.a === 'op') this.#sends(book, message); });
		connection.on('receive', ({ data }) => this.#hears(book, data));
		connection.on('connected', () => { if (this.#slow) this.wire.pause(); });
		this.nurse = setInterval(() => this.#nurse(), AGAIN_MS);
	}

	#sends(book, message) {
		const src = message.src ?? this.connection.id;
		this.#said.add(nameOf(src, message.seq));
		book.sent(`${message.c} ${message.d}`, src, message.seq, message);
	}

	// The acknowledgement, or the edit itself as others get it, or a refusal.
	#hears(book, message) {
		if (message?.a !== 'op') return;
		const { src = this.connection.id, seq, v, error } = message;	// a refusal repeats what was said
		const document = `${message.c} ${message.d}`;
		if (!this.#said.has(nameOf(src, seq))) {
			if (!error) book.told(document, src, seq, v);
		} else if (error) {
			book.refused(document, src, seq, { code: error.code, isUnsure: UNSURE.test(error.message) });
		} else {
			book.acknowledged(document, src, seq, v);
		}
	}

	// Nothing is read from the socket.
	set isSlow(is) {
		this.#slow = is;
		if (is) this.wire?.pause();
		else this.wire?.resume();
	}

	/*
	 * The stock client asks once: a subscription that was refused, or a document whose reloading was, stays so until the
	 * connection is new.
	 */
	#nurse() {
		if (this.connection.state !== 'connected') return;
		for (const { raw } of this.followed) {
			if (raw.hasPending() || raw.subscribed && raw.version !== null) continue;
			this.helped++;
			if (raw.subscribed) raw.fetch(() => {});
			else raw.subscribe(() => {});
		}
	}

	follow(collection, id) {
		const doc = this.doc(collection, id);
		doc.raw.on('error', () => {});		// noted, and asked for again
		this.followed.add(doc);
		doc.raw.subscribe(() => {});
		return doc;
	}

	leave(doc) {
		this.followed.delete(doc);
		return new Promise((done) => doc.raw.destroy(done));
	}

	async close() {
		clearInterval(this.nurse);
		this.isSlow = false;
		await super.close();
	}
}
