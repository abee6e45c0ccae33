// A server that comes back with a database from a backup: clients that know more than it does, or other things, are told
// and read anew. None asks again and again, and none shows what the server does not have.
import { openPage, records, until } from '../client/offline-rig.mjs';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, afterEach, before, describe, test } from 'node:test';
import WebSocket from 'ws';
import { Peer } from '../interop/client.mjs';
import { connect } from '../../clients/js/dist/index.js';
import { Otd, otd } from '../lib/otd.mjs';
import { patience } from '../lib/paths.mjs';
import { Postgres } from '../lib/postgres.mjs';
import { run, sleep } from '../lib/process.mjs';

const add = (n) => [{ p: ['n'], na: n }];
const told = (told) => told.filter(({ code }) => code === 'ERR_OTD_RESTORED').length;

// Each: {server, backup(), restore()}: restore puts the backup back and says so.
const stores = {
	sqlite: async () => {
		const server = await Otd.start();
		const file = server.store.replace('sqlite:', '');
		return {
			server,
			backup: () => run('sqlite3', [file, `.backup ${file}.copy`]),
			restore: async (says = true) => {
				await server.kill();
				for (const end of ['-wal', '-shm']) fs.rmSync(file + end, { force: true });
				fs.copyFileSync(`${file}.copy`, file);
				if (says) await saysRestored(server.store);
				await server.up();
			},
			stop: () => server.stop(),
		};
	},
	postgresql: async () => {
		const pg = await Postgres.start();
		const server = await Otd.start({ store: await pg.database() });
		const name = server.store.split('/').pop();
		const dump = `${pg.folder}/dump`;
		return {
			server,
			backup: () => run(`${pg.bin}/pg_dump`, ['-Fc', '-f', dump, '-d', server.store]),
			restore: async (says = true) => {
				await server.kill();
				await pg.sql(`DROP DATABASE ${name} WITH (FORCE)`);
				await pg.sql(`CREATE DATABASE ${name}`);
				await run(`${pg.bin}/pg_restore`, ['-d', server.store, dump], pg.options);
				if (says) await saysRestored(server.store);
				await server.up();
			},
			stop: async () => { await server.stop(); await pg.stop(); },
		};
	},
};

async function saysRestored(store) {
	const { code, text } = await otd(['migrate', 'restored', '--store', store]);
	assert.equal(code, 0, text);
	assert.match(text, /^epoch [0-9a-f-]{32,36} begins/);
}

for (const [name, start] of Object.entries(stores))
	describe(`restored, ${name}`, { timeout: 120_000 * patience }, () => {
		let at;
		const clients = [];
		const client = () => {
			const made = connect(at.server.ws, { WebSocket, minDelay: 20, maxDelay: 100 });
			made.errors = [];
			made.sent = [];
			made.on('error', (error) => made.errors.push(error));
			made.connection.on('send', (message) => made.sent.push(message.a));
			clients.push(made);
			return made;
		};
		before(async () => { at = await start(); });
		after(() => at?.stop());
		afterEach(() => Promise.all(clients.splice(0).map((made) => made.close())));

		// Two documents of one client, backed up at 3 ops and known at 6; one is followed by a query too.
		async function known(id) {
			const mine = client();
			const docs = await Promise.all([`${id}a`, `${id}b`].map((each) => mine.doc('notes', each).open({ create: { n: 0 } })));
			for (const doc of docs) { await doc.submit(add(1)); await doc.submit(add(1)); }
			await at.backup();
			for (const doc of docs) for (let i = 0; i < 3; i++) await doc.submit(add(10));
			return { mine, docs };
		}

		test('who knows more is told and has what the server has', async () => {
			const { mine, docs } = await known('more');
			mine.sent.length = 0;
			await at.restore();
			await until(() => docs.every((doc) => doc.data?.n === 2 && doc.version === 3));
			assert.equal(told(mine.errors), 1);
			assert.deepEqual(docs.map((doc) => doc.saveState), ['saved', 'saved']);
			// Asked once, not again and again.
			await sleep(300);
			assert.ok(mine.sent.length <= 8, mine.sent.join(' '));
			await docs[0].submit(add(5));
			const other = await client().doc('notes', 'morea').open();
			assert.deepEqual([other.data, other.version], [{ n: 7 }, 4]);
			assert.equal(told(mine.errors), 1);
		});

		test('who knows as much, but of what never was', async () => {
			const { mine, docs } = await known('same');
			const query = mine.query('notes', { n: { $gt: 20 } });
			await query.ready;
			mine.disconnect();
			await at.restore();
			const theirs = await client().doc('notes', 'samea').open();
			for (let i = 0; i < 3; i++) await theirs.submit(add(100));
			assert.equal(theirs.version, docs[0].version);	// nothing but the epoch tells
			mine.reconnect();
			await until(() => docs[0].data?.n === 302 && docs[1].data?.n === 2);
			assert.equal(told(mine.errors), 1);
			await docs[0].submit(add(1));
			await until(() => theirs.data.n === 303);
			await until(() => query.results.map(({ id }) => id).join() === 'samea');
			assert.deepEqual(query.results[0].data, { n: 303 });
		});

		test('what was not acknowledged fails, and says why', async () => {
			const { mine, docs } = await known('mine');
			mine.disconnect();
			const written = docs[0].submit(add(1000));
			const made = mine.connection.get('notes', 'mine new');
			const created = new Promise((done, fail) => made.create({ n: 1 }, (error) => (error ? fail(error) : done())));
			await at.restore();
			mine.reconnect();
			await assert.rejects(written, { code: 'ERR_OTD_RESTORED' });
			await until(() => docs[0].data?.n === 2 && docs[0].saveState === 'saved');
			await created;	// it builds on nothing that is gone
			const other = await client().doc('notes', 'minea').open();
			assert.deepEqual(other.data, { n: 2 });
		});

		test('a server that only starts again tells nobody anything', async () => {
			const { mine, docs } = await known('calm');
			await at.server.kill();
			await at.server.up();
			await until(() => mine.status === 'online');
			await docs[0].submit(add(1));
			assert.deepEqual([docs[0].data, docs[0].version], [{ n: 33 }, 7]);
			assert.equal(mine.errors.length, 0);
		});

		test('who knows more is told, though nobody said that it was restored', async () => {
			const { mine, docs } = await known('quiet');
			const calm = await mine.doc('notes', 'quiet calm').open({ create: { n: 0 } });
			mine.disconnect();
			await at.restore(false);
			const theirs = await client().doc('notes', 'quiet calm').open({ create: { n: 50 } });
			mine.reconnect();
			await until(() => docs.every((doc) => doc.data?.n === 2 && doc.version === 3));
			assert.equal(told(mine.errors), 0);
			assert.ok(mine.errors.every(({ code }) => code === 'ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT'));
			assert.ok(mine.errors.length > 0);
			await docs[0].submit(add(1));
			assert.deepEqual([docs[0].data, docs[0].version], [{ n: 3 }, 4]);
			await until(() => calm.version === theirs.version);
			mine.sent.length = 0;
			await sleep(300);
			assert.ok(mine.sent.length <= 2, mine.sent.join(' '));
		});

		test("ShareDB's own client is told at its first edit, and can go on", async () => {
			const peer = await Peer.connect(at.server.ws);
			const doc = peer.doc('notes', 'stock');
			await doc.create({ n: 0 }, 'json0');
			await at.backup();
			await doc.submit(add(1));
			await doc.submit(add(1));
			await peer.close();
			await at.restore();
			const again = await Peer.connect(at.server.ws);
			const stock = again.connection.get('notes', 'stock');
			// As its page has it, which never closed.
			stock.ingestSnapshot({ v: 3, type: 'json0', data: { n: 2 } });
			const ops = [];
			again.connection.on('send', (message) => { if (message.a === 'op') ops.push(message); });
			await assert.rejects(new Promise((done, fail) => stock.submitOp(add(1), (error) => (error ? fail(error) : done()))),
				{ code: 'ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT' });
			await sleep(300);
			assert.equal(ops.length, 1);
			// What the protocol tells a client to do then.
			await new Promise((done) => stock.destroy(done));
			const fresh = again.connection.get('notes', 'stock');
			await new Promise((done, fail) => fresh.fetch((error) => (error ? fail(error) : done())));
			assert.deepEqual([fresh.version, fresh.data], [1, { n: 0 }]);
			await again.close();
		});
	});

describe('what a page kept beyond itself', { timeout: 120_000 * patience }, () => {
	let at;
	before(async () => { at = await stores.sqlite(); });
	after(() => at?.stop());

	test('of a database that was put back since: it is lost, and told', async () => {
		const page = await openPage(at.server.ws, 'kept');
		const doc = await page.client.doc('notes', 'kept').open({ create: { n: 0 } });
		await page.client.saved();
		await at.backup();
		await doc.submit(add(1));
		page.client.disconnect();
		void doc.submit(add(10));
		await until(async () => (await records('kept')).some(({ ops, epoch }) => ops.length === 1 && epoch));
		page.kill();
		await at.restore();
		const next = await openPage(at.server.ws, 'kept');
		const again = await next.client.doc('notes', 'kept').open();
		await until(() => next.lost.length === 1);
		assert.deepEqual([next.lost[0].data, next.lost[0].error.code], [{ n: 11 }, 'ERR_OTD_RESTORED']);
		assert.deepEqual(next.lost[0].ops.map(({ op }) => op), [add(10)]);
		await until(() => again.data?.n === 0 && again.saveState === 'saved');
		await again.submit(add(3));
		assert.equal(again.data.n, 3);
		await next.client.close();
	});

	test('of one that is read without a network first, and then put right', async () => {
		const page = await openPage(at.server.ws, 'read');
		const doc = await page.client.doc('notes', 'read').open({ create: { n: 0 } });
		await page.client.saved();
		await at.backup();
		await doc.submit(add(1));
		await until(async () => (await records('read')).some(({ v }) => v === 2));
		await page.client.close();
		await at.restore();
		const next = await openPage(at.server.ws, 'read');
		const again = await next.client.doc('notes', 'read').open();
		await until(() => again.data?.n === 0 && again.version === 1);
		assert.equal(next.lost.length, 0);
		await next.client.close();
	});
});
