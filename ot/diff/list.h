/*
 * list: what became of the items of a list.
 *
 *	a	[ 1, {x}, 2,     3 ]
 *	b	[    {X}, 2, [], 3, 4 ]
 *
 *	1 is gone, {x} is edited to {X}, 2 and 3 are the same, [] and 4 are new
 *
 * Point 2 of ot/diff.h.
 */
#ifndef OT_DIFF_LIST_H
#define OT_DIFF_LIST_H

#include <stddef.h>
#include <stdint.h>

#include "ot/diff/symbols.h"
#include "ot/json_value.h"
#include "ot/ot_err.h"

/* So few moves can be looked at pairwise. */
#define LIST_MOVES_MAX	256

enum fate {
	FATE_NONE,	/* an item of a: gone; of b: new */
	FATE_SAME,	/* equal, in order with the others that have a partner */
	FATE_EDITED,	/* not equal, the same otherwise */
	FATE_MOVED	/* equal, out of order */
};

struct item {
	enum fate	 fate;
	uint32_t	 partner;	/* index on the other side; not for NONE */
};

struct alignment {
	struct item	*a, *b;		/* of each item */
	size_t		 n, m;
	size_t		 moves;
};

/*
 * Align the lists a and b.  Takes from *steps what it uses.  OT_ENOMEM.
 */
int	diff_list(const struct json *a, const struct json *b,
	    struct hashes *hashes, size_t *steps, struct alignment *out)
	    OT_MUST_CHECK;
void	diff_list_done(struct alignment *l);

#endif
