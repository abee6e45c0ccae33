import { type FormEvent, useId, useState } from 'react';
import { setToken, signIn } from './account.ts';
import { enter } from './session.ts';

interface Props { users: boolean; why: string }

/** A name and a password where the server has accounts, or else a token. */
export function SignIn({ users, why }: Props) {
	const [byToken, setByToken] = useState(!users);
	const [wrong, setWrong] = useState<string | null>(null);
	const [busy, setBusy] = useState(false);
	const [name, setName] = useState(''), [password, setPassword] = useState(''), [token, setTokenText] = useState('');
	const id = useId();
	const said = busy ? '' : wrong ?? why;

	const submit = async (event: FormEvent) => {
		event.preventDefault();
		setBusy(true);
		setWrong(null);
		try {
			if (byToken) setToken(token.trim());
			else await signIn(name, password);
			await enter();
		} catch (error) {
			setWrong(error instanceof TypeError ? 'The server cannot be reached.' : (error as Error).message);
		}
		setBusy(false);
	};

	return (
		<form className="sign-in" onSubmit={(event) => void submit(event)} aria-describedby={said ? `${id}-wrong` : undefined}>
			{byToken ? (
				<div className="field">
					<label htmlFor={`${id}-token`}>Access token</label>
					<textarea id={`${id}-token`} rows={4} required spellCheck={false} autoComplete="off"
						value={token} onChange={(event) => setTokenText(event.target.value)} aria-describedby={`${id}-about`} />
					<p id={`${id}-about`} className="hint">A JSON Web Token from your identity provider, or from <code>otd token</code>.
						It is kept in this window only.</p>
				</div>
			) : (
				<>
					<div className="field">
						<label htmlFor={`${id}-name`}>Name</label>
						<input id={`${id}-name`} required autoComplete="username" autoCapitalize="none" spellCheck={false}
							value={name} onChange={(event) => setName(event.target.value)} />
					</div>
					<div className="field">
						<label htmlFor={`${id}-password`}>Password</label>
						<input id={`${id}-password`} type="password" required autoComplete="current-password"
							value={password} onChange={(event) => setPassword(event.target.value)} />
					</div>
				</>
			)}
			<p id={`${id}-wrong`} className="wrong" role="alert">{said && sentence(said)}</p>
			<div className="actions">
				<button type="submit" className="button primary" disabled={busy}>{busy ? 'Signing in…' : 'Sign in'}</button>
				{users && (
					<button type="button" className="button quiet" onClick={() => { setByToken(!byToken); setWrong(''); }}>
						{byToken ? 'Use a name and a password' : 'Use a token'}
					</button>
				)}
			</div>
		</form>
	);
}

/** The server's words, as a sentence. */
function sentence(words: string): string {
	const text = words.charAt(0).toUpperCase() + words.slice(1);
	return /[.!?]$/.test(text) ? text : `${text}.`;
}

export function SignInPage(props: Props) {
	return (
		<main className="door">
			<div className="door-card">
				<p className="brand"><img src="icon.svg" alt="" width="32" height="32" /> otd studio</p>
				<h1>Sign in</h1>
				<p className="hint">This server wants to know who edits its documents.</p>
				<SignIn {...props} />
			</div>
		</main>
	);
}
