// Each attack of bench/attacks.mjs on otd itself, as docs/LIMITS.md would have it set where strangers come: the process
// stays up, the edits of another client go through, and the attacker hears what is documented.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import Client from 'sharedb/lib/client/index.js';
import { WebSocket } from 'ws';
import { attack, attacks } from '../../bench/attacks.mjs';
import { strangers } from '../../bench/strangers.mjs';
import { SECRET, token } from '../auth/client.mjs';
import { Otd } from '../lib/otd.mjs';
import { temporaryFolder } from '../lib/paths.mjs';

const SECONDS = 0.4;		// and twice as long with each try
const EDITS = 20;
const TRIES = 6;

// What must be among what the attacker hears, where there is something to hear; sooner or later, as the machine is busy.
const documented = {
	'huge frames': ['close 1009'],
	'fragments without end': ['close 1008'],
	'deep JSON': ['ERR_MESSAGE_BADLY_FORMED'],
	'wide and deep JSON': ['ERR_MESSAGE_BADLY_FORMED'],
	'deep paths': ['ERR_OTD_QUERY_REFUSED'],
	'ids of 1 MB': ['close 1009'],
	'ops that meet': ['ERR_OTD_OP_TOO_LARGE'],
	'login guessing': ['status 401', 'status 429'],
	'REST reads': ['status 200'],
	'REST without a token': ['status 401'],
};

let otd, doc, socket, n = 0;

const call = (name, ...args) => new Promise((done, fail) => doc[name](...args, (error) => error ? fail(error) : done()));

before(async () => {
	const rules = path.join(temporaryFolder('storm'), 'rules.json');
	fs.writeFileSync(rules, JSON.stringify({ rules: [{ name: 'all work on notes', who: 'authenticated',
		allow: ['read', 'create', 'edit', 'delete', 'presence', 'query'], collections: ['notes'], channels: ['*'] }] }));
	// Hashing is to be limited, not to be slow.
	otd = await Otd.start({ args: ['--auth', 'jwt', '--users', 'on', '--policy', rules, '--jwt-secret', SECRET,
		'--password-memory', '64K', '--password-passes', '1', ...strangers()] });
	socket = new WebSocket(otd.ws, { headers: { authorization: `Bearer ${token('ann')}` } });
	doc = new Client.Connection(socket).get('notes', 'good');
	await call('subscribe');
	await call('create', { n: 0, m: 0, text: 'words' });
});

after(async () => {
	socket.terminate();
	await otd.stop();
});

let attackers = 0;

// By somebody new, who has not spent his credit yet; and edits meanwhile.
async function suffer(name, seconds) {
	const who = ++attackers;
	const under = attack(name, { port: otd.port, seconds, token: token(`mallory-${who}`), address: `127.0.1.${who}` });
	for (let i = 0; i < EDITS; i++) await call('submitOp', [{ p: ['n'], na: 1 }]);
	const heard = await under;
	n += EDITS;
	assert.equal(doc.data.n, n);
	assert.equal(otd.process.exit, null);
	return heard;
}

for (const name of Object.keys(attacks))
	test(name, async () => {
		const missing = new Set(documented[name] ?? []);
		const all = [];
		do {
			const heard = await suffer(name, SECONDS * 2 ** all.length);
			for (const what of Object.keys(heard)) missing.delete(what);
			all.push(heard);
			assert.ok(all.length < TRIES, `${[...missing]} is not in ${JSON.stringify(all)}`);
		} while (missing.size > 0);
	});
