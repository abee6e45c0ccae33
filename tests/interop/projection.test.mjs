// Clients that know a part of documents: the unmodified client by the names of projections, on every server, in
// several processes at once.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { Peer } from './client.mjs';
import { Chance, random } from './random.mjs';
import { targets } from './targets.mjs';

const projections = {
	crowd_words: { of: 'crowd', fields: ['list', 'text'] },
	crowd_count: { of: 'crowd', fields: ['n', 'map'] },
};
const whole = { of: 'crowd', fields: ['list', 'text', 'n', 'map'] };
const names = { crowd: whole, ...projections };
const seed = process.env.OTD_TEST_SEED || '1';
const OPS = 40;

const part = (data, name) => Object.fromEntries(names[name].fields.map((field) => [field, data[field]]));

// An edit within what the name shows.
function editOf(type, name, chance, data) {
	const filled = { list: [], map: { a: 1 }, text: '', n: 0, ...data };
	for (;;) {
		const op = random[type].op(chance, filled);
		const [field] = type === 'json0' ? op[0].p : op;
		if (names[name].fields.includes(field)) return op;
	}
}

for (const target of targets)
	describe(`projections on ${target.name}, seed ${seed}`, () => {
		let server;
		let peers = [];
		let way = 0;
		const peer = async () => {
			const made = await Peer.connect(server.urls[way++ % server.urls.length]);
			peers.push(made);
			return made;
		};
		before(async () => { server = await target.start({ projections, config: { projections } }); });
		after(() => server?.stop());
		afterEach(async () => {
			await Promise.all(peers.map((p) => p.close()));
			peers = [];
		});

		// ShareDB projects json0 alone.
		for (const type of target.name === 'reference' ? ['json0'] : ['json0', 'json1'])
			test(`all parts of a document agree after random edits and cut lines: ${type}`, async () => {
				const first = (await peer()).doc('crowd', type);
				await first.create(random[type].initial(), type);
				const docs = await Promise.all(Object.keys(names).flatMap((name) => [name, name]).map(async (name, i) => {
					const own = await peer();
					const doc = own.doc(name, type);
					await doc.subscribe();
					assert.deepEqual(doc.data, part(first.raw.data, name));
					return { name, own, doc, chance: new Chance(`${seed} ${type} ${i}`) };
				}));
				await Promise.all(docs.map(async ({ name, own, doc, chance }) => {
					for (let i = 0; i < OPS; i++) {
						const done = doc.submit(editOf(type, name, chance, doc.data));
						if (chance.often(0.05)) own.cut();
						if (chance.often(0.5)) await done;
						else done.catch((error) => doc.errors.push(error));
					}
					await doc.settled();
				}));
				await first.fetch();
				assert.ok(first.v > 1 + 2 * OPS, `only ${first.v} versions`);
				for (const { name, doc } of docs) {
					await doc.atLeast(first.v);
					assert.deepEqual(doc.data, part(first.data, name), name);
					assert.deepEqual(doc.errors, []);
				}
			});

		test('one client reads a document by all its names', async () => {
			const mine = await peer();
			const docs = Object.keys(names).map((name) => mine.doc(name, 'names'));
			const other = (await peer()).doc('crowd', 'names');
			await Promise.all(docs.map((doc) => doc.subscribe()));
			await other.create({ list: [], text: 'a', n: 1, map: {} });
			await Promise.all(docs.map((doc) => doc.atLeast(1)));
			await other.submit([{ p: ['n'], na: 1 }, { p: ['text', 1], si: 'b' }]);
			await Promise.all(docs.map((doc) => doc.atLeast(2)));
			// Its own edit by one name reaches it by the others.
			await docs[1].submit([{ p: ['list', 0], li: 'x' }]);
			await Promise.all(docs.map((doc) => doc.atLeast(3)));
			assert.deepEqual(docs.map((doc) => doc.data), [
				{ list: ['x'], text: 'ab', n: 2, map: {} }, { list: ['x'], text: 'ab' }, { n: 2, map: {} },
			]);
			await docs[2].del();
			await Promise.all(docs.map((doc) => doc.atLeast(4)));
			assert.deepEqual(docs.map((doc) => doc.type), [null, null, null]);
			assert.deepEqual(mine.errors, []);
		});

		test('an edit outside of the fields is refused and taken back', async () => {
			const full = (await peer()).doc('crowd', 'outside');
			await full.create({ list: [], text: 'a', n: 1, map: {} });
			const doc = (await peer()).doc('crowd_count', 'outside');
			await doc.subscribe();
			await assert.rejects(doc.submit([{ p: ['text'], oi: 'x' }]), ({ code }) => {
				assert.equal(code, 'ERR_OP_NOT_ALLOWED_IN_PROJECTION');
				return true;
			});
			await doc.until('what the server has', () => doc.v === 1 && doc.data?.text === undefined);
			await doc.submit([{ p: ['n'], na: 1 }]);
			await assert.rejects((await peer()).doc('crowd_count', 'other').create({ text: '' }), ({ code }) => {
				assert.equal(code, 'ERR_OP_NOT_ALLOWED_IN_PROJECTION');
				return true;
			});
			await full.fetch();
			assert.deepEqual([full.v, full.data], [2, { list: [], text: 'a', n: 2, map: {} }]);
		});

		test('many at once by projection', async () => {
			const full = await peer();
			const ids = Array.from({ length: 30 }, (_, i) => `many${i}`);
			await Promise.all(ids.map((id, i) => full.doc('crowd', id).create({ list: [], text: id, n: i, map: {} })));
			const { connection } = await peer();
			connection.startBulk();
			const docs = ids.map((id) => connection.get('crowd_count', id));
			const there = docs.map((doc) => new Promise((done, fail) => doc.subscribe((error) => (error ? fail(error) : done()))));
			connection.endBulk();
			await Promise.all(there);
			assert.deepEqual(docs.map(({ data }) => data), ids.map((_, i) => ({ n: i, map: {} })));
		});
	});
