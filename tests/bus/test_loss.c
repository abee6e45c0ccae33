/*
 * loss: a bus that loses words on purpose loses its share, the same by seed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/loop.h"
#include "base/mem.h"
#include "bus/bus.h"
#include "bus/loss.h"

#define WORDS	20000

static struct loss *
open_loss(const char *url)
{
	struct loss *l;
	char *real = NULL, why[256];

	if ((l = loss_new(url, &real, why, sizeof(why))) == NULL)
		fail_msg("%s: %s", url, why);
	assert_string_equal(real, "local");
	free(real);
	return l;
}

/* The versions of heads 0 to WORDS - 1 as they are heard; how many. */
static size_t
hear_all(const char *url, uint64_t *versions)
{
	struct loss *l = open_loss(url);
	struct list heard = LIST_INIT(heard);
	struct word *w;
	uint64_t v;
	size_t n = 0;

	for (v = 0; v < WORDS; v++) {
		w = word_new(WORD_HEAD, "c", "d");
		w->head_v = v;
		list_push(&heard, &w->node);
		while ((w = loss_next(l, &heard)) != NULL) {
			versions[n++] = w->head_v;
			word_free(w);
		}
	}
	assert_true(list_empty(&heard));
	loss_free(l);
	return n;
}

static void
test_drops(void **state)
{
	uint64_t *one = mem_get(2 * WORDS * sizeof(*one));
	uint64_t *two = mem_get(2 * WORDS * sizeof(*two));
	size_t n, m, i;

	(void)state;
	n = hear_all("lossy+local?drop=0.1&seed=7", one);
	assert_in_range(WORDS - n, WORDS / 12, WORDS / 8);
	for (i = 1; i < n; i++)
		assert_true(one[i] > one[i - 1]);
	m = hear_all("lossy+local?drop=0.1&seed=7", two);
	assert_int_equal(n, m);
	assert_memory_equal(one, two, n * sizeof(*one));
	m = hear_all("lossy+local?drop=0.1&seed=8", two);
	assert_true(n != m || memcmp(one, two, n * sizeof(*one)) != 0);
	assert_int_equal(hear_all("lossy+local?drop=1", two), 0);
	free(one);
	free(two);
}

static void
test_repeats_and_swaps(void **state)
{
	uint64_t *v = mem_get(2 * WORDS * sizeof(*v));
	size_t n, i, again = 0, late = 0;

	(void)state;
	n = hear_all("lossy+local?repeat=0.1", v);
	for (i = 1; i < n; i++)
		again += v[i] == v[i - 1];
	assert_int_equal(n, WORDS + again);
	assert_in_range(again, WORDS / 12, WORDS / 8);
	n = hear_all("lossy+local?swap=0.1", v);
	assert_in_range(n, WORDS - 1, WORDS);	/* one may still be late */
	for (i = 1; i < n; i++)
		late += v[i] == v[i - 1] - 1;
	assert_in_range(late, WORDS / 14, WORDS / 8);
	free(v);
}

/* The bus's own words are no part of the loss. */
static void
test_spares_the_bus(void **state)
{
	struct loss *l = open_loss("lossy+local?drop=1");
	struct list heard = LIST_INIT(heard);
	struct word *w;

	(void)state;
	list_push(&heard, &word_new(WORD_BACK, NULL, NULL)->node);
	list_push(&heard, &word_new(WORD_HEAD, "c", "d")->node);
	list_push(&heard, &word_new(WORD_FOLLOWED, "c", "d")->node);
	w = loss_next(l, &heard);
	assert_int_equal(w->kind, WORD_BACK);
	word_free(w);
	w = loss_next(l, &heard);
	assert_int_equal(w->kind, WORD_FOLLOWED);
	word_free(w);
	assert_null(loss_next(l, &heard));
	assert_int_equal(loss_count(l), 1);
	loss_free(l);
}

static void
test_urls(void **state)
{
	static const char *const bad[] = {
		"lossy+local", "lossy+local?", "lossy+local?seed=3",
		"lossy+local?drop=", "lossy+local?drop=x", "lossy+local?drop=-1",
		"lossy+local?drop=1.01", "lossy+local?drop=0.1x",
		"lossy+local?drop=0", "lossy+local?drop=0.1&seed=-1",
		"lossy+local?drop=0.1&seed=1x", "lossy+local?drop=0.1&lose=1",
	};
	struct loop *loop = loop_new();
	struct bus *b;
	char why[256], *real = NULL;
	size_t i;

	(void)state;
	assert_false(loss_is_asked("redis://h/lossy+local?drop=1"));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		why[0] = '\0';
		assert_null(loss_new(bad[i], &real, why, sizeof(why)));
		assert_non_null(strstr(why, "drop="));
		assert_null(real);
	}
	assert_null(bus_open("redis://h?drop=0.1", loop, why, sizeof(why)));
	assert_null(bus_open("lossy+port?drop=0.1", loop, why, sizeof(why)));
	assert_null(bus_open("lossy+local?drop=7", loop, why, sizeof(why)));
	b = bus_open("lossy+local?drop=0.1", loop, why, sizeof(why));
	assert_non_null(b);
	assert_string_equal(b->ops->name, "local");
	b->ops->close(b);
	loop_free(loop);
}

/* On a real bus: the words that come are fewer than were said. */
static void
test_bus_loses(void **state)
{
	struct loop *loop = loop_new();
	struct bus *a, *b;
	struct word *w;
	char why[256];
	unsigned i, n = 0;

	(void)state;
	a = bus_open("local", loop, why, sizeof(why));
	b = bus_open("lossy+local?drop=0.5", loop, why, sizeof(why));
	b->ops->say(b, word_new(WORD_FOLLOW, "c", "d"));
	for (i = 0; i < 1000; i++) {
		w = word_new(WORD_HEAD, "c", "d");
		w->head_v = i;
		a->ops->say(a, w);
	}
	while ((w = bus_next_heard(b)) != NULL) {
		n += w->kind == WORD_HEAD;
		word_free(w);
	}
	assert_in_range(n, 400, 600);
	a->ops->close(a);
	b->ops->close(b);
	loop_free(loop);
}

static void
no_log(const char *line, void *arg)
{
	(void)line;
	(void)arg;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_drops),
		cmocka_unit_test(test_repeats_and_swaps),
		cmocka_unit_test(test_spares_the_bus),
		cmocka_unit_test(test_urls),
		cmocka_unit_test(test_bus_loses),
	};

	log_to(no_log, NULL);
	return cmocka_run_group_tests_name("loss", tests, NULL, NULL);
}
