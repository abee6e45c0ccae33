// A page of the tests, bundled with the client's built files and served.
import fs from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { root, temporaryFolder } from '../lib/paths.mjs';

const home = path.join(root, 'clients/js');
const { build } = createRequire(path.join(home, 'package.json'))('esbuild');

/** `name`: of a file in this folder. */
export async function serve(name) {
	const outdir = temporaryFolder('site');
	await build({
		entryPoints: [path.join(root, `tests/client/${name}.mjs`)], outdir, bundle: true, format: 'esm', logLevel: 'error',
		nodePaths: [path.join(home, 'node_modules'), path.join(root, 'tests/node_modules')],
		alias: { 'otd-client': path.join(home, 'dist') },
	});
	const page = `<!doctype html><meta charset="utf-8"><title>${name}</title><link rel="icon" href="data:,"><div id="root"></div><script type="module" src="${name}.js"></script>`;
	const server = http.createServer(({ url }, answer) => {
		const isScript = url === `/${name}.js`;
		if (!isScript && new URL(url, 'http://x').pathname !== '/') return answer.writeHead(404).end();
		answer.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' });
		answer.end(isScript ? fs.readFileSync(path.join(outdir, `${name}.js`)) : page);
	});
	await new Promise((done) => server.listen(0, '127.0.0.1', done));
	return { url: `http://127.0.0.1:${server.address().port}/`, stop: () => { server.closeAllConnections(); server.close(); } };
}
