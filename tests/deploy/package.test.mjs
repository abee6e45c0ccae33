// The Debian package that scripts/package-deb builds: what is in it, and that
// what is in it runs.  It is not installed: that would be this machine's affair.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import { build, root, temporaryFolder } from '../lib/paths.mjs';
import { Program, freePort, run } from '../lib/process.mjs';

let deb, control, files, tree;
before(async () => {
	const folder = temporaryFolder('deb');
	// What it is built from is the build under test, whatever that was configured with.
	const said = await run(path.join(root, 'scripts/package-deb'), ['--built', build, folder]);
	deb = said.trim().split('\n').at(-1);
	control = await run('dpkg-deb', ['--field', deb]);
	files = (await run('dpkg-deb', ['--contents', deb])).split('\n').map((line) => {
		const [mode, owner, , , , name] = line.split(/\s+/);
		return { mode, owner, name: name.replace(/^\./, '') };
	});
	tree = path.join(temporaryFolder('tree'), 'root');
	await run('dpkg-deb', ['--raw-extract', deb, tree]);
});

const field = (name) => new RegExp(`^${name}: (.*)$`, 'm').exec(control)?.[1];
const text = (name) => fs.readFileSync(path.join(tree, name), 'utf8');

test('its fields say what it is, and what it stands on', async () => {
	const version = (await run(path.join(tree, 'usr/bin/otd'), ['version'])).trim();
	assert.equal(`${field('Package')} ${field('Version')}`, version);
	assert.match(path.basename(deb), new RegExp(`^otd_${field('Version')}_${field('Architecture')}\\.deb$`));
	for (const library of ['libc6', 'libpq5', 'libsqlite3-0', 'libwebsockets-evlib-uv'])
		assert.ok(field('Depends').includes(library), library);
	assert.doesNotMatch(control, /@[A-Z]+@/);
	// Every package that it names is one, and here, since the program runs here.
	for (const name of field('Depends').split(', ').map((one) => one.replace(/ .*/, '')).filter((name) => name !== 'adduser'))
		assert.match(await run('dpkg-query', ['-W', '-f', '${Status}', name]), /^install ok installed$/, name);
});

test('its files are root\'s, and where Debian has them', () => {
	const there = new Set(files.map(({ name }) => name));
	for (const name of ['/usr/bin/otd', '/etc/otd/otd.json', '/lib/systemd/system/otd.service',
		'/lib/systemd/system/otd-compact.service', '/lib/systemd/system/otd-compact.timer', '/usr/share/man/man8/otd.8.gz',
		'/usr/share/man/man5/otd.json.5.gz', '/usr/share/doc/otd/copyright', '/usr/share/doc/otd/examples/nginx.conf',
		'/usr/share/doc/otd/examples/prometheus/otd.rules.yml'])
		assert.ok(there.has(name), name);
	assert.deepEqual(files.filter(({ owner }) => owner !== 'root/root'), []);
	assert.deepEqual(files.filter(({ mode }) => /^[^l].{4}w|^[^l].{7}w/.test(mode)), [], 'writable by others');
	assert.deepEqual(files.filter(({ name }) => /^\/usr\/(include|lib|local)\//.test(name)), [], 'the kernel as a library is another package');
});

test('settings are kept over upgrades, scripts are scripts, sums are right', async () => {
	assert.equal(text('DEBIAN/conffiles'), '/etc/otd/otd.json\n');
	for (const name of ['postinst', 'prerm', 'postrm']) {
		await run('sh', ['-n', path.join(tree, 'DEBIAN', name)]);
		assert.ok(fs.statSync(path.join(tree, 'DEBIAN', name)).mode & 0o100, name);
	}
	await run('md5sum', ['--quiet', '-c', 'DEBIAN/md5sums'], { cwd: tree });
});

test('its unit starts its program, with its settings', async () => {
	const unit = text('lib/systemd/system/otd.service');
	assert.match(unit, /^ExecStart=\/usr\/bin\/otd serve --config \/etc\/otd\/otd\.json$/m);
	const settings = JSON.parse(text('etc/otd/otd.json'));
	assert.match(settings.store, /^sqlite:\/var\/lib\/otd\//);
	const check = await run(path.join(tree, 'usr/bin/otd'), ['config', '--check', '--config', path.join(tree, 'etc/otd/otd.json')]);
	assert.match(check, /the settings are right/);
});

test('it serves as it comes', async () => {
	const port = await freePort();
	const data = temporaryFolder('data');
	const config = path.join(data, 'otd.json');
	fs.writeFileSync(config, text('etc/otd/otd.json').replace('127.0.0.1:7007', `127.0.0.1:${port}`)
		.replace('/var/lib/otd', data));
	const server = new Program(path.join(tree, 'usr/bin/otd'), ['serve', '--config', config], { env: { PATH: process.env.PATH } });
	await server.waitFor(/listening on/);
	assert.equal((await fetch(`http://127.0.0.1:${port}/readyz`)).status, 200);
	assert.match(await (await fetch(`http://127.0.0.1:${port}/`, { headers: { accept: 'text/html' } })).text(), /<html/);
	assert.equal((await server.stop()).code, 0);
	assert.ok(fs.existsSync(path.join(data, 'otd.db')));
});
