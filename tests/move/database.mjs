// A database of otd, of either kind, that a test lays hands on.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../lib/paths.mjs';
import { run } from '../lib/process.mjs';

export class Database {
	// kind: postgresql or sqlite; pg: a running Postgres.
	static async make(kind, pg) {
		const db = new Database();
		if (kind === 'postgresql') {
			db.pg = pg;
			db.store = await pg.database();
			db.prefix = 'otd.';
		} else {
			db.file = path.join(temporaryFolder('db'), 'otd.db');
			db.store = `sqlite:${db.file}`;
			db.prefix = '';
		}
		return db;
	}

	// Rows as lists of strings.
	async sql(text) {
		if (this.pg) return this.pg.sql(text, new URL(this.store).pathname.slice(1));
		const said = await run('sqlite3', ['-cmd', '.timeout 10000', '-separator', '\t', this.file, text]);
		return said.split('\n').filter(Boolean).map((line) => line.split('\t'));
	}

	// The condition that finds rows of a document, at a version where they have one.
	#rows(table, id, v) {
		const name = `collection = 'notes' AND id = '${id}'`;
		if (table === 'document' || table === 'content') return name;
		const key = `doc_pk = (SELECT doc_pk FROM ${this.prefix}document WHERE ${name})`;
		return table === 'log_horizon' ? key : `${key} AND version = ${v}`;
	}

	// Change the text in a column of one row; what takes it back.
	async flip({ table, id, v, column, from, to }) {
		assert.equal(from.length, to.length);
		const change = async (of, was, is) => {
			const rows = this.#rows(table, of, v);
			const value = async () => (await this.sql(`SELECT ${column} FROM ${this.prefix}${table} WHERE ${rows}`))[0][0];
			const before = await value();
			assert.ok(before.includes(was), `${table}.${column}: ${before}`);
			const after = before.replace(was, is);
			await this.sql(`UPDATE ${this.prefix}${table} SET ${column} = '${after}' WHERE ${rows}`);
		};
		await change(id, from, to);
		return () => change(column === 'id' ? to : id, to, from);
	}

	// Give a document's row another key than its operations and snapshots have; what takes it back.
	async orphan(id) {
		const move = (by) => this.sql(`UPDATE ${this.prefix}document SET doc_pk = doc_pk + ${by} WHERE ${this.#rows('document', id)}`);
		await move(1_000_000);
		return () => move(-1_000_000);
	}

	// Write over bytes of the file itself, where they stand first.
	tear(from, to) {
		const bytes = fs.readFileSync(this.file);
		const at = bytes.indexOf(from);
		assert.ok(at > 0);
		bytes.write(to, at);
		fs.writeFileSync(this.file, bytes);
	}
}
