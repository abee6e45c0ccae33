// The kernel as others get it: installed somewhere, found by pkg-config.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { execFileSync, spawnSync } from 'node:child_process';
import { build, program, root, temporaryFolder } from '../lib/paths.mjs';

const WARNINGS = ['-Wall', '-Wextra', '-Wpedantic', '-Werror'];
const read = (file) => fs.readFileSync(path.join(root, file), 'utf8');
const place = temporaryFolder('installed');
program('libot.a');		// or say how to build

const made = spawnSync('make', ['-s', '-C', build, 'install', `DESTDIR=${place}`], { encoding: 'utf8' });
assert.equal(made.status, 0, made.stderr);

function find(name) {
	const found = execFileSync('find', [place, '-path', `*/${name}`]).toString().split('\n').filter(Boolean);
	assert.equal(found.length, 1, `${name}: ${found}`);
	return found[0];
}

const flags = execFileSync('pkg-config', ['--cflags', '--libs', 'libot'], { env: {
	...process.env, PKG_CONFIG_PATH: path.dirname(find('libot.pc')), PKG_CONFIG_SYSROOT_DIR: place,
	PKG_CONFIG_ALLOW_SYSTEM_CFLAGS: '1', PKG_CONFIG_ALLOW_SYSTEM_LIBS: '1',
} }).toString().trim().split(/\s+/);

// Compile text and link it with the installed library alone; the program.
function compile(compiler, suffix, text) {
	const source = path.join(place, `program.${suffix}`);
	const out = path.join(place, `program-${suffix}`);
	fs.writeFileSync(source, text);
	const { status, stderr } = spawnSync(compiler, [...WARNINGS, source, '-o', out, ...flags],
		{ cwd: place, encoding: 'utf8' });
	assert.equal(status, 0, stderr);
	return out;
}

// The examples of a manual page, as a reader sees them.
const examples = (page) => [...page.matchAll(/^\.EX\n([^]*?)^\.EE$/gm)]
	.map(([, text]) => text.replaceAll('\\e', '\\').replaceAll('\\-', '-'));

test('the installed headers are those of ot/ot.h', () => {
	const included = [...read('ot/ot.h').matchAll(/^#include "(.*)"$/gm)].map(([, name]) => name);
	const there = fs.readdirSync(path.dirname(find('ot/ot.h'))).map((name) => `ot/${name}`);
	assert.deepEqual(there.sort(), [...included, 'ot/ot.h', 'ot/ot_err.def'].sort());
	// and they want no others
	for (const name of included)
		for (const [, other] of read(name).matchAll(/^#include "(.*)"$/gm)) assert.ok(there.includes(other), `${name}: ${other}`);
});

test('each of them stands alone', () => {
	const folder = path.dirname(find('ot/ot.h'));
	for (const name of fs.readdirSync(folder).filter((file) => file.endsWith('.h')))
		execFileSync('cc', ['-std=c11', ...WARNINGS, '-fsyntax-only', '-I', path.dirname(folder), '-x', 'c',
			path.join(folder, name)], { stdio: 'inherit' });
});

test('the example of the manual page prints what the page says', () => {
	const [text, output] = examples(read('docs/libot.3'));
	assert.equal(execFileSync(compile('cc', 'c', text)).toString(), output);
	assert.ok(find('man3/libot.3'));
});

test('C++ can use it', () => {
	const out = compile('clang++', 'cc', `#include <ot/ot.h>
int main()
{
	struct buf b = BUF_INIT;
	json_put_number(&b, 0.5);
	op_unref(op_new(OP_DELETE, 1, "someone", 1, nullptr, 0));
	bool good = b.len == 3 && ot_type_at(0) && ot_type_find(ot_type_at(0)->uri) == ot_type_at(0);
	buf_done(&b);
	return good ? 0 : 1;
}
`);
	// Under ASan: clang's takes two static tables of one name in gcc's objects for one.
	execFileSync(out, { env: { ...process.env, ASAN_OPTIONS: 'detect_odr_violation=0' } });
});

test('every type of the manual page is in the table', () => {
	const names = /^libot .*: (.*)$/m.exec(read('docs/libot.3'))[1].split(', ');
	const calls = names.map((name) => `ot_type_find("${name}")`).join(' && ');
	execFileSync(compile('cc', 'c', `#include <ot/ot.h>
int main(void) { return ${calls} && ot_type_at(${names.length - 1}) && !ot_type_at(${names.length}) ? 0 : 1; }
`));
});

test('its symbols begin as its README says', () => {
	const said = /## As a library([^]*?)\n## /.exec(read('ot/README.md'))[1];
	const prefixes = [...said.matchAll(/`(\w+_)`/g)].map(([, prefix]) => prefix);
	const names = execFileSync('nm', ['-g', '--defined-only', find('libot.a')], { maxBuffer: 1 << 24 }).toString()
		.split('\n').flatMap((line) => /^[0-9a-f]+ [A-Z] (\w+)$/.exec(line)?.[1] ?? [])
		.filter((name) => !name.startsWith('__odr_asan'));
	assert.ok(names.length > 50);
	assert.deepEqual(names.filter((name) => !prefixes.some((prefix) => name.startsWith(prefix))), []);
	assert.deepEqual(prefixes.filter((prefix) => !names.some((name) => name.startsWith(prefix))), []);
});
