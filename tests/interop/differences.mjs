// Where otd means to answer otherwise than ShareDB 7, and why.  Section 9 of
// docs/PROTOCOL.md is this table; a conversation shows each.
export const differences = {
	'says-why': 'Before it closes a connection for a message that is no JSON object, otd says why in an error message: ' +
		'otherwise the author of a client sees only a lost connection.',
	'array-message': 'An array is no message and closes the connection, like a string; ShareDB answers with the array.',
	binary: 'A binary message closes the connection (1003); whether ShareDB reads one depends on the stream it is given.',
	'over-limit': 'JSON nested more than 512 deep, or with a number that no double holds, is refused, the connection goes on; ' +
		'the answer repeats a, id, c, d, v, seq and src only.',
	'no-name': 'Documents have a collection and an id: a message without is refused. ShareDB takes them as "undefined".',
	'long-name': 'Names have at most 1024 bytes, no U+0000 and no lone surrogates: they are keys in databases.',
	'whole-numbers': 'Versions and seq are whole numbers from 0 to 2^53 - 1. ShareDB takes parts of versions, and more.',
	'src-string': 'A former id that is no name is refused in the handshake; ShareDB takes it and refuses every op after.',
	'invalid-op': 'A message without op, create and del is told "Invalid op message", which ShareDB means to say and ' +
		'trips over.',
	'unknown-type': 'An unknown type is refused as ERR_DOC_TYPE_NOT_RECOGNIZED "Unknown type", which ShareDB means to say ' +
		'and, having resolved the name first, calls a missing type.',
	'told-once': 'An author who reads a document is not told again, before an acknowledgement, the ops it has been told ' +
		'as a reader.',
	'was-deleted': 'An edit from before a deletion, after which the document was made anew with another type, is told ' +
		'ERR_DOC_WAS_DELETED; ShareDB transforms it with the type of today, and tells what comes of that.',
	'own-elsewhere': 'An op is kept only from the connection that submitted it. ShareDB keeps it from every connection ' +
		'with that src, so that a client which came back before its old connection was done has a gap.',
	'strict-edits': 'Edits that the types\' JavaScript lets through by accident, or trips over, are refused: counts in ' +
		'parts, deletions beyond the end, unknown members, positions that are none, texts with lone surrogates. ' +
		'They would change a document differently on each side, or not at all. Messages that quote content do not.',
	canonical: 'Ops are kept and sent in their canonical form; a rich-text that is created from a list becomes ' +
		'{"ops": list}.',
	'beyond-head': 'A version above the head is refused with a code. ShareDB means to say the same; over its database in ' +
		'memory, that refuses first: "Missing ops".',
	'stale-code': 'A malformed edit is refused with the same code whether or not it had to be transformed; ShareDB\'s ' +
		'refusals during transformation have none.',
	unprojected: 'A document of a type that cannot be projected is refused with the code ERR_TYPE_CANNOT_BE_PROJECTED and ' +
		'a sentence, in a bulk alone; ShareDB sends the code for the sentence, and refuses the whole bulk.',
	'json1-projected': 'json1 is projected; ShareDB projects json0 alone.',
	'stale-presence': 'A presence older than what its author said before, by pv, is acknowledged and told to nobody; ShareDB ' +
		'tells it and clients drop it.',
	'told-at-once': 'Who subscribes to a channel, or asks for presence, is told at once what is there; in ShareDB it ' +
		'waits for the others to say it again, which those do not who are not subscribed.',
	'no-ghosts': 'A connection that ends takes its presences along, subscribed or not; in ShareDB those of a client that only ' +
		'submits stay.',
	'plain-null': 'The removal of a presence whose author left has no "seq": null.',
	'strict-presence': 'A rich-text presence that has to be carried over an edit has numbers as index and length, or is refused ' +
		'as ERR_PRESENCE_TRANSFORM_FAILED; ShareDB sends on what JavaScript makes of it.',
	'presence-whole': 'A presence message has a channel, and a presence its value and a whole number as version. ShareDB takes ' +
		'"undefined" as a channel, and presences without order.',
	'presence-limits': 'Presences have limits: --max-presence, --max-presences, --max-channels, --presence-rate.',
	'more-presence': 'Clients that say so in the handshake have presence in documents of every type; ShareDB has it where the ' +
		'JavaScript type has a transform.',
	'window-later': 'An op goes out at once also where a result is sorted, cut or counted; what it did to that result ' +
		'follows when the database has been asked. ShareDB asks first.',
};

// And one that talk.mjs takes out of every comparison.
export const masked = 'A refused create comes back as it was sent; ShareDB has put the URI in place of the type\'s name.';
