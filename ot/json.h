/*
 * json: exact JSON, as JavaScript reads and writes it.
 *
 * Strict grammar (RFC 8259): nothing that JSON.parse refuses is accepted.
 * Strings are held as WTF-8: UTF-8 in which a lone surrogate takes three
 * bytes, and a high surrogate directly followed by a low one is always the
 * one four-byte form.  Raw input must be valid UTF-8; lone surrogates come in
 * and go out as \udXXX escapes only.  Numbers are doubles; one that overflows
 * is refused ("number out of range"); they print in ECMAScript's shortest
 * form, -0 as 0.  A duplicate key: the last value wins, at the first place.
 *
 * Two ways to read: a pull reader over the bytes, that builds nothing, and a
 * tree of values.
 */
#ifndef OT_JSON_H
#define OT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/buf.h"
#include "ot/ot_err.h"

#define JSON_DEPTH_MAX	512	/* containers inside one another */

enum json_kind {
	JSON_NONE,		/* absent, "undefined"; never inside a container */
	JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING,
	JSON_LIST, JSON_OBJECT
};

/* A checked piece of JSON text, borrowed from the text it was read from. */
struct json_slice {
	const char	*p;	/* first byte of the value; NULL: absent */
	size_t		 len;	/* bytes */
	enum json_kind	 kind;	/* JSON_NONE: absent */
};

/* ---- the pull reader ---- */

struct json_reader {
	const char	*start, *p, *end;
	unsigned	 depth;		/* containers entered and not left */
	unsigned	 depth_max;	/* at most; JSON_DEPTH_MAX unless changed */
	bool		 first;		/* no comma is due in this container */
	bool		 over_limit;	/* refused by a limit of ours, not of JSON */
	struct ot_err	*err;		/* where refusals go */
};

void	json_reader_init(struct json_reader *r, const char *text,
	    size_t len_bytes, struct ot_err *err);
/* Kind of the next value, by its first byte; JSON_NONE if there is none. */
enum json_kind json_peek(struct json_reader *r);
/* Step over the next value, checking it wholly; slice_out may be NULL. */
int	json_skip(struct json_reader *r, struct json_slice *slice_out)
	    OT_MUST_CHECK;
/* Step into the next value, which must be a container of that kind. */
int	json_enter(struct json_reader *r, enum json_kind kind) OT_MUST_CHECK;
/*
 * The next member: 1 and the key's slice (with its quotes), standing before
 * the value; 0 at the end, which is left behind; or negative.
 */
int	json_next_member(struct json_reader *r, struct json_slice *key_out)
	    OT_MUST_CHECK;
/* The next item of a list: 1 standing before it, 0 at the end, negative. */
int	json_next_item(struct json_reader *r) OT_MUST_CHECK;
/* Read a string, appending its WTF-8 to b. */
int	json_read_string(struct json_reader *r, struct buf *b) OT_MUST_CHECK;
int	json_read_number(struct json_reader *r, double *number_out)
	    OT_MUST_CHECK;
/* Nothing but white space may be left. */
int	json_finish(struct json_reader *r) OT_MUST_CHECK;

/* ---- slices (already checked) ---- */

/* The string's WTF-8 appended to b.  The slice must be of JSON_STRING. */
void	json_slice_string(const struct json_slice *s, struct buf *b);
/* Is it the string ascii (which needs no escapes)? */
bool	json_slice_is(const struct json_slice *s, const char *ascii);
double	json_slice_number(const struct json_slice *s);
/* JavaScript's truthiness. */
bool	json_slice_truthy(const struct json_slice *s);

/* ---- writing ---- */

/* Append wtf8 as a JSON string with its quotes. */
void	json_put_string(struct buf *b, const char *wtf8, size_t len_bytes);
/* One piece, of whole code points, of what stands between the quotes. */
void	json_put_string_piece(struct buf *b, const char *wtf8,
	    size_t len_bytes);
/* Append a finite number in ECMAScript's shortest form. */
void	json_put_number(struct buf *b, double number);

#endif
