import { type Extension, RangeSetBuilder, StateEffect } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView, ViewPlugin, type ViewUpdate, WidgetType } from '@codemirror/view';
import { type Cursor, Cursors, type Person, type Placed } from '../text/cursors.js';

const moved = StateEffect.define<null>();

class Caret extends WidgetType {
	readonly name: string;
	readonly colour: string;

	constructor({ name, colour }: Cursor) {
		super();
		this.name = name;
		this.colour = colour;
	}

	override eq(other: Caret): boolean { return other.name === this.name && other.colour === this.colour; }

	override toDOM(): HTMLElement {
		const caret = document.createElement('span');
		caret.className = 'otd-caret';
		caret.style.setProperty('--colour', this.colour);
		const label = caret.appendChild(document.createElement('span'));
		label.className = 'otd-caret-name';
		label.textContent = this.name;
		caret.setAttribute('aria-hidden', 'true');
		return caret;
	}
}

function decorate(cursors: Cursors, length: number): DecorationSet {
	const marks = [...cursors.others.values()].flatMap((cursor) => {
		const clamp = (at: number) => Math.max(0, Math.min(length, at));
		const head = clamp(cursor.head), anchor = clamp(cursor.anchor);
		const caret = { from: head, to: head, mark: Decoration.widget({ widget: new Caret(cursor), side: 1 }), side: 1 };
		return head === anchor ? [caret] : [caret, {
			from: Math.min(head, anchor), to: Math.max(head, anchor), side: 0,
			mark: Decoration.mark({
				class: 'otd-selection', attributes: { style: `--colour: ${cursor.colour}` },
			}),
		}];
	});
	const builder = new RangeSetBuilder<Decoration>();
	for (const { from, to, mark } of marks.sort((a, b) => a.from - b.from || a.side - b.side)) builder.add(from, to, mark);
	return builder.finish();
}

const theme = EditorView.baseTheme({
	'.otd-caret': { position: 'relative', borderLeft: '2px solid var(--colour)', marginLeft: '-1px', marginRight: '-1px' },
	'.otd-caret-name': {
		position: 'absolute', bottom: '100%', left: '-2px', padding: '0 4px', font: '11px/1.4 sans-serif', whiteSpace: 'nowrap',
		color: '#fff', backgroundColor: 'var(--colour)', borderRadius: '3px 3px 3px 0', pointerEvents: 'none',
	},
	'.otd-caret-name:empty': { display: 'none' },
	'.otd-selection': { backgroundColor: 'color-mix(in srgb, var(--colour) 30%, transparent)' },
});

/** The others' cursors in an editor, and this one's for the others. */
export function cursorsOf(shared: Placed, person?: Person): { extension: Extension; close(): void } {
	const cursors = new Cursors(shared, person);
	const plugin = ViewPlugin.fromClass(class {
		decorations: DecorationSet;
		#end: () => void;

		constructor(view: EditorView) {
			this.decorations = decorate(cursors, view.state.doc.length);
			this.#end = cursors.on('change', () => view.dispatch({ effects: moved.of(null) }));
			this.#tell(view);
		}

		update(update: ViewUpdate): void {
			const isMoved = update.transactions.some((t) => t.effects.some((e) => e.is(moved)));
			this.decorations = isMoved ? decorate(cursors, update.state.doc.length) : this.decorations.map(update.changes);
			if (update.selectionSet || update.docChanged || update.focusChanged) this.#tell(update.view);
		}

		destroy(): void { this.#end(); }

		#tell(view: EditorView): void {
			const { anchor, head } = view.state.selection.main;
			cursors.set(view.hasFocus ? { anchor, head } : null);
		}
	}, { decorations: (value) => value.decorations });
	return { extension: [plugin, theme], close: () => cursors.close() };
}
