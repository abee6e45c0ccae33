// Who works on documents while harm is done: writers at hot documents, at many cold ones, services over REST, readers.
import { Chance, random } from '../interop/random.mjs';
import { types } from '../interop/types.mjs';
import { sleep } from '../lib/process.mjs';
import { call, Unanswered } from './call.mjs';
import { ChaosPeer } from './peers.mjs';

export const HOT = 'hot', COLD = 'cold', BULK = 'bulk';
const BULKY = 8_000;		// characters of an edit that fills the buffers of who does not read
const TYPES = Object.keys(types);
const AGAIN_MS = 100;

// What holds for all of them: they go on until they are told to rest, then finish what they began.
class Person {
	#wake = [];
	isResting = true;
	isIdle = false;
	failed = null;		// what it stumbled over: a fault of the test

	constructor(name, { book, seed, urls, bases, first }) {
		Object.assign(this, { name, book, urls, bases, first, chance: new Chance(`${seed} ${name}`) });
	}

	start() {
		this.done = this.#live().catch((error) => { this.failed = error; });
	}

	async #live() {
		await this.begin();
		while (!this.isLeaving)
			if (this.isResting) {
				this.isIdle = true;
				await new Promise((done) => this.#wake.push(done));
				this.isIdle = false;
			} else {
				await this.step();
			}
	}

	// What it is at, for a complaint.
	get state() {
		const open = [...this.peer?.followed ?? []].filter(({ raw }) => raw.hasPending())
			.map(({ raw }) => `${raw.collection} ${raw.id} at ${raw.version}`);
		return `${this.name}, ${this.peer?.connection.state}, waits for ${open.join(', ')}`;
	}

	set isSlow(is) { this.peer.isSlow = is; }

	work() {
		this.isResting = false;
		this.#rouse();
	}

	// It ends what it has begun; then it is idle.
	rest() { this.isResting = true; }

	async leave() {
		this.isLeaving = true;
		this.#rouse();
		await this.done;
		await this.peer?.close();
	}

	#rouse() { for (const go of this.#wake.splice(0)) go(); }

	async begin() {}
	async step() { await sleep(50); }

	open() { this.peer = new ChaosPeer(this.name, this.urls, this.first, this.book); }

	// Resolves when there is an answer, whichever.
	submit(doc, op) { return new Promise((done) => doc.raw.submitOp(op, () => done())); }
	create(doc, data, type) { return new Promise((done) => doc.raw.create(data, types[type].uri, () => done())); }
}

export class Reader extends Person {
	constructor(name, setting, documents) { super(name, setting); this.documents = documents; }
	async begin() {
		this.open();
		for (const [c, d] of this.documents) this.peer.follow(c, d);
	}
}

export class HotWriter extends Person {
	constructor(name, setting, type, id) { super(name, setting); Object.assign(this, { type, id }); }
	async begin() {
		this.open();
		this.doc = this.peer.follow(HOT, this.id);
	}
	async step() {
		const { doc, chance } = this;
		await sleep(chance.below(200));
		if (doc.raw.version === null || doc.raw.hasPending()) return;	// not loaded, or again
		if (!doc.type) return this.create(doc, random[this.type].initial(), this.type);
		const all = [];
		// Sometimes more while one is under way: the client joins them.
		for (let n = 1 + chance.below(3); n > 0; n--) {
			all.push(this.submit(doc, random[this.type].op(chance, doc.data)));
			if (chance.often(0.5)) await sleep(chance.below(10));
			if (!doc.type) break;
		}
		await Promise.all(all);
	}
}

// Opens a document that hardly anybody uses, edits it a little, leaves it.
export class Visitor extends Person {
	constructor(name, setting, documents) { super(name, setting); this.documents = documents; }
	async begin() { this.open(); }
	async step() {
		const { chance, peer } = this;
		const [c, d, type] = chance.one(this.documents);
		const doc = peer.follow(c, d);
		await this.#loaded(doc);
		for (let n = chance.below(4); n > 0; n--) {
			if (!doc.type) {
				await this.create(doc, random[type].initial(), type);
				await this.#loaded(doc);
			} else if (chance.often(0.05)) {
				await new Promise((done) => doc.raw.del(() => done()));
				await this.#loaded(doc);
			} else {
				await this.submit(doc, random[type].op(chance, doc.data));
				await this.#loaded(doc);
			}
			await sleep(chance.below(100));
		}
		await peer.leave(doc);
	}
	async #loaded({ raw }) {
		while (raw.version === null || raw.hasPending() || !raw.subscribed) await sleep(10);
	}
}

// One writer of much, so that who does not read has much waiting.
export class BulkWriter extends Person {
	async begin() {
		this.open();
		this.doc = this.peer.follow(BULK, 'text');
	}
	async step() {
		const { doc, chance } = this;
		await sleep(100);
		if (doc.raw.version === null || doc.raw.hasPending()) return;
		if (!doc.type) return this.create(doc, '', 'text-unicode');
		const letter = chance.one(['a', 'b', 'c']);
		await this.submit(doc, doc.data.length ? [letter.repeat(BULKY), { d: doc.data.length }] : [letter.repeat(BULKY)]);
	}
}

/*
 * A service.  Half of its writes name themselves by src and seq, half by a key; each is said until there is a definite
 * answer, at whichever node.
 */
export class Service extends Person {
	#count = 0;
	async step() {
		const { chance } = this;
		await sleep(chance.below(300));
		const id = `shared-${chance.below(4)}`;
		this.#count++;
		await (chance.often(0.5) ? this.#named(id) : this.#keyed(id));
	}

	async #call(method, path, body, headers) {
		for (let turn = this.#count; ; turn++) {
			try {
				const { status, said } = await call(this.bases[turn % this.bases.length], method, path, { body, headers });
				if (status < 500 && said.code !== 'ERR_OTD_IDEMPOTENCY_KEY_IN_USE') return { status, said };
				this.book.note(said.code);
			} catch (error) {
				if (!(error instanceof Unanswered)) throw error;
			}
			await sleep(AGAIN_MS);
		}
	}

	async #version(id) {
		const { status, said } = await this.#call('GET', `/collections/services/docs/${id}/versions?limit=1`);
		return status === 200 && said.versions.length ? said.versions[0].version : 0;
	}

	// POST .../ops
	async #named(id) {
		const document = `services ${id}`;
		const v = await this.#version(id);
		const edit = v ? { v, op: [{ p: ['n'], na: 1 }] } : { v, create: { type: types.json0.uri, data: { n: 0 } } };
		const name = { src: this.name, seq: this.#count };
		this.book.sent(document, name.src, name.seq, edit);
		const { status, said } = await this.#call('POST', `/collections/services/docs/${id}/ops`, { ...edit, ...name });
		if (status === 200) this.book.acknowledged(document, name.src, name.seq, said.version - 1);
		else this.book.refused(document, name.src, name.seq, said);
	}

	// PATCH or PUT with an Idempotency-Key
	async #keyed(id) {
		const key = `${this.name} ${this.#count}`;
		const { status, said } = await this.#call('PUT', `/collections/services/docs/${id}`, { n: this.#count, by: key },
			{ 'idempotency-key': key });
		if (status === 201) this.book.keyed(`services ${id}`, key,
			{ v: said.version - 1, base: said.version - 1, create: { type: types.json0.uri, data: { n: this.#count, by: key } } });
		else if (status === 200 && said.changed)
			this.book.keyed(`services ${id}`, key, { v: said.version - 1, base: said.base, op: said.op });
		else if (status >= 400) this.book.note(said.code);
	}
}

/*
 * Everybody of a run, of about so many clients.  Each takes to the nodes in turn, from one of its own.
 */
export function people({ clients, cold, ...setting }) {
	const all = [];
	const hot = TYPES.map((type) => [HOT, type, type]);
	const aside = Array.from({ length: cold }, (_, i) => [COLD, `${TYPES[i % TYPES.length]}-${i}`, TYPES[i % TYPES.length]]);
	const add = (Kind, name, ...more) => all.push(new Kind(name, { ...setting, first: all.length }, ...more));
	const share = (part) => Math.max(1, Math.round(clients * part));
	for (let i = 0; i < Math.max(TYPES.length, share(0.4)); i++)
		add(HotWriter, `writer ${i}`, TYPES[i % TYPES.length], TYPES[i % TYPES.length]);
	for (let i = 0; i < share(0.2); i++) add(Visitor, `visitor ${i}`, aside);
	for (let i = 0; i < share(0.2); i++) add(Reader, `reader ${i}`, [...hot, ...aside.slice(i % cold, i % cold + 4)]);
	// No wire in between, which would take in much of what they do not read.
	const slow = Array.from({ length: share(0.06) }, (_, i) => {
		const reader = new Reader(`slow reader ${i}`, { ...setting, urls: setting.direct, first: all.length },
			[...hot, [BULK, 'text']]);
		all.push(reader);
		return reader;
	});
	add(BulkWriter, 'bulk writer');
	add(Reader, 'bulk reader', [[BULK, 'text']]);
	for (let i = 0; i < share(0.12); i++) add(Service, `service ${i}`);
	return { all, slow };
}
