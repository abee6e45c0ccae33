// Counts how often the references and ot-tool break what operational transformation promises, in the same scenes;
// scripts/differential builds and starts this.
import { parseArgs } from 'node:util';
import { command, number, typesOf } from './arguments.mjs';
import { types } from './compare.mjs';
import { count, makeScene } from './promises.mjs';
import { program } from '../lib/paths.mjs';

const USAGE = `usage: properties.mjs [--n N] [--seeds S,S...] [--type T]... [--first I] [--tool FILE]

A line for each type and promise: broken by the reference = broken by ot-tool, of how many scenes, in which the ops are

contract	as clients should make them: they say the truth about what they remove, and nothing rounds off
outside		any others
lenient		with something that the strict rules refuse, so that ot-tool may break what the reference keeps

Ends with 1 if a scene, other than a lenient one, is judged differently.
`;
const KINDS = ['contract', 'outside', 'lenient'];
const SHOWN = 5;

function table(rows) {
	return Object.entries(rows).map(([name, row]) => `  ${name.padEnd(16)}` + KINDS.filter((kind) => row[kind]).map((kind) => {
		const { scenes, reference, tool } = row[kind];
		return `  ${kind} ${`${reference} ${reference === tool ? '=' : '/'} ${tool} of ${scenes}`.padEnd(24)}`;
	}).join('').trimEnd()).join('\n');
}

async function main() {
	const { values } = parseArgs({
		options: {
			n: { type: 'string', default: '2000' }, seeds: { type: 'string', default: '1' }, first: { type: 'string', default: '0' },
			type: { type: 'string', multiple: true, default: Object.keys(types) }, tool: { type: 'string' },
		},
	});
	const [n, first] = ['n', 'first'].map((name) => number(name, values[name]));
	const file = values.tool ?? program('ot-tool');
	let failed = false;
	const all = { scenes: 0, unequal: 0 };
	for (const seed of values.seeds.split(',').map((text) => number('seeds', text))) {
		for (const type of typesOf(values.type)) {
			const began = Date.now();
			const { rows, unequal, ended } = await count({ type, n, seed, first, file });
			for (const { i, name, wanted, got } of unequal.slice(0, SHOWN)) {
				console.log(`\nscene ${i}: ${name} is ${wanted} by the reference, ${got} by ot-tool\n  ${JSON.stringify(makeScene(type, seed, i))}\n` +
					`  again: --type ${type} --seeds ${seed} --first ${i} --n 1`);
			}
			console.log(`${type}, seed ${seed}: ${n} scenes, ${unequal.length} unequal, ${((Date.now() - began) / 1000).toFixed(1)} s` +
				`${ended === 'exit 0' ? '' : `; the tool ended: ${ended}`}\n${table(rows)}`);
			all.scenes += n;
			all.unequal += unequal.length;
			if (unequal.length || ended !== 'exit 0') failed = true;
		}
	}
	console.log(`total: ${all.scenes} scenes, ${all.unequal} unequal`);
	return failed ? 1 : 0;
}

await command(USAGE, main);
