// The same seed is the same harm.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ofCluster, ofOneAlone } from './faults.mjs';
import { sleep } from '../lib/process.mjs';
import { kindsOf, schedule, storm } from './schedule.mjs';

const first = (faults, n) => Array.from({ length: n }, () => {
	const { kind, pause_ms, drawn } = faults.next().value;
	return { kind, pause_ms, drawn };
});

const all = (seed, n = 30) => Object.fromEntries([...schedule(seed, ofCluster)]
	.map(([name, faults]) => [name, first(faults, n)]));

describe('the schedule', () => {
	test('a seed is a list for each lane', () => {
		assert.deepEqual(all('7'), all('7'));
		assert.notDeepEqual(all('7'), all('8'));
		const lanes = all('7');
		assert.deepEqual(Object.keys(lanes), Object.keys(ofCluster));
		assert.notDeepEqual(lanes['node A'].map(({ kind }) => kind), lanes['node B'].map(({ kind }) => kind));
	});

	test('every kind comes', () => {
		for (const lanes of [ofCluster, ofOneAlone])
			for (const [name, faults] of schedule('1', lanes))
				assert.deepEqual(new Set(first(faults, 200).map(({ kind }) => kind)), new Set(lanes[name].map(({ kind }) => kind)));
		assert.ok(kindsOf(ofCluster).length >= 8);
	});

	test('only what is wanted', () => {
		const lanes = schedule('1', ofCluster, (kind) => kind === 'redis emptied');
		assert.deepEqual(new Set(first(lanes.get('redis'), 20).map(({ kind }) => kind)), new Set(['redis emptied']));
		assert.ok(lanes.get('postgres').next().done);
	});

	test('one after the other in a lane, and none is left behind', async () => {
		const counts = { noted: 0, done: 0 };
		const lane = () => {
			let isBusy = false;
			return [{ kind: 'fault', weight: 1, draw: () => ({}), async run() {
				assert.equal(isBusy, false);
				isBusy = true;
				await sleep(50);
				isBusy = false;
				counts.done++;
			} }];
		};
		const lanes = schedule('1', { one: lane(), other: lane() });
		while (!counts.done) {
			await storm({}, lanes, 3000, () => counts.noted++);
			assert.equal(counts.done, counts.noted);
		}
	});
});
