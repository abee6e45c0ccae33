// Documents as they were, by the unmodified ShareDB client.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Peer, within } from './client.mjs';
import { Chance, random } from './random.mjs';
import { targets } from './targets.mjs';
import { types } from './types.mjs';
import { sleep } from '../lib/process.mjs';
import { patience } from '../lib/paths.mjs';

const KEEP_EVERY = 50;
const OPS = 170;
const DEEP = 5_000;

const ask = (what, peer, ...args) => within(30_000 * patience, what, new Promise((done, fail) =>
	peer.connection[what](...args, (error, snapshot) => (error ? fail(error) : done(snapshot)))));
const atVersion = (peer, id, v) => ask('fetchSnapshot', peer, 'history', id, v);
const atTime = (peer, id, ts) => ask('fetchSnapshotByTimestamp', peer, 'history', id, ts);

const plain = (data) => (data === undefined ? undefined : JSON.parse(JSON.stringify(data)));

for (const target of targets)
	describe(`history on ${target.name}`, () => {
		let server;
		let writer;
		let reader;	// in another process, where there is one
		before(async () => {
			server = await target.start({ args: ['--keep-every', String(KEEP_EVERY), '--checkpoint-ops', '20'] });
			writer = await Peer.connect(server.urls[0]);
			reader = await Peer.connect(server.urls.at(-1));
		});
		after(async () => {
			await writer?.close();
			await reader?.close();
			await server?.stop();
		});

		for (const type of Object.keys(types))
			test(`every version: ${type}`, async () => {
				const chance = new Chance(`history ${type}`);
				const doc = writer.doc('history', type);
				const was = [undefined];
				await doc.create(random[type].initial(), type);
				was.push(plain(doc.data));
				while (doc.v < OPS) {
					await doc.submit(random[type].op(chance, doc.data));
					was.push(plain(doc.data));
				}
				for (let v = 0; v <= OPS; v++) {
					const snapshot = await atVersion(reader, type, v);
					assert.equal(snapshot.v, v);
					assert.equal(snapshot.type, v ? types[type].uri : null);
					assert.deepEqual(plain(snapshot.data), was[v], `version ${v}`);
				}
				assert.deepEqual(plain((await atVersion(reader, type, null)).data), was[OPS]);
				await assert.rejects(atVersion(reader, type, OPS + 1));
			});

		test('every time: before, between, after', async () => {
			const doc = writer.doc('history', 'times');
			const moments = [Date.now()];
			await sleep(5);
			await doc.create({ n: 0 });
			for (;;) {
				await sleep(5);
				moments.push(Date.now());
				await sleep(5);
				if (moments.length > 12) break;
				await doc.submit([{ p: ['n'], na: 1 }]);
			}
			await doc.del();
			for (const [v, ts] of moments.entries()) {
				const snapshot = await atTime(reader, 'times', ts);
				assert.equal(snapshot.v, v);
				assert.deepEqual(snapshot.data, v ? { n: v - 1 } : undefined);
			}
			for (const ts of [Date.now() + 60_000, null]) {
				const last = await atTime(reader, 'times', ts);
				assert.deepEqual([last.v, last.type, last.data], [13, null, undefined]);
			}
		});

		test('what the author knows, a reader elsewhere sees at once', async () => {
			const doc = writer.doc('history', 'fresh');
			await doc.create({ n: 0 });
			for (let v = 1; v < 40; v++) {
				assert.equal((await atVersion(reader, 'fresh', null)).v, v);
				assert.equal((await atVersion(reader, 'fresh', v)).data.n, v - 1);
				await doc.submit([{ p: ['n'], na: 1 }]);
			}
		});

		test('histories do not disturb those who edit', async () => {
			const doc = writer.doc('history', 'both');
			const other = reader.doc('history', 'both');
			await doc.create('', 'text-unicode');
			await other.subscribe();
			const asked = [];
			for (let v = 1; v < 120; v++) {
				asked.push(atVersion(reader, 'both', v >> 1).then((snapshot) =>
					assert.equal(snapshot.data?.length ?? 0, Math.max(0, (v >> 1) - 1))));
				await doc.submit(['x']);
			}
			await Promise.all(asked);
			await other.atLeast(doc.v);
			assert.equal(other.data, doc.data);
		});
	});

for (const target of targets.filter(({ name }) => ['sqlite', 'pair'].includes(name)))
	test(`${DEEP} versions on ${target.name}, some of them from before they were kept`, async () => {
		let server = await target.start({ args: ['--keep-every', '1000000'] });
		try {
			const writer = await Peer.connect(server.urls[0]);
			const doc = writer.doc('history', 'deep');
			await doc.create({ n: 0 });
			// Each an op of its own: the client would join what waits.
			doc.raw.preventCompose = true;
			for (let n = 1; n < DEEP; n++) doc.raw.submitOp([{ p: ['n'], na: 1 }]);
			await within(60_000 * patience, 'all edits', new Promise((done) => doc.raw.whenNothingPending(done)));
			assert.equal(doc.v, DEEP);
			await writer.close();
			for (const otd of server.otds) {
				await otd.stop();
				otd.args = otd.args.map((arg) => (arg === '1000000' ? '100' : arg));
				await otd.up();
			}
			const chance = new Chance('deep');
			const reader = await Peer.connect(server.urls.at(-1));
			await Promise.all(Array.from({ length: 100 }, async () => {
				const v = 1 + chance.below(DEEP);
				assert.deepEqual((await atVersion(reader, 'deep', v)).data, { n: v - 1 });
			}));
			await reader.close();
		} finally {
			await server.stop();
		}
	});
