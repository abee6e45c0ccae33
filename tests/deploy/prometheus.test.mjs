// What otd shows is what Prometheus reads: promtool on the page and on the
// rules, and a real Prometheus that scrapes two workers, evaluates the alerts
// and answers every question of the dashboard.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { parse } from 'yaml';
import { Peer } from '../interop/client.mjs';
import { Otd } from '../lib/otd.mjs';
import { patience, root, temporaryFolder } from '../lib/paths.mjs';
import { Postgres } from '../lib/postgres.mjs';
import { Program, freePort, run, until } from '../lib/process.mjs';
import { Redis } from '../lib/redis.mjs';

const EDITS = 25;
const read = (name) => fs.readFileSync(path.join(root, name), 'utf8');
const rules = parse(read('deploy/prometheus/otd.rules.yml')).groups.flatMap((group) => group.rules);
const dashboard = JSON.parse(read('deploy/grafana/otd.json'));
const targets = dashboard.panels.flatMap((panel) => (panel.targets ?? []).map(({ expr }) => ({ title: panel.title, expr })));

let pg, redis, node, page;
before(async () => {
	pg = await Postgres.start();
	redis = await Redis.start();
	node = await Otd.start({ store: await pg.database(), bus: redis.url('prometheus'), workers: 2 });
	const peer = await Peer.connect(node.ws);
	const doc = peer.doc('notes', 'a');
	await doc.create({ n: 0 });
	for (let i = 1; i < EDITS; i++) await doc.submit([{ p: ['n'], na: 1 }]);
	await peer.close();
	// A worker shows its own numbers as they are, those of the other as they were within the last second.
	page = await until('both workers have counted', async () => {
		const text = await (await fetch(`${node.url}metrics`)).text();
		return sum(text, 'otd_ops_committed_total') === EDITS && text;
	});
});
after(async () => {
	await node?.stop();
	await redis?.stop();
	await pg?.stop();
});

// Of all samples of that name.
function sum(text, name) {
	return [...text.matchAll(new RegExp(`^${name}\\{[^}]*\\} (\\S+)$`, 'gm'))].reduce((n, [, value]) => n + Number(value), 0);
}

// Names of series that the page has: those of a histogram's parts too.
function shown() {
	return new Set([...page.matchAll(/^([a-z_]+)(?:\{[^}]*\})? \S+$/gm)].map(([, name]) => name));
}

const named = (expr) => [...expr.matchAll(/\b(?:otd|process)_[a-z_]+\b/g)].map(([name]) => name);

test('promtool finds nothing to say about the page', () => {
	const said = execFileSync('promtool', ['check', 'metrics'], { input: page, stdio: ['pipe', 'pipe', 'pipe'] });
	assert.equal(said.toString(), '');
});

test('every metric has its help and its type, before its samples', () => {
	const told = new Map();
	for (const line of page.trim().split('\n')) {
		const [, what, name, rest] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
		if (what) told.set(name, { ...told.get(name), [what]: rest });
		else {
			const sample = /^[a-z_]+/.exec(line)[0];
			const family = told.has(sample) ? sample : sample.replace(/_(bucket|sum|count)$/, '');
			const { HELP, TYPE } = told.get(family) ?? {};
			assert.ok(HELP && TYPE, `${sample} comes before its help or type`);
			if (TYPE === 'counter') assert.match(sample, /_total$/);
			if (sample !== family) assert.equal(TYPE, 'histogram');
		}
	}
	assert.ok(told.size > 60);
});

test('the number of series does not grow with what is served', () => {
	const labels = new Set([...page.matchAll(/[{,]([a-z]+)="/g)].map(([, label]) => label));
	assert.deepEqual([...labels].sort(), ['le', 'version', 'worker']);
});

test('edits are measured: as many as there were, and the buckets add up', () => {
	assert.equal(sum(page, 'otd_ack_seconds_count'), EDITS);
	assert.ok(sum(page, 'otd_ack_seconds_sum') > 0);
	assert.ok(sum(page, 'otd_commit_seconds_count') > 0 && sum(page, 'otd_commit_seconds_sum') > 0);
	assert.ok(sum(page, 'otd_load_seconds_count') > 0);
	for (const [, worker, last] of page.matchAll(/^otd_ack_seconds_bucket\{worker="(\d)",le="\+Inf"\} (\d+)$/gm)) {
		const steps = [...page.matchAll(new RegExp(`^otd_ack_seconds_bucket\\{worker="${worker}",.*\\} (\\d+)$`, 'gm'))].map(([, n]) => Number(n));
		assert.deepEqual(steps, [...steps].sort((a, b) => a - b));
		assert.equal(steps.at(-1), Number(last));
	}
});

test('the alerts do what their unit tests say, and each has both kinds', async () => {
	const folder = path.join(root, 'deploy/prometheus');
	await run('promtool', ['check', 'config', 'prometheus.yml'], { cwd: folder });
	await run('promtool', ['test', 'rules', 'otd.rules.test.yml'], { cwd: folder });
	const tests = parse(read('deploy/prometheus/otd.rules.test.yml')).tests.flatMap((one) => one.alert_rule_test);
	for (const { alert } of rules) {
		const own = tests.filter((one) => one.alertname === alert).map((one) => one.exp_alerts.length > 0);
		assert.deepEqual(own.sort(), [false, true], alert);
	}
});

test('alerts, dashboard and otd top ask for metrics that there are', () => {
	const there = shown();
	assert.ok(rules.length > 10 && targets.length > 20);
	for (const { alert, expr } of rules)
		for (const name of named(expr)) assert.ok(there.has(name), `${alert}: ${name}`);
	for (const { title, expr } of targets)
		for (const name of named(expr)) assert.ok(there.has(name), `${title}: ${name}`);
	for (const name of named(read('server/run/top_view.c'))) assert.ok(there.has(name) || there.has(`${name}_bucket`), `otd top: ${name}`);
	const [, variable] = /^label_values\((\w+)/.exec(dashboard.templating.list.find(({ name }) => name === 'instance').query);
	assert.ok(there.has(variable), variable);
});

test('the dashboard is whole: panels apart, with a title and a question', () => {
	const ids = dashboard.panels.map(({ id }) => id);
	assert.equal(new Set(ids).size, ids.length);
	const taken = new Map();
	for (const { title, type, targets: asked, gridPos: { x, y, w, h } } of dashboard.panels) {
		assert.ok(title && (type === 'row' || asked.length), title);
		assert.ok(x + w <= 24, title);
		for (let i = x; i < x + w; i++)
			for (let j = y; j < y + h; j++) {
				assert.equal(taken.get(`${i},${j}`), undefined, `${title} lies on ${taken.get(`${i},${j}`)}`);
				taken.set(`${i},${j}`, title);
			}
	}
});

test('every alert is told of in the manual of operations', () => {
	const manual = read('docs/OPERATIONS.md');
	assert.deepEqual(rules.map(({ alert }) => alert).filter((alert) => !manual.includes(`\`${alert}\``)), []);
});

test('a real Prometheus scrapes it, is content with the rules, and answers the dashboard', async (t) => {
	const folder = temporaryFolder('prometheus');
	const port = await freePort();
	const config = read('deploy/prometheus/prometheus.yml');
	assert.ok(config.includes('10.0.0.11:7008') && config.includes('15s'));
	fs.writeFileSync(path.join(folder, 'prometheus.yml'), config.replace('10.0.0.11:7008', `127.0.0.1:${node.port}`)
		.replace(/^.*10\.0\.0\.12:7008\n/m, '').replaceAll('15s', '1s'));
	fs.copyFileSync(path.join(root, 'deploy/prometheus/otd.rules.yml'), path.join(folder, 'otd.rules.yml'));
	const prometheus = new Program('prometheus', ['--config.file', path.join(folder, 'prometheus.yml'),
		'--storage.tsdb.path', path.join(folder, 'data'), '--web.listen-address', `127.0.0.1:${port}`]);
	t.after(() => prometheus.stop('SIGTERM'));
	const ask = async (where) => {
		const answer = await (await fetch(`http://127.0.0.1:${port}/api/v1/${where}`)).json();
		assert.equal(answer.status, 'success', `${where}: ${answer.error}`);
		return answer.data;
	};
	const query = (expr) => ask(`query?query=${encodeURIComponent(expr)}`);
	const value = async (expr) => Number((await query(expr)).result[0]?.value[1]);

	await until('it has scraped', async () => {
		if (prometheus.exit) throw new Error(prometheus.said());
		return await value('count_over_time(up{job="otd"}[1m])').catch(() => 0) >= 3;
	}, { timeout_ms: 30_000 * patience, every_ms: 200 });
	assert.equal(await value('min_over_time(up{job="otd"}[1m])'), 1);
	assert.equal(await value('sum(otd_ops_committed_total)'), EDITS);
	assert.equal(await value('sum(otd_ack_seconds_count)'), EDITS);
	assert.equal(await value('count(otd_worker_up == 1)'), 2);
	assert.equal(await value('sum(otd_build_info)'), 1);

	await t.test('rules', async () => {
		const loaded = await until('all were evaluated', async () => {
			const { groups } = await ask('rules');
			const all = groups.flatMap((group) => group.rules);
			return all.length === rules.length && all.every(({ health }) => health !== 'unknown') && all;
		}, { timeout_ms: 20_000 * patience });
		assert.deepEqual(loaded.filter(({ health }) => health !== 'ok').map(({ name, lastError }) => `${name}: ${lastError}`), []);
		assert.deepEqual(loaded.filter(({ state }) => state !== 'inactive').map(({ name }) => name), [], 'all is well, so none fires');
	});

	await t.test('dashboard', async () => {
		for (const { title, expr } of targets) {
			const { result } = await query(expr.replaceAll('$__rate_interval', '30s').replaceAll('$instance', '.*'));
			assert.ok(result.length > 0, `${title} is empty: ${expr}`);
		}
	});
});
