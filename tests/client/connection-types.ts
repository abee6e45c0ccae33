// What TypeScript makes of the client: compiled by a test, never run. What is
// expected to be an error is a mistake that has to be told.
import { connect, type Change, type Doc, type SaveState, type Status } from 'otd-client';
import { offline, type Lost } from 'otd-client/offline';
import { useDoc, useDocData, useLiveQuery, usePresence, useSaveState, useUndo } from 'otd-client/react';

interface Note { title: string; tags: string[]; n: number }

const kept = offline({ name: 'ann' });
const client = connect('/ws', { getToken: async () => null, offline: kept, minDelay: 10, tickets: false });
// @ts-expect-error tokens are text
connect('/ws', { getToken: () => 5 });
// @ts-expect-error an option that there is not
connect('/ws', { retries: 5 });

export async function documents(): Promise<void> {
	const note: Doc<Note> = await client.doc<Note>('notes', 'one').open({ create: { title: '', tags: [], n: 0 } });
	// @ts-expect-error what is made has the document's shape
	await client.doc<Note>('notes', 'one').open({ create: { title: '' } });
	const title: string | undefined = note.data?.title;
	// @ts-expect-error it may not be there
	const missing: string = note.data.title;
	// @ts-expect-error there is no such member
	note.data?.subtitle;
	// @ts-expect-error nor is it a number
	const wrong: number | undefined = note.data?.title;
	const old: string | undefined = (await note.at(3)).data?.title;
	// @ts-expect-error a document of notes is made of a note
	await note.create('text');
	// @ts-expect-error its content is changed by ops
	note.data = undefined;
	const anything: Doc<unknown> = note;
	note.on('save', (state: SaveState) => void state);
	note.on('change', ({ op, remote }: Change) => void [op, remote]);
	// @ts-expect-error no such event
	note.on('saved', () => {});
	client.on('status', (status: Status) => void status);
	// @ts-expect-error no such state
	if (client.status === 'gone') return;
	client.on('lost', ({ collection, ops, error }: Lost) => void [collection, ops.length, error.message]);
	const lost: Lost[] = await kept.lost();
	await kept.forget(lost[0]!);
	for (const { data } of client.query<Note>('notes', { n: 1 }).results) data.tags.join();
	const room = client.presence<{ name: string }>('room');
	room.set({ name: 'Ann' });
	// @ts-expect-error a presence has its shape
	room.set({ nom: 'Ann' });
	void [title, missing, wrong, old, anything];
}

export function Hooks(): null {
	const { doc, error } = useDoc<Note>('notes', 'one');
	const title: string | undefined = useDocData(doc, (note) => note.title);
	// @ts-expect-error what is selected has its type
	const wrong: number | undefined = useDocData(doc, (note) => note.title);
	const all: Note | undefined = useDocData(doc);
	const state: SaveState = useSaveState(doc);
	const { undo, canUndo }: { undo: () => Promise<void>; canUndo: boolean } = useUndo(doc);
	const [others, set] = usePresence<{ name: string }>(doc);
	set({ name: [...others.values()].map(({ name }) => name).join() });
	const { results } = useLiveQuery<Note>('notes', { n: 1 });
	const n: number | undefined = results?.[0]?.data.n;
	// @ts-expect-error a filter is an object
	useLiveQuery('notes', 'n = 1');
	void [error, title, wrong, all, state, undo, canUndo, n];
	return null;
}
