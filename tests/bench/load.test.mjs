// otd-load carries every scenario through against ShareDB's own server and otd, finds all as it should be, and says what it
// did; and it notices when something is lost, doubled or changed on the way.  No times.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { targets } from '../interop/targets.mjs';
import { program } from '../lib/paths.mjs';
import { Program } from '../lib/process.mjs';
import { between } from './between.mjs';

// Run it to its end: {code, text, report}.
async function load(scenario, urls, ...args) {
	const child = new Program(program('otd-load'), [scenario, ...[urls].flat().flatMap((url) => ['--url', url]), '--json',
		'--limit', '60', ...args.map(String)]);
	const { code } = await child.ended;
	const line = child.lines.find((l) => l.startsWith('{'));
	return { code, text: child.said(), report: line && JSON.parse(line) };
}

const brief = ['--verify', '--warmup', '0.1', '--seconds', '0.4'];

// Every op there is was acknowledged and found; so many documents; nobody missed anything.
function assertWell({ code, text, report }, { docs }) {
	assert.equal(code, 0, text);
	assert.equal(report.ok, true);
	assert.deepEqual([report.errors, report.unanswered, report.behind, report.verify.faults], [0, 0, 0, 0]);
	assert.equal(report.verify.done, true);
	assert.equal(report.verify.documents, docs);
}

for (const { name, start } of targets.filter((target) => ['reference', 'sqlite'].includes(target.name))) {
	describe(`every scenario, ${name}`, () => {
		let server, url;
		before(async () => {
			server = await start();
			[url] = server.urls;
		});
		after(() => server.stop());

		test('S1: many documents', async () => {
			const run = await load('S1', url, '--connections', 5, '--pid', `node=${process.pid}`, ...brief);
			assertWell(run, { docs: 5 });
			const { report } = run;
			assert.ok(report.ops > 0 && report.verify.ops >= report.ops + 5);
			assert.equal(report.ack_ms.n, report.ops);
			assert.ok(report.ack_ms.p50 > 0 && report.ack_ms.p50 <= report.ack_ms.p99 && report.ack_ms.p99 <= report.ack_ms.max);
			assert.equal(report.create_ms.n, 5);
			assert.ok(report.load.cpu_seconds > 0);
			assert.ok(report.processes.node.rss_end > 1e6 && report.processes.node.processes >= 1);
		});

		for (const type of ['text-unicode', 'text', 'text0', 'json0'])
			test(`S2: a hot document of ${type}`, async () => {
				const run = await load('S2', url, '--writers', 6, '--type', type, ...brief);
				assertWell(run, { docs: 1 });
				assert.ok(run.report.ops > 0 && run.report.deliveries > 0);
			});

		test('S2: by two ways in, several documents', async () => {
			assertWell(await load('S2', [url, url], '--writers', 3, '--readers', 2, '--docs', 3, ...brief), { docs: 3 });
		});

		test('S3: readers hear every op', async () => {
			const run = await load('S3', url, '--readers', 20, '--rate', 50, '--ops', 10, ...brief, '--seconds', 2);
			assertWell(run, { docs: 1 });
			assert.equal(run.report.verify.ops, 11);
			assert.equal(run.report.delivery_ms.n, 20 * run.report.ack_ms.n);
		});

		test('S3: readers that doze hear every op; those awake say when', async () => {
			const run = await load('S3', url, '--readers', 120, '--rate', 50, '--ops', 10, '--doze', 30, ...brief, '--seconds', 2);
			assertWell(run, { docs: 1 });
			assert.equal(run.report.verify.ops, 11);
			assert.equal(run.report.delivery_ms.n, 50 * run.report.ack_ms.n);
		});

		test('S4: idle connections', async () => {
			const run = await load('S4', url, '--connections', 30, ...brief);
			assertWell(run, { docs: 30 });
			assert.deepEqual([run.report.ops, run.report.opens, run.report.verify.ops], [0, 30, 30]);
		});

		test('S4: idle, documents of another', async () => {
			const how = ['--connections', 8, '--run', 'idle', ...brief];
			assertWell(await load('S4', url, '--phase', 'prepare', ...how), { docs: 8 });
			const run = await load('S4', url, '--phase', 'open', ...how);
			assertWell(run, { docs: 8 });
			assert.deepEqual([run.report.create_ms, run.report.opens], [undefined, 8]);
		});

		test('S5: a long text', async () => {
			assertWell(await load('S5', url, '--size', 300_000, '--ops', 20, ...brief), { docs: 1 });
		});

		test('S6: a writer and a reader apart', async () => {
			const run = await load('S6', [url, url], '--rate', 40, ...brief);
			assertWell(run, { docs: 1 });
			assert.ok(run.report.deliveries > 0);
		});

		test('S7: documents are prepared, then opened by another', async () => {
			const how = ['--docs', 12, '--ops', 7, '--connections', 3, '--run', 'again', '--verify'];
			const prepared = await load('S7', url, '--phase', 'prepare', ...how);
			assertWell(prepared, { docs: 12 });
			assert.deepEqual([prepared.report.verify.ops, prepared.report.opens], [12 * 8, 0]);
			for (const open of ['fetch', 'subscribe']) {
				const opened = await load('S7', url, '--phase', 'open', '--open', open, ...how);
				assertWell(opened, { docs: 12 });
				assert.deepEqual([opened.report.verify.ops, opened.report.opens], [12 * 8, 12]);
			}
			// another seed has drawn other edits: the check looks at them
			const other = await load('S7', url, '--phase', 'open', '--seed', 2, ...how);
			assert.equal(other.code, 1);
			assert.ok(other.report.verify.faults >= 12, other.text);
		});

		test('S7: both at once', async () => {
			assertWell(await load('S7', url, '--docs', 9, '--ops', 5, '--connections', 2, '--verify'), { docs: 9 });
		});

		test('S8: more than it can take is not sent, and what is sent is there', async () => {
			const run = await load('S8', url, '--docs', 3, '--rate', 1_000_000, '--size', 10, ...brief, '--drain', 0.1);
			assertWell(run, { docs: 3 });
			assert.ok(run.report.unsent > 0);
		});

		test('S8: ops have their times', async () => {
			const run = await load('S8', url, '--docs', 6, '--connections', 4, '--rate', 100, '--ops', 5, ...brief, '--warmup', 0,
				'--seconds', 5);
			assertWell(run, { docs: 6 });
			assert.deepEqual([run.report.verify.ops, run.report.ack_ms.n, run.report.unsent], [36, 30, 0]);
		});
	});
}

for (const { start } of targets.filter(({ name }) => name === 'pair')) {
	describe('several ways in to the same documents, pair', () => {
		let server;
		before(async () => { server = await start(); });
		after(() => server.stop());

		test('S1, S2, S6, S8', async () => {
			assertWell(await load('S1', server.urls, '--connections', 4, ...brief), { docs: 4 });
			const hot = await load('S2', server.urls, '--writers', 6, ...brief);
			assertWell(hot, { docs: 1 });
			assert.ok(hot.report.ops > 0 && hot.report.deliveries > 0);
			assertWell(await load('S2', server.urls, '--writers', 3, '--docs', 4, '--place', 'document', ...brief), { docs: 4 });
			const apart = await load('S6', server.urls, '--rate', 40, '--readers', 2, ...brief);
			assertWell(apart, { docs: 1 });
			assert.ok(apart.report.deliveries > 0);
			assertWell(await load('S8', server.urls, '--docs', 4, '--rate', 50, ...brief), { docs: 4 });
		});
	});
}

describe('what goes wrong on the way is noticed', () => {
	let server;
	before(async () => { server = await targets.find(({ name }) => name === 'sqlite').start(); });
	after(() => server.stop());

	// A run through a go-between, of which ops the last is meddled with.
	async function meddled(scenario, meddler, ...args) {
		const way = await between(server.urls[0], meddler);
		try {
			return await load(scenario, way.url, '--verify', '--ops', 5, '--drain', '1', '--warmup', 0, '--seconds', 5, ...args);
		} finally {
			await way.stop();
		}
	}
	const isLast = (message) => message.a === 'op' && message.op !== undefined && message.seq === 6;

	// who is at the second way in is known by its go-between
	test('nothing, when connections are placed in turn or by document', async () => {
		for (const [place, at] of [['turn', 3], ['document', 2]]) {
			const seen = new Set();
			const way = await between(server.urls[0], { up(message, notes) {
				if (message.a === 's') seen.add(notes.index);
				return [message];
			} });
			const run = await load('S2', [server.urls[0], way.url], '--docs', 3, '--writers', 2, '--ops', 2, '--place', place, '--verify');
			await way.stop();
			assertWell(run, { docs: 3 });
			assert.equal(seen.size, at);
		}
	});

	test('nothing, by a go-between that does nothing', async () => {
		assertWell(await meddled('S2', {}, '--writers', 3), { docs: 1 });
	});

	test('an op that is acknowledged and not there', async () => {
		const run = await meddled('S1', { up(message, notes, answer) {
			if (!isLast(message)) return [message];
			const { a, c, d, v, src, seq } = message;
			answer({ a, c, d, v, src, seq });
			return [];
		} }, '--connections', 2);
		assert.equal(run.code, 1);
		assert.match(run.text, /6 ops were acknowledged, 5 of them are there/);
	});

	test('an op that is never answered', async () => {
		const run = await meddled('S1', { up: (message) => isLast(message) ? [] : [message] }, '--connections', 2, '--seconds', 1);
		assert.equal(run.code, 1);
		assert.deepEqual([run.report.unanswered, run.report.verify.faults], [2, 0]);
	});

	test('an answer that is lost: the op may be there', async () => {
		const run = await meddled('S1', { down: (message) => isLast({ op: null, ...message }) && !('op' in message) ? [] : [message] },
			'--connections', 1, '--seconds', 1);
		assert.equal(run.code, 1);
		assert.deepEqual([run.report.unanswered, run.report.verify.faults], [1, 0], run.text);
	});

	test('an op that is there twice', async () => {
		const run = await meddled('S1', {
			up: (message) => isLast(message) ? [message, { ...message, seq: 7 }] : [message],
			down: (message) => message.a === 'op' && message.seq === 7 && !('op' in message) ? [] : [message],
		}, '--connections', 1);
		assert.equal(run.code, 1);
		assert.match(run.text, /version 6 is an op that nobody was told of/);
	});

	test('another text than was sent', async () => {
		const run = await meddled('S1', {
			up: (message) => isLast(message) ? [{ ...message, op: JSON.parse(JSON.stringify(message.op).replace(/"\w/, '"_')) }] : [message],
		}, '--connections', 1);
		assert.equal(run.code, 1);
		assert.match(run.text, /has another text than was sent/);
	});

	test('another place than was sent', async () => {
		const run = await meddled('S1', {
			up: (message) => isLast(message) ? [{ ...message, op: [1, ...message.op.slice(-1)] }] : [message],
		}, '--connections', 1);
		assert.equal(run.code, 1);
		assert.match(run.text, /followed other edits/);
	});

	test('an op that one reader hears in another place', async () => {
		const run = await meddled('S3', {
			down: (message, notes) => isLast(message) && notes.index === 2 ? [{ ...message, op: [1, ...message.op.slice(-1)] }] : [message],
		}, '--readers', 4);
		assert.equal(run.code, 1);
		assert.match(run.text, /connection 2 followed other edits/);
		assert.equal(run.report.verify.faults, 1);
	});

	test('the last op is not heard by a reader', async () => {
		const run = await meddled('S3', { down: (message, notes) => isLast(message) && notes.index === 1 ? [] : [message] }, '--readers', 3);
		assert.equal(run.code, 1);
		assert.deepEqual([run.report.behind, run.report.verify.faults], [1, 0]);
	});

	test('a reader that dozes is cut off', async () => {
		const run = await meddled('S3', { down(message, notes) {
			if (isLast(message) && notes.index === 2) notes.hangUp();
			return [message];
		} }, '--readers', 60, '--doze', '300', '--ops', '8', '--rate', '20');
		assert.equal(run.code, 1);
		assert.match(run.text, /connection 2 to .* is lost/);
		assert.equal(run.report.errors, 1);
	});

	test('an op that is not heard is asked for, one heard twice is dropped', async () => {
		let lost = 0;
		const run = await meddled('S3', { down(message, notes) {
			if (message.a === 'op' && message.seq === 3 && notes.index === 1 && !lost++) return [];
			return message.a === 'op' && message.op && notes.index === 2 ? [message, message] : [message];
		} }, '--readers', 3);
		assertWell(run, { docs: 1 });
		assert.deepEqual([run.report.gaps, run.report.duplicates], [1, 5]);
	});

	// as a server does to whom it has told too much at once
	test('the check goes on when it is cut off, as long as it gets on', async () => {
		let cuts = 0;
		const cut = (patience) => meddled('S1', { down(message, notes) {
			if (notes.index === 0 || message.a !== 'op' || ++notes.heard <= patience) return [message];
			if (notes.heard === patience + 1) cuts++;
			notes.hangUp();
			return [];
		}, up: (message, notes) => { notes.heard ??= 0; return [message]; } }, '--connections', 1);
		assertWell(await cut(2), { docs: 1 });
		assert.equal(cuts, 2);		// of six ops
		const run = await cut(0);
		assert.equal(run.code, 1);
		assert.match(run.text, /the connection is lost/);
	});

	test('content that is not its history\'s', async () => {
		const run = await meddled('S1', {
			down: (message) => message.a === 'f' && message.data?.v === 6 ?
				[{ ...message, data: { ...message.data, data: message.data.data.replace(/^./, '_') } }] : [message],
		}, '--connections', 1);
		assert.equal(run.code, 1);
		assert.match(run.text, /its content .* is not its history's/);
	});

	test('an own op that is told again is dropped, an acknowledgement for another\'s version is not', async () => {
		let last;
		const again = (change) => meddled('S1', { down(message, notes) {
			const before = last;
			if (notes.index > 0 || message.a !== 'op') return [message];
			last = message;
			return before ? [change(before), message] : [message];
		} }, '--connections', 1);
		const run = await again((message) => ({ ...message, op: ['told again'] }));
		assertWell(run, { docs: 1 });
		assert.equal(run.report.duplicates, 5);
		last = null;
		const wrong = await again((message) => ({ ...message, seq: message.seq + 1 }));
		assert.equal(wrong.code, 1);
		assert.match(wrong.text, /acknowledged for a version that others have/);
	});

	test('a version of the history that is missing', async () => {
		const run = await meddled('S1', {
			down: (message, notes) => notes.index > 0 && message.a === 'op' && message.v === 3 ? [] : [message],
		}, '--connections', 1);
		assert.equal(run.code, 1);
		assert.match(run.text, /its history has version 4 where 3 should be/);
	});

	test('a refusal', async () => {
		const run = await meddled('S1', { up: (message) => isLast(message) ? [{ ...message, op: 'none' }] : [message] }, '--connections', 1);
		assert.equal(run.code, 1);
		assert.match(run.text, /ERR_/);
	});
});

describe('what is asked wrongly is said', () => {
	for (const [what, pattern, ...args] of [
		['no scenario', /first argument is a scenario/],
		['no URL', /--url is missing/, 'S1'],
		['another machine', /is not on this machine/, 'S1', '--url', 'ws://192.0.2.1:80/'],
		['a name', /is not on this machine/, 'S1', '--url', 'ws://example.org:80/'],
		['another protocol', /does not begin with ws:/, 'S1', '--url', 'http://127.0.0.1:80/'],
		['no port', /names no port/, 'S1', '--url', 'ws://127.0.0.1/'],
		['a number that is none', /--rate wants a number/, 'S1', '--rate', '5x'],
		['too many', /--connections wants a whole number from 1 to 60000/, 'S1', '--connections', '1e6'],
		['a type', /"rot13" is no type/, 'S1', '--type', 'rot13'],
		['a phase without a run', /wants a --run/, 'S7', '--url', 'ws://127.0.0.1:1/', '--phase', 'open'],
		['a process', /is not NAME=PID/, 'S1', '--pid', 'otd'],
	])
		test(what, async () => {
			const child = new Program(program('otd-load'), args);
			assert.equal((await child.ended).code, 2);
			assert.match(child.said(), pattern);
		});

	test('nobody listens', async () => {
		const run = await load('S1', 'ws://127.0.0.1:1/');
		assert.equal(run.code, 1);
		assert.match(run.text, /is lost: Connection refused/);
	});

	test('--help', async () => {
		const child = new Program(program('otd-load'), ['--help']);
		assert.equal((await child.ended).code, 0);
		for (const word of ['S1', 'S8', '--url', '--verify', '--pid']) assert.ok(child.said().includes(word));
	});
});
