// The promises of operational transformation, on few scenes; properties.mjs looks at many.
import test from 'node:test';
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { count, makeScene } from './promises.mjs';
import { types } from './compare.mjs';
import { program } from '../lib/paths.mjs';

const SCENES = 400;
const USUAL = 20;
const seed = Number(process.env.OTD_TEST_SEED || USUAL);

// What no client who does as it should ever sees broken.  A cursor between what one op puts and what another takes away
// may end on either side, if both are composed; but not in text0, which composes nothing away.
const NEVER = ['diamond', 'compose', 'invert', 'identity', 'cursor stays', 'cursor within'];

// Outside of the contract they are broken, by the references too; among the usual scenes these are.
const BROKEN = { json0: ['diamond', 'invert'], text: ['diamond'], 'text-unicode': ['diamond'], 'rich-text': ['invert'] };

for (const type of Object.keys(types)) {
	test(`${type}: keeps and breaks its promises as the reference does, in ${SCENES} scenes, seed ${seed}`, async () => {
		const { rows, unequal, ended } = await count({ type, n: SCENES, seed, file: program('ot-tool') });
		assert.equal(ended, 'exit 0');
		assert.deepEqual(unequal.map((one) => ({ ...one, scene: makeScene(type, seed, one.i) })), []);
		for (const name of NEVER) {
			if (!rows[name]) continue;
			assert.ok(rows[name].contract.scenes > SCENES / 5, name);
			assert.deepEqual([name, rows[name].contract.reference, rows[name].contract.tool], [name, 0, 0]);
		}
		assert.ok(rows.diamond && rows.compose && rows.identity);
		if (type === 'text0') assert.equal(rows['cursor composed'].contract.tool, 0);
		for (const name of seed === USUAL ? BROKEN[type] ?? [] : []) assert.ok(rows[name].outside.reference > 0, name);
	});

	test(`${type}: a tool that is wrong now and then breaks others`, async () => {
		const { unequal } = await count({ type, n: 100, seed, file: fileURLToPath(new URL('liar.mjs', import.meta.url)) });
		assert.ok(unequal.length > 3, String(unequal.length));
	});
}
