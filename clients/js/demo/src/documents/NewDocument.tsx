import { useClient } from 'otd-client/react';
import { useState } from 'react';
import { go } from '../route.ts';
import { announce } from '../ui/announce.tsx';
import { Icon } from '../ui/Icon.tsx';
import { type Kind, KIND_NAMES, KINDS } from './kinds.ts';
import { createDocument } from './library.ts';

/** Makes a document of a kind and goes there. */
export function useCreate(): { create(kind: Kind): void; busy: boolean } {
	const client = useClient();
	const [busy, setBusy] = useState(false);
	const create = (kind: Kind) => {
		setBusy(true);
		createDocument(client, kind)
			.then(go, (error: Error) => announce(`It could not be made: ${error.message}`))
			.finally(() => setBusy(false));
	};
	return { create, busy };
}

export function NewButtons() {
	const { create, busy } = useCreate();
	return (
		<div className="new-buttons" role="group" aria-label="New document">
			{KIND_NAMES.map((kind) => (
				<button key={kind} type="button" className="button" disabled={busy} onClick={() => create(kind)} aria-label={`New ${KINDS[kind].name}`}>
					<Icon name="plus" /> {KINDS[kind].name}
				</button>
			))}
		</div>
	);
}

export function NewCards() {
	const { create, busy } = useCreate();
	return (
		<ul className="new-cards">
			{KIND_NAMES.map((kind) => (
				<li key={kind}>
					<button type="button" className="card" disabled={busy} onClick={() => create(kind)}>
						<span className="card-icon" data-kind={kind}><Icon name={KINDS[kind].icon} /></span>
						<span className="card-name">{KINDS[kind].name}</span>
						<span className="card-about">{KINDS[kind].about}</span>
					</button>
				</li>
			))}
		</ul>
	);
}
