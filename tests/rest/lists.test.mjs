// Operations, versions, queries, bulk, batch and grants by REST.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Otd, otd } from '../lib/otd.mjs';
import { temporaryFolder } from '../lib/paths.mjs';
import { Api, OP, fresh, servers } from './api.mjs';

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const next = (answer) => /^<(\?[^>]+)>; rel="next"$/.exec(answer.headers.link ?? '')?.[1];

for (const target of servers)
	describe(`lists with ${target.name}`, () => {
		let server, api, other;
		before(async () => {
			server = await target.start();
			api = new Api(server.urls[0]);
			other = new Api(server.urls.at(-1));
		});
		after(() => server?.stop());

		const counted = async (n) => {
			const path = fresh();
			await api.put(path, { n: 0 });
			for (let i = 0; i < n; i++) await api.patch(path, [{ p: ['n'], na: 1 }], OP);
			return path;
		};

		test('ops come with who and when, in pages', async () => {
			const path = await counted(5);
			const all = await other.get(`${path}/ops`);
			assert.equal(all.status, 200, all.text);
			assert.deepEqual(all.json.ops.map(({ v }) => v), [0, 1, 2, 3, 4, 5]);
			assert.deepEqual(all.json.ops[0].create, { type: 'http://sharejs.org/types/JSONv0', data: { n: 0 } });
			assert.deepEqual(all.json.ops[5].op, [{ p: ['n'], na: 1 }]);
			for (const op of all.json.ops) assert.match(op.at, ISO);
			assert.equal(all.json.next, undefined);
			let page = await api.get(`${path}/ops?limit=2&from=1`);
			const seen = [];
			for (; ; page = await api.get(`${path}/ops${next(page)}`)) {
				seen.push(...page.json.ops.map(({ v }) => v));
				assert.equal(page.json.next, next(page) && seen.at(-1) + 1);
				if (!next(page)) break;
			}
			assert.deepEqual(seen, [1, 2, 3, 4, 5]);
			assert.deepEqual((await api.get(`${path}/ops?from=6`)).json, { ops: [] });
			assert.equal((await api.get(`${fresh()}/ops`)).status, 404);
			assert.equal((await api.get(`${path}/ops?limit=0`)).status, 400);
			await api.delete(path);
			assert.equal((await api.get(`${path}/ops?from=6`)).json.ops[0].del, true);
		});

		test('ops come as lines, however many', async () => {
			const path = fresh();
			await api.put(path, { n: 0 });
			const ops = Array.from({ length: 100 }, (_, i) => ({ v: i + 1, op: [{ p: ['n'], na: 1 }] }));
			for (let i = 0; i < 5; i++) {
				const said = await api.post(`${path}/ops`, ops.map((op) => ({ ...op, v: op.v + 100 * i })));
				assert.equal(said.status, 200, said.text);
			}
			const lines = await other.get(`${path}/ops`, { accept: 'application/x-ndjson' });
			assert.equal(lines.headers['content-type'], 'application/x-ndjson');
			assert.deepEqual(lines.lines.map(({ v }) => v), Array.from({ length: 501 }, (_, i) => i));
		});

		test('ops are said', async () => {
			const path = fresh();
			const created = await api.post(`${path}/ops`, { v: 0, create: { type: 'text-unicode', data: 'abc' } });
			assert.deepEqual([created.status, created.json, created.etag], [200, { version: 1 }, '"v1"']);
			const some = await other.post(`${path}/ops`, [{ v: 1, op: ['x'] }, { v: 1, op: [3, 'y'] }, { v: 1, op: [99, 'z'] }]);
			assert.deepEqual(some.json.results.map(({ status, version }) => [status, version]), [[200, 2], [200, 3], [422, undefined]]);
			assert.equal((await api.get(path)).json, 'xabcy');
			for (const body of [{}, [], { v: 1 }, { v: -1, op: [] }, { v: 1, op: [], del: true }, { v: 1, op: ['x'], src: 'a' },
				{ v: 1, op: ['x'], src: 'once:x', seq: 1 }, 7, [7]])
				assert.equal((await api.post(`${path}/ops`, body)).status, 400, JSON.stringify(body));
			assert.equal((await api.post(`${path}/ops`, { v: 99, op: ['x'] })).status, 409);
		});

		test('an op of a service is taken once', async () => {
			const path = await counted(0);
			const op = { v: 1, src: 'importer-1', seq: 1, op: [{ p: ['n'], na: 1 }] };
			for (const node of [api, other, api])
				assert.deepEqual((await node.post(`${path}/ops`, op)).json, { version: 2 });
			const key = { 'idempotency-key': 'k' };
			const list = [1, 2].map(() => ({ v: 1, op: [{ p: ['n'], na: 10 }] }));
			const first = await api.post(`${path}/ops`, list, key);
			const again = await other.post(`${path}/ops`, list, key);
			assert.deepEqual([again.text, again.headers['idempotency-replayed']], [first.text, 'true']);
			assert.equal((await other.post(`${path}/ops`, list[0], key)).status, 422);
			assert.deepEqual((await api.get(path)).json, { n: 21 });
		});

		test('ops of which some were refused may be said again', async () => {
			const path = await counted(0);
			const key = { 'idempotency-key': 'k' };
			const list = [{ v: 1, op: [{ p: ['n'], na: 1 }] }, { v: 2, op: [{ p: ['m'], oi: 1 }] }];
			const first = await api.post(`${path}/ops`, [list[0], { ...list[1], v: 3 }], key);
			assert.deepEqual(first.json.results.map(({ status }) => status), [200, 409]);
			await api.patch(path, [{ p: ['n'], na: 10 }], OP);
			const again = await other.post(`${path}/ops`, [list[0], { ...list[1], v: 3 }], key);
			assert.equal(again.headers['idempotency-replayed'], undefined);
			assert.deepEqual(again.json.results.map(({ status, version }) => [status, version]), [[200, 2], [200, 4]]);
			assert.deepEqual((await api.get(path)).json, { n: 11, m: 1 });
		});

		test('versions, newest first; and back to one of them', async () => {
			const path = await counted(3);
			const all = await other.get(`${path}/versions`);
			assert.equal(all.status, 200, all.text);
			assert.deepEqual(all.json.versions.map(({ version, kind }) => [version, kind]),
				[[4, 'edited'], [3, 'edited'], [2, 'edited'], [1, 'created']]);
			for (const version of all.json.versions) assert.match(version.at, ISO);
			const page = await api.get(`${path}/versions?limit=2`);
			assert.deepEqual(page.json.versions.map(({ version }) => version), [4, 3]);
			const rest = await api.get(`${path}/versions${next(page)}`);
			assert.deepEqual(rest.json.versions.map(({ version }) => version), [2, 1]);
			assert.equal((await api.get(`${fresh()}/versions`)).status, 404);
			const back = await api.post(`${path}/restore`, { version: 2 });
			assert.deepEqual([back.status, back.version], [200, 5]);
			assert.deepEqual((await api.get(path)).json, { n: 1 });
			assert.equal((await api.post(`${path}/restore`, { at: all.json.versions[3].at, version: 2 })).status, 400);
			assert.equal((await api.post(`${path}/restore`, {})).status, 400);
			assert.equal((await api.post(`${path}/restore`, { version: 99 })).status, 409);
			await api.delete(path);
			const revived = await api.post(`${path}/restore`, { version: 4 });
			assert.deepEqual([revived.status, (await api.get(path)).json], [201, { n: 3 }]);
			const again = await api.post(`${path}/restore`, { at: new Date().toISOString() });
			assert.deepEqual([again.status, again.json.changed], [200, false]);
		});

		test('queries', async () => {
			const collection = `q${process.pid}`;
			const docs = `/collections/${collection}/docs`;
			for (let i = 0; i < 7; i++) await api.put(`${docs}/d${i}`, { n: i, kind: i % 2 ? 'odd' : 'even', more: 'x' });
			const found = await other.get(`${docs}?filter=${encodeURIComponent('{"kind":"odd"}')}&fields=n`);
			assert.equal(found.status, 200, found.text);
			assert.deepEqual(found.json.docs, [1, 3, 5].map((n) => ({ id: `d${n}`, version: 1, type: 'json0', data: { n } })));
			const walk = async (first) => {
				const ids = [];
				let page = await api.get(`${docs}${first}`);
				for (; ; page = await api.get(`${docs}${next(page)}`)) {
					ids.push(...page.json.docs.map(({ id }) => id));
					if (!next(page)) return ids;
				}
			};
			assert.deepEqual(await walk('?limit=2'), ['d0', 'd1', 'd2', 'd3', 'd4', 'd5', 'd6']);
			assert.deepEqual(await walk(`?limit=2&filter=${encodeURIComponent('{"n":{"$gt":2},"$sort":{"n":-1}}')}`), ['d6', 'd5', 'd4', 'd3']);
			assert.deepEqual(await walk(`?limit=1&filter=${encodeURIComponent('{"$or":[{"n":1},{"n":5}]}')}`), ['d1', 'd5']);
			const query = (body) => api.post(`/collections/${collection}/query`, body);
			assert.deepEqual((await query({ filter: { kind: 'even', $count: true } })).json, { count: 4 });
			assert.deepEqual((await query({ filter: { $sort: { n: -1 }, $limit: 1, $skip: 1 }, fields: ['n'] })).json.docs[0].data, { n: 5 });
			const page = await query({ limit: 6 });
			assert.deepEqual((await query({ cursor: page.json.next })).json.docs.map(({ id }) => id), ['d6']);
			for (const body of [{ filter: { $where: '1' } }, { filter: 7 }, { limit: 0 }, { limit: 1001 }, { cursor: '!' }, { fields: 'a' }, 7,
				{ filter: { $sort: { n: 1 } }, cursor: page.json.next }])
				assert.equal((await query(body)).status, 400, JSON.stringify(body));
			assert.equal((await api.get(`${docs}?filter=x`)).status, 400);
		});

		test('bulk', async () => {
			const path = await counted(1);
			const id = path.split('/').at(-1);
			const bulk = await other.post('/bulk', { gets: [{ collection: 'notes', id }, { collection: 'notes', id: 'none' },
				{ collection: '__proto__', id }, { collection: 'notes', id }] });
			assert.equal(bulk.status, 200, bulk.text);
			const [first, missing, bad, again] = bulk.json.results;
			assert.deepEqual(first, { collection: 'notes', id, status: 200, version: 2, type: 'json0', data: { n: 1 } });
			assert.deepEqual([missing.status, missing.problem.code], [404, 'ERR_DOC_DOES_NOT_EXIST']);
			assert.equal(bad.status, 400);
			assert.deepEqual(again, first);
			assert.deepEqual((await api.post('/bulk', { gets: [] })).json, { results: [] });
			for (const body of [{}, [], { gets: 1 }, { gets: [1] }, { gets: [{ id }] }])
				assert.equal((await api.post('/bulk', body)).status, 400);
		});

		test('no more at once than --max-bulk', async () => {
			const many = (n, item) => Array.from({ length: n }, () => item);
			assert.equal((await api.post('/bulk', { gets: many(101, { collection: 'a', id: 'b' }) })).status, 400);
			assert.equal((await api.post('/batch', { writes: many(101, { collection: 'a', id: 'b', method: 'DELETE' }) })).status, 400);
			assert.equal((await api.post(`${fresh()}/ops`, many(101, { v: 0, del: true }))).status, 400);
			assert.equal((await api.post('/bulk', { gets: many(100, { collection: 'a', id: 'b' }) })).status, 200);
		});

		test('batch: each write for itself, in order of each document', async () => {
			const [a, b] = [fresh(), fresh()].map((path) => ({ collection: 'notes', id: path.split('/').at(-1) }));
			const writes = [
				{ ...a, method: 'PUT', body: { n: 0 } },
				{ ...a, method: 'PATCH', patch: 'op', body: [{ p: ['n'], na: 1 }], key: 'one' },
				{ ...b, method: 'PATCH', patch: 'merge-patch', body: {} },
				{ ...b, method: 'POST', body: 'text', type: 'text' },
				{ ...a, method: 'PUT', body: { n: 5 }, if_match: '"v1"' },
				{ ...b, method: 'DELETE' },
				{ ...a, method: 'PATCH', patch: 'op', body: [{ p: ['n'], na: 1 }], base: 1 },
				{ ...a, method: 'PATCH', patch: 'op', body: [{ p: ['n'], na: 1 }], key: 'one' },
			];
			const batch = await api.post('/batch', { writes });
			assert.equal(batch.status, 200, batch.text);
			assert.deepEqual(batch.json.results.map(({ status, version }) => [status, version]), [
				[201, 1], [200, 2], [404, undefined], [201, 1], [412, 2], [200, 2], [200, 3], [200, 2]]);
			assert.equal(batch.json.results[7].replayed, true);
			assert.equal(batch.json.results[4].problem.code, 'ERR_OTD_VERSION_MISMATCH');
			assert.deepEqual((await other.get(`/collections/notes/docs/${a.id}`)).json, { n: 2 });
			assert.deepEqual((await api.post('/batch', { writes: [] })).json, { results: [] });
			for (const write of [{}, { ...a }, { ...a, method: 'FLY' }, { ...a, method: 'PATCH', body: {} }, { ...a, method: 'PUT' },
				{ ...a, method: 'PUT', body: 1, key: 1 }, { ...a, method: 'PUT', body: 1, base: 'x' }])
				assert.equal((await api.post('/batch', { writes: [{ ...b, method: 'PUT', body: 'never' }, write] })).status, 400);
			assert.equal((await api.get(`/collections/notes/docs/${b.id}`)).status, 404);	// nothing of a bad batch is done
		});

		test('grants', async () => {
			const path = await counted(0);
			assert.deepEqual((await api.get(`${path}/grants`)).json, { owner: null, grants: [] });
			const put = await api.put(`${path}/grants/ada`, { role: 'editor' });
			assert.deepEqual([put.status, put.json], [200, { subject: 'ada', role: 'editor', expires_at: null }]);
			const until = '2999-01-01T00:00:00.000Z';
			assert.equal((await other.put(`${path}/grants/team%2Fbob`, { role: 'viewer', expires_at: until })).status, 200);
			const { grants } = (await other.get(`${path}/grants`)).json;
			assert.deepEqual(grants.map(({ subject, role, expires_at, by }) => [subject, role, expires_at, by]),
				[['ada', 'editor', null, null], ['team/bob', 'viewer', until, null]]);
			for (const grant of grants) assert.match(grant.at, ISO);
			assert.equal((await api.delete(`${path}/grants/ada`)).status, 204);
			assert.equal((await api.delete(`${path}/grants/ada`)).status, 404);
			for (const body of [{}, { role: 'king' }, { role: 'viewer', expires_at: 'soon' }, { role: 'viewer', expires_at: until, expires_in: 1 },
				{ role: 'none' }])
				assert.equal((await api.put(`${path}/grants/ada`, body)).status, 400, JSON.stringify(body));
		});
	});

test('the ops of a log that begins late come once, in pages and as lines', async () => {
	const folder = temporaryFolder('late');
	const store = `sqlite:${path.join(folder, 'otd.db')}`;
	const type = 'http://sharejs.org/types/JSONv0';
	const [first, end] = [385, 590];	// more than a stream takes at once
	const ops = Array.from({ length: end - first }, (_, i) => ({ v: first + i, src: 'x', seq: i + 1, at: i, op: [{ p: ['n'], na: 1 }] }));
	fs.writeFileSync(path.join(folder, 'late'), [{ otd: 'export', format: 1 },
		{ document: { collection: 'notes', id: 'late', v: end, from: { v: first, type, data: { n: 0 } } } }, ...ops,
		{ content: { v: end, type, data: { n: ops.length } } }, { end: { documents: 1, operations: ops.length } },
	].map((line) => `${JSON.stringify(line)}\n`).join(''));
	const { code, text } = await otd(['import', 'ndjson', path.join(folder, 'late'), '--store', store]);
	assert.equal(code, 0, text);
	const server = await Otd.start({ store });
	try {
		const api = new Api(server.url);
		const at = '/collections/notes/docs/late/ops';
		const all = ops.map(({ v }) => v);
		const lines = await api.get(at, { accept: 'application/x-ndjson' });
		assert.deepEqual(lines.lines.map(({ v }) => v), all);
		const seen = [];
		let page = await api.get(`${at}?limit=100`);
		for (; ; page = await api.get(`${at}${next(page)}`)) {
			seen.push(...page.json.ops.map(({ v }) => v));
			assert.equal(page.json.next, seen.length < all.length ? seen.at(-1) + 1 : undefined);
			if (!next(page)) break;
		}
		assert.deepEqual(seen, all);
	} finally {
		await server.stop();
	}
});
