/*
 * values: how the diffs of the types go about values; for the files of
 * ot/diff.h only.
 */
#ifndef OT_DIFF_VALUES_H
#define OT_DIFF_VALUES_H

#include <stdbool.h>
#include <stddef.h>

#include "ot/buf.h"
#include "ot/diff/symbols.h"
#include "ot/diff/text.h"
#include "ot/json_value.h"
#include "ot/rope.h"
#include "ot/type.h"

/* What a diff of values shares on its way down. */
struct differ {
	struct hashes	 hashes;
	size_t		 steps;		/* left */
	struct buf	*out;
	struct ot_err	*err;
};

/*
 * Each diff appends an edit that makes to of from to d->out: 1; or nothing,
 * as they are the same: 0; or negative.  A NULL value is undefined.
 */
int	diff_json0(struct differ *d, const struct json *from,
	    const struct json *to) OT_MUST_CHECK;
int	diff_json1(struct differ *d, const struct json *from,
	    const struct json *to) OT_MUST_CHECK;
/* Both are JSON of documents. */
int	diff_rich_text(struct differ *d, const struct json_slice *from,
	    const struct json_slice *to) OT_MUST_CHECK;

/*
 * Does a member change between two objects whose name all of JavaScript's
 * objects have?  Paths of json0 may not hold such names, and json1 takes what
 * is inherited for what is there.
 */
bool	diff_is_out_of_reach(const struct json *from, const struct json *to);

/* ---- strings and texts: string.c ---- */

/* A string's text: borrowed where it can be, else in own. */
struct string_text {
	struct text_span	 span;
	struct buf		 own;
	char			 room[JSON_STRING_ROOM];
};

int	diff_string_open(struct string_text *t, const struct json *s)
	    OT_MUST_CHECK;
void	diff_string_close(struct string_text *t);

/*
 * Shall the string a be replaced by b rather than edited?  As it is short, and
 * little of it stays.
 */
bool	diff_replaces(const struct text_span *a, const struct text_span *b,
	    const struct hunks *h);

/* Append the hunks as an edit of text-unicode (ROPE_CP) or text (ROPE_U16). */
void	diff_put_skips(struct buf *out, const struct text_span *a,
	    const struct text_span *b, const struct hunks *h,
	    enum rope_unit unit);
/*
 * Append the hunks as components of json0, a comma after each; path is that of
 * the string, a comma after each item.  *parts grows by how many.
 */
void	diff_put_json0_parts(struct buf *out, const struct buf *path,
	    const struct text_span *a, const struct text_span *b,
	    const struct hunks *h, size_t *parts);

/*
 * What a document of text, text-unicode or text0 says; NULL and, where the
 * type says so, null are empty.
 */
int	diff_read_text(const struct ot_type *type,
	    const struct json_slice *json, struct buf *text_out,
	    struct ot_err *err) OT_MUST_CHECK;
/* Append the hunks, one at least, as an edit of such a type. */
void	diff_put_text(const struct ot_type *type, struct buf *out,
	    const struct text_span *a, const struct text_span *b,
	    const struct hunks *h);
/* The same of json0 or json1, for the string at path. */
void	diff_put_string(const struct ot_type *type, struct buf *out,
	    const struct buf *path, const struct text_span *a,
	    const struct text_span *b, const struct hunks *h);

/* ---- rich text as a text: rich.c ---- */

/*
 * In the text an embed is one code point past the last of Unicode, so it is
 * told apart from text; equal embeds may be the same one.
 */
#define DIFF_EMBED_CP		0x110000u
#define DIFF_EMBED_CP_MAX	0x1FFFFFu	/* what four bytes hold */

struct rich_text {
	struct ot_edit	*doc;		/* a delta of inserts; owned */
	struct buf	 text;
};

/* doc as the type prints it; null is empty. */
int	diff_rich_text_open(struct rich_text *t, const struct json_slice *doc,
	    struct ot_err *err) OT_MUST_CHECK;
/* Append to the text; embeds and hashes NULL: all embeds are alike. */
int	diff_rich_text_spell(struct rich_text *t, struct symbols *embeds,
	    struct hashes *hashes) OT_MUST_CHECK;
void	diff_rich_text_close(struct rich_text *t);
/* UTF-16 units of so many bytes of such a text. */
uint64_t diff_rich_units(const char *text, size_t len_bytes);
/*
 * Append the hunks, one at least, as an edit of rich-text: 1.  What comes has
 * the attributes of the first that goes, or of the character before it, or
 * after it at the beginning of a line.
 */
int	diff_put_rich_text(const struct rich_text *t,
	    const struct text_span *to, const struct hunks *h,
	    struct buf *out, struct ot_err *err) OT_MUST_CHECK;

#endif
