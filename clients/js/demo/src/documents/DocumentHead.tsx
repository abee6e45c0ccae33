import type { Doc } from 'otd-client';
import { useConnectionStatus } from 'otd-client/react';
import { bindTextarea } from 'otd-client/textarea';
import { useEffect, useRef, useState } from 'react';
import { Avatars } from '../people/People.tsx';
import { linkTo } from '../route.ts';
import { announce } from '../ui/announce.tsx';
import { IconButton } from '../ui/Button.tsx';
import { copyText } from '../ui/copy.ts';
import { Icon } from '../ui/Icon.tsx';
import { KINDS } from './kinds.ts';
import type { Entry } from './library.ts';
import { DeleteDialog } from './ListDialogs.tsx';
import { SaveState } from './SaveState.tsx';

interface Props {
	entry: Doc<Entry>;
	doc: Doc<unknown> | null;
	isPast: boolean;
	onHistory(): void;
	/** null: there is nothing. */
	undo: (() => void) | null;
	redo: (() => void) | null;
}

/** What is the same for all kinds: title, state, who is here, and what can be done. */
export function DocumentHead({ entry, doc, isPast, onHistory, undo, redo }: Props) {
	const [isDeleting, setDeleting] = useState(false);
	const status = useConnectionStatus();
	const kind = KINDS[entry.data!.kind];
	const copy = () => void copyText(linkTo(entry.id)).then(
		() => announce('The link is copied'), () => announce(`The link is ${linkTo(entry.id)}`));

	return (
		<header className="document-head">
			<a className="icon-button back" href="#/" aria-label="Back to the documents" title="Back to the documents"><Icon name="back" /></a>
			<span className="line-icon" data-kind={entry.data!.kind} title={kind.name}><Icon name={kind.icon} /></span>
			<Title entry={entry} />
			<SaveState doc={doc} entry={entry} />
			<Avatars doc={entry.id} />
			<div className="head-actions">
				<IconButton icon="undo" label="Undo" disabled={!undo || isPast} onClick={() => undo?.()} />
				<IconButton icon="redo" label="Redo" disabled={!redo || isPast} onClick={() => redo?.()} />
				<IconButton icon="history" id="history-button" label="History" aria-expanded={isPast} disabled={!doc || (status !== 'online' && !isPast)} onClick={onHistory} />
				<IconButton icon="link" label="Copy the link" onClick={copy} />
				<IconButton icon="trash" label="Delete this document" onClick={() => setDeleting(true)} />
			</div>
			{isDeleting && <DeleteDialog line={{ id: entry.id, title: entry.data?.title ?? '' }} isCurrent onClose={() => setDeleting(false)} />}
		</header>
	);
}

function Title({ entry }: { entry: Doc<Entry> }) {
	const field = useRef<HTMLInputElement>(null);
	useEffect(() => {
		const bound = bindTextarea(field.current!, entry, { path: ['title'] });
		// One that has just been made is to be named first.
		if (entry.data?.title === '' && entry.version !== null && entry.version <= 1) field.current!.focus();
		return () => bound.close();
	}, [entry]);
	return <input ref={field} className="title" aria-label="Title" placeholder="Untitled" maxLength={120} spellCheck={false} />;
}
