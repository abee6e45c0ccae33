import type { Doc as ShareDoc, Query as ShareQuery } from 'sharedb/lib/client/index.js';
import type { Failure } from './ask.js';
import type { Client } from './client.js';
import { Events } from './events.js';
import { hold, release } from './holds.js';

/** How a query is asked. */
export interface QueryOptions {
	/** Find once and do not follow. */
	once?: boolean;
}

/** What a query tells of. */
export interface QueryEvents {
	/** The result, its order, or a document in it has changed. */
	change: undefined;
	error: Failure;
}

/** A document as a query has it. */
export interface Result<T> { id: string; version: number | null; data: T }

/** The documents of a collection that match a filter, in its order, as they change. */
export class Query<T> extends Events<QueryEvents> {
	/** ShareDB's own. */
	readonly query: ShareQuery<T>;
	/** Resolves with the first result. */
	readonly ready: Promise<this>;
	#client: Client;
	#watched = new Map<ShareDoc<T>, () => void>();
	#isDue = false;
	#isClosed = false;

	/** Made by `client.query`. */
	constructor(client: Client, collection: string, filter: object, options: QueryOptions) {
		super();
		this.#client = client;
		const { connection } = client;
		const ask = (options.once ? connection.createFetchQuery : connection.createSubscribeQuery).bind(connection);
		let begin!: (error?: Error | null) => void;
		this.ready = new Promise((resolve, reject) => {
			begin = (error) => (error ? reject(error) : resolve(this));
		});
		this.ready.catch(() => {});
		this.query = ask<T>(collection, filter, null, (error) => { this.#changed(); begin(error); });
		this.query.on('changed', () => this.#changed());
		this.query.on('extra', () => this.#changed());
		this.query.on('error', (error) => this.#failed(error as unknown as Failure));
	}

	get results(): Array<Result<T>> {
		return (this.query.results as unknown as Array<ShareDoc<T>> ?? []).filter((doc) => doc.type)
			.map((doc) => ({ id: doc.id, version: doc.version, data: doc.data }));
	}

	/** What the query answers beside documents: `$count`. */
	get extra(): unknown { return this.query.extra; }

	close(): void {
		this.#isClosed = true;
		this.query.destroy();
		for (const end of this.#watched.values()) end();
		this.#watched.clear();
	}

	#changed(): void {
		if (this.#isClosed) return;
		const now = new Set(this.query.results as unknown as Array<ShareDoc<T>> ?? []);
		for (const [doc, end] of this.#watched)
			if (!now.has(doc)) { end(); this.#watched.delete(doc); }
		for (const doc of now)
			if (!this.#watched.has(doc)) this.#watched.set(doc, this.#watch(doc));
		this.#tell();
	}

	#watch(doc: ShareDoc<T>): () => void {
		const tell = () => this.#tell();
		const names = ['op', 'load', 'create', 'del'] as const;
		for (const name of names) doc.on(name, tell);
		// Who has it open hears of it there.
		const failed = (error: unknown) => { if (doc.listenerCount('error') === 1) this.#failed(error as Failure); };
		doc.on('error', failed as never);
		hold(doc as ShareDoc);
		return () => {
			for (const name of names) doc.removeListener(name, tell);
			doc.removeListener('error', failed);
			release(doc as ShareDoc);
		};
	}

	#failed(error: Failure): void {
		if (!this.emit('error', error)) this.#client.report(error);
	}

	/** Once for all that happens in one stroke. */
	#tell(): void {
		if (this.#isDue) return;
		this.#isDue = true;
		queueMicrotask(() => {
			this.#isDue = false;
			if (!this.#isClosed) this.emit('change', undefined);
		});
	}
}
