// A line plot as SVG: both axes logarithmic, a line a series, its name at its end.
const WIDTH = 760, HEIGHT = 420;
const LEFT = 78, RIGHT = 150, TOP = 44, BOTTOM = 56;
const INK = '#333', GRID = '#ddd';

const escape = (text) => String(text).replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);

/** 1200 as "1.2k". */
export function short(n) {
	for (const [size, suffix] of [[1e9, 'G'], [1e6, 'M'], [1e3, 'k']]) if (n >= size) return `${Number((n / size).toPrecision(3))}${suffix}`;
	return String(Number(n.toPrecision(3)));
}

// The powers of ten that hold all values, as exponents.
function decades(values) {
	const low = Math.floor(Math.log10(Math.min(...values)) + 1e-9), high = Math.ceil(Math.log10(Math.max(...values)) - 1e-9);
	return [low, Math.max(high, low + 1)];
}

function axis(values, from, to) {
	const [low, high] = decades(values);
	return {
		at: (value) => from + (Math.log10(value) - low) / (high - low) * (to - from),
		ticks: [...Array(high - low + 1).keys()].map((i) => 10 ** (low + i)),
	};
}

const text = (x, y, said, { anchor = 'middle', color = INK, size = 12, more = '' } = {}) =>
	`<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="${color}" font-size="${size}"${more}>${escape(said)}</text>`;

const line = (x1, y1, x2, y2, color) =>
	`<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" stroke="${color}"/>`;

// Names at the ends of lines, moved apart where they would cover each other.
function names(series, x, y) {
	const ends = series.map(({ name, color, points }) => ({ name, color, x: x.at(points.at(-1)[0]), y: y.at(points.at(-1)[1]) }))
		.sort((a, b) => a.y - b.y);
	for (let i = 1; i < ends.length; i++) ends[i].y = Math.max(ends[i].y, ends[i - 1].y + 15);
	return ends.map((end) => text(WIDTH - RIGHT + 10, end.y + 4, end.name, { anchor: 'start', color: end.color }));
}

/** series: [{name, color, points: [[x, y], ...]}], of numbers over zero; "" when there is nothing to draw. */
export function plot({ title, x: xLabel, y: yLabel, series }) {
	const drawn = series.map((s) => ({ ...s, points: s.points.filter(([a, b]) => a > 0 && b > 0).sort(([a], [b]) => a - b) }))
		.filter((s) => s.points.length);
	if (!drawn.length) return '';
	const all = drawn.flatMap((s) => s.points);
	const x = axis(all.map(([a]) => a), LEFT, WIDTH - RIGHT), y = axis(all.map(([, b]) => b), HEIGHT - BOTTOM, TOP);
	const parts = [text(WIDTH / 2, 24, title, { size: 15 }),
		text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, xLabel),
		text(20, HEIGHT / 2, yLabel, { more: ` transform="rotate(-90 20 ${HEIGHT / 2})"` })];
	for (const tick of x.ticks) parts.push(line(x.at(tick), TOP, x.at(tick), HEIGHT - BOTTOM, GRID), text(x.at(tick), HEIGHT - BOTTOM + 18, short(tick)));
	for (const tick of y.ticks) parts.push(line(LEFT, y.at(tick), WIDTH - RIGHT, y.at(tick), GRID), text(LEFT - 8, y.at(tick) + 4, short(tick), { anchor: 'end' }));
	for (const { color, points } of drawn) {
		const at = points.map(([a, b]) => [x.at(a).toFixed(1), y.at(b).toFixed(1)]);
		parts.push(`<polyline points="${at.map((p) => p.join(',')).join(' ')}" fill="none" stroke="${color}" stroke-width="2"/>`);
		for (const [cx, cy] of at) parts.push(`<circle cx="${cx}" cy="${cy}" r="3.5" fill="${color}"/>`);
	}
	parts.push(...names(drawn, x, y));
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif">\n` +
		`<rect width="100%" height="100%" fill="#fff"/>\n${parts.join('\n')}\n</svg>\n`;
}
