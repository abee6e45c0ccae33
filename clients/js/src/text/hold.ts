/** What is needed of a type to hold its ops back. */
export interface Holding<Op> {
	transform(op: Op, other: Op, side: 'left' | 'right'): Op;
	compose(first: Op, second: Op): Op;
}

/**
 * What others have written and an editor does not show yet, because an input
 * method composes there. What is written in the editor meanwhile goes to the
 * others carried over it.
 */
export class Hold<Op> {
	#type: Holding<Op>;
	#late: Op | null = null;

	constructor(type: Holding<Op>) { this.#type = type; }

	/** Hold this, too. */
	add(op: Op): void {
		this.#late = this.#late === null ? op : this.#type.compose(this.#late, op);
	}

	/** What the editor has done to what it shows, as it is to be told. */
	tell(op: Op): Op {
		if (this.#late === null) return op;
		const told = this.#type.transform(op, this.#late, 'right');
		this.#late = this.#type.transform(this.#late, op, 'left');
		return told;
	}

	/** All that was held, to be shown now; null: nothing. */
	take(): Op | null {
		const late = this.#late;
		this.#late = null;
		return late;
	}
}
