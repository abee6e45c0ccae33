// The one Redis of a run, and what it counts itself.
import { createClient } from '../peers/node_modules/redis/dist/index.js';
import { Redis } from '../../tests/lib/redis.mjs';

export class Bus {
	static async start() {
		const bus = new Bus();
		bus.server = await Redis.start();
		bus.client = await createClient({ url: bus.server.url() }).connect();
		return bus;
	}

	get pid() { return this.server.server.pid; }

	/** Bytes that it was told and commands, so far. */
	async count() {
		const info = await this.client.info('stats');
		const of = (name) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)[1]);
		return { bus_bytes: of('total_net_input_bytes'), bus_commands: of('total_commands_processed') };
	}

	async stop() {
		await this.client.close();
		await this.server.stop();
	}
}
