/*
 * delta_edit: an edit of rich-text, in compact form.
 *
 *	{"ops": [{"retain": 5}, {"insert": "abc", "attributes": {"b": 1}},
 *	    {"delete": 2}]}
 *
 * One allocation for the parts and the bytes that they point into; attributes
 * and embeds are shared values.  Lengths are in UTF-16 units; an embed counts
 * one.  Immutable.
 *
 * New edits are drafted, as in ot/text_edit.h.  For the delta*.c files only.
 */
#ifndef OT_DELTA_EDIT_H
#define OT_DELTA_EDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/buf.h"
#include "ot/delta_attr.h"
#include "ot/slice.h"
#include "ot/type.h"

/* Lengths count exactly what JavaScript counts exactly. */
#define DELTA_LEN_MAX	9007199254740991u

enum delta_kind { DELTA_INSERT, DELTA_RETAIN, DELTA_DELETE };

struct delta_part {
	enum delta_kind		 kind;
	bool			 odd;	/* had other fields, which were dropped */
	struct tree_size	 size;	/* of text */
	uint64_t		 len;
	const char		*text;	/* inserted text, WTF-8; NULL: none */
	struct json		*embed;	/* inserted value; NULL: none */
	struct json		*attrs;	/* NULL: none */
};

struct delta_edit {
	uint32_t		 n;
	bool			 bare;	/* written as the list alone, as it came */
	struct delta_part	 part[];
};

/* The contract's edit is this. */
static inline const struct delta_edit *
delta_edit_of(const struct ot_edit *edit)
{
	return (const struct delta_edit *)edit;
}

void	 delta_edit_free(struct ot_edit *edit);		/* NULL is fine */

/* ---- delta_read.c ---- */

enum delta_role {
	DELTA_OP,
	DELTA_DOCUMENT		/* inserts only */
};

/*
 * Read a delta: a list of ops or an object with one.  Refuses what is none
 * with the code given; OT_EJSON for what is not JSON.
 */
int	 delta_edit_read(const char *json, size_t len_bytes,
	    enum delta_role role, int refusal, struct ot_edit **edit_out,
	    struct ot_err *err) OT_MUST_CHECK;
void	 delta_edit_print(const struct ot_edit *edit, struct buf *b);
/* One op of a delta as JSON; text is WTF-8. */
void	 delta_insert_print(const char *text, size_t len_bytes,
	    const struct json *embed, const struct json *attrs, struct buf *b);

/* ---- drafts ---- */

#define DELTA_DRAFT_SMALL 16	/* pieces of a draft that needs no memory */

/* A stretch of a part; borrows all it points to, unless in a draft. */
struct delta_chunk {
	enum delta_kind		 kind;
	bool			 more;	/* in a draft: joins the piece before */
	bool			 odd;	/* a whole part with dropped fields */
	uint64_t		 len;
	struct slice		 slice;	/* of its text */
	struct json		*embed;
	struct json		*attrs;
};

struct delta_draft {
	bool			 failed;	/* out of memory; sticky */
	bool			 odd;	/* the reference would not have dropped a field */
	uint32_t		 n, room;	/* pieces */
	struct delta_chunk	*piece;		/* small, or heap */
	struct delta_chunk	 small[DELTA_DRAFT_SMALL];
	struct delta_chunk	 scrap;		/* a slot when there is none */
};

void	 delta_draft_init(struct delta_draft *d);
void	 delta_draft_done(struct delta_draft *d);
/*
 * Where the next chunk may be put together, to be put or pushed from there
 * without copying; only until the draft is touched again.
 */
struct delta_chunk *delta_draft_slot(struct delta_draft *d);
/* Add the chunk as it is. */
void	 delta_draft_put(struct delta_draft *d, const struct delta_chunk *chunk);
/*
 * Push in the way of quill-delta (src/Delta.ts): an insert goes before a
 * delete, equals are joined.  True when it became an op of its own, at the
 * end.
 */
bool	 delta_draft_push(struct delta_draft *d,
	    const struct delta_chunk *chunk);
void	 delta_draft_push_len(struct delta_draft *d, enum delta_kind kind,
	    uint64_t len, struct json *attrs);
/* Drop one retain without attributes at the end. */
void	 delta_draft_chop(struct delta_draft *d);
/*
 * The draft as an edit, which uses it up.  OT_ENOMEM if memory ran out, now
 * or before; OT_ETYPE if it is odd.
 */
int	 delta_draft_finish(struct delta_draft *d, struct ot_edit **edit_out,
	    struct ot_err *err) OT_MUST_CHECK;

/* ---- taking parts piecewise ---- */

#define DELTA_FOREVER	UINT64_MAX

/*
 * A place in a sequence of parts, which next fetches one after the other: the
 * parts of an edit, or the runs of a document.
 */
struct delta_cursor {
	const struct delta_part	*part;	/* NULL: past the end */
	uint64_t		 off;	/* into the part */
	struct slice_place	 place;	/* into its text */
	const struct delta_part	*(*next)(struct delta_cursor *c);
	const struct delta_part	*stop;	/* of an edit: the end of its parts */
};

void	 delta_cursor_init(struct delta_cursor *c,
	    const struct delta_edit *edit);
/* Past the end there is one retain for ever. */
static inline enum delta_kind
delta_cursor_kind(const struct delta_cursor *c)
{
	return c->part == NULL ? DELTA_RETAIN : c->part->kind;
}

static inline uint64_t
delta_cursor_left(const struct delta_cursor *c)
{
	return c->part == NULL ? DELTA_FOREVER : c->part->len - c->off;
}

/* The next len, at most what is left of the part. */
void	 delta_cursor_take(struct delta_cursor *c, uint64_t len,
	    struct delta_chunk *chunk_out);
/* What is left of the part, which must not be past the end. */
void	 delta_cursor_take_part(struct delta_cursor *c,
	    struct delta_chunk *chunk_out);
/* The same, only to get past it. */
void	 delta_cursor_skip(struct delta_cursor *c, uint64_t len);

#endif
