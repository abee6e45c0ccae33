// Tokens, at an otd that asks for them: renewed on the open connection, refused,
// revoked; and writing that the rules refuse. ShareDB's own server has none of it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import WebSocket from 'ws';
import { As, SECRET, now_s, token } from '../auth/client.mjs';
import { Otd } from '../lib/otd.mjs';
import { patience, temporaryFolder } from '../lib/paths.mjs';
import { connect } from '../../clients/js/dist/index.js';

const until = async (holds) => { while (!await holds()) await new Promise((done) => setTimeout(done, 10)); };
const file = (name, content) => {
	const at = path.join(temporaryFolder('client-auth'), name);
	fs.writeFileSync(at, content);
	return at;
};
const rules = [
	{ name: 'read', who: 'authenticated', allow: ['read', 'create', 'query', 'presence'] },
	{ name: 'own', who: 'authenticated', allow: '*', collections: ['notes'], documents: ['{sub}/*'] },
	{ name: 'root', who: { subjects: ['root'] }, allow: '*' },
];

describe('tokens', { timeout: 120_000 * patience }, () => {
	let otd, urls = [];
	const open = [];
	class Wire extends WebSocket {
		constructor(url, ...rest) { super(url, ...rest); urls.push(String(url)); }
	}
	const client = (getToken, options) => {
		const made = connect(otd.url, { WebSocket: Wire, minDelay: 20, maxDelay: 100, getToken, ...options });
		made.errors = [];
		made.on('error', (error) => made.errors.push(error));
		open.push(made);
		return made;
	};
	before(async () => {
		otd = await Otd.start({
			args: ['--auth', 'jwt', '--jwt-leeway', '0s', '--policy', file('rules.json', JSON.stringify({ rules }))],
			env: { OTD_JWT_SECRET_FILE: file('secret', `${SECRET}\n`) },
		});
	});
	after(async () => {
		await Promise.all(open.map((one) => one.close()));
		await otd.stop();
	});

	test('renewed again and again on one connection, and nothing is lost', async () => {
		urls = [];
		const given = [];
		const one = client(() => given[given.push(token('ann', { exp: now_s() + 3 })) - 1]);
		const end = one.on('ended', ({ code, reason }) => assert.fail(`it ended: ${code} ${reason}`));
		const doc = await one.doc('notes', 'ann/one').open({ create: { n: 0 } });
		let written = 0;
		while (given.length < 5) {
			written++;
			await doc.submit([{ p: ['n'], na: 1 }]);
			await new Promise((done) => setTimeout(done, 20));
		}
		await doc.submit([{ p: ['n'], na: 1 }]);
		assert.equal(doc.data.n, written + 1);
		assert.equal((await doc.at(doc.version)).data?.n, written + 1);
		assert.deepEqual(one.errors, []);
		// A connection, opened by a ticket: no token where it would be logged.
		assert.equal(urls.length, 1);
		assert.match(urls[0], /\?ticket=[^&]+$/);
		end();
		await one.close();
	});

	test('a renewal that fails is tried again while the connection lasts', async () => {
		let asked = 0;
		const one = client(() => {
			if (++asked === 2) throw new Error('not now');
			return token('ann', { exp: now_s() + 4 });
		});
		const end = one.on('ended', ({ code }) => assert.fail(`it ended: ${code}`));
		await until(() => asked === 4);
		assert.deepEqual(one.errors.map(({ message }) => message), ['getToken: not now']);
		end();
		await one.close();
	});

	test('a connection whose token could not be renewed ends, and comes back with the next', async () => {
		let isAway = false;
		const one = client(() => {
			if (isAway) throw new Error('away');
			return token('ann', { exp: now_s() + 2 });
		});
		const doc = await one.doc('notes', 'ann/ends').open({ create: { n: 0 } });
		isAway = true;
		const { why, code } = await one.once('ended');
		assert.deepEqual([why, code], ['renew', 4401]);
		const kept = doc.submit([{ p: ['n'], na: 1 }]);
		await until(() => one.status === 'offline' && /away/.test(one.reason.message));
		isAway = false;
		await kept;
		assert.equal(one.status, 'online');
		await one.close();
	});

	test('revoked: it says so and stops, until there is another token', async () => {
		let shown = token('bob', { jti: 'stolen' });
		const one = client(() => shown);
		const doc = await one.doc('notes', 'bob/one').open({ create: { n: 0 } });
		const ended = one.once('ended');
		const root = new As(otd.url, token('root'));
		assert.equal((await root.post('/revocations', { jti: 'stolen', expires_in: 600 })).status, 201);
		assert.equal((await ended).why, 'renew');
		const kept = doc.submit([{ p: ['n'], na: 1 }]);
		await until(() => one.status === 'refused');
		assert.equal(one.reason.code, 'ERR_OTD_UNAUTHENTICATED');
		assert.match(one.reason.message, /revoked/);
		assert.equal(doc.saveState, 'offline');
		shown = token('bob', { jti: 'new' });
		one.reconnect();
		await kept;
		assert.equal(one.status, 'online');
		await one.close();
	});

	test('somebody else with the same client: its connection is another one', async () => {
		let who = 'ann';
		const one = client(() => token(who));
		await until(() => one.status === 'online');
		const { id } = one.connection;
		who = 'bob';
		one.reconnect();
		await until(() => one.status === 'online' && one.connection.id !== id);
		const doc = await one.doc('notes', 'bob/two').open({ create: { n: 0 } });
		await doc.submit([{ p: ['n'], na: 1 }]);
		await one.close();
	});

	test('what the rules refuse fails, is told, and leaves a document that goes on', async () => {
		const [ann, bob] = [client(() => token('ann')), client(() => token('bob'))];
		const theirs = await bob.doc('notes', 'bob/three').open({ create: { n: 0 } });
		const doc = await ann.doc('notes', 'bob/three').open();
		const told = [];
		doc.on('error', (error) => told.push(error.code));
		await assert.rejects(doc.submit([{ p: ['n'], na: 1 }]), { code: 'ERR_OTD_FORBIDDEN' });
		void doc.submit([{ p: ['n'], na: 1 }]);		// nobody waits: no unhandled rejection, the event tells
		await until(() => doc.saveState === 'saved' && told.length === 2);
		assert.deepEqual(told, ['ERR_OTD_FORBIDDEN', 'ERR_OTD_FORBIDDEN']);
		assert.deepEqual(doc.data, { n: 0 });
		await theirs.submit([{ p: ['n'], na: 5 }]);
		await until(() => doc.data.n === 5);
		// Nobody listens at the document: the client hears of it.
		const other = await ann.doc('notes', 'bob/four').open({ create: { n: 0 } });
		await assert.rejects(other.delete(), { code: 'ERR_OTD_FORBIDDEN' });
		assert.equal(ann.errors.at(-1).code, 'ERR_OTD_FORBIDDEN');
		await until(() => other.data?.n === 0);
		await Promise.all([ann.close(), bob.close()]);
	});

	test('the door that does not answer, or has no tickets', async () => {
		const asked = [];
		const busy = (answers) => async (url, options) => {
			asked.push(String(url));
			const status = answers.shift();
			if (!status) return fetch(url, options);
			if (status === 'cut') throw new TypeError('fetch failed');
			return new Response('{"detail":"later","code":"ERR_OTD_BUSY"}', { status });
		};
		urls = [];
		const one = client(() => token('ann'), { fetch: busy([503, 'cut']) });
		await until(() => one.status === 'online');
		assert.deepEqual(one.errors.map(({ code }) => code), ['ERR_OTD_BUSY', undefined]);
		assert.equal(asked.length, 3);
		assert.equal(urls.filter((url) => url.includes('access_token')).length, 0);
		await one.close();
		for (const options of [{ fetch: busy([404]) }, { tickets: false }]) {
			const old = client(() => token('ann'), options);
			await until(() => old.status === 'online');
			assert.match(urls.at(-1), /access_token=/);
			await old.close();
		}
	});
});
