import type { Doc } from 'otd-client';
import { useEffect, useId, useRef } from 'react';
import { announce } from '../ui/announce.tsx';
import { IconButton } from '../ui/Button.tsx';
import { Icon } from '../ui/Icon.tsx';
import { newId } from '../ui/id.ts';
import { useBound } from './bound.ts';
import { Spot } from './Form.tsx';
import type { Item } from './plan.ts';

/** A list in the document: lines are added, removed and moved, and keep what others write in them. */
export function Items({ doc, items, documentId }: { doc: Doc<unknown>; items: Item[]; documentId: string }) {
	const id = useId();
	const list = useRef<HTMLOListElement>(null);
	const isAdded = useRef(false);
	const submit = (op: object) => void doc.submit([op]).catch(() => {});

	const add = () => {
		isAdded.current = true;
		submit({ p: ['items', items.length], li: { id: newId(8), text: '', done: false } });
	};
	useEffect(() => {
		if (!isAdded.current) return;
		isAdded.current = false;
		list.current?.querySelector<HTMLInputElement>('li:last-child .item-text')?.focus();
	}, [items.length]);

	const move = (from: number, to: number) => {
		submit({ p: ['items', from], lm: to });
		announce(`Moved to place ${to + 1} of ${items.length}`);
	};
	const remove = (at: number) => {
		submit({ p: ['items', at], ld: (doc.data as { items: unknown[] }).items[at] });
		// The focus does not fall out of the list with what had it.
		const next = list.current?.querySelectorAll<HTMLElement>('.item-text')[at === items.length - 1 ? at - 1 : at + 1];
		(next ?? document.getElementById(`${id}-add`))?.focus();
		announce('Removed');
	};

	return (
		<section className="items" aria-labelledby={id}>
			<h2 id={id}>Checklist</h2>
			<ol ref={list}>
				{items.map((item, i) => (
					<ItemLine key={item.id} doc={doc} item={item} at={i} last={items.length - 1} documentId={documentId}
						onTick={(done) => submit({ p: ['items', i, 'done'], od: item.done, oi: done })}
						onMove={(to) => move(i, to)} onRemove={() => remove(i)} />
				))}
			</ol>
			<button type="button" id={`${id}-add`} className="button" onClick={add}><Icon name="plus" /> Add a line</button>
		</section>
	);
}

interface LineProps {
	doc: Doc<unknown>;
	item: Item;
	at: number;
	last: number;
	documentId: string;
	onTick(done: boolean): void;
	onMove(to: number): void;
	onRemove(): void;
}

function ItemLine({ doc, item, at, last, documentId, onTick, onMove, onRemove }: LineProps) {
	const field = useRef<HTMLInputElement>(null);
	useBound(field, doc, ['items', at, 'text']);
	const n = at + 1;
	return (
		<li>
			<Spot name={`items.${item.id}`} documentId={documentId} className="item">
				<input type="checkbox" aria-label={`Line ${n} is done`} checked={item.done} onChange={(event) => onTick(event.target.checked)} />
				<input ref={field} className="item-text" aria-label={`Line ${n}`} placeholder="What is to be done" />
				<span className="item-actions">
					<IconButton icon="up" label={`Move line ${n} up`} disabled={at === 0} onClick={() => onMove(at - 1)} />
					<IconButton icon="down" label={`Move line ${n} down`} disabled={at === last} onClick={() => onMove(at + 1)} />
					<IconButton icon="trash" label={`Remove line ${n}`} onClick={onRemove} />
				</span>
			</Spot>
		</li>
	);
}
