// scripts/conformance: does a server speak ShareDB's protocol 1.2?
import { parseArgs } from 'node:util';
import { hold, readTalks } from './talk.mjs';

const USAGE = `usage: scripts/conformance [--only WORDS] [--without NEEDS] [--wait MS] [--list] ws://HOST:PORT...

Several addresses are several ways in to the same documents; clients take them in turn.

--only WORDS	talks whose topic and name have these words in them
--without NEEDS	leave out what needs these, by commas: queries, presence, a type's name
--wait MS	how long an answer may take; 5000
--list		the talks, and what they need
`;
let options;
try {
	options = parseArgs({ allowPositionals: true, options: {
		only: { type: 'string', default: '' }, without: { type: 'string', default: '' },
		wait: { type: 'string', default: '5000' }, list: { type: 'boolean' }, help: { type: 'boolean' },
	} });
	if (options.values.help) { process.stdout.write(USAGE); process.exit(0); }
	if (!(Number(options.values.wait) > 0)) throw new Error(`--wait: ${options.values.wait} is no time`);
	if (!options.values.list && !options.positionals.length) throw new Error('which server?');
	for (const url of options.positionals)
		if (!/^wss?:/.test(url)) throw new Error(`${url} is no WebSocket address`);
} catch (error) {
	process.stderr.write(`conformance: ${error.message}\n${USAGE}`);
	process.exit(2);
}
const { values, positionals: urls } = options;
const words = values.only.split(/\s+/).filter(Boolean);
const without = values.without.split(',').filter(Boolean);
const talks = readTalks().filter(({ topic, name }) => words.every((word) => `${topic} ${name}`.includes(word)));
if (values.list) {
	for (const { topic, name, needs } of talks)
		console.log(`${topic}: ${name}${needs.length ? ` (needs ${needs.join(', ')})` : ''}`);
	process.exit(0);
}
const count = { passed: 0, failed: 0, skipped: 0 };
for (const talk of talks) {
	const label = `${talk.topic}: ${talk.name}`;
	const missing = talk.needs.filter((need) => without.includes(need));
	if (missing.length) {
		count.skipped++;
		console.log(`skip    ${label} (needs ${missing.join(', ')})`);
		continue;
	}
	const fault = await hold(talk, urls, { limit_ms: Number(values.wait) });
	count[fault ? 'failed' : 'passed']++;
	console.log(fault ? `FAILED  ${label}\n    ${fault}` : `ok      ${label}`);
}
console.log(`${count.passed} passed, ${count.failed} failed${count.skipped ? `, ${count.skipped} skipped` : ''}`);
process.exit(count.failed || !talks.length ? 1 : 0);
