// ot-tool answers whatever it is asked: one line for one line, in order.
import test from 'node:test';
import assert from 'node:assert/strict';
import { Tool } from './tool.mjs';
import { program } from '../lib/paths.mjs';

async function ask(...lines) {
	const tool = new Tool(program('ot-tool'));
	const answers = await tool.ask(lines);
	assert.equal(await tool.close(), 'exit 0');
	assert.equal(answers.length, lines.length);
	assert.equal(tool.answers.length, 0);
	assert.equal(tool.rest, '');
	return answers.map((line) => JSON.parse(line));
}

const request = (fn, args, more = {}) => JSON.stringify({ type: 'json0', fn, args, ...more });

test('malformed lines are errors, and the next line is answered', async () => {
	const lines = ['', ' ', 'x', '{', '[]', '{}', 'null', '{"type":5}', '{"type":"json0","fn":"apply"}',
		'{"type":"json0","fn":"apply","args":{}}', '{"type":"json0","fn":"apply","args":[]}',
		'{"type":"nope","fn":"apply","args":[]}', '{"type":"json0","fn":"nope","args":[]}',
		'{"type":"json0","fn":"transform","args":[[],[],"up"]}', `{"type":"${'x'.repeat(5000)}","fn":"apply","args":[]}`,
		'{"type":"json0\\u0000","fn":"create","args":[1]}', '\ufeff{}', '{"type":"json0","fn":"create","args":[1],"undef":5}'];
	const answers = await ask(...lines, request('create', [1]));
	for (const answer of answers.slice(0, -1)) assert.match(answer.error, /./);
	assert.deepEqual(answers.at(-1), { ok: 1 });
});

test('bytes that are not UTF-8, NUL and a last line without an end', async () => {
	const tool = new Tool(program('ot-tool'));
	tool.child.stdin.write(Buffer.from([0x22, 0xff, 0x22, 0x0a, 0x00, 0x0a, 0xed, 0xa0, 0x80, 0x0a]));
	tool.child.stdin.write(request('create', ['last']));
	assert.equal(await tool.close(), 'exit 0');
	const answers = tool.answers.map((line) => JSON.parse(line));
	assert.equal(answers.length, 4);
	assert.deepEqual(answers[3], { ok: 'last' });
	for (const answer of answers.slice(0, 3)) assert.match(answer.error, /./);
});

test('deep nesting is refused, wherever it is', async () => {
	const deep = (n) => '['.repeat(n) + ']'.repeat(n);
	const [far, tool, near] = await ask(
		`{"type":"json0","fn":"create","args":[${deep(100000)}]}`,
		`{"type":"json0","fn":"apply","args":[${deep(300)},[{"p":[${Array(299).fill(0)},0],"li":${deep(300)}}]]}`,
		`{"type":"json0","fn":"create","args":[${deep(300)}]}`);
	assert.match(far.error, /nested/);
	assert.match(tool.error, /nested/);
	assert.deepEqual(near.ok, JSON.parse(deep(300)));
});

test('large requests', async () => {
	const big = 'x'.repeat(5_000_000);
	const [made, edited] = await ask(request('create', [big]), request('apply', [big, [{ p: [2_500_000], si: 'é' }]]));
	assert.equal(made.ok, big);
	assert.equal(edited.ok, `${big.slice(0, 2_500_000)}é${big.slice(2_500_000)}`);
});

test('undefined goes in and comes out', async () => {
	assert.deepEqual(await ask(
		request('create', [null], { undef: [0] }),
		request('apply', [1, [{ p: [], od: 1 }]]),
		request('apply', [null, [{ p: [], oi: 2 }]], { undef: [0] }),
		request('apply', [null, []], { undef: [0] }),
	), [{ ok: null }, { ok: null, undef: true }, { ok: 2 }, { ok: null, undef: true }]);
});

test('types by URI; functions that a type lacks', async () => {
	const answers = await ask(
		JSON.stringify({ type: 'http://sharejs.org/types/textv0', fn: 'create', args: ['x'] }),
		JSON.stringify({ type: 'text', fn: 'invert', args: [['x']] }),
		request('transformCursor', [0, [], 'left']));
	assert.deepEqual(answers[0], { ok: 'x' });
	assert.match(answers[1].error, /./);
	assert.match(answers[2].error, /./);
});

test('answers come before the tool waits for more', async () => {
	const tool = new Tool(program('ot-tool'));
	for (let i = 0; i < 3; i++) assert.deepEqual(await tool.ask([request('create', [i])]), [`{"ok":${i}}`]);
	assert.equal(await tool.close(), 'exit 0');
});
