/* What documents take, in bytes of the allocator beside bytes of their JSON. */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "chance.h"
#include "edits.h"

/* ---- an allocator that counts ---- */

#define OVERHEAD	8	/* bytes that an allocation takes besides, about */

static size_t held;		/* bytes */

void	*__real_malloc(size_t size);
void	*__real_realloc(void *p, size_t size);
void	*__real_calloc(size_t n, size_t size);
void	 __real_free(void *p);
void	*__wrap_malloc(size_t size);
void	*__wrap_realloc(void *p, size_t size);
void	*__wrap_calloc(size_t n, size_t size);
void	 __wrap_free(void *p);

static size_t
taken(void *p)
{
	return p != NULL ? malloc_usable_size(p) + OVERHEAD : 0;
}

void *
__wrap_malloc(size_t size)
{
	void *p = __real_malloc(size);

	held += taken(p);
	return p;
}

void *
__wrap_realloc(void *p, size_t size)
{
	size_t before = taken(p);
	void *moved = __real_realloc(p, size);

	if (moved != NULL)
		held += taken(moved) - before;
	return moved;
}

void *
__wrap_calloc(size_t n, size_t size)
{
	void *p = __real_calloc(n, size);

	held += taken(p);
	return p;
}

void
__wrap_free(void *p)
{
	held -= taken(p);
	__real_free(p);
}

/* ---- shapes ---- */

static void
put_records(struct buf *b, struct chance *c)
{
	int i;

	(void)c;
	buf_puts(b, "{\"records\":[");
	for (i = 0; i < 100; i++)
		buf_puts(b, i > 0 ? ",{\"name\":\"a name\",\"count\":0,"
		    "\"done\":false,\"text\":\"\"}" : "{\"name\":\"a name\","
		    "\"count\":0,\"done\":false,\"text\":\"\"}");
	buf_puts(b, "]}");
}

static void
put_deep(struct buf *b, struct chance *c)
{
	int i;

	(void)c;
	for (i = 0; i < 250; i++)
		buf_puts(b, "{\"type\":\"box\",\"children\":[");
	while (i-- > 0)
		buf_puts(b, "]}");
}

static void
put_numbers(struct buf *b, struct chance *c)
{
	int i;

	buf_putc(b, '[');
	for (i = 0; i < 10000; i++) {
		if (i > 0)
			buf_putc(b, ',');
		json_put_number(b, (double)chance_below(c, 1000));
	}
	buf_putc(b, ']');
}

static void
put_fractions(struct buf *b, struct chance *c)
{
	int i;

	buf_putc(b, '[');
	for (i = 0; i < 10000; i++) {
		if (i > 0)
			buf_putc(b, ',');
		json_put_number(b, (double)chance_below(c, 1000) / 100);
	}
	buf_putc(b, ']');
}

static void
put_prose(struct buf *b, struct chance *c, size_t len)
{
	while (len-- > 0)
		buf_putc(b, "etaoin shrdlu"[chance_below(c, 13)]);
}

static void
put_long_strings(struct buf *b, struct chance *c)
{
	size_t i;

	buf_putc(b, '[');
	for (i = 0; i < 50; i++) {
		buf_puts(b, i > 0 ? ",\"" : "\"");
		put_prose(b, c, 1 + chance_below(c, 40000));
		buf_puts(b, i % 5 == 0 ? "\xe4\xb8\xad\"" : "\"");
	}
	buf_putc(b, ']');
}

/* As many kinds of things as a real one has. */
static void
put_mixed(struct buf *b, struct chance *c)
{
	int i;

	buf_puts(b, "{\"title\":\"A plan\",\"tasks\":{");
	for (i = 0; i < 300; i++) {
		buf_puts(b, i > 0 ? ",\"task-" : "\"task-");
		buf_put_u64(b, 1000 + (uint64_t)i);
		buf_puts(b, "\":{\"title\":\"");
		put_prose(b, c, 10 + chance_below(c, 40));
		buf_puts(b, "\",\"tags\":[\"home\",\"later\"],\"due\":");
		json_put_number(b, 1.7e12 + (double)chance_below(c, 1000000));
		buf_puts(b, ",\"at\":{\"x\":12.5,\"y\":-3},\"by\":null}");
	}
	buf_puts(b, "}}");
}

static const struct shape {
	const char	*name;
	void		(*put)(struct buf *b, struct chance *c);
} shapes[] = {
	{ "100 records", put_records },
	{ "deep", put_deep },
	{ "numbers", put_numbers },
	{ "fractions", put_fractions },
	{ "long strings", put_long_strings },
	{ "mixed", put_mixed },
};

/* A document of that JSON takes fewer than most times its bytes. */
static void
check(const struct ot_type *type, const char *name, struct buf *json,
    double most)
{
	struct ot_data *data;
	size_t before = held, took;

	buf_putc(json, '\0');
	assert_false(buf_failed(json));
	data = edits_load(type, json->data);
	took = held - before;
	printf("# %s, %s: %zu bytes take %zu, %.2f each\n", type->name, name,
	    json->len - 1, took, (double)took / (double)(json->len - 1));
	assert_true((double)took < most * (double)(json->len - 1));
	type->data_free(data);
	assert_int_equal(held, before);
}

static void
test_json(void **state)
{
	struct chance c;
	struct buf json = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		chance_init(&c, shapes[i].name, i);
		shapes[i].put(&json, &c);
		check(&ot_type_json0, shapes[i].name, &json, 3);
		json.len--;
		check(&ot_type_json1, shapes[i].name, &json, 3);
		buf_done(&json);
	}
}

/* ---- texts ---- */

static const struct {
	const struct ot_type	*type;
	const char		*doc, *end;	/* around the text */
	const char		*op[2];		/* around a position */
} texts[] = {
	{ &ot_type_text0, "", "", { "[{\"p\":", ",\"i\":\"x\"}]" } },
	{ &ot_type_text, "", "", { "[", ",\"x\"]" } },
	{ &ot_type_text_unicode, "", "", { "[", ",\"x\"]" } },
	{ &ot_type_json0, "{\"t\":", "}", { "[{\"p\":[\"t\",", "],\"si\":\"x\"}]" } },
	{ &ot_type_json1, "{\"t\":", "}", { "[\"t\",{\"es\":[", ",\"x\"]}]" } },
};

#define TEXT_BYTES	200000
#define INSERTS		20000

/*
 * A text takes less than twice its bytes; a little more when leaves that were
 * full have just parted, because it was edited all over.
 */
static void
check_text(size_t k, struct chance *c)
{
	const struct ot_type *type = texts[k].type;
	struct buf json = BUF_INIT;
	struct ot_edit *edit;
	struct ot_data *data;
	struct ot_err err;
	char op[64];
	size_t i, before;

	buf_puts(&json, texts[k].doc);
	buf_putc(&json, '"');
	put_prose(&json, c, TEXT_BYTES);
	buf_putc(&json, '"');
	buf_puts(&json, texts[k].end);
	buf_putc(&json, '\0');
	before = held;
	data = edits_load(type, json.data);
	assert_true(held - before < 2 * TEXT_BYTES);
	for (i = 0; i < INSERTS; i++) {
		snprintf(op, sizeof(op), "%s%zu%s", texts[k].op[0],
		    1 + chance_below(c, TEXT_BYTES + i - 1), texts[k].op[1]);
		edit = edits_parse(type, op);
		assert_int_equal(type->apply(data, edit, NULL, &err), 0);
		type->edit_free(edit);
	}
	printf("# %s: %d bytes take %zu\n", type->name, TEXT_BYTES + INSERTS,
	    held - before);
	assert_true(held - before < 5 * (TEXT_BYTES + INSERTS) / 2);
	type->data_free(data);
	assert_int_equal(held, before);
	buf_done(&json);
}

static void
test_texts(void **state)
{
	struct chance c;
	size_t k;

	(void)state;
	chance_init(&c, __func__, 7);
	for (k = 0; k < sizeof(texts) / sizeof(texts[0]); k++)
		check_text(k, &c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
