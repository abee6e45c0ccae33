// node run.mjs --type T --n N --seed S --tool PATH [--first I]
//
// Compares ot-tool with the reference type on N seeded cases, from case I on.  Ends with 1 and
// prints the first differences, if there are any.
import { parseArgs } from 'node:util';
import { run, types } from './compare.mjs';
import { program } from '../lib/paths.mjs';

const { values } = parseArgs({
	options: {
		type: { type: 'string' }, n: { type: 'string', default: '20000' }, seed: { type: 'string', default: '1' },
		first: { type: 'string', default: '0' }, tool: { type: 'string' },
	},
});
if (values.type && !types[values.type]) {
	console.error(`no such type: ${values.type}; there are ${Object.keys(types).join(', ')}`);
	process.exit(2);
}

let failed = false;
for (const type of values.type ? [values.type] : Object.keys(types)) {
	const began = Date.now();
	const { cases, classes, differences, ended } = await run({
		type, n: Number(values.n), seed: Number(values.seed), first: Number(values.first),
		file: values.tool ?? program('ot-tool'),
	});
	for (const { i, class: kind, why, line, result, why: _, answer } of differences) {
		console.log(`\ncase ${i} (${kind}): ${why}\n  asked    ${line}\n  expected ${JSON.stringify(result)}\n  got      ${answer}`);
	}
	console.log(`${type}: ${cases} cases, seed ${values.seed}, ${differences.length} differences ` +
		`(core ${classes.core}, lenient ${classes.lenient} of which taken ${classes.taken}, error ${classes.error}, ` +
		`skipped ${classes.skip}), ${((Date.now() - began) / 1000).toFixed(1)} s, tool: ${ended}`);
	if (differences.length || ended !== 'exit 0') failed = true;
}
process.exit(failed ? 1 : 0);
