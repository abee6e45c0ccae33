import { useSyncExternalStore } from 'react';

/** A value that components follow and anybody sets. */
export interface Store<V> {
	get(): V;
	set(value: V): void;
	watch(tell: () => void): () => void;
}

export function createStore<V>(first: V, whenSet: (value: V) => void = () => {}): Store<V> {
	const listeners = new Set<() => void>();
	let value = first;
	return {
		get: () => value,
		set(next) {
			if (Object.is(next, value)) return;
			value = next;
			whenSet(next);
			for (const tell of [...listeners]) tell();
		},
		watch(tell) {
			listeners.add(tell);
			return () => void listeners.delete(tell);
		},
	};
}

export function useStore<V>(store: Store<V>): V {
	return useSyncExternalStore(store.watch, store.get);
}

type Where = 'localStorage' | 'sessionStorage';

/** What was kept under a name; null where nothing may be kept, too. */
export function recall<V>(where: Where, name: string): V | null {
	try {
		return JSON.parse(globalThis[where].getItem(`otd.${name}`) ?? 'null') as V | null;
	} catch {
		return null;
	}
}

export function remember(where: Where, name: string, value: unknown): void {
	try {
		if (value === null) globalThis[where].removeItem(`otd.${name}`);
		else globalThis[where].setItem(`otd.${name}`, JSON.stringify(value));
	} catch {
		// Private windows keep nothing: then it is as before next time.
	}
}
