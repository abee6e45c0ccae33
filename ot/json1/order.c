#include "ot/json1/order.h"

/* What a scratch's nodes have in passes, which only edits need. */
#define OPEN	1u	/* on the way to where it is written */
#define WRITTEN	2u	/* at it or below it */
#define PARENT	4u	/* one of its children was */
#define SPREAD	8u	/* two of them were, so it lists them */

static const struct json1_node *
only_child(const struct json1_node *node)
{
	const struct json1_node *child = node->first;

	while ((child->passes & WRITTEN) == 0)
		child = child->next;
	return child;
}

/* Step down to node, whose parent is open. */
static void
enter(struct json1_scratch *s, struct json1_order *order,
    struct json1_node *node)
{
	struct json1_node *parent = node->parent;

	if ((parent->passes & PARENT) == 0) {
		parent->passes |= PARENT;
		return;
	}
	if ((parent->passes & SPREAD) == 0) {
		if ((node->passes & WRITTEN) != 0)
			return;
		parent->passes |= SPREAD;
		if (order->left != NULL)
			order->left = only_child(parent);
	}
	if (order->left != NULL && (order->left->parent != parent ||
	    json1_key_compare(&node->key, &order->left->key) <= 0))
		json1_scratch_fail(s, OT_ETYPE,
		    "The ops do not fit together");
	order->left = NULL;
}

void
json1_order_write(struct json1_scratch *s, struct json1_order *order,
    struct json1_node *node)
{
	if (node == NULL || node->parent == NULL ||
	    (node->passes & OPEN) != 0)
		return;
	json1_order_write(s, order, node->parent);
	enter(s, order, node);
	node->passes |= OPEN | WRITTEN;
}

/* A root without a component has its only child first in line. */
static bool
is_first_in_line(const struct json1_node *node)
{
	return node->parent->parent == NULL && node->parent->comp == NULL;
}

void
json1_order_leave(struct json1_order *order, struct json1_node *node)
{
	if (node == NULL || (node->passes & OPEN) == 0)
		return;
	node->passes &= ~OPEN;
	if ((node->parent->passes & SPREAD) != 0 || is_first_in_line(node))
		order->left = node;
}
