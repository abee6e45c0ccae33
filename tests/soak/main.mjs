// The command of scripts/soak.
import { parseArgs } from 'node:util';
import { judge } from './memory.mjs';
import { soak } from './run.mjs';

const USAGE = 'usage: scripts/soak SECONDS [--seed N] [--visitors N]';

function fail(why) {
	console.error(`soak: ${why}\n${USAGE}`);
	process.exit(64);
}

function whole(text, what) {
	if (!/^[1-9][0-9]*$/.test(text ?? '')) fail(`${what} has to be a whole number, not "${text}"`);
	return Number(text);
}

let parsed;
try {
	parsed = parseArgs({ allowPositionals: true,
		options: { seed: { type: 'string', default: '1' }, visitors: { type: 'string', default: '40' } } });
} catch (error) {
	fail(error.message);
}
const { values: { seed, visitors }, positionals } = parsed;
if (positionals.length !== 1) fail('say for how many seconds');
const seconds = whole(positionals[0], 'SECONDS');

const mib = (kib) => (kib / 1024).toFixed(1);
const every_s = Math.max(1, Math.min(10, seconds / 60));
let told = 0;
function tell({ seconds: at, kib, documents, sessions, evictions, connections, acknowledged }) {
	if (at - told < Math.min(60, seconds / 10)) return;
	told = at;
	console.log(`${String(Math.round(at)).padStart(6)} s  ${mib(kib).padStart(7)} MiB  ${documents} documents and ${sessions} ` +
		`clients in memory; so far ${evictions} documents dropped, ${connections} clients came, ${acknowledged} edits`);
}

const { samples, counts, stored, verified, left } =
	await soak({ seconds, seed, visitors: whole(visitors, '--visitors'), documents_per_s: 2, every_s, tell });
const { from, to, isFlat } = judge(samples);
const wrong = [];
if (!isFlat) wrong.push(`memory grew from ${mib(from)} to ${mib(to)} MiB`);
if (stored < counts.acknowledged || stored > counts.sent)
	wrong.push(`${stored} operations are stored, ${counts.acknowledged} were acknowledged of ${counts.sent}`);
if (left) wrong.push(left);
if (verified.code !== 0) wrong.push(`otd verify: ${verified.text}`);
console.log(Object.entries(counts).map(([what, n]) => `${n} ${what}`).join(', '));
console.log(`memory, after the first sixth of the time: ${mib(from)} MiB in its first quarter, ${mib(to)} in its last; ` +
	`${stored} operations stored; otd verify: ${verified.text.trim().split('\n').at(-1)}`);
for (const what of wrong) console.log(`WRONG: ${what}`);
process.exit(wrong.length ? 1 : 0);
