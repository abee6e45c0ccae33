#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/err.h"

static void
none_is_no_error(void **state)
{
	(void)state;
	assert_string_equal(err_wire(ERR_NONE), "");
	assert_string_equal(err_text(ERR_NONE), "");
	assert_int_equal(err_http(ERR_NONE), 200);
}

static void
every_row_is_whole(void **state)
{
	static const enum err all[] = {
#define ERR(name, wire, http, sentence) name,
#include "base/err.def"
#undef ERR
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		assert_int_equal(strncmp(err_wire(all[i]), "ERR_", 4), 0);
		assert_in_range(err_http(all[i]), 400, 599);
		assert_true(strlen(err_text(all[i])) > 5);
	}
}

static void
a_row_is_under_its_own_name(void **state)
{
	(void)state;
	assert_string_equal(err_wire(ERR_BUSY), "ERR_OTD_BUSY");
	assert_int_equal(err_http(ERR_BUSY), 503);
	assert_string_equal(err_text(ERR_BUSY), "The document has "
	    "too many requests waiting; try again");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(none_is_no_error),
		cmocka_unit_test(every_row_is_whole),
		cmocka_unit_test(a_row_is_under_its_own_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
