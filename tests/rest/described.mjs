// schema/openapi.yaml, and answers held against it: no status, header, media type or member that it does not name.
import assert from 'node:assert/strict';
import Ajv from 'ajv/dist/2020.js';
import { read } from '../../scripts/openapi.mjs';

export const description = read();
const METHODS = ['get', 'put', 'post', 'patch', 'delete'];
// Headers that say something of the api; others are HTTP's and the connection's.
const TELLING = /^(etag|location|link|otd-.*|idempotency-.*|preference-applied|accept-patch|www-authenticate|retry-after|allow|set-cookie)$/;

const resolve = (v) => (v?.$ref ? resolve(v.$ref.slice(2).split('/').reduce((at, key) => at[key], description)) : v);

// Clients must bear members that they do not know; the server may not send any that are not there.
function closed(v) {
	if (Array.isArray(v)) return v.map(closed);
	if (v === null || typeof v !== 'object') return v;
	const out = Object.fromEntries(Object.entries(v).map(([key, value]) => [key, closed(value)]));
	if (out.type === 'object' && out.properties && !('additionalProperties' in out)) out.additionalProperties = false;
	return out;
}

const ajv = new Ajv({ strict: false, validateFormats: false });
const schemas = closed(description.components.schemas);
const compiled = new Map();

function check(schema, value, where) {
	if (!compiled.has(schema))
		compiled.set(schema, ajv.compile({ ...closed(schema), components: { schemas } }));
	const validate = compiled.get(schema);
	assert.ok(validate(value), `${where}: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(value)}`);
}

export const operations = Object.entries(description.paths).flatMap(([path, item]) => METHODS.filter((method) => item[method])
	.map((method) => ({ path, method: method.toUpperCase(), ...item[method] })));

const paths = Object.keys(description.paths).map((path) => ({
	path, literals: path.split('/').filter((piece) => !piece.startsWith('{')).length,
	pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '(?:.+?)')}$`),
})).sort((a, b) => b.literals - a.literals);

// The operation that a request is for; undefined: the path has none such.
export function operationOf(method, url) {
	const path = url.split('?')[0];
	const found = paths.find(({ pattern }) => pattern.test(path));
	return operations.find((operation) => operation.path === found?.path && operation.method === method.replace('HEAD', 'GET'));
}

// What an answer is by the description: "operation status", or "operation default"; undefined: of no operation.
export function describe({ method, url, status, headers, text }) {
	const where = `${method} ${url}: ${status}`;
	const operation = operationOf(method, url);
	if (!operation) {
		if (method === 'OPTIONS') return undefined;
		assert.ok(status >= 400, `${where} is not described`);
		check(schemas.Problem, JSON.parse(text), where);
		return undefined;
	}
	const own = operation.responses[status];
	assert.ok(own || description['x-otd-anywhere'].includes(status), `${where} is no answer of ${operation.operationId}`);
	const response = resolve(own ?? operation.responses.default);
	const named = new Set(Object.keys(response.headers ?? {}).map((name) => name.toLowerCase()));
	const strange = Object.keys(headers).filter((name) => TELLING.test(name) && !named.has(name));
	assert.deepEqual(strange, [], `${where} has headers that are not described`);
	const type = headers['content-type']?.split(';')[0];
	if (text !== '' && method !== 'HEAD') {
		const media = response.content?.[type];
		assert.ok(media, `${where} is ${type}`);
		const values = type.endsWith('ndjson') ? text.split('\n').filter(Boolean).map(JSON.parse) :
			type.endsWith('json') ? [JSON.parse(text)] : [];
		for (const value of values) check(media.schema, value, where);
	}
	return `${operation.operationId} ${own ? status : 'default'}`;
}
