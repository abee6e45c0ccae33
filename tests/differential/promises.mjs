// What operational transformation promises, counted on the references and on ot-tool: a scene is a document, two
// concurrent ops a and b on it, an op c after a, and a cursor.  Both sides must keep and break the same promises in the
// same scenes; some types break some (README.md).
//
//	diamond		a then b', and b then a', end alike
//	compose		a then c, and both composed, end alike
//	invert		a and then its inverse lead back
//	identity	nothing changes an op, before, after or beside it, nor is nothing changed
//	cursor stays	nothing does not move a cursor
//	cursor within	a cursor stays in the document
//	cursor composed	moved by a and by c, and by both composed, it is at one place
import { equal, types } from './compare.mjs';
import { Random } from './random.mjs';
import { Tool } from './tool.mjs';

const BATCH = 500;	// scenes that are asked about at once
const SALT = 0x5ce9e;	// other chance than that of cases

const NOTHING = { json1: null };
const nothing = (type) => (Object.hasOwn(NOTHING, type) ? NOTHING[type] : []);

class Refused extends Error {}

// ---- both sides: ask(fn, ...args) gives the result or throws Refused ----

const json = (v) => (v === undefined ? undefined : JSON.parse(JSON.stringify(v)));

// isStrict: the strict rules take all that was asked, so another side may refuse none of it.
class Reference {
	constructor(type) {
		this.type = type;
		this.isStrict = true;
	}

	async ask(fn, ...args) {
		let answer;
		try {
			answer = types[this.type].reference(fn, args.map(json));
		} catch (error) {
			throw new Refused(error?.message);
		}
		if (answer.skip || !answer.core) this.isStrict = false;
		if (answer.skip) throw new Refused('it would take for ever');
		return json(answer.result);
	}
}

class Asker {
	constructor(type, tool) {
		this.type = type;
		this.tool = tool;
	}

	async ask(fn, ...args) {
		const undef = args.flatMap((v, k) => (v === undefined ? [k] : []));
		const answer = await this.tool.one(JSON.stringify({
			type: this.type, fn, args: args.map((v) => (v === undefined ? null : v)), ...(undef.length ? { undef } : {}),
		}));
		let said;
		try {
			said = JSON.parse(answer);
		} catch {
			throw new Refused('no JSON');
		}
		if (said.error) throw new Refused(said.error);
		return said.undef ? undefined : said.ok;
	}
}

// Many ask at once; each is answered in its turn.
class Shared {
	constructor(file) {
		this.tool = new Tool(file);
		this.lines = [];
		this.waiting = [];
	}

	one(line) {
		return new Promise((done, fail) => {
			this.lines.push(line);
			this.waiting.push({ done, fail });
			if (!this.busy) this.busy = this.work();
		});
	}

	async work() {
		await null;	// until all who can have asked
		while (this.lines.length) {
			const lines = this.lines.splice(0);
			const waiting = this.waiting.splice(0);
			const answers = await this.tool.ask(lines);
			waiting.forEach(({ done, fail }, k) => (answers[k] === undefined ? fail(new Refused(`the tool ended: ${this.tool.ended}`)) : done(answers[k])));
			await new Promise(setImmediate);
		}
		this.busy = null;
	}
}

// ---- the promises ----

const lengths = {
	text0: (doc) => doc.length, text: (doc) => doc.length, 'text-unicode': (doc) => [...doc].length,
	'rich-text': (doc) => doc.ops.reduce((n, { insert }) => n + (typeof insert === 'string' ? insert.length : 1), 0),
};
const noCursor = (type) => type === 'json0';
const side = { text0: 'left', json1: undefined };

const transform = (side_, type, a, b, way) => side_.ask('transform', a, b, way, ...(type === 'json1' ? ['auto'] : []));
const move = (side_, type, cursor, op) => side_.ask('transformCursor', cursor, op, ...(type === 'json1' ? [] : [side[type] ?? false]));
const undefinedEqual = (a, b) => (a === undefined || b === undefined ? a === b : equal(a, b));

const inverses = {
	text0: [(s, { a }) => s.ask('invert', a)],
	json0: [(s, { a }) => s.ask('invert', a)],
	'text-unicode': [async (s, { a, doc }) => s.ask('invert', await s.ask('makeInvertible', a, doc)), (s, { a, doc }) => s.ask('invertWithDoc', a, doc)],
	json1: [async (s, { a, doc }) => s.ask('invert', await s.ask('makeInvertible', a, doc)), (s, { a, doc }) => s.ask('invertWithDoc', a, doc)],
	'rich-text': [(s, { a, doc }) => s.ask('invertWithDoc', a, doc)],
};

// {fits: what must be possible for the promise to mean something, or Refused; holds: whether it is kept, given that}
export const promises = {
	diamond: {
		fits: (s, type, { doc, a, b }) => Promise.all([s.ask('apply', doc, a), s.ask('apply', doc, b)]),
		async holds(s, type, { a, b }, [afterA, afterB]) {
			const [a2, b2] = await Promise.all([transform(s, type, a, b, 'left'), transform(s, type, b, a, 'right')]);
			const [x, y] = await Promise.all([s.ask('apply', afterA, b2), s.ask('apply', afterB, a2)]);
			return undefinedEqual(x, y);
		},
	},
	compose: {
		fits: async (s, type, { doc, a, c }) => s.ask('apply', await s.ask('apply', doc, a), c),
		holds: async (s, type, { doc, a, c }, end) => undefinedEqual(end, await s.ask('apply', doc, await s.ask('compose', a, c))),
	},
	invert: {
		lacks: (type) => !Object.hasOwn(inverses, type),
		fits: (s, type, { doc, a }) => s.ask('apply', doc, a),
		async holds(s, type, scene, after) {
			for (const inverse of inverses[type]) {
				if (!undefinedEqual(scene.doc, await s.ask('apply', after, await inverse(s, scene)))) return false;
			}
			return true;
		},
	},
	identity: {
		fits: (s, type, { doc, a }) => s.ask('apply', doc, a),
		async holds(s, type, { doc, a }, after) {
			const none = nothing(type);
			const alike = await Promise.all(['left', 'right'].flatMap((way) => [transform(s, type, a, none, way)])
				.concat(s.ask('compose', a, none), s.ask('compose', none, a)));
			for (const op of alike) if (!undefinedEqual(after, await s.ask('apply', doc, op))) return false;
			for (const way of ['left', 'right']) {
				if (!undefinedEqual(after, await s.ask('apply', after, await transform(s, type, none, a, way)))) return false;
			}
			return true;
		},
	},
	'cursor stays': {
		lacks: noCursor,
		fits: async () => null,
		holds: async (s, type, { cursor }) => undefinedEqual(cursor, await move(s, type, cursor, nothing(type))),
	},
	'cursor within': {
		lacks: (type) => !Object.hasOwn(lengths, type),
		fits: (s, type, { doc, a }) => s.ask('apply', doc, a),
		async holds(s, type, { a, cursor }, after) {
			const there = await move(s, type, cursor, a);
			return there >= 0 && there <= lengths[type](after);
		},
	},
	'cursor composed': {
		lacks: noCursor,
		fits: async (s, type, { doc, a, c }) => s.ask('apply', await s.ask('apply', doc, a), c),
		async holds(s, type, { a, c, cursor }) {
			const halfway = await move(s, type, cursor, a);
			const there = halfway === null ? null : await move(s, type, halfway, c);
			return undefinedEqual(there, await move(s, type, cursor, await s.ask('compose', a, c)));
		},
	},
};

// 'kept', 'broken', or 'none' when the ops do not fit.  Of a tool anything may come, a document that is none too.
async function verdict(promise, s, type, scene) {
	let outcome = 'none';
	try {
		const given = await promise.fits(s, type, scene);
		outcome = 'broken';
		return await promise.holds(s, type, scene, given) ? 'kept' : 'broken';
	} catch (error) {
		if (error instanceof Refused || s instanceof Asker) return outcome;
		throw error;
	}
}

export const makeScene = (type, seed, i) => json(types[type].makeScene(new Random(seed ^ SALT, i)));

// Scene i: for each promise {name, reference, tool, kind}.
async function look(type, seed, i, shared) {
	const scene = makeScene(type, seed, i);
	return Promise.all(Object.entries(promises).filter(([, promise]) => !promise.lacks?.(type)).map(async ([name, promise]) => {
		const reference = new Reference(type);
		const [wanted, got] = await Promise.all([verdict(promise, reference, type, scene), verdict(promise, new Asker(type, shared), type, scene)]);
		const kind = !reference.isStrict ? 'lenient' : scene.inContract ? 'contract' : 'outside';
		// What the strict rules refuse is no promise kept, or none at all.
		return { i, name, kind, wanted, got, isEqual: wanted === got || (kind === 'lenient' && got !== 'kept') };
	}));
}

// {rows: {promise: {kind: {scenes, reference, tool}}}, unequal: [{i, name, wanted, got}], ended}
// reference and tool: how many scenes break the promise there.
export async function count({ type, n, seed, first = 0, file }) {
	const shared = new Shared(file);
	const rows = {};
	const unequal = [];
	try {
		for (let i = first; i < first + n; i += BATCH) {
			const size = Math.min(BATCH, first + n - i);
			const batch = await Promise.all(Array.from({ length: size }, (_, k) => look(type, seed, i + k, shared)));
			for (const one of batch.flat()) {
				const row = (rows[one.name] ??= {})[one.kind] ??= { scenes: 0, reference: 0, tool: 0 };
				if (!one.isEqual) unequal.push(one);
				if (one.wanted === 'none' && one.got === 'none') continue;
				row.scenes++;
				if (one.wanted === 'broken') row.reference++;
				if (one.got === 'broken') row.tool++;
			}
		}
	} finally {
		await shared.tool.close();
	}
	return { rows, unequal, ended: shared.tool.ended };
}
