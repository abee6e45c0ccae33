// The package's files in dist/: an ES module an entry, and its types.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
process.chdir(here);

const entries = { index: 'src/index.ts' };
for (const name of ['codemirror', 'monaco', 'offline', 'quill', 'react', 'text', 'textarea', 'undo']) entries[name] = `src/${name}/index.ts`;

rmSync('dist', { recursive: true, force: true });
await build({
	entryPoints: entries, outdir: 'dist', bundle: true, splitting: true, format: 'esm', target: 'es2022',
	packages: 'external', sourcemap: true, logLevel: 'warning',
});
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc'], { stdio: 'inherit' });
