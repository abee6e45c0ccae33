import type { Status } from 'otd-client';
import { useConnectionStatus } from 'otd-client/react';
import { useStore } from '../ui/store.ts';
import { isCut } from './session.ts';

/** How the connection is; cut by the switch it is offline, also before it was ever made. */
export function useStatus(): Status {
	const status = useConnectionStatus();
	return useStore(isCut) && status === 'connecting' ? 'offline' : status;
}
