// bench/insert-size makes the inserts that it says, whatever time they take.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, measure } from '../../bench/insert-size.mjs';
import { textTypes } from '../../bench/workloads.mjs';
import { Otd } from '../lib/otd.mjs';

test('every type, both ways; the documents are checked', async () => {
	const otd = await Otd.start({ args: ['--queries', 'off', '--checkpoint-ops', '10'] });
	try {
		for (const type of Object.keys(textTypes)) {
			for (const place of ['at random', '20 at a place']) {
				const client = await Client.open(otd.ws);
				const figure = await measure(type, place, { inserts: 30, warm: 25, sizes: [100, 5000], client, pid: otd.pid });
				client.socket.close();
				assert.deepEqual(figure.sizes.map(({ bytes }) => bytes), [100, 5000]);
				for (const { cpu, p50, p99 } of figure.sizes) assert.ok(cpu > 0 && p50 > 0 && p99 >= p50);
			}
		}
	} finally {
		await otd.stop();
	}
});

test('what otd refuses ends it', async () => {
	const otd = await Otd.start({ args: ['--max-document', '2048'] });
	try {
		const client = await Client.open(otd.ws);
		await assert.rejects(measure('text', 'at random', { inserts: 1, client, pid: otd.pid }), /ERR_/);
		client.socket.close();
	} finally {
		await otd.stop();
	}
});
