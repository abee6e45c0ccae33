/*
 * Strings of values, and what hunks of text are as edits.
 */
#include <string.h>

#include "ot/diff/values.h"
#include "ot/utf.h"

/* A string that may be replaced has no more bytes than this. */
#define REPLACED_MAX	64

int
diff_string_open(struct string_text *t, const struct json *s)
{
	t->own = (struct buf)BUF_INIT;
	t->span.p = json_string_flat(s, t->room, &t->span.len);
	if (t->span.p != NULL)
		return 0;
	json_string_put(s, &t->own, 0);
	t->span = (struct text_span){ t->own.data, t->own.len };
	return buf_failed(&t->own) ? OT_ENOMEM : 0;
}

void
diff_string_close(struct string_text *t)
{
	buf_done(&t->own);
}

/* Nothing is little too: "" is edited, not replaced, and so are lines. */
bool
diff_replaces(const struct text_span *a, const struct text_span *b,
    const struct hunks *h)
{
	size_t longer = a->len > b->len ? a->len : b->len, kept = a->len, i;

	if (a->len == 0 || b->len == 0 || longer > REPLACED_MAX)
		return false;
	for (i = 0; i < h->n; i++)
		kept -= h->hunk[i].a_len;
	return 2 * kept < longer;
}

static size_t
length(const char *p, size_t len, enum rope_unit unit)
{
	return unit == ROPE_CP ? utf_len_cp(p, len) : utf_len_u16(p, len);
}

void
diff_put_skips(struct buf *out, const struct text_span *a,
    const struct text_span *b, const struct hunks *hs, enum rope_unit unit)
{
	const struct hunk *h;
	const char *comma = "";
	size_t at = 0;

	buf_putc(out, '[');
	for (h = hs->hunk; h < hs->hunk + hs->n; h++) {
		if (h->a > at) {
			buf_puts(out, comma);
			buf_put_u64(out, length(a->p + at, h->a - at, unit));
			comma = ",";
		}
		if (h->b_len > 0) {
			buf_puts(out, comma);
			json_put_string(out, b->p + h->b, h->b_len);
			comma = ",";
		}
		if (h->a_len > 0) {
			buf_puts(out, comma);
			buf_puts(out, "{\"d\":");
			buf_put_u64(out, length(a->p + h->a, h->a_len, unit));
			buf_putc(out, '}');
			comma = ",";
		}
		at = h->a + h->a_len;
	}
	buf_putc(out, ']');
}

static void
put_part(struct buf *out, const struct put_parts *form, size_t pos,
    const char *what, const char *text, size_t len)
{
	buf_put(out, form->head, form->head_len);
	buf_put_u64(out, pos);
	buf_puts(out, what);
	json_put_string(out, text, len);
	buf_puts(out, "},");
}

void
diff_put_parts(struct buf *out, const struct put_parts *form,
    const struct text_span *a, const struct text_span *b,
    const struct hunks *hs, size_t *parts)
{
	const struct hunk *h;
	size_t at = 0, pos = 0;		/* in b: what is before is done */

	for (h = hs->hunk; h < hs->hunk + hs->n; h++) {
		pos += utf_len_u16(b->p + at, h->b - at);
		at = h->b;
		if (h->a_len > 0)
			put_part(out, form, pos, form->delete, a->p + h->a,
			    h->a_len);
		if (h->b_len > 0)
			put_part(out, form, pos, form->insert, b->p + h->b,
			    h->b_len);
		*parts += (h->a_len > 0) + (h->b_len > 0);
	}
}
