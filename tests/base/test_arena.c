#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdalign.h>
#include <string.h>

#include "base/arena.h"

static void
bytes_are_zeroed_aligned_and_apart(void **state)
{
	struct arena a;
	unsigned char *all[400];
	size_t lens[400];

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < 400; i++) {
		lens[i] = i * 7 % 113;
		all[i] = arena_get(&a, lens[i]);
		assert_int_equal((uintptr_t)all[i] % alignof(max_align_t), 0);
		for (size_t j = 0; j < lens[i]; j++)
			assert_int_equal(all[i][j], 0);
		memset(all[i], (int)(i & 0xff), lens[i]);
	}
	for (size_t i = 0; i < 400; i++)
		for (size_t j = 0; j < lens[i]; j++)
			assert_int_equal(all[i][j], i & 0xff);
	arena_done(&a);
}

static void
a_large_piece_leaves_the_room_of_the_block(void **state)
{
	struct arena a;
	char *before, *large, *after;

	(void)state;
	arena_init(&a);
	before = arena_get(&a, 16);
	large = arena_get(&a, 1 << 20);
	memset(large, 'x', 1 << 20);
	after = arena_get(&a, 16);
	assert_ptr_equal(after, before + 16);
	assert_int_equal(a.bytes, 16 + (1 << 20) + 16);
	arena_done(&a);
}

static void
a_large_piece_may_come_first(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);
	memset(arena_get(&a, 100000), 'x', 100000);
	memset(arena_get(&a, 10), 'y', 10);
	arena_done(&a);
}

static void
copies_end_in_nul(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);
	assert_string_equal(arena_copy(&a, "hello there", 5), "hello");
	assert_string_equal(arena_copy(&a, NULL, 0), "");
	assert_memory_equal(arena_copy(&a, "a\0b", 3), "a\0b", 4);
	arena_done(&a);
}

static void
done_leaves_it_as_new(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);
	arena_done(&a);
	arena_get(&a, 1);
	arena_done(&a);
	assert_null(a.head);
	assert_int_equal(a.bytes, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_are_zeroed_aligned_and_apart),
		cmocka_unit_test(a_large_piece_leaves_the_room_of_the_block),
		cmocka_unit_test(a_large_piece_may_come_first),
		cmocka_unit_test(copies_end_in_nul),
		cmocka_unit_test(done_leaves_it_as_new),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
