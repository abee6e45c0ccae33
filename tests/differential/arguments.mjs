// What the commands here have in common: reading their arguments, and saying what is wrong with them.
import { types } from './compare.mjs';

export class UsageError extends Error {}

export function number(name, text) {
	if (!/^\d+$/.test(text)) throw new UsageError(`--${name} ${text} is no number`);
	return Number(text);
}

export function typesOf(names) {
	const unknown = names.filter((type) => !Object.hasOwn(types, type));
	if (unknown.length) throw new UsageError(`no such type: ${unknown.join(', ')}; there are ${Object.keys(types).join(', ')}`);
	return names;
}

// main ends the process, or throws.
export async function command(usage, main) {
	try {
		if (process.argv.slice(2).includes('--help')) console.log(usage);
		else process.exit(await main());
	} catch (error) {
		if (!(error instanceof UsageError) && !String(error.code).startsWith('ERR_PARSE_ARGS')) throw error;
		console.error(`${error.message}\n${usage}`);
		process.exit(2);
	}
}
