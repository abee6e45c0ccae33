/*
 * insert: the one edit that the load consists of, four characters at a place,
 * in each type that holds text.
 *
 *	text, text-unicode	[5,"abcd"]			"..."
 *	text0			[{"p":5,"i":"abcd"}]		"..."
 *	json0			[{"p":["text",5],"si":"abcd"}]	{"text":"..."}
 *
 * All text is ASCII letters and digits: a place counts the same in every
 * unit, and neither side escapes anything.  What two inserts do to each other
 * is one comparison; tests/bench/test_insert.c holds it to the kernel's
 * transform.
 */
#ifndef LOAD_INSERT_H
#define LOAD_INSERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/load/scan.h"
#include "ot/buf.h"

#define INSERT_LEN	4	/* characters */

struct insert {
	uint64_t	pos;			/* characters before it */
	char		text[INSERT_LEN];
};

/* How a type writes the edit, and the document around its text. */
struct insert_type {
	const char	*name;
	const char	*uri;		/* on the wire */
	const char	*head;		/* before the place */
	const char	*neck;		/* between place and text */
	const char	*tail;		/* after the text */
	const char	*at_zero;	/* head and neck where the place is 0; NULL: as ever */
	const char	*place;		/* before the place, in what a server sends; NULL: head */
	const char	*text;		/* before the text there; NULL: neck */
	const char	*open, *close;	/* around a document's text */
};

/* NULL: no such type. */
const struct insert_type *insert_type_find(const char *name);
/* Another each time; NULL past the end. */
const struct insert_type *insert_type_at(size_t i);

void	insert_print(const struct insert_type *type, const struct insert *in,
	    struct buf *b);
/* False: op is anything but such an insert. */
bool	insert_scan(const struct insert_type *type, struct span op,
	    struct insert *out);
/* The text of a document's content; at NULL when it is no such document. */
struct span insert_text(const struct insert_type *type, struct span data);

/*
 * mine, made beside other, as it is after it.  Mine is the left one, as in
 * sharedb's client and server: at the same place it stays in front.
 */
static inline void
insert_transform(struct insert *mine, const struct insert *other)
{
	if (other->pos < mine->pos)
		mine->pos += INSERT_LEN;
}

#endif
