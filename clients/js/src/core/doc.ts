import type { Doc as ShareDoc } from 'sharedb/lib/client/index.js';
import { ask, type Failure } from './ask.js';
import type { Client } from './client.js';
import { Events } from './events.js';
import { Presence } from './presence.js';

/**
 * - `saved`: the server has acknowledged everything, and so has its database;
 * - `saving`: something is under way;
 * - `unsaved`: something waits to be sent;
 * - `offline`: the same, and there is no connection.
 */
export type SaveState = 'saved' | 'saving' | 'unsaved' | 'offline';

/** What has happened to a document's content. */
export interface Change {
	/** The op, as the document's type has it; null: created, deleted or loaded. */
	op: unknown;
	/** Who made it, as given to `submit`; `false` when it came from the server. */
	source: unknown;
	/** Did it come from the server? */
	remote: boolean;
}

/** What a document tells of. */
export interface DocEvents {
	/** Before an op is applied: `data` is still what it was. */
	before: Change;
	change: Change;
	save: SaveState;
	/** The server refused something, or the document could not be read. */
	error: Failure;
	closed: undefined;
}

/** How a document is opened. */
export interface OpenOptions<T> {
	/** Make it with this content when it does not exist. */
	create?: T;
	/** URI or name of its type then; json0 when missing. */
	type?: string;
}

interface Inner<T> extends ShareDoc<T> { inflightOp: object | null; _wantsDestroy: boolean }

/** A document, followed while it is open. `T` is the shape of its content. */
export class Doc<T> extends Events<DocEvents> {
	/** ShareDB's own, for what this does not cover. */
	readonly doc: ShareDoc<T>;
	#client: Client;
	#opened: Promise<this> | null = null;
	#holders = 0;
	#saveState: SaveState = 'saved';
	#unwatch: () => void;

	/** Made by `client.doc`. */
	constructor(client: Client, doc: ShareDoc) {
		super();
		this.#client = client;
		this.doc = doc as ShareDoc<T>;
		const told = (op: unknown, source: unknown): Change => ({ op, source, remote: source === false });
		doc.on('before op', (op, source) => this.emit('before', told(op, source)));
		doc.on('op', (op, source) => { this.emit('change', told(op, source)); this.look(); });
		doc.on('create', (source) => { this.emit('change', told(null, source)); this.look(); });
		doc.on('del', (_, source) => { this.emit('change', told(null, source)); this.look(); });
		doc.on('load', () => this.emit('change', told(null, false)));
		doc.on('no write pending', () => this.look());
		doc.on('error', (error) => { this.emit('error', error as unknown as Failure); this.look(); });
		this.#unwatch = client.on('status', () => this.look());
	}

	get collection(): string { return this.doc.collection; }
	get id(): string { return this.doc.id; }
	/** The content, with what is written here and not yet acknowledged. Never change it: `submit`. */
	get data(): T | undefined { return this.doc.data as T | undefined; }
	/** How many ops the server has for it, as far as is known here; null: not read yet. */
	get version(): number | null { return this.doc.version; }
	/** URI of its type; null: it does not exist, or is not read yet. */
	get type(): string | null { return (this.doc.type as { uri: string } | null)?.uri ?? null; }
	get exists(): boolean { return this.doc.type != null; }
	get saveState(): SaveState { return this.#saveState; }

	/**
	 * Read it and follow it from then on. Each `open` wants its `close`. Fails
	 * when it may not be read, and then may be tried again.
	 */
	open(options: OpenOptions<T> = {}): Promise<this> {
		this.#holders++;
		this.#opened ??= this.#subscribe(options.create !== undefined);
		return this.#opened.then(() => this.#createIfMissing(options)).catch((error) => {
			this.#opened = null;
			this.close();
			throw error;
		});
	}

	/** Resolves when it is acknowledged; `source` comes back with the change. */
	submit(op: unknown, source: unknown = true): Promise<void> {
		return this.#write((done) => this.doc.submitOp(op, { source }, done));
	}

	create(data: T, type?: string, source: unknown = true): Promise<void> {
		return this.#write((done) => this.doc.create(data, type, { source } as never, done));
	}

	delete(source: unknown = true): Promise<void> {
		return this.#write((done) => this.doc.del({ source } as never, done));
	}

	/** Who has it open, and where in it they are. */
	presence<P = unknown>(): Presence<P> {
		return new Presence<P>(this.#client, this.#client.connection.getDocPresence(this.collection, this.id));
	}

	/** As it was at a version (of the document), or at a time. */
	at(when: number | Date): Promise<{ v: number; type: string | null; data: T | undefined }> {
		const { connection } = this.#client;
		return new Promise((resolve, reject) => {
			const done = (error: Failure | null, snapshot: unknown) =>
				error ? reject(error) : resolve(snapshot as { v: number; type: string | null; data: T });
			if (typeof when === 'number') connection.fetchSnapshot(this.collection, this.id, when, done as never);
			else connection.fetchSnapshotByTimestamp(this.collection, this.id, when.getTime(), done as never);
		});
	}

	/** One who opened it needs it no more; when all have said so it is left, once everything is sent. */
	close(): void {
		if (this.#holders === 0 || --this.#holders > 0) return;
		this.#opened = null;
		this.doc.destroy(() => {
			// Somebody may have opened it again meanwhile.
			if (!(this.doc as Inner<T>)._wantsDestroy) return;
			this.#unwatch();
			this.emit('closed', undefined);
		});
	}

	async #subscribe(mayCreate: boolean): Promise<this> {
		// Asking for it again keeps it from going, if it was about to.
		this.#client.connection.get(this.collection, this.id);
		const isKept = await this.#client.keeper?.open(this.#client, this.doc);
		const subscribed = ask((done) => this.doc.subscribe(done));
		if (isKept || mayCreate && this.#isAway()) subscribed.catch((error) => this.emit('error', error));
		else await subscribed;
		return this;
	}

	/** Without a network, and what is written is kept. */
	#isAway(): boolean { return this.#client.keeper !== undefined && this.#client.status === 'offline'; }

	async #createIfMissing({ create, type }: OpenOptions<T>): Promise<this> {
		if (create === undefined || this.exists) return this;
		const created = this.create(create, type);
		if (this.#isAway()) {
			created.catch((error) => this.emit('error', error));
			return this;
		}
		try {
			await created;
		} catch (error) {
			// Somebody else was first: theirs it is.
			if ((error as Failure).code !== 'ERR_DOC_ALREADY_CREATED') throw error;
			await ask((done) => this.doc.fetch(done));
		}
		return this;
	}

	#write(call: Parameters<typeof ask>[0]): Promise<void> {
		const done = ask(call);
		this.look();
		return done;
	}

	/** @internal Something about its writing may have changed. */
	look(): void {
		const { doc } = this;
		const state = !doc.hasWritePending() ? 'saved' : this.#client.status !== 'online' ? 'offline' :
			(doc as Inner<T>).inflightOp ? 'saving' : 'unsaved';
		if (state === this.#saveState) return;
		this.#saveState = state;
		this.emit('save', state);
	}
}
