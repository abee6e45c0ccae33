// One call of the api, on a connection of its own.
import http from 'node:http';

const PATIENCE_MS = 5_000;

// No answer, or half of one: whether it was done is not known.
export class Unanswered extends Error {}

// {status, headers, said}
export function call(base, method, path, { body, headers = {} } = {}) {
	const text = body === undefined ? undefined : JSON.stringify(body);
	return new Promise((done, fail) => {
		const lost = (error) => fail(new Unanswered(`${method} ${path}: ${error.message}`, { cause: error }));
		const request = http.request(`${base}/v1${path}`, {
			method, agent: false, signal: AbortSignal.timeout(PATIENCE_MS),
			headers: { accept: 'application/json', ...text !== undefined && { 'content-type': 'application/json' }, ...headers },
		}, (answer) => {
			let all = '';
			answer.setEncoding('utf8');
			answer.on('data', (part) => { all += part; });
			answer.on('error', lost);
			answer.on('end', () => {
				try {
					done({ status: answer.statusCode, headers: answer.headers, said: JSON.parse(all) });
				} catch (error) { lost(error); }
			});
		});
		request.on('error', lost);
		request.end(text);
	});
}
