#include "rest/rest_in.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/log.h"
#include "base/mem.h"
#include "core/desk.h"

#define PRUNE_FIRST_MS	60000
#define PRUNE_EVERY_MS	(15 * 60000)
#include "rest/events.h"
#include "rest/stream.h"

void
rest_settings_default(struct rest_settings *s)
{
	*s = (struct rest_settings){
		.once_ms = 7ull * 24 * 3600 * 1000,
		.page = 100,
		.presence_ms = 250,
		.bulk_bytes = 64u << 20,
		.bulk = 100,
		.heartbeat_ms = 15000,
	};
}

struct rest *
rest_new(struct hub *hub, struct desk *desk, struct gate *gate,
    const struct rest_settings *settings)
{
	struct rest *r = mem_get(sizeof(*r));
	uint64_t seed;

	r->hub = hub;
	r->desk = desk;
	r->gate = gate;
	r->settings = *settings;
	r->api = (struct net_api){
		"/v1/", rest_begin, rest_gone, rest_drained, r,
	};
	if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
		bug("rest: no randomness");
	table_init(&r->once, seed);
	list_init(&r->calls);
	list_init(&r->over);
	list_init(&r->timers);
	list_init(&r->streams);
	return r;
}

const struct net_api *
rest_api(const struct rest *r)
{
	return &r->api;
}

/* Those with a job out are freed in a later tick. */
static void
reap(struct rest *r, bool all)
{
	struct list *node, *next;

	LIST_EACH(&r->over, node, next) {
		struct rest_call *call =
		    LIST_ITEM(node, struct rest_call, node);

		if (all || call->asked == 0)
			rest_call_free(call);
	}
}

void
rest_timer_init(struct rest_timer *t)
{
	list_init(&t->node);
}

void
rest_timer_start(struct rest_timer *t, struct rest_call *call,
    uint64_t after_ms, void (*then)(struct rest_call *call))
{
	rest_timer_stop(t);
	t->call = call;
	t->due_ms = call->rest->now_ms + after_ms;
	t->then = then;
	list_push(&call->rest->timers, &t->node);
}

void
rest_timer_stop(struct rest_timer *t)
{
	list_remove(&t->node);
}

/* What is called may start and stop others: one at a time. */
static struct rest_timer *
timer_due(const struct rest *r)
{
	struct list *node, *next;

	LIST_EACH(&r->timers, node, next) {
		struct rest_timer *t =
		    LIST_ITEM(node, struct rest_timer, node);

		if (r->now_ms >= t->due_ms)
			return t;
	}
	return NULL;
}

static void
pruned(struct job *job)
{
	if (job->err != ERR_NONE)
		log_line(LOG_DEBUG, "rest", "could not let go of kept answers: "
		    "%s; trying again later", err_text(job->err));
	job_free(job);
}

/* Answers to an Idempotency-Key that were kept for long enough. */
static void
prune(struct rest *r)
{
	char before[24];

	r->prune_ms = r->now_ms + PRUNE_EVERY_MS;
	snprintf(before, sizeof(before), "%" PRId64,
	    r->wall_ms - (int64_t)r->settings.once_ms);
	desk_ask(r->desk, rows_new(ROWS_ONCE_PRUNE, pruned, r, before));
}

void
rest_tick(struct rest *r, uint64_t now_ms, int64_t wall_ms)
{
	struct rest_timer *t;

	r->now_ms = now_ms;
	r->wall_ms = wall_ms;
	while ((t = timer_due(r)) != NULL) {
		rest_timer_stop(t);
		t->then(t->call);
	}
	streams_tick(r);
	events_tick(r->events, now_ms, wall_ms);
	if (r->prune_ms == 0)		/* not all processes at the start */
		r->prune_ms = now_ms + PRUNE_FIRST_MS;
	if (now_ms >= r->prune_ms && !r->is_stopped)
		prune(r);
	reap(r, false);
}

void
rest_stop(struct rest *r)
{
	if (r->is_stopped)
		return;
	r->is_stopped = true;
	streams_stop(r);
	events_stop(r->events);
}

bool
rest_is_quiet(const struct rest *r)
{
	return events_are_quiet(r->events);
}

void
rest_free(struct rest *r)
{
	struct list *node, *next;

	if (r == NULL)
		return;
	LIST_EACH(&r->calls, node, next)
		rest_call_over(LIST_ITEM(node, struct rest_call, node));
	reap(r, true);
	table_done(&r->once);
	events_free(r->events);
	free(r);
}

void
rest_random_id(char id[33])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char bytes[16];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		bug("rest: no randomness");
	for (int i = 0; i < 16; i++) {
		id[2 * i] = digits[bytes[i] >> 4];
		id[2 * i + 1] = digits[bytes[i] & 15];
	}
	id[32] = '\0';
}
