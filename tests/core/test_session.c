/*
 * session: the outbox and its two ceilings.
 */
#include "tests/core/rig.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/session_in.h"

static struct frame *
frame_of(size_t len)
{
	static const char bytes[2000];

	return frame_new(bytes, len);
}

static struct session *
open_limited(struct rig *r, size_t outbox_bytes)
{
	rig_init(r);
	r->limits.outbox_bytes = outbox_bytes;
	rig_start(r);
	return rig_open(r, "A");
}

static enum session_close
closing(const struct session *ss)
{
	const char *reason;

	return session_closing(ss, &reason);
}

static void
test_first_in_first_out(void **state)
{
	struct rig r;
	struct session *ss = open_limited(&r, 1 << 20);
	struct frame *frames[200], *f;
	size_t i, in = 0, out = 0, bytes = 0;

	(void)state;
	/* In and out by turns, so that the ring grows while it is turned. */
	for (i = 0; i < 200; i++)
		frames[i] = frame_of(i + 1);
	while (out < 200) {
		for (i = 0; i < 7 && in < 200; i++) {
			session_post(ss, frame_ref(frames[in]));
			bytes += frames[in++]->wire_len;
		}
		for (i = 0; i < 3 && out < 200; i++) {
			assert_ptr_equal(session_peek(ss), frames[out]);
			f = session_shift(ss);
			assert_ptr_equal(f, frames[out++]);
			bytes -= f->wire_len;
			assert_int_equal(session_waiting_bytes(ss), bytes);
			frame_unref(f);
		}
	}
	assert_null(session_peek(ss));
	assert_null(session_shift(ss));
	for (i = 0; i < 200; i++) {
		assert_int_equal(frames[i]->refs, 1);
		frame_unref(frames[i]);
	}
	rig_done(&r);
}

static void
test_ready_once(void **state)
{
	struct rig r;
	struct session *ss = open_limited(&r, 1 << 20);

	(void)state;
	while (hub_next_ready(r.hub) != NULL)
		;
	session_post(ss, frame_of(1));
	session_post(ss, frame_of(1));
	assert_ptr_equal(hub_next_ready(r.hub), ss);
	assert_null(hub_next_ready(r.hub));
	rig_done(&r);
}

/* Answers go before what others have written, and that joins while it waits. */
static void
test_owed_first(void **state)
{
	struct rig r;
	struct session *a = open_limited(&r, 1 << 20), *b = rig_open(&r, "B");
	struct session *c = rig_open(&r, "C");

	(void)state;
	while (hub_next_ready(r.hub) != NULL)
		;
	assert_false(hub_has_ready(r.hub));
	session_post_live(a, frame_of(1));
	session_post_live(b, frame_of(1));
	session_post_live(a, frame_of(2));
	session_post(c, frame_of(1));
	assert_true(hub_has_ready(r.hub));
	assert_ptr_equal(hub_next_owed(r.hub), c);
	assert_null(hub_next_owed(r.hub));

	/* One that hears is owed an answer now: it need not wait any more. */
	session_post(b, frame_of(1));
	assert_ptr_equal(hub_next_ready(r.hub), b);
	assert_ptr_equal(hub_next_ready(r.hub), a);
	assert_null(hub_next_ready(r.hub));
	assert_false(hub_has_ready(r.hub));

	/* So is one that is to be closed. */
	session_post_live(a, frame_of(1));
	session_post_live(b, frame_of(1));
	session_close_for(b, CLOSE_POLICY, "why");
	assert_ptr_equal(hub_next_owed(r.hub), b);
	assert_null(hub_next_owed(r.hub));
	assert_ptr_equal(hub_next_ready(r.hub), a);
	rig_done(&r);
}

static void
test_live_ceiling(void **state)
{
	struct rig r;
	struct session *ss = open_limited(&r, 100);
	struct hub_counts counts;

	(void)state;
	/* The one at the front does not count, whatever its size. */
	session_post_live(ss, frame_of(1000));
	session_post_live(ss, frame_of(48));
	session_post_live(ss, frame_of(48));
	assert_int_equal(closing(ss), CLOSE_NONE);
	session_post_live(ss, frame_of(1));
	assert_int_equal(closing(ss), CLOSE_TRY_LATER);
	assert_null(session_peek(ss));
	assert_int_equal(session_waiting_bytes(ss), 0);
	/* Nothing more after that. */
	session_post(ss, frame_of(1));
	session_post_live(ss, frame_of(1));
	assert_null(session_peek(ss));
	hub_count(r.hub, &counts);
	assert_int_equal(counts.slow_readers, 1);
	rig_done(&r);
}

/* What was asked for neither counts nor is counted. */
static void
test_answers_always_fit(void **state)
{
	struct rig r;
	struct session *ss = open_limited(&r, 100);
	int i;

	(void)state;
	session_begin_answer(ss);
	for (i = 0; i < 10; i++)
		session_post(ss, frame_of(1000));
	session_post_live(ss, frame_of(48));
	session_post_live(ss, frame_of(48));
	assert_int_equal(closing(ss), CLOSE_NONE);
	assert_true(session_is_behind(ss));
	/* But not one answer after another. */
	session_begin_answer(ss);
	assert_int_equal(closing(ss), CLOSE_TRY_LATER);
	rig_done(&r);
}

/* Behind, it is not listened to; taking from its outbox makes it heard. */
static void
test_listens_when_it_reads(void **state)
{
	static const char ping[] = "{\"a\":\"pp\"}";
	struct rig r;
	struct session *ss = open_limited(&r, 100);

	(void)state;
	session_post(ss, frame_of(60));
	hub_receive(r.hub, ss, ping, sizeof(ping) - 1);
	assert_false(hub_work(r.hub));
	assert_ptr_equal(ss->inbox.next->next, &ss->inbox);
	frame_unref(session_shift(ss));
	assert_true(hub_has_work(r.hub));
	hub_work(r.hub);
	rig_hear(ss, "{'a':'pp'}");
	rig_done(&r);
}

/* A ping that is made longer by blanks: len bytes, at least ten. */
static bool
say_long(struct rig *r, struct session *ss, size_t len)
{
	char *text = mem_get(len);
	bool more;

	memset(text, ' ', len);
	memcpy(text, "{\"a\":\"pp\"}", 10);
	more = hub_receive(r->hub, ss, text, len);
	free(text);
	return more;
}

/* A full inbox is one of many bytes, too: its socket waits. */
static void
test_inbox_bytes(void **state)
{
	struct rig r;
	struct session *ss = open_limited(&r, 1u << 20);

	(void)state;
	assert_true(say_long(&r, ss, 100u << 10));
	assert_true(say_long(&r, ss, 100u << 10));
	assert_false(say_long(&r, ss, 100u << 10));
	assert_true(session_is_full(ss));
	rig_run(&r);
	assert_false(session_is_full(ss));
	assert_int_equal(ss->inbox_bytes, 0);
	assert_true(say_long(&r, ss, 10));
	rig_done(&r);
}

/* Long messages do not all have the same turn; who says little is not late. */
static void
test_turns_by_bytes(void **state)
{
	struct rig r;
	struct session *big = open_limited(&r, 1u << 20), *small;
	int i;

	(void)state;
	small = rig_open(&r, "small");
	for (i = 0; i < 4; i++)
		say_long(&r, big, 20u << 10);
	say_long(&r, small, 10);
	assert_true(hub_work(r.hub));
	assert_int_equal(big->n_inbox, 3);
	rig_hear(small, "{'a':'pp'}");
	for (i = 2; i >= 0; i--) {
		hub_work(r.hub);
		assert_int_equal(big->n_inbox, i);
	}
	rig_done(&r);
}

static void
test_closing(void **state)
{
	struct rig r;
	struct session *ss = open_limited(&r, 100);
	const char *reason;

	(void)state;
	rig_say(&r, ss, "{'a':'s','c':'c','d':'x'}");
	hub_close(r.hub, ss, CLOSE_RESTART, "first");
	hub_close(r.hub, ss, CLOSE_NORMAL, "second");
	assert_int_equal(session_closing(ss, &reason), CLOSE_RESTART);
	assert_string_equal(reason, "first");
	assert_int_equal(ss->n_readers, 0);
	/* What waits still goes out. */
	rig_hear(ss, "{'a':'s','c':'c','d':'x','data':{'v':0,'type':null}}");
	rig_say(&r, ss, "{'a':'pp'}");
	rig_hear_nothing(ss);
	rig_done(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_in_first_out),
		cmocka_unit_test(test_ready_once),
		cmocka_unit_test(test_owed_first),
		cmocka_unit_test(test_live_ceiling),
		cmocka_unit_test(test_answers_always_fit),
		cmocka_unit_test(test_listens_when_it_reads),
		cmocka_unit_test(test_inbox_bytes),
		cmocka_unit_test(test_turns_by_bytes),
		cmocka_unit_test(test_closing),
	};

	return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
