import { bindQuill } from 'otd-client/quill';
import { useEffect, useRef, useState } from 'react';
import type { EditorProps, PreviewProps } from '../documents/kinds.ts';
import { me } from '../people/me.ts';
import { useStore } from '../ui/store.ts';
import { Formats } from './Formats.tsx';
import { makeQuill, type Quill } from './quill.ts';
import { undoKeys } from './undoKeys.ts';

export function RichText({ doc, label, undo, redo }: EditorProps) {
	const home = useRef<HTMLDivElement>(null);
	const [quill, setQuill] = useState<Quill | null>(null);
	const person = useStore(me);

	useEffect(() => {
		const place = home.current!.appendChild(document.createElement('div'));
		const made = makeQuill(place, 'Text', { placeholder: 'Write something…' });
		const bound = bindQuill(made as never, doc as Doc, { person });
		setQuill(made);
		return () => {
			setQuill(null);
			bound.close();
			place.remove();
		};
	}, [doc, person]);
	useEffect(() => quill?.root.setAttribute('aria-label', `Text of ${label}`), [quill, label]);

	return (
		<div className="rich" onKeyDownCapture={undoKeys(undo, redo)}>
			<Formats quill={quill} />
			<div ref={home} className="rich-page" />
		</div>
	);
}

type Doc = EditorProps['doc'];

export function RichPreview({ data, label }: PreviewProps) {
	const home = useRef<HTMLDivElement>(null);
	const quill = useRef<Quill | null>(null);
	useEffect(() => {
		const place = home.current!.appendChild(document.createElement('div'));
		quill.current = makeQuill(place, label, { readOnly: true });
		return () => place.remove();
	}, [label]);
	useEffect(() => { quill.current?.setContents((data ?? []) as never, 'silent'); }, [data, label]);
	return <div className="rich"><div ref={home} className="rich-page" /></div>;
}
