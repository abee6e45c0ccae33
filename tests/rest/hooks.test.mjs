// Webhooks: signed, in order of each document, at least once; while receivers
// and servers come and go.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Otd } from '../lib/otd.mjs';
import { Postgres } from '../lib/postgres.mjs';
import { patience } from '../lib/paths.mjs';
import { sleep, until } from '../lib/process.mjs';
import { Api } from './api.mjs';
import { Receiver, isSigned } from './stream.mjs';

const SETTINGS = ['--events', 'on', '--webhook-inside', 'on', '--webhook-retry', '20ms', '--webhook-retry-max', '100ms',
	'--webhook-timeout', '2s', '--webhook-lease', '1s', '--webhook-attempts', '6', '--webhook-breaker', '1000'];
let unique = 0;
const named = () => `c${unique++}`;

// Create, then edit, so that a document is at version `versions`.
async function write(api, collection, id, versions) {
	for (let n = 1; n <= versions; n++) {
		const answer = await api.put(`/collections/${collection}/docs/${id}`, { n });
		assert.ok([200, 201].includes(answer.status), answer.text);
	}
}

// What the receiver took of a document tells every version, in order; a step back is a repetition.
function checkLine(deliveries, id, versions) {
	let have = 0;
	for (const { payload: { data } } of deliveries.filter((d) => d.doc === id)) {
		assert.ok(data.from_v <= have, `${id}: from ${data.from_v}, but it had only ${have}`);
		have = Math.max(have, data.to_v);
	}
	assert.equal(have, versions, id);
}

const told = (receiver, id) => Math.max(0, ...receiver.taken.filter((d) => d.doc === id).map((d) => d.payload.data.to_v));
const wait = (what, check, seconds = 20) => until(what, check, { timeout_ms: seconds * 1000 * patience });

async function hook(api, receiver, collection, more = {}) {
	const answer = await api.post('/hooks', { url: receiver.url, collections: [collection], ...more });
	assert.equal(answer.status, 201, answer.text);
	return answer.json;
}

describe('webhooks of one process', () => {
	let otd, api;
	const receivers = [];
	const receive = async (answer) => { receivers.push(await Receiver.start(answer)); return receivers.at(-1); };
	before(async () => {
		otd = await Otd.start({ args: SETTINGS });
		api = new Api(otd.url);
	});
	after(async () => {
		await otd?.stop();
		await Promise.all(receivers.map((receiver) => receiver.down()));
	});
	const metric = async (name) => Number(new RegExp(`^otd_webhook_${name}\\{[^}]*\\} (\\d+)$`, 'm')
		.exec(await (await fetch(`${otd.url}metrics`)).text())[1]);

	test('what happens is told, signed, in order, each document by itself', async () => {
		const collection = named();
		const receiver = await receive(async () => { await sleep(Math.random() * 10); return 204; });
		const { id, secret, ...shown } = await hook(api, receiver, collection);
		assert.match(id, /^hook_/);
		assert.deepEqual({ ...shown, created_at: '' }, { url: receiver.url, collections: [collection],
			kinds: ['created', 'edited', 'deleted'], created_by: null, created_at: '', disabled: false, failures: 0,
			paused_until: null, old_secret_until: null, dead: 0 });
		await Promise.all(['a', 'b', 'c'].map((doc) => write(api, collection, doc, 12)));
		await write(api, named(), 'other', 1);
		assert.equal((await api.delete(`/collections/${collection}/docs/a`)).status, 200);
		await wait('all', () => told(receiver, 'a') === 13 && told(receiver, 'b') === 12 && told(receiver, 'c') === 12);
		for (const [doc, versions] of [['a', 13], ['b', 12], ['c', 12]]) checkLine(receiver.taken, doc, versions);
		assert.deepEqual(receiver.overlaps, []);
		assert.ok(receiver.taken.every((delivery) => isSigned(delivery, secret)));
		assert.ok(!receiver.taken.some((delivery) => isSigned(delivery, `whsec_${'A'.repeat(44)}`)));
		assert.ok(!receiver.taken.some(({ doc }) => doc === 'other'));
		const ofA = receiver.taken.filter(({ doc }) => doc === 'a').map(({ payload }) => payload);
		assert.deepEqual([ofA[0].type, ofA[1].type, ofA.at(-1).type],
			['document.created', 'document.edited', 'document.deleted']);
		assert.deepEqual(Object.keys(ofA[0]), ['type', 'timestamp', 'data']);
		assert.deepEqual(ofA[0].data, { collection, id: 'a', from_v: 0, to_v: 1 });
		assert.equal(new Set(receiver.taken.map((d) => d.id)).size, receiver.taken.length, 'nothing was repeated');
	});

	test('only the kinds and collections asked for', async () => {
		const collection = named();
		const receiver = await receive();
		await hook(api, receiver, `${collection}_*`, { kinds: ['deleted'] });
		await write(api, `${collection}_x`, 'a', 3);
		await write(api, `${collection}-x`, 'b', 1);
		await api.delete(`/collections/${collection}-x/docs/b`);
		await api.delete(`/collections/${collection}_x/docs/a`);
		await wait('one', () => receiver.taken.length);
		await sleep(300);
		assert.deepEqual(receiver.taken.map(({ payload }) => [payload.type, payload.data.id]), [['document.deleted', 'a']]);
	});

	test('a failure holds up its document, and no other; the receiver is given the time it asks for', async () => {
		const collection = named();
		let failures = 0;
		const receiver = await receive(({ doc }) => {
			if (doc !== 'ill' || failures >= 3) return 200;
			failures++;
			return failures === 1 ? { status: 503, headers: { 'Retry-After': '1' } } : failures === 2 ? null : 302;
		});
		await hook(api, receiver, collection);
		await write(api, collection, 'ill', 3);
		await write(api, collection, 'well', 3);
		await wait('the well', () => told(receiver, 'well') === 3);
		assert.equal(told(receiver, 'ill'), 0);
		await wait('the ill', () => told(receiver, 'ill') === 3);
		checkLine(receiver.taken, 'ill', 3);
		const [first, second, ...others] = receiver.deliveries.filter(({ doc }) => doc === 'ill');
		assert.ok(second.at - first.at >= 990, 'Retry-After');
		assert.equal(first.id, second.id);
		assert.equal(others.length, 4);
	});

	test('what is given up is a dead letter, its document goes on, and it can be sent again', async () => {
		const collection = named();
		let ill = true;
		const receiver = await receive(({ payload }) => (ill && payload.data.to_v === 2 ? 500 : 200));
		const { id, secret } = await hook(api, receiver, collection);
		await write(api, collection, 'a', 4);
		await wait('the others', () => told(receiver, 'a') === 4);
		assert.deepEqual(receiver.taken.map(({ payload }) => payload.data.to_v), [1, 3, 4]);
		const failed = receiver.deliveries.filter(({ payload }) => payload.data.to_v === 2);
		assert.equal(failed.length, 6);
		const dead = (await api.get(`/hooks/${id}/dead`)).json;
		assert.equal(dead.items.length, 1);
		assert.deepEqual({ ...dead.items[0], failed_at: '' }, { id: failed[0].id, payload: failed[0].payload, attempts: 6,
			status: 500, error: null, failed_at: '', replay: false });
		assert.equal((await api.get(`/hooks/${id}`)).json.dead, 1);
		assert.deepEqual((await api.post(`/hooks/${id}/replay`, {})).json, { replayed: 1 });
		await wait('it fails again', async () => (await api.get(`/hooks/${id}/dead`)).json.items[0].attempts === 12);
		ill = false;
		await api.post(`/hooks/${id}/replay`, {});
		await wait('it is taken', () => receiver.taken.length === 4);
		assert.equal(receiver.taken[3].id, failed[0].id);
		assert.ok(isSigned(receiver.taken[3], secret));
		await wait('it is gone', async () => !(await api.get(`/hooks/${id}/dead`)).json.items.length);
		assert.ok(await metric('dead_total') >= 2);
		assert.ok(await metric('failed_total') >= 12);
	});

	test('while it is rotated both secrets sign, then the new one alone', async () => {
		const collection = named();
		const receiver = await receive();
		const old = await hook(api, receiver, collection, { secret: `whsec_${'b2xk'.repeat(8)}` });
		const rotated = (await api.post(`/hooks/${old.id}/rotate`, { keep: 2 })).json;
		assert.notEqual(rotated.secret, old.secret);
		await sleep(100);
		await write(api, collection, 'a', 1);
		await wait('one', () => receiver.taken.length === 1);
		assert.ok(isSigned(receiver.taken[0], old.secret) && isSigned(receiver.taken[0], rotated.secret));
		await sleep(2200);
		await write(api, collection, 'a', 2);
		await wait('two', () => receiver.taken.length === 2);
		assert.ok(!isSigned(receiver.taken[1], old.secret) && isSigned(receiver.taken[1], rotated.secret));
	});

	test('disabled it waits, enabled it catches up, dropped it ends', async () => {
		const collection = named();
		const receiver = await receive();
		const { id } = await hook(api, receiver, collection, { disabled: true });
		await write(api, collection, 'a', 3);
		await sleep(600);
		assert.equal(receiver.deliveries.length, 0);
		assert.equal((await api.patch(`/hooks/${id}`, { disabled: false }, 'application/json')).json.disabled, false);
		await wait('all', () => told(receiver, 'a') === 3);
		checkLine(receiver.taken, 'a', 3);
		assert.equal((await api.delete(`/hooks/${id}`)).status, 204);
		assert.equal((await api.get(`/hooks/${id}`)).status, 404);
		await sleep(500);
		await write(api, collection, 'a', 1);
		await sleep(600);
		assert.equal(told(receiver, 'a'), 3);
	});

	test('a receiver that is gone is not asked again until somebody says so', async () => {
		const collection = named();
		const receiver = await receive(() => 410);
		const { id } = await hook(api, receiver, collection);
		await write(api, collection, 'a', 2);
		await wait('it is disabled', async () => (await api.get(`/hooks/${id}`)).json.disabled);
		receiver.answer = () => 200;
		await sleep(500);
		assert.equal(receiver.taken.length, 0);
		assert.equal((await api.patch(`/hooks/${id}`, { disabled: false }, 'application/json')).status, 200);
		await wait('all', () => told(receiver, 'a') === 2);
		checkLine(receiver.taken, 'a', 2);
	});

	test('a trial tells what the receiver says', async () => {
		const receiver = await receive(() => 201);
		const { id, secret } = await hook(api, receiver, named());
		assert.deepEqual((await api.post(`/hooks/${id}/test`, {})).json, { delivered: true, status: 201 });
		assert.equal(receiver.taken[0].payload.type, 'test');
		assert.ok(isSigned(receiver.taken[0], secret));
		receiver.answer = () => 418;
		assert.deepEqual((await api.post(`/hooks/${id}/test`, {})).json, { delivered: false, status: 418 });
		receiver.answer = () => null;
		assert.equal((await api.post(`/hooks/${id}/test`, {})).json.delivered, false);
	});

	test('what is asked wrongly is refused, naming the field', async () => {
		const good = { url: 'http://127.0.0.1:9/', collections: ['x'] };
		for (const [body, what] of [
			[{ collections: ['x'] }, /"url"/], [{ ...good, url: 'ftp://x/' }, /"url"/], [{ ...good, url: 'http://' }, /"url"/],
			[{ ...good, url: 'http://a b/' }, /"url"/], [{ ...good, url: `http://x/${'y'.repeat(2048)}` }, /"url"/],
			[{ ...good, url: 7 }, /"url"/], [{ url: good.url }, /"collections"/], [{ ...good, collections: [] }, /"collections"/],
			[{ ...good, collections: ['a**'] }, /"collections"/], [{ ...good, collections: 'a' }, /"collections"/],
			[{ ...good, collections: [''] }, /"collections"/], [{ ...good, kinds: ['made'] }, /"kinds"/],
			[{ ...good, kinds: [] }, /"kinds"/], [{ ...good, secret: 'secret' }, /"secret"/],
			[{ ...good, disabled: 'no' }, /"disabled"/], [{ ...good, more: 1 }, /url collections kinds/], [[], /object/],
		]) {
			const answer = await api.post('/hooks', body);
			assert.equal(answer.status, 400, JSON.stringify(body));
			assert.match(answer.json.detail, what);
		}
		for (const [method, where] of [['GET', ''], ['DELETE', ''], ['POST', '/test'], ['POST', '/rotate']])
			assert.equal((await api.call(method, `/hooks/none${where}`, { body: method === 'POST' ? {} : undefined })).status, 404);
		assert.ok(!(await api.get('/hooks')).text.includes('whsec_'));
	});
});

test('a receiver that is down is left alone, then probed, and told everything', async () => {
	// Nothing is over by itself: what a receiver holds back is held until the test lets go.
	const otd = await Otd.start({ args: [...SETTINGS.slice(0, -2), '--webhook-breaker', '4', '--webhook-breaker-time', '300ms',
		'--webhook-attempts', '1000', '--webhook-timeout', '60s', '--webhook-lease', '60s'] });
	const metric = async (name) => Number(new RegExp(`^otd_webhook_${name}\\{[^}]*\\} (\\d+)$`, 'm')
		.exec(await (await fetch(`${otd.url}metrics`)).text())[1]);
	const api = new Api(otd.url);
	const receiver = await Receiver.start();
	const { id } = await hook(api, receiver, 'c');
	await write(api, 'c', 'a', 1);
	await wait('the first', () => told(receiver, 'a') === 1);
	receiver.answer = () => 500;
	for (const doc of ['a', 'b', 'd', 'e', 'f']) await write(api, 'c', doc, 2);
	await wait('the breaker opens', async () => (await api.get(`/hooks/${id}`)).json.paused_until !== null);
	const tried = receiver.deliveries.length;
	await sleep(200);
	assert.ok(receiver.deliveries.length - tried < 6, 'it is left alone');
	await wait('metrics tell', async () => await metric('breakers_open') === 1);
	await wait('probes', () => receiver.deliveries.length >= tried + 2);
	// One is under way, and as long as it is no other begins.
	await wait('what began before has ended', async () =>
		await metric('failed_total') + await metric('delivered_total') === receiver.deliveries.length);
	const held = [];
	receiver.answer = () => new Promise((done) => held.push(done));
	await wait('a probe', async () => held.length > 0 && await metric('breakers_half_open') === 1);
	assert.equal(await metric('breakers_open'), 1);
	assert.equal(held.length, 1);
	receiver.answer = () => 200;
	held[0](200);
	await wait('all', () => ['b', 'd', 'e', 'f'].every((doc) => told(receiver, doc) === 2) && told(receiver, 'a') >= 1, 40);
	for (const doc of ['b', 'd', 'e', 'f']) checkLine(receiver.taken, doc, 2);
	await wait('it is well', async () => (await api.get(`/hooks/${id}`)).json.failures === 0);
	await wait('metrics tell', async () => await metric('breakers_open') === 0 && await metric('breakers_half_open') === 0);
	assert.equal(await metric('breakers_opened_total'), 1);
	assert.ok(await metric('breakers_probes_total') >= 3);
	await otd.stop();
	await receiver.down();
});

test('without --webhook-inside no webhook goes inside, and none without TLS', async () => {
	const otd = await Otd.start({ args: ['--events', 'on'] });
	const api = new Api(otd.url);
	const receiver = await Receiver.start();
	assert.equal((await api.post('/hooks', { url: receiver.url, collections: ['c'] })).status, 400);
	const made = await api.post('/hooks', { url: `https://127.0.0.1:${receiver.port}/`, collections: ['c'] });
	assert.equal(made.status, 201);
	const trial = (await api.post(`/hooks/${made.json.id}/test`, {})).json;
	assert.equal(trial.delivered, false);
	assert.match(trial.error, /private network/);
	await otd.stop();
	await receiver.down();
});

test('two nodes: every event is told in order while they and the receiver die', async () => {
	const pg = await Postgres.start();
	const store = await pg.database();
	const args = [...SETTINGS, '--webhook-attempts', '1000'];
	const nodes = [await Otd.start({ store, args })];
	nodes.push(await Otd.start({ store, args }));
	const apis = nodes.map((node) => new Api(node.url));
	const receiver = await Receiver.start(async () => { await sleep(Math.random() * 5); return 204; });
	let going = true;
	try {
		const { secret } = await hook(apis[0], receiver, 'c');
		const docs = ['a', 'b', 'c', 'd'];
		const versions = new Map(docs.map((doc) => [doc, 0]));
		const writers = docs.map(async (doc, i) => {
			for (let tries = i; going; tries++) {	// at each in turn: one may be dead
				const version = versions.get(doc) + 1;
				const answer = await apis[tries % 2].put(`/collections/c/docs/${doc}`, { version }).catch(() => null);
				if (answer?.status < 300) versions.set(doc, Math.max(answer.version, version));
				else versions.set(doc, (await apis[(tries + 1) % 2].get(`/collections/c/docs/${doc}`).catch(() => null))?.version || versions.get(doc));
				await sleep(5);
			}
		});
		const more = (n) => {
			const goal = receiver.taken.length + n;
			return wait(`${n} more`, () => receiver.taken.length >= goal, 80);
		};
		await more(40);
		await nodes[0].kill();			// it held the webhook
		await more(40);				// the other has taken it over
		await nodes[0].up();
		await receiver.down();
		await sleep(300);
		await receiver.up();
		await more(40);
		await nodes[1].kill();
		await nodes[1].up();
		await more(40);
		going = false;
		await Promise.all(writers);
		for (const doc of docs) {
			const { version } = await apis[0].get(`/collections/c/docs/${doc}`);
			await wait(`all of ${doc}`, () => told(receiver, doc) === version, 40);
			checkLine(receiver.taken, doc, version);
		}
		assert.ok(receiver.taken.every((delivery) => isSigned(delivery, secret)));
		const repeated = receiver.taken.length - new Set(receiver.taken.map((d) => d.id)).size;
		assert.ok(repeated < receiver.taken.length / 2, `${repeated} of ${receiver.taken.length} were repeated`);
	} finally {
		going = false;
		await Promise.all(nodes.map((node) => node.stop()));
		await receiver.down();
		await pg.stop();
	}
});
