// What processes hold in memory, and whether that stays.
import fs from 'node:fs';

const SETTLE_PART = 1 / 6;	// of the time: pools and caches fill
const GROWTH = 1.02, SLACK_KIB = 1024;

// KiB of a process that are in memory and no file's.
export function anonymous(pid) {
	return Number(/RssAnon:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
}

export function median(list) {
	return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
}

/*
 * samples: [{ seconds, kib }], in order.  Of what comes after the first sixth of the time (ten minutes of an hour), the last
 * quarter is held against the first, by their medians, so that one sample in the middle of something does not decide.
 * {from, to, isFlat}; from and to in KiB.
 */
export function judge(samples) {
	const begins = samples.at(-1).seconds * SETTLE_PART;
	const settled = samples.filter(({ seconds }) => seconds >= begins).map(({ kib }) => kib);
	const quarter = Math.max(1, Math.floor(settled.length / 4));
	const from = median(settled.slice(0, quarter));
	const to = median(settled.slice(-quarter));
	return { from, to, isFlat: to <= from * GROWTH + SLACK_KIB };
}
