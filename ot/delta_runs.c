#include "ot/delta_runs.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define LEAF_MAX	32	/* runs in a leaf */
#define LEAF_MIN	2	/* least room that a leaf is born with */
#define PIECE_MAX	(LEAF_MAX / 2)	/* runs inserted at once */

struct leaf {
	struct tree_leaf	 node;
	uint32_t		 room;		/* runs that run[] can hold */
	struct delta_run	 run[];
};

/* ---- leaves ---- */

static struct leaf *
leaf_of(const struct tree *t)
{
	return (struct leaf *)t->leaf;
}

void
delta_run_ref(const struct delta_run *run)
{
	if (run->embed != NULL)
		json_ref(run->embed);
	if (run->attrs != NULL)
		json_ref(run->attrs);
}

void
delta_run_unref(const struct delta_run *run)
{
	json_unref(run->embed);
	json_unref(run->attrs);
}

static struct tree_size
runs_size(const struct delta_run *run, size_t n)
{
	struct tree_size size = { { (uint32_t)n, 0, 0 } };
	size_t i;

	for (i = 0; i < n; i++)
		size.of[DELTA_U16] += run[i].len_u16;
	return size;
}

static struct leaf *
leaf_new(uint32_t room)
{
	struct leaf *leaf;

	leaf = malloc(sizeof(*leaf) + room * sizeof(leaf->run[0]));
	if (leaf == NULL)
		return NULL;
	leaf->node.refs = 1;
	leaf->node.size = (struct tree_size){ { 0, 0, 0 } };
	leaf->room = room;
	return leaf;
}

static void
leaf_absorb(struct tree_leaf *node, const struct tree_leaf *other,
    bool in_front)
{
	struct leaf *leaf = (struct leaf *)node;
	const struct leaf *from = (const struct leaf *)other;
	uint32_t have = node->size.of[DELTA_RUNS], i;
	uint32_t more = other->size.of[DELTA_RUNS];

	assert(have + more <= leaf->room);
	if (in_front)
		memmove(leaf->run + more, leaf->run,
		    have * sizeof(leaf->run[0]));
	memcpy(leaf->run + (in_front ? 0 : have), from->run,
	    more * sizeof(leaf->run[0]));
	for (i = 0; i < more; i++)
		delta_run_ref(&from->run[i]);
	tree_size_add(&node->size, other->size);
}

static struct tree_leaf *
leaf_copy(const struct tree_leaf *node)
{
	struct leaf *copy;

	if ((copy = leaf_new(((const struct leaf *)node)->room)) == NULL)
		return NULL;
	leaf_absorb(&copy->node, node, false);
	return &copy->node;
}

static void
leaf_free(struct tree_leaf *node)
{
	struct leaf *leaf = (struct leaf *)node;
	uint32_t i;

	for (i = 0; i < node->size.of[DELTA_RUNS]; i++)
		delta_run_unref(&leaf->run[i]);
	free(leaf);
}

static const struct tree_kind kind = {
	LEAF_MAX - LEAF_MAX / 8, leaf_copy, leaf_free, leaf_absorb
};

/* Give the leaf under the finger room for n runs; it may move. */
static int
leaf_grow(struct tree *t, uint32_t n)
{
	struct leaf *leaf = leaf_of(t);
	uint32_t room = n + n / 2;

	if (n <= leaf->room)
		return 0;
	/* Only a leaf that is alone is small. */
	assert(t->height == 0);
	if (room > LEAF_MAX)
		room = LEAF_MAX;
	leaf = realloc(leaf, sizeof(*leaf) + room * sizeof(leaf->run[0]));
	if (leaf == NULL)
		return OT_ENOMEM;
	leaf->room = room;
	tree_moved(t, &leaf->node);
	return 0;
}

/* ---- changing ---- */

void
delta_runs_init(struct tree *t)
{
	tree_init(t, &kind);
}

static int
delete_runs(struct tree *t, size_t at, size_t count)
{
	struct tree_size gone;
	struct delta_run *run;
	struct leaf *leaf;
	size_t off, n, i, have;
	int rc;

	while (count > 0) {
		if ((rc = tree_seek(t, DELTA_RUNS, at, false)) != 0)
			return rc;
		leaf = leaf_of(t);
		off = at - t->before;
		have = leaf->node.size.of[DELTA_RUNS];
		n = count < have - off ? count : have - off;
		run = leaf->run + off;
		gone = runs_size(run, n);
		for (i = 0; i < n; i++)
			delta_run_unref(&run[i]);
		memmove(run, run + n, (have - off - n) * sizeof(*run));
		tree_resize(t, gone, (struct tree_size){ { 0, 0, 0 } });
		tree_shrink(t);
		count -= n;
	}
	return 0;
}

/* The leaf under the finger with n more runs from off on is two leaves. */
static int
split_leaf(struct tree *t, size_t off, const struct delta_run *run, size_t n)
{
	static const struct tree_size nothing = { { 0, 0, 0 } };
	struct delta_run all[LEAF_MAX + PIECE_MAX];
	struct leaf *leaf, *next;
	struct tree_spare spare;
	size_t have = leaf_of(t)->node.size.of[DELTA_RUNS];
	size_t total = have + n, place;
	int rc;

	if (leaf_grow(t, LEAF_MAX) != 0 || (next = leaf_new(LEAF_MAX)) == NULL)
		return OT_ENOMEM;
	if ((rc = tree_spare_init(&spare, t)) != 0) {
		free(next);
		return rc;
	}
	leaf = leaf_of(t);
	memcpy(all, leaf->run, off * sizeof(*all));
	memcpy(all + off, run, n * sizeof(*all));
	memcpy(all + off + n, leaf->run + off, (have - off) * sizeof(*all));
	/* Appending leaves full leaves behind. */
	place = off == have ? LEAF_MAX : total / 2;
	memcpy(leaf->run, all, place * sizeof(*all));
	memcpy(next->run, all + place, (total - place) * sizeof(*all));
	next->node.size = runs_size(next->run, total - place);
	tree_resize(t, leaf->node.size, nothing);
	tree_resize(t, nothing, runs_size(leaf->run, place));
	tree_insert_leaf(t, &next->node, &spare);
	return 0;
}

/* Insert at most PIECE_MAX runs. */
static int
insert_piece(struct tree *t, size_t at, const struct delta_run *run, size_t n)
{
	struct leaf *leaf;
	size_t off, have, i;
	int rc;

	if (t->root == NULL) {
		if ((leaf = leaf_new(LEAF_MIN)) == NULL)
			return OT_ENOMEM;
		tree_plant(t, &leaf->node);
	} else if ((rc = tree_seek(t, DELTA_RUNS, at, true)) != 0) {
		return rc;
	}
	off = at - t->before;
	have = leaf_of(t)->node.size.of[DELTA_RUNS];
	if (have + n > LEAF_MAX) {
		rc = split_leaf(t, off, run, n);
	} else if ((rc = leaf_grow(t, (uint32_t)(have + n))) == 0) {
		leaf = leaf_of(t);
		memmove(leaf->run + off + n, leaf->run + off,
		    (have - off) * sizeof(*run));
		memcpy(leaf->run + off, run, n * sizeof(*run));
		tree_resize(t, (struct tree_size){ { 0, 0, 0 } },
		    runs_size(run, n));
	}
	for (i = 0; rc == 0 && i < n; i++)
		delta_run_ref(&run[i]);
	return rc;
}

int
delta_runs_replace(struct tree *t, size_t at, size_t count,
    const struct delta_run *run, size_t n)
{
	size_t done, piece;
	int rc;

	if ((rc = delete_runs(t, at, count)) != 0)
		return rc;
	for (done = 0; done < n; done += piece) {
		piece = n - done < PIECE_MAX ? n - done : PIECE_MAX;
		if ((rc = insert_piece(t, at + done, run + done, piece)) != 0)
			return rc;
	}
	return 0;
}

bool
delta_runs_prepare(struct tree *t, size_t at, size_t n)
{
	if (n == 0)
		return true;
	if (tree_seek(t, DELTA_RUNS, at, false) != 0)
		return false;
	return at + n - t->before <=
	    t->leaf->size.of[DELTA_RUNS];
}

void
delta_runs_swap(struct tree *t, size_t at, struct delta_run *run, size_t n)
{
	struct tree_size gone, add = runs_size(run, n);
	struct delta_run *place, old;
	bool there;
	size_t i;

	if (n == 0)
		return;
	there = delta_runs_prepare(t, at, n);
	assert(there);
	place = leaf_of(t)->run + (at - t->before);
	gone = runs_size(place, n);
	for (i = 0; i < n; i++) {
		old = place[i];
		place[i] = run[i];
		run[i] = old;
	}
	tree_resize(t, gone, add);
}

size_t
delta_runs_memory(const struct tree *t)
{
	const struct leaf *only = t->root;

	if (t->root == NULL)
		return 0;
	if (t->height == 0)
		return sizeof(*only) + only->room * sizeof(only->run[0]);
	return t->leaves * (sizeof(*only) + LEAF_MAX * sizeof(only->run[0])) +
	    t->inners * sizeof(struct tree_inner);
}

/* ---- reading ---- */

void
delta_runs_walk_init(struct delta_runs_walk *w, const struct tree *t, size_t at)
{
	tree_walk_seek(&w->w, t, DELTA_RUNS, at);
	w->at = at;
	w->i = (uint32_t)(at - w->w.before.of[DELTA_RUNS]);
}

const struct delta_run *
delta_runs_walk_next(struct delta_runs_walk *w)
{
	const struct leaf *leaf = (const struct leaf *)w->w.leaf;
	const struct delta_run *run;

	if (leaf == NULL)
		return NULL;
	run = &leaf->run[w->i++];
	w->at++;
	if (w->i == leaf->node.size.of[DELTA_RUNS]) {
		tree_walk_next(&w->w);
		w->i = 0;
	}
	return run;
}

size_t
delta_runs_find(const struct tree *t, size_t pos_u16, size_t *start_out,
    const struct delta_run **run_out)
{
	struct tree_walk w;
	const struct leaf *leaf;
	size_t start, i;

	if (pos_u16 >= t->size.of[DELTA_U16]) {
		*start_out = t->size.of[DELTA_U16];
		*run_out = NULL;
		return t->size.of[DELTA_RUNS];
	}
	tree_walk_seek(&w, t, DELTA_U16, pos_u16);
	leaf = (const struct leaf *)w.leaf;
	start = w.before.of[DELTA_U16];
	for (i = 0; pos_u16 - start >= leaf->run[i].len_u16; i++)
		start += leaf->run[i].len_u16;
	*start_out = start;
	*run_out = &leaf->run[i];
	return w.before.of[DELTA_RUNS] + i;
}

/* ---- invariants ---- */

static void
check_leaf(const struct tree_leaf *node, void *arg)
{
	const struct leaf *leaf = (const struct leaf *)node;
	const bool *alone = arg;
	uint32_t i, n = node->size.of[DELTA_RUNS];

	assert(n <= leaf->room && leaf->room <= LEAF_MAX);
	assert(*alone || leaf->room == LEAF_MAX);
	assert(runs_size(leaf->run, n).of[DELTA_U16] ==
	    node->size.of[DELTA_U16]);
	for (i = 0; i < n; i++) {
		assert(leaf->run[i].len_u16 > 0);
		assert(leaf->run[i].embed == NULL || leaf->run[i].len_u16 == 1);
	}
}

void
delta_runs_check(const struct tree *t)
{
	bool alone = t->height == 0;

	tree_check(t, check_leaf, &alone);
}
