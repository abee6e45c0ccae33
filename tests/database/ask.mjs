// Documents of an otd, over REST.
import assert from 'node:assert/strict';

const url = (server, collection, id) => `${server.url}v1/collections/${collection}/docs/${id}`;

// The answer's body; anything but success is a fault.
export async function call(server, method, collection, id, body) {
	const answer = await fetch(url(server, collection, id), {
		method, headers: { 'content-type': 'application/json' }, body: body && JSON.stringify(body),
	});
	const text = await answer.text();
	assert.ok(answer.ok, `${method} ${collection}/${id}: ${answer.status} ${text}`);
	return text ? JSON.parse(text) : null;
}

export const content = (server, collection, id) => call(server, 'GET', collection, id);

// A counter of documents: n edits each, so that there is history.
export async function fill(server, collection, n, edits = 3) {
	for (let i = 0; i < n; i++)
		for (let e = 0; e < edits; e++) await call(server, 'PUT', collection, `d${i}`, { data: { i, e } });
}
