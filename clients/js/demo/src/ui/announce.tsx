import { createStore, useStore } from './store.ts';

const said = createStore<{ text: string; n: number }>({ text: '', n: 0 });

/** Say something to those who cannot see it happen; shown as well, for a while. */
export function announce(text: string): void {
	const n = said.get().n + 1;
	said.set({ text, n });
	setTimeout(() => { if (said.get().n === n) said.set({ text: '', n }); }, 5000);
}

export function Announcer() {
	const { text } = useStore(said);
	return <div className="announcer" role="status" aria-live="polite">{text && <p>{text}</p>}</div>;
}
