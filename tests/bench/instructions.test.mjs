// What an op costs in instructions: said, and held to ceilings that leave room for another compiler or C library, but not
// for a mistake.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { hubMixes, measureHub, measureServer, serverMixes } from '../../bench/instructions.mjs';
import { build } from '../lib/paths.mjs';

const ceilings = [40_000, 64_000, 160_000, 120_000, 140_000];

// callgrind cannot run what the sanitizers have built, and its figures would be theirs.
const skip = fs.readFileSync(path.join(build, 'config.log'), 'utf8').includes('--enable-sanitizers') && 'under sanitizers';

describe('instructions an op', () => {
	[...hubMixes, ...serverMixes].forEach((mix, i) => test(mix.name, { skip }, async (t) => {
		const { perOp, ops, deliveries } = await (hubMixes.includes(mix) ? measureHub : measureServer)(mix);
		t.diagnostic(`figure: ${mix.name}: ${perOp} instructions an op`);
		assert.ok(ops > 0 && deliveries >= 0);
		assert.ok(perOp > 1000, `${perOp} instructions cannot be an op`);
		assert.ok(perOp < ceilings[i], `${perOp} instructions an op`);
	}));
});
