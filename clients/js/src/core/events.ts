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

	/** For those that extend this; did anybody listen? A listener that throws harms no other. */
	protected emit<Name extends keyof Map>(name: Name, value: Map[Name]): boolean {
		const all = [...this.#listeners.get(name) ?? []];
		for (const listener of all)
			try {
				(listener as (value: Map[Name]) => void)(value);
			} catch (error) {
				queueMicrotask(() => { throw error; });
			}
		return all.length > 0;
	}
}
