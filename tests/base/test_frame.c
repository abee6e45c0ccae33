#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/frame.h"

/* RFC 6455, section 5.2: the shortest of three forms of the length. */
static void
header_takes_the_shortest_form(void **state)
{
	static const struct {
		size_t		len;
		uint8_t		header_len;
		unsigned char	header[10];
	} rows[] = {
		{ 0, 2, { 0x81, 0 } },
		{ 1, 2, { 0x81, 1 } },
		{ 125, 2, { 0x81, 125 } },
		{ 126, 4, { 0x81, 126, 0, 126 } },
		{ 65535, 4, { 0x81, 126, 0xff, 0xff } },
		{ 65536, 10, { 0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0 } },
		{ 70000, 10, { 0x81, 127, 0, 0, 0, 0, 0, 1, 0x11, 0x70 } },
	};
	char *payload = malloc(70000);

	(void)state;
	assert_non_null(payload);
	memset(payload, 'p', 70000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct frame *f = frame_new(payload, rows[i].len);

		assert_int_equal(f->header_len, rows[i].header_len);
		assert_memory_equal(f->wire, rows[i].header, f->header_len);
		assert_int_equal(frame_payload_len(f), rows[i].len);
		assert_int_equal(f->wire_len, rows[i].len + f->header_len);
		if (rows[i].len != 0)
			assert_memory_equal(frame_payload(f), payload,
			    rows[i].len);
		/* The headroom is ours to scribble on. */
		memset(f->wire - FRAME_HEADROOM, 0xee, FRAME_HEADROOM);
		assert_int_equal(f->refs, 1);
		frame_unref(f);
	}
	free(payload);
}

static void
the_last_to_let_go_frees(void **state)
{
	struct frame *f = frame_new("x", 1);

	(void)state;
	assert_ptr_equal(frame_ref(f), f);
	frame_unref(f);
	assert_int_equal(f->refs, 1);
	assert_int_equal(*frame_payload(f), 'x');
	frame_unref(f);
	frame_unref(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header_takes_the_shortest_form),
		cmocka_unit_test(the_last_to_let_go_frees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
