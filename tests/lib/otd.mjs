// One otd process under test.
import fs from 'node:fs';
import path from 'node:path';
import { patience, program, temporaryFolder } from './paths.mjs';
import { Program, freePort } from './process.mjs';

// What the environment may hold for otd must not reach a test.
function environment(extra) {
	const env = { ...process.env };
	for (const name of Object.keys(env))
		if (name.startsWith('OTD_')) delete env[name];
	return { ...env, ...extra };
}

export class Otd {
	// store, bus: URLs; none is a new embedded store and the bus in-process.  config: what a settings file says.
	// under: a program and its arguments that otd is run by.
	static async start({ store, bus, workers, port, config, args = [], env = {}, under = [] } = {}) {
		const otd = new Otd();
		otd.under = under;
		otd.store = store || `sqlite:${path.join(temporaryFolder('db'), 'otd.db')}`;
		otd.port = port || await freePort();
		otd.args = ['serve', '--listen', `127.0.0.1:${otd.port}`, '--store', otd.store, '--log-format', 'text'];
		if (bus) otd.args.push('--bus', bus);
		if (workers) otd.args.push('--workers', String(workers));
		if (config) {
			const file = path.join(temporaryFolder('config'), 'otd.json');
			fs.writeFileSync(file, JSON.stringify(config));
			otd.args.push('--config', file);
		}
		otd.args.push(...args);
		otd.env = environment(env);
		await otd.up();
		return otd;
	}

	get url() { return `http://127.0.0.1:${this.port}/`; }
	get ws() { return `ws://127.0.0.1:${this.port}/ws`; }
	get pid() { return this.process.pid; }

	async up() {
		const [file, ...args] = [...this.under, program('otd'), ...this.args];
		this.process = new Program(file, args, { env: this.env, detached: true });
		await this.process.waitFor(/listening on https?:/, 20_000 * patience);
	}

	async kill() { await this.process.kill(); }

	// SIGTERM drains; anything but exit 0 is a fault (a sanitizer's report, too).
	async stop() {
		if (this.process.exit) return;
		const exit = await this.process.stop('SIGTERM', 30_000 * patience);
		if (exit.code !== 0)
			throw new Error(`otd ended with ${JSON.stringify(exit)}:\n${this.process.lines.slice(-60).join('\n')}`);
	}
}

// Run otd to its end with these arguments: {code, text}.
export async function otd(args, { env = {}, cwd } = {}) {
	const child = new Program(program('otd'), args, { env: environment(env), cwd });
	const exit = await child.ended;
	return { code: exit.code, signal: exit.signal, text: child.said() };
}
