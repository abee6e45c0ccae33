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

/* ---- text of all types ---- */

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

/* The hunks as an edit of text-unicode (ROPE_CP) or text (ROPE_U16). */
void	diff_put_skips(struct buf *out, const struct text_span *a,
	    const struct text_span *b, const struct hunks *h,
	    enum rope_unit unit);
/*
 * The hunks as components of text0 or json0, each with its position in what
 * those before it left:
 *
 *	{"p":["a",  5  ],"si":  "text"  }
 *	head           insert
 */
struct put_parts {
	const char	*head;
	size_t		 head_len;
	const char	*insert, *delete;
};

/* A comma after each, the last one too; *parts grows by how many. */
void	diff_put_parts(struct buf *out, const struct put_parts *form,
	    const struct text_span *a, const struct text_span *b,
	    const struct hunks *h, size_t *parts);

#endif
