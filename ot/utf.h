/*
 * utf: strings as JavaScript has them, held as WTF-8.
 *
 * WTF-8 is UTF-8 that may also hold a lone surrogate in three bytes
 * (ED A0..BF xx).  There is one normal form: a lone high surrogate directly
 * followed by a lone low one is always the one four-byte form.  So text that
 * is joined must go through utf_put, and an offset that falls between the
 * halves of a pair splits the four bytes into two lone surrogates.
 *
 * Three units: bytes, code points (cp), UTF-16 code units (u16).  A lone
 * surrogate is one code point and one unit; a character past U+FFFF is one
 * code point and two units.
 *
 * Unless said otherwise, functions take valid WTF-8 and trust it.
 */
#ifndef OT_UTF_H
#define OT_UTF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/buf.h"

#define UTF_SEQUENCE_MAX	4	/* bytes of one code point */

/* Is it strict UTF-8: shortest forms, no surrogates, up to U+10FFFF? */
bool	 utf_is_utf8(const char *s, size_t len_bytes);
bool	 utf_is_ascii(const char *s, size_t len_bytes);
/* Does the WTF-8 hold a lone surrogate? */
bool	 utf_has_surrogate(const char *s, size_t len_bytes);

/* Put "?" where a text that ends with NUL is not UTF-8. */
void	 utf_mend(char *text);

/* Bytes of the sequence that the lead byte opens. */
size_t	 utf_sequence(char lead);
/* The code point at p; *size_out is its bytes. */
uint32_t utf_decode(const char *p, size_t *size_out);
/* Write cp (surrogates too) to out; returns its bytes. */
size_t	 utf_encode(uint32_t cp, char out[UTF_SEQUENCE_MAX]);

/* Lone surrogates as the seam of a concatenation sees them. */
bool	 utf_ends_high(const char *s, size_t len_bytes);
bool	 utf_starts_low(const char *s, size_t len_bytes);
/* The code point of the pair (high, low), and back. */
uint32_t utf_pair(uint32_t high, uint32_t low);
uint32_t utf_high_of(uint32_t cp);
uint32_t utf_low_of(uint32_t cp);

/* ---- counting ---- */

size_t	 utf_len_cp(const char *s, size_t len_bytes);
size_t	 utf_len_u16(const char *s, size_t len_bytes);

/* Byte offset of code point pos_cp; len_bytes when it is at or past the end. */
size_t	 utf_seek_cp(const char *s, size_t len_bytes, size_t pos_cp);
/*
 * Byte offset of UTF-16 unit pos_u16; len_bytes when it is at or past the
 * end.  When it falls inside a pair, the offset of the pair is returned and
 * *inside_out is true.
 */
size_t	 utf_seek_u16(const char *s, size_t len_bytes, size_t pos_u16,
	    bool *inside_out);

/* A walk over UTF-16 units. */
struct utf_units {
	const char	*p, *end;
	int32_t		 low;	/* second half of the pair just begun, or -1 */
};

void	 utf_units_init(struct utf_units *u, const char *s, size_t len_bytes);
int32_t	 utf_units_next(struct utf_units *u);	/* -1 at the end */

/* ---- building ---- */

/*
 * Append s to b, whose present string began at offset start_bytes: a high
 * surrogate at its end and a low one at the start of s become one pair.
 */
void	 utf_put(struct buf *b, size_t start_bytes, const char *s,
	    size_t len_bytes);
/* The same for one code point, which may be a surrogate. */
void	 utf_put_cp(struct buf *b, size_t start_bytes, uint32_t cp);
/*
 * Append units from_u16 to to_u16 of s, halves of split pairs as lone
 * surrogates; both are clamped to the end as JavaScript's slice does.
 */
void	 utf_put_slice_u16(struct buf *b, size_t start_bytes, const char *s,
	    size_t len_bytes, size_t from_u16, size_t to_u16);

/* ---- comparing ---- */

/* <0, 0, >0: the order of UTF-16 code units, JavaScript's. */
int	 utf_compare_u16(const char *a, size_t a_bytes, const char *b,
	    size_t b_bytes);

#endif
