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
	t->span = diff_span(&t->own);
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
	size_t at = 0, i;

	buf_putc(out, '[');
	for (i = 0; i < hs->n; i++) {
		h = &hs->hunk[i];
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

/*
 * A component of text0 or json0:
 *
 *	{"p":["a",  5  ],"si":  "text"  }
 *	head           insert
 */
struct form {
	const char	*head;
	size_t		 head_len;
	const char	*insert, *delete;
};

static void
put_part(struct buf *out, const struct form *form, size_t pos,
    const char *what, const char *text, size_t len)
{
	buf_put(out, form->head, form->head_len);
	buf_put_u64(out, pos);
	buf_puts(out, what);
	json_put_string(out, text, len);
	buf_puts(out, "},");
}

/* Each has its position in what those before it left. */
static void
put_parts(struct buf *out, const struct form *form, const struct text_span *a,
    const struct text_span *b, const struct hunks *hs, size_t *parts)
{
	const struct hunk *h;
	size_t i, at = 0, pos = 0;		/* in b: what is before is done */

	for (i = 0; i < hs->n; i++) {
		h = &hs->hunk[i];
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

void
diff_put_json0_parts(struct buf *out, const struct buf *path,
    const struct text_span *a, const struct text_span *b,
    const struct hunks *h, size_t *parts)
{
	struct buf head = BUF_INIT;

	buf_puts(&head, "{\"p\":[");
	if (path->len > 0)
		buf_put(&head, path->data, path->len);
	if (buf_failed(&head) || buf_failed(path))
		out->failed = true;
	else
		put_parts(out, &(struct form){ head.data, head.len,
		    "],\"si\":", "],\"sd\":" }, a, b, h, parts);
	buf_done(&head);
}

/* ---- edits of whole documents ---- */

int
diff_read_text(const struct ot_type *type, const struct json_slice *json,
    struct buf *text_out, struct ot_err *err)
{
	bool unicode = type == &ot_type_text_unicode;
	struct json_reader r;
	int rc;

	if (json->p == NULL)
		return 0;
	json_reader_init(&r, json->p, json->len, err);
	if (json_peek(&r) == JSON_NULL && !unicode) {
		if ((rc = json_skip(&r, NULL)) != 0)
			return rc;
	} else if (json_peek(&r) != JSON_STRING) {
		return ot_fail(err, OT_ETYPE, "the content must be a string");
	} else if ((rc = json_read_string(&r, text_out)) != 0) {
		return rc;
	}
	if ((rc = json_finish(&r)) != 0)
		return rc;
	if (buf_failed(text_out))
		return ot_fail(err, OT_ENOMEM, "out of memory");
	if (unicode && text_out->len > 0 &&
	    utf_has_surrogate(text_out->data, text_out->len))
		return ot_fail(err, OT_ETYPE,
		    "Lone surrogates are not allowed");
	return 0;
}

/* The comma behind the last component closes the list. */
static void
close_list(struct buf *out)
{
	if (!buf_failed(out))
		out->data[out->len - 1] = ']';
}

void
diff_put_text(const struct ot_type *type, struct buf *out,
    const struct text_span *a, const struct text_span *b,
    const struct hunks *h)
{
	static const struct form form = { "{\"p\":", 5, ",\"i\":",
	    ",\"d\":" };
	size_t unused = 0;

	if (type != &ot_type_text0) {
		diff_put_skips(out, a, b, h, type == &ot_type_text ?
		    ROPE_U16 : ROPE_CP);
		return;
	}
	buf_putc(out, '[');
	put_parts(out, &form, a, b, h, &unused);
	close_list(out);
}

void
diff_put_string(const struct ot_type *type, struct buf *out,
    const struct buf *path, const struct text_span *a,
    const struct text_span *b, const struct hunks *h)
{
	size_t unused = 0;

	buf_putc(out, '[');
	if (type == &ot_type_json0) {
		diff_put_json0_parts(out, path, a, b, h, &unused);
		close_list(out);
		return;
	}
	if (path->len > 0)
		buf_put(out, path->data, path->len);
	if (utf_has_surrogate(a->p, a->len) ||
	    utf_has_surrogate(b->p, b->len)) {
		/* text-unicode knows no halves of pairs */
		buf_puts(out, "{\"r\":true,\"i\":");
		json_put_string(out, b->p, b->len);
	} else {
		buf_puts(out, "{\"es\":");
		diff_put_skips(out, a, b, h, ROPE_CP);
	}
	buf_puts(out, "}]");
}
