// What is revoked, granted or rotated takes effect on open sockets, on every node, within a second; here without a bus.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Otd, otd as run } from '../lib/otd.mjs';
import { patience, temporaryFolder } from '../lib/paths.mjs';
import { Postgres } from '../lib/postgres.mjs';
import { until } from '../lib/process.mjs';
import { As, SECRET, Socket, bearer, now_s, token } from './client.mjs';

const rules = path.join(temporaryFolder('auth'), 'rules.json');
fs.writeFileSync(rules, JSON.stringify({
	grants: ['notes'],
	rules: [{ name: 'admins', who: { roles: ['admin'] }, allow: '*' }],
}));
const jwt = ['--auth', 'jwt', '--policy', rules];

describe('two nodes', () => {
	let pg, store, nodes, admin;
	before(async () => {
		pg = await Postgres.start();
		store = await pg.database();
		nodes = [];
		for (let i = 0; i < 2; i++)
			nodes.push(await Otd.start({ store, args: [...jwt, '--jwt-secret', SECRET] }));
		admin = new As(nodes[0].url, token('root', { roles: ['admin'] }));
	});
	after(async () => {
		await Promise.all(nodes.map((n) => n.stop()));
		await pg.stop();
	});
	const sockets = (text) => Promise.all(nodes.map((n) => Socket.open(n.ws, bearer(text))));

	// All are closed with that code, and may not come back.
	async function ended(open, code, text) {
		for (const it of await Promise.all(open.map((s) => s.closed)))
			assert.equal(it.code, code, it.reason);
		for (const n of nodes) assert.equal((await Socket.open(n.ws, bearer(text))).refused, 401);
	}

	test('a revoked token', async () => {
		const one = token('ann', { jti: 'one' }), two = token('ann', { jti: 'two' });
		const open = await sockets(one), others = await sockets(two);
		const made = await admin.post('/revocations', { jti: 'one', expires_in: 600 });
		assert.equal(made.status, 201);
		assert.equal(made.json.jti, 'one');
		await ended(open, 4401, one);
		for (const it of others) {
			it.say({ a: 'hs', id: null });
			await it.hears((m) => m.a === 'hs');
			await it.close();
		}
		const list = (await new As(nodes[1].url, token('root', { roles: ['admin'] })).get('/revocations')).json.revocations;
		assert.equal(list.find((r) => r.jti === 'one').revoked_by, 'root');
		assert.equal((await admin.delete('/revocations?jti=one')).status, 204);
		assert.equal((await admin.delete('/revocations?jti=one')).status, 404);
		await until('it is taken back everywhere', async () =>
			(await Promise.all(nodes.map((n) => new As(n.url, one).get('/whoami')))).every((a) => a.status === 200));
	});

	test('all of a subject, at the machine', async () => {
		const old = token('bob', { iat: now_s() - 5 });
		const open = await sockets(old);
		const { code, text } = await run(['revoke', '--subject', 'bob', '--ttl', '1h', '--store', store]);
		assert.equal(code, 0, text);
		await ended(open, 4401, old);
		const later = token('bob', { iat: now_s() + 2 });
		assert.equal((await new As(nodes[1].url, later).get('/whoami')).status, 200);
		assert.equal((await run(['revoke', '--undo-subject', 'bob', '--store', store])).code, 0);
	});

	test('a share link, and its end', async () => {
		const doc = '/collections/notes/docs/shared';
		assert.equal((await admin.put(doc, { a: 1 })).status, 201);
		assert.equal((await admin.post(`${doc}/links`, { role: 'owner' })).status, 400);
		const made = await admin.post(`${doc}/links`, { role: 'viewer', expires_in: 600 });
		assert.equal(made.status, 201);
		const { link, subject } = made.json;
		assert.match(link, /^otdl_/);
		assert.ok(!subject.includes(link.slice(5)));
		for (const n of nodes) {
			const guest = new As(n.url);
			assert.deepEqual((await guest.get(`${doc}?share=${link}`)).json, { a: 1 });
			assert.equal((await new As(n.url, link).get(doc)).status, 200);
			assert.equal((await guest.put(`${doc}?share=${link}`, { a: 2 })).status, 403);
			assert.equal((await guest.get(`${doc}?share=otdl_${'x'.repeat(43)}`)).status, 401);
		}
		const readers = await Promise.all(nodes.map((n) => Socket.open(`${n.ws}?share=${link}`)));
		for (const reader of readers) {
			await reader.hears((m) => m.a === 'init');
			reader.say({ a: 's', c: 'notes', d: 'shared' });
			assert.deepEqual((await reader.hears((m) => m.a === 's')).data.data, { a: 1 });
		}
		// With a token besides, also when that is renewed.
		const ann = await Socket.open(`${nodes[1].ws}?share=${link}`, bearer(token('ann')));
		await ann.hears((m) => m.a === 'init');
		ann.say({ a: 'x-token', token: token('ann', { exp: now_s() + 900 }) });
		await ann.hears((m) => m.a === 'x-token' && !m.error);
		ann.say({ a: 's', c: 'notes', d: 'shared' });
		assert.deepEqual((await ann.hears((m) => m.a === 's')).data.data, { a: 1 });
		readers.push(ann);
		assert.equal((await admin.get(`${doc}/links`)).json.links[0].subject, subject);
		assert.equal((await admin.delete(`${doc}/links/${link}`)).status, 204);
		assert.equal((await admin.delete(`${doc}/links/${subject}`)).status, 404);
		for (const it of await Promise.all(readers.map((r) => r.closed))) assert.ok([4401, 4403].includes(it.code), it.reason);
		for (const n of nodes)
			await until('the link is over', async () => (await new As(n.url, link).get(doc)).status === 401);
	});

	test('who is no administrator may none of it', async () => {
		const ann = new As(nodes[0].url, token('ann'));
		for (const [method, at, body] of [['GET', '/revocations'], ['POST', '/revocations', { jti: 'x' }],
			['DELETE', '/revocations?jti=x'], ['POST', '/collections/notes/docs/shared/links', { role: 'viewer' }],
			['GET', '/collections/notes/docs/shared/links'], ['DELETE', '/collections/notes/docs/shared/links/link:x']])
			assert.equal((await ann.call(method, at, { body })).status, 403, `${method} ${at}`);
	});

	test('what is asked wrongly is named', async () => {
		for (const [body, why] of [[{}, /"jti" or "subject"/], [{ jti: 'a', subject: 'b' }, /either/], [{ jti: 7 }, /"jti"/],
			[{ subject: 'a', before: 'soon' }, /"before"/], [{ jti: 'a', expires_in: -1 }, /"expires_in"/],
			[{ jti: 'a', expires_at: 'never' }, /"expires_at"/], [{ jti: 'a', expires_in: 1, expires_at: '2030-01-01T00:00:00Z' }, /exclude/]]) {
			const answer = await admin.post('/revocations', body);
			assert.equal(answer.status, 400, JSON.stringify(body));
			assert.match(answer.json.detail, why);
		}
	});
});

describe('a key set of a URL', () => {
	const make = (kid) => {
		const pair = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
		return { kid, key: pair.privateKey, jwk: { ...pair.publicKey.export({ format: 'jwk' }), kid, use: 'sig' } };
	};
	const by = (signer, sub) => token(sub, {}, { alg: 'RS256', key: signer.key, header: { kid: signer.kid } });

	test('is fetched again for a key that it did not have, and kept while it is away', async () => {
		const [first, second, third] = ['k1', 'k2', 'k3'].map(make);
		let keys = [first.jwk], asked = 0, away = false;
		const source = http.createServer((request, answer) => {
			asked++;
			if (away) return request.socket.destroy();
			answer.setHeader('Cache-Control', 'max-age=3600');
			answer.end(JSON.stringify({ keys }));
		});
		await new Promise((done) => source.listen(0, '127.0.0.1', done));
		const otd = await Otd.start({ args: [...jwt, '--jwt-jwks', `http://127.0.0.1:${source.address().port}/keys`] });
		try {
			const whoami = (signer) => new As(otd.url, by(signer, 'ann')).get('/whoami');
			assert.equal((await whoami(first)).status, 200);
			const renewed = await Socket.open(otd.ws, bearer(by(first, 'bob')));
			await renewed.hears((m) => m.a === 'init');
			keys = [first.jwk, second.jwk];		// rotated, and nobody says so
			renewed.say({ a: 'x-token', token: by(second, 'bob') });
			assert.equal((await renewed.hears((m) => m.a === 'x-token')).error, undefined);
			await renewed.close();
			assert.equal((await whoami(second)).status, 200);
			const socket = await Socket.open(otd.ws, bearer(by(second, 'bob')));
			await socket.hears((m) => m.a === 'init');
			await socket.close();
			assert.match((await whoami(third)).json.detail, /no key of the token's name/);
			const before = asked;
			for (let i = 0; i < 30; i++) assert.equal((await whoami(third)).status, 401);
			assert.ok(asked <= before + 4, `it was asked ${asked - before} times`);
			away = true;
			process.kill(otd.pid, 'SIGHUP');
			await until('it was asked in vain', () => asked > before);
			assert.equal((await whoami(first)).status, 200);
			away = false;
			keys = [third.jwk];
			process.kill(otd.pid, 'SIGHUP');
			await until('the old keys are gone', async () => (await whoami(first)).status === 401);
			assert.equal((await whoami(third)).status, 200);
		} finally {
			await otd.stop();
			source.close();
		}
	});

	test('is left alone while it fails, probed, and asked again when the probe went well', async () => {
		const signer = make('k1');
		let answer = (response) => response.writeHead(500).end(), now = 0, most = 0;
		const source = http.createServer((request, response) => {
			most = Math.max(most, ++now);
			response.on('close', () => { now--; });
			answer(response);
		});
		await new Promise((done) => source.listen(0, '127.0.0.1', done));
		const otd = await Otd.start({ args: [...jwt, '--jwt-jwks', `http://127.0.0.1:${source.address().port}/keys`] });
		const metric = async (name) => Number(new RegExp(`^otd_keys_breaker_${name}\\{[^}]*\\} (\\d+)$`, 'm')
			.exec(await (await fetch(`${otd.url}metrics`)).text())[1]);
		const whoami = () => new As(otd.url, by(signer, 'ann')).get('/whoami');
		const wait = (what, check) => until(what, check, { timeout_ms: 30_000 * patience });
		try {
			await wait('the breaker opens', async () => await metric('open') === 1);
			const held = [];
			answer = (response) => held.push(response);
			await wait('a probe', async () => held.length > 0 && await metric('half_open') === 1);
			// Whoever comes meanwhile waits for the probe and brings about no other question.
			const waiting = Array.from({ length: 5 }, whoami);
			answer = (response) => response.end(JSON.stringify({ keys: [signer.jwk] }));
			held.forEach(answer);
			await Promise.all(waiting);
			await wait('its keys serve', async () => (await whoami()).status === 200);
			await wait('the breaker closes', async () => await metric('open') === 0 && await metric('half_open') === 0);
			assert.equal(most, 1);
			assert.equal(await metric('opened_total'), 1);
			assert.ok(await metric('probes_total') >= 1);
		} finally {
			await otd.stop();
			source.close();
		}
	});
});
