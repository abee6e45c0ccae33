// A wire does what it is told.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import { sleep, until } from '../lib/process.mjs';
import { Wire } from './wire.mjs';

describe('a wire', () => {
	let server, wire;
	let heard = '';		// by the server, which says it back
	before(async () => {
		server = net.createServer((socket) => {
			socket.setEncoding('utf8');
			socket.on('data', (text) => {
				heard += text;
				socket.write(text);
			});
			socket.on('error', () => {});
		});
		await new Promise((done) => server.listen(0, '127.0.0.1', done));
		wire = await Wire.start('to the server', () => server.address().port);
	});
	beforeEach(() => {
		wire.cut();
		wire.set('pass');
		heard = '';
	});
	after(async () => {
		await wire.stop();
		await new Promise((done) => server.close(done));
	});

	function connect() {
		const socket = net.connect(wire.port, '127.0.0.1');
		const client = { socket, heard: '', isClosed: false };
		socket.setEncoding('utf8');
		socket.on('data', (text) => { client.heard += text; });
		socket.on('error', () => {});
		socket.on('close', () => { client.isClosed = true; });
		return client;
	}
	const hears = (client, text) => until(`it hears ${text}`, () => client.heard === text);
	const closes = (client) => until('it is closed', () => client.isClosed);

	test('passes both ways, and the end', async () => {
		const client = connect();
		client.socket.write('hello');
		await hears(client, 'hello');
		client.socket.end();
		await closes(client);
		await until('the pair is gone', () => wire.connections === 0);
	});

	test('late: all of it, in order', async () => {
		const client = connect();
		wire.set('late', 30);
		for (const letter of 'abcdef') {
			client.socket.write(letter);
			await sleep(3);
		}
		await hears(client, 'abcdef');
	});

	test('stall: nothing, then all of it', async () => {
		const client = connect();
		client.socket.write('one');
		await hears(client, 'one');
		wire.set('stall');
		client.socket.write('two');
		const other = connect();
		other.socket.write('three');
		await sleep(50);
		assert.equal(heard, 'one');
		wire.set('pass');
		await hears(client, 'onetwo');
		await hears(other, 'three');
	});

	test('lose: it never arrives, and the connection is cut in the end', async () => {
		const client = connect(), idle = connect();
		client.socket.write('one');
		await hears(client, 'one');
		wire.set('lose');
		client.socket.write('two');
		await sleep(50);
		assert.equal(client.isClosed, false);
		wire.set('pass');
		await closes(client);
		idle.socket.write('three');
		await hears(idle, 'three');
		assert.equal(heard, 'onethree');
	});

	test('shut: cut, and cut again', async () => {
		const client = connect();
		client.socket.write('one');
		await hears(client, 'one');
		wire.set('shut');
		await closes(client);
		const other = connect();
		other.socket.write('two');
		await closes(other);
		assert.equal(heard, 'one');
		wire.set('pass');
		const third = connect();
		third.socket.write('three');
		await hears(third, 'three');
	});

	test('more than fits anywhere waits at its sender', async () => {
		const client = connect();
		wire.set('stall');
		const much = 'x'.repeat(1 << 20);
		let n = 0;
		while (client.socket.write(much) || n < 64 && client.socket.writableLength < 16 << 20) {
			n++;
			await sleep(1);
		}
		assert.ok(client.socket.writableLength > 0);
		wire.set('pass');
		await until('all of it is heard', () => heard.length >= much.length);
	});

	test('nobody at the other end', async () => {
		const nowhere = await Wire.start('to nobody', () => 1);
		const socket = net.connect(nowhere.port, '127.0.0.1');
		await new Promise((done) => {
			socket.on('error', () => {});
			socket.on('close', done);
		});
		await nowhere.stop();
	});
});
