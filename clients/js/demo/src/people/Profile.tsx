import { type FormEvent, useId, useState } from 'react';
import { signOut } from '../door/account.ts';
import { session } from '../door/session.ts';
import { announce } from '../ui/announce.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { useStore } from '../ui/store.ts';
import { COLOURS, me } from './me.ts';
import { Avatar } from './People.tsx';

const NAMES = ['Teal', 'Violet', 'Red', 'Blue', 'Magenta', 'Green', 'Amber', 'Indigo'];

/** Oneself, and what the others see of it. */
export function Profile() {
	const mine = useStore(me);
	const [open, setOpen] = useState(false);
	return (
		<>
			<button type="button" className="me" onClick={() => setOpen(true)} aria-label={`You are ${mine.name}. Change your name or colour`}>
				<Avatar person={mine} />
				<span className="me-name">{mine.name}</span>
			</button>
			{open && <ProfileDialog onClose={() => setOpen(false)} />}
		</>
	);
}

/** Who the server knows one as, where it wants to know. */
function Account() {
	const now = useStore(session);
	if (now.state !== 'inside' || !now.subject) return null;
	const leave = () => void signOut().then(() => location.reload(), (error: Error) => announce(`Still signed in: ${error.message}`));
	return (
		<div className="account">
			<p className="hint">Signed in as {now.claims.name ?? now.claims.preferred_username ?? now.subject}</p>
			<button type="button" className="button" onClick={leave}>Sign out</button>
		</div>
	);
}

function ProfileDialog({ onClose }: { onClose(): void }) {
	const mine = useStore(me);
	const [name, setName] = useState(mine.name);
	const [colour, setColour] = useState(mine.colour);
	const id = useId();
	const save = (event: FormEvent) => {
		event.preventDefault();
		me.set({ name: name.trim().slice(0, 40) || mine.name, colour });
		onClose();
	};
	return (
		<Dialog title="You" onClose={onClose}>
			<form onSubmit={save} className="profile">
				<div className="field">
					<label htmlFor={`${id}-name`}>Your name</label>
					<input id={`${id}-name`} maxLength={40} required value={name} onChange={(event) => setName(event.target.value)} autoComplete="nickname" />
					<p className="hint">The others see it at your cursor. It is kept in this browser.</p>
				</div>
				<fieldset className="colours">
					<legend>Your colour</legend>
					{COLOURS.map((value, i) => (
						<label key={value} title={NAMES[i]}>
							<input type="radio" name={`${id}-colour`} value={value} checked={value === colour} onChange={() => setColour(value)} />
							<span className="swatch" style={{ backgroundColor: value }} />
							<span className="hidden">{NAMES[i]}</span>
						</label>
					))}
				</fieldset>
				<div className="actions"><button type="submit" className="button primary">Save</button></div>
			</form>
			<Account />
		</Dialog>
	);
}
