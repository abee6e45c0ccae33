#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "bench/load/lots.h"
#include "bench/load/text.h"

#define BYTES_MAX	400000

/* Beside plain bytes: at the ends, at edges of blocks, by lot. */
static void
is_what_plain_bytes_are(void **state)
{
	static char plain[BYTES_MAX], piece[60000];
	struct text t = { NULL, 0, 0, 0 };
	uint64_t chance = 3;
	size_t len = 0;

	(void)state;
	while (len < BYTES_MAX / 2) {
		size_t n = lots_below(&chance, 20) == 0 ?
		    lots_below(&chance, sizeof(piece)) : lots_below(&chance, 300);
		size_t pos = lots_below(&chance, 4) == 0 ?
		    len / 16384 * 16384 : lots_below(&chance, len + 1);

		if (lots_below(&chance, 10) == 0)
			pos = len;
		if (n > BYTES_MAX - len)
			n = BYTES_MAX - len;
		lots_text(&chance, piece, n);
		assert_true(text_insert(&t, pos, piece, n));
		memmove(plain + pos + n, plain + pos, len - pos);
		memcpy(plain + pos, piece, n);
		len += n;
		assert_true(text_is(&t, plain, len));
	}
	assert_false(text_insert(&t, len + 1, piece, 1));
	assert_int_equal(t.len, len);
	assert_false(text_is(&t, plain, len - 1));
	plain[len / 2] ^= 1;
	assert_false(text_is(&t, plain, len));
	text_done(&t);
	assert_true(text_is(&t, "", 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_what_plain_bytes_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
