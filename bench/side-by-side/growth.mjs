// The plots of how cost grows: which rows are the points, and which figure is the height.
import { rows } from './scenarios.mjs';
import { systems } from './systems.mjs';
import { plot } from './plot.mjs';

const COLORS = { otd: '#0b62c4', 'otd-queries': '#6aa9e9', sharedb: '#d1410c', 'sharedb-memory': '#e8a33d', hocuspocus: '#3f8f3f' };

export const plots = [
	{ name: 'size', title: 'One writer, acknowledgement against the size of the text', x: 'characters', y: 'p50, ms', figure: 'ack50' },
	{ name: 'history', title: 'Opening a document cold, against its history', x: 'ops', y: 'p50, ms', figure: 'open50' },
	{ name: 'readers', title: 'A delivery, against readers', x: 'readers', y: 'server CPU, µs', figure: 'cpuPerDelivery' },
	{ name: 'documents', title: 'An op, against documents in the database', x: 'documents', y: 'p50, ms', figure: 'ack50' },
	{ name: 'connections', title: 'Ops a second, against connections that write', x: 'connections', y: 'ops/s', figure: 'ops' },
	{ name: 'idle', title: 'Memory of an idle connection with its document', x: 'connections', y: 'bytes', figure: 'bytesPerConnection' },
];

/** {name, svg} of each plot that the results have at least two points for. */
export function drawn(results) {
	return plots.map(({ name, figure, ...rest }) => {
		const points = rows.filter((row) => row.plot === name);
		const series = Object.entries(systems).map(([system, { title }]) => ({ name: title, color: COLORS[system],
			points: points.map((row) => [row.x, results.get(row.name, system, figure)]).filter(([, y]) => y > 0) }))
			.filter((s) => s.points.length > 1);
		return { name, title: rest.title, svg: plot({ ...rest, series }) };
	}).filter(({ svg }) => svg);
}
