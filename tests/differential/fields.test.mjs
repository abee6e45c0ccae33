// What is shown of documents and ops through some fields of the root: json0 beside ShareDB's projections, json1 beside
// what it has to mean, that to edit and then to look is the same as to look and then to edit.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import test from 'node:test';
import { program } from '../lib/paths.mjs';
import { equal } from './compare.mjs';
import * as json0 from './json0.mjs';
import * as json1 from './json1.mjs';
import { Random } from './random.mjs';
import { Tool } from './tool.mjs';

const require = createRequire(import.meta.url);
const projections = require('sharedb/lib/projections');
const types = {
	json0: { ...require('ot-json0').type, ...json0 },
	json1: { ...require('ot-json1').type, ...json1 },
};

const CASES = 1500;
const seed = Number(process.env.OTD_TEST_SEED || 20);
const copy = (v) => (v === undefined ? undefined : JSON.parse(JSON.stringify(v)));

// Cases of apply that nobody may refuse, each with some names: {doc, op, fields}.
function* cases(type, n) {
	for (let i = 0; n > 0; i++) {
		const r = new Random(seed, i);
		const { fn, args: [doc, op] } = types[type].makeCase(r, 'first');
		if (fn !== 'apply') continue;
		try {
			if (!types[type].reference(fn, [doc, op].map(copy)).core) continue;
		} catch {
			continue;
		}
		const names = [...Object.keys(Object(doc)), 'a', 'b', 'c', '', '0', '1', 'length'];
		yield { doc, op, fields: [...new Set(names)].filter(() => r.chance(0.5)) };
		n--;
	}
}

// What the tool says to each case: {shown, covered, picked, within}; undefined is as it says, a refusal an Error.
async function answers(type, all) {
	const tool = new Tool(program('ot-tool'));
	const ask = (fn) => ({ fields }, arg) => JSON.stringify({
		type, fn, args: [arg === undefined ? null : arg, fields], ...(arg === undefined ? { undef: [0] } : {}),
	});
	const lines = all.flatMap((c) => [
		ask('projectData')(c, c.doc), ask('dataIsWithin')(c, c.doc), ask('projectOp')(c, c.op), ask('opIsWithin')(c, c.op),
	]);
	const said = (await tool.ask(lines)).map((line) => {
		const { ok, undef, error } = JSON.parse(line);
		return error ? new Error(error) : undef ? undefined : ok;
	});
	assert.equal(await tool.close(), 'exit 0');
	assert.equal(said.length, lines.length);
	return all.map((_, i) => {
		const [shown, covered, picked, within] = said.slice(4 * i, 4 * i + 4);
		return { shown, covered, picked, within };
	});
}

const set = (fields) => Object.fromEntries(fields.map((name) => [name, true]));
const show = (fields, data) => {
	const snapshot = { data: copy(data) };
	projections.projectSnapshot(set(fields), snapshot);
	return copy(snapshot.data);
};

test(`json0: ${CASES} cases equal ShareDB's projections, seed ${seed}`, async () => {
	const all = [...cases('json0', CASES)];
	const said = await answers('json0', all);
	let parts = 0;
	let wholes = 0;
	for (const [i, { doc, op, fields }] of all.entries()) {
		const shown = { op: copy(op) };
		projections.projectOp(set(fields), shown);
		const want = {
			shown: show(fields, doc), covered: projections.isSnapshotAllowed(set(fields), { data: doc }),
			picked: copy(shown.op), within: projections.isOpAllowed(null, set(fields), { op }),
		};
		assert.ok(equal(said[i], want), JSON.stringify({ i, doc, op, fields, said: said[i], want }));
		if (op.length && shown.op.length && shown.op.length < op.length) parts++;
		if (op.length && want.within) wholes++;
	}
	assert.ok(parts > CASES / 50 && wholes > CASES / 20, `${parts} parts, ${wholes} wholes`);
});

// Where things are picked up and dropped: {slot: field or null}, null for the root.
function slots(op) {
	const from = {};
	const to = {};
	const walk = (list, path) => {
		const here = [...path];
		for (const d of list ?? [])
			if (Array.isArray(d)) walk(d, here);
			else if (d === null || typeof d !== 'object') here.push(d);
			else {
				if (d.p !== undefined) from[d.p] = here[0] ?? null;
				if (d.d !== undefined) to[d.d] = here[0] ?? null;
			}
	};
	walk(op, []);
	return { from, to };
}

// Does it move what is hidden into view, or anything to the root?
const intoView = ({ op, fields }) => {
	const { from, to } = slots(op);
	const seen = (name) => typeof name === 'string' && fields.includes(name);
	return Object.keys(to).some((slot) => to[slot] === null || (seen(to[slot]) && !seen(from[slot])));
};

test(`json1: ${CASES} cases edit what is shown as they edit the document, seed ${seed}`, async () => {
	const all = [...cases('json1', CASES)];
	const said = await answers('json1', all);
	const { apply } = types.json1;
	const counts = { refused: 0, left: 0, within: 0, none: 0 };
	for (const [i, c] of all.entries()) {
		const { shown, picked, within } = said[i];
		const why = JSON.stringify({ i, ...c, said: said[i] });
		assert.ok(equal(shown, show(c.fields, c.doc)), why);
		assert.equal(picked instanceof Error, intoView(c), why);
		if (picked instanceof Error) {
			assert.equal(within, false, why);
			counts.refused++;
			continue;
		}
		const after = apply(copy(c.doc), copy(c.op));
		assert.ok(equal(copy(apply(copy(shown), copy(picked))), show(c.fields, after)), why);
		if (within) {
			assert.ok(equal(copy(apply(copy(c.doc), copy(picked))), copy(after)), why);
			counts.within++;
		}
		if (picked === null && c.op !== null) counts.none++;
		if (JSON.stringify(picked).includes('"r":true') && Object.keys(slots(c.op).from).length > Object.keys(slots(picked).from).length)
			counts.left++;
	}
	for (const [name, n] of Object.entries(counts)) assert.ok(n > CASES / 200, `${name}: ${n}`);
});
