/*
 * list: intrusive doubly linked lists.
 *
 * A node is embedded in the thing it links and is on at most one list.  The
 * head is a node too.  A node that is on no list points to itself.
 */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
	struct list *prev, *next;
};

#define LIST_INIT(l)	{ &(l), &(l) }

/* The struct of type that embeds node as member. */
#define LIST_ITEM(node, type, member) \
	((type *)(void *)((char *)(node) - offsetof(type, member)))

/* Walk items; the current one may be removed (and freed) in the body. */
#define LIST_EACH(head, node, next_node)				\
	for ((node) = (head)->next, (next_node) = (node)->next;		\
	    (node) != (head);						\
	    (node) = (next_node), (next_node) = (node)->next)

static inline void
list_init(struct list *l)
{
	l->prev = l->next = l;
}

static inline bool
list_empty(const struct list *l)
{
	return l->next == l;
}

static inline void
list_push(struct list *head, struct list *node)		/* at the end */
{
	node->prev = head->prev;
	node->next = head;
	head->prev->next = node;
	head->prev = node;
}

static inline void
list_unshift(struct list *head, struct list *node)	/* at the front */
{
	list_push(head->next, node);
}

static inline void
list_remove(struct list *node)				/* harmless when on none */
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	node->prev = node->next = node;
}

/* The first node taken off, or NULL. */
static inline struct list *
list_shift(struct list *head)
{
	struct list *node = head->next;

	if (node == head)
		return NULL;
	list_remove(node);
	return node;
}

/* Everything of from, in order, to the end of head; from is empty after. */
static inline void
list_splice(struct list *head, struct list *from)
{
	if (list_empty(from))
		return;
	from->next->prev = head->prev;
	head->prev->next = from->next;
	from->prev->next = head;
	head->prev = from->prev;
	list_init(from);
}

#endif
