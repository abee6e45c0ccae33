// One child process: started, watched for a line, stopped, never left behind.
import { spawn } from 'node:child_process';
import net from 'node:net';

// A test that failed may have left something going: the file ends all the same, soon after its last test.
const LINGER_MS = 10_000;
if (process.argv[1]?.endsWith('.test.mjs')) {	// what a test starts has its environment, too
	const { after } = await import('node:test');
	after(() => { setTimeout(() => process.exit(), LINGER_MS).unref(); });
}

const running = new Set();
const groups = new WeakSet();	// children that lead a process group

process.on('exit', () => {
	for (const child of running) signalGroup(child, 'SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
	process.once(signal, () => process.exit(1));

// To the child and what it has started, when it leads a group of its own.
function signalGroup(child, name) {
	try {
		process.kill(groups.has(child) ? -child.pid : child.pid, name);
	} catch {
		// it has just ended
	}
}

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// Ports already promised: two servers of one test must not get the same.
const promised = new Set();

// A TCP port on loopback that nobody listens on now.
export async function freePort() {
	for (;;) {
		const server = net.createServer();
		await new Promise((done, fail) => {
			server.once('error', fail);
			server.listen(0, '127.0.0.1', done);
		});
		const { port } = server.address();
		await new Promise((done) => server.close(done));
		if (promised.has(port)) continue;
		promised.add(port);
		return port;
	}
}

// Ask check() until it is truthy; its value.  Throws after timeout_ms.
export async function until(what, check, { timeout_ms = 10_000, every_ms = 20 } = {}) {
	const deadline = Date.now() + timeout_ms;
	for (;;) {
		const value = await check();
		if (value) return value;
		if (Date.now() > deadline) throw new Error(`waited ${timeout_ms} ms in vain: ${what}`);
		await sleep(every_ms);
	}
}

export class Program {
	// options: those of spawn; detached makes it the leader of a group, and
	// SIGKILL then goes to all of the group.
	constructor(file, args, options = {}) {
		this.name = file.split('/').pop();
		this.lines = [];
		this.exit = null;		// {code, signal} once it has ended
		this.child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
		running.add(this.child);
		if (options.detached) groups.add(this.child);
		this.ended = new Promise((done) => {
			const end = (exit) => {
				if (this.exit) return;
				running.delete(this.child);
				this.exit = exit;
				done(exit);
			};
			this.child.once('error', (error) => {
				this.lines.push(String(error));
				end({ code: 127, signal: null });
			});
			this.child.once('close', (code, signal) => end({ code, signal }));
		});
		for (const stream of [this.child.stdout, this.child.stderr])
			if (stream) this.#collect(stream);
	}

	#collect(stream) {
		let rest = '';
		stream.setEncoding('utf8');
		stream.on('data', (text) => {
			const lines = (rest + text).split('\n');
			rest = lines.pop();
			this.lines.push(...lines);
			if (this.lines.length > 20_000) this.lines.splice(0, 10_000);
		});
		stream.on('end', () => { if (rest) this.lines.push(rest); });
	}

	get pid() { return this.child.pid; }

	said() { return this.lines.join('\n'); }

	// The match of pattern in what it said; throws when it ends or is too slow.
	async waitFor(pattern, timeout_ms = 20_000) {
		return until(`${this.name} says ${pattern}`, () => {
			for (const line of this.lines) {
				const match = pattern.exec(line);
				if (match) return match;
			}
			if (this.exit)
				throw new Error(`${this.name} ended (${JSON.stringify(this.exit)}):\n${this.said()}`);
			return null;
		}, { timeout_ms });
	}

	signal(name) {
		if (this.exit) return;
		if (name === 'SIGKILL') signalGroup(this.child, name);
		else this.child.kill(name);
	}

	async kill() {
		this.signal('SIGKILL');
		return this.ended;
	}

	// End it with signal; killed when it takes longer than timeout_ms.
	async stop(signal = 'SIGTERM', timeout_ms = 15_000) {
		this.signal(signal);
		let late = false;
		const timer = setTimeout(() => { late = true; this.signal('SIGKILL'); }, timeout_ms);
		const exit = await this.ended;
		clearTimeout(timer);
		if (late) throw new Error(`${this.name} did not end on ${signal}:\n${this.said()}`);
		return exit;
	}
}

// Run to its end; throws with what it said unless it leaves with 0.
export async function run(file, args, options) {
	const program = new Program(file, args, options);
	const exit = await program.ended;
	if (exit.code !== 0)
		throw new Error(`${program.name} ${args.join(' ')}: ${JSON.stringify(exit)}\n${program.said()}`);
	return program.said();
}
