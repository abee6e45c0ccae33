/*
 * json_node: how values are held.  Private to json_value.c, json_string.c,
 * json_list.c and json_object.c.
 */
#ifndef OT_JSON_NODE_H
#define OT_JSON_NODE_H

#include "ot/json_value.h"

struct rope;

struct json_node_string {
	struct rope *rope;	/* long; it follows the node.  NULL: flat */
	char	*bytes;		/* flat: WTF-8; follows the node until first edited */
	size_t	 len;		/* bytes */
	size_t	 cap;		/* flat: bytes; never shrinks, so that undo finds room */
	size_t	 len_u16;	/* equal to len: all ASCII */
	bool	 lone;		/* rope: there were lone surrogates at first */
};

struct json_node_list {
	struct json	**items;
	uint32_t	 *heads;	/* long: where each ring begins; NULL: one array */
	size_t		  n;
	size_t		  cap;		/* never shrinks */
	unsigned	  shift;	/* long: a ring holds 1 << shift items */
};

/* Buckets are probed one after the other; NULL is free. */
struct json_node_object {
	struct json_member	 *first, *last;
	size_t			  n;
	struct json_member	**index;	/* NULL: few members, walk them */
	size_t			  buckets;	/* of index, a power of two */
};

struct json {
	unsigned	refs;		/* 0: static, lives for ever */
	enum json_kind	kind;
	union {
		double			number;
		struct json_node_string	string;
		struct json_node_list	list;
		struct json_node_object	object;
	} u;
};

struct json	*json_node_new(enum json_kind kind, size_t extra_bytes);

/* json_string_new, but held as it will be edited. */
struct json	*json_string_new_edited(const char *wtf8, size_t len_bytes);

/* Copies one level deep, children shared; NULL when out of memory. */
struct json	*json_string_copy(const struct json *s);
struct json	*json_list_copy(const struct json *list);
struct json	*json_object_copy(const struct json *object);

/* Append the string as JSON; bytes held beside the node. */
void		 json_string_print(const struct json *s, struct buf *b);
size_t		 json_string_memory(const struct json *s);

/* Free what hangs on a node, not the node. */
void		 json_string_done(struct json *s);
void		 json_list_done(struct json *list);
void		 json_object_done(struct json *object);

#endif
