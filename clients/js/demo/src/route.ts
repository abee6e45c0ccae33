import { useSyncExternalStore } from 'react';

/** Where one is: the list, or a document. The address says it, so that it can be shared. */
export type Route = { at: 'list' } | { at: 'document'; id: string };

const DOCUMENT = /^#\/d\/([\w-]{1,80})$/;

function routeOf(hash: string): Route {
	const id = DOCUMENT.exec(hash)?.[1];
	return id ? { at: 'document', id } : { at: 'list' };
}

export const addressOf = (id: string) => `#/d/${id}`;
export const linkTo = (id: string) => new URL(addressOf(id), location.href).href;
export const go = (id: string | null) => { location.hash = id ? addressOf(id) : '#/'; };

const watch = (tell: () => void) => {
	addEventListener('hashchange', tell);
	return () => removeEventListener('hashchange', tell);
};

export function useRoute(): Route {
	return routeOf(useSyncExternalStore(watch, () => location.hash));
}
