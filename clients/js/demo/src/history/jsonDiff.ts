import equal from 'fast-deep-equal';
import { textChanges } from './textDiff.ts';

export interface Component { p: Array<string | number>; [name: string]: unknown }
type Path = Component['p'];

const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/** What tells one line of a list from another: its id, or else all of it, counted. */
function namesOf(list: unknown[]): string[] {
	const seen = new Map<string, number>();
	return list.map((value) => {
		const name = isObject(value) && typeof value.id === 'string' ? `id ${value.id}` : JSON.stringify(value);
		const n = seen.get(name) ?? 0;
		seen.set(name, n + 1);
		return `${name} ${n}`;
	});
}

/** Takes out what is gone, then goes along what there shall be, moving and putting in. */
function listDiff(from: unknown[], to: unknown[], path: Path): Component[] {
	const out: Component[] = [];
	const wanted = namesOf(to);
	const names = namesOf(from);
	const list = from.map((value, i) => ({ value, name: names[i]! }));
	for (let i = list.length - 1; i >= 0; i--)
		if (!wanted.includes(list[i]!.name)) out.push({ p: [...path, i], ld: list.splice(i, 1)[0]!.value });
	const move = (at: number, target: number) => {
		out.push({ p: [...path, at], lm: target });
		list.splice(target, 0, ...list.splice(at, 1));
	};
	wanted.forEach((name, i) => {
		const at = list.findIndex((line) => line.name === name);
		if (at < 0) {
			out.push({ p: [...path, i], li: to[i] });
			list.splice(i, 0, { value: to[i], name });
		} else if (at > i) {
			// One that went down is moved down, instead of all below it up.
			const late = wanted.indexOf(list[i]!.name);
			if (at === i + 1 && late > i + 1) move(i, Math.min(late, list.length - 1));
			if (list[i]!.name !== name) move(list.findIndex((line) => line.name === name), i);
		}
		out.push(...jsonDiff(list[i]!.value, to[i], [...path, i]));
	});
	return out;
}

function objectDiff(from: Record<string, unknown>, to: Record<string, unknown>, path: Path): Component[] {
	const gone = Object.keys(from).filter((key) => !Object.hasOwn(to, key));
	return [
		...gone.map((key) => ({ p: [...path, key], od: from[key] })),
		...Object.keys(to).flatMap((key) => (Object.hasOwn(from, key) ? jsonDiff(from[key], to[key], [...path, key]) :
			[{ p: [...path, key], oi: to[key] }])),
	];
}

function stringDiff(from: string, to: string, path: Path): Component[] {
	let gained = 0;
	return textChanges(from, to).flatMap((change) => {
		const p = [...path, change.from + gained];
		const gone = from.slice(change.from, change.to);
		gained += change.insert.length - gone.length;
		return [...(gone ? [{ p, sd: gone }] : []), ...(change.insert ? [{ p, si: change.insert }] : [])];
	});
}

/** The op of json0 that leads from one content to another; what is the same is not touched. */
export function jsonDiff(from: unknown, to: unknown, path: Path = []): Component[] {
	if (equal(from, to)) return [];
	if (Array.isArray(from) && Array.isArray(to)) return listDiff(from, to, path);
	if (isObject(from) && isObject(to)) return objectDiff(from, to, path);
	if (typeof from === 'string' && typeof to === 'string' && path.length > 0) return stringDiff(from, to, path);
	const isInList = typeof path.at(-1) === 'number';
	return [isInList ? { p: path, ld: from, li: to } : { p: path, od: from, oi: to }];
}
