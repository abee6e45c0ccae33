/* The type rich-text: tables of cases, then properties; its runs by themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chance.h"
#include "ot/delta_ext.h"
#include "ot/delta_runs.h"
#include "ot/type.h"
#include "starve.h"
#include "hungry.h"

static const struct ot_type *const t = &ot_type_rich_text;

/* ---- helpers: everything as JSON text ---- */

static struct ot_edit *
edit(const char *json)
{
	struct ot_edit *e = NULL;
	struct ot_err err;

	if (t->edit_parse(json, strlen(json), &e, &err) != 0)
		fail_msg("%s: %s", json, err.text);
	return e;
}

static struct ot_data *
document(const char *json)
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
assert_edit(struct ot_edit *e, const char *want)
{
	struct buf b = BUF_INIT;

	t->edit_print(e, &b);
	assert_text(&b, want);
	t->edit_free(e);
}

static void
assert_data(const struct ot_data *d, const char *want)
{
	struct buf b = BUF_INIT;

	assert_true(t->print(d, &b));
	assert_text(&b, want);
}

/* ---- what is refused ---- */

static void
test_refused_edits(void **state)
{
	static const char *const row[] = {
		"null", "\"x\"", "3", "{}", "{\"ops\":{}}", "[{}]", "[[]]",
		"[{\"insert\":\"\"}]", "[{\"insert\":null}]",
		"[{\"insert\":true}]", "[{\"retain\":0}]", "[{\"retain\":-1}]",
		"[{\"retain\":1.5}]", "[{\"retain\":\"1\"}]",
		"[{\"retain\":{\"a\":1}}]", "[{\"delete\":0}]",
		"[{\"retain\":1,\"delete\":1}]",
		"[{\"retain\":1,\"attributes\":{}}]",
		"[{\"retain\":1,\"attributes\":null}]",
		"[{\"retain\":1,\"attributes\":[1]}]",
		"[{\"retain\":1,\"attributes\":{\"toString\":1}}]",
		"[{\"retain\":1,\"attributes\":{\"__proto__\":1}}]",
		"[{\"insert\":{\"a\":{\"__proto__\":1}}}]",
		"[{\"delete\":1,\"attributes\":{\"b\":1}}]",
		"[{\"insert\":\"a\"}",
		"[{\"insert\":\"a\"}]]", "[{\"delete\":9007199254740992}]",
	};
	struct ot_edit *e;
	struct ot_err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		e = NULL;
		if (t->edit_parse(row[i], strlen(row[i]), &e, &err) == 0)
			fail_msg("accepted: %s", row[i]);
		assert_null(e);
	}
}

static void
test_create(void **state)
{
	static const char *const refused[] = {
		"\"x\"", "[{\"retain\":1}]", "[{\"delete\":1}]", "{}", "1",
		"[{\"insert\":\"a\",\"x\":1}]"
	};
	struct ot_data *d = NULL;
	struct ot_err err;
	size_t i;

	(void)state;
	assert_int_equal(t->create(NULL, 0, &d, &err), 0);
	assert_data(d, "{\"ops\":[]}");
	t->data_free(d);
	assert_int_equal(t->create("null", 4, &d, &err), 0);
	assert_data(d, "{\"ops\":[]}");
	t->data_free(d);
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_int_equal(t->create(refused[i], strlen(refused[i]), &d,
		    &err), OT_ETYPE);
	/* Runs are kept as they came, nulls too. */
	d = document("{\"ops\":[{\"insert\":\"a\"},{\"insert\":\"b\"},"
	    "{\"insert\":\"c\",\"attributes\":{\"x\":null}}],\"more\":1}");
	assert_data(d, "{\"ops\":[{\"insert\":\"a\"},{\"insert\":\"b\"},"
	    "{\"insert\":\"c\",\"attributes\":{\"x\":null}}]}");
	t->data_free(d);
}

static void
test_edits_print_as_read(void **state)
{
	static const char *const row[] = {
		"[{\"retain\":2},{\"insert\":\"\\ud83d\"},{\"delete\":1}]",
		"{\"ops\":[{\"insert\":5},{\"insert\":[{}]}]}",
		"{\"ops\":[]}", "[]",
		"[{\"retain\":1,\"attributes\":{\"b\":null,\"c\":[1]}}]",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		assert_edit(edit(row[i]), row[i]);
}

/* ---- the verbs, case by case ---- */

static void
test_apply(void **state)
{
	static const struct {
		const char *doc, *op, *want;
	} row[] = {
		/* The neighbours of an insert: what joins, what stays. */
		{ "[{\"insert\":\"a\"},{\"insert\":\"b\"},{\"insert\":\"c\"}]",
		    "[{\"retain\":2},{\"insert\":\"x\"}]",
		    "{\"ops\":[{\"insert\":\"a\"},{\"insert\":\"bxc\"}]}" },
		{ "[{\"insert\":\"a\"},{\"insert\":\"b\"},{\"insert\":\"c\"}]",
		    "[{\"insert\":\"x\"}]", "{\"ops\":[{\"insert\":\"xabc\"}]}" },
		{ "[{\"insert\":\"ab\"}]", "[{\"retain\":1,\"attributes\":"
		    "{\"b\":true}}]", "{\"ops\":[{\"insert\":\"a\",\"attributes\":"
		    "{\"b\":true}},{\"insert\":\"b\"}]}" },
		{ "[{\"insert\":\"ab\",\"attributes\":{\"b\":1,\"c\":2}}]",
		    "[{\"retain\":2,\"attributes\":{\"b\":null}}]",
		    "{\"ops\":[{\"insert\":\"ab\",\"attributes\":{\"c\":2}}]}" },
		{ "[{\"insert\":\"a\"},{\"insert\":{\"i\":1}},"
		    "{\"insert\":\"b\"}]", "[{\"retain\":1},{\"delete\":1}]",
		    "{\"ops\":[{\"insert\":\"ab\"}]}" },
		/* A pair is split between two runs, and whole again. */
		{ "[{\"insert\":\"\xf0\x9f\x98\x80\"}]",
		    "[{\"retain\":1,\"attributes\":{\"b\":1}}]",
		    "{\"ops\":[{\"insert\":\"\\ud83d\",\"attributes\":{\"b\":1}},"
		    "{\"insert\":\"\\ude00\"}]}" },
		{ "[{\"insert\":\"\\ud83d\",\"attributes\":{\"b\":1}},"
		    "{\"insert\":\"\\ude00\"}]",
		    "[{\"retain\":1,\"attributes\":{\"b\":null}}]",
		    "{\"ops\":[{\"insert\":\"\xf0\x9f\x98\x80\"}]}" },
		{ "[{\"insert\":\"abc\"}]", "[{\"delete\":3}]", "{\"ops\":[]}" },
	};
	struct ot_data *d;
	struct ot_edit *e;
	struct ot_err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		d = document(row[i].doc);
		e = edit(row[i].op);
		assert_int_equal(t->apply(d, e, NULL, &err), 0);
		assert_data(d, row[i].want);
		t->edit_free(e);
		t->data_free(d);
	}
}

static void
test_apply_refuses_misfits(void **state)
{
	static const char *const row[] = {
		"[{\"retain\":4}]", "[{\"delete\":4}]",
		"[{\"retain\":2},{\"insert\":\"x\"},{\"delete\":2}]",
		"[{\"retain\":4,\"attributes\":{\"b\":1}}]",
	};
	struct ot_data *d = document("[{\"insert\":\"abc\"}]");
	struct ot_undo *undo = NULL;
	struct ot_edit *e;
	struct ot_err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		e = edit(row[i]);
		assert_int_equal(t->apply(d, e, &undo, &err), OT_EAPPLY);
		assert_null(undo);
		assert_data(d, "{\"ops\":[{\"insert\":\"abc\"}]}");
		t->edit_free(e);
	}
	t->data_free(d);
}

static void
test_transform_and_compose(void **state)
{
	static const struct {
		const char *a, *b, *left, *right, *composed;
	} row[] = {
		/* Left gives way: its text comes second. */
		{ "[{\"insert\":\"a\"}]", "[{\"insert\":\"b\"}]",
		    "{\"ops\":[{\"retain\":1},{\"insert\":\"a\"}]}",
		    "{\"ops\":[{\"insert\":\"a\"}]}",
		    "{\"ops\":[{\"insert\":\"ba\"}]}" },
		{ "[{\"retain\":1,\"attributes\":{\"b\":1,\"c\":1}}]",
		    "[{\"retain\":1,\"attributes\":{\"b\":2}}]",
		    "{\"ops\":[{\"retain\":1,\"attributes\":{\"c\":1}}]}",
		    "{\"ops\":[{\"retain\":1,\"attributes\":{\"b\":1,\"c\":1}}]}",
		    "{\"ops\":[{\"retain\":1,\"attributes\":{\"b\":2,\"c\":1}}]}" },
		/* An insert goes before a delete at the same place. */
		{ "[{\"delete\":1}]", "[{\"insert\":\"x\"}]",
		    "{\"ops\":[{\"retain\":1},{\"delete\":1}]}",
		    "{\"ops\":[{\"retain\":1},{\"delete\":1}]}",
		    "{\"ops\":[{\"insert\":\"x\"},{\"delete\":1}]}" },
		{ "[{\"insert\":\"\xf0\x9f\x98\x80\"}]",
		    "[{\"retain\":1},{\"insert\":\"\\ude01\"},{\"delete\":1}]",
		    "{\"ops\":[{\"insert\":\"\xf0\x9f\x98\x80\"}]}",
		    "{\"ops\":[{\"insert\":\"\xf0\x9f\x98\x80\"}]}",
		    "{\"ops\":[{\"insert\":\"\xf0\x9f\x98\x81\"}]}" },
	};
	struct ot_edit *a, *b, *out;
	struct ot_err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		a = edit(row[i].a);
		b = edit(row[i].b);
		assert_int_equal(t->transform(a, b, OT_LEFT, &out, &err), 0);
		assert_edit(out, row[i].left);
		assert_int_equal(t->transform(a, b, OT_RIGHT, &out, &err), 0);
		assert_edit(out, row[i].right);
		assert_int_equal(t->compose(a, b, &out, &err), 0);
		assert_edit(out, row[i].composed);
		t->edit_free(a);
		t->edit_free(b);
	}
}

/* Fields of ops that mean nothing are dropped, or else refused. */
static void
test_odd_fields(void **state)
{
	struct ot_edit *odd = edit("[{\"insert\":\"ab\",\"x\":1},"
	    "{\"insert\":5,\"y\":1}]");
	struct ot_edit *early = edit("[{\"retain\":1},{\"insert\":\"z\"}]");
	struct ot_edit *late = edit("[{\"retain\":3},{\"insert\":\"z\"}]");
	struct ot_edit *out;
	struct ot_err err;

	(void)state;
	assert_int_equal(t->transform(odd, early, OT_LEFT, &out, &err), 0);
	assert_edit(out, "{\"ops\":[{\"insert\":\"ab\"},{\"insert\":5}]}");
	assert_int_equal(t->compose(odd, late, &out, &err), 0);
	assert_edit(out, "{\"ops\":[{\"insert\":\"ab\"},{\"insert\":5},"
	    "{\"insert\":\"z\"}]}");
	assert_int_equal(t->compose(odd, early, &out, &err), 0);
	assert_edit(out, "{\"ops\":[{\"insert\":\"azb\"},{\"insert\":5}]}");
	t->edit_free(early);
	early = edit("[{\"retain\":1,\"attributes\":{\"b\":1}}]");
	assert_int_equal(t->compose(odd, early, &out, &err), OT_ETYPE);
	t->edit_free(odd);
	t->edit_free(early);
	t->edit_free(late);
}

static struct json_slice
slice(const char *json)
{
	struct json_reader r;
	struct json_slice s = { NULL, 0, JSON_NONE };
	struct ot_err err;

	json_reader_init(&r, json, strlen(json), &err);
	assert_int_equal(json_skip(&r, &s), 0);
	return s;
}

static void
test_presence(void **state)
{
	static const struct {
		const char *range, *op, *own, *want;
	} row[] = {
		{ "{\"index\":2,\"length\":3,\"x\":1}", "[{\"insert\":\"ab\"}]",
		    "false", "{\"index\":4,\"length\":3,\"x\":1}" },
		{ "{\"index\":2,\"length\":3}", "[{\"retain\":2},{\"insert\":"
		    "\"ab\"}]", "false", "{\"index\":2,\"length\":5}" },
		{ "{\"index\":2,\"length\":3}", "[{\"retain\":2},{\"insert\":"
		    "\"ab\"}]", "true", "{\"index\":4,\"length\":3}" },
		{ "{\"index\":2,\"length\":3}", "[{\"retain\":1},"
		    "{\"delete\":2}]", "false", "{\"index\":1,\"length\":2}" },
		{ "null", "[{\"insert\":\"ab\"}]", "false", "null" },
		{ "{\"index\":2,\"length\":3}", "null", "false",
		    "{\"index\":2,\"length\":3}" },
	};
	struct json_slice range, op, own;
	struct ot_err err;
	struct buf out;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		buf_init(&out, SIZE_MAX);
		range = slice(row[i].range);
		op = slice(row[i].op);
		own = slice(row[i].own);
		assert_int_equal(delta_ext.transform_presence(&range, &op,
		    &own, &out, &err), 0);
		assert_text(&out, row[i].want);
	}
}

/* ---- properties ---- */

static size_t
length_of(const struct ot_data *d)
{
	/* Nothing outside knows; count by the longest plain retain that fits. */
	struct ot_data *copy;
	struct ot_edit *e;
	struct ot_err err;
	struct buf b = BUF_INIT;
	char json[64];
	size_t low = 0, high = 1 << 20, mid;

	assert_true(t->print(d, &b));
	buf_putc(&b, '\0');
	copy = document(b.data);
	buf_done(&b);
	while (low < high) {
		mid = (low + high + 1) / 2;
		snprintf(json, sizeof(json), "[{\"retain\":%zu}]", mid);
		e = edit(json);
		if (t->apply(copy, e, NULL, &err) == 0)
			low = mid;
		else
			high = mid - 1;
		t->edit_free(e);
	}
	t->data_free(copy);
	return low;
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
	e = edit(b.data);
	buf_done(&b);
	return e;
}

static struct ot_data *
copy_of(const struct ot_data *d)
{
	struct buf b = BUF_INIT;
	struct ot_data *copy;

	assert_true(t->print(d, &b));
	buf_putc(&b, '\0');
	copy = document(b.data);
	buf_done(&b);
	return copy;
}

/* The same runs; the order of names may differ. */
static void
assert_equal_data(const struct ot_data *a, const struct ot_data *b)
{
	struct buf x = BUF_INIT, y = BUF_INIT;
	struct json *u, *v;
	struct ot_err err;

	assert_true(t->print(a, &x) && t->print(b, &y));
	assert_int_equal(json_parse(x.data, x.len, 0, &u, &err), 0);
	assert_int_equal(json_parse(y.data, y.len, 0, &v, &err), 0);
	if (!json_equal(u, v))
		fail_msg("%.*s\n%.*s", (int)x.len, x.data, (int)y.len, y.data);
	json_unref(u);
	json_unref(v);
	buf_done(&x);
	buf_done(&y);
}

static void
must_apply(struct ot_data *d, const struct ot_edit *e)
{
	struct ot_err err;

	if (t->apply(d, e, NULL, &err) != 0)
		fail_msg("%s", err.text);
}

static void
check_diamond(const struct ot_data *d, const struct ot_edit *a,
    const struct ot_edit *b)
{
	struct ot_data *x = copy_of(d), *y = copy_of(d);
	struct ot_edit *a2, *b2;
	struct ot_err err;

	assert_int_equal(t->transform(a, b, OT_LEFT, &a2, &err), 0);
	assert_int_equal(t->transform(b, a, OT_RIGHT, &b2, &err), 0);
	must_apply(x, a);
	must_apply(x, b2);
	must_apply(y, b);
	must_apply(y, a2);
	assert_equal_data(x, y);
	t->edit_free(a2);
	t->edit_free(b2);
	t->data_free(x);
	t->data_free(y);
}

static void
check_compose(const struct ot_data *d, const struct ot_edit *a,
    const struct ot_edit *b)
{
	struct ot_data *x = copy_of(d), *y = copy_of(d);
	struct ot_edit *ab;
	struct ot_err err;

	assert_int_equal(t->compose(a, b, &ab, &err), 0);
	must_apply(x, a);
	must_apply(x, b);
	must_apply(y, ab);
	assert_equal_data(x, y);
	t->edit_free(ab);
	t->data_free(x);
	t->data_free(y);
}

static void
assert_prints(const struct ot_data *d, const struct buf *want)
{
	struct buf b = BUF_INIT;

	assert_true(t->print(d, &b));
	assert_int_equal(b.len, want->len);
	assert_memory_equal(b.data, want->data, b.len);
	buf_done(&b);
}

/* Undo gives back the very bytes; so does a failure for want of memory. */
static void
check_return(struct chance *c, const struct ot_data *d, const struct ot_edit *a)
{
	struct ot_data *x = copy_of(d);
	struct ot_undo *undo = NULL;
	struct buf before = BUF_INIT;
	struct ot_err err;
	bool undoable = chance_below(c, 2);
	int rc;

	assert_true(t->print(x, &before));
	assert_int_equal(t->apply(x, a, &undo, &err), 0);
	t->undo(x, undo);
	assert_prints(x, &before);

	starve_after = (long)chance_below(c, 20);
	rc = t->apply(x, a, undoable ? &undo : NULL, &err);
	starve_after = 0;
	if (rc == 0 && undoable)
		t->undo(x, undo);	/* needs no memory */
	starve_after = -1;
	assert_true(rc == 0 || rc == OT_ENOMEM);
	if (rc != 0 || undoable)
		assert_prints(x, &before);
	t->data_free(x);
	buf_done(&before);
}

static void
test_properties(void **state)
{
	struct ot_data *d = document("[]"), *before;
	struct ot_edit *a, *b;
	struct chance c;
	size_t i, len;

	(void)state;
	chance_init(&c, "rich-text", 21);
	for (i = 0; i < 1000; i++) {
		len = length_of(d);
		if (len > 2000) {
			t->data_free(d);
			d = document("[]");
			continue;
		}
		a = random_edit(&c, len);
		b = random_edit(&c, len);
		check_diamond(d, a, b);
		check_return(&c, d, a);
		if (i % 10 == 0)
			hungry_verbs(t, d, a, b);
		before = copy_of(d);
		must_apply(d, a);
		t->edit_free(b);
		b = random_edit(&c, length_of(d));
		check_compose(before, a, b);
		t->data_free(before);
		t->edit_free(a);
		t->edit_free(b);
	}
	t->data_free(d);
}

/* ---- the runs by themselves, beside an array ---- */

#define TWIN_MAX	4000

static void
assert_runs(const struct tree *runs, const struct delta_run *twin, size_t n)
{
	const struct delta_run *run;
	struct delta_runs_walk w;
	size_t i, pos = 0, start;

	delta_runs_check(runs);
	delta_runs_walk_init(&w, runs, 0);
	for (i = 0; (run = delta_runs_walk_next(&w)) != NULL; i++) {
		assert_true(i < n);
		assert_int_equal(run->len_u16, twin[i].len_u16);
		assert_ptr_equal(run->attrs, twin[i].attrs);
		assert_int_equal(delta_runs_find(runs,
		    pos + run->len_u16 - 1, &start), i);
		assert_int_equal(start, pos);
		pos += run->len_u16;
	}
	assert_int_equal(i, n);
	assert_int_equal(delta_runs_find(runs, pos, &start), n);
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
	assert_non_null(attrs = json_object());
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
		cmocka_unit_test(test_refused_edits),
		cmocka_unit_test(test_create),
		cmocka_unit_test(test_edits_print_as_read),
		cmocka_unit_test(test_apply),
		cmocka_unit_test(test_apply_refuses_misfits),
		cmocka_unit_test(test_transform_and_compose),
		cmocka_unit_test(test_odd_fields),
		cmocka_unit_test(test_presence),
		cmocka_unit_test(test_properties),
		cmocka_unit_test(test_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
