/*
 * rate: how much somebody may ask in a second.
 *
 * Credit grows by the rate, up to what a second brings.  What is asked is
 * taken from it, however much it is, and may leave a debt; who owes waits
 * until it is paid.  So a message larger than a second's credit gets through,
 * and over any time no more than the rate, a second's credit and one message.
 */
#ifndef CORE_RATE_H
#define CORE_RATE_H

#include <stdbool.h>
#include <stdint.h>

/* In a second; 0: as much as one likes. */
struct rate {
	uint64_t	ops;		/* messages that ask something, see rate_cost */
	uint64_t	bytes;		/* of all messages */
};

/* Thousandths, so that a rate is what a millisecond brings. */
struct rate_meter {
	int64_t		ops, bytes;	/* credit; negative: owed */
	uint64_t	at_ms;		/* as of then */
};

/* With a second's credit. */
void	 rate_meter_init(struct rate_meter *m, const struct rate *r,
	    uint64_t now_ms);
void	 rate_meter_take(struct rate_meter *m, const struct rate *r,
	    uint64_t now_ms, uint64_t ops, uint64_t bytes);
/* How long until it may ask again, ms; 0: it may. */
uint64_t rate_meter_wait(struct rate_meter *m, const struct rate *r,
	    uint64_t now_ms);
/* Is it as after rate_meter_init? */
bool	 rate_meter_is_full(struct rate_meter *m, const struct rate *r,
	    uint64_t now_ms);

#endif
