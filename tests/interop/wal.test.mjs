// What an edit of a large document costs in writes: its own size, not the
// document's.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, test } from 'node:test';
import { Peer } from './client.mjs';
import { otdTargets } from './targets.mjs';
import { run, sleep } from '../lib/process.mjs';

const MEGABYTE = 'sixteen letters.'.repeat(65_536);
const EDITS = 10;
const args = ['--queries', 'off'];	// what is queried is written whole

// Ask measure() until it stays the same for a while.
async function settled(measure) {
	let last = await measure();
	for (let same = 0; same < 5;) {
		await sleep(100);
		const now = await measure();
		same = now === last ? same + 1 : 0;
		last = now;
	}
	return last;
}

async function bigDocument(server, body) {
	const peer = await Peer.connect(server.urls[0]);
	const doc = peer.doc('wal', 'big');
	await doc.create(MEGABYTE, 'text-unicode');
	await doc.subscribe();
	try {
		await body(() => doc.submit([500_000, 'edit']));
	} finally {
		await peer.close();
	}
}

// Each store once.
for (const target of otdTargets.filter(({ name }) => name !== 'workers'))
	describe(`writes per edit on ${target.name}`, () => {
		if (target.name === 'sqlite')
			/*
			 * SQLite writes whole pages of 4096 bytes, each with a header of 24, so
			 * that the count of pages says what bytes cannot: the row of the document,
			 * the new op, and now and then a split.
			 */
			test('an edit of a 1 MB document writes a handful of pages', async () => {
				const server = await target.start({ args });
				const file = server.otds[0].store.replace('sqlite:', '');
				const pages = () => Math.max(0, fs.statSync(`${file}-wal`).size - 32) / (4096 + 24);
				try {
					await bigDocument(server, async (edit) => {
						await edit();
						await settled(pages);
						await run('sqlite3', [file, 'PRAGMA wal_checkpoint(TRUNCATE)']);
						assert.equal(pages(), 0);
						await edit();
						const first = await settled(pages);
						for (let i = 0; i < EDITS; i++) await edit();
						const each = (await settled(pages) - first) / EDITS;
						assert.ok(each >= 1 && each <= 4, `${each} pages an edit`);
					});
				} finally {
					await server.stop();
				}
			});
		else
			/*
			 * The first change of a page after a checkpoint logs the whole page
			 * (full_page_writes): that is PostgreSQL's cost of a checkpoint, not the
			 * edit's, so one edit goes first.
			 */
			test('an edit of a 1 MB document writes less than 2 KB', async () => {
				const server = await target.start({ args });
				const database = server.store.split('/').pop();
				const position = async () =>
					(await server.pg.sql("SELECT pg_current_wal_insert_lsn() - '0/0'", database))[0][0];
				try {
					await bigDocument(server, async (edit) => {
						await edit();
						await settled(position);
						await server.pg.sql('CHECKPOINT', database);
						await edit();
						for (let i = 0; i < EDITS; i++) {
							const before = await settled(position);
							await edit();
							const bytes = await settled(position) - before;
							assert.ok(bytes > 0 && bytes < 2048, `${bytes} bytes of WAL`);
						}
					});
				} finally {
					await server.stop();
				}
			});
	});
