// The checker finds what is planted, and nothing in what is honest.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Audit } from './audit.mjs';
import { Book } from './book.mjs';
import { types } from '../interop/types.mjs';

const DOCUMENT = 'hot text';
const { uri } = types.text;

/*
 * Ann creates a text, she and Ben edit it at the same time, a service edits it with a key, Ben deletes it and Ann makes
 * it anew.
 */
function story() {
	const book = new Book();
	const log = [];
	const say = (src, seq, edit, stored = edit) => {
		book.sent(DOCUMENT, src, seq, edit);
		log.push({ src, seq, ...stored, v: log.length });
		book.acknowledged(DOCUMENT, src, seq, log.length - 1);
		book.told(DOCUMENT, src, seq, log.length - 1);
	};
	say('ann', 1, { v: 0, create: { type: uri, data: 'start' } });
	say('ann', 2, { v: 1, op: ['one '] });
	say('ben', 1, { v: 1, op: [5, ' two'] }, { op: [9, ' two'] });
	book.keyed(DOCUMENT, 'key 1', { v: 3, base: 2, op: [{ d: 4 }] });
	log.push({ v: 3, src: 'made of the key', seq: 1, op: [{ d: 4 }] });
	say('ben', 2, { v: 4, del: true });
	say('ann', 3, { v: 5, create: { type: uri, data: 'again' } });
	say('ben', 3, { v: 6, op: [5, '!'] });
	return { book, log, head: { v: log.length, type: uri, data: 'again!' },
		stored: { v: log.length, ops: log.length, names: log.length, last: log.length - 1 } };
}

// The kinds of what the audit finds in a story.
function audited({ book, log, head, stored }, more = () => {}) {
	const audit = new Audit(book);
	audit.extend(DOCUMENT, structuredClone(log));
	audit.stored(DOCUMENT, stored);
	audit.settle();
	audit.view(DOCUMENT, 'a reader', head);
	more(audit);
	return audit.violations.map(({ kind }) => kind);
}

// The log and the database lose their last operation, and everybody believes it.
function forget(told) {
	told.log.pop();
	told.stored = { v: 6, ops: 6, names: 6, last: 5 };
	told.head = { v: 6, type: uri, data: 'again' };
}

const plants = {
	'an acknowledged edit is lost': [forget, ['lost', 'lost']],
	'an edit that only readers were told of is lost': [(told) => {
		told.book.of(DOCUMENT).acknowledged.delete('ben/3');
		forget(told);
	}, ['lost']],
	'the answer to a key is lost': [(told) => {
		told.book.keyed(DOCUMENT, 'key 2', { v: 7, base: 7, op: ['x'] });
	}, ['lost']],
	'the answer to a key names the version of another': [(told) => {
		told.book.keyed(DOCUMENT, 'key 2', { v: 6, base: 6, op: [5, '!'] });
	}, ['lost']],
	'two keys are the same version': [(told) => {
		told.book.keyed(DOCUMENT, 'key 2', { v: 3, base: 2, op: [{ d: 4 }] });
	}, ['contradicted']],
	'an edit is there twice': [(told) => {
		told.log.push({ ...told.log[6], v: 7 });
		told.stored = { v: 8, ops: 8, names: 7, last: 7 };
		told.head = { v: 8, type: uri, data: 'again!!' };
	}, ['doubled', 'doubled', 'moved', 'moved']],
	'an edit is missing in between': [(told) => { told.log.splice(2, 1); }, ['gap']],
	'the log ends before the database does': [(told) => {
		told.stored = { v: 8, ops: 8, names: 8, last: 7 };
	}, ['gap']],
	'the database has fewer operations than versions': [(told) => { told.stored.ops = told.stored.names = 6; }, ['gap']],
	'nobody sent it': [(told) => {
		told.log.push({ v: 7, src: 'eve', seq: 1, op: ['?'] });
		told.stored = { v: 8, ops: 8, names: 8, last: 7 };
		told.head = { v: 8, type: uri, data: '?again!' };
	}, ['unsent']],
	'it was refused': [(told) => {
		told.book.sent(DOCUMENT, 'ann', 4, { v: 7, op: ['no '] });
		told.book.refused(DOCUMENT, 'ann', 4, { code: 'ERR' });
		told.log.push({ v: 7, src: 'ann', seq: 4, op: ['no '] });
		told.stored = { v: 8, ops: 8, names: 8, last: 7 };
		told.head = { v: 8, type: uri, data: 'no again!' };
	}, ['refused']],
	'an edit is not what was sent': [(told) => {
		told.log[6].op = [5, '?'];
		told.head.data = 'again?';
	}, ['altered']],
	'an edit was not carried over what came first': [(told) => { told.log[2].op = [5, ' two']; }, ['altered']],
	'a create has other content': [(told) => {
		told.log[5].create.data = 'AGAIN';
		told.head.data = 'AGAIN!';
	}, ['altered']],
	'a delete is stored as something else': [(told) => {
		delete told.log[4].del;
		told.log[4].op = [];
	}, ['altered']],
	'an edit that cannot be applied': [(told) => { told.log[1].op = [99, 'x']; }, ['unreadable']],
	'an edit was acknowledged as another version': [(told) => {
		told.book.of(DOCUMENT).acknowledged.set('ben/3', 5);
	}, ['moved']],
	'an edit was acknowledged as two versions': [(told) => {
		told.book.acknowledged(DOCUMENT, 'ben', 3, 5);
	}, ['contradicted', 'moved']],
	'a reader is behind': [(told) => { told.head = { v: 6, type: uri, data: 'again' }; }, ['stale']],
	'a reader is ahead': [(told) => { told.head.v = 8; }, ['stale']],
	'a reader shows something else': [(told) => { told.head.data = 'again'; }, ['differs']],
	'a reader has it as another type': [(told) => { told.head.type = types.json0.uri; }, ['differs']],
};

describe('the checker', () => {
	test('an honest story', () => assert.deepEqual(audited(story()), []));

	for (const [name, [plant, kinds]] of Object.entries(plants))
		test(name, () => {
			const told = story();
			plant(told);
			assert.deepEqual(audited(told).sort(), kinds.sort());
		});

	test('the log was another before', () => {
		const told = story();
		assert.deepEqual(audited(told, (audit) => audit.extend(DOCUMENT, told.log, 0)), []);
		const changed = structuredClone(told.log);
		changed[2].op = [9, ' TWO'];
		assert.deepEqual(audited(told, (audit) => audit.extend(DOCUMENT, changed, 0)), ['rewritten']);
	});

	test('the log in parts', () => {
		const { book, log, head } = story();
		const audit = new Audit(book);
		for (const [from, to] of [[0, 2], [2, 2], [2, 5], [5, 7]]) audit.extend(DOCUMENT, log.slice(from, to));
		audit.settle();
		audit.view(DOCUMENT, 'a reader', head);
		assert.deepEqual(audit.violations, []);
	});

	// Another server than the one that refuses may be storing it.
	test('who refuses what was sent before does not know', () => {
		const told = story();
		told.book.sent(DOCUMENT, 'ben', 3, { v: 6, op: [5, '!'] });
		told.book.of(DOCUMENT).acknowledged.delete('ben/3');
		told.book.refused(DOCUMENT, 'ben', 3, { code: 'ERR' });
		assert.deepEqual(audited(told), []);
		assert.equal(told.book.counts.unsure, 1);
	});

	// The client carries what waits over what it hears, and sends it again so.
	test('an edit is sent again, carried over another', () => {
		const told = story();
		told.book.sent(DOCUMENT, 'ben', 1, { v: 2, op: [9, ' two'] });
		assert.deepEqual(audited(told), []);
		assert.equal(told.book.of(DOCUMENT).sent.get('ben/1').texts.length, 2);
	});

	for (const [name, type] of Object.entries(types))
		test(`a deleted document, ${name}`, () => {
			const book = new Book();
			const audit = new Audit(book);
			const create = { type: type.uri, data: name === 'rich-text' ? [] : name.startsWith('json') ? {} : '' };
			book.sent(DOCUMENT, 'ann', 1, { v: 0, create });
			book.sent(DOCUMENT, 'ann', 2, { v: 1, del: true });
			audit.extend(DOCUMENT, [{ v: 0, src: 'ann', seq: 1, create }, { v: 1, src: 'ann', seq: 2, del: true }]);
			audit.view(DOCUMENT, 'a reader', { v: 2 });
			assert.deepEqual(audit.violations, []);
		});
});
