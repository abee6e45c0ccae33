import { type DBSchema, type IDBPDatabase, openDB } from 'idb';

/** An op that is not acknowledged; once it has `src` and `seq` it may have been sent. */
export interface KeptOp { op?: unknown; create?: unknown; del?: boolean; src?: string; seq?: number }

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
}

type Key = [collection: string, id: string, tab: string];
interface Schema extends DBSchema { docs: { key: Key; value: Kept } }

const allOf = (collection: string, id: string) => IDBKeyRange.bound([collection, id], [collection, id, []]);

/** Whatever the pages of a browser keep, in IndexedDB. */
export class Store {
	readonly tab = crypto.randomUUID();
	#db: Promise<IDBPDatabase<Schema>>;
	#name: string;
	#leave: () => void = () => {};

	constructor(name: string) {
		this.#name = `otd:${name}`;
		this.#db = openDB<Schema>(this.#name, 1, {
			upgrade: (db) => void db.createObjectStore('docs', { keyPath: ['collection', 'id', 'tab'] }),
		});
		// Held as long as the page lives: how others know that it does.
		void globalThis.navigator?.locks?.request(this.#lock(this.tab), () => new Promise<void>((done) => { this.#leave = done; }));
	}

	async put(kept: Kept): Promise<void> { await (await this.#db).put('docs', kept); }

	async drop(kept: Kept): Promise<void> {
		await (await this.#db).delete('docs', [kept.collection, kept.id, kept.tab]);
	}

	/** A document that a page has left, or that has nothing of its own: this page's from now on. */
	async claim(collection: string, id: string): Promise<Kept | null> {
		const living = await this.#living();
		const tx = (await this.#db).transaction('docs', 'readwrite');
		const all = await tx.store.getAll(allOf(collection, id));
		const left = all.filter((kept) => !living.has(this.#lock(kept.tab)));
		const found = left.find((kept) => kept.ops.length) ?? newest(left) ?? newest(all.filter((kept) => !kept.ops.length));
		if (found) {
			if (left.includes(found)) await tx.store.delete([collection, id, found.tab]);
			await tx.store.put({ ...found, tab: this.tab });
		}
		await tx.done;
		return found ? { ...found, tab: this.tab } : null;
	}

	/** Writing that a page has left and nobody has taken up: this page's from now on, each under a name of its own. */
	async claimWriting(): Promise<Kept[]> {
		const living = await this.#living();
		const tx = (await this.#db).transaction('docs', 'readwrite');
		const out: Kept[] = [];
		for (const kept of await tx.store.getAll()) {
			if (!kept.ops.length || living.has(this.#lock(kept.tab))) continue;
			const mine = { ...kept, tab: `${this.tab}/${kept.tab}`.slice(0, 200) };
			await tx.store.delete([kept.collection, kept.id, kept.tab]);
			await tx.store.put(mine);
			out.push(mine);
		}
		await tx.done;
		return out;
	}

	async close(): Promise<void> {
		this.#leave();
		(await this.#db).close();
	}

	#lock(tab: string): string { return `${this.#name}:${tab.split('/')[0]}`; }

	async #living(): Promise<Set<string>> {
		const { held = [] } = await globalThis.navigator?.locks?.query() ?? {};
		return new Set([...held.map(({ name }) => name ?? ''), this.#lock(this.tab)]);
	}
}

const newest = (all: Kept[]) => all.reduce<Kept | undefined>((best, kept) =>
	(kept.v ?? -1) > (best?.v ?? -2) ? kept : best, undefined);
