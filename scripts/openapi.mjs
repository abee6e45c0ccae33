#!/usr/bin/env node
// Writes schema/openapi.yaml as JSON to standard output; others import read().
//
// Reads the part of YAML that the file is written in, so that a build needs no
// package: mappings and lists by indentation, one-line { flow: [mappings] },
// "quoted" and plain scalars, folded text (>-), comments on lines of their own.
// What it does not know it refuses.  A test holds it against a whole reader.
import fs from 'node:fs';
import { pathToFileURL } from 'node:url';

const file = new URL('../schema/openapi.yaml', import.meta.url);

class Reader {
	constructor(text) {
		this.at = 0;		// line
		this.lines = text.split('\n').map((line, i) => ({ line, number: i + 1, indent: /^ */.exec(line)[0].length }))
			.filter(({ line }) => !/^ *(#|$)/.test(line));
	}

	get here() { return this.lines[this.at]; }

	fail(why) {
		throw new Error(`${file.pathname}:${this.here?.number ?? 'end'}: ${why}`);
	}

	// The mapping, list or scalar that begins here, at this indentation.
	block(indent) {
		if (this.here?.indent !== indent) this.fail('the indentation does not fit');
		return this.here.line.startsWith('- ', indent) ? this.list(indent) : this.mapping(indent);
	}

	list(indent) {
		const items = [];
		while (this.here?.indent === indent && this.here.line.startsWith('- ', indent)) {
			const rest = this.here.line.slice(indent + 2);
			if (/^(["{[]|[^:]*$)/.test(rest) && !/^"[^"]*": /.test(rest)) {
				items.push(this.scalar(rest));
				this.at++;
			} else {		// a mapping: its first line is behind the dash
				this.here.line = ' '.repeat(indent + 2) + rest;
				this.here.indent = indent + 2;
				items.push(this.mapping(indent + 2));
			}
		}
		return items;
	}

	mapping(indent) {
		const out = {};
		while (this.here?.indent === indent) {
			const [, key, rest] = /^ *((?:"[^"]*"|[^":{[][^:]*)):(?: (.*))?$/.exec(this.here.line) ?? this.fail('no "key: value"');
			const name = key.startsWith('"') ? JSON.parse(key) : key;
			if (name in out) this.fail(`"${name}" is there twice`);
			if (rest === '>-') {
				out[name] = this.folded(indent);
			} else if (rest) {
				out[name] = this.scalar(rest);
				this.at++;
			} else {
				this.at++;
				if (!(this.here?.indent > indent)) this.fail(`"${name}" has no value`);
				out[name] = this.block(this.here.indent);
			}
		}
		if (this.here?.indent > indent) this.fail('the indentation does not fit');
		return out;
	}

	folded(indent) {
		const words = [];
		for (this.at++; this.here?.indent > indent; this.at++) words.push(this.here.line.trim());
		return words.join(' ');
	}

	scalar(text) {
		this.rest = text;
		const value = this.flow(/^[^#]*/);
		if (this.rest.trim()) this.fail(`"${this.rest}" is too much`);
		return value;
	}

	// A value of one line; plain says what a plain scalar may be.
	flow(plain) {
		this.rest = this.rest.trimStart();
		if (this.rest[0] === '{') return this.within('{', '}', (out) => {
			const [all, key] = /^("[^"]*"|[^":{}[\],]+): */.exec(this.rest) ?? this.fail('no "key: value"');
			this.rest = this.rest.slice(all.length);
			out[key.startsWith('"') ? JSON.parse(key) : key] = this.flow(/^[^,{}[\]#]*/);
		}, {});
		if (this.rest[0] === '[') return this.within('[', ']', (out) => out.push(this.flow(/^[^,{}[\]#]*/)), []);
		const quoted = /^"(?:[^"\\]|\\.)*"/.exec(this.rest);
		const [text] = quoted ?? plain.exec(this.rest);
		if (!quoted && (text.trim() === '' || /^[&*!|>%@'`]|: |^- /.test(text))) this.fail(`"${text}" has to be quoted`);
		this.rest = this.rest.slice(text.length);
		if (quoted) return JSON.parse(text);
		return /^(true|false|null|-?\d+(\.\d+)?)$/.test(text.trim()) ? JSON.parse(text) : text.trim();
	}

	within(open, close, item, out) {
		this.rest = this.rest.slice(1).trimStart();
		while (this.rest[0] !== close) {
			item(out);
			this.rest = this.rest.trimStart();
			if (this.rest[0] === ',') this.rest = this.rest.slice(1).trimStart();
			else if (this.rest[0] !== close) this.fail(`"${close}" is missing`);
		}
		this.rest = this.rest.slice(1);
		return out;
	}
}

export function read(text = fs.readFileSync(file, 'utf8')) {
	const reader = new Reader(text);
	const value = reader.block(0);
	if (reader.here) reader.fail('the indentation does not fit');
	return value;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(JSON.stringify(read()));
