// The tour follows one edit through real files and functions.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { files, read, sources } from './source.mjs';

const tour = read('docs/TOUR.md');
const quoted = [...tour.replace(/^```[^]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, text]) => text);

// path/with.ext or a folder that ends in a slash
const named = quoted.filter((text) => /^[\w./-]+\.(c|h|def|mjs|js|sql|md|sh)$|^[\w./-]+\/$/.test(text));
// word_word or word(): a function, perhaps with its arguments
const called = [
	...quoted.map((text) => /^(\w+)\(.*\)$/.exec(text)?.[1] ?? (/^[a-z]+(_[a-z0-9]+)+$/.exec(text)?.[0])).filter(Boolean),
	...[...tour.matchAll(/^```[^]*?^```/gm)].flatMap(([block]) => block.match(/\b[a-z]+(_[a-z0-9]+)+\b/g) ?? []),
];

test('the tour has something to show', () => {
	assert.ok(named.length >= 12, `${named.length} files`);
	assert.ok(called.length >= 25, `${called.length} functions`);
});

test('every file that it names is there', () => {
	const there = (name) => [name, `server/${name}`].some((file) =>
		(name.endsWith('/') ? files.some((f) => f.startsWith(file)) : files.includes(file)));
	assert.deepEqual(named.filter((name) => !there(name)), []);
});

test('every function that it names is there', () => {
	const all = [...sources, ...files.filter((file) => /\.(mjs|js|tsx?)$/.test(file))].map(read).join('\n');
	assert.deepEqual(called.filter((name) => !new RegExp(`\\b${name}\\b`).test(all)), []);
});

test('the glossary\'s words are one each', () => {
	const words = [...tour.matchAll(/^\| \*\*(\w+)\*\* \|/gm)].map(([, word]) => word);
	assert.ok(words.length >= 10);
	assert.equal(new Set(words).size, words.length);
});
