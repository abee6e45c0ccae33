// The kit holds ShareDB's own server and otd to the same talks, and notices
// servers that speak a little wrong.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { root, patience } from '../lib/paths.mjs';
import { startReference } from '../interop/reference.mjs';
import { otdTargets } from '../interop/targets.mjs';
import { deviations, startDeviant } from './deviations.mjs';
import { hold, parseTalks, readTalks } from './talk.mjs';

const talks = readTalks();
const projections = { kit_names: { of: 'kit_people', fields: ['name'] } };
const limit_ms = 5000 * patience;
const run = promisify(execFile);

// What is wrong with a server, up to enough faults; eight talks at a time.
async function faults(urls, enough = Infinity, options = { limit_ms }) {
	const found = [];
	const left = [...talks];
	await Promise.all(Array.from({ length: 8 }, async () => {
		for (let talk; found.length < enough && (talk = left.shift());) {
			const fault = await hold(talk, urls, options);
			if (fault) found.push(`${talk.topic}: ${talk.name}\n    ${fault}`);
		}
	}));
	return found;
}

test('talks are named once, and a line that is none is refused', () => {
	const names = talks.map(({ topic, name }) => `${topic}: ${name}`);
	assert.equal(new Set(names).size, names.length);
	assert.ok(talks.every(({ lines }) => lines.length));
	assert.throws(() => parseTalks('== a\nA? {}', 'x'), /x.talk:2: no such line/);
	assert.throws(() => parseTalks('A> {}', 'x'), /begins with ==/);
	assert.throws(() => parseTalks('== a\nA> {', 'x'));
});

describe('the reference', () => {
	let reference;
	before(async () => { reference = await startReference({ projections }); });
	after(() => reference.stop());

	for (const talk of talks)
		test(`${talk.topic}: ${talk.name}`, async () => {
			assert.equal(await hold(talk, reference.urls, { limit_ms }), undefined);
		});

	for (const [name, deviate] of Object.entries(deviations))
		test(`a server that ${name} is found out`, async () => {
			const deviant = await startDeviant(reference.urls[0], deviate);
			try {
				const found = await faults([deviant.url], 1, { limit_ms: 300 * patience });
				assert.notEqual(found.length, 0);
			} finally {
				await deviant.stop();
			}
		});

	test('a go-between that changes nothing passes', async () => {
		const honest = await startDeviant(reference.urls[0], (message) => message);
		try {
			assert.deepEqual(await faults([honest.url]), []);
		} finally {
			await honest.stop();
		}
	});

	test('the command counts, and its exit tells', async () => {
		const command = path.join(root, 'scripts/conformance');
		const { stdout } = await run(command, ['--only', '00-greeting', reference.urls[0]]);
		assert.match(stdout, /^[1-9]\d* passed, 0 failed\n$/m);
		const deviant = await startDeviant(reference.urls[0], deviations['greets with another minor version']);
		await assert.rejects(run(command, ['--only', '00-greeting', '--wait', '300', deviant.url]), ({ code, stdout: said }) =>
			code === 1 && /, [1-9]\d* failed\n$/.test(said));
		await deviant.stop();
		await assert.rejects(run(command, ['http://127.0.0.1/']), { code: 2 });
	});
});

for (const target of otdTargets)
	describe(`otd: ${target.name}`, () => {
		let server;
		before(async () => {
			server = await target.start({ config: { projections } });
		});
		after(() => server?.stop());
		for (const talk of talks)
			test(`${talk.topic}: ${talk.name}`, async () => {
				assert.equal(await hold(talk, server.urls, { limit_ms }), undefined);
			});
	});
