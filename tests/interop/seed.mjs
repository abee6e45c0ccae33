// A small seeded generator of numbers in [0, 1): splitmix32 over a hash of the
// seed, so that any string may be one.
export default function generator(seed) {
	let state = 0x811c9dc5;
	for (const char of String(seed)) state = Math.imul(state ^ char.codePointAt(0), 0x01000193) >>> 0;
	return () => {
		state = (state + 0x9e3779b9) >>> 0;
		let mixed = state;
		mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
		mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
		return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
	};
}
