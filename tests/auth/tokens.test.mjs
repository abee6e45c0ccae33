// What lets somebody in, by REST and by WebSocket, and what does not.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Otd } from '../lib/otd.mjs';
import { temporaryFolder } from '../lib/paths.mjs';
import { As, SECRET, Socket, bearer, now_s, sign, token } from './client.mjs';

const rsa = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' });
const anybody = { rules: [{ name: 'all', who: 'anybody', allow: '*' }] };

function file(name, content) {
	const at = path.join(temporaryFolder('auth'), name);
	fs.writeFileSync(at, content);
	return at;
}

const policy = (rules) => ['--policy', file('rules.json', JSON.stringify(rules))];

describe('tokens', () => {
	let otd;
	before(async () => {
		otd = await Otd.start({
			args: ['--auth', 'jwt', '--jwt-key', file('rsa.pem', pem), '--jwt-issuer', 'us', '--jwt-audience', 'editors',
				'--jwt-leeway', '5s', ...policy(anybody)],
			env: { OTD_JWT_SECRET_FILE: file('secret', SECRET + '\n') },
		});
	});
	after(() => otd.stop());
	const good = { iss: 'us', aud: 'editors' };

	test('a good one says who it is', async () => {
		const { status, json } = await new As(otd.url, token('ann', { ...good, jti: 't1', tenant: 'blue' })).get('/whoami');
		assert.equal(status, 200);
		assert.equal(json.subject, 'ann');
		assert.equal(json.token_id, 't1');
		assert.equal(json.claims.tenant, 'blue');
		const rs = token('bob', good, { alg: 'RS256', key: rsa.privateKey });
		assert.equal((await new As(otd.url, rs).get('/whoami')).json.subject, 'bob');
		const socket = await Socket.open(otd.ws, bearer(rs));
		assert.equal((await socket.hears((m) => m.a === 'init')).a, 'init');
		await socket.close();
	});

	const far = now_s() + 3600;
	const refused = [
		['nothing', undefined, /there is no token/],
		['nonsense', 'a.b.c', /not a JSON Web Token/],
		['signed by others', token('ann', good, { key: 'f'.repeat(32) }), /signature is wrong/],
		['expired', token('ann', { ...good, exp: now_s() - 6 }), /has expired/],
		['without an end', sign({ sub: 'ann', ...good }), /has no "exp"/],
		['not valid yet', token('ann', { ...good, nbf: far - 1800 }), /not valid yet/],
		['for others', token('ann', { ...good, aud: 'readers' }), /another audience/],
		['for nobody', token('ann', { iss: 'us' }), /another audience/],
		['from others', token('ann', { ...good, iss: 'them' }), /another issuer/],
		['of nobody', sign({ exp: far, ...good }), /has no "sub"/],
		['alg none', token('ann', good, { alg: 'none' }), /not signed/],
		['alg None', token('ann', good, { alg: 'none', header: { alg: 'None' } }), /not (signed|a JSON Web Token)/],
		['our public key as a secret', token('ann', good, { key: pem }), /signature is wrong/],
		['an algorithm that the key is not for', token('ann', good, { alg: 'HS512' }), /no key/],
		['with an unknown key', token('ann', good, { alg: 'ES256',
			key: crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey }), /no key/],
		['with a critical extension', token('ann', good, { header: { crit: ['x'], x: 1 } }), /critical extension/],
		['too long', token('a'.repeat(9000), good), /too long/],
		['with claims that are no object', sign('[]'), /not a JSON Web Token|no JSON object|signature is wrong/],
		['with a header twice', token('ann', good, { header: '{"alg":"none","alg":"HS256"}', key: 'f'.repeat(32) }), /signature is wrong/],
	];
	for (const [name, text, why] of refused)
		test(`refused: ${name}`, async () => {
			const answer = await new As(otd.url, text).get('/whoami');
			assert.equal(answer.status, 401);
			assert.match(answer.json.detail, why);
			assert.equal(answer.code, 'ERR_OTD_UNAUTHENTICATED');
			assert.match(answer.headers['www-authenticate'], /^Bearer/);
			if ((text ?? '').length < 4096)
				assert.equal((await Socket.open(otd.ws, text ? bearer(text) : {})).refused, 401);
		});

	test('a name that stands twice means its last value, for the signature and for us', async () => {
		const body = `{"sub":"ann","iss":"us","aud":"editors","exp":1,"exp":${far}}`;
		assert.equal((await new As(otd.url, sign(body)).get('/whoami')).status, 200);
		const over = `{"sub":"ann","iss":"us","aud":"editors","exp":${far},"exp":1}`;
		assert.match((await new As(otd.url, sign(over)).get('/whoami')).json.detail, /expired/);
	});

	test('a token comes in a cookie and in the URL too', async () => {
		const text = token('cat', good);
		const nobody = new As(otd.url);
		assert.equal((await nobody.get('/whoami', { cookie: `x=1; otd_token=${text}` })).json.subject, 'cat');
		assert.equal((await nobody.get(`/whoami?access_token=${text}`)).status, 200);
		const socket = await Socket.open(`${otd.ws}?access_token=${text}`);
		assert.equal(socket.refused, undefined);
		await socket.close();
	});

	test('a ticket lets in once', async () => {
		const ann = new As(otd.url, token('ann', { ...good, tenant: 'blue' }));
		const made = await ann.post('/tickets', {});
		assert.equal(made.status, 201);
		assert.equal(made.json.expires_in, 30);
		assert.equal(made.headers['cache-control'], 'no-store');
		const socket = await Socket.open(`${otd.ws}?ticket=${made.json.ticket}`);
		await socket.hears((m) => m.a === 'init');
		await socket.close();
		const again = await Socket.open(`${otd.ws}?ticket=${made.json.ticket}`);
		if (!again.refused) assert.equal((await again.closed).code, 4401);
		else assert.equal(again.refused, 401);
		assert.equal((await new As(otd.url).post('/tickets', {})).status, 401);
	});

	test('a socket ends with its token, unless it is renewed', async () => {
		const socket = await Socket.open(otd.ws, bearer(token('ann', { ...good, exp: now_s() - 3 })));
		const renewed = await Socket.open(otd.ws, bearer(token('ann', { ...good, exp: now_s() - 3 })));
		await renewed.hears((m) => m.a === 'init');
		renewed.say({ a: 'x-token', token: token('ann', good) });
		const { code } = await socket.closed;
		assert.equal(code, 4401);
		const said = await renewed.hears((m) => m.a === 'x-token');
		assert.equal(said.error, undefined, JSON.stringify(said));
		renewed.say({ a: 'hs', id: null });
		await renewed.hears((m) => m.a === 'hs');
		renewed.say({ a: 'x-token', token: 'nonsense' });
		assert.match((await renewed.hears((m) => m.error)).error.message, /not a JSON Web Token/);
		await renewed.close();
	});

	test('tokens are not in the log', () => {
		const said = otd.process.lines.join('\n');
		assert.ok(!/eyJ/.test(said), said);
		assert.ok(!said.includes(SECRET));
	});
});

describe('who shows nothing', () => {
	test('comes in with --anonymous on, as nobody', async () => {
		const otd = await Otd.start({ args: ['--auth', 'jwt', '--jwt-secret', SECRET, '--anonymous', 'on', ...policy(anybody)] });
		try {
			const { status, json } = await new As(otd.url).get('/whoami');
			assert.equal(status, 200);
			assert.equal(json.subject, null);
			assert.equal((await new As(otd.url, 'a.b.c').get('/whoami')).status, 401);
			assert.equal((await new As(otd.url).post('/tickets', {})).status, 401);
		} finally {
			await otd.stop();
		}
	});
});

describe('keys that rotate', () => {
	test('in a file', async () => {
		const keys = file('a.pem', pem);
		const otd = await Otd.start({ args: ['--auth', 'jwt', '--jwt-key', keys, ...policy(anybody)] });
		try {
			const next = crypto.generateKeyPairSync('ec', { namedCurve: 'P-384' });
			const ann = new As(otd.url, token('ann', {}, { alg: 'RS256', key: rsa.privateKey }));
			const bob = new As(otd.url, token('bob', {}, { alg: 'ES384', key: next.privateKey }));
			assert.equal((await ann.get('/whoami')).status, 200);
			assert.equal((await bob.get('/whoami')).status, 401);
			fs.writeFileSync(keys, next.publicKey.export({ type: 'spki', format: 'pem' }));
			process.kill(otd.pid, 'SIGHUP');
			const end = Date.now() + 10_000;
			while ((await bob.get('/whoami')).status !== 200 && Date.now() < end);
			assert.equal((await bob.get('/whoami')).status, 200);
			assert.equal((await ann.get('/whoami')).status, 401);
		} finally {
			await otd.stop();
		}
	});
});
