// node schema/config.mjs > schema/config.schema.json
//
// The schema of the settings file, from the tables that the program is made of.
import fs from 'node:fs';

const read = (file) => fs.readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');

// Rows of a table: {name, kind, min, max, deflt, form, sentence}.
function table(file) {
	const row = /^SETTING\((\w+), (\w+), (\d+), (\d+), "([^"]*)", "([^"]*)",\s*"([^"]*)"\)/gm;
	return [...read(file).matchAll(row)].map(([, field, kind, min, max, deflt, form, sentence]) =>
		({ name: field.replaceAll('_', '-'), kind, min: Number(min), max: Number(max), deflt, form, sentence }));
}

const text = { type: 'string', pattern: '^[^\\u0000]*$' };
const number = ({ min, max }) => ({ type: 'integer', minimum: min, maximum: max });
const suffixed = (row, suffixes) => ({ anyOf: [number(row), { type: 'string', pattern: `^[0-9]{1,18}(${suffixes})?$` }] });
const kinds = {
	TEXT: () => text,
	URL: () => text,
	LIST: () => ({ type: 'array', items: text }),
	NUMBER: number,
	BYTES: (row) => suffixed(row, '[KMGkmg]'),
	TIME: (row) => suffixed(row, 'ms|s|m|h'),
	BOOL: () => ({ type: 'boolean' }),
	SWITCH: () => ({ enum: [true, false, 'on', 'off'] }),
	CHOICE: ({ form }) => ({ enum: form.split('|') }),
};

const properties = (rows) => Object.fromEntries(rows.map((row) =>
	[row.name, { description: row.sentence, ...kinds[row.kind](row) }]));

const types = [...read('ot/type.c').match(/types\[\] = \{([^]*?)\}/)[1].matchAll(/&ot_type_(\w+)/g)]
	.map(([, name]) => name.replaceAll('_', '-'));
const name = { type: 'string', minLength: 1, pattern: '^[^*\\u0000]*[*]?[^*\\u0000]*$' };
const collection = properties(table('server/run/collection.def'));
collection.types = {
	description: collection.types.description, type: 'array', minItems: 1, items: { anyOf: [{ enum: types }, { type: 'string', pattern: '^http:' }] },
};

console.log(JSON.stringify({
	$schema: 'http://json-schema.org/draft-07/schema#',
	title: 'Settings of otd',
	description: 'What the file that otd --config names may say. Names of settings may also be spelt with _ for -.',
	type: 'object',
	additionalProperties: false,
	properties: {
		$schema: { type: 'string' },
		...properties(table('server/run/config.def').filter((row) => row.name !== 'config')),
		collections: {
			description: 'settings of collections by name; a name may have one *, and the most specific counts',
			type: 'object',
			propertyNames: name,
			additionalProperties: { type: 'object', additionalProperties: false, properties: collection },
		},
		projections: {
			description: 'names for parts of the documents of a collection',
			type: 'object',
			propertyNames: name,
			additionalProperties: {
				type: 'object',
				additionalProperties: false,
				required: ['of', 'fields'],
				properties: {
					of: { description: 'the collection; with a * if the name has one, for the same', ...name },
					fields: { description: 'fields of the root', type: 'array', uniqueItems: true, items: text },
				},
			},
		},
	},
}, null, '\t'));
