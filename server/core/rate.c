#include "core/rate.h"

#define THOUSAND	1000
#define BURST_MS	1000		/* that credit grows for */

/* What a time brings. */
static int64_t
grown(int64_t credit, uint64_t rate, uint64_t ms)
{
	int64_t most = (int64_t)(rate * BURST_MS);
	uint64_t room;

	if (rate == 0)
		return 0;
	room = (uint64_t)(most - credit);
	return ms > room / rate ? most : credit + (int64_t)(rate * ms);
}

static void
meter_grow(struct rate_meter *m, const struct rate *r, uint64_t now_ms)
{
	uint64_t ms = now_ms > m->at_ms ? now_ms - m->at_ms : 0;

	m->ops = grown(m->ops, r->ops, ms);
	m->bytes = grown(m->bytes, r->bytes, ms);
	m->at_ms += ms;
}

void
rate_meter_init(struct rate_meter *m, const struct rate *r, uint64_t now_ms)
{
	*m = (struct rate_meter){
		.ops = (int64_t)(r->ops * BURST_MS),
		.bytes = (int64_t)(r->bytes * BURST_MS),
		.at_ms = now_ms,
	};
}

void
rate_meter_take(struct rate_meter *m, const struct rate *r, uint64_t now_ms,
    uint64_t ops, uint64_t bytes)
{
	meter_grow(m, r, now_ms);
	if (r->ops > 0)
		m->ops -= (int64_t)(ops * THOUSAND);
	if (r->bytes > 0)
		m->bytes -= (int64_t)(bytes * THOUSAND);
}

/* Until there is something of a credit. */
static uint64_t
wait(int64_t credit, uint64_t rate)
{
	return rate == 0 || credit > 0 ? 0 : (uint64_t)-credit / rate + 1;
}

uint64_t
rate_meter_wait(struct rate_meter *m, const struct rate *r, uint64_t now_ms)
{
	uint64_t ops, bytes;

	meter_grow(m, r, now_ms);
	ops = wait(m->ops, r->ops);
	bytes = wait(m->bytes, r->bytes);
	return ops > bytes ? ops : bytes;
}

bool
rate_meter_is_full(struct rate_meter *m, const struct rate *r,
    uint64_t now_ms)
{
	struct rate_meter full;

	meter_grow(m, r, now_ms);
	rate_meter_init(&full, r, now_ms);
	return m->ops == full.ops && m->bytes == full.bytes;
}
