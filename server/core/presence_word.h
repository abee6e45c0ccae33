/*
 * presence_word: what processes say to each other about presence, as bytes.
 *
 *	kind	1 byte
 *	node	8 bytes, who said it
 *	channel	string; empty for a beat
 *	then, by kind
 *	SET	rev, a presence
 *	STATE	rev, part (from 1), is_last (1 byte), n, n presences
 *	REV	rev
 *	ASK	whom (8 bytes; 0: all), n, n times a node (8 bytes) and the rev
 *		that is known of it
 *	REQUEST	src of the client that asks
 *	BEAT	nothing
 *
 *	presence: src, id, pv, head, p (strings), type (string, empty: none),
 *	has_doc (1 byte), and if so c, d (strings), v
 *
 * A number is eight bytes in network order, a string its length in four and
 * its bytes.  Words of a channel go to that channel's topic, but for those
 * that have to reach a process which has left it.
 */
#ifndef CORE_PRESENCE_WORD_H
#define CORE_PRESENCE_WORD_H

#include "core/presence_in.h"
#include "core/word.h"

enum presence_word_kind {
	PRESENCE_SET = 1,	/* a change of one presence */
	PRESENCE_STATE,		/* all of them, in one part or several */
	PRESENCE_REV,		/* how many changes there were */
	PRESENCE_ASK,		/* say STATE, unless we know */
	PRESENCE_REQUEST,	/* ask your followers for theirs */
	PRESENCE_BEAT,		/* we live */
};

/* The topics of a channel and of all processes; names of bus channels. */
#define TOPIC_NODES	"nodes"
char		*topic_of(const char *channel);		/* the caller's */

/* ---- writing ---- */

/* A word that begins so; the caller goes on with put_... . */
struct word	*presence_word_new(const struct hub *h, const char *topic,
		    enum presence_word_kind kind, const char *channel);
void		 presence_put_number(struct word *w, uint64_t n);
void		 presence_put_byte(struct word *w, unsigned char byte);
void		 presence_put_string(struct word *w, const char *s);
void		 presence_put_said(struct word *w, const struct said *said);

/* ---- reading ---- */

/* Failure is sticky; then everything read is empty or 0. */
struct presence_reader {
	const unsigned char	*at;
	size_t			 left;	/* bytes */
	bool			 bad;
	/* the beginning */
	enum presence_word_kind	 kind;
	uint64_t		 node;
	char			*channel;	/* owned */
};

/* False, and nothing to be done, if it does not even begin as one. */
bool		 presence_reader_init(struct presence_reader *r,
		    const struct word *w);
void		 presence_reader_done(struct presence_reader *r);
uint64_t	 presence_take_number(struct presence_reader *r);
unsigned char	 presence_take_byte(struct presence_reader *r);
/* The caller's; NULL when bad. */
char		*presence_take_string(struct presence_reader *r);
/* False when bad; then *said_out is untouched. */
bool		 presence_take_said(struct presence_reader *r,
		    struct said *said_out);

#endif
