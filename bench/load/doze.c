#include "bench/load/doze.h"

#include <stdlib.h>

#include "base/mem.h"
#include "bench/load/client.h"
#include "bench/load/replica.h"
#include "bench/load/rig.h"
#include "bench/load/scenario.h"

#define SLICE_NS	1000000u	/* looks are taken in a row for so long */

/* Is this reader, the n-th of its document, one that stays awake? */
static bool
stays_awake(const struct options *o, uint32_t n)
{
	return (uint64_t)(n + 1) * DOZE_AWAKE / o->readers !=
	    (uint64_t)n * DOZE_AWAKE / o->readers;
}

void
doze_begin(struct rig *rig)
{
	const struct options *o = rig->options;
	struct doze *d = &rig->doze;
	uint32_t members = o->writers + o->readers;

	if (o->doze == 0 || o->scenario->layout != LAYOUT_SHARED)
		return;
	d->clients = mem_get(rig->n_clients * sizeof(struct client *));
	d->period_ns = (uint64_t)(o->doze * 1e6);
	d->start_ns = loop_clock_ns();
	for (uint32_t i = 0; i < rig->n_clients; i++) {
		struct client *c = &rig->clients[i];
		uint32_t member = i % members;

		if (member < o->writers ||
		    stays_awake(o, member - o->writers))
			continue;
		c->is_dozing = true;
		conn_doze(&rig->loop, &c->conn);
		d->clients[d->n++] = c;
	}
}

uint64_t
doze_turn(struct rig *rig)
{
	struct doze *d = &rig->doze;
	uint64_t now, due;

	if (d->n == 0)
		return UINT64_MAX;
	now = loop_clock_ns();
	due = (uint64_t)((double)(now - d->start_ns) / (double)d->period_ns *
	    d->n);
	/* Who could not keep up looks once, not as often as it missed. */
	if (due > d->looked + d->n)
		d->looked = due - d->n;
	while (d->looked < due)
		conn_look(&rig->loop, &d->clients[d->looked++ % d->n]->conn);
	return now + SLICE_NS;
}

void
doze_done(struct doze *d)
{
	free(d->clients);
	d->clients = NULL;
	d->n = 0;
}
