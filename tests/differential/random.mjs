// Chance from a seed: the same (seed, i) gives the same case, on any machine.

export class Random {
	// Mixed so that neighbouring seeds and cases have nothing in common.
	constructor(seed, i) {
		this.a = (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(i + 1, 0xc2b2ae35)) >>> 0;
		for (let k = 0; k < 4; k++) this.next();
	}

	// mulberry32; in [0, 1).
	next() {
		this.a = (this.a + 0x6d2b79f5) >>> 0;
		let t = this.a;
		t = Math.imul(t ^ t >>> 15, t | 1);
		t ^= t + Math.imul(t ^ t >>> 7, t | 61);
		return ((t ^ t >>> 14) >>> 0) / 0x100000000;
	}

	int(n) { return Math.floor(this.next() * n); }			// 0 .. n-1
	chance(p) { return this.next() < p; }
	pick(list) { return list[this.int(list.length)]; }

	// weights: [[weight, value], ...]
	weighted(weights) {
		let x = this.next() * weights.reduce((sum, [w]) => sum + w, 0);
		for (const [w, value] of weights) if ((x -= w) < 0) return value;
		return weights[weights.length - 1][1];
	}
}

// What a type can be asked, with weights: by the tier, or both in one.
export const functions = (first, second) => ({ first, second, both: [...first, ...second] });

const ALPHABETS = [
	[...'abc'],
	[...'abcdefghijklmnopqrstuvwxyz 0123456789'],
	['é', 'ß', 'Ω', '中', '\uffff', '\ue000', 'a'],
	['😀', '😁', '𝒳', '\u{10ffff}', '\u{10000}', 'x'],
	['\0', '\n', '"', '\\', '\u007f', '\u2028', '/', '\t'],
];
const HALVES = ['\ud83d', '\ude00', '\udbff', '\udfff'];

// Text of up to max characters; halves: lone surrogates may occur.
export function text(r, max, halves) {
	const alphabet = r.pick(ALPHABETS);
	let s = '';
	for (let n = r.int(max + 1); n > 0; n--) {
		s += halves && r.chance(0.04) ? r.pick(HALVES) : r.chance(0.1) ? r.pick(r.pick(ALPHABETS)) : r.pick(alphabet);
	}
	return s;
}

const ODD = [null, true, false, 0, 1, 2, -1, 1.5, '', '0', 'a', 'p', [], {}, [0], { d: 1 }, { p: [0] }, -0, 7, 1e21];

function children(node, found, parent, key) {
	if (parent) found.push([parent, key]);
	if (node && typeof node === 'object') for (const k of Object.keys(node)) children(node[k], found, node, k);
	return found;
}

// Break something somewhere inside value, which is changed; returns it.
export function damage(r, value) {
	const found = children(value, []);
	if (!found.length) return r.pick(ODD);
	const [parent, key] = r.pick(found);
	const copy = (v) => (v === undefined ? v : JSON.parse(JSON.stringify(v)));
	switch (r.int(5)) {
	case 0:
		if (Array.isArray(parent)) parent.splice(key, 1);
		else delete parent[key];
		break;
	case 1:
		parent[key] = copy(r.pick(ODD));
		break;
	case 2: {	// another type
		const v = parent[key];
		parent[key] = typeof v === 'number' ? String(v) : typeof v === 'string' ? v.length : [v];
		break;
	}
	case 3:
		if (Array.isArray(parent)) parent.splice(key, 0, copy(parent[key]));
		else parent[r.pick(['x', 'd', 'i', 'p', 'na', 'li', 'od', 't', 'o', 'si', 'lm'])] = copy(parent[key]);
		break;
	default: {	// something from elsewhere
		const [from, name] = r.pick(found);
		parent[key] = copy(from[name]);
	}
	}
	return value;
}
