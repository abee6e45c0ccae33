import { OtdProvider } from 'otd-client/react';
import { useEffect, useRef } from 'react';
import { Home } from './documents/Home.tsx';
import { fetchEditors } from './documents/kinds.ts';
import { Library } from './documents/Library.tsx';
import { OpenDocument } from './documents/OpenDocument.tsx';
import { Losses } from './door/Losses.tsx';
import { enter, session } from './door/session.ts';
import { SignIn, SignInPage } from './door/SignIn.tsx';
import { introduce } from './people/me.ts';
import { PeopleProvider, usePeople } from './people/People.tsx';
import { useRoute } from './route.ts';
import { TopBar } from './TopBar.tsx';
import { Announcer } from './ui/announce.tsx';
import { Dialog } from './ui/Dialog.tsx';
import { Fence } from './ui/Problem.tsx';
import { useStore } from './ui/store.ts';

let isAsked = false;

export function App() {
	const now = useStore(session);
	useEffect(() => {
		if (isAsked) return;
		isAsked = true;
		void enter();
	}, []);
	if (now.state === 'knocking') return (
		<main className="door" aria-busy="true">
			<h1 className="hidden">otd studio</h1>
			<p className="knocking hint" role="status">Connecting…</p>
		</main>
	);
	if (now.state === 'outside') return <SignInPage users={now.users} why={now.why} />;
	return (
		<OtdProvider client={now.client}>
			<PeopleProvider>
				<Studio account={now.claims} />
			</PeopleProvider>
			{now.wants && (
				<Dialog title="Sign in again" canClose={false} onClose={() => {}}>
					<p className="hint">What you wrote meanwhile is kept, and sent then.</p>
					<SignIn users={now.wants.users} why={now.wants.why} />
				</Dialog>
			)}
			<Announcer />
		</OtdProvider>
	);
}

function Studio({ account }: { account: { name?: string; colour?: string } }) {
	const route = useRoute();
	const main = useRef<HTMLElement>(null);
	const { setPlace } = usePeople();
	const id = route.at === 'document' ? route.id : null;
	const isFirst = useRef(true);

	useEffect(() => introduce(account), [account]);
	useEffect(fetchEditors, []);
	useEffect(() => {
		setPlace({ doc: id, field: null });
		// Who follows a link by keyboard or by ear goes on there.
		if (!isFirst.current) main.current?.focus();
		isFirst.current = false;
	}, [id]);

	return (
		<div className="studio" data-at={route.at}>
			<a className="skip" href="#content" onClick={(event) => { event.preventDefault(); main.current?.focus(); }}>Skip to the document</a>
			<TopBar />
			<Library current={id} />
			<main id="content" ref={main} tabIndex={-1}>
				<Losses />
				<Fence key={id}>{id ? <OpenDocument id={id} /> : <Home />}</Fence>
			</main>
		</div>
	);
}
