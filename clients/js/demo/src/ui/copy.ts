/** Puts text on the clipboard; where the page may not, as the user would. */
export async function copyText(text: string): Promise<void> {
	if (navigator.clipboard) return navigator.clipboard.writeText(text);
	const field = document.body.appendChild(document.createElement('textarea'));
	field.value = text;
	field.className = 'hidden';
	const before = document.activeElement as HTMLElement | null;
	field.select();
	const done = document.execCommand('copy');
	field.remove();
	before?.focus();
	if (!done) throw new Error('the clipboard cannot be used');
}
