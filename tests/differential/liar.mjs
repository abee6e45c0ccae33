#!/usr/bin/env node
// ot-tool with a defect: of the answers to one request in SELDOM it makes something else.  Which ones depends on the
// request alone, so that a difference is seen again.  For planted.test.mjs.
import readline from 'node:readline';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { program } from '../lib/paths.mjs';

const SELDOM = 150;

// FNV-1a
function hash(line) {
	let h = 0x811c9dc5;
	for (let i = 0; i < line.length; i++) h = Math.imul(h ^ line.charCodeAt(i), 0x01000193);
	return (h ^ h >>> 15) >>> 0;
}

export const isLie = (line) => hash(line) % SELDOM === 0;

// Something like v that is not v.
function other(v, h) {
	if (typeof v === 'string') return h % 2 && v ? v.slice(0, -1) : `${v}x`;
	if (typeof v === 'number') return v === 0 ? 1 : v * 3;
	if (Array.isArray(v)) return v.length ? [...v.slice(0, -1), ...(h % 2 ? [other(v.at(-1), h >>> 1)] : [])] : [0];
	if (v === null || typeof v !== 'object') return 'else';
	const keys = Object.keys(v);
	const key = keys[h % keys.length];
	return keys.length ? { ...v, [key]: other(v[key], h >>> 1) } : { x: 1 };
}

export function lie(line, answer) {
	const h = hash(line);
	const { ok, undef, error } = JSON.parse(answer);
	if (error) return '{"ok":null}';
	switch (Math.floor(h / SELDOM) % 8) {
	case 0: return '{"error":"no"}';
	case 1: return 'ok';
	case 2: return undef ? '{"ok":null}' : '{"ok":null,"undef":true}';
	default: return JSON.stringify({ ok: other(ok, h) });
	}
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const asked = [];
	const tool = spawn(program('ot-tool'), { stdio: ['pipe', 'pipe', 'inherit'] });
	readline.createInterface({ input: process.stdin }).on('line', (line) => {
		asked.push(line);
		tool.stdin.write(`${line}\n`);
	}).on('close', () => tool.stdin.end());
	readline.createInterface({ input: tool.stdout }).on('line', (answer) => {
		const line = asked.shift();
		process.stdout.write(`${isLie(line) ? lie(line, answer) : answer}\n`);
	});
}
