/*
 * text_edit: an edit of the types text and text-unicode, in compact form.
 *
 *	[5, "abc", {"d": 2}]  is  SKIP 5 | INSERT "abc" | DELETE 2
 *
 * One allocation: the parts, then the bytes that they point into.  Lengths
 * are counted once, in the unit of the type: UTF-16 units (ROPE_U16) for
 * text, code points (ROPE_CP) for text-unicode.  Immutable.
 *
 * New edits are drafted: parts are put or appended with pointers into the
 * edits they come from, and copied once, when the draft is finished.  For the
 * text*.c files only.
 */
#ifndef OT_TEXT_EDIT_H
#define OT_TEXT_EDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/buf.h"
#include "ot/slice.h"
#include "ot/type.h"

/* Skips and deletes count exactly what JavaScript counts exactly. */
#define TEXT_LEN_MAX	9007199254740991u

enum text_kind { TEXT_SKIP, TEXT_INSERT, TEXT_DELETE };

struct text_part {
	enum text_kind		 kind;
	struct tree_size	 size;	/* of text; 0 bytes: it has none */
	uint64_t		 len;	/* in the unit of the edit */
	/*
	 * What is inserted, WTF-8 in normal form, or what a delete of
	 * text-unicode says that it deletes.
	 */
	const char		*text;
};

struct text_edit {
	enum rope_unit		 unit;
	uint32_t		 n;
	struct text_part	 part[];
};

/* The contract's edit is this. */
static inline const struct text_edit *
text_edit_of(const struct ot_edit *edit)
{
	return (const struct text_edit *)edit;
}

/* ---- text_read.c ---- */

enum text_strictness {
	TEXT_STRICT,		/* what the types accept */
	TEXT_LAX		/* and what normalize mends: see there */
};

/*
 * Read an edit.  TEXT_LAX lets through what a normalize takes out: parts of
 * length 0, skips side by side and at the end.  OT_EAPPLY for what is not an
 * edit, OT_EJSON for what is not JSON.
 */
int	 text_edit_read(const char *json, size_t len_bytes, enum rope_unit unit,
	    enum text_strictness how, struct ot_edit **edit_out,
	    struct ot_err *err) OT_MUST_CHECK;
void	 text_edit_print(const struct ot_edit *edit, struct buf *b);

/* ---- drafts ---- */

#define TEXT_DRAFT_SMALL 24	/* pieces of a draft that needs no memory */

/* A stretch of a part. */
struct text_chunk {
	enum text_kind		 kind;
	bool			 more;	/* in a draft: joins the piece before */
	uint64_t		 len;
	struct slice		 slice;	/* of its text, if it has any */
};

struct text_draft {
	enum rope_unit		 unit;
	bool			 failed;	/* out of memory; sticky */
	uint32_t		 n, room;	/* pieces */
	uint32_t		 open;		/* first piece of the last part */
	struct text_chunk	*piece;		/* small, or heap */
	struct text_chunk	 small[TEXT_DRAFT_SMALL];
	struct text_chunk	 scrap;		/* a slot when there is none */
};

void	 text_draft_init(struct text_draft *d, enum rope_unit unit);
/* A part that stands for itself, whatever is before it. */
void	 text_draft_put(struct text_draft *d, const struct text_part *part);
/*
 * Where the next chunk may be put together, to be appended from there without
 * copying; only until the draft is touched again.
 */
struct text_chunk *text_draft_slot(struct text_draft *d);
/*
 * Append in the way of the reference: nothing for length 0; two parts of one
 * kind become one, of which a delete knows its text only if both did.
 */
void	 text_draft_append(struct text_draft *d, const struct text_chunk *chunk);
void	 text_draft_append_part(struct text_draft *d,
	    const struct text_part *part);
void	 text_draft_append_len(struct text_draft *d, enum text_kind kind,
	    uint64_t len);
/* Drop one skip at the end. */
void	 text_draft_trim(struct text_draft *d);
/*
 * The draft as an edit; NULL when memory ran out, now or before.  The draft
 * is used up.
 */
struct ot_edit *text_draft_finish(struct text_draft *d);
/* Instead of finishing. */
void	 text_draft_done(struct text_draft *d);

#endif
