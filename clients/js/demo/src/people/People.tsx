import { usePresence } from 'otd-client/react';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { useStore } from '../ui/store.ts';
import { initials, type Me, me } from './me.ts';

/** Where somebody is: in which document, and in a form in which field. */
export interface Person extends Me { doc: string | null; field: string | null }
interface Here extends Person { id: string }

interface People {
	others: Here[];
	/** Say where oneself is. */
	setPlace(place: { doc: string | null; field: string | null }): void;
}

const Context = createContext<People>({ others: [], setPlace() {} });

const text = (value: unknown) => (typeof value === 'string' ? value.slice(0, 80) : '');

/** Others say it of themselves: nothing but what it should be gets in. */
function believe(id: string, said: Partial<Person> | null): Here {
	const colour = text(said?.colour);
	return {
		id, name: text(said?.name) || 'Somebody', colour: /^#[\da-f]{6}$/i.test(colour) ? colour : '#5b6566',
		doc: text(said?.doc) || null, field: text(said?.field) || null,
	};
}

/** Everybody who has the studio open says so on one channel: who, and where. */
export function PeopleProvider({ children }: { children: ReactNode }) {
	const [said, say] = usePresence<Person>('studio');
	const [place, setPlace] = useState<{ doc: string | null; field: string | null }>({ doc: null, field: null });
	const mine = useStore(me);
	useEffect(() => { say({ ...mine, ...place }); }, [say, mine, place]);
	const value = useMemo(() => ({
		others: [...said].map(([id, person]) => believe(id, person)).sort((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id)),
		setPlace(next: typeof place) {
			setPlace((last) => (last.doc === next.doc && last.field === next.field ? last : next));
		},
	}), [said]);
	return <Context.Provider value={value}>{children}</Context.Provider>;
}

export const usePeople = () => useContext(Context);

export function Avatar({ person, size = 28 }: { person: Me; size?: number }) {
	return (
		<span className="avatar" data-initials={initials(person.name)} aria-hidden="true"
			style={{ backgroundColor: person.colour, width: size, height: size, fontSize: size * 0.4 }} />
	);
}

const SHOWN = 4;

/** The others in a document, in a row. */
export function Avatars({ doc, size = 28 }: { doc: string; size?: number }) {
	const here = usePeople().others.filter((person) => person.doc === doc);
	if (here.length === 0) return null;
	const names = here.map(({ name }) => name).join(', ');
	return (
		<span className="avatars" role="img" aria-label={`Also here: ${names}`} title={names}>
			{here.slice(0, SHOWN).map((person) => <Avatar key={person.id} person={person} size={size} />)}
			{here.length > SHOWN && (
				<span className="avatar more" data-initials={`+${here.length - SHOWN}`} aria-hidden="true" style={{ width: size, height: size, fontSize: size * 0.4 }} />
			)}
		</span>
	);
}
