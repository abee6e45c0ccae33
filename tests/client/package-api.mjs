// What the package promises of its entries: how large each may be; and what each exports, read off its types in dist/.
import fs from 'node:fs';
import path from 'node:path';

/** kB, gzip, without what package.json depends on, and without other entries. */
export const BUDGET = {
	'.': 6, './codemirror': 4, './monaco': 4, './offline': 4, './quill': 4, './react': 2, './text': 4, './textarea': 4, './undo': 4,
};
/** kB, gzip, with all that package.json depends on: what `connect` adds to a page. */
export const WHOLE_BUDGET = 37;

const DECLARED = /^export (?:declare )?(?:abstract )?(class|interface|type|function|const) (\w+)/;
const PASSED_ON = /^export (type )?\{ ([^}]+) \} from '(\.[^']+)';/gm;

/** Of a file of types, by name: { kind, isValue, isTold, file }; told is what has a comment right above. */
function declared(file) {
	const lines = fs.readFileSync(file, 'utf8').split('\n');
	const found = new Map();
	lines.forEach((line, i) => {
		const [, kind, name] = DECLARED.exec(line) ?? [];
		// Overloads are told of at the first.
		if (name && !found.has(name))
			found.set(name, { kind, isValue: !['interface', 'type'].includes(kind), isTold: /\*\/$/.test(lines[i - 1] ?? ''), file });
	});
	return found;
}

/** All that the entry whose types are in `file` exports, by name. */
export function api(file) {
	const found = declared(file);
	for (const [, type, names, from] of fs.readFileSync(file, 'utf8').matchAll(PASSED_ON)) {
		const there = api(path.join(path.dirname(file), from.replace(/\.js$/, '.d.ts')));
		for (const given of names.split(',').map((name) => name.trim())) {
			const name = given.replace(/^type /, '');
			const one = there.get(name);
			if (!one) throw new Error(`${file}: ${from} has no ${name}`);
			found.set(name, { ...one, isValue: one.isValue && !type && name === given });
		}
	}
	return found;
}
