import ReconnectingSocket from 'partysocket/ws';
import { Connection, type Doc as ShareDoc, types } from 'sharedb/lib/client/index.js';
import type { Failure } from './ask.js';
import { Doc } from './doc.js';
import { type Door, enter, socketUrl } from './door.js';
import { Events } from './events.js';
import { addPlaces } from './places.js';
import { Presence } from './presence.js';
import { Query, type QueryOptions } from './query.js';

/** An OT type, as the npm packages of the ottypes family have it. */
export interface OtType { name: string; uri: string }

/** Keeps documents beyond the page: `otd-client/offline`. */
export interface Keeper {
	/** A document is opened; was there something of it? Then it has its content. */
	open(client: Client, doc: ShareDoc): Promise<boolean>;
	/** The connection is there; `again` makes another one like it. */
	online(again: () => Client): Promise<void>;
	close(): Promise<void>;
}

/** How a client connects, and what it knows; all may be left out. */
export interface ConnectOptions extends Door {
	/** Types beside json0, or modules that export one as `type`. */
	types?: Array<OtType | { type: OtType }>;
	/** Documents can be opened and written without a network. */
	offline?: Keeper | undefined;
	/** Where there is no global one: Node before 22. */
	WebSocket?: unknown;
	/** The first wait before connecting again, ms; it doubles. Each is shortened by chance, by half at most. */
	minDelay?: number;
	/** The longest. */
	maxDelay?: number;
	/** The server is asked for a sign of life after so much silence, ms; 0: never. */
	heartbeat?: number;
}

/**
 * - `connecting`: for the first time, or again;
 * - `online`: what is written is sent at once;
 * - `offline`: what is written is kept; the next try is under way or due;
 * - `refused`: the server does not let us in; a new token, or `reconnect`, is needed;
 * - `closed`: by `close`, for good.
 */
export type Status = 'connecting' | 'online' | 'offline' | 'refused' | 'closed';

/** Why a connection ended, from its close code. */
export type Ending = 'network' | 'restart' | 'renew' | 'access' | 'rate' | 'closed';

/** What a client tells of. */
export interface ClientEvents {
	status: Status;
	/** A connection has ended. */
	ended: { why: Ending; code: number; reason: string };
	/** Of no one document: from ShareDB's connection, or `getToken`. */
	error: Failure;
}

const ENDINGS: Record<number, Ending> = { 1012: 'restart', 4401: 'renew', 4403: 'access', 4429: 'rate' };

/* A server that refuses twice in a row what `getToken` gives is not asked for ever. */
const REFUSALS = 2;

const nameOf = (collection: string, id: string) => JSON.stringify([collection, id]);

interface Socket extends EventTarget {
	readyState: number;
	retryCount: number;
	send(text: string): void;
	close(code?: number, reason?: string): void;
	reconnect(code?: number, reason?: string): void;
}

/** A connection to a server, kept up; documents, queries and presence of it. Make it with `connect`. */
export class Client extends Events<ClientEvents> {
	/** ShareDB's own, for what this does not cover. */
	readonly connection: Connection;
	/** @internal */
	readonly keeper: Keeper | undefined;
	#status: Status = 'connecting';
	#socket: Socket;
	#door: Door;
	#again: () => Client;
	#docs = new Map<string, Doc<unknown>>();
	#refusals = 0;
	#heard = 0;
	#unwatch: Array<() => void> = [];

	constructor(url: string | URL, options: ConnectOptions = {}) {
		super();
		const { minDelay = 500, maxDelay = 20_000, heartbeat = 25_000 } = options;
		const at = socketUrl(url);
		const announced: string[] = [];
		for (const given of options.types ?? []) {
			const type = 'type' in given ? given.type : given;
			types.register(type as never);
			if (addPlaces(type)) announced.push(type.uri);
		}
		this.#door = options;
		this.keeper = options.offline;
		this.#again = () => new Client(url, { ...options, offline: undefined });
		this.#socket = new ReconnectingSocket(() => this.#enter(at), [], {
			WebSocket: options.WebSocket ?? globalThis.WebSocket,
			maxEnqueuedMessages: 0,		// ShareDB says again itself what was under way
			minReconnectionDelay: minDelay / 2,
			maxReconnectionDelay: maxDelay / 2,
			reconnectionDelayGrowFactor: 2,
			connectionTimeout: 15_000,
		}) as unknown as Socket;
		this.connection = new Connection(this.#socket as never);
		this.connection.on('state', () => this.#update());
		this.connection.on('error', (error) => this.emit('error', error as unknown as Failure));
		this.connection.on('send', (message) => {
			if (message.a === 'hs') message.x = { ...message.x, presence: announced };
			if (message.a === 'op') this.#docs.get(nameOf(message.c, message.d))?.look();
		});
		this.connection.on('receive', (request) => this.#receive(request));
		this.#socket.addEventListener('close', (event) => this.#ended(event as CloseEvent));
		this.#watch(minDelay, heartbeat);
	}

	get status(): Status { return this.#status; }

	/** The document of this name; the same one each time while somebody has it open. */
	doc<T = unknown>(collection: string, id: string): Doc<T> {
		const key = nameOf(collection, id);
		let doc = this.#docs.get(key);
		if (!doc) {
			doc = new Doc<unknown>(this, this.connection.get(collection, id));
			this.#docs.set(key, doc);
			doc.on('closed', () => this.#docs.delete(key));
		}
		return doc as Doc<T>;
	}

	/** The documents of a collection that match, now and as they change. */
	query<T = unknown>(collection: string, filter: object = {}, options: QueryOptions = {}): Query<T> {
		return new Query<T>(this, collection, filter, options);
	}

	/** Who is on a channel, and what they say of themselves. That of a document: `doc.presence()`. */
	presence<P = unknown>(channel: string): Presence<P> {
		return new Presence<P>(this, this.connection.getPresence(channel));
	}

	/** Resolves when everything written so far is acknowledged. */
	saved(): Promise<void> {
		return new Promise((resolve) => this.connection.whenNothingPending(resolve));
	}

	/** Try at once: after a change of the token, or to leave `disconnect`. */
	reconnect(): void {
		this.#refusals = 0;
		this.#socket.reconnect();
	}

	/** Stay offline until `reconnect`; what is written is kept. */
	disconnect(): void {
		this.#socket.close(1000, 'offline');
	}

	/** Leave for good. What is not acknowledged by then is lost: see `saved`. */
	close(): void {
		for (const end of this.#unwatch) end();
		this.#setStatus('closed');
		this.#socket.close(1000, 'closed');
		void this.keeper?.close();
	}

	/** @internal Something went wrong beside the documents. */
	report(error: Error): void { this.emit('error', error); }

	async #enter(at: URL): Promise<string> {
		// A server that starts again is met by all its clients: spread them.
		if (this.#socket?.retryCount > 0)
			await new Promise((resolve) => setTimeout(resolve, Math.random() * 1000));
		try {
			return await enter(at, this.#door);
		} catch (error) {
			this.emit('error', error instanceof Error ? error : new Error(String(error)));
			throw error;
		}
	}

	#setStatus(status: Status): void {
		if (status === this.#status || this.#status === 'closed') return;
		this.#status = status;
		if (status === 'online') this.keeper?.online(this.#again).catch((error) => this.emit('error', error));
		this.emit('status', status);
	}

	#update(): void {
		const state = this.connection.state;
		if (state === 'connected') this.#refusals = 0;
		this.#setStatus(state === 'connected' ? 'online' : this.#refusals >= REFUSALS ? 'refused' :
			state === 'connecting' && this.#status !== 'offline' ? 'connecting' : 'offline');
	}

	#ended({ code, reason }: CloseEvent): void {
		const why = this.#status === 'closed' ? 'closed' : ENDINGS[code] ?? 'network';
		if (why === 'renew' && ++this.#refusals >= REFUSALS) {
			this.#socket.close();
			this.#setStatus('refused');
		}
		this.emit('ended', { why, code, reason });
	}

	/** The server's own messages, which ShareDB's client does not know. */
	#receive(request: { data: { a?: string; error?: { message: string } } | null }): void {
		this.#heard = Date.now();
		if (request.data?.a !== 'x-token') return;
		if (request.data.error) this.emit('error', new Error(request.data.error.message));
		else if (!('exp' in request.data)) void this.#renew();
		request.data = null;
	}

	/** The token is about to end: show the next one without a break. */
	async #renew(): Promise<void> {
		const token = await Promise.resolve(this.#door.getToken?.()).catch(() => null);
		if (token && this.connection.canSend) this.connection.send({ a: 'x-token', token });
	}

	/** Notice at once that the network is back, and in time that it is gone. */
	#watch(minDelay: number, heartbeat: number): void {
		const wake = () => {
			const away = this.#status === 'offline' || this.#status === 'connecting';
			if (away && this.#socket.readyState !== 0 && globalThis.document?.visibilityState !== 'hidden')
				this.reconnect();
		};
		this.#listen(globalThis.window, 'online', wake);
		this.#listen(globalThis.document, 'visibilitychange', wake);
		if (heartbeat === 0) return;
		const timer = setInterval(() => {
			const silent = Date.now() - this.#heard;
			if (!this.connection.canSend || silent < heartbeat) return;
			if (silent > 2 * heartbeat) this.#socket.reconnect(4000, 'silent');
			else this.connection.ping();
		}, Math.max(minDelay, heartbeat / 4));
		(timer as { unref?: () => void }).unref?.();
		this.#unwatch.push(() => clearInterval(timer));
	}

	#listen(target: EventTarget | undefined, name: string, listener: () => void): void {
		target?.addEventListener(name, listener);
		this.#unwatch.push(() => target?.removeEventListener(name, listener));
	}
}

/** Connect to an otd or ShareDB server: `ws(s)://` or `http(s)://`, or relative to the page. */
export function connect(url: string | URL, options?: ConnectOptions): Client {
	return new Client(url, options);
}
