/*
 * A run: people work, a storm of faults goes over the servers, then it is calm and everything is checked; and again.
 *
 * Calm means: no fault, nobody begins anything.  People stop one by one before the storm is over: the last edit of a
 * document is to meet some fault, and no later one to reveal that it was not told.  What was begun has to be answered
 * then; and SOON_MS after the last answer every reader has to be at the end of what it reads.
 */
import fs from 'node:fs';
import path from 'node:path';
import { fetchOps, fetchSnapshot } from '../interop/crowd.mjs';
import { Chance } from '../interop/random.mjs';
import { types } from '../interop/types.mjs';
import { build, patience } from '../lib/paths.mjs';
import { sleep, until } from '../lib/process.mjs';
import { Audit } from './audit.mjs';
import { Book } from './book.mjs';
import { call } from './call.mjs';
import { people } from './people.mjs';
import { schedule, storm } from './schedule.mjs';

const SOON_MS = 2_000 * patience;
const ANSWERED_MS = 60_000 * patience;
const RECOVERY_MS = 20_000 * patience;	// whether who is late comes at all
const LAST_MS = 3_000;			// one after the other they make their last edits, while the storm goes on
const AT_ONCE = 8;			// documents looked at

async function inTurn(items, visit) {
	const waiting = [...items];
	await Promise.all(Array.from({ length: AT_ONCE }, async () => {
		for (let item; (item = waiting.shift()) !== undefined;) await visit(item);
	}));
}

class Run {
	constructor(world, { seed, clients, cold, lanes, wanted = () => true, tell }) {
		Object.assign(this, { world, seed, tell });
		this.chance = new Chance(`${seed} rounds`);
		this.book = new Book();
		this.audit = new Audit(this.book);
		this.lanes = schedule(seed, lanes, (kind) => wanted(kind) && !world.cannot.has(kind));
		this.faults = {};
		this.timeline = [];
		this.began = Date.now();
		this.slowest = { answered_ms: 0, caught_up_ms: 0 };
		const { all, slow } = people({ clients, cold, seed, book: this.book,
			urls: world.urls, direct: world.direct, bases: world.bases });
		Object.assign(this, { people: all });
		world.slow = slow;
		for (const person of all) person.start();
	}

	get peers() { return this.people.map(({ peer }) => peer).filter(Boolean); }

	// Every document that somebody follows: [peer, doc].
	get readers() { return this.peers.flatMap((peer) => [...peer.followed].map((doc) => [peer, doc])); }

	async round(lasts_ms) {
		for (const person of this.people) {
			person.work();
			setTimeout(() => person.rest(), lasts_ms - this.chance.below(Math.min(LAST_MS, lasts_ms / 2)));
		}
		await storm(this.world, this.lanes, lasts_ms, (lane, { kind, drawn }) => {
			this.faults[kind] = (this.faults[kind] ?? 0) + 1;
			this.timeline.push(`${Date.now() - this.began} ms, ${lane}: ${kind} ${JSON.stringify(drawn)}`);
		});
		this.timeline.push(`${Date.now() - this.began} ms: calm`);
		await this.#answered();
	}

	// All that was begun is answered.
	async #answered() {
		const began = Date.now();
		const open = () => this.people.filter(({ isIdle, failed }) => !isIdle && !failed);
		try {
			await until('everything is answered', () => !open().length, { timeout_ms: ANSWERED_MS, every_ms: 5 });
		} catch {
			for (const person of open()) this.audit.complain('unanswered', person.state);
		}
		for (const { failed } of this.people) if (failed) throw failed;
		this.calm_ms = Date.now();
		this.#slow('answered_ms', this.calm_ms - began);
	}

	#slow(what, ms) { this.slowest[what] = Math.max(this.slowest[what], ms); }

	// Every reader is at the head, soon.
	async caughtUp(heads) {
		const since = () => Date.now() - this.calm_ms;
		const behind = () => this.readers.filter(([, { raw }]) =>
			raw.version !== (heads.get(`${raw.collection} ${raw.id}`)?.v ?? 0) || !raw.subscribed);
		while (behind().length && since() < SOON_MS) await sleep(10);
		const late = behind();
		for (const [peer, { raw }] of late) {
			const head = heads.get(`${raw.collection} ${raw.id}`)?.v ?? 0;
			this.audit.complain('stale', `${peer.name} has ${raw.collection} ${raw.id} at ${raw.version} of ${head}, ` +
				`${SOON_MS} ms after the last answer (${peer.connection.state}, ${raw.subscribed ? '' : 'not '}subscribed)`);
		}
		if (late.length) {
			while (behind().length && since() < RECOVERY_MS) await sleep(50);
			this.tell(behind().length ? `${behind().length} readers never caught up` :
				`the last reader caught up after ${since()} ms`);
		}
		this.#slow('caught_up_ms', since());
	}

	// The log as it is now, since the last time or from the beginning, and everybody who shows what it makes.
	async check({ isWhole = false } = {}) {
		const { world, audit } = this;
		const heads = await world.stored();
		await this.caughtUp(heads);
		const changed = [];
		await inTurn(heads, async ([document, head]) => {
			const [c, d] = document.split(' ');
			const from = isWhole ? 0 : audit.version(document);
			if (from === head.v && !isWhole) return;
			changed.push(document);
			const url = world.urls[changed.length % world.urls.length];
			audit.extend(document, await fetchOps(url, c, d, from), from);
			audit.stored(document, head);
		});
		for (const document of audit.documents)
			if (!heads.has(document) && audit.version(document)) audit.complain('lost', `${document} is not in the database`);
		audit.settle();
		await inTurn(changed, (document) => this.#show(document));
		for (const [peer, { raw }] of this.readers)
			audit.view(`${raw.collection} ${raw.id}`, peer.name, { v: raw.version, type: raw.type?.uri, data: raw.data });
		for (const node of world.nodes) for (const what of node.complaints()) audit.complain('died', what);
	}

	// As each node shows it, on the socket and over REST.
	async #show(document) {
		const [c, d] = document.split(' ');
		const { urls, bases } = this.world;
		for (const url of urls) {
			const { v, type = types.json0.uri, data } = await fetchSnapshot(url, c, d);
			this.audit.view(document, `a fetch from ${url}`, { v, type, data });
		}
		for (const base of bases) {
			const { status, headers, said } = await call(base, 'GET', `/collections/${c}/docs/${d}`);
			this.audit.view(document, `REST at ${base}`, status === 404 ? { v: said.version } :
				{ v: Number(headers['otd-version']), type: types[headers['otd-type']].uri, data: said });
		}
	}

	async end() { await Promise.all(this.people.map((person) => person.leave())); }

	report() {
		const { book, audit, faults, slowest } = this;
		return {
			faults: Object.fromEntries(Object.entries(faults).sort()),
			total: Object.values(faults).reduce((sum, n) => sum + n, 0),
			clients: this.people.length, documents: audit.documents.length,
			...book.counts, ...audit.counts, ...slowest,
			helped: this.peers.reduce((sum, { helped }) => sum + helped, 0),
			errors: Object.fromEntries(book.codes), violations: audit.violations,
		};
	}

	// What is needed to understand a violation; the folder's name.
	evidence() {
		const folder = path.join(build, 'chaos', `seed-${this.seed}`);
		fs.rmSync(folder, { recursive: true, force: true });
		fs.mkdirSync(folder, { recursive: true });
		const write = (name, text) => fs.writeFileSync(path.join(folder, name), `${text}\n`);
		write('report.json', JSON.stringify(this.report(), null, '\t'));
		write('timeline', this.timeline.join('\n'));
		for (const node of this.world.nodes) write(`otd-${node.name}.log`, node.said);
		for (const document of new Set(this.audit.violations.map((violation) => violation.document).filter(Boolean))) {
			const { sent, acknowledged, refused, keyed } = this.book.of(document);
			write(document.replaceAll(' ', '-'), JSON.stringify({
				log: this.audit.of(document).log, sent: [...sent], acknowledged: [...acknowledged],
				refused: [...refused], keyed: [...keyed],
			}, null, '\t'));
		}
		return folder;
	}
}

/*
 * Start(): the world; options: {seed, seconds, round_s, clients, cold, lanes, wanted, tell, plant}.  plant(run) is done
 * to the first round before it is checked.  The report; what violations need to be understood is in report.evidence.
 */
export async function chaos(start, { seconds, round_s = 15, plant, ...options }) {
	const world = await start();
	let run = null;
	try {
		run = new Run(world, options);
		for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
			await run.round(Math.min(round_s * 1000, end - Date.now()));
			if (plant) await plant(run);
			await run.check({ isWhole: Date.now() >= end });
			const { total, operations, violations } = run.report();
			run.tell(`${total} faults, ${operations} operations, ${violations.length} violations`);
		}
		await run.end();
		const report = run.report();
		if (report.violations.length) report.evidence = run.evidence();
		return report;
	} catch (error) {
		if (run) error.message += ` (see ${run.evidence()})`;
		throw error;
	} finally {
		await world.stop();
	}
}
