// Bundles the studio:
//
//	node build.mjs WORK
//
// WORK holds the packages (WORK/node_modules); what is served goes to WORK/site,
// listed in WORK/site.json: the path of each file, its type, and whether its
// name changes with its content, so that it may be kept for ever.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const work = path.resolve(process.argv[2] ?? 'demo-page.tmp');
const site = path.join(work, 'site');
const { build } = createRequire(path.join(work, 'package.json'))('esbuild');

const TYPES = {
	'.css': 'text/css; charset=utf-8', '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8',
	'.svg': 'image/svg+xml', '.txt': 'text/plain; charset=utf-8',
};

/** The client as it is in this tree, and packages from WORK wherever they are asked for. */
const resolving = {
	name: 'resolving',
	setup({ onResolve, resolve }) {
		onResolve({ filter: /^otd-client(\/|$)/ }, ({ path: name }) =>
			({ path: path.join(here, '../src', name.slice('otd-client'.length), 'index.ts') }));
		onResolve({ filter: /^[^./]/ }, ({ path: name, kind, resolveDir, pluginData }) => {
			if (kind === 'entry-point' || pluginData === resolving || resolveDir.startsWith(work)) return undefined;
			return resolve(name, { kind, resolveDir: work, pluginData: resolving });
		});
	},
};

/** The bundle carries these packages, so it carries their licences. */
function licences(inputs) {
	const names = new Set(inputs.map((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1]).filter(Boolean));
	return [...names].sort().map((name) => {
		const folder = path.join(work, 'node_modules', name);
		const said = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
		const licence = fs.readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
		const text = licence ? fs.readFileSync(path.join(folder, licence), 'utf8') :
			`Author: ${said.author?.name ?? said.author ?? 'see its package'}\n`;
		return `==== ${name} ${said.version} (${said.license}) ====\n\n${text}\n`;
	}).join('');
}

fs.rmSync(site, { recursive: true, force: true });
const { metafile } = await build({
	absWorkingDir: work, entryPoints: [{ in: path.join(here, 'src/main.tsx'), out: 'studio' }],
	outdir: site, entryNames: '[name]-[hash]', chunkNames: 'part-[hash]',
	bundle: true, splitting: true, format: 'esm', minify: true, jsx: 'automatic', metafile: true,
	target: ['chrome123', 'firefox121', 'safari17.5'], legalComments: 'none', logLevel: 'warning',
	define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis' },
	plugins: [resolving],
});

const bundled = fs.readdirSync(site);
const entry = (ending) => bundled.find((file) => /^studio-/.test(file) && file.endsWith(ending));
fs.writeFileSync(path.join(site, 'licenses.txt'), licences(Object.keys(metafile.inputs)));
fs.copyFileSync(path.join(here, 'icon.svg'), path.join(site, 'icon.svg'));
fs.writeFileSync(path.join(site, 'index.html'), fs.readFileSync(path.join(here, 'index.html'), 'utf8')
	.replace('studio.css', entry('.css')).replace('studio.js', entry('.js')));

fs.writeFileSync(path.join(work, 'site.json'), JSON.stringify(fs.readdirSync(site).sort().map((file) => ({
	path: file === 'index.html' ? '/' : `/${file}`,
	type: TYPES[path.extname(file)],
	file: path.join(site, file),
	lasting: bundled.includes(file),
})), null, '\t'));
