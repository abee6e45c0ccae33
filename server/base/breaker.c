#include "base/breaker.h"

/* xorshift64 (Marsaglia 2003, "Xorshift RNGs"): enough to be out of step. */
static uint64_t
roll(struct breaker *b)
{
	b->dice ^= b->dice << 13;
	b->dice ^= b->dice >> 7;
	b->dice ^= b->dice << 17;
	return b->dice;
}

void
breaker_init(struct breaker *b, const struct breaker_settings *settings,
    uint64_t seed)
{
	*b = (struct breaker){
		.settings = *settings,
		.dice = seed != 0 ? seed : 1,
	};
}

bool
breaker_is_open(const struct breaker *b)
{
	return b->failures >= b->settings.failures;
}

struct breaker_counts
breaker_count(const struct breaker *b)
{
	return (struct breaker_counts){
		.state = !breaker_is_open(b) ? BREAKER_CLOSED :
		    b->probing ? BREAKER_HALF_OPEN : BREAKER_OPEN,
		.opened = b->opened,
		.probes = b->probes,
	};
}

/* Of the next time of OPEN, before chance. */
static uint64_t
pause_ms(const struct breaker *b)
{
	const struct breaker_settings *s = &b->settings;
	unsigned doublings = b->failures - s->failures;
	uint64_t ms = s->first_ms;

	while (doublings-- > 0 && ms < s->most_ms)
		ms *= 2;
	return ms < s->most_ms ? ms : s->most_ms;
}

static void
open_until(struct breaker *b, uint64_t now_ms)
{
	uint64_t ms = pause_ms(b);

	b->until_ms = now_ms + ms - roll(b) % (ms / 2 + 1);
	b->probing = false;
}

bool
breaker_try(struct breaker *b, uint64_t now_ms)
{
	if (breaker_wait_ms(b, now_ms) > 0)
		return false;
	b->probing = breaker_is_open(b);
	b->probes += b->probing;
	return true;
}

void
breaker_worked(struct breaker *b)
{
	b->failures = 0;
	b->until_ms = 0;
	b->probing = false;
}

void
breaker_failed(struct breaker *b, uint64_t now_ms)
{
	if (breaker_is_open(b) && !b->probing)
		return;			/* it began before */
	if (b->failures < UINT32_MAX)
		b->failures++;
	if (!breaker_is_open(b))
		return;
	b->opened += !b->probing;
	open_until(b, now_ms);
}

void
breaker_dropped(struct breaker *b)
{
	b->probing = false;
}

uint64_t
breaker_wait_ms(const struct breaker *b, uint64_t now_ms)
{
	if (!breaker_is_open(b))
		return 0;
	if (b->probing)
		return UINT64_MAX;
	return now_ms >= b->until_ms ? 0 : b->until_ms - now_ms;
}

void
breaker_hurry(struct breaker *b)
{
	b->until_ms = 0;
}

void
breaker_restore(struct breaker *b, unsigned failures, uint64_t until_ms)
{
	b->failures = failures;
	b->until_ms = until_ms;
	b->probing = false;
}
