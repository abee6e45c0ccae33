// The machine, and how quiet it is.
import fs from 'node:fs';
import os from 'node:os';
import { execFileSync } from 'node:child_process';
import { root } from '../../tests/lib/paths.mjs';

const SPIN = 50_000_000;	// rounds: some 50 ms

let spun = 0;	// keeps the loop from being dropped

/** Milliseconds that a fixed piece of work takes now: what others have of the processor shows. */
export function spin() {
	const began = performance.now();
	let x = 1;
	for (let i = 0; i < SPIN; i++) x = Math.imul(x, 1664525) + 1013904223 | 0;
	spun ^= x;
	return Number((performance.now() - began).toFixed(2));
}

export function describe() {
	const [{ model }] = os.cpus();
	return {
		processor: model.trim(), processors: os.cpus().length, memory_gb: Math.round(os.totalmem() / 2 ** 30),
		kernel: os.release(), node: process.version, system: systemName(),
	};
}

function systemName() {
	try {
		return /^PRETTY_NAME="(.*)"/m.exec(fs.readFileSync('/etc/os-release', 'utf8'))[1];
	} catch {
		return os.platform();
	}
}

/** Which state of the source is measured, as git names it; undefined outside of a clone. */
export function source() {
	try {
		return execFileSync('git', ['-C', root, 'describe', '--always', '--dirty'], { stdio: ['ignore', 'pipe', 'ignore'] }).toString().trim();
	} catch {
		return undefined;
	}
}

/** Load of the last minute, and the share of time that was taken from this machine by others on its host. */
export function noise() {
	const [user, nice, system, idle, wait, irq, softirq, steal] = fs.readFileSync('/proc/stat', 'utf8').split('\n')[0]
		.split(/\s+/).slice(1).map(Number);
	return { load_1: Number(os.loadavg()[0].toFixed(2)), ticks: user + nice + system + idle + wait + irq + softirq + steal, steal };
}
