/*
 * text_edit: an edit of the types text and text-unicode, in compact form.
 *
 *	[5, "abc", {"d": 2}]  is  SKIP 5 | INSERT "abc" | DELETE 2
 *
 * One allocation: the parts, then the bytes that they point into.  Lengths
 * are counted once, in the unit of the type: UTF-16 units (ROPE_U16) for
 * text, code points (ROPE_CP) for text-unicode.  Immutable.
 *
 * New edits are built in place, in one allocation that is known to suffice.
 * For the text*.c files only.
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
	size_t			 bytes;	/* of all texts */
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

/* ---- building ---- */

/* A stretch of a part. */
struct text_chunk {
	enum text_kind		 kind;
	uint64_t		 len;
	struct slice		 slice;	/* of its text, if it has any */
};

struct text_draft {
	struct text_edit	*edit;
	uint32_t		 room;	/* parts that it has room for */
	char			*end;	/* of the texts so far, behind the parts */
};

/*
 * Begin an edit with room for so many parts, appended chunks counting one
 * each, and for their texts, the halves of pairs that are cut apart not
 * counted.  OT_ENOMEM.
 */
int	 text_draft_init(struct text_draft *d, enum rope_unit unit,
	    uint32_t parts, size_t text_bytes) OT_MUST_CHECK;
/* A part that stands for itself, whatever is before it. */
void	 text_draft_put(struct text_draft *d, const struct text_part *part);
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
/* The draft as an edit. */
struct ot_edit *text_draft_finish(struct text_draft *d);

#endif
