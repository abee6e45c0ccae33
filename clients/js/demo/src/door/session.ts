import { type Client, connect } from 'otd-client';
import { offline } from 'otd-client/offline';
import text from 'ot-text';
import unicode from 'ot-text-unicode';
import richText from 'rich-text';
import { recall, remember } from '../ui/store.ts';
import { createStore } from '../ui/store.ts';
import { type Claims, getToken, knock, type Welcome } from './account.ts';

/**
 * - `knocking`: whether one may come in is being asked;
 * - `outside`: one has to sign in;
 * - `inside`: there is a client; with `wants` one has to sign in again to go on.
 */
export type Session =
	| { state: 'knocking' }
	| { state: 'outside'; users: boolean; why: string }
	| { state: 'inside'; client: Client; subject: string | null; claims: Claims; wants: Extract<Welcome, { state: 'out' }> | null };

export const session = createStore<Session>({ state: 'knocking' });

/** The switch: offline as long as it is, in this window, over reloading too. */
export const isCut = createStore(recall<boolean>('sessionStorage', 'cut') ?? false, (value) => {
	remember('sessionStorage', 'cut', value || null);
	const now = session.get();
	if (now.state !== 'inside') return;
	if (value) now.client.disconnect();
	else now.client.reconnect();
});

const KNOCK_AGAIN_MS = 5000;

function open(subject: string | null, claims: Claims): void {
	const client = connect('/ws', {
		getToken, types: [text.type, unicode.type, richText.type],
		// Each account's own: one does not send what another wrote.
		offline: offline({ name: `studio:${subject ?? ''}` }),
	});
	if (isCut.get()) client.disconnect();
	let knocked = 0;
	client.on('ended', () => {
		// A browser does not tell why a WebSocket was refused. Ask.
		if (isCut.get() || Date.now() - knocked < KNOCK_AGAIN_MS) return;
		knocked = Date.now();
		void knock().then((welcome) => {
			const now = session.get();
			if (now.state === 'inside' && welcome.state === 'out') session.set({ ...now, wants: welcome });
		});
	});
	client.on('status', (status) => {
		// The network coming back does not overrule the switch.
		if (status === 'online' && isCut.get()) client.disconnect();
	});
	session.set({ state: 'inside', client, subject, claims, wants: null });
}

/** Come in; again, after signing in. */
export async function enter(): Promise<void> {
	const welcome: Welcome = isCut.get() ? { state: 'away' } : await knock();
	const now = session.get();
	if (welcome.state === 'out') {
		session.set(now.state === 'inside' ? { ...now, wants: welcome } : { state: 'outside', users: welcome.users, why: welcome.why });
	} else if (now.state !== 'inside') {
		const who = recall<{ subject: string | null; claims: Claims }>('localStorage', 'who');
		const { subject, claims } = welcome.state === 'in' ? welcome : who ?? { subject: null, claims: {} };
		remember('localStorage', 'who', { subject, claims });
		open(subject, claims);
	} else {
		session.set({ ...now, wants: null });
		now.client.reconnect();
	}
}
