import type { Doc as ShareDoc } from 'sharedb/lib/client/index.js';
import { ask, type Failure, failure } from './ask.js';
import type { Client } from './client.js';
import { Events } from './events.js';
import { hold, release } from './holds.js';
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
	/** The server refused something, or the document could not be read; what was refused is taken back. */
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

/** What is used of the inside of ShareDB's document. */
interface Inner extends ShareDoc {
	inflightOp: object | null;
	wantSubscribe: boolean;
	_isInHardRollback: boolean;
	_hardRollback(error: Error): void;
	hasPending(): boolean;
	whenNothingPending(done: () => void): void;
}

/* The server cannot lead on from the version that is here. */
const NEWER = 'ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT';
const ASTRAY = ['ERR_SUBMIT_TRANSFORM_OPS_NOT_FOUND', 'ERR_OTD_HISTORY_NOT_KEPT', NEWER];
/* Actions that read. */
const READING = ['s', 'bs', 'f', 'bf'];
/* As ShareDB's connection makes it: with the message that was refused. */
interface Refused extends Failure { data?: { a?: string } }
const EXISTS = 'ERR_DOC_ALREADY_CREATED';

/** A document, followed while it is open. `T` is the shape of its content. */
export class Doc<T> extends Events<DocEvents> {
	/** ShareDB's own, for what this does not cover. */
	readonly doc: ShareDoc<T>;
	#client: Client;
	#opened: Promise<void> | null = null;	// settles when it is read
	#isReading = false;
	#holders = 0;
	#isLeaving = false;
	#isGone = false;
	#isAstray = false;	// the server could not lead on from the version here, and is asked once more
	#told: SaveState = 'saved';
	#toldError: Failure | null = null;
	#writing = new Set<(error: Failure) => void>();
	#ends: Array<() => void> = [];

	/** Made by `client.doc`. */
	constructor(client: Client, doc: ShareDoc) {
		super();
		this.#client = client;
		this.doc = doc as ShareDoc<T>;
		const told = (op: unknown, source: unknown): Change => ({ op, source, remote: source === false });
		const changed = (op: unknown, source: unknown) => { this.emit('change', told(op, source)); this.look(); };
		this.#listen('before op', (op, source) => this.emit('before', told(op, source)));
		this.#listen('op', changed);
		this.#listen('create', (source) => changed(null, source));
		this.#listen('del', (_, source) => changed(null, source));
		this.#listen('load', () => { this.#isAstray = false; changed(null, false); });
		this.#listen('no write pending', () => this.look());
		this.#listen('error', (error) => {
			// Who made it elsewhere was heard of before the refusal came: `create` has failed by then.
			if ((error as Failure).code !== EXISTS) this.#failed(error as Failure);
		});
		this.#ends.push(client.on('status', (status) => {
			this.look();
			if (status === 'closed') this.#abandon();
		}));
		hold(doc);
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
	get saveState(): SaveState {
		const doc = this.#inner;
		return !doc.hasWritePending() ? 'saved' : !this.#client.connection.canSend ? 'offline' :
			doc.inflightOp ? 'saving' : 'unsaved';
	}

	/**
	 * Read it and follow it from then on. Each `open` wants its `close`, unless it fails: when it may not be read, or not
	 * be made. It may be tried again then.
	 */
	open(options: OpenOptions<T> = {}): Promise<this> { return this.take(options).opened.then(() => this); }

	/** @internal As `open`; `leave` may be said at any time, and again. */
	take(options: OpenOptions<T>): { opened: Promise<void>; leave: () => void } {
		let isHeld = true;
		const leave = () => { if (isHeld) this.close(); isHeld = false; };
		const open = async () => {
			if (this.#isGone) throw failure('ERR_DOC_CLOSED', 'it was closed: ask client.doc for it again');
			try {
				await (this.#opened ??= this.#read(options.create !== undefined).finally(() => { this.#isReading = false; }));
				if (isHeld && this.#holders > 0) await this.#createIfMissing(options);
			} catch (error) {
				if (!this.#isReading) this.#opened = null;
				leave();
				throw error;
			}
		};
		this.#holders++;
		return { opened: open(), leave };
	}

	/**
	 * Resolves when it is acknowledged; `source` comes back with the change. When it is refused, the document is as it
	 * was without it and can be written on; the `error` event tells of it as well, so that the answer may be left alone.
	 */
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
		if (this.#holders === 0 || --this.#holders > 0 || this.#isLeaving) return;
		this.#isLeaving = true;
		void this.#leave();
	}

	/** @internal Something about its writing may have changed. */
	look(): void {
		const state = this.saveState;
		if (state === this.#told) return;
		this.#told = state;
		this.emit('save', state);
	}

	get #inner(): Inner { return this.doc as unknown as Inner; }

	#listen(name: string, listener: (...args: any[]) => void): void {
		const doc = this.doc as unknown as { on(name: string, listener: unknown): void; removeListener(name: string, listener: unknown): void };
		doc.on(name, listener);
		this.#ends.push(() => doc.removeListener(name, listener));
	}

	async #read(mayCreate: boolean): Promise<void> {
		const { keeper } = this.#client;
		this.#isReading = true;
		const isKept = await keeper?.open(this.#client, this.#inner);
		const read = ask((done) => this.doc.subscribe(done));
		// Without a network what is kept will do; and so will what is made here, when that is kept.
		if (isKept || keeper && mayCreate && await this.#isAwayBefore(read)) read.catch((error) => this.#failed(error));
		else await read;
	}

	/** Does it turn out that there is no connection before it is read? */
	async #isAwayBefore(read: Promise<void>): Promise<boolean> {
		let end = () => {};
		const away = new Promise<boolean>((resolve) => {
			const look = () => { if (this.#isAway) resolve(true); };
			end = this.#client.on('status', look);
			look();
		});
		return Promise.race([away, read.then(() => false, () => false)]).finally(end);
	}

	/** Without a network, and what is written is kept. */
	get #isAway(): boolean { return this.#client.keeper !== undefined && this.#client.status === 'offline'; }

	async #createIfMissing({ create, type }: OpenOptions<T>): Promise<void> {
		if (create === undefined || this.exists) return;
		const created = this.#write((done) => this.doc.create(create, type, { source: true } as never, done), [EXISTS]);
		if (this.#isAway) return;
		try {
			await created;
		} catch (error) {
			// Somebody else was first: theirs it is.
			if ((error as Failure).code !== EXISTS) throw error;
			await ask((done) => this.doc.fetch(done));
		}
	}

	/** Leave it; who opens it meanwhile ends that. */
	async #leave(): Promise<void> {
		const doc = this.#inner;
		while (this.#holders === 0) {
			if (this.#isReading) {
				await this.#opened!.catch(() => {});
			} else if (doc.hasPending()) {
				await new Promise<void>((done) => doc.whenNothingPending(done));
			} else if (doc.wantSubscribe) {
				this.#opened = null;
				// Asked for at once: who opens it later asks later. Without a network ShareDB forgets to take note.
				await new Promise<void>((done) => doc.unsubscribe(() => { doc.wantSubscribe = false; done(); }));
			} else {
				this.#isGone = true;
				for (const end of this.#ends) end();
				release(doc);
				this.emit('closed', undefined);
				return;
			}
		}
		this.#isLeaving = false;
	}

	/** `expected`: codes of errors that the caller deals with. */
	#write(call: Parameters<typeof ask>[0], expected: string[] = []): Promise<void> {
		const written = new Promise<void>((resolve, reject) => {
			if (this.#client.status === 'closed') return reject(failure('ERR_CLIENT_CLOSED', 'the client is closed'));
			this.#writing.add(reject);
			call((error) => {
				this.#writing.delete(reject);
				// By then the next op is on its way, if there is one.
				queueMicrotask(() => this.look());
				if (!error) return resolve();
				reject(error);
				if (!expected.includes(error.code)) this.#failed(error);
			});
		});
		// It is told by the event, too.
		written.catch(() => {});
		this.look();
		return written;
	}

	#failed(error: Failure): void {
		// One may befall several ops, and comes with each.
		if (error === this.#toldError) return;
		this.#toldError = error;
		if (ASTRAY.includes(error.code ?? '') && !this.#inner._isInHardRollback) this.#findBack(error);
		if (!this.emit('error', error)) this.#client.report(error);
		this.look();
	}

	/*
	 * The server no longer has the ops since the version here, or never had that version. It may have said so of several
	 * documents because of one; so it is asked about this one alone, and then it is read anew. What is written and not
	 * acknowledged cannot be kept then: each op fails with this error.
	 *
	 * ShareDB lets one follow a version that never was, so that when an op is refused for it asking once more would not
	 * do. Types that cannot invert have been read anew by then.
	 */
	#findBack(error: Failure): void {
		if (error.code === NEWER && !READING.includes((error as Refused).data?.a ?? '')) {
			if ('invert' in (this.doc.type ?? {})) this.#inner._hardRollback(error);
			return;
		}
		if (this.#isAstray) this.#inner._hardRollback(error);
		this.#isAstray = !this.#isAstray;
		this.doc.subscribe((failed) => { if (failed) this.#failed(failed as unknown as Failure); else this.#isAstray = false; });
	}

	/** The client is closed. */
	#abandon(): void {
		for (const reject of this.#writing) reject(failure('ERR_CLIENT_CLOSED', 'the client was closed before it was acknowledged'));
		this.#writing.clear();
	}
}
