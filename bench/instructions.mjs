// What an op costs in instructions of user space, by callgrind: the same figure whatever else the machine does.  Each
// figure is the difference between two runs of which one is longer, so that beginning and ending are not counted.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Program, freePort } from '../tests/lib/process.mjs';
import { program, temporaryFolder } from '../tests/lib/paths.mjs';

// Documents, writers of each, rounds of the shorter and the longer run.
export const hubMixes = [
	{ name: 'hub: a writer a document', docs: 50, writers: 1, rounds: [20, 120] },
	{ name: 'hub: 10 writers of one', docs: 1, writers: 10, rounds: [20, 120] },
	{ name: 'hub: 50 writers of one', docs: 1, writers: 50, rounds: [10, 40] },
];

// Ops each of the shorter and the longer run.
export const serverMixes = [
	{ name: 'otd: a writer a document', load: ['S1', '--connections', 20], ops: [50, 250] },
	{ name: 'otd: 10 writers of one', load: ['S2', '--writers', 10], ops: [50, 250] },
];

const callgrind = (folder) => ['--tool=callgrind', `--callgrind-out-file=${path.join(folder, 'out')}`];

// The count that callgrind ends with.
function collected(text) {
	const [, count] = text.match(/Collected : (\d+)/) ?? [];
	if (count === undefined) throw new Error(`callgrind has said no count: ${text.slice(-500)}`);
	return Number(count);
}

function hubOnce({ docs, writers }, rounds, folder) {
	const run = spawnSync('valgrind', [...callgrind(folder), program('bench/bench_hub'), docs, writers, rounds].map(String),
		{ encoding: 'utf8' });
	if (run.status !== 0) throw new Error(`bench_hub failed: ${run.error ?? run.stderr}`);
	const [ops, deliveries] = run.stdout.split(' ').map(Number);
	return { instructions: collected(run.stderr), ops, deliveries };
}

// otd on an embedded store, otd-load beside it.
async function serverOnce({ load }, ops, folder) {
	const data = fs.mkdtempSync(path.join(folder, 'data-'));
	const address = `127.0.0.1:${await freePort()}`;
	const server = new Program('valgrind', [...callgrind(folder), program('otd'), 'serve', '--listen', address,
		'--store', `sqlite:${path.join(data, 'otd.db')}`]);
	await server.waitFor(/listening on/, 60_000);
	const child = new Program(program('otd-load'), [...load, '--ops', ops, '--warmup', 0, '--seconds', 600, '--limit', 300,
		'--url', `ws://${address}/`, '--json'].map(String));
	const { code } = await child.ended;
	server.child.kill('SIGTERM');
	await server.ended;
	if (code !== 0) throw new Error(`otd-load failed: ${child.said()}`);
	const report = JSON.parse(child.lines.find((l) => l.startsWith('{')));
	return { instructions: collected(server.said()), ops: report.ops, deliveries: report.deliveries };
}

// {name, perOp, ops, deliveries}: what the longer run has more.
async function measure(mix, once, sizes) {
	const folder = temporaryFolder('instructions');
	const [less, more] = [await once(mix, sizes[0], folder), await once(mix, sizes[1], folder)];
	const ops = more.ops - less.ops;
	return { name: mix.name, perOp: Math.round((more.instructions - less.instructions) / ops), ops,
		deliveries: more.deliveries - less.deliveries };
}

export const measureHub = (mix) => measure(mix, hubOnce, mix.rounds);
export const measureServer = (mix) => measure(mix, serverOnce, mix.ops);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	for (const [mixes, how] of [[hubMixes, measureHub], [serverMixes, measureServer]])
		for (const mix of mixes) {
			const { name, perOp, deliveries, ops } = await how(mix);
			console.log(process.argv.includes('--json') ? JSON.stringify({ name, perOp, ops, deliveries }) :
				`${name.padEnd(28)} ${String(perOp).padStart(8)} instructions an op`);
		}
}
