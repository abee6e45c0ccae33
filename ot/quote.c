#include "ot/quote.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ot/diff.h"
#include "ot/diff/values.h"
#include "ot/pointer.h"
#include "ot/utf.h"

enum field { REPLACE, WITH, BEFORE, AFTER, AT, STRINGS, OCCURRENCE = STRINGS, FIELDS };

static const char *const field_names[FIELDS] = {
	"replace", "with", "before", "after", "at", "occurrence"
};

struct quote {
	struct buf	 string[STRINGS];	/* WTF-8 */
	size_t		 occurrence;		/* from 1; 0: there must be one */
};

struct run {
	const struct ot_type	*type;
	const struct quote	*q;
	struct buf		*out;
	struct ot_err		*err;
};

static int
no_memory(struct ot_err *err)
{
	return ot_fail(err, OT_ENOMEM, "out of memory");
}

/* ---- reading ---- */

static int
read_occurrence(struct quote *q, const struct json_slice *value,
    struct ot_err *err)
{
	double number = value->kind == JSON_NUMBER ?
	    json_slice_number(value) : 0;

	if (!(number >= 1 && number <= 1e9) || number != (size_t)number)
		return ot_fail(err, OT_EBADLY,
		    "\"occurrence\" must be a whole number from 1");
	q->occurrence = (size_t)number;
	return 0;
}

static int
read_field(struct quote *q, const struct json_slice *key,
    const struct json_slice *value, struct ot_err *err)
{
	int f;

	for (f = 0; f < FIELDS && !json_slice_is(key, field_names[f]); f++)
		;
	if (f == FIELDS)
		return ot_fail(err, OT_EBADLY, "a field that is none of replace, "
		    "with, before, after, occurrence, at");
	if (f == OCCURRENCE)
		return read_occurrence(q, value, err);
	if (value->kind != JSON_STRING)
		return ot_fail(err, OT_EBADLY, "\"%s\" must be a string",
		    field_names[f]);
	buf_reset(&q->string[f]);
	json_slice_string(value, &q->string[f]);
	return buf_failed(&q->string[f]) ? no_memory(err) : 0;
}

static int
read_quote(struct quote *q, const struct json_slice *quote, struct ot_err *err)
{
	struct json_slice key, value;
	struct json_reader r;
	int rc;

	json_reader_init(&r, quote->p, quote->len, err);
	if (json_peek(&r) != JSON_OBJECT)
		return ot_fail(err, OT_EBADLY, "a quotation is an object");
	if ((rc = json_enter(&r, JSON_OBJECT)) != 0)
		return rc;
	while ((rc = json_next_member(&r, &key)) > 0)
		if ((rc = json_skip(&r, &value)) != 0 ||
		    (rc = read_field(q, &key, &value, err)) != 0)
			return rc;
	return rc == 0 ? json_finish(&r) : rc;
}

/* ---- finding ---- */

/* before, replace and after, one after the other. */
static int
put_needle(const struct quote *q, struct buf *needle)
{
	static const enum field order[] = { BEFORE, REPLACE, AFTER };
	size_t i;

	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (q->string[order[i]].len > 0)
			utf_put(needle, 0, q->string[order[i]].data,
			    q->string[order[i]].len);
	return buf_failed(needle) ? OT_ENOMEM : 0;
}

/*
 * How often the needle is in the text; places may overlap.  *at_out is the
 * place that is wanted, if there are so many.  Knuth, Morris and Pratt (1977):
 * linear, whatever a client quotes.
 */
static int
find_places(const struct text_span *text, const struct text_span *needle,
    size_t wanted, size_t *count_out, size_t *at_out)
{
	/* border[i]: how much of the first i + 1 bytes they also end with. */
	size_t *border = malloc(needle->len * sizeof(*border)), i, k = 0, n = 0;

	if (border == NULL)
		return OT_ENOMEM;
	border[0] = 0;
	for (i = 1; i < needle->len; i++) {
		while (k > 0 && needle->p[i] != needle->p[k])
			k = border[k - 1];
		k += needle->p[i] == needle->p[k];
		border[i] = k;
	}
	for (i = k = 0; i < text->len; i++) {
		while (k > 0 && text->p[i] != needle->p[k])
			k = border[k - 1];
		k += text->p[i] == needle->p[k];
		if (k < needle->len)
			continue;
		if (++n == wanted)
			*at_out = i + 1 - needle->len;
		k = border[k - 1];
	}
	free(border);
	*count_out = n;
	return 0;
}

static int
choose_place(const struct run *run, const struct text_span *text,
    const struct text_span *needle, size_t *at_out)
{
	size_t count = 0, wanted = run->q->occurrence;
	int rc;

	rc = find_places(text, needle, wanted > 0 ? wanted : 1, &count,
	    at_out);
	if (rc != 0)
		return no_memory(run->err);
	if (count == 0)
		return ot_fail(run->err, OT_EAPPLY,
		    "what is quoted is not in the text");
	if (wanted == 0 && count > 1)
		return ot_fail(run->err, OT_EAPPLY, "what is quoted is %zu "
		    "times in the text; quote more around it, or say which "
		    "\"occurrence\"", count);
	if (wanted > count)
		return ot_fail(run->err, OT_EAPPLY, "occurrence %zu is wanted, "
		    "but what is quoted is only %zu times in the text", wanted,
		    count);
	return 0;
}

/* Where in text is what shall be replaced? */
static int
find_place(const struct run *run, const struct text_span *text,
    size_t *at_out)
{
	struct buf needle = BUF_INIT;
	struct text_span span;
	int rc;

	if ((rc = put_needle(run->q, &needle)) != 0) {
		rc = no_memory(run->err);
	} else if (needle.len == 0) {
		rc = text->len == 0 ? 0 : ot_fail(run->err, OT_EBADLY,
		    "one of \"replace\", \"before\", \"after\" must have "
		    "something");
		*at_out = 0;
	} else {
		span = diff_span(&needle);
		rc = choose_place(run, text, &span, at_out);
		*at_out += run->q->string[BEFORE].len;
	}
	buf_done(&needle);
	return rc;
}

/* ---- changing ---- */

/* A text, as it is and as it shall be, and where they differ. */
struct change {
	struct text_span	 from;
	struct buf		 to;
	struct hunks		 hunks;
};

static void
change_done(struct change *c)
{
	buf_done(&c->to);
	diff_hunks_done(&c->hunks);
}

/* c->from is given; of the rest nothing. */
static int
change_init(const struct run *run, struct change *c)
{
	struct text_span gone = diff_span(&run->q->string[REPLACE]);
	struct text_span come = diff_span(&run->q->string[WITH]);
	size_t steps = DIFF_STEPS(gone.len + come.len), at = 0, i;
	int rc;

	c->to = (struct buf)BUF_INIT;
	c->hunks = (struct hunks){ NULL, 0, 0 };
	if ((rc = find_place(run, &c->from, &at)) != 0)
		return rc;
	buf_put(&c->to, c->from.p, at);
	buf_put(&c->to, come.p, come.len);
	buf_put(&c->to, c->from.p + at + gone.len,
	    c->from.len - at - gone.len);
	if (buf_failed(&c->to) ||
	    diff_text(&gone, &come, &steps, &c->hunks) != 0)
		return no_memory(run->err);
	for (i = 0; i < c->hunks.n; i++) {
		c->hunks.hunk[i].a += at;
		c->hunks.hunk[i].b += at;
	}
	return 0;
}

/* ---- texts ---- */

static int
edit_text(const struct run *run, const struct json_slice *doc)
{
	struct buf text = BUF_INIT;
	struct text_span to;
	struct change c;
	int rc;

	if (run->type == &ot_type_text_unicode && run->q->string[WITH].len > 0 &&
	    utf_has_surrogate(run->q->string[WITH].data,
	    run->q->string[WITH].len))
		return ot_fail(run->err, OT_EBADLY,
		    "\"with\" has half of a surrogate pair");
	if ((rc = diff_read_text(run->type, doc, &text, run->err)) != 0)
		goto out;
	c.from = diff_span(&text);
	if ((rc = change_init(run, &c)) == 0 && c.hunks.n > 0) {
		to = diff_span(&c.to);
		diff_put_text(run->type, run->out, &c.from, &to, &c.hunks);
		rc = 1;
	}
	change_done(&c);
out:
	buf_done(&text);
	return rc;
}

/* ---- strings in values ---- */

/* The steps to a place as items of a path, a comma after each. */
static void
put_path(const struct pointer *p, const struct json *v, struct buf *path)
{
	size_t i, index = 0;

	for (i = 0; i < p->n; i++) {
		if (json_kind(v) == JSON_LIST) {
			v = pointer_child(v, p->step[i], &index);
			buf_put_u64(path, index);
		} else {
			v = pointer_child(v, p->step[i], &index);
			json_put_string(path, p->step[i]->text,
			    p->step[i]->len);
		}
		buf_putc(path, ',');
	}
}

static int
edit_string(const struct run *run, const struct pointer *at, struct json *root,
    const struct json *s)
{
	struct buf path = BUF_INIT;
	struct string_text text;
	struct text_span to;
	struct change c;
	int rc;

	put_path(at, root, &path);
	if (diff_string_open(&text, s) != 0 || buf_failed(&path)) {
		rc = no_memory(run->err);
		goto out;
	}
	c.from = text.span;
	if ((rc = change_init(run, &c)) == 0 && c.hunks.n > 0) {
		to = diff_span(&c.to);
		diff_put_string(run->type, run->out, &path, &c.from, &to,
		    &c.hunks);
		rc = 1;
	}
	change_done(&c);
out:
	diff_string_close(&text);
	buf_done(&path);
	return rc;
}

static int
edit_value(const struct run *run, const struct json_slice *doc)
{
	struct text_span where = diff_span(&run->q->string[AT]);
	struct json *root = NULL, *s;
	struct pointer at = { NULL, 0 };
	struct ot_err why;
	int rc;

	if ((rc = pointer_read(where.p, where.len, &at, &why)) != 0)
		return rc == OT_ENOMEM ? no_memory(run->err) :
		    ot_fail(run->err, rc, "\"at\": %s", why.text);
	if (doc->p != NULL &&
	    (rc = json_parse(doc->p, doc->len, 0, &root, run->err)) != 0)
		goto out;
	s = pointer_find(&at, at.n, root);
	if (json_kind(s) == JSON_STRING)
		rc = edit_string(run, &at, root, s);
	else
		rc = ot_fail(run->err, OT_EAPPLY,
		    "there is no string at \"at\"");
out:
	pointer_done(&at);
	json_unref(root);
	return rc;
}

/* ---- rich text ---- */

static int
edit_rich_text(const struct run *run, const struct json_slice *doc)
{
	struct rich_text text;
	struct text_span to;
	struct change c;
	int rc;

	if ((rc = diff_rich_text_open(&text, doc, run->err)) != 0)
		goto out;
	if (diff_rich_text_spell(&text, NULL, NULL) != 0) {
		rc = no_memory(run->err);
		goto out;
	}
	c.from = diff_span(&text.text);
	if ((rc = change_init(run, &c)) == 0 && c.hunks.n > 0) {
		to = diff_span(&c.to);
		rc = diff_put_rich_text(&text, &to, &c.hunks, run->out,
		    run->err);
	}
	change_done(&c);
out:
	diff_rich_text_close(&text);
	return rc;
}

/* ---- any type ---- */

static int
edit(const struct run *run, const struct json_slice *doc)
{
	bool value = run->type == &ot_type_json0 ||
	    run->type == &ot_type_json1 || run->type == &ot_type_json1_auto;

	if (value)
		return edit_value(run, doc);
	if (run->q->string[AT].len > 0)
		return ot_fail(run->err, OT_EBADLY,
		    "\"at\" is for JSON; a document of %s is one text",
		    run->type->name);
	if (run->type == &ot_type_rich_text)
		return edit_rich_text(run, doc);
	if (run->type == &ot_type_text || run->type == &ot_type_text_unicode ||
	    run->type == &ot_type_text0)
		return edit_text(run, doc);
	return ot_fail(run->err, OT_EUNSUP,
	    "no quotations for the type %s", run->type->name);
}

int
quote_edit(const struct ot_type *type, const struct json_slice *doc,
    const struct json_slice *quote, struct buf *edit_out, struct ot_err *err)
{
	struct quote q = { .occurrence = 0 };
	struct run run = { type, &q, edit_out, err };
	int rc, i;

	for (i = 0; i < STRINGS; i++)
		buf_init(&q.string[i], SIZE_MAX);
	if ((rc = read_quote(&q, quote, err)) == 0)
		rc = edit(&run, doc);
	if (rc >= 0 && buf_failed(edit_out))
		rc = no_memory(err);
	for (i = 0; i < STRINGS; i++)
		buf_done(&q.string[i]);
	return rc;
}
