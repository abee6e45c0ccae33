import { Component, type ReactNode } from 'react';

/** What went wrong, in words, and a way on. */
export function Problem({ title, children, action }: { title: string; children: ReactNode; action?: ReactNode }) {
	return (
		<div className="problem" role="alert">
			<h2>{title}</h2>
			<p>{children}</p>
			{action}
		</div>
	);
}

interface Props { children: ReactNode }

/** A fault of ours within does not take the page with it. */
export class Fence extends Component<Props, { error: Error | null }> {
	override state: { error: Error | null } = { error: null };

	static getDerivedStateFromError(error: Error) { return { error }; }

	override render() {
		const { error } = this.state;
		if (!error) return this.props.children;
		return (
			<Problem title="This could not be shown"
				action={<button type="button" className="button" onClick={() => this.setState({ error: null })}>Try again</button>}>
				{error.message} What was written is kept.
			</Problem>
		);
	}
}
