/*
 * What clients said and what they were told, written down where it crosses the socket.  An edit has a name: who sent it
 * (src) and its number there (seq).  A REST writer may give it a key instead; then the answer tells which version it is.
 */
export class Book {
	#documents = new Map();
	counts = { sent: 0, again: 0, acknowledged: 0, refused: 0, unsure: 0, keyed: 0 };
	codes = new Map();		// of refusals: how often

	of(document) {
		let page = this.#documents.get(document);
		if (!page) this.#documents.set(document, page = { sent: new Map(), acknowledged: new Map(), refused: new Map(),
			told: new Map(), keyed: new Map(), contradictions: [] });
		return page;
	}

	get documents() { return [...this.#documents.keys()]; }

	// edit: {v, op | create | del}; kept as text, since clients go on to change theirs.
	sent(document, src, seq, { v, op, create, del }) {
		const { sent } = this.of(document);
		const name = nameOf(src, seq);
		const text = JSON.stringify({ v, op, create, del });
		const before = sent.get(name);
		if (!before) {
			sent.set(name, { times: 1, texts: [text] });
			this.counts.sent++;
		} else {
			this.counts.again++;
			before.times++;
			if (!before.texts.includes(text)) before.texts.push(text);
		}
	}

	// Its author hears that it is in, and which version it was applied to.
	acknowledged(document, src, seq, v) {
		const { acknowledged } = this.of(document);
		if (!acknowledged.has(nameOf(src, seq))) this.counts.acknowledged++;
		this.#hear(document, acknowledged, src, seq, v);
	}

	// A reader hears of it.
	told(document, src, seq, v) { this.#hear(document, this.of(document).told, src, seq, v); }

	#hear(document, heard, src, seq, v) {
		const name = nameOf(src, seq);
		const before = heard.get(name);
		if (before !== undefined && before !== v)
			this.of(document).contradictions.push(`${name} was said to be ${before}, and to be ${v}`);
		heard.set(name, v);
	}

	/*
	 * isUnsure: the server said that it does not know whether it is stored.  Nor does a server that refuses what was sent
	 * before, when the answer to that was never heard: another one may be storing it.
	 */
	refused(document, src, seq, { code, isUnsure = false }) {
		const { sent, refused } = this.of(document);
		const name = nameOf(src, seq);
		this.note(code);
		if (isUnsure || sent.get(name).times > 1) {
			this.counts.unsure++;
		} else {
			this.counts.refused++;
			refused.set(name, code);
		}
	}

	note(code) { this.codes.set(code, (this.codes.get(code) ?? 0) + 1); }

	/*
	 * The answer to a write with a key: it is version v, and was op when the document was at base.  An answer that was made
	 * again, since the first was not kept, tells the version alone.
	 */
	keyed(document, key, { v, base, op, create }) {
		const { keyed, contradictions } = this.of(document);
		const before = keyed.get(v);
		if (before && before.key !== key) contradictions.push(`${before.key} and ${key} are both version ${v}`);
		if (!before) this.counts.keyed++;
		const texts = op || create ? [JSON.stringify({ v: base, op, create })] : before?.texts ?? [];
		keyed.set(v, { key, texts });
	}
}

export const nameOf = (src, seq) => `${src}/${seq}`;
