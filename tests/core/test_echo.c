/*
 * hub: a document's version, said once more when its writing pauses.
 */
#include "tests/core/rig.h"

#include "core/word.h"

static void
start(struct rig *r)
{
	rig_init(r);
	r->limits.shared_store = true;
	r->limits.sweep_ms = 0;
	r->limits.echo_ms = 500;
	rig_start(r);
}

/* Throw away what was said; of the heads, how many, and the last. */
static unsigned
heads_said(struct rig *r, uint64_t *v_out)
{
	struct list *node;
	struct word *w;
	unsigned n = 0;

	while ((node = list_shift(&r->words)) != NULL) {
		w = LIST_ITEM(node, struct word, node);
		if (w->kind == WORD_HEAD && !w->for_collection) {
			assert_string_equal(w->collection, "c");
			assert_int_equal(w->ops.n, 0);
			*v_out = w->head_v;
			n++;
		}
		word_free(w);
	}
	return n;
}

/* However long the burst, one word, when nothing came for a while. */
static void
test_once_a_burst(void **state)
{
	struct rig r;
	struct session *a;
	uint64_t v = 0;
	int seq;

	(void)state;
	start(&r);
	a = rig_open(&r, "A");
	rig_say_over(&r, a, CREATE_X);
	for (seq = 2; seq < 20; seq++) {
		rig_tick(&r, 400);
		rig_insert(&r, a, seq);
		assert_int_equal(heads_said(&r, &v), 0);
	}
	rig_tick(&r, 499);
	assert_int_equal(heads_said(&r, &v), 0);
	rig_tick(&r, 1);
	assert_int_equal(heads_said(&r, &v), 1);
	assert_int_equal(v, 19);
	rig_tick(&r, 10000);
	assert_int_equal(heads_said(&r, &v), 0);
	/* A burst has its own. */
	rig_insert(&r, a, seq);
	rig_tick(&r, 500);
	assert_int_equal(heads_said(&r, &v), 1);
	assert_int_equal(v, 20);
	rig_done(&r);
}

/* Only who wrote says it, and only where somebody may hear it. */
static void
test_writers_only(void **state)
{
	struct rig r;
	struct session *a;
	uint64_t v = 0;

	(void)state;
	start(&r);
	a = rig_open(&r, "A");
	rig_rival(&r, "x", OP_CREATE, "R", 1, "{'type':'text-unicode'}");
	rig_say_over(&r, a, "{'a':'s','c':'c','d':'x'}");
	rig_rival(&r, "x", OP_EDIT, "R", 2, "['1']");
	rig_word(&r, "x", 1, 2);
	rig_tick(&r, 1000);
	assert_int_equal(heads_said(&r, &v), 0);
	rig_done(&r);

	rig_init(&r);
	r.limits.shared_store = false;
	rig_start(&r);
	a = rig_open(&r, "A");
	rig_say_over(&r, a, CREATE_X);
	rig_tick(&r, 1000);
	assert_true(list_empty(&r.words));
	rig_done(&r);
}

/* Who is behind asks the store; who is not does nothing. */
static void
test_repairs(void **state)
{
	struct rig r;
	struct session *a;
	struct word *w;
	uint64_t reads;

	(void)state;
	start(&r);
	a = rig_open(&r, "A");
	rig_rival(&r, "x", OP_CREATE, "R", 1, "{'type':'text-unicode'}");
	rig_say_over(&r, a, "{'a':'s','c':'c','d':'x'}");
	rig_rival(&r, "x", OP_EDIT, "R", 2, "['1']");
	rig_hear_nothing(a);
	w = word_new(WORD_HEAD, "c", "x");
	w->head_v = 2;
	hub_hear(r.hub, word_copy(w));
	rig_run(&r);
	rig_hear(a, "{'a':'op','c':'c','d':'x','v':1,'src':'R','seq':2,"
	    "'op':['1']}");
	reads = r.reads;
	hub_hear(r.hub, word_copy(w));
	rig_run(&r);
	assert_int_equal(r.reads, reads);
	rig_hear_nothing(a);
	/* Of a document that is not here. */
	w->id[0] = 'y';
	hub_hear(r.hub, w);
	rig_run(&r);
	assert_int_equal(r.reads, reads);
	rig_done(&r);
}

/* A commit that nobody answered for was ours, though others' answer tells. */
static void
test_after_unsure(void **state)
{
	struct rig r;
	struct session *a;
	uint64_t v = 0;

	(void)state;
	start(&r);
	a = rig_open(&r, "A");
	rig_say_over(&r, a, CREATE_X);
	rig_tick(&r, 1000);
	assert_int_equal(heads_said(&r, &v), 1);
	rig_hold(&r, JOB_COMMIT);
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','v':1,'seq':2,'op':['1']}");
	rig_settle(&r, JOB_COMMIT, ERR_STORE_UNSURE, true);
	rig_tick(&r, 1000);
	rig_tick(&r, 1000);
	assert_int_equal(heads_said(&r, &v), 1);
	assert_int_equal(v, 2);
	rig_done(&r);
}

/* Nothing stays unsaid: when it goes from memory, or the process ends. */
static void
test_at_the_end(void **state)
{
	struct rig r;
	struct session *a;
	uint64_t v = 0;

	(void)state;
	rig_init(&r);
	r.limits.shared_store = true;
	r.limits.idle_ms = 0;
	r.limits.echo_ms = 5000;
	rig_start(&r);
	a = rig_open(&r, "A");
	rig_say_over(&r, a, CREATE_X);
	rig_tick(&r, 1);		/* evicted */
	assert_int_equal(heads_said(&r, &v), 1);
	rig_say_over(&r, a, "{'a':'s','c':'c','d':'x'}");
	rig_insert(&r, a, 2);
	assert_int_equal(heads_said(&r, &v), 0);
	hub_drain(r.hub);
	rig_run(&r);
	assert_int_equal(heads_said(&r, &v), 1);
	assert_int_equal(v, 2);
	rig_done(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_once_a_burst),
		cmocka_unit_test(test_writers_only),
		cmocka_unit_test(test_repairs),
		cmocka_unit_test(test_after_unsure),
		cmocka_unit_test(test_at_the_end),
	};

	return cmocka_run_group_tests_name("echo", tests, NULL, NULL);
}
