// Edits by the real ShareDB client through the real gateways of deploy/ to two
// otd; where requests of one document go, and what does not get through.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Peer } from '../interop/client.mjs';
import { Otd } from '../lib/otd.mjs';
import { patience } from '../lib/paths.mjs';
import { Postgres } from '../lib/postgres.mjs';
import { until } from '../lib/process.mjs';
import { Redis } from '../lib/redis.mjs';
import { Gateway } from './gateway.mjs';

let pg, redis;
before(async () => {
	pg = await Postgres.start();
	redis = await Redis.start();
});
after(async () => {
	await pg?.stop();
	await redis?.stop();
});

async function metric(node, name) {
	const text = await (await fetch(`${node.url}metrics`)).text();
	return Number(new RegExp(`^${name}\\{worker="0"\\} (.*)$`, 'm').exec(text)[1]);
}

const sockets = (nodes) => Promise.all(nodes.map((node) => metric(node, 'otd_websockets')));

for (const kind of ['nginx', 'haproxy']) {
	test(`${kind}: two otd behind it are one server`, async (t) => {
		const store = await pg.database();
		const bus = redis.url(kind);
		const nodes = [];
		for (let i = 0; i < 2; i++)
			nodes.push(await Otd.start({ store, bus, args: ['--trusted-proxies', '127.0.0.1'] }));
		const gateway = await Gateway.start(kind, nodes.map(({ port }) => port));
		const peers = [];
		let home;		// the process that notes/a is at
		const connect = async (query) => {
			peers.push(await Peer.connect(gateway.ws(query), undefined, { ca: gateway.ca }));
			return peers.at(-1);
		};
		t.after(async () => {
			for (const peer of peers) await peer.close();
			await gateway.stop();
			for (const node of nodes) await node.stop();
		});

		await t.test('an edit arrives', async () => {
			const [author, reader] = [await connect('?doc=notes/a'), await connect('?doc=notes/a')];
			const [mine, theirs] = [author, reader].map((peer) => peer.doc('notes', 'a'));
			await mine.create({ n: 1 });
			await theirs.subscribe();
			await mine.submit([{ p: ['n'], na: 41 }]);
			await theirs.until('the edit', (doc) => doc.data?.n === 42);
		});

		await t.test('clients of a document come to one process, documents to both', async () => {
			const counts = await sockets(nodes);
			assert.deepEqual([...counts].sort(), [0, 2], 'both of notes/a on one');
			// REST of that document too: it goes where the document is in memory.
			home = nodes[counts.indexOf(2)];
			const before = await metric(home, 'otd_http_requests_total');
			for (let i = 0; i < 5; i++) assert.equal((await gateway.get('/v1/collections/notes/docs/a')).status, 200);
			assert.equal(await metric(home, 'otd_http_requests_total') - before, 5 + 1, 'five, and a look at the metrics');
			for (let i = 0; i < 24; i++) await connect(`?doc=notes/${i}`);
			assert.ok((await sockets(nodes)).every((n) => n >= 4), `spread: ${await sockets(nodes)}`);
		});

		await t.test('events come as they happen', async () => {
			const stream = await gateway.stream('/v1/collections/notes/docs/a/events');
			await until('the snapshot', () => stream.text.includes('event: snapshot'));
			await peers[0].doc('notes', 'a').submit([{ p: ['n'], na: 0 }]);
			await until('the edit', () => stream.text.includes('event: op'), { timeout_ms: 5000 * patience });
			stream.end();
		});

		await t.test('what monitors ask is not for the world', async () => {
			for (const page of ['/livez', '/readyz', '/metrics']) assert.equal((await gateway.get(page)).status, 404, page);
		});

		await t.test('a token in a query is in no log', async () => {
			await gateway.get('/v1/collections/notes/docs/a?access_token=hush-hush');
			await until('the log has the request', () => gateway.log().includes('/v1/collections/notes/docs/a'));
			assert.doesNotMatch(gateway.log(), /hush-hush|access_token/);
		});

		await t.test('a process that dies takes no client and no edit with it', async () => {
			const [author] = peers;
			const doc = author.doc('notes', 'a');
			await home.kill();
			await doc.submit([{ p: ['n'], na: 1 }]);
			await author.online();
			const other = nodes.find((node) => node !== home);
			await until('all clients are at the other', async () =>
				await metric(other, 'otd_websockets') === peers.length, { timeout_ms: 20_000 * patience });
			const answer = await until('REST is answered', async () => {
				const said = await gateway.get('/v1/collections/notes/docs/a');
				return said.status === 200 && said;
			});
			assert.deepEqual(JSON.parse(answer.text), { n: 43 });
		});
	});
}
