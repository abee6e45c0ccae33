// What the offline test loads in a browser: a client that keeps, on a document
// that words are written at the end of.
import text from 'ot-text';
import richText from 'rich-text';
import { connect } from 'otd-client';
import { offline } from 'otd-client/offline';

const KINDS = {
	text: { create: '', type: 'text', write: (data, word) => [...(data ? [data.length] : []), `${word};`], read: (data) => data },
	json0: { create: { words: [] }, write: ({ words }, word) => [{ p: ['words', words.length], li: word }], read: ({ words }) => words.map((word) => `${word};`).join('') },
	'rich-text': {
		create: [{ insert: '\n' }], type: 'rich-text',
		write(data, word) {
			const length = data.ops.reduce((sum, { insert }) => sum + insert.length, 0) - 1;
			return { ops: [...(length ? [{ retain: length }] : []), { insert: `${word};` }] };
		},
		read: (data) => data.ops.map(({ insert }) => insert).join('').trim(),
	},
};

const asked = new URL(location.href).searchParams;
const kind = KINDS[asked.get('kind')];
const kept = offline({ name: asked.get('name') });
const client = connect(asked.get('server'), { types: [text.type, richText.type], minDelay: 20, maxDelay: 200, offline: kept });
const page = { client, kept, errors: [], lost: [], doc: null };
client.on('error', ({ code, message }) => page.errors.push({ code, message }));
client.on('lost', (lost) => page.lost.push(lost));

// Everything of this origin's databases, without otd-client's help.
const records = () => new Promise((done, fail) => {
	const request = indexedDB.open(`otd:${asked.get('name')}`);
	request.onerror = () => fail(request.error);
	request.onsuccess = () => {
		const db = request.result;
		try {
			const all = db.transaction('docs').objectStore('docs').getAll();
			all.onsuccess = () => { db.close(); done(all.result); };
		} catch (error) {
			fail(error);
		}
	};
});

window.page = Object.assign(page, {
	async open() { page.doc = await client.doc('browser', asked.get('id')).open({ create: kind.create, type: kind.type }); return page.read(); },
	write(word) { void page.doc.submit(kind.write(page.doc.data, word)); return page.read(); },
	read: () => kind.read(page.doc.data),
	state: () => ({ status: client.status, save: page.doc?.saveState, errors: page.errors, lost: page.lost.length }),
	hasOnDisk: async (word) => JSON.stringify(await records()).includes(`${word}`),
	pending: async () => (await records()).reduce((sum, { ops }) => sum + ops.length, 0),
});
