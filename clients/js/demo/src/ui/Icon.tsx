// Drawn for the studio, on a grid of 20, in strokes of the text's colour.
const PATHS = {
	back: 'M12 4 6 10l6 6',
	bold: 'M6 4h5a3 3 0 0 1 0 6H6zM6 10h6a3 3 0 0 1 0 6H6z',
	bullet: 'M8 5h9M8 10h9M8 15h9M3.5 5h.01M3.5 10h.01M3.5 15h.01',
	checklist: 'M9 5h8M9 14h8M3 5l1.5 1.5L7 4M3 14l1.5 1.5L7 13',
	clear: 'M5 4h10M10 4 8 13M3 17 17 3',
	close: 'M5 5l10 10M15 5 5 15',
	cloud: 'M6 15a3.5 3.5 0 0 1-.4-7A4.8 4.8 0 0 1 15 8.4 3.3 3.3 0 0 1 14.5 15z',
	code: 'M7 5 2.5 10 7 15M13 5l4.5 5L13 15',
	down: 'M10 4v12M5 11l5 5 5-5',
	form: 'M4 3h12v14H4zM7 7h6M7 10.5h6M7 14h3',
	history: 'M3.5 10a6.5 6.5 0 1 0 2-4.7L3.5 7M3.5 3.5V7H7M10 6.5V10l2.5 2',
	italic: 'M8 4h7M5 16h7M12 4 8 16',
	link: 'M8.5 11.5l3-3M9 6l1.6-1.6a3.5 3.5 0 0 1 5 5L14 11M6 9l-1.6 1.6a3.5 3.5 0 0 0 5 5L11 14',
	moon: 'M16 12.5A6.7 6.7 0 0 1 7.5 4a6.5 6.5 0 1 0 8.5 8.5z',
	numbered: 'M8 5h9M8 10h9M8 15h9M3 3.5h1v3M3 13.5h1.8L3 16.5h2',
	offline: 'M3 3l14 14M6 15a3.5 3.5 0 0 1-.4-7M8.4 5A4.8 4.8 0 0 1 15 8.4a3.3 3.3 0 0 1 1.6 5.4',
	pause: 'M7 4v12M13 4v12',
	pencil: 'M4 16l.8-3.6L13 4.2a1.4 1.4 0 0 1 2 0l.8.8a1.4 1.4 0 0 1 0 2L7.6 15.2z',
	play: 'M6 4l10 6-10 6z',
	plus: 'M10 4v12M4 10h12',
	redo: 'M16 8H8a4 4 0 0 0 0 8h3M12 4l4 4-4 4',
	search: 'M9 3.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11M13.2 13.2 17 17',
	stepBack: 'M13 4 7 10l6 6',
	stepOn: 'M7 4l6 6-6 6',
	strike: 'M3 10h14M14 6.5C13.6 5 12 4 10 4 7.6 4 6 5.2 6 7M6 13.5C6.4 15 8 16 10 16c2.4 0 4-1.2 4-3',
	sun: 'M10 6.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7M10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.3 4.3l1.1 1.1M14.6 14.6l1.1 1.1M4.3 15.7l1.1-1.1M14.6 5.4l1.1-1.1',
	system: 'M3 4h14v9H3zM7 17h6M10 13v4',
	text: 'M4 4.5h12M4 8.5h12M4 12.5h8M4 16.5h5',
	trash: 'M4 6h12M8 6V4h4v2M5.5 6l.7 10.5h7.6L14.5 6M8.5 9v4.5M11.5 9v4.5',
	underline: 'M6 3.5V9a4 4 0 0 0 8 0V3.5M4 17h12',
	undo: 'M4 8h8a4 4 0 0 1 0 8H9M8 4 4 8l4 4',
	up: 'M10 16V4M5 9l5-5 5 5',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
	return (
		<svg className="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false">
			<path d={PATHS[name]} />
		</svg>
	);
}
