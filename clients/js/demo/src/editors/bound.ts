import type { Doc } from 'otd-client';
import { bindTextarea } from 'otd-client/textarea';
import { type RefObject, useLayoutEffect, useState } from 'react';

export type Path = ReadonlyArray<string | number>;

/* Does an op of json0 take things into lists, out of them, or elsewhere, above this place? */
function moves(op: unknown, path: Path): boolean {
	return Array.isArray(op) && (op as Array<{ p: Path }>).some((c) => ('li' in c || 'ld' in c || 'lm' in c) &&
		c.p.length <= path.length && c.p.slice(0, -1).every((key, i) => key === path[i]));
}

/**
 * A field on a text within the document, letter by letter. When what it is in
 * moves, it lets go before and takes hold again at its new path: the field
 * keeps its words and its cursor.
 */
export function useBound(field: RefObject<HTMLInputElement | HTMLTextAreaElement | null>, doc: Doc<unknown>, path: Path): void {
	const [round, setRound] = useState(0);
	const key = JSON.stringify(path);
	useLayoutEffect(() => {
		const at = JSON.parse(key) as Path;
		let bound: { close(): void } | null = bindTextarea(field.current!, doc, { path: at });
		const letGo = () => {
			bound?.close();
			bound = null;
		};
		const ends = [
			doc.on('before', ({ op }) => { if (moves(op, at)) letGo(); }),
			doc.on('change', ({ op }) => { if (moves(op, at)) setRound((n) => n + 1); }),
		];
		return () => {
			letGo();
			for (const end of ends) end();
		};
	}, [doc, key, round]);
}
