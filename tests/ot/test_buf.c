/* buf: growing, the ceiling, and what failure leaves behind; ot_err beside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ot/buf.h"
#include "ot/ot_err.h"
#include "starve.h"

static void
test_put(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	buf_puts(&b, "abc");
	buf_putc(&b, '-');
	buf_put(&b, "\0x", 2);
	buf_put(&b, NULL, 0);
	buf_put_u64(&b, 0);
	buf_put_u64(&b, UINT64_MAX);
	assert_false(buf_failed(&b));
	assert_int_equal(b.len, 27);
	assert_memory_equal(b.data, "abc-\0x018446744073709551615", 27);
	buf_done(&b);
	assert_null(b.data);
	assert_int_equal(b.len, 0);
}

static void
test_growing_keeps_content(void **state)
{
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < 100000; i++)
		buf_putc(&b, (char)('a' + i % 26));
	assert_int_equal(b.len, 100000);
	for (i = 0; i < 100000; i++)
		assert_int_equal(b.data[i], 'a' + i % 26);
	buf_done(&b);
}

static void
test_ceiling(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 5);
	buf_puts(&b, "abcde");
	assert_false(buf_failed(&b));
	assert_non_null(buf_room(&b, 0));
	buf_putc(&b, 'f');
	assert_true(buf_failed(&b));
	buf_reset(&b);
	assert_false(buf_failed(&b));
	buf_puts(&b, "abcdef");		/* all or nothing */
	assert_true(buf_failed(&b));
	assert_int_equal(b.len, 0);
	buf_putc(&b, 'a');		/* sticky */
	assert_int_equal(b.len, 0);
	buf_done(&b);
	assert_int_equal(b.max, 5);
	assert_false(buf_failed(&b));
}

static void
test_room(void **state)
{
	struct buf b = BUF_INIT;
	char *room;

	(void)state;
	buf_puts(&b, "ab");
	room = buf_room(&b, 1000);
	assert_non_null(room);
	memset(room, 'x', 1000);
	assert_int_equal(b.len, 2);
	assert_ptr_equal(room, b.data + 2);
	assert_null(buf_room(&b, SIZE_MAX - 1));
	assert_true(buf_failed(&b));
	buf_done(&b);
}

static void
test_take(void **state)
{
	struct buf b = BUF_INIT;
	size_t len = 7;
	char *bytes;

	(void)state;
	assert_null(buf_take(&b, &len));
	assert_int_equal(len, 0);
	buf_puts(&b, "abc");
	bytes = buf_take(&b, &len);
	assert_int_equal(len, 3);
	assert_memory_equal(bytes, "abc", 3);
	assert_int_equal(b.len, 0);
	assert_null(b.data);
	free(bytes);

	buf_init(&b, 3);
	buf_puts(&b, "abc");
	buf_putc(&b, 'd');
	assert_null(buf_take(&b, &len));
	assert_int_equal(len, 0);
	assert_false(buf_failed(&b));
}

static void
test_out_of_memory(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	buf_puts(&b, "abc");
	starve_after = 0;
	while (!buf_failed(&b))
		buf_putc(&b, 'x');
	buf_puts(&b, "y");
	starve_after = -1;
	assert_true(buf_failed(&b));
	assert_memory_equal(b.data, "abcx", 4);
	buf_done(&b);
}

static void
test_err_text_is_cut_at_a_character(void **state)
{
	struct ot_err err;
	char text[400];
	size_t pad, len;

	(void)state;
	for (pad = 0; pad < 5; pad++) {
		memset(text, 'a', pad);
		for (len = pad; len + 4 < sizeof(text); len += 4)
			memcpy(text + len, "\xf0\x9f\x98\x80", 4);
		text[len] = '\0';
		assert_int_equal(ot_fail(&err, OT_EAPPLY, "%s", text),
		    OT_EAPPLY);
		len = strlen(err.text);
		assert_true(len >= sizeof(err.text) - 4);
		assert_int_equal((len - pad) % 4, 0);
	}
	assert_int_equal(ot_fail(&err, OT_EJSON, "x%d", 5), OT_EJSON);
	assert_string_equal(err.text, "x5");
	assert_int_equal(err.code, OT_EJSON);
}

static void
test_wire_codes(void **state)
{
	(void)state;
	assert_string_equal(ot_wire_code(OT_EAPPLY), "ERR_OT_OP_NOT_APPLIED");
	assert_string_equal(ot_wire_code(OT_ETYPE), "");
	assert_string_equal(ot_wire_code(0), "");
	assert_string_equal(ot_wire_code(12345), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_put),
		cmocka_unit_test(test_growing_keeps_content),
		cmocka_unit_test(test_ceiling),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_take),
		cmocka_unit_test(test_out_of_memory),
		cmocka_unit_test(test_err_text_is_cut_at_a_character),
		cmocka_unit_test(test_wire_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
