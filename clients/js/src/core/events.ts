/** Something that tells of what happens to it, by named events with one value each. */
export class Events<Map extends object> {
	readonly #listeners = new globalThis.Map<keyof Map, Set<(value: never) => void>>();

	/** Call `listener` at each such event; the answer ends that. */
	on<Name extends keyof Map>(name: Name, listener: (value: Map[Name]) => void): () => void {
		let all = this.#listeners.get(name);
		if (!all) this.#listeners.set(name, all = new Set());
		all.add(listener);
		return () => void all.delete(listener);
	}

	/** The next event of that name. */
	once<Name extends keyof Map>(name: Name): Promise<Map[Name]> {
		return new Promise((resolve) => {
			const end = this.on(name, (value) => { end(); resolve(value); });
		});
	}

	/** For those that extend this. A listener that throws harms no other. */
	protected emit<Name extends keyof Map>(name: Name, value: Map[Name]): void {
		for (const listener of [...this.#listeners.get(name) ?? []])
			try {
				(listener as (value: Map[Name]) => void)(value);
			} catch (error) {
				queueMicrotask(() => { throw error; });
			}
	}
}
