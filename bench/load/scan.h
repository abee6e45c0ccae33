/*
 * scan: the few members of a message that a load generator needs, without
 * reading the rest of it.
 *
 * A server's message is one JSON object.  Its members are walked once, in
 * whatever order they come; values are skipped by their brackets and quotes,
 * and what is kept points into the message.  What is not JSON at all is
 * noticed where it would lead the walk astray, not everywhere: the servers'
 * writers are tested elsewhere.
 */
#ifndef LOAD_SCAN_H
#define LOAD_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A stretch of a message; at NULL: there is none. */
struct span {
	const char	*at;
	size_t		 len;	/* bytes */
};

/* Strings are without their quotes, escapes as they came; values are JSON. */
struct message {
	struct span	a;	/* action: a string */
	struct span	c, d;	/* collection and id: strings */
	struct span	src;	/* string */
	struct span	id;	/* of a handshake: string */
	struct span	op;	/* value */
	struct span	create;	/* value */
	struct span	data;	/* value */
	struct span	error;	/* value */
	uint64_t	v;	/* if has_v */
	uint64_t	seq;	/* if has_seq */
	bool		has_v;
	bool		has_seq;
};

/* False: it is no object, or ends too early. */
bool	message_scan(const char *text, size_t len_bytes, struct message *out);
/* Digits and nothing else, at most 19. */
bool	span_number(struct span s, uint64_t *n_out);

static inline bool
span_is(struct span s, const char *text)
{
	return s.len == strlen(text) && memcmp(s.at, text, s.len) == 0;
}

#endif
