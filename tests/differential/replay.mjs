// Edits long documents op by op, by the reference and by the kernel (replay_tool), in every type that holds text, and
// compares them now and then; once as it is, and once with each op carried past a concurrent one and back.
// scripts/differential builds and starts this.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { command, number, typesOf, UsageError } from './arguments.mjs';
import { equal } from './compare.mjs';
import { concurrent, readHistories, writeHistory } from './history.mjs';
import { Random } from './random.mjs';
import { Tool } from './tool.mjs';
import { textTypes } from '../../bench/workloads.mjs';
import { program } from '../lib/paths.mjs';

const USAGE = `usage: replay.mjs [--edits N] [--seeds S,S...] [--type T]... [--tool FILE] [TRACE.json.gz|FOLDER...]

Without traces a history of N edits (100000) is made up from each seed; of a trace the first N, or all, are replayed.
Ends with 1 if a document differs from the reference's, or from the text that the history says.
`;
const EVERY = 1000;	// ops between comparisons
const START = 20_000;	// characters of a made-up history

const require = createRequire(import.meta.url);
const references = {
	json0: require('ot-json0').type, json1: require('ot-json1').type, 'rich-text': require('rich-text').type,
	text0: require('ot-json0/lib/text0'), text: require('ot-text').type, 'text-unicode': require('ot-text-unicode').type,
};

const shown = {
	'rich-text': (doc) => doc.ops.map(({ insert }) => insert).join(''), json0: (doc) => doc.t, json1: (doc) => doc.t,
};
const textOf = (type, doc) => (shown[type] ?? ((s) => s))(doc);

// Some types count characters, where histories count UTF-16 units.
const inCharacters = ['text-unicode', 'json1'];
const ASTRAL = /[\ud800-\udbff]/;
const length = (s) => (ASTRAL.test(s) ? [...s].length : s.length);

function opOf(type, edit, now) {
	if (!inCharacters.includes(type)) return textTypes[type].op(edit);
	const { pos, cut, ins } = edit;
	return textTypes[type].op({ pos: length(now.slice(0, pos)), cut: { length: length(cut) }, ins });
}

const change = (s, { pos, cut, ins }) => s.slice(0, pos) + ins + s.slice(pos + cut.length);

// {compared, difference: null or {after: edits, what}}
export async function replay({ type, history, carried, seed, file, edits = Infinity }) {
	const reference = references[type];
	const tool = new Tool(file);
	const chance = new Random(seed, 0);
	const list = history.edits.slice(0, edits);
	let doc = textTypes[type].doc(history.start);
	let now = history.start;
	let lines = [`type ${type}`, `create ${JSON.stringify(doc)}`];
	const result = { compared: 0, difference: null };
	for (let i = 0; i < list.length && !result.difference; i++) {
		const op = opOf(type, list[i], now);
		if (carried) {
			const [edit, inverse] = concurrent(chance, now, list[i]);
			const other = opOf(type, edit, now);
			const back = opOf(type, inverse, now.slice(0, edit.pos));
			lines.push(`other ${JSON.stringify(other)}`, `back ${JSON.stringify(back)}`, `carry ${JSON.stringify(op)}`);
			const op2 = reference.transform(op, other, 'left');
			doc = reference.apply(reference.apply(doc, other), op2);
			doc = reference.apply(doc, reference.transform(back, op2, 'right'));
		} else {
			lines.push(`apply ${JSON.stringify(op)}`);
			doc = reference.apply(doc, op);
		}
		now = change(now, list[i]);
		if ((i + 1) % EVERY && i + 1 < list.length) continue;
		tool.child.stdin.write(lines.map((line) => `${line}\n`).join(''));
		lines = [];
		const [answer] = await tool.ask(['show']);
		result.compared++;
		const is = (what) => { result.difference ??= { after: i + 1, what }; };
		if (textOf(type, doc) !== now) is('the reference has another text');
		if (answer === undefined) is(`the tool ended: ${tool.ended}`);
		else if (!equal(JSON.parse(answer), doc)) is('the documents differ');
	}
	if (!result.difference && list.length === history.edits.length && now !== history.end) throw new Error('the history does not lead to its end');
	const ended = await tool.close();
	if (ended !== 'exit 0') result.difference ??= { after: list.length, what: `the tool ended: ${ended}` };
	return result;
}

async function main() {
	const { values, positionals } = parseArgs({
		allowPositionals: true,
		options: {
			edits: { type: 'string' }, seeds: { type: 'string', default: '1' },
			type: { type: 'string', multiple: true, default: Object.keys(textTypes) }, tool: { type: 'string' },
		},
	});
	const file = values.tool ?? program('tests/differential/replay_tool');
	const edits = values.edits === undefined ? undefined : number('edits', values.edits);
	if (edits === 0) throw new UsageError('that is nothing to do');
	const seeds = values.seeds.split(',').map((seed) => number('seeds', seed));
	const traced = positionals.flatMap(readHistories);
	const runs = traced.length ? seeds.flatMap((seed) => traced.map((history) => ({ seed, history }))) :
		seeds.map((seed) => ({ seed, history: writeHistory(new Random(seed, 1), edits ?? 100_000, START) }));
	let failed = 0;
	for (const { seed, history } of runs) {
		for (const type of typesOf(values.type)) {
			for (const carried of [false, true]) {
				const began = Date.now();
				const { compared, difference } = await replay({ type, history, carried, seed, file, edits });
				console.log(`${history.name}, ${type}${carried ? ', carried' : ''}, seed ${seed}: ` +
					`${Math.min(edits ?? Infinity, history.edits.length)} edits, ${compared} comparisons, ` +
					`${difference ? `after ${difference.after} ${difference.what}` : 'no difference'}, ${((Date.now() - began) / 1000).toFixed(1)} s`);
				if (difference) failed++;
			}
		}
	}
	console.log(`total: ${failed} differences`);
	return failed ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await command(USAGE, main);
