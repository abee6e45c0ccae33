import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB } from 'idb';
import { failure } from '../core/ask.js';
import type { Lost } from '../core/client.js';

/** An op that is not acknowledged; once it has `src` and `seq` it may have been sent. */
export interface KeptOp {
	op?: unknown;
	create?: unknown;
	del?: boolean;
	src?: string;
	seq?: number;
	/** URI of the document's type when it was written. */
	type?: string | null;
}

/**
 * A document as one page (`tab`) has it: `data` with all of `ops`, which build
 * on version `v`. Without ops it is what the server has, and anybody's.
 */
export interface Kept {
	collection: string;
	id: string;
	tab: string;
	v: number | null;
	type: string | null;
	data: unknown;
	ops: KeptOp[];
	/** Of the server's database when it was read; not there: not known. */
	epoch?: string;
	/** There when there are ops: for the index. */
	writing?: 1;
}

type Key = [collection: string, id: string, tab: string];
interface Schema extends DBSchema {
	docs: { key: Key; value: Kept; indexes: { writing: 1 } };
	lost: { key: string; value: Lost };
}
type Database = IDBPDatabase<Schema>;

/*
 * 1: `docs`.
 * 2: `docs` has the index `writing`, and there is `lost`.
 */
const VERSION = 2;
/* Opening takes as long when a page with an older version does not let go. */
const OPEN_MS = 5000;

const allOf = (collection: string, id: string) => IDBKeyRange.bound([collection, id], [collection, id, []]);
const named = (kept: Kept): Kept => {
	const { writing: _, ...rest } = kept;
	return kept.ops.length ? { ...rest, writing: 1 } : rest;
};

async function upgrade(db: Database, from: number, tx: IDBPTransaction<Schema, Array<'docs' | 'lost'>, 'versionchange'>): Promise<void> {
	if (from < 1) db.createObjectStore('docs', { keyPath: ['collection', 'id', 'tab'] });
	if (from < 2) {
		db.createObjectStore('lost', { keyPath: 'key' });
		const docs = tx.objectStore('docs');
		docs.createIndex('writing', 'writing');
		for (const kept of await docs.getAll()) await docs.put(named(kept));
	}
}

/** A new name. Pages that are not secure have no `randomUUID`; they keep nothing, but go on. */
export const uuid = (): string => globalThis.crypto?.randomUUID?.() ?? `${Date.now()}.${Math.random()}`;

/** Whatever the pages of a browser keep, in IndexedDB. Everything here fails when that does. */
export class Store {
	readonly tab = uuid();
	#name: string;
	#opening: Promise<Database> | null = null;
	#db: Database | null = null;
	#isLate = false;
	#held: Promise<void>;
	#letGo: () => void = () => {};

	constructor(name: string) {
		this.#name = `otd:${name}`;
		this.#held = this.#hold();
	}

	/** What a page has now; asked for at the last moment, null: as before. In the same step, what it had and has lost. */
	async put(make: () => Kept | null, lost?: Lost | null): Promise<void> {
		const db = await this.#ready();
		const kept = make();
		const tx = db.transaction(['docs', 'lost'], 'readwrite');
		const docs = tx.objectStore('docs');
		const lose = async () => {
			if (!lost) return;
			const before = kept && await docs.get([kept.collection, kept.id, kept.tab]);
			if (before) Object.assign(lost, { data: before.data, type: before.type });
			await tx.objectStore('lost').put(lost);
		};
		// In this order: what is on disk until now is what it had.
		await all(tx, [lose(), kept && docs.put(named(kept))]);
	}

	async drop({ collection, id, tab }: Pick<Kept, 'collection' | 'id' | 'tab'>): Promise<void> {
		await (await this.#ready()).delete('docs', [collection, id, tab]);
	}

	/** A document that a page has left, or that has nothing of its own: this page's from now on. */
	async claim(collection: string, id: string): Promise<Kept | null> {
		const db = await this.#ready();
		const lives = await this.#living();
		const tx = db.transaction('docs', 'readwrite');
		const there = await tx.store.getAll(allOf(collection, id));
		const left = there.filter((kept) => kept.tab === this.tab || !lives(kept));
		const found = left.find((kept) => kept.ops.length) ?? newest(there.filter((kept) => !kept.ops.length));
		const mine = found ? { ...found, tab: this.tab } : null;
		const over = left.filter((kept) => kept === found || !kept.ops.length);
		await all(tx, [...over.map((kept) => tx.store.delete([collection, id, kept.tab])), mine && tx.store.put(mine)]);
		return mine;
	}

	/** Writing that a page has left and nobody has taken up: this page's from now on, each under a name of its own. */
	async claimWriting(): Promise<Kept[]> {
		const db = await this.#ready();
		const lives = await this.#living();
		const tx = db.transaction('docs', 'readwrite');
		const left = (await tx.store.index('writing').getAll()).filter((kept) => !lives(kept) || isAside(kept, this.tab));
		const mine = left.map((kept) => this.#aside(kept));
		await all(tx, [
			...left.map((kept) => tx.store.delete([kept.collection, kept.id, kept.tab])), ...mine.map((kept) => tx.store.put(kept)),
		]);
		return mine;
	}

	/** What was claimed is not for this document of this page after all. */
	async setAside(kept: Kept): Promise<void> {
		const db = await this.#ready();
		const tx = db.transaction('docs', 'readwrite');
		await all(tx, [tx.store.delete([kept.collection, kept.id, kept.tab]), kept.ops.length && tx.store.put(this.#aside(kept))]);
	}

	async lost(): Promise<Lost[]> {
		return (await (await this.#ready()).getAll('lost')).sort((a, b) => a.at - b.at);
	}

	async forget(key: string): Promise<void> { await (await this.#ready()).delete('lost', key); }

	/** Others may take up what is here. */
	close(): void {
		this.#leave();
		this.#letGo();
	}

	#aside(kept: Kept): Kept { return { ...kept, tab: `${this.tab}/${uuid()}` }; }

	/** The database, opened when it is first wanted, and again after it went away. */
	async #ready(): Promise<Database> {
		await this.#held;
		if (this.#db) return this.#db;
		if (globalThis.isSecureContext === false) throw failure('ERR_NOT_KEPT', 'pages that are not secure (https) have no locks');
		this.#opening ??= this.#open();
		if (this.#isLate) throw late();
		let timer: ReturnType<typeof setTimeout> | undefined;
		const waited = new Promise<never>((_, reject) => {
			timer = setTimeout(() => { this.#isLate = true; reject(late()); }, OPEN_MS);
		});
		return Promise.race([this.#opening, waited]).finally(() => clearTimeout(timer));
	}

	async #open(): Promise<Database> {
		try {
			const db = await openDB<Schema>(this.#name, VERSION, {
				upgrade: (db, from, _, tx) => upgrade(db, from, tx),
				// A page with a later version waits for this one, or somebody clears it all.
				blocking: () => this.#leave(),
				terminated: () => this.#leave(),
			});
			return this.#db = db;
		} catch (error) {
			this.#opening = null;
			throw error;
		} finally {
			this.#isLate = false;
		}
	}

	#leave(): void {
		this.#db?.close();
		this.#db = this.#opening = null;
	}

	#lock(tab: string): string { return `${this.#name}:${tab.split('/')[0]}`; }

	/** A lock that is held as long as the page lives: how others know that it does. */
	#hold(): Promise<void> {
		const locks = globalThis.navigator?.locks;
		if (!locks) return Promise.resolve();
		return new Promise((held) => {
			locks.request(this.#lock(this.tab), () => {
				held();
				return new Promise<void>((done) => { this.#letGo = done; });
			}).catch(() => held());
		});
	}

	async #living(): Promise<(kept: Kept) => boolean> {
		const { held = [] } = await globalThis.navigator?.locks?.query() ?? {};
		const names = new Set([...held.map(({ name }) => name ?? ''), this.#lock(this.tab)]);
		return ({ tab }) => names.has(this.#lock(tab));
	}
}

const late = () => failure('ERR_NOT_KEPT', 'the database does not open');

const isAside = ({ tab: of }: Kept, tab: string) => of.startsWith(`${tab}/`);

/** What is asked of a transaction, and its end; nothing of it fails unheard. */
async function all(tx: { done: Promise<void> }, asked: unknown[]): Promise<void> {
	await Promise.all([...asked, tx.done]);
}

const newest = (all: Kept[]) => all.reduce<Kept | undefined>((best, kept) =>
	(kept.v ?? -1) > (best?.v ?? -2) ? kept : best, undefined);
