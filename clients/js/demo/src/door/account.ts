// Who one is to the server: a token, pasted or got for a name and a password.
import { recall, remember } from '../ui/store.ts';

export interface Claims { name?: string; preferred_username?: string; colour?: string; picture?: string }

/** What the server says of who comes like this. */
export type Welcome =
	| { state: 'in'; subject: string | null; claims: Claims }
	/** `users`: it has accounts, so that a name and a password will do. */
	| { state: 'out'; users: boolean; why: string }
	| { state: 'away' };

interface Login { access_token: string; expires_in: number }
interface Known { subject: string | null; expires_at: string | null; claims: Claims }

/* The server says a minute before a token's end that it is due. */
const SOON_MS = 75_000;

// A password's tokens are in cookies that no script sees; one that was got since the page was loaded is here as well.
let login: { token: string | null; until: number } | null = null;
let pasted = recall<string>('sessionStorage', 'token');

/** What can be read of a refusal (RFC 9457). */
async function detailOf(answer: Response): Promise<string> {
	const problem = await answer.json().catch(() => null) as { detail?: string } | null;
	return problem?.detail ?? `the server answered ${answer.status}`;
}

const post = (path: string, body: object) => fetch(path, {
	method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body),
});

async function take(answer: Response): Promise<void> {
	const { access_token: token, expires_in: seconds } = await answer.json() as Login;
	login = { token, until: Date.now() + seconds * 1000 };
}

/**
 * A fresh token for what is in the cookies. One window after another: shown
 * twice, what renews would count as stolen.
 */
async function renew(): Promise<Response> {
	const ask = async () => {
		const answer = await post('/v1/token', {});
		if (answer.ok) await take(answer.clone());
		return answer;
	};
	return navigator.locks ? await navigator.locks.request('otd.token', ask) : await ask();
}

/** The token to show now, renewed when it is about to end; null: none. */
export async function getToken(): Promise<string | null> {
	if (pasted) return pasted;
	if (login && Date.now() > login.until - SOON_MS) await renew();
	return login?.token ?? null;
}

export async function authorization(): Promise<Record<string, string>> {
	const token = await getToken().catch(() => null);
	return token ? { authorization: `Bearer ${token}` } : {};
}

/** Come in, if the server lets us. */
export async function knock(): Promise<Welcome> {
	try {
		const headers = await authorization();
		const answer = await fetch('/v1/whoami', { headers });
		if (answer.ok) {
			const { subject, expires_at: until, claims } = await answer.json() as Known;
			if (until && !pasted) login ??= { token: null, until: Date.parse(until) };
			return { state: 'in', subject, claims };
		}
		if (answer.status !== 401 && answer.status !== 403) return { state: 'away' };
		const why = 'authorization' in headers ? await detailOf(answer) : '';
		const renewed = await renew();
		return renewed.ok && !pasted ? await knock() : { state: 'out', users: renewed.status !== 404, why };
	} catch {
		return { state: 'away' };
	}
}

/** Throws what is wrong, in words. */
export async function signIn(name: string, password: string): Promise<void> {
	const answer = await post('/v1/login', { name, password, cookies: true });
	if (!answer.ok) throw new Error(await detailOf(answer));
	setToken(null);
	await take(answer);
}

export function setToken(token: string | null): void {
	pasted = token;
	remember('sessionStorage', 'token', token);
}

export async function signOut(): Promise<void> {
	if (pasted) setToken(null);
	else await fetch('/v1/logout', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
	login = null;
}
