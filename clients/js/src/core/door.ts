/**
 * How a client comes in: what is put on the WebSocket's URL.
 *
 * Browsers cannot send `Authorization` with a WebSocket. So a token is exchanged
 * for a ticket (`POST /v1/tickets`), which is good for one connection within
 * seconds: what lands in access logs opens nothing. A server that has no tickets
 * gets the token itself, as `access_token`.
 */
export interface Door {
	/** A token, or nothing for anonymous; asked before each connection and renewal. */
	getToken?: (() => string | null | undefined | Promise<string | null | undefined>) | undefined;
	fetch?: typeof fetch | undefined;
}

/** The URL of a WebSocket, from one of it or of the page that it belongs to. */
export function socketUrl(url: string | URL): URL {
	const out = new URL(url, globalThis.location?.href);
	out.protocol = out.protocol.replace(/^http/, 'ws');
	return out;
}

async function ticket(url: URL, token: string, door: Door): Promise<string | null> {
	const at = new URL('/v1/tickets', url);
	at.protocol = at.protocol.replace(/^ws/, 'http');
	const answer = await (door.fetch ?? fetch)(at, {
		method: 'POST',
		headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
		body: '{}',
	});
	if (answer.ok) return ((await answer.json()) as { ticket: string }).ticket;
	// 401 and 403 are told by the connection itself, in its own words.
	return null;
}

/** The URL to connect to this time. */
export async function enter(url: URL, door: Door): Promise<string> {
	const out = new URL(url);
	const token = await door.getToken?.();
	if (!token) return out.href;
	const got = await ticket(url, token, door).catch(() => null);
	out.searchParams.set(got ? 'ticket' : 'access_token', got ?? token);
	return out.href;
}
