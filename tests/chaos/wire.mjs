// A stretch of network between two parts: TCP passes through, until it is told otherwise.
//
//	pass	as it comes
//	late	each piece so many milliseconds later, order kept
//	stall	nothing comes through and nothing ends: packets are lost and sent again, and come in the end
//	lose	what is sent now never arrives; when it is over, what lost something is cut
//	shut	connections are cut, and new ones at once
import net from 'node:net';

const ROOM = 16;		// pieces that wait in one direction before no more are read

export class Wire {
	#pairs = new Set();
	#mode = 'pass';
	#late_ms = 0;

	// target(): the port that it leads to now.
	static async start(name, target) {
		const wire = new Wire();
		Object.assign(wire, { name, target });
		wire.server = net.createServer({ allowHalfOpen: true, noDelay: true }, (near) => wire.#connect(near));
		await new Promise((done, fail) => {
			wire.server.once('error', fail);
			wire.server.listen(0, '127.0.0.1', done);
		});
		wire.port = wire.server.address().port;
		return wire;
	}

	get mode() { return this.#mode; }
	get connections() { return this.#pairs.size; }

	set(mode, late_ms = 0) {
		const before = this.#mode;
		this.#mode = mode;
		this.#late_ms = mode === 'late' ? late_ms : 0;
		if (mode === 'shut') this.cut();
		if (before === 'lose' && mode !== 'lose')
			for (const pair of this.#pairs) if (pair.lossy) pair.end();
		for (const pair of this.#pairs) for (const flow of pair.flows) flow.go();
	}

	// Every connection ends without a word.
	cut() { for (const pair of this.#pairs) pair.end(); }

	async stop() {
		const closed = new Promise((done) => this.server.close(done));
		this.cut();
		await closed;
	}

	#connect(near) {
		if (this.#mode === 'shut') {
			near.on('error', () => {});
			near.resetAndDestroy();
			return;
		}
		const far = net.connect({ port: this.target(), host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
		const pair = { lossy: false, flows: [], end: () => {
			if (!this.#pairs.delete(pair)) return;
			for (const flow of pair.flows) flow.stop();
			for (const socket of [near, far]) if (!socket.destroyed) socket.resetAndDestroy();
		} };
		this.#pairs.add(pair);
		pair.flows = [this.#flow(pair, near, far), this.#flow(pair, far, near)];
		for (const socket of [near, far]) {
			socket.on('error', pair.end);
			socket.on('close', () => { if (near.destroyed && far.destroyed) this.#pairs.delete(pair); });
		}
	}

	/*
	 * One direction.  What has been read waits in a queue with the time when it is due; no more is read while much waits,
	 * so that a reader that does not read is felt by whoever writes to it.
	 */
	#flow(pair, from, to) {
		const wire = this;
		const queue = [];	// {due_ms, chunk}; chunk null: from has ended
		let timer = null;
		const flow = {
			go() {
				clearTimeout(timer);
				timer = null;
				while (queue.length && wire.#mode !== 'stall' && wire.#mode !== 'lose' && !to.writableNeedDrain) {
					const wait_ms = queue[0].due_ms - Date.now();
					if (wait_ms > 0 && wire.#late_ms > 0) {
						timer = setTimeout(flow.go, wait_ms);
						break;
					}
					const { chunk } = queue.shift();
					if (chunk === null) to.end();
					else if (!to.destroyed) to.write(chunk);
				}
				if (queue.length < ROOM) from.resume();
				else from.pause();
			},
			stop() { clearTimeout(timer); },
		};
		const take = (chunk) => {
			if (wire.#mode === 'lose') {
				pair.lossy = true;
				return;
			}
			queue.push({ due_ms: Date.now() + wire.#late_ms, chunk });
			flow.go();
		};
		from.on('data', take);
		from.on('end', () => take(null));
		to.on('drain', flow.go);
		return flow;
	}
}
