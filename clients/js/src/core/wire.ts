import ReconnectingSocket from 'partysocket/ws';

/** How patient a connection is. */
export interface WireOptions {
	/** Where there is no global one: Node before 22. */
	WebSocket?: unknown;
	/** The first wait before connecting again, ms; it doubles. Each is shortened by chance, by half at most. */
	minDelay?: number;
	/** The longest. */
	maxDelay?: number;
	/** The server is asked for a sign of life after so much silence, ms, and given up half as long after; 0: never. */
	heartbeat?: number;
}

/** What a wire asks for and tells. */
export interface WireEnds {
	/** The URL of the next connection; fails when there is none now. */
	address(): Promise<string>;
	/** There was none. */
	failed(error: unknown): void;
	/** A connection has ended, or could not be made. */
	ended(code: number, reason: string, wasOpen: boolean): void;
	/** Ask the other side for a sign of life. */
	ping(): void;
}

/** As ShareDB's connection wants it, and some more. */
interface Socket extends EventTarget {
	readyState: number;
	send(text: string): void;
	close(code?: number, reason?: string): void;
	reconnect(code?: number, reason?: string): void;
}

const OPEN = 1;
/* A connection that lived so long was one: the next try is a first try again. */
const LASTING_MS = 5000;
/* For a connection, or an answer, that does not come. */
export const PATIENCE_MS = 15_000;
/* Close codes: two of ours, one of the server. */
const SILENT = 4000;
export const AGAIN = 4001;
const BUSY = 4429;

/**
 * A WebSocket that is kept up, by npm partysocket. When it is tried again, and
 * whether the other side lives, is decided here:
 *
 * 1. The nth try after a connection waits minDelay * 2^(n-1) ms, at most
 *    maxDelay, less up to half of it by chance, so that the clients of a server
 *    that starts again do not all come at once. `again` and `nudge` end the wait.
 * 2. Who is cut off hears nothing, and TCP may say so after minutes. So silence
 *    is asked about, and a connection that does not answer is given up. The age
 *    of the silence alone says nothing: timers of hidden pages hardly run.
 */
export class Wire {
	readonly socket: Socket;
	#ends: WireEnds;
	#delay: (n: number) => number;
	#heartbeat: number;
	#isWanted: boolean;
	#tries = 0;		// in a row
	#openedAt = 0;		// 0: not open
	#heardAt = 0;
	#askedAt = 0;		// 0: not asked, or answered
	#wake: () => void = () => {};
	#unwatch: Array<() => void> = [];

	/** `isAble`: false where there is nothing to connect to, as where pages are rendered on a server. */
	constructor(ends: WireEnds, isAble: boolean, options: WireOptions) {
		const { minDelay = 1000, maxDelay = 20_000, heartbeat = 25_000 } = options;
		this.#ends = ends;
		this.#isWanted = isAble;
		this.#heartbeat = heartbeat;
		this.#delay = (n) => Math.min(maxDelay, minDelay * 2 ** (n - 1)) * (1 - Math.random() / 2);
		this.socket = new ReconnectingSocket(() => this.#address(), [], {
			WebSocket: options.WebSocket ?? globalThis.WebSocket,
			startClosed: !isAble,
			maxEnqueuedMessages: 0,		// ShareDB says again itself what was under way
			minReconnectionDelay: 0,
			maxReconnectionDelay: 0,
			connectionTimeout: PATIENCE_MS,
		}) as unknown as Socket;
		this.#listen(this.socket, 'open', () => { this.#openedAt = Date.now(); this.heard(); });
		this.#listen(this.socket, 'close', (event) => this.#closed(event as CloseEvent));
		if (!isAble) return;
		this.#listen(globalThis as unknown as EventTarget, 'online', () => this.nudge());
		this.#listen(globalThis.document, 'visibilitychange', () => this.nudge());
		if (heartbeat > 0) this.#beat();
	}

	get isWanted(): boolean { return this.#isWanted; }

	/** Something came. */
	heard(): void {
		this.#heardAt = Date.now();
		this.#askedAt = 0;
	}

	/** Connect anew, at once. */
	again(): void {
		this.#isWanted = true;
		this.socket.reconnect(AGAIN, 'again');
		this.#tries = 0;
		this.#wake();
	}

	/** Something may have changed: try now, or see whether the connection still is one. */
	nudge(): void {
		if (!this.#isWanted || globalThis.document?.visibilityState === 'hidden') return;
		if (this.socket.readyState === OPEN) return this.#ask();
		this.#tries = Math.min(this.#tries, 1);
		this.#wake();
	}

	/** End it, until `again`. */
	leave(reason: string): void {
		this.#isWanted = false;
		this.socket.close(1000, reason);
		this.#wake();
	}

	/** End it for good. */
	close(): void {
		this.leave('closed');
		for (const end of this.#unwatch) end();
	}

	/** partysocket waits for this before each try. */
	async #address(): Promise<string> {
		while (this.#isWanted) {
			if (this.#tries > 0) await this.#pause(this.#delay(this.#tries));
			if (!this.#isWanted) break;
			try {
				return await this.#ends.address();
			} catch (error) {
				if (!this.#isWanted) break;
				this.#tries++;
				this.#ends.failed(error);
			}
		}
		return 'ws:';	// looked at by nobody: it was closed meanwhile
	}

	#pause(ms: number): Promise<void> {
		return new Promise((resolve) => {
			const timer = setTimeout(resolve, ms);
			this.#wake = () => { clearTimeout(timer); resolve(); };
		});
	}

	#closed({ code, reason }: CloseEvent): void {
		const wasOpen = this.#openedAt > 0;
		this.#tries = wasOpen && Date.now() - this.#openedAt >= LASTING_MS ? 1 : this.#tries + 1;
		if (code === BUSY) this.#tries += 3;
		this.#openedAt = this.#askedAt = 0;
		this.#ends.ended(code, reason, wasOpen);
	}

	#ask(): void {
		this.#askedAt ||= Date.now();
		this.#ends.ping();
	}

	#beat(): void {
		const timer = setInterval(() => {
			const now = Date.now();
			if (this.socket.readyState !== OPEN) return;
			if (this.#askedAt && now - this.#askedAt >= this.#heartbeat / 2) this.socket.reconnect(SILENT, 'silent');
			else if (!this.#askedAt && now - this.#heardAt >= this.#heartbeat) this.#ask();
		}, this.#heartbeat / 4);
		(timer as { unref?: () => void }).unref?.();
		this.#unwatch.push(() => clearInterval(timer));
	}

	#listen(target: EventTarget | undefined, name: string, listener: (event: Event) => void): void {
		// Workers and Node are no pages: what is not there does not happen.
		target?.addEventListener?.(name, listener);
		this.#unwatch.push(() => target?.removeEventListener?.(name, listener));
	}
}
