import { type KeyboardEvent, type ReactNode, useRef } from 'react';

/** A row of buttons that is one stop of the tab key; arrows go along it (ARIA Authoring Practices, "Toolbar"). */
export function Toolbar({ label, children }: { label: string; children: ReactNode }) {
	const bar = useRef<HTMLDivElement>(null);
	const stops = () => [...bar.current!.querySelectorAll<HTMLElement>('button:not(:disabled), select')];
	const move = (event: KeyboardEvent) => {
		if (event.target instanceof HTMLSelectElement && /^Arrow(Up|Down)$/.test(event.key)) return;
		const all = stops();
		const at = all.indexOf(document.activeElement as HTMLElement);
		const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
		if (to === undefined || at < 0) return;
		event.preventDefault();
		all[(to + all.length) % all.length]!.focus();
	};
	return <div ref={bar} className="toolbar" role="toolbar" aria-label={label} onKeyDown={move}>{children}</div>;
}
