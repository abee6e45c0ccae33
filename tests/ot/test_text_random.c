/* The types text and text-unicode: random edits, and what is promised of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chance.h"
#include "edits.h"
#include "ot/text_transform.h"
#include "ot/type.h"
#include "starve.h"
#include "promises.h"

/* ---- cases ---- */

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
	e = edits_parse(t, b.data);
	buf_done(&b);
	return e;
}

/* ---- properties ---- */

/* What makeInvertible names is what invert needs. */
static void
check_inverse(const struct ot_type *t, const struct ot_data *d,
    const struct ot_edit *a)
{
	struct ot_data *x = promises_copy(t, d);
	struct ot_edit *named, *back;
	struct ot_err err;

	/* A text document is a rope first. */
	assert_int_equal(text_make_invertible(a, (const struct rope *)x,
	    &named, &err), 0);
	assert_int_equal(t->invert(named, &back, &err), 0);
	promises_apply(t, x, named);
	promises_apply(t, x, back);
	promises_equal(t, x, d);
	t->edit_free(named);
	t->edit_free(back);
	t->data_free(x);
}

static void
check_properties(const struct ot_type *t, const char *name, uint64_t seed)
{
	struct ot_data *d = edits_load(t, "\"\""), *before;
	struct ot_edit *a, *b, *none = edits_parse(t, "[]");
	struct chance c;
	size_t i, len;

	chance_init(&c, name, seed);
	for (i = 0; i < 3000; i++) {
		len = length_of(t, d);
		if (len > 3000) {
			t->data_free(d);
			d = edits_load(t, "\"\"");
			continue;
		}
		a = random_edit(&c, t, len);
		b = random_edit(&c, t, len);
		promises_diamond(t, d, a, b);
		promises_return(&c, t, d, a, none);
		if (t->invert != NULL)
			check_inverse(t, d, a);
		if (i % 10 == 0)
			promises_hungry(t, d, a, b);
		before = promises_copy(t, d);
		promises_apply(t, d, a);
		t->edit_free(b);
		b = random_edit(&c, t, length_of(t, d));
		promises_compose(t, before, a, b);
		t->data_free(before);
		t->edit_free(a);
		t->edit_free(b);
	}
	t->edit_free(none);
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
	char *seen[DEPTH];
	struct ot_undo *undo[DEPTH];
	struct ot_data *d = edits_load(t, "\"\"");
	struct ot_edit *e;
	struct ot_err err;
	struct chance c;
	size_t i;

	(void)state;
	chance_init(&c, "undo", 13);
	for (i = 0; i < DEPTH; i++) {
		seen[i] = edits_print(t, d);
		e = random_edit(&c, t, length_of(t, d));
		assert_int_equal(t->apply(d, e, &undo[i], &err), 0);
		t->edit_free(e);
	}
	for (i = 0; i < KEPT; i++)
		t->undo_free(undo[i]);
	for (i = DEPTH; i-- > KEPT; ) {
		t->undo(d, undo[i]);
		promises_prints(t, d, seen[i]);
	}
	for (i = 0; i < DEPTH; i++)
		free(seen[i]);
	t->data_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_properties_text),
		cmocka_unit_test(test_properties_unicode),
		cmocka_unit_test(test_undo_stack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
