/*
 * The JSON reader and writer: both ways to read agree, and what is printed
 * reads as the same and prints the same.
 */
#include <math.h>

#include "fuzz/input.h"
#include "ot/json.h"
#include "ot/json_value.h"
#include "ot/utf.h"

/* What a slice of one value tells agrees with the value. */
static void
check_slice(const struct json_slice *slice, const struct json *v)
{
	struct buf a = BUF_INIT, b = BUF_INIT;

	must(slice->kind == json_kind(v), "a slice of another kind");
	if (slice->kind == JSON_STRING) {
		json_slice_string(slice, &a);
		json_string_put(v, &b, 0);
		must_equal(&a, &b, "a slice of another string");
		must(json_string_len_bytes(v) == b.len, "bytes miscounted");
		must(!json_slice_truthy(slice) == (b.len == 0), "truth");
	} else if (slice->kind == JSON_NUMBER) {
		must(isfinite(json_number_get(v)), "a number out of range");
		must(json_slice_number(slice) == json_number_get(v),
		    "a slice of another number");
	}
	buf_done(&a);
	buf_done(&b);
}

static void
check_value(const struct json *v)
{
	struct buf once = BUF_INIT, again = BUF_INIT;
	struct json *copy = NULL;
	struct ot_err err;

	json_print(v, &once);
	must(!buf_failed(&once) && utf_is_utf8(once.data, once.len),
	    "what is printed is not UTF-8");
	must(json_parse(once.data, once.len, 0, &copy, &err) == 0,
	    "what is printed cannot be read");
	must(json_deep_equal(v, copy) && json_deep_equal(copy, v),
	    "what is read again is another value");
	must(json_height(v) == json_height(copy) &&
	    json_height(v) <= JSON_DEPTH_MAX, "height");
	json_print(copy, &again);
	must_equal(&once, &again, "prints otherwise the second time");
	json_unref(copy);
	buf_done(&once);
	buf_done(&again);
}

/* One deep, item by item, as the parsers of ops read. */
static bool
walk(const char *text, size_t len, enum json_kind kind)
{
	struct json_slice key;
	struct json_reader r;
	struct buf name = BUF_INIT;
	struct ot_err err;
	int rc;

	json_reader_init(&r, text, len, &err);
	if (json_enter(&r, kind) != 0)
		return false;
	if (kind == JSON_LIST) {
		while ((rc = json_next_item(&r)) > 0 &&
		    (rc = json_skip(&r, NULL)) == 0)
			;
	} else {
		while ((rc = json_next_member(&r, &key)) > 0) {
			json_slice_string(&key, &name);
			if ((rc = json_skip(&r, NULL)) != 0)
				break;
		}
	}
	buf_done(&name);
	return rc == 0 && json_finish(&r) == 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const char *text = (const char *)bytes;
	struct json *v = NULL, *strict = NULL;
	struct json_slice slice;
	struct json_reader r;
	struct ot_err err;
	bool skipped;
	int rc;

	json_reader_init(&r, text, len, &err);
	skipped = json_skip(&r, &slice) == 0 && json_finish(&r) == 0;
	if ((rc = json_parse(text, len, 0, &v, &err)) != 0)
		must_be_refusal(rc, &err);
	must(skipped == (rc == 0), "one way to read refuses, one does not");
	if (rc == 0) {
		check_slice(&slice, v);
		check_value(v);
		if (slice.kind == JSON_LIST || slice.kind == JSON_OBJECT)
			must(walk(text, len, slice.kind), "walking refuses");
		if (json_parse(text, len, JSON_NO_PROTO, &strict, &err) == 0)
			must(json_deep_equal(v, strict), "without __proto__");
	}
	json_unref(v);
	json_unref(strict);
	return 0;
}
