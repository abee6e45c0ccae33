import { type Doc as ShareDoc, types } from 'sharedb/lib/client/index.js';
import type { Failure } from '../core/ask.js';
import type { Client, Lost } from '../core/client.js';
import { epochOf } from '../core/epochs.js';
import { type Kept, type KeptOp, type Store, uuid } from './store.js';

interface Type { uri: string; serialize?: (data: unknown) => unknown; deserialize?: (data: unknown) => unknown }
const known = types.map as unknown as Record<string, Type | undefined>;

/** What is used of the inside of ShareDB's document. */
export interface Inner extends ShareDoc {
	pendingOps: PendingOp[];
	inflightOp: PendingOp | null;
	paused: boolean;
	_isInHardRollback: boolean;
	_hardRollback(error: Error): void;
	_setType(type: string | null): void;
	_setData(data: unknown): void;
}

interface PendingOp extends Omit<KeptOp, 'type'> {
	type?: Type | null;
	callbacks: Array<(error?: Failure) => void>;
	sentAt?: number;
	/** It is on disk with its name, and may be sent. */
	isKept?: boolean;
	/** It was written without a connection: refused, it is not lost. */
	isWatched?: boolean;
	/** It was written by a page that is gone: nobody waits for it. */
	isLeft?: boolean;
}

/* A disk that failed is tried again, though nothing happens. */
const AGAIN_MS = 3000;

/** Nothing is here yet. */
export const isBlank = (doc: ShareDoc) => doc.version === null && !doc.type && !doc.hasWritePending();

/** Give a blank document what was kept; false: it is of a type that is not known here. */
export function restore(doc: Inner, kept: Kept): boolean {
	const uris = [kept.type, ...kept.ops.map(({ type }) => type)].filter((uri) => typeof uri === 'string');
	if (!uris.every((uri) => known[uri])) return false;
	if (kept.v !== null) {
		doc.ingestSnapshot({ v: kept.v, type: kept.type, data: kept.data as never });
	} else if (kept.type !== null) {
		doc._setType(kept.type);
		doc._setData(known[kept.type]!.deserialize?.(kept.data) ?? kept.data);
	}
	doc.pendingOps = kept.ops.map((op) => ({
		...op, type: (op.type === undefined ? doc.type : op.type && known[op.type]) as Type | null, callbacks: [], isLeft: true,
		...(op.src ? { sentAt: 1, isKept: true } : {}),
	}));
	return true;
}

/** What was written and is refused. */
export function lostOf({ collection, id, type, data }: Omit<Kept, 'tab' | 'v' | 'ops'>, ops: KeptOp[], { code, message }: Failure): Lost {
	return {
		key: uuid(), collection, id, type, data, error: { code, message }, at: Date.now(),
		ops: ops.map(({ op, create, del }) => JSON.parse(JSON.stringify({ op, create, del })) as KeptOp),
	};
}

export interface WriterOptions {
	doc: ShareDoc;
	store: Store;
	/** Under which name it is kept. */
	tab: string;
	/** Hears what is lost. */
	client: Client;
	/** Something of the store's; what fails is told, and is false. */
	attempt(work: Promise<void>): Promise<boolean>;
}

/**
 * Keeps one document, and lets go of its ops one by one as they are on disk.
 *
 * ShareDB does several things in one stroke (an op of somebody else is applied
 * part by part; one that is refused is turned round before it is applied). What
 * is in between must not be kept; so nothing is read off before the stroke is over.
 */
export class Writer {
	#doc: Inner;
	#store: Store;
	#tab: string;
	#client: Client;
	#attempt: WriterOptions['attempt'];
	#isDue = false;
	#isClosed = false;
	#writing: Promise<void> | null = null;
	#written: KeptOp[] = [];	// what is on disk, or about to be
	#sent: KeptOp = {};	// what was sent last
	#refused: Array<{ op: KeptOp; error: Failure }> = [];
	#again: ReturnType<typeof setTimeout> | undefined;
	#ends: Array<() => void> = [];

	constructor({ doc, store, tab, client, attempt }: WriterOptions) {
		this.#doc = doc as Inner;
		this.#store = store;
		this.#tab = tab;
		this.#client = client;
		this.#attempt = attempt;
		const look = () => this.look();
		for (const name of ['op', 'create', 'del', 'load', 'no write pending'] as const) {
			doc.on(name, look);
			this.#ends.push(() => doc.removeListener(name, look));
		}
		const { connection } = doc;
		const sends = (message: KeptOp & { a: string; c: string; d: string }) => {
			if (message.a === 'op' && message.c === doc.collection && message.d === doc.id) this.#sent = message;
		};
		connection.on('state', look);
		connection.on('send', sends as never);
		this.#ends.push(() => connection.removeListener('state', look).removeListener('send', sends as never));
		this.look();
	}

	/** Something may have changed. */
	look(): void {
		if (this.#isClosed) return;
		this.#gate();
		this.#watch();
		this.#isDue = true;
		this.#writing ??= this.#write();
	}

	/** Resolves when the last is kept. */
	async close(): Promise<void> {
		if (!this.#isClosed) this.look();
		this.#isClosed = true;
		clearTimeout(this.#again);
		for (const end of this.#ends) end();
		await this.#writing;
	}

	/** What is on disk may go, and nothing else: also when the connection comes back, before anything is read. */
	#gate(): void {
		this.#doc.paused = !this.#doc.pendingOps[0]?.isKept;
	}

	/** What is written without a connection outlives being refused. */
	#watch(): void {
		const isAway = !this.#doc.connection.canSend;
		for (const op of this.#doc.pendingOps) {
			if (op.isWatched || !isAway && !op.isLeft) continue;
			op.isWatched = true;
			op.callbacks.push((error) => {
				if (error) this.#refuse(op, error);
				else this.look();	// the next may be named
			});
		}
	}

	#refuse(op: PendingOp, error: Failure): void {
		// ShareDB has turned round one that it takes back; on disk, and on its way, it is as it was written.
		const written = [...this.#written, this.#sent].find(({ src, seq }) => src !== undefined && src === op.src && seq === op.seq);
		this.#refused.push({ op: written ?? op as KeptOp, error });
		if (op.isLeft && this.#doc.listenerCount('error') > 0) this.#doc.emit('error', error as never);
		this.look();
	}

	async #write(): Promise<void> {
		await null;
		while (this.#isDue) {
			this.#isDue = false;
			const next = this.#name();
			const lost = this.#lost();
			if (!await this.#attempt(this.#store.put(() => this.#record(), lost))) await this.#letGo();
			if (lost) this.#client.lose(lost);
			if (!next) continue;
			next.isKept = true;
			this.#gate();
			this.#doc.flush();
			this.#gate();
		}
		this.#writing = null;
	}

	/** A disk that is full keeps nobody from working on. But what is on it is old then, and not to be sent again. */
	async #letGo(): Promise<void> {
		const { collection, id } = this.#doc;
		clearTimeout(this.#again);
		if (!this.#isClosed) this.#again = setTimeout(() => this.look(), AGAIN_MS);
		(this.#again as { unref?: () => void } | undefined)?.unref?.();
		if (this.#written.length)
			await this.#store.drop({ collection, id, tab: this.#tab }).then(() => { this.#written = []; }, () => {});
	}

	/** The next op to be sent gets its name; from then on nothing is added to it. */
	#name(): PendingOp | null {
		const { connection } = this.#doc;
		const op = this.#doc.pendingOps[0];
		if (this.#isClosed || !op || op.isKept || this.#doc.inflightOp || !connection.canSend || connection.id === null) return null;
		op.src ??= connection.id;
		op.seq ??= connection.seq++;
		op.sentAt = Date.now();
		op.callbacks.push(() => this.look());
		return op;
	}

	#lost(): Lost | null {
		const refused = this.#refused;
		if (!refused.length) return null;
		this.#refused = [];
		const { collection, id, data } = this.#doc;
		const type = (this.#doc.type as Type | null)?.uri ?? null;
		return lostOf({ collection, id, type, data }, refused.map(({ op }) => op), refused[0]!.error);
	}

	/** null: there is nothing to keep, or nothing that could be said now. */
	#record(): Kept | null {
		const doc = this.#doc;
		const ops = doc.inflightOp ? [doc.inflightOp, ...doc.pendingOps] : doc.pendingOps;
		// While ShareDB begins anew, what is on disk is all that there is.
		if (doc._isInHardRollback || doc.version === null && !ops.length) return null;
		const type = doc.type as Type | null;
		// Its data is ShareDB's own, which changes it in place.
		const kept: Kept = {
			collection: doc.collection, id: doc.id, tab: this.#tab, v: doc.version, type: type?.uri ?? null,
			data: type?.serialize ? type.serialize(doc.data) : doc.data,
			ops: ops.map(({ op, create, del, src, seq, type }) =>
				JSON.parse(JSON.stringify({ op, create, del, src, seq, type: type?.uri ?? null })) as KeptOp),
		};
		const epoch = epochOf(doc) ?? this.#client.epoch;
		if (epoch !== null) kept.epoch = epoch;
		if (ops.length) this.#written = kept.ops;
		return kept;
	}
}
