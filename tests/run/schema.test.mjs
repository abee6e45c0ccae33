// The schema of the settings file says what the program says.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import Ajv from 'ajv';
import { otd } from '../lib/otd.mjs';
import { temporaryFolder } from '../lib/paths.mjs';

const schema = JSON.parse((await otd(['config', '--schema'])).text);
const valid = new Ajv({ allowUnionTypes: true, strictTypes: false }).compile(schema);
const settings = path.join(temporaryFolder('schema'), 'otd.json');

async function check(said) {
	fs.writeFileSync(settings, JSON.stringify(said));
	return otd(['config', '--check', '--config', settings]);
}

test('it knows every setting', async () => {
	const { text } = await otd(['config', '--print']);
	const names = Object.keys(JSON.parse(text));
	const known = Object.keys(schema.properties);
	assert.deepEqual(known.filter((name) => !['$schema', 'collections', 'projections'].includes(name)).sort(), names.sort());
	assert.ok(valid(JSON.parse(text)), JSON.stringify(valid.errors));
});

const taken = [
	{},
	{ $schema: 'config.schema.json', listen: ['127.0.0.1:7007', '[::1]:7007'], workers: 1, store: 'sqlite:x' },
	{ 'max-message': '1M', 'max-document': 2048, 'drain-timeout': '20s', queries: 'off', insecure: true },
	{ collections: { a: {}, 'b*': { types: ['json0', 'rich-text'], queries: true, 'keep-every': 5 }, '*': { 'max-document': '2k' } } },
	{ collections: { a: { types: ['http://sharejs.org/types/JSONv0'] } }, 'unknown-collections': 'refuse' },
	{ projections: { p: { of: 'a', fields: [] }, '*_p': { of: 'x*', fields: ['a', ''] } } },
];

const refused = [
	{ lissen: [] }, { workers: 0 }, { workers: 1.5 }, { workers: null }, { 'max-message': '1T' }, { 'log-level': 'loud' },
	{ queries: 'perhaps' }, { queries: 1 }, { insecure: 'yes' }, { config: 'x' }, { listen: [null] }, { store: 'a\0b' },
	{ collections: [] }, { collections: { '': {} } }, { collections: { 'a**': {} } }, { collections: { a: { store: 'x' } } },
	{ collections: { a: { types: [] } } }, { collections: { a: { types: ['html'] } } }, { collections: { a: { types: [1] } } }, { collections: { a: { 'keep-every': 0 } } },
	{ projections: { p: { of: 'a' } } }, { projections: { p: { fields: [] } } }, { projections: { p: { of: '', fields: [] } } },
	{ projections: { p: { of: 'a', fields: ['x', 'x'] } } }, { projections: { p: { of: 'a', fields: { x: true } } } },
	{ projections: { p: { of: 'a', fields: [1] } } }, { projections: { p: { of: 'a', fields: [], more: 1 } } },
];

test('what it takes the program takes', async () => {
	for (const said of taken) {
		assert.ok(valid(said), `${JSON.stringify(said)}: ${JSON.stringify(valid.errors)}`);
		const { code, text } = await check(said);
		assert.equal(code, 0, `${JSON.stringify(said)}: ${text}`);
	}
});

test('what it refuses the program refuses', async () => {
	for (const said of refused) {
		assert.equal(valid(said), false, JSON.stringify(said));
		const { code, text } = await check(said);
		assert.equal(code, 64, `${JSON.stringify(said)}: ${text}`);
	}
});
