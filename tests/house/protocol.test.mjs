// Section 9 of docs/PROTOCOL.md is the table that the conversations are
// compared by.
import test from 'node:test';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { differences, masked } from '../interop/differences.mjs';
import { root } from '../lib/paths.mjs';

const flat = (text) => text.replace(/\s+/g, ' ').trim();

test('the protocol tells every difference that otd means, and no other', () => {
	const text = fs.readFileSync(path.join(root, 'docs/PROTOCOL.md'), 'utf8');
	const told = text.split(/^## 9\..*$/m)[1].split(/^## /m)[0].split(/^- /m).slice(1).map(flat);
	assert.deepEqual(told, [...Object.values(differences), masked].map(flat));
});
