import type { Connection } from 'sharedb/lib/client/index.js';
import { type Failure, failure } from './ask.js';
import { type Door, tokenOf } from './door.js';

/** What the server says of a token: its end is near, another was taken, or was not. */
export interface TokenWord { a: 'x-token'; soon?: boolean; exp?: number; error?: { code?: string; message: string } }

/*
 * A minute before a token ends, the server says so to a client that has asked
 * for it in the handshake ({"x": {"token": true}}); the next one is shown on the
 * same connection, which goes on. After some part of the time that is left, by
 * chance, so that tokens that were issued together are not renewed together; and
 * when there is none yet, after some part of the rest, again and again.
 */
export class Renewal {
	#connection: Connection;
	#door: Door;
	#report: (error: Failure) => void;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#exp = 0;	// second in which the present one ends, as far as is known

	constructor(connection: Connection, door: Door, report: (error: Failure) => void) {
		this.#connection = connection;
		this.#door = door;
		this.#report = report;
	}

	hear({ soon, exp, error }: TokenWord): void {
		if (error) this.#report(failure(error.code ?? 'ERR_OTD_UNAUTHENTICATED', error.message));
		if (exp) this.#exp = exp;
		if (soon || error) this.#wait();
	}

	/** The connection has ended. */
	stop(): void { clearTimeout(this.#timer); }

	#wait(): void {
		this.stop();
		// This machine's clock may be wrong; a token whose end is told as near lives for a minute at most.
		const left = Math.max(1000, Math.min(60_000, this.#exp * 1000 - Date.now()));
		this.#timer = setTimeout(() => void this.#renew(), left / 4 * (1 + Math.random()));
	}

	async #renew(): Promise<void> {
		try {
			const token = await tokenOf(this.#door);
			if (!this.#connection.canSend) return;
			if (!token) throw failure('ERR_NO_TOKEN', 'getToken: nothing');
			this.#connection.send({ a: 'x-token', token });
		} catch (error) {
			this.#report(error as Failure);
			if (this.#connection.canSend) this.#wait();
		}
	}
}
