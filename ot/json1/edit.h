/*
 * edit: a json1 op in memory, as a trie of places.
 *
 *	["a",{"r":true},2,{"d":0}]		root - "a" (r) - 2 (d 0)
 *
 *	[["x",{"p":0}],["y",{"d":0}]]		root - "x" (p 0)
 *						     \ "y" (d 0)
 *
 * A node is a place that the op passes or touches; what it does there is the
 * node's component.  Children are in the order of their keys: indices first,
 * ascending, then names by UTF-16 units.  The trie is read twice with two
 * meanings: for what is picked up or removed, paths are those of the document
 * before the op; for what is dropped, inserted or edited, of the one after.
 *
 * An edit is one allocation, immutable and shared by count.  Siblings lie
 * side by side in it.
 */
#ifndef OT_JSON1_EDIT_H
#define OT_JSON1_EDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/json_value.h"
#include "ot/type.h"

/*
 * Steps in a path and containers inside one another in a document: an op that
 * quotes the value, and a message around it, must still be readable.
 */
#define JSON1_DEPTH_MAX	(JSON_DEPTH_MAX - 8)
#define JSON1_INDEX_MAX	0x7fffffff	/* of list indices and of slots */

/* ---- keys ---- */

struct json1_key {
	struct json_key	*name;		/* NULL: a list index */
	int64_t		 index;		/* 0 with a name */
};

static inline struct json1_key
json1_index(int64_t index)
{
	return (struct json1_key){ NULL, index };
}

/* Of keys of which one at least has a name, and not the very same. */
int	 json1_name_compare(const struct json1_key *a,
	    const struct json1_key *b);

/* <0, 0, >0: the order of children. */
static inline int
json1_key_compare(const struct json1_key *a, const struct json1_key *b)
{
	if (a->name == b->name)
		return (a->index > b->index) - (a->index < b->index);
	return json1_name_compare(a, b);
}

/* ---- components ---- */

/* An op of text-unicode, shared by count. */
struct json1_text {
	unsigned	 refs;
	struct ot_edit	*edit;		/* owned */
};

/* Takes edit, also on failure; NULL when out of memory. */
struct json1_text *json1_text_new(struct ot_edit *edit);
struct json1_text *json1_text_ref(struct json1_text *text);
void		 json1_text_unref(struct json1_text *text);
bool		 json1_text_is_empty(const struct json1_text *text);

enum json1_change { JSON1_NO_CHANGE, JSON1_TEXT, JSON1_ADD };

/* How the change was spelt, for printing an op as it came. */
enum json1_type_field { JSON1_NO_TYPE, JSON1_BY_NAME, JSON1_BY_URI };	/* et */
enum json1_change_field { JSON1_ES, JSON1_ENA, JSON1_E };

struct json1_comp {
	int32_t			 pick;		/* p: slot, -1: none */
	int32_t			 drop;		/* d: slot, -1: none */
	struct json		*remove;	/* r; NULL: none */
	struct json		*insert;	/* i; NULL: none */
	union {
		struct json1_text	*text;
		double			 add;
	} u;					/* of change */
	uint8_t			 change;	/* enum json1_change */
	uint8_t			 type_field;	/* enum json1_type_field */
	uint8_t			 change_field;	/* enum json1_change_field */
};

/* ---- nodes ---- */

/* Does something at or under this node happen in that pass of apply? */
#define JSON1_IN_PICK	1u
#define JSON1_IN_DROP	2u

struct json1_node {
	struct json1_key	 key;		/* unused in a root */
	struct json1_node	*parent;	/* NULL: a root */
	struct json1_node	*first;		/* child with the lowest key */
	struct json1_node	*next;		/* sibling */
	/*
	 * In an edit: how many children, which follow one another in memory
	 * from first on.  Else: the child that was written to last.
	 */
	union {
		size_t			 n;
		struct json1_node	*near;
	} u;
	struct json1_comp	*comp;		/* NULL: none */
	unsigned		 passes;	/* JSON1_IN_*; until then order.c's */
};

static inline bool
json1_picks(const struct json1_node *node)
{
	return node != NULL && node->comp != NULL &&
	    (node->comp->pick >= 0 || node->comp->remove != NULL);
}

static inline bool
json1_drops(const struct json1_node *node)
{
	return node != NULL && node->comp != NULL &&
	    (node->comp->drop >= 0 || node->comp->insert != NULL);
}

static inline bool
json1_changes(const struct json1_node *node)
{
	return node != NULL && node->comp != NULL &&
	    node->comp->change != JSON1_NO_CHANGE;
}

/* ---- edits ---- */

struct json1_edit {
	unsigned		 refs;
	size_t			 n_nodes;	/* 0: the op null */
	size_t			 n_comps;
	size_t			 n_slots;
	bool			 still;		/* neither picks nor drops */
	/*
	 * No moves, nothing that a transform would spell otherwise: past an op
	 * that does not touch its places it stays as it is.
	 */
	bool			 plain;
	/*
	 * No function takes it: slots of picks, or of drops, are not 0 to
	 * n - 1, or a place is both removed and picked up, or the like.  What
	 * ops become that never fitted one document may be so.
	 */
	bool			 unsound;
	struct json1_comp	*comps;
	struct json1_node	 nodes[];	/* nodes[0] is the root */
};

/* NULL for the op null. */
static inline const struct json1_node *
json1_root(const struct json1_edit *edit)
{
	return edit->n_nodes > 0 ? edit->nodes : NULL;
}

/* Position of a component, from 0. */
static inline size_t
json1_comp_at(const struct json1_edit *edit, const struct json1_comp *comp)
{
	return (size_t)(comp - edit->comps);
}

static inline struct json1_edit *
json1_edit_ref(const struct json1_edit *edit)
{
	struct json1_edit *e = (struct json1_edit *)edit;

	e->refs++;
	return e;
}

void	 json1_edit_unref(struct json1_edit *edit);	/* NULL is fine */

/*
 * A new edit of what hangs on root, which is built with trie.h: copied, with
 * counts on what it holds.  Places where nothing happens are left out (and
 * unlinked from root).  root may be NULL.  OT_ELIMIT past JSON1_DEPTH_MAX.
 */
int	 json1_edit_new(struct json1_node *root, struct json1_edit **edit_out,
	    struct ot_err *err) OT_MUST_CHECK;

/* ---- reading and printing (read.c, print.c) ---- */

int	 json1_edit_parse(const char *json, size_t len_bytes,
	    struct json1_edit **edit_out, struct ot_err *err);
/*
 * The op in normal form, from a text that need only be of roughly the right
 * shape: children in any order, lists that need not be there, any slots.
 */
int	 json1_edit_parse_normal(const char *json, size_t len_bytes,
	    struct json1_edit **edit_out, struct ot_err *err) OT_MUST_CHECK;
void	 json1_edit_print(const struct json1_edit *edit, struct buf *b);

#endif
