// Includes point downhill only.  A layer is a folder; what it may include of
// ours, and which libraries, is this table.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { read, sources } from './source.mjs';

const LIBRARIES = /^(event2?\/|event\.h|evdns|uv\.h|libwebsockets|libpq|hiredis\/|json-c\/|jwt|sqlite3|pthread|curl\/|sodium|openssl\/)/;

const layers = {
	ot: { ours: ['ot/'], libraries: [] },
	base: { ours: ['base/', 'ot/buf.h'], libraries: [] },
	proto: { ours: ['proto/', 'ot/', 'base/'], libraries: [] },
	core: { ours: ['core/', 'schema/', 'proto/', 'ot/', 'base/'], not: ['base/loop.h'], libraries: [] },
	store: { ours: ['store/', 'core/job.h', 'core/rows.h', 'schema/rows.def', 'core/filter', 'base/', 'ot/op.h', 'ot/buf.h', 'ot/utf.h'],
		libraries: ['libpq', 'sqlite3', 'pthread'] },
	bus: { ours: ['bus/', 'core/word.h', 'base/', 'ot/op.h', 'ot/buf.h'], libraries: ['hiredis/', 'pthread'] },	// a name is looked up in a thread
	auth: { ours: ['auth/', 'core/access.h', 'core/principal.h', 'core/desk.h', 'core/job.h', 'core/rows.h', 'base/',
		'ot/json', 'ot/buf.h'], libraries: ['jwt', 'openssl/', 'sodium', 'pthread'] },	// passwords are hashed in a thread
	net: { ours: ['net/', 'core/hub.h', 'core/principal.h', 'core/rate.h', 'core/session.h', 'core/trace.h', 'proto/', 'base/', 'auth/gate.h', 'ot/buf.h'],
		libraries: ['libwebsockets', 'openssl/'] },
	rest: { ours: ['rest/', 'net/call.h', 'net/net.h', 'core/access.h', 'core/catalog.h', 'core/desk.h', 'core/filter.h', 'core/hub.h', 'core/job.h',
		'core/principal.h', 'core/rows.h', 'core/session.h', 'core/trace.h', 'auth/', 'proto/', 'ot/', 'base/'], libraries: ['openssl/'] },
	run: { ours: [''], libraries: [''] },
};

// The one file that knows the loops; the one that fetches.
const exceptions = { 'server/base/loop.c': ['event2/', 'uv.h', 'libwebsockets'],
	'server/base/fetch.c': ['curl/'] };

test('includes point downhill', () => {
	const uphill = [];
	for (const file of sources) {
		const layer = /^(?:server\/)?(\w+)\//.exec(file)[1];
		const rule = layers[layer];
		if (!rule) continue;		// tests may include all
		for (const [, mark, name] of read(file).matchAll(/^\s*#\s*include\s*(["<])([^">]+)[">]/gm)) {
			const allowed = mark === '"' ?
				name === 'config.h' || rule.ours.some((p) => name.startsWith(p)) && !rule.not?.includes(name) :
				!LIBRARIES.test(name) || [...rule.libraries, ...exceptions[file] ?? []].some((l) => name.startsWith(l));
			if (!allowed) uphill.push(`${file} includes ${name}`);
		}
	}
	assert.deepEqual(uphill, []);
});

test('every folder of the server is a layer', () => {
	const folders = new Set(sources.flatMap((file) => /^server\/(\w+)\//.exec(file)?.[1] ?? []));
	assert.deepEqual([...folders].filter((folder) => !(folder in layers)), []);
});

test('the kernel reads no clock and prints nothing', () => {
	const known = /^(std(arg|bool|def|int|lib|io)|string|limits|assert|errno|float|math|inttypes|ctype)\.h$/;
	const strange = sources.filter((file) => /^ot\/(?!tool\/)/.test(file)).flatMap((file) =>
		[...read(file).matchAll(/^\s*#\s*include\s*<([^>]+)>/gm)]
			.filter(([, name]) => !known.test(name)).map(([, name]) => `${file} includes ${name}`));
	assert.deepEqual(strange, []);
});
