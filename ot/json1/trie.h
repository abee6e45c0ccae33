/*
 * trie: building json1 ops, and walking them side by side.
 *
 * A scratch is where new tries are built.  Its nodes and components go with
 * it; names, values and text ops in them are borrowed from the ops that they
 * came from, or kept by the scratch.  json1_edit_new makes an edit of one.
 *
 * Building fails stickily: once something failed, what writes does nothing,
 * and a place to write to may be NULL, also in the arguments.  Ask
 * json1_scratch_failed when the work is done.
 */
#ifndef OT_JSON1_TRIE_H
#define OT_JSON1_TRIE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/json1/edit.h"

#define JSON1_SCRATCH_BYTES	4096	/* that need no allocation */

struct json1_kept {
	struct json1_kept	*next;
	struct json		*value;		/* counted; may be NULL */
	struct json1_text	*text;		/* counted; may be NULL */
	struct json_key		*name;		/* counted; may be NULL */
};

struct json1_scratch {
	int			 rc;		/* 0, or the first failure */
	struct ot_err		*err;		/* where it is described */
	char			*at, *end;	/* free bytes */
	struct json1_block	*blocks;	/* heap */
	struct json1_kept	*kept;
	_Alignas(max_align_t) char small[JSON1_SCRATCH_BYTES];
};

void	 json1_scratch_init(struct json1_scratch *s, struct ot_err *err);
void	 json1_scratch_done(struct json1_scratch *s);
/* Remember a failure unless there is one already. */
void	 json1_scratch_fail(struct json1_scratch *s, int code,
	    const char *text);

static inline bool
json1_scratch_failed(const struct json1_scratch *s)
{
	return s->rc != 0;
}

/* n zeroed bytes, or NULL. */
void	*json1_alloc(struct json1_scratch *s, size_t n);
/* A zeroed table of n items; NULL on failure only. */
void	*json1_table(struct json1_scratch *s, size_t n, size_t item_size);
/*
 * Take the caller's count, which goes with the scratch; NULL given means that
 * memory ran out.  Returns it, or NULL on failure.
 */
struct json	  *json1_keep(struct json1_scratch *s, struct json *v);
struct json1_text *json1_keep_text(struct json1_scratch *s,
		    struct json1_text *text);
struct json_key	  *json1_keep_name(struct json1_scratch *s,
		    struct json_key *name);

/* ---- writing ---- */

struct json1_node *json1_node_new(struct json1_scratch *s);
/* The child of that key, made if it is not there. */
struct json1_node *json1_child(struct json1_scratch *s,
		    struct json1_node *node, const struct json1_key *key);
/* The place under root that place is under its own root. */
struct json1_node *json1_same_path(struct json1_scratch *s,
		    struct json1_node *root, const struct json1_node *place);
/* The component of a node, made if it is not there. */
struct json1_comp *json1_comp(struct json1_scratch *s,
		    struct json1_node *node);

/*
 * Write one field.  One that holds something else already is an error, as in
 * the reference: "Internal consistency error".
 */
void	 json1_put_pick(struct json1_scratch *s, struct json1_node *node,
	    int32_t slot);
void	 json1_put_drop(struct json1_scratch *s, struct json1_node *node,
	    int32_t slot);
void	 json1_put_remove(struct json1_scratch *s, struct json1_node *node,
	    struct json *value);
void	 json1_put_insert(struct json1_scratch *s, struct json1_node *node,
	    struct json *value);
/* Text ops that do nothing are left out unless empty is true. */
void	 json1_put_text(struct json1_scratch *s, struct json1_node *node,
	    struct json1_text *text, bool empty);
void	 json1_put_add(struct json1_scratch *s, struct json1_node *node,
	    double add);
/* The change of comp, which has one, in its short spelling. */
void	 json1_put_change(struct json1_scratch *s, struct json1_node *node,
	    const struct json1_comp *comp, bool empty);
/* Write all that hangs on from (NULL: nothing) at node. */
void	 json1_merge(struct json1_scratch *s, struct json1_node *node,
	    const struct json1_node *from);
/* A trie of the same shape, with the same components. */
struct json1_node *json1_shape(struct json1_scratch *s,
		    const struct json1_node *root);
/* Does anything happen at or under root, which may be NULL? */
bool	 json1_is_empty(const struct json1_node *root);

/* Make an edit of root, unless the scratch has failed. */
int	 json1_scratch_finish(struct json1_scratch *s,
	    struct json1_node *root, struct json1_edit **edit_out) OT_MUST_CHECK;

/* ---- walking ---- */

/*
 * Follows the children of a node in order while another traversal presents
 * its keys in order.  A seek passes children whose key is smaller and returns
 * one that is equal, without passing it, or NULL.  off counts the children
 * passed that pick (or drop); it is the difference between a list's indices
 * with and without them:
 *
 *	count	keys are compared as they are; key - off is the index after
 *		what is passed was picked
 *	skip	keys are compared less off; a child that picks (drops) never
 *		matches and is passed when it is not greater; key + off is the
 *		index before it was picked (after it was dropped)
 */
struct json1_walk {
	const struct json1_node	*at;		/* next child; NULL: end */
	int64_t			 off;
};

typedef bool	 json1_test(const struct json1_node *node);

static inline struct json1_walk
json1_walk(const struct json1_node *node)
{
	return (struct json1_walk){ node != NULL ? node->first : NULL, 0 };
}

static inline const struct json1_node *
json1_seek(struct json1_walk *w, const struct json1_key *key)
{
	int order;

	for (; w->at != NULL; w->at = w->at->next) {
		order = json1_key_compare(&w->at->key, key);
		if (order >= 0)
			return order == 0 ? w->at : NULL;
	}
	return NULL;
}

static inline const struct json1_node *
json1_seek_count(struct json1_walk *w, const struct json1_key *key,
    json1_test *counts)
{
	int order;

	for (; w->at != NULL; w->at = w->at->next) {
		order = json1_key_compare(&w->at->key, key);
		if (order >= 0)
			return order == 0 ? w->at : NULL;
		if (w->at->key.name == NULL && counts(w->at))
			w->off++;
	}
	return NULL;
}

static inline const struct json1_node *
json1_seek_skip(struct json1_walk *w, const struct json1_key *key,
    json1_test *counts)
{
	struct json1_key mapped;
	bool skip;
	int order;

	for (; w->at != NULL; w->at = w->at->next) {
		mapped = w->at->key;
		skip = false;
		if (mapped.name == NULL) {
			mapped.index -= w->off;
			skip = counts(w->at);
		}
		order = json1_key_compare(&mapped, key);
		if (order > 0)
			return NULL;
		if (order == 0 && !skip)
			return w->at;
		w->off += skip;
	}
	return NULL;
}

#endif
