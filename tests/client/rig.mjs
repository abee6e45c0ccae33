// Documents of the client on ShareDB's own server in this process: for what
// needs no network.
import ShareDB from 'sharedb';
import { type as json1 } from 'ot-json1';
import text from 'ot-text';
import { type as unicode } from 'ot-text-unicode';
import text0 from 'ot-json0/lib/text0.js';
import richText from 'rich-text';
import { Doc } from '../../clients/js/dist/index.js';

ShareDB.logger.setMethods({ info() {}, warn() {}, error() {} });
export const types = { json1, text: text.type, text0, 'text-unicode': unicode, 'rich-text': richText.type };
for (const type of Object.values(types)) ShareDB.types.register(type);

/**
 * n people with one document open; `settle` lets everything reach everybody.
 * `refuses(i)`: does the server refuse what person i has submitted now?
 */
export async function room(n, data, type, refuses = () => false) {
	const backend = new ShareDB();
	backend.use('submit', ({ agent }, done) =>
		(refuses(connections.findIndex(({ agent: own }) => own === agent)) ? done({ code: 'NOT_NOW', message: 'not now' }) : done()));
	const connections = Array.from({ length: n }, () => backend.connect());
	const docs = connections.map((connection) =>
		new Doc({ status: 'online', connection, on: () => () => {}, report() {} }, connection.get('rooms', 'one')));
	await docs[0].open({ create: data, type });
	for (const doc of docs.slice(1)) await doc.open();
	const settle = async () => {
		for (let quiet = 0; quiet < 3; quiet++) {
			if (connections.some((c) => c.hasPending())) quiet = 0;
			await Promise.all(connections.map((c) => new Promise((done) => c.whenNothingPending(done))));
			await new Promise((done) => setImmediate(done));
			for (const doc of docs) if (doc.version !== docs[0].version) quiet = 0;
		}
	};
	return { docs, settle, close: () => backend.close() };
}

/** Numbers from a seed: the same each time. */
export function chance(seed) {
	let x = seed >>> 0 || 1;
	const below = (n) => { x ^= x << 13; x >>>= 0; x ^= x >>> 17; x ^= x << 5; x >>>= 0; return x % n; };
	const pick = (list) => list[below(list.length)];
	return { below, pick };
}

const PIECES = ['a', 'b', 'ab', ' ', '\n', 'ä', '😀', '👩‍👩‍👧', '中', 'the quick '];

/** Some words, with characters of one, two and more units. */
export function words({ below, pick }, n = 6) {
	return Array.from({ length: below(n) }, () => pick(PIECES)).join('');
}

/** A place in a text that is not within a character of two units. */
export function place({ below }, string) {
	let at = below(string.length + 1);
	if (at > 0 && /[\udc00-\udfff]/.test(string[at] ?? '') && /[\ud800-\udbff]/.test(string[at - 1])) at--;
	return at;
}
