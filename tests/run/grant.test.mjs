// otd grant: who may do what with one document, changed next to a running server.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Otd, otd } from '../lib/otd.mjs';
import { Postgres } from '../lib/postgres.mjs';

let pg;
const stores = {};

before(async () => {
	pg = await Postgres.start();
	stores.postgresql = await Otd.start({ store: await pg.database() });
	stores.sqlite = await Otd.start();
});
after(async () => {
	for (const server of Object.values(stores)) await server.stop();
	await pg?.stop();
});

for (const name of ['sqlite', 'postgresql']) {
	const grant = (...words) => otd(['grant', ...words, '--store', stores[name].store]);
	const list = async (id) => {
		const { code, text } = await grant('list', 'notes', id);
		assert.equal(code, 0, text);
		return text.split('\n').filter(Boolean).map((line) => JSON.parse(line));
	};
	const add = async (...words) => assert.deepEqual(await grant('add', 'notes', ...words), { code: 0, signal: null, text: '' });

	test(`${name}: add, change, remove`, async () => {
		assert.deepEqual(await list('a'), []);
		await add('a', 'zo\u00eb "z"', 'viewer');
		await add('a', 'ann', 'editor', '12h');
		await add('b', 'ann', 'owner');
		const [ann, zoe, ...rest] = await list('a');
		assert.deepEqual(rest, []);
		assert.deepEqual({ ...zoe, at: undefined },
			{ subject: 'zo\u00eb "z"', role: 'viewer', expires: null, by: null, at: undefined });
		assert.match(zoe.at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
		assert.equal(ann.role, 'editor');
		const hours = (Date.parse(ann.expires) - Date.parse(ann.at)) / 3_600_000;
		assert.ok(hours > 11.9 && hours < 12.1, `${hours} hours`);

		await add('a', 'ann', 'commenter');
		assert.deepEqual((await list('a')).map((g) => [g.subject, g.role, g.expires]),
			[['ann', 'commenter', null], ['zo\u00eb "z"', 'viewer', null]]);
		assert.equal((await grant('remove', 'notes', 'a', 'ann')).code, 0);
		const again = await grant('remove', 'notes', 'a', 'ann');
		assert.equal(again.code, 1);
		assert.match(again.text, /nothing is granted there to "ann"/);
		assert.deepEqual((await list('a')).map((g) => g.subject), ['zo\u00eb "z"']);
		assert.deepEqual((await list('b')).map((g) => g.subject), ['ann']);
	});

	test(`${name}: what is wrong is said, and nothing changes`, async () => {
		for (const [words, code, why] of [
			[['add', 'notes', 'c', 'ann', 'emperor'], 1, /a role is .* not "emperor"/],
			[['add', 'notes', 'c', 'ann', 'none'], 1, /a role is/],
			[['add', 'notes', 'c', '', 'viewer'], 1, /subject is empty/],
			...['12', 'h', '0h', '-1h', '12y', '12hh', '1.5h', '999999999999d', '99999999999999999999s'].map((term) =>
				[['add', 'notes', 'c', 'ann', 'viewer', term], 1, /a term is/]),
			[['add', 'notes', 'c', 'ann'], 64, /grant wants/],
			[['remove', 'notes', 'c'], 64, /grant wants/],
			[['list', 'notes'], 64, /grant wants/],
			[[], 64, /grant wants/],
		]) {
			const answer = await grant(...words);
			assert.equal(answer.code, code, `${words}: ${answer.text}`);
			assert.match(answer.text, why);
		}
		assert.deepEqual(await list('c'), []);
	});
}

test('nodes hear of it', async () => {
	const told = await pg.sql("SELECT kind, collection, id, subject FROM otd.access_change WHERE id = 'b'",
		new URL(stores.postgresql.store).pathname.slice(1));
	assert.deepEqual(told.map((row) => [...row]), [['grant', 'notes', 'b', 'ann']]);
});

test('a store that is not there', async () => {
	const answer = await otd(['grant', 'list', 'notes', 'a', '--store', 'sqlite:/nonexistent/otd.db']);
	assert.equal(answer.code, 1);
	assert.match(answer.text, /cannot open the store: could not open "\/nonexistent\/otd.db"/);
});
