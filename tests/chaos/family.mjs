// The processes of a server: the one that was started, and those that it has started.
import fs from 'node:fs';

export function childrenOf(pid) {
	try {
		return fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
	} catch {
		return [];	// has ended
	}
}

export function familyOf(pid) { return [pid, ...childrenOf(pid).flatMap(familyOf)]; }

// To each of them; who has just ended gets none.
export function signalFamily(pid, signal) {
	for (const each of familyOf(pid)) try { process.kill(each, signal); } catch { /* has just ended */ }
}
