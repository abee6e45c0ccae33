/*
 * The asker gives a store its time to answer, by a clock that stands still
 * while nobody waits, as that of base/loop does: loop and store are made up
 * here.
 */
#include "run/asker.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/loop.h"
#include "base/mem.h"
#include "store/store.h"

#define BUSY_MS		600000	/* of the caller's own */

static struct {
	uint64_t	 real_ms, seen_ms;	/* the loop's as of its last wait */
	uint64_t	 started_ms;		/* as the store saw it */
	uint64_t	 answers_ms;		/* after how long; 0: never */
	struct job	*job;			/* started */
	struct store	 store;
} world;

/* ---- the loop ---- */

struct loop *
loop_new(void)
{
	return (struct loop *)&world;
}

void
loop_free(struct loop *l)
{
	(void)l;
}

/* One that waits is woken after a while. */
void
loop_wait(struct loop *l, bool come_straight_back)
{
	(void)l;
	if (!come_straight_back)
		world.real_ms += 100;
	world.seen_ms = world.real_ms;
	if (world.job != NULL && world.answers_ms > 0 &&
	    world.seen_ms - world.started_ms >= world.answers_ms) {
		list_push(&world.store.done, &world.job->node);
		world.job = NULL;
	}
}

uint64_t
loop_now_ms(const struct loop *l)
{
	(void)l;
	return world.seen_ms;
}

struct loop_timer *
loop_timer_new(struct loop *l, loop_call *call, void *arg)
{
	(void)l;
	(void)call;
	return arg;
}

void
loop_timer_start(struct loop_timer *t, uint64_t after_ms)
{
	(void)t;
	(void)after_ms;
}

void
loop_timer_free(struct loop_timer *t)
{
	(void)t;
}

/* ---- the store ---- */

static void
start(struct store *s, struct job *job)
{
	(void)s;
	world.job = job;
	world.started_ms = world.seen_ms;
}

static void
close_store(struct store *s)
{
	(void)s;
	if (world.job != NULL)
		job_free(world.job);
	world.job = NULL;
}

struct store *
store_open(const char *url, struct loop *loop, char *why, size_t why_len)
{
	static const struct store_ops ops = {
		.name = "made up", .start = start, .close = close_store,
	};

	(void)url;
	(void)loop;
	(void)why;
	(void)why_len;
	world.store.ops = &ops;
	list_init(&world.store.done);
	return &world.store;
}

struct store *
store_open_beside(const char *url, struct loop *loop, char *why,
    size_t why_len)
{
	return store_open(url, loop, why, why_len);
}

struct job *
store_next_done(struct store *s)
{
	struct list *node = list_shift(&s->done);

	return node != NULL ? LIST_ITEM(node, struct job, node) : NULL;
}

/* ---- tests ---- */

static struct job *
any(void)
{
	return rows_new(ROWS_DOCUMENT_COUNT, NULL, NULL);
}

/* Minutes between two questions are the caller's, not the store's. */
static void
the_caller_was_busy(void **state)
{
	const char *why = "";
	struct asker a;
	struct job *job;
	int i;

	(void)state;
	assert_true(asker_open(&a, "any", true));
	world.answers_ms = 200;
	for (i = 0; i < 3; i++) {
		world.real_ms += BUSY_MS;
		job = asker_ask(&a, any(), &why);
		if (job == NULL)
			fail_msg("%s", why);
		assert_int_equal(world.started_ms + 200, world.real_ms);
		job_free(job);
	}
	asker_close(&a);
}

/* Between a question and looking for its answer too. */
static void
the_caller_was_busy_meanwhile(void **state)
{
	struct asker a;
	struct job *job;

	(void)state;
	assert_true(asker_open(&a, "any", true));
	world.answers_ms = BUSY_MS + 200;
	asker_start(&a, any());
	world.real_ms += BUSY_MS;
	assert_null(asker_next(&a, false));
	job = asker_next(&a, true);
	assert_non_null(job);
	job_free(job);
	asker_start(&a, any());
	world.real_ms += BUSY_MS;
	job = asker_next(&a, true);
	assert_non_null(job);
	job_free(job);
	asker_close(&a);
}

static void
the_store_is_silent(void **state)
{
	const char *why = "";
	struct asker a;
	uint64_t asked_ms;

	(void)state;
	assert_true(asker_open(&a, "any", true));
	world.answers_ms = 0;
	world.real_ms += BUSY_MS;
	asked_ms = world.real_ms;
	assert_null(asker_ask(&a, any(), &why));
	assert_string_equal(why, "the store does not answer");
	assert_int_equal(a.err, ERR_STORE_AWAY);
	assert_true(world.real_ms - asked_ms >= 30000);
	assert_true(world.real_ms - asked_ms < 31000);
	asker_close(&a);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_caller_was_busy),
		cmocka_unit_test(the_caller_was_busy_meanwhile),
		cmocka_unit_test(the_store_is_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
