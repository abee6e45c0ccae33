import { useConnectionStatus, useLiveQuery } from 'otd-client/react';
import { useEffect, useId, useMemo, useRef, useState } from 'react';
import { Avatars } from '../people/People.tsx';
import { addressOf } from '../route.ts';
import { IconButton } from '../ui/Button.tsx';
import { Icon } from '../ui/Icon.tsx';
import { useStore } from '../ui/store.ts';
import { useAgo } from '../ui/time.ts';
import { isKind, type Kind, KIND_NAMES, KINDS } from './kinds.ts';
import { type Entry, keepLines, keptLines, type Line, LIST, titleOf } from './library.ts';
import { DeleteDialog, RenameDialog } from './ListDialogs.tsx';
import { NewButtons } from './NewDocument.tsx';

const SHOWN = 200;
const TYPING_MS = 150;

const literally = (words: string) => words.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** A value that has settled. */
function useSettled<V>(value: V, ms: number): V {
	const [settled, setSettled] = useState(value);
	useEffect(() => {
		const timer = setTimeout(() => setSettled(value), ms);
		return () => clearTimeout(timer);
	}, [value, ms]);
	return settled;
}

/** The documents that match, newest first: live, or as they were last. */
function useLines(words: string, kind: Kind | null): { lines: Line[] | null; error: Error | null } {
	const filter = useMemo(() => ({
		...(kind ? { kind } : {}),
		...(words ? { title: { $regex: literally(words), $options: 'i' } } : {}),
		$sort: { edited: -1 }, $limit: SHOWN,
	}), [words, kind]);
	const { results, error } = useLiveQuery<Entry>(LIST, filter);
	const status = useConnectionStatus();
	const kept = useStore(keptLines);
	const last = useRef<Line[] | null>(null);
	const isAll = !words && !kind;
	const lines = useMemo(() => results?.filter(({ data }) => isKind(data.kind)).map(({ id, data }) => ({ ...data, id })) ?? null, [results]);
	useEffect(() => { if (lines && isAll) keepLines(lines); }, [lines, isAll]);
	if (lines && status === 'online') last.current = lines;
	if (status === 'offline') {
		const found = kept.filter((line) => (!kind || line.kind === kind) && titleOf(line).toLowerCase().includes(words.toLowerCase()));
		return { lines: found, error: null };
	}
	return { lines: lines ?? last.current, error };
}

export function Library({ current }: { current: string | null }) {
	const [typed, setTyped] = useState('');
	const [kind, setKind] = useState<Kind | null>(null);
	const words = useSettled(typed.trim(), TYPING_MS);
	const { lines, error } = useLines(words, kind);
	const [asked, setAsked] = useState<{ what: 'rename' | 'delete'; line: Line } | null>(null);
	const id = useId();
	const close = () => setAsked(null);

	return (
		<nav className="library" aria-labelledby={`${id}-title`}>
			<h2 id={`${id}-title`}>Documents</h2>
			<NewButtons />
			<div className="search" role="search">
				<Icon name="search" />
				<input type="search" aria-label="Search by title" placeholder="Search by title" maxLength={100} value={typed}
					onChange={(event) => setTyped(event.target.value)} />
			</div>
			<div className="kinds" role="group" aria-label="Kinds">
				{[null, ...KIND_NAMES].map((name) => (
					<button key={name ?? 'all'} type="button" className="chip" aria-pressed={kind === name} onClick={() => setKind(name)}>
						{name ? KINDS[name].name : 'All'}
					</button>
				))}
			</div>
			{error && <p className="wrong" role="alert">The list cannot be read: {error.message}</p>}
			<p className="hidden" role="status">{lines && (words || kind) ? `${lines.length} found` : ''}</p>
			{lines?.length === 0 && <p className="hint nothing">{words || kind ? 'Nothing matches.' : 'No documents yet. Make the first one.'}</p>}
			<ul className="lines">
				{lines?.map((line) => (
					<ListLine key={line.id} line={line} isCurrent={line.id === current}
						onRename={() => setAsked({ what: 'rename', line })} onDelete={() => setAsked({ what: 'delete', line })} />
				))}
			</ul>
			{lines?.length === SHOWN && <p className="hint nothing">These are the newest {SHOWN}. Search for others.</p>}
			{asked?.what === 'rename' && <RenameDialog line={asked.line} onClose={close} />}
			{asked?.what === 'delete' && <DeleteDialog line={asked.line} isCurrent={asked.line.id === current} onClose={close} />}
		</nav>
	);
}

function ListLine({ line, isCurrent, onRename, onDelete }: { line: Line; isCurrent: boolean; onRename(): void; onDelete(): void }) {
	const ago = useAgo(line.edited);
	const title = titleOf(line);
	return (
		<li className="line" data-current={isCurrent}>
			<a href={addressOf(line.id)} aria-current={isCurrent ? 'page' : undefined}>
				<span className="line-icon" data-kind={line.kind}><Icon name={KINDS[line.kind].icon} /></span>
				<span className="line-words">
					<span className="line-title">{title}</span>
					<span className="line-about">{KINDS[line.kind].name} · {ago}</span>
				</span>
			</a>
			<Avatars doc={line.id} size={22} />
			<span className="line-actions">
				<IconButton icon="pencil" label={`Rename ${title}`} onClick={onRename} />
				<IconButton icon="trash" label={`Delete ${title}`} onClick={onDelete} />
			</span>
		</li>
	);
}
