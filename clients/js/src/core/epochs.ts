import type { Connection, Doc as ShareDoc } from 'sharedb/lib/client/index.js';
import { failure } from './ask.js';

interface Inner extends ShareDoc { _hardRollback(error: Error): void }

/* Of documents that come from elsewhere than this connection: in which epoch they were read. */
const read = new WeakMap<ShareDoc, string>();

/** A document is given what was kept of it in that epoch. */
export function readIn(doc: ShareDoc, epoch: string): void { read.set(doc, epoch); }

/** That epoch, until the server has been heard; null: not one of those. */
export const epochOf = (doc: ShareDoc): string | null => read.get(doc) ?? null;

export const restored = () => failure('ERR_OTD_RESTORED',
	'the database was put back to a backup: what was not saved is lost');

/**
 * Which life of its database a server is in. In another one the versions that are known here may never have been, or be
 * other ops now, and nothing but the epoch shows it. So what was read in another is read anew; what is not acknowledged
 * was meant for a document that is not there any more, and fails.
 */
export class Epochs {
	#now: string | null = null;

	/** null: not known, or the server has none. */
	get now(): string | null { return this.#now; }

	/** The server says so, before anything is sent. Why documents are read anew, and their ops fail; null: none is. */
	hear(epoch: string, connection: Connection): Error | null {
		const before = this.#now;
		const stale = docsOf(connection).filter((doc) => {
			const known = read.get(doc) ?? before;
			read.delete(doc);
			return known !== null && known !== epoch && doc.version !== null;
		});
		this.#now = epoch;
		if (!stale.length) return null;
		const error = restored();
		for (const doc of stale) (doc as Inner)._hardRollback(error);
		return error;
	}
}

function docsOf(connection: Connection): ShareDoc[] {
	const { collections } = connection as unknown as { collections: Record<string, Record<string, ShareDoc>> };
	return Object.values(collections).flatMap((docs) => Object.values(docs));
}
