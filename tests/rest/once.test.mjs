// Exactly once: edits by REST, repeated at the same time, later, at the other
// node, and after their connection was cut, while people type into the same
// documents.  OTD_TEST_REST_EDITS and OTD_TEST_REST_TYPISTS make it longer:
// 10000 and 50 are what it was made for; OTD_TEST_SEED chooses other dice.
import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';
import { Api, JSON_PATCH, OP, TEXT_EDIT, servers } from './api.mjs';
import { Peer, within } from '../interop/client.mjs';
import { Chance } from '../interop/random.mjs';
import { Otd } from '../lib/otd.mjs';
import { patience } from '../lib/paths.mjs';
import { Postgres } from '../lib/postgres.mjs';
import { run, sleep } from '../lib/process.mjs';

const EDITS = Number(process.env.OTD_TEST_REST_EDITS || 300);
const TYPISTS = Number(process.env.OTD_TEST_REST_TYPISTS || 6);
const SEED = Number(process.env.OTD_TEST_SEED || 1);
// ShareDB's client fetches a document for each presence that is ahead of it: more
// cursors among each other measure that.
const CURSORS = Math.min(TYPISTS, 8);
const LANES = 16;	// edits under way at once

const call = (what, ...args) => new Promise((done, fail) => what(...args, (error) => (error ? fail(error) : done())));
const words = Array.from({ length: CURSORS }, (_, i) => `word${i}`);
const mark = (n) => `<${n}>`;

/*
 * The documents: what they begin with, how an edit with a mark is made from
 * the outside, and what of it counts in the end.  Marks go to the front, people
 * type at the end, so that both can be told apart.
 */
const kinds = [{
	id: 'tree', type: 'json0', content: { n: 0, text: '.' },
	edit: (chance, n, v) => chance.one([
		{ type: OP, body: [{ p: ['n'], na: 1 }, { p: ['text', 0], si: mark(n) }], base: v },
		{ type: OP, body: [{ p: ['n'], na: 1 }, { p: ['text', 0], si: mark(n) }] },
		{ ops: true, body: { v, op: [{ p: ['n'], na: 1 }, { p: ['text', 0], si: mark(n) }] } },
	]),
	typed: (doc, letter) => [{ p: ['text', doc.data.text.length], si: letter }],
	text: (data) => data.text,
	check: (data, n) => assert.equal(data.n, n),
}, {
	id: 'text', type: 'text', content: '.',
	edit: (chance, n, v) => chance.one([
		{ type: OP, body: [mark(n)], base: v },
		{ type: TEXT_EDIT, body: { with: mark(n), after: '.' } },
		{ ops: true, body: { v, op: [mark(n)] } },
	]),
	typed: (doc, letter) => [doc.data.length, letter],
	text: (data) => data,
}, {
	id: 'rich', type: 'rich-text', content: [{ insert: `= ${words.join(' ')} .\n` }],
	edit: (chance, n, v) => chance.one([
		{ type: OP, body: { ops: [{ insert: mark(n) }] }, base: v },
		{ put: (data) => ({ ops: [{ insert: mark(n) }, ...data.ops] }) },
	]),
	typed: (doc, letter) => ({ ops: [{ retain: doc.data.length() }, { insert: letter }] }),
	text: (data) => data.ops.map(({ insert }) => insert).join(''),
}, {
	id: 'list', type: 'json1', content: { text: '.', marks: [] },
	edit: (chance, n) => ({ type: JSON_PATCH, body: [{ op: 'add', path: '/marks/-', value: mark(n) }] }),
	typed: (doc, letter) => ['text', { es: [[...doc.data.text].length, letter] }],
	text: (data) => data.text + data.marks.join(''),
}];

// A request that is cut before its answer can have come, or right behind it.
function cut(base, method, path, body, headers, after_ms) {
	return new Promise((done) => {
		const url = new URL(base);
		const request = http.request({ host: url.hostname, port: url.port, path: `/v1${path}`, method, agent: false,
			headers: { ...headers, 'content-length': Buffer.byteLength(body) } }, (answer) => { answer.resume(); answer.on('error', () => {}); });
		request.on('error', () => {});
		request.on('close', done);
		request.end(body);
		setTimeout(() => request.destroy(), after_ms);
	});
}

// Say it until it is answered for good, at any node, with companions.
async function once(apis, chance, method, path, body, headers) {
	const say = async () => {
		for (const end = Date.now() + 60_000 * patience; ; await sleep(5 + chance.below(20))) {
			assert.ok(Date.now() < end, `no answer to ${method} ${path}`);
			const { 'content-type': type, ...others } = headers;
			const answer = await chance.one(apis).call(method, path, { body, type, headers: others });
			if (![409, 503, 504].includes(answer.status)) return answer;
			if (answer.status === 409) assert.equal(answer.code, 'ERR_OTD_IDEMPOTENCY_KEY_IN_USE');
		}
	};
	if (chance.often(0.2)) {
		const gone = cut(chance.one(apis).base, method, path, body, headers, chance.below(12));
		if (chance.often(0.5)) await gone;
	}
	const answers = await Promise.all(Array.from({ length: 1 + (chance.often(0.3) && 1 + chance.below(2)) }, say));
	if (chance.often(0.1)) answers.push(await say());
	for (const answer of answers) {
		assert.equal(answer.status, 200, `${method} ${path} ${body}: ${answer.text}`);
		assert.equal(answer.version, answers[0].version);
	}
	return answers.length;
}

async function edit(apis, docs, chance, n) {
	const kind = chance.one(kinds);
	const path = `/collections/once/docs/${kind.id}`;
	const headers = { 'idempotency-key': `edit ${n}` };
	const json = (type) => ({ ...headers, 'content-type': type });
	const made = kind.edit(chance, n, docs[kind.id].v);
	if (made.put) {
		const now = await chance.one(apis).get(path);
		return [kind.id, await once(apis, chance, 'PUT', `${path}?base=${now.version}`, JSON.stringify(made.put(now.json)),
			json('application/json'))];
	}
	const body = JSON.stringify(made.body);
	if (made.ops) return [kind.id, await once(apis, chance, 'POST', `${path}/ops`, body, json('application/json'))];
	return [kind.id, await once(apis, chance, 'PATCH', made.base === undefined ? path : `${path}?base=${made.base}`, body, json(made.type))];
}

// Letters at the end, as they come to mind, until told to stop; how many.
async function type(peer, chance, state) {
	const typed = Object.fromEntries(kinds.map(({ id }) => [id, 0]));
	while (!state.done) {
		const kind = chance.one(kinds);
		const doc = peer.docs[kind.id];
		await doc.submit(kind.typed(doc, chance.one([...'abcdefghij'])));
		typed[kind.id]++;
		await sleep(chance.below(10 * TYPISTS));	// some 200 letters a second of all together
	}
	return typed;
}

for (const target of servers)
	test(`${EDITS} edits against ${TYPISTS} typists, exactly once, with ${target.name}`, { timeout: 1_800_000 }, async () => {
		const server = await target.start();
		const apis = server.urls.map((url) => new Api(url));
		const peers = await Promise.all(Array.from({ length: TYPISTS }, (_, i) => Peer.connect(server.urls[i % server.urls.length])));
		try {
			for (const { id, type: name, content } of kinds)
				assert.equal((await apis[0].put(`/collections/once/docs/${id}?type=${name}`, content)).status, 201);
			for (const [i, peer] of peers.entries()) {
				peer.docs = Object.fromEntries(kinds.map(({ id }) => [id, peer.doc('once', id)]));
				await Promise.all(Object.values(peer.docs).map((doc) => doc.subscribe()));
				// A cursor is on a word of its own.
				if (i >= CURSORS) continue;
				peer.presence = peer.connection.getDocPresence('once', 'rich');
				await call(peer.presence.subscribe.bind(peer.presence));
				const local = peer.presence.create(`typist ${i}`);
				const index = kinds[2].text(peer.docs.rich.data).indexOf(words[i]);
				await call(local.submit.bind(local), { index, length: words[i].length });
			}
			const chance = new Chance(SEED);
			const state = { done: false };
			const typing = peers.map((peer, i) => type(peer, new Chance(SEED * 1000 + i), state));
			const marks = Object.fromEntries(kinds.map(({ id }) => [id, []]));
			let next = 0;
			let answers = 0;
			await Promise.all(Array.from({ length: LANES }, async () => {
				while (next < EDITS) {
					const n = next++;
					const [id, times] = await edit(apis, peers[n % peers.length].docs, chance, n);
					marks[id].push(n);
					answers += times;
				}
			}));
			state.done = true;
			const typed = await Promise.all(typing);
			assert.ok(answers > EDITS);

			for (const { id, text, check } of kinds) {
				const whole = await apis[0].get(`/collections/once/docs/${id}`);
				const letters = typed.reduce((sum, of) => sum + of[id], 0);
				// One version each, for the creation too: nothing was done twice.
				assert.equal(whole.version, 1 + marks[id].length + letters, id);
				const found = [...text(whole.json).matchAll(/<(\d+)>/g)].map(([, n]) => Number(n));
				assert.deepEqual(found.sort((a, b) => a - b), marks[id].sort((a, b) => a - b), id);
				assert.equal(text(whole.json).split('.').at(-1).match(/[a-j]/g)?.length ?? 0, letters, id);
				check?.(whole.json, marks[id].length);
				for (const api of apis) assert.equal((await api.get(`/collections/once/docs/${id}`)).text, whole.text);
				for (const peer of peers) {
					await peer.docs[id].atLeast(whole.version);
					assert.deepEqual(JSON.parse(JSON.stringify(peer.docs[id].data)), whole.json, id);
				}
			}
			// And the cursors are where they were.
			const rich = kinds[2].text(peers[0].docs.rich.data);
			const expected = Object.fromEntries(words.map((word, i) => [`typist ${i}`, { index: rich.indexOf(word), length: word.length }]));
			for (const [i, { presence }] of peers.slice(0, CURSORS).entries()) {
				const others = Object.fromEntries(Object.entries(expected).filter(([name]) => name !== `typist ${i}`));
				const seen = () => Object.fromEntries(Object.entries(presence.remotePresences).sort(([a], [b]) => (a < b ? -1 : 1)));
				const same = () => JSON.stringify(seen()) ===
					JSON.stringify(Object.fromEntries(Object.entries(others).sort(([a], [b]) => (a < b ? -1 : 1))));
				await within(15_000 * patience, `cursors as typist ${i} sees them`, new Promise((done) => {
					const look = () => { if (same()) done(); };
					presence.on('receive', look);
					look();
				}), () => `${JSON.stringify(seen())} and not ${JSON.stringify(others)}`);
			}
		} finally {
			await Promise.all(peers.map((peer) => peer.close()));
			await server.stop();
		}
	});

// A node may fall between the change and its answer: the answer is then made of the operation.
for (const [name, open] of [['sqlite', async () => ({ forget: (store, text) => run('sqlite3', ['-cmd', '.timeout 10000', store.replace('sqlite:', ''), text]), stop() {} })],
	['postgresql', async () => {
		const pg = await Postgres.start();
		return { url: await pg.database(), forget: (store, text) => pg.sql(text, store.split('/').at(-1)), stop: () => pg.stop() };
	}]])
	test(`an answer that was not kept is made anew, ${name}`, async (t) => {
		const store = await open();
		t.after(() => store.stop());
		const server = await Otd.start({ store: store.url });
		t.after(() => server.kill());
		const api = new Api(server.url);
		const path = '/collections/once/docs/lost';
		const forget = () => store.forget(server.store, `DELETE FROM ${name === 'sqlite' ? '' : 'otd.'}once`);
		const said = [['PUT', path, { n: 0, text: '' }], ['PUT', path, { n: 1, text: 'a' }], ['PUT', `${path}?base=1`, { n: 0, text: 'b' }], ['DELETE', path]];
		const say = ([method, at, body], i) => api.call(method, at, { body, headers: { 'idempotency-key': `lost ${i}` } });
		const first = [];
		for (const [i, words] of said.entries()) first.push(await say(words, i));
		assert.deepEqual(first.map(({ status }) => status), [201, 200, 200, 200]);
		await forget();
		for (const [i, words] of said.entries()) {
			const again = await say(words, i);
			assert.equal(again.headers['idempotency-replayed'], 'true');
			assert.equal(again.status, first[i].status);
			// What was merged is told as it was applied, not as it was said.
			assert.deepEqual(again.json, i === 2 ? { ...first[i].json, base: 2, op: (await api.get(`${path}/ops?from=2&limit=1`)).json.ops[0].op } : first[i].json);
			assert.deepEqual((await say(words, i)).json, again.json);
		}
		await server.stop();
	});
