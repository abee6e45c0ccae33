/*
 * rope_log: changes of a rope that can be taken back.
 *
 * Most changes only move bytes within one leaf.  Such a one is written down:
 * what went, what came, where.  When leaves come or go, a share of the rope
 * as it was is kept instead (rope_share), which costs nothing at first, but
 * makes what follows copy the nodes that it touches.
 *
 * Why taking back cannot fail: changes are taken back latest first, in place
 * or by putting a share back.  Both restore not only the text but the leaves
 * as they were.  So what went out of a leaf finds its room there again, and
 * what was ours alone is so again.
 */
#ifndef OT_ROPE_LOG_H
#define OT_ROPE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/rope.h"

/* ---- one change ---- */

/*
 * Put text, as for rope_insert, in the place of len from pos on, which are
 * there, if that only changes bytes of one leaf.  False: it does not, or
 * memory ran out; then r is unchanged.
 */
bool	 rope_swap(struct rope *r, enum rope_unit unit, size_t pos, size_t len,
	    const char *text, struct tree_size size);
/*
 * Take back the latest rope_swap that is not yet taken back: text, which it
 * took out, comes in the place of len, which it put in.
 */
void	 rope_swap_back(struct rope *r, enum rope_unit unit, size_t pos,
	    size_t len, const char *text, struct tree_size size);

/* ---- several ---- */

struct rope_step {
	size_t			 pos;
	struct tree_size	 gone_size, size;
	const char		*gone;		/* in the log's room */
	const char		*text;		/* what came; borrowed while changing */
};

struct rope_log {
	enum rope_unit		 unit;
	bool			 whole;		/* before is kept, no steps */
	struct rope		 before;
	uint32_t		 n;		/* steps */
	struct rope_step	*step;		/* they fill the owner's room */
	char			*end;		/* and texts do, from its end */
};

/* Most bytes of room that are of use. */
#define ROPE_LOG_ROOM_MAX	4096
/* Bytes of room that changes want whose deletes amount to len. */
size_t	 rope_log_room(uint32_t changes, uint64_t len);
/* Begin an empty log, which uses the room as long as it is there. */
void	 rope_log_init(struct rope_log *log, enum rope_unit unit,
	    struct rope_step *room, size_t room_bytes);
/* Nothing is to be taken back. */
void	 rope_log_done(struct rope_log *log);
/*
 * rope_insert and rope_delete, written down.  When they fail, r is changed in
 * part: take all back.
 */
int	 rope_log_insert(struct rope_log *log, struct rope *r, size_t pos,
	    const char *text, struct tree_size size) OT_MUST_CHECK;
int	 rope_log_delete(struct rope_log *log, struct rope *r, size_t pos,
	    size_t len) OT_MUST_CHECK;
/* Take all back; the log is done with. */
void	 rope_log_undo(struct rope_log *log, struct rope *r);

#endif
