// Editors and services on the same documents: what one writes the other sees.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Api, MERGE_PATCH, fresh, servers } from './api.mjs';
import { Peer, within } from '../interop/client.mjs';
import { patience } from '../lib/paths.mjs';
import { sleep } from '../lib/process.mjs';

const call = (what, ...args) => new Promise((done, fail) => what(...args, (error) => (error ? fail(error) : done())));
const names = (path) => [path.split('/')[2], path.split('/')[4]];

for (const target of servers)
	describe(`live with ${target.name}`, () => {
		let server, api;
		const peers = [];
		const meet = async () => {
			const peer = await Peer.connect(server.urls.at(-1));
			peers.push(peer);
			return peer;
		};
		before(async () => {
			server = await target.start();
			api = new Api(server.urls[0]);
		});
		after(async () => {
			await Promise.all(peers.map((peer) => peer.close()));
			await server?.stop();
		});
		const eventually = async (what, look) => {
			for (const end = Date.now() + 10_000 * patience; ; await sleep(20)) {
				const found = await look();
				if (found || Date.now() > end) return assert.ok(found, what);
			}
		};

		test('an editor sees what a service writes, and the other way round', async () => {
			const path = fresh();
			const doc = (await meet()).doc(...names(path));
			await doc.subscribe();
			await api.put(path, { text: 'a', n: 1 });
			await doc.atLeast(1);
			await doc.submit([{ p: ['text', 1], si: 'b' }]);
			await api.patch(path, { n: 2 }, MERGE_PATCH);
			await doc.atLeast(3);
			assert.deepEqual(doc.data, { text: 'ab', n: 2 });
			assert.deepEqual((await api.get(path)).json, doc.data);
			await api.delete(path);
			await doc.until('deleted', () => doc.type === null);
		});

		test('a put keeps what is typed meanwhile', async () => {
			const path = fresh();
			await api.put(path, { text: 'The quick fox.', seen: false });
			const doc = (await meet()).doc(...names(path));
			await doc.subscribe();
			// The service read version 1; then somebody types.
			await doc.submit([{ p: ['text', 9], si: ' brown' }]);
			const put = await api.put(`${path}?base=1`, { text: 'The quick fox jumps.', seen: true });
			assert.equal(put.status, 200);
			await doc.atLeast(3);
			assert.deepEqual(doc.data, { text: 'The quick brown fox jumps.', seen: true });
		});

		test('cursors survive a put', async () => {
			const path = fresh();
			await api.put(`${path}?type=rich-text`, [{ insert: 'one two three\n' }]);
			const writer = await meet();
			const reader = await meet();
			const [at, seen] = [writer, reader].map((peer) => peer.connection.getDocPresence(...names(path)));
			for (const peer of [writer, reader]) await peer.doc(...names(path)).subscribe();
			await call(seen.subscribe.bind(seen));
			const local = at.create('writer');
			await call(local.submit.bind(local), { index: 8, length: 5 });		// "three"
			const sees = (expected) => within(10_000 * patience, `the cursor at ${JSON.stringify(expected)}`, new Promise((done) => {
				const look = () => {
					if (JSON.stringify(seen.remotePresences.writer) === JSON.stringify(expected)) done();
				};
				seen.on('receive', look);
				look();
			}), () => JSON.stringify(seen.remotePresences));
			await sees({ index: 8, length: 5 });
			const put = await api.put(path, [{ insert: 'zero one 2 three\n' }]);
			assert.equal(put.status, 200, put.text);
			await reader.doc(...names(path)).atLeast(2);
			await sees({ index: 11, length: 5 });					// "three"
		});

		test('who is here', async () => {
			const path = fresh();
			await api.put(`${path}?type=rich-text`, [{ insert: 'hello\n' }]);
			assert.deepEqual((await api.get(`${path}/presence`)).json, { presences: [] });
			const peer = await meet();
			await peer.doc(...names(path)).subscribe();
			const presence = peer.connection.getDocPresence(...names(path));
			const local = presence.create('ada');
			await call(local.submit.bind(local), { index: 1, length: 2 });
			await eventually('ada is here', async () => {
				const { presences } = (await api.get(`${path}/presence`)).json;
				if (!presences.length) return false;
				assert.equal(presences.length, 1);
				assert.equal(presences[0].id, 'ada');
				assert.deepEqual(presences[0].presence, { index: 1, length: 2 });
				return true;
			});
			await call(local.destroy.bind(local));
			await eventually('ada is gone', async () => !(await api.get(`${path}/presence`)).json.presences.length);
		});

		test('live queries see what a service writes', async () => {
			const peer = await meet();
			const collection = `q${process.pid}`;
			const query = peer.connection.createSubscribeQuery(collection, { kind: 'x' });
			await within(10_000, 'the query', new Promise((done) => query.once('ready', done)));
			await api.put(`/collections/${collection}/docs/a`, { kind: 'x' });
			await within(10_000 * patience, 'the result', new Promise((done) => {
				const look = () => { if (query.results.length === 1) done(); };
				query.on('insert', look);
				look();
			}));
			assert.equal(query.results[0].id, 'a');
		});
	});
