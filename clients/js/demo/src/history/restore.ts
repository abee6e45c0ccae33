import { opOf, toUnicode } from 'otd-client/text';
import richText from 'rich-text';
import { jsonDiff } from './jsonDiff.ts';
import { textChanges } from './textDiff.ts';

interface Delta { ops: unknown[]; diff(other: Delta): Delta }

/** A rich text, as an op list or in an object: both are found in what servers send. */
export function opsOf(data: unknown): unknown[] {
	const ops = Array.isArray(data) ? data : (data as { ops?: unknown[] } | null)?.ops;
	return Array.isArray(ops) ? ops : [];
}

const delta = (data: unknown): Delta => new (richText as unknown as { Delta: new (ops: unknown[]) => Delta }).Delta(opsOf(data));

/**
 * The edit that makes a document what it was: as small as it can be, so that
 * cursors and what others write meanwhile stay where they belong. null: it is
 * so already. One op, which is undone in one step.
 */
export function restoringOp(type: string, now: unknown, then: unknown): unknown {
	if (type.includes('rich-text')) {
		const op = delta(now).diff(delta(then));
		return op.ops.length > 0 ? op : null;
	}
	const op = typeof now === 'string' && typeof then === 'string' ?
		textOp(type, now, then) : jsonDiff(now, then);
	return op.length > 0 ? op : null;
}

function textOp(type: string, now: string, then: string): unknown[] {
	const op = opOf(textChanges(now, then), now);
	return type.includes('text-unicode') ? toUnicode(op, now) : op;
}
