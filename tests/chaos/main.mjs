// The command of scripts/chaos: real servers, real clients, faults from a seed, and a checker.
import { parseArgs } from 'node:util';
import { ofCluster, ofOneAlone } from './faults.mjs';
import { chaos } from './run.mjs';
import { kindsOf } from './schedule.mjs';
import { Alone, Cluster } from './world.mjs';

const ALL = { cluster: ofCluster, alone: ofOneAlone };
const KINDS = [...new Set(Object.values(ALL).flatMap(kindsOf))];
const ALONE_PART = 0.1;		// of the time, for the otd that is alone
const ALONE_LEAST_S = 10;
const SHOWN = 30, WIDE = 600;	// violations, and characters of each

const USAGE = `usage: scripts/chaos SECONDS [--seed N] [--clients N] [--round SECONDS] [--only KIND]... [--without KIND]...

Two otd nodes with two workers each, a PostgreSQL with a synchronous standby, a Redis; clients of ShareDB and of REST
edit documents of all types while faults are done to all of it, as the seed says.  After each round everything is
checked.  Then the same to one otd on its embedded store, for a tenth of the time.  Exit 1 when a promise was broken.

Kinds of fault:
${KINDS.map((kind) => `  ${kind}`).join('\n')}`;

function fail(why) {
	console.error(`chaos: ${why}\n${USAGE}`);
	process.exit(64);
}

function whole(text, what) {
	if (!/^[0-9]+$/.test(text)) fail(`${what} has to be a whole number, not "${text}"`);
	return Number(text);
}

function options() {
	let parsed;
	try {
		parsed = parseArgs({ allowPositionals: true, options: {
			seed: { type: 'string', default: '1' }, clients: { type: 'string', default: '50' },
			round: { type: 'string', default: '15' }, help: { type: 'boolean' },
			only: { type: 'string', multiple: true }, without: { type: 'string', multiple: true, default: [] },
		} });
	} catch (error) {
		fail(error.message);
	}
	const { values: { seed, clients, round, only, without, help }, positionals } = parsed;
	if (help) {
		console.log(USAGE);
		process.exit(0);
	}
	if (positionals.length !== 1) fail('say for how many seconds');
	for (const kind of [...only ?? [], ...without]) if (!KINDS.includes(kind)) fail(`there is no fault "${kind}"`);
	return {
		seed, seconds: whole(positionals[0], 'SECONDS'), clients: whole(clients, '--clients'), round_s: whole(round, '--round'),
		wanted: (kind) => (!only || only.includes(kind)) && !without.includes(kind),
	};
}

const number = new Intl.NumberFormat('en').format;

function print(name, { faults, total, errors, violations, evidence, ...counts }) {
	console.log(`\n${name}: ${total} faults of ${Object.keys(faults).length} kinds`);
	for (const [kind, n] of Object.entries(faults)) console.log(`  ${String(n).padStart(6)}  ${kind}`);
	console.log('counts');
	for (const [what, n] of Object.entries(counts))
		console.log(`  ${number(n).padStart(12)}  ${what.replaceAll('_', ' ')}`);
	console.log('answers that were errors');
	for (const [code, n] of Object.entries(errors)) console.log(`  ${number(n).padStart(12)}  ${code}`);
	console.log(`violations: ${violations.length}`);
	for (const { kind, document, detail } of violations.slice(0, SHOWN))
		console.log(`  ${kind}: ${document} ${detail}`.slice(0, WIDE));
	if (evidence) console.log(`what is needed to understand them: ${evidence}`);
}

const { seed, seconds, clients, wanted, round_s } = options();
const began = Date.now();
const tell = (what) => console.log(`${String(Math.round((Date.now() - began) / 1000)).padStart(5)} s  ${what}`);
const few = Math.ceil(clients / 3);
const cluster = await chaos(Cluster.start,
	{ seed, seconds, round_s, clients, cold: clients, lanes: ofCluster, wanted, tell });
const alone = await chaos(Alone.start, { seed, seconds: Math.max(ALONE_LEAST_S, seconds * ALONE_PART), round_s,
	clients: few, cold: few, lanes: ofOneAlone, wanted, tell });
print(`cluster, seed ${seed}`, cluster);
print(`one alone, seed ${seed}`, alone);
process.exit(cluster.violations.length + alone.violations.length ? 1 : 0);
