import { createStore, recall, remember } from './store.ts';

export type Theme = 'auto' | 'light' | 'dark';

/** Light or dark: as the system says, unless one has been chosen. */
export const theme = createStore<Theme>(recall<Theme>('localStorage', 'theme') ?? 'auto', (value) => {
	remember('localStorage', 'theme', value);
	show(value);
});

function show(value: Theme): void {
	if (value === 'auto') delete document.documentElement.dataset.theme;
	else document.documentElement.dataset.theme = value;
}

export function followTheme(): void { show(theme.get()); }
