import { type Failure, failure } from './ask.js';
import { PATIENCE_MS } from './wire.js';

/**
 * How a client comes in: what is put on the WebSocket's URL.
 *
 * Browsers cannot send `Authorization` with a WebSocket. So a token is exchanged
 * for a ticket (`POST /v1/tickets`), which is good for one connection within
 * seconds: what lands in access logs opens nothing. A server that says that it
 * has no tickets gets the token itself, as `access_token`.
 */
export interface Door {
	/** A token, or nothing for anonymous; asked before each connection and renewal. */
	getToken?: (() => string | null | undefined | Promise<string | null | undefined>) | undefined;
	/**
	 * Where tickets are given; `/v1/tickets` of the server when missing. false: nowhere, the token goes on the URL. A
	 * server of another origin without CORS needs that, since a page is not told what it answers.
	 */
	tickets?: string | URL | false | undefined;
	fetch?: typeof fetch | undefined;
}

/** The server knows the token, and does not take it. */
export class Refusal extends Error {
	code: string;
	constructor(message: string, code: string) {
		super(message);
		this.code = code;
	}
}

/* What servers without tickets say to being asked for one; `ws` says 426. */
const UNKNOWN = [404, 405, 426, 501];

/** The URL of a WebSocket, from one of it or of the page that it belongs to; null: there is no page. */
export function socketUrl(url: string | URL): URL | null {
	const page = globalThis.location?.href;
	// A page that is rendered on a server has no address there.
	if (!page && typeof url === 'string' && !/^[a-z][a-z0-9+.-]*:/i.test(url)) return null;
	const out = new URL(url, page);
	out.protocol = out.protocol.replace(/^http/, 'ws');
	return out;
}

/** null: the server has none. */
async function ticket(url: URL, token: string, door: Door): Promise<string | null> {
	if (door.tickets === false) return null;
	const at = new URL(door.tickets ?? '/v1/tickets', url);
	at.protocol = at.protocol.replace(/^ws/, 'http');
	const answer = await (door.fetch ?? fetch)(at, {
		method: 'POST',
		headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
		body: '{}',
		signal: AbortSignal.timeout(PATIENCE_MS),
	});
	if (UNKNOWN.includes(answer.status)) return null;
	const said = await answer.json().catch(() => ({})) as { ticket?: string; code?: string; detail?: string };
	if (said.ticket) return said.ticket;
	const message = said.detail ?? `no ticket: ${answer.status}`, code = said.code ?? `HTTP_${answer.status}`;
	throw answer.status === 401 || answer.status === 403 ? new Refusal(message, code) : failure(code, message);
}

/** The token to be shown; fails with a code when `getToken` does. */
export async function tokenOf(door: Door): Promise<string | null | undefined> {
	try {
		return await door.getToken?.();
	} catch (error) {
		const why = error as Partial<Failure> | null;
		throw Object.assign(new Error(`getToken: ${why?.message ?? why}`, { cause: error }), { code: why?.code ?? 'ERR_NO_TOKEN' });
	}
}

/** The URL to connect to this time. Fails when there is no token, or no ticket for it, now. */
export async function enter(url: URL, door: Door): Promise<string> {
	const out = new URL(url);
	const token = await tokenOf(door);
	if (!token) return out.href;
	const got = await ticket(url, token, door);
	out.searchParams.set(got ? 'ticket' : 'access_token', got ?? token);
	return out.href;
}
