/*
 * rig: see rig.h.
 */
#include "tests/bus/rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"

const struct redis_bus_times fast = {
	.connect_ms = 5000,
	.heartbeat_ms = 40,
	.silent_ms = 10000,
	.pause_min_ms = 20,
	.pause_max_ms = 100,
};

uint64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* ---- nodes ---- */

void
node_open(struct world *w, struct node *n)
{
	node_open_with(w, n, &fast);
}

void
node_open_with(struct world *w, struct node *n,
    const struct redis_bus_times *times)
{
	char url[128], why[256];

	memset(n, 0, sizeof(*n));
	if (w->redis == NULL) {
		n->bus = bus_open("local", w->loop, why, sizeof(why));
	} else {
		snprintf(url, sizeof(url), "redis://:p%%40ss@127.0.0.1:%d/test",
		    redis_server_port(w->redis));
		n->bus = redis_bus_open(url, w->loop, times, why, sizeof(why));
	}
	if (n->bus == NULL)
		fail_msg("%s", why);
}

void
node_close(struct node *n)
{
	n->bus->ops->close(n->bus);
	word_free(n->last);
	word_free(n->confirmed);
	free(n->seen);
}

static void
node_listen(struct node *n)
{
	struct word *w;

	while ((w = bus_next_heard(n->bus)) != NULL) {
		if (w->kind == WORD_BACK) {
			n->backs++;
			word_free(w);
			continue;
		}
		if (w->kind == WORD_FOLLOWED) {
			n->followed++;
			word_free(n->confirmed);
			n->confirmed = w;
			continue;
		}
		assert_int_equal(w->kind, WORD_OPS);
		n->n++;
		if (n->only != NULL)
			assert_string_equal(w->collection, n->only);
		if (n->seen != NULL)
			n->seen[atoi(w->id)] = 1;
		word_free(n->last);
		n->last = w;
	}
}

bool
node_is_up(const struct node *n)
{
	struct bus_health health;

	n->bus->ops->health(n->bus, &health);
	return health.up;
}

void
node_follow(struct node *n, enum word_kind kind, const char *collection,
    const char *id)
{
	n->bus->ops->say(n->bus, word_new(kind, collection, id));
}

void
node_say(struct node *n, const char *collection, const char *id, uint64_t v)
{
	struct word *w = word_new(WORD_OPS, collection, id);

	op_list_add(&w->ops, op_new(OP_EDIT, v, "src", 1, "[1]", 3));
	n->bus->ops->say(n->bus, w);
}

bool
node_heard(const struct node *n, const char *collection, const char *id,
    uint64_t v)
{
	return n->last != NULL && n->last->ops.ops[0]->v == v &&
	    strcmp(n->last->collection, collection) == 0 &&
	    strcmp(n->last->id, id) == 0;
}

/* ---- turning ---- */

static void
tick(void *arg)
{
	(void)arg;
}

static void
flush(struct bus *b)
{
	if (b != NULL)
		b->ops->flush(b);
}

void
turn(struct world *w)
{
	struct loop_timer *soon = loop_timer_new(w->loop, tick, NULL);

	loop_timer_start(soon, 5);
	flush(w->a.bus);
	flush(w->b.bus);
	flush(w->third);
	loop_wait(w->loop, false);
	loop_timer_free(soon);
	node_listen(&w->a);
	node_listen(&w->b);
}

void
say_until_heard(struct world *w, struct node *from, struct node *to,
    const char *collection, const char *id)
{
	static uint64_t v;

	uint64_t end = now_ms() + PATIENCE_MS;

	v++;
	for (;;) {
		node_say(from, collection, id, v);
		turn(w);
		if (node_heard(to, collection, id, v))
			return;
		if (now_ms() > end)
			fail_msg("%s/%s was never heard", collection, id);
	}
}

void
fence(struct world *w, struct node *from, struct node *to)
{
	static uint64_t v = 1000000;
	unsigned before;

	node_follow(to, WORD_FOLLOW, "fence", "f");
	say_until_heard(w, from, to, "fence", "f");
	v++;
	node_say(from, "fence", "f", v);
	WAIT(w, node_heard(to, "fence", "f", v));
	before = to->n;
	turn(w);
	assert_int_equal(to->n, before);
}
