// otd policy, on the examples of docs/ACCESS.md and on what is wrong.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import { otd } from '../lib/otd.mjs';
import { root, temporaryFolder } from '../lib/paths.mjs';

const folder = temporaryFolder('policy');
const page = fs.readFileSync(path.join(root, 'docs/ACCESS.md'), 'utf8');
const examples = [...page.matchAll(/^```json\n([^]*?)^```/gm)].map(([, json]) => json);
const [rules, grants, expectations] = examples.map((_, i) => path.join(folder, ['rules', 'grants', 'expectations'][i] + '.json'));

function write(name, content) {
	const file = path.join(folder, name);
	fs.writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
	return file;
}

examples.forEach((text, i) => fs.writeFileSync([rules, grants, expectations][i], text));

test('the examples of the manual are right', async () => {
	assert.equal(examples.length, 3);
	for (const file of [rules, grants])
		assert.deepEqual(await otd(['policy', 'check', file]), { code: 0, signal: null, text: 'the rules are right' });
	const { code, text } = await otd(['policy', 'test', expectations]);
	assert.equal(code, 0, text);
	assert.match(text, /^10 expectations, 0 failed$/);
});

test('expectations that are not met are told', async () => {
	const cases = JSON.parse(examples[2]).cases;
	for (const each of cases) each.expect = each.expect === 'allow' ? 'deny' : 'allow';
	let { code, text } = await otd(['policy', 'test', write('turned.json', { rules: 'rules.json', cases })]);
	assert.equal(code, 1);
	assert.equal(text.split('\n').length, 11);
	assert.match(text, /^case 1: read in "notes" of "acme\/1" by "ann": allowed by rule "members .*", expected deny by rule "mem/m);
	assert.match(text, /^case 7: presence on the channel "room\/acme\/1" by "ann": allowed by rule "rooms", expected deny$/m);
	assert.match(text, /^case 8: admin by "anybody": no rule allows it, expected allow$/m);
	assert.match(text, /^10 expectations, 10 failed$/m);

	const by = [{ who: { sub: 'a' }, action: 'read', collection: 'profiles', id: 'a', expect: 'allow', by: 'rooms' },
		{ action: 'read', collection: 'profiles', expect: 'allow', by: null }];
	({ code, text } = await otd(['policy', 'test', write('by.json', { rules: 'rules.json', cases: by })]));
	assert.equal(code, 1);
	assert.match(text, /"everybody has a profile", expected allow by rule "rooms"\ncase 2: .* by no rule\n2 exp.* 2 failed/);
});

test('which rule decides', async () => {
	const ann = '{"sub":"ann","tenant":"acme","roles":"member"}';
	const rows = [
		[[ann, 'edit', 'notes', 'acme/1'], 0, /^allowed by rule "members work on the notes of their tenant"$/],
		[[ann, 'edit', 'notes', 'acme/archive/1'], 1, /^denied by rule "the archive is closed"$/],
		[[ann, 'create', 'notes', 'umbra/1'], 1, /^no rule allows it$/],
		[[ann, 'query', 'notes_x'], 0, /members/],
		[['anybody', 'admin'], 1, /^no rule allows it$/],
		[['anybody', 'read', 'profiles', 'x'], 0, /"profiles are public"/],
		[[write('claims.json', '{"sub":"ops@example.com","email_verified":true}'), 'admin'], 0, /"operators"/],
		[[ann, 'read', 'notes', 'umbra/1'], 1, /^grants decide it:\n {2}none +no rule allows it\n {2}viewer +allowed by rule "grants: viewer"\n/],
	];
	for (const [words, exit, says] of rows) {
		const { code, text } = await otd(['policy', 'explain', rules, ...words]);
		assert.match(text, says);
		assert.equal(code, exit, words.join(' '));
	}
});

test('what is wrong is named', async () => {
	const bad = write('bad.json', '{"rules":[{"name":"r","who":"anybody","allow":["reed"],"collections":["c"]}]}');
	let made = 0;
	const one = (more) => write(`case${++made}.json`, { rules: 'rules.json', cases: [{ action: 'read', expect: 'deny', ...more }] });
	const explain = ['policy', 'explain', rules];
	const rows = [
		[['policy'], 64, /policy wants check FILE, test FILE, or explain/],
		[['policy', 'check'], 64, /policy wants/],
		[['policy', 'look', rules], 64, /policy wants/],
		[['policy', 'check', bad], 65, /bad\.json: rule "r", "allow": "reed" is none of read,/],
		[['policy', 'check', path.join(folder, 'none.json')], 65, /could not read .*none\.json: No such file/],
		[['policy', 'check', write('cut.json', '{"rules":')], 65, /cut\.json: /],
		[[...explain, 'anybody', 'write'], 65, /"write" is none of read,/],
		[[...explain, '{"name":"ann"}', 'read'], 65, /claims want a string "sub"/],
		[[...explain, '{', 'read'], 65, /claims: /],
		[[...explain, path.join(folder, 'none.json'), 'read'], 65, /could not read/],
		[['policy', 'test', one({ actoin: 'read' })], 65, /case 1: there is no "actoin"/],
		[['policy', 'test', one({ action: [] })], 65, /case 1: "action" is missing/],
		[['policy', 'test', one({ action: 'write' })], 65, /case 1: "action": one of/],
		[['policy', 'test', one({ expect: 'yes' })], 65, /case 1: "expect" is/],
		[['policy', 'test', one({ who: 'ann' })], 65, /case 1: "who": claims are a JSON object/],
		[['policy', 'test', one({ id: '1' })], 65, /case 1: "id" without "collection"/],
		[['policy', 'test', one({ channel: 'x', collection: 'c' })], 65, /it is about one/],
		[['policy', 'test', one({ grants: { ann: 'boss' } })], 65, /a role is viewer/],
		[['policy', 'test', one({ grants: ['ann'] })], 65, /"grants" must be an object/],
		[['policy', 'test', one({ eightlen: 1 })], 65, /there is no "eightlen"; a case/],
		[['policy', 'test', one({ id: 1 })], 65, /"id" must be a string/],
		[['policy', 'test', write('none.cases.json', { rules: 'rules.json', cases: [] })], 65, /"cases" must be a list/],
		[['policy', 'test', write('x.json', { rules: 'bad.json', cases: [{}] })], 65, /bad\.json: rule "r"/],
		[['serve', '--policy', rules], 64, /--policy: with --auth none .* rules want --auth jwt/],
		[['config', '--check', '--policy', rules], 64, /--policy: with --auth none/],
	];
	for (const [args, exit, says] of rows) {
		const { code, text } = await otd(args);
		assert.match(text, says, args.join(' '));
		assert.equal(code, exit, args.join(' '));
	}
});

test('the schema of rules says what the program says', async () => {
	const schema = JSON.parse(fs.readFileSync(path.join(root, 'schema/rules.schema.json'), 'utf8'));
	const valid = new Ajv({ allowUnionTypes: true }).compile(schema);
	const rule = (more) => ({ rules: [{ name: 'r', who: 'anybody', allow: '*', ...more }] });
	const taken = [
		JSON.parse(examples[0]), JSON.parse(examples[1]), { rules: [] }, rule(), { ...rule(), $schema: 'x', comment: '' },
		rule({ allow: undefined, deny: ['read', 'read'], collections: ['*'], documents: ['{sub}'] }),
		rule({ who: { claims: { 'a.b': [1, true, ''] }, grant: 'owner' }, collections: ['a'] }),
	];
	const refused = [
		{}, [], { rules: {} }, { rules: [], more: 1 }, { rules: [], comment: 1 }, { rules: [], roles_claim: '' }, { rules: [], grants: [] },
		{ rules: [{}] }, rule({ name: '' }), rule({ name: 'x'.repeat(101) }), rule({ who: 'me' }), rule({ who: {} }), rule({ who: { role: ['a'] } }),
		rule({ who: { roles: [] } }), rule({ who: { subjects: [''] } }), rule({ who: { claims: { a: [null] } } }), rule({ who: { claims: {} } }),
		rule({ who: { grant: 'none' } }), rule({ allow: undefined }), rule({ deny: '*' }), rule({ allow: [] }), rule({ allow: ['write'] }),
		rule({ allow: 'read' }), rule({ documents: ['x'] }), rule({ collections: [''] }), rule({ collections: ['x'.repeat(401)] }),
		rule({ channels: [] }), rule({ comment: 1 }), rule({ when: 1 }),
	];
	const said = [...taken.map((rules) => [rules, true]), ...refused.map((rules) => [rules, false])];
	for (const [i, [rules, good]] of said.entries()) {
		assert.equal(valid(rules), good, `${JSON.stringify(rules)}: ${JSON.stringify(valid.errors)}`);
		const { code, text } = await otd(['policy', 'check', write(`schema${i}.json`, rules)]);
		assert.equal(code, good ? 0 : 65, `${JSON.stringify(rules)}: ${text}`);
	}
});
