// Queries by the unmodified client, on every server: results, their events, the documents in them, and what becomes of
// all that when lines are cut.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { Peer, within } from './client.mjs';
import { Chance } from './random.mjs';
import { targets } from './targets.mjs';

const seed = process.env.OTD_TEST_SEED || '1';
const WRITERS = 4;
const EDITS = 60;

// A ShareDB query with promises, and all that it told.
class Query {
	constructor(peer, method, collection, q, options) {
		this.told = [];
		this.ready = within(20_000, `${method} of ${JSON.stringify(q)}`, new Promise((done, fail) => {
			this.raw = peer.connection[method](collection, q, options ?? null, (error, results, extra) =>
				(error ? fail(error) : done({ results, extra })));
		}));
		const { raw } = this;
		raw.on('insert', (docs, index) => this.told.push(['insert', docs.map((d) => d.id), index]));
		raw.on('remove', (docs, index) => this.told.push(['remove', docs.map((d) => d.id), index]));
		raw.on('move', (docs, from, to) => this.told.push(['move', docs.map((d) => d.id), from, to]));
		raw.on('changed', (docs) => this.told.push(['changed', docs.length]));
		raw.on('extra', (extra) => this.told.push(['extra', extra]));
		raw.on('error', (error) => this.told.push(['error', error.code]));
	}

	get ids() { return this.raw.results.map((doc) => doc.id); }
	get data() { return Object.fromEntries(this.raw.results.map((doc) => [doc.id, doc.data])); }

	until(what, check) {
		let timer;
		return within(20_000, what, new Promise((done) => {
			const look = () => { if (check(this)) done(); };
			timer = setInterval(look, 5);
			look();
		}), () => `${JSON.stringify(this.ids)} ${JSON.stringify(this.told).slice(-300)}`).finally(() => clearInterval(timer));
	}
}

for (const target of targets)
	describe(`queries on ${target.name}, seed ${seed}`, () => {
		let server;
		const peers = [];
		let way = 0;
		let collection;
		let number = 0;
		const peer = async () => {
			const made = await Peer.connect(server.urls[way++ % server.urls.length]);
			peers.push(made);
			return made;
		};
		// A collection of its own for each test, with documents a, b and c whose n is 1, 2 and 3.
		const fill = async (p) => {
			for (const [i, id] of ['a', 'b', 'c'].entries()) await p.doc(collection, id).create({ n: i + 1 });
		};
		const add = (p, id, na) => p.doc(collection, id).submit([{ p: ['n'], na }]);
		before(async () => { server = await target.start(); });
		after(() => server?.stop());
		afterEach(async () => {
			const ended = peers.splice(0);
			await Promise.all(ended.map((p) => p.close()));
			for (const p of ended) assert.deepEqual(p.errors, []);
		});
		const it = (name, run) => test(name, async () => {
			collection = `queried${number++}`;
			await run(await peer(), await peer());
		});

		it('createFetchQuery', async (p, q) => {
			await fill(p);
			const { results } = await new Query(q, 'createFetchQuery', collection, { n: { $gt: 1 }, $sort: { n: -1 } }).ready;
			assert.deepEqual(results.map((doc) => [doc.id, doc.version, doc.data]), [['c', 1, { n: 3 }], ['b', 1, { n: 2 }]]);
			const counted = await new Query(q, 'createFetchQuery', collection, { $count: true }).ready;
			assert.equal(counted.extra, 3);
			await assert.rejects(new Query(q, 'createFetchQuery', collection, {}, { db: 'other' }).ready,
				{ code: 'ERR_DATABASE_ADAPTER_NOT_FOUND' });
		});

		it('createSubscribeQuery: insert, remove, changed, and the documents follow', async (p, q) => {
			await fill(p);
			const query = new Query(q, 'createSubscribeQuery', collection, { n: { $gt: 1 } });
			await query.ready;
			assert.deepEqual(query.ids, ['b', 'c']);
			await add(p, 'a', 5);
			await query.until('a is in', ({ ids }) => ids.includes('a'));
			assert.deepEqual(query.told.splice(0), [['insert', ['a'], 2], ['changed', 3]]);
			await add(p, 'a', 1);
			await query.until('a is 7', ({ data }) => data.a.n === 7);
			await add(p, 'b', -5);
			await query.until('b is out', ({ ids }) => !ids.includes('b'));
			assert.deepEqual(query.told.splice(0), [['remove', ['b'], 0], ['changed', 2]]);
			await p.doc(collection, 'c').del();
			await query.until('c is gone', ({ ids }) => ids.length === 1);
			await p.doc(collection, 'd').create({ n: 9 });
			await query.until('d is in', ({ data }) => data.d?.n === 9);
			query.raw.destroy();
			query.told.splice(0);
			await add(p, 'd', -9);
			await q.doc(collection, 'd').fetch();
			assert.deepEqual(query.told, []);
		});

		it('sorted and cut: move, insert, remove', async (p, q) => {
			await fill(p);
			const query = new Query(q, 'createSubscribeQuery', collection, { $sort: { n: 1 }, $limit: 2 });
			await query.ready;
			assert.deepEqual(query.ids, ['a', 'b']);
			await add(p, 'a', 1.5);
			await query.until('a is behind b', ({ ids }) => ids.join() === 'b,a');
			assert.ok(query.told.some(([what]) => what === 'move'), JSON.stringify(query.told));
			await add(p, 'a', 5);
			await query.until('c comes in for a', ({ ids }) => ids.join() === 'b,c');
			await p.doc(collection, 'b').del();
			await query.until('a is back', ({ ids }) => ids.join() === 'c,a');
			assert.deepEqual(query.data, { c: { n: 3 }, a: { n: 7.5 } });
		});

		it('a count that changes', async (p, q) => {
			await fill(p);
			const query = new Query(q, 'createSubscribeQuery', collection, { n: { $gt: 1 }, $count: true });
			assert.equal((await query.ready).extra, 2);
			await add(p, 'a', 5);
			await query.until('there are 3', ({ raw }) => raw.extra === 3);
			assert.deepEqual(query.told.filter(([what]) => what === 'extra'), [['extra', 3]]);
		});

		it('taken up again after a cut line', async (p, q) => {
			await fill(p);
			const query = new Query(q, 'createSubscribeQuery', collection, { n: { $gt: 1 } });
			await query.ready;
			q.url = 'ws://127.0.0.1:9/';	// nowhere
			q.cut();
			await within(20_000, 'cut off', new Promise((done) => {
				const timer = setInterval(() => { if (q.connection.state !== 'connected') { clearInterval(timer); done(); } }, 5);
			}));
			await add(p, 'a', 5);
			await add(p, 'b', -5);
			await add(p, 'c', 5);
			await p.doc(collection, 'd').create({ n: 4 });
			query.told.splice(0);
			q.url = server.urls[way++ % server.urls.length];
			q.socket.reconnect();
			await query.until('all of it is here', ({ ids, data }) => ids.length === 3 && data.c.n === 8);
			assert.deepEqual(query.data, { c: { n: 8 }, a: { n: 6 }, d: { n: 4 } });
			assert.ok(query.told.some(([what]) => what === 'insert') && query.told.some(([what]) => what === 'remove'));
			await add(p, 'd', -9);
			await query.until('it goes on', ({ ids }) => !ids.includes('d'));
		});

		it('many write, many watch, lines are cut: all end alike', async (p) => {
			const shapes = [{}, { n: { $gt: 0 } }, { n: { $lt: 5 }, $sort: { n: 1 }, $limit: 4 }, { $sort: { _id: -1 } },
				{ n: { $gte: 3 }, $count: true }];
			const watchers = [];
			for (let i = 0; i < 2 * shapes.length; i++) {
				const own = await peer();
				const query = new Query(own, 'createSubscribeQuery', collection, shapes[i % shapes.length]);
				await query.ready;
				watchers.push({ own, query });
			}
			await Promise.all(Array.from({ length: WRITERS }, async (_, i) => {
				const chance = new Chance(`${seed} ${i}`);
				const own = await peer();
				for (let n = 0; n < EDITS; n++) {
					const doc = own.doc(collection, `d${i}.${chance.below(4)}`);
					if (!doc.raw.type) await doc.create({ n: chance.below(10) - 3 });
					else if (chance.often(0.1)) await doc.del();
					else await doc.submit([{ p: ['n'], na: chance.below(9) - 4 }]);
					if (chance.often(0.05)) watchers[chance.below(watchers.length)].own.cut();
				}
			}));
			await p.doc(collection, 'last').create({ n: 4 });
			for (const [i, { query }] of watchers.entries()) {
				const shape = shapes[i % shapes.length];
				const truth = await new Query(p, 'createFetchQuery', collection, shape).ready;
				const want = truth.results.map((doc) => doc.id);
				const inOrder = (ids) => (shape.$sort ? ids : [...ids].sort()).join();
				await query.until(`${JSON.stringify(shape)} is as it is`, ({ ids, raw }) =>
					inOrder(ids) === inOrder(want) && (!shape.$count || raw.extra === truth.extra) &&
					raw.results.every((doc) => doc.data?.n === truth.results.find(({ id }) => id === doc.id)?.data.n));
			}
		});
	});
