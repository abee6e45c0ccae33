// Who comes, opens documents, edits, shows where it is, asks, and goes: over and over.
import logger from 'sharedb/lib/logger/index.js';
import { Chance, random } from '../interop/random.mjs';
import { Peer } from '../interop/client.mjs';
import { types } from '../interop/types.mjs';
import { sleep } from '../lib/process.mjs';

// An edit that was sent again may be acknowledged at a version that the client has not reached: it says so, and fetches.
logger.setMethods({ warn() {} });

const COLLECTION = 'soak';
const TYPES = Object.keys(types);
const NEAR = 60;		// documents at a time that many are at
const OLD = 0.2;		// of visits are to one of long ago
const MOST_OPEN = 3;

// Documents that become more as time goes by; each has the type that its number says.
export class Shelf {
	#began = Date.now();
	#per_s;
	constructor(per_s) { this.#per_s = per_s; }
	get size() { return NEAR + Math.floor((Date.now() - this.#began) / 1000 * this.#per_s); }
	pick(chance) {
		const { size } = this;
		const n = chance.often(OLD) ? chance.below(size) : size - 1 - chance.below(NEAR);
		return { id: `d${n}`, type: TYPES[n % TYPES.length] };
	}
}

export class Visitor {
	#peer = null;
	failed = null;

	// counts: of all visitors together.
	constructor(name, { seed, url, shelf, counts }) {
		Object.assign(this, { name, url, shelf, counts, chance: new Chance(`${seed} ${name}`) });
	}

	start() { this.done = this.#live().catch((error) => { this.failed = error; }); }

	leave() {
		this.isLeaving = true;
		return this.done;
	}

	async #live() {
		while (!this.isLeaving) await this.#visit();
	}

	// One connection, from its begin to its end.
	async #visit() {
		const { chance, counts } = this;
		this.#peer = await Peer.connect(this.url);
		counts.connections++;
		const docs = [];
		const query = chance.often(0.2) ? this.#ask() : null;
		for (let n = 2 + chance.below(20); n > 0 && !this.isLeaving; n--) {
			if (docs.length < MOST_OPEN && chance.often(0.3)) docs.push(await this.#open());
			else if (docs.length && chance.often(0.1)) await this.#close(docs.splice(chance.below(docs.length), 1)[0]);
			else if (chance.often(0.02)) this.#cut();
			else if (docs.length) await this.#edit(chance.one(docs));
			await sleep(50 + chance.below(300));
		}
		for (const doc of docs) await doc.settled();
		query?.destroy();
		// Half of them leave without a word of what they had open.
		if (chance.often(0.5)) for (const doc of docs) await this.#close(doc);
		await this.#peer.close();
	}

	#cut() {
		this.counts.cuts++;
		this.#peer.cut();
	}

	async #open() {
		const { id, type } = this.shelf.pick(this.chance);
		const doc = this.#peer.doc(COLLECTION, id);
		doc.kind = type;
		await doc.subscribe();
		this.counts.opened++;
		if (doc.type && types[type].transformPresence && this.chance.often(0.5)) this.#show(id);
		return doc;
	}

	async #close(doc) {
		await doc.settled();
		await new Promise((done) => doc.raw.destroy(done));
		this.counts.left++;
	}

	// Two that create the same at once: one of them is refused, and has it all the same.
	async #edit(doc) {
		const { chance, counts } = this;
		counts.sent++;
		try {
			if (!doc.type) await doc.create(random[doc.kind].initial(), types[doc.kind].uri);
			else await doc.submit(random[doc.kind].op(chance, doc.data));
			counts.acknowledged++;
		} catch (error) {
			if (error.code !== 'ERR_DOC_ALREADY_CREATED') throw error;
			counts.refused++;
		}
	}

	#show(id) {
		const presence = this.#peer.connection.getDocPresence(COLLECTION, id);
		presence.subscribe(() => {});
		presence.create(`${this.name} ${this.counts.connections}`).submit({ index: this.chance.below(100), length: 0 }, () => {});
		this.counts.presences++;
	}

	#ask() {
		this.counts.queries++;
		return this.#peer.connection.createSubscribeQuery(COLLECTION, { n: { $gt: this.chance.below(20) }, $limit: 5 }, {}, () => {});
	}
}
