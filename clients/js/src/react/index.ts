import equal from 'fast-deep-equal';
import { createContext, createElement, type ReactNode, useCallback, useContext, useMemo, useRef, useSyncExternalStore } from 'react';
import type { Client, Status } from '../core/client.js';
import type { Doc, OpenOptions, SaveState } from '../core/doc.js';
import type { Presence } from '../core/presence.js';
import type { Result } from '../core/query.js';
import { UndoManager, type UndoOptions } from '../undo/index.js';

/*
 * What the hooks stand on is beside React: it is begun when a component is
 * mounted, ended when it is unmounted, and begun again if React does that twice
 * (StrictMode). Where pages are rendered on a server nothing is begun.
 */

const Context = createContext<Client | null>(null);

/** Gives all within the client that their hooks use. */
export function OtdProvider({ client, children }: { client: Client; children?: ReactNode }): ReactNode {
	return createElement(Context.Provider, { value: client }, children);
}

/** The client of the `<OtdProvider>` around this; throws where there is none. Renders again with another client. */
export function useClient(): Client {
	const client = useContext(Context);
	if (!client) throw new Error('there is no <OtdProvider> around this');
	return client;
}

interface Source<V> { subscribe: (tell: () => void) => () => void; read: () => V }

/** `begin` tells each new value, and answers with what ends it; before and after there is `none`. */
function source<V>(none: V, begin: (tell: (value: V) => void) => () => void): Source<V> {
	let value = none;
	return {
		read: () => value,
		subscribe(tell) {
			let isHere = true;
			const end = begin((next) => {
				if (!isHere || equal(value, next)) return;
				value = next;
				tell();
			});
			return () => { isHere = false; end(); value = none; };
		},
	};
}

const useSource = <V>({ subscribe, read }: Source<V>): V => useSyncExternalStore(subscribe, read, read);

/* Documents change in place. */
const copy = <V>(value: V): V => (typeof value === 'object' && value !== null ? structuredClone(value) : value);

const nothing = () => {};

/** What `useDoc` gives: the document, or why there is none. */
export interface DocHandle<T> {
	/** null until it is read. */
	doc: Doc<T> | null;
	error: Error | null;
}

const unread: DocHandle<any> = { doc: null, error: null };

/**
 * A document, open as long as the component is there: `{ doc, error }`, both null until it is read. `options` count when
 * it is opened. Renders again when it is read, or cannot be, and for another `collection` or `id`; not when its content
 * changes: `useDocData`.
 */
export function useDoc<T = unknown>(collection: string, id: string, options: OpenOptions<T> = {}): DocHandle<T> {
	const client = useClient();
	const wanted = useRef(options);
	wanted.current = options;
	const { subscribe, read } = useMemo(() => {
		let now: DocHandle<T> = unread;
		return {
			read: () => now,
			subscribe(tell: () => void) {
				let isHere = true;
				const doc = client.doc<T>(collection, id);
				const show = (next: DocHandle<T>) => { if (isHere) { now = next; tell(); } };
				const { opened, leave } = doc.take(wanted.current);
				opened.then(() => show({ doc, error: null }), (error: Error) => show({ doc: null, error }));
				return () => {
					isHere = false;
					now = unread;
					leave();
				};
			},
		};
	}, [client, collection, id]);
	return useSyncExternalStore(subscribe, read, read);
}

/**
 * What `selector` takes of a document's content (all, without one), a copy; undefined while there is none. Renders again
 * when that is another value: as long as it is equal it is the same object.
 */
export function useDocData<T, V = T>(doc: Doc<T> | null, selector?: (data: T) => V): V | undefined {
	const last = useRef<{ doc: unknown; selector: unknown; value: V | undefined }>({ doc: null, selector: null, value: undefined });
	const subscribe = useCallback((tell: () => void) => {
		// Something may have happened since it was rendered.
		last.current.doc = null;
		return doc?.on('change', () => { last.current.doc = null; tell(); }) ?? nothing;
	}, [doc]);
	const read = () => {
		const { current } = last;
		// Between changes a selector is asked once, unless it is another one.
		if (doc && current.doc === doc && current.selector === selector) return current.value;
		const data = doc?.data;
		const value = data === undefined ? undefined : copy(selector ? selector(data) : data as unknown as V);
		last.current = { doc, selector, value: equal(value, current.value) ? current.value : value };
		return last.current.value;
	};
	return useSyncExternalStore(subscribe, read, read);
}

/** Whether the client is connected (`client.status`). Renders again when that changes. */
export function useConnectionStatus(): Status {
	const client = useClient();
	const read = () => client.status;
	return useSyncExternalStore(useCallback((tell) => client.on('status', tell), [client]), read, read);
}

/** Whether all that is written in a document is saved (`doc.saveState`); `saved` without one. Renders again when that changes. */
export function useSaveState(doc: Doc<any> | null): SaveState {
	const read = () => doc?.saveState ?? 'saved';
	return useSyncExternalStore(useCallback((tell) => doc?.on('save', tell) ?? nothing, [doc]), read, read);
}

/* As a list, since Maps are not compared by what is in them. */
interface Others<P> { list: Array<[id: string, value: P]>; error: Error | null }
const nobody: Others<never> = { list: [], error: null };

/**
 * Who else is in a document, or on a channel: `[others, set, error]`. `others` has what each says of itself, by id; `set`
 * says where oneself is, null nowhere, and is the same function as long as `at` is the same. Renders again when somebody
 * comes, moves or leaves, and when it fails.
 */
export function usePresence<P>(at: Doc<any> | string | null): [ReadonlyMap<string, P>, (value: P | null) => void, Error | null] {
	const client = useClient();
	const [here, set] = useMemo(() => {
		let presence: Presence<P> | null = null;
		const others = source<Others<P>>(nobody, (tell) => {
			if (at === null) return nothing;
			const made = presence = typeof at === 'string' ? client.presence<P>(at) : at.presence<P>();
			const show = (error: Error | null) => tell({ list: copy([...made.others]), error });
			const ends = [made.on('change', () => show(null)), made.on('error', show)];
			made.open().then(() => show(null), show);
			return () => { for (const end of ends) end(); presence = null; made.close(); };
		});
		return [others, (value: P | null) => presence?.set(value)] as const;
	}, [client, at]);
	const { list, error } = useSource(here);
	return [useMemo(() => new Map(list), [list]), set, error];
}

/** What `useLiveQuery` gives. */
export interface LiveResults<T> {
	/** In the filter's order; null until the first answer. A document that is as it was is the same object. */
	results: Array<Result<T>> | null;
	error: Error | null;
}

const unasked: LiveResults<never> = { results: null, error: null };

/**
 * The documents of a collection that match: `{ results, error }`. Renders again when the result, its order or a document
 * in it changes, when it fails, and for another filter; filters that say the same are the same.
 */
export function useLiveQuery<T = unknown>(collection: string, filter: object): LiveResults<T> {
	const client = useClient();
	const text = JSON.stringify(filter);
	return useSource(useMemo(() => source<LiveResults<T>>(unasked, (tell) => {
		const query = client.query<T>(collection, JSON.parse(text) as object);
		let known = new Map<string, Result<T>>();
		const show = (error: Error | null) => {
			const results = query.results.map((now) => {
				const before = known.get(now.id);
				return before && equal(before, now) ? before : copy(now);
			});
			known = new Map(results.map((result) => [result.id, result]));
			tell({ results, error });
		};
		const ends = [query.on('change', () => show(null)), query.on('error', show)];
		query.ready.then(() => show(null), (error: Error) => tell({ results: null, error }));
		return () => { for (const end of ends) end(); query.close(); };
	}), [client, collection, text]));
}

const still = { canUndo: false, canRedo: false };

/**
 * Undo and redo of what is changed here in a document: `{ canUndo, canRedo, undo, redo }`; the functions are the same as
 * long as the document is. `options` count when the document is another one. Renders again when one of the first two changes.
 */
export function useUndo(doc: Doc<any> | null, options?: UndoOptions) {
	const wanted = useRef(options);
	wanted.current = options;
	const [state, undo, redo] = useMemo(() => {
		let manager: UndoManager | null = null;
		const can = source(still, (tell) => {
			if (!doc) return nothing;
			const made = manager = new UndoManager(doc, wanted.current);
			const end = made.on('change', () => tell({ canUndo: made.canUndo, canRedo: made.canRedo }));
			return () => { end(); manager = null; made.close(); };
		});
		return [can, () => manager?.undo() ?? Promise.resolve(), () => manager?.redo() ?? Promise.resolve()] as const;
	}, [doc]);
	return { ...useSource(state), undo, redo };
}
