import equal from 'fast-deep-equal';
import { createContext, createElement, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState,
	useSyncExternalStore } from 'react';
import type { Client, Status } from '../core/client.js';
import type { Doc, OpenOptions, SaveState } from '../core/doc.js';
import type { Presence } from '../core/presence.js';
import type { Query, Result } from '../core/query.js';
import { UndoManager, type UndoOptions } from '../undo/index.js';

const Context = createContext<Client | null>(null);

/** Gives all within the client that their hooks use. */
export function OtdProvider({ client, children }: { client: Client; children?: ReactNode }): ReactNode {
	return createElement(Context.Provider, { value: client }, children);
}

/** The client of the `<OtdProvider>` around this. */
export function useClient(): Client {
	const client = useContext(Context);
	if (!client) throw new Error('there is no <OtdProvider> around this');
	return client;
}

/** What `useDoc` gives: the document, or why there is none. */
export interface DocHandle<T> {
	/** null until it is read. */
	doc: Doc<T> | null;
	error: Error | null;
}

/** A document, open as long as the component is there. `options` count when it is opened. */
export function useDoc<T = unknown>(collection: string, id: string, options: OpenOptions<T> = {}): DocHandle<T> {
	const client = useClient();
	const [handle, setHandle] = useState<DocHandle<T>>({ doc: null, error: null });
	const wanted = useRef(options);
	wanted.current = options;
	useEffect(() => {
		let isHere = true;
		const doc = client.doc<T>(collection, id);
		const opened = doc.open(wanted.current).then(
			() => { if (isHere) setHandle({ doc, error: null }); },
			(error: Error) => { if (isHere) setHandle({ doc: null, error }); return 'failed'; });
		return () => {
			isHere = false;
			setHandle({ doc: null, error: null });
			void opened.then((how) => { if (how !== 'failed') doc.close(); });
		};
	}, [client, collection, id]);
	return handle;
}

/** Something that is read anew whenever `watch` tells, and is the same object while it is equal. */
function useLive<V>(watch: (tell: () => void) => () => void, read: () => V): V {
	const last = useRef<{ value: V } | null>(null);
	return useSyncExternalStore(watch, () => {
		const value = read();
		if (!last.current || !equal(last.current.value, value)) last.current = { value };
		return last.current.value;
	}, read);
}

const copy = <V>(value: V): V => (typeof value === 'object' && value !== null ? structuredClone(value) : value);

/** What `selector` takes of a document's content, as it changes; a copy. undefined while there is no content. */
export function useDocData<T, V = T>(doc: Doc<T> | null, selector?: (data: T) => V): V | undefined {
	const kept = useRef<{ doc: Doc<T>; selector: unknown; value: V | undefined } | null>(null);
	const watch = useCallback((tell: () => void) => doc?.on('change', () => { kept.current = null; tell(); }) ?? (() => {}), [doc]);
	return useLive(watch, () => {
		if (!doc || doc.data === undefined) return undefined;
		// Between changes a selector is asked once, unless it is another one.
		if (kept.current?.doc !== doc || kept.current.selector !== selector) {
			const value = selector ? selector(doc.data) : doc.data as unknown as V;
			kept.current = { doc, selector, value: copy(value) };
		}
		return kept.current!.value;
	});
}

/** Whether the client is connected, as it changes. */
export function useConnectionStatus(): Status {
	const client = useClient();
	return useSyncExternalStore(useCallback((tell) => client.on('status', tell), [client]),
		() => client.status, () => client.status);
}

/** Whether all that is written in a document is saved, as it changes. */
export function useSaveState(doc: Doc<never> | Doc<unknown> | null): SaveState {
	const one = doc as Doc<unknown> | null;
	const read = () => one?.saveState ?? 'saved';
	return useSyncExternalStore(useCallback((tell) => one?.on('save', tell) ?? (() => {}), [one]), read, read);
}

/** Who else is in a document, or on a channel, and a way to say where oneself is. */
export function usePresence<P>(at: Doc<never> | Doc<unknown> | string | null): [ReadonlyMap<string, P>, (value: P | null) => void] {
	const client = useClient();
	const [presence, setPresence] = useState<Presence<P> | null>(null);
	useEffect(() => {
		if (at === null) return;
		const made = typeof at === 'string' ? client.presence<P>(at) : (at as Doc<unknown>).presence<P>();
		void made.open().catch(() => {});
		setPresence(made);
		return () => { setPresence(null); made.close(); };
	}, [client, at]);
	const watch = useCallback((tell: () => void) => presence?.on('change', tell) ?? (() => {}), [presence]);
	const others = useLive(watch, () => [...presence?.others ?? []]);
	return [useMemo(() => new Map(others), [others]), useCallback((value) => presence?.set(value), [presence])];
}

/** The documents that match, as they change; null until the first answer. */
export function useLiveQuery<T = unknown>(collection: string, filter: object): { results: Array<Result<T>> | null; error: Error | null } {
	const client = useClient();
	const text = JSON.stringify(filter);
	const [query, setQuery] = useState<Query<T> | null>(null);
	const [error, setError] = useState<Error | null>(null);
	useEffect(() => {
		const made = client.query<T>(collection, JSON.parse(text) as object);
		let isHere = true;
		made.ready.then(() => { if (isHere) { setQuery(made); setError(null); } }, (failed: Error) => { if (isHere) setError(failed); });
		const end = made.on('error', setError);
		return () => { isHere = false; setQuery(null); end(); made.close(); };
	}, [client, collection, text]);
	const watch = useCallback((tell: () => void) => query?.on('change', tell) ?? (() => {}), [query]);
	return { results: useLive(watch, () => (query ? copy(query.results) : null)), error };
}

/** Undo and redo of what is changed here in a document. */
export function useUndo(doc: Doc<never> | Doc<unknown> | null, options?: UndoOptions) {
	const one = doc as Doc<unknown> | null;
	const wanted = useRef(options);
	const [manager, setManager] = useState<UndoManager | null>(null);
	useEffect(() => {
		if (!one) return;
		const made = new UndoManager(one, wanted.current);
		setManager(made);
		return () => { setManager(null); made.close(); };
	}, [one]);
	const watch = useCallback((tell: () => void) => manager?.on('change', tell) ?? (() => {}), [manager]);
	const [canUndo, canRedo] = useLive(watch, () => [manager?.canUndo ?? false, manager?.canRedo ?? false] as const);
	return {
		canUndo, canRedo,
		undo: useCallback(() => manager?.undo() ?? Promise.resolve(), [manager]),
		redo: useCallback(() => manager?.redo() ?? Promise.resolve(), [manager]),
	};
}
