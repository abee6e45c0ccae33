// The list of documents: a collection of its own, with a line for each.
import type { Client, Doc } from 'otd-client';
import { newId } from '../ui/id.ts';
import { createStore, recall, remember } from '../ui/store.ts';
import { type Kind, KINDS } from './kinds.ts';

export const LIST = 'studio';
export const CONTENT = 'studio-documents';

/** A document's line in the list. Its content has the same id. */
export interface Entry {
	title: string;
	kind: Kind;
	/** Of code. */
	language?: string;
	/** ms since 1970. */
	created: number;
	edited: number;
}

export interface Line extends Entry { id: string }

export const titleOf = (entry: { title?: string } | undefined) => entry?.title?.trim() || 'Untitled';

export async function createDocument(client: Client, kind: Kind): Promise<string> {
	const id = newId();
	const now = Date.now();
	const entry: Entry = { title: '', kind, created: now, edited: now, ...(kind === 'code' ? { language: 'javascript' } : {}) };
	const doc = await client.doc<Entry>(LIST, id).open({ create: entry });
	doc.close();
	keepLine({ ...entry, id });
	return id;
}

async function withEntry(client: Client, id: string, act: (doc: Doc<Entry>) => Promise<void>): Promise<void> {
	const doc = await client.doc<Entry>(LIST, id).open();
	try {
		if (doc.exists) await act(doc);
	} finally {
		doc.close();
	}
}

export function renameDocument(client: Client, id: string, title: string): Promise<void> {
	return withEntry(client, id, (doc) => doc.submit([{ p: ['title'], od: doc.data!.title, oi: title }]));
}

export async function deleteDocument(client: Client, id: string): Promise<void> {
	await withEntry(client, id, (doc) => doc.delete());
	keepLines(keptLines.get().filter((line) => line.id !== id));
	const content = await client.doc(CONTENT, id).open();
	if (content.exists) await content.delete();
	content.close();
}

export function openContent(kind: Kind): { create: unknown; type: string } {
	return { create: KINDS[kind].empty, type: KINDS[kind].type };
}

const KEPT = 50;

/** The list as it was last, with what was made or named here since: for when there is no connection. */
export const keptLines = createStore<Line[]>(recall<Line[]>('localStorage', 'lines') ?? [],
	(lines) => remember('localStorage', 'lines', lines));

export function keepLines(lines: Line[]): void { keptLines.set(lines.slice(0, KEPT)); }

export function keepLine(line: Line): void {
	const before = keptLines.get();
	keepLines(before.some(({ id }) => id === line.id) ? before.map((one) => (one.id === line.id ? line : one)) : [line, ...before]);
}

const MARK_MS = 15_000;

/** While a document is edited here its line says so, now and then. */
export function markEdits(entry: Doc<Entry>, content: Doc<unknown>): () => void {
	let timer: ReturnType<typeof setTimeout> | null = null;
	let last = 0;
	const mark = () => {
		timer = null;
		last = Date.now();
		if (entry.data) void entry.submit([{ p: ['edited'], od: entry.data.edited, oi: last }]).catch(() => {});
	};
	const end = content.on('change', ({ remote, op }) => {
		if (remote || op === null || timer !== null) return;
		timer = setTimeout(mark, Math.max(0, last + MARK_MS - Date.now()));
	});
	return () => {
		end();
		if (timer !== null) { clearTimeout(timer); mark(); }
	};
}
