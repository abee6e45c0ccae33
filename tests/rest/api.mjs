// A client of the api below /v1/: one call, and what came back, which has to be as schema/openapi.yaml says.
import http from 'node:http';
import { otdTargets } from '../interop/targets.mjs';
import { describe } from './described.mjs';

// The servers that these tests run against: SQLite, and two nodes on PostgreSQL and Redis.
export const servers = otdTargets.filter(({ name }) => ['sqlite', 'pair'].includes(name));

export const JSON_PATCH = 'application/json-patch+json';
export const MERGE_PATCH = 'application/merge-patch+json';
export const OP = 'application/vnd.otd.op+json';
export const TEXT_EDIT = 'application/vnd.otd.text-edit+json';

export class Answer {
	constructor(status, headers, text) { Object.assign(this, { status, headers, text }); }
	get json() { return JSON.parse(this.text); }
	get version() { return Number(this.headers['otd-version']); }
	get etag() { return this.headers.etag; }
	get code() { return this.json.code; }
	get lines() { return this.text.split('\n').filter(Boolean).map((line) => JSON.parse(line)); }
}

export class Api {
	// url: of a WebSocket of the server, or its base.
	constructor(url) {
		this.base = url.replace(/^ws/, 'http').replace(/\/(ws)?$/, '');
		this.seen = new Set();		// "operation status" of each answer
	}

	// body: sent as it is when it is a string or a buffer, else as JSON.  The path is not changed on its way.
	call(method, path, { body, type = 'application/json', headers = {} } = {}) {
		const text = body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
		const all = { ...text !== undefined && { 'content-type': type, 'content-length': Buffer.byteLength(text) }, ...headers };
		return new Promise((done, fail) => {
			const url = new URL(this.base);
			const request = http.request({ host: url.hostname, port: url.port, path: `/v1${path}`, method, headers: all, agent: false },
				(answer) => {
					const chunks = [];
					answer.on('data', (chunk) => chunks.push(chunk));
					answer.on('error', fail);
					answer.on('end', () => {
						const text = Buffer.concat(chunks).toString();
						try {
							const seen = describe({ method, url: `/v1${path}`, status: answer.statusCode, headers: answer.headers, text });
							if (seen) this.seen.add(seen);
							done(new Answer(answer.statusCode, answer.headers, text));
						} catch (error) { fail(error); }
					});
				});
			request.on('error', fail);
			request.end(text);
		});
	}

	get(path, headers) { return this.call('GET', path, { headers }); }
	put(path, body, headers) { return this.call('PUT', path, { body: JSON.stringify(body), headers }); }
	post(path, body, headers) { return this.call('POST', path, { body: JSON.stringify(body), headers }); }
	patch(path, body, type, headers) { return this.call('PATCH', path, { body: JSON.stringify(body), type, headers }); }
	delete(path, headers) { return this.call('DELETE', path, { headers }); }
}

let unique = 0;
// A path of a document that no other test of this process has.
export const fresh = (collection = 'notes') => `/collections/${collection}/docs/t${process.pid}-${unique++}`;
