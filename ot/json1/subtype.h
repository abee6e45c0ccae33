/*
 * subtype: what the edits inside json1 ops do, text and number alike.
 *
 * Each takes components that have a change, and writes the outcome at node
 * (trie.h says how that fails).
 */
#ifndef OT_JSON1_SUBTYPE_H
#define OT_JSON1_SUBTYPE_H

#include "ot/json1/trie.h"

/* Both must be changes of one subtype, else that is the failure. */
void	 json1_put_composed(struct json1_scratch *s, struct json1_node *node,
	    const struct json1_comp *first, const struct json1_comp *second);
void	 json1_put_transformed(struct json1_scratch *s,
	    struct json1_node *node, const struct json1_comp *comp,
	    const struct json1_comp *other, enum ot_side side);

void	 json1_put_inverted(struct json1_scratch *s, struct json1_node *node,
	    const struct json1_comp *comp);
/* A text op in normal form; adds as they are. */
void	 json1_put_normal(struct json1_scratch *s, struct json1_node *node,
	    const struct json1_comp *comp);
/* A text op that knows what it deletes from v, which may be anything. */
void	 json1_put_invertible(struct json1_scratch *s,
	    struct json1_node *node, const struct json1_comp *comp,
	    const struct json *v);
/* What becomes of v, which is borrowed; the result is kept by the scratch. */
struct json *json1_changed(struct json1_scratch *s,
	    const struct json1_comp *comp, struct json *v);

#endif
