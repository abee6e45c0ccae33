import type { Doc } from 'otd-client';
import { useDoc, useDocData, useUndo } from 'otd-client/react';
import { Suspense, useCallback, useEffect, useState } from 'react';
import { History } from '../history/History.tsx';
import { Problem } from '../ui/Problem.tsx';
import { DocumentHead } from './DocumentHead.tsx';
import { isKind, type Kind, KINDS } from './kinds.ts';
import { CONTENT, type Entry, keepLine, LIST, markEdits, openContent, titleOf } from './library.ts';

const toTheList = <a className="button" href="#/">To the documents</a>;

/** A document that an address names: is it there, and what is it? */
export function OpenDocument({ id }: { id: string }) {
	const { doc: entry, error } = useDoc<Entry>(LIST, id);
	const isThere = useDocData(entry, (data) => isKind(data.kind));
	const [wasThere, setWasThere] = useState(false);
	useEffect(() => { if (isThere) setWasThere(true); }, [isThere]);

	if (error) return <Problem title="This document cannot be opened" action={toTheList}>{error.message}</Problem>;
	if (!entry) return <Opening />;
	if (isThere === undefined && wasThere)
		return <Problem title="This document was deleted" action={toTheList}>Somebody has just done so.</Problem>;
	if (!isThere) return <Problem title="There is no such document" action={toTheList}>
		It may have been deleted, or the address is not complete.</Problem>;
	return <Content entry={entry} kind={entry.data!.kind} />;
}

function Opening() {
	return <p className="opening" role="status">Opening…</p>;
}

function Content({ entry, kind }: { entry: Doc<Entry>; kind: Kind }) {
	const { doc, error } = useDoc<unknown>(CONTENT, entry.id, openContent(kind));
	const title = titleOf(useDocData(entry, ({ title: words }) => ({ title: words })));
	const [isPast, setPast] = useState(false);
	const { undo, redo, canUndo, canRedo } = useUndo(doc);
	const { Editor, uri } = KINDS[kind];

	useEffect(() => { if (entry.data) keepLine({ ...entry.data, id: entry.id }); }, [entry, title]);
	useEffect(() => { document.title = `${title} – otd studio`; }, [title]);
	useEffect(() => (doc ? markEdits(entry, doc) : undefined), [entry, doc]);
	const close = useCallback(() => setPast(false), []);
	const takeBack = useCallback(() => void undo().catch(() => {}), [undo]);
	const again = useCallback(() => void redo().catch(() => {}), [redo]);

	return (
		<article className="document" data-kind={kind} aria-labelledby="document-title">
			<h1 id="document-title" className="hidden">{title}</h1>
			<DocumentHead entry={entry} doc={doc} isPast={isPast} onHistory={() => setPast(!isPast)}
				undo={canUndo ? takeBack : null} redo={canRedo ? again : null} />
			{error && <Problem title="Its content cannot be read">{error.message}</Problem>}
			{!doc && !error && <Opening />}
			{doc && doc.type !== uri && <Problem title="Its content is of another kind" action={toTheList}>
				Another program has written it, as {doc.type ?? 'nothing'}.</Problem>}
			{doc && doc.type === uri && (
				<Suspense fallback={<Opening />}>
					<div className="editor-place" hidden={isPast}>
						<Editor doc={doc} entry={entry} label={title} undo={takeBack} redo={again} />
					</div>
					{isPast && <History doc={doc} entry={entry} kind={kind} label={title} onClose={close} />}
				</Suspense>
			)}
		</article>
	);
}
