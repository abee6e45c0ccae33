/*
 * The checker.  It is given what the server says of each document, a log that only grows, and holds it against the book,
 * by the reference types:
 *
 *	gap		versions follow each other from 0
 *	doubled		an edit's name is there once
 *	unsent		somebody sent it
 *	refused		it was not refused
 *	altered		it does what its author meant: one of the edits sent under that name, transformed over what came
 *			between, has the same effect
 *	lost		what was acknowledged, or told to a reader, is there
 *	moved		as the version that was said
 *	contradicted	nothing was answered in two ways
 *	rewritten	what was there before is there still, the same
 *	differs		whoever shows the document shows what the log makes of it
 *	stale		and at the log's end
 *
 * It knows neither servers nor clocks.
 */
import { isDeepStrictEqual } from 'node:util';
import { types as byName } from '../interop/types.mjs';
import { nameOf } from './book.mjs';

const byUri = new Map(Object.values(byName).map((type) => [type.uri, type]));

// As it goes over the wire: some types keep objects of their own classes.
const plain = (data) => (data === undefined ? undefined : JSON.parse(JSON.stringify(data)));
const same = (a, b) => isDeepStrictEqual(plain(a), plain(b));

export class Audit {
	#documents = new Map();
	violations = [];		// {kind, document, detail}
	counts = { operations: 0, recomputed: 0, views: 0 };

	constructor(book) { this.book = book; }

	#found(kind, document, detail) { this.violations.push({ kind, document, detail }); }

	of(document) {
		let state = this.#documents.get(document);
		if (!state) this.#documents.set(document,
			state = { log: [], names: new Map(), type: null, data: undefined, isBroken: false });
		return state;
	}

	get documents() { return [...this.#documents.keys()]; }
	version(document) { return this.of(document).log.length; }

	// More of a document's log, from the version where it ended, or earlier: then the same again.
	extend(document, ops, from = this.version(document)) {
		const state = this.of(document);
		if (state.isBroken) return;
		for (const [i, op] of ops.entries()) {
			if (op.v !== from + i || op.v > state.log.length) {
				this.#break(state, 'gap', document, `version ${op.v} where ${from + i} is next`);
				return;
			}
			if (op.v < state.log.length) {
				if (!isDeepStrictEqual(bare(op), bare(state.log[op.v])))
					this.#found('rewritten', document, `version ${op.v} was ${show(state.log[op.v])} and is ${show(op)}`);
				continue;
			}
			this.#append(state, document, op);
			if (state.isBroken) return;
		}
	}

	// After this nothing can be said of the document: one complaint is enough.
	#break(state, kind, document, detail) {
		state.isBroken = true;
		this.#found(kind, document, detail);
	}

	#append(state, document, op) {
		const page = this.book.of(document);
		const name = nameOf(op.src, op.seq);
		this.counts.operations++;
		if (state.names.has(name))
			this.#found('doubled', document, `${name} is version ${state.names.get(name)} and ${op.v}`);
		state.names.set(name, op.v);
		const claim = page.sent.get(name) ?? page.keyed.get(op.v);
		if (!claim) this.#found('unsent', document, `version ${op.v}, ${name}: ${show(op)}`);
		if (page.refused.has(name) && !page.acknowledged.has(name))
			this.#found('refused', document, `version ${op.v}, ${name}, was refused (${page.refused.get(name)})`);
		try {
			const after = effect(state, op);
			if (claim?.texts.length && !claim.texts.some((text) => this.#means(state, JSON.parse(text), op, after)))
				this.#found('altered', document,
					`version ${op.v}, ${name}, is ${show(op)}, was sent as ${claim.texts.join(' or ')}`);
			Object.assign(state, after);
			state.log.push(op);
		} catch (error) {
			this.#break(state, 'unreadable', document, `version ${op.v}, ${name}, ${show(op)}: ${error.message}`);
		}
	}

	// Does the edit, as it was sent, come to this in its place in the log?
	#means(state, edit, op, after) {
		if (op.create) return edit.create !== undefined && same(after, effect(state, edit));
		if (op.del) return edit.del === true;
		if (edit.op === undefined && op.op === undefined) return true;
		if (edit.op === undefined || edit.v > op.v) return false;
		this.counts.recomputed++;
		let { op: meant } = edit;
		try {
			for (const between of state.log.slice(edit.v, op.v)) {
				if (between.create || between.del) return false;
				if (between.op !== undefined) meant = state.type.transform(meant, structuredClone(between.op), 'left');
			}
			return same(after.data, effect(state, { op: meant }).data);
		} catch {
			return false;
		}
	}

	// When nothing is under way: all that was acknowledged is in the log.
	settle() {
		for (const document of this.book.documents) {
			const { sent, acknowledged, told, keyed, contradictions } = this.book.of(document);
			const { names, log, isBroken } = this.of(document);
			for (const what of contradictions.splice(0)) this.#found('contradicted', document, what);
			if (isBroken) continue;
			for (const [how, heard] of [['acknowledged', acknowledged], ['told to a reader', told]])
				for (const [name, v] of heard)
					if (!names.has(name)) this.#found('lost', document, `${name} was ${how} as version ${v}`);
					else if (names.get(name) !== v)
						this.#found('moved', document, `${name} was ${how} as version ${v} and is ${names.get(name)}`);
			for (const [v, { key }] of keyed)
				if (v >= log.length || sent.has(nameOf(log[v].src, log[v].seq)))
					this.#found('lost', document, `${key} was answered as version ${v}`);
		}
	}

	// Whoever shows a document: {v, type, data}; of a deleted one no type.  who: for the complaint.
	view(document, who, { v, type, data }) {
		const state = this.of(document);
		this.counts.views++;
		if (state.isBroken) return;
		if (v !== state.log.length) this.#found('stale', document, `${who} is at ${v}, the log at ${state.log.length}`);
		else if ((type ?? null) !== (state.type?.uri ?? null))
			this.#found('differs', document, `${who} says it is of type ${type}, and it is of ${state.type?.uri}`);
		else if (!same(data, state.data))
			this.#found('differs', document, `${who} shows ${show(data)}, the log makes ${show(state.data)}`);
	}

	// The database itself, asked without otd: how many operations, how many names, the last version.
	stored(document, { v, ops, names, last }) {
		const { log, isBroken } = this.of(document);
		this.counts.views++;
		if (isBroken) return;
		if (v !== log.length || ops !== v || last !== v - 1)
			this.#found('gap', document, `the log has ${log.length} operations, the database ${ops}, the last one ${last}, of ${v}`);
		if (names !== ops) this.#found('doubled', document, `${ops} operations in the database have ${names} names`);
	}

	// What others than the log found.
	complain(kind, detail) { this.#found(kind, '', detail); }
}

// {type, data} after an operation.
function effect({ type, data }, { op, create, del }) {
	if (create) {
		const made = byUri.get(create.type) ?? byName[create.type];
		return { type: made, data: made.create(create.data) };
	}
	if (del) return { type: null, data: undefined };
	if (op === undefined) return { type, data };
	// json0 changes what it is given.
	return { type, data: type.apply(type === byName.json0 ? structuredClone(data) : data, structuredClone(op)) };
}

const bare = ({ v, src, seq, op, create, del }) => plain({ v, src, seq, op, create, del });

function show(what) {
	const text = JSON.stringify(what) ?? 'nothing';
	return text.length > 300 ? `${text.slice(0, 300)}...` : text;
}
