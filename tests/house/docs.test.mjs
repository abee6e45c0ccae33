// The documents say what the code and the tests say.
import assert from 'node:assert/strict';
import path from 'node:path';
import { execFileSync, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { root } from '../lib/paths.mjs';
import { read } from './source.mjs';

const flat = (text) => text.replace(/\s+/g, ' ');
const protocol = flat(read('docs/PROTOCOL.md'));

test('every action of the server is in the protocol', () => {
	const actions = [...read('server/proto/actions.def').matchAll(/^ACTION\(\w+,\s*"(\w+)"/gm)].map(([, code]) => code);
	assert.ok(actions.length > 5);
	for (const code of actions) assert.ok(protocol.includes(`"${code}"`), code);
});

test('every type is in the protocol', () => {
	const table = /^static const struct ot_type \*const types\[\] = \{([^]*?)^\};/m.exec(read('ot/type.c'))[1];
	const types = [...table.matchAll(/&ot_type_(\w+)/g)].map(([, name]) => name.replaceAll('_', '-'));
	assert.ok(types.length >= 4);
	for (const name of types) assert.match(protocol, new RegExp(`\\| \`${name}\` \\| \`http://`), name);
	for (const name of types) assert.ok(read('README.md').includes(`\`${name}\``), name);
});

test('every refusal that a client may hear is in the protocol, or in that of REST', () => {
	const told = protocol + read('docs/REST.md');
	const codes = [...read('server/base/err.def').matchAll(/^ERR\(\w+,\s*"(ERR_\w+)"/gm)].map(([, code]) => code);
	assert.ok(codes.length > 10);
	assert.deepEqual(codes.filter((code) => !told.includes(code) && code !== 'ERR_UNKNOWN_ERROR'), []);
});

test('every setting that the manual names is one', () => {
	const settings = [...read('server/run/config.def').matchAll(/^SETTING\((\w+),/gm)].map(([, name]) => name);
	const pages = read('docs/otd.8').replaceAll('\\-', '-') + read('README.md') + read('docs/PROTOCOL.md') +
		read('docs/OPERATIONS.md') + read('deploy/README.md') + read('deploy/nginx.conf') + read('deploy/haproxy.cfg') + read('deploy/otd.service');
	const named = [...pages.matchAll(/(?<![\w-])--([a-z][a-z-]+)/g)].map(([, name]) => name);
	// of other programs, and words after "otd config"
	const others = ['enable-sanitizers', 'enable-werror', 'check', 'print', 'schema', 'help'];
	// Options that subcommands have of their own.
	for (const tool of ['token_tool', 'top', 'user_tool', 'verify_tool', 'export', 'import', 'compact_tool', 'purge_tool'])
		for (const [, names] of read(`server/run/${tool}.h`).matchAll(/_OPTIONS\s+"([^"]+)"/g))
			others.push(...names.split(' ').map((name) => name.replace('/', '')));
	assert.ok(named.length > 10);
	assert.deepEqual(named.filter((name) => !settings.includes(name.replaceAll('-', '_')) && !others.includes(name)), []);
	for (const name of Object.keys(JSON.parse(read('deploy/otd.json'))))
		assert.ok(settings.includes(name.replaceAll('-', '_')), name);
});

test('the manual page of the settings is that of the tables', () => {
	const made = execFileSync(process.execPath, [path.join(root, 'scripts/manual.mjs')]).toString();
	assert.equal(read('docs/otd.json.5'), made, 'node scripts/manual.mjs >docs/otd.json.5');
	const settings = [...read('server/run/config.def').matchAll(/^SETTING\((\w+),/gm)].map(([, name]) => name.replaceAll('_', '\\-'));
	assert.deepEqual(settings.filter((name) => !made.includes(`\n.B ${name}\n`)), []);
});

test('the manual pages are well formed', () => {
	for (const page of ['docs/otd.8', 'docs/otd.json.5', 'docs/libot.3']) {
		const { stdout } = spawnSync('mandoc', ['-T', 'lint', '-W', 'warning', page], { cwd: root });
		const said = stdout.toString().split('\n').filter((line) => line && !/missing date/.test(line));
		assert.deepEqual(said, [], page);
	}
});
