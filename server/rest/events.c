#include "rest/events.h"

#include <stdlib.h>

#include "base/mem.h"
#include "rest/outbox.h"
#include "rest/rest_in.h"

#define PRUNE_MS	60000	/* from one sweep to the next, or the retention */

void
events_settings_default(struct events_settings *s)
{
	*s = (struct events_settings){
		.retention_ms = 7ull * 24 * 3600 * 1000,
	};
	hook_settings_default(&s->hooks);
}

void
rest_set_events(struct rest *r, const struct catalog *catalog,
    struct fetcher *fetcher, uint64_t node, const struct events_settings *s)
{
	struct events *e = r->events = mem_get(sizeof(*e));

	e->catalog = catalog;
	e->settings = *s;
	e->outbox = outbox_new(r->desk);
	e->hooks = hooks_new(r->desk, e->outbox, fetcher, node, &s->hooks);
}

void
rest_count_hooks(const struct rest *r, struct hook_counts *counts_out)
{
	*counts_out = (struct hook_counts){ 0 };
	if (r->events != NULL)
		hooks_count(r->events->hooks, counts_out);
}

void
events_tick(struct events *e, uint64_t now_ms, int64_t wall_ms)
{
	uint64_t every_ms;

	if (e == NULL)
		return;
	outbox_tick(e->outbox, now_ms);
	if (e->settings.is_on)
		hooks_tick(e->hooks, now_ms, wall_ms);
	if (now_ms < e->prune_ms)
		return;
	every_ms = e->settings.retention_ms < PRUNE_MS ?
	    e->settings.retention_ms : PRUNE_MS;
	if (e->prune_ms > 0)
		outbox_prune(e->outbox,
		    wall_ms - (int64_t)e->settings.retention_ms);
	e->prune_ms = now_ms + every_ms;
}

void
events_stop(struct events *e)
{
	if (e != NULL)
		hooks_stop(e->hooks);
}

bool
events_are_quiet(const struct events *e)
{
	return e == NULL || !e->settings.is_on || hooks_are_quiet(e->hooks);
}

void
events_free(struct events *e)
{
	if (e == NULL)
		return;
	hooks_free(e->hooks);
	outbox_free(e->outbox);
	free(e);
}
