// The package has no types of its own.
declare module 'ot-text' {
	type Op = import('./op.js').TextOp;
	export const type: {
		name: string;
		uri: string;
		apply(text: string, op: Op): string;
		transform(op: Op, other: Op, side: 'left' | 'right'): Op;
		compose(first: Op, second: Op): Op;
		transformSelection(place: number, op: Op, isOwn: boolean): number;
	};
}
