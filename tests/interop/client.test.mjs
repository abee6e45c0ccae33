// What the unmodified ShareDB client does with documents, on every server.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { Peer } from './client.mjs';
import { random } from './random.mjs';
import { targets } from './targets.mjs';
import { types } from './types.mjs';
import { sleep } from '../lib/process.mjs';

const edits = {
	json0: { op: [{ p: ['n'], na: 1 }], after: (data) => ({ ...data, n: data.n + 1 }) },
	text: { op: [2, 'éx', { d: 1 }], after: (data) => `${data.slice(0, 2)}éx${data.slice(3)}` },
	'text-unicode': { op: [2, '💡', { d: 1 }], after: (data) => [...data].map((char, i) => (i === 2 ? '💡' : char)).join('') },
	text0: { op: [{ p: 1, i: 'zz' }], after: (data) => `${data[0]}zz${data.slice(1)}` },
	'rich-text': { op: { ops: [{ retain: 2 }, { insert: 'x' }] }, after: ({ ops: [{ insert }] }) =>
		({ ops: [{ insert: `${insert.slice(0, 2)}x${insert.slice(2)}` }] }) },
	json1: { op: ['n', { ena: 1 }], after: (data) => ({ ...data, n: data.n + 1 }) },
};

// What a document of that type holds, as plain values: rich-text has its own class.
const plain = (data) => (data?.ops ? { ops: data.ops } : data);
const start = (type) => plain(types[type].create(random[type].initial()));

const rejects = (promise, code) => assert.rejects(promise, (error) => {
	assert.equal(error.code, code);
	return true;
});

for (const target of targets)
	describe(`the client on ${target.name}`, () => {
		let server;
		const peers = [];
		let way = 0;

		// Each peer takes the next way in.
		const peer = async () => {
			const made = await Peer.connect(server.urls[way++ % server.urls.length]);
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

		for (const [type, { op, after: edited }] of Object.entries(edits))
			test(`create, fetch, subscribe, edit, delete, create again: ${type}`, async () => {
				const mine = (await peer()).doc('life', type);
				const theirs = (await peer()).doc('life', type);
				await theirs.subscribe();
				assert.equal(theirs.type, null);
				assert.equal(theirs.v, 0);

				const data = start(type);
				await mine.create(random[type].initial(), type);
				assert.equal(mine.v, 1);
				await theirs.atLeast(1);
				assert.equal(theirs.type.name, type);
				assert.deepEqual(plain(theirs.data), data);

				await mine.submit(structuredClone(op));
				await theirs.atLeast(2);
				assert.deepEqual(plain(theirs.data), edited(data));
				assert.deepEqual(mine.data, theirs.data);

				const late = (await peer()).doc('life', type);
				await late.fetch();
				assert.deepEqual([late.v, late.type.name, plain(late.data)], [2, type, edited(data)]);

				await theirs.del();
				assert.equal(theirs.v, 3);
				await mine.fetch();
				assert.deepEqual([mine.v, mine.type, mine.data], [3, null, undefined]);
				await mine.create(random[type].initial(), type);
				await theirs.atLeast(4);
				assert.deepEqual(plain(theirs.data), data);
			});

		test('fetching again brings the missing ops', async () => {
			const mine = (await peer()).doc('again', 'a');
			const theirs = (await peer()).doc('again', 'a');
			await mine.create({ n: 0 });
			await theirs.fetch();
			for (let i = 0; i < 5; i++) await mine.submit([{ p: ['n'], na: 1 }]);
			assert.equal(theirs.v, 1);
			await theirs.fetch();
			assert.deepEqual([theirs.v, theirs.data], [6, { n: 5 }]);
			await theirs.subscribe();
			await mine.submit([{ p: ['n'], na: 1 }]);
			await theirs.atLeast(7);
		});

		test('unsubscribed means no more ops', async () => {
			const mine = (await peer()).doc('quiet', 'a');
			const reader = await peer();
			const theirs = reader.doc('quiet', 'a');
			const witness = (await peer()).doc('quiet', 'a');
			await mine.create({ n: 0 });
			await theirs.subscribe();
			await witness.subscribe();
			await mine.submit([{ p: ['n'], na: 1 }]);
			await theirs.atLeast(2);
			await theirs.unsubscribe();
			reader.keeps = true;
			await mine.submit([{ p: ['n'], na: 1 }]);
			await witness.atLeast(3);
			await sleep(50);
			assert.equal(theirs.v, 2);
			assert.deepEqual(reader.heard, []);
			await theirs.subscribe();
			assert.equal(theirs.v, 3);
		});

		test('bulk: subscribe, fetch, unsubscribe, and again by version', async () => {
			const writer = await peer();
			const reader = await peer();
			const ids = ['a', 'b', 'c', 'd', 'e'];
			const written = ids.map((id) => writer.doc('bulk', id));
			const read = ids.map((id) => reader.doc('bulk', id));
			for (const [i, doc] of written.entries()) await doc.create({ n: i });
			const inBulk = (what) => {
				reader.connection.startBulk();
				const all = read.map((doc) => doc[what]());
				reader.connection.endBulk();
				return Promise.all(all);
			};
			reader.keeps = true;
			await inBulk('fetch');
			await inBulk('subscribe');
			assert.deepEqual(reader.heard.map(({ a }) => a), ['bf', 'bs']);
			assert.deepEqual(read.map((doc) => doc.data.n), [0, 1, 2, 3, 4]);
			for (const doc of written) await doc.submit([{ p: ['n'], na: 10 }]);
			await Promise.all(read.map((doc) => doc.atLeast(2)));
			await inBulk('unsubscribe');
			for (const doc of written) await doc.submit([{ p: ['n'], na: 10 }]);
			await inBulk('fetch');
			assert.deepEqual(read.map((doc) => doc.data.n), [20, 21, 22, 23, 24]);
			for (const doc of written) await doc.submit([{ p: ['n'], na: 10 }]);
			await inBulk('subscribe');
			assert.deepEqual(read.map((doc) => doc.data.n), [30, 31, 32, 33, 34]);
		});

		test('after a reconnect the client has what it missed', async () => {
			const mine = (await peer()).doc('missed', 'a');
			const reader = await peer();
			const docs = ['a', 'b', 'c'].map((id) => reader.doc('missed', id));
			const others = ['b', 'c'].map((id) => mine.raw.connection.get('missed', id));
			await mine.create({ n: 0 });
			for (const doc of others) await new Promise((done) => doc.create({ n: 0 }, done));
			for (const doc of docs) await doc.subscribe();
			reader.url = 'ws://127.0.0.1:1/';	// nobody is there
			reader.cut();
			for (let i = 0; i < 10; i++) await mine.submit([{ p: ['n'], na: 1 }]);
			reader.url = server.urls[0];
			await reader.online();
			await docs[0].atLeast(11);
			assert.deepEqual(docs.map((doc) => doc.data.n), [10, 0, 0]);
			await mine.submit([{ p: ['n'], na: 1 }]);
			await docs[0].atLeast(12);
		});

		for (const type of Object.keys(edits))
			test(`an unheard acknowledgement: sent again, applied once: ${type}`, async () => {
				const writer = await peer();
				const mine = writer.doc('resend', type);
				const witness = (await peer()).doc('resend', type);
				await witness.subscribe();
				let v = 0;
				let data = start(type);
				const unheard = async (submit) => {
					writer.deaf = true;
					const done = submit();
					await witness.until('the server has it', (doc) => doc.v === v + 1);
					v++;
					writer.cut();
					writer.deaf = false;
					await done;
					assert.equal(mine.v, v);
				};
				await unheard(() => mine.create(random[type].initial(), type));
				for (let i = 0; i < 8; i++) {
					await unheard(() => mine.submit(structuredClone(edits[type].op)));
					data = edits[type].after(data);
					assert.deepEqual(plain(mine.data), data);
				}
				await unheard(() => mine.del());
				data = start(type);
				await unheard(() => mine.create(random[type].initial(), type));
				await witness.fetch();
				assert.equal(witness.v, v);
				assert.deepEqual(plain(witness.data), data);
			});

		test('an unheard acknowledgement while others write', async () => {
			const writer = await peer();
			const mine = writer.doc('resend', 'crowd');
			const theirs = (await peer()).doc('resend', 'crowd');
			await mine.create({ mine: 0, theirs: 0 });
			await theirs.subscribe();
			for (let i = 0; i < 10; i++) {
				writer.deaf = true;
				const done = mine.submit([{ p: ['mine'], na: 1 }]);
				await theirs.until('heard', (doc) => doc.data.mine === i + 1);
				await theirs.submit([{ p: ['theirs'], na: 1 }]);
				writer.cut();
				writer.deaf = false;
				await done;
			}
			await mine.fetch();
			assert.deepEqual(mine.data, { mine: 10, theirs: 10 });
			assert.equal(mine.v, 21);
		});

		test('written offline, sent when back', async () => {
			const writer = await peer();
			const mine = writer.doc('offline', 'a');
			const theirs = (await peer()).doc('offline', 'a');
			await mine.create('', 'text-unicode');
			await mine.subscribe();
			await theirs.subscribe();
			writer.url = 'ws://127.0.0.1:1/';
			writer.cut();
			await new Promise((done) => writer.connection.once('disconnected', done));
			const sent = 'offline'.split('').map((char, i) => mine.submit(i ? [i, char] : [char]));
			await theirs.submit(['online ']);
			writer.url = server.urls[0];
			await Promise.all(sent);
			await theirs.until('both texts', (doc) => doc.data.length === 14);
			assert.deepEqual(mine.data, theirs.data);
			assert.match(theirs.data, /^(offlineonline |online offline)$/);
		});

		test('of many that create one document, one does', async () => {
			const all = await Promise.all(Array.from({ length: 8 }, peer));
			for (let round = 0; round < 5; round++) {
				const docs = all.map((p) => p.doc('race', `r${round}`));
				const ends = await Promise.allSettled(docs.map((doc, i) => doc.create({ winner: i })));
				const won = ends.flatMap(({ status }, i) => (status === 'fulfilled' ? [i] : []));
				assert.equal(won.length, 1);
				for (const end of ends)
					if (end.reason) assert.equal(end.reason.code, 'ERR_DOC_ALREADY_CREATED');
				await Promise.all(docs.map((doc) => doc.fetch()));
				for (const doc of docs) assert.deepEqual([doc.v, doc.data], [1, { winner: won[0] }]);
			}
		});

		test('two that edit at once end alike', async () => {
			const docs = [(await peer()).doc('both', 'a'), (await peer()).doc('both', 'a')];
			await docs[0].create('', 'text');
			for (const doc of docs) await doc.subscribe();
			for (let round = 0; round < 20; round++)
				await Promise.all(docs.map((doc, i) => doc.submit([`${i}${round} `])));
			for (const doc of docs) await doc.atLeast(41);
			assert.equal(docs[0].data, docs[1].data);
			for (let round = 0; round < 20; round++)
				for (const i of [0, 1]) assert.ok(docs[0].data.includes(`${i}${round} `));
		});

		test('a refused op is rolled back, and the document goes on', async () => {
			const mine = (await peer()).doc('refused', 'a');
			const theirs = (await peer()).doc('refused', 'a');
			await mine.create({ n: 0 });
			await theirs.fetch();
			await theirs.del();
			await rejects(mine.submit([{ p: ['n'], na: 1 }]), 'ERR_DOC_WAS_DELETED');
			await mine.fetch();
			assert.equal(mine.type, null);
			await mine.create({ n: 5 });
			await mine.submit([{ p: ['n'], na: 1 }]);
			assert.deepEqual([mine.v, mine.data], [4, { n: 6 }]);
		});

		test('the original ping is answered', async () => {
			const p = await peer();
			const pong = new Promise((done) => p.connection.once('pong', done));
			p.connection.ping();
			await pong;
		});

		test('a document of a megabyte', async () => {
			const big = 'ä💡 line of text\n'.repeat(60_000);
			const mine = (await peer()).doc('big', 'a');
			const theirs = (await peer()).doc('big', 'a');
			await mine.create(big, 'text-unicode');
			await theirs.subscribe();
			assert.equal(theirs.data, big);
			await mine.submit([500_000, 'middle', { d: 3 }]);
			await theirs.atLeast(2);
			assert.equal(theirs.data, mine.data);
		});

		test('a thousand documents on one connection', async () => {
			const writer = await peer();
			const reader = await peer();
			const ids = Array.from({ length: 1000 }, (_, i) => `d${i}`);
			await Promise.all(ids.map((id) => writer.doc('many', id).create({ id })));
			const docs = ids.map((id) => reader.doc('many', id));
			reader.connection.startBulk();
			const subscribed = docs.map((doc) => doc.subscribe());
			reader.connection.endBulk();
			await Promise.all(subscribed);
			for (const [i, doc] of docs.entries()) assert.deepEqual(doc.data, { id: ids[i] });
			await Promise.all(ids.map((id) => writer.doc('many', id).submit([{ p: ['x'], oi: 1 }])));
			await Promise.all(docs.map((doc) => doc.atLeast(2)));
		});
	});
