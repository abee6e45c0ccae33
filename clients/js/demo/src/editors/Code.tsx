import { Compartment, EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { codemirror } from 'otd-client/codemirror';
import { useDocData } from 'otd-client/react';
import { useEffect, useId, useRef } from 'react';
import type { EditorProps, PreviewProps } from '../documents/kinds.ts';
import { me } from '../people/me.ts';
import { useStore } from '../ui/store.ts';
import { codeKeys, codeLook } from './codeLook.ts';
import { LANGUAGES, languageOf } from './languages.ts';
import { undoKeys } from './undoKeys.ts';

export function Code({ doc, entry, label, undo, redo }: EditorProps) {
	const home = useRef<HTMLDivElement>(null);
	const view = useRef<EditorView | null>(null);
	const language = useDocData(entry, (data) => data.language ?? 'plain') ?? 'plain';
	const speaking = useRef(new Compartment()), named = useRef(new Compartment());
	const person = useStore(me);
	const id = useId();

	useEffect(() => {
		const bound = codemirror(doc, { person });
		const made = new EditorView({
			parent: home.current!,
			state: EditorState.create({
				doc: bound.doc,
				extensions: [bound.extensions, codeLook, codeKeys, EditorView.lineWrapping,
					speaking.current.of(languageOf(language)), named.current.of(nameOf(label, id))],
			}),
		});
		view.current = made;
		return () => {
			view.current = null;
			made.destroy();
			bound.close();
		};
	}, [doc, person]);
	useEffect(() => view.current?.dispatch({ effects: speaking.current.reconfigure(languageOf(language)) }), [language]);
	useEffect(() => view.current?.dispatch({ effects: named.current.reconfigure(nameOf(label, id)) }), [label, id]);

	const speak = (next: string) =>
		void entry.submit([{ p: ['language'], od: entry.data?.language, oi: next }]).catch(() => {});

	return (
		<div className="code" onKeyDownCapture={undoKeys(undo, redo)}>
			<div className="toolbar">
				<label>
					<span className="hidden">Language</span>
					<select value={language} onChange={(event) => speak(event.target.value)}>
						{Object.entries(LANGUAGES).map(([name, { name: shown }]) => <option key={name} value={name}>{shown}</option>)}
					</select>
				</label>
				<span className="hint" id={id}>Escape, then Tab, leaves the editor.</span>
			</div>
			<div ref={home} className="code-page" />
		</div>
	);
}

const nameOf = (label: string, about: string) =>
	EditorView.contentAttributes.of({ 'aria-label': `Code of ${label}`, 'aria-describedby': about });

export function CodePreview({ data, language, label }: PreviewProps) {
	const home = useRef<HTMLDivElement>(null);
	const view = useRef<EditorView | null>(null);
	const text = typeof data === 'string' ? data : '';
	useEffect(() => {
		const made = new EditorView({
			parent: home.current!,
			state: EditorState.create({
				doc: text,
				extensions: [EditorState.lineSeparator.of('\n'), codeLook, languageOf(language), EditorView.lineWrapping, EditorState.readOnly.of(true),
					EditorView.contentAttributes.of({ 'aria-label': label, 'aria-readonly': 'true' })],
			}),
		});
		view.current = made;
		return () => made.destroy();
	}, [language, label]);
	useEffect(() => {
		const { current } = view;
		if (current && current.state.sliceDoc() !== text)
			current.dispatch({ changes: { from: 0, to: current.state.doc.length, insert: text } });
	}, [text]);
	return <div className="code"><div ref={home} className="code-page" /></div>;
}
