import type { Doc } from 'otd-client';
import { useDocData } from 'otd-client/react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { type Kind, KINDS } from '../documents/kinds.ts';
import type { Entry } from '../documents/library.ts';
import { announce } from '../ui/announce.tsx';
import { IconButton } from '../ui/Button.tsx';
import { Problem } from '../ui/Problem.tsx';
import { useStore } from '../ui/store.ts';
import { clock } from '../ui/time.ts';
import { Replay, type ReplayState } from './replay.ts';
import { restoringOp } from './restore.ts';
import { type Version, useVersion } from './versions.ts';

interface Props { doc: Doc<unknown>; entry: Doc<Entry>; kind: Kind; label: string; onClose(): void }

/** The latest version, as it grows. */
function useLast(doc: Doc<unknown>): number {
	const [last, setLast] = useState(doc.version ?? 1);
	useEffect(() => {
		const look = () => setLast(doc.version ?? 1);
		const ends = [doc.on('change', look), doc.on('save', look)];
		look();
		return () => { for (const end of ends) end(); };
	}, [doc]);
	return last;
}

/** Any version of a document, to be looked at and to be brought back. */
export function History({ doc, entry, kind, label, onClose }: Props) {
	const last = useLast(doc);
	const language = useDocData(entry, (data) => data.language ?? 'plain') ?? 'plain';
	const replay = useMemo(() => new Replay((when) => doc.at(when), doc.version ?? 1), [doc]);
	const state = useStore(replay.state);
	const version = useVersion(doc.collection, doc.id, state.shown?.v ?? 0);
	const [isPlaying, setPlaying] = usePlaying(replay, state, last);
	const slider = useRef<HTMLInputElement>(null);
	const { Preview } = KINDS[kind];

	useEffect(() => slider.current?.focus(), []);
	const close = () => {
		onClose();
		document.getElementById('history-button')?.focus();
	};
	const restore = () => {
		const op = state.shown && restoringOp(doc.type ?? '', doc.data, state.shown.data);
		if (op === null) announce('It is like that already.');
		else {
			doc.submit(op, 'restore').then(() => announce(`Version ${state.shown!.v} is back. Undo takes it away again.`),
				(error: Error) => announce(`It could not be restored: ${error.message}`));
		}
		close();
	};
	const seek = (v: number) => {
		setPlaying(false);
		replay.seek(Math.max(1, Math.min(last, v)));
	};

	return (
		<section className="history" aria-labelledby="history-title" onKeyDown={(event) => { if (event.key === 'Escape') close(); }}>
			<div className="history-bar">
				<h2 id="history-title">History</h2>
				<div className="history-slide">
					<IconButton icon="stepBack" label="One version back" disabled={state.wanted <= 1} onClick={() => seek(state.wanted - 1)} />
					<IconButton icon={isPlaying ? 'pause' : 'play'} label={isPlaying ? 'Pause' : 'Play'} onClick={() => setPlaying(!isPlaying)} />
					<IconButton icon="stepOn" label="One version on" disabled={state.wanted >= last} onClick={() => seek(state.wanted + 1)} />
					<input ref={slider} type="range" min={1} max={Math.max(last, 1)} value={state.wanted} aria-label="Version"
						aria-valuetext={wordsOf(state, last, version)} onChange={(event) => seek(Number(event.target.value))} />
				</div>
				<p className="history-words" data-version={state.shown?.v} data-loading={state.isLoading}>{wordsOf(state, last, version)}</p>
				<TimeField version={version} onTime={(when) => { setPlaying(false); void replay.seekTime(when); }} />
				<div className="actions">
					<button type="button" className="button primary" disabled={!state.shown?.type || state.isLoading || state.shown.v === last} onClick={restore}>Restore this version</button>
					<button type="button" className="button" onClick={close}>Back to now</button>
				</div>
			</div>
			<div className="history-view">
				{state.error && <Problem title="This version cannot be shown">{state.error.message}</Problem>}
				{state.shown && !state.shown.type && <p className="hint">There was nothing at this version.</p>}
				{state.shown?.type && <Preview data={state.shown.data} language={language} label={`${label}, as it was at version ${state.shown.v}`} />}
			</div>
		</section>
	);
}

function wordsOf(state: ReplayState, last: number, version: Version | null): string {
	const at = version && version.version === state.wanted ? ` · ${clock(new Date(version.at))}` : '';
	const by = at && version?.author ? ` · ${version.author}` : '';
	return `Version ${state.wanted} of ${last}${at}${by}`;
}

const STEP_MS = 220;
const STEPS = 80;

/** Play: at most so many steps, each when the one before is there. */
function usePlaying(replay: Replay, state: ReplayState, last: number): [boolean, (on: boolean) => void] {
	const [isPlaying, setPlaying] = useState(false);
	const from = useRef(1);
	useEffect(() => {
		if (!isPlaying || state.isLoading) return;
		if (state.wanted >= last) return setPlaying(false);
		const stride = Math.max(1, Math.ceil((last - from.current) / STEPS));
		const timer = setTimeout(() => replay.seek(Math.min(last, state.wanted + stride)), STEP_MS);
		return () => clearTimeout(timer);
	}, [isPlaying, state, last, replay]);
	return [isPlaying, (on) => {
		if (on) {
			from.current = state.wanted >= last ? 1 : state.wanted;
			if (state.wanted >= last) replay.seek(1);
		}
		setPlaying(on);
	}];
}

/** As `datetime-local` wants it: the local time without a zone. */
const local = (then: Date) => new Date(then.getTime() - then.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);

function TimeField({ version, onTime }: { version: Version | null; onTime(when: Date): void }) {
	const shown = version ? local(new Date(version.at)) : '';
	const [typed, setTyped] = useState<string | null>(null);
	useEffect(() => setTyped(null), [shown]);
	return (
		<label className="history-time">
			<span>At time</span>
			<input type="datetime-local" step={1} value={typed ?? shown} onChange={(event) => {
				setTyped(event.target.value);
				const when = new Date(event.target.value);
				// A time of whole seconds means until that second's end.
				if (!Number.isNaN(when.getTime())) onTime(new Date(when.getTime() + 999));
			}} />
		</label>
	);
}
