// What every file of ours keeps to.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { code, files, matches, read, sources } from './source.mjs';

const isText = (file) => !/\.(png|gz|ico)$/.test(file);
// Written by npm or a fuzzer, not by us; or one document by its nature.
const isOurs = (file) => isText(file) && !file.endsWith('package-lock.json') && file !== 'schema/openapi.yaml' &&
	!/^tests\/fuzz\/corpus\/\w+\//.test(file);

test('no file of ours is over 600 lines', () => {
	const long = files.filter(isOurs).map((file) => [file, read(file).split('\n').length - 1])
		.filter(([, lines]) => lines > 600);
	assert.deepEqual(long, []);
});

// Folders of data may be told of one folder up.
test('every folder has its README', () => {
	const folders = new Set(files.map((file) => path.dirname(file)).filter((folder) => !/(^|\/)\./.test(folder)));
	const readme = (folder) => path.join(folder, 'README.md');
	const without = [...folders].filter((folder) => !files.includes(readme(folder)) &&
		!(files.includes(readme(path.dirname(folder))) &&
			read(readme(path.dirname(folder))).includes(`${path.basename(folder)}/`) &&
			!files.some((file) => path.dirname(file) === folder && /\.(c|h|mjs|js)$/.test(file))));
	assert.deepEqual(without, []);
});

test('a README that lists files lists those that are there', () => {
	const gone = files.filter((file) => /(^|\/)README\.md$/.test(file)).flatMap((readme) =>
		[...read(readme).matchAll(/^\| (`[^|]*`) \|/gm)].flatMap(([, cell]) =>
			[...cell.matchAll(/`([\w./-]+\.(?:c|h|def|mjs|js|sh|sql|md))`/g)]
				.filter(([, name]) => !name.includes('NNNN')).map(([, name]) => path.join(path.dirname(readme), name))
				.filter((file) => !files.includes(file)).map((file) => `${readme}: ${file}`)));
	assert.deepEqual(gone, []);
});

test('calls that are not made', () => {
	// Unbounded copies, hidden state, numbers without errors, a shell.
	const banned = /\b(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|atoll|atof|system|popen|tmpnam|alloca|rand|srand|strncpy|strncat|localtime|gmtime|ctime|asctime)\s*\(/;
	const allowed = /\b(system|popen|atoi)\s*\(/;	// to tests, which start real parts
	const made = sources.filter((file) => !file.endsWith('.def')).flatMap((file) =>
		matches(file, code(file).replace(file.startsWith('tests/') ? new RegExp(allowed, 'g') : /$^/, ''), banned));
	assert.deepEqual(made, []);
});

test('a function\'s name starts its line, and tabs indent', () => {
	const faults = sources.filter((file) => file.endsWith('.c')).flatMap((file) => matches(file, code(file),
		/^ {4}[a-z].*[;{]\s*$|^(?:static |const |unsigned |struct \w+ )+\**\w+\([^;]*\)\s*\{?$/));
	assert.deepEqual(faults, []);
});

test('lines are no longer than 120 columns in C', () => {
	const long = sources.filter((file) => !file.endsWith('.def')).flatMap((file) => read(file).split('\n').flatMap((line, i) =>
		(line.replace(/\t/g, '        ').length > 120 ? [`${file}:${i + 1}`] : [])));
	assert.deepEqual(long, []);
});

test('no space at the ends of lines, and a newline at the end of files', () => {
	const faults = files.filter(isOurs).flatMap((file) => [
		...matches(file, read(file), /[ \t]+$/), ...(read(file).length && !read(file).endsWith('\n') ? [`${file}: no newline`] : [])]);
	assert.deepEqual(faults, []);
});

test('nothing names a machine or a registry', () => {
	// Built from parts, so that this file does not find itself.
	const words = ['/wo' + 'rk/', '/ho' + 'me/', '/tmp' + '/ref', '/ro' + 'ot/', 'registry\\.np' + 'mjs', '127\\.0\\.0\\.1:48' + '73',
		'npm' + 'mirror', 'shared/de' + 'sign'];
	const pattern = new RegExp(words.map((word) => `(?<![\\w.])${word}`).join('|'));
	const found = files.filter(isText).flatMap((file) => matches(file, read(file), pattern));
	assert.deepEqual(found, []);
});

test('lock files name no host', () => {
	const faults = files.filter((file) => file.endsWith('package-lock.json')).flatMap((file) => {
		const { packages } = JSON.parse(read(file));
		return Object.entries(packages).filter(([name, said]) => name && (said.resolved || !said.integrity))
			.map(([name]) => `${file}: ${name}`);
	});
	assert.deepEqual(faults, []);
});

const generated = ['server/run/assets_data.c', 'server/run/migrations.c'];

test('Makefile.am lists the sources that there are, all of them', () => {
	const listed = [...files.filter((file) => file.endsWith('.am')).map(read).join('').matchAll(/(?<![\w./$)-])((?:ot|server|tests)\/[\w/.-]+\.(?:c|h|def))/g)]
		.map(([, file]) => file).filter((file) => !generated.includes(file));
	assert.deepEqual(listed.filter((file) => !files.includes(file)), []);
	// and every source is compiled or distributed by name
	const forgotten = sources.filter((file) => /^(ot|server)\//.test(file) && !listed.includes(file));
	assert.deepEqual(forgotten, []);
});
