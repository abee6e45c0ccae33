/*
 * Filters: three lines, a query and two documents.  What is understood reads
 * as the same again, matches what its opposite does not, orders the two one
 * way, and becomes SQL that holds nothing of its own words.
 */
#include <stdlib.h>
#include <string.h>

#include "core/filter.h"
#include "fuzz/input.h"
#include "ot/json_value.h"
#include "store/pg_select.h"

#define MARK	"zqzq"		/* stands in no SQL of ours */

static struct filter *
parse(const char *text, size_t len)
{
	struct json_slice slice;
	struct json_reader r;
	struct filter *f = NULL;
	struct ot_err err;
	int rc;

	json_reader_init(&r, text, len, &err);
	if (json_skip(&r, &slice) != 0 || json_finish(&r) != 0)
		return NULL;
	if ((rc = filter_parse(&slice, &f, &err)) != 0) {
		must_be_refusal(rc, &err);
		must(f == NULL, "a refused filter");
	}
	return f;
}

/* The same with "around" its conditions. */
static struct filter *
opposite(const struct filter *f)
{
	struct buf b = BUF_INIT;
	struct filter *not;
	size_t len;

	buf_puts(&b, "{\"$nor\":[");
	buf_puts(&b, filter_text(f, &len));
	buf_puts(&b, "]}");
	not = parse(b.data, b.len);
	buf_done(&b);
	return not;
}

static void
check_sql(struct filter *f)
{
	static struct pg_select select;
	struct job_find find = { .collection = (char *)"c", .filter = f };
	int i;

	must(pg_select_make(&select, &find, 10), "no SQL");
	must(strlen(select.sql.data) + 1 == select.sql.len, "NUL in SQL");
	must(strstr(select.sql.data, MARK) == NULL, "its words in SQL");
	for (i = 0; i < select.n; i++)
		must(select.values[i] != NULL, "a parameter that is none");
	pg_select_done(&select);
}

static void
check_order(const struct filter *f, const struct filter_doc *a,
    const struct filter_doc *b)
{
	struct filter_key *x = filter_key_new(f, a), *y = filter_key_new(f, b);
	int there = filter_key_compare(f, x, y);
	int back = filter_key_compare(f, y, x);

	must((there < 0) == (back > 0) && there != 0, "order");
	must(filter_key_compare(f, x, x) == 0, "before itself");
	filter_key_free(x);
	filter_key_free(y);
}

static void
check(struct filter *f, const struct filter_doc *a, const struct filter_doc *b)
{
	struct filter *again, *not;
	const char *text, *other;
	size_t len, other_len;

	text = filter_text(f, &len);
	again = parse(text, len);
	must(again != NULL, "its own text is refused");
	other = filter_text(again, &other_len);
	must(len == other_len && memcmp(text, other, len) == 0,
	    "its own text reads otherwise");
	must(filter_match(f, a) == filter_match(again, a), "the same filter");
	if ((not = opposite(f)) != NULL)
		must(filter_match(f, a) != filter_match(not, a),
		    "matches with its opposite");
	check_order(f, a, b);
	check_sql(f);
	filter_unref(not);
	filter_unref(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct json *a = NULL, *b = NULL;
	struct filter *f;
	struct ot_err err;
	struct input in;

	input_init(&in, bytes, len);
	f = parse(in.lines[0].p, in.lines[0].len);
	if (json_parse(in.lines[1].p, in.lines[1].len, 0, &a, &err) != 0)
		a = NULL;
	if (json_parse(in.lines[2].p, in.lines[2].len, 0, &b, &err) != 0)
		b = NULL;
	if (f != NULL)
		check(f, &(struct filter_doc){ "a", 1, "type", a },
		    &(struct filter_doc){ "b", 2, "type", b });
	filter_unref(f);
	json_unref(a);
	json_unref(b);
	input_done(&in);
	return 0;
}
