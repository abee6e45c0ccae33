/*
 * Edits by diff: from seeds, of every type; memory that runs out; how large
 * they are beside the edits that were really made.
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
#include "diffs.h"
#include "json1_chance.h"
#include "ot/type.h"
#include "starve.h"

#define HUNGRY_MAX	5000	/* allocations; more is a diff that never ends */

/* Each allocation failing in turn. */
static void
check_hungry(const struct ot_type *t, const char *from, const char *to)
{
	struct json_slice a = diffs_slice(from), b = diffs_slice(to);
	struct buf out = BUF_INIT;
	struct ot_err err;
	int rc = OT_ENOMEM;
	long n;

	for (n = 0; rc < 0 && n < HUNGRY_MAX; n++) {
		starve_after = n;
		rc = diff_edit(t, &a, &b, &out, &err);
		starve_after = -1;
		if (rc < 0)
			assert_int_equal(rc, OT_ENOMEM);
		buf_done(&out);
	}
	assert_true(rc >= 0);
}

static void
check_pair(struct chance *c, const struct ot_type *t, const char *from,
    const char *to)
{
	free(diffs_check(t, from, to));
	if (chance_below(c, 20) == 0)
		check_hungry(t, from, to);
}

/* ---- texts ---- */

static const char *const letters[] = {
	"a", "b", "e", " ", " ", "\\n", "z", "\xc3\xa9", "\xe6\x96\x87",
	"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x81", "\\ud83d", "\\ude00"
};

/* Letters of a text, NUL terminated; whole: none of them is half a pair. */
static void
put_letters(struct chance *c, struct buf *b, size_t n, bool whole)
{
	while (n-- > 0)
		buf_puts(b, letters[chance_below(c, whole ? 11 : 13)]);
}

/* A text of so many letters, each kept at an index. */
struct letters {
	const char	*at[4096];
	size_t		 n;
};

static void
letters_splice(struct chance *c, struct letters *l, size_t at, size_t gone,
    size_t come, bool whole)
{
	size_t i;

	if (l->n - gone + come > 4000)
		come = 0;
	memmove(l->at + at + come, l->at + at + gone,
	    (l->n - at - gone) * sizeof(l->at[0]));
	for (i = 0; i < come; i++)
		l->at[at + i] = letters[chance_below(c, whole ? 11 : 13)];
	l->n += come - gone;
}

static char *
letters_json(const struct letters *l)
{
	struct buf b = BUF_INIT;
	size_t i, len;

	buf_putc(&b, '"');
	for (i = 0; i < l->n; i++)
		buf_puts(&b, l->at[i]);
	buf_puts(&b, "\"");
	buf_putc(&b, '\0');
	return buf_take(&b, &len);
}

/* Some splices; what they take out and bring in, all together. */
static size_t
letters_edit(struct chance *c, struct letters *l, bool whole)
{
	size_t n = 1 + chance_below(c, 4), at, gone, come, all = 0;

	while (n-- > 0) {
		at = chance_below(c, l->n + 1);
		gone = chance_below(c, chance_below(c, 4) ? 6 : 100);
		gone = gone < l->n - at ? gone : l->n - at;
		come = chance_below(c, chance_below(c, 4) ? 6 : 100);
		letters_splice(c, l, at, gone, come, whole);
		all += gone + come;
	}
	return all;
}

/* What an edit of text-unicode takes out and brings in, in code points. */
static size_t
weigh(const char *op)
{
	struct buf text = BUF_INIT;
	struct json *v, *part;
	struct ot_err err;
	size_t i, all = 0;

	assert_int_equal(json_parse(op, strlen(op), 0, &v, &err), 0);
	for (i = 0; i < json_list_len(v); i++) {
		part = json_list_at(v, i);
		if (json_kind(part) == JSON_OBJECT) {
			all += (size_t)json_number_get(
			    json_object_value(part, "d"));
		} else if (json_kind(part) == JSON_STRING) {
			buf_reset(&text);
			json_string_put(part, &text, 0);
			all += utf_len_cp(text.data, text.len);
		}
	}
	buf_done(&text);
	json_unref(v);
	return all;
}

static void
test_texts(void **state)
{
	static const struct ot_type *const types[] = {
		&ot_type_text_unicode, &ot_type_text, &ot_type_text0
	};
	static struct letters l;
	struct chance c;
	char *from, *to;
	size_t i, kind;

	(void)state;
	chance_init(&c, "diff of texts", 31);
	for (i = 0; i < 3000; i++) {
		kind = chance_below(&c, 3);
		l.n = 0;
		letters_splice(&c, &l, 0, 0, chance_below(&c,
		    chance_below(&c, 10) ? 60 : 3500), kind == 0);
		from = letters_json(&l);
		if (chance_below(&c, 4) == 0)
			l.n = 0;		/* something else */
		letters_edit(&c, &l, kind == 0);
		to = letters_json(&l);
		check_pair(&c, types[kind], from, to);
		free(from);
		free(to);
	}
}

/* Words that repeat, as in what people write. */
static void
letters_prose(struct chance *c, struct letters *l, size_t n)
{
	static const char *const words[] = { "the ", "quick ", "brown ",
	    "fox ", "jumps ", "over ", "lazy ", "dog. ", "and ", "so " };
	const char *w;
	static char letter[128][2];
	size_t i;

	for (i = 0; i < 128; i++)
		letter[i][0] = (char)i;
	l->n = 0;
	while (l->n < n)
		for (w = words[chance_below(c, 10)]; *w != '\0'; w++)
			l->at[l->n++] = letter[(unsigned char)*w];
}

/*
 * In prose the edit is hardly larger than those that were made: what is kept by
 * chance is put anew, a few letters for each.
 */
static void
test_texts_are_small(void **state)
{
	static struct letters l;
	size_t i, made, all_made = 0, all = 0, weight;
	struct chance c;
	char *from, *to, *op;

	(void)state;
	chance_init(&c, "diff of prose", 32);
	for (i = 0; i < 1000; i++) {
		letters_prose(&c, &l, 100 + chance_below(&c, 3000));
		from = letters_json(&l);
		made = letters_edit(&c, &l, true);
		to = letters_json(&l);
		op = diffs_check(&ot_type_text_unicode, from, to);
		weight = op != NULL ? weigh(op) : 0;
		if (weight > made + made / 4 + 24)
			fail_msg("%zu, not %zu: %s\n%s\n%s", weight, made, op,
			    from, to);
		all_made += made;
		all += weight;
		free(op);
		free(from);
		free(to);
	}
	printf("# %zu letters for %zu\n", all, all_made);
	assert_true(all <= all_made + all_made / 20);
}

/* ---- values ---- */

static char *
random_value(struct chance *c)
{
	struct buf b = BUF_INIT;
	size_t len;

	put_value(c, &b, 4);
	buf_putc(&b, '\0');
	return buf_take(&b, &len);
}

static char *
edited_value(struct chance *c, const char *json)
{
	struct ot_data *data = edits_load(json1, json);
	struct ot_edit *edit = random_edit(c, data, 1 + chance_below(c, 4));
	struct ot_err err;
	char *out;

	if (json1->apply(data, edit, NULL, &err) != 0)
		fail_msg("%s", err.text);
	out = edits_print(json1, data);
	json1->edit_free(edit);
	json1->data_free(data);
	return out;
}

static void
test_values(void **state)
{
	struct chance c;
	char *from, *to;
	size_t i;

	(void)state;
	chance_init(&c, "diff of values", 33);
	for (i = 0; i < 4000; i++) {
		from = random_value(&c);
		to = chance_below(&c, 4) ? edited_value(&c, from) :
		    random_value(&c);
		if (strcmp(to, "undefined") != 0) {
			check_pair(&c, &ot_type_json0, from, to);
			check_pair(&c, &ot_type_json1, from, to);
		}
		free(from);
		free(to);
	}
}

/* Lists of few different items, of which some move. */
static void
put_items(struct chance *c, struct buf *b, size_t n, size_t kinds)
{
	static const char *const items[] = { "1", "\"abc\"", "[2]", "\"\"",
	    "{\"id\":1,\"x\":\"one\"}", "{\"id\":1,\"x\":\"ones\"}",
	    "{\"id\":2,\"x\":\"one\"}", "null", "\"abcd\"", "[[3],[]]" };
	size_t i, kind;

	buf_putc(b, '[');
	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_putc(b, ',');
		if ((kind = chance_below(c, kinds)) < 10) {
			buf_puts(b, items[kind]);
			continue;
		}
		buf_puts(b, "{\"id\":");
		buf_put_u64(b, kind);
		buf_puts(b, chance_below(c, 6) ? "}" : ",\"y\":\"word\"}");
	}
	buf_puts(b, "]");
	buf_putc(b, '\0');
}

static void
test_lists(void **state)
{
	struct buf from = BUF_INIT, to = BUF_INIT;
	struct chance c;
	size_t i, kinds;

	(void)state;
	chance_init(&c, "diff of lists", 34);
	for (i = 0; i < 4000; i++) {
		buf_reset(&from);
		buf_reset(&to);
		kinds = chance_below(&c, 3) ? 10 : 60;
		put_items(&c, &from, chance_below(&c, 40), kinds);
		put_items(&c, &to, chance_below(&c, 40), kinds);
		check_pair(&c, chance_below(&c, 2) ? &ot_type_json0 :
		    &ot_type_json1, from.data, to.data);
	}
	buf_done(&from);
	buf_done(&to);
}

/* ---- rich text ---- */

static void
put_run(struct chance *c, struct buf *b)
{
	static const char *const attrs[] = { "", ",\"attributes\":{\"b\":1}",
	    ",\"attributes\":{\"b\":1,\"i\":{\"x\":2}}",
	    ",\"attributes\":{\"b\":null}",
	    ",\"attributes\":{\"b\":null,\"i\":1}" };
	static const char *const embeds[] = { "{\"img\":1}", "{\"img\":2}", "7" };

	buf_puts(b, b->len > 1 ? ",{\"insert\":" : "{\"insert\":");
	if (chance_below(c, 4) == 0) {
		buf_puts(b, embeds[chance_below(c, 3)]);
	} else {
		buf_putc(b, '"');
		if (chance_below(c, 9) == 0)
			buf_puts(b, "\\u0000");
		put_letters(c, b, 1 + chance_below(c, 12), chance_below(c, 2));
		buf_putc(b, '"');
	}
	buf_puts(b, attrs[chance_below(c, chance_below(c, 4) ? 3 : 5)]);
	buf_putc(b, '}');
}

static void
test_rich_texts(void **state)
{
	struct buf from = BUF_INIT, to = BUF_INIT;
	struct chance c, again;
	size_t i, n;

	(void)state;
	chance_init(&c, "diff of rich texts", 35);
	for (i = 0; i < 4000; i++) {
		buf_reset(&from);
		buf_reset(&to);
		buf_putc(&from, '[');
		buf_putc(&to, '[');
		for (n = chance_below(&c, 8); n > 0; n--) {
			again = c;
			put_run(&c, &from);
			if (chance_below(&c, 3) > 0)	/* the same */
				put_run(&again, &to);
			if (chance_below(&c, 5) == 0)
				put_run(&c, &to);
		}
		buf_puts(&from, "]");
		buf_puts(&to, "]");
		buf_putc(&from, '\0');
		buf_putc(&to, '\0');
		check_pair(&c, &ot_type_rich_text, from.data, to.data);
	}
	buf_done(&from);
	buf_done(&to);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_texts_are_small),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_rich_texts),
	};

	return cmocka_run_group_tests_name("diff, random", tests, NULL, NULL);
}
