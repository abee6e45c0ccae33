// What any version of a long history costs: a document of very many ops, made
// in PostgreSQL at once as if otd had written them without keeping a snapshot.
// The first version asked has the snapshots written; then versions and times
// by lot.  bench/long-history builds and starts this.
import { parseArgs } from 'node:util';
import { WebSocket } from '../tests/node_modules/ws/wrapper.mjs';
import { Otd } from '../tests/lib/otd.mjs';
import { Postgres } from '../tests/lib/postgres.mjs';

const USAGE = `usage: bench/long-history [--json] [--ops N] [--asked N] [--keep-every N]

--json		a line of JSON a figure, instead of the table
--ops		of the document; 1000000
--asked		versions, and times; 500
--keep-every	as otd serve's; 1000
`;
const EPOCH_S = 1_000_000_000;		// the time of the first op; then one a second
const TYPE = 'http://sharejs.org/types/JSONv0';

const { values: said } = parseArgs({ options: {
	json: { type: 'boolean' }, help: { type: 'boolean' }, ops: { type: 'string', default: '1000000' },
	asked: { type: 'string', default: '500' }, 'keep-every': { type: 'string', default: '1000' },
} });
const number = (name) => {
	const n = Number(said[name]);
	if (!Number.isInteger(n) || n < 2) throw new Error(`--${name} wants a whole number over 1`);
	return n;
};
if (said.help) {
	process.stdout.write(USAGE);
	process.exit(0);
}
const OPS = number('ops');
const ASKED = number('asked');

// {n: 0}, and each op adds one: version v holds {n: v - 1}.
async function fill(pg, database) {
	await pg.sql(`INSERT INTO otd.document (collection, id, version, type) VALUES ('long', 'x', ${OPS}, '${TYPE}');
		INSERT INTO otd.operation (doc_pk, version, seq, kind, src, body, created_at)
		SELECT doc_pk, v, v, (v = 0)::int, 'bench', CASE WHEN v = 0 THEN '{"type":"${TYPE}","data":{"n":0}}'
			ELSE '[{"p":["n"],"na":1}]' END, to_timestamp(${EPOCH_S} + v)
		FROM otd.document, generate_series(0, ${OPS - 1}) AS v WHERE collection = 'long'; ANALYZE`, database);
}

// Ask and check; milliseconds.
function asker(socket) {
	let hear;
	let id = 0;
	socket.on('message', (data) => hear?.(JSON.parse(data)));
	return async (a, member, value, v) => {
		const began = performance.now();
		const answer = await new Promise((done) => {
			hear = (message) => { if (message.id === id) done(message); };
			socket.send(JSON.stringify({ a, id: ++id, c: 'long', d: 'x', [member]: value }));
		});
		const took = performance.now() - began;
		if (answer.v !== v || answer.data?.n !== v - 1) throw new Error(`${member} ${value}: ${JSON.stringify(answer)}`);
		return took;
	};
}

async function series(ask) {
	const times = [];
	for (let i = 0; i < ASKED; i++) times.push(await ask(1 + Math.floor(Math.random() * OPS)));
	times.sort((a, b) => a - b);
	return { p50: times[ASKED >> 1], p99: times[Math.floor(ASKED * 0.99)] };
}

const longestTurn = async (otd) =>
	1000 * Number(/^otd_longest_turn_seconds\S* (\S+)$/m.exec(await (await fetch(`${otd.url}metrics`)).text())[1]);

const pg = await Postgres.start();
const store = await pg.database();
const otd = await Otd.start({ store, args: ['--keep-every', said['keep-every']] });
try {
	await fill(pg, store.split('/').at(-1));
	const socket = new WebSocket(otd.ws, { perMessageDeflate: false });
	await new Promise((done, fail) => { socket.once('open', done); socket.once('error', fail); });
	const ask = asker(socket);
	const figures = { ops: OPS, first_ms: await ask('nf', 'v', OPS, OPS), longest_turn_ms: await longestTurn(otd) };
	figures.version = await series((v) => ask('nf', 'v', v, v));
	figures.time = await series((v) => ask('nt', 'ts', 1000 * (EPOCH_S + v - 1), v));
	socket.terminate();
	if (said.json) {
		console.log(JSON.stringify(figures));
	} else {
		const row = (what, { p50, p99 }) => console.log(`${what.padEnd(40)}${p50.toFixed(1).padStart(8)} ms p50` +
			`${p99.toFixed(1).padStart(8)} ms p99`);
		console.log(`${OPS} ops, none kept: the last version${figures.first_ms.toFixed(0).padStart(12)} ms, in turns of at most ` +
			`${figures.longest_turn_ms.toFixed(0)} ms`);
		row('then any version', figures.version);
		row('any time', figures.time);
	}
} finally {
	await otd.stop();
	await pg.stop();
}
