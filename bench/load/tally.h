/*
 * tally: what is counted, and the time that counts.
 *
 * In a closed loop an op counts when its acknowledgement comes within that
 * time.  In an open one (a rate) it is one that was due then, whenever it is
 * answered: leaving out late ones would make a server that falls behind look
 * quick ("coordinated omission").  Rates count what came within the time.
 */
#ifndef LOAD_TALLY_H
#define LOAD_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/load/histogram.h"

struct tally {
	bool			 is_paced;	/* an open loop */
	uint64_t		 from_ns;	/* what counts; UINT64_MAX: not known yet */
	uint64_t		 until_ns;
	uint64_t		 ops;		/* acknowledged within */
	uint64_t		 deliveries;	/* heard by others within */
	uint64_t		 opens;		/* documents opened */
	uint64_t		 all_ops;	/* acknowledged at any time */
	uint64_t		 all_deliveries;
	uint64_t		 duplicates;	/* told again; dropped, as clients do */
	uint64_t		 gaps;		/* versions missed and asked for, as clients do */
	uint64_t		 unsent;	/* due, but not sent when time was up */
	uint64_t		 unanswered;	/* sent, but not acknowledged when time was up */
	uint64_t		 behind;	/* followers that had not heard all when time was up */
	uint64_t		 errors;
	struct histogram	 ack;		/* ns from due to acknowledged */
	struct histogram	 delivery;	/* ns from due to heard */
	struct histogram	 create;	/* ns; before the time that counts */
	struct histogram	 open;
};

static inline bool
tally_is_counting(const struct tally *t, uint64_t ns)
{
	return ns >= t->from_ns && ns < t->until_ns;
}

static inline void
tally_op(struct tally *t, uint64_t due_ns, uint64_t now_ns)
{
	t->all_ops++;
	if (tally_is_counting(t, now_ns))
		t->ops++;
	if (tally_is_counting(t, t->is_paced ? due_ns : now_ns))
		histogram_record(&t->ack, now_ns > due_ns ? now_ns - due_ns : 0);
}

static inline void
tally_delivery(struct tally *t, uint64_t due_ns, uint64_t now_ns,
    bool is_timed)
{
	t->all_deliveries++;
	if (tally_is_counting(t, now_ns))
		t->deliveries++;
	if (is_timed && tally_is_counting(t, t->is_paced ? due_ns : now_ns))
		histogram_record(&t->delivery,
		    now_ns > due_ns ? now_ns - due_ns : 0);
}

#endif
