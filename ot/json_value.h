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

#include "ot/buf.h"
#include "ot/json.h"
#include "ot/ot_err.h"

struct json;
struct rope;

/* ---- keys ---- */

/* An object's key or a path's name: immutable WTF-8, shared by count. */
struct json_key {
	unsigned	 refs;
	uint64_t	 hash;		/* 0: not computed yet */
	size_t		 len;		/* bytes */
	char		 text[];	/* WTF-8, not terminated */
};

struct json_key	*json_key_new(const char *wtf8, size_t len_bytes);
/* From a checked slice of JSON_STRING. */
struct json_key	*json_key_from_slice(const struct json_slice *slice);
struct json_key	*json_key_ref(struct json_key *key);
void		 json_key_unref(struct json_key *key);	/* NULL is fine */
bool		 json_key_equal(const struct json_key *a,
		    const struct json_key *b);
bool		 json_key_is(const struct json_key *key, const char *ascii);
/*
 * Compute the hash, which is otherwise done when it is first needed: then
 * several threads may look the key up at once.
 */
void		 json_key_hash(struct json_key *key);

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
/* Bytes held, roughly; walks the value. */
size_t		 json_size(const struct json *v);

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
/* Borrows the WTF-8 as long as the string is not edited; NULL: it is a rope. */
const char	*json_string_flat(const struct json *s, size_t *len_bytes_out);
/* Do the units from pos_u16 on begin with those of text? */
bool		 json_string_has(const struct json *s, size_t pos_u16,
		    const struct json *text);
/*
 * Put text (NULL: nothing) in the place of units from_u16 to to_u16, which
 * are in range.  s is the caller's alone.  OT_ELIMIT past 2^31 bytes.
 */
int		 json_string_splice(struct json *s, size_t from_u16,
		    size_t to_u16, const struct json *text) OT_MUST_CHECK;
/*
 * The same for the string in *slot, keeping the way back.  Long strings are
 * not changed but replaced by ones that share most of them: then *before_out
 * is the string that was, moved out, to be put back.  Otherwise it is NULL,
 * the string was changed in place, and the reverse splice cannot fail.
 * before_out NULL: no way back is wanted; then either nothing goes or nothing
 * comes, so that it is done or not.
 */
int		 json_string_edit(struct json **slot, size_t from_u16,
		    size_t to_u16, const struct json *text,
		    struct json **before_out) OT_MUST_CHECK;
/*
 * For more than a splice: if the string in *slot is long, a copy that is a
 * rope takes its place, and *rope_out is that, to be edited;
 * json_string_edited tells when it is.  *before_out is the string that was,
 * moved out; with before_out NULL it may be that one which is changed.
 * *rope_out NULL: it is short, and still there.
 */
int		 json_string_open(struct json **slot, struct rope **rope_out,
		    struct json **before_out) OT_MUST_CHECK;
void		 json_string_edited(struct json *s);
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

/* One entry.  Stays where it is in memory while the object lives. */
struct json_member {
	struct json_member	*prev, *next;	/* in the object's order */
	struct json_key		*key;
	struct json		*value;
};

size_t		 json_object_len(const struct json *object);
struct json_member *json_object_first(const struct json *object);
/* Own keys only; NULL when there is none. */
struct json_member *json_object_find(const struct json *object,
		    const struct json_key *key);
/* By a name of at most 32 bytes: its value, borrowed; NULL: it is not there. */
struct json	*json_object_value(const struct json *object, const char *ascii);
bool		 json_object_has(const struct json *object, const char *ascii);
/*
 * Add a member at the end; the key must not be there.  Refs the key, takes
 * the value, except on failure.
 */
int		 json_object_add(struct json *object, struct json_key *key,
		    struct json *value, struct json_member **member_out)
		    OT_MUST_CHECK;
/* Unlink a member; the caller has it now. */
void		 json_object_unlink(struct json *object,
		    struct json_member *member);
/*
 * Put a member back where it was.  The object must be as it was right after
 * the unlink.  Cannot fail.
 */
void		 json_object_relink(struct json *object,
		    struct json_member *member);
/* Free an unlinked member, its key and value. */
void		 json_member_free(struct json_member *member);

#endif
