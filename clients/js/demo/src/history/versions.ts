import { useEffect, useRef, useState } from 'react';
import { authorization } from '../door/account.ts';

/** When a version was made, and by whom if that is known. */
export interface Version { version: number; at: string; author: string | null }

const PAGE = 100;
const SETTLED_MS = 120;

/** When the version was made; asked in pages, once one stays at it for a moment. */
export function useVersion(collection: string, id: string, v: number): Version | null {
	const known = useRef(new Map<number, Version>());
	const [, setRound] = useState(0);
	useEffect(() => {
		if (known.current.has(v) || v < 1) return;
		let isHere = true;
		const timer = setTimeout(() => {
			// The page is around it: one goes on in either direction.
			const before = Math.max(v + 1, v + PAGE / 2);
			const path = `/v1/collections/${encodeURIComponent(collection)}/docs/${encodeURIComponent(id)}/versions?before=${before}&limit=${PAGE}`;
			authorization().then((headers) => fetch(path, { headers })).then(async (answer) => {
				if (!answer.ok) return;
				const { versions } = await answer.json() as { versions: Version[] };
				for (const version of versions) known.current.set(version.version, version);
				if (isHere) setRound((n) => n + 1);
			}).catch(() => {});
		}, SETTLED_MS);
		return () => {
			isHere = false;
			clearTimeout(timer);
		};
	}, [collection, id, v]);
	return known.current.get(v) ?? null;
}
