/*
 * json_value: JSON as a tree of counted values.
 *
 *	struct json *v		a value; NULL is "undefined" (JSON_NONE)
 *
 * A value is shared by count.  Whoever holds the only count may change it;
 * json_own makes that so, by a copy one level deep.  A document is changed
 * by owning each container on the way down, so values that an op brought in
 * stay as they are for whoever else holds them.
 *
 * Callers see strings by UTF-16 units and lists by index, never as arrays:
 * how long strings and long lists are held is this module's business.
 *
 * Functions that return int give 0 or OT_ENOMEM; those that return a new
 * value give NULL for out of memory.  "Takes" moves a count to the callee,
 * "moves out" to the caller, "borrows" neither.
 */
#ifndef OT_JSON_VALUE_H
#define OT_JSON_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ot/buf.h"
#include "ot/json.h"
#include "ot/ot_err.h"

struct json;
struct rope;

/* ---- keys ---- */

/* An object's key or a path's name: immutable WTF-8, shared by count. */
struct json_key {
	uint32_t	 refs;
	uint32_t	 len;		/* bytes */
	uint64_t	 hash;		/* 0: not computed yet */
	char		 text[];	/* WTF-8; zeros up to the next 8 bytes */
};

struct json_key	*json_key_new(const char *wtf8, size_t len_bytes);
/* From a checked slice of JSON_STRING. */
struct json_key	*json_key_from_slice(const struct json_slice *slice);
struct json_key	*json_key_ref(struct json_key *key);
void		 json_key_unref(struct json_key *key);	/* NULL is fine */
bool		 json_key_is(const struct json_key *key, const char *ascii);
/*
 * Compute the hash, which is otherwise done when it is first needed: then
 * several threads may look the key up at once.
 */
void		 json_key_hash(struct json_key *key);

/* One of the names that every JavaScript object has? */
bool		 json_key_is_inherited(const struct json_key *key);

static inline bool
json_key_equal(const struct json_key *a, const struct json_key *b)
{
	return a == b || (a->len == b->len &&
	    memcmp(a->text, b->text, 8) == 0 &&
	    (a->len <= 8 || memcmp(a->text, b->text, a->len) == 0));
}

/* ---- any value ---- */

enum json_kind	 json_kind(const struct json *v);
struct json	*json_ref(struct json *v);
void		 json_unref(struct json *v);	/* NULL is fine */
/*
 * Make *slot, which may be shared, the caller's alone: if it has other
 * holders, a copy whose children are shared takes its place.
 */
int		 json_own(struct json **slot) OT_MUST_CHECK;

struct json	*json_null_new(void);		/* these two never fail */
struct json	*json_bool_new(bool truth);
struct json	*json_number_new(double number);
struct json	*json_string_new(const char *wtf8, size_t len_bytes);
struct json	*json_list_new(void);
struct json	*json_object_new(void);

#define JSON_NO_PROTO	1u	/* refuse a "__proto__" key: "Invalid key" */
#define JSON_TO_EDIT	2u	/* long strings become ropes at once */

/* The next value of the reader, as a tree. */
int		 json_read(struct json_reader *r, unsigned flags,
		    struct json **value_out) OT_MUST_CHECK;
/* The whole text is one value. */
int		 json_parse(const char *text, size_t len_bytes, unsigned flags,
		    struct json **value_out, struct ot_err *err) OT_MUST_CHECK;
/* Append the value, which is not undefined, as JSON. */
void		 json_print(const struct json *v, struct buf *b);

/* Deep; the order of keys does not matter, 0 equals -0. */
bool		 json_deep_equal(const struct json *a, const struct json *b);
/* JavaScript's ===, with containers never equal. */
bool		 json_same_scalar(const struct json *a, const struct json *b);
/* Containers inside one another: 0 for scalars, 1 for []. */
unsigned	 json_height(const struct json *v);
/*
 * Bytes held beside the value's own place, roughly: equal for equal values,
 * so that what is added when a value comes is subtracted when it goes.  Walks
 * the value, but no string.
 */
size_t		 json_size(const struct json *v);

/* The same for what an item or a member takes beside its value. */
#define JSON_ITEM_BYTES		sizeof(struct json *)
#define JSON_MEMBER_BYTES	sizeof(struct json_member)

double		 json_number_get(const struct json *v);

/* ---- strings ---- */

size_t		 json_string_len_u16(const struct json *s);
size_t		 json_string_len_bytes(const struct json *s);
/* Append the WTF-8; start_bytes as in utf_put. */
void		 json_string_put(const struct json *s, struct buf *b,
		    size_t start_bytes);
/* A new string of units from_u16 to to_u16, clamped to the end. */
struct json	*json_string_slice(const struct json *s, size_t from_u16,
		    size_t to_u16);
bool		 json_string_equal(const struct json *a, const struct json *b);
/* <0, 0, >0: the order of the bytes of their WTF-8. */
int		 json_string_compare(const struct json *a,
		    const struct json *b);
#define JSON_STRING_ROOM	8	/* bytes */
/*
 * Its WTF-8, borrowed until the string is edited, or written to room if it is
 * short; NULL: it is a rope.
 */
const char	*json_string_flat(const struct json *s,
		    char room[JSON_STRING_ROOM], size_t *len_bytes_out);
/* Do the units from pos_u16 on begin with those of text? */
bool		 json_string_has(const struct json *s, size_t pos_u16,
		    const struct json *text);
/*
 * Put text (NULL: nothing) in the place of units from_u16 to to_u16, which
 * are in range, of the string in *slot.  Short strings are not changed but
 * replaced, and a few times long ones by ones that share most of them: then
 * *before_out is the string that was, moved out, to be put back.  Otherwise it
 * is NULL: the string was changed in place, and json_string_revert takes that
 * back.
 * before_out NULL: no way back is wanted; then either nothing goes or nothing
 * comes, so that it is done or not.  OT_ELIMIT past 2^31 bytes.
 */
int		 json_string_edit(struct json **slot, size_t from_u16,
		    size_t to_u16, const struct json *text,
		    struct json **before_out) OT_MUST_CHECK;
/*
 * The reverse splice, after an edit in place; s is as it was then.  Cannot
 * fail, since strings keep the room that they had.
 */
void		 json_string_revert(struct json *s, size_t from_u16,
		    size_t to_u16, const struct json *text);
/*
 * For more than a splice: if the string in *slot is long, a copy that is a
 * rope takes its place, and *rope_out is that, to be edited.  *before_out is
 * the string that was, moved out; with before_out NULL it may be that one
 * which is changed.  *rope_out NULL: it is short, and still there.
 */
int		 json_string_open(struct json **slot, struct rope **rope_out,
		    struct json **before_out) OT_MUST_CHECK;
/* Had a long string lone surrogates when it became a rope? */
bool		 json_string_had_lone(const struct json *s);

/* ---- lists; a changed one is the caller's alone ---- */

size_t		 json_list_len(const struct json *list);
struct json	*json_list_at(const struct json *list, size_t i); /* borrows */
/* Where the item is held, for json_own; until the list changes. */
struct json	**json_list_slot(struct json *list, size_t i);
/* See to it that the next n inserts cannot fail. */
int		 json_list_reserve(struct json *list, size_t n) OT_MUST_CHECK;
/* Takes v.  Room must have been reserved, or left by a remove. */
void		 json_list_insert(struct json *list, size_t i, struct json *v);
struct json	*json_list_remove(struct json *list, size_t i);	/* moves out */
/* Moves the item so that it ends up at index to. */
void		 json_list_move(struct json *list, size_t from, size_t to);

/* ---- objects; a changed one is the caller's alone ---- */

/* One entry.  Stays where it is in memory until the object changes. */
struct json_member {
	struct json_key		*key;
	struct json		*value;
};

/* One that was taken out, and the key that it was after (NULL: the first). */
struct json_gone {
	struct json_member	 m;		/* counted */
	struct json_key		*after;		/* the object's */
};

size_t		 json_object_len(const struct json *object);
/* In order; NULL when there is no more. */
struct json_member *json_object_first(const struct json *object);
struct json_member *json_object_next(const struct json *object,
		    const struct json_member *member);
/* Own keys only; NULL when there is none. */
struct json_member *json_object_find(const struct json *object,
		    const struct json_key *key);
/* By a name of at most 32 bytes: its value, borrowed; NULL: it is not there. */
struct json	*json_object_value(const struct json *object, const char *ascii);
bool		 json_object_has(const struct json *object, const char *ascii);
/*
 * Add a member at the end; the key must not be there.  Refs the key, takes
 * the value, except on failure.  member_out may be NULL.
 */
int		 json_object_add(struct json *object, struct json_key *key,
		    struct json *value, struct json_member **member_out)
		    OT_MUST_CHECK;
/* Take a member out; the caller has it now. */
void		 json_object_unlink(struct json *object,
		    struct json_member *member, struct json_gone *gone_out);
/*
 * Put a member back where it was.  The object must be as it was right after
 * the unlink.  Cannot fail.
 */
void		 json_object_relink(struct json *object,
		    const struct json_gone *gone);
void		 json_gone_free(struct json_gone *gone);

/* ---- places ---- */

/* Where a value is held: in the root, a list at index, or a member. */
struct json_place {
	struct json		 *in;		/* NULL: the root */
	size_t			  index;
	struct json_member	 *member;	/* NULL: in a list */
	struct json		**slot;		/* NULL: there is no value */
};

/*
 * The place in a container, which may be any value, of the member of that
 * name or, name NULL, of the item at index.
 */
void		 json_place_at(struct json *in, const struct json_key *name,
		    size_t index, struct json_place *place_out);

/* The container's own key; NULL: not in an object. */
static inline struct json_key *
json_place_key(const struct json_place *place)
{
	return place->member != NULL ? place->member->key : NULL;
}

#endif
