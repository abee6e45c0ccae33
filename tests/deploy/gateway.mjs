// A gateway as deploy/ describes it, by the real program, with nothing changed
// but addresses, the certificate and where logs go.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import { root, temporaryFolder } from '../lib/paths.mjs';
import { Program, freePort, until } from '../lib/process.mjs';

// Debian puts these where an ordinary user's PATH does not lead.
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };

// Each change has to find what it changes: else the test would be of something else.
function changed(name, changes) {
	let text = fs.readFileSync(path.join(root, 'deploy', name), 'utf8');
	for (const [from, to] of changes) {
		assert.ok(text.includes(from), `deploy/${name} does not say ${from}`);
		text = text.replaceAll(from, to);
	}
	return text;
}

const kinds = {
	nginx(gateway, [a, b]) {
		fs.writeFileSync(gateway.file('otd.conf'), changed('nginx.conf', [
			['10.0.0.11:7007', `127.0.0.1:${a}`], ['10.0.0.12:7007', `127.0.0.1:${b}`],
			['listen 443', `listen 127.0.0.1:${gateway.port}`],
			['/etc/ssl/docs.example.pem', gateway.file('cert.pem')],
			['/etc/ssl/docs.example.key', gateway.file('key.pem')],
			['/var/log/nginx/otd.log', gateway.file('access.log')],
		]));
		const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
			.map((what) => `${what}_temp_path ${gateway.file(what)};`).join(' ');
		fs.writeFileSync(gateway.file('nginx.conf'), `daemon off; master_process off; pid ${gateway.file('pid')};
			error_log stderr; events { worker_connections 256; }
			http { ${temporary} include ${gateway.file('otd.conf')}; }\n`);
		return ['nginx', ['-p', gateway.folder, '-e', 'stderr', '-c', gateway.file('nginx.conf')]];
	},
	haproxy(gateway, [a, b]) {
		fs.writeFileSync(gateway.file('haproxy.cfg'), changed('haproxy.cfg', [
			['10.0.0.11:7007', `127.0.0.1:${a}`], ['10.0.0.12:7007', `127.0.0.1:${b}`],
			['bind :443', `bind 127.0.0.1:${gateway.port}`],
			['/etc/haproxy/docs.example.pem', gateway.file('both.pem')],
			['log /dev/log local0', 'log stdout format raw local0'],
		]));
		return ['haproxy', ['-db', '-f', gateway.file('haproxy.cfg')]];
	},
};

export class Gateway {
	// kind: nginx or haproxy; ports: of two otd.
	static async start(kind, ports) {
		const gateway = new Gateway();
		gateway.folder = temporaryFolder(kind);
		gateway.port = await freePort();
		execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
			'-subj', '/CN=docs.example', '-addext', 'subjectAltName=DNS:docs.example,IP:127.0.0.1',
			'-keyout', gateway.file('key.pem'), '-out', gateway.file('cert.pem')], { stdio: 'pipe' });
		gateway.ca = fs.readFileSync(gateway.file('cert.pem'));
		fs.writeFileSync(gateway.file('both.pem'), gateway.ca + fs.readFileSync(gateway.file('key.pem'), 'utf8'));
		const [file, args] = kinds[kind](gateway, ports);
		gateway.program = new Program(file, args, { env });
		await until(`${kind} serves`, async () => {
			if (gateway.program.exit) throw new Error(`${kind} ended:\n${gateway.program.said()}`);
			return gateway.get('/version').then(({ status }) => status === 200, () => false);
		});
		return gateway;
	}

	file(name) { return path.join(this.folder, name); }

	ws(query = '') { return `wss://127.0.0.1:${this.port}/ws${query}`; }

	// What it wrote down of the requests.
	log() {
		const file = this.file('access.log');
		return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : this.program.said();
	}

	// {status, text} of one request.
	ask(method, where, { headers = {}, body } = {}) {
		return new Promise((done, fail) => {
			const request = https.request({ host: '127.0.0.1', port: this.port, path: where, method, headers, ca: this.ca,
				agent: false }, (answer) => {
				let text = '';
				answer.setEncoding('utf8').on('data', (more) => { text += more; });
				answer.on('error', fail).on('end', () => done({ status: answer.statusCode, text }));
			});
			request.on('error', fail);
			request.end(body);
		});
	}

	// An answer that goes on: {text} so far, and end().
	stream(where) {
		return new Promise((done, fail) => {
			const stream = { text: '' };
			const request = https.get({ host: '127.0.0.1', port: this.port, path: where, ca: this.ca, agent: false }, (answer) => {
				answer.setEncoding('utf8').on('data', (more) => { stream.text += more; }).on('error', () => {});
				stream.end = () => request.destroy();
				done(stream);
			});
			request.on('error', fail);
		});
	}

	get(where, headers) { return this.ask('GET', where, { headers }); }

	async stop() { if (!this.program.exit) await this.program.stop('SIGTERM'); }
}
