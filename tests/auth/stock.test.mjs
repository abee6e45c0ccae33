// The unmodified ShareDB client at two nodes that ask who it is; they have no bus.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Peer } from '../interop/client.mjs';
import { Otd } from '../lib/otd.mjs';
import { temporaryFolder } from '../lib/paths.mjs';
import { Postgres } from '../lib/postgres.mjs';
import { until } from '../lib/process.mjs';
import { As, SECRET, Socket, bearer, token } from './client.mjs';

const rules = path.join(temporaryFolder('auth'), 'rules.json');
fs.writeFileSync(rules, JSON.stringify({
	grants: ['notes'],
	rules: [
		{ name: 'make', who: 'authenticated', allow: ['create', 'query'], collections: ['notes'] },
		{ name: 'admins', who: { roles: ['admin'] }, allow: '*' },
	],
}));

describe('stock clients at two nodes', () => {
	let pg, store, nodes, admin;
	before(async () => {
		pg = await Postgres.start();
		store = await pg.database();
		nodes = [];
		for (let i = 0; i < 2; i++)
			nodes.push(await Otd.start({ store, args: ['--auth', 'jwt', '--policy', rules, '--jwt-secret', SECRET] }));
		admin = new As(nodes[0].url, token('root', { roles: ['admin'] }));
	});
	after(async () => {
		const ends = await Promise.allSettled(nodes.map((n) => n.stop()));
		await pg.stop();
		for (const end of ends) if (end.status === 'rejected') throw end.reason;
	});
	const address = (i, sub) => `${nodes[i].ws}?access_token=${token(sub)}`;
	const grant = (id, subject, role) => admin.put(`/collections/notes/docs/${id}/grants/${subject}`, { role });

	// What a document of the client's does, as promises.
	const done = (act) => new Promise((well, ill) => act((error, value) => (error ? ill(error) : well(value))));
	const open = async (peer, id) => {
		const doc = peer.connection.get('notes', id);
		await done((end) => doc.subscribe(end));
		return doc;
	};

	test('who comes back to the other node is who it was: each op is there once', async () => {
		const peer = await Peer.connect(address(0, 'ann'));
		const id = peer.connection.id;
		const doc = peer.connection.get('notes', 'first');
		await done((end) => doc.create({ n: 0 }, 'json0', end));
		await done((end) => doc.subscribe(end));
		for (let round = 0; round < 6; round++) {
			const sent = [1, 2, 3].map(() => done((end) => doc.submitOp([{ p: ['n'], na: 1 }], end)));
			// Cut with ops on their way, acknowledged or not.
			peer.url = address((round + 1) % 2, 'ann');
			if (round % 2) peer.deaf = true;
			setTimeout(() => { peer.cut(); peer.deaf = false; }, 5 * round);
			await Promise.all(sent);
			await peer.online();
			assert.equal(peer.connection.id, id);
		}
		assert.equal(doc.data.n, 18);
		const ops = (await new As(nodes[1].url, token('ann')).get('/collections/notes/docs/first/ops')).json;
		assert.deepEqual([...new Set(ops.ops.map((op) => op.author))], ['ann']);
		assert.deepEqual(peer.errors, []);
		await peer.close();
	});

	test('nobody signs as somebody else', async () => {
		const ann = await Peer.connect(address(0, 'ann'));
		const bob = await Socket.open(nodes[1].ws, bearer(token('bob')));
		bob.say({ a: 'hs', id: ann.connection.id });
		assert.equal((await bob.hears((m) => m.a === 'hs')).error.code, 'ERR_OTD_SRC_NOT_YOURS');
		bob.say({ a: 'op', c: 'notes', d: 'forged', v: 0, seq: 1, src: ann.connection.id, create: { type: 'json0' } });
		assert.equal((await bob.hears((m) => m.a === 'op')).error.code, 'ERR_OTD_SRC_NOT_YOURS');
		await Promise.all([bob.close(), ann.close()]);
	});

	test('a grant lets in, and its end shows the door, at the other node', async () => {
		const ann = await Peer.connect(address(0, 'ann'));
		const made = ann.connection.get('notes', 'shared');
		await done((end) => made.create({ text: 'hush' }, 'json0', end));
		const bob = await Peer.connect(address(1, 'bob'));
		await assert.rejects(open(bob, 'shared'), { code: 'ERR_OTD_FORBIDDEN' });
		assert.equal((await grant('shared', 'bob', 'viewer')).status < 300, true);
		const doc = await open(bob, 'shared');
		assert.deepEqual(doc.data, { text: 'hush' });
		await assert.rejects(done((end) => doc.submitOp([{ p: ['mine'], oi: 1 }], end)), { code: 'ERR_OTD_FORBIDDEN' });
		await grant('shared', 'bob', 'editor');
		await until('the right has come', () => done((end) => doc.submitOp([{ p: ['mine'], oi: 1 }], end)).then(() => true, () => false));
		bob.keeps = true;
		const { wire } = bob;
		const shut = new Promise((gone) => wire.once('close', (code) => gone(code)));
		await admin.delete('/collections/notes/docs/shared/grants/bob');
		assert.equal(await shut, 4403);
		bob.heard.length = 0;
		await done((end) => made.submitOp([{ p: ['text'], od: 'hush', oi: 'hush hush' }], end));
		// It comes back by itself, asks again, and is told nothing.
		await until('refused', () => bob.errors.length > 0 || bob.heard.some((m) => m.error?.code === 'ERR_OTD_FORBIDDEN'));
		assert.ok(!JSON.stringify(bob.heard).includes('hush hush'));
		await Promise.all([ann.close(), bob.close()]);
	});

	test('a query finds what is one\'s own, and what one makes later', async () => {
		const cid = await Peer.connect(address(0, 'cid'));
		const ids = (query) => query.results.map((doc) => doc.id).sort();
		const first = cid.connection.get('notes', 'cid-1');
		await done((end) => first.create({ n: 1 }, 'json0', end));
		const query = await done((end) => {
			const asked = cid.connection.createSubscribeQuery('notes', { n: { $gt: 0 } }, {}, (error) => end(error, asked));
		});
		assert.deepEqual(ids(query), ['cid-1']);
		const second = cid.connection.get('notes', 'cid-2');
		await done((end) => second.create({ n: 2 }, 'json0', end));
		await until('it is found', () => ids(query).length === 2);
		const other = await Peer.connect(address(1, 'dan'));
		const none = await done((end) => other.connection.createFetchQuery('notes', {}, {}, (error, found) => end(error, found)));
		assert.deepEqual(none, []);
		await Promise.all([cid.close(), other.close()]);
	});

	test('presence is for those who may see it', async () => {
		const ann = await Peer.connect(address(0, 'ann'));
		const doc = ann.connection.get('notes', 'seen');
		await done((end) => doc.create([{ insert: 'abc' }], 'rich-text', end));
		await grant('seen', 'bob', 'viewer');
		await grant('seen', 'cid', 'commenter');
		const bob = await Peer.connect(address(0, 'bob')), cid = await Peer.connect(address(0, 'cid'));
		const follow = async (peer) => {
			await open(peer, 'seen');
			const presence = peer.connection.getDocPresence('notes', 'seen');
			await done((end) => presence.subscribe(end));
			return presence;
		};
		await assert.rejects(follow(bob), { code: 'ERR_OTD_FORBIDDEN' });
		const seen = await follow(cid);
		const mine = ann.connection.getDocPresence('notes', 'seen').create('ann');
		await done((end) => doc.subscribe(end));
		await done((end) => mine.submit({ index: 1, length: 1 }, end));
		await until('cid sees ann', () => seen.remotePresences.ann?.index === 1);
		await Promise.all([ann.close(), bob.close(), cid.close()]);
	});
});
