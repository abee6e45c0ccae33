import { Connection, type Doc as ShareDoc, types } from 'sharedb/lib/client/index.js';
import { type Failure, failure } from './ask.js';
import { Doc } from './doc.js';
import { type Door, enter, Refusal, socketUrl } from './door.js';
import { Epochs } from './epochs.js';
import { Events } from './events.js';
import { addPlaces } from './places.js';
import { Presence } from './presence.js';
import { Query, type QueryOptions } from './query.js';
import { Renewal, type TokenWord } from './renewal.js';
import { AGAIN, Wire, type WireOptions } from './wire.js';

/** An OT type, as the npm packages of the ottypes family have it. */
export interface OtType { name: string; uri: string }

/** Writing that was kept beyond the page, and that the server does not take. */
export interface Lost {
	/** Names it, for `forget`. */
	key: string;
	collection: string;
	id: string;
	type: string | null;
	/** The document as it was here, with what is lost. */
	data: unknown;
	/** What was refused, in order: each with one of `op`, `create` and `del`. */
	ops: Array<{ op?: unknown; create?: unknown; del?: boolean }>;
	error: { code: string | undefined; message: string };
	/** When, ms since 1970. */
	at: number;
}

/** Keeps documents beyond the page: `otd-client/offline`. */
export interface Keeper {
	/** A document is opened; was there something of it? Then it has its content. Never fails: the client hears of it. */
	open(client: Client, doc: ShareDoc): Promise<boolean>;
	/** The connection is there; `again` makes another one like it. */
	online(client: Client, again: () => Client): void;
	/** Resolves when everything is kept. */
	close(): Promise<void>;
}

/** How a client connects, and what it knows; all may be left out. */
export interface ConnectOptions extends Door, WireOptions {
	/** Types beside json0, or modules that export one as `type`. */
	types?: Array<OtType | { type: OtType }>;
	/** Documents can be opened and written without a network. */
	offline?: Keeper | undefined;
}

/**
 * - `connecting`: for the first time, or after `refused`;
 * - `online`: what is written is sent at once;
 * - `offline`: what is written is kept; the next try is under way or due, unless `disconnect` was called;
 * - `refused`: the server does not let us in; a new token and `reconnect` are needed;
 * - `closed`: by `close`, for good.
 */
export type Status = 'connecting' | 'online' | 'offline' | 'refused' | 'closed';

/** Why a connection ended, from its close code; `closed`: by ourselves. */
export type Ending = 'network' | 'restart' | 'renew' | 'access' | 'rate' | 'closed';

/** What a client tells of. */
export interface ClientEvents {
	status: Status;
	/** A connection has ended. */
	ended: { why: Ending; code: number; reason: string };
	/**
	 * Of no one document: `getToken`, the door, the disk (`ERR_NOT_KEPT`), a server that went back to a backup
	 * (`ERR_OTD_RESTORED`); and of documents, when nobody listens there.
	 * One that nobody listens to is written to the console.
	 */
	error: Failure;
	/** What was written offline is refused; it is kept until it is forgotten: `otd-client/offline`. */
	lost: Lost;
}

interface Greeting { a?: string; x?: { epoch?: unknown } }

const ENDINGS: Record<number, Ending> = { [AGAIN]: 'closed', 1012: 'restart', 4401: 'renew', 4403: 'access', 4429: 'rate' };

/* A server that refuses twice in a row what `getToken` gives is not asked for ever. */
const REFUSALS = 2;

const nameOf = (collection: string, id: string) => JSON.stringify([collection, id]);

/** A connection to a server, kept up; documents, queries and presence of it. Make it with `connect`. */
export class Client extends Events<ClientEvents> {
	/** ShareDB's own, for what this does not cover. */
	readonly connection: Connection;
	/** @internal */
	readonly keeper: Keeper | undefined;
	#status: Status = 'connecting';
	#reason: Failure | null = null;
	#wire: Wire;
	#renewal: Renewal;
	#epochs = new Epochs();
	#toldOnce: unknown = null;	// of all documents, at once
	#again: () => Client;
	#docs = new Map<string, Doc<unknown>>();
	#refusals = 0;

	constructor(url: string | URL, options: ConnectOptions = {}) {
		super();
		const at = socketUrl(url);
		const isAble = at !== null && (options.WebSocket ?? globalThis.WebSocket) !== undefined;
		const announced: string[] = [];
		for (const given of [types.defaultType as OtType, ...options.types ?? []]) {
			const type = 'type' in given ? given.type : given;
			types.register(type as never);
			if (addPlaces(type)) announced.push(type.uri);
		}
		const handshake = { presence: announced, epoch: true, ...(options.getToken ? { token: true } : {}) };
		this.keeper = options.offline;
		this.#again = () => new Client(url, { ...options, offline: undefined });
		this.#wire = new Wire({
			address: () => enter(at!, options),
			failed: (error) => this.#failed(error as Failure),
			ended: (...how) => this.#ended(...how),
			ping: () => { if (this.connection.canSend) this.connection.ping(); },
		}, isAble, options);
		this.connection = new Connection(this.#wire.socket as never);
		this.#renewal = new Renewal(this.connection, options, (error) => this.report(error));
		// How it ended is known a moment later: `ended`.
		this.connection.on('state', (state) => { if (state as string !== 'disconnected') this.#update(); });
		this.connection.on('error', (error) => this.#trouble(error as unknown as Failure));
		this.connection.on('send', (message) => {
			if (message.a === 'hs') message.x = { ...message.x, ...handshake };
			if (message.a === 'op') this.#docs.get(nameOf(message.c, message.d))?.look();
		});
		this.connection.on('receive', (request: { data: TokenWord | null }) => {
			this.#wire.heard();
			this.#hear(request.data as Greeting | null);
			if (request.data?.a !== 'x-token') return;
			this.#renewal.hear(request.data);
			request.data = null;	// ShareDB's client does not know it
		});
		if (isAble) return;
		this.#status = 'offline';
		// On a server that renders pages that is as it should be.
		if (at) queueMicrotask(() => this.#failed(failure('ERR_NO_WEBSOCKET',
			'there is no WebSocket here: give connect that of npm ws, { WebSocket }')));
	}

	get status(): Status { return this.#status; }

	/** Why there is no connection, as far as is known; null while there is one. */
	get reason(): Failure | null { return this.#reason; }

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

	/** Resolves when everything written so far is acknowledged or refused, and what was asked is answered. */
	saved(): Promise<void> {
		return new Promise((resolve) => this.connection.whenNothingPending(resolve));
	}

	/** Try at once: after a change of the token, or to leave `disconnect`. */
	reconnect(): void {
		if (this.#status === 'closed' || this.#reason?.code === 'ERR_NO_WEBSOCKET') return;
		this.#refusals = 0;
		if (this.#status === 'refused') this.#setStatus('connecting');
		this.#wire.again();
	}

	/** Stay offline until `reconnect`; what is written is kept. */
	disconnect(): void {
		this.#wire.leave('offline');
		this.#update();
	}

	/**
	 * Leave for good. What is not acknowledged by then fails with `ERR_CLIENT_CLOSED` and is lost, unless it is kept
	 * (`otd-client/offline`): see `saved`. Resolves when everything is kept.
	 */
	async close(): Promise<void> {
		if (this.#status === 'closed') return;
		this.#setStatus('closed');
		this.#renewal.stop();
		this.#wire.close();
		await this.keeper?.close();
	}

	/** @internal In which life of its database the server is; null: not known. */
	get epoch(): string | null { return this.#epochs.now; }

	/** @internal Something went wrong; whoever listens hears of it, or the console. */
	report(error: Failure): void {
		if (error === this.#toldOnce) return;
		if (this.#status !== 'closed' && !this.emit('error', error)) console.error(error);
	}

	/** @internal */
	lose(lost: Lost): void { this.emit('lost', lost); }

	/** Before ShareDB does, which then asks for every document from the version that is here. */
	#hear(said: Greeting | null): void {
		if (said?.a !== 'hs' || typeof said.x?.epoch !== 'string') return;
		const error = this.#epochs.hear(said.x.epoch, this.connection);
		if (!error) return;
		this.report(error as Failure);
		this.#toldOnce = error;
	}

	#setStatus(status: Status): void {
		if (status === this.#status || this.#status === 'closed') return;
		this.#status = status;
		if (status === 'online') this.#reason = null;
		this.emit('status', status);
		if (this.status === 'online') this.keeper?.online(this, this.#again);
	}

	#update(): void {
		const { state } = this.connection;
		if (state === 'connected') this.#refusals = 0;
		else this.#renewal.stop();
		if (state === 'connected') this.#setStatus('online');
		else if (this.#refusals >= REFUSALS) this.#setStatus('refused');
		else if (state !== 'connecting' || !this.#wire.isWanted) this.#setStatus('offline');
	}

	/** No connection could be tried. */
	#failed(error: Failure): void {
		this.#reason = error;
		if (error instanceof Refusal) this.#refuse();
		this.#setStatus(this.#refusals >= REFUSALS ? 'refused' : 'offline');
		this.report(error);
	}

	#refuse(): void {
		if (++this.#refusals >= REFUSALS) this.#wire.leave('refused');
	}

	#ended(code: number, reason: string, wasOpen: boolean): void {
		const why = !this.#wire.isWanted ? 'closed' : ENDINGS[code] ?? 'network';
		if (why !== 'closed') this.#reason = failure(`CLOSED_${code}`, reason || 'there is no connection');
		if (why === 'renew') this.#refuse();
		this.#update();
		if (wasOpen) this.emit('ended', { why, code, reason });
	}

	/** ShareDB's connection has one. */
	#trouble(error: Failure): void {
		if (error.code === 'ERR_OTD_SRC_NOT_YOURS' && this.connection.state === 'connecting') {
			// Another token, another person: what they write is not to be told as the former's.
			this.connection.id = null as never;
			(this.connection as unknown as { _initializeHandshake(): void })._initializeHandshake();
		} else {
			this.report(error);
		}
	}
}

/**
 * Connect to an otd or ShareDB server: `ws(s)://` or `http(s)://`, or relative to the page. Where there is no page, as
 * where one is rendered on a server, a client of a relative URL stays offline.
 */
export function connect(url: string | URL, options?: ConnectOptions): Client {
	return new Client(url, options);
}
