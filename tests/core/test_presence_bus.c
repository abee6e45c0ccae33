/*
 * presence between processes: words lost, repeated and torn, silence.
 */
#include "tests/core/presence_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/presence_in.h"

#define NODES	3

struct cluster {
	struct rig	 rigs[NODES];
	struct session	*ss[NODES];	/* A, B, C: one at each */
};

static void
cluster_start(struct cluster *c)
{
	static const char *const srcs[] = { "A", "B", "C" };
	int i;

	for (i = 0; i < NODES; i++) {
		rig_init(&c->rigs[i]);
		c->rigs[i].limits.shared_store = true;
		c->rigs[i].limits.sweep_ms = 0;
		c->rigs[i].limits.node = 100 + (uint64_t)i;
		rig_start(&c->rigs[i]);
		c->ss[i] = rig_open(&c->rigs[i], srcs[i]);
	}
}

static void
cluster_done(struct cluster *c)
{
	int i;

	for (i = 0; i < NODES; i++)
		rig_done(&c->rigs[i]);
}

static void
hear_word(struct rig *r, struct word *w)
{
	hub_hear(r->hub, w);
	hub_check(r->hub);
	rig_run(r);
}

/* Everything that was said is heard by all others; or nothing is. */
static void
cluster_talk(struct cluster *c, bool is_lost)
{
	struct list *node;
	struct word *w;
	bool moved = true;
	int i, j;

	while (moved) {
		moved = false;
		for (i = 0; i < NODES; i++) {
			while ((node = list_shift(&c->rigs[i].words)) != NULL) {
				w = LIST_ITEM(node, struct word, node);
				moved = true;
				if (w->kind == WORD_FOLLOW)
					hear_word(&c->rigs[i], word_new_topic(
					    WORD_FOLLOWED, w->topic));
				for (j = 0; j < NODES; j++)
					if (w->kind == WORD_PRESENCE &&
					    j != i && !is_lost)
						hear_word(&c->rigs[j],
						    word_copy(w));
				word_free(w);
			}
		}
	}
}

static void
cluster_tick(struct cluster *c, uint64_t ms)
{
	int i;

	for (; ms > 0; ms -= 50) {
		for (i = 0; i < NODES; i++)
			rig_tick(&c->rigs[i], 50);
		cluster_talk(c, false);
	}
}

static void
test_words(void **state)
{
	struct cluster c;

	(void)state;
	cluster_start(&c);
	subscribe(&c.rigs[1], c.ss[1]);
	cluster_talk(&c, false);
	say_p(&c.rigs[0], c.ss[0], "A", 0, "{'n':1}");
	cluster_talk(&c, false);
	hear_p(c.ss[1], "A", 0, "{'n':1}");
	/* Whose process has not followed it hears it as well. */
	subscribe(&c.rigs[2], c.ss[2]);
	cluster_talk(&c, false);
	cluster_tick(&c, 100);
	hear_p(c.ss[2], "A", 0, "{'n':1}");
	rig_hear(c.ss[1], "{'a':'pr','ch':'ch'}");
	hub_leave(c.rigs[0].hub, c.ss[0]);
	rig_run(&c.rigs[0]);
	cluster_talk(&c, false);
	hear_p(c.ss[1], "A", 0, "null");
	hear_p(c.ss[2], "A", 0, "null");
	cluster_tick(&c, 2000);
	rig_hear_nothing(c.ss[1]);
	rig_hear_nothing(c.ss[2]);
	cluster_done(&c);
}

/* A word is lost, and there is none after it. */
static void
test_lost_words(void **state)
{
	struct cluster c;

	(void)state;
	cluster_start(&c);
	subscribe(&c.rigs[1], c.ss[1]);
	cluster_talk(&c, false);
	say_p(&c.rigs[0], c.ss[0], "A", 0, "1");
	cluster_talk(&c, true);
	cluster_tick(&c, 500);
	hear_p(c.ss[1], "A", 0, "1");
	say_p(&c.rigs[0], c.ss[0], "A", 1, "null");
	cluster_talk(&c, true);
	cluster_tick(&c, 500);
	hear_p(c.ss[1], "A", 0, "null");
	/* One is lost, another comes after it. */
	say_p(&c.rigs[0], c.ss[0], "A", 2, "2");
	cluster_talk(&c, true);
	rig_say_over(&c.rigs[0], c.ss[0],
	    "{'a':'p','ch':'ch','id':'j','pv':0,'p':3}");
	cluster_talk(&c, false);
	rig_hear(c.ss[1], "{'a':'p','ch':'ch','id':'j','pv':0,'p':3,"
	    "'src':'A'}");
	cluster_tick(&c, 100);
	hear_p(c.ss[1], "A", 2, "2");
	cluster_tick(&c, 2000);
	rig_hear_nothing(c.ss[1]);
	cluster_done(&c);
}

/* The latest word about presence that a process has said; the caller's. */
static struct word *
latest_word(struct rig *r)
{
	struct list *node, *next;
	struct word *w, *latest = NULL;

	LIST_EACH(&r->words, node, next) {
		w = LIST_ITEM(node, struct word, node);
		if (w->kind == WORD_PRESENCE)
			latest = w;
	}
	assert_non_null(latest);
	return word_copy(latest);
}

/* Every word twice, and the older ones again after the newer. */
static void
test_repeated_words(void **state)
{
	struct cluster c;
	struct word *words[3];
	int i, j;

	(void)state;
	cluster_start(&c);
	subscribe(&c.rigs[1], c.ss[1]);
	cluster_tick(&c, 1000);
	for (i = 0; i < 3; i++) {
		say_p(&c.rigs[0], c.ss[0], "A", i, i < 2 ? "1" : "null");
		words[i] = latest_word(&c.rigs[0]);
	}
	for (i = 0; i < 3; i++)
		for (j = 0; j <= i; j++)
			hear_word(&c.rigs[1], word_copy(words[j]));
	hear_p(c.ss[1], "A", 0, "1");
	hear_p(c.ss[1], "A", 1, "1");
	hear_p(c.ss[1], "A", 2, "null");
	/* In the wrong order the last one counts. */
	for (i = 0; i < 3; i++)
		hear_word(&c.rigs[2], words[2 - i]);
	cluster_tick(&c, 2000);
	rig_hear_nothing(c.ss[1]);
	cluster_done(&c);
}

static void
test_silent_process(void **state)
{
	struct cluster c;
	uint64_t ttl;
	int i;

	(void)state;
	cluster_start(&c);
	ttl = c.rigs[0].limits.presence_ttl_ms;
	subscribe(&c.rigs[1], c.ss[1]);
	cluster_talk(&c, false);
	say_p(&c.rigs[0], c.ss[0], "A", 0, "1");
	cluster_talk(&c, false);
	hear_p(c.ss[1], "A", 0, "1");
	/* It says nothing, but lives. */
	cluster_tick(&c, 4 * ttl);
	rig_hear_nothing(c.ss[1]);
	/* It is dead, and was heard a third of that ago at the latest. */
	for (i = 0; i < 60; i++) {
		rig_tick(&c.rigs[1], ttl / 100);
		rig_hear_nothing(c.ss[1]);
	}
	for (; i <= 101; i++)
		rig_tick(&c.rigs[1], ttl / 100);
	hear_p(c.ss[1], "A", 0, "null");
	/* It was only held up. */
	cluster_tick(&c, ttl);
	hear_p(c.ss[1], "A", 0, "1");
	cluster_done(&c);
}

/* The client goes on elsewhere while its old process has not noticed. */
static void
test_client_changes_process(void **state)
{
	struct cluster c;
	struct session *again;

	(void)state;
	cluster_start(&c);
	subscribe(&c.rigs[1], c.ss[1]);
	cluster_talk(&c, false);
	say_p(&c.rigs[0], c.ss[0], "A", 0, "1");
	cluster_talk(&c, false);
	hear_p(c.ss[1], "A", 0, "1");
	again = rig_open(&c.rigs[2], "A");
	say_p(&c.rigs[2], again, "A", 1, "2");
	cluster_talk(&c, false);
	hear_p(c.ss[1], "A", 1, "2");
	hub_leave(c.rigs[0].hub, c.ss[0]);
	rig_run(&c.rigs[0]);
	cluster_tick(&c, 2000);
	rig_hear_nothing(c.ss[1]);
	hub_leave(c.rigs[2].hub, again);
	rig_run(&c.rigs[2]);
	cluster_talk(&c, false);
	hear_p(c.ss[1], "A", 1, "null");
	rig_hear_nothing(c.ss[1]);
	cluster_done(&c);
}

/* What arrives is no word, or the half of one: nothing happens. */
static void
test_torn_words(void **state)
{
	struct cluster c;
	struct list *node;
	struct word *w, *torn;
	size_t i, n = 0;

	(void)state;
	cluster_start(&c);
	subscribe(&c.rigs[0], c.ss[0]);
	subscribe(&c.rigs[1], c.ss[1]);
	cluster_tick(&c, 1000);
	drop_all(c.ss[0]);
	drop_all(c.ss[1]);
	say_p(&c.rigs[0], c.ss[0], "A", 0, "{'n':[1,2]}");
	rig_tick(&c.rigs[0], 300);
	while ((node = list_shift(&c.rigs[0].words)) != NULL) {
		w = LIST_ITEM(node, struct word, node);
		for (i = 0; i < w->text.len; i++) {
			torn = word_copy(w);
			torn->text.len = i;
			hear_word(&c.rigs[1], torn);
			torn = word_copy(w);
			torn->text.data[i] ^= 0x40;
			/* Not the sender: that is another process, then. */
			if (i > 8)
				hear_word(&c.rigs[2], torn);
			else
				word_free(torn);
			n++;
		}
		word_free(w);
	}
	assert_true(n > 100);
	rig_hear_nothing(c.ss[1]);
	cluster_tick(&c, 1000);
	hear_p(c.ss[1], "A", 0, "{'n':[1,2]}");
	cluster_done(&c);
}

/* More than one word of a state holds. */
static void
test_large_state(void **state)
{
	struct cluster c;
	struct frame *f;
	char *text = malloc(20000);
	int i, n = 0;

	(void)state;
	assert_non_null(text);
	cluster_start(&c);
	for (i = 0; i < 60; i++) {
		snprintf(text, 20000, "{'a':'p','ch':'ch','id':'%d','pv':0,"
		    "'p':'%015000d'}", i, i);
		rig_say_over(&c.rigs[0], c.ss[0], text);
	}
	subscribe(&c.rigs[1], c.ss[1]);
	cluster_talk(&c, false);
	cluster_tick(&c, 100);
	while ((f = session_shift(c.ss[1])) != NULL) {
		frame_unref(f);
		n++;
	}
	assert_int_equal(n, 60);
	free(text);
	cluster_done(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_lost_words),
		cmocka_unit_test(test_repeated_words),
		cmocka_unit_test(test_silent_process),
		cmocka_unit_test(test_client_changes_process),
		cmocka_unit_test(test_torn_words),
		cmocka_unit_test(test_large_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
