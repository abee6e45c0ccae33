const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789';

/** A name that nobody else has made. Not crypto.randomUUID, which pages without TLS lack. */
export const newId = (length = 12): string =>
	Array.from(crypto.getRandomValues(new Uint8Array(length)), (n) => LETTERS[n % LETTERS.length]).join('');
