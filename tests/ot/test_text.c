/* The types text and text-unicode: tables of cases, then properties. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chance.h"
#include "ot/text_transform.h"
#include "ot/type.h"
#include "starve.h"
#include "hungry.h"

static const struct ot_type *const both[] = {
	&ot_type_text, &ot_type_text_unicode
};

/* ---- helpers: everything as JSON text ---- */

static struct ot_edit *
edit(const struct ot_type *t, const char *json)
{
	struct ot_edit *e = NULL;
	struct ot_err err;

	if (t->edit_parse(json, strlen(json), &e, &err) != 0)
		fail_msg("%s: %s", json, err.text);
	return e;
}

static struct ot_data *
document(const struct ot_type *t, const char *json)
{
	struct ot_data *d = NULL;
	struct ot_err err;

	if (t->load(json, strlen(json), &d, &err) != 0)
		fail_msg("%s: %s", json, err.text);
	return d;
}

static void
assert_text(struct buf *b, const char *want)
{
	buf_putc(b, '\0');
	assert_false(buf_failed(b));
	assert_string_equal(b->data, want);
	buf_done(b);
}

static void
assert_edit(const struct ot_type *t, struct ot_edit *e, const char *want)
{
	struct buf b = BUF_INIT;

	t->edit_print(e, &b);
	assert_text(&b, want);
}

static void
assert_data(const struct ot_type *t, const struct ot_data *d, const char *want)
{
	struct buf b = BUF_INIT;

	assert_true(t->print(d, &b));
	assert_text(&b, want);
}

/* ---- parsing ---- */

static void
test_refused_edits(void **state)
{
	static const struct {
		const char *json;
		int which;		/* 0 text, 1 text-unicode, 2 both */
		int code;
		const char *text;
	} row[] = {
		{ "{}", 2, OT_EAPPLY, "Op must be an array of components" },
		{ "\"x\"", 2, OT_EAPPLY, "Op must be an array of components" },
		{ "[\"\"]", 2, OT_EAPPLY, "Inserts cannot be empty" },
		{ "[0,\"x\"]", 2, OT_EAPPLY, "Skip components must be >0" },
		{ "[-1,\"x\"]", 2, OT_EAPPLY, "Skip components must be >0" },
		{ "[1,2,\"x\"]", 2, OT_EAPPLY,
		    "Adjacent skip components should be combined" },
		{ "[\"x\",1]", 2, OT_EAPPLY, "Op has a trailing skip" },
		{ "[1]", 2, OT_EAPPLY, "Op has a trailing skip" },
		{ "[{\"d\":0}]", 0, OT_EAPPLY,
		    "Object components must be deletes of size > 0" },
		{ "[{}]", 0, OT_EAPPLY,
		    "Object components must be deletes of size > 0" },
		{ "[{\"d\":\"x\"}]", 0, OT_EAPPLY,
		    "Object components must be deletes of size > 0" },
		{ "[{\"d\":true}]", 1, OT_EAPPLY,
		    "Delete must be number or string" },
		{ "[{\"d\":0}]", 1, OT_EAPPLY, "Deletes must not be empty" },
		{ "[{\"d\":\"\"}]", 1, OT_EAPPLY, "Deletes must not be empty" },
		{ "[\"\\ud83d\"]", 1, OT_EAPPLY,
		    "Lone surrogates are not allowed" },
		{ "[{\"d\":\"\\ude00\"}]", 1, OT_EAPPLY,
		    "Lone surrogates are not allowed" },
		{ "[1.5,\"x\"]", 2, OT_EAPPLY, "Counts must be whole numbers" },
		{ "[{\"d\":0.5}]", 2, OT_EAPPLY,
		    "Counts must be whole numbers" },
		{ "[9007199254740992,\"x\"]", 2, OT_EAPPLY,
		    "The op is too long" },
		{ "[true]", 2, OT_EAPPLY,
		    "Components must be numbers, strings or deletes" },
		{ "[null]", 2, OT_EAPPLY,
		    "Components must be numbers, strings or deletes" },
		{ "[{\"d\":1,\"i\":2}]", 2, OT_EAPPLY,
		    "Deletes have no other field than d" },
		{ "[\"x\"", 2, OT_EJSON, NULL },
		{ "[\"x\"]]", 2, OT_EJSON, NULL },
		{ "", 2, OT_EAPPLY, NULL },
	};
	struct ot_edit *e;
	struct ot_err err;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		for (k = 0; k < 2; k++) {
			if (row[i].which != 2 && (size_t)row[i].which != k)
				continue;
			e = NULL;
			assert_int_equal(both[k]->edit_parse(row[i].json,
			    strlen(row[i].json), &e, &err), row[i].code);
			assert_null(e);
			if (row[i].text != NULL)
				assert_string_equal(err.text, row[i].text);
		}
	}
}

static void
test_edits_print_as_read(void **state)
{
	static const char *const row[] = {
		"[]", "[\"a\",\"b\"]", "[5,\"x\",{\"d\":3}]",
		"[{\"d\":1},{\"d\":2},\"x\"]", "[\"\\n\\\"\\\\\xc3\xa9\"]",
		"[9007199254740991,\"x\"]",
	};
	struct ot_edit *e;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		for (k = 0; k < 2; k++) {
			e = edit(both[k], row[i]);
			assert_edit(both[k], e, row[i]);
			assert_int_equal(both[k]->edit_is_empty(e), i == 0);
			both[k]->edit_free(e);
		}
	}
	e = edit(&ot_type_text, "[\"\\uD83D\",1,\"\\ud83d\\uDE00\"]");
	assert_edit(&ot_type_text, e, "[\"\\ud83d\",1,\"\xf0\x9f\x98\x80\"]");
	ot_type_text.edit_free(e);
	e = edit(&ot_type_text_unicode, " [ 1 , { \"d\" : \"\\u0041\" } ] ");
	assert_edit(&ot_type_text_unicode, e, "[1,{\"d\":\"A\"}]");
	ot_type_text_unicode.edit_free(e);
}

static void
test_create(void **state)
{
	struct ot_data *d = NULL;
	struct ot_err err;

	(void)state;
	assert_int_equal(ot_type_text.create("null", 4, &d, &err), 0);
	assert_data(&ot_type_text, d, "\"\"");
	ot_type_text.data_free(d);
	assert_int_equal(ot_type_text_unicode.create(NULL, 0, &d, &err), 0);
	assert_data(&ot_type_text_unicode, d, "\"\"");
	ot_type_text_unicode.data_free(d);
	assert_int_equal(ot_type_text_unicode.create("null", 4, &d, &err),
	    OT_ETYPE);
	assert_string_equal(err.text, "Initial data must be a string");
	assert_int_equal(ot_type_text.create("3", 1, &d, &err), OT_ETYPE);
	assert_int_equal(ot_type_text_unicode.create("\"\\udc00\"", 8, &d,
	    &err), OT_ETYPE);
	d = document(&ot_type_text, "\"a\\udc00b\"");
	assert_data(&ot_type_text, d, "\"a\\udc00b\"");
	ot_type_text.data_free(d);
}

/* ---- the verbs, case by case ---- */

struct verb_row {
	int		 which;		/* 0 text, 1 text-unicode, 2 both */
	const char	*a, *b;
	const char	*left, *right;	/* transform; or left alone */
};

static void
test_transform(void **state)
{
	static const struct verb_row row[] = {
		{ 2, "[\"a\"]", "[\"b\"]", "[\"a\"]", "[1,\"a\"]" },
		/* One insert only goes before: the reference's TP1 hole. */
		{ 2, "[\"X\",\"Z\"]", "[\"Y\"]", "[\"X\",1,\"Z\"]",
		    "[1,\"XZ\"]" },
		{ 2, "[2,\"a\"]", "[{\"d\":4}]", "[\"a\"]", "[\"a\"]" },
		{ 2, "[1,{\"d\":3}]", "[2,\"x\"]", "[1,{\"d\":1},1,{\"d\":2}]",
		    "[1,{\"d\":1},1,{\"d\":2}]" },
		{ 2, "[{\"d\":2}]", "[{\"d\":2}]", "[]", "[]" },
		{ 2, "[{\"d\":3},\"x\"]", "[1,{\"d\":1}]", "[{\"d\":2},\"x\"]",
		    "[{\"d\":2},\"x\"]" },
		{ 1, "[1,{\"d\":\"bcd\"}]", "[2,{\"d\":1}]",
		    "[1,{\"d\":\"bd\"}]", "[1,{\"d\":\"bd\"}]" },
		{ 1, "[{\"d\":\"ab\"},{\"d\":1}]", "[1,\"x\"]",
		    "[{\"d\":\"a\"},1,{\"d\":2}]",
		    "[{\"d\":\"a\"},1,{\"d\":2}]" },
		{ 0, "[1,\"\\ude01\",{\"d\":1}]", "[2,\"x\"]",
		    "[1,\"\\ude01\",{\"d\":1}]", "[1,\"\\ude01\",{\"d\":1}]" },
		{ 0, "[3,\"a\"]", "[\"\\ud83d\\ude00\"]", "[5,\"a\"]",
		    "[5,\"a\"]" },
		{ 1, "[3,\"a\"]", "[\"\\ud83d\\ude00\"]", "[4,\"a\"]",
		    "[4,\"a\"]" },
	};
	struct ot_edit *a, *b, *out;
	struct ot_err err;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		for (k = 0; k < 2; k++) {
			if (row[i].which != 2 && (size_t)row[i].which != k)
				continue;
			a = edit(both[k], row[i].a);
			b = edit(both[k], row[i].b);
			assert_int_equal(both[k]->transform(a, b, OT_LEFT,
			    &out, &err), 0);
			assert_edit(both[k], out, row[i].left);
			both[k]->edit_free(out);
			assert_int_equal(both[k]->transform(a, b, OT_RIGHT,
			    &out, &err), 0);
			assert_edit(both[k], out, row[i].right);
			both[k]->edit_free(out);
			both[k]->edit_free(a);
			both[k]->edit_free(b);
		}
	}
}

static void
test_compose(void **state)
{
	static const struct verb_row row[] = {
		{ 2, "[\"abc\"]", "[1,{\"d\":1}]", "[\"ac\"]", NULL },
		{ 2, "[2,{\"d\":1}]", "[2,\"x\"]", "[2,\"x\",{\"d\":1}]",
		    NULL },
		{ 2, "[\"a\"]", "[{\"d\":1}]", "[]", NULL },
		{ 1, "[1,\"xy\"]", "[{\"d\":\"axyb\"}]", "[{\"d\":\"ab\"}]",
		    NULL },
		{ 1, "[{\"d\":1}]", "[{\"d\":\"b\"}]", "[{\"d\":2}]", NULL },
		/* The halves of a pair part, and join again. */
		{ 0, "[\"\\ud83d\\ude00\"]", "[1,\"x\"]",
		    "[\"\\ud83dx\\ude00\"]", NULL },
		{ 0, "[\"\\ud83dx\\ude00\"]", "[1,{\"d\":1}]",
		    "[\"\xf0\x9f\x98\x80\"]", NULL },
		{ 0, "[\"\\ud83d\\ude00\"]", "[1,\"\\ude01\",{\"d\":1}]",
		    "[\"\xf0\x9f\x98\x81\"]", NULL },
	};
	struct ot_edit *a, *b, *out;
	struct ot_err err;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		for (k = 0; k < 2; k++) {
			if (row[i].which != 2 && (size_t)row[i].which != k)
				continue;
			a = edit(both[k], row[i].a);
			b = edit(both[k], row[i].b);
			assert_int_equal(both[k]->compose(a, b, &out, &err), 0);
			assert_edit(both[k], out, row[i].left);
			both[k]->edit_free(out);
			both[k]->edit_free(a);
			both[k]->edit_free(b);
		}
	}
}

static void
test_apply_refuses_misfits(void **state)
{
	static const char *const row[] = {
		"[4,\"x\"]", "[\"x\",{\"d\":4}]", "[{\"d\":1},3,\"x\"]",
		"[\"xyz\",4,\"a\"]", "[2,{\"d\":2}]",
	};
	struct ot_data *d;
	struct ot_edit *e;
	struct ot_undo *undo;
	struct ot_err err;
	size_t i, k;

	(void)state;
	for (k = 0; k < 2; k++) {
		d = document(both[k], "\"abc\"");
		for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
			e = edit(both[k], row[i]);
			undo = NULL;
			assert_int_equal(both[k]->apply(d, e, &undo, &err),
			    OT_EAPPLY);
			assert_string_equal(err.text,
			    "The op is too long for this document");
			assert_null(undo);
			assert_data(both[k], d, "\"abc\"");
			both[k]->edit_free(e);
		}
		both[k]->data_free(d);
	}
}

static void
test_invert_wants_names(void **state)
{
	const struct ot_type *t = &ot_type_text_unicode;
	struct ot_edit *e = edit(t, "[1,{\"d\":1}]"), *out = NULL;
	struct ot_err err;

	(void)state;
	assert_null(ot_type_text.invert);
	assert_int_equal(t->invert(e, &out, &err), OT_ETYPE);
	assert_null(out);
	t->edit_free(e);
	e = edit(t, "[1,{\"d\":\"b\"},2,\"x\"]");
	assert_int_equal(t->invert(e, &out, &err), 0);
	assert_edit(t, out, "[1,\"b\",2,{\"d\":\"x\"}]");
	t->edit_free(out);
	t->edit_free(e);
}

static void
test_cursors(void **state)
{
	struct ot_edit *e = edit(&ot_type_text, "[3,\"ab\",2,{\"d\":4}]");

	(void)state;
	assert_int_equal(text_move_cursor(e, 0), 0);
	assert_int_equal(text_move_cursor(e, 3), 3);	/* at the insert */
	assert_int_equal(text_move_cursor(e, 4), 6);
	assert_int_equal(text_move_cursor(e, 7), 7);	/* in the delete */
	assert_int_equal(text_move_cursor(e, 12), 10);
	assert_int_equal(text_own_cursor(e), 7);
	ot_type_text.edit_free(e);
}

/* ---- properties ---- */

/* Length of a document, as the type counts, from its JSON. */
static size_t
length_of(const struct ot_type *t, const struct ot_data *d)
{
	struct buf b = BUF_INIT;
	size_t i, n = 0;

	assert_true(t->print(d, &b));
	for (i = 1; i + 1 < b.len; i++) {
		if (b.data[i] == '\\')		/* a lone surrogate */
			i += 5;
		else if ((b.data[i] & 0xc0) == 0x80)
			continue;
		n++;
		if ((b.data[i] & 0xf8) == 0xf0 && t == &ot_type_text)
			n++;
	}
	buf_done(&b);
	return n;
}

static void
put_letters(struct chance *c, const struct ot_type *t, struct buf *b)
{
	static const char *const letter[] = {
		"a", "b", "z", "\xc3\xa9", "\xe4\xb8\xad",
		"\xf0\x9f\x98\x80", "\\ud83d", "\\ude00"
	};
	size_t n = 1 + chance_below(c, chance_below(c, 20) ? 4 : 700);
	size_t kinds = chance_below(c, 3) ? 3 : t == &ot_type_text ? 8 : 6;

	buf_putc(b, '"');
	while (n-- > 0)
		buf_puts(b, letter[chance_below(c, kinds)]);
	buf_putc(b, '"');
}

/* A normal edit of a document of that length: no equal kinds side by side. */
static struct ot_edit *
random_edit(struct chance *c, const struct ot_type *t, size_t len)
{
	struct buf b = BUF_INIT;
	struct ot_edit *e;
	size_t n, parts = 1 + chance_below(c, 4);

	buf_putc(&b, '[');
	while (parts-- > 0) {
		if (b.len > 1)
			buf_putc(&b, ',');
		if (b.len > 1 || chance_below(c, 4) > 0) {
			if (len == 0) {
				b.len -= b.len > 1;
				break;
			}
			n = 1 + chance_below(c, len);
			len -= n;
			buf_put_u64(&b, n);
			buf_putc(&b, ',');
		}
		if (len == 0 || chance_below(c, 3) > 0) {
			put_letters(c, t, &b);
		} else {
			n = 1 + chance_below(c, len);
			len -= n;
			buf_puts(&b, "{\"d\":");
			buf_put_u64(&b, n);
			buf_putc(&b, '}');
		}
	}
	buf_puts(&b, "]");
	buf_putc(&b, '\0');
	assert_false(buf_failed(&b));
	e = edit(t, b.data);
	buf_done(&b);
	return e;
}

static struct ot_data *
copy_of(const struct ot_type *t, const struct ot_data *d)
{
	struct buf b = BUF_INIT;
	struct ot_data *copy;

	assert_true(t->print(d, &b));
	buf_putc(&b, '\0');
	copy = document(t, b.data);
	buf_done(&b);
	return copy;
}

static void
assert_equal_data(const struct ot_type *t, const struct ot_data *a,
    const struct ot_data *b)
{
	struct buf x = BUF_INIT, y = BUF_INIT;

	assert_true(t->print(a, &x) && t->print(b, &y));
	assert_int_equal(x.len, y.len);
	assert_memory_equal(x.data, y.data, x.len);
	buf_done(&x);
	buf_done(&y);
}

static void
must_apply(const struct ot_type *t, struct ot_data *d, const struct ot_edit *e)
{
	struct ot_err err;

	if (t->apply(d, e, NULL, &err) != 0)
		fail_msg("%s", err.text);
}

/* Both ways round the diamond: a then b', b then a'. */
static void
check_diamond(const struct ot_type *t, const struct ot_data *d,
    const struct ot_edit *a, const struct ot_edit *b)
{
	struct ot_data *x = copy_of(t, d), *y = copy_of(t, d);
	struct ot_edit *a2, *b2;
	struct ot_err err;

	assert_int_equal(t->transform(a, b, OT_LEFT, &a2, &err), 0);
	assert_int_equal(t->transform(b, a, OT_RIGHT, &b2, &err), 0);
	must_apply(t, x, a);
	must_apply(t, x, b2);
	must_apply(t, y, b);
	must_apply(t, y, a2);
	assert_equal_data(t, x, y);
	t->edit_free(a2);
	t->edit_free(b2);
	t->data_free(x);
	t->data_free(y);
}

static void
check_compose(const struct ot_type *t, const struct ot_data *d,
    const struct ot_edit *a, const struct ot_edit *b)
{
	struct ot_data *x = copy_of(t, d), *y = copy_of(t, d);
	struct ot_edit *ab;
	struct ot_err err;

	assert_int_equal(t->compose(a, b, &ab, &err), 0);
	must_apply(t, x, a);
	must_apply(t, x, b);
	must_apply(t, y, ab);
	assert_equal_data(t, x, y);
	t->edit_free(ab);
	t->data_free(x);
	t->data_free(y);
}

/* Undo restores, and so does the inverse where there is one. */
static void
check_return(const struct ot_type *t, const struct ot_data *d,
    const struct ot_edit *a)
{
	struct ot_data *x = copy_of(t, d);
	struct ot_edit *named, *back;
	struct ot_undo *undo = NULL;
	struct ot_err err;

	assert_int_equal(t->apply(x, a, &undo, &err), 0);
	t->undo(x, undo);
	assert_equal_data(t, x, d);
	if (t->invert != NULL) {
		/* The contract's text documents are a rope first. */
		assert_int_equal(text_make_invertible(a,
		    (const struct rope *)x, &named, &err), 0);
		assert_int_equal(t->invert(named, &back, &err), 0);
		must_apply(t, x, named);
		must_apply(t, x, back);
		assert_equal_data(t, x, d);
		t->edit_free(named);
		t->edit_free(back);
	}
	t->data_free(x);
}

/* With memory failing somewhere on the way, apply changes nothing. */
static void
check_starved(struct chance *c, const struct ot_type *t,
    const struct ot_data *d, const struct ot_edit *a)
{
	struct ot_data *x = copy_of(t, d);
	struct ot_edit *none = edit(t, "[]");
	struct ot_undo *undo = NULL, *older = NULL;
	struct ot_err err;
	int rc;

	/* An older undo shares what is to be changed. */
	if (chance_below(c, 2))
		assert_int_equal(t->apply(x, none, &older, &err), 0);
	starve_after = (long)chance_below(c, 8);
	rc = t->apply(x, a, &undo, &err);
	starve_after = 0;
	if (rc == 0)
		t->undo(x, undo);	/* needs no memory */
	starve_after = -1;
	if (rc != 0) {
		assert_int_equal(rc, OT_ENOMEM);
		assert_null(undo);
	}
	assert_equal_data(t, x, d);
	t->undo_free(older);
	t->edit_free(none);
	t->data_free(x);
}

static void
check_properties(const struct ot_type *t, const char *name, uint64_t seed)
{
	struct ot_data *d = document(t, "\"\""), *before;
	struct ot_edit *a, *b;
	struct chance c;
	size_t i, len;

	chance_init(&c, name, seed);
	for (i = 0; i < 3000; i++) {
		len = length_of(t, d);
		if (len > 3000) {
			t->data_free(d);
			d = document(t, "\"\"");
			continue;
		}
		a = random_edit(&c, t, len);
		b = random_edit(&c, t, len);
		check_diamond(t, d, a, b);
		check_return(t, d, a);
		check_starved(&c, t, d, a);
		if (i % 10 == 0)
			hungry_verbs(t, d, a, b);
		before = copy_of(t, d);
		must_apply(t, d, a);
		t->edit_free(b);
		b = random_edit(&c, t, length_of(t, d));
		check_compose(t, before, a, b);
		t->data_free(before);
		t->edit_free(a);
		t->edit_free(b);
	}
	t->data_free(d);
}

static void
test_properties_text(void **state)
{
	(void)state;
	check_properties(&ot_type_text, "text", 11);
}

static void
test_properties_unicode(void **state)
{
	(void)state;
	check_properties(&ot_type_text_unicode, "text-unicode", 12);
}

/*
 * Many applies; then the oldest records go, as when ops become durable, and
 * the others are taken back, each to the last byte.
 */
static void
test_undo_stack(void **state)
{
	enum { DEPTH = 400, KEPT = 100 };
	const struct ot_type *t = &ot_type_text;
	struct buf seen[DEPTH], now = BUF_INIT;
	struct ot_undo *undo[DEPTH];
	struct ot_data *d = document(t, "\"\"");
	struct ot_edit *e;
	struct ot_err err;
	struct chance c;
	size_t i;

	(void)state;
	chance_init(&c, "undo", 13);
	for (i = 0; i < DEPTH; i++) {
		buf_init(&seen[i], SIZE_MAX);
		assert_true(t->print(d, &seen[i]));
		e = random_edit(&c, t, length_of(t, d));
		assert_int_equal(t->apply(d, e, &undo[i], &err), 0);
		t->edit_free(e);
	}
	for (i = 0; i < KEPT; i++)
		t->undo_free(undo[i]);
	for (i = DEPTH; i-- > KEPT; ) {
		t->undo(d, undo[i]);
		buf_reset(&now);
		assert_true(t->print(d, &now));
		assert_int_equal(now.len, seen[i].len);
		assert_memory_equal(now.data, seen[i].data, now.len);
	}
	for (i = 0; i < DEPTH; i++)
		buf_done(&seen[i]);
	buf_done(&now);
	t->data_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused_edits),
		cmocka_unit_test(test_edits_print_as_read),
		cmocka_unit_test(test_create),
		cmocka_unit_test(test_transform),
		cmocka_unit_test(test_compose),
		cmocka_unit_test(test_apply_refuses_misfits),
		cmocka_unit_test(test_invert_wants_names),
		cmocka_unit_test(test_cursors),
		cmocka_unit_test(test_properties_text),
		cmocka_unit_test(test_properties_unicode),
		cmocka_unit_test(test_undo_stack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
