import { type ReactNode, useEffect, useId, useRef } from 'react';
import { IconButton } from './Button.tsx';

interface Props { title: string; onClose(): void; canClose?: boolean; children: ReactNode }

/** Something that wants an answer first. The browser keeps the focus inside, and gives it back. */
export function Dialog({ title, onClose, canClose = true, children }: Props) {
	const dialog = useRef<HTMLDialogElement>(null);
	const id = useId();
	useEffect(() => {
		const { current } = dialog;
		if (current && !current.open) current.showModal();
		return () => current?.close();
	}, []);
	return (
		<dialog ref={dialog} className="dialog" aria-labelledby={id}
			onCancel={(event) => { event.preventDefault(); if (canClose) onClose(); }}
			onClick={(event) => { if (canClose && event.target === dialog.current) onClose(); }}>
			<div className="dialog-inside">
				<header>
					<h2 id={id}>{title}</h2>
					{canClose && <IconButton icon="close" label="Close" onClick={onClose} />}
				</header>
				{children}
			</div>
		</dialog>
	);
}
