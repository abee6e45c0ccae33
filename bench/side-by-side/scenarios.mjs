// What is measured: a row for each run of the load generator, with the systems that take part, the limit that it is held
// against, and how far otd must be ahead of ShareDB with PostgreSQL and Redis.
//
//	name		of the row; scripts/bench takes it, or the part before the first "-"
//	title		for the report
//	load, flags	the generator's scenario and options
//	nodes		servers on one database; 1
//	together	all who write a document do so at one of them
//	systems		of systems.mjs
//	rate, time	figures of figures.mjs that matter: what should be high, what should be low
//	limit		of limits.mjs
//	targets		[figure, relation, factor]: otd's figure and ShareDB's times the factor
//	plot, x		the plot it is a point of, and where; growth.mjs says what plots there are
//	quick		left out by --quick when false
//	fresh		servers are started anew before what is measured
//	fill		documents that the database holds beforehand
//	climb		rates to try, each twice the one before, until one is too high

const ALL = ['otd', 'otd-memory', 'sharedb', 'sharedb-memory', 'hocuspocus'];
const WITHOUT_MEMORY = ['otd', 'sharedb', 'sharedb-memory', 'hocuspocus'];
const STORED = ['otd', 'sharedb', 'hocuspocus'];
const WITH_QUERIES = ['otd', 'otd-queries', 'otd-memory', 'sharedb', 'sharedb-memory', 'hocuspocus'];
const SHAREDB = ['otd', 'sharedb'];
const KB = 1000, MB = 1000 * KB;

const plural = (n, what) => `${n.toLocaleString('en')} ${what}${n === 1 ? '' : 's'}`;
const bytes = (n) => n >= MB ? `${n / MB} MB` : `${n / KB} KB`;

const over = (nodes) => nodes > 1 ? `, ${nodes} processes` : '';
const spread = (n, targets, { systems = ALL, quick, nodes = 1 } = {}) => ({
	name: `s1-${n}${nodes > 1 ? `x${nodes}` : ''}`, title: `S1, ${plural(n, 'connection')}${over(nodes)}`, load: 's1',
	flags: { connections: n }, nodes, systems, quick, rate: 'ops', time: 'ack', limit: { batch: n, shape: 'many', echo: n }, targets,
	...nodes === 1 && { plot: 'connections', x: n },
});
const hot = (n, nodes, targets) => ({
	name: `s2-${n}${nodes > 1 ? `x${nodes}` : ''}`, title: `S2, ${plural(n, 'writer')}${over(nodes)}`,
	load: 's2', flags: { writers: n }, nodes, systems: nodes > 1 ? STORED : ALL, rate: 'ops', time: 'ack',
	limit: { batch: n, shape: 'hot', echo: n }, targets,
});
// 40 documents with 4 writers each, over 4 processes.
const placed = (how, title, together) => ({
	name: `placed-${how}`, title: `40 documents, 4 writers each, 4 processes, ${title}`, load: 's2', flags: { docs: 40, writers: 4 },
	nodes: 4, together, systems: STORED, rate: 'ops', time: 'ack', limit: { batch: 160, shape: 'many', echo: 160 }, targets: [],
});
const readers = (n, targets, quick) => ({
	name: `s3-${n}`, title: `S3, ${plural(n, 'reader')}, 50 ops/s`, load: 's3', flags: { readers: n, rate: 50 }, systems: ALL, quick,
	rate: 'deliveries', time: 'delivery', cpu: 'cpuPerDelivery', limit: { broadcast: n }, targets, plot: 'readers', x: n,
});
const idle = (n, targets, quick) => ({
	name: `s4-${n}`, title: `S4, ${plural(n, 'idle connection')}`, load: 's4', flags: { connections: n, size: 100 }, fresh: true, systems: WITHOUT_MEMORY, quick,
	memory: 'bytesPerConnection', targets, plot: 'idle', x: n,
});
const sized = (n, targets, { systems = ALL, quick } = {}) => ({
	name: `s5-${bytes(n).replace(' ', '').toLowerCase()}`, title: `S5, a text of ${bytes(n)}`, load: 's5', flags: { size: n }, systems,
	quick, rate: 'ops', time: 'ack', limit: { batch: 1, shape: 'many', echo: 1 }, targets, plot: 'size', x: n,
});
const opened = (n, targets) => ({
	name: `s7-${n}`, title: `S7, 1,000 documents opened cold, ${plural(n, 'connection')}`, load: 's7',
	flags: { connections: n, docs: 1000, ops: 100 }, fresh: true, systems: STORED, rate: 'opens', time: 'open', targets,
});
const paced = (rate, targets) => ({
	name: `s8-${rate}`, title: `S8, ${rate} ops/s over 50 documents`, load: 's8', flags: { rate, docs: 50 }, systems: ALL,
	time: 'ack', limit: { batch: 1, shape: 'many', echo: 1 }, targets,
});
const past = (n, quick) => ({
	name: `history-${n}`, title: `a document of ${n.toLocaleString('en')} ops opened cold`, load: 's7',
	flags: n > 1000 ? { connections: 4, docs: 4, ops: n } : { connections: 4, docs: 20, ops: n }, fresh: true, systems: STORED, quick, time: 'open', targets: [], plot: 'history', x: n,
});
const among = (n, quick) => ({
	name: `documents-${n}`, title: `S1, 10 connections, ${n.toLocaleString('en')} documents stored`, load: 's1',
	flags: { connections: 10 }, fill: n, systems: SHAREDB, quick, rate: 'ops', time: 'ack', targets: [], plot: 'documents', x: n,
});

export const rows = [
	spread(1, [['ack50', '<=', 0.5]], { systems: WITH_QUERIES }),
	spread(10, [['ops', '>=', 5]], { systems: WITH_QUERIES }),
	spread(50, [['ops', '>=', 8], ['ack99', '<=', 0.25], ['walPerOp', 'under', 500]], { systems: WITH_QUERIES }),
	spread(200, [['ops', '>=', 12], ['ack99', '<=', 0.25], ['walPerOp', 'under', 500]]),
	spread(1000, [], { quick: false }),
	spread(200, [], { systems: STORED, nodes: 4 }),
	hot(2, 1, [['ops', '>=', 5]]),
	hot(10, 1, [['ops', '>=', 65], ['ack99', '<=', 0.02]]),
	hot(50, 1, [['ops', '>=', 60], ['ack99', '<=', 0.02]]),
	hot(10, 2, [['ops', '>=', 30]]),
	hot(50, 2, [['ops', '>=', 40]]),
	hot(50, 4, []),
	placed('hashed', "a document's writers at one", true),
	placed('random', "a document's writers at all", false),
	readers(1, [], false),
	readers(10, [], false),
	readers(100, [], false),
	readers(1000, [['cpuPerDelivery', '<=', 1 / 8], ['delivery99', '<=', 0.25]]),
	readers(5000, [['cpuPerDelivery', '<=', 1 / 8]]),
	readers(10_000, [], false),
	idle(100, [], false),
	idle(1000, [['bytesPerConnection', '<=', 1 / 3]]),
	idle(10_000, [['bytesPerConnection', '<=', 1 / 3]], false),
	idle(19_000, [['bytesPerConnection', '<=', 1 / 3]], false),
	sized(KB, [], { systems: WITH_QUERIES }),
	sized(10 * KB, [], { quick: false }),
	sized(100 * KB, [], { systems: WITH_QUERIES }),
	sized(MB, [['ops', '>=', 100]], { systems: WITH_QUERIES }),
	sized(10 * MB, [['ops', '>=', 1000]], { systems: WITH_QUERIES }),
	sized(50 * MB, [], { systems: ['otd'], quick: false }),
	{ name: 's6', title: 'S6, a writer at one process, 50 ops/s, a reader at the other', load: 's6', flags: { rate: 50, readers: 1 },
		nodes: 2, systems: STORED, time: 'delivery', limit: { batch: 1, shape: 'many', echo: 1, hop: true },
		targets: [['delivery50', '<=', 0.5], ['delivery99', '<=', 0.5]] },
	opened(1, [['opens', '>=', 1.5]]),
	opened(10, [['opens', '>=', 4]]),
	paced(500, [['ack50', '<=', 0.6], ['ack99', '<=', 0.6]]),
	{ name: 's8-most', title: 'S8, the highest rate that is kept', load: 's8', flags: { docs: 50 }, systems: WITHOUT_MEMORY,
		climb: [1000, 2000, 4000, 8000, 16_000, 32_000, 64_000], rate: 'sustained', limit: { batch: 50, shape: 'many', echo: 50 },
		targets: [['sustained', '>=', 10]] },
	past(10), past(100), past(1000), past(10_000, false),
	among(10), among(1000, false), among(100_000), among(1_000_000, false),
];

/**
 * The rows that words name: whole names, or what stands before the first "-".  All without words.  With quick, those that
 * it leaves out are only there if they are wholly named.
 */
export function chosen(words, { quick = false } = {}) {
	const family = (row) => row.name.split('-')[0];
	for (const word of words)
		if (!rows.some((row) => word === row.name || word === family(row)))
			throw new Error(`no scenario ${word}: ${rows.map((row) => row.name).join(' ')}`);
	return rows.filter((row) => words.includes(row.name) ||
		((!words.length || words.includes(family(row))) && !(quick && row.quick === false)));
}
