// Many clients edit one document at random and say where they are, while their
// connections break and the bus between their servers loses words: all end
// with the same content, and see each other where each says it is, and nobody
// else.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { checkLog, crowd } from './crowd.mjs';
import { announce, somewhere } from './places.mjs';
import { Chance } from './random.mjs';
import { targets } from './targets.mjs';
import { types } from './types.mjs';
import { patience } from '../lib/paths.mjs';
import { sleep } from '../lib/process.mjs';

const seed = process.env.OTD_TEST_SEED || '1';
const CLIENTS = 6;
const OPS = Number(process.env.OTD_TEST_OPS || 150);
// From the last edit until all see the same.
const SOON_MS = 2_000;
// Of the words between processes: dropped, said twice, said late.
const LOSS = 0.01;

const lossy = (url) => `lossy+${url}?drop=${LOSS}&repeat=${LOSS}&swap=${LOSS}&seed=${seed}`;

// Presence of all in one document; ghosts say something and are closed.
class Places {
	constructor(type) {
		this.type = type;
		this.errors = [];
	}

	// The document's presence, and who is in it: by client, {id: local}.
	async begin(peers, docs) {
		this.docs = docs;
		this.presences = peers.map((peer, i) => peer.connection.getDocPresence('crowd', docs[i].raw.id));
		await Promise.all(this.presences.map((presence) => new Promise((done, fail) =>
			presence.subscribe((error) => (error ? fail(error) : done())))));
		this.locals = this.presences.map((presence, i) => presence.create(`cursor ${i}`));
		for (const thing of [...this.presences, ...this.locals]) thing.on('error', (error) => this.errors.push(error));
	}

	say(i, chance) {
		if (this.docs[i].raw.type) this.locals[i].submit(somewhere[this.type](chance, this.docs[i].data));
	}

	each(i, chance) {
		if (chance.often(0.5)) this.say(i, chance);
	}

	seen(i) { return { ...this.presences[i].remotePresences }; }

	// What client i should see: everybody else, where they say they are.
	due(i) {
		return Object.fromEntries(this.locals.filter((local, j) => j !== i && local.value)
			.map((local) => [local.presenceId, local.value]));
	}

	async agree(what, who) {
		const fault = () => {
			for (const i of who)
				try {
					assert.deepEqual(this.seen(i), this.due(i), `${what}: client ${i}`);
				} catch (error) {
					return error;
				}
			return null;
		};
		for (const end = Date.now() + SOON_MS * patience; fault() && Date.now() < end;) await sleep(10);
		if (fault()) throw fault();
	}

	async end(peers, chance, comesBack) {
		const all = peers.map((_, i) => i);
		for (const i of all) this.say(i, chance);
		await this.agree('after the last edit', all);
		// One goes, one is nowhere any more; one is cut off meanwhile.  Of that
		// ShareDB's own server tells nothing, and another worker only when
		// somebody followed the channel there.
		await peers[0].close();
		this.locals[0].value = null;
		this.locals[1].submit(null);
		if (comesBack) peers[2].cut();
		await this.agree('after some have left', all.slice(1));
		assert.deepEqual(this.errors, []);
	}
}

for (const target of targets)
	describe(`places on ${target.name}, seed ${seed}`, { concurrency: 3 }, () => {
		const ops = target.name === 'reference' ? OPS / 5 : OPS;
		let server;
		before(async () => { server = await target.start({ lossy }); });
		after(() => server?.stop());
		for (const type of Object.keys(types))
			test(`${CLIENTS} clients, ${ops} edits each: ${type}`, async () => {
				const places = new Places(type);
				await crowd(server.urls, {
					type, id: `places ${type}`, clients: CLIENTS, ops, seed: `${seed} ${type}`, prepare: announce,
					begin: (peers, docs) => places.begin(peers, docs),
					each: (i, chance) => places.each(i, chance),
					end: (peers) => places.end(peers, new Chance(`${seed} ${type} end`), ['sqlite', 'pair'].includes(target.name)),
				});
				for (const url of server.urls) await checkLog(url, 'crowd', `places ${type}`);
			});
	});
