/*
 * json_node: how values are held.  For the files of json_value.h only.
 *
 * Documents are mostly small things, so these take little.  A number, and a
 * string of up to six bytes, is no node at all but is boxed in the place of
 * the pointer, whose upper 16 bits say what it is:
 *
 *	0000			a pointer
 *	0001 to fff0		the bits of a finite double, plus BOX_ONE
 *	fff8 to fffe		a string of 0 to 6 bytes, which are the rest
 *
 * What a node holds follows its head: a few things at once, or a pointer to
 * more.  Where pointers are narrower, or use those bits, numbers are nodes.
 */
#ifndef OT_JSON_NODE_H
#define OT_JSON_NODE_H

#include <assert.h>
#include <string.h>

#include "ot/json_value.h"
#include "ot/rope.h"

enum json_form {
	JSON_FEW,	/* items, members or ASCII bytes, in the node itself */
	JSON_MANY,	/* a struct json_array, json_table or json_flat */
	JSON_ROPE	/* a struct rope */
};

#define JSON_FEW_MAX	8	/* items or members in a node */
#define JSON_SHORT_MAX	255	/* bytes of a string in a node */

struct json {
	uint32_t	refs;	/* 0: static, lives for ever */
	uint8_t		kind;	/* enum json_kind */
	uint8_t		form;	/* enum json_form */
	uint8_t		n;	/* JSON_FEW: how many.  JSON_ROPE: had_lone */
	uint8_t		room;	/* JSON_FEW: of items or members; never shrinks */
};

/* A node with room for so many bytes; NULL when out of memory. */
struct json	*json_node_new(enum json_kind kind, enum json_form form,
		    size_t body_bytes);

static inline void *
json_body(const struct json *v)
{
	return (struct json *)v + 1;
}

/* ---- boxes ---- */

#define BOX_BYTES	6	/* of a string */

#if UINTPTR_MAX >= UINT64_MAX

#define BOX_ONE		(UINT64_C(1) << 48)
#define BOX_TEXT	UINT64_C(0xfff8)

static inline bool
json_is_boxed(const struct json *v)
{
	return (uintptr_t)v >> 48 != 0;
}

static inline bool
json_is_boxed_text(const struct json *v)
{
	return (uintptr_t)v >> 48 >= BOX_TEXT;
}

/* NULL: it must be a node. */
static inline struct json *
json_box_number(double number)
{
	uint64_t bits;

	memcpy(&bits, &number, sizeof(bits));
	return (struct json *)(uintptr_t)(bits + BOX_ONE);
}

static inline double
json_unbox_number(const struct json *v)
{
	uint64_t bits = (uintptr_t)v - BOX_ONE;
	double number;

	memcpy(&number, &bits, sizeof(number));
	return number;
}

/* Of up to BOX_BYTES; NULL: it must be a node. */
static inline struct json *
json_box_text(const char *wtf8, size_t len_bytes)
{
	uint64_t bits = (BOX_TEXT + len_bytes) << 48;
	size_t i;

	for (i = 0; i < len_bytes; i++)
		bits |= (uint64_t)(unsigned char)wtf8[i] << 8 * i;
	return (struct json *)(uintptr_t)bits;
}

/* Writes the bytes to room and returns how many. */
static inline size_t
json_unbox_text(const struct json *v, char room[BOX_BYTES])
{
	uint64_t bits = (uintptr_t)v;
	size_t i;

	for (i = 0; i < BOX_BYTES; i++)
		room[i] = (char)(bits >> 8 * i);
	return (size_t)((bits >> 48) - BOX_TEXT);
}

#else

static inline bool
json_is_boxed(const struct json *v)
{
	(void)v;
	return false;
}

#define json_is_boxed_text		json_is_boxed
#define json_box_number(number)		((struct json *)NULL)
#define json_unbox_number(v)		0.0
#define json_box_text(wtf8, len)	((struct json *)NULL)
#define json_unbox_text(v, room)	((void)(room), (size_t)0)

#endif

/* ---- what the files know of one another ---- */

/*
 * Of items (values without keys) or members, whose counts are taken, except
 * on failure.  An object has at most JSON_FEW_MAX.
 */
struct json	*json_list_of(const struct json_member *items, size_t n);
struct json	*json_object_of(const struct json_member *members, size_t n);
/* json_string_new, but held as it will be edited. */
struct json	*json_string_new_edited(const char *wtf8, size_t len_bytes);

/* Copies one level deep, children shared; NULL when out of memory. */
struct json	*json_string_copy(const struct json *s);
struct json	*json_list_copy(const struct json *list);
struct json	*json_object_copy(const struct json *object);

/* Append the string as JSON. */
void		 json_string_print(const struct json *s, struct buf *b);

/* Free what hangs on a node, not the node. */
void		 json_string_done(struct json *s);
void		 json_list_done(struct json *list);
void		 json_object_done(struct json *object);

/* ---- strings: between json_string.c and json_splice.c ---- */

/* JSON_MANY: it is the node's body. */
struct json_flat {
	char	*bytes;		/* WTF-8; follows until it outgrows that */
	size_t	 len;		/* bytes */
	size_t	 room;		/* bytes; never shrinks, so that undo finds room */
	size_t	 len_u16;	/* equal to len: all ASCII */
};

static inline struct json_flat *
json_flat_of(const struct json *s)
{
	return json_body(s);
}

static inline bool
json_is_rope(const struct json *s)
{
	return !json_is_boxed(s) && s->form == JSON_ROPE;
}

static inline struct rope *
json_rope_of(const struct json *s)
{
	return json_body(s);
}

/* The text of a string that is no rope, borrowed. */
struct json_text {
	const char	*bytes;
	size_t		 len, len_u16;
	char		 unboxed[BOX_BYTES];
};

void		 json_text_of(const struct json *s, struct json_text *t);
/* utf_seek_u16 with the short cut for ASCII. */
size_t		 json_text_seek(const struct json_text *t, size_t pos_u16,
		    bool *inside_out);

/* Copy len bytes that are so many units. */
struct json	*json_string_of(const char *wtf8, size_t len, size_t len_u16);
/* The same, flat in any case, and with room to grow by spare bytes. */
struct json	*json_flat_new(const char *wtf8, size_t len, size_t len_u16,
		    size_t spare);
/* A rope with the same text; a rope is shared, at no cost. */
int		 json_rope_copy(const struct json *s, struct json **copy_out)
		    OT_MUST_CHECK;
/* Is a string that long no rope? */
bool		 json_is_short(size_t len, size_t len_u16);

#endif
