// Long documents, op by op, in every type that holds text; replay.mjs replays longer histories, and traces.
import test from 'node:test';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { Random } from './random.mjs';
import { concurrent, writeHistory } from './history.mjs';
import { replay } from './replay.mjs';
import { program, temporaryFolder } from '../lib/paths.mjs';
import { textTypes } from '../../bench/workloads.mjs';

const EDITS = 2000;
const START = 12_000;
const seed = Number(process.env.OTD_TEST_SEED || 20);
const history = writeHistory(new Random(seed, 1), EDITS, START);
const file = program('tests/differential/replay_tool');

for (const type of Object.keys(textTypes)) {
	for (const carried of [false, true]) {
		test(`${type}: ${EDITS} edits${carried ? ', each carried past another and back' : ''}, seed ${seed}`, async () => {
			const { compared, difference } = await replay({ type, history, carried, seed, file });
			assert.equal(difference, null);
			assert.equal(compared, EDITS / 1000);
		});
	}
}

// A kernel that loses an edit now and then: some lines do not reach it.
const LOSSY = `#!${process.execPath}
const tool = require('child_process').spawn(${JSON.stringify(file)}, { stdio: ['pipe', 'inherit', 'ignore'] });
tool.stdin.on('error', () => {});
tool.once('close', (code) => process.exit(code));
let n = 0;
require('readline').createInterface({ input: process.stdin })
	.on('line', (line) => { if (++n % 700) tool.stdin.write(line + '\\n'); })
	.on('close', () => tool.stdin.end());
`;

test('a document that differs is noticed', async () => {
	const lossy = path.join(temporaryFolder('lossy'), 'lossy');
	fs.writeFileSync(lossy, LOSSY, { mode: 0o755 });
	for (const type of ['text', 'json1']) {
		const { difference } = await replay({ type, history, carried: false, seed, file: lossy });
		assert.match(difference.what, /differ|ended/);
		assert.equal(difference.after, 1000);
	}
});

test('a history and what is concurrent with it fit', () => {
	const r = new Random(seed, 2);
	let now = history.start;
	const apply = (s, { pos, cut, ins }) => {
		assert.equal(s.slice(pos, pos + cut.length), cut);
		return s.slice(0, pos) + ins + s.slice(pos + cut.length);
	};
	for (const edit of history.edits) {
		const [other, back] = concurrent(r, now, edit);
		assert.equal(apply(apply(now, other), back), now);
		now = apply(now, edit);
	}
	assert.equal(now, history.end);
	assert.ok(now.length > START / 2 && /[\ud800-\udbff]/.test(now));
});
