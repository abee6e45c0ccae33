// Where things are: the project, the build, a private temporary folder.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(fileURLToPath(import.meta.url), '../../..');

// OTD_BUILD is relative to the project's root, like the default.
export const build = path.resolve(root, process.env.OTD_BUILD || 'build');

// The path of a built program; says what to do when it is not there.
export function program(name) {
	const file = path.join(build, name);
	if (!fs.existsSync(file)) throw new Error(`${file} is missing: run scripts/build`);
	return file;
}

// Sanitizers and the like make everything slower: how much longer to wait.
export const patience = Number(process.env.OTD_TEST_PATIENCE || 1);

const folders = [];

// A new folder that any user may enter, gone when the process ends.
export function temporaryFolder(what) {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), `otd-${what}-`));
	fs.chmodSync(folder, 0o755);
	folders.push(folder);
	return folder;
}

process.on('exit', () => {
	for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
});
