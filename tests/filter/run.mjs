// As many random cases as wanted, against memory, SQLite, a PostgreSQL of its
// own and mingo:
//
//	node tests/filter/run.mjs [--cases N] [--seed N]
import path from 'node:path';
import { parseArgs } from 'node:util';
import { program, temporaryFolder } from '../lib/paths.mjs';
import { Postgres } from '../lib/postgres.mjs';
import { compare, QUERIES } from './compare.mjs';

const { values } = parseArgs({ options: {
	cases: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' },
} });
const postgres = await Postgres.start({ settings: ['fsync = off'] });
const began = Date.now();
const found = await compare(program('filter-tool'), {
	seed: Number(values.seed), to: Math.ceil(Number(values.cases) / QUERIES),
	answerers: {
		memory: ['memory'],
		sqlite: [`sqlite:${path.join(temporaryFolder('filter'), 'otd.db')}`],
		postgresql: [await postgres.database()],
	},
});
for (const difference of found.differences) console.log(JSON.stringify(difference));
console.log(`${found.cases} cases, ${found.nonempty} not empty, ${found.refused} refused, ` +
	`${found.differences.length} differences, ${Math.round((Date.now() - began) / 1000)} s`);
console.log(`mingo: ${found.exact} cases whole, ${found.pairs} pairs of query and document; not compared:`);
for (const [name, n] of Object.entries(found.exceptions)) console.log(`${String(n).padStart(9)}  ${name}`);
await postgres.stop();
process.exit(found.differences.length > 0 ? 1 : 0);
