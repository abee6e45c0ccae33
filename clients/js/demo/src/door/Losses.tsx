import type { Lost } from 'otd-client/offline';
import { announce } from '../ui/announce.tsx';
import { copyText } from '../ui/copy.ts';
import { useStore } from '../ui/store.ts';
import { forget, losses } from './session.ts';

/** What is lost as it can be pasted elsewhere: a text as itself. */
function words(data: unknown): string {
	const ops = (data as { ops?: Array<{ insert?: unknown }> } | null)?.ops;
	if (Array.isArray(ops)) return ops.map(({ insert }) => (typeof insert === 'string' ? insert : '')).join('');
	return typeof data === 'string' ? data : JSON.stringify(data, null, 2);
}

/** What was written offline and refused is told, and kept until one has seen it. */
export function Losses() {
	const all = useStore(losses);
	if (all.length === 0) return null;
	const copy = (lost: Lost) => void copyText(words(lost.data)).then(
		() => announce('It is on the clipboard'), () => announce('It could not be copied'));
	return (
		<section className="losses" role="alert" aria-label="What was refused">
			{all.map((lost) => (
				<p key={lost.key}>
					<span>What you wrote offline was refused: {lost.error.message}</span>
					<button type="button" className="button" onClick={() => copy(lost)}>Copy it</button>
					<button type="button" className="button" onClick={() => forget(lost)}>Forget it</button>
				</p>
			))}
		</section>
	);
}
