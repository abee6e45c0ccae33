// Figures out of the lines of a run: one number each, medians over runs.

const US = 1e6;

/** What a run came to, as one number; undefined where it does not apply. */
export const figures = {
	ops: (f) => f.ops_per_second,
	deliveries: (f) => f.deliveries_per_second,
	opens: (f) => f.opens_per_second,
	sustained: (f) => f.sustained,
	ack50: (f) => f.ack_ms?.p50,
	ack99: (f) => f.ack_ms?.p99,
	delivery50: (f) => f.delivery_ms?.p50,
	delivery99: (f) => f.delivery_ms?.p99,
	open50: (f) => f.open_ms?.p50,
	open99: (f) => f.open_ms?.p99,
	cpuPerOp: (f) => ratio(US * cpu(f, 'server'), f.ops),
	postgresPerOp: (f) => ratio(US * cpu(f, 'postgres'), f.ops),
	redisPerOp: (f) => ratio(US * cpu(f, 'redis'), f.ops),
	cpuPerDelivery: (f) => ratio(US * cpu(f, 'server'), f.deliveries),
	serverShare: (f) => ratio(cpu(f, 'server'), f.seconds),
	generatorShare: (f) => ratio(f.load?.cpu_seconds, f.seconds),
	walPerOp: (f) => ratio(f.wal_bytes, f.ops),
	statementsPerOp: (f) => ratio(f.statements, f.ops),
	busBytesPerOp: (f) => ratio(f.bus_bytes, f.ops),
	bytesPerConnection: (f) => ratio(memory(f, 'rss_end') - memory(f, 'rss_start'), f.connections),
	memory: (f) => memory(f, 'pss_end') || undefined,
};

const ratio = (a, b) => b && Number.isFinite(a) ? a / b : undefined;
const cpu = (f, kind) => of(f, kind, 'cpu_seconds');
const memory = (f, what) => of(f, 'server', what);

// Servers are server1, server2...: their sum.
function of({ processes = {} }, kind, what) {
	const matching = Object.entries(processes).filter(([name]) => name.replace(/\d+$/, '') === kind);
	return matching.length ? matching.reduce((sum, [, p]) => sum + p[what], 0) : undefined;
}

export function median(list) {
	const sorted = list.filter((n) => Number.isFinite(n)).sort((a, b) => a - b);
	if (!sorted.length) return undefined;
	const half = sorted.length >> 1;
	return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Of lines of one file: what rows and systems came to. */
export class Results {
	#runs = new Map();	// row, system -> figures of its good runs
	failed = [];

	constructor(lines) {
		this.lines = lines;
		this.head = lines.find((line) => line.kind === 'head');
		this.limits = lines.filter((line) => line.kind === 'limit').map((line) => line.figures);
		for (const line of lines.filter(({ kind }) => kind === 'run')) {
			if (!line.ok) this.failed.push(line);
			// Who does not keep up has figures all the same; who loses something has none.
			if (!line.figures || line.figures.verify?.faults) continue;
			const key = `${line.row} ${line.system}`;
			this.#runs.set(key, [...this.#runs.get(key) ?? [], line.figures]);
		}
	}

	#of(row, system) { return this.#runs.get(`${row} ${system}`) ?? []; }

	has(row, system) { return this.#of(row, system).length > 0; }

	runs(row, system) { return this.#of(row, system).length; }

	/** The median over runs; undefined when there is none. */
	get(row, system, figure) { return median(this.#of(row, system).map(figures[figure])); }

	/** {least, most} over runs. */
	range(row, system, figure) {
		const all = this.#of(row, system).map(figures[figure]).filter(Number.isFinite);
		return all.length ? { least: Math.min(...all), most: Math.max(...all) } : undefined;
	}
}
