import { createStore, recall, remember } from '../ui/store.ts';

export interface Me { name: string; colour: string }

/** White on each of these is readable (4.5:1), and each stands out from light and dark. */
export const COLOURS = ['#0b6e75', '#8a3ffc', '#b3361e', '#1f6feb', '#a3337a', '#4d7c0f', '#9a5b00', '#5b5fc7'] as const;

const ANIMALS = ['Otter', 'Heron', 'Badger', 'Finch', 'Lynx', 'Marten', 'Raven', 'Newt', 'Hare', 'Stork', 'Vole', 'Swift'];
const MANNERS = ['Quick', 'Calm', 'Bright', 'Early', 'Kind', 'Bold', 'Quiet', 'Merry'];

const anyOf = <T>(list: readonly T[]): T => list[crypto.getRandomValues(new Uint32Array(1))[0]! % list.length]!;

function first(): Me {
	const mine = recall<Me>('sessionStorage', 'me');
	if (mine?.name) return mine;
	// Another window of the same person has the name, and a colour of its own.
	return { name: recall<string>('localStorage', 'name') ?? `${anyOf(MANNERS)} ${anyOf(ANIMALS)}`, colour: anyOf(COLOURS) };
}

/** Oneself, as the others see it. */
export const me = createStore<Me>(first(), (value) => {
	remember('sessionStorage', 'me', value);
	remember('localStorage', 'name', value.name);
});
remember('sessionStorage', 'me', me.get());

/** What the account says counts as long as nothing else was chosen here. */
export function introduce({ name, colour }: { name?: string | undefined; colour?: string | undefined }): void {
	if (recall('localStorage', 'name') !== null || !name) return;
	me.set({ name, colour: colour && /^#[\da-f]{6}$/i.test(colour) ? colour : me.get().colour });
}

export const initials = (name: string): string =>
	name.trim().split(/\s+/).slice(0, 2).map((word) => [...word][0] ?? '').join('').toUpperCase() || '?';
