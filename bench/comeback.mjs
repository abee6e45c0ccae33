// Thousands of clients come back at once: they are connected, the server is killed and started again, and all of them
// return at the same moment, each to a document.  Said is at what rate the server let them in, by its own count, when all
// were served, and how /livez was answered meanwhile, as a thread of its own asks.  bench/comeback builds and starts this.
import { execFileSync } from 'node:child_process';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { parseArgs } from 'node:util';
import { WebSocket } from '../tests/node_modules/ws/wrapper.mjs';
import { Otd } from '../tests/lib/otd.mjs';
import { Postgres } from '../tests/lib/postgres.mjs';
import { freePort, sleep } from '../tests/lib/process.mjs';
import { Redis } from '../tests/lib/redis.mjs';

const USAGE = `usage: bench/comeback [--clients N] [--rate N] [--workers N] [--documents N] [--seconds N] [--json]

--clients	that come at once; 10000
--rate		as otd serve's --accept-rate: let in a second, by each worker; 1000
--workers	of otd; 1
--documents	that they are at, as many clients at each; 500
--seconds	at most for each time that all come; 120
--json		a line of JSON, instead of the table
`;
const TYPE = 'http://sharejs.org/types/JSONv0';
const ADDRESSES = 20;		// of loopback, as clients have addresses of their own
const AGAIN_MS = 200;		// who was not accepted knocks again
const EXACT_S = 0.1;
const EVERY_MS = 25;		// between questions for /livez

const seconds = () => performance.timeOrigin / 1000 + performance.now() / 1000;
const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
const round = (x, digits = 2) => Number(x.toFixed(digits));

// ---- the thread: how long /livez takes, and how many have been let in ----

// {at, ms, status}: when it was asked, how long that took, and what was said, or what went wrong.
async function livez(url) {
	const at = seconds();
	const status = await fetch(`${url}livez`, { signal: AbortSignal.timeout(30_000) }).then(async (answer) => {
		await answer.text();
		return answer.status;
	}, (error) => String(error.cause ?? error));
	return { at, ms: 1000 * (seconds() - at), status };
}

// {at, took, in, turn}: when it was answered and after how long, clients that are let in, the longest turn of late; seconds.
async function metrics(url) {
	const began = seconds();
	const text = await (await fetch(`${url}metrics`)).text();
	const all = (name) => [...text.matchAll(new RegExp(`^${name}\\{.*\\} (.*)$`, 'gm'))].map(([, n]) => Number(n));
	return { at: seconds(), took: seconds() - began, in: all('otd_websockets').reduce((a, b) => a + b, 0),
		turn: Math.max(...all('otd_longest_turn_seconds')) };
}

async function sample(url) {
	const seen = { livez: [], metrics: [] };
	let over = false;
	await metrics(url);		// what is loaded for the first time is no matter of the server's
	parentPort.once('message', () => { over = true; });
	parentPort.postMessage('ready');
	const again = async (list, ask, every_ms) => {
		while (!over) {
			list.push(await ask(url));
			await sleep(every_ms);
		}
	};
	await Promise.all([again(seen.livez, livez, EVERY_MS), again(seen.metrics, metrics, 10 * EVERY_MS)]);
	seen.metrics.push(await metrics(url));
	parentPort.postMessage(seen);
	parentPort.close();
}

// Ask from now on; the function ends it, and gives what was seen.
async function watch(url) {
	const thread = new Worker(new URL(import.meta.url), { workerData: url });
	const said = () => new Promise((done, fail) => thread.once('error', fail).once('message', done));
	await said();
	return () => {
		thread.postMessage('over');
		return said();
	};
}

function livezFigures(asked) {
	const times = asked.map(({ ms }) => ms).sort((a, b) => a - b);
	return { asked: asked.length, failed: asked.filter(({ status }) => status !== 200).length,
		p50_ms: round(quantile(times, 0.5)), p99_ms: round(quantile(times, 0.99)), worst_ms: round(times.at(-1)) };
}

// A second's worth may come at once: the mean behind that; and by how many there were ever more than there may be.
function rateFigures(seen, count, rate) {
	const first = seen.findIndex((one) => one.in > 0);
	const last = seen[Math.max(0, first - 1)], began = last.at - last.took;
	const over = Math.max(0, ...seen.map((one) => Math.ceil(one.in - rate * (1 + Math.max(0, one.at - began)))));
	// Of an answer that took long nobody knows when it was true.
	const exact = seen.filter(({ took }) => took < EXACT_S);
	const from = exact.find((one) => one.in >= rate), to = exact.findLast((one) => one.in < count);
	const mean = from && to && to.at > from.at ? Math.round((to.in - from.in) / (to.at - from.at)) : null;
	return { mean_rate: mean, over_rate: over };
}

// ---- a client ----

class Client {
	constructor(i, documents) {
		Object.assign(this, { id: `d${i % documents}`, localAddress: `127.0.1.${1 + i % ADDRESSES}`, tries: 0 });
	}

	// When it had its document, in seconds since 1970.
	come(url, until) {
		return new Promise((done, fail) => {
			let isServed = false;
			const served = () => {
				isServed = true;
				done(seconds());
			};
			const knock = () => {
				this.tries++;
				this.socket = new WebSocket(url, { perMessageDeflate: false, localAddress: this.localAddress });
				this.socket.on('error', () => {
					if (isServed) return;
					if (seconds() > until) fail(new Error('somebody was not let in in time'));
					else setTimeout(knock, AGAIN_MS);
				});
				this.socket.on('message', (text) => this.#hear(JSON.parse(text), served, fail));
			};
			knock();
		});
	}

	#hear(message, served, fail) {
		if (message.error) fail(new Error(JSON.stringify(message.error)));
		else if (message.a === 'init') this.#say({ a: 'hs', protocol: 1, protocolMinor: 2 });
		else if (message.a === 'hs') this.#say({ a: 's', c: 'notes', d: this.id, v: null });
		else if (message.a === 's') served();
	}

	#say(message) { this.socket.send(JSON.stringify(message)); }

	left() { return new Promise((done) => this.socket.readyState === WebSocket.CLOSED ? done() : this.socket.once('close', done)); }
}

// Documents that are there before anybody comes.
async function create(url, documents) {
	const socket = new WebSocket(url);
	let missing = documents;
	await new Promise((done, fail) => {
		socket.on('error', fail);
		socket.on('message', (text) => {
			const message = JSON.parse(text);
			if (message.a === 'init') socket.send(JSON.stringify({ a: 'hs', protocol: 1, protocolMinor: 2 }));
			if (message.a === 'hs')
				for (let i = 0; i < documents; i++)
					socket.send(JSON.stringify({ a: 'op', c: 'notes', d: `d${i}`, v: 0, seq: i + 1, x: {},
						create: { type: TYPE, data: { text: 'words that somebody wrote '.repeat(40) } } }));
			if (message.a === 'op' && --missing === 0) done();
		});
	});
	socket.terminate();
}

// ---- all of them ----

async function come(otd, clients, limit, rate) {
	const end = await watch(otd.apart);
	const began = seconds();
	for (const client of clients) client.tries = 0;
	const served = await Promise.all(clients.map((client) => client.come(otd.ws, began + limit)));
	const seen = await end();
	return { clients: clients.length, served_s: round(Math.max(...served) - began),
		again: clients.reduce((n, { tries }) => n + tries - 1, 0), rate, ...rateFigures(seen.metrics, clients.length, rate),
		longest_turn_ms: round(1000 * Math.max(...seen.metrics.map(({ turn }) => turn))), livez: livezFigures(seen.livez) };
}

async function main() {
	const { values: said } = parseArgs({ options: {
		clients: { type: 'string', default: '10000' }, rate: { type: 'string', default: '1000' },
		workers: { type: 'string', default: '1' }, documents: { type: 'string', default: '500' },
		seconds: { type: 'string', default: '120' }, json: { type: 'boolean' }, help: { type: 'boolean' },
	} });
	if (said.help) {
		process.stdout.write(USAGE);
		return;
	}
	const [count, rate, workers, documents, limit] = ['clients', 'rate', 'workers', 'documents', 'seconds'].map((name) => {
		const n = Number(said[name]);
		if (!Number.isInteger(n) || n < 1) throw new Error(`--${name} wants a whole number over 0`);
		return n;
	});
	const files = Number(execFileSync('sh', ['-c', 'ulimit -n'])) || Infinity;
	if (files < count + 100) throw new Error(`${count} clients want ${count + 100} descriptors: ulimit -n says ${files}`);

	const pg = await Postgres.start();
	const redis = await Redis.start();
	const admin = `127.0.0.1:${await freePort()}`;
	const otd = await Otd.start({ store: await pg.database(), bus: redis.url(), workers,
		args: ['--accept-rate', String(rate), '--admin-listen', admin] });
	otd.apart = `http://${admin}/`;
	await create(otd.ws, documents);
	const clients = Array.from({ length: count }, (_, i) => new Client(i, documents));
	await come(otd, clients, limit, rate * workers);
	const gone = clients.map((client) => client.left());
	await otd.kill();
	await Promise.all(gone);
	await otd.up();
	const { livez, ...back } = await come(otd, clients, limit, rate * workers);

	if (said.json) console.log(JSON.stringify({ workers, ...back, livez }));
	else {
		console.log(`${back.clients} clients at ${documents} documents, ${workers} worker(s), let in at ${back.rate} a second`);
		console.log(`all served after ${back.served_s} s; let in behind the first second's worth: ${back.mean_rate} a second, ` +
			`${back.over_rate} too many at the worst moment; ${back.again} knocked again`);
		console.log(`the longest turn of the server: ${back.longest_turn_ms} ms`);
		console.log(`livez: ${livez.asked} asked, ${livez.failed} failed, half within ${livez.p50_ms} ms, ` +
			`99 of 100 within ${livez.p99_ms} ms, the worst ${livez.worst_ms} ms`);
	}
	for (const client of clients) client.socket.terminate();
	await otd.stop();
	await redis.stop();
	await pg.stop();
	if (livez.failed > 0 || back.over_rate > 0) process.exitCode = 1;
}

if (isMainThread) await main();
else await sample(workerData);
