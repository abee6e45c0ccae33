// Clients of ShareDB 1, 5 and 6 beside one of 7, on the same documents in several processes.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, afterEach, before, describe, test } from 'node:test';
import { Peer, within } from './client.mjs';
import { Chance, random } from './random.mjs';
import { targets } from './targets.mjs';
import { types } from './types.mjs';

const require = createRequire(import.meta.url);
const older = Object.fromEntries(['sharedb-1', 'sharedb-5', 'sharedb-6'].map((name) => {
	const client = require(`${name}/lib/client`);
	for (const type of Object.values(types)) client.types.register(type);
	return [`${name.replace('-', ' ')} (${require(`${name}/package.json`).version})`, client];
}));
const seed = process.env.OTD_TEST_SEED || '1';
const OPS = 40;

const called = (what, call) => within(20_000, what, new Promise((done, fail) =>
	call((error, result) => (error ? fail(error) : done(result)))));
const eventually = (what, emitter, event) => within(20_000, what, new Promise((done) =>
	emitter.once(event, (...args) => done(args))));

for (const target of targets)
	describe(`older clients on ${target.name}, seed ${seed}`, () => {
		let server;
		const peers = [];
		let way = 0;
		const peer = async (client) => {
			const made = await Peer.connect(server.urls[way++ % server.urls.length], client);
			peers.push(made);
			return made;
		};
		before(async () => { server = await target.start(); });
		after(() => server?.stop());
		afterEach(async () => {
			const ended = peers.splice(0);
			await Promise.all(ended.map((p) => p.close()));
			for (const p of ended) assert.deepEqual(p.errors, []);
		});

		for (const [name, client] of Object.entries(older)) {
			for (const type of ['json0', 'text-unicode', 'rich-text'])
				test(`${name} edits ${type} with one of today, over cut lines`, async () => {
					const id = `${name} ${type}`;
					const docs = [(await peer(client)).doc('older', id), (await peer()).doc('older', id), (await peer(client)).doc('older', id)];
					await docs[0].create(random[type].initial(), type);
					await Promise.all(docs.map((doc) => doc.subscribe()));
					await Promise.all(docs.map(async (doc, i) => {
						const chance = new Chance(`${seed} ${id} ${i}`);
						for (let n = 0; n < OPS; n++) {
							const done = doc.submit(random[type].op(chance, doc.data));
							if (chance.often(0.05)) peers[i].cut();
							if (chance.often(0.5)) await done;
							else done.catch((error) => doc.errors.push(error));
						}
						await doc.settled();
					}));
					const v = Math.max(...docs.map((doc) => doc.v));
					for (const doc of docs) {
						await doc.atLeast(v);
						assert.deepEqual(JSON.parse(JSON.stringify(doc.data)), JSON.parse(JSON.stringify(docs[0].data)));
						assert.deepEqual(doc.errors, []);
					}
					await docs[0].del();
					await docs[1].until('the deletion', (doc) => doc.type === null);
					await docs[1].create(random[type].initial(), type);
					await docs[2].until('the new document', (doc) => doc.type?.name === type);
				});

			test(`${name} is told what went wrong`, async () => {
				const doc = (await peer(client)).doc('older', `${name} wrong`);
				await assert.rejects(doc.submit([{ p: ['a'], oi: 1 }]), { message: /Document has not been created/ });
				await doc.create({ n: 1 });
				await assert.rejects((await peer(client)).doc('older', `${name} wrong`).create({}), ({ code }) =>
					String(code) === 'ERR_DOC_ALREADY_CREATED' || String(code) === '4016');
			});

			test(`${name} reads many at once`, async () => {
				const mine = (await peer()).connection;
				const ids = Array.from({ length: 20 }, (_, i) => `${name} many ${i}`);
				await Promise.all(ids.map((id, i) => called(id, (done) => mine.get('older', id).create({ i }, done))));
				const { connection } = await peer(client);
				for (const how of ['fetch', 'subscribe', 'unsubscribe']) {
					connection.startBulk();
					const all = Promise.all(ids.map((id) => called(how, (done) => connection.get('older', id)[how](done))));
					connection.endBulk();
					await all;
				}
				assert.deepEqual(ids.map((id) => connection.get('older', id).data.i), ids.map((_, i) => i));
			});

			test(`${name} sees documents as they were`, async () => {
				const doc = (await peer()).doc('older', `${name} was`);
				await doc.create({ n: 0 });
				for (let i = 0; i < 3; i++) await doc.submit([{ p: ['n'], na: 1 }]);
				const { connection } = await peer(client);
				const at = (v) => called('a snapshot', (done) => connection.fetchSnapshot('older', `${name} was`, v, done));
				assert.deepEqual([(await at(1)).data, (await at(3)).data, (await at(null)).v], [{ n: 0 }, { n: 2 }, 4]);
				await assert.rejects(at(9));	// in words that depend on the database
				const now = await called('a snapshot', (done) =>
					connection.fetchSnapshotByTimestamp('older', `${name} was`, Date.now() + 60_000, done));
				assert.deepEqual([now.v, now.data], [4, { n: 3 }]);
			});

			test(`${name} queries`, async () => {
				const mine = (await peer()).connection;
				const room = `${name} asked`;
				const make = (id, n) => called(id, (done) => mine.get('older', id).create({ room, n }, done));
				await make(`${name} q1`, 1);
				await make(`${name} q2`, 2);
				const { connection } = await peer(client);
				const found = await called('an answer', (done) =>
					connection.createFetchQuery('older', { room, n: { $gt: 1 } }, {}, done));
				assert.deepEqual(found.map(({ data }) => data.n), [2]);
				const query = connection.createSubscribeQuery('older', { room, $sort: { n: 1 } }, {});
				await eventually('the result', query, 'ready');
				assert.deepEqual(query.results.map(({ data }) => data.n), [1, 2]);
				const more = eventually('one more', query, 'insert');
				await make(`${name} q3`, 1.5);
				await more;
				assert.deepEqual(query.results.map(({ data }) => data.n), [1, 1.5, 2]);
				const fewer = eventually('one less', query, 'remove');
				await called('a deletion', (done) => mine.get('older', `${name} q1`).del(done));
				await fewer;
				assert.deepEqual(query.results.map(({ data }) => data.n), [1.5, 2]);
				await called('the end', (done) => query.destroy(done));
			});

			test(`${name} and one of today see who is there`, async () => {
				const ways = [(await peer(client)).connection, (await peer()).connection];
				const [theirs, mine] = ways.map((connection) => connection.getPresence(`${name} room`));
				await Promise.all([theirs, mine].map((presence) => called('presence', (done) => presence.subscribe(done))));
				const heard = eventually('their place', mine, 'receive');
				await called('to say', (done) => theirs.create('old').submit({ at: 1 }, done));
				assert.deepEqual(await heard, ['old', { at: 1 }]);
				const back = eventually('my place', theirs, 'receive');
				await called('to say', (done) => mine.create('new').submit({ at: 2 }, done));
				assert.deepEqual(await back, ['new', { at: 2 }]);
				// Asked again, they may say it again before.
				const gone = called('their leaving', (done) => mine.on('receive', (id, place) => {
					if (place === null) done(null, [id, place]);
				}));
				await peers[0].close();
				assert.deepEqual(await gone, ['old', null]);
			});

			if (client.Connection.prototype.ping)
				test(`${name} pings`, async () => {
					const { connection } = await peer(client);
					const pong = eventually('the answer', connection, 'pong');
					connection.ping();
					await pong;
				});
		}
	});
