/*
 * crowd: how much each address, or each principal, has of us at once; private
 * to server/net.
 *
 * A guest is a key with numbers.  It is kept while somebody counts on it, and
 * a little longer, so that its rate is remembered; then forgotten.
 */
#ifndef NET_CROWD_H
#define NET_CROWD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/list.h"
#include "base/table.h"

struct guest {
	struct table_node	 node;
	struct list		 idle;		/* crowd->idle, while n is 0 */
	char			*key;
	unsigned		 n;		/* at once: connections, or streams */
	uint64_t		 credit;	/* thousandths of one that may come */
	uint64_t		 credit_ms;	/* when it was reckoned */
	size_t			 bytes;		/* not yet whole, of all its */
};

struct crowd {
	struct table	 guests;
	struct list	 idle;		/* the longest idle first */
	size_t		 n_idle;
	unsigned	 most;		/* at once, of one guest; 0: any */
	unsigned	 rate;		/* a second, of one guest; 0: any */
};

void		 crowd_init(struct crowd *crowd, uint64_t seed, unsigned most,
		    unsigned rate);
void		 crowd_done(struct crowd *crowd);	/* nobody counts any more */
/*
 * One more for this key.  NULL: it has as many as it may have, or they come
 * too fast.
 */
struct guest	*crowd_enter(struct crowd *crowd, const char *key,
		    uint64_t now_ms);
/* One less; NULL is fine. */
void		 crowd_leave(struct crowd *crowd, struct guest *guest,
		    uint64_t now_ms);
/* Forget who has been idle for long. */
void		 crowd_tick(struct crowd *crowd, uint64_t now_ms);

#endif
