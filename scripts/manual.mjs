// docs/otd.json.5, the manual page of the settings, from the tables that the
// program is made of:	node scripts/manual.mjs >docs/otd.json.5
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(fileURLToPath(import.meta.url), '../..');
const read = (name) => fs.readFileSync(path.join(root, name), 'utf8');

// Rows of SETTING(...), and the comments between them as headings.
function table(name) {
	const body = read(name).replace(/^\/\*[^]*?\*\/\n/, '');
	return [...body.matchAll(/^\/\* (.*?)\.?(?:;.*)? \*\/$|^SETTING\((\w+), (\w+), (\d+), (\d+),\s*"([^"]*)", "([^"]*)",\s*"([^"]*)"\)$/gm)]
		.map(([, heading, field, kind, min, max, value, form, sentence]) => (heading ? { heading } :
			{ name: field.replaceAll('_', '-'), kind, min: Number(min), max: Number(max), value, form, sentence }));
}

// roff reads a minus as a hyphen, and a line that begins with . or ' as a request.
const quoted = (text) => text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replace(/^([.'])/gm, '\\&$1');

function amount(kind, n) {
	const units = kind === 'BYTES' ? [['G', 2 ** 30], ['M', 2 ** 20], ['K', 2 ** 10]] :
		[['h', 3_600_000], ['m', 60_000], ['s', 1000], ['ms', 1]];
	const [unit, size] = units.find(([, of]) => n >= of && n % of === 0) ?? ['', 1];
	return `${n / size}${unit}`;
}

const words = { TEXT: 'text', URL: 'a URL', FILE: 'a file\'s name', 'URL|FILE': 'a URL, or a file\'s name', NAME: 'a name',
	TYPES: 'a type\'s name or URI' };

// What a file may say: the kinds of run/config.h as JSON has them.
function values({ kind, min, max, form }) {
	switch (kind) {
	case 'LIST': return `a list, or one: ${words[form] ?? form}`;
	case 'NUMBER': return `a number from ${min} to ${max}`;
	case 'BYTES': return `bytes, a number or as "64K", from ${amount(kind, min)} to ${amount(kind, max)}`;
	case 'TIME': return `a time as "10s", or milliseconds, from ${min === 0 ? 0 : amount(kind, min)} to ${amount(kind, max)}`;
	case 'BOOL': return 'true or false';
	case 'SWITCH': return 'true or false, "on" or "off"';
	case 'CHOICE': return form.split('|').map((word) => `"${word}"`).join(', ').replace(/, ([^,]*)$/, ' or $1');
	case 'SECRET': return 'text; better in a file of its own, which the environment names';
	default: return words[form] ?? form;
	}
}

const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}`.replace(/[^.]$/, '$&.');
const last = (kind, value) => (kind === 'BOOL' || value === '' ? '' : ` Default ${value}.`);

const item = (row) => [`.TP\n.B ${quoted(row.name)}`, quoted(`${sentence(row.sentence)}`),
	quoted(`Takes ${values(row)}.${last(row.kind, row.value)}`)].join('\n');

const settings = table('server/run/config.def').map((row) => ('heading' in row ? `.SS ${quoted(row.heading)}` : item(row)));
const collections = table('server/run/collection.def').map((row) => item({ ...row, value: '' }));

process.stdout.write(`.\\" Made by scripts/manual.mjs from server/run/config.def and collection.def.
.TH OTD.JSON 5
.SH NAME
otd.json \\- settings of otd
.SH DESCRIPTION
The file that
.BR "otd serve \\-\\-config" ,
and each other subcommand of
.BR otd (8),
takes settings from: a JSON object. Each member is a setting; one that there is not is an error that names it. A flag or the
environment goes before the file:
.BR max\\-message
in the file is
.B \\-\\-max\\-message
as a flag and
.B OTD_MAX_MESSAGE
in the environment, and for texts
.B OTD_STORE_FILE
names a file that holds the value of
.BR store .
Secrets are best told so.
.B otd config \\-\\-check
says whether a file is right,
.B otd config \\-\\-schema
prints a JSON Schema of it, which a file may name as "$schema".
.PP
.EX
{
  "listen": ["127.0.0.1:7007"],
  "store": "postgres://otd@db.example/otd",
  "bus": "redis://redis.example:6379/otd",
  "workers": 2,
  "collections": {
    "drafts_*": {"queries": false, "keep\\-every": 100}
  }
}
.EE
.SH SETTINGS
${settings.join('\n')}
.SH COLLECTIONS
In the member
.BR collections ,
an object, under the name of a collection, or one with a
.B *
in it; see
.BR otd (8).
${collections.join('\n')}
.SH PROJECTIONS
In the member
.BR projections ,
an object, under the name of a projection.
.TP
.B of
The collection that it is a part of.
.TP
.B fields
The fields of the root that it has, a list.
.SH SEE ALSO
.BR otd (8)
`);
