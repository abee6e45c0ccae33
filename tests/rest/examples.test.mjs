// The examples of docs/REST.md and docs/EVENTS.md: each block marked sh is run, in order, against
// one server, and says what the block behind it shows.  Dates, ids and secrets may be others.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Otd } from '../lib/otd.mjs';
import { root } from '../lib/paths.mjs';
import { run } from '../lib/process.mjs';

const pages = ['REST', 'EVENTS'].map((name) => {
	const page = fs.readFileSync(path.join(root, `docs/${name}.md`), 'utf8');
	const examples = [...page.matchAll(/^```sh\n([^]*?)^```\n```\w+\n([^]*?)^```$/gm)]
		.map(([, commands, shown]) => ({ commands, shown }));
	return { name, page, examples };
});

const plain = (text) => text
	.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, 'TIME')
	.replace(/(\b|_)[0-9a-f]{32}\b/g, '$1ID')
	.replace(/whsec_[\w+/=]+/g, 'SECRET')
	.split('\n').map((line) => line.trimEnd()).join('\n').trim();

for (const { name, page, examples } of pages)
	describe(`the examples of docs/${name}.md`, () => {
		let otd;
		before(async () => { otd = await Otd.start({ args: name === 'EVENTS' ? ['--events', 'on'] : [] }); });
		after(() => otd?.stop());

		test('there are some, and each is shown with what it says', () => {
			assert.ok(examples.length > (name === 'REST' ? 15 : 5));
			assert.equal(examples.length, page.match(/^```sh$/gm).length);
		});

		for (const { commands, shown } of examples)
			test(commands.split('\n')[0], async () => {
				// An answer's end is no line's end; the page shows each on a line of its own.
				const script = commands.replaceAll('http://127.0.0.1:7007/', otd.url)
					.replace(/^curl (?!.*-w)/gm, "curl -w '\\n' ");
				assert.equal(plain(await run('sh', ['-ec', script])), plain(shown));
			});
	});
