import { Annotation, type ChangeSet, type ChangeSpec, EditorState, type Extension, Facet, type Text, Transaction } from '@codemirror/state';
import { type EditorView, ViewPlugin, type ViewUpdate } from '@codemirror/view';
import type { Doc } from '../core/doc.js';
import type { Person } from '../text/cursors.js';
import { Link } from '../text/link.js';
import { changesOf, opOf, type TextChange, type TextOp, type Units } from '../text/op.js';
import { type Path, SharedText } from '../text/shared.js';
import { cursorsOf } from './cursors.js';

/** What is bound to CodeMirror, and how. */
export interface CodemirrorOptions {
	/** Where the string is in a JSON document. */
	path?: Path;
	/** Show the others' cursors, and tell of this one's. */
	person?: Person | false;
}

/** Marks transactions that bring what others wrote. */
export const fromOthers = Annotation.define<boolean>();

const sharedText = Facet.define<SharedText, SharedText>({ combine: (all) => all[0]! });

class Follower {
	#view: EditorView;
	#link: Link;

	constructor(view: EditorView) {
		this.#view = view;
		const shared = view.state.facet(sharedText);
		this.#link = new Link(shared, {
			show: (op) => this.#show(op),
			read: () => this.#view.state.doc.toString(),
			enable() {},	// changes are filtered
		});
		// The state was made earlier, or of something else.
		if (view.state.doc.toString() !== shared.text) this.#link.mend();
	}

	update(update: ViewUpdate): void {
		for (const transaction of update.transactions)
			if (transaction.docChanged && !transaction.annotation(fromOthers))
				this.#link.edit(opOf(stretches(transaction.changes), units(transaction.startState.doc)));
	}

	destroy(): void { this.#link.close(); }

	#show(op: TextOp): void {
		this.#view.dispatch({
			changes: changesOf(op) as ChangeSpec,
			annotations: [fromOthers.of(true), Transaction.addToHistory.of(false), Transaction.remote.of(true)],
			filter: false,	// what others wrote is written
		});
	}
}

function stretches(changes: ChangeSet): TextChange[] {
	const out: TextChange[] = [];
	changes.iterChanges((from, to, _, __, insert) => out.push({ from, to, insert: insert.toString() }));
	return out;
}

/** Without making one string of it. */
const units = (text: Text): Units => ({ charCodeAt: (at) => (at < 0 ? NaN : text.sliceString(at, at + 1).charCodeAt(0)) });

/**
 * CodeMirror 6 on a text that is edited together:
 *
 *     new EditorView({ ...codemirror(doc), parent })
 *
 * or `doc` and `extensions` put where the editor's state is made. Its own
 * history leaves alone what others write. Nothing can be written while the
 * document is not there.
 */
export function codemirror(doc: Doc<never> | Doc<unknown>, options: CodemirrorOptions = {}):
		{ doc: string; extensions: Extension; close(): void } {
	const shared = new SharedText(doc, options.path, 'unix');
	const cursors = options.person === false ? null : cursorsOf(shared, options.person);
	return {
		doc: shared.text,
		extensions: [
			sharedText.of(shared),
			EditorState.changeFilter.of(() => shared.exists),
			ViewPlugin.fromClass(Follower),
			cursors?.extension ?? [],
		],
		close() {
			cursors?.close();
			shared.close();
		},
	};
}
