// The Presence API of the unmodified ShareDB client, with several clients over
// every way in to a server.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { announce, transforms } from './places.mjs';
import { Peer, within } from './client.mjs';
import { otdTargets, targets } from './targets.mjs';
import { types } from './types.mjs';
import { patience } from '../lib/paths.mjs';
import { sleep } from '../lib/process.mjs';

const call = (what, ...args) => new Promise((done, fail) =>
	what(...args, (error) => (error ? fail(error) : done())));
const submit = (local, value) => call(local.submit.bind(local), value);
const follow = (presence) => call(presence.subscribe.bind(presence));
const leave = (presence) => call(presence.unsubscribe.bind(presence));
const destroy = (thing) => call(thing.destroy.bind(thing));

const sees = (presence, expected, timeout_ms = 10_000) => {
	const same = () => {
		try {
			assert.deepEqual({ ...presence.remotePresences }, expected);
			return true;
		} catch {
			return false;
		}
	};
	let look;
	return within(timeout_ms * patience, `${presence.channel} to be ${JSON.stringify(expected)}`, new Promise((done) => {
		look = () => { if (same()) done(); };
		presence.on('receive', look);
		look();
	}), () => `but it is ${JSON.stringify(presence.remotePresences)}`)
		.finally(() => presence.removeListener('receive', look));
};

let unique = 0;

for (const target of targets)
	describe(`presence with ${target.name}`, () => {
		const isOtd = otdTargets.includes(target);
		let server;
		let peers = [];
		let name;	// of this test's channel or document
		before(async () => { server = await target.start(); });
		after(() => server?.stop());
		const meet = async (n, prepare = () => {}) => {
			name = `at${unique++}`;
			peers = Array.from({ length: n }, (_, i) => new Peer(server.urls[i % server.urls.length]));
			for (const peer of peers) prepare(peer.connection);
			await Promise.all(peers.map((peer) => peer.online()));
			return peers.map((peer) => peer.connection.getPresence(name));
		};
		const part = async () => { await Promise.all(peers.splice(0).map((peer) => peer.close())); };
		const channel = (title, n, check) => test(title, async () => {
			try {
				await check(...await meet(n));
			} finally {
				await part();
			}
		});
		const place = (title, n, check, { type = 'rich-text', data = [{ insert: 'hello world' }], prepare } = {}) =>
			test(title, async () => {
				try {
					await meet(n, prepare);
					const docs = peers.map((peer) => peer.doc('places', name));
					await docs[0].create(data, type);
					await Promise.all(docs.map((doc) => doc.subscribe()));
					const presences = peers.map((peer) => peer.connection.getDocPresence('places', name));
					await Promise.all(presences.map(follow));
					await check(docs, presences);
				} finally {
					await part();
				}
			});

		channel('others are told, and told of the end', 3, async (a, b, c) => {
			await Promise.all([follow(b), follow(c)]);
			const local = a.create('x');
			await submit(local, { n: 1 });
			await Promise.all([sees(b, { x: { n: 1 } }), sees(c, { x: { n: 1 } })]);
			await submit(local, 'text');
			await Promise.all([sees(b, { x: 'text' }), sees(c, { x: 'text' })]);
			await submit(local, null);
			await Promise.all([sees(b, {}), sees(c, {})]);
			await submit(local, 0);
			await Promise.all([sees(b, { x: 0 }), sees(c, { x: 0 })]);
			await destroy(local);
			await Promise.all([sees(b, {}), sees(c, {})]);
		});

		channel('several presences of one client', 2, async (a, b) => {
			await follow(b);
			const one = a.create('one');
			const two = a.create('two');
			const unnamed = a.create();
			await Promise.all([submit(one, 1), submit(two, 2), submit(unnamed, 3)]);
			await sees(b, { one: 1, two: 2, [unnamed.presenceId]: 3 });
			await destroy(a);
			await sees(b, {});
			assert.equal(peers[0].connection._presences[name], undefined);
			const again = peers[0].connection.getPresence(name);
			assert.notEqual(again, a);
			await submit(again.create('one'), 4);
			await sees(b, { one: 4 });
		});

		channel('subscribing brings what others say who are subscribed', 2, async (a, b) => {
			await follow(a);
			await submit(a.create('x'), 1);
			await follow(b);
			await sees(b, { x: 1 });
			await sees(a, {});
		});

		channel('unsubscribing ends it, and takes what was said along', 3, async (a, b, c) => {
			await Promise.all([follow(a), follow(b), follow(c)]);
			const local = a.create('x');
			await submit(local, 1);
			await Promise.all([sees(b, { x: 1 }), sees(c, { x: 1 })]);
			await leave(b);
			await submit(local, 2);
			await sees(c, { x: 2 });
			assert.deepEqual({ ...b.remotePresences }, { x: 1 });
			await leave(a);
			await sees(c, {});
			await follow(a);
			await submit(local, 3);
			await sees(c, { x: 3 });
		});

		channel('wishes that change their mind', 2, async (a, b) => {
			const calls = [follow(b), leave(b), follow(b), leave(b), follow(b)];
			await Promise.all(calls);
			assert.ok(b.subscribed);
			await submit(a.create('x'), 1);
			await sees(b, { x: 1 });
			await Promise.all([leave(b), follow(b), leave(b)]);
			assert.ok(!b.subscribed);
		});

		channel('a client that comes back says it again, and hears again', 2, async (a, b) => {
			await Promise.all([follow(a), follow(b)]);
			await Promise.all([submit(a.create('x'), 1), submit(b.create('y'), 2)]);
			await Promise.all([sees(b, { x: 1 }), sees(a, { y: 2 })]);
			for (const peer of peers) {
				const gone = new Promise((done) => peer.connection.once('connecting', done));
				peer.cut();
				await gone;
				await peer.online();
				await Promise.all([sees(b, { x: 1 }), sees(a, { y: 2 })]);
			}
		});

		channel('a client that leaves takes its presences along', 3, async (a, b, c) => {
			await Promise.all([follow(a), follow(b), follow(c)]);
			await Promise.all([submit(a.create('x'), 1), submit(a.create('y'), 2), submit(b.create('z'), 3)]);
			await Promise.all([sees(b, { x: 1, y: 2 }), sees(c, { x: 1, y: 2, z: 3 })]);
			await peers[0].close();
			await Promise.all([sees(b, {}), sees(c, { z: 3 })]);
		});

		if (isOtd) channel('a client that only submits leaves no ghost, and is seen by who comes later', 4, async (a, b, c, d) => {
			await submit(a.create('x'), 1);
			await Promise.all([follow(b), follow(c), follow(d)]);
			await Promise.all([b, c, d].map((presence) => sees(presence, { x: 1 })));
			peers[0].socket.close();
			await Promise.all([b, c, d].map((presence) => sees(presence, {})));
		});

		if (isOtd) channel('what is said too fast arrives, the last of it', 3, async (a, b, c) => {
			await Promise.all([follow(b), follow(c)]);
			const local = a.create('x');
			await Promise.all(Array.from({ length: 500 }, (_, i) => submit(local, i)));
			await Promise.all([sees(b, { x: 499 }), sees(c, { x: 499 })]);
		});

		place('a place moves with the edits of others and of its author', 3, async (docs, [a, b, c]) => {
			const local = a.create('x');
			await submit(local, { index: 6, length: 5, name: 'Ada' });
			await Promise.all([sees(b, { x: { index: 6, length: 5, name: 'Ada' } }), sees(c, { x: { index: 6, length: 5, name: 'Ada' } })]);
			await docs[1].submit({ ops: [{ insert: 'oh ' }] });
			await Promise.all([sees(b, { x: { index: 9, length: 5, name: 'Ada' } }), sees(c, { x: { index: 9, length: 5, name: 'Ada' } })]);
			await docs[0].atLeast(2);
			await docs[0].submit({ ops: [{ retain: 9 }, { insert: 'the ' }] });
			await Promise.all([sees(b, { x: { index: 13, length: 5, name: 'Ada' } }), sees(c, { x: { index: 13, length: 5, name: 'Ada' } })]);
		});

		place('a place that is said while edits are under way', 2, async (docs, [a, b]) => {
			const local = a.create('x');
			docs[1].raw.submitOp({ ops: [{ insert: 'one ' }] });
			docs[0].raw.submitOp({ ops: [{ insert: 'two ' }] });
			await submit(local, { index: 5, length: 4 });
			await docs[0].atLeast(3);
			await docs[1].atLeast(3);
			const { index } = local.value;
			await sees(b, { x: { index, length: 4 } });
			assert.equal(docs[0].data.ops[0].insert.slice(index, index + 4), 'ello');
		});

		place('a document that is deleted', 2, async (docs, [a, b]) => {
			await submit(a.create('x'), { index: 1, length: 0 });
			await sees(b, { x: { index: 1, length: 0 } });
			await docs[1].del();
			await docs[0].until('deletion', (doc) => doc.type === null);
			await docs[0].create([{ insert: 'again' }], 'rich-text');
			await docs[1].until('creation', (doc) => doc.type !== null);
			await submit(a.create('y'), { index: 2, length: 0 });
			await within(10_000 * patience, 'the place in the new document', new Promise((done) => {
				const look = () => { if (b.remotePresences.y?.index === 2) done(); };
				b.on('receive', look);
				look();
			}));
		});

		place('a client that leaves while others type', 3, async (docs, [a, b, c]) => {
			await submit(a.create('x'), { index: 1, length: 0 });
			await Promise.all([sees(b, { x: { index: 1, length: 0 } }), sees(c, { x: { index: 1, length: 0 } })]);
			let typing = true;
			const typed = (async () => {
				while (typing) {
					await docs[1].submit({ ops: [{ retain: docs[1].data.ops[0].insert.length }, { insert: '!' }] });
					await sleep(1);
				}
			})();
			await sleep(20);
			await peers[0].close();
			await sleep(50);
			typing = false;
			await typed;
			if (isOtd) await Promise.all([sees(b, {}), sees(c, {})]);
		});

		test('a stock client hears that other types have no presence', async () => {
			try {
				await meet(1);
				for (const type of ['json0', 'json1', 'text', 'text-unicode', 'text0']) {
					const { uri } = types[type];
					const error = await within(10_000 * patience, uri, new Promise((done) => {
						peers[0].connection.on('receive', ({ data }) => { if (data.a === 'p' && data.t === uri) done(data.error); });
						peers[0].connection.send({ a: 'p', ch: 'x', id: 'x', p: {}, pv: 0, c: 'places', d: 'none', v: 0, t: uri });
					}));
					// The reference has the transforms that places.mjs brought.
					if (isOtd)
						assert.deepEqual(error, { code: 'ERR_TYPE_DOES_NOT_SUPPORT_PRESENCE',
							message: `Type does not support presence: ${uri}` });
				}
			} finally {
				await part();
			}
		});

		const tree = { list: ['a', 'b', 'c'], text: 'hello world', n: 1 };
		const cases = {
			text: { data: 'hello world', from: { index: 6, length: 5 }, op: ['oh '], to: { index: 9, length: 5 } },
			'text-unicode': { data: '💡 world', from: { index: 2, length: 5 }, op: ['oh '], to: { index: 5, length: 5 } },
			text0: { data: 'hello world', from: { index: 6, length: 5 }, op: [{ p: 0, d: 'he' }], to: { index: 4, length: 5 } },
			json0: { data: tree, from: { path: ['list', 1] }, op: [{ p: ['list', 0], li: 'x' }], to: { path: ['list', 2] },
				gone: [{ p: ['list', 2], ld: 'b' }] },
			json1: { data: tree, from: { path: ['text', 6] }, op: ['text', { es: ['oh '] }], to: { path: ['text', 9] },
				gone: ['text', { r: true }] },
		};
		for (const [type, { data, from, op, to, gone }] of Object.entries(cases))
			place(`places in ${type}, for clients that know them`, 3, async (docs, [a, b, c]) => {
				const local = a.create('x');
				await submit(local, { ...from, name: 'Ada' });
				await Promise.all([sees(b, { x: { ...from, name: 'Ada' } }), sees(c, { x: { ...from, name: 'Ada' } })]);
				await docs[1].submit(op);
				await Promise.all([sees(b, { x: { ...to, name: 'Ada' } }), sees(c, { x: { ...to, name: 'Ada' } })]);
				// One from before the edit is carried by the server.
				peers[2].connection.send({ a: 'p', ch: a.channel, id: 'raw', p: from, pv: 0, c: 'places', d: name, v: 1, t: types[type].uri });
				await Promise.all([sees(b, { x: { ...to, name: 'Ada' }, raw: to }), sees(a, { raw: to })]);
				if (!gone) return;
				await docs[2].submit(gone);
				await docs[1].atLeast(3);
				peers[2].connection.send({ a: 'p', ch: a.channel, id: 'raw', p: from, pv: 1, c: 'places', d: name, v: 1, t: types[type].uri });
				await sees(a, { raw: { path: null } });
				await sees(b, { x: { path: null, name: 'Ada' }, raw: { path: null } });
			}, { type, data, prepare: announce });
	});

if (otdTargets.some(({ name }) => name === 'pair'))
	test('the presences of a process that is killed vanish', async () => {
		const target = otdTargets.find(({ name }) => name === 'pair');
		const server = await target.start({ args: ['--presence-ttl', '2s'] });
		const [a, b, watcher] = await Promise.all([server.urls[0], server.urls[0], server.urls[1]].map((url) => Peer.connect(url)));
		try {
			const doc = a.doc('places', 'killed');
			await doc.create([{ insert: 'hello' }], 'rich-text');
			const watched = watcher.doc('places', 'killed');
			await watched.subscribe();
			await doc.fetch();
			const seen = watcher.connection.getPresence('killed');
			const places = watcher.connection.getDocPresence('places', 'killed');
			await Promise.all([follow(seen), follow(places)]);
			await Promise.all([
				submit(a.connection.getPresence('killed').create('x'), 1),
				submit(b.connection.getPresence('killed').create('y'), 2),
				submit(a.connection.getDocPresence('places', 'killed').create('z'), { index: 2, length: 0 }),
				submit(watcher.connection.getPresence('killed').create('mine'), 3),
			]);
			await Promise.all([sees(seen, { x: 1, y: 2 }), sees(places, { z: { index: 2, length: 0 } })]);
			// It lives, though nothing is said for longer than that.
			await sleep(3_000);
			await Promise.all([sees(seen, { x: 1, y: 2 }), sees(places, { z: { index: 2, length: 0 } })]);
			for (const peer of [a, b]) peer.url = server.urls[1];
			for (const peer of [a, b]) peer.socket.close();
			await server.otds[0].kill();
			await Promise.all([sees(seen, {}), sees(places, {})]);
		} finally {
			await Promise.all([a, b, watcher].map((peer) => peer.close().catch(() => {})));
			server.otds.shift();
			await server.stop();
		}
	});
