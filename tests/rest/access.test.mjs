// Who may what, by REST: tokens, rules, grants; whose an operation is.  What a
// rule does by every way into the server is tests/run's and tests/access's.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Api, MERGE_PATCH, OP, servers } from './api.mjs';
import { patience, temporaryFolder } from '../lib/paths.mjs';
import { sleep } from '../lib/process.mjs';

const SECRET = 'a secret of thirty-two bytes or more';
const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

function token(sub, claims = {}) {
	const text = `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url({ sub, exp: Math.floor(Date.now() / 1000) + 600, ...claims })}`;
	return `${text}.${crypto.createHmac('sha256', SECRET).update(text).digest('base64url')}`;
}

const rules = {
	grants: ['notes'],
	rules: [
		{ name: 'writers create', who: { claims: { writer: [true] } }, allow: ['create'], collections: ['notes'] },
		{ name: 'reading room', who: 'authenticated', allow: ['read', 'query'], collections: ['open'] },
		{ name: 'keeper', who: { subjects: ['keeper'] }, allow: '*' },
	],
};

for (const target of servers)
	describe(`access with ${target.name}`, () => {
		let server, urls;
		const file = path.join(temporaryFolder('policy'), 'rules.json');
		const as = (sub, claims, i = 0) => {
			const api = new Api(urls[i % urls.length]);
			const call = api.call.bind(api);
			api.call = (method, at, { headers, ...options } = {}) =>
				call(method, at, { ...options, headers: { ...sub && { authorization: `Bearer ${token(sub, claims)}` }, ...headers } });
			return api;
		};
		before(async () => {
			fs.writeFileSync(file, JSON.stringify(rules));
			server = await target.start({
				args: ['--auth', 'jwt', '--policy', file], env: { OTD_JWT_SECRET: SECRET },
				config: { projections: { titles: { of: 'closed', fields: ['title'] } } },
			});
			urls = server.urls;
		});
		after(() => server?.stop());
		const eventually = async (what, look) => {
			for (const end = Date.now() + 5_000 * patience; ; await sleep(20)) {
				if (await look()) return;
				assert.ok(Date.now() < end, what);
			}
		};

		test('a token is needed, and a good one', async () => {
			const none = await as().get('/collections/open/docs/x');
			assert.deepEqual([none.status, none.code], [401, 'ERR_OTD_UNAUTHENTICATED']);
			assert.match(none.headers['www-authenticate'], /^Bearer/);
			const old = await as('ada', { exp: 1 }).get('/collections/open/docs/x');
			assert.equal(old.status, 401);
			assert.match(old.headers['www-authenticate'], /error="invalid_token"/);
			assert.equal((await as('ada').get('/collections/open/docs/x')).status, 404);
		});

		test('what is not allowed is refused, there or not', async () => {
			const keeper = as('keeper'), ada = as('ada', {}, 1);
			await keeper.put('/collections/closed/docs/secret', { n: 'hidden' });
			for (const id of ['secret', 'none'])
				for (const [method, at, body, type] of [
					['GET', ''], ['HEAD', ''], ['PUT', '', {}], ['DELETE', ''], ['PATCH', '', {}, MERGE_PATCH], ['PATCH', '', [], OP],
					['GET', '?version=1'], ['GET', '?at=2999-01-01T00:00:00Z'], ['GET', '?fields=n'], ['GET', '/ops'], ['GET', '/versions'],
					['POST', '/ops', { v: 1, op: [{ p: ['n'], oi: 1 }] }], ['POST', '/restore', { version: 1 }], ['GET', '/presence'],
					['GET', '/grants'], ['PUT', '/grants/ada', { role: 'owner' }], ['DELETE', '/grants/ada'],
				]) {
					const refused = await ada.call(method, `/collections/closed/docs/${id}${at}`, { body, type });
					assert.equal(refused.status, 403, `${method} ${at}: ${refused.status} ${refused.text}`);
					assert.doesNotMatch(refused.text + JSON.stringify(refused.headers), /hidden/);
					assert.equal(refused.etag, undefined);
				}
			assert.equal((await ada.get('/collections/closed/docs')).status, 403);
			assert.equal((await ada.post('/collections/closed/query', {})).status, 403);
			const bulk = await ada.post('/bulk', { gets: [{ collection: 'closed', id: 'secret' }] });
			assert.equal(bulk.json.results[0].status, 403);
			const batch = await ada.post('/batch', { writes: [{ collection: 'closed', id: 'secret', method: 'PUT', body: 1, key: 'k' }] });
			assert.equal(batch.json.results[0].status, 403);
			assert.deepEqual((await keeper.get('/collections/closed/docs/secret')).json, { n: 'hidden' });
			assert.equal((await keeper.get('/collections/closed/docs/none')).status, 404);
		});

		test('a projection shows its fields, and nothing that is beside the document', async () => {
			const keeper = as('keeper');
			const at = (name) => `/collections/${name}/docs/book`;
			await keeper.put(at('closed'), { title: 'On otters', body: 'hidden' });
			await keeper.patch(at('closed'), { body: 'hidden too' }, MERGE_PATCH);
			assert.deepEqual((await keeper.get(at('titles'))).json, { title: 'On otters' });
			assert.deepEqual((await keeper.get(`${at('titles')}?version=1`)).json, { title: 'On otters' });
			const put = await keeper.put(at('titles'), { title: 'Otters' });
			assert.deepEqual([put.status, put.version], [200, 3], put.text);
			assert.deepEqual((await keeper.get(at('closed'))).json, { title: 'Otters', body: 'hidden too' });
			for (const [method, path, body] of [['GET', '/ops'], ['GET', '/versions'], ['GET', '/grants'], ['PUT', '/grants/ada', { role: 'viewer' }]]) {
				const refused = await keeper.call(method, at('titles') + path, { body });
				assert.deepEqual([refused.status, refused.code], [403, 'ERR_OTD_PROJECTION']);
				assert.doesNotMatch(refused.text, /hidden/);
			}
		});

		test('the same key by another link is another request', async () => {
			const keeper = as('keeper'), guest = as(), at = '/collections/notes/docs/linked';
			assert.equal((await keeper.put(at, { n: 0 })).status, 201);
			const made = [];
			for (const role of ['editor', 'editor', 'viewer'])
				made.push((await keeper.post(`${at}/links`, { role })).json.link);
			const edit = (link) => guest.post(`${at}/ops?share=${link}`, { v: 1, op: [{ p: ['n'], na: 1 }] },
				{ 'idempotency-key': '1' });
			const patch = (link) => guest.patch(`${at}?base=1&share=${link}`, [{ p: ['n'], na: 1 }], OP,
				{ 'idempotency-key': '2' });
			for (const write of [edit, patch])
				assert.deepEqual([(await write(made[0])).status, (await write(made[0])).status, (await write(made[1])).status,
					(await write(made[2])).status], [200, 200, 200, 403]);
			assert.deepEqual((await keeper.get(at)).json, { n: 4 });
		});

		test('the bearer of a link cannot sign as another', async () => {
			const keeper = as('keeper'), guest = as(), at = '/collections/notes/docs/signed';
			assert.equal((await keeper.put(at, { n: 0 })).status, 201);
			const [{ src }] = (await keeper.get(`${at}/ops`)).json.ops;
			const add = { v: 1, src, seq: 9, op: [{ p: ['n'], na: 1 }] };
			for (let i = 0; i < 2; i++) {
				const { link } = (await keeper.post(`${at}/links`, { role: 'editor' })).json;
				for (const repeated of [1, 2])
					assert.equal((await guest.post(`${at}/ops?share=${link}`, add)).status, 200, `time ${repeated}`);
			}
			assert.equal((await keeper.post(`${at}/ops`, add)).status, 200);
			assert.deepEqual((await keeper.get(at)).json, { n: 3 });
			const signed = (await keeper.get(`${at}/ops`)).json.ops.map((op) => op.src);
			assert.equal(new Set(signed).size, 4, signed.join(' '));
		});

		test('whose a document is, and an operation', async () => {
			const ada = as('ada', { writer: true }), bob = as('bob', {}, 1);
			const made = await ada.post('/collections/notes/docs', { n: 0 });
			assert.equal(made.status, 201, made.text);
			const at = made.headers.location.slice(3);
			assert.equal((await ada.patch(at, [{ p: ['n'], na: 1 }], OP)).status, 200);
			assert.equal((await bob.get(at)).status, 403);
			assert.equal((await ada.get(`${at}/grants`)).json.owner, 'ada');
			// A grant is known at all nodes within a second or so.
			assert.equal((await ada.put(`${at}/grants/bob`, { role: 'viewer' })).json.role, 'viewer');
			await eventually('bob may read', async () => (await bob.get(at)).status === 200);
			assert.equal((await bob.patch(at, [{ p: ['n'], na: 1 }], OP)).status, 403);
			assert.equal((await bob.get(`${at}/ops`)).status, 403);
			assert.equal((await bob.get(`${at}/grants`)).status, 403);
			await ada.put(`${at}/grants/bob`, { role: 'editor' });
			await eventually('bob may edit', async () => (await bob.patch(at, [{ p: ['n'], na: 1 }], OP)).status === 200);
			const shown = await bob.get(`${at}/ops`);
			assert.equal(shown.status, 200, shown.text);
			assert.deepEqual(shown.json.ops.map(({ author }) => author), ['ada', 'ada', 'bob']);
			const past = await bob.get(`${at}/versions`);
			assert.equal(past.status, 200, past.text);
			assert.deepEqual(past.json.versions.map(({ author }) => author), ['bob', 'ada', 'ada']);
			assert.equal((await ada.get(`${at}/grants`)).json.grants[0].by, 'ada');
			await ada.delete(`${at}/grants/bob`);
			await eventually('bob may no more', async () => (await bob.get(at)).status === 403);
			assert.equal((await ada.delete(at)).status, 200);
		});

		test('who keeps the right notices nothing of its changes', async () => {
			const keeper = as('keeper'), bob = as('bob', {}, 1);
			const at = '/collections/notes/docs/kept';
			await keeper.put(at, { n: 0 });
			await keeper.put(`${at}/grants/bob`, { role: 'editor' });
			await eventually('bob may read', async () => (await bob.get(at)).status === 200);
			let isOver = false;
			const calls = [
				() => bob.get(at),
				() => bob.get(`${at}/ops`),
				() => bob.get('/collections/notes/docs'),
				() => bob.patch(at, [{ p: ['n'], na: 1 }], OP),
			].map(async (call) => {
				const seen = new Set();
				while (!isOver) seen.add((await call()).status);
				return [...seen];
			});
			for (let i = 0; i < 20; i++) await keeper.put(`${at}/grants/bob`, { role: i % 2 ? 'editor' : 'owner' });
			isOver = true;
			for (const seen of await Promise.all(calls)) assert.deepEqual(seen, [200]);
		});

		test('keys and sources belong to who uses them', async () => {
			const ada = as('ada'), keeper = as('keeper');
			const at = '/collections/notes/docs/shared';
			await keeper.put(at, { n: 0 });
			await keeper.put(`${at}/grants/ada`, { role: 'editor' });
			await eventually('ada may edit', async () => (await ada.get(at)).status === 200);
			const add = [{ p: ['n'], na: 1 }];
			for (const [name, who] of [['ada', ada], ['keeper', keeper], ['ada again', ada], ['keeper again', keeper]]) {
				const { status, text } = await who.patch(at, add, OP, { 'idempotency-key': 'the same' });
				assert.equal(status, 200, `${name}: ${text}`);
			}
			assert.deepEqual((await ada.get(at)).json, { n: 2 });
			for (const who of [ada, keeper, ada, keeper])
				assert.equal((await who.post(`${at}/ops`, { v: 3, src: 'service', seq: 1, op: add })).status, 200);
			assert.deepEqual((await ada.get(at)).json, { n: 4 });
		});
	});
