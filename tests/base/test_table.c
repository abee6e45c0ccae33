#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "base/mem.h"
#include "base/table.h"

struct thing {
	struct table_node	node;	/* first: a node is a thing */
	char			key[16];
	unsigned		seen;
};

static bool
thing_match(const struct table_node *node, const void *key)
{
	return strcmp(((const struct thing *)(const void *)node)->key, key) == 0;
}

static struct thing *
thing_find(struct table *t, const char *key)
{
	return (struct thing *)(void *)table_find(t,
	    table_hash(t, key, strlen(key)), thing_match, key);
}

static void
what_is_added_is_found_until_removed(void **state)
{
	enum { N = 3000 };
	struct thing *all = mem_get(N * sizeof(*all));
	struct table t;

	(void)state;
	table_init(&t, 42);
	assert_null(thing_find(&t, "k0"));
	for (unsigned i = 0; i < N; i++) {
		snprintf(all[i].key, sizeof(all[i].key), "k%u", i);
		table_add(&t, &all[i].node,
		    table_hash(&t, all[i].key, strlen(all[i].key)));
	}
	assert_int_equal(t.n, N);
	for (unsigned i = 0; i < N; i += 2)
		table_remove(&t, &all[i].node);
	for (unsigned i = 0; i < N; i++)
		assert_ptr_equal(thing_find(&t, all[i].key),
		    i % 2 == 0 ? NULL : &all[i]);
	assert_int_equal(t.n, N / 2);
	table_done(&t);
	free(all);
}

static void
a_walk_meets_each_once(void **state)
{
	struct thing all[100];
	struct table_node *node = NULL;
	struct table t;
	size_t n = 0;

	(void)state;
	memset(all, 0, sizeof(all));
	table_init(&t, 1);
	assert_null(table_next(&t, NULL));
	for (unsigned i = 0; i < 100; i++)	/* all in a few buckets */
		table_add(&t, &all[i].node, i % 3);
	while ((node = table_next(&t, node)) != NULL) {
		((struct thing *)(void *)node)->seen++;
		n++;
	}
	assert_int_equal(n, 100);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(all[i].seen, 1);
	table_done(&t);
}

/* Lengths around the words that the hash eats must all count. */
static void
hashes_depend_on_every_byte_and_the_seed(void **state)
{
	unsigned char bytes[40] = { 0 };
	struct table t, u;

	(void)state;
	table_init(&t, 7);
	table_init(&u, 8);
	for (size_t len = 0; len < sizeof(bytes); len++) {
		uint64_t h = table_hash(&t, bytes, len);

		assert_int_not_equal(h, table_hash(&u, bytes, len));
		assert_int_not_equal(h, table_hash(&t, bytes, len + 1));
		assert_int_equal(h, table_hash(&t, bytes, len));
		for (size_t i = 0; i < len; i++) {
			bytes[i] ^= 0x40;
			assert_int_not_equal(h, table_hash(&t, bytes, len));
			bytes[i] ^= 0x40;
		}
	}
}

static void
parts_of_a_key_do_not_run_together(void **state)
{
	struct table t;

	(void)state;
	table_init(&t, 7);
	assert_int_not_equal(
	    table_hash_more(table_hash(&t, "ab", 2), "c", 1),
	    table_hash_more(table_hash(&t, "a", 1), "bc", 2));
}

static void
buckets_fill_evenly(void **state)
{
	enum { N = 64, PER = 200 };
	unsigned counts[N] = { 0 };
	struct table t;
	char key[16];

	(void)state;
	table_init(&t, 99);
	for (unsigned i = 0; i < N * PER; i++) {
		int n = snprintf(key, sizeof(key), "doc-%u", i);

		counts[table_hash(&t, key, (size_t)n) % N]++;
	}
	for (unsigned i = 0; i < N; i++)	/* five and more deviations */
		assert_in_range(counts[i], PER / 2, PER * 3 / 2);
}

struct item {
	struct list	node;
	int		n;
};

static void
lists_keep_order(void **state)
{
	struct list a = LIST_INIT(a), b = LIST_INIT(b), *node, *next;
	struct item items[5];
	int sum = 0;

	(void)state;
	for (int i = 0; i < 5; i++) {
		items[i].n = i;
		list_push(i < 3 ? &a : &b, &items[i].node);
	}
	list_splice(&a, &b);
	assert_true(list_empty(&b));
	list_remove(&items[1].node);
	list_remove(&items[1].node);		/* harmless */
	list_unshift(&a, &items[1].node);	/* 1 0 2 3 4 */
	LIST_EACH(&a, node, next) {
		sum = sum * 10 + LIST_ITEM(node, struct item, node)->n;
		list_remove(node);
	}
	assert_int_equal(sum, 10234);
	assert_null(list_shift(&a));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_added_is_found_until_removed),
		cmocka_unit_test(a_walk_meets_each_once),
		cmocka_unit_test(hashes_depend_on_every_byte_and_the_seed),
		cmocka_unit_test(parts_of_a_key_do_not_run_together),
		cmocka_unit_test(buckets_fill_evenly),
		cmocka_unit_test(lists_keep_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
