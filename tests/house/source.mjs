// The tracked files and what is in them, for the checks of the house.
import fs from 'node:fs';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import { root } from '../lib/paths.mjs';

// Where there is no git (a release's archive), every file but what is built.
function list() {
	try {
		return execFileSync('git', ['ls-files', '-z'], { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] })
			.toString().split('\0').filter(Boolean).filter((file) => fs.existsSync(path.join(root, file)));
	} catch {
		return execFileSync('find', ['.', '(', '-name', 'node_modules', '-o', '-name', 'build*', '-o', '-name', '.git',
			')', '-prune', '-o', '-type', 'f', '-printf', '%P\\n'], { cwd: root }).toString().split('\n').filter(Boolean);
	}
}

export const files = list();
export const read = (file) => fs.readFileSync(path.join(root, file), 'utf8');

// C of ours: the program, the kernel, the tests.
export const sources = files.filter((file) => /\.(c|h|def)$/.test(file));

// C without its comments and the text of its strings, lines kept.
export function code(file) {
	return read(file).replace(/\/\*[^]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g, (found) =>
		(found[0] === '/' ? found.replace(/[^\n]/g, ' ') : `${found[0]}${found[0]}`));
}

// {file, line, text} of each match of pattern in text.
export function matches(file, text, pattern) {
	return text.split('\n').flatMap((line, i) => (pattern.test(line) ? [`${file}:${i + 1}: ${line.trim()}`] : []));
}
