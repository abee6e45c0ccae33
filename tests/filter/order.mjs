// MongoDB's order of documents (manual, "Comparison/Sort Order"), written a
// second time: mingo sorts lists, objects and strings otherwise.
const KINDS = ['null', 'number', 'string', 'object', 'list', 'boolean'];
const kind = (v) => KINDS.indexOf(v === null || v === undefined ? 'null' : Array.isArray(v) ? 'list' : typeof v);

const sign = (x) => (x > 0) - (x < 0);

// Strings as our WTF-8 has them; Buffer writes lone surrogates as U+FFFD.
function bytes(s) {
	return [...s].flatMap((c) => {
		const cp = c.codePointAt(0);
		return cp >= 0xd800 && cp < 0xe000 ? [0xe0 | cp >> 12, 0x80 | cp >> 6 & 0x3f, 0x80 | cp & 0x3f] : [...Buffer.from(c)];
	});
}

function strings(a, b) {
	const x = bytes(a), y = bytes(b);
	for (let i = 0; i < x.length && i < y.length; i++) if (x[i] !== y[i]) return x[i] - y[i];
	return x.length - y.length;
}

export function values(a, b) {
	const c = kind(a) - kind(b);
	if (c !== 0) return c;
	switch (KINDS[kind(a)]) {
	case 'number': return sign(a - b);
	case 'string': return strings(a, b);
	case 'boolean': return Number(a) - Number(b);
	case 'list':
		for (let i = 0; i < a.length && i < b.length; i++) {
			const d = values(a[i], b[i]);
			if (d !== 0) return d;
		}
		return a.length - b.length;
	case 'object': {
		const x = Object.entries(a), y = Object.entries(b);
		for (let i = 0; i < x.length && i < y.length; i++) {
			const d = kind(x[i][1]) - kind(y[i][1]) || strings(x[i][0], y[i][0]) || values(x[i][1], y[i][1]);
			if (d !== 0) return d;
		}
		return x.length - y.length;
	}
	default: return 0;
	}
}

const EMPTY = Symbol('an empty list');		// before everything
const keys = (a, b) => a === EMPTY || b === EMPTY ? Number(b === EMPTY) - Number(a === EMPTY) : values(a, b);

// Everything that a path stands for.
function under(v, names) {
	if (Array.isArray(v)) {
		if (names.length === 0) return v.length ? v : [EMPTY];
		if (/^(0|[1-9]\d*)$/.test(names[0]) && Number(names[0]) < v.length) return under(v[Number(names[0])], names.slice(1));
		if (v.length === 0) return [null];
		return v.flatMap((item) => under(Array.isArray(item) ? undefined : item, names));
	}
	if (names.length === 0) return [v];
	const isObject = v !== null && typeof v === 'object';
	return under(isObject && Object.hasOwn(v, names[0]) ? v[names[0]] : undefined, names.slice(1));
}

// Documents {_id, ...} by a $sort, then by id.
export function documents(sort) {
	const paths = Object.entries(sort).map(([path, way]) => [path.split('.'), way]);
	return (a, b) => {
		for (const [names, way] of paths) {
			const best = (doc) => under(doc, names).reduce((x, y) => way * keys(y, x) < 0 ? y : x);
			const c = way * keys(best(a), best(b));
			if (c !== 0) return c;
		}
		return strings(a._id, b._id);
	};
}
