// The client against ShareDB's own server and against otd: the same tests.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import WebSocket from 'ws';
import { Otd } from '../lib/otd.mjs';
import { connect } from '../../clients/js/dist/index.js';
import { types } from './rig.mjs';
import { servers } from './servers.mjs';

const until = async (holds) => {
	while (!holds()) await new Promise((done) => setTimeout(done, 10));
};

for (const [name, start] of Object.entries(servers))
	describe(`on ${name}`, () => {
		let server;
		const open = [];
		const client = (options = {}) => {
			const made = connect(server.urls[0], { WebSocket, types: Object.values(types), minDelay: 50, ...options });
			open.push(made);
			return made;
		};
		before(async () => { server = await start(); });
		after(async () => {
			for (const one of open) one.close();
			await server.stop();
		});

		test('a document is made once, and what one writes the other reads', async () => {
			const [a, b] = [client(), client()];
			const [mine, theirs] = [a.doc('notes', 'one'), b.doc('notes', 'one')];
			await Promise.all([mine.open({ create: { n: 1 } }), theirs.open({ create: { n: 1 } })]);
			const told = theirs.once('change');
			await mine.submit([{ p: ['n'], na: 2 }], 'me');
			assert.deepEqual(await told, { op: [{ p: ['n'], na: 2 }], source: false, remote: true });
			assert.deepEqual(theirs.data, { n: 3 });
			assert.equal(theirs.version, 2);
			assert.equal(a.status, 'online');
			assert.equal(a.doc('notes', 'one'), mine);
		});

		test('who makes a document second hears of no error, and one who creates it by name does', async () => {
			const clients = [client(), client()];
			const errors = [];
			for (const one of clients) one.on('error', (error) => errors.push(error.code));
			for (let i = 0; i < 5; i++) {
				const docs = clients.map((one) => one.doc('notes', `both ${i}`));
				await Promise.all(docs.map((doc) => doc.open({ create: { n: i } })));
				assert.deepEqual(docs.map(({ data }) => data), [{ n: i }, { n: i }]);
				// Whatever is still on its way comes before this.
				await Promise.all(docs.map((doc) => doc.submit([{ p: ['n'], na: 1 }])));
			}
			assert.deepEqual(errors, []);
			const docs = clients.map((one) => one.doc('notes', 'by name'));
			for (const doc of docs) await doc.open();
			const made = await Promise.allSettled(docs.map((doc) => doc.create({ n: 0 })));
			assert.deepEqual(made.map(({ reason }) => reason?.code).sort(), ['ERR_DOC_ALREADY_CREATED', undefined]);
			assert.deepEqual(errors, ['ERR_DOC_ALREADY_CREATED']);
		});

		test('saving is told from the first letter to the acknowledgement', async () => {
			const doc = client().doc('notes', 'save');
			const states = [];
			await doc.open({ create: { n: 0 } });
			doc.on('save', (state) => states.push(state));
			await doc.submit([{ p: ['n'], na: 1 }]);
			assert.deepEqual(states, ['unsaved', 'saving', 'saved']);
		});

		test('what is written offline is sent once when the network is back', async () => {
			const [a, b] = [client(), client()];
			const [mine, theirs] = [a.doc('notes', 'away'), b.doc('notes', 'away')];
			await mine.open({ create: { n: 0 } });
			await theirs.open();
			a.disconnect();
			await until(() => a.status === 'offline');
			const kept = mine.submit([{ p: ['n'], na: 1 }]);
			assert.equal(mine.saveState, 'offline');
			await theirs.submit([{ p: ['n'], na: 10 }]);
			a.reconnect();
			await kept;
			assert.equal(mine.saveState, 'saved');
			await until(() => theirs.data.n === 11);
			assert.deepEqual(mine.data, { n: 11 });
		});

		test('a lost connection comes back by itself, and so does what was followed', async () => {
			const [a, b] = [client(), client()];
			const [mine, theirs] = [a.doc('notes', 'cut'), b.doc('notes', 'cut')];
			await mine.open({ create: { n: 0 } });
			await theirs.open();
			const ended = a.once('ended');
			a.connection.socket._ws.terminate();
			assert.equal((await ended).why, 'network');
			await theirs.submit([{ p: ['n'], na: 1 }]);
			await until(() => mine.data.n === 1);
			assert.equal(a.status, 'online');
		});

		test('a document goes when the last who opened it closes it', async () => {
			const one = client();
			const doc = one.doc('notes', 'shared');
			await doc.open({ create: { n: 0 } });
			await doc.open();
			doc.close();
			assert.equal(one.doc('notes', 'shared'), doc);
			const closed = doc.once('closed');
			doc.close();
			await closed;
			assert.notEqual(one.doc('notes', 'shared'), doc);
		});

		test('a query follows what matches, and what is in it', async () => {
			const one = client();
			const [x, y] = await Promise.all(['x', 'y'].map((id) => one.doc('tasks', id).open({ create: { open: true } })));
			const query = client().query('tasks', { open: true });
			await query.ready;
			assert.deepEqual(query.results.map(({ id }) => id).sort(), ['x', 'y']);
			await x.submit([{ p: ['open'], od: true, oi: false }]);
			await until(() => query.results.length === 1);
			await y.submit([{ p: ['title'], oi: 'Y' }]);
			await until(() => query.results[0].data.title === 'Y');
			query.close();
		});

		test('presence: who comes, moves and leaves', async () => {
			const [a, b] = [client(), client()];
			const [mine, theirs] = await Promise.all([a, b].map((one) => one.presence('room').open()));
			mine.set({ name: 'A' }, 'a');
			await until(() => theirs.others.get('a')?.name === 'A');
			mine.set(null);
			await until(() => !theirs.others.has('a'));
			mine.close();
			theirs.close();
		});

		test('presence in a document that is deleted before it is said', async () => {
			const [a, b] = [client(), client()];
			const errors = [];
			for (const one of [a, b]) one.on('error', (error) => errors.push(error.message));
			const mine = await a.doc('notes', 'brief').open({ create: { n: 1 } });
			const theirs = await b.doc('notes', 'brief').open();
			const [stays, leaves] = [mine.presence(), mine.presence()];
			mine.on('error', () => {});
			a.disconnect();
			await until(() => a.status === 'offline');
			void mine.submit([{ p: ['n'], na: 1 }]);
			stays.set({ path: ['n'] });
			leaves.set({ path: ['n'] });
			leaves.close();
			await theirs.delete();
			a.reconnect();
			await until(() => a.status === 'online' && !mine.exists && mine.saveState === 'saved');
			await theirs.create({ n: 5 });
			await until(() => mine.data?.n === 5);
			assert.deepEqual(errors, []);
			stays.close();
		});

		test('a document as it was', async () => {
			const doc = await client().doc('notes', 'old').open({ create: { n: 1 } });
			await doc.submit([{ p: ['n'], na: 1 }]);
			assert.deepEqual((await doc.at(1)).data, { n: 1 });
		});

		test('an op that is refused fails, and the document is as the server has it', async () => {
			const doc = await client().doc('notes', 'refused').open({ create: { n: 1 } });
			doc.on('error', () => {});
			await assert.rejects(doc.create({ n: 2 }), { code: 'ERR_DOC_ALREADY_CREATED' });
			assert.deepEqual(doc.data, { n: 1 });
		});
	});

test('a server that starts again finds its clients, and nothing is lost', async () => {
	const otd = await Otd.start();
	const one = connect(otd.ws, { WebSocket, minDelay: 50 });
	const doc = await one.doc('notes', 'one').open({ create: { n: 0 } });
	await otd.kill();
	await until(() => one.status === 'offline');
	const kept = doc.submit([{ p: ['n'], na: 1 }]);
	await otd.up();
	await kept;
	assert.deepEqual(doc.data, { n: 1 });
	one.close();
	await otd.stop();
});
