// Long histories of a text, for replay.mjs: made up from a seed, or traces of people who wrote.
import fs from 'node:fs';
import path from 'node:path';
import { readTrace } from '../../bench/workloads.mjs';
import { text } from './random.mjs';

const PASTE = 400;

// Whole characters: no edit parts the halves of one.
const aligned = (s, i) => (/[\udc00-\udfff]/.test(s[i] ?? '') && i > 0 ? i - 1 : i);

// Somebody writes: runs, second thoughts, somewhere else, a paste, a part thrown away.
export function writeHistory(r, edits, start) {
	let now = '';
	while (now.length < start) now += `${text(r, 9, false)}\n`;
	const made = { name: 'made up', start: now, edits: [] };
	let pos = 0;
	while (made.edits.length < edits) {
		if (r.chance(0.02)) pos = aligned(now, r.int(now.length + 1));
		const edit = { pos, cut: '', ins: '' };
		const what = r.int(100);
		if (what < 15 && pos > 0) {
			edit.pos = aligned(now, pos - 1);
			edit.cut = now.slice(edit.pos, pos);
		} else if (what < 17) {
			edit.cut = now.slice(pos, aligned(now, Math.min(now.length, pos + 1 + r.int(PASTE))));
			if (r.chance(0.5)) edit.ins = text(r, 20, false);
		} else {
			edit.ins = what < 19 ? text(r, PASTE, false) : text(r, 2, false) || 'e';
		}
		if (!edit.cut && !edit.ins) continue;
		made.edits.push(edit);
		now = now.slice(0, edit.pos) + edit.ins + now.slice(edit.pos + edit.cut.length);
		pos = edit.pos + edit.ins.length;
	}
	return { ...made, end: now };
}

// The traces of a file or of all files of a folder.
export function readHistories(place) {
	const files = fs.statSync(place).isDirectory() ?
		fs.readdirSync(place).filter((name) => name.endsWith('.json.gz')).sort().map((name) => path.join(place, name)) : [place];
	return files.map(readTrace);
}

// An edit concurrent with another and its inverse, made so that doing it and taking it back leaves nothing: it may put
// text into what the other cuts, but does not cut where the other is.
export function concurrent(r, now, { pos, cut }) {
	const at = aligned(now, r.int(now.length + 1));
	const size = r.chance(0.5) ? 1 + r.int(30) : 0;
	const end = aligned(now, Math.min(now.length, at + size));
	const edit = end < pos || at > pos + cut.length ? { pos: at, cut: now.slice(at, end), ins: '' } : { pos: at, cut: '', ins: '' };
	if (!edit.cut || r.chance(0.3)) edit.ins = text(r, 6, false) || 'o';
	return [edit, { pos: edit.pos, cut: edit.ins, ins: edit.cut }];
}
