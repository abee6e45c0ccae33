/*
 * Rich text as a text, and changes of that text as a delta.
 */
#include <string.h>

#include "ot/delta_edit.h"
#include "ot/diff/values.h"
#include "ot/utf.h"

int
diff_rich_text_open(struct rich_text *t, const struct json_slice *doc,
    struct ot_err *err)
{
	static const struct json_slice none = { "[]", 2, JSON_LIST };
	struct json_reader r;

	*t = (struct rich_text){ NULL, BUF_INIT };
	json_reader_init(&r, doc->p != NULL ? doc->p : "", doc->len, err);
	if (doc->p == NULL || (json_peek(&r) == JSON_NULL && doc->len == 4))
		doc = &none;
	return delta_edit_read(doc->p, doc->len, DELTA_DOCUMENT, OT_ETYPE,
	    &t->doc, err);
}

void
diff_rich_text_close(struct rich_text *t)
{
	delta_edit_free(t->doc);
	buf_done(&t->text);
}

/* The code point of an embed. */
static uint32_t
embed_cp(const struct json *embed, struct symbols *embeds,
    struct hashes *hashes)
{
	struct symbol s = { 0, NULL, 0, embed };
	uint32_t number;

	if (embeds == NULL)
		return DIFF_EMBED_CP;
	s.hash = diff_hash(hashes, embed);
	number = diff_symbol(embeds, &s);
	return number < DIFF_EMBED_CP_MAX - DIFF_EMBED_CP ?
	    DIFF_EMBED_CP + number : DIFF_EMBED_CP_MAX;
}

int
diff_rich_text_spell(struct rich_text *t, struct symbols *embeds,
    struct hashes *hashes)
{
	const struct delta_edit *doc = delta_edit_of(t->doc);
	const struct delta_part *part;
	char cp[UTF_SEQUENCE_MAX];

	for (part = doc->part; part < doc->part + doc->n; part++) {
		if (part->embed == NULL) {
			buf_put(&t->text, part->text,
			    part->size.of[ROPE_BYTES]);
			continue;
		}
		utf_encode(embed_cp(part->embed, embeds, hashes), cp);
		buf_put(&t->text, cp, UTF_SEQUENCE_MAX);
	}
	return buf_failed(&t->text) || (embeds != NULL &&
	    (embeds->failed || hashes->failed)) ? OT_ENOMEM : 0;
}

uint64_t
diff_rich_units(const char *text, size_t len_bytes)
{
	const char *end = text + len_bytes;
	uint64_t n = 0;
	size_t size;
	uint32_t cp;

	for (; text < end; text += size) {
		cp = utf_decode(text, &size);
		n += cp >= 0x10000 && cp < DIFF_EMBED_CP ? 2 : 1;
	}
	return n;
}

/* ---- changes ---- */

/* What is at byte offset at of the text; the part, or NULL past the end. */
static const struct delta_part *
part_at(const struct rich_text *t, size_t at)
{
	const struct delta_edit *doc = delta_edit_of(t->doc);
	const struct delta_part *part;
	size_t len;

	for (part = doc->part; part < doc->part + doc->n; part++) {
		len = part->embed != NULL ? UTF_SEQUENCE_MAX :
		    part->size.of[ROPE_BYTES];
		if (at < len)
			return part;
		at -= len;
	}
	return NULL;
}

/* Attributes of the character at an offset, if it is one within a line. */
static struct json *
attrs_in_line(const struct rich_text *t, size_t at)
{
	const struct delta_part *part = part_at(t, at);

	return part == NULL || part->embed != NULL ||
	    t->text.data[at] == '\n' ? NULL : part->attrs;
}

/* Of what comes in the hunk: attributes of a line stay those of its end. */
static struct json *
attrs_of(const struct rich_text *t, const struct hunk *h)
{
	size_t before = h->a;

	if (h->a_len > 0)
		return part_at(t, h->a)->attrs;
	while (before > 0 && ((unsigned char)t->text.data[--before] & 0xC0) ==
	    0x80)
		;
	if (h->a > 0 && t->text.data[before] != '\n')
		return attrs_in_line(t, before);
	return attrs_in_line(t, h->a);
}

static void
put_retain(struct buf *out, uint64_t len)
{
	if (len == 0)
		return;
	buf_puts(out, "{\"retain\":");
	buf_put_u64(out, len);
	buf_puts(out, "},");
}

static void
put_delete(struct buf *out, uint64_t len)
{
	if (len == 0)
		return;
	buf_puts(out, "{\"delete\":");
	buf_put_u64(out, len);
	buf_puts(out, "},");
}

int
diff_put_rich_text(const struct rich_text *t, const struct text_span *to,
    const struct hunks *hs, struct buf *out, struct ot_err *err)
{
	struct text_span from = diff_span(&t->text);
	const struct hunk *h;
	size_t at = 0, i;

	buf_puts(out, "{\"ops\":[");
	for (i = 0; i < hs->n; i++) {
		h = &hs->hunk[i];
		put_retain(out, diff_rich_units(from.p + at, h->a - at));
		if (h->b_len > 0) {
			delta_insert_print(to->p + h->b, h->b_len, NULL,
			    attrs_of(t, h), out);
			buf_putc(out, ',');
		}
		put_delete(out, diff_rich_units(from.p + h->a, h->a_len));
		at = h->a + h->a_len;
	}
	if (buf_failed(out))
		return ot_fail(err, OT_ENOMEM, "out of memory");
	out->data[out->len - 1] = ']';		/* for the last comma */
	buf_putc(out, '}');
	return 1;
}
