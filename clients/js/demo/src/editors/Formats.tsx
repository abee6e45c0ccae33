import { type FormEvent, useEffect, useId, useState } from 'react';
import { IconButton } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import type { IconName } from '../ui/Icon.tsx';
import type { Quill } from './quill.ts';
import { Toolbar } from './Toolbar.tsx';

type Values = Record<string, unknown>;

const INLINE: Array<[string, IconName, string]> = [
	['bold', 'bold', 'Bold'], ['italic', 'italic', 'Italic'], ['underline', 'underline', 'Underline'],
	['strike', 'strike', 'Struck through'], ['code', 'code', 'Code'],
];
const LISTS: Array<[string, IconName, string]> = [
	['bullet', 'bullet', 'Bullets'], ['ordered', 'numbered', 'Numbers'], ['unchecked', 'checklist', 'Checklist'],
];

/** The formats at the cursor, as they change. */
function useFormats(quill: Quill | null): Values {
	const [values, setValues] = useState<Values>({});
	useEffect(() => {
		if (!quill) return;
		const look = () => {
			const range = quill.getSelection();
			if (range) setValues(quill.getFormat(range));
		};
		quill.on('editor-change', look);
		return () => { quill.off('editor-change', look); };
	}, [quill]);
	return values;
}

/** The buttons for a rich text. */
export function Formats({ quill }: { quill: Quill | null }) {
	const values = useFormats(quill);
	const [link, setLink] = useState<string | null>(null);
	const set = (name: string, value: unknown) => {
		quill?.focus();
		quill?.format(name, value, 'user');
	};
	const list = values.list === 'checked' ? 'unchecked' : values.list;

	return (
		<Toolbar label="Formats">
			<select aria-label="Kind of paragraph" value={values['code-block'] ? 'code-block' : values.blockquote ? 'blockquote' : String(values.header ?? '')}
				onChange={({ target: { value } }) => {
					for (const name of ['header', 'blockquote', 'code-block']) if (values[name]) set(name, false);
					if (/^\d$/.test(value)) set('header', Number(value));
					else if (value) set(value, true);
				}}>
				<option value="">Text</option>
				<option value="1">Heading 1</option>
				<option value="2">Heading 2</option>
				<option value="3">Heading 3</option>
				<option value="blockquote">Quotation</option>
				<option value="code-block">Code block</option>
			</select>
			<span className="gap" />
			{INLINE.map(([name, icon, label]) => (
				<IconButton key={name} icon={icon} label={label} aria-pressed={Boolean(values[name])} onClick={() => set(name, !values[name])} />
			))}
			<span className="gap" />
			{LISTS.map(([value, icon, label]) => (
				<IconButton key={value} icon={icon} label={label} aria-pressed={list === value} onClick={() => set('list', list === value ? false : value)} />
			))}
			<span className="gap" />
			<IconButton icon="link" label="Link" aria-pressed={Boolean(values.link)} onClick={() => setLink(String(values.link ?? ''))} />
			<IconButton icon="clear" label="Remove formats" onClick={() => {
				const range = quill?.getSelection(true);
				if (range) quill!.removeFormat(range.index, range.length, 'user');
			}} />
			{link !== null && <LinkDialog address={link} onClose={() => setLink(null)} onSet={(value) => { setLink(null); setLinkAt(quill, value); }} />}
		</Toolbar>
	);
}

/** On what is selected; where nothing is, the address itself is written. */
function setLinkAt(quill: Quill | null, address: string): void {
	const range = quill?.getSelection(true);
	if (!quill || !range) return;
	if (range.length === 0 && address) quill.insertText(range.index, address, 'link', address, 'user');
	else quill.format('link', address || false, 'user');
}

function LinkDialog({ address, onSet, onClose }: { address: string; onSet(value: string): void; onClose(): void }) {
	const [value, setValue] = useState(address);
	const id = useId();
	const save = (event: FormEvent) => {
		event.preventDefault();
		const typed = value.trim();
		onSet(typed === '' || /^(https?:|mailto:|#)/.test(typed) ? typed : `https://${typed}`);
	};
	return (
		<Dialog title="Link" onClose={onClose}>
			<form onSubmit={save}>
				<div className="field">
					<label htmlFor={id}>Address</label>
					<input id={id} inputMode="url" value={value} onChange={(event) => setValue(event.target.value)} placeholder="https://" />
				</div>
				<div className="actions">
					<button type="submit" className="button primary">Set</button>
					{address && <button type="button" className="button" onClick={() => onSet('')}>Remove the link</button>}
				</div>
			</form>
		</Dialog>
	);
}
