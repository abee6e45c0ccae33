import { useEffect } from 'react';
import { usePeople } from '../people/People.tsx';
import { NewCards } from './NewDocument.tsx';

/** What is shown while no document is. */
export function Home() {
	const others = usePeople().others.length;
	useEffect(() => { document.title = 'otd studio'; }, []);
	return (
		<section className="home">
			<h1>Write together</h1>
			<p className="lead">Start something, send its address to somebody, and see them write. Everything is stored before it is
				confirmed, and merged when two change it at once.</p>
			<NewCards />
			<p className="hint">
				{others === 0 ? 'Nobody else is here yet: open this page in a second window, side by side.' :
					others === 1 ? 'One other person is here.' : `${others} others are here.`}
			</p>
			<footer>
				<p className="hint">Made with <code>otd-client</code>. <a href="licenses.txt">Licences of the packages in this page</a>,{' '}
					<a href="openapi.json">the interface for programs</a>.</p>
			</footer>
		</section>
	);
}
