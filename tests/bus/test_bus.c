/*
 * bus: one suite for every bus, and what Redis adds to it.  Starts a Redis of
 * its own on a free port.
 */
#include "tests/bus/rig.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "base/log.h"
#include "base/mem.h"

/* ---- every bus ---- */

static int
setup(void **state)
{
	struct world *w = mem_get(sizeof(*w));

	w->redis = *state;
	w->loop = loop_new();
	if (w->loop == NULL)
		return -1;
	node_open(w, &w->a);
	node_open(w, &w->b);
	WAIT(w, node_is_up(&w->a) && node_is_up(&w->b));
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	node_close(&w->a);
	node_close(&w->b);
	loop_free(w->loop);
	*state = w->redis;
	free(w);
	return 0;
}

static void
test_hears_what_it_follows(void **state)
{
	struct world *w = *state;
	struct word *word;
	const struct op *op;
	char *big;

	node_follow(&w->b, WORD_FOLLOW, "notes", "42");
	say_until_heard(w, &w->a, &w->b, "notes", "42");
	fence(w, &w->a, &w->b);

	/* All that an op is, and a body of a megabyte. */
	big = mem_get(1u << 20);
	memset(big, 'x', 1u << 20);
	word = word_new(WORD_OPS, "notes", "42");
	op_list_add(&word->ops, op_new(OP_DELETE, 70, "me", 5, NULL, 0));
	op_list_add(&word->ops, op_new(OP_CREATE, 71, "you", 6, big, 1u << 20));
	w->a.bus->ops->say(w->a.bus, word);
	WAIT(w, node_heard(&w->b, "notes", "42", 70));
	assert_int_equal(w->b.last->ops.n, 2);
	op = w->b.last->ops.ops[0];
	assert_int_equal(op->kind, OP_DELETE);
	assert_string_equal(op->src, "me");
	assert_true(op->seq == 5);
	assert_null(op->body);
	op = w->b.last->ops.ops[1];
	assert_int_equal(op->kind, OP_CREATE);
	assert_true(op->v == 71 && op->seq == 6);
	assert_int_equal(op->body_len, 1u << 20);
	assert_memory_equal(op->body, big, 1u << 20);
	free(big);
}

/* From the confirmation on, nothing is missed. */
static void
test_following_is_confirmed(void **state)
{
	struct world *w = *state;

	node_follow(&w->b, WORD_FOLLOW, "7:a/b", "c:/d");
	WAIT(w, w->b.followed > 0);
	assert_string_equal(w->b.confirmed->collection, "7:a/b");
	assert_string_equal(w->b.confirmed->id, "c:/d");
	node_say(&w->a, "7:a/b", "c:/d", 3);
	WAIT(w, node_heard(&w->b, "7:a/b", "c:/d", 3));
	assert_int_equal(w->b.n, 1);
}

static void
test_hears_nothing_else(void **state)
{
	struct world *w = *state;

	/* Names that look alike when they are put together. */
	node_follow(&w->b, WORD_FOLLOW, "a/b", "c");
	say_until_heard(w, &w->a, &w->b, "a/b", "c");
	fence(w, &w->a, &w->b);
	w->b.only = "fence";
	node_say(&w->a, "a", "b/c", 1);
	node_say(&w->a, "a/b", "C", 1);
	node_say(&w->a, "a/b", "", 1);
	node_say(&w->a, "", "a/b/c", 1);
	fence(w, &w->a, &w->b);
	assert_int_equal(w->a.n, 0);

	/* b was off the channel when the fence was heard: it was asked first. */
	node_follow(&w->b, WORD_UNFOLLOW, "a/b", "c");
	fence(w, &w->a, &w->b);
	node_say(&w->a, "a/b", "c", 99);
	fence(w, &w->a, &w->b);
}

static void
test_both_ways(void **state)
{
	struct world *w = *state;

	node_follow(&w->a, WORD_FOLLOW, "c", "d");
	node_follow(&w->b, WORD_FOLLOW, "c", "d");
	say_until_heard(w, &w->a, &w->b, "c", "d");
	say_until_heard(w, &w->b, &w->a, "c", "d");
}

static void
test_changes_its_mind(void **state)
{
	struct world *w = *state;
	int i;

	for (i = 0; i < 50; i++) {
		node_follow(&w->b, WORD_FOLLOW, "c", "d");
		node_follow(&w->b, WORD_UNFOLLOW, "c", "d");
	}
	node_follow(&w->b, WORD_FOLLOW, "c", "d");
	say_until_heard(w, &w->a, &w->b, "c", "d");
	for (i = 0; i < 50; i++) {
		node_follow(&w->b, WORD_UNFOLLOW, "c", "d");
		turn(w);
		node_follow(&w->b, WORD_FOLLOW, "c", "d");
	}
	say_until_heard(w, &w->a, &w->b, "c", "d");
	/* Said twice, or of what was never followed: no harm. */
	node_follow(&w->b, WORD_FOLLOW, "c", "d");
	node_follow(&w->b, WORD_UNFOLLOW, "c", "never");
	say_until_heard(w, &w->a, &w->b, "c", "d");
	/* It ends where it was left. */
	node_follow(&w->b, WORD_UNFOLLOW, "c", "d");
	node_follow(&w->b, WORD_FOLLOW, "c", "d");
	node_follow(&w->b, WORD_UNFOLLOW, "c", "d");
	fence(w, &w->a, &w->b);
	w->b.only = "fence";
	node_say(&w->a, "c", "d", 77);
	fence(w, &w->a, &w->b);
}

static unsigned
count_seen(const struct node *n)
{
	unsigned i, sum = 0;

	for (i = 0; i < MANY; i++)
		sum += n->seen[i];
	return sum;
}

static void
follow_many(struct node *n)
{
	char id[16];
	int i;

	n->seen = mem_get(MANY);
	for (i = 0; i < MANY; i++) {
		snprintf(id, sizeof(id), "%d", i);
		node_follow(n, WORD_FOLLOW, "many", id);
	}
}

static void
hear_many(struct world *w, struct node *from, struct node *to)
{
	uint64_t end = now_ms() + PATIENCE_MS;
	char id[16];
	int i;

	memset(to->seen, 0, MANY);
	while (count_seen(to) < MANY) {
		if (now_ms() > end)
			fail_msg("heard %u of %d", count_seen(to), MANY);
		for (i = 0; i < MANY; i++) {
			if (to->seen[i])
				continue;
			snprintf(id, sizeof(id), "%d", i);
			node_say(from, "many", id, 1);
		}
		for (i = 0; i < 20; i++)
			turn(w);
	}
}

static void
test_many(void **state)
{
	struct world *w = *state;

	follow_many(&w->b);
	hear_many(w, &w->a, &w->b);
}

/* Words nobody asked for and documents still followed go with the bus. */
static void
test_close_in_the_middle(void **state)
{
	struct world *w = *state;
	struct node c;
	int i;

	node_open(w, &c);
	node_follow(&c, WORD_FOLLOW, "c", "d");
	for (i = 0; i < 20; i++) {
		node_say(&w->a, "c", "d", 1);
		turn(w);
	}
	node_follow(&c, WORD_FOLLOW, "c", "e");
	node_say(&c, "c", "e", 1);
	node_close(&c);
	turn(w);
	node_say(&w->a, "c", "d", 2);
	node_follow(&w->b, WORD_FOLLOW, "c", "d");
	say_until_heard(w, &w->a, &w->b, "c", "d");
}

/* ---- Redis ---- */

static void
test_back_after_restart(void **state)
{
	struct world *w = *state;
	struct bus_health health;
	unsigned backs;

	assert_true(w->b.backs >= 1);	/* its first connection's, maybe the other's */
	follow_many(&w->b);
	hear_many(w, &w->a, &w->b);

	redis_server_kill(w->redis);
	WAIT(w, !node_is_up(&w->a) && !node_is_up(&w->b));
	node_say(&w->a, "many", "1", 1);
	w->a.bus->ops->health(w->a.bus, &health);
	assert_true(health.dropped >= 1);
	assert_int_not_equal(health.breaker.state, BREAKER_CLOSED);
	assert_int_equal(health.breaker.opened, 1);
	/* What changes while it is away holds when it is back. */
	node_follow(&w->b, WORD_FOLLOW, "late", "1");
	node_follow(&w->b, WORD_UNFOLLOW, "many", "7");
	node_follow(&w->b, WORD_FOLLOW, "many", "7");
	backs = w->b.backs;
	redis_server_start(w->redis, PASSWORD);
	WAIT(w, node_is_up(&w->a) && node_is_up(&w->b));
	assert_true(w->b.backs > backs);
	w->b.bus->ops->health(w->b.bus, &health);
	assert_int_equal(health.reconnects, 1);
	assert_int_equal(health.breaker.state, BREAKER_CLOSED);
	assert_int_equal(health.breaker.opened, 1);
	assert_true(health.breaker.probes >= 1);

	/* Up means followed: said once is enough now. */
	node_say(&w->a, "late", "1", 5);
	WAIT(w, node_heard(&w->b, "late", "1", 5));
	hear_many(w, &w->a, &w->b);
}

/* Who could say nothing for a while has the others compare. */
static void
test_others_hear_of_an_outage(void **state)
{
	struct world *w = *state;
	struct redis_bus_times slow = fast;
	struct node late = { .bus = NULL };
	char url[128], why[256];
	unsigned backs;

	slow.pause_min_ms = slow.pause_max_ms = 2000;	/* at least 1000 */
	snprintf(url, sizeof(url), "redis://:p%%40ss@127.0.0.1:%d/test",
	    redis_server_port(w->redis));
	late.bus = redis_bus_open(url, w->loop, &slow, why, sizeof(why));
	assert_non_null(late.bus);
	w->third = late.bus;
	WAIT(w, node_is_up(&late));
	redis_server_kill(w->redis);
	WAIT(w, !node_is_up(&w->b) && !node_is_up(&late));
	redis_server_start(w->redis, PASSWORD);
	WAIT(w, node_is_up(&w->a) && node_is_up(&w->b));
	assert_false(node_is_up(&late));
	backs = w->b.backs;
	node_say(&late, "c", "d", 1);
	WAIT(w, node_is_up(&late));
	WAIT(w, w->b.backs == backs + 1);

	/* Who lost nothing says nothing. */
	redis_server_kill(w->redis);
	WAIT(w, !node_is_up(&w->b) && !node_is_up(&late));
	redis_server_start(w->redis, PASSWORD);
	WAIT(w, node_is_up(&w->a) && node_is_up(&w->b));
	backs = w->b.backs;
	WAIT(w, node_is_up(&late));
	fence(w, &w->a, &w->b);
	assert_int_equal(w->b.backs, backs);
	w->third = NULL;
	node_close(&late);
}

static void
test_silence_is_a_loss(void **state)
{
	struct world *w = *state;
	struct redis_bus_times hasty = fast;
	unsigned backs;

	hasty.silent_ms = 400;
	node_close(&w->a);
	node_close(&w->b);
	node_open_with(w, &w->a, &hasty);
	node_open_with(w, &w->b, &hasty);
	WAIT(w, node_is_up(&w->a) && node_is_up(&w->b));
	backs = w->b.backs;
	node_follow(&w->b, WORD_FOLLOW, "c", "d");
	say_until_heard(w, &w->a, &w->b, "c", "d");
	redis_server_signal(w->redis, SIGSTOP);
	WAIT(w, !node_is_up(&w->a) && !node_is_up(&w->b));
	redis_server_signal(w->redis, SIGCONT);
	WAIT(w, node_is_up(&w->a) && node_is_up(&w->b));
	assert_true(w->b.backs > backs);
	say_until_heard(w, &w->a, &w->b, "c", "d");
}

/* A connection of the test's own. */
static redisContext *
client(struct world *w)
{
	redisContext *c = redisConnect("127.0.0.1",
	    redis_server_port(w->redis));

	assert_true(c != NULL && c->err == 0);
	freeReplyObject(redisCommand(c, "AUTH %s", PASSWORD));
	return c;
}

static void
test_one_connection_lost(void **state)
{
	struct world *w = *state;
	static const char *const types[] = { "pubsub", "normal" };
	redisContext *c = client(w);
	unsigned backs;
	size_t i;

	node_follow(&w->b, WORD_FOLLOW, "c", "d");
	say_until_heard(w, &w->a, &w->b, "c", "d");
	for (i = 0; i < 2; i++) {
		backs = w->b.backs;
		freeReplyObject(redisCommand(c, "CLIENT KILL TYPE %s SKIPME yes",
		    types[i]));
		WAIT(w, w->b.backs > backs && node_is_up(&w->a) &&
		    node_is_up(&w->b));
		say_until_heard(w, &w->a, &w->b, "c", "d");
	}
	redisFree(c);
}

static void
test_foreign_bytes(void **state)
{
	struct world *w = *state;
	redisContext *c = client(w);
	struct bus_health health;
	unsigned long bad;

	node_follow(&w->b, WORD_FOLLOW, "c", "d");
	say_until_heard(w, &w->a, &w->b, "c", "d");
	fence(w, &w->a, &w->b);
	w->b.bus->ops->health(w->b.bus, &health);
	bad = health.bad;
	freeReplyObject(redisCommand(c, "PUBLISH test:doc:1:c/d %s", "hello"));
	freeReplyObject(redisCommand(c, "PUBLISH test:doc:1:c/d %b", "", (size_t)0));
	freeReplyObject(redisCommand(c, "PUBLISH test:doc:1:c/d %b",
	    "\1\0\0\0\0\0\0\0\0\1c\1d", (size_t)13));
	fence(w, &w->a, &w->b);
	w->b.bus->ops->health(w->b.bus, &health);
	assert_int_equal(health.bad, bad + 3);
	assert_true(health.up);
	redisFree(c);
}

/* A bus that cannot get in keeps trying, and hears nothing. */
static void
test_wrong_password(void **state)
{
	struct world *w = *state;
	struct bus_health health;
	char url[128], why[256];
	struct bus *b;
	int i;

	snprintf(url, sizeof(url), "redis://:wrong@127.0.0.1:%d/test",
	    redis_server_port(w->redis));
	b = redis_bus_open(url, w->loop, &fast, why, sizeof(why));
	assert_non_null(b);
	b->ops->say(b, word_new(WORD_FOLLOW, "c", "d"));
	for (i = 0; i < 60; i++) {
		node_say(&w->a, "c", "d", 1);
		turn(w);
	}
	b->ops->health(b, &health);
	assert_false(health.up);
	assert_null(bus_next_heard(b));
	b->ops->close(b);
}

/* Nothing listens there at all. */
static void
test_nobody_there(void **state)
{
	struct world *w = *state;
	struct bus_health health;
	char url[128], why[256];
	struct bus *b;
	int i;

	redis_server_kill(w->redis);
	snprintf(url, sizeof(url), "redis://:p%%40ss@localhost:%d",
	    redis_server_port(w->redis));
	b = redis_bus_open(url, w->loop, &fast, why, sizeof(why));
	assert_non_null(b);
	w->third = b;
	/* Long enough to look the name up several times. */
	for (i = 0; i < 200; i++)
		turn(w);
	b->ops->health(b, &health);
	assert_false(health.up);
	redis_server_start(w->redis, PASSWORD);
	WAIT(w, node_is_up(&w->a) && node_is_up(&w->b));
	WAIT(w, (b->ops->health(b, &health), health.up));
	w->third = NULL;
	b->ops->close(b);
}

static void
test_urls(void **state)
{
	static const char *const urls[] = {
		"", "Local", "nats://h", "redis:", "redis://h:0", "rediss://h",
		"redis://name.invalid",
	};
	struct loop *loop = loop_new();
	char why[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		why[0] = '\0';
		assert_null(bus_open(urls[i], loop, why, sizeof(why)));
		assert_true(why[0] != '\0');
	}
	loop_free(loop);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)
#define EVERY_BUS							\
	TEST(test_hears_what_it_follows),				\
	TEST(test_following_is_confirmed),					\
	TEST(test_hears_nothing_else),					\
	TEST(test_both_ways),						\
	TEST(test_changes_its_mind),					\
	TEST(test_many),						\
	TEST(test_close_in_the_middle)

static int
redis_begin(void **state)
{
	struct redis_server *redis = redis_server_new();

	redis_server_start(redis, PASSWORD);
	*state = redis;
	return 0;
}

static int
redis_end(void **state)
{
	redis_server_free(*state);
	return 0;
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
	static const struct CMUnitTest local[] = {
		EVERY_BUS,
		cmocka_unit_test(test_urls),
	};
	static const struct CMUnitTest redis[] = {
		EVERY_BUS,
		TEST(test_back_after_restart),
		TEST(test_others_hear_of_an_outage),
		TEST(test_silence_is_a_loss),
		TEST(test_one_connection_lost),
		TEST(test_foreign_bytes),
		TEST(test_wrong_password),
		TEST(test_nobody_there),
	};
	int failed;

	signal(SIGPIPE, SIG_IGN);
	if (getenv("VERBOSE") == NULL)
		log_to(no_log, NULL);
	else
		log_setup(LOG_DEBUG, LOG_TEXT);
	failed = cmocka_run_group_tests_name("local", local, NULL, NULL);
	failed += cmocka_run_group_tests_name("redis", redis, redis_begin,
	    redis_end);
	return failed;
}
