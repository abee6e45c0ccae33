import type { Doc } from 'otd-client';
import { useDocData } from 'otd-client/react';
import { type FocusEvent, type ReactNode, useId, useRef, useState } from 'react';
import type { EditorProps, PreviewProps } from '../documents/kinds.ts';
import { Avatar, usePeople } from '../people/People.tsx';
import { IconButton } from '../ui/Button.tsx';
import { useBound } from './bound.ts';
import { Items } from './Items.tsx';
import { type Plan, planOf, STATUSES } from './plan.ts';
import { undoKeys } from './undoKeys.ts';

/** A form on a JSON document: each field is a place in it. */
export function Form({ doc, entry, undo, redo }: EditorProps) {
	const plan = useDocData(doc, planOf) ?? planOf(null);
	const { setPlace } = usePeople();
	const tell = (event: FocusEvent) => setPlace({
		doc: entry.id, field: (event.target as HTMLElement).closest<HTMLElement>('[data-field]')?.dataset.field ?? null,
	});
	const put = (key: keyof Plan, value: unknown) => void doc.submit([{ p: [key], od: plan[key], oi: value }]).catch(() => {});

	return (
		<div className="form" onKeyDownCapture={undoKeys(undo, redo)} onFocus={tell} onBlur={() => setPlace({ doc: entry.id, field: null })}>
			<Field name="what" label="What" id={entry.id}>{(id) => <Words id={id} doc={doc} name="what" />}</Field>
			<Field name="notes" label="Notes" id={entry.id}>{(id) => <Words id={id} doc={doc} name="notes" rows={4} />}</Field>
			<div className="form-row">
				<Field name="guests" label="Guests" id={entry.id}>{(id) => <Count id={id} doc={doc} value={plan.guests} put={(n) => put('guests', n)} />}</Field>
				<Field name="status" label="Status" id={entry.id}>{(id) => (
					<select id={id} value={plan.status} onChange={(event) => put('status', event.target.value)}>
						{STATUSES.map(([value, shown]) => <option key={value} value={value}>{shown}</option>)}
					</select>
				)}</Field>
				<Field name="isPublic" label="Public" id={entry.id}>{(id) => (
					<span className="tick">
						<input id={id} type="checkbox" checked={plan.isPublic} onChange={(event) => put('isPublic', event.target.checked)} />
						<span className="hint">Everybody may come</span>
					</span>
				)}</Field>
			</div>
			<Items doc={doc} items={plan.items} documentId={entry.id} />
		</div>
	);
}

/** A label, what belongs to it, and who else is at it. */
export function Field({ name, label, id: documentId, children }: { name: string; label: string; id: string; children(id: string): ReactNode }) {
	const id = useId();
	return (
		<Spot name={name} documentId={documentId} className="field">
			<label htmlFor={id}>{label}</label>
			{children(id)}
		</Spot>
	);
}

/** A place in a form: framed in the colour of whoever is there. */
export function Spot({ name, documentId, className, children }: { name: string; documentId: string; className: string; children: ReactNode }) {
	const here = usePeople().others.filter((person) => person.doc === documentId && person.field === name);
	return (
		<div className={`spot ${className}`} data-field={name} data-taken={here.length > 0} style={here[0] ? { '--person': here[0].colour } as object : undefined}>
			{children}
			{here.length > 0 && (
				<span className="spot-people">
					{here.map((person) => <Avatar key={person.id} person={person} size={20} />)}
					<span className="spot-name">{here.map(({ name: shown }) => shown).join(', ')}<span className="hidden"> is here</span></span>
				</span>
			)}
		</div>
	);
}

function Words({ id, doc, name, rows }: { id: string; doc: Doc<unknown>; name: string; rows?: number }) {
	const field = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
	useBound(field, doc, [name]);
	return rows ? <textarea ref={field} id={id} rows={rows} /> : <input ref={field} id={id} />;
}

/** Steps add up when two take them at once; a number that is typed replaces. */
function Count({ id, doc, value, put }: { id: string; doc: Doc<unknown>; value: number; put(n: number): void }) {
	const [typed, setTyped] = useState<string | null>(null);
	const step = (by: number) => void doc.submit([{ p: ['guests'], na: by }]).catch(() => {});
	return (
		<span className="count">
			<button type="button" className="icon-button" aria-label="One guest less" onClick={() => step(-1)}>−</button>
			<input id={id} inputMode="numeric" pattern="-?[0-9]*" value={typed ?? String(value)}
				onChange={(event) => {
					setTyped(event.target.value);
					const n = Number(event.target.value);
					if (event.target.value.trim() !== '' && Number.isSafeInteger(n) && n !== value) put(n);
				}}
				onBlur={() => setTyped(null)} />
			<IconButton icon="plus" label="One guest more" onClick={() => step(1)} />
		</span>
	);
}

/** How it was: the same fields, to be read. */
export function FormPreview({ data }: PreviewProps) {
	const plan = planOf(data);
	const status = STATUSES.find(([value]) => value === plan.status)?.[1] ?? plan.status;
	return (
		<dl className="form form-past">
			<div><dt>What</dt><dd>{plan.what || '–'}</dd></div>
			<div><dt>Notes</dt><dd className="lines-kept">{plan.notes || '–'}</dd></div>
			<div className="form-row">
				<div><dt>Guests</dt><dd>{plan.guests}</dd></div>
				<div><dt>Status</dt><dd>{status}</dd></div>
				<div><dt>Public</dt><dd>{plan.isPublic ? 'Yes' : 'No'}</dd></div>
			</div>
			<div>
				<dt>Checklist</dt>
				{plan.items.length === 0 && <dd>–</dd>}
				{plan.items.map((item) => <dd key={item.id}>{item.done ? '☑' : '☐'} {item.text || '–'}</dd>)}
			</div>
		</dl>
	);
}
