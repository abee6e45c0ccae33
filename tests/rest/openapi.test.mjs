// schema/openapi.yaml: a good description, which a server hands out, and each of its answers is given.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import YAML from 'yaml';
import { SECRET, bearer, token } from '../auth/client.mjs';
import { Otd } from '../lib/otd.mjs';
import { build, root, temporaryFolder } from '../lib/paths.mjs';
import { Program } from '../lib/process.mjs';
import { Api, JSON_PATCH, MERGE_PATCH } from './api.mjs';
import { describe as described, description, operations } from './described.mjs';

const text = fs.readFileSync(path.join(root, 'schema/openapi.yaml'), 'utf8');

test('the reader of a build reads it as any reader of YAML does', () => {
	assert.deepEqual(description, YAML.parse(text));
});

test('it is OpenAPI 3.1', async () => {
	const { valid, errors } = await new Validator().validate(YAML.parse(text));
	assert.ok(valid, JSON.stringify(errors));
});

test('every part is used', () => {
	for (const [kind, parts] of Object.entries(description.components))
		for (const name of Object.keys(parts))
			assert.ok(kind === 'securitySchemes' ? description.security.some((way) => name in way) :
				text.includes(`"#/components/${kind}/${name}"`), `${kind}/${name}`);
});

const PASSWORD = 'correct horse';
const policy = path.join(temporaryFolder('openapi'), 'rules.json');
fs.writeFileSync(policy, JSON.stringify({ grants: ['notes'], rules: [{ name: 'admins', who: { roles: ['admin'] }, allow: '*' }] }));
const settings = { collections: { notes: { queries: true, events: true } } };
const users = ['--auth', 'jwt', '--users', 'on', '--policy', policy, '--password-memory', '64K', '--password-passes', '1'];

// The beginning of a stream, as an answer.
function begin(api, at, headers) {
	return new Promise((done, fail) => {
		const request = http.get(`${api.base}/v1${at}`, { headers, agent: false }, (answer) => {
			answer.once('data', (chunk) => {
				request.destroy();
				try {
					done(described({ method: 'GET', url: `/v1${at}`, status: answer.statusCode, headers: answer.headers, text: chunk.toString() }));
				} catch (error) { fail(error); }
			});
		});
		request.on('error', fail);
	});
}

describe('each answer that is described', () => {
	let otd, plain, receiver, headers, json;
	const given = new Set();

	before(async () => {
		otd = await Otd.start({ args: [...users, '--events', 'on', '--webhook-inside', 'on'], config: settings });
		plain = await Otd.start({ args: ['--auth', 'jwt', '--policy', policy], env: { OTD_JWT_SECRET: SECRET } });
		const added = new Program(`${build}/otd`, ['user', 'add', 'root', '--role', 'admin', '--store', otd.store,
			'--password-memory', '64K', '--password-passes', '1'], { stdio: ['pipe', 'pipe', 'pipe'] });
		added.child.stdin.end(`${PASSWORD}\n`);
		assert.equal((await added.ended).code, 0, added.said());
		receiver = http.createServer((request, answer) => answer.end()).listen(0, '127.0.0.1');
		await gives('login_make 200', 'POST', '/login', { name: 'root', password: PASSWORD });
		headers = { authorization: `Bearer ${json.access_token}` };
	});
	after(async () => {
		receiver?.close();
		await otd?.stop();
		await plain?.stop();
	});

	// Ask; the answer must be this one.  What it holds is in json.
	async function gives(what, method, at, body, { type, headers: more } = {}) {
		const asking = new Api(otd.url);
		const answer = await asking.call(method, at, { body: typeof body === 'string' || body === undefined ? body : JSON.stringify(body),
			type, headers: { ...headers, ...more } });
		assert.deepEqual([...asking.seen], [what], `${method} ${at}: ${answer.text}`);
		given.add(what);
		json = answer.text && answer.headers['content-type']?.includes('json') ? answer.json : undefined;
		return answer;
	}
	const minimal = { headers: { prefer: 'return=minimal' } };
	const other = { headers: { 'if-match': '"v99"' } };
	const doc = '/collections/notes/docs/d';

	test('documents', async () => {
		await gives('docs_put 201', 'PUT', doc, { a: 1, s: 'one two' });
		await gives('docs_put 200', 'PUT', doc, { a: 2, s: 'one two' });
		await gives('docs_put 204', 'PUT', doc, { a: 3, s: 'one two' }, minimal);
		await gives('docs_put 409', 'PUT', `${doc}?type=text`, '"text"');
		await gives('docs_put 412', 'PUT', doc, {}, other);
		await gives('docs_put 422', 'PUT', '/collections/notes/docs/odd?type=nope', '"text"');
		await gives('docs_get 200', 'GET', doc);
		await gives('docs_get 304', 'GET', doc, undefined, { headers: { 'if-none-match': '"v3"' } });
		await gives('docs_get 404', 'GET', `${doc}none`);
		await gives('docs_get 409', 'GET', `${doc}?version=99`);
		await gives('docs_patch 200', 'PATCH', doc, { a: 4 }, { type: MERGE_PATCH });
		await gives('docs_patch 204', 'PATCH', doc, { a: 5 }, { type: MERGE_PATCH, ...minimal });
		await gives('docs_patch 404', 'PATCH', `${doc}none`, { a: 4 }, { type: MERGE_PATCH });
		await gives('docs_patch 409', 'PATCH', `${doc}?base=99`, { a: 4 }, { type: MERGE_PATCH });
		await gives('docs_patch 412', 'PATCH', doc, { a: 4 }, { type: MERGE_PATCH, ...other });
		await gives('docs_patch 422', 'PATCH', doc, [{ op: 'remove', path: '/none' }], { type: JSON_PATCH });
		await gives('ops_post 200', 'POST', `${doc}/ops`, { v: 5, op: [{ p: ['a'], od: 5, oi: 6 }] });
		await gives('ops_post 404', 'POST', `${doc}none/ops`, { v: 0, op: [{ p: ['a'], oi: 6 }] });
		await gives('ops_post 409', 'POST', `${doc}/ops`, { v: 99, op: [{ p: ['a'], oi: 6 }] });
		await gives('ops_post 422', 'POST', `${doc}/ops`, { v: 6, op: [{ p: ['none', 'x'], oi: 6 }] });
		await gives('ops_get 200', 'GET', `${doc}/ops?limit=2`);
		await gives('ops_get 404', 'GET', `${doc}none/ops`);
		await gives('versions_get 200', 'GET', `${doc}/versions?limit=2`);
		await gives('versions_get 404', 'GET', `${doc}none/versions`);
		await gives('versions_restore 200', 'POST', `${doc}/restore`, { version: 1 });
		await gives('versions_restore 204', 'POST', `${doc}/restore`, { version: 2 }, minimal);
		await gives('versions_restore 404', 'POST', `${doc}none/restore`, { version: 0 });
		await gives('versions_restore 409', 'POST', `${doc}/restore`, { version: 99 });
		await gives('versions_restore 412', 'POST', `${doc}/restore`, { version: 1 }, other);
		await gives('presence_get 200', 'GET', `${doc}/presence`);
		await gives('docs_delete 412', 'DELETE', doc, undefined, other);
		await gives('docs_delete 200', 'DELETE', doc);
		await gives('docs_delete 404', 'DELETE', doc);
		await gives('versions_restore 201', 'POST', `${doc}/restore`, { version: 1 });
		await gives('docs_delete 204', 'DELETE', doc, undefined, minimal);
		await gives('docs_post 201', 'POST', '/collections/notes/docs', { new: true });
		await gives('docs_post 422', 'POST', '/collections/notes/docs?type=nope', '"text"');
		await gives('query_get 200', 'GET', '/collections/notes/docs?limit=1');
		await gives('query_post 200', 'POST', '/collections/notes/query', { filter: { new: true }, fields: ['new'] });
		await gives('bulk_post 200', 'POST', '/bulk', { gets: [{ collection: 'notes', id: 'd' }, { collection: 'notes', id: 'x' }] });
		await gives('batch_post 200', 'POST', '/batch', { writes: [{ method: 'PUT', collection: 'notes', id: 'x', body: {} },
			{ method: 'DELETE', collection: 'notes', id: 'none' }] });
	});

	test('who is let in', async () => {
		await gives('whoami_get 200', 'GET', '/whoami');
		await gives('tickets_make 201', 'POST', '/tickets');
		await gives('grants_put 200', 'PUT', '/collections/notes/docs/x/grants/ann', { role: 'editor', expires_in: 60 });
		await gives('grants_get 200', 'GET', '/collections/notes/docs/x/grants');
		await gives('grants_delete 204', 'DELETE', '/collections/notes/docs/x/grants/ann');
		await gives('grants_delete 404', 'DELETE', '/collections/notes/docs/x/grants/ann');
		await gives('links_make 201', 'POST', '/collections/notes/docs/x/links', { role: 'viewer' });
		const { link } = json;
		await gives('links_list 200', 'GET', '/collections/notes/docs/x/links');
		await gives('links_drop 204', 'DELETE', `/collections/notes/docs/x/links/${link}`);
		await gives('links_drop 404', 'DELETE', `/collections/notes/docs/x/links/${link}`);
		await gives('revocations_make 201', 'POST', '/revocations', { jti: 'gone', expires_in: 60 });
		await gives('revocations_list 200', 'GET', '/revocations');
		await gives('revocations_drop 204', 'DELETE', '/revocations?jti=gone');
		await gives('revocations_drop 404', 'DELETE', '/revocations?jti=gone');
	});

	test('users', async () => {
		await gives('users_make 201', 'POST', '/users', { name: 'ann', password: PASSWORD, roles: ['editor'] });
		const { subject } = json;
		await gives('users_make 409', 'POST', '/users', { name: 'ann', password: PASSWORD });
		await gives('users_list 200', 'GET', '/users?limit=1');
		for (const [method, name, body] of [['GET', 'users_get'], ['PATCH', 'users_change', { roles: [] }]]) {
			await gives(`${name} 200`, method, `/users/${subject}`, body);
			await gives(`${name} 404`, method, '/users/none', body);
		}
		await gives('users_profile 200', 'GET', `/users/${subject}/profile`);
		await gives('users_profile 404', 'GET', '/users/none/profile');
		await gives('profile_get 200', 'GET', '/profile');
		await gives('profile_change 200', 'PATCH', '/profile', { display_name: 'Root', colour: null });
		await gives('invitations_make 201', 'POST', '/invitations', { roles: ['editor'] });
		const mine = headers;
		headers = {};
		await gives('login_make 200', 'POST', '/login', { name: 'ann', password: PASSWORD });
		await gives('token_renew 200', 'POST', '/token', { refresh_token: json.refresh_token });
		headers = { authorization: `Bearer ${json.access_token}` };
		await gives('password_change 200', 'POST', '/password', { old_password: PASSWORD, new_password: `${PASSWORD} 2` });
		headers = { authorization: `Bearer ${json.access_token}` };
		await gives('logout_make 204', 'POST', '/logout', { refresh_token: json.refresh_token });
		headers = mine;
		await gives('users_remove 204', 'DELETE', `/users/${subject}`);
		await gives('users_remove 404', 'DELETE', `/users/${subject}`);
	});

	test('events', async () => {
		for (const [what, at] of [['docs_events 200', '/collections/notes/docs/x/events'], ['collections_events 200', '/collections/notes/events']]) {
			assert.equal(await begin(new Api(otd.url), at, headers), what);
			given.add(what);
		}
		const url = `http://127.0.0.1:${receiver.address().port}/`;
		await gives('hooks_make 201', 'POST', '/hooks', { url, collections: ['notes'] });
		const hook = `/hooks/${json.id}`;
		await gives('hooks_list 200', 'GET', '/hooks');
		for (const at of [hook, '/hooks/none']) {
			const status = at === hook ? 200 : 404;
			await gives(`hooks_get ${status}`, 'GET', at);
			await gives(`hooks_change ${status}`, 'PATCH', at, { disabled: false });
			await gives(`hooks_rotate ${status}`, 'POST', `${at}/rotate`);
			await gives(`hooks_test ${status}`, 'POST', `${at}/test`);
		}
		await gives('hooks_dead 200', 'GET', `${hook}/dead?limit=1`);
		await gives('hooks_replay 202', 'POST', `${hook}/replay`);
		await gives('hooks_drop 204', 'DELETE', hook);
		await gives('hooks_drop 404', 'DELETE', hook);
	});

	// A path of the operation; names in it are those of nothing.
	const pathOf = (operation) => operation.path.replace('/v1', '').replace('{collection}', 'notes').replace(/\{\w+\}/g, 'none');

	test('requests that are not as they have to be', async () => {
		for (const operation of operations) {
			const content = Object.keys(operation.requestBody?.$ref ? { 'application/json': 0 } : operation.requestBody?.content ?? {})[0];
			const body = content && '{}';
			if (operation.responses[400])
				await gives(`${operation.operationId} 400`, operation.method, `${pathOf(operation)}?nope=1`, body, { type: content });
			if (operation.responses[415])
				await gives(`${operation.operationId} 415`, operation.method, pathOf(operation), 'a,b', { type: 'text/csv' });
		}
	});

	test('the user service, where there is none', async () => {
		for (const operation of operations.filter(({ tags }) => tags.includes('users'))) {
			const asking = new Api(plain.url);
			await asking.call(operation.method, pathOf(operation), { body: operation.requestBody && '{}', headers: bearer(token('ann')) });
			for (const what of asking.seen) given.add(what);
		}
	});

	test('is given', () => {
		const all = operations.flatMap(({ operationId, responses }) =>
			Object.keys(responses).filter((status) => status !== 'default').map((status) => `${operationId} ${status}`));
		assert.deepEqual([...given].filter((what) => !what.endsWith(' default')).sort(), all.sort());
	});

	test('a server hands the description out', async () => {
		const answer = await fetch(`${otd.url}openapi.json`);
		assert.equal(answer.headers.get('content-type'), 'application/json');
		assert.deepEqual(await answer.json(), description);
	});
});
