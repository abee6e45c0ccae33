// A short run of scripts/soak, from a seed; and that its judge finds what grows.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Chance } from '../interop/random.mjs';
import { judge } from './memory.mjs';
import { soak } from './run.mjs';

const seed = process.env.OTD_TEST_SEED || '1';

// An hour, a sample every ten seconds, of what at(seconds) says and some noise.
function hour(at) {
	const chance = new Chance('noise');
	return Array.from({ length: 360 }, (_, i) => ({ seconds: (i + 1) * 10, kib: at((i + 1) * 10) + chance.below(2000) }));
}

describe('memory', () => {
	test('what fills at first and then stays is flat', () => {
		assert.equal(judge(hour((s) => 30_000 + 20_000 * (1 - Math.exp(-s / 120)))).isFlat, true);
	});
	test('what comes and goes is flat', () => {
		assert.equal(judge(hour((s) => 50_000 + 8_000 * Math.sin(s / 40))).isFlat, true);
	});
	test('a kilobyte a second is found', () => {
		assert.equal(judge(hour((s) => 40_000 + s)).isFlat, false);
	});
	test('what begins to grow late is found', () => {
		assert.equal(judge(hour((s) => 40_000 + Math.max(0, s - 1800) * 2)).isFlat, false);
	});
});

describe(`churn, seed ${seed}`, () => {
	test('whoever came is gone, and what was acknowledged is stored', async (t) => {
		const { counts, stored, verified, left } =
			await soak({ seconds: 6, seed, visitors: 10, documents_per_s: 20, every_s: 1, tell: () => {} });
		t.diagnostic(`figure: ${counts.connections} clients, ${counts.opened} times a document opened, ` +
			`${counts.acknowledged} edits acknowledged, ${stored} stored`);
		assert.ok(counts.opened > 5 && counts.acknowledged > 10, JSON.stringify(counts));
		assert.ok(stored >= counts.acknowledged && stored <= counts.sent, `${stored} stored, ${JSON.stringify(counts)}`);
		assert.equal(left, 0);
		assert.equal(verified.code, 0, verified.text);
	});
});
