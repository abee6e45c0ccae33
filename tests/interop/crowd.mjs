// A crowd of writers on one document, and what must hold when they are done.
import assert from 'node:assert/strict';
import { WebSocket } from 'ws';
import { Peer, within } from './client.mjs';
import { Chance, random } from './random.mjs';
import { types } from './types.mjs';
import { patience } from '../lib/paths.mjs';
import { sleep } from '../lib/process.mjs';

/*
 * One writer: ops edits of its own, one after the other or a few at once, each
 * counted when the server acknowledged it.  cuts: how likely its connection is
 * cut before an edit.
 */
async function write(peer, doc, type, chance, ops, cuts, each) {
	let acknowledged = 0;
	let failed = null;
	const settle = (error) => { if (error) failed = error; else acknowledged++; };
	for (let i = 0; i < ops; i++) {
		if (chance.often(cuts)) {
			if (chance.often(0.3)) peer.deaf = true;
			if (chance.often(0.5)) await sleep(chance.below(5));
			peer.cut();
			peer.deaf = false;
		}
		doc.raw.submitOp(random[type].op(chance, doc.data), settle);
		// Sometimes more edits while one is under way: the client joins them.
		if (chance.often(0.7))
			await within(120_000 * patience, `edit ${i} of ${doc.raw.id}`,
				new Promise((done) => doc.raw.whenNothingPending(done)),
				() => `${peer.connection.state} v ${doc.v} ${doc.errors.join()}`);
		else await sleep(0);
		if (failed) throw failed;
		each(chance);
	}
	await within(120_000 * patience, `the last edits of ${doc.raw.id}`,
		new Promise((done) => doc.raw.whenNothingPending(done)));
	if (failed) throw failed;
	assert.equal(acknowledged, ops);
}

/*
 * Many clients write one document, each through the next of urls.  More of the
 * same clients: prepare(connection) before it opens, begin(peers, docs) before
 * the edits, each(i, chance) after every edit of client i, end(peers, docs).
 */
export async function crowd(urls, { type, id, clients = 8, ops = 500, cuts = 0.02, seed,
	prepare = () => {}, begin = () => {}, each = () => {}, end = () => {} }) {
	const peers = Array.from({ length: clients }, (_, i) => new Peer(urls[i % urls.length]));
	for (const peer of peers) prepare(peer.connection);
	try {
		await Promise.all(peers.map((peer) => peer.online()));
		const docs = peers.map((peer) => peer.doc('crowd', id));
		await docs[0].create(random[type].initial(), type);
		await Promise.all(docs.map((doc) => doc.subscribe()));
		await begin(peers, docs);
		await Promise.all(docs.map((doc, i) => write(peers[i], doc, type, new Chance(`${seed} ${i}`), ops, cuts,
			(chance) => each(i, chance))));
		const snapshot = await fetchSnapshot(urls[0], 'crowd', id);
		await Promise.all(docs.map((doc) => doc.atLeast(snapshot.v)));
		for (const doc of docs) {
			assert.equal(doc.v, snapshot.v);
			assert.deepEqual(plain(doc.data), snapshot.data);
			assert.deepEqual(doc.errors, []);
		}
		await end(peers, docs);
		return snapshot;
	} finally {
		await Promise.all(peers.map((peer) => peer.close()));
	}
}

// As it goes over the wire: some types keep objects of their own classes.
const plain = (data) => JSON.parse(JSON.stringify(data));

// ---- below the client: what the server says, message by message ----

async function ask(url, message, last) {
	const socket = new WebSocket(url, { perMessageDeflate: false });
	const heard = [];
	try {
		return await within(60_000 * patience, JSON.stringify(message), new Promise((done, fail) => {
			socket.once('error', fail);
			socket.once('open', () => socket.send(JSON.stringify(message)));
			socket.on('message', (data) => {
				const said = JSON.parse(data);
				if (said.a === 'init') return;
				heard.push(said);
				if (last(said)) done(heard);
			});
		}));
	} finally {
		socket.terminate();
	}
}

// {v, type, data} of the head
export async function fetchSnapshot(url, c, d) {
	const [reply] = await ask(url, { a: 'f', c, d }, ({ a }) => a === 'f');
	assert.equal(reply.error, undefined);
	return reply.data;
}

// Every op of a document, from its first or another.
export async function fetchOps(url, c, d, from = 0) {
	const heard = await ask(url, { a: 'f', c, d, v: from }, ({ a }) => a === 'f');
	assert.equal(heard.pop().error, undefined);
	return heard;
}

/*
 * The log from version 0, checked: no gap, no (src, seq) twice, and its replay
 * by the reference types is the snapshot.
 */
export async function checkLog(url, c, d) {
	const ops = await fetchOps(url, c, d);
	const snapshot = await fetchSnapshot(url, c, d);
	const seen = new Set();
	let type = null;
	let data;
	for (const [i, op] of ops.entries()) {
		assert.equal(op.v, i, 'versions without gap');
		const name = JSON.stringify([op.src, op.seq]);
		assert.ok(!seen.has(name), `${name} is there twice`);
		seen.add(name);
		if (op.create) {
			type = Object.values(types).find(({ uri }) => uri === op.create.type);
			data = type.create(op.create.data);
		} else if (op.del) {
			type = null;
			data = undefined;
		} else {
			data = type.apply(data, op.op);
		}
	}
	assert.equal(ops.length, snapshot.v);
	assert.deepEqual(plain(data), snapshot.data);
	return ops;
}
