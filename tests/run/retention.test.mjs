// otd compact, otd name, otd purge: next to servers, with ShareDB's own client, for every type, on both stores.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { execFileSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import Client from 'sharedb/lib/client/index.js';
import { WebSocket } from 'ws';
import { Peer, within } from '../interop/client.mjs';
import { fetchSnapshot } from '../interop/crowd.mjs';
import { Chance, random } from '../interop/random.mjs';
import { types } from '../interop/types.mjs';
import { Otd, otd } from '../lib/otd.mjs';
import { patience, program } from '../lib/paths.mjs';
import { Postgres } from '../lib/postgres.mjs';
import { Program, until } from '../lib/process.mjs';

const KEEP_EVERY = 20;
const LATE = 30;	// where one who comes back too late left
const NAMED = 33;
const OLD = 60;		// ops below are old
const YOUNG = 62;	// where one who comes back in time left
const HEAD = 70;
const DAY_MS = 86_400_000;
const seed = process.env.OTD_TEST_SEED || '1';

const config = { collections: { promised: { 'raw-days': 30 }, kept: {}, purged: { events: true, queries: true } } };
const settings = ['--keep-every', String(KEEP_EVERY), '--checkpoint-ops', '7', '--sweep-interval', '200ms'];
const serving = [...settings, '--window-ops', '5'];	// what is older comes from the store
const plain = (data) => (data === undefined ? undefined : JSON.parse(JSON.stringify(data)));
const quoted = (text) => `'${text.replaceAll("'", "''")}'`;

// What one message is answered with.
async function say(url, message) {
	const socket = new WebSocket(url);
	try {
		return await within(20_000 * patience, JSON.stringify(message), new Promise((done, fail) => {
			socket.once('error', fail);
			socket.on('message', (data) => {
				const said = JSON.parse(data);
				if (said.a === 'init') socket.send(JSON.stringify(message));
				else if (said.a === message.a) done(said);
			});
		}));
	} finally {
		socket.terminate();
	}
}

// What a document of ShareDB's client has become when it was told all of a log, with an edit of its own waiting.
function told(log, d, pending) {
	const connection = new Client.Connection({ readyState: WebSocket.CLOSED, send() {}, close() {} });
	const doc = connection.get('log', d);
	const errors = [];
	doc.on('error', (error) => errors.push(error));
	doc.ingestSnapshot({ v: 0, type: null }, (error) => error && errors.push(error));
	for (const { v, src, seq, op, create, del } of log) {
		connection.handleMessage({ a: 'op', c: 'log', d, v, src, seq, ...(create && { create }), ...(del && { del }), ...(op !== undefined && { op }) });
		if (v === 0 && pending) doc.submitOp(pending, (error) => error && errors.push(error));
	}
	assert.deepEqual(errors, []);
	assert.equal(doc.version, log.length);
	return plain(doc.data);
}

// A server and, beside it, whoever looks into its database.  Both dialects: tables without "otd." are SQLite's.
const stores = {
	async sqlite() {
		const server = await Otd.start({ config, args: serving });
		const file = server.store.replace('sqlite:', '');
		return {
			server, file,
			sql: async (text) => execFileSync('sqlite3', ['-cmd', '.timeout 10000', '-separator', '\t', file, text.replaceAll('otd.', '')])
				.toString().split('\n').filter((line) => line && line !== '10000').map((line) => line.split('\t')),
			ago: (column, days) => `${column} - ${days} * ${DAY_MS}`,
			bytes: (column) => `length(CAST(${column} AS BLOB))`,
			stop: () => server.stop(),
		};
	},
	async postgresql() {
		const pg = await Postgres.start();
		const store = await pg.database();
		const server = await Otd.start({ store, config, args: serving });
		return {
			server, pg,
			sql: (text) => pg.sql(text, new URL(store).pathname.slice(1)),
			ago: (column, days) => `${column} - interval '${days} days'`,
			bytes: (column) => `octet_length(${column})`,
			stop: async () => { await server.stop(); await pg.stop(); },
		};
	},
};

for (const [name, start] of Object.entries(stores))
	describe(`retention on ${name}, seed ${seed}`, () => {
		let at, writer;
		const was = {};		// of a type's document, by version
		const peers = [];

		// As the server is set up, next to it.
		const args = (command, ...words) => [command, ...words, ...settings, '--store', at.server.store,
			'--config', at.server.args[at.server.args.indexOf('--config') + 1]];
		const tool = (...words) => otd(args(...words));
		const lines = ({ code, text }) => {
			assert.equal(code, 0, text);
			return text.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
		};
		const pk = (c, d) => `(SELECT doc_pk FROM otd.document WHERE collection = ${quoted(c)} AND id = ${quoted(d)})`;
		const makeOld = (c, below) => at.sql(`UPDATE otd.operation SET created_at = ${at.ago('created_at', 40)}
			WHERE version < ${below} AND doc_pk IN (SELECT doc_pk FROM otd.document WHERE collection = ${quoted(c)})`);
		const bodies = async (c) => Number((await at.sql(`SELECT coalesce(sum(${at.bytes('body')}), 0) FROM otd.operation
			WHERE doc_pk IN (SELECT doc_pk FROM otd.document WHERE collection = ${quoted(c)})`))[0][0]);
		const peer = async () => {
			const made = await Peer.connect(at.server.ws);
			peers.push(made);
			return made;
		};
		// Versions that are what they were, up to v.
		const keptVersions = async (d, v) => (await at.sql(`SELECT version FROM otd.snapshot WHERE version < ${v} AND doc_pk = ${pk('kept', d)}
			AND kept = ${name === 'sqlite' ? 1 : true}`)).map(([k]) => Number(k))
			.concat(0, 1, v, d === 'text' ? NAMED : []).sort((a, b) => a - b);
		// The log as REST shows it: gapless, nothing twice; and told to ShareDB's client it leads to the document.
		const checkLog = async (c, d) => {
			const answer = await fetch(`${at.server.url}v1/collections/${c}/docs/${d}/ops`, { headers: { Accept: 'application/x-ndjson' } });
			const log = (await answer.text()).split('\n').filter(Boolean).map((line) => JSON.parse(line));
			const snapshot = await fetchSnapshot(at.server.ws, c, d);
			assert.deepEqual(log.map(({ v }) => v), Array.from({ length: snapshot.v }, (_, v) => v));
			assert.equal(new Set(log.map(({ src, seq }) => JSON.stringify([src, seq]))).size, log.length);
			assert.deepEqual(told(log, d), snapshot.data);
			return log;
		};
		// What it was at the kept version; edits of json1 may have stayed as they were, if they could not be proved one.
		const same = (type, data, v, kept) => {
			try {
				assert.deepEqual(plain(data), was[type][kept], `version ${v}`);
			} catch (error) {
				if (type !== 'json1') throw error;
				assert.deepEqual(plain(data), was[type][v], `version ${v}`);
			}
		};
		const restart = async () => {
			await at.server.stop();
			await at.server.up();
			await writer.online();
		};
		const offline = (of) => {
			const gone = new Promise((done) => of.wire.once('close', done));
			of.socket.close();
			return within(20_000 * patience, 'the wire is closed', gone);
		};
		const atVersion = (c, d, v) => within(20_000 * patience, `${d} at ${v}`, new Promise((done, fail) =>
			writer.connection.fetchSnapshot(c, d, v, (error, snapshot) => (error ? fail(error) : done(snapshot)))));
		const atTime = (c, d, ts) => within(20_000 * patience, `${d} at a time`, new Promise((done, fail) =>
			writer.connection.fetchSnapshotByTimestamp(c, d, ts, (error, snapshot) => (error ? fail(error) : done(snapshot)))));

		before(async () => {
			at = await start();
			writer = await peer();
		});
		after(async () => {
			for (const one of peers) if (one.wire.readyState !== WebSocket.CLOSED) await one.close();
			await at?.stop();
		});

		const away = {};

		test('documents of every type; two leave each, with an edit under way', async () => {
			for (const type of Object.keys(types)) {
				const chance = new Chance(`${seed} ${type}`);
				const doc = writer.doc('kept', type);
				const edit = async (v) => {
					while (doc.v < v) {
						await doc.submit(random[type].op(chance, doc.data));
						was[type].push(plain(doc.data));
					}
				};
				const leave = async () => {
					const who = await peer();
					const theirs = who.doc('kept', type);
					await theirs.subscribe();
					await offline(who);
					const answer = theirs.submit(random[type].op(chance, theirs.data)).then(() => null, (error) => error);
					return { peer: who, doc: theirs, answer };
				};
				was[type] = [undefined];
				await doc.create(random[type].initial(), type);
				await doc.subscribe();
				was[type].push(plain(doc.data));
				await edit(LATE);
				const late = await leave();
				await edit(YOUNG);
				away[type] = { doc, late, young: await leave() };
				await edit(HEAD);
			}
			assert.deepEqual(await tool('name', 'add', 'kept', 'text', 'as it was', String(NAMED)),
				{ code: 0, signal: null, text: String(NAMED) });
			await makeOld('kept', OLD);
		});

		test('a forecast changes nothing, and comes true', async () => {
			const before = await bodies('kept');
			const [forecast] = lines(await tool('compact', 'kept', '--older-than', '30', '--dry-run'));
			assert.equal(await bodies('kept'), before);
			assert.deepEqual(await at.sql('SELECT count(*) FROM otd.log_horizon'), [['0']]);
			const [done] = lines(await tool('compact', 'kept', '--older-than', '30'));
			assert.deepEqual({ ...done, forecast: true }, { ...forecast, forecast: true });
			assert.equal(forecast.forecast, true);
			assert.equal(done.forecast, false);
			assert.equal(done.documents, 6);
			assert.equal(done.left, 0);
			assert.equal(before - await bodies('kept'), done.bytes_before - done.bytes_after);
			assert.ok(done.bytes_after < done.bytes_before, JSON.stringify(done));
			assert.ok(done.emptied > 5 * (OLD - OLD / KEEP_EVERY) - 30, JSON.stringify(done));
			assert.ok(done.spans_left <= OLD / KEEP_EVERY, JSON.stringify(done));	// of json1, if any
			// No version is missing, and who did what when is still known.
			for (const type of Object.keys(types))
				assert.deepEqual((await at.sql(`SELECT count(*), min(version), max(version) FROM otd.operation
					WHERE doc_pk = ${pk('kept', type)}`))[0].map(Number), [HEAD, 0, HEAD - 1]);
			const [again] = lines(await tool('compact', 'kept', '--older-than', '30'));
			assert.deepEqual([again.documents, again.emptied], [0, 0]);
			console.log(`# ${name}: ${done.operations} ops of ${done.bytes_before} bytes became ${done.operations - done.emptied} of ` +
				`${done.bytes_after}; snapshots: ${done.snapshot_bytes_dropped} bytes less, ${done.snapshot_bytes_added} more`);
		});

		for (const type of Object.keys(types))
			test(`${type}: who is young merges, who is too late is told so`, async () => {
				const { doc, late, young } = away[type];
				young.peer.socket.reconnect();
				assert.equal(await young.answer, null);
				await young.doc.settled();
				await doc.atLeast(young.doc.v);
				await young.doc.atLeast(doc.v);
				assert.equal(doc.v, HEAD + 1);
				assert.deepEqual(plain(young.doc.data), plain(doc.data));
				assert.deepEqual([...young.doc.errors, ...young.peer.errors], []);

				late.peer.socket.reconnect();
				const error = await within(20_000 * patience, 'the refusal', late.answer);
				assert.equal(error?.code, 'ERR_SUBMIT_TRANSFORM_OPS_NOT_FOUND');
				assert.equal((await fetchSnapshot(at.server.ws, 'kept', type)).v, HEAD + 1);
			});

		for (const type of Object.keys(types))
			test(`${type}: the past is what it was at the versions that are kept`, async () => {
				const kept = await keptVersions(type, OLD);
				assert.ok(kept.includes(20), `${kept}`);
				for (let v = 0; v <= HEAD; v++) {
					const snapshot = await atVersion('kept', type, v);
					const from = v >= OLD ? v : kept.findLast((k) => k <= v);
					assert.equal(snapshot.v, v);
					same(type, snapshot.data, v, from);
				}
				// By time, too: nothing from what was the future then.
				const [[ms]] = await at.sql(name === 'sqlite' ?
					`SELECT created_at FROM operation WHERE version = 45 AND doc_pk = ${pk('kept', type)}` :
					`SELECT floor(extract(epoch FROM created_at) * 1000)::bigint FROM otd.operation
						WHERE version = 45 AND doc_pk = ${pk('kept', type)}`);
				const snapshot = await atTime('kept', type, Number(ms));
				assert.ok(snapshot.v > 45 && snapshot.v < OLD, `version ${snapshot.v}`);
				same(type, snapshot.data, snapshot.v, kept.findLast((k) => k <= snapshot.v));
			});

		test('a server that has nothing in memory: logs replay, of what is old nothing is told', async () => {
			await at.server.stop();
			for (const type of name === 'sqlite' ? Object.keys(types) : []) {
				const { code, text } = await tool('doc', 'verify', 'kept', type);
				assert.equal(code, 0, text);
			}
			await at.server.up();
			await writer.online();
			for (const type of Object.keys(types)) {
				const log = await checkLog('kept', type);
				// Nor does it trouble who has edited meanwhile.
				told(log, type, random[type].op(new Chance(`${seed} pending ${type}`), was[type][1]));
				const empties = log.slice(0, OLD).filter(({ op }) => [undefined, '[]', 'null', '{"ops":[]}'].includes(JSON.stringify(op)));
				assert.ok(type === 'json1' || empties.length >= OLD - 8, `${empties.length} do nothing`);
				for (const [v, refused] of [[0, true], [1, true], [LATE, true], [OLD - 1, true], [OLD, false], [HEAD, false]]) {
					const { error } = await say(at.server.ws, { a: 'f', c: 'kept', d: type, v });
					assert.equal(error?.code, refused ? 'ERR_SUBMIT_TRANSFORM_OPS_NOT_FOUND' : undefined, `from ${v}`);
				}
				if (name === 'postgresql') assert.equal((await tool('doc', 'verify', 'kept', type)).code, 0);
			}
			const page = await (await fetch(`${at.server.url}v1/collections/kept/docs/text/ops?from=0&limit=100`)).json();
			assert.deepEqual(page.ops.map(({ compacted }) => compacted === true), page.ops.map(({ v }) => v < OLD));
			assert.ok(page.ops.every(({ src, seq, at }) => src && seq && at));
		});

		test('more of them grow old: the last span grows, those before stay', async () => {
			await makeOld('kept', HEAD);
			const [done] = lines(await tool('compact', 'kept', '--older-than', '30'));
			assert.deepEqual([done.documents, done.left, done.spans + done.spans_left], [6, 0, 6]);
			for (const type of Object.keys(types)) {
				const kept = await keptVersions(type, HEAD);
				for (const v of [...kept, HEAD - 1])
					same(type, (await atVersion('kept', type, v)).data, v, kept.findLast((k) => k <= v));
			}
			await away.text.doc.submit(['on and on ']);
			assert.ok((await fetchSnapshot(at.server.ws, 'kept', 'text')).data.startsWith('on and on '));
		});

		test('what the settings promise is kept; what is wrong is said', async () => {
			const doc = writer.doc('promised', 'x');
			await doc.create('', 'text');
			for (let i = 0; i < 8; i++) await doc.submit([`${i}`]);
			await makeOld('promised', 5);
			const before = await bodies('promised'), untouched = await bodies('kept');
			for (const [words, code, why] of [
				[['promised', '--older-than', '29'], 64, /"promised" stay as they were sent for 30 days.*--older-than 29 is less/],
				[['kept', 'promised', '--older-than', '29'], 64, /"promised" stay/],
				[['--older-than', '29'], 64, /"promised" stay/],	// of all, "kept" comes before it
				[['kept'], 1, /neither raw-days nor --older-than says what is old in "kept"/],
				[['kept', '--older-than', '-1'], 64, /--older-than is a number of days/],
				[['kept', '--older-than', '1.5'], 64, /--older-than is a number of days/],
				[['kept', '--older-than', '99999'], 64, /--older-than is a number of days/],
				[['kept', '--older-than'], 64, /--older-than is a number of days/],
				[['kept', '--rate', 'fast', '--older-than', '1'], 64, /--rate is a number/],
				[['kept', '--slowly'], 64, /slowly/],
				[['kept', '--dry-run=yes'], 64, /dry-run/],
			]) {
				const said = await tool('compact', ...words);
				assert.equal(said.code, code, `${words}: ${said.text}`);
				assert.match(said.text, why);
			}
			assert.equal(await bodies('promised'), before);
			assert.equal(await bodies('kept'), untouched);
			const idle = await otd(['compact', '--store', at.server.store]);
			assert.equal(idle.code, 0, idle.text);
			assert.match(idle.text, /nothing is done: no collection .* raw-days/);
			// All that have a promise, by it.
			const done = lines(await tool('compact'));
			assert.deepEqual(done.map(({ collection, days, operations }) => [collection, days, operations]), [['promised', 30, 4]]);
			assert.equal((await fetchSnapshot(at.server.ws, 'promised', 'x')).data, '76543210');
			assert.equal((await atVersion('promised', 'x', 7)).data, '543210');
		});

		test('names: added once, listed, removed; not for what is not as it was', async () => {
			const names = async () => lines(await tool('name', 'list', 'promised', 'x')).map((n) => [n.name, n.version]);
			for (const [words, code, text] of [
				[['add', 'promised', 'x', 'now'], 0, /^9$/],
				[['add', 'promised', 'x', 'six', '6'], 0, /^6$/],
				[['add', 'promised', 'x', 'six', '7'], 1, /has a version of that name/],
				[['add', 'promised', 'x', 'old', '3'], 1, /was compacted there/],
				[['add', 'promised', 'x', 'new', '10'], 1, /never at this version/],
				[['add', 'promised', 'y', 'new'], 1, /no such document/],
				[['add', 'promised', 'x', '', '6'], 64, /1 to 1024 bytes/],
				[['add', 'promised', 'x', 'n', 'six'], 64, /a version is a number, not "six"/],
				[['add', 'promised', 'x', 'n', ''], 64, /a version is a number, not ""/],
				[['remove', 'promised', 'x', 'seven'], 1, /no version named "seven"/],
				[['rename', 'promised', 'x'], 64, /name wants/],
			]) {
				const said = await tool('name', ...words);
				assert.equal(said.code, code, `${words}: ${said.text}`);
				assert.match(said.text, text);
			}
			assert.deepEqual(await names(), [['six', 6], ['now', 9]]);
			assert.equal((await tool('name', 'remove', 'promised', 'x', 'now')).code, 0);
			assert.deepEqual(await names(), [['six', 6]]);
			await makeOld('promised', 9);
			assert.equal(lines(await tool('compact'))[0].left, 0);
			assert.equal((await atVersion('promised', 'x', 6)).data, '43210');
			assert.equal((await atVersion('promised', 'x', 8)).data, '43210');
			assert.equal((await atVersion('promised', 'x', 9)).data, '76543210');
		});

		test('a version that is named while its document is compacted stays as it is', async () => {
			const doc = writer.doc('raced', 'x');
			await doc.create('', 'text');
			for (let i = 1; i < 60; i++) await doc.submit([`${i % 10}`]);
			await makeOld('raced', 60);
			const was = (await atVersion('raced', 'x', 33)).data;
			// With the first span, up to version 20: marks have been read by then.
			const put = `INSERT INTO otd.named_version (doc_pk, version, name) VALUES (NEW.doc_pk, 33, 'signed')`;
			const when = `AFTER INSERT ON otd.log_horizon FOR EACH ROW`;
			await at.sql(name === 'sqlite' ? `CREATE TRIGGER raced ${when} BEGIN ${put}; END` :
				`CREATE FUNCTION public.raced() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${put}; RETURN NULL; END $$;
					CREATE TRIGGER raced ${when} EXECUTE FUNCTION public.raced()`);
			const [done] = lines(await tool('compact', 'raced', '--older-than', '1'));
			await at.sql(name === 'sqlite' ? 'DROP TRIGGER raced' : 'DROP TRIGGER raced ON otd.log_horizon');
			assert.deepEqual([done.documents, done.left, done.spans, done.operations, done.emptied], [1, 0, 4, 59, 55]);
			assert.equal((await atVersion('raced', 'x', 33)).data, was);
			assert.equal((await atVersion('raced', 'x', 39)).data, was);
			await checkLog('raced', 'x');
		});

		test('killed in the middle, it goes on from there', async () => {
			const DOCS = 25, OPS = 30;
			const docs = Array.from({ length: DOCS }, (_, i) => writer.doc('many', `d${i}`));
			await Promise.all(docs.map(async (doc, i) => {
				await doc.create({ n: 0 });
				for (let v = 1; v < OPS; v++) await doc.submit([{ p: ['n'], na: i + v }]);
			}));
			await makeOld('many', OPS);
			const content = await Promise.all(docs.map((doc) => fetchSnapshot(at.server.ws, 'many', doc.raw.id)));
			const [forecast] = lines(await tool('compact', 'many', '--older-than', '1', '--dry-run'));
			assert.equal(forecast.documents, DOCS);
			const reached = (v) => at.sql(`SELECT d.id FROM otd.log_horizon AS h JOIN otd.document AS d
				ON d.doc_pk = h.doc_pk WHERE d.collection = 'many' AND h.horizon = ${v}`);
			// It rests for 20 seconds after the first span, of 20 operations.
			const slow = new Program(program('otd'), args('compact', 'many', '--older-than', '1', '--rate', '1'));
			await until('a span is done', async () => (await reached(KEEP_EVERY)).length === 1, { timeout_ms: 30_000 * patience });
			await slow.kill();
			assert.deepEqual([await reached(KEEP_EVERY), await reached(OPS)], [[['d0']], []]);
			// Each is as it was: content and log, compacted or not.
			await restart();
			for (const [i, doc] of docs.entries()) {
				assert.deepEqual(await fetchSnapshot(at.server.ws, 'many', doc.raw.id), content[i]);
				await checkLog('many', doc.raw.id);
			}
			const [rest] = lines(await tool('compact', 'many', '--older-than', '1', '--rate', '0'));
			assert.deepEqual([rest.documents, rest.spans], [DOCS, 2 * DOCS - 1]);
			assert.equal((await reached(OPS)).length, DOCS);
			const full = (await at.sql(`SELECT count(*) FROM otd.operation WHERE kind = 0 AND body <> '[]' AND doc_pk IN
				(SELECT doc_pk FROM otd.document WHERE collection = 'many')`))[0][0];
			assert.equal(Number(full), DOCS * 2);		// a span to version 20, a span to 30
			await restart();
			for (const [i, doc] of docs.entries()) {
				assert.deepEqual(await fetchSnapshot(at.server.ws, 'many', doc.raw.id), content[i]);
				await checkLog('many', doc.raw.id);
			}
		});

		test('a purge leaves no trace but the record of it', async () => {
			const SECRET = 'Xq7-nobody-may-know';
			const doc = writer.doc('purged', 'd');
			await doc.create({ text: SECRET, n: 0 });
			for (let i = 0; i < 24; i++) await doc.submit([{ p: ['text', 0], si: `${SECRET}${i}` }]);
			// Its answer is remembered.
			const patch = await fetch(`${at.server.url}v1/collections/purged/docs/d`, { method: 'PATCH',
				headers: { 'Content-Type': 'application/vnd.otd.op+json', 'Idempotency-Key': 'k' },
				body: JSON.stringify([{ p: ['text', 0], si: SECRET }]) });
			assert.equal(patch.status, 200, await patch.text());
			assert.deepEqual(await at.sql("SELECT count(*) FROM otd.once WHERE collection = 'purged' AND id = 'd'"), [['1']]);
			const other = writer.doc('purged', 'other');
			await other.create({ text: 'stays' });
			assert.equal((await tool('grant', 'add', 'purged', 'd', 'bob', 'viewer')).code, 0);
			assert.equal((await tool('name', 'add', 'purged', 'd', SECRET)).code, 0);
			assert.equal((await say(at.server.ws, { a: 'qf', id: 1, c: 'purged', q: { n: 0 } })).data.length, 1);
			assert.deepEqual(await at.sql("SELECT count(*) FROM otd.content WHERE collection = 'purged'"), [['2']]);
			const reader = (await peer()).doc('purged', 'd');
			await reader.subscribe();
			for (const [words, why] of [
				[['purged', 'd'], /--reason TEXT/], [['purged', '--reason', 'x'], /COLLECTION, ID/],
				[['purged', 'd', 'e', '--reason', 'x'], /COLLECTION, ID/], [['purged', 'd', '--reason', ''], /--reason TEXT/],
			]) {
				const said = await tool('purge', ...words);
				assert.equal(said.code, 64, said.text);
				assert.match(said.text, why);
			}
			if (name === 'sqlite') {
				const said = await tool('purge', 'purged', 'd', '--reason', 'asked');
				assert.equal(said.code, 1);
				assert.match(said.text, /in use by another otd/);
				assert.ok(fs.readFileSync(at.file).includes(SECRET) || fs.readFileSync(`${at.file}-wal`).includes(SECRET));
				for (const one of peers.splice(1)) if (one.wire.readyState !== WebSocket.CLOSED) await one.close();
				await at.server.stop();
			}
			const [erased] = lines(await tool('purge', 'purged', 'd', '--reason', 'request 17', '--by', 'ann'));
			assert.deepEqual([erased.collection, erased.id, erased.version, erased.operations], ['purged', 'd', 27, 26]);
			assert.ok(erased.snapshots >= 1 && erased.events >= 1, JSON.stringify(erased));
			if (name === 'sqlite') {
				for (const file of fs.readdirSync(at.file.replace(/[^/]*$/, '')))
					assert.ok(!fs.readFileSync(at.file.replace(/[^/]*$/, file)).includes(SECRET), `${file} still has it`);
				assert.equal((await tool('doc', 'verify', 'purged', 'd')).code, 0);
				await at.server.up();
				await writer.online();
			} else {
				await reader.until('the deletion', (d) => d.type === null);
				const tables = await at.sql("SELECT table_name FROM information_schema.tables WHERE table_schema = 'otd'");
				assert.ok(tables.length > 15);
				for (const [table] of tables)
					assert.deepEqual(await at.sql(`SELECT count(*) FROM otd.${table} AS t WHERE t::text LIKE '%${SECRET}%'`), [['0']], table);
			}
			assert.deepEqual(await at.sql('SELECT collection, id, version, operations, erased_by, reason FROM otd.erasure'),
				[['purged', 'd', '27', '26', 'ann', 'request 17']]);
			assert.deepEqual(await at.sql("SELECT count(*) FROM otd.once"), [['0']]);
			// Search indexes and receivers of webhooks hear that it was deleted, and nothing else.
			assert.deepEqual(await at.sql("SELECT from_v, to_v, kind FROM otd.event WHERE id = 'd'"), [['26', '27', 'deleted']]);
			const gone = await fetchSnapshot(at.server.ws, 'purged', 'd');
			assert.deepEqual([gone.v, gone.type, gone.data], [27, null, undefined]);
			assert.equal((await fetchSnapshot(at.server.ws, 'purged', 'other')).data.text, 'stays');
			const ops = `${at.server.url}v1/collections/purged/docs/d/ops`;
			const page = await (await fetch(ops)).json();
			assert.deepEqual([page.ops.map(({ v, del }) => [v, del]), page.next], [[[26, true]], undefined]);
			const logged = await (await fetch(ops, { headers: { Accept: 'application/x-ndjson' } })).text();
			assert.equal(logged.split('\n').length, 2, logged);
			// Who had it cannot bring it back.
			const back = await say(at.server.ws, { a: 'op', c: 'purged', d: 'd', v: 20, seq: 1, x: {}, op: [{ p: ['n'], na: 1 }] });
			assert.equal(back.error?.code, 'ERR_SUBMIT_TRANSFORM_OPS_NOT_FOUND');
			const never = await tool('name', 'list', 'purged', 'd');
			assert.deepEqual(lines(never), []);
			// It may be made anew, and that is another document.
			const anew = (await peer()).doc('purged', 'd');
			await anew.fetch();
			await anew.create({ text: 'new' });
			await anew.submit([{ p: ['text', 0], si: 'all ' }]);
			assert.deepEqual(await fetchSnapshot(at.server.ws, 'purged', 'd'), { v: 29, data: { text: 'all new' } });
			await makeOld('purged', 29);
			const [compacted] = lines(await tool('compact', 'purged', '--older-than', '1'));
			assert.equal(compacted.left, 0);
			if (name === 'postgresql') assert.equal((await tool('doc', 'verify', 'purged', 'd')).code, 0);
		});

		test('there never was such a document', async () => {
			if (name === 'sqlite') await at.server.stop();
			const { code, text } = await tool('purge', 'purged', 'never', '--reason', 'x', '--by', 'ann');
			assert.equal(code, 1);
			assert.match(text, /there never was a document "never"/);
			assert.equal((await at.sql('SELECT count(*) FROM otd.erasure'))[0][0], '1');
		});
	});
