// Documents of an otd, over REST.
import assert from 'node:assert/strict';

// Anything but success is a fault.
async function call(server, method, collection, id, body) {
	const answer = await fetch(`${server.url}v1/collections/${collection}/docs/${id}`, {
		method, headers: { 'content-type': 'application/json' }, body,
	});
	const text = await answer.text();
	assert.ok(answer.ok, `${method} ${collection}/${id}: ${answer.status} ${text}`);
	return { answer, text };
}

export const put = (server, collection, id, data) => call(server, 'PUT', collection, id, JSON.stringify(data));
export const remove = (server, collection, id) => call(server, 'DELETE', collection, id);

export async function content(server, collection, id) {
	const { answer, text } = await call(server, 'GET', collection, id);
	return { v: Number(answer.headers.get('otd-version')), data: JSON.parse(text) };
}

// n documents, each with some edits.
export async function fill(server, collection, n, edits = 3) {
	for (let i = 0; i < n; i++)
		for (let e = 0; e < edits; e++) await put(server, collection, `d${i}`, { i, e });
}
