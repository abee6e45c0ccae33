// The same raw conversations with ShareDB's own server and with otd: every
// message that comes back must be the same, except where differences.mjs
// says why not.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startReference } from './reference.mjs';
import { otdTargets } from './targets.mjs';
import { describeStep, hold } from './talk.mjs';
import { differences } from './differences.mjs';
import greet from './conversations/greet.mjs';
import read from './conversations/read.mjs';
import submit from './conversations/submit.mjs';
import edits from './conversations/edits.mjs';
import project, { projections } from './conversations/project.mjs';
import presence from './conversations/presence.mjs';
import past from './conversations/past.mjs';
import query from './conversations/query.mjs';

const talks = [...greet, ...read, ...submit, ...edits, ...project, ...presence, ...past, ...query];
const recorded = new Map();	// talk: what the reference answered

// The reference knows no * in names; those of its conversations have this for it.
const plain = (name) => name.replace('*', 'project~~');
const ofReference = Object.fromEntries(Object.entries(projections).map(([name, { of, fields }]) =>
	[plain(name), { of: plain(of), fields }]));

async function withReference(talk) {
	const reference = await startReference({ projections: ofReference });
	try {
		return await hold(talk, reference.urls);
	} finally {
		await reference.stop();
	}
}

/*
 * What otd should answer: as the reference, but for the steps in talk.otd,
 * {step: {who: [messages]}}.  addsCode: a refusal to which ShareDB gives no code
 * has ERR_OT_OP_NOT_APPLIED.  hangsUp: [step, who] when otd closes the
 * connection there and the reference did not.
 */
function expectation(talk) {
	const expected = structuredClone(recorded.get(talk));
	if (talk.addsCode)
		for (const { error } of expected.flatMap(({ heard }) => heard.flat()))
			if (error && !error.code) error.code = 'ERR_OT_OP_NOT_APPLIED';
	for (const [step, told] of Object.entries(talk.otd ?? {}))
		for (const [who, messages] of Object.entries(told)) expected[step].heard[who] = messages;
	const [from, who] = talk.hangsUp ?? [Infinity];
	for (const [step, entry] of expected.entries()) {
		if (step < from) continue;
		if (entry.closed.length) entry.closed[who] = true;
		if (step > from || !talk.otd) entry.heard[who] = [];
	}
	return expected;
}

function compare(talk, got, expected) {
	const faults = [];
	for (const [index, want] of expected.entries())
		for (const [who, messages] of want.heard.entries())
			try {
				assert.deepEqual(got[index].heard[who], messages);
				assert.equal(got[index].closed[who], want.closed[who], 'closed');
			} catch {
				faults.push([describeStep(talk, index), `client ${who} hears       ` +
					`${JSON.stringify(got[index].heard[who])}${got[index].closed[who] ? ' and is cut off' : ''}`,
				`and should hear ${JSON.stringify(messages)}${want.closed[who] ? ' and is cut off' : ''}`]
					.map((line) => line.slice(0, 900)).join('\n    '));
			}
	assert.equal(faults.length, 0, `${talk.name}:\n  ${faults.join('\n  ')}`);
}

before(async () => {
	for (const talk of talks) recorded.set(talk, await withReference(talk));
});

test('names of conversations are unique', () => {
	assert.equal(new Set(talks.map(({ name }) => name)).size, talks.length);
});

test('the reference answers every conversation the same twice', async () => {
	for (const talk of talks) compare(talk, await withReference(talk), recorded.get(talk));
});

test('every difference has its reason, and every reason its conversation', () => {
	for (const talk of talks) {
		assert.equal(Boolean(talk.otd || talk.hangsUp), talk.differs !== undefined, talk.name);
		for (const name of talk.differs ?? []) assert.ok(name in differences, `${talk.name}: ${name}`);
		for (const [step, told] of Object.entries(talk.otd ?? {}))
			for (const [who, messages] of Object.entries(told))
				if (talk.steps[step - 1][1].a !== 'f')
					assert.notDeepEqual(messages, recorded.get(talk)[step].heard[who],
						`${talk.name}: step ${step} does not differ`);
	}
	for (const name of Object.keys(differences))
		assert.ok(talks.some(({ differs }) => differs?.includes(name)), `nothing shows ${name}`);
});

for (const target of otdTargets)
	describe(`conversations with ${target.name}`, () => {
		let server;
		before(async () => { server = await target.start({ config: { projections } }); });
		after(() => server?.stop());
		for (const [number, talk] of talks.entries())
			test(talk.name, async () => {
				const expected = expectation(talk);
				compare(talk, await hold(talk, server.urls, { expected, number }), expected);
			});
	});
