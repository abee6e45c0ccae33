// As much of Yjs (update format 1) and of Hocuspocus's messages as a load generator needs: updates that insert text,
// written without a Y.Doc, and what a message tells, read without one.
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';

export const SYNC = 0, AUTH = 2, SYNC_REPLY = 4, SYNC_STATUS = 8;
export const STEP_1 = 0, STEP_2 = 1, UPDATE = 2;

const ORIGIN = 0x80, RIGHT_ORIGIN = 0x40, PARENT_SUB = 0x20, KIND = 0x1f, STRING = 4;
const ROOT = 'text';		// the name of the shared text
const EMPTY = new Uint8Array([0]);	// state vector of who knows nothing

function message(document, type, write) {
	return encoding.encode((encoder) => {
		encoding.writeVarString(encoder, document);
		encoding.writeVarUint(encoder, type);
		write(encoder);
	});
}

/** The token of who needs none. */
export const authenticate = (document) => message(document, AUTH, (encoder) => {
	encoding.writeVarUint(encoder, 0);
	encoding.writeVarString(encoder, '');
});

/** "Send me everything." */
export const ask = (document) => message(document, SYNC, (encoder) => {
	encoding.writeVarUint(encoder, STEP_1);
	encoding.writeVarUint8Array(encoder, EMPTY);
});

/** "I have nothing for you": what a fresh client answers to the server's step 1. */
export const nothing = (document) => message(document, SYNC, (encoder) => {
	encoding.writeVarUint(encoder, STEP_2);
	encoding.writeVarUint8Array(encoder, new Uint8Array([0, 0]));
});

/** Client appends text (ASCII) behind what it wrote before, which was clock characters. */
export function insert(document, client, clock, text) {
	const update = encoding.encode((encoder) => {
		encoding.writeVarUint(encoder, 1);	// one client
		encoding.writeVarUint(encoder, 1);	// one struct
		encoding.writeVarUint(encoder, client);
		encoding.writeVarUint(encoder, clock);
		encoding.writeUint8(encoder, STRING | (clock ? ORIGIN : 0));
		if (clock) {
			encoding.writeVarUint(encoder, client);
			encoding.writeVarUint(encoder, clock - 1);
		} else {
			encoding.writeVarUint(encoder, 1);	// its parent is a root
			encoding.writeVarString(encoder, ROOT);
		}
		encoding.writeVarString(encoder, text);
		encoding.writeVarUint(encoder, 0);	// nothing is deleted
	});
	return message(document, SYNC, (encoder) => {
		encoding.writeVarUint(encoder, UPDATE);
		encoding.writeVarUint8Array(encoder, update);
	});
}

/** {document, type, step, body}: step and body of sync messages only; body is an update. */
export function read(bytes) {
	const decoder = decoding.createDecoder(bytes);
	const document = decoding.readVarString(decoder);
	const type = decoding.readVarUint(decoder);
	if (type !== SYNC && type !== SYNC_REPLY) return { document, type, ok: type === SYNC_STATUS && decoding.readVarUint(decoder) === 1 };
	const step = decoding.readVarUint(decoder);
	return { document, type, step, body: step === STEP_1 ? null : decoding.readVarUint8Array(decoder) };
}

function skipId(decoder) {
	decoding.readVarUint(decoder);
	decoding.readVarUint(decoder);
}

/** Call told(client, clock, length) for each run of text in an update.  Throws at anything but inserted strings. */
export function eachRun(update, told) {
	const decoder = decoding.createDecoder(update);
	for (let clients = decoding.readVarUint(decoder); clients > 0; clients--) {
		const structs = decoding.readVarUint(decoder);
		const client = decoding.readVarUint(decoder);
		let clock = decoding.readVarUint(decoder);
		for (let i = 0; i < structs; i++) {
			const info = decoding.readUint8(decoder);
			if ((info & KIND) !== STRING) throw new Error(`a struct of kind ${info & KIND}, which nobody wrote`);
			if (info & ORIGIN) skipId(decoder);
			if (info & RIGHT_ORIGIN) skipId(decoder);
			if (!(info & (ORIGIN | RIGHT_ORIGIN))) {
				if (decoding.readVarUint(decoder)) decoding.readVarString(decoder);
				else skipId(decoder);
				if (info & PARENT_SUB) decoding.readVarString(decoder);
			}
			const length = decoding.readVarUint(decoder);	// bytes, and characters: all is ASCII
			decoder.pos += length;
			told(client, clock, length);
			clock += length;
		}
	}
}
