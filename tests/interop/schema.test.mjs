// Every message of every conversation, both ways, against the JSON Schemas in
// schema/protocol: what otd takes and says is in them, what it refuses as
// malformed is not.  And the AsyncAPI document against AsyncAPI's own schema.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import Ajv from 'ajv';
import Ajv2020 from 'ajv/dist/2020.js';
import { startReference } from './reference.mjs';
import { describeStep, hold } from './talk.mjs';
import { targets } from './targets.mjs';
import { root } from '../lib/paths.mjs';
import greet from './conversations/greet.mjs';
import read from './conversations/read.mjs';
import submit from './conversations/submit.mjs';
import edits from './conversations/edits.mjs';
import project, { projections } from './conversations/project.mjs';
import presence from './conversations/presence.mjs';
import past from './conversations/past.mjs';

const folder = path.join(root, 'schema/protocol');
const load = (name) => JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8'));
const [values, client, server, asyncapi] = ['values', 'client', 'server', 'asyncapi'].map((name) => load(`${name}.json`));
const ajv = new Ajv2020({ allErrors: false, strictTypes: false, strictRequired: false, allowUnionTypes: true });
ajv.addSchema(values);
const says = ajv.compile(client);
const hears = ajv.compile(server);
const why = (validate) => JSON.stringify(validate.errors?.slice(-2));

// Queries: a step says as well how many messages come of it.
const query = (a, id, q, more) => [0, { a, id, c: 'asked', q, ...more }];
const make = (d, n) => [0, { a: 'op', c: 'asked', d, v: 0, seq: n, create: { type: 'json0', data: { n } } }];
const set = (d, v, n, seq) => [0, { a: 'op', c: 'asked', d, v, seq, op: [{ p: ['n'], od: 0, oi: n }] }];
const asked = { name: 'queries', steps: [
	[...make('one', 1), 1], [...make('two', 2), 1],
	[...query('qf', 1, { n: { $gt: 0 } }), 1], [...query('qf', 2, { $count: true }), 1],
	[...query('qs', 3, { $sort: { n: 1 } }), 1], [...query('qs', 4, { $count: true }), 1],
	[...query('qs', 5, {}, { r: [['two', 1], ['one', null], ['three', 0]] }), 2],
	[...make('three', 3), 4], [...set('one', 1, 9, 4), 2], [0, { a: 'op', c: 'asked', d: 'two', v: 1, seq: 5, del: true }, 4],
	[...query('qf', 6, { $nothing: 1 }), 1], [...query('qf', 7, 5), 1], [...query('qf', 8, {}, { o: { db: 'x' } }), 1],
	[...query('qf', 9, {}, { o: 5, r: [['one', 1, 'more']] }), 1],
	[0, { a: 'qu', id: 3 }, 1], [0, { a: 'qu', id: 4, c: 'asked' }, 1], [0, { a: 'qu', id: 99 }, 1],
	...[{ id: '1' }, { id: null }, { c: null }, { c: '__proto__' }, { r: {} }, { r: [5] }, { r: [[]] }, { r: [['__proto__', 1]] },
		{ r: [['x', -1]] }, { r: [['x', '1']] }, { seq: 'x' }].map((more) => [...query('qs', 10, {}, more), 1]),
	[0, { a: 'qu' }, 1],
] };
const rights = { name: 'rights', steps: [
	[0, { a: 'x-may', c: 'asked', d: 'one' }, 1], [0, { a: 'x-may', c: 'asked' }, 1], [0, { a: 'x-may', c: 'asked', d: null, id: 5 }, 1],
	[0, { a: 'op', c: 'strict', d: 'one', v: 0, seq: 50, create: { type: 'json0' }, x: { strict: true } }, 1],
	[0, { a: 'op', c: 'strict', d: 'one', v: 0, seq: 51, create: { type: 'json0' }, x: { strict: true } }, 1],
	[0, { a: 'op', c: 'strict', d: 'one', seq: 52, op: [], x: { strict: true } }, 1],
	[0, { a: 'op', c: 'strict', d: 'one', v: null, seq: 53, op: [], x: { strict: true } }, 1],
	[0, { a: 'op', c: 'strict', d: 'one', v: null, seq: 54, op: [], x: { strict: 1 } }, 1],
	[0, { a: 'op', c: 'strict', d: 'one', v: null, seq: 55, op: [], x: 5 }, 1],
	[0, { a: 'hs', id: null, x: { epoch: true } }, 1], [0, { a: 's', c: 'strict', d: 'one', v: 99 }, 1],
	[0, { a: 'hs', id: null, x: { token: true } }, 1], [0, { a: 'x-token', token: 'none is wanted' }, 1],
	...[{ token: 5 }, { token: '' }, { token: 'x\u0000' }, {}].map((more) => [0, { a: 'x-token', ...more }, 1]),
	...[{}, { c: '__proto__' }, { c: 'asked', d: 5 }].map((more) => [0, { a: 'x-may', ...more }, 1]),
] };
const counts = ({ steps }) => [0, ...steps.map(([, , count]) => count ?? 0), 0].map((count) =>
	({ heard: [Array(count).fill(null)], closed: [false] }));

// JSON's own limits are not for a schema to say.
const talks = [...greet, ...read, ...submit, ...edits, ...project, ...presence, ...past, asked, rights]
	.filter(({ differs }) => !differs?.includes('over-limit'));

// Refused for its form, before anybody looked at a document; in edits it is the type's form.
const isMalformed = ({ error }) => error?.code === 'ERR_MESSAGE_BADLY_FORMED';
const isEnvelope = ({ error }) => error?.code === 'ERR_OT_OP_BADLY_FORMED' &&
	/^(Create data must|Missing create type|del value|src must|Both src)/.test(error.message);

function parsed(message) {
	if (Buffer.isBuffer(message)) return undefined;
	if (typeof message !== 'string') return JSON.parse(JSON.stringify(message));
	try {
		return JSON.parse(message);
	} catch {
		return undefined;
	}
}

// Which of the schema's messages it is.
const kindOf = (message) => (message.error && message.a !== 'q' ? 'refused' : message.a !== 'op' ? message.a :
	'op' in message || 'create' in message || 'del' in message ? 'told' : 'acknowledged');

// What would be seen as wrong in any message that the server says.
const spoilt = [
	(m) => ({ ...m, a: undefined }), (m) => ({ ...m, a: 'zz' }), (m) => ({ ...m, extraordinary: 1 }),
	(m) => 'v' in m && { ...m, v: `${m.v}` }, (m) => 'v' in m && { ...m, v: -1 },
	(m) => m.a === 'op' && { ...m, src: 5 }, (m) => m.data?.v !== undefined && { ...m, data: { ...m.data, v: undefined } },
	(m) => m.data?.v !== undefined && { ...m, data: { ...m.data, more: 1 } }, (m) => m.pv !== undefined && { ...m, pv: 'x' },
	(m) => m.diff && { ...m, diff: [{ type: 'swap', index: 0 }] }, (m) => m.protocol && { ...m, protocol: 2 },
].map((spoil) => (m) => spoil(m) && JSON.parse(JSON.stringify(spoil(m))));

const seen = new Set();

function checkHeard(talk, outcome) {
	for (const [index, { heard }] of outcome.entries())
		for (const message of heard.flat()) {
			assert.ok(hears(message), `${talk.name}, ${describeStep(talk, index)}:\n  ` +
				`${JSON.stringify(message).slice(0, 300)}\n  ${why(hears)}`);
			seen.add(kindOf(message));
			if (message.error) continue;
			for (const bad of spoilt.map((spoil) => spoil(message)).filter(Boolean))
				assert.ok(!hears(bad), `${JSON.stringify(bad).slice(0, 300)} is let through`);
		}
}

function checkSaid(talk, outcome) {
	for (const [index, [who, message]] of talk.steps.entries()) {
		if (message === 'leave') continue;
		const { heard, closed } = outcome[index + 1];
		const said = parsed(message);
		const refusal = heard[who].find((m) => isMalformed(m) || isEnvelope(m));
		const where = `${talk.name}, ${describeStep(talk, index + 1)}`;
		if (closed[who] && said === undefined) continue;
		if (refusal || (closed[who] && !outcome[index].closed[who]))
			assert.ok(!says(said), `${where}: the schema takes what otd refuses: ${refusal?.error.message}`);
		else if (!closed[who] && !heard[who].some(({ error }) => error))
			assert.ok(says(said), `${where}: the schema refuses what otd takes: ${why(says)}`);
	}
}

for (const target of targets.filter(({ name }) => ['sqlite', 'pair'].includes(name)))
	describe(`messages of otd on ${target.name} and their schemas`, () => {
		let otd;
		before(async () => {
			otd = await target.start({ config: { projections } });
		});
		after(() => otd?.stop());
		for (const [number, talk] of talks.entries())
			test(talk.name, async () => {
				const outcome = await hold(talk, otd.urls, { number, expected: [asked, rights].includes(talk) ? counts(talk) : undefined });
				checkHeard(talk, outcome);
				checkSaid(talk, outcome);
			});

		test('every message of the server was heard', () => {
			// Answers to tokens go to those who showed one, at a server that wants them: tests/core has them.
			const kinds = Object.keys(server.$defs).filter((kind) => !['op', 'x-token'].includes(kind));
			assert.deepEqual(kinds.filter((kind) => !seen.has(kind)), []);
		});

		test('every message of a client was said', () => {
			const said = new Set(talks.flatMap(({ steps }) => steps.map(([, message]) => parsed(message)?.a)));
			assert.deepEqual(Object.keys(client.$defs).filter((kind) => !said.has(kind)), []);
		});
	});

// ShareDB's own messages fit as well: a client that takes these takes those.
test('messages of the reference', async () => {
	const reference = await startReference();
	try {
		for (const [number, talk] of [...read, ...submit, ...past].entries())
			checkHeard(talk, await hold(talk, reference.urls, { number }));
	} finally {
		await reference.stop();
	}
});

test('the actions of the server are those of the schema', () => {
	const table = fs.readFileSync(path.join(root, 'server/proto/actions.def'), 'utf8');
	const actions = [...table.matchAll(/^ACTION\(\w+,\s*"([\w-]+)"/gm)].map(([, code]) => code);
	assert.deepEqual(Object.keys(client.$defs).sort(), actions.sort());
});

// ---- AsyncAPI ----

test('asyncapi.json is an AsyncAPI 3 document', () => {
	const schema = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0-without-$id.json');
	const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
	assert.ok(validate(asyncapi), why(validate));
	assert.ok(!validate({ ...asyncapi, channels: { socket: { messages: 5 } } }));
	assert.ok(!validate({ ...asyncapi, asyncapi: '2.0.0' }));
});

test('every reference leads somewhere, and every message is referred to', () => {
	const files = { '': asyncapi, 'client.json': client, 'server.json': server, 'values.json': values };
	const referred = new Set();
	const walk = (value) => {
		if (value === null || typeof value !== 'object') return;
		if (typeof value.$ref === 'string') {
			const [file, pointer] = value.$ref.split('#');
			const at = pointer.split('/').slice(1).reduce((inside, key) => inside?.[key], files[file]);
			assert.notEqual(at, undefined, value.$ref);
			referred.add(value.$ref);
		}
		Object.values(value).forEach(walk);
	};
	walk(asyncapi);
	const messages = [...Object.keys(client.$defs).map((kind) => `client.json#/$defs/${kind}`),
		...Object.keys(server.$defs).filter((kind) => kind !== 'op').map((kind) => `server.json#/$defs/${kind}`),
		...Object.keys(asyncapi.channels.socket.messages).map((name) => `#/channels/socket/messages/${name}`)];
	assert.deepEqual(messages.filter((name) => !referred.has(name)), []);
});
