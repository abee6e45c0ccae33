import type { LocalPresence, Presence as SharePresence } from 'sharedb/lib/client/index.js';
import { ask, type Failure } from './ask.js';
import type { Client } from './client.js';
import { Events } from './events.js';

/** What presence tells of. */
export interface PresenceEvents<P> {
	/** Somebody came, moved or left (`value` null). */
	change: { id: string; value: P | null };
	error: Failure;
}

interface Inner { _doc?: { type: unknown; whenNothingPending(call: () => void): void }; _pendingMessages: unknown[]; _sendPending(): void }

/** ShareDB throws when a document is deleted before a place in it is sent: then there is nothing to say. */
function mend(mine: Inner): void {
	const { _doc: doc, _sendPending: send } = mine;
	if (doc) mine._sendPending = () => {
		// Called before what `send` waits with.
		doc.whenNothingPending(() => { if (!doc.type) mine._pendingMessages = []; });
		send.call(mine);
	};
}

/** Who is on a channel or in a document, and what each says of itself. */
export class Presence<P> extends Events<PresenceEvents<P>> {
	/** ShareDB's own. */
	readonly presence: SharePresence<P>;
	#client: Client;
	#mine: LocalPresence<P> | null = null;

	/** Made by `client.presence` and `doc.presence`. */
	constructor(client: Client, presence: SharePresence) {
		super();
		this.#client = client;
		this.presence = presence as SharePresence<P>;
		this.presence.on('receive', this.#receive);
		this.presence.on('error', this.#fail);
	}

	/** Who else is here, by the id that each gave. */
	get others(): ReadonlyMap<string, P> {
		return new Map(Object.entries(this.presence.remotePresences as Record<string, P>));
	}

	/** Hear of the others from now on. */
	open(): Promise<this> {
		return ask((done) => this.presence.subscribe(done)).then(() => this);
	}

	/** Tell the others where we are; null: nowhere, any more. `id` counts the first time; made up when missing. */
	set(value: P | null, id?: string): void {
		if (!this.#mine && value === null) return;
		if (!this.#mine) {
			this.#mine = this.presence.create(id);
			mend(this.#mine as unknown as Inner);
			this.#mine.on('error', this.#fail);
		}
		ask((done) => this.#mine?.submit(value as P, done)).catch(this.#fail);
	}

	/** Leave, and hear no more. */
	close(): void {
		const mine = this.#mine;
		this.#mine = null;
		this.presence.removeListener('receive', this.#receive);
		this.presence.removeListener('error', this.#fail);
		if (!mine) return this.#letGo();
		mine.destroy((error) => {
			this.#left(error);
			this.#letGo();
		});
	}

	/**
	 * Others on this page may share it: ShareDB has one a channel.  Our leave has to be acknowledged by now: ShareDB says it again
	 * if it hears sooner that it is subscribed no more, and nobody is there for that answer.
	 */
	#letGo(): void {
		if (this.presence.listenerCount('receive') === 0) this.presence.destroy(this.#left);
	}

	#receive = (id: string, value: P | null): void => void this.emit('change', { id, value });
	#fail = (error: unknown): void => {
		if (!this.emit('error', error as Failure)) this.#client.report(error as Failure);
	};
	#left = (error: unknown): void => { if (error) this.#fail(error); };
}
