import { useClient } from 'otd-client/react';
import { type FormEvent, useId, useState } from 'react';
import { go } from '../route.ts';
import { announce } from '../ui/announce.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { deleteDocument, type Line, renameDocument, titleOf } from './library.ts';

export function RenameDialog({ line, onClose }: { line: Line; onClose(): void }) {
	const client = useClient();
	const [title, setTitle] = useState(line.title);
	const id = useId();
	const save = (event: FormEvent) => {
		event.preventDefault();
		renameDocument(client, line.id, title.trim()).then(() => announce(`Renamed to ${titleOf({ title })}`),
			(error: Error) => announce(`It could not be renamed: ${error.message}`));
		onClose();
	};
	return (
		<Dialog title="Rename" onClose={onClose}>
			<form onSubmit={save}>
				<div className="field">
					<label htmlFor={id}>Title</label>
					<input id={id} value={title} maxLength={120} onFocus={(event) => event.target.select()} onChange={(event) => setTitle(event.target.value)} />
				</div>
				<div className="actions">
					<button type="submit" className="button primary">Rename</button>
					<button type="button" className="button" onClick={onClose}>Cancel</button>
				</div>
			</form>
		</Dialog>
	);
}

export function DeleteDialog({ line, isCurrent, onClose }: { line: Pick<Line, 'id' | 'title'>; isCurrent: boolean; onClose(): void }) {
	const client = useClient();
	const remove = () => {
		onClose();
		if (isCurrent) go(null);
		deleteDocument(client, line.id).then(() => announce(`${titleOf(line)} is deleted`),
			(error: Error) => announce(`It could not be deleted: ${error.message}`));
	};
	return (
		<Dialog title={`Delete “${titleOf(line)}”?`} onClose={onClose}>
			<p>It goes from everybody’s list, also from those who have it open.</p>
			<div className="actions">
				<button type="button" className="button danger" onClick={remove}>Delete</button>
				<button type="button" className="button" onClick={onClose}>Cancel</button>
			</div>
		</Dialog>
	);
}
