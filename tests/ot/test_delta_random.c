/*
 * The type rich-text: random edits, and what is promised of them; its runs
 * beside an array.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chance.h"
#include "edits.h"
#include "ot/delta_runs.h"
#include "ot/type.h"
#include "starve.h"
#include "promises.h"

static const struct ot_type *const t = &ot_type_rich_text;

/* ---- cases ---- */

/* Length of a document in UTF-16 units, from its JSON. */
static size_t
length_of(const struct ot_data *d)
{
	char *json = edits_print(t, d);
	struct json_member *ops;
	struct json *v, *op, *insert;
	struct ot_err err;
	size_t i, len = 0;

	assert_int_equal(json_parse(json, strlen(json), 0, &v, &err), 0);
	ops = json_object_first(v);
	for (i = 0; i < json_list_len(ops->value); i++) {
		op = json_list_at(ops->value, i);
		insert = json_object_first(op)->value;
		len += json_kind(insert) == JSON_STRING ?
		    json_string_len_u16(insert) : 1;
	}
	json_unref(v);
	free(json);
	return len;
}

static void
put_attributes(struct chance *c, bool nulls, struct buf *b)
{
	static const char *const values[] = {
		"true", "1", "\"red\"", "{\"q\":[1]}", "null"
	};
	size_t i, n = 1 + chance_below(c, 2);

	buf_puts(b, ",\"attributes\":{");
	for (i = 0; i < n; i++) {
		buf_puts(b, i > 0 ? ",\"i\":" : "\"b\":");
		buf_puts(b, values[chance_below(c, nulls ? 5 : 4)]);
	}
	buf_putc(b, '}');
}

static void
put_insert(struct chance *c, struct buf *b)
{
	static const char *const letter[] = {
		"a", "b", "z", "\xc3\xa9", "\xf0\x9f\x98\x80", "\\ud83d",
		"\\ude00"
	};
	size_t n = 1 + chance_below(c, chance_below(c, 20) ? 4 : 300);
	size_t kinds = chance_below(c, 3) ? 3 : 7;

	if (chance_below(c, 6) == 0) {
		buf_puts(b, chance_below(c, 2) ? "{\"insert\":{\"img\":1}" :
		    "{\"insert\":7");
	} else {
		buf_puts(b, "{\"insert\":\"");
		while (n-- > 0)
			buf_puts(b, letter[chance_below(c, kinds)]);
		buf_putc(b, '"');
	}
	if (chance_below(c, 2))
		put_attributes(c, false, b);
	buf_putc(b, '}');
}

static struct ot_edit *
random_edit(struct chance *c, size_t len)
{
	struct buf b = BUF_INIT;
	struct ot_edit *e;
	size_t n, kind, parts = 1 + chance_below(c, 5);

	buf_putc(&b, '[');
	for (; parts > 0; parts--) {
		if (b.len > 1)
			buf_putc(&b, ',');
		kind = len == 0 ? 3 : chance_below(c, 6);
		if (kind >= 3) {
			put_insert(c, &b);
			continue;
		}
		n = 1 + chance_below(c, chance_below(c, 4) ?
		    (len < 8 ? len : 8) : len);
		len -= n;
		buf_puts(&b, kind == 0 ? "{\"delete\":" : "{\"retain\":");
		buf_put_u64(&b, n);
		if (kind == 2)
			put_attributes(c, true, &b);
		buf_putc(&b, '}');
	}
	buf_puts(&b, "]");
	buf_putc(&b, '\0');
	e = edits_parse(t, b.data);
	buf_done(&b);
	return e;
}

/* ---- properties ---- */

static void
test_properties(void **state)
{
	struct ot_data *d = edits_load(t, "[]"), *before;
	struct ot_edit *a, *b, *none = edits_parse(t, "[]");
	struct chance c;
	size_t i, len;

	(void)state;
	chance_init(&c, "rich-text", 21);
	for (i = 0; i < 1500; i++) {
		len = length_of(d);
		if (len > 800) {
			t->data_free(d);
			d = edits_load(t, "[]");
			continue;
		}
		a = random_edit(&c, len);
		b = random_edit(&c, len);
		promises_diamond(t, d, a, b);
		promises_return(&c, t, d, a, none);
		if (i % 20 == 0)
			promises_hungry(t, d, a, b);
		before = promises_copy(t, d);
		promises_apply(t, d, a);
		t->edit_free(b);
		b = random_edit(&c, length_of(d));
		promises_compose(t, before, a, b);
		t->data_free(before);
		t->edit_free(a);
		t->edit_free(b);
	}
	t->edit_free(none);
	t->data_free(d);
}

/* ---- the runs by themselves, beside an array ---- */

#define TWIN_MAX	4000

static void
assert_runs(const struct tree *runs, const struct delta_run *twin, size_t n)
{
	const struct delta_run *run, *found;
	struct delta_runs_walk w;
	size_t i, pos = 0, start;

	delta_runs_check(runs);
	delta_runs_walk_init(&w, runs, 0);
	for (i = 0; (run = delta_runs_walk_next(&w)) != NULL; i++) {
		assert_true(i < n);
		assert_int_equal(run->len_u16, twin[i].len_u16);
		assert_ptr_equal(run->attrs, twin[i].attrs);
		assert_int_equal(delta_runs_find(runs,
		    pos + run->len_u16 - 1, &start, &found), i);
		assert_int_equal(start, pos);
		assert_ptr_equal(found, run);
		pos += run->len_u16;
	}
	assert_int_equal(i, n);
	assert_int_equal(delta_runs_find(runs, pos, &start, &found), n);
	assert_null(found);
}

static void
test_runs(void **state)
{
	static struct delta_run twin[TWIN_MAX];
	struct delta_run fresh[200];
	struct tree runs, kept;
	struct json *attrs;
	struct chance c;
	size_t i, k, n = 0, at, count, more, failed = 0;
	int rc;

	(void)state;
	chance_init(&c, "runs", 22);
	assert_non_null(attrs = json_object_new());
	delta_runs_init(&runs);
	for (i = 0; i < 3000; i++) {
		at = chance_below(&c, n + 1);
		count = chance_below(&c, chance_below(&c, 8) ? 4 : 150);
		if (count > n - at)
			count = n - at;
		more = chance_below(&c, chance_below(&c, 8) ? 4 : 150);
		if (n - count + more > (i % 1000 < 500 ? TWIN_MAX : 20))
			more = 0;
		for (k = 0; k < more; k++)
			fresh[k] = (struct delta_run){
				1 + (uint32_t)chance_below(&c, 9), NULL,
				chance_below(&c, 2) ? attrs : NULL
			};
		delta_runs_init(&kept);
		tree_share(&runs, &kept);
		starve_after = chance_below(&c, 3) ? -1 :
		    (long)chance_below(&c, 12);
		rc = delta_runs_replace(&runs, at, count, fresh, more);
		starve_after = -1;
		if (rc != 0) {
			failed++;
			tree_move(&runs, &kept);
		} else {
			memmove(twin + at + more, twin + at + count,
			    (n - at - count) * sizeof(twin[0]));
			memcpy(twin + at, fresh, more * sizeof(twin[0]));
			n = n - count + more;
		}
		tree_done(&kept);
		if (i % 5 == 0)
			assert_runs(&runs, twin, n);
	}
	assert_true(failed > 0);
	assert_runs(&runs, twin, n);
	tree_done(&runs);
	json_unref(attrs);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_properties),
		cmocka_unit_test(test_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
