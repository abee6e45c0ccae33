// ot-tool as a child: requests in, answers out, in order.
import { spawn } from 'node:child_process';

export class Tool {
	constructor(file, args = []) {
		this.child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
		this.rest = '';
		this.answers = [];
		this.ended = null;
		this.child.stdout.setEncoding('utf8');
		this.child.stdout.on('data', (chunk) => {
			const lines = (this.rest + chunk).split('\n');
			this.rest = lines.pop();
			for (const line of lines) this.answers.push(line);
			this.wake?.();
		});
		this.child.once('error', (error) => this.end(error.message));
		this.child.stdin.on('error', () => {});
		this.child.once('close', (code, signal) => this.end(signal ? `killed by ${signal}` : `exit ${code}`));
	}

	end(why) {
		this.ended ??= why;
		this.wake?.();
	}

	// Ask all of lines; resolves to as many answers, or fewer if the tool ended.
	async ask(lines) {
		this.child.stdin.write(lines.map((line) => `${line}\n`).join(''));
		while (this.answers.length < lines.length && this.ended === null) {
			await new Promise((wake) => { this.wake = wake; });
		}
		return this.answers.splice(0, lines.length);
	}

	// Close its input; resolves to how it ended ("exit 0").
	async close() {
		this.child.stdin.end();
		while (this.ended === null) await new Promise((wake) => { this.wake = wake; });
		return this.ended;
	}
}
