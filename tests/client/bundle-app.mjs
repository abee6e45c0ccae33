// Applications that use the package as npm packs and installs it.
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { root, temporaryFolder } from '../lib/paths.mjs';
import { run } from '../lib/process.mjs';

export const home = path.join(root, 'clients/js');
const bundlers = path.join(root, 'tests/bundlers');

/** What `npm pack` makes of the package as it is built: the archive's path. */
export async function pack() {
	const folder = temporaryFolder('pack');
	const said = await run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], { cwd: home });
	return path.join(folder, said.trim().split('\n').pop());
}

/**
 * A new application with the package installed from its archive, beside bundlers
 * and editors; its folder. Of clients/js come, as they are, the packages in `borrow`.
 */
export async function application({ borrow = [] } = {}) {
	const folder = temporaryFolder('app');
	const modules = path.join(folder, 'node_modules');
	for (const name of ['package.json', 'package-lock.json', '.npmrc']) fs.copyFileSync(path.join(bundlers, name), path.join(folder, name));
	// Links where the file system can: npm puts new files in the place of those it changes, but for its own notes.
	await run('cp', ['-al', path.join(bundlers, 'node_modules'), modules])
		.catch(() => run('cp', ['-a', path.join(bundlers, 'node_modules'), folder]));
	fs.rmSync(path.join(modules, '.package-lock.json'), { force: true });
	await run('npm', ['install', '--ignore-scripts', '--prefer-offline', '--loglevel=error', await pack()], { cwd: folder });
	for (const name of borrow) {
		const at = path.join(modules, name);
		if (fs.existsSync(at)) continue;
		fs.mkdirSync(path.dirname(at), { recursive: true });
		fs.symlinkSync(path.join(home, 'node_modules', name), at);
	}
	return folder;
}

/** Write files into a folder, by their names. */
export function write(folder, files) {
	for (const [name, text] of Object.entries(files)) {
		fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
		fs.writeFileSync(path.join(folder, name), text);
	}
}

const MEDIA = { html: 'text/html', js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml' };

/** A server of a folder's files: its url, and how to stop it. */
export async function serve(folder) {
	const server = http.createServer((request, answer) => {
		const { pathname } = new URL(request.url, 'http://x');
		const file = path.join(folder, path.normalize(pathname.endsWith('/') ? `${pathname}index.html` : pathname));
		if (!fs.existsSync(file)) return answer.writeHead(404).end();
		answer.writeHead(200, { 'content-type': MEDIA[path.extname(file).slice(1)] ?? 'application/octet-stream' });
		answer.end(fs.readFileSync(file));
	});
	await new Promise((done) => server.listen(0, '127.0.0.1', done));
	return {
		url: `http://127.0.0.1:${server.address().port}/`,
		stop: () => { server.close(); server.closeAllConnections?.(); },
	};
}

/** A page that complains to `complaints` of what goes wrong in it. */
export async function openPage(browser, url, complaints, timeout_ms) {
	const page = await browser.newPage();
	page.setDefaultTimeout(timeout_ms);
	page.on('pageerror', (error) => complaints.push(`${url}: ${error}`));
	page.on('console', (said) => {
		const isIcon = said.location().url.endsWith('/favicon.ico');
		if (['error', 'warning'].includes(said.type()) && !isIcon) complaints.push(`${url}: ${said.text()}`);
	});
	await page.goto(url);
	return page;
}

/** The environment of tools that are to say and fetch nothing of their own. */
export const quiet = {
	...process.env, NEXT_TELEMETRY_DISABLED: '1', NEXT_IGNORE_INCORRECT_LOCKFILE: '1', NO_COLOR: '1', CI: '1', NODE_ENV: '',
};

/** A tool of the application's: {file, args} to run it with this Node. */
export const tool = (folder, script, ...args) => [process.execPath, [path.join(folder, 'node_modules', script), ...args]];
