// What happens next, made of a seed: for each lane of faults.mjs a list without end that is the same for the same seed,
// however fast the machine is.
import { Chance } from '../interop/random.mjs';
import { sleep } from '../lib/process.mjs';

const PAUSE_MS = 4000;		// the longest before a fault of a lane

function pick(chance, faults) {
	let left = chance.below(faults.reduce((sum, { weight }) => sum + weight, 0));
	return faults.find(({ weight }) => (left -= weight) < 0);
}

// {kind, pause_ms, drawn, run}, one after the other
function* lane(faults, chance) {
	while (faults.length) {
		const { kind, draw, run } = pick(chance, faults);
		yield { kind, pause_ms: 100 + chance.below(PAUSE_MS), drawn: draw(chance), run };
	}
}

export const kindsOf = (lanes) => [...new Set(Object.values(lanes).flat().map(({ kind }) => kind))];

// By lane: its faults, to be read on where a storm left it.  wanted(kind): may it come?
export function schedule(seed, lanes, wanted = () => true) {
	return new Map(Object.entries(lanes).map(([name, faults]) =>
		[name, lane(faults.filter(({ kind }) => wanted(kind)), new Chance(`${seed} ${name}`))]));
}

// Faults in every lane for so long, and until the last of them is over; note(lane, fault) when one begins.
export async function storm(world, lanes, lasts_ms, note) {
	const end = Date.now() + lasts_ms;
	await Promise.all([sleep(lasts_ms), ...[...lanes].map(async ([name, faults]) => {
		for (;;) {
			const { value: fault } = faults.next();
			if (!fault || Date.now() + fault.pause_ms >= end) return;
			await sleep(fault.pause_ms);
			note(name, fault);
			await fault.run(world, fault.drawn);
		}
	})]);
}
