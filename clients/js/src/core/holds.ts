import type { Doc as ShareDoc } from 'sharedb/lib/client/index.js';

/*
 * ShareDB has one object for each document, and it may be wanted by several
 * here: by who has it open, and by queries that found it. The ops of a query's
 * documents go to these objects, too. So each stays as long as somebody holds
 * it, and goes when nobody does and nothing is under way.
 */
interface Inner extends ShareDoc { _wantsDestroy: boolean; connection: ShareDoc['connection'] & { _destroyDoc(doc: ShareDoc): void } }

const held = new WeakMap<ShareDoc, number>();

export function hold(doc: ShareDoc): void {
	held.set(doc, (held.get(doc) ?? 0) + 1);
}

export function release(doc: ShareDoc): void {
	held.set(doc, held.get(doc)! - 1);
	if (held.get(doc) === 0) leave(doc as Inner);
}

function leave(doc: Inner): void {
	if (held.get(doc) !== 0) return;
	if (doc.hasPending()) return doc.whenNothingPending(() => leave(doc));
	held.delete(doc);
	// At once and not by destroy(), which waits, and then leaves also what somebody has taken up again.
	doc._wantsDestroy = true;
	doc.connection._destroyDoc(doc);
}
