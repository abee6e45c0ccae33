// The trace of a write, or of the socket that it came by, is with its
// operation: in what the api shows, in what readers hear, and in the
// database's row.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { Peer } from '../interop/client.mjs';
import { Otd } from '../lib/otd.mjs';
import { Postgres } from '../lib/postgres.mjs';
import { Api, MERGE_PATCH, servers } from './api.mjs';

const newTrace = () => crypto.randomBytes(16).toString('hex');
const from = (trace) => ({ traceparent: `00-${trace}-${crypto.randomBytes(8).toString('hex')}-01` });
const signed = (trace) => new RegExp(`^trace:${trace}-[0-9a-f]{16}$`);

for (const { name, start } of servers)
	describe(name, () => {
		let server, api;
		before(async () => {
			server = await start();
			api = new Api(server.urls[0]);
		});
		after(() => server.stop());

		const sources = async (id) => (await api.get(`/collections/traces/docs/${id}/ops`)).json.ops.map(({ src }) => src);

		test('every kind of write is signed with its trace', async () => {
			const trace = newTrace();
			const path = '/collections/traces/docs/a';
			assert.equal((await api.put(path, { n: 1 }, from(trace))).status, 201);
			assert.equal((await api.patch(path, { n: 2 }, MERGE_PATCH, from(trace))).status, 200);
			assert.equal((await api.post(`${path}/ops`, { v: 2, op: [{ p: ['n'], na: 1 }] }, from(trace))).status, 200);
			assert.equal((await api.post(`${path}/ops`, [{ v: 3, op: [{ p: ['n'], na: 1 }] }, { v: 4, op: [{ p: ['n'], na: 1 }] }],
				from(trace))).status, 200);
			const all = await sources('a');
			assert.equal(all.length, 5);
			for (const src of all) assert.match(src, signed(trace));
			// The two of one call share it; calls of one trace do not, or a later one would be taken for an earlier.
			assert.equal(all[3], all[4]);
			assert.equal(new Set(all).size, 4);
			assert.deepEqual((await api.get(path)).json, { n: 5 });
		});

		test('a batch of one trace: each write counts', async () => {
			const trace = newTrace();
			const writes = Array.from({ length: 3 }, (_, i) =>
				({ method: 'PATCH', collection: 'traces', id: 'a', patch: 'op', body: [{ p: ['n'], na: 10 ** (i + 1) }] }));
			const before = (await api.get('/collections/traces/docs/a')).json.n;
			assert.equal((await api.post('/batch', { writes }, from(trace))).status, 200);
			assert.deepEqual((await api.get('/collections/traces/docs/a')).json, { n: before + 1110 });
			for (const src of (await sources('a')).slice(-3)) assert.match(src, signed(trace));
		});

		test('without a trace, or with what is none, it is as ever', async () => {
			for (const [i, headers] of [{}, { traceparent: 'nonsense' }, { traceparent: `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01` }].entries()) {
				assert.equal((await api.put(`/collections/traces/docs/b${i}`, {}, headers)).status, 201);
				assert.doesNotMatch((await sources(`b${i}`))[0], /trace/);
			}
		});

		test('a key or a src of its own goes before', async () => {
			const trace = newTrace();
			const headers = { ...from(trace), 'idempotency-key': 'one' };
			for (let i = 0; i < 2; i++) assert.equal((await api.put('/collections/traces/docs/c', { n: 1 }, headers)).status, 201);
			await api.post('/collections/traces/docs/c/ops', { v: 1, src: 'importer', seq: 1, op: [{ p: ['n'], na: 1 }] }, from(trace));
			const [first, second, ...more] = await sources('c');
			assert.match(first, /^once:/);
			assert.match(second, /^importer/);
			assert.deepEqual(more, []);
		});

		// The unmodified ShareDB client: a program can set headers, a page has only the URL.
		for (const [where, wire, query] of [
			['a header', (line) => ({ headers: { traceparent: line } }), () => ''],
			['the query', () => ({}), (line) => `?traceparent=${line}`],
			['both, and the header counts', (line) => ({ headers: { traceparent: line } }), () => `?traceparent=${from(newTrace()).traceparent}`],
		])
			test(`a socket that comes with a trace, in ${where}`, async () => {
				const trace = newTrace();
				const { traceparent } = from(trace);
				const peer = await Peer.connect(`${server.urls[0]}${query(traceparent)}`, undefined, wire(traceparent));
				const first = peer.connection.id;
				assert.match(first, new RegExp(`^trace:${trace}-[0-9a-f]{32}$`));
				const id = `ws-${where.length}`;
				const doc = peer.doc('traces', id);
				await doc.fetch();
				await doc.create({ n: 1 });
				await doc.submit([{ p: ['n'], na: 1 }]);
				// It comes back as who it was, and what it sends again is known again.
				peer.cut();
				await doc.submit([{ p: ['n'], na: 1 }]);
				assert.equal(peer.connection.id, first);
				assert.deepEqual(await sources(id), [first, first, first]);
				assert.deepEqual((await api.get(`/collections/traces/docs/${id}`)).json, { n: 3 });
				await peer.close();
			});

		test('a socket without a trace, or with what is none, is as ever', async () => {
			const mine = from(newTrace()).traceparent;
			for (const query of ['', '?traceparent=', '?traceparent=nonsense', `?traceparent=${mine}&traceparent=${from(newTrace()).traceparent}`]) {
				const peer = await Peer.connect(`${server.urls[0]}${query}`);
				assert.match(peer.connection.id, /^[0-9a-f]{32}$/);
				await peer.close();
			}
		});
	});

test('readers hear it, and the database finds it', async () => {
	const pg = await Postgres.start();
	const store = await pg.database();
	const server = await Otd.start({ store });
	const api = new Api(server.url);
	const trace = newTrace();
	await api.put('/collections/traces/docs/a', { n: 1 });
	const peer = await Peer.connect(server.ws);
	peer.keeps = true;
	const doc = peer.doc('traces', 'a');
	await doc.subscribe();
	await api.patch('/collections/traces/docs/a', { n: 2 }, MERGE_PATCH, from(trace));
	await doc.until('the edit', () => doc.data.n === 2);
	assert.match(peer.heard.find(({ a, v }) => a === 'op' && v === 1).src, signed(trace));
	const found = await pg.sql(`SELECT d.collection, d.id, o.version FROM otd.operation AS o JOIN otd.document AS d USING (doc_pk)
		WHERE starts_with(o.src, 'trace:${trace}')`, store.split('/').at(-1));
	assert.deepEqual(found, [['traces', 'a', '1']]);
	await peer.close();
	await server.stop();
	await pg.stop();
});
