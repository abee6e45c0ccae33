// Streams of server-sent events: of one document, and of a collection.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { Peer } from '../interop/client.mjs';
import { Otd } from '../lib/otd.mjs';
import { temporaryFolder } from '../lib/paths.mjs';
import { sleep, until } from '../lib/process.mjs';
import { Api, fresh, servers } from './api.mjs';
import { Stream, token } from './stream.mjs';

const ids = (stream, name) => stream.of(name).map(({ id }) => Number(id));
const count = (from, to) => Array.from({ length: to - from }, (_, i) => from + i);
const add = { p: ['n'], na: 1 };

for (const target of servers)
	describe(`streams with ${target.name}`, () => {
		let server, api, peers, streams;
		const open = (where, options, url = server.urls[0]) => {
			const stream = new Stream(url, where, options);
			streams.push(stream);
			return stream;
		};
		before(async () => {
			server = await target.start({ args: ['--events', 'on', '--sse-heartbeat', '200ms'] });
			api = new Api(server.urls[0]);
			peers = await Promise.all(server.urls.map((url) => Peer.connect(url)));
			streams = [];
		});
		after(async () => {
			await Promise.all((streams ?? []).map((stream) => stream.close()));
			await Promise.all((peers ?? []).map((peer) => peer.close()));
			await server?.stop();
		});
		const made = async (where) => {
			const id = where.split('/').at(-1);
			const doc = peers.at(-1).doc('notes', id);
			await doc.subscribe();
			await doc.create({ n: 0 });
			return doc;
		};
		const edit = async (doc, n) => {
			for (let i = 0; i < n; i++) await doc.submit([add]);
		};

		test('a document begins with a snapshot, then come its ops', async () => {
			const where = fresh();
			const doc = await made(where);
			await edit(doc, 2);
			const stream = open(`${where}/events`);
			await stream.has('a snapshot', (s) => s.of('snapshot').length);
			assert.equal(stream.type, 'text/event-stream');
			assert.equal(stream.answerHeaders['cache-control'], 'no-store');
			assert.deepEqual(stream.events[0], { event: 'snapshot', id: '3', data: { v: 3, type: 'json0', data: { n: 2 } } });
			await edit(doc, 3);
			await stream.has('three ops', (s) => s.of('op').length === 3);
			assert.deepEqual(ids(stream, 'op'), [4, 5, 6]);
			const { src, seq, v, op, ...rest } = stream.of('op')[0].data;
			assert.deepEqual([typeof src, typeof seq, v, op, rest], ['string', 'number', 3, [add], {}]);
			await doc.del();
			await stream.has('the delete', (s) => s.of('op').length === 4);
			assert.equal(stream.of('op')[3].data.del, true);
			await doc.create({ n: 7 });
			await stream.has('the create', (s) => s.of('op').length === 5);
			assert.deepEqual(stream.of('op')[4].data.create.data, { n: 7 });
			await stream.has('heartbeats', (s) => s.comments > 1);
			assert.ok(stream.retry > 0);
		});

		test('who has seen more than there is begins anew', async () => {
			const where = fresh();
			await made(where);
			const stream = open(`${where}/events?since=50`);
			await stream.has('a reset', (s) => s.of('reset').length);
			assert.deepEqual([stream.events[0].event, stream.events[0].id], ['reset', '1']);
			await stream.close();
		});

		test('who has a version is given what came since, and no snapshot', async () => {
			const where = fresh();
			await edit(await made(where), 9);
			const rows = [
				[`${where}/events?since=4`, undefined, [], count(5, 11)],
				[`${where}/events`, '7', [], count(8, 11)],
				[`${where}/events?since=2`, '9', [], [10]],	// the header is newer
				[`${where}/events?since=0`, undefined, [], count(1, 11)],
			];
			for (const [url, lastId, snapshots, ops] of rows) {
				const stream = open(url, { lastId });
				await stream.has(`ops of ${url}`, (s) => s.of('op').length === ops.length);
				assert.deepEqual([ids(stream, 'snapshot'), ids(stream, 'op')], [snapshots, ops]);
				await stream.close();
			}
			const only = open(`${where}/events?ops=only`);
			await only.has('open', (s) => s.of('open').length);
			assert.deepEqual(only.events, [{ event: 'open', id: '10', data: { v: 10 } }]);
			await only.close();
		});

		test('a document that is not there yet can be followed', async () => {
			const where = fresh();
			const stream = open(`${where}/events`);
			await stream.has('nothing', (s) => s.of('snapshot').length);
			assert.deepEqual(stream.events[0], { event: 'snapshot', id: '0', data: { v: 0, type: null } });
			await made(where);
			await stream.has('its create', (s) => s.of('op').length);
			assert.equal(stream.of('op')[0].id, '1');
		});

		test('presence is told to who asks for it', async () => {
			const where = fresh();
			const doc = await made(where);
			const stream = open(`${where}/events?presence=1`);
			await stream.has('a snapshot', (s) => s.of('snapshot').length);
			const local = doc.raw.connection.getPresence(`notes.${doc.raw.id}`).create('cursor');
			await stream.has('presence', async (s) => {
				local.submit({ at: 3 });
				await sleep(50);
				return s.of('presence').length;
			});
			const { id, p } = stream.of('presence')[0].data;
			assert.deepEqual([id, p], ['cursor', { at: 3 }]);
		});

		test('what is asked wrongly is refused, naming the field', async () => {
			const where = fresh();
			for (const [url, headers, what] of [
				[`${where}/events?since=x`, {}, /since/], [`${where}/events?since=-1`, {}, /since/],
				[`${where}/events`, { 'last-event-id': 'x' }, /Last-Event-ID/], [`${where}/events?ops=all`, {}, /ops/],
				[`${where}/events?presence=yes`, {}, /presence/], [`${where}/events?other=1`, {}, /other/],
				['/collections/notes/events?since=1', {}, /since/],
				['/collections/notes/events', { 'last-event-id': '1.x' }, /Last-Event-ID/],
			]) {
				const answer = await api.get(url, headers);
				assert.equal(answer.status, 400, url);
				assert.match(answer.json.detail, what, url);
			}
			const head = await api.call('HEAD', `${where}/events`);
			assert.deepEqual([head.status, head.headers['content-type'], head.text], [200, 'text/event-stream', '']);
		});

		test('a stream has no gap and repeats nothing while it is cut and otd is killed', async () => {
			const where = fresh();
			const doc = await made(where);
			const stream = open(`${where}/events`);
			const collection = open('/collections/notes/events');
			await stream.has('a snapshot', (s) => s.of('snapshot').length);
			await collection.has('open', (s) => s.of('open').length);
			let going = true;
			const typing = (async () => { while (going) await edit(doc, 1); })();
			for (let i = 0; i < 3; i++) {
				await stream.has('ops', (s) => s.of('op').length > (i + 1) * 20, 30);
				stream.cut();
				collection.cut();
			}
			await server.otds[0].kill();
			await server.otds[0].up();
			const before = stream.of('op').length;
			await stream.has('ops after', (s) => s.of('op').length > before + 20, 60);
			going = false;
			await typing;
			await stream.has('all', (s) => ids(s, 'op').at(-1) === doc.v, 30);
			assert.deepEqual(ids(stream, 'op'), count(2, doc.v + 1));
			assert.equal(stream.of('snapshot').length, 1);
			const mine = () => collection.of('event').filter(({ data }) => data.id === doc.raw.id).map(({ data }) => data);
			await collection.has('all', () => mine().at(-1)?.to_v === doc.v, 30);
			for (const [i, { from_v, kind }] of mine().entries()) {
				assert.equal(from_v, i ? mine()[i - 1].to_v : 1, 'events are whole and in order');
				assert.equal(kind, 'edited');
			}
			assert.equal(collection.of('reset').length, 0);
			assert.deepEqual(doc.errors, []);
		});

		test('a stream ends with a word when the server leaves', async () => {
			const stream = open(`${fresh()}/events`);
			await stream.has('a snapshot', (s) => s.of('snapshot').length);
			await server.otds[0].stop();
			await stream.has('an error', (s) => s.of('error').length);
			assert.equal(stream.of('error')[0].data.code, 1012);
			await server.otds[0].up();
			await Promise.all(peers.map((peer) => peer.online()));
		});
	});

test('a reader that does not read is cut, and misses nothing when it comes back', async () => {
	const otd = await Otd.start({ args: ['--max-outbox', '64K', '--send-buffer', '16K'] });
	const api = new Api(otd.url);
	const where = fresh();
	await api.put(where, { text: '' });
	const deaf = http.get(`${otd.url}v1${where}/events`, { agent: false });
	deaf.on('error', () => {});
	const [answer] = await once(deaf, 'response');
	answer.on('error', () => {});
	answer.pause();
	const healthy = new Stream(otd.url, `${where}/events`);
	await healthy.has('a snapshot', (s) => s.of('snapshot').length);
	const edits = 400;
	for (let i = 0; i < edits; i++) assert.equal((await api.put(where, { text: `${i}`.repeat(5000) })).status, 200);
	await healthy.has('all', (s) => s.of('op').length === edits);
	assert.deepEqual(ids(healthy, 'op'), count(2, edits + 2));
	assert.equal(healthy.statuses.length, 1, 'who reads is not cut');
	let read = '', isCut = false;
	answer.on('data', (chunk) => { read += chunk; }).on('close', () => { isCut = true; }).resume();
	await until('the one that did not read is cut', () => isCut);
	assert.ok(!read.includes(`id: ${edits + 1}\n`));
	const back = new Stream(otd.url, `${where}/events`, { lastId: '5' });
	await back.has('the rest', (s) => s.of('op').length === edits - 4);
	assert.deepEqual(ids(back, 'op'), count(6, edits + 2));
	await Promise.all([healthy.close(), back.close()]);
	await otd.stop();
});

describe('a collection with rules', () => {
	const secret = 'an-hmac-secret-of-at-least-32-bytes!';
	const as = (sub, claims = {}) => ({ headers: { authorization: `Bearer ${token(secret, { sub, ...claims })}` } });
	let otd, api, streams = [];
	const open = (where, options) => { streams.push(new Stream(otd.url, where, options)); return streams.at(-1); };
	before(async () => {
		const file = path.join(temporaryFolder('policy'), 'policy.json');
		fs.writeFileSync(file, JSON.stringify({ grants: ['notes'], rules: [
			{ name: 'own', who: 'authenticated', allow: '*', collections: ['notes', 'quiet'], documents: ['{sub}/*'] },
			{ name: 'admins', who: { roles: ['admin'] }, allow: '*' },
		] }));
		otd = await Otd.start({ args: ['--auth', 'jwt', '--jwt-secret', secret, '--policy', file, '--event-retention', '2s'],
			config: { collections: { notes: { events: true }, shy: { events: true }, quiet: { events: false } },
				projections: { titles: { of: 'notes', fields: ['title'] } } } });
		api = new Api(otd.url);
	});
	after(async () => {
		await Promise.all(streams.map((stream) => stream.close()));
		await otd?.stop();
	});
	const put = async (id, who, content) => {
		const answer = await api.put(`/collections/notes/docs/${id}`, content, as(who).headers);
		assert.ok([200, 201].includes(answer.status), answer.text);
	};
	const seen = (stream) => stream.of('event').map(({ data }) => `${data.id} ${data.to_v}`);

	test('nobody is told of what he may not read; grants and their end count at once', async () => {
		const ann = open('/collections/notes/events', as('ann'));
		const bob = open('/collections/notes/events', as('bob'));
		const root = open('/collections/notes/events', as('root', { roles: ['admin'] }));
		for (const stream of [ann, bob, root]) await stream.has('open', (s) => s.of('open').length);
		await put('ann/1', 'ann', { n: 1 });
		await put('bob/1', 'bob', { n: 1 });
		for (const [stream, docs] of [[ann, ['ann/1 1']], [bob, ['bob/1 1']], [root, ['ann/1 1', 'bob/1 1']]]) {
			await stream.has('events', (s) => seen(s).length === docs.length);
			assert.deepEqual(seen(stream), docs);
		}
		const grant = await api.put('/collections/notes/docs/ann/1/grants/bob', { role: 'viewer' }, as('ann').headers);
		assert.ok(grant.status < 300, grant.text);
		await put('ann/1', 'ann', { n: 2 });
		await bob.has('what is granted', (s) => seen(s).includes('ann/1 2'));
		assert.ok((await api.delete('/collections/notes/docs/ann/1/grants/bob', as('ann').headers)).status < 300);
		await sleep(1000);
		await put('ann/1', 'ann', { n: 3 });
		await put('bob/1', 'bob', { n: 2 });
		await bob.has('his own', (s) => seen(s).includes('bob/1 2'));
		assert.ok(!seen(bob).includes('ann/1 3'));
		await ann.has('her own', (s) => seen(s).includes('ann/1 3'));
		assert.ok(!seen(ann).some((text) => text.startsWith('bob')));
	});

	test('where there are no events, or no right, the answer says so', async () => {
		for (const [where, options, status, code] of [
			['/collections/quiet/events', as('ann'), 403, 'ERR_OTD_EVENTS_OFF'],
			['/collections/titles/events', as('root', { roles: ['admin'] }), 403, 'ERR_OTD_EVENTS_OFF'],
			['/collections/shy/events', as('ann'), 403, 'ERR_OTD_FORBIDDEN'],
			['/collections/notes/events', {}, 403, 'ERR_OTD_FORBIDDEN'],
			['/collections/notes/docs/bob/1/events', as('ann'), 403, 'ERR_OTD_FORBIDDEN'],
			['/hooks', as('ann'), 403, 'ERR_OTD_FORBIDDEN'],
		]) {
			const answer = await api.get(where, options.headers);
			assert.ok(answer.status === status || !options.headers && answer.status === 401, `${where}: ${answer.text}`);
			if (answer.status !== 401) assert.equal(answer.code, code, where);
		}
	});

	test('a stream of a document ends when its right does', async () => {
		await put('ann/2', 'ann', { n: 1 });
		assert.ok((await api.put('/collections/notes/docs/ann/2/grants/bob', { role: 'viewer' }, as('ann').headers)).status < 300);
		const bob = open('/collections/notes/docs/ann/2/events', as('bob'));
		await bob.has('a snapshot', (s) => s.of('snapshot').length);
		assert.ok((await api.delete('/collections/notes/docs/ann/2/grants/bob', as('ann').headers)).status < 300);
		await bob.has('its end', (s) => s.of('error').length);
		assert.equal(bob.of('error')[0].data.code, 4403);
		await bob.has('403', (s) => s.statuses.at(-1) === 403);
		await bob.close();
	});

	test('who comes back too late is told that something is gone', async () => {
		await put('ann/3', 'ann', { n: 1 });
		const ann = open('/collections/notes/events?since=0.0', as('ann'));
		await ann.has('a reset', (s) => s.of('reset').length || s.of('open').length);
		await ann.close();
		await sleep(6000);
		const late = open('/collections/notes/events?since=0.0', as('ann'));
		await late.has('a reset', (s) => s.of('reset').length);
		await late.close();
		const now = open('/collections/notes/events', as('ann'));
		await now.has('open', (s) => s.of('open').length);
		now.cut();
		await now.has('open again', (s) => s.statuses.length > 1 && s.of('open').length > 1);
		assert.equal(now.of('reset').length, 0);
	});
});
