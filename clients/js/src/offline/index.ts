import type { Doc as ShareDoc } from 'sharedb/lib/client/index.js';
import { type Failure, failure } from '../core/ask.js';
import type { Client, Keeper, Lost } from '../core/client.js';
import { readIn, restored } from '../core/epochs.js';
import { type Kept, Store } from './store.js';
import { type Inner, isBlank, lostOf, restore, Writer } from './writer.js';

export type { Lost } from '../core/client.js';

/** Where documents are kept. */
export interface OfflineOptions {
	/**
	 * Whose documents these are: give each account a name of its own, so that
	 * one does not send what another wrote.
	 */
	name?: string;
}

/** What `connect` takes as `offline`. */
export interface Offline extends Keeper {
	/** What was written offline and refused, by this and other pages, the oldest first; until it is forgotten. */
	lost(): Promise<Lost[]>;
	forget(lost: Pick<Lost, 'key'>): Promise<void>;
}

/* Whoever opens a document goes first, and sees at once what was left; then what pages left that died meanwhile. */
const SWEEP_MS = 1000;
const AGAIN_MS = 10_000;
/* The server cannot say now whether it takes an op. */
const LATER = /BUSY|UNAVAILABLE|RATE_LIMIT|TOO_MANY/;

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
 * 3. What was written without a connection and is refused when it comes back is
 *    kept, and told: `lost`.
 * 4. When the disk fails, everything goes on in memory, and the client's `error`
 *    tells so, once: `ERR_NOT_KEPT`.
 *
 * One for each client. Pages have to be secure (https, or localhost).
 */
export function offline(options: OfflineOptions = {}): Offline {
	return new Disk(new Store(options.name ?? 'documents'));
}

class Disk implements Offline {
	#store: Store;
	#writers = new Map<ShareDoc, Writer>();
	#isFailing = false;
	#isClosed = false;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#sweeping: Promise<void> | null = null;
	#sweeper: Client | null = null;		// the connection that it uses

	constructor(store: Store) { this.#store = store; }

	async open(client: Client, doc: ShareDoc): Promise<boolean> {
		let kept: Kept | null = null;
		if (!this.#writers.has(doc) && isBlank(doc))
			await this.#attempt(client, this.#store.claim(doc.collection, doc.id).then((found) => { kept = found; }));
		const isKept = kept !== null && await this.#give(client, doc as Inner, kept);
		if (!this.#writers.has(doc)) {
			const writer = this.#writer(client, doc, this.#store.tab);
			this.#writers.set(doc, writer);
			doc.on('destroy', () => { this.#writers.delete(doc); void writer.close(); });
		}
		// What may have been sent goes before the document is read: it is told by its name from others' writing.
		doc.flush();
		return isKept || doc.type !== null;
	}

	online(client: Client, again: () => Client): void {
		const sweep = async () => {
			this.#sweeping = this.#sweep(client, again);
			await this.#sweeping;
			this.#sweeping = null;
			if (client.status === 'online' && !this.#isClosed) this.#in(AGAIN_MS, sweep);
		};
		if (!this.#sweeping) this.#in(SWEEP_MS, sweep);
		const end = client.on('status', () => {
			end();
			clearTimeout(this.#timer);
			void this.#sweeper?.close();
		});
	}

	lost(): Promise<Lost[]> { return this.#store.lost(); }
	forget({ key }: Pick<Lost, 'key'>): Promise<void> { return this.#store.forget(key); }

	async close(): Promise<void> {
		this.#isClosed = true;
		clearTimeout(this.#timer);
		void this.#sweeper?.close();
		await this.#sweeping;
		await Promise.all([...this.#writers.values()].map((writer) => writer.close()));
		this.#store.close();
	}

	/** What was kept is given to the document; false when it cannot be. */
	async #give(client: Client, doc: Inner, kept: Kept): Promise<boolean> {
		// A query may have read it meanwhile, or somebody has made it.
		if (this.#writers.has(doc) || !isBlank(doc)) return this.#attempt(client, this.#store.setAside(kept)).then(() => false);
		// Nothing of a database that was put back since: see core/epochs.
		if (kept.epoch !== undefined && client.epoch !== null && kept.epoch !== client.epoch)
			return this.#lose(client, kept, restored()).then(() => false);
		if (restore(doc, kept)) {
			if (kept.epoch !== undefined && client.epoch === null) readIn(doc, kept.epoch);
			return true;
		}
		await this.#lose(client, kept, failure('ERR_DOC_TYPE_NOT_RECOGNIZED', `the type ${kept.type} is not known here`));
		return false;
	}

	async #lose(client: Client, kept: Kept, error: Failure): Promise<void> {
		if (!kept.ops.length) return;
		const lost = lostOf(kept, kept.ops, error);
		if (await this.#attempt(client, this.#store.put(() => null, lost).then(() => this.#store.drop(kept)))) client.lose(lost);
	}

	#writer(heard: Client, doc: ShareDoc, tab: string): Writer {
		return new Writer({ doc, store: this.#store, tab, client: heard, attempt: (work) => this.#attempt(heard, work, true) });
	}

	/** Did it work? If not, that is told, once until something is written again. */
	async #attempt(client: Client, work: Promise<void>, isWriting = false): Promise<boolean> {
		try {
			await work;
			if (isWriting) this.#isFailing = false;
			return true;
		} catch (error) {
			if (!this.#isFailing && !this.#isClosed)
				client.report(Object.assign(failure('ERR_NOT_KEPT', `not kept beyond this page: ${(error as Error)?.message}`), { cause: error }));
			this.#isFailing = true;
			return false;
		}
	}

	#in(ms: number, work: () => Promise<void>): void {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => void work(), ms);
		(this.#timer as { unref?: () => void }).unref?.();
	}

	/** Writing of pages that are gone. */
	async #sweep(client: Client, again: () => Client): Promise<void> {
		let left: Kept[] = [];
		await this.#attempt(client, this.#store.claimWriting().then((found) => { left = found; }));
		for (const kept of left)
			if (client.status === 'online' && !this.#isClosed) await this.#send(client, again(), kept);
	}

	/** One of them, over a connection of its own: this page may have that document open, as it is for itself. */
	async #send(heard: Client, client: Client, kept: Kept): Promise<void> {
		this.#sweeper = client;
		client.on('error', () => {});
		const doc = client.doc(kept.collection, kept.id);
		doc.on('error', () => {});
		const inner = doc.doc as unknown as Inner;
		if (await this.#give(heard, inner, kept)) {
			const writer = this.#writer(heard, inner, kept.tab);
			inner.flush();
			const opened = doc.open().then(() => true, (error: Failure) => {
				if (!LATER.test(error.code ?? '') && inner.hasWritePending()) inner._hardRollback(error);
				return !LATER.test(error.code ?? '');
			});
			const closed = client.once('status').then(function leaves(status): Promise<boolean> | boolean {
				return status === 'closed' || status === 'refused' ? false : client.once('status').then(leaves);
			});
			const isDone = await Promise.race([opened.then((may) => may && settled(inner).then(() => true)), closed]);
			await writer.close();
			if (isDone) await this.#attempt(heard, this.#store.drop(kept));
		}
		this.#sweeper = null;
		await client.close();
	}
}

/** Everything is acknowledged or refused. */
async function settled(doc: Inner): Promise<void> {
	while (doc.hasWritePending() || doc._isInHardRollback)
		await new Promise<void>((done) => doc.once('no write pending', () => done()));
}
