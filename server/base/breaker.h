/*
 * breaker: is something that keeps failing to be tried now?
 *
 *	CLOSED --so many failures in a row--> OPEN --time's over, a try--> HALF_OPEN
 *	   ^                                   ^                            |  |
 *	   |                                   '------ the probe fails -----'  |
 *	   '------------------------- a try goes well -------------------------'
 *
 * CLOSED: as often as one likes.  OPEN: not at all, until its time is over.
 * HALF_OPEN: one try, the probe, is under way, and no other begins until its
 * end is known.  The time of OPEN doubles with each probe that fails, up to a
 * most; of it up to a half is taken off by chance, so that many who lost the
 * same thing do not come back in step.
 *
 * It knows no clock: now_ms is any that the caller keeps to.
 */
#ifndef BASE_BREAKER_H
#define BASE_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

struct breaker_settings {
	unsigned failures;	/* in a row until it opens, 1 or more */
	uint64_t first_ms;	/* of OPEN; doubles */
	uint64_t most_ms;
};

/* As the metrics show it. */
enum breaker_state { BREAKER_CLOSED, BREAKER_HALF_OPEN, BREAKER_OPEN };

/* What is to be seen of one; all 0 is one that was never needed. */
struct breaker_counts {
	enum breaker_state state;
	uint64_t opened;	/* times that it was CLOSED no more */
	uint64_t probes;	/* times that it became HALF_OPEN */
};

/*
 * CLOSED: fewer failures than the settings say.  So two numbers, failures and
 * until_ms, are all that has to be kept where one process goes on for another
 * (breaker_restore).
 */
struct breaker {
	struct breaker_settings settings;
	unsigned failures;	/* in a row */
	uint64_t until_ms;	/* the end of OPEN's time */
	bool	 probing;	/* HALF_OPEN */
	uint64_t opened, probes;	/* as in breaker_counts */
	uint64_t dice;		/* state of the chance, never 0 */
};

void	 breaker_init(struct breaker *b,
	    const struct breaker_settings *settings, uint64_t seed);
/*
 * May a try begin now?  True: it does, and its end is told by one of the three
 * below.
 */
bool	 breaker_try(struct breaker *b, uint64_t now_ms);
void	 breaker_worked(struct breaker *b);
/* When it is not CLOSED, that of the probe counts and no other. */
void	 breaker_failed(struct breaker *b, uint64_t now_ms);
/* It ended, and that says nothing: another may be the probe. */
void	 breaker_dropped(struct breaker *b);
/*
 * How long until breaker_try may say yes, ms; 0: now.  UINT64_MAX: until the
 * probe has ended.
 */
uint64_t breaker_wait_ms(const struct breaker *b, uint64_t now_ms);
/* Is it not CLOSED? */
bool	 breaker_is_open(const struct breaker *b);
struct breaker_counts breaker_count(const struct breaker *b);
/* The time of OPEN is over, whatever it was: whoever waits may probe. */
void	 breaker_hurry(struct breaker *b);
/* As another had it; what is under way is not. */
void	 breaker_restore(struct breaker *b, unsigned failures,
	    uint64_t until_ms);

#endif
