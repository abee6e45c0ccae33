#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "bench/load/insert.h"
#include "bench/load/lots.h"
#include "ot/type.h"

/* The kernel's edit of an insert. */
static struct ot_edit *
edit_of(const struct insert_type *type, const struct insert *in)
{
	const struct ot_type *ot = ot_type_find(type->uri);
	struct ot_edit *edit = NULL;
	struct buf b = BUF_INIT;
	struct ot_err err;

	assert_non_null(ot);
	insert_print(type, in, &b);
	assert_int_equal(ot->edit_parse(b.data, b.len, &edit, &err), 0);
	buf_done(&b);
	return edit;
}

static struct insert
draw(uint64_t *chance, uint64_t len)
{
	struct insert in = { .pos = lots_below(chance, len + 1) };

	lots_text(chance, in.text, INSERT_LEN);
	return in;
}

/* What the kernel prints is read back; so is what we print. */
static void
every_type_is_read_as_it_is_written(void **state)
{
	static const uint64_t places[] = { 0, 1, 9, 10, 123456789012 };
	const struct insert_type *type;

	(void)state;
	for (size_t t = 0; (type = insert_type_at(t)) != NULL; t++) {
		assert_ptr_equal(insert_type_find(type->name), type);
		for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
			struct insert in = { places[i], "aZ09" }, out;
			struct ot_edit *edit = edit_of(type, &in);
			struct buf b = BUF_INIT;

			ot_type_find(type->uri)->edit_print(edit, &b);
			assert_true(insert_scan(type,
			    (struct span){ b.data, b.len }, &out));
			assert_int_equal(out.pos, in.pos);
			assert_memory_equal(out.text, in.text, INSERT_LEN);
			ot_type_find(type->uri)->edit_free(edit);
			buf_reset(&b);
			insert_print(type, &in, &b);
			assert_true(insert_scan(type,
			    (struct span){ b.data, b.len }, &out));
			assert_int_equal(out.pos, in.pos);
			buf_done(&b);
		}
	}
	assert_null(insert_type_find("json2"));
}

static void
other_edits_are_none(void **state)
{
	static const char *const rows[][2] = {
		{ "text", "[]" }, { "text", "[5]" }, { "text", "[5,\"abc\"]" },
		{ "text", "[5,\"abcde\"]" }, { "text", "[5,\"abcd\",{\"d\":1}]" },
		{ "text", "[5,{\"d\":4}]" }, { "text", "[\"abcd\",5,\"abcd\"]" },
		{ "text", "[-5,\"abcd\"]" }, { "text", "" },
		{ "text0", "[{\"p\":5,\"d\":\"abcd\"}]" },
		{ "text0", "[{\"p\":5,\"i\":\"abc\"}]" },
		{ "json0", "[{\"p\":[\"text\",5],\"sd\":\"abcd\"}]" },
		{ "json0", "[{\"p\":[\"txt\",5],\"si\":\"abcd\"}]" },
		{ "json0", "[{\"p\":[\"text\",5],\"si\":\"abcd\"},{\"p\":[\"text\",50],\"si\":\"abcdefghij\"}]" },
	};
	struct insert in;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_false(insert_scan(insert_type_find(rows[i][0]),
		    (struct span){ rows[i][1], strlen(rows[i][1]) }, &in));
	assert_false(insert_scan(insert_type_at(0), (struct span){ NULL, 0 }, &in));
}

/* One comparison does what the kernel's transform does, as the left one. */
static void
transforms_as_the_kernel_does(void **state)
{
	const struct insert_type *type;
	uint64_t chance = 11;

	(void)state;
	for (size_t t = 0; (type = insert_type_at(t)) != NULL; t++) {
		const struct ot_type *ot = ot_type_find(type->uri);

		for (int i = 0; i < 2000; i++) {
			uint64_t len = lots_below(&chance, 12);
			struct insert mine = draw(&chance, len);
			struct insert other = draw(&chance, len), out;
			struct ot_edit *edit = edit_of(type, &mine);
			struct ot_edit *beside = edit_of(type, &other), *after;
			struct buf b = BUF_INIT;
			struct ot_err err;

			assert_int_equal(ot->transform(edit, beside, OT_LEFT,
			    &after, &err), 0);
			ot->edit_print(after, &b);
			assert_true(insert_scan(type,
			    (struct span){ b.data, b.len }, &out));
			insert_transform(&mine, &other);
			assert_int_equal(mine.pos, out.pos);
			ot->edit_free(edit);
			ot->edit_free(beside);
			ot->edit_free(after);
			buf_done(&b);
		}
	}
}

static void
finds_the_text_of_a_document(void **state)
{
	static const struct {
		const char	*type, *data, *text;	/* text NULL: it is none */
	} rows[] = {
		{ "text", "\"abc\"", "abc" },
		{ "text", "\"\"", "" },
		{ "text", "\"", NULL },
		{ "text", "{\"text\":\"abc\"}", NULL },
		{ "text", "\"a\\nb\"", NULL },
		{ "json0", "{\"text\":\"abc\"}", "abc" },
		{ "json0", "{\"text\":\"abc\",\"x\":\"\"}", NULL },
		{ "json0", "\"abc\"", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct span s = insert_text(insert_type_find(rows[i].type),
		    (struct span){ rows[i].data, strlen(rows[i].data) });

		if (rows[i].text == NULL)
			assert_null(s.at);
		else
			assert_true(s.at != NULL && span_is(s, rows[i].text));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_is_read_as_it_is_written),
		cmocka_unit_test(other_edits_are_none),
		cmocka_unit_test(transforms_as_the_kernel_does),
		cmocka_unit_test(finds_the_text_of_a_document),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
