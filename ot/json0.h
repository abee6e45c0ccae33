/*
 * json0: JSON edited by components; private to the json0 files.
 *
 *	json0_path.c		segments and how JavaScript compares them
 *	json0_part.c		components themselves, and how they print
 *	json0_read.c		components from JSON; the strict rules
 *	json0_append.c		append, compose, invert, normalize
 *	json0_transform.c	one component after another
 *	json0_apply.c		changing a document
 *	json0_journal.c		changing it back
 *	json0_fields.c		what of an op is shown, when some fields are
 *	json0.c			the type
 *
 * Results equal ot-json0 1.1.0, lib/json0.js.  A component ("part") does one
 * thing; the fields of the reference's object say which:
 *
 *	ADD	na		add to a number
 *	LIST	li, ld, both	insert into, delete from, replace in a list
 *	MOVE	lm		move within a list
 *	OBJECT	oi, od, both	set, remove, replace a key (p [] is the root)
 *	TEXT	si or sd	edit a string; the path ends in the offset
 *	SUB	t and o		edit a string by text0 parts
 */
#ifndef OT_JSON0_H
#define OT_JSON0_H

#include <stdbool.h>
#include <stddef.h>

#include "ot/fields.h"
#include "ot/json_value.h"
#include "ot/lift.h"
#include "ot/text0.h"
#include "ot/type.h"

/*
 * Containers inside one another in a document or in a value of an op: an op
 * that quotes the value, and a message around it, must still be readable.
 */
#define JSON0_DEPTH_MAX	(JSON_DEPTH_MAX - 8)

/* ---- paths ---- */

/* A step of a path: a name, or a number where key is NULL. */
struct json0_seg {
	double		 number;
	struct json_key	*key;		/* counted */
};

/* Shared by count; written only by the holder of the only count. */
struct json0_path {
	unsigned	 refs;
	size_t		 n;
	struct json0_seg seg[];
};

struct json0_path *json0_path_new(const struct json0_seg *seg, size_t n);
/* The same, but takes what the segments hold, except on failure. */
struct json0_path *json0_path_take(const struct json0_seg *seg, size_t n);
struct json0_path *json0_path_ref(struct json0_path *path);
void	json0_path_unref(struct json0_path *path);	/* NULL is fine */

struct json0_seg json0_seg_number(double number);
struct json0_seg json0_seg_ref(const struct json0_seg *seg);
void	json0_seg_done(struct json0_seg *seg);

/*
 * JavaScript's operators on segments.  A NULL segment is undefined: what is
 * found at p[-1] of an empty path.
 */
bool	json0_seg_same(const struct json0_seg *a, const struct json0_seg *b);
bool	json0_seg_equal(const struct json0_seg *a, const struct json0_seg *b);
bool	json0_seg_less(const struct json0_seg *a, const struct json0_seg *b);
bool	json0_seg_at_most(const struct json0_seg *a,
	    const struct json0_seg *b);
double	json0_seg_to_number(const struct json0_seg *seg);
/* The list index that it means: a whole number, or one spelt canonically. */
bool	json0_seg_index(const struct json0_seg *seg, double *index_out);

/* ---- parts ---- */

enum json0_kind {
	JSON0_ADD, JSON0_LIST, JSON0_MOVE, JSON0_OBJECT, JSON0_TEXT, JSON0_SUB
};

/* text0 parts, shared by count, immutable. */
struct json0_sub {
	unsigned	 refs;
	struct lift_list parts;
};

struct json0_part {
	enum json0_kind		 kind;
	struct json0_path	*path;		/* counted */
	union {
		double			add;	/* ADD */
		struct {			/* LIST, OBJECT; one may be NULL */
			struct json	*put;	/* li, oi; counted */
			struct json	*cut;	/* ld, od; counted */
		} v;
		struct json0_seg	to;	/* MOVE */
		struct {			/* TEXT */
			bool		 insert;
			struct json	*text;	/* counted */
		} text;
		struct json0_sub	*sub;	/* SUB; counted */
	} u;
};

/* Parts in a lift_list. */
extern const struct lift_kind json0_lift;

void	json0_part_copy(void *to, const void *from);
void	json0_part_done(void *part);
/*
 * A sum of adds that overflows is Infinity until the reference clones it, by
 * way of JSON, and null from then on; null adds nothing.  It may yet vanish;
 * in a result it is refused.  Here NaN stands for null.
 */
void	json0_part_clone_add(struct json0_part *c);
/* Parts, those of embedded text ops counted too. */
size_t	json0_count(const struct lift_list *parts);
/*
 * May it be a result?  OT_ETYPE if it holds such a sum, OT_ELIMIT if nobody
 * could read it again.
 */
int	json0_check_result(const struct lift_list *parts, struct ot_err *err)
	    OT_MUST_CHECK;
/* Make a field undefined: unref what it holds and set it to NULL. */
void	json0_forget(struct json **field);

struct json0_sub *json0_sub_new(void);
void	json0_sub_unref(struct json0_sub *sub);	/* NULL is fine */

/* The last segment, NULL when the path is empty. */
const struct json0_seg *json0_path_last(const struct json0_path *path);
/* Do the first n segments match (===)? Both paths have that many. */
bool	json0_path_same(const struct json0_path *a,
	    const struct json0_path *b, size_t n);

struct ot_edit {
	struct lift_list	parts;
	struct json0_part	first;	/* room for one */
};

/*
 * Read an op by the strict rules.  With names, dangerous
 * names in paths are refused, as ShareDB does before it applies.
 */
int	json0_read(const char *json, size_t len_bytes, bool names,
	    struct lift_list *out, struct ot_err *err) OT_MUST_CHECK;
/* The same for normalize: a bare component, a missing path, merging. */
int	json0_read_normal(const char *json, size_t len_bytes,
	    struct lift_list *out, struct ot_err *err) OT_MUST_CHECK;
void	json0_print(const struct lift_list *parts, struct buf *b);

/* ---- lists of parts ---- */

int	json0_append(struct lift_list *list, const void *part,
	    struct ot_err *err);
int	json0_compose(const struct lift_list *first,
	    const struct lift_list *second, struct lift_list *out,
	    struct ot_err *err) OT_MUST_CHECK;
int	json0_invert(const struct lift_list *parts, struct lift_list *out,
	    struct ot_err *err) OT_MUST_CHECK;
int	json0_transform(struct lift_list *list, const void *part,
	    const void *other, enum ot_side side, struct ot_err *err);
/*
 * A TEXT part as text0 sees it; borrows the text.  OT_ETYPE when the offset is
 * not one.
 */
int	json0_text_part(const struct json0_part *c, struct text0_part *out,
	    struct ot_err *err) OT_MUST_CHECK;
/* Append c, a TEXT part, with the position, kind and text of t instead. */
int	json0_append_text(struct lift_list *list, const struct json0_part *c,
	    const struct text0_part *t, struct ot_err *err) OT_MUST_CHECK;

/* ---- fields (ot/fields.h) ---- */

bool	json0_is_within(const struct lift_list *parts,
	    const struct ot_fields *f);
int	json0_pick(const struct lift_list *parts, const struct ot_fields *f,
	    struct lift_list *out, struct ot_err *err) OT_MUST_CHECK;

/* ---- documents ---- */

/*
 * Apply part to the value in *root, its path without the first skip segments,
 * as JavaScript would: indices out of range are tolerated.  The value is
 * quoted by an op and nothing depends on it.  On failure *root is of no use.
 */
int	json0_apply_quoted(struct json **root, const struct json0_part *part,
	    size_t skip, struct ot_err *err) OT_MUST_CHECK;

/*
 * Changes made, newest last; enough to take them back.  json0_journal_room
 * tells how many steps an op makes at most; the caller makes the room.
 */
struct json0_journal;

size_t	json0_journal_room(const struct lift_list *parts);

/*
 * Apply all parts to the value in *root (NULL: undefined) or none.  journal
 * is empty and has the room; it may be NULL if that is for one step at most.
 * *grown_out is by how many bytes the value grew.
 */
int	json0_apply(struct json **root, const struct lift_list *parts,
	    struct json0_journal *journal, ptrdiff_t *grown_out,
	    struct ot_err *err) OT_MUST_CHECK;
/* Take them back; the journal is empty then. */
void	json0_rollback(struct json **root, struct json0_journal *journal);
/* Let them be; the journal is empty then. */
void	json0_journal_done(struct json0_journal *journal);

#endif
