// otd export and otd import ndjson: what comes back is what went out.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import { Otd, otd } from '../lib/otd.mjs';
import { patience, program, root, temporaryFolder } from '../lib/paths.mjs';
import { Postgres } from '../lib/postgres.mjs';
import { Program, run, until } from '../lib/process.mjs';
import { Peer } from '../interop/client.mjs';
import { Chance, random } from '../interop/random.mjs';
import { types } from '../interop/types.mjs';
import { Database } from './database.mjs';
import { JSON0, TEXT, join } from './edit.mjs';

const seed = process.env.OTD_TEST_SEED || '1';
const KINDS = ['postgresql', 'sqlite'];
const folder = temporaryFolder('export');
let pg, files = 0;
before(async () => { pg = await Postgres.start(); });
after(async () => { await pg?.stop(); });

const newFile = () => path.join(folder, `e${++files}.ndjson`);
const linesOf = (file) => fs.readFileSync(file, 'utf8').split('\n').slice(0, -1);
const valuesOf = (file) => linesOf(file).map((line) => JSON.parse(line));

async function exported(db, ...collections) {
	const file = newFile();
	const { code, text } = await otd(['export', ...collections, '--out', file, '--store', db.store]);
	assert.equal(code, 0, text);
	assert.ok(!fs.existsSync(`${file}.part`));
	return file;
}

async function imported(file, db, ...words) {
	const { code, text } = await otd(['import', 'ndjson', file, '--store', db.store, ...words]);
	const lines = text.split('\n');
	return { code, told: lines.slice(0, -1), sum: lines.at(-1), text };
}

// A file of these lines.
function written(...values) {
	const file = newFile();
	fs.writeFileSync(file, values.map((value) => `${typeof value === 'string' ? value : JSON.stringify(value)}\n`).join(''));
	return file;
}

const HEADER = { otd: 'export', format: 1 };
const END = { end: { documents: 1, operations: 3 } };
const document = (id, v, more = {}) => ({ document: { collection: 'notes', id, v, ...more } });
const op = (v, more) => ({ v, src: 'me', seq: v + 1, at: 1_700_000_000_000 + v, ...more });
const COUNTER = [
	op(0, { create: { type: JSON0, data: { n: 0 } } }),
	op(1, { op: [{ p: ['n'], na: 1 }] }),
	op(2, { op: [{ p: ['n'], na: 1 }] }),
];
const CONTENT = { content: { v: 3, type: JSON0, data: { n: 2 } } };

// Many documents, as a file.
function many(documents, ops) {
	const lines = [JSON.stringify(HEADER)];
	for (let d = 0; d < documents; d++) {
		lines.push(JSON.stringify(document(`d${String(d).padStart(6, '0')}`, ops)));
		for (let v = 0; v < ops; v++)
			lines.push(JSON.stringify(op(v, v ? { op: [{ p: ['n'], na: v }] } : { create: { type: JSON0, data: { n: 0, of: d } } })));
		lines.push(JSON.stringify({ content: { v: ops, type: JSON0, data: { n: ops * (ops - 1) / 2, of: d } } }));
	}
	lines.push(JSON.stringify({ end: { documents, operations: documents * ops } }));
	const file = newFile();
	fs.writeFileSync(file, `${lines.join('\n')}\n`);
	return file;
}

describe('there and back', () => {
	const dbs = {}, original = {};

	before(async () => {
		for (const kind of KINDS) {
			const db = dbs[kind] = await Database.make(kind, pg);
			const server = await Otd.start({ store: db.store, args: ['--checkpoint-ops', '10', '--keep-every', '20'] });
			const peer = await Peer.connect(server.ws);
			for (const type of Object.keys(types)) {
				const chance = new Chance(`${seed} ${type}`);
				const doc = peer.doc('notes', type);
				await doc.create(random[type].initial(), type);
				for (let i = 0; i < 45; i++) await doc.submit(random[type].op(chance, doc.data));
			}
			await peer.close();
			const client = await join(server);
			await client.op('notes', 'gone', 0, { create: { type: JSON0, data: 1 } });
			await client.op('notes', 'gone', 1, { del: true });
			await client.op('notes', 'again', 0, { create: { type: JSON0, data: { k: 'lone \ud800, \u0000 and \u2028' } } });
			await client.op('notes', 'again', 1, { del: true });
			await client.op('notes', 'again', 2, { create: { type: TEXT, data: '\u0000"\\' } });
			await client.op('notes', 'undefined', 0, { create: { type: JSON0, data: { a: 1 } } });
			await client.op('notes', 'undefined', 1, { op: [{ p: [], od: { a: 1 } }] });
			await client.op('notes', 'numbers', 0, { create: { type: JSON0, data: [1e21, 1e-7, 0.1, -0, 5e-324, 9007199254740993] } });
			await client.op('others', '\u{1f600}/"\\ \n', 0, { create: { type: JSON0, data: {} } });
			client.leave();
			await server.stop();
			await db.sql(`UPDATE ${db.prefix}document SET owner = 'ann' WHERE id = 'json1'`);
			for (const grant of [['bob', 'editor', '30d'], ['eve', 'viewer']])
				assert.equal((await otd(['grant', 'add', 'notes', 'json1', ...grant, '--store', db.store])).code, 0);
			original[kind] = await exported(db);
		}
	});

	test('every line is as its schema says, and they stand in order', () => {
		const schema = JSON.parse(fs.readFileSync(path.join(root, 'schema/export.schema.json'), 'utf8'));
		const check = new Ajv({ allErrors: true, strictTypes: false, strictRequired: false }).compile(schema);
		for (const kind of KINDS) {
			const lines = valuesOf(original[kind]);
			for (const line of lines) assert.ok(check(line), `${JSON.stringify(line)}\n${JSON.stringify(check.errors)}`);
			assert.deepEqual(lines[0], { ...HEADER, documents: 11 });
			const ops = lines.filter((line) => 'src' in line);
			assert.deepEqual(lines.at(-1), { end: { documents: 11, operations: ops.length } });
			const order = lines.slice(1, -1).map((line) => (line.document ? 'd' : line.content ? 'c' : 'o')).join('');
			assert.match(order, /^(do+c){11}$/);
			assert.deepEqual(lines.find((line) => line.document?.id === 'json1').document.grants.map(({ subject, role, expires }) =>
				[subject, role, expires > Date.now()]), [['bob', 'editor', true], ['eve', 'viewer', false]]);
		}
		assert.ok(!check({ v: 1, src: 'x', seq: 1, at: 0 }), 'an operation that says nothing');
		assert.ok(!check({ v: 1, src: 'x', seq: 1, at: 0, op: [], del: true }));
	});

	for (const from of KINDS)
		for (const to of KINDS)
			test(`from ${from} into ${to}`, async () => {
				const db = await Database.make(to, pg);
				const { code, told, sum } = await imported(original[from], db, '--verify', '--keep-every', '20');
				assert.deepEqual(told, []);
				assert.equal(code, 0);
				assert.match(sum, /^11 documents taken with \d+ operations .*, 11 documents read back and the same$/);
				const file = await exported(db);
				assert.deepEqual(linesOf(file), linesOf(original[from]));
				const proof = await otd(['verify', '--store', db.store]);
				assert.equal(proof.code, 0, proof.text);
				const milestones = (of) => of.sql(`SELECT d.id, s.version FROM ${of.prefix}snapshot s JOIN ${of.prefix}document d
					ON d.doc_pk = s.doc_pk WHERE s.kept ORDER BY d.id, s.version`);
				assert.ok((await milestones(db)).length >= 6);
				assert.deepEqual(await milestones(db), await milestones(dbs[from]));
				assert.deepEqual(await db.sql(`SELECT owner FROM ${db.prefix}document WHERE id = 'json1'`), [['ann']]);
				// Again, nothing happens.
				const again = await imported(original[from], db);
				assert.equal(again.sum, '0 documents taken with 0 operations, 11 documents there already');
				assert.deepEqual(linesOf(await exported(db)), linesOf(original[from]));
				// Through standard input and output, too.
				const third = await Database.make('sqlite', pg);
				const piped = await run('sh', ['-c', '"$0" export notes --store "$1" | "$0" import ndjson - --store "$2"',
					program('otd'), db.store, third.store]);
				assert.match(piped, /^10 documents taken/);
			});

	test('one document', async () => {
		const file = newFile();
		assert.equal((await otd(['doc', 'export', 'notes', 'again', '--out', file, '--store', dbs.sqlite.store])).code, 0);
		assert.deepEqual(linesOf(file).slice(1, -1), (() => {
			const all = linesOf(original.sqlite);
			const at = all.findIndex((line) => line.includes('"id":"again"'));
			return all.slice(at, at + 5);
		})());
		const db = await Database.make('sqlite', pg);
		const { code, text } = await otd(['doc', 'import', file, '--verify', '--store', db.store]);
		assert.equal(code, 0, text);
		assert.match(text, /^1 document taken with 3 operations .*, 1 document read back and the same$/);
		const never = await otd(['doc', 'export', 'notes', 'never', '--store', dbs.sqlite.store]);
		assert.equal(never.code, 1);
		assert.match(never.text, /"notes\/never": never was/);
		assert.equal((await otd(['doc', 'export', 'notes'])).code, 64);
	});

	test('next to a server', async () => {
		const server = await Otd.start({ store: dbs.sqlite.store });
		assert.deepEqual(linesOf(await exported(dbs.sqlite)), linesOf(original.sqlite));
		await server.stop();
	});
});

describe('a history that begins late', () => {
	const late = [HEADER, document('late', 12, { from: { v: 10, type: JSON0, data: { n: 7 } } }),
		op(10, { op: [{ p: ['n'], na: 1 }] }), op(11, { op: [{ p: ['n'], na: 1 }] }),
		{ content: { v: 12, type: JSON0, data: { n: 9 } } },
		document('only', 5, { from: { v: 5, type: JSON0, data: { n: 1 } } }), { content: { v: 5, type: JSON0, data: { n: 1 } } },
		document('nothing', 4, { from: { v: 3, type: null } }), op(3, { create: { type: TEXT, data: 'x' } }),
		{ content: { v: 4, type: TEXT, data: 'x' } },
		{ end: { documents: 3, operations: 3 } }];

	for (const kind of KINDS)
		test(kind, async () => {
			const db = await Database.make(kind, pg);
			const { code, text } = await imported(written(...late), db, '--verify');
			assert.equal(code, 0, text);
			assert.match(text, /^3 documents taken with 3 operations/);
			assert.equal((await otd(['verify', '--store', db.store])).code, 0);
			const back = valuesOf(await exported(db));
			assert.deepEqual(back.filter((line) => line.document).map((line) => [line.document.id, line.document.v, line.document.from]),
				[['late', 12, late[1].document.from], ['nothing', 4, { v: 3, type: null }], ['only', 5, late[5].document.from]]);
			assert.deepEqual(back.filter((line) => 'src' in line), [late[2], late[3], late[8]]);
			assert.match((await imported(written(...late), db)).sum, /^0 documents taken with 0 operations, 3 documents there already/);

			const server = await Otd.start({ store: db.store });
			const peer = await Peer.connect(server.ws);
			const doc = peer.doc('notes', 'late');
			await doc.subscribe();
			await doc.submit([{ p: ['n'], na: 1 }]);
			assert.deepEqual([doc.v, doc.data], [13, { n: 10 }]);
			// Who is behind by an operation that is there merges; further back is refused and not answered wrongly.
			const client = await join(server);
			await client.op('notes', 'late', 11, { op: [{ p: ['n'], na: 5 }] });
			await assert.rejects(client.op('notes', 'late', 3, { op: [{ p: ['n'], na: 5 }] }), /ERR_/);
			await doc.atLeast(14);
			assert.deepEqual(doc.data, { n: 15 });
			client.leave();
			await peer.close();
			await server.stop();
			assert.equal((await otd(['verify', '--store', db.store])).code, 0);
		});
});

describe('killed in the middle', () => {
	const [documents, ops] = [4000, 12];

	for (const kind of KINDS)
		test(`an import: ${kind}`, async () => {
			const file = many(documents, ops);
			const db = await Database.make(kind, pg);
			await otd(['migrate', 'up', '--store', db.store]);
			const count = async () => Number((await db.sql(`SELECT count(*) FROM ${db.prefix}operation`))[0][0]);
			let kills = 0;
			for (let have = 0; kills < 3; kills++) {
				const child = new Program(program('otd'), ['import', 'ndjson', file, '--store', db.store]);
				await until('it has written some', async () => child.exit || await count() > have,
					{ timeout_ms: 30_000 * patience, every_ms: 1 });
				await child.kill();
				have = await count();
				if (have === documents * ops) break;
			}
			assert.ok(kills >= 1, 'it was over before it could be killed');
			const { code, text } = await imported(file, db, '--verify');
			assert.equal(code, 0, text);
			assert.equal(await count(), documents * ops);
			assert.deepEqual(linesOf(await exported(db)).slice(1), linesOf(file).slice(1));
		});

	test('an export', async () => {
		const db = await Database.make('sqlite', pg);
		await imported(many(documents, ops), db);
		const whole = await exported(db), file = newFile();
		const child = new Program(program('otd'), ['export', '--out', file, '--store', db.store]);
		await until('it has written some', () => child.exit || (fs.existsSync(`${file}.part`) && fs.statSync(`${file}.part`).size > 100_000),
			{ timeout_ms: 30_000 * patience, every_ms: 1 });
		await child.kill();
		assert.ok(!fs.existsSync(file), 'it was over before it could be killed');
		const { size } = fs.statSync(`${file}.part`);
		// The last line was cut, as a full disk would.
		fs.truncateSync(`${file}.part`, size - 7);
		const { code, text } = await otd(['export', '--out', file, '--store', db.store]);
		assert.equal(code, 0, text);
		assert.equal(fs.readFileSync(file, 'utf8'), fs.readFileSync(whole, 'utf8'));
		// What an export of something else left is not gone on with.
		fs.writeFileSync(`${file}.part`, linesOf(whole).slice(0, 100).join('\n'));
		await otd(['export', 'nothing', '--out', file, '--store', db.store]);
		assert.deepEqual(valuesOf(file), [{ ...HEADER, collections: ['nothing'], documents: 0 }, { end: { documents: 0, operations: 0 } }]);
	});
});

describe('what is not right', () => {
	const refused = [
		['no export', [{ hello: 1 }], /:1: this is no export of otd/],
		['a newer one', [{ ...HEADER, format: 2 }], /:1: this is an export of a newer otd/],
		['no JSON', [HEADER, document('x', 3), '{"v":'], /:3: /],
		['cut short', [HEADER, document('x', 3), ...COUNTER], /:5: the file ends early: that is not all/],
		['nothing at all', [], /the file ends early/],
		['an operation without a document', [HEADER, COUNTER[0]], /:2: an operation stands in no document/],
		['content without a document', [HEADER, CONTENT], /:2: content stands in no document/],
		['a document in a document', [HEADER, document('x', 3), document('y', 3)], /:3: a document begins before the one before it has ended/],
		['an operation that says nothing', [HEADER, document('x', 3), op(0)], /:3: an operation is/],
		['a line behind the end', [HEADER, END, END], /:3: there is a line behind the end/],
		['a type of nobody', [HEADER, document('x', 3, { from: { v: 1, type: 'x' } })], /:2: "from" is of a type that is not known/],
		['no names', [HEADER, { document: { collection: 1, id: 'x', v: 1 } }], /:2: "collection" and "id" are texts/],
	];
	for (const [name, lines, says] of refused)
		test(`a file: ${name}`, async () => {
			const db = await Database.make('sqlite', pg);
			const { code, text } = await imported(written(...lines), db);
			assert.equal(code, 1);
			assert.match(text, says);
			assert.match(text, /that is not all$/);
		});

	// The document alone is bad; the one behind it is taken.
	const failed = [
		['a gap', [COUNTER[0], COUNTER[2]], 'operation 2 stands where 1 should'],
		['an operation that does not apply', [COUNTER[0], op(1, { op: [{ p: ['n', 'x'], si: 'y' }] })], /^operation 1 does not apply: ./],
		['an edit of nothing', [op(0, { op: [{ p: ['n'], na: 1 }] })], /^operation 0 does not apply: ./],
		['a type of nobody', [op(0, { create: { type: 'x' } })], /^operation 0 does not apply: Unknown type/],
		['no source', [{ ...COUNTER[0], src: '' }], 'operation 0 has no src or seq'],
		['an unknown role', [], 'a grant names nobody, or no role that there is', { grants: [{ subject: 'bob', role: 'king' }] }],
	];
	for (const [name, ops, says, more] of failed)
		test(`a document: ${name}`, async () => {
			const db = await Database.make('sqlite', pg);
			const file = written(HEADER, document('bad', 3, more), ...ops, CONTENT, document('good', 3), ...COUNTER, CONTENT, END);
			const { code, told, sum } = await imported(file, db, '--verify');
			assert.equal(code, 1);
			assert.equal(told.length, 1);
			assert.ok(told[0].startsWith('notes/bad: '), told[0]);
			if (typeof says === 'string') assert.equal(told[0].slice(11), says);
			else assert.match(told[0].slice(11), says);
			assert.match(sum, /^1 document taken with 3 operations .*, 1 complaint$/);
			// Nothing of it is left.
			assert.deepEqual(await db.sql('SELECT id FROM document'), [['good']]);
		});

	test('content that the operations do not lead to', async () => {
		const db = await Database.make('sqlite', pg);
		for (const [content, says] of [
			[{ v: 3, type: JSON0, data: { n: 3 } }, /its operations lead to another content than its snapshot has, of version 3/],
			[{ v: 3, type: null }, /its operations lead to another content/],
			[{ v: 4, type: JSON0, data: { n: 2 } }, /its snapshot is of version 4, its operations lead to 3/],
		]) {
			const { code, told } = await imported(written(HEADER, document('x', 3), ...COUNTER, { content }, END), db);
			assert.equal(code, 1);
			assert.match(told.join(), says);
		}
		assert.equal((await otd(['verify', '--store', db.store])).code, 0);
	});

	test('a document that is there already and is another', async () => {
		const db = await Database.make('sqlite', pg);
		await imported(written(HEADER, document('x', 3), ...COUNTER, CONTENT, END), db);
		const others = COUNTER.map((one) => ({ ...one, src: 'other' }));
		const { code, told } = await imported(written(HEADER, document('x', 3), ...others, CONTENT, END), db);
		assert.equal(code, 1);
		assert.deepEqual(told, ['notes/x: it is there already, with another operation 2']);
		// A longer history of the same goes on.
		const longer = written(HEADER, document('x', 4), ...COUNTER, op(3, { del: true }), { content: { v: 4, type: null } }, END);
		const more = await imported(longer, db, '--verify');
		assert.equal(more.code, 0, more.text);
		assert.match(more.sum, /^1 document taken with 1 operation/);
	});

	test('a document that is broken in the database', async () => {
		const db = await Database.make('sqlite', pg);
		await imported(written(HEADER, document('x', 3), ...COUNTER, CONTENT, END), db);
		await db.flip({ table: 'operation', id: 'x', v: 1, column: 'body', from: '"na"', to: '"nb"' });
		const file = newFile();
		const { code, text } = await otd(['export', '--out', file, '--store', db.store]);
		assert.equal(code, 1);
		assert.match(text, /"notes\/x": operation 1 does not apply: ./);
		assert.deepEqual(valuesOf(file).map((line) => Object.keys(line)[0]), ['otd', 'document', 'v', 'broken', 'end']);
		const { code: said, told } = await imported(file, await Database.make('sqlite', pg));
		assert.equal(said, 1);
		assert.match(told.join(), /notes\/x: it was broken where it comes from/);
	});

	test('files that cannot be', async () => {
		const db = await Database.make('sqlite', pg);
		assert.match((await imported('/nowhere/x', db)).text, /could not read "\/nowhere\/x": No such file or directory/);
		const { code, text } = await otd(['export', '--out', '/nowhere/x', '--store', db.store]);
		assert.equal(code, 73);
		assert.match(text, /could not write "\/nowhere\/x.part": No such file or directory/);
	});
});
