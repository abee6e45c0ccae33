// The examples of docs/IDENTITY.md: each block marked sh is run, in order, against one server, and says what the block
// behind it shows.  Dates, ids and secrets may be others.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Otd } from '../lib/otd.mjs';
import { build, root, temporaryFolder } from '../lib/paths.mjs';
import { run } from '../lib/process.mjs';
import { SECRET } from './client.mjs';

const page = fs.readFileSync(path.join(root, 'docs/IDENTITY.md'), 'utf8');
const examples = [...page.matchAll(/^```sh\n([^]*?)^```\n```json\n([^]*?)^```$/gm)].map(([, commands, shown]) => ({ commands, shown }));

const plain = (text) => text
	.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, 'TIME')
	.replace(/\b[0-9a-f]{32}\b/g, 'ID')
	.replace(/"(exp|iat)":\d+/g, '"$1":SECONDS')
	.replace(/"(access_token|refresh_token|ticket|token_id|jti|link)":"(?!stolen)[^"]+"/g, '"$1":"SECRET"')
	.replace(/"link:[^"]+"/g, '"link:DIGEST"')
	.split('\n').map((line) => line.trimEnd()).join('\n').trim();

describe('the examples of docs/IDENTITY.md', () => {
	let otd, folder, env;
	before(async () => {
		folder = temporaryFolder('identity');
		const write = (name, content) => {
			fs.writeFileSync(path.join(folder, name), content);
			return path.join(folder, name);
		};
		const rules = write('rules.json', JSON.stringify({
			grants: ['notes'], rules: [{ name: 'admins', who: { roles: ['admin'] }, allow: '*' }],
		}));
		env = { OTD_AUTH: 'jwt', OTD_USERS: 'on', OTD_JWT_SECRET_FILE: write('secret', SECRET), OTD_POLICY: rules };
		otd = await Otd.start({ env, args: ['--signup', 'invite'] });
		env = { ...process.env, ...env, OTD_STORE: otd.store, PATH: `${build}:${process.env.PATH}` };
	});
	after(() => otd?.stop());

	test('there are some, and each is shown with what it says', () => {
		assert.ok(examples.length >= 9);
		assert.equal(examples.length, page.match(/^```sh$/gm).length);
	});

	for (const { commands, shown } of examples)
		test(commands.split('\n')[0], async () => {
			const script = commands.replaceAll('http://127.0.0.1:7007/', otd.url);
			assert.equal(plain(await run('sh', ['-ec', script], { cwd: folder, env })), plain(shown));
		});
});
