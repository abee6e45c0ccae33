// Two pages of one browser and somebody elsewhere write in the same documents;
// pages die at any moment, also between any two steps of their own, networks come
// and go, acknowledgements get lost. What was on disk or acknowledged is in the
// document once, and what was not is there once or not at all, in order.
import { openPage, records, until } from './offline-rig.mjs';
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import WebSocket from 'ws';
import { patience } from '../lib/paths.mjs';
import { connect } from '../../clients/js/dist/index.js';
import { chance, types } from './rig.mjs';
import { servers } from './servers.mjs';

// How a word is written at the end of a document of each type, and what words there are.
const kinds = {
	text: { create: '', type: 'text', write: (data, word) => [data.length, `${word};`].filter((part) => part !== 0), read: (data) => data },
	json0: { create: { words: [] }, write: ({ words }, word) => [{ p: ['words', words.length], li: word }], read: ({ words }) => words.map((word) => `${word};`).join('') },
	'rich-text': {
		create: [{ insert: '\n' }], type: 'rich-text',
		write(data, word) {
			const length = data.ops.reduce((sum, { insert }) => sum + insert.length, 0) - 1;
			return { ops: [...(length ? [{ retain: length }] : []), { insert: `${word};`, attributes: { bold: true } }] };
		},
		read: (data) => data.ops.map(({ insert }) => insert).join('').trim(),
	},
};
const seed = Number(process.env.OTD_TEST_SEED || 1);

for (const [server, start] of Object.entries(servers))
	describe(`on ${server}, seed ${seed}`, { timeout: 120_000 * patience }, () => {
		let at;
		before(async () => { at = await start(); });
		after(() => at.stop());

		for (const [kind, { create, type, write, read }] of Object.entries(kinds))
			test(kind, async () => {
				const dice = chance(seed * 100 + kind.length);
				const name = `${server}-${kind}`;
				const later = (ms) => new Promise((done) => setTimeout(done, ms));
				const other = connect(at.urls[0], { WebSocket, types: Object.values(types), minDelay: 20 });
				const theirs = await other.doc('storm', name).open({ create, type });
				const must = new Set();		// on disk, or acknowledged
				const written = [];		// words, in the order of each who writes
				let words = 0;
				const say = (doc, who) => {
					if (!doc.exists) return;
					const word = `${who}.${words++}`;
					written.push(word);
					doc.submit(write(doc.data, word)).then(() => must.add(word), () => {});
				};
				// What is on disk when a page has died.
				const inventory = async () => {
					const kept = JSON.stringify((await records(name)).map(({ ops }) => ops));
					for (const word of written) if (kept.includes(`"${word}"`) || kept.includes(`"${word};`) || kept.includes(`;${word};`)) must.add(word);
				};
				const life = async (who) => {
					const page = await openPage(at.urls[0], name);
					page.client.on('lost', ({ error }) => assert.fail(`lost: ${error.message}`));
					const doc = page.client.doc('storm', name);
					const opening = doc.open().catch(() => {});
					if (dice.below(3)) await opening;
					for (let i = 0; i < 8; i++) {
						say(doc, who);
						if (dice.below(3) === 0) say(theirs, 'other');
						const what = dice.below(12);
						if (what === 0) page.client.disconnect();
						else if (what === 1) page.client.reconnect();
						else if (what === 2) page.client.connection.socket._ws?.terminate();
						else if (what === 3) page.deafen();
						if (dice.below(2)) await later(dice.below(5));
						else await new Promise((done) => setImmediate(done));
					}
					for (let steps = dice.below(30); steps > 0; steps--) await null;
					page.kill(dice.below(2) === 0);
					// What has begun and was not broken off ends.
					await later(2);
					await inventory();
				};
				for (let round = 0; round < 8; round++) await Promise.all([life(`a${round}`), life(`b${round}`)]);

				const last = await openPage(at.urls[0], name);
				const doc = await last.client.doc('storm', name).open();
				await until(async () => last.client.status === 'online' && doc.saveState === 'saved' &&
					(await records(name)).every(({ ops }) => ops.length === 0));
				await other.saved();
				await until(() => doc.version === theirs.version);
				assert.equal(read(doc.data), read(theirs.data));
				const found = read(theirs.data).split(';').filter(Boolean);
				assert.deepEqual(found.filter((word, i) => found.indexOf(word) !== i), [], 'nothing is there twice');
				assert.deepEqual([...must].filter((word) => !found.includes(word)), [], 'nothing is missing');
				for (const who of new Set(written.map((word) => word.split('.')[0]))) {
					const mine = found.filter((word) => word.startsWith(`${who}.`));
					assert.deepEqual(mine, written.filter((word) => mine.includes(word)), 'in order');
				}
				assert.deepEqual(await last.keeper.lost(), []);
				assert.ok(must.size > 40, `${must.size} words`);
				await Promise.all([last.client.close(), other.close()]);
			});
	});
