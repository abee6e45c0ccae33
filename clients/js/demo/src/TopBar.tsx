import { useConnectionStatus } from 'otd-client/react';
import { useEffect, useRef } from 'react';
import { isCut } from './door/session.ts';
import { Profile } from './people/Profile.tsx';
import { announce } from './ui/announce.tsx';
import { IconButton } from './ui/Button.tsx';
import { Icon, type IconName } from './ui/Icon.tsx';
import { useStore } from './ui/store.ts';
import { type Theme, theme } from './ui/theme.ts';

export function TopBar() {
	return (
		<header className="top">
			<a className="brand" href="#/"><img src="icon.svg" alt="" width="28" height="28" /> <span>otd studio</span></a>
			<div className="top-actions">
				<Connection />
				<OfflineSwitch />
				<ThemeButton />
				<Profile />
			</div>
		</header>
	);
}

const WORDS = {
	connecting: 'Connecting…', online: 'Online', offline: 'Offline', refused: 'Signed out', closed: 'Closed',
} as const;

function Connection() {
	const status = useConnectionStatus();
	const last = useRef(status);
	const cut = useStore(isCut);
	useEffect(() => {
		if (status === last.current) return;
		const back = status === 'online' && last.current !== 'connecting';
		if (status === 'offline') announce(cut ? 'You are offline now. What you write is kept.' : 'The connection is lost. What you write is kept.');
		if (back) announce('You are online again.');
		last.current = status;
	}, [status, cut]);
	return <span className="connection" data-state={status}><span className="dot" aria-hidden="true" />{WORDS[status]}</span>;
}

/** Really cuts the connection, as a train in a tunnel does. */
function OfflineSwitch() {
	const cut = useStore(isCut);
	return (
		<button type="button" role="switch" aria-checked={cut} className="switch" onClick={() => isCut.set(!cut)}
			title="Cut the connection and go on writing; it is merged when you are back">
			<Icon name={cut ? 'offline' : 'cloud'} />
			<span className="switch-label">Work offline</span>
			<span className="track" aria-hidden="true"><span className="thumb" /></span>
		</button>
	);
}

const NEXT: Record<Theme, { to: Theme; icon: IconName; label: string }> = {
	auto: { to: 'light', icon: 'system', label: 'Colours: as the system. Change to light' },
	light: { to: 'dark', icon: 'sun', label: 'Colours: light. Change to dark' },
	dark: { to: 'auto', icon: 'moon', label: 'Colours: dark. Change to those of the system' },
};

function ThemeButton() {
	const { to, icon, label } = NEXT[useStore(theme)];
	return <IconButton icon={icon} label={label} className="theme" onClick={() => theme.set(to)} />;
}
