import type { Doc, SaveState as State } from 'otd-client';
import { useSaveState } from 'otd-client/react';
import { useEffect, useRef, useState } from 'react';
import { announce } from '../ui/announce.tsx';
import type { Entry } from './library.ts';

const WORDS: Record<State, string> = {
	saved: 'Saved', saving: 'Saving…', unsaved: 'Not sent yet', offline: 'Kept here, sent later',
};
const ORDER: State[] = ['saved', 'saving', 'unsaved', 'offline'];
const SETTLED_MS = 1500;

/** Whether everything of a document is stored: its content and its line in the list. */
export function SaveState({ doc, entry }: { doc: Doc<unknown> | null; entry: Doc<Entry> }) {
	const states = [useSaveState(doc), useSaveState(entry as Doc<never>)];
	const state = states.sort((a, b) => ORDER.indexOf(b) - ORDER.indexOf(a))[0]!;
	const said = useRef<State>('saved');
	const [error, setError] = useState<string | null>(null);
	useEffect(() => doc?.on('error', ({ message }) => { setError(message); announce(`Not saved: ${message}`); }), [doc]);

	// Each key pressed saves something. Only what lasts is worth saying.
	useEffect(() => {
		const timer = setTimeout(() => {
			if (state === said.current || state === 'saving') return;
			if (state === 'offline') announce('Changes are kept here and sent when you are online.');
			if (state === 'saved' && said.current === 'offline') announce('All changes are saved.');
			said.current = state;
		}, SETTLED_MS);
		return () => clearTimeout(timer);
	}, [state]);

	return (
		<span className="save-state" data-state={error ? 'error' : state} title={error ?? undefined}>
			<span className="dot" aria-hidden="true" />{error ? 'Not saved' : WORDS[state]}
		</span>
	);
}
