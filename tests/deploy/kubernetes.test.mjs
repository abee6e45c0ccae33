// The manifests and the container file, as far as they can be looked at
// without a cluster: what one names the other has, and otd takes the settings.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { otd } from '../lib/otd.mjs';
import { root, temporaryFolder } from '../lib/paths.mjs';

const folder = path.join(root, 'deploy/kubernetes');
const read = (name) => fs.readFileSync(path.join(root, name), 'utf8');
const kustomization = parse(fs.readFileSync(path.join(folder, 'kustomization.yaml'), 'utf8'));
const things = kustomization.resources.flatMap((name) =>
	parseAllDocuments(fs.readFileSync(path.join(folder, name), 'utf8'), { strict: true, uniqueKeys: true }).map((document) => {
		assert.deepEqual(document.errors, [], name);
		return document.toJS();
	}));

const all = (kind) => things.filter((thing) => thing.kind === kind);
const one = (kind, name) => {
	const found = all(kind).filter(({ metadata }) => metadata.name === name);
	assert.equal(found.length, 1, `${kind} ${name}`);
	return found[0];
};
const deployment = one('Deployment', 'otd');
const pods = [deployment, one('Job', 'otd-migrate')].map(({ spec }) => spec.template);
const [server] = deployment.spec.template.spec.containers;
const port = (name) => server.ports.find((entry) => entry.name === name)?.containerPort;
const settings = JSON.parse(one('ConfigMap', 'otd').data['otd.json']);
const fits = (selector, labels) => Object.entries(selector).every(([key, value]) => labels[key] === value);
const milliseconds = (text) => {
	const [, n, unit] = /^(\d+)(ms|s|m|h)$/.exec(text);
	return Number(n) * { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[unit];
};

// Where each kind lives now; older versions of these are gone from clusters.
const VERSIONS = {
	Namespace: 'v1', ConfigMap: 'v1', ServiceAccount: 'v1', Service: 'v1', Job: 'batch/v1', Deployment: 'apps/v1',
	PodDisruptionBudget: 'policy/v1', NetworkPolicy: 'networking.k8s.io/v1', Ingress: 'networking.k8s.io/v1',
};

test('the kustomization names every manifest, and each thing says what it is', () => {
	const files = fs.readdirSync(folder).filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml');
	assert.deepEqual([...kustomization.resources].sort(), files.sort());
	for (const { apiVersion, kind, metadata } of things) {
		assert.equal(apiVersion, VERSIONS[kind], kind);
		assert.match(metadata.name, /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
		assert.equal(metadata.namespace, undefined, 'the kustomization says it once');
	}
	const names = things.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
	assert.equal(new Set(names).size, names.length);
	one('Namespace', kustomization.namespace);
});

test('what selects pods selects those of otd', () => {
	const { labels } = deployment.spec.template.metadata;
	const selectors = [
		deployment.spec.selector.matchLabels, ...all('Service').map(({ spec }) => spec.selector),
		...all('PodDisruptionBudget').map(({ spec }) => spec.selector.matchLabels),
		...all('NetworkPolicy').map(({ spec }) => spec.podSelector.matchLabels),
		...deployment.spec.template.spec.topologySpreadConstraints.map(({ labelSelector }) => labelSelector.matchLabels),
	];
	assert.equal(selectors.length, 6);
	for (const selector of selectors) assert.ok(Object.keys(selector).length && fits(selector, labels), JSON.stringify(selector));
	// and not those of the migration
	assert.ok(!fits(deployment.spec.selector.matchLabels, pods[1].metadata.labels));
});

test('ports are those of the settings, and all who name them mean the same', () => {
	assert.deepEqual(settings.listen, [`0.0.0.0:${port('clients')}`]);
	assert.equal(settings['admin-listen'], `0.0.0.0:${port('pages')}`);
	assert.equal(deployment.spec.template.metadata.annotations['prometheus.io/port'], String(port('pages')));
	const named = [
		...all('Service').flatMap(({ spec }) => spec.ports.map(({ targetPort }) => targetPort)),
		...all('NetworkPolicy').flatMap(({ spec }) => spec.ingress.flatMap(({ ports }) => ports.map((entry) => entry.port))),
		...['livenessProbe', 'readinessProbe', 'startupProbe'].map((probe) => server[probe].httpGet.port),
	];
	for (const name of named) assert.ok(port(name), name);
	for (const { http } of all('Ingress').flatMap(({ spec }) => spec.rules))
		for (const { backend: { service } } of http.paths)
			assert.ok(one('Service', service.name).spec.ports.some(({ name }) => name === service.port.name), service.name);
});

test('probes ask for pages that there are: the loop for life, the database for traffic', () => {
	const pages = read('server/run/pages.c');
	for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe'])
		assert.ok(pages.includes(`"${server[probe].httpGet.path}"`), probe);
	assert.equal(server.livenessProbe.httpGet.path, '/livez');
	assert.equal(server.readinessProbe.httpGet.path, '/readyz');
});

test('a pod has the time that leaving takes', () => {
	const [, kill_ms] = /^#define KILL_AFTER_MS\s+(\d+)/m.exec(read('server/run/workers.c'));
	const [command, seconds] = server.lifecycle.preStop.exec.command;
	assert.equal(command, 'sleep');
	const needed_ms = Number(seconds) * 1000 + milliseconds(settings['drain-timeout']) + Number(kill_ms);
	assert.ok(deployment.spec.template.spec.terminationGracePeriodSeconds * 1000 >= needed_ms);
	assert.equal(deployment.spec.strategy.rollingUpdate.maxUnavailable, 0);
	assert.ok(deployment.spec.replicas > one('PodDisruptionBudget', 'otd').spec.maxUnavailable);
});

test('volumes are there, and secrets are named and not told', () => {
	for (const { spec } of pods) {
		const volumes = new Map(spec.volumes.map((volume) => [volume.name, volume]));
		for (const { volumeMounts } of spec.containers)
			for (const { name } of volumeMounts) assert.ok(volumes.has(name), name);
		for (const { configMap } of volumes.values()) if (configMap) one('ConfigMap', configMap.name);
		one('ServiceAccount', spec.serviceAccountName);
		for (const { name, value } of spec.containers.flatMap(({ env }) => env)) {
			assert.match(name, /_FILE$/, 'a secret in the environment is seen by who sees the pod');
			assert.ok(spec.containers.some(({ volumeMounts }) => volumeMounts.some(({ mountPath }) => path.dirname(value) === mountPath)));
		}
	}
	assert.deepEqual(all('Secret'), []);
	for (const name of ['store', 'bus', 'jwt-secret']) assert.ok(!(name in settings), name);
});

test('pods may do nothing that otd does not need', () => {
	for (const { spec } of pods) {
		assert.equal(spec.securityContext.runAsNonRoot, true);
		assert.equal(spec.securityContext.seccompProfile.type, 'RuntimeDefault');
		assert.equal(spec.automountServiceAccountToken, false);
		for (const { securityContext, resources } of spec.containers) {
			assert.deepEqual(securityContext,
				{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
			assert.ok(resources.requests.cpu && resources.requests.memory && resources.limits.memory);
		}
	}
});

test('otd takes the settings and the rules, and knows what the pods are told to do', async () => {
	const { data } = one('ConfigMap', 'otd');
	const here = temporaryFolder('settings');
	fs.writeFileSync(path.join(here, 'rules.json'), data['rules.json']);
	fs.writeFileSync(path.join(here, 'otd.json'), data['otd.json'].replace('/etc/otd', here));
	const [command, ...args] = server.args;
	assert.deepEqual([command, ...args], ['serve', '--config', '/etc/otd/otd.json']);
	const env = { OTD_STORE: 'postgres://otd@127.0.0.1/otd', OTD_BUS: 'redis://127.0.0.1/otd' };
	const { code, text } = await otd(['config', '--check', '--config', path.join(here, 'otd.json')], { env });
	assert.equal(code, 0, text);
	assert.deepEqual(pods[1].spec.containers[0].args, ['migrate', 'up']);
});

test('the container file is of what there is, and not of root', () => {
	const file = read('deploy/container/Containerfile');
	const steps = [...file.replace(/^#.*$/gm, '').replace(/\\\n\s*/g, '').matchAll(/^([A-Z]+) +(.*)$/gm)].map(([, what, rest]) => [what, rest]);
	const last = (what) => steps.filter(([name]) => name === what).at(-1)?.[1];
	const known = ['FROM', 'WORKDIR', 'COPY', 'RUN', 'USER', 'VOLUME', 'EXPOSE', 'STOPSIGNAL', 'ENTRYPOINT', 'CMD'];
	assert.deepEqual(steps.filter(([what]) => !known.includes(what)), []);
	assert.ok(steps.some(([what, rest]) => what === 'RUN' && rest.startsWith('scripts/package-deb ')));
	const { runAsUser, runAsGroup } = deployment.spec.template.spec.securityContext;
	assert.equal(last('USER'), `${runAsUser}:${runAsGroup}`);
	assert.equal(last('EXPOSE'), `${port('clients')} ${port('pages')}`);
	assert.deepEqual(JSON.parse(last('ENTRYPOINT')), ['/usr/bin/otd']);
	assert.equal(JSON.parse(last('CMD'))[0], 'serve');
	// What is built on this machine does not get in.
	const ignored = read('.dockerignore');
	for (const name of ['.git', 'build', '**/node_modules']) assert.ok(ignored.split('\n').includes(name), name);
});
