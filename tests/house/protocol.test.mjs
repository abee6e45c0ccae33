// Section 9 of docs/PROTOCOL.md is the table that the conversations are
// compared by.
import test from 'node:test';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { differences, masked } from '../interop/differences.mjs';
import { root } from '../lib/paths.mjs';

const flat = (text) => text.replace(/\s+/g, ' ').trim();

test('the protocol tells every difference that otd means, and no other', () => {
	const text = fs.readFileSync(path.join(root, 'docs/PROTOCOL.md'), 'utf8');
	const told = text.split(/^## 9\..*$/m)[1].split(/^## /m)[0].split(/^- /m).slice(1).map(flat);
	assert.deepEqual(told, [...Object.values(differences), masked].map(flat));
});

const protocol = fs.readFileSync(path.join(root, 'docs/PROTOCOL.md'), 'utf8');
const load = (name) => JSON.parse(fs.readFileSync(path.join(root, 'schema/protocol', name), 'utf8')).$defs;
// Rows of a table, as lists of cells.
const rows = (section) => protocol.split(new RegExp(`^${section.replaceAll('.', '\\.')}\\. `, 'm'))[1]
	.split(/^(?:## )?\d+\./m)[0].split('\n').filter((line) => line.startsWith('|')).slice(2)
	.map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));
const names = (cell) => [...cell.matchAll(/`([\w-]+)`/g)].map(([, name]) => name);

test('the table of client messages is that of the schema', () => {
	const schema = load('client.json');
	const told = rows('11.1');
	assert.deepEqual(told.map(([a]) => names(a)[0]).sort(), Object.keys(schema).sort());
	for (const [a, , members] of told) {
		const { required, properties } = schema[names(a)[0]];
		const may = [...members.matchAll(/\[`(\w+)`\]/g)].map(([, name]) => name);
		assert.deepEqual(names(members).filter((name) => !may.includes(name)).sort(), [...required].sort(), a);
		// what every message may have is said once
		const own = Object.keys(properties).filter((name) => !['a', 'c', 'ch', 'seq'].includes(name));
		for (const name of own) assert.ok(names(members).includes(name) || ['create', 'del'].includes(name), `${a} ${name}`);
		for (const name of may) assert.ok(name in properties || ['create', 'del'].includes(name), `${a} ${name}`);
	}
});

test('the table of the server\'s messages is that of the schema', () => {
	const schema = load('server.json');
	const told = rows('11.2');
	const kinds = Object.keys(schema).filter((kind) => !['told', 'acknowledged', 'refused'].includes(kind));
	assert.deepEqual([...new Set(told.flatMap(([a]) => names(a)))].sort(), kinds.sort());
	for (const [a, , members] of told)
		for (const kind of names(a)) {
			const def = kind !== 'op' ? schema[kind] : members.includes('`c`') ? schema.told : schema.acknowledged;
			const { required, properties } = def.$ref ? schema[def.$ref.split('/').at(-1)] : def;
			const must = required.filter((name) => name !== 'a');
			for (const name of must) assert.ok(names(members).includes(name), `${a} ${name}`);
			for (const name of names(members)) assert.ok(name in properties, `${a} ${name}`);
			for (const name of Object.keys(properties))
				assert.ok(names(members).includes(name) || ['a', 'id', 'c', 'd', 'b'].includes(name), `${a} ${name}`);
		}
});

test('the numbers of the protocol are the defaults of the settings', () => {
	const settings = fs.readFileSync(path.join(root, 'server/run/config.def'), 'utf8');
	const told = rows('13.2');
	assert.ok(told.length > 10);
	for (const [setting, value] of told) {
		const name = /`--([a-z-]+)`/.exec(setting)[1].replaceAll('-', '_');
		assert.match(settings, new RegExp(`^SETTING\\(${name},[^"]*"${value}"`, 'm'), name);
	}
});

test('what a client does is told for codes that there are', () => {
	const errors = fs.readFileSync(path.join(root, 'server/base/err.def'), 'utf8');
	const codes = rows('12.2').flatMap(([cell]) => names(cell));
	assert.ok(codes.length > 15);
	for (const code of codes) assert.ok(errors.includes(`"${code}"`) || protocol.split('## 12.')[0].includes(`\`${code}\``), code);
});
