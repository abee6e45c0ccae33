/** The JSON document behind a form. */
export interface Item { id: string; text: string; done: boolean }

export interface Plan {
	what: string;
	notes: string;
	guests: number;
	status: string;
	isPublic: boolean;
	items: Item[];
}

export const STATUSES: Array<[string, string]> = [['idea', 'An idea'], ['planned', 'Planned'], ['done', 'Done']];

const text = (value: unknown) => (typeof value === 'string' ? value : '');

/** A plan, whatever other programs may have left of it. */
export function planOf(data: unknown): Plan {
	const given = (typeof data === 'object' && data !== null ? data : {}) as Partial<Record<keyof Plan, unknown>>;
	const items = Array.isArray(given.items) ? given.items as Array<Partial<Item> | null> : [];
	return {
		what: text(given.what), notes: text(given.notes), status: text(given.status), isPublic: given.isPublic === true,
		guests: typeof given.guests === 'number' ? given.guests : 0,
		items: items.map((item, i) => ({ id: text(item?.id) || String(i), text: text(item?.text), done: item?.done === true })),
	};
}
