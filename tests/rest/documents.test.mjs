// One document by REST: reading, writing, preconditions, keys.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Api, JSON_PATCH, MERGE_PATCH, OP, TEXT_EDIT, fresh, servers } from './api.mjs';

for (const target of servers)
	describe(`documents with ${target.name}`, () => {
		let server, api, other;
		before(async () => {
			server = await target.start();
			api = new Api(server.urls[0]);
			other = new Api(server.urls.at(-1));	// perhaps another node
		});
		after(() => server?.stop());
		const made = async (content, query = '') => {
			const path = fresh();
			assert.equal((await api.put(path + query, content)).status, 201);
			return path;
		};

		test('put creates, get reads, with validators', async () => {
			const path = fresh();
			const put = await api.put(path, { a: 1, b: ['x', null, 1e21], 'ä': '\ud83d\ude00' });
			assert.equal(put.status, 201);
			assert.equal(put.headers.location, `/v1${path}`);
			assert.equal(put.etag, '"v1"');
			assert.deepEqual(put.json, { collection: 'notes', id: path.split('/').at(-1), version: 1, created: true });
			const got = await other.get(path);
			assert.equal(got.status, 200);
			assert.equal(got.text, '{"a":1,"b":["x",null,1e+21],"ä":"😀"}');
			assert.equal(got.etag, '"v1"');
			assert.equal(got.version, 1);
			assert.equal(got.headers['otd-type'], 'json0');
			assert.equal((await api.get(path, { 'if-none-match': '"v1"' })).status, 304);
			assert.equal((await api.get(path, { 'if-none-match': '"v0"' })).status, 200);
			const head = await api.call('HEAD', path);
			assert.equal(head.status, 200);
			assert.equal(head.text, '');
			assert.equal(head.etag, '"v1"');
		});

		test('put replaces by the smallest edit', async () => {
			const path = await made({ title: 'On otters', body: 'They swim.', tags: ['a', 'b'] });
			const put = await api.put(path, { title: 'On otters', body: 'They swim well.', tags: ['a', 'c', 'b'] });
			assert.equal(put.status, 200);
			assert.equal(put.json.base, 1);
			assert.deepEqual(put.json.op, [{ p: ['body', 9], si: ' well' }, { p: ['tags', 1], li: 'c' }]);
			const again = await api.put(path, { title: 'On otters', body: 'They swim well.', tags: ['a', 'c', 'b'] });
			assert.deepEqual([again.status, again.json.changed, again.version], [200, false, 2]);
		});

		test('a document without content, its root having been removed, gets one again', async () => {
			const path = await made({ a: 1 });
			assert.equal((await api.patch(path, [{ p: [], od: { a: 1 } }], OP)).status, 200);
			assert.equal((await api.patch(path, { replace: 'a', with: 'b' }, TEXT_EDIT)).status, 422);
			const put = await api.put(path, { b: 2 });
			assert.deepEqual([put.status, put.json.op], [200, [{ p: [], oi: { b: 2 } }]]);
			assert.equal((await api.get(path)).text, '{"b":2}');
			const back = await api.post(`${path}/restore`, { version: 2 });
			assert.deepEqual([back.status, back.json.op], [200, [{ p: [], od: { b: 2 } }]]);
		});

		test('types', async () => {
			for (const [type, first, second] of [
				['text-unicode', 'abc', 'abXc'], ['text', 'abc', 'bc'], ['text0', 'abc', 'abcd'], ['json1', { a: 1 }, { a: 2, b: 'x' }],
				['rich-text', [{ insert: 'hello' }], [{ insert: 'hello ' }, { insert: 'you', attributes: { bold: true } }]],
			]) {
				const path = await made(first, `?type=${type}`);
				assert.equal((await api.put(path, second)).status, 200, type);
				const got = await other.get(path);
				assert.equal(got.headers['otd-type'], type);
				const content = type === 'rich-text' ? got.json.ops ?? got.json : got.json;
				assert.deepEqual(content, second, type);
				const clash = await api.put(`${path}?type=json0`, {});
				assert.deepEqual([clash.status, clash.code], [409, 'ERR_OTD_TYPE_MISMATCH']);
			}
			const plain = await made('x', '?type=text');
			assert.equal((await api.call('PUT', plain, { body: 'käse "x"', type: 'text/plain; charset=utf-8' })).status, 200);
			assert.equal((await api.get(plain)).json, 'käse "x"');
			const unknown = await api.put(`${fresh()}?type=cobol`, {});
			assert.deepEqual([unknown.status, unknown.code], [422, 'ERR_DOC_TYPE_NOT_RECOGNIZED']);
		});

		test('post chooses an id, the same for the same key', async () => {
			const post = await api.post('/collections/notes/docs', { x: 1 }, { 'idempotency-key': `p${process.pid}` });
			assert.equal(post.status, 201);
			assert.deepEqual((await api.get(post.headers.location.slice(3))).json, { x: 1 });
			const again = await other.post('/collections/notes/docs', { x: 1 }, { 'idempotency-key': `p${process.pid}` });
			assert.deepEqual([again.status, again.headers.location, again.headers['idempotency-replayed']],
				[201, post.headers.location, 'true']);
			const third = await api.post('/collections/notes/docs', { x: 1 });
			assert.notEqual(third.headers.location, post.headers.location);
		});

		test('delete, and what is not there', async () => {
			const path = await made({ x: 1 });
			const gone = await api.delete(path);
			assert.deepEqual([gone.status, gone.version, gone.json.deleted], [200, 2, true]);
			const got = await other.get(path);
			assert.deepEqual([got.status, got.code, got.json.version], [404, 'ERR_DOC_DOES_NOT_EXIST', 2]);
			assert.equal((await api.delete(path)).status, 404);
			assert.equal((await api.patch(path, {}, MERGE_PATCH)).status, 404);
			const put = await api.put(path, { x: 2 });
			assert.deepEqual([put.status, put.version], [201, 3]);
		});

		test('preconditions', async () => {
			const path = await made({ n: 0 });
			assert.equal((await api.put(path, { n: 1 }, { 'if-match': '"v1"' })).status, 200);
			const late = await other.put(path, { n: 2 }, { 'if-match': '"v1"' });
			assert.deepEqual([late.status, late.code, late.json.version], [412, 'ERR_OTD_VERSION_MISMATCH', 2]);
			assert.equal((await api.put(path, { n: 2 }, { 'if-match': 'W/"v2"' })).status, 412);	// weak never matches
			assert.equal((await api.put(path, { n: 2 }, { 'if-match': '*' })).status, 200);
			assert.equal((await api.put(path, { n: 3 }, { 'if-none-match': '*' })).status, 412);
			assert.equal((await api.put(fresh(), { n: 3 }, { 'if-match': '*' })).status, 412);
			assert.equal((await api.put(fresh(), { n: 3 }, { 'if-none-match': '*' })).status, 201);
			assert.equal((await api.put(path, { n: 3 }, { 'if-match': 'v3' })).status, 400);
			assert.equal((await api.delete(path, { 'if-match': '"v1"' })).status, 412);
			assert.equal((await api.delete(path, { 'if-match': '"v3"' })).status, 200);
		});

		test('of many who insist on one version, one wins', async () => {
			const path = await made({ n: 0 });
			const all = await Promise.all(Array.from({ length: 20 }, (_, i) =>
				(i % 2 ? api : other).put(path, { n: i + 1 }, { 'if-match': '"v1"' })));
			assert.deepEqual(all.map(({ status }) => status).sort(), [200, ...Array(19).fill(412)]);
			assert.equal((await api.get(path)).version, 2);
		});

		test('a base merges what happened since', async () => {
			const path = await made({ a: 'one two three', b: 1 });
			await api.put(path, { a: 'one 2 three', b: 1 });
			const merged = await other.put(`${path}?base=1`, { a: 'one two three four', b: 1 });
			assert.deepEqual([merged.status, merged.json.base, merged.version], [200, 1, 3]);
			assert.equal(merged.etag, undefined);		// it is not what was put
			assert.deepEqual((await api.get(path)).json, { a: 'one 2 three four', b: 1 });
			const key = { 'idempotency-key': 'merged' };
			const texts = [];
			for (const node of [api, other]) {
				const kept = await node.put(`${path}?base=1`, { a: 'one two', b: 1 }, key);
				assert.deepEqual([kept.status, kept.etag], [200, undefined]);	// nor is it when told again
				texts.push(kept.text);
			}
			assert.equal(texts[0], texts[1]);
			assert.equal((await api.put(`${path}?base=9`, {})).status, 409);
			assert.equal((await api.put(`${path}?base=1`, {}, { 'if-match': '"v1"' })).status, 400);
		});

		test('patches', async () => {
			const path = await made({ title: 'a', list: [1, 2], text: 'the colour of the sea' });
			const patch = await api.patch(path, [
				{ op: 'test', path: '/title', value: 'a' }, { op: 'add', path: '/list/1', value: 9 }, { op: 'remove', path: '/title' },
			], JSON_PATCH);
			assert.equal(patch.status, 200);
			const merge = await api.patch(path, { list: [1, 9, 2, 3], new: { x: null, y: 1 } }, MERGE_PATCH);
			assert.equal(merge.status, 200);
			assert.deepEqual(merge.json.op.map(({ p }) => p[0]).sort(), ['list', 'new']);
			const op = await api.patch(path, [{ p: ['list', 0], na: 4 }], OP);
			assert.deepEqual(op.json.op, [{ p: ['list', 0], na: 4 }]);
			const edit = await api.patch(path, { at: '/text', replace: 'colour', with: 'color', before: 'the ' }, TEXT_EDIT);
			assert.equal(edit.status, 200, edit.text);
			assert.deepEqual((await other.get(path)).json, { list: [5, 9, 2, 3], text: 'the color of the sea', new: { y: 1 } });
			const failed = await api.patch(path, [{ op: 'test', path: '/list', value: 0 }], JSON_PATCH);
			assert.equal(failed.status, 409);
			for (const [body, type, status] of [
				[{}, JSON_PATCH, 400], [[{ op: 'fly' }], JSON_PATCH, 400], [[{ op: 'remove', path: '/none' }], JSON_PATCH, 422],
				[{ at: '/text', replace: 'nowhere' }, TEXT_EDIT, 422], [{ replace: 1 }, TEXT_EDIT, 400], [{ p: 1 }, OP, 400],
				[{}, 'application/json', 415],
			]) {
				const refused = await api.patch(path, body, type);
				assert.equal(refused.status, status, `${type} ${JSON.stringify(body)}: ${refused.text}`);
				if (status === 415) assert.match(refused.headers['accept-patch'], /merge-patch/);
			}
			assert.equal((await api.get(path)).version, 5);
		});

		test('patches are made for their base', async () => {
			const path = await made('one two three', '?type=text-unicode');
			await api.put(path, 'zero one two three');
			const edit = await other.patch(`${path}?base=1`, [8, 'x', { d: 1 }], OP);
			assert.equal(edit.status, 200, edit.text);
			assert.equal((await api.get(path)).json, 'zero one two xhree');
			const quoted = await api.patch(`${path}?base=2`, { replace: 'zero ', with: '' }, TEXT_EDIT);
			assert.equal(quoted.status, 200, quoted.text);
			assert.equal((await api.get(path)).json, 'one two xhree');
		});

		test('what was', async () => {
			const path = await made({ n: 1 });
			const between = Date.now();
			await new Promise((done) => { setTimeout(done, 20); });
			await api.put(path, { n: 2 });
			assert.deepEqual((await other.get(`${path}?version=1`)).json, { n: 1 });
			assert.equal((await other.get(`${path}?version=1`)).etag, '"v1"');
			assert.deepEqual((await api.get(`${path}?at=${between + 10}`)).json, { n: 1 });
			assert.deepEqual((await api.get(`${path}?at=2999-01-01T00:00:00Z`)).json, { n: 2 });
			assert.equal((await api.get(`${path}?version=9`)).status, 409);
		});

		test('fields', async () => {
			const path = await made({ a: 1, b: { c: 2 }, d: 3 });
			assert.equal((await api.get(`${path}?fields=b,a,z`)).text, '{"a":1,"b":{"c":2}}');
		});

		test('names', async () => {
			for (const [id, written] of [['a b', 'a%20b'], ['x/y', 'x/y'], ['x/z', 'x%2Fz'], ['a//b', '~YS8vYg'], ['..', '~Li4'], ['~', '~fg'],
				['50%', '50%25'], ['ä?#', '%C3%A4%3F%23']]) {
				const put = await api.put(`/collections/odd/docs/${written}`, { id });
				assert.equal(put.status, 201, id);
				assert.equal(put.json.id, id);
				assert.deepEqual((await other.get(put.headers.location.slice(3))).json, { id });
			}
			for (const written of ['~', '~Y', '~AA', '__proto__'])
				assert.equal((await api.put(`/collections/odd/docs/${written}`, {})).status, 400, written);
		});

		test('a key is carried out once', async () => {
			const path = await made({ n: 0 });
			const key = { 'idempotency-key': 'k 1' };
			const op = [{ p: ['n'], na: 1 }];
			const first = await api.patch(path, op, OP, key);
			assert.equal(first.headers['idempotency-replayed'], undefined);
			for (const node of [api, other]) {
				const again = await node.patch(path, op, OP, key);
				assert.equal(again.headers['idempotency-replayed'], 'true');
				assert.deepEqual([again.status, again.text, again.etag], [first.status, first.text, first.etag]);
			}
			const changed = await other.patch(path, [{ p: ['n'], na: 2 }], OP, key);
			assert.deepEqual([changed.status, changed.code], [422, 'ERR_OTD_IDEMPOTENCY_KEY_REUSED']);
			assert.deepEqual((await api.get(path)).json, { n: 1 });
			assert.equal((await api.patch(path, op, OP, { 'idempotency-key': '' })).status, 400);
			assert.equal((await api.patch(path, op, OP, { 'idempotency-key': 'x'.repeat(256) })).status, 400);
			// The same key for another document is another key.
			const second = await made({ n: 0 });
			assert.equal((await api.patch(second, op, OP, key)).headers['idempotency-replayed'], undefined);
		});

		if (target.name === 'pair') test('a key whose answer was lost is known by its op', async () => {
			const path = await made({ n: 0 });
			const op = [{ p: ['n'], na: 1 }];
			const key = { 'idempotency-key': 'lost' };
			await api.patch(path, op, OP, key);
			await server.pg.sql('DELETE FROM otd.once', server.store.split('/').at(-1));
			const again = await other.patch(path, op, OP, key);
			assert.deepEqual([again.status, again.headers['idempotency-replayed'], again.version], [200, 'true', 2]);
			assert.deepEqual((await api.get(path)).json, { n: 1 });
		});

		test('what failed may be tried again by its key', async () => {
			const path = fresh();
			const key = { 'idempotency-key': 'early' };
			assert.equal((await api.patch(path, { a: 1 }, MERGE_PATCH, key)).status, 404);
			await api.put(path, {});
			assert.equal((await api.patch(path, { a: 1 }, MERGE_PATCH, key)).status, 200);
		});

		test('keys at the same time', async () => {
			const path = await made({ n: 0 });
			const all = await Promise.all(Array.from({ length: 20 }, (_, i) =>
				(i % 2 ? api : other).patch(path, [{ p: ['n'], na: 1 }], OP, { 'idempotency-key': 'one' })));
			for (const { status, code } of all.filter((a) => a.status !== 200))
				assert.deepEqual([status, code], [409, 'ERR_OTD_IDEMPOTENCY_KEY_IN_USE']);
			assert.deepEqual((await api.get(path)).json, { n: 1 });
			assert.deepEqual(new Set(all.filter((a) => a.status === 200).map((a) => a.version)), new Set([2]));
		});

		test('preferences', async () => {
			const path = fresh();
			const minimal = await api.put(path, { a: 1 }, { prefer: 'return=minimal' });
			assert.deepEqual([minimal.status, minimal.text, minimal.version, minimal.headers['preference-applied']],
				[201, '', 1, 'return=minimal']);
			assert.equal((await api.put(path, { a: 2 }, { prefer: 'return=minimal' })).status, 204);
			const whole = await api.put(path, { a: 3 }, { prefer: 'respond-async, return=representation' });
			assert.deepEqual([whole.status, whole.json, whole.etag], [200, { a: 3 }, '"v3"']);
		});

		test('refusals', async () => {
			const path = await made({});
			for (const [method, at, options, status] of [
				['PUT', path, { body: '{' }, 400], ['PUT', path, { body: '{} x' }, 400], ['PUT', path, { body: '' }, 400],
				['PUT', path, { body: '{}', type: 'text/html' }, 415], ['PUT', path, { body: Buffer.from([0xff]), type: 'text/plain' }, 400],
				['PUT', `${path}?what=1`, { body: '{}' }, 400], ['PUT', `${path}?base=x`, { body: '{}' }, 400],
				['POST', path, { body: '{}' }, 405], ['PUT', '/collections/notes/docs', { body: '{}' }, 405],
				['GET', '/nothing', {}, 404], ['PUT', path, { body: `${'['.repeat(600)}${']'.repeat(600)}` }, 400],
				['PUT', `/collections/notes/docs/${'x'.repeat(1100)}`, { body: '{}' }, 400],
			]) {
				const refused = await api.call(method, at, options);
				assert.equal(refused.status, status, `${method} ${at.slice(0, 60)} ${JSON.stringify(options).slice(0, 60)}: ${refused.text}`);
				assert.equal(refused.headers['content-type'], 'application/problem+json');
				assert.equal(refused.json.status, status);
				if (status === 405) assert.match(refused.headers.allow, /GET/);
			}
			const options = await api.call('OPTIONS', path);
			assert.deepEqual([options.status, options.headers.allow], [204, 'GET, HEAD, PUT, PATCH, DELETE, OPTIONS']);
		});
	});
