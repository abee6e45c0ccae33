/*
 * changes: what others write down about access, heard by looking often.
 *
 * Grants and revocations are tables; each change of them leaves a row in
 * access_change, written by the database itself.  Here the rows that were not
 * seen before are asked for several times a second.
 *
 * What must hold: no change is passed over, although transactions commit in
 * another order than they began in.  Hence the cursor that the store answers
 * is not the newest row but the oldest transaction that was still open; what
 * lies behind it is read again, and remembered so as not to be told twice.
 * That is cheap because transactions are short.
 */
#ifndef AUTH_CHANGES_H
#define AUTH_CHANGES_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/gate.h"
#include "auth/revoked.h"
#include "base/list.h"

struct changes {
	struct desk	*desk;
	struct revoked	*revoked;	/* kept up to date */
	uint64_t	 poll_ms;
	uint64_t	 next_ms;	/* ask again then */
	uint64_t	 next_sweep_ms;
	bool		 is_asking;	/* a job is out */
	bool		 is_loaded;	/* all revocations are known */
	char		*cursor;	/* opaque; NULL: not begun */
	struct table	 seen;		/* struct seen, beyond the cursor */
	struct list	 order;		/* the same */
	struct list	 told;		/* struct told: for gate_next_change */
};

void	changes_init(struct changes *c, struct desk *desk,
	    struct revoked *revoked, uint64_t poll_ms, uint64_t seed);
void	changes_done(struct changes *c);
/* Ask when it is time. */
void	changes_tick(struct changes *c, uint64_t now_ms, int64_t wall_ms);
/* Ask at once: a change was made here. */
void	changes_hurry(struct changes *c);
bool	changes_next(struct changes *c, struct gate_change *change_out);

#endif
