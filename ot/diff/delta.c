/*
 * rich-text: Delta.diff of quill-delta (src/Delta.ts, 4.2.2): the texts are
 * compared, then retains get the attributes that differ.
 *
 * While comparing, an embed is one code point past the last of Unicode, equal
 * embeds the same; so they are told apart from text and from one another.  An
 * attribute that shall be null cannot be reached by composing, so such a
 * stretch is put anew.
 */
#include <stdlib.h>
#include <string.h>

#include "ot/delta_edit.h"
#include "ot/diff/values.h"
#include "ot/utf.h"

#define EMBED_CP	0x110000u
#define EMBED_CP_MAX	0x1FFFFFu	/* what four bytes hold */

struct side {
	const struct delta_edit	*doc;
	struct buf		 text;
	struct delta_cursor	 cursor;
};

struct run {
	struct differ		*d;
	struct side		 from, to;
	struct delta_draft	 draft;
};

static int
put_text(struct differ *d, struct side *side, struct symbols *embeds)
{
	const struct delta_part *part = side->doc->part;
	struct symbol s = { 0, NULL, 0, NULL };
	char cp[UTF_SEQUENCE_MAX];
	uint32_t i, number;

	for (i = 0; i < side->doc->n; i++, part++) {
		if (part->embed == NULL) {
			buf_put(&side->text, part->text,
			    part->size.of[ROPE_BYTES]);
			continue;
		}
		s.value = part->embed;
		s.hash = diff_hash(&d->hashes, part->embed);
		number = EMBED_CP + diff_symbol(embeds, &s);
		utf_encode(number < EMBED_CP_MAX ? number : EMBED_CP_MAX, cp);
		buf_put(&side->text, cp, UTF_SEQUENCE_MAX);
	}
	return buf_failed(&side->text) || embeds->failed ||
	    d->hashes.failed ? OT_ENOMEM : 0;
}

/* UTF-16 units of side's text, an embed being one. */
static uint64_t
units(const struct side *side, size_t at, size_t len)
{
	const char *p = side->text.data + at, *end = p + len;
	uint64_t n = 0;
	size_t size;
	uint32_t cp;

	for (; p < end; p += size) {
		cp = utf_decode(p, &size);
		n += cp >= 0x10000 && cp < EMBED_CP ? 2 : 1;
	}
	return n;
}

/* ---- attributes ---- */

static int
attrs_put(struct json *attrs, struct json_key *key, struct json *value)
{
	if (value == NULL)
		value = json_null_new();
	else
		json_ref(value);
	if (json_object_add(attrs, key, value, NULL) == 0)
		return 0;
	json_unref(value);
	return OT_ENOMEM;
}

static struct json *
attrs_get(const struct json *attrs, const struct json_key *key)
{
	const struct json_member *m = attrs != NULL ?
	    json_object_find(attrs, key) : NULL;

	return m != NULL ? m->value : NULL;
}

/*
 * What makes b of a: entries of b, and null for what b has not (AttributeMap.ts,
 * diff).  Empty if they are the same.  *reached_out: composing it with a gives
 * b.
 */
static int
attrs_diff(const struct json *a, const struct json *b, struct json *out,
    bool *reached_out)
{
	const struct json_member *m;
	const struct json *other;
	int rc = 0;

	*reached_out = true;
	for (m = a != NULL ? json_object_first(a) : NULL; rc == 0 && m != NULL;
	    m = json_object_next(a, m))
		if (attrs_get(b, m->key) == NULL)
			rc = attrs_put(out, m->key, NULL);
	for (m = b != NULL ? json_object_first(b) : NULL; rc == 0 && m != NULL;
	    m = json_object_next(b, m)) {
		other = attrs_get(a, m->key);
		if (other != NULL && json_deep_equal(m->value, other))
			continue;
		if (json_kind(m->value) == JSON_NULL)
			*reached_out = false;
		rc = attrs_put(out, m->key, m->value);
	}
	return rc;
}

/* ---- pushing ---- */

static uint64_t
least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Go past len units that are not there any more. */
static void
push_gone(struct run *run, uint64_t len)
{
	struct delta_cursor *c = &run->from.cursor;
	uint64_t step, left;

	if (len == 0)
		return;
	for (left = len; left > 0; left -= step) {
		step = least(left, delta_cursor_left(c));
		delta_cursor_skip(c, step);
	}
	delta_draft_push_len(&run->draft, DELTA_DELETE, len, NULL);
}

static void
push_new(struct run *run, uint64_t len)
{
	struct delta_cursor *c = &run->to.cursor;
	struct delta_chunk chunk;
	uint64_t step;

	for (; len > 0; len -= step) {
		step = least(len, delta_cursor_left(c));
		delta_cursor_take(c, step, &chunk);
		delta_draft_push(&run->draft, &chunk);
	}
}

/* The next len units are the same text; or are they? */
static int
push_same(struct run *run, uint64_t len)
{
	struct delta_chunk from, to;
	struct json *attrs;
	bool same;
	int rc;

	delta_cursor_take(&run->from.cursor, len, &from);
	delta_cursor_take(&run->to.cursor, len, &to);
	if ((attrs = json_object_new()) == NULL)
		return OT_ENOMEM;
	rc = attrs_diff(from.attrs, to.attrs, attrs, &same);
	if (from.embed != NULL || to.embed != NULL)
		same &= from.embed != NULL && to.embed != NULL &&
		    json_deep_equal(from.embed, to.embed);
	if (rc == 0 && same) {
		delta_draft_push_len(&run->draft, DELTA_RETAIN, len,
		    json_object_len(attrs) > 0 ? attrs : NULL);
	} else if (rc == 0) {
		delta_draft_push(&run->draft, &to);
		delta_draft_push_len(&run->draft, DELTA_DELETE, len, NULL);
	}
	json_unref(attrs);
	return rc;
}

static int
push_stretch(struct run *run, uint64_t len)
{
	uint64_t step;
	int rc = 0;

	for (; rc == 0 && len > 0; len -= step) {
		step = least(len, least(delta_cursor_left(&run->from.cursor),
		    delta_cursor_left(&run->to.cursor)));
		rc = push_same(run, step);
	}
	return rc;
}

static int
push_all(struct run *run, const struct hunks *hs)
{
	const struct hunk *h;
	size_t at = 0;
	int rc = 0;

	for (h = hs->hunk; rc == 0 && h < hs->hunk + hs->n; h++) {
		rc = push_stretch(run, units(&run->from, at, h->a - at));
		push_new(run, units(&run->to, h->b, h->b_len));
		push_gone(run, units(&run->from, h->a, h->a_len));
		at = h->a + h->a_len;
	}
	if (rc == 0)
		rc = push_stretch(run, units(&run->from, at,
		    run->from.text.len - at));
	delta_draft_chop(&run->draft);
	return rc;
}

/* ---- all of it ---- */

static int
compare(struct run *run, struct hunks *h)
{
	struct symbols embeds;
	int rc;

	diff_symbols_init(&embeds, &run->d->steps);
	if ((rc = put_text(run->d, &run->from, &embeds)) == 0)
		rc = put_text(run->d, &run->to, &embeds);
	diff_symbols_done(&embeds);
	if (rc != 0)
		return rc;
	rc = diff_text(
	    &(struct text_span){ run->from.text.data, run->from.text.len },
	    &(struct text_span){ run->to.text.data, run->to.text.len },
	    &run->d->steps, h);
	if (rc != 0)
		return rc;
	delta_cursor_init(&run->from.cursor, run->from.doc);
	delta_cursor_init(&run->to.cursor, run->to.doc);
	return push_all(run, h);
}

/* Hand the draft out; uses it up. */
static int
finish(struct run *run)
{
	struct ot_edit *edit = NULL;
	int rc;

	if ((rc = delta_draft_finish(&run->draft, &edit, run->d->err)) != 0)
		return rc;
	rc = delta_edit_of(edit)->n > 0;
	if (rc == 1)
		delta_edit_print(edit, run->d->out);
	delta_edit_free(edit);
	if (buf_failed(run->d->out))
		return ot_fail(run->d->err, OT_ENOMEM, "out of memory");
	return rc;
}

static int
diff_docs(struct differ *d, const struct delta_edit *from,
    const struct delta_edit *to)
{
	struct run run = { .d = d, .from = { from, BUF_INIT, { 0 } },
	    .to = { to, BUF_INIT, { 0 } } };
	struct hunks h = { NULL, 0, 0 };
	int rc;

	delta_draft_init(&run.draft);
	if ((rc = compare(&run, &h)) == 0) {
		rc = finish(&run);
	} else {
		delta_draft_done(&run.draft);
		rc = ot_fail(d->err, OT_ENOMEM, "out of memory");
	}
	diff_hunks_done(&h);
	buf_done(&run.from.text);
	buf_done(&run.to.text);
	return rc;
}

/* null is an empty document. */
static int
read_document(const struct json_slice *doc, struct ot_edit **out,
    struct ot_err *err)
{
	static const char none[] = "[]";
	struct json_reader r;

	json_reader_init(&r, doc->p, doc->len, err);
	return json_peek(&r) == JSON_NULL ?
	    delta_edit_read(none, strlen(none), DELTA_DOCUMENT, OT_ETYPE, out,
	    err) : delta_edit_read(doc->p, doc->len, DELTA_DOCUMENT, OT_ETYPE,
	    out, err);
}

int
diff_rich_text(struct differ *d, const struct json_slice *from,
    const struct json_slice *to)
{
	struct ot_edit *a = NULL, *b = NULL;
	int rc;

	if ((rc = read_document(from, &a, d->err)) == 0 &&
	    (rc = read_document(to, &b, d->err)) == 0)
		rc = diff_docs(d, delta_edit_of(a), delta_edit_of(b));
	delta_edit_free(a);
	delta_edit_free(b);
	return rc;
}
