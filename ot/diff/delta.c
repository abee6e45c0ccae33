/*
 * rich-text: Delta.diff of quill-delta (src/Delta.ts, 4.2.2): the texts are
 * compared, then retains get the attributes that differ.
 *
 * Embeds are told apart while comparing, equal ones being alike.  An attribute
 * that shall be null cannot be reached by composing, so such a stretch is put
 * anew.
 */
#include "ot/delta_edit.h"
#include "ot/diff/values.h"

struct side {
	struct rich_text	 t;
	struct delta_cursor	 cursor;
};

struct run {
	struct differ		*d;
	struct side		 from, to;
	struct delta_draft	 draft;
};

static uint64_t
units(const struct side *side, size_t at, size_t len)
{
	return len > 0 ? diff_rich_units(side->t.text.data + at, len) : 0;
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
	size_t at = 0, i;
	int rc = 0;

	for (i = 0; rc == 0 && i < hs->n; i++) {
		h = &hs->hunk[i];
		rc = push_stretch(run, units(&run->from, at, h->a - at));
		push_new(run, units(&run->to, h->b, h->b_len));
		push_gone(run, units(&run->from, h->a, h->a_len));
		at = h->a + h->a_len;
	}
	if (rc == 0)
		rc = push_stretch(run, units(&run->from, at,
		    run->from.t.text.len - at));
	delta_draft_chop(&run->draft);
	return rc;
}

/* ---- all of it ---- */

static int
compare(struct run *run, struct hunks *h)
{
	struct text_span from, to;
	struct symbols embeds;
	int rc;

	diff_symbols_init(&embeds, &run->d->steps);
	rc = diff_rich_text_spell(&run->from.t, &embeds, &run->d->hashes);
	if (rc == 0)
		rc = diff_rich_text_spell(&run->to.t, &embeds,
		    &run->d->hashes);
	diff_symbols_done(&embeds);
	if (rc != 0)
		return rc;
	from = diff_span(&run->from.t.text);
	to = diff_span(&run->to.t.text);
	if ((rc = diff_text(&from, &to, &run->d->steps, h)) != 0)
		return rc;
	delta_cursor_init(&run->from.cursor, delta_edit_of(run->from.t.doc));
	delta_cursor_init(&run->to.cursor, delta_edit_of(run->to.t.doc));
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
compare_docs(struct run *run)
{
	struct hunks h = { NULL, 0, 0 };
	int rc;

	delta_draft_init(&run->draft);
	if ((rc = compare(run, &h)) == 0) {
		rc = finish(run);
	} else {
		delta_draft_done(&run->draft);
		rc = ot_fail(run->d->err, OT_ENOMEM, "out of memory");
	}
	diff_hunks_done(&h);
	return rc;
}

int
diff_rich_text(struct differ *d, const struct json_slice *from,
    const struct json_slice *to)
{
	struct run run = { .d = d, .from.t.text = BUF_INIT,
	    .to.t.text = BUF_INIT };
	int rc;

	if ((rc = diff_rich_text_open(&run.from.t, from, d->err)) == 0 &&
	    (rc = diff_rich_text_open(&run.to.t, to, d->err)) == 0)
		rc = compare_docs(&run);
	diff_rich_text_close(&run.from.t);
	diff_rich_text_close(&run.to.t);
	return rc;
}
