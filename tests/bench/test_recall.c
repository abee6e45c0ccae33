#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "bench/load/recall.h"

/* Every byte counts, the last ones too; others push it out, never mix. */
static void
only_the_same_bytes_are_known(void **state)
{
	char text[RECALL_BYTES + 1], other[RECALL_BYTES + 1];
	struct recall_slot *slot;
	struct recall r;
	bool known;

	(void)state;
	recall_init(&r);
	memset(text, 'x', sizeof(text));
	for (size_t len = 1; len <= RECALL_BYTES; len++) {
		slot = recall_find(&r, text, len, &known);
		assert_false(known);
		assert_memory_equal(slot->bytes, text, len);
		slot->heard.doc = (uint32_t)len;
		assert_ptr_equal(recall_find(&r, text, len, &known), slot);
		assert_true(known);
		assert_int_equal(slot->heard.doc, len);
		memcpy(other, text, len);
		other[len - 1] = 'y';
		recall_find(&r, other, len, &known);
		assert_false(known);
		slot = recall_find(&r, text, len, &known);
		recall_forget(slot);
		recall_find(&r, text, len, &known);
		assert_false(known);
	}
	assert_null(recall_find(&r, text, RECALL_BYTES + 1, &known));
	recall_done(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_same_bytes_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
