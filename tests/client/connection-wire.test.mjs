// Connections that fail: how long is waited, what is noticed, what is said.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import WebSocket from 'ws';
import { patience, root, temporaryFolder } from '../lib/paths.mjs';
import { startReference } from '../interop/reference.mjs';
import { connect } from '../../clients/js/dist/index.js';
import { startProxy } from './proxy.mjs';
import { chance, types } from './rig.mjs';
import { servers } from './servers.mjs';

const until = async (holds) => { while (!await holds()) await new Promise((done) => setTimeout(done, 5)); };
const later = (ms) => new Promise((done) => setTimeout(done, ms));

for (const [name, start] of Object.entries(servers))
	describe(`on ${name}`, { timeout: 120_000 * patience }, () => {
		let server, proxy;
		const open = [];
		const client = (options) => {
			const made = connect(proxy.url, { WebSocket, types: Object.values(types), minDelay: 20, maxDelay: 100, ...options });
			made.on('error', () => {});
			open.push(made);
			return made;
		};
		before(async () => { server = await start(); proxy = await startProxy(server.urls[0]); });
		after(async () => {
			await Promise.all(open.map((one) => one.close()));
			await proxy.stop();
			await server.stop();
		});

		test('a connection that has died without a word is noticed, and what was written on it is in once', async () => {
			const one = client({ heartbeat: 60 });
			const doc = await one.doc('wire', 'silent').open({ create: { n: 0 } });
			const ended = one.once('ended');
			proxy.isSilent = true;
			void doc.submit([{ p: ['n'], na: 1 }]);
			assert.equal((await ended).why, 'network');
			assert.equal(one.status, 'offline');
			assert.equal(doc.saveState, 'offline');
			proxy.isSilent = false;
			await one.saved();
			assert.equal((await doc.at(doc.version)).data.n, 1);
		});

		test('one that never answers the greeting is given up, too', async () => {
			proxy.isSilent = true;
			const one = client({ heartbeat: 60 });
			const before = proxy.count;
			await until(() => proxy.count > before + 1);
			proxy.isSilent = false;
			await until(() => one.status === 'online');
			assert.equal(one.reason, null);
		});

		test('a living one that has nothing to say is left alone', async () => {
			const one = client({ heartbeat: 40 });
			const asked = [];
			await until(() => one.status === 'online');
			const end = one.on('ended', () => assert.fail('it ended'));
			one.connection.on('send', ({ a }) => { if (a === 'pp') asked.push(a); });
			await until(() => asked.length === 3);
			end();
		});

		test('reconnect ends the wait; disconnect ends the trying', async () => {
			proxy.isShut = true;
			const one = client({ minDelay: 3_600_000, maxDelay: 3_600_000 });
			await until(() => one.status === 'offline');
			assert.match(one.reason.code, /^CLOSED_/);
			proxy.isShut = false;
			one.reconnect();
			await until(() => one.status === 'online');
			const ended = one.once('ended');
			one.disconnect();
			assert.equal((await ended).why, 'closed');
			assert.equal(one.status, 'offline');
			const before = proxy.count;
			await later(50);
			assert.equal(proxy.count, before);
			one.reconnect();
			await until(() => one.status === 'online');
		});

		test('what is said of saving is what is so, whatever happens', async () => {
			const dice = chance(11);
			const one = client({ minDelay: 1, maxDelay: 5 });
			const docs = await Promise.all(['a', 'b'].map((id) => one.doc('wire', `model-${id}`).open({ create: { n: 0 } })));
			// The model: what was written and is not answered; what of it is on the wire; whether there is one.
			const model = docs.map(() => ({ open: 0, seq: 0 }));
			let isOn = true;
			const told = docs.map(() => 'saved');
			const expected = ({ open, seq }) => (open === 0 ? 'saved' : !isOn ? 'offline' : seq ? 'saving' : 'unsaved');
			const at = (id) => model[docs.findIndex((doc) => doc.id === id)];
			docs.forEach((doc, i) => doc.on('save', (state) => {
				assert.notEqual(state, told[i], 'the same is not said twice');
				told[i] = state;
			}));
			one.connection.on('send', ({ a, d, seq }) => { if (a === 'op') at(d).seq = seq; });
			one.connection.on('receive', ({ data }) => {
				// It may be told again of what it knows, or of what it does not know yet.
				if (data?.a !== 'op' || at(data.d).seq !== data.seq) return;
				if (data.error || data.v === one.connection.getExisting('wire', data.d).version) at(data.d).seq = 0;
			});
			one.connection.on('state', (state) => {
				isOn = state === 'connected';
				if (!isOn) for (const each of model) each.seq = 0;
			});
			const wrong = [];
			const look = (step) => docs.forEach((doc, i) => {
				const right = expected(model[i]);
				if (doc.saveState !== right || told[i] !== right) wrong.push({ step, right, is: doc.saveState, told: told[i] });
			});
			for (let step = 0; step < 300; step++) {
				const i = dice.below(2);
				const what = dice.below(10);
				if (what < 5) {
					model[i].open++;
					const op = dice.below(8) ? [{ p: ['n'], na: 1 }] : [{ p: ['n', 'x'], na: 1 }];
					// Refused or not, it is answered.
					void docs[i].submit(op).catch(() => {}).finally(() => { model[i].open--; });
				} else if (what === 5) proxy.cut();
				else if (what === 6) one.disconnect();
				else if (what === 7) one.reconnect();
				await (dice.below(2) ? later(dice.below(4)) : null);
				// Between strokes: promises have told by then.
				await new Promise((done) => setImmediate(done));
				if (docs.every((doc) => !doc.doc._isInHardRollback)) look(step);
			}
			one.reconnect();
			await one.saved();
			await later(5);
			look('last');
			assert.deepEqual(wrong, []);
			assert.deepEqual(docs.map((doc) => doc.saveState), ['saved', 'saved']);
		});

		test('closed and opened again in any order, a document is followed as long as somebody has it', async () => {
			const dice = chance(5);
			const [one, other] = [client(), client()];
			const theirs = await other.doc('wire', 'held').open({ create: { n: 0 } });
			const query = one.query('wire', { n: { $gte: 0 }, held: true });
			await query.ready;
			await theirs.submit([{ p: ['held'], oi: true }]);
			await until(() => query.results.some(({ id }) => id === 'held'));
			let n = 0;
			for (let round = 0; round < 40; round++) {
				const doc = one.doc('wire', 'held');
				const opens = [doc.open(), ...(dice.below(2) ? [doc.open()] : [])];
				if (dice.below(2)) await Promise.all(opens);
				if (dice.below(2)) void doc.submit([{ p: ['mine'], oi: round }]).catch(() => {});
				for (const _ of opens) doc.close();
				if (dice.below(3) === 0) await later(dice.below(4));
				const again = one.doc('wire', 'held');
				await again.open();
				await theirs.submit([{ p: ['n'], na: 1 }]);
				n++;
				await until(() => again.data.n === n);
				assert.equal(one.doc('wire', 'held'), again);
				again.close();
			}
			// It is nobody's any more, but for the query, which still hears of it.
			await until(() => !one.connection.getExisting('wire', 'held').wantSubscribe);
			await theirs.submit([{ p: ['n'], na: 1 }]);
			await until(() => query.results.find(({ id }) => id === 'held').data.n === n + 1);
			query.close();
			await until(() => !one.connection.getExisting('wire', 'held'));
		});

		test('who leaves is not left waiting', async () => {
			const one = client();
			const doc = await one.doc('wire', 'left').open({ create: { n: 0 } });
			one.disconnect();
			const kept = doc.submit([{ p: ['n'], na: 1 }]);
			void one.close();
			await assert.rejects(kept, { code: 'ERR_CLIENT_CLOSED' });
			await assert.rejects(doc.submit([{ p: ['n'], na: 1 }]), { code: 'ERR_CLIENT_CLOSED' });
			assert.equal(one.status, 'closed');
		});
	});

test('waits double up to the longest, each less up to half by chance', async (t) => {
	const waits = [];
	const set = globalThis.setTimeout;
	t.mock.method(globalThis, 'setTimeout', (call, ms, ...rest) => {
		if (ms >= 500) waits.push(ms);
		return set(call, ms >= 500 && ms < 15_000 ? 0 : ms, ...rest);
	});
	class Nobody extends EventTarget {
		readyState = 0;
		constructor() { super(); set(() => { this.readyState = 3; this.dispatchEvent(Object.assign(new Event('close'), { code: 1006, reason: '' })); }, 0); }
		close() {}
	}
	const one = connect('ws://127.0.0.1:9/', { WebSocket: Nobody, minDelay: 1000, maxDelay: 8000, heartbeat: 0 });
	await until(() => waits.filter((ms) => ms < 15_000).length >= 12);
	void one.close();
	waits.filter((ms) => ms < 15_000).forEach((ms, n) => {
		const most = Math.min(8000, 1000 * 2 ** n);
		assert.ok(ms >= most / 2 && ms <= most, `wait ${n}: ${ms}`);
	});
	assert.ok(new Set(waits).size > 6);
});

test('getToken that fails is asked again, and the status says why', async () => {
	const reference = await startReference();
	let asked = 0;
	const errors = [];
	const one = connect(reference.urls[0], { WebSocket, minDelay: 10, tickets: false, getToken: async () => {
		if (++asked < 4) throw Object.assign(new Error('the session is over'), { code: 'ERR_SESSION' });
		return null;
	} });
	one.on('error', (error) => errors.push(error.code));
	await until(() => one.status === 'offline');
	assert.equal(one.reason.code, 'ERR_SESSION');
	assert.match(one.reason.message, /getToken: the session is over/);
	await until(() => one.status === 'online');
	assert.equal(asked, 4);
	assert.deepEqual(errors, ['ERR_SESSION', 'ERR_SESSION', 'ERR_SESSION']);
	assert.equal(one.reason, null);
	await one.close();
	await reference.stop();
});

test('in Node without a WebSocket it says so, and importing does nothing', () => {
	const dist = path.join(root, 'clients/js/dist');
	const script = `
		const before = Object.keys(globalThis).length;
		for (const name of ['index', 'offline', 'react', 'text', 'textarea', 'undo']) await import('${dist}/' + name + '.js');
		if (Object.keys(globalThis).length !== before) throw new Error('a global was made');
		delete globalThis.WebSocket;
		const { connect } = await import('${dist}/index.js');
		const { offline } = await import('${dist}/offline.js');
		const page = connect('/ws', { offline: offline() });
		page.on('error', (error) => { throw error; });
		const one = connect('ws://127.0.0.1:9/');
		one.on('error', (error) => console.log(error.code, one.status, page.status));`;
	// It ends by itself: nothing runs on.
	const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', timeout: 20_000 });
	assert.equal(said, 'ERR_NO_WEBSOCKET offline offline\n');
});

test('the types tell mistakes, and only those', () => {
	const home = path.join(root, 'clients/js');
	const config = path.join(temporaryFolder('types'), 'tsconfig.json');
	fs.writeFileSync(config, JSON.stringify({
		compilerOptions: {
			target: 'es2022', module: 'esnext', moduleResolution: 'bundler', strict: true, noEmit: true, exactOptionalPropertyTypes: true,
			noUncheckedIndexedAccess: true, lib: ['es2022', 'dom', 'dom.iterable'], skipLibCheck: true, types: [],
			typeRoots: [path.join(home, 'node_modules/@types')],
			paths: { 'otd-client': [path.join(home, 'dist/index.d.ts')], 'otd-client/*': [path.join(home, 'dist/*/index.d.ts')] },
		},
		files: [path.join(root, 'tests/client/connection-types.ts')],
	}));
	execFileSync(process.execPath, [path.join(home, 'node_modules/typescript/bin/tsc'), '-p', config], { encoding: 'utf8' });
});
