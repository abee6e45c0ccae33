// The built-in user service, over both stores.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Otd, otd as run } from '../lib/otd.mjs';
import { build, temporaryFolder } from '../lib/paths.mjs';
import { Postgres } from '../lib/postgres.mjs';
import { Program, until } from '../lib/process.mjs';
import { As, Socket, bearer } from './client.mjs';

const rules = path.join(temporaryFolder('auth'), 'rules.json');
fs.writeFileSync(rules, JSON.stringify({
	rules: [
		{ name: 'admins', who: { roles: ['admin'] }, allow: '*' },
		{ name: 'all write notes', who: 'authenticated', allow: ['read', 'create', 'edit'], collections: ['notes'] },
	],
}));
// Cheap hashes: what they cost is not what is tested.
const args = ['--auth', 'jwt', '--users', 'on', '--policy', rules, '--password-memory', '64K', '--password-passes', '1'];
const PASSWORD = 'correct horse';

// An otd subcommand that reads a password.
async function typed(words, password, store) {
	const child = new Program(`${build}/otd`, [...words, '--store', store, '--password-memory', '64K', '--password-passes', '1'],
		{ stdio: ['pipe', 'pipe', 'pipe'] });
	child.child.stdin.end(`${password}\n`);
	const exit = await child.ended;
	return { code: exit.code, text: child.said() };
}

const stores = {
	sqlite: async () => ({ url: undefined, stop() {} }),
	postgresql: async () => {
		const pg = await Postgres.start();
		return { url: await pg.database(), stop: () => pg.stop() };
	},
};

for (const [name, start] of Object.entries(stores))
	describe(`users on ${name}`, () => {
		let store, otd, nobody, admin, adminSubject;
		before(async () => {
			store = await start();
			otd = await Otd.start({ store: store.url, args: [...args, '--signup', 'invite', '--login-tries', '8'] });
			nobody = new As(otd.url);
			const added = await typed(['user', 'add', 'root', '--role', 'admin'], PASSWORD, otd.store);
			assert.equal(added.code, 0, added.text);
			adminSubject = added.text.trim().split('\n').at(-1);
			admin = new As(otd.url, (await login('root')).json.access_token);
		});
		after(async () => {
			await otd.stop();
			await store.stop();
		});
		const login = (who, password = PASSWORD, more = {}) => nobody.post('/login', { name: who, password, ...more });
		// A new account and its tokens.
		async function account(who, more = {}) {
			const made = await admin.post('/users', { name: who, password: PASSWORD, ...more });
			assert.equal(made.status, 201, made.text);
			const tokens = (await login(who)).json;
			return { ...tokens, api: new As(otd.url, tokens.access_token) };
		}

		test('logging in gives a token that says who it is', async () => {
			const ann = await account('ann', { roles: ['editor'], display_name: 'Ann' });
			const { json } = await ann.api.get('/whoami');
			assert.equal(json.subject, ann.subject);
			assert.equal(json.issuer, 'otd');
			assert.deepEqual(json.claims.roles, ['editor']);
			assert.equal(json.claims.name, 'Ann');
			assert.equal(ann.token_type, 'Bearer');
			assert.equal(ann.expires_in, 900);
			assert.equal((await ann.api.put('/collections/notes/docs/ann', { a: 1 })).status, 201);
			const socket = await Socket.open(otd.ws, bearer(ann.access_token));
			await socket.hears((m) => m.a === 'init');
			await socket.close();
			assert.equal((await login('ANN')).status, 200, 'names are alike in both cases');
		});

		test('who is wrong hears the same of either', async () => {
			await account('bob');
			const unknown = await login('nobody at all'), wrong = await login('bob', 'wrong horse');
			assert.deepEqual([unknown.status, wrong.status], [401, 401]);
			assert.equal(unknown.text, wrong.text);
			for (const body of [{}, { name: 'bob' }, { name: 7, password: 'x' }])
				assert.equal((await nobody.post('/login', body)).status, 400);
		});

		test('a refresh token is good once, and its second use ends the login', async () => {
			const cat = await account('cat');
			const next = await nobody.post('/token', { refresh_token: cat.refresh_token });
			assert.equal(next.status, 200);
			assert.notEqual(next.json.refresh_token, cat.refresh_token);
			assert.equal((await new As(otd.url, next.json.access_token).get('/whoami')).json.subject, cat.subject);
			const stolen = await nobody.post('/token', { refresh_token: cat.refresh_token });
			assert.equal(stolen.status, 401);
			assert.match(stolen.json.detail, /used before/);
			assert.equal((await nobody.post('/token', { refresh_token: next.json.refresh_token })).status, 401);
			assert.equal((await nobody.post('/token', { refresh_token: 'never' })).status, 401);
			assert.equal((await nobody.post('/token', {})).status, 401);
		});

		test('of two that renew at once one has it at most, and the login is over', async () => {
			const { refresh_token } = await account('twin');
			const both = await Promise.all([1, 2].map(() => nobody.post('/token', { refresh_token })));
			const [given, ...others] = both.sort((a, b) => a.status - b.status);
			assert.ok(given.status === 200 || given.status === 401, given.text);
			assert.deepEqual(others.map((a) => a.status), [401]);
			if (given.status === 200)
				assert.equal((await nobody.post('/token', { refresh_token: given.json.refresh_token })).status, 401);
		});

		test('who renews and logs in while the password changes has nothing of it', async () => {
			const { api } = await account('max');
			let password = PASSWORD, owner = api;
			for (let i = 0; i < 6; i++) {
				let last = (await login('max', password)).json.refresh_token, stop = false;
				const renewing = (async () => {
					for (let it; !stop && (it = await nobody.post('/token', { refresh_token: last })).status === 200;)
						last = it.json.refresh_token;
				})();
				const given = [];
				const logging = (async (former) => {
					for (let it; !stop && (it = await login('max', former)).status === 200;) given.push(it.json.refresh_token);
				})(password);
				const next = `${PASSWORD} ${i}`;
				const changed = await owner.post('/password', { old_password: password, new_password: next });
				assert.equal(changed.status, 200, changed.text);
				stop = true;
				await Promise.all([renewing, logging]);
				for (const refresh_token of [last, ...given])
					assert.equal((await nobody.post('/token', { refresh_token })).status, 401);
				owner = new As(otd.url, changed.json.access_token);
				password = next;
			}
		});

		test('logging out', async () => {
			const dan = await account('dan');
			const socket = await Socket.open(otd.ws, bearer(dan.access_token));
			assert.equal((await dan.api.post('/logout', { refresh_token: dan.refresh_token })).status, 204);
			assert.equal((await socket.closed).code, 4401);
			assert.equal((await nobody.post('/token', { refresh_token: dan.refresh_token })).status, 401);
			await until('the token is over', async () => (await dan.api.get('/whoami')).status === 401);
			const again = (await login('dan')).json, other = (await login('dan')).json;
			assert.equal((await new As(otd.url, again.access_token).post('/logout', { everywhere: true })).status, 204);
			assert.equal((await nobody.post('/token', { refresh_token: other.refresh_token })).status, 401);
			await until('all are over', async () => (await new As(otd.url, other.access_token).get('/whoami')).status === 401);
		});

		test('another password ends what the old one gave', async () => {
			const eve = await account('eve');
			const socket = await Socket.open(otd.ws, bearer(eve.access_token));
			const change = (body) => eve.api.post('/password', body);
			assert.equal((await change({ old_password: 'wrong horse', new_password: 'battery staple' })).status, 403);
			assert.equal((await change({ old_password: PASSWORD, new_password: 'short' })).status, 400);
			const changed = await change({ old_password: PASSWORD, new_password: 'battery staple' });
			assert.equal(changed.status, 200, changed.text);
			assert.equal((await socket.closed).code, 4401);
			await until('the old token is over', async () => (await eve.api.get('/whoami')).status === 401);
			assert.equal((await new As(otd.url, changed.json.access_token).get('/whoami')).status, 200);
			assert.equal((await nobody.post('/token', { refresh_token: eve.refresh_token })).status, 401);
			assert.equal((await login('eve')).status, 401);
			assert.equal((await login('eve', 'battery staple')).status, 200);
		});

		test('a disabled account is out at once', async () => {
			const fay = await account('fay');
			const socket = await Socket.open(otd.ws, bearer(fay.access_token));
			const disabled = await admin.patch(`/users/${fay.subject}`, { disabled: true }, 'application/json');
			assert.equal(disabled.status, 200, disabled.text);
			assert.equal(disabled.json.disabled, true);
			assert.equal((await socket.closed).code, 4401);
			assert.match((await login('fay')).json.detail, /disabled/);
			assert.equal((await nobody.post('/token', { refresh_token: fay.refresh_token })).status, 401);
			await until('the token is over', async () => (await fay.api.get('/whoami')).status === 401);
			assert.equal((await admin.patch(`/users/${fay.subject}`, { disabled: false }, 'application/json')).status, 200);
			const again = await login('fay');
			assert.equal(again.status, 200);
			await until('it is in again', async () => (await new As(otd.url, again.json.access_token).get('/whoami')).status === 200);
			assert.equal((await fay.api.get('/whoami')).status, 401, 'the token of before stays over');
		});

		test('other roles come with another token', async () => {
			const gus = await account('gus');
			assert.equal((await gus.api.get('/users')).status, 403);
			assert.equal((await admin.patch(`/users/${gus.subject}`, { roles: ['admin'] }, 'application/json')).status, 200);
			await until('the old token is over', async () => (await gus.api.get('/whoami')).status === 401);
			const next = (await nobody.post('/token', { refresh_token: gus.refresh_token })).json;
			assert.equal((await new As(otd.url, next.access_token).get('/users')).status, 200);
			for (const roles of ['admin', [7], [''], { a: 1 }])
				assert.equal((await admin.patch(`/users/${gus.subject}`, { roles }, 'application/json')).status, 400);
		});

		test('signing up wants an invitation, once', async () => {
			const sign = (body) => nobody.post('/users', { password: PASSWORD, ...body });
			assert.equal((await sign({ name: 'stranger' })).status, 403);
			assert.equal((await sign({ name: 'stranger', invitation: 'a.b.c' })).status, 403);
			const { invitation } = (await admin.post('/invitations', { roles: ['guest'] })).json;
			assert.equal((await new As(otd.url, invitation).get('/whoami')).status, 401, 'it is no token');
			assert.equal((await sign({ name: 'root', invitation })).status, 409);
			const made = await sign({ name: 'hal', invitation, roles: ['admin'] });
			assert.equal(made.status, 201, made.text);
			assert.deepEqual(made.json.roles, ['guest']);
			assert.equal(made.headers.location, `/v1/users/${made.json.subject}`);
			assert.equal((await sign({ name: 'hal2', invitation })).status, 403);
			assert.equal((await new As(otd.url, (await login('hal')).json.access_token).post('/invitations', {})).status, 403);
		});

		test('accounts are as they have to be', async () => {
			for (const body of [{ name: '' }, { name: ' x' }, { name: 'a\nb' }, { name: 'x'.repeat(129) }, { name: 'ok', password: 'short' },
				{ name: 'ok', roles: [7] }, { name: 'ok', display_name: 7 }, { name: 'ok', password: 'x'.repeat(1025) }])
				assert.equal((await admin.post('/users', { password: PASSWORD, ...body })).status, 400, JSON.stringify(body));
			assert.equal((await admin.post('/users', { name: 'Root', password: PASSWORD })).status, 409);
		});

		test('a profile is shown to others, and changed by its owner', async () => {
			const ivy = await account('ivy'), jon = await account('jon');
			const profile = { display_name: 'Ivy ♥', colour: '#00ff7F', avatar_url: 'https://example.com/i.png' };
			assert.equal((await ivy.api.patch('/profile', profile, 'application/json')).status, 200);
			assert.deepEqual((await jon.api.get(`/users/${ivy.subject}/profile`)).json, { subject: ivy.subject, ...profile });
			assert.equal((await nobody.get(`/users/${ivy.subject}/profile`)).status, 401);
			const { json } = await new As(otd.url, (await login('ivy')).json.access_token).get('/whoami');
			assert.equal(json.claims.name, 'Ivy ♥');
			assert.equal(json.claims.colour, '#00ff7F');
			assert.equal(json.claims.picture, profile.avatar_url);
			const fewer = (await ivy.api.patch('/profile', { colour: null, display_name: null }, 'application/json')).json;
			assert.deepEqual([fewer.colour, fewer.display_name, fewer.avatar_url], [null, 'ivy', profile.avatar_url]);
			for (const body of [{ colour: 'red' }, { colour: '#12345g' }, { avatar_url: 'javascript:alert(1)' }, { avatar_url: 'https://a b' }, { display_name: '' }])
				assert.equal((await ivy.api.patch('/profile', body, 'application/json')).status, 400, JSON.stringify(body));
		});

		test('administrators look at all, others at themselves', async () => {
			const kim = await account('kim');
			const names = [];
			for (let after = '';;) {
				const page = (await admin.get(`/users?limit=3&after=${encodeURIComponent(after)}`)).json;
				names.push(...page.users.map((u) => u.name));
				if ((after = page.next) === null) break;
			}
			assert.ok(names.includes('kim') && names.includes('root'));
			assert.equal(new Set(names).size, names.length);
			const self = await kim.api.get(`/users/${kim.subject}`);
			assert.equal(self.json.name, 'kim');
			assert.ok(!self.text.includes('argon2'));
			assert.equal((await kim.api.get(`/users/${adminSubject}`)).status, 403);
			assert.equal((await kim.api.delete(`/users/${adminSubject}`)).status, 403);
			assert.equal((await admin.delete(`/users/${kim.subject}`)).status, 204);
			assert.equal((await admin.delete(`/users/${kim.subject}`)).status, 404);
			await until('its token is over', async () => (await kim.api.get('/whoami')).status === 401);
			assert.equal((await login('kim')).status, 401);
		});

		test('browsers keep tokens in cookies that scripts do not see', async () => {
			await account('liz');
			const given = await login('liz', PASSWORD, { cookies: true });
			const cookies = given.headers['set-cookie'];
			assert.equal(given.json.refresh_token, undefined);
			assert.equal(cookies.length, 2);
			for (const cookie of cookies) assert.match(cookie, /; HttpOnly; SameSite=Strict/);
			const jar = cookies.map((c) => c.split(';')[0]).join('; ');
			assert.equal((await nobody.get('/whoami', { cookie: jar })).json.claims.preferred_username, 'liz');
			const next = await nobody.call('POST', '/token', { headers: { cookie: jar } });
			assert.equal(next.status, 200, next.text);
			assert.equal(next.headers['set-cookie'].length, 2);
			const out = await nobody.call('POST', '/logout', { headers: { cookie: jar } });
			assert.equal(out.status, 204);
			assert.ok(out.headers['set-cookie'].every((c) => /Max-Age=0/.test(c)));
		});

		test('at the machine', async () => {
			const mia = await account('mia');
			const socket = await Socket.open(otd.ws, bearer(mia.access_token));
			const tool = (...words) => run(['user', ...words, '--store', otd.store]);
			assert.equal((await tool('disable', 'mia')).code, 0);
			assert.equal((await socket.closed).code, 4401);
			assert.equal((await tool('enable', 'mia')).code, 0);
			assert.equal((await tool('roles', 'mia', 'a', 'b')).code, 0);
			assert.match((await tool('list')).text, /"name":"mia",.*"roles":\["a","b"\],"disabled":false/);
			assert.equal((await typed(['user', 'password', 'mia'], 'battery staple', otd.store)).code, 0);
			assert.equal((await login('mia', 'battery staple')).status, 200);
			assert.equal((await tool('remove', 'mia')).code, 0);
			assert.equal((await tool('remove', 'mia')).code, 1);
			assert.equal((await typed(['user', 'add', 'ned'], 'short', otd.store)).code, 1);
			for (const words of [[], ['add'], ['remove'], ['list', 'x'], ['drop', 'x']]) assert.equal((await tool(...words)).code, 64);
			const minted = await run(['token', '--sub', 'ops', '--role', 'admin', '--auth', 'jwt', '--users', 'on', '--store', otd.store]);
			assert.equal((await new As(otd.url, minted.text.trim()).get('/users?limit=1')).status, 200);
		});

		test('guessing is ended, of one name and of all; the last, since it shuts this address out', async () => {
			await account('guessed');
			const answers = await Promise.all(Array.from({ length: 20 }, () => login('guessed', 'wrong horse')));
			const refused = answers.filter((a) => a.status === 429);
			assert.ok(answers.filter((a) => a.status === 401).length <= 8);
			assert.ok(refused.length >= 12);
			assert.ok(Number(refused[0].headers['retry-after']) > 0);
			assert.equal(refused[0].code, 'ERR_OTD_RATE_LIMIT');
			assert.equal((await login('guessed')).status, 429, 'the right one too');
			// Five times as many of an address; who is shut out by then may not count any more.
			await Promise.all(Array.from({ length: 5 * 8 + 1 }, (_, i) => login(`guess ${i}`)));
			assert.equal((await login('root')).status, 429, 'no name from this address');
			assert.equal((await admin.get('/users?limit=1')).status, 200, 'who is in stays in');
			const numbers = await (await fetch(`${otd.url}metrics`)).text();
			for (const name of ['otd_logins_total', 'otd_logins_failed_total', 'otd_logins_limited_total'])
				assert.match(numbers, new RegExp(`^${name}(\\{.*\\})? [1-9]`, 'm'));
		});

		test('passwords and tokens are not in the log', () => {
			const said = otd.process.lines.join('\n');
			for (const secret of [PASSWORD, 'battery staple', 'eyJ', 'argon2']) assert.ok(!said.includes(secret), secret);
		});
	});

test('without the user service there are none', async () => {
	const otd = await Otd.start({ args: ['--auth', 'jwt', '--policy', rules, '--jwt-secret', 'f'.repeat(32)] });
	try {
		assert.equal((await new As(otd.url).post('/login', { name: 'a', password: 'b' })).status, 404);
	} finally {
		await otd.stop();
	}
});

test('signing up can be open', async () => {
	const otd = await Otd.start({ args: [...args, '--signup', 'open', '--login-tries', '2'] });
	try {
		const nobody = new As(otd.url);
		const sign = (name, more) => nobody.post('/users', { name, password: PASSWORD, ...more });
		const made = await sign('ann');
		assert.equal(made.status, 201);
		assert.equal((await sign('boss', { roles: ['admin'] })).status, 403);
		assert.deepEqual([(await sign('bob')).status, (await sign('cat')).status], [201, 429]);
	} finally {
		await otd.stop();
	}
});
