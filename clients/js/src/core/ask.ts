/** What ShareDB's client calls back with: real Errors, though its types do not say so. */
export type Failure = Error & { code?: string };

/** An error with a code, as those of the server have. */
export function failure(code: string, message: string): Failure {
	return Object.assign(new Error(message), { code });
}

/** A call of ShareDB's client as a promise. */
export function ask(call: (done: (error?: any) => void) => void): Promise<void> {
	return new Promise((resolve, reject) => call((error) => (error ? reject(error) : resolve())));
}
