import { Annotation, ChangeSet, type ChangeSpec, EditorState, type Extension, Facet, Transaction } from '@codemirror/state';
import { EditorView, ViewPlugin, type ViewUpdate } from '@codemirror/view';
import type { Doc } from '../core/doc.js';
import type { Person } from '../text/cursors.js';
import { changesOf, opOf, type TextChange, type TextOp } from '../text/op.js';
import { type Path, SharedText } from '../text/shared.js';
import { cursorsOf } from './cursors.js';

/** What is bound to CodeMirror, and how. */
export interface CodemirrorOptions {
	/** Where the string is in a JSON document. */
	path?: Path;
	/** Show the others' cursors, and tell of this one's; of documents that are a text. */
	person?: Person | false;
}

/** Marks transactions that bring what others wrote. */
export const fromOthers = Annotation.define<boolean>();

const shared = Facet.define<SharedText, SharedText>({ combine: (all) => all[0]! });

class Follower {
	#view: EditorView;
	#end: () => void;

	constructor(view: EditorView) {
		this.#view = view;
		const text = view.state.facet(shared);
		this.#end = text.on('change', ({ op, source }) => { if (source !== this) this.#show(op); });
	}

	update(update: ViewUpdate): void {
		if (!update.docChanged) return;
		const text = update.state.facet(shared);
		let before = update.startState.doc;
		for (const transaction of update.transactions) {
			if (!transaction.docChanged) continue;
			if (!transaction.annotation(fromOthers))
				void text.submit(opOf(stretches(transaction.changes), before.toString()), this).catch(() => {});
			before = transaction.newDoc;
		}
	}

	destroy(): void { this.#end(); }

	#show(op: TextOp): void {
		this.#view.dispatch({
			changes: changesOf(op) as ChangeSpec,
			annotations: [fromOthers.of(true), Transaction.addToHistory.of(false), Transaction.remote.of(true)],
		});
	}
}

function stretches(changes: ChangeSet): TextChange[] {
	const out: TextChange[] = [];
	changes.iterChanges((from, to, _, __, insert) => out.push({ from, to, insert: insert.toString() }));
	return out;
}

/**
 * CodeMirror 6 on a text that is edited together:
 *
 *     new EditorView({ ...codemirror(doc), parent })
 *
 * or `doc` and `extension` put where the editor's state is made. Its own
 * history leaves alone what others write.
 */
export function codemirror(doc: Doc<never> | Doc<unknown>, options: CodemirrorOptions = {}):
		{ doc: string; extensions: Extension; close(): void } {
	const text = new SharedText(doc as Doc<unknown>, options.path ?? []);
	const cursors = options.person === false || options.path?.length ? null : cursorsOf(doc, options.person ?? {});
	return {
		doc: text.text,
		extensions: [
			shared.of(text),
			// Its lines end as the text's do, which may hold what else ends lines.
			EditorState.lineSeparator.of('\n'),
			ViewPlugin.fromClass(Follower),
			cursors?.extension ?? [],
		],
		close() {
			cursors?.close();
			text.close();
		},
	};
}
