/*
 * codec: a word as bytes, and the name of the channel that it goes to.
 *
 * A word of ops, or of a head:
 *
 *	format	1 byte, CODEC_FORMAT, or CODEC_WITH_CONTENT
 *	sender	8 bytes, who said it, in network order
 *	collection, id	 strings
 *	v	number, the version of the first op; the others follow in a row
 *	n	number, how many ops; 0: a WORD_HEAD, and v is the head's
 *	n times	kind (1 byte), seq (number), src (string), body (number of
 *		bytes + 1, then the bytes; 0: none)
 *	type, body	in format 2 alone, the content that the ops have made:
 *		a string ("": the document is gone), and a body as of an op
 *
 * A word about presence: format and sender, then its text as the core made it
 * (core/presence_word.h).  Which of the two it is, its channel tells.
 *
 * A number is LEB128: seven bits a byte, lowest first, in as few bytes as it
 * takes.  A string is its length, a number, and its bytes, none of them NUL.
 * Nothing may follow.  Whatever has another format byte is not ours to read:
 * a future otd may share the Redis.
 */
#ifndef BUS_CODEC_H
#define BUS_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/word.h"
#include "ot/buf.h"

#define CODEC_FORMAT		1
#define CODEC_WITH_CONTENT	2

/* Append format and sender alone: what is said to all, without a document. */
void	 codec_write_head(struct buf *b, uint64_t sender);
/* Append a WORD_OPS with at least one op, a WORD_HEAD or a WORD_PRESENCE. */
void	 codec_write(struct buf *b, uint64_t sender, const struct word *w);

/* Who said it, without reading the rest; false: not of our format. */
bool	 codec_sender(const char *bytes, size_t len, uint64_t *sender_out);

/*
 * The word in these bytes, the caller's; its ops have their bodies only.
 * Any bytes may be given: NULL when they are not exactly what codec_write
 * could have made.
 */
struct word	*codec_read(const char *bytes, size_t len);
/* The same for what came on the channel of a topic; its text is not read. */
struct word	*codec_read_topic(const char *topic, const char *bytes,
		    size_t len);

/*
 * Append the channel of a document: PREFIX:doc:N:COLLECTION/ID, where N is
 * the length of the collection in bytes, so that no two documents share one.
 * Or that of a collection, id NULL: PREFIX:col:COLLECTION.
 */
void	 codec_channel(struct buf *b, const char *prefix,
	    const char *collection, const char *id);
/*
 * The channel of whatever the word is about: a document, a collection, or a
 * topic, whose channel is PREFIX:topic:TOPIC.
 */
void	 codec_word_channel(struct buf *b, const char *prefix,
	    const struct word *w);
/* The topic of a channel that was named with this prefix; NULL: none. */
const char *codec_topic(const char *prefix, const char *channel);
/*
 * The other way: a word about the document, collection or topic of a channel
 * that was named with this prefix.
 */
struct word *codec_channel_word(enum word_kind kind, const char *prefix,
	    const char *channel);

#endif
