// A private Redis on loopback that keeps nothing on disk.
import { temporaryFolder } from './paths.mjs';
import { Program, freePort } from './process.mjs';

export class Redis {
	static async start() {
		const redis = new Redis();
		redis.folder = temporaryFolder('redis');
		redis.port = await freePort();
		await redis.up();
		return redis;
	}

	async up() {
		this.server = new Program('redis-server', ['--port', String(this.port), '--bind', '127.0.0.1',
			'--dir', this.folder, '--save', '', '--appendonly', 'no']);
		await this.server.waitFor(/Ready to accept connections/);
	}

	async down() { await this.server.kill(); }

	url(prefix = '') { return `redis://127.0.0.1:${this.port}${prefix && '/' + prefix}`; }

	async stop() { await this.server.stop(); }
}
