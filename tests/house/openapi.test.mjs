// schema/openapi.yaml has the routes that there are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { read } from './source.mjs';
import { read as description } from '../../scripts/openapi.mjs';

const { paths, components } = description();
const routes = [...read('server/rest/routes.def').matchAll(/^ROUTE\((\w+), "(\S+)",\s*(\w+),\s*([\w |]+),\s*"([^"]*)"\)/gm)]
	.map(([, method, path, handler, needs, query]) => ({ method, path, handler, needs, query: query.split(' ').filter(Boolean).sort() }));
const resolve = (v) => (v.$ref ? v.$ref.slice(2).split('/').reduce((at, key) => at[key], { components }) : v);
const operations = Object.entries(paths).flatMap(([path, { parameters = [], ...methods }]) => Object.entries(methods)
	.map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation,
		parameters: [...parameters, ...operation.parameters ?? []].map(resolve) })));

test('each route is described, and nothing else', () => {
	assert.equal(routes.length, read('server/rest/routes.def').match(/^ROUTE\(/gm).length);
	const named = (list) => list.map(({ method, path }) => `${method} ${path}`).sort();
	assert.deepEqual(named(operations), named(routes));
});

test('an operation is called as its handler', () => {
	for (const { method, path, operationId } of operations)
		assert.equal(operationId, routes.find((route) => route.path === path && route.method === method)?.handler);
});

test('its parameters are those of the route', () => {
	for (const { method, path, parameters } of operations) {
		const where = (place) => parameters.filter((parameter) => parameter.in === place).map(({ name }) => name).sort();
		const route = routes.find((other) => other.path === path && other.method === method);
		assert.deepEqual(where('query'), route.query, `${method} ${path}`);
		assert.deepEqual(where('path'), [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort(), `${method} ${path}`);
	}
});

test('a body is described where one is read', () => {
	for (const { method, path, requestBody } of operations) {
		const { needs } = routes.find((route) => route.path === path && route.method === method);
		if (/\bREST_JSON/.test(needs)) assert.equal(requestBody?.required, true, path);
		if (/REST_MAY_JSON/.test(needs)) assert.ok(requestBody && !requestBody.required, path);
		if (/JSON/.test(needs)) assert.ok(requestBody.content['application/json'], path);
	}
});

test('the names of types and the sizes of pages are those of the code', () => {
	const types = [...read('ot/type.c').matchAll(/&ot_type_(\w+)/g)].map(([, name]) => name.replace('_', '-'));
	assert.deepEqual(components.schemas.Type.enum, [...new Set(types)].filter((name) => name !== 'json1-auto').sort());
	const [, most] = /#define PAGE_MAX\s+(\d+)/.exec(read('server/rest/page.h'));
	assert.equal(components.schemas.Limit.maximum, Number(most));
});
