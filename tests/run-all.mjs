// Runs every suite, or those named, against a fresh build; prints a line for
// each program and at the end "N passed, M failed[, K skipped]".
//
//	house    the rules of the house, on the source
//	unit     every C test program (check_PROGRAMS)
//	FOLDER   the node:test files of tests/FOLDER
//	clang    everything compiles with clang and -Werror; nothing of it is run
//	asan     unit and all folders again, under ASan and UBSan
//
// Each program's output is in BUILD/test-logs/.  C tests find the private
// PostgreSQL and Redis of this run in OTD_TEST_POSTGRES and OTD_TEST_REDIS.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { Postgres } from './lib/postgres.mjs';
import { Redis } from './lib/redis.mjs';
import { root } from './lib/paths.mjs';

const SECOND = 1000;
const OVER_TIME = 'over its time';
const total = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
let servers = null;		// environment of this run's PostgreSQL and Redis

// What must be there; a folder that is not named here runs as well.
const REQUIRED = ['house', 'unit', 'differential', 'net', 'run', 'interop', 'conformance', 'rest', 'client', 'browser', 'deploy', 'chaos'];
// These look at the source, at what runs in a browser, at benchmarks, or at programs of others: once is enough.
const ONCE = ['house', 'client', 'browser', 'bench', 'deploy'];
// These start servers of their own and look at the clock: last, and not with
// more at a time than waits for disks and clocks make room for.
const ALONE = { database: 2, interop: 3, conformance: 2, browser: 1, deploy: 1, net: 1, run: 1, rest: 3, chaos: 1, soak: 1 };

const folders = fs.readdirSync(path.join(root, 'tests'))
	.filter((name) => files(name).length).sort((a, b) => order(a) - order(b));

function order(name) {
	return ['house', 'differential'].includes(name) ? 0 : name in ALONE ? 2 : 1;
}

function files(name) {
	const folder = path.join(root, 'tests', name);
	if (name === 'node_modules' || !fs.statSync(folder).isDirectory()) return [];
	return fs.readdirSync(folder).filter((f) => f.endsWith('.test.mjs')).sort()
		.map((f) => path.join(folder, f));
}

const suites = ['house', 'unit', ...folders.filter((f) => f !== 'house'), 'clang', 'asan'];

// Run a command to its end or its time; {code, output, seconds}.
function command(file, args, { env = {}, limit_s = 600 } = {}) {
	const began = Date.now();
	return new Promise((done) => {
		const child = spawn(file, args, {
			cwd: root, env: { ...process.env, ...env }, detached: true,
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		const chunks = [];
		const finish = (code) => {
			clearTimeout(timer);
			done({ code, output: Buffer.concat(chunks).toString(), seconds: (Date.now() - began) / SECOND });
		};
		const timer = setTimeout(() => {
			chunks.push(Buffer.from(`\nnot ok - ${OVER_TIME} of ${limit_s} s\n`));
			try { process.kill(-child.pid, 'SIGKILL'); } catch { /* just ended */ }
		}, limit_s * SECOND);
		for (const stream of [child.stdout, child.stderr]) stream.on('data', (c) => chunks.push(c));
		child.once('error', (error) => { chunks.push(Buffer.from(String(error))); finish(127); });
		child.once('close', (code) => finish(code));
	});
}

// ---- reading what a program said ----

// cmocka's TAP, or any program that says nothing in TAP: then its exit counts.
function countTap({ code, output }) {
	const count = { passed: 0, failed: 0, skipped: 0 };
	for (const line of output.split('\n')) {
		if (!/^(not )?ok\b/.test(line)) continue;
		if (/# skip/i.test(line)) count.skipped++;
		else if (line.startsWith('ok')) count.passed++;
		else count.failed++;
	}
	if (code !== 0 && !count.failed) count.failed = 1;
	if (code === 0 && !count.passed && !count.failed && !count.skipped) count.passed = 1;
	return count;
}

// The summary that node --test ends with.
function countNode({ code, output }) {
	const number = (what) => Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(output)?.[1] || 0);
	const count = {
		passed: number('pass'), failed: number('fail') + number('cancelled'),
		skipped: number('skipped') + number('todo'),
	};
	if ((code !== 0 || !count.passed && !count.skipped) && !count.failed) count.failed = 1;
	return count;
}

// The failing tests' lines, each with what follows it, not too many.
function excerpt(output) {
	const lines = output.split('\n');
	const shown = [];
	lines.forEach((line, i) => {
		if (/^\s*not ok\b/.test(line) && !/# skip/i.test(line)) shown.push(...lines.slice(i, i + 25), '...');
	});
	// Where one was ended for its time, the last lines tell what it hung in.
	const late = shown.some((line) => line.includes(OVER_TIME)) ? lines.slice(-40) : [];
	return (shown.length ? [...shown.slice(0, 150), ...late] : lines.slice(-60)).join('\n');
}

function report(suite, name, result, count) {
	const logs = path.join(root, process.env.OTD_BUILD || 'build', 'test-logs');
	fs.mkdirSync(logs, { recursive: true });
	fs.writeFileSync(path.join(logs, `${suite}-${name}.log`.replaceAll('/', '-')), result.output);
	for (const key of Object.keys(total)) total[key] += count[key];
	const facts = [`${count.passed} passed`];
	if (count.failed) facts.push(`${count.failed} FAILED`);
	if (count.skipped) facts.push(`${count.skipped} skipped`);
	console.log(`${count.failed ? 'FAIL' : 'ok  '}  ${`${suite} ${name}`.padEnd(44)} ${facts.join(', ')}` +
		`  (${result.seconds.toFixed(1)} s)`);
	for (const [, figure] of result.output.matchAll(/^\s*# figure: (.*)$/gm)) console.log(`          ${figure}`);
	if (count.failed) {
		failures.push(`${suite} ${name}`);
		console.log(excerpt(result.output).replace(/^/gm, '      | '));
	}
}

function fail(suite, why) {
	report(suite, 'is whole', { output: `not ok - ${why}`, seconds: 0 }, { passed: 0, failed: 1, skipped: 0 });
}

// Run jobs, n at a time, in order.
async function inLanes(n, jobs) {
	const waiting = [...jobs];
	await Promise.all(Array.from({ length: n }, async () => {
		for (let job; (job = waiting.shift());) await job();
	}));
}

// ---- the suites ----

async function startServers() {
	if (servers) return servers;
	const pg = await Postgres.start();
	const redis = await Redis.start();
	servers = { OTD_TEST_POSTGRES: pg.url(), OTD_TEST_REDIS: redis.url() };
	return servers;
}

async function build(dir, options, env = {}) {
	const made = await command('scripts/build', options, { env: { OTD_BUILD: dir, ...env }, limit_s: 900 });
	if (made.code !== 0) return made;
	const tests = await command('make', ['-s', '-C', dir, `-j${os.cpus().length}`, 'check', 'TESTS='], { limit_s: 900 });
	return { ...tests, output: made.output + tests.output, seconds: made.seconds + tests.seconds };
}

async function unit(suite, dir, env) {
	const listed = await command('make', ['-s', '-C', dir, 'print-check-programs']);
	const programs = listed.output.trim().split(/\s+/).filter(Boolean);
	if (listed.code !== 0 || !programs.length) return fail(suite, 'no C test programs: is cmocka installed?');
	await inLanes(os.cpus().length, programs.map((name) => async () => {
		const result = await command(path.join(root, dir, name), [],
			{ env: { CMOCKA_MESSAGE_OUTPUT: 'TAP', ...await startServers(), ...env } });
		report(suite, name.replace(/^tests\//, ''), result, countTap(result));
	}));
}

async function folder(suite, name, env) {
	await inLanes(ALONE[name] ?? os.cpus().length, files(name).map((file) => async () => {
		const result = await command(process.execPath, ['--test', '--test-reporter=tap', file],
			{ env: { ...await startServers(), ...env } });
		const title = path.relative(path.join(root, 'tests'), file).replace(/\.test\.mjs$/, '');
		report(suite, title, result, countNode(result));
	}));
}

async function compile(suite, dir, options, env) {
	const result = await build(dir, options, env);
	report(suite, `builds in ${dir}`, result, result.code === 0 ?
		{ passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 });
	return result.code === 0;
}

async function runSuite(suite, dir) {
	const env = { OTD_BUILD: dir };
	if (suite === 'clang') {
		await compile('clang', 'build-clang', ['--enable-werror'], { CC: 'clang', CFLAGS: '-O0' });
	} else if (suite === 'asan') {
		const asan = {
			OTD_BUILD: 'build-asan', OTD_TEST_PATIENCE: '4',
			// Each store and each bus once; ShareDB's own server is not under test here.
			OTD_TEST_TARGETS: 'sqlite,pair',
			// Other edits than those of the first run, and fewer.
			OTD_TEST_SEED: '2', OTD_TEST_OPS: '200',
			// odr 1: equal constants that a linker merged are no violation.
			ASAN_OPTIONS: 'detect_leaks=1:abort_on_error=0:strict_string_checks=1:detect_odr_violation=1',
			UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1',
		};
		if (!await compile('asan', 'build-asan', ['--enable-sanitizers', '--enable-werror'])) return;
		await unit('asan unit', 'build-asan', asan);
		for (const name of folders)
			if (!ONCE.includes(name)) await folder('asan', name, asan);
	} else if (suite === 'unit') {
		await unit('unit', dir, env);
	} else {
		await folder('node', suite, env);
	}
}

const args = process.argv.slice(2);
if (args.includes('--list')) {
	console.log(suites.join('\n'));
	process.exit(0);
}
for (const name of args) {
	if (suites.includes(name)) continue;
	console.error(`there is no suite "${name}"; these are: ${suites.join(' ')}`);
	process.exit(2);
}
const wanted = args.length ? suites.filter((s) => args.includes(s)) : suites;
const dir = process.env.OTD_BUILD || 'build';

if (wanted.some((s) => !['clang', 'asan'].includes(s)))
	// The very build that scripts/start makes, so that neither makes it anew.
	await compile('build', dir, [], { MAKEFLAGS: 'WERROR_CFLAGS=-Werror' });
if (!args.length)
	for (const name of REQUIRED)
		if (!suites.includes(name)) fail(name, 'there are no tests of it');
for (const suite of wanted) await runSuite(suite, dir);

if (failures.length) console.log(`\nfailed: ${failures.join(', ')}`);
const skipped = total.skipped ? `, ${total.skipped} skipped` : '';
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exit(total.failed ? 1 : 0);
