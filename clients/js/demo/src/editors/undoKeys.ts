import type { KeyboardEvent } from 'react';

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

/**
 * The keys for undo and redo, before an editor's own history gets them: one
 * for all kinds, which leaves alone what others write.
 */
export function undoKeys(undo: () => void, redo: () => void) {
	return (event: KeyboardEvent) => {
		if (!(isMac ? event.metaKey : event.ctrlKey) || event.altKey) return;
		const key = event.key.toLowerCase();
		const isRedo = key === 'z' && event.shiftKey || key === 'y' && !isMac;
		if (!isRedo && key !== 'z') return;
		event.preventDefault();
		event.stopPropagation();
		(isRedo ? redo : undo)();
	};
}
