import type { Doc as ShareDoc } from 'sharedb/lib/client/index.js';
import type { Client, Keeper } from '../core/client.js';
import { type Kept, type KeptOp, Store } from './store.js';

/** Where documents are kept. */
export interface OfflineOptions {
	/**
	 * Whose documents these are: give each account a name of its own, so that
	 * one does not send what another wrote.
	 */
	name?: string;
}

const SWEEP_MS = 1000;

/** What is used of the inside of ShareDB's document. */
interface Inner extends ShareDoc {
	pendingOps: PendingOp[];
	inflightOp: PendingOp | null;
	_setType(type: string | null): void;
	_setData(data: unknown): void;
}
interface PendingOp extends KeptOp { type?: unknown; callbacks: unknown[]; sentAt?: number; isKept?: boolean }

/**
 * Documents that can be opened, read and written without a network, and
 * writing that outlives the page:
 *
 *     connect(url, { offline: offline({ name: user.id }) })
 *
 * 1. What is written is on disk before it is sent, with the name (`src`, `seq`)
 *    that it is sent under. So whatever happens in between, the server gets it
 *    again under the same name, and carries it out once.
 * 2. Each page of a browser keeps its own. What a page has left behind is taken
 *    up by the next one that opens the document, or else in the background.
 */
export function offline(options: OfflineOptions = {}): Keeper {
	return new Offline(new Store(options.name ?? 'documents'));
}

class Offline implements Keeper {
	#store: Store;
	#writers = new Map<ShareDoc, Writer>();
	#isSweeping = false;

	constructor(store: Store) { this.#store = store; }

	async open(client: Client, doc: ShareDoc): Promise<boolean> {
		const kept = this.#writers.has(doc) ? null : await this.#store.claim(doc.collection, doc.id);
		if (this.#writers.has(doc)) return (doc as Inner).type !== null;
		const writer = new Writer(client, this.#store, doc as Inner);
		this.#writers.set(doc, writer);
		doc.on('destroy' as never, (() => { writer.close(); this.#writers.delete(doc); }) as never);
		if (kept) restore(doc as Inner, kept);
		writer.look();
		// What may have been sent goes before the document is read: it is told by its name from others' writing.
		doc.flush();
		return kept !== null;
	}

	async online(again: () => Client): Promise<void> {
		if (this.#isSweeping) return;
		this.#isSweeping = true;
		try {
			// Whoever opens a document goes first, and sees at once what was left.
			await new Promise((done) => setTimeout(done, SWEEP_MS));
			for (const kept of await this.#store.claimWriting()) await this.#send(again(), kept);
		} finally {
			this.#isSweeping = false;
		}
	}

	close(): Promise<void> { return this.#store.close(); }

	/** Writing of a page that is gone, over a connection of its own. */
	async #send(client: Client, kept: Kept): Promise<void> {
		const doc = client.connection.get(kept.collection, kept.id) as Inner;
		const refused = new Promise<void>((done) => doc.on('error', () => done()));
		restore(doc, kept);
		const saved = new Promise<void>((done) => doc.once('no write pending', () => done()));
		doc.flush();
		doc.subscribe();
		await Promise.race([saved, refused]);
		await this.#store.drop(kept);
		client.close();
	}
}

function restore(doc: Inner, kept: Kept): void {
	if (kept.v !== null) doc.ingestSnapshot({ v: kept.v, type: kept.type, data: kept.data as never });
	else if (kept.type !== null) {
		doc._setType(kept.type);
		doc._setData(kept.data);
	}
	doc.pendingOps = kept.ops.map((op) => ({
		...op, type: doc.type, callbacks: [], ...(op.src ? { sentAt: 1, isKept: true } : {}),
	}));
}

/** Keeps one document, and lets go of its ops one by one as they are on disk. */
class Writer {
	#client: Client;
	#store: Store;
	#doc: Inner;
	#isDue = false;
	#isWriting = false;
	#isClosed = false;
	#ends: Array<() => void> = [];

	constructor(client: Client, store: Store, doc: Inner) {
		this.#client = client;
		this.#store = store;
		this.#doc = doc;
		const look = () => this.look();
		for (const name of ['op', 'create', 'del', 'load', 'no write pending'] as const) {
			doc.on(name, look);
			this.#ends.push(() => doc.removeListener(name, look));
		}
		client.connection.on('state', look);
		this.#ends.push(() => client.connection.removeListener('state', look));
		this.#gate();
	}

	/** Something may have changed. */
	look(): void {
		this.#gate();
		if (this.#isClosed || this.#isDue) return;
		this.#isDue = true;
		if (!this.#isWriting) void this.#write();
	}

	close(): void {
		this.#isClosed = true;
		for (const end of this.#ends) end();
	}

	/** What is on disk may go, and nothing else: also when the connection comes back, before anything is read. */
	#gate(): void {
		this.#doc.paused = !this.#doc.pendingOps[0]?.isKept;
	}

	async #write(): Promise<void> {
		this.#isWriting = true;
		while (this.#isDue && !this.#isClosed) {
			this.#isDue = false;
			const next = this.#name();
			try {
				await this.#store.put(this.#record());
			} catch (error) {
				// A disk that is full keeps nobody from working online.
				this.#client.report(error as Error);
			}
			if (!next) continue;
			next.isKept = true;
			this.#gate();
			this.#doc.flush();
			this.#gate();
		}
		this.#isWriting = false;
	}

	/** The next op to be sent gets its name; from then on nothing is added to it. */
	#name(): PendingOp | null {
		const { connection } = this.#client;
		const op = this.#doc.pendingOps[0];
		if (!op || op.isKept || this.#doc.inflightOp || !connection.canSend || connection.id === null) return null;
		op.src ??= connection.id;
		op.seq ??= connection.seq++;
		op.sentAt = Date.now();
		op.callbacks.push(() => this.look());
		return op;
	}

	#record(): Kept {
		const doc = this.#doc;
		const type = doc.type as { uri: string; serialize?: (data: unknown) => unknown } | null;
		const ops = doc.inflightOp ? [doc.inflightOp, ...doc.pendingOps] : doc.pendingOps;
		return {
			collection: doc.collection, id: doc.id, tab: this.#store.tab, v: doc.version, type: type?.uri ?? null,
			data: type?.serialize ? type.serialize(doc.data) : doc.data,
			ops: ops.map(({ op, create, del, src, seq }) => JSON.parse(JSON.stringify({ op, create, del, src, seq })) as KeptOp),
		};
	}
}
