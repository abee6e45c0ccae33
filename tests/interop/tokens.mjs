// Writers that each put numbered tokens into documents, while the test does
// harm; afterwards every token tells whether its edit was lost or doubled.
import assert from 'node:assert/strict';
import { Peer, within } from './client.mjs';
import { checkLog, fetchSnapshot } from './crowd.mjs';
import { patience } from '../lib/paths.mjs';
import { sleep } from '../lib/process.mjs';

export class Tokens {
	// urls: the ways in; writers take them in turn and keep to theirs.
	static async start(urls, { writers = 6, docs = 3, collection = 'tokens' } = {}) {
		const tokens = new Tokens();
		Object.assign(tokens, { urls, collection, ids: [], acknowledged: new Set(), refused: new Map(), sent: new Set() });
		tokens.peers = await Promise.all(Array.from({ length: writers }, (_, i) => Peer.connect(urls[i % urls.length])));
		for (let i = 0; i < docs; i++) {
			tokens.ids.push(`t${i}`);
			await tokens.peers[0].doc(collection, `t${i}`).create({ list: [] });
		}
		tokens.going = true;
		tokens.done = Promise.all(tokens.peers.map((peer, i) => tokens.#write(peer, i)));
		tokens.done.catch(() => {});	// seen by finish()
		return tokens;
	}

	async #write(peer, number) {
		const docs = this.ids.map((id) => peer.doc(this.collection, id));
		// Half of the writers read along, the others hear only what they missed.
		for (const doc of docs) await (number % 2 ? doc.subscribe() : doc.fetch());
		for (let i = 0; this.going; i++) {
			const doc = docs[i % docs.length];
			const token = `${number}-${i}`;
			this.sent.add(`${doc.raw.id} ${token}`);
			try {
				await within(90_000 * patience, `the acknowledgement of ${token}`, new Promise((done, fail) =>
					doc.raw.submitOp([{ p: ['list', 0], li: token }], (error) => (error ? fail(error) : done()))));
				this.acknowledged.add(`${doc.raw.id} ${token}`);
			} catch (error) {
				if (!error.code) throw error;
				this.refused.set(`${doc.raw.id} ${token}`, error);
				await sleep(20);
				await doc.fetch();
			}
		}
	}

	// Wait until so many more edits are acknowledged.
	async more(count, timeout_ms = 60_000 * patience) {
		const goal = this.acknowledged.size + count;
		const deadline = Date.now() + timeout_ms;
		while (this.acknowledged.size < goal) {
			assert.ok(Date.now() < deadline, `only ${this.acknowledged.size} of ${goal} acknowledged in time`);
			await sleep(2);
		}
	}

	// What is in the documents now, straight from the server.
	async stored(url = this.urls[0]) {
		const found = [];
		for (const id of this.ids) {
			const { data } = await fetchSnapshot(url, this.collection, id);
			for (const token of data.list) found.push(`${id} ${token}`);
		}
		return found;
	}

	// None acknowledged until now is missing.
	async check(acknowledged = new Set(this.acknowledged)) {
		const stored = new Set(await this.stored());
		for (const token of acknowledged) assert.ok(stored.has(token), `${token} was acknowledged and is not there`);
	}

	// Stop the writers; all they sent is there once, or was refused.
	async finish() {
		this.going = false;
		await this.done;
		for (const peer of this.peers) await peer.close();
		const stored = await this.stored();
		assert.equal(new Set(stored).size, stored.length, 'no token twice');
		const there = new Set(stored);
		for (const token of this.acknowledged) assert.ok(there.has(token), `${token} was acknowledged and is not there`);
		for (const token of stored) assert.ok(this.sent.has(token), `${token} is there and was never sent`);
		for (const id of this.ids) for (const url of this.urls) await checkLog(url, this.collection, id);
	}
}
