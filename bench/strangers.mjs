// The settings that docs/LIMITS.md has for where strangers come: read there, so that what is recommended is measured.
import fs from 'node:fs';

export function strangers() {
	const text = fs.readFileSync(new URL('../docs/LIMITS.md', import.meta.url), 'utf8');
	const [block] = text.slice(text.indexOf('## 7. Where strangers come')).match(/\n {4}--[^]*?(?=\n\n|\n*$)/);
	return block.trim().split(/\s+/);
}
