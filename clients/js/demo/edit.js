// From what a person did to a text to an op of the type text-unicode, and
// cursors over ops.  Positions in ops are code points; those of a text area
// are UTF-16 units.
import { type } from 'ot-text-unicode';

// Half a surrogate pair is no character; nothing can be stored for it.
export function wellFormed(text) {
	return text.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, '\uFFFD');
}

/*
 * The smallest single change that makes after of before.  caret is the
 * cursor's place in after, in UTF-16 units: what is typed ends at the cursor,
 * which tells where an "a" went in among other "a"s.
 */
export function diff(before, after, caret = after.length) {
	const old = [...before];
	const now = [...after];
	const most = Math.min(old.length, now.length);
	const behind = [...after.slice(caret)].length;
	let tail = 0;
	while (tail < Math.min(most, behind) && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail++;
	let head = 0;
	while (head < most - tail && old[head] === now[head]) head++;
	while (tail < most - head && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail++;

	const op = [];
	const gone = old.slice(head, old.length - tail).join('');
	const put = now.slice(head, now.length - tail).join('');
	if (head) op.push(head);
	if (put) op.push(put);
	if (gone) op.push({ d: gone });
	return put || gone ? op : [];
}

// Where a cursor at unit of before goes when op has made after of it.
export function moveCursor(before, after, unit, op) {
	const point = [...before.slice(0, unit)].length;
	const moved = type.transformPosition(point, op);
	return [...after].slice(0, moved).join('').length;
}
