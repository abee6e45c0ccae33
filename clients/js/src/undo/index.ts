import type { Change, Doc } from '../core/doc.js';
import { Events } from '../core/events.js';
import { type Undoing, undoing } from './inverse.js';

/** What is undone, and in which steps. */
export interface UndoOptions {
	/** Whose changes are undone, by the `source` that they were submitted with; all that are made here when missing. */
	tracks?: (source: unknown) => boolean;
	/** Changes of one source that follow one another within so many ms are one step. */
	group?: number;
	/** How many steps are kept. */
	limit?: number;
}

/** What an undo manager tells of. */
export interface UndoEvents {
	/** What can be undone or redone has changed. */
	change: undefined;
}

interface Step { op: unknown; source: unknown; until: number }

/**
 * Undo and redo of what was changed here, whatever others write meanwhile:
 * their work stays. For documents of every type that can be inverted.
 *
 * A step is the op that takes the changes back, carried along over all that
 * comes after. The topmost is about the content as it is; each below it about
 * what is there once those above are undone.
 *
 * What it does to the document has itself as the source.
 */
export class UndoManager extends Events<UndoEvents> {
	#doc: Doc<unknown>;
	#undo: Step[] = [];
	#redo: Step[] = [];
	#mode: 'write' | 'undo' | 'redo' = 'write';
	#isOp = false;		// what is happening to the document is an op
	#isBegun = false;	// the step that undoing makes: its op may come in parts
	#group: number;
	#limit: number;
	#tracks: (source: unknown) => boolean;
	#ends: Array<() => void>;

	constructor(doc: Doc<never> | Doc<unknown>, { tracks = () => true, group = 500, limit = 200 }: UndoOptions = {}) {
		super();
		this.#doc = doc as Doc<unknown>;
		this.#tracks = tracks;
		this.#group = group;
		this.#limit = limit;
		this.#ends = [
			this.#doc.on('before', (change) => this.#before(change)),
			// Made or loaded anew: what was is not there any more. An op of json1 may be null, too.
			this.#doc.on('change', () => {
				if (!this.#isOp) this.clear();
				this.#isOp = false;
			}),
		];
	}

	get canUndo(): boolean { return this.#undo.length > 0; }
	get canRedo(): boolean { return this.#redo.length > 0; }

	/** Take the last step back. Resolves when that is acknowledged. */
	undo(): Promise<void> { return this.#take(this.#undo, 'undo'); }
	redo(): Promise<void> { return this.#take(this.#redo, 'redo'); }

	/** What comes next is a step of its own. */
	stop(): void {
		const last = this.#undo.at(-1);
		if (last) last.until = 0;
	}

	clear(): void {
		this.#undo = [];
		this.#redo = [];
		this.emit('change', undefined);
	}

	close(): void { for (const end of this.#ends) end(); }

	async #take(steps: Step[], mode: 'undo' | 'redo'): Promise<void> {
		const step = steps.pop();
		if (!step) return;
		let acknowledged: Promise<void>;
		this.#mode = mode;
		this.#isBegun = false;
		try {
			acknowledged = this.#doc.submit(step.op, this);
		} finally {
			this.#mode = 'write';
			this.emit('change', undefined);
		}
		await acknowledged;
	}

	#before({ op, source, remote }: Change): void {
		this.#isOp = true;
		const type = undoing(this.#doc.doc.type);
		if (!type || op === null) return;
		if (remote || this.#mode === 'write' && !this.#tracks(source)) {
			this.#undo = carry(type, this.#undo, op);
			this.#redo = carry(type, this.#redo, op);
		} else {
			this.#keep(type, type.invert(op, this.#doc.data), source);
		}
		this.emit('change', undefined);
	}

	#keep(type: Undoing, op: unknown, source: unknown): void {
		if (op === null) return;
		const steps = this.#mode === 'undo' ? this.#redo : this.#undo;
		const last = steps.at(-1);
		const now = Date.now();
		const goesOn = this.#mode === 'write' ? last && last.source === source && now < last.until : this.#isBegun;
		const until = this.#mode === 'write' ? now + this.#group : 0;
		if (this.#mode === 'write') this.#redo = [];
		this.#isBegun = true;
		if (last && goesOn) {
			last.op = type.compose(op, last.op);
			last.until = until;
			if (last.op === null) steps.pop();
			return;
		}
		steps.push({ op, source, until });
		if (steps.length > this.#limit) steps.shift();
	}
}

/** Carry the steps over an op that was none of theirs, the topmost first. */
function carry(type: Undoing, steps: Step[], op: unknown): Step[] {
	const out: Step[] = [];
	let over = op;
	for (const step of [...steps].reverse()) {
		const moved = type.transform(step.op, over, 'left');
		over = type.transform(over, step.op, 'right');
		if (moved !== null) out.unshift({ ...step, op: moved });
	}
	return out;
}
