import type { editor, IRange } from 'monaco-editor';
import type { Cursor } from '../text/cursors.js';

/** A string of CSS: names are what others say. */
const quoted = (text: string) => `"${text.replace(/[^\w ]/gu, (c) => `\\${c.codePointAt(0)!.toString(16)} `)}"`;

/** Others' cursors in an editor. Decorations have class names only: the rest is in a style sheet of theirs. */
export class Marks {
	#marks: editor.IEditorDecorationsCollection;
	#style: HTMLStyleElement;
	#rangeOf: (from: number, to: number) => IRange;

	constructor(code: editor.IStandaloneCodeEditor, rangeOf: (from: number, to: number) => IRange) {
		this.#marks = code.createDecorationsCollection();
		const home = code.getDomNode()!;
		this.#style = home.appendChild(home.ownerDocument.createElement('style'));
		this.#rangeOf = rangeOf;
	}

	show(cursors: Iterable<Cursor>): void {
		const all = [...cursors];
		const rules = all.map(({ name, colour }, i) => `
			.otd-cursor-${i} { background: ${colour}4d }
			.otd-caret-${i} { position: relative; border-left: 2px solid ${colour}; margin: 0 -1px }
			.otd-caret-${i}::after { content: ${quoted(name)}; position: absolute; bottom: 100%; left: -2px; font: 11px/1.4 sans-serif;
				padding: 0 ${name ? 4 : 0}px; white-space: nowrap; color: #fff; background: ${colour}; pointer-events: none }`).join('');
		if (rules !== this.#style.textContent) this.#style.textContent = rules;
		this.#marks.set(all.map(({ anchor, head }, i) => ({
			range: this.#rangeOf(Math.min(anchor, head), Math.max(anchor, head)),
			options: {
				className: `otd-cursor-${i}`,
				[head < anchor ? 'beforeContentClassName' : 'afterContentClassName']: `otd-caret-${i}`,
			},
		})));
	}

	close(): void {
		this.#marks.clear();
		this.#style.remove();
	}
}
