#include "store/pg_way.h"

#include <sys/random.h>

#define PAUSE_MIN_MS	50	/* before the hosts are tried again */
#define PAUSE_MAX_MS	1000	/* readers are to catch up soon after it is back */
#define LOOK_MS		100	/* has another connection found the way? */

void
pg_way_init(struct pg_way *way, const struct pg_hosts *hosts)
{
	static const struct breaker_settings away = {
		.failures = 1, .first_ms = PAUSE_MIN_MS,
		.most_ms = PAUSE_MAX_MS,
	};
	uint64_t seed = 0;

	way->hosts = hosts;
	way->host = 0;
	atomic_init(&way->is_away, false);
	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		seed = 0;		/* then it is in step with others */
	breaker_init(&way->breaker, &away, seed);
}

bool
pg_way_try(struct pg_way *way, uint64_t now_ms, bool *probes_out)
{
	if (!breaker_try(&way->breaker, now_ms))
		return false;
	*probes_out = breaker_is_open(&way->breaker);
	return true;
}

void
pg_way_found(struct pg_way *way, size_t host)
{
	way->host = host;
	breaker_worked(&way->breaker);
	atomic_store(&way->is_away, false);
}

void
pg_way_failed(struct pg_way *way, uint64_t now_ms, size_t host, bool probed)
{
	if (breaker_is_open(&way->breaker) && !probed)
		return;
	way->host = host;
	breaker_failed(&way->breaker, now_ms);
	atomic_store(&way->is_away, breaker_is_open(&way->breaker));
}

void
pg_way_dropped(struct pg_way *way)
{
	breaker_dropped(&way->breaker);
}

uint64_t
pg_way_wait_ms(const struct pg_way *way, uint64_t now_ms)
{
	uint64_t ms = breaker_wait_ms(&way->breaker, now_ms);

	return ms < LOOK_MS ? ms : LOOK_MS;
}

bool
pg_way_is_away(const struct pg_way *way)
{
	return atomic_load(&way->is_away);
}
