/*
 * order: writing the children of a place from the lowest key up.
 *
 * The reference's WriteCursor (ot-json1 1.0.2, cursor.js) writes a trie in
 * this order only and gives up when it cannot go on so, which is when ops
 * that do not follow one another are composed.  So that we refuse the same,
 * a cursor is kept beside each trie that compose writes while it walks: what
 * is open is on the way from the root to where it writes.
 *
 * Its one laxness is kept too: a place with one child holds it in line, and
 * to leave that child is not remembered, unless it is the first of all or
 * something below it was.
 */
#ifndef OT_JSON1_ORDER_H
#define OT_JSON1_ORDER_H

#include "ot/json1/trie.h"

struct json1_order {
	const struct json1_node	*left;	/* the child left last; NULL: none */
};

/* Something was written at node, which may be NULL. */
void	json1_order_write(struct json1_scratch *s, struct json1_order *order,
	    struct json1_node *node);
/* Go up from node, which may be NULL. */
void	json1_order_leave(struct json1_order *order, struct json1_node *node);

#endif
