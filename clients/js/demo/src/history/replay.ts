import { createStore, type Store } from '../ui/store.ts';

/** A document as it was at a version. */
export interface Shot { v: number; type: string | null; data: unknown }

export interface ReplayState {
	/** The version that was asked for last, and the one that is shown. */
	wanted: number;
	shown: Shot | null;
	isLoading: boolean;
	error: Error | null;
}

const KEPT = 300;

/**
 * Goes through the versions of a document. However fast one is asked for after
 * another, one request is under way; then the last one that was wanted is next.
 */
export class Replay {
	readonly state: Store<ReplayState>;
	#fetch: (when: number | Date) => Promise<Shot>;
	#kept = new Map<number, Shot>();
	#isBusy = false;
	#isClosed = false;

	constructor(fetch: (when: number | Date) => Promise<Shot>, first: number) {
		this.#fetch = fetch;
		this.state = createStore<ReplayState>({ wanted: first, shown: null, isLoading: false, error: null });
		this.seek(first);
	}

	seek(v: number): void {
		this.#set({ wanted: v, error: null });
		const kept = this.#kept.get(v);
		if (kept) this.#set({ shown: kept, isLoading: false });
		else void this.#load();
	}

	/** To the version of that time. */
	async seekTime(when: Date): Promise<void> {
		try {
			const shot = await this.#fetch(when);
			this.#keep(shot);
			this.#set({ wanted: shot.v, shown: shot, isLoading: false, error: null });
		} catch (error) {
			this.#set({ error: error as Error });
		}
	}

	close(): void { this.#isClosed = true; }

	async #load(): Promise<void> {
		this.#set({ isLoading: true });
		if (this.#isBusy) return;
		this.#isBusy = true;
		for (let v = -1; v !== this.state.get().wanted && !this.#isClosed;) {
			v = this.state.get().wanted;
			try {
				const shot = this.#kept.get(v) ?? await this.#fetch(v);
				this.#keep({ ...shot, v });
				this.#set({ shown: { ...shot, v } });
			} catch (error) {
				if (v === this.state.get().wanted) this.#set({ error: error as Error });
			}
		}
		this.#isBusy = false;
		this.#set({ isLoading: false });
	}

	#keep(shot: Shot): void {
		this.#kept.delete(shot.v);
		this.#kept.set(shot.v, shot);
		if (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value!);
	}

	#set(part: Partial<ReplayState>): void {
		if (!this.#isClosed) this.state.set({ ...this.state.get(), ...part });
	}
}
