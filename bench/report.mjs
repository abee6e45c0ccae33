// The report of scripts/bench: docs/BENCHMARKS.md and its plots in docs/bench, from the lines of JSON that a run left.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Results, median } from './side-by-side/figures.mjs';
import { drawn } from './side-by-side/growth.mjs';
import { Limits } from './side-by-side/limits.mjs';
import { rows } from './side-by-side/scenarios.mjs';
import { systems } from './side-by-side/systems.mjs';

const USAGE = 'usage: node bench/report.mjs [--out FOLDER] [--note TEXT] FILE.jsonl...\n';
// Which of ours promises what a peer does; and who promises less than otd with PostgreSQL.
const ALIKE = [['otd', 'sharedb'], ['otd-memory', 'sharedb-memory'], ['otd-memory', 'hocuspocus']];
const LESS = [['otd', 'sharedb-memory'], ['otd', 'hocuspocus']];
const DISTURBED = 1.5;		// a spin that takes so many times the shortest: somebody else was at work

// What a figure is called, and how it is written; up: more is better.
const shown = {
	ops: { head: 'ops/s', up: true }, deliveries: { head: 'deliveries/s', up: true }, opens: { head: 'documents/s', up: true },
	sustained: { head: 'ops/s kept', up: true },
	ack50: { head: 'ack p50, ms' }, ack99: { head: 'ack p99, ms' },
	delivery50: { head: 'delivery p50, ms' }, delivery99: { head: 'delivery p99, ms' },
	open50: { head: 'open p50, ms' }, open99: { head: 'open p99, ms' },
	cpuPerOp: { head: 'server µs/op' }, postgresPerOp: { head: 'PostgreSQL µs/op' }, redisPerOp: { head: 'Redis µs/op' },
	cpuPerDelivery: { head: 'server µs/delivery' },
	serverShare: { head: 'server, processors' }, generatorShare: { head: 'generator, processors' },
	walPerOp: { head: 'WAL bytes/op' }, statementsPerOp: { head: 'statements/op' },
	busBytesPerOp: { head: 'bytes to Redis/op' },
	bytesPerConnection: { head: 'bytes a connection' }, memory: { head: 'server memory, MB', scale: 1e-6 },
};

const WORK = ['cpuPerOp', 'postgresPerOp', 'redisPerOp', 'walPerOp', 'statementsPerOp', 'busBytesPerOp', 'serverShare', 'generatorShare'];
const groups = [
	{ of: 's1', title: 'S1: many documents, a connection each', columns: ['ops', 'ack50', 'ack99', ...WORK] },
	{ of: 's2', title: 'S2: one hot document', columns: ['ops', 'deliveries', 'ack50', 'ack99', ...WORK] },
	{ of: 'placed', title: 'Several documents over several processes', columns: ['ops', 'deliveries', 'ack50', 'ack99', ...WORK] },
	{ of: 's3', title: 'S3: one writer, many readers', columns: ['deliveries', 'delivery50', 'delivery99', 'cpuPerDelivery', 'serverShare', 'generatorShare', 'memory'] },
	{ of: 's4', title: 'S4: idle connections', columns: ['bytesPerConnection', 'memory'] },
	{ of: 's5', title: 'S5: the size of a text', columns: ['ops', 'ack50', 'ack99', ...WORK] },
	{ of: 's6', title: 'S6: from one process to another', columns: ['delivery50', 'delivery99', 'ack50', ...WORK] },
	{ of: 's7', title: 'S7: cold opening', columns: ['opens', 'open50', 'open99', 'serverShare', 'generatorShare'] },
	{ of: 's8', title: 'S8: open loop', columns: ['sustained', 'ops', 'ack50', 'ack99', ...WORK] },
	{ of: 'history', title: 'History', columns: ['open50', 'open99', 'serverShare'] },
	{ of: 'documents', title: 'Documents in the database', columns: ['ops', 'ack50', 'ack99', ...WORK] },
];

// ---- writing ----

export function number(n) {
	if (n === undefined || !Number.isFinite(n)) return '';
	const size = Math.abs(n);
	if (size >= 1000) return Math.round(n).toLocaleString('en');
	return String(Number(n.toPrecision(size >= 10 ? 3 : 2)));
}

const times = (n) => number(n) && `${number(n)}x`;
const table = (heads, lines) => [`| ${heads.join(' | ')} |`, `|${heads.map(() => '---|').join('')}`,
	...lines.map((cells) => `| ${cells.join(' | ')} |`), ''].join('\n');
const cell = (results, row, system, figure) => number((shown[figure].scale ?? 1) * results.get(row, system, figure));

// ---- against targets, peers, limits ----

/** {target, ratio, met} of one of a row's targets; null when it was not measured. */
export function judge(results, row, [figure, relation, factor]) {
	const ours = results.get(row.name, 'otd', figure);
	if (ours === undefined) return null;
	if (relation === 'under') return { figure, target: `${number(factor)} at most`, value: ours, met: ours <= factor };
	const theirs = results.get(row.name, 'sharedb', figure);
	if (theirs === undefined) return null;
	const ratio = ours / theirs;
	return { figure, target: `${relation === '>=' ? 'at least' : 'at most'} ${times(factor)}`, value: ours, theirs, ratio,
		met: relation === '>=' ? ratio >= factor : ratio <= factor };
}

function targets(results) {
	const lines = rows.flatMap((row) => row.targets.map((target) => [row, judge(results, row, target)]))
		.filter(([, verdict]) => verdict)
		.map(([row, v]) => [row.title, shown[v.figure].head, number(v.value), number(v.theirs), times(v.ratio), v.target, v.met ? 'yes' : '**no**']);
	return table(['scenario', 'figure', 'otd', 'ShareDB 7', 'ratio', 'target', 'met'], lines);
}

const compared = (row) => [row.rate, ...row.time ? [`${row.time}50`, `${row.time}99`] : [], row.cpu, row.memory].filter(Boolean);

/** Where a peer is ahead of otd, of pairs [ours, peer]: [row, ours, peer, figure, our value, the peer's]. */
export function behind(results, pairs = ALIKE) {
	const all = [];
	for (const row of rows)
		for (const [us, peer] of pairs)
			for (const figure of compared(row)) {
				const ours = results.get(row.name, us, figure), theirs = results.get(row.name, peer, figure);
				if (ours === undefined || theirs === undefined) continue;
				// A rate that was asked for, and kept by both, says nothing.
				if (row.flags.rate && shown[figure].up && Math.abs(ours / theirs - 1) < 0.03) continue;
				if (shown[figure].up ? ours < theirs : ours > theirs) all.push([row, us, peer, figure, ours, theirs]);
			}
	return all;
}

function limited(results) {
	const limits = new Limits(results.limits);
	const lines = rows.filter((row) => results.has(row.name, 'otd')).map((row) => [row, limits.of(row)]).filter(([, limit]) => limit)
		.map(([row, limit]) => {
			const rate = row.rate && limit.rate ? results.get(row.name, 'otd', row.rate) / limit.rate : undefined;
			const time = limit.time_ms && results.get(row.name, 'otd', `${row.time}50`) / limit.time_ms;
			const cpu = limit.cpu_us && results.get(row.name, 'otd', 'cpuPerDelivery') / limit.cpu_us;
			return [row.title, limit.of, number(limit.rate), rate === undefined ? '' : `${number(100 * rate)}%`,
				number(limit.time_ms), times(time), number(limit.cpu_us), times(cpu)];
		});
	if (!lines.length) return 'No limits were measured.\n';
	return table(['scenario', 'its limit', 'limit, ops/s', 'otd reaches', 'limit, p50 ms', 'otd takes', 'limit, server µs', 'otd takes'], lines);
}

// ---- sections ----

function group(results, { of, title, columns }) {
	const mine = rows.filter((row) => row.name.split('-')[0] === of);
	const lines = mine.flatMap((row) => row.systems.filter((system) => results.has(row.name, system)).map((system) =>
		[row.title, systems[system].title, ...columns.map((figure) => cell(results, row.name, system, figure))]));
	if (!lines.length) return '';
	const used = columns.map((_, i) => lines.some((line) => line[i + 2] !== ''));
	const kept = (cells) => cells.filter((_, i) => i < 2 || used[i - 2]);
	return `### ${title}\n\n${table(kept(['scenario', 'system', ...columns.map((figure) => shown[figure].head)]), lines.map(kept))}`;
}

function noise(results) {
	const runs = results.lines.filter((line) => line.spin_ms && line.noise);
	const spins = runs.flatMap((line) => line.spin_ms).sort((a, b) => a - b);
	if (!spins.length) return 'Nothing is known of the noise.\n';
	const disturbed = spins.filter((ms) => ms > DISTURBED * spins[0]).length;
	const loads = runs.map((line) => line.noise.load_1);
	const [first, last] = [runs[0], runs.at(-1)].map((line) => line.noise).sort((a, b) => a.ticks - b.ticks);
	const stolen = last.ticks > first.ticks ? (last.steal - first.steal) / (last.ticks - first.ticks) : 0;
	return `Before and after each run a fixed piece of work was timed: ${number(spins[0])} ms at best, ${number(median(spins))} in the median, ` +
		`${number(spins.at(-1))} at worst; ${disturbed} of ${spins.length} took over ${DISTURBED} times the best, when somebody else had the processor. ` +
		`The load of the last minute was ${number(median(loads))} in the median, ${number(Math.max(...loads))} at most; ` +
		`${number(100 * stolen)}% of the processors' time was taken by other machines on the same host.\n`;
}

function limitsMeasured(results) {
	if (!results.limits.length) return 'None were measured.\n';
	const of = (kind) => results.limits.filter((f) => f.limit === kind);
	const commits = of('commit').map((f) => [f.shape, f.batch, f.connections, number(f.ops_per_s), number(f.p50_ms), number(f.p99_ms)]);
	const sockets = [...of('echo'), ...of('broadcast')].map((f) => [f.limit, f.connections, f.rate || '', number(f.messages_per_s), number(f.p50_ms),
		number(f.p99_ms), number(f.server_cpu_us)]);
	const others = [...of('flush').map((f) => [`pg_test_fsync, ${f.method}`, number(f.flushes_per_s), '']),
		...of('publish').map((f) => [`Redis PUBLISH, ${f.pipeline} in a pipeline`, number(f.publishes_per_s), number(f.p50_ms)])];
	return [table(['commits', 'ops together', 'connections', 'ops/s', 'p50, ms', 'p99, ms'], commits),
		table(['sockets', 'connections', 'rate', 'messages/s', 'p50, ms', 'p99, ms', 'server µs/message'], sockets),
		table(['others', 'a second', 'p50, ms'], others)].join('\n');
}

function failures(results) {
	if (!results.failed.length) return 'None: every run passed `--verify`.\n';
	return table(['scenario', 'system', 'run', 'what was wrong'], results.failed.map(({ row, system, run, why }) =>
		[row, systems[system].title, run, String(why).replaceAll('|', '/').replaceAll('\n', ' ').slice(0, 200)]));
}

const UNLIKE = `- sharedb-postgres 5.0.1 names ShareDB 5 as the newest it works with; it runs here with ShareDB 7 by an npm override, unchanged.
  It stores no document whose content is an empty string rightly, so all texts begin with something. It has no queries,
  therefore otd runs with \`--queries off\`; "otd, queries on" is the default.
- otd keeps a snapshot every 200 ops and replays from there; ShareDB writes the whole snapshot with every op. Both acknowledge
  after the commit, with \`fsync\` and \`synchronous_commit\` on.
- ShareDB in memory stores nothing, and is one process.
- Hocuspocus speaks another protocol (Yjs) and has another generator, in Node, a process of its own. It is fair to Hocuspocus
  where the two differ: a writer types on behind its own last characters, which Yjs keeps as one run, while otd and ShareDB get
  their inserts at places by lot; what is delivered is counted, not applied. It costs more than \`otd-load\`, so on few
  processors it takes more from its server: its share stands in the tables. Hocuspocus acknowledges before it stores
  (2 to 10 s later) and loses what it has not stored when it dies; it merges what came in one turn into one frame, counted
  here as all its ops, and sends a writer its own back as well, which count as deliveries. It asks for Node 22; this is the Node named above.
- At a rate (S3, S6, S8) a writer of ShareDB's protocol waits for its acknowledgement before it sends the next op, as the stock client
  does; one of Yjs sends each when it is due. A server that is behind is therefore asked for less by the former, and gets more
  at once to merge from the latter.
- S7: otd opens from its last snapshot and the ops since; ShareDB reads its snapshot; Hocuspocus decodes one state.
- Generator, server, PostgreSQL and Redis share the machine's processors.
`;

function text(results, plots, note) {
	const { machine, source, postgres, settings, runs, seconds, warmup, at, quick } = results.head;
	const late = (pairs) => {
		const lines = behind(results, pairs).map(([row, us, peer, figure, ours, theirs]) => [row.title, systems[us].title,
			systems[peer].title, shown[figure].head, number(ours), number(theirs), times(ours / theirs)]);
		return lines.length ? table(['scenario', 'ours', 'peer', 'figure', 'ours', 'the peer', 'ratio'], lines) : 'Nowhere, of what was measured.\n';
	};
	const used = Object.entries(systems).filter(([name]) => rows.some((row) => results.has(row.name, name)));
	return [`# Benchmarks

otd beside ShareDB and Hocuspocus, in one run, on one PostgreSQL and one Redis. Made by \`scripts/bench\` and
\`node bench/report.mjs\`; [bench/README.md](../bench/README.md) says how. Figures are medians over runs; the systems took
turns. After each run every document was fetched and checked: no op lost, none twice.

Measured ${at.slice(0, 10)}${source ? `, source at ${source}` : ''}: ${machine.processors} processors (${machine.processor}), ${machine.memory_gb} GB, ${machine.system}, Linux
${machine.kernel}, PostgreSQL ${postgres}, Node ${machine.node}; ${runs} ${runs > 1 ? 'runs' : 'run'} of ${seconds} s each, after ${warmup} s that do not count.

${quick ? 'A quick run: one figure each, over a short time. Read nothing into differences of a third.\n\n' : ''}${noise(results)}${note ? `\n${note}\n` : ''}`,
	`| system | what it is |\n|---|---|\n${used.map(([, { title, note }]) => `| ${title} | ${note} |`).join('\n')}\n`,
	`PostgreSQL: ${settings.map((line) => `\`${line}\``).join(', ')}. A checkpoint precedes each run, so the first change of each page
is written to the WAL whole, which counts for more where there are few ops.\n`,
	`## Against the targets\n\n${targets(results)}`,
	`## Where otd is behind a peer\n
Among those that promise the same: otd and ShareDB with PostgreSQL; otd with nothing that lasts, ShareDB in memory, and
Hocuspocus, which stores later.\n
${late(ALIKE)}`,
	`## Where otd with PostgreSQL is behind a peer that promises less\n
An acknowledgement of otd waits for a commit. These do not wait for one: ShareDB in memory keeps nothing, and Hocuspocus stores later
what it may lose until then. A lone commit alone takes longer than their acknowledgement.\n
${late(LESS)}`,
	`## Against the limits of the parts\n
A limit is what the parts reach with nothing else to do: otd's own commit statements through libpq in batches that so many
writers can fill, an echo or a broadcast on otd's set-up of libwebsockets. Rates are of the tightest part; times are the sum
of a lone commit and an echo (and a publish). Server, clients and database share the processors in both.\n
${limited(results)}`,
	`## How it grows\n\n${plots.map(({ name, title }) => `![${title}](bench/${name}.svg)\n`).join('\n')}`,
	`## All figures\n\n${groups.map((g) => group(results, g)).filter(Boolean).join('\n')}`,
	`## The limits\n\n${limitsMeasured(results)}`,
	`## Runs that failed\n\nWho lost or doubled an op, or did not come to an end within the time:\n\n${failures(results)}`,
	`## What is not like for like\n\n${UNLIKE}`].join('\n');
}

/** Write the report of these lines into a folder, with what else is to be known of them. */
export function report(lines, folder, note) {
	const results = new Results(lines);
	if (!results.head) throw new Error('these are not the lines of scripts/bench: there is no head');
	const plots = drawn(results);
	fs.mkdirSync(path.join(folder, 'bench'), { recursive: true });
	for (const { name, svg } of plots) fs.writeFileSync(path.join(folder, 'bench', `${name}.svg`), svg);
	fs.writeFileSync(path.join(folder, 'BENCHMARKS.md'), text(results, plots, note));
	return { results, plots };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const { values, positionals } = parseArgs({ allowPositionals: true, options: { out: { type: 'string' }, note: { type: 'string' } } });
	if (!positionals.length) {
		process.stderr.write(USAGE);
		process.exit(2);
	}
	const lines = positionals.flatMap((file) => fs.readFileSync(file, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line)));
	report(lines, values.out ?? fileURLToPath(new URL('../docs', import.meta.url)), values.note);
}
