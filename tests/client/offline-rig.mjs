// Pages of one browser, in this process: each can be killed at any moment, and
// from then on neither says, hears nor writes anything. Its lock goes with it.
import '../../clients/js/node_modules/fake-indexeddb/auto/index.mjs';
import WebSocket from 'ws';
import { connect } from '../../clients/js/dist/index.js';
import { offline } from '../../clients/js/dist/offline.js';
import { types } from './rig.mjs';

const held = new Set();
let asked = null;
const locks = {
	async request(name, hold) {
		held.add(asked = name);
		await hold();
		held.delete(name);
	},
	query: async () => ({ held: [...held].map((name) => ({ name })) }),
};
Object.defineProperty(globalThis, 'navigator', { value: { ...globalThis.navigator, locks }, configurable: true });

// Databases as they are opened: how a page's own is found.
const opened = [];
const { open } = indexedDB;
indexedDB.open = function (...args) {
	const request = open.apply(this, args);
	request.addEventListener('success', () => opened.push(request.result));
	return request;
};

// One at a time: the database that is opened meanwhile is the page's.
let before = Promise.resolve();
export function openPage(...args) {
	const page = before.then(() => makePage(...args));
	before = page.catch(() => {});
	return page;
}

async function makePage(url, name, options = {}) {
	const keeper = offline({ name });
	const page = {
		keeper, lock: asked, isDead: false, isDeaf: false, lost: [], errors: [],
		/** No acknowledgement comes through any more. */
		deafen() { page.isDeaf = true; },
		/** `abort`: what is being written at this moment is not. */
		kill(abort = false) {
			page.isDead = true;
			held.delete(page.lock);
			if (abort) for (const tx of writing) try { tx.abort(); } catch { /* it was about to end */ }
			void page.client.connection.socket.close();
		},
	};
	class Wire extends WebSocket {
		emit(event, ...args) { return (page.isDead || page.isDeaf) && event === 'message' ? false : super.emit(event, ...args); }
		send(...args) { if (!page.isDead) super.send(...args); }
	}
	const writing = new Set();
	await keeper.lost();
	const db = opened.at(-1);
	const { transaction } = db;
	db.transaction = function (...args) {
		if (page.isDead) throw new Error('the page is gone');
		const tx = transaction.apply(this, args);
		writing.add(tx);
		for (const end of ['complete', 'abort']) tx.addEventListener(end, () => writing.delete(tx));
		return tx;
	};
	page.client = connect(url, { WebSocket: Wire, types: Object.values(types), minDelay: 20, maxDelay: 100, offline: keeper, ...options });
	page.client.on('error', (error) => page.errors.push(error));
	page.client.on('lost', (lost) => page.lost.push(lost));
	return page;
}

/** What is on the disk, of all pages. */
export async function records(name, store = 'docs') {
	const db = await new Promise((done, fail) => {
		const request = open.call(indexedDB, `otd:${name}`);
		request.onsuccess = () => done(request.result);
		request.onerror = () => fail(request.error);
	});
	const all = await new Promise((done) => {
		const request = db.transaction(store).objectStore(store).getAll();
		request.onsuccess = () => done(request.result);
	});
	db.close();
	return all;
}

export const until = async (holds) => { while (!await holds()) await new Promise((done) => setTimeout(done, 10)); };
