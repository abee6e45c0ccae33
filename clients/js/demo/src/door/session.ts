import { type Client, connect } from 'otd-client';
import { type Lost, offline } from 'otd-client/offline';
import text from 'ot-text';
import unicode from 'ot-text-unicode';
import richText from 'rich-text';
import { announce } from '../ui/announce.tsx';
import { createStore, recall, remember } from '../ui/store.ts';
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

/** What was written offline, and refused when it came to the server. */
export const losses = createStore<Lost[]>([]);

const KNOCK_AGAIN_MS = 10_000;

/** A browser does not tell why a WebSocket was refused: ask, while there is none. */
function keepKnocking(client: Client): void {
	let timer: ReturnType<typeof setInterval> | null = null;
	const ask = () => void knock().then((welcome) => {
		const now = session.get();
		if (now.state !== 'inside' || client.status === 'online') return;
		if (welcome.state === 'out') session.set({ ...now, wants: welcome });
		else if (welcome.state === 'in' && client.status === 'refused') client.reconnect();
	});
	client.on('status', (status) => {
		if (timer) clearInterval(timer);
		timer = null;
		if (isCut.get() || status !== 'offline' && status !== 'refused') return;
		ask();
		timer = setInterval(ask, KNOCK_AGAIN_MS);
	});
}

function open(subject: string | null, claims: Claims): void {
	// Each account's own: one does not send what another wrote.
	const kept = offline({ name: `studio:${subject ?? ''}` });
	const client = connect('/ws', { getToken, types: [text.type, unicode.type, richText.type], offline: kept });
	if (isCut.get()) client.disconnect();
	keepKnocking(client);
	client.on('lost', (lost) => losses.set([...losses.get(), lost]));
	client.on('error', ({ code, message }) => {
		if (code === 'ERR_NOT_KEPT') announce('This browser keeps nothing: what is not saved goes with the page.');
		else if (client.status === 'online') announce(`Something went wrong: ${message}`);
	});
	kept.lost().then((before) => losses.set([...before, ...losses.get()]), () => {});
	forget = (lost) => {
		losses.set(losses.get().filter(({ key }) => key !== lost.key));
		void kept.forget(lost).catch(() => {});
	};
	session.set({ state: 'inside', client, subject, claims, wants: null });
}

/** It has been seen, and is needed no more. */
export let forget: (lost: Lost) => void = () => {};

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
