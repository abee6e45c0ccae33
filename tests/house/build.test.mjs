// What a build leaves behind, and what the layers link to.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { execFileSync } from 'node:child_process';
import { build, root } from '../lib/paths.mjs';

const output = (file, args) => execFileSync(file, args, { cwd: root, maxBuffer: 1 << 26 }).toString();

// Names that archives define and that they want from elsewhere.
function symbols(archives) {
	const defined = new Set();
	const wanted = new Set();
	for (const archive of archives)
		for (const line of output('nm', ['-g', path.join(build, archive)]).split('\n')) {
			const [, kind, name] = /\s([A-Za-z]) (\S+)$/.exec(line) ?? [];
			if (kind === 'U' || kind === 'w') wanted.add(name);
			else if (name) defined.add(name);
		}
	return { defined, wanted };
}

// What a shared library defines for others.
const exported = (file) => output('nm', ['-D', '--defined-only', file]).split('\n')
	.map((symbol) => symbol.split(' ').pop().replace(/@.*/, '')).filter(Boolean);

// Dynamic names of the C library and its mathematics.
function systemNames() {
	const names = new Set(['_GLOBAL_OFFSET_TABLE_']);
	for (const line of output('ldconfig', ['-p']).split('\n')) {
		const file = /\slib(?:c|m)\.so\.6 .*=> (\S+)$/.exec(line)?.[1];
		if (file) exported(file).forEach((name) => names.add(name));
	}
	return names;
}

// The linker lends a program's names to the libraries that define the same: they would call ours.
test('no library that a JSON program may load has a name of the kernel', () => {
	const { defined } = symbols(['libot.a']);
	const files = output('ldconfig', ['-p']).split('\n')
		.map((line) => /\slib(?:jansson|json-c|jwt)\.so\.\d+ .*=> (\S+)$/.exec(line)?.[1]).filter(Boolean);
	assert.ok(files.length);
	for (const file of files)
		assert.deepEqual(exported(file).filter((name) => defined.has(name)), [], file);
});

test('no library that the program loads has a name of ours', () => {
	const { defined } = symbols(fs.readdirSync(build).filter((name) => name.endsWith('.a')));
	const files = [...output('ldd', [path.join(build, 'otd')]).matchAll(/=> (\S+) \(/g)].map(([, file]) => file);
	assert.ok(files.length > 5);
	for (const file of new Set(files))
		assert.deepEqual(exported(file).filter((name) => defined.has(name)), [], file);
});

test('the kernel stands on libc alone', () => {
	const { defined, wanted } = symbols(['libot.a']);
	const libc = systemNames();
	assert.deepEqual([...wanted].filter((name) => !defined.has(name) && !libc.has(name)), []);
});

test('the core stands on the kernel, base and libc: no I/O library', () => {
	const own = symbols(['libot.a', 'libproto.a', 'libcore.a']);
	const { defined } = symbols(['libbase.a']);
	const libc = systemNames();
	const loop = symbolsOf('loop.o');
	const missing = [...own.wanted].filter((name) => !own.defined.has(name) && !libc.has(name) &&
		!(defined.has(name) && !loop.has(name)));
	assert.deepEqual(missing, []);
});

// What base/loop.c defines: the core may not use it.
function symbolsOf(member) {
	const names = new Set();
	let inside = false;
	for (const line of output('nm', ['-g', '--defined-only', path.join(build, 'libbase.a')]).split('\n')) {
		if (line.endsWith('.o:')) inside = line.includes(member);
		else if (inside && line.trim()) names.add(line.split(' ').pop());
	}
	assert.ok(names.size, `${member} defines nothing`);
	return names;
}

test('the core calls nothing that reads a clock or draws a number', () => {
	const { wanted } = symbols(['libot.a', 'libproto.a', 'libcore.a']);
	const impure = ['time', 'clock_gettime', 'gettimeofday', 'clock', 'rand', 'random', 'getrandom', 'arc4random',
		'socket', 'open', 'fopen', 'read', 'write', 'send', 'recv', 'getenv'];
	assert.deepEqual(impure.filter((name) => wanted.has(name)), []);
});

test('a build leaves no untracked file', { skip: fs.existsSync(path.join(root, '.git')) ? false : 'not a clone' }, () => {
	const untracked = output('git', ['status', '--porcelain', '--untracked-files=all']).split('\n')
		.filter((line) => line.startsWith('??'));
	assert.deepEqual(untracked, []);
});
