import { useEffect, useState } from 'react';

const STEPS: Array<[Intl.RelativeTimeFormatUnit, number]> = [['minute', 60], ['hour', 3600], ['day', 86_400], ['month', 2_629_800], ['year', 31_557_600]];
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

export function ago(then: number, now: number): string {
	const seconds = Math.max(0, (now - then) / 1000);
	if (seconds < 60) return 'just now';
	const [unit, size] = STEPS.filter(([, least]) => seconds >= least).at(-1)!;
	return relative.format(-Math.floor(seconds / size), unit);
}

export const clock = (then: Date): string => exact.format(then);

const TICK_MS = 30_000;

/** How long ago, kept true. */
export function useAgo(then: number): string {
	const [now, setNow] = useState(Date.now);
	useEffect(() => {
		const timer = setInterval(() => setNow(Date.now()), TICK_MS);
		return () => clearInterval(timer);
	}, []);
	return ago(then, Math.max(now, then));
}
