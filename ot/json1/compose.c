/*
 * compose of ot-json1 1.0.2.
 *
 * Both ops are walked together in the document between them: there op1 drops
 * and op2 picks up.  Each place of that document is also a place before op1
 * (unless op1 inserted it) and a place after op2 (unless op2 removes it), and
 * so the walk carries four nodes and two places to write at: picks go to
 * where the place was at first, drops and edits to where it ends up.
 *
 * Where op1 moved the place, its first position is known only when op1's
 * pick is looked up; what is to be written below it is written into a trie of
 * its own for that slot, and merged in at the end.  The same for op2's moves
 * and the last position.
 *
 * What op2 takes out of a value that op1 inserts vanishes from the value.
 */
#include "ot/json1/compose.h"

#include "ot/json1/order.h"
#include "ot/json1/subtype.h"
#include "ot/json1/trie.h"
#include "ot/json1/value.h"

/* A move of op1. */
struct move1 {
	const struct json1_node	*pick;
	struct json1_node	*write;		/* picks below the place it took */
	struct json1_order	 order;		/* of writing there */
	int32_t			 slot;		/* in the result, -1: none */
};

/* A move of op2. */
struct move2 {
	const struct json1_node	*drop;
	struct json1_node	*write;		/* drops below the place it goes to */
	struct json1_order	 order;		/* of writing there */
	int32_t			 slot;		/* in the result, -1: none */
};

struct composing {
	struct json1_scratch	*s;
	const struct json1_edit	*op2;
	struct move1		*moves1;	/* by slot */
	struct move2		*moves2;	/* by slot */
	bool			*done;		/* by component of op2: edit written */
	int32_t			 next;		/* slot of the result */
};

/* A place of the document between the ops. */
struct place {
	const struct json1_node	*d1, *p2;	/* the ops' nodes there */
	const struct json1_node	*p1;		/* where it was before op1 */
	const struct json1_node	*d2;		/* where it is after op2 */
	struct json		*lit;		/* part of a value op1 inserts */
	bool			 rm_up;		/* op2 removes what it is in */
	struct json1_node	*wd, *wp;	/* write drops here, picks there */
	struct json1_order	*wd_order, *wp_order;
};

static void
find_moves(struct composing *c, const struct json1_node *node, bool first)
{
	const struct json1_node *child;

	if (node->comp != NULL && first && node->comp->pick >= 0)
		c->moves1[node->comp->pick].pick = node;
	if (node->comp != NULL && !first && node->comp->drop >= 0)
		c->moves2[node->comp->drop].drop = node;
	for (child = node->first; child != NULL; child = child->next)
		find_moves(c, child, first);
}

static bool
is_container(const struct json *v)
{
	return json_kind(v) == JSON_LIST || json_kind(v) == JSON_OBJECT;
}

/* ---- values that op1 inserts ---- */

/*
 * The decimal number that JavaScript takes for an index when it stands in the
 * place of a name, or the other way round.
 */
static struct json_key *
name_of_index(struct composing *c, int64_t index)
{
	struct json_key *name = NULL;
	struct buf b = BUF_INIT;

	buf_put_u64(&b, (uint64_t)index);
	if (!buf_failed(&b))
		name = json_key_new(b.data, b.len);
	buf_done(&b);
	return json1_keep_name(c->s, name);
}

static bool
index_of_name(const struct json_key *name, size_t *index_out)
{
	size_t i, index = 0;

	if (name->len == 0 || name->len > 9 ||
	    (name->text[0] == '0' && name->len > 1))
		return false;
	for (i = 0; i < name->len; i++) {
		if (name->text[i] < '0' || name->text[i] > '9')
			return false;
		index = index * 10 + (size_t)(name->text[i] - '0');
	}
	*index_out = index;
	return true;
}

/* The element of a container at key, as JavaScript's [] finds it; borrowed. */
static struct json *
lit_at(struct composing *c, const struct json *lit,
    const struct json1_key *key)
{
	struct json1_key other = *key;
	size_t index;

	if (json_kind(lit) == JSON_LIST && key->name != NULL) {
		if (!index_of_name(key->name, &index))
			return NULL;
		other = json1_index((int64_t)index);
	} else if (json_kind(lit) == JSON_OBJECT && key->name == NULL) {
		other.name = name_of_index(c, key->index);
		if (other.name == NULL)
			return NULL;
	}
	return json1_element(lit, &other);
}

/*
 * Would JavaScript find something at key that is no element: an inherited
 * name, a list's length?  To take that out makes no sense.
 */
static bool
lit_inherits(const struct json *lit, const struct json1_key *key)
{
	if (key->name == NULL)
		return false;
	if (json_kind(lit) == JSON_LIST && json_key_is(key->name, "length"))
		return true;
	return json_key_is_inherited(key->name) &&
	    (json_kind(lit) == JSON_LIST ||
	    json_object_find(lit, key->name) == NULL);
}

/* ---- one place ---- */

/* Look up where the place was and will be, and write the moves. */
struct turn {
	int32_t		s1, s2;		/* slots of the moves, -1: none */
	bool		rm_here;	/* op2 removes the place itself */
	bool		ins_here;	/* op1 inserts it */
	bool		rm_kids;	/* op2 removes what is in it */
};

static void
turn_drop(struct composing *c, struct place *at, const struct turn *t)
{
	if (t->s2 >= 0) {
		at->d2 = c->moves2[t->s2].drop;
		at->wd = c->moves2[t->s2].write = json1_node_new(c->s);
		at->wd_order = &c->moves2[t->s2].order;
	} else if (t->rm_here) {
		at->d2 = NULL;
	} else if (at->d2 != NULL && at->d2->comp != NULL &&
	    at->d2->comp->drop >= 0) {
		at->d2 = NULL;	/* met again at its pick */
	}
}

static void
turn_pick(struct composing *c, struct place *at, const struct turn *t)
{
	struct move1 *move;

	if (t->s1 >= 0) {
		move = &c->moves1[t->s1];
		at->p1 = move->pick;
		at->wp = move->write = json1_node_new(c->s);
		at->wp_order = &move->order;
		if (!t->rm_kids) {
			move->slot = c->next++;
			json1_put_drop(c->s, at->wd, move->slot);
			json1_order_write(c->s, at->wd_order, at->wd);
		} else if (at->rm_up && !t->rm_here) {
			json1_put_remove(c->s, at->wp, json_bool_new(true));
		}
	} else if (t->ins_here) {
		at->p1 = NULL;
	} else if (at->p1 != NULL && at->p1->comp != NULL &&
	    at->p1->comp->pick >= 0) {
		at->p1 = NULL;	/* met again at its drop */
	}
}

static void
write_pick(struct composing *c, const struct place *at, const struct turn *t)
{
	int32_t slot;

	if (t->ins_here || at->lit != NULL)
		return;		/* it only leaves the inserted value */
	if (t->s2 >= 0) {
		slot = t->s1 >= 0 ? c->moves1[t->s1].slot : c->next++;
		c->moves2[t->s2].slot = slot;
		json1_put_pick(c->s, at->wp, slot);
	} else if (t->rm_here) {
		json1_put_remove(c->s, at->wp, at->p2->comp->remove);
	} else {
		return;
	}
	json1_order_write(c->s, at->wp_order, at->wp);
}

static void
write_change(struct composing *c, const struct place *at,
    const struct turn *t)
{
	const struct json1_comp *c1 = NULL, *c2 = NULL;

	if (!t->rm_kids && json1_changes(at->d1))
		c1 = at->d1->comp;
	if (json1_changes(at->d2)) {
		c2 = at->d2->comp;
		c->done[json1_comp_at(c->op2, c2)] = true;
	}
	if (c1 != NULL && c2 != NULL)
		json1_put_composed(c->s, at->wd, c1, c2);
	else if (c1 != NULL || c2 != NULL)
		json1_put_change(c->s, at->wd, c1 != NULL ? c1 : c2, false);
	/* An edit that does nothing is not written. */
	if (at->wd != NULL && at->wd->comp != NULL)
		json1_order_write(c->s, at->wd_order, at->wd);
}

static struct json *boundary(struct composing *c, struct place *at);

/* The walk over the children of a place. */
struct children {
	const struct json1_node	*d1, *p2;	/* the next ones */
	struct json1_walk	 p1, d2;
	/* How indices differ from those of the document between the ops. */
	int64_t			 drops1, picks2;
	int64_t			 lit_off;	/* in what is left of the value */
	/* Keys of the present child: before op1, after op2, in the value. */
	struct json1_key	 key1, key2, lit_key;
};

/* The child with the lowest key, of either op or both. */
static const struct json1_key *
next_child(struct children *ch, struct place *sub)
{
	int order = ch->d1 == NULL ? 1 : ch->p2 == NULL ? -1 :
	    json1_key_compare(&ch->d1->key, &ch->p2->key);

	sub->d1 = sub->p2 = NULL;
	if (order <= 0) {
		sub->d1 = ch->d1;
		ch->d1 = ch->d1->next;
	}
	if (order >= 0) {
		sub->p2 = ch->p2;
		ch->p2 = ch->p2->next;
	}
	return sub->d1 != NULL ? &sub->d1->key : &sub->p2->key;
}

/* Find its nodes and keys in the other documents. */
static void
find_child(struct children *ch, struct place *sub,
    const struct json1_key *key, bool rm_kids)
{
	bool drops1 = json1_drops(sub->d1), picks2 = json1_picks(sub->p2);

	ch->key1 = ch->key2 = ch->lit_key = *key;
	if (key->name != NULL) {
		sub->d2 = json1_seek_skip(&ch->d2, key, json1_drops);
		sub->p1 = json1_seek_skip(&ch->p1, key, json1_picks);
		return;
	}
	ch->key2.index -= ch->picks2;
	sub->d2 = json1_seek_skip(&ch->d2, &ch->key2, json1_drops);
	ch->key2.index += ch->d2.off;
	ch->key1.index -= ch->drops1;
	sub->p1 = json1_seek_skip(&ch->p1, &ch->key1, json1_picks);
	ch->key1.index += ch->p1.off;
	ch->lit_key.index += ch->lit_off;
	ch->lit_off -= drops1 || (picks2 && !rm_kids);
	ch->drops1 += drops1;
	ch->picks2 += picks2;
}

/* One child; *lit, the inserted value it is in, may become a copy. */
static void
boundary_child(struct composing *c, struct children *ch, struct place *sub,
    struct json **lit, bool *copied)
{
	bool rm_kids = sub->rm_up, lists = is_container(*lit);
	struct json *was, *is;

	if (lists && !rm_kids && json1_picks(sub->p2) &&
	    lit_inherits(*lit, &ch->lit_key))
		json1_scratch_fail(c->s, OT_ETYPE,
		    "Cannot pick up or remove undefined");
	was = lists && !json1_drops(sub->d1) ? lit_at(c, *lit, &ch->lit_key) :
	    NULL;
	sub->lit = was;
	is = boundary(c, sub);
	if (!lists || rm_kids || is == was || json1_scratch_failed(c->s))
		return;
	if ((json_kind(*lit) == JSON_LIST) != (ch->lit_key.name == NULL))
		json1_scratch_fail(c->s, OT_ETYPE,
		    "The key does not fit the inserted value");
	else
		json1_element_set(c->s, lit, copied, &ch->lit_key, is);
}

static void
boundary_children(struct composing *c, const struct place *at,
    struct json **lit, bool rm_kids)
{
	struct children ch = {
		.d1 = at->d1 != NULL ? at->d1->first : NULL,
		.p2 = at->p2 != NULL ? at->p2->first : NULL,
		.p1 = json1_walk(at->p1), .d2 = json1_walk(at->d2),
	};
	struct json1_node *wd, *wp;
	const struct json1_key *key;
	bool copied = false;
	struct place sub;

	while ((ch.d1 != NULL || ch.p2 != NULL) &&
	    !json1_scratch_failed(c->s)) {
		key = next_child(&ch, &sub);
		find_child(&ch, &sub, key, rm_kids);
		if (ch.key1.index < 0 || ch.key2.index < 0) {
			json1_scratch_fail(c->s, OT_ETYPE,
			    "The ops do not fit together");
			return;
		}
		sub.rm_up = rm_kids;
		sub.wp = wp = json1_child(c->s, at->wp, &ch.key1);
		sub.wd = wd = json1_child(c->s, at->wd, &ch.key2);
		sub.wp_order = at->wp_order;
		sub.wd_order = at->wd_order;
		boundary_child(c, &ch, &sub, lit, &copied);
		json1_order_leave(at->wp_order, wp);
		json1_order_leave(at->wd_order, wd);
	}
}

/*
 * Handle a place and what is in it.  Returns what is left of at->lit, NULL
 * for nothing.  at is used up.
 */
static struct json *
boundary(struct composing *c, struct place *at)
{
	const struct json1_comp *c1 = at->d1 != NULL ? at->d1->comp : NULL;
	const struct json1_comp *c2 = at->p2 != NULL ? at->p2->comp : NULL;
	struct json1_comp *insert = NULL;
	struct json *lit;
	struct turn t;

	t.s1 = c1 != NULL ? c1->drop : -1;
	t.s2 = c2 != NULL ? c2->pick : -1;
	t.rm_here = c2 != NULL && c2->remove != NULL;
	t.ins_here = c1 != NULL && c1->insert != NULL;
	t.rm_kids = (at->rm_up || t.rm_here) && t.s2 < 0;
	turn_drop(c, at, &t);
	turn_pick(c, at, &t);
	if (t.ins_here && at->lit != NULL) {
		json1_scratch_fail(c->s, OT_ETYPE, "Overwritten literal");
		return NULL;
	}
	lit = t.ins_here ? c1->insert : at->lit;
	if (t.s2 >= 0 ? lit != NULL :
	    t.ins_here && !at->rm_up && !t.rm_here) {
		insert = json1_comp(c->s, at->wd);
		json1_order_write(c->s, at->wd_order, at->wd);
	}
	write_pick(c, at, &t);
	write_change(c, at, &t);
	boundary_children(c, at, &lit, t.rm_kids);
	if (insert != NULL)
		insert->insert = lit;
	else if (!at->rm_up && !t.rm_here && t.s2 < 0)
		return lit;
	return NULL;
}

/* ---- putting the parts together ---- */

/* At the places of op1's picks: the slots, and what was written below them. */
static void
merge_picks(struct composing *c, const struct json1_node *node,
    struct json1_node *w)
{
	const struct json1_comp *comp = node->comp;
	const struct json1_node *child;
	const struct move1 *move;

	if (comp != NULL && comp->pick >= 0) {
		move = &c->moves1[comp->pick];
		if (move->slot >= 0)
			json1_put_pick(c->s, w, move->slot);
		json1_merge(c->s, w, move->write);
	} else if (comp != NULL && comp->remove != NULL) {
		json1_put_remove(c->s, w, comp->remove);
	}
	for (child = node->first; child != NULL; child = child->next)
		merge_picks(c, child, json1_child(c->s, w, &child->key));
}

/* At the places of op2's drops, and its inserts and remaining edits. */
static void
merge_drops(struct composing *c, const struct json1_node *node,
    struct json1_node *w)
{
	const struct json1_comp *comp = node->comp;
	const struct json1_node *child;
	const struct move2 *move;

	if (comp != NULL && comp->drop >= 0) {
		move = &c->moves2[comp->drop];
		if (move->slot >= 0)
			json1_put_drop(c->s, w, move->slot);
		json1_merge(c->s, w, move->write);
	} else if (comp != NULL && comp->insert != NULL) {
		json1_put_insert(c->s, w, comp->insert);
	}
	if (json1_changes(node) && !c->done[json1_comp_at(c->op2, comp)])
		json1_put_change(c->s, w, comp, false);
	for (child = node->first; child != NULL; child = child->next)
		merge_drops(c, child, json1_child(c->s, w, &child->key));
}

static void
tables_init(struct composing *c, const struct json1_edit *op1)
{
	size_t i;

	c->moves1 = json1_table(c->s, op1->n_slots, sizeof(c->moves1[0]));
	c->moves2 = json1_table(c->s, c->op2->n_slots, sizeof(c->moves2[0]));
	c->done = json1_table(c->s, c->op2->n_comps, sizeof(c->done[0]));
	if (json1_scratch_failed(c->s))
		return;
	for (i = 0; i < op1->n_slots; i++)
		c->moves1[i].slot = -1;
	for (i = 0; i < c->op2->n_slots; i++)
		c->moves2[i].slot = -1;
	if (op1->n_slots > 0)
		find_moves(c, json1_root(op1), true);
	if (c->op2->n_slots > 0)
		find_moves(c, json1_root(c->op2), false);
}

/* The trie of the result; NULL on failure. */
static struct json1_node *
compose(struct composing *c, const struct json1_edit *op1)
{
	const struct json1_node *root1 = json1_root(op1);
	const struct json1_node *root2 = json1_root(c->op2);
	struct json1_node *w = json1_node_new(c->s);
	struct json1_node *picks = json1_node_new(c->s);
	struct json1_order drops_order = { NULL }, picks_order = { NULL };
	struct place at = { .p1 = root1, .d1 = root1, .p2 = root2,
	    .d2 = root2, .wd = w, .wp = picks, .wd_order = &drops_order,
	    .wp_order = &picks_order };

	tables_init(c, op1);
	if (json1_scratch_failed(c->s))
		return NULL;
	boundary(c, &at);
	json1_merge(c->s, w, picks);
	merge_picks(c, root1, w);
	merge_drops(c, root2, w);
	return w;
}

/* Ops that only edit: places stay where they are. */
static void
compose_still(struct json1_scratch *s, struct json1_node *w,
    const struct json1_node *n1, const struct json1_node *n2)
{
	const struct json1_node *k1 = n1 != NULL ? n1->first : NULL;
	const struct json1_node *k2 = n2 != NULL ? n2->first : NULL;
	const struct json1_node *low;
	int order;

	if (json1_changes(n1) && json1_changes(n2))
		json1_put_composed(s, w, n1->comp, n2->comp);
	else if (json1_changes(n1) || json1_changes(n2))
		json1_put_change(s, w, json1_changes(n1) ? n1->comp :
		    n2->comp, false);
	while (k1 != NULL || k2 != NULL) {
		order = k1 == NULL ? 1 : k2 == NULL ? -1 :
		    json1_key_compare(&k1->key, &k2->key);
		low = order <= 0 ? k1 : k2;
		compose_still(s, json1_child(s, w, &low->key),
		    order <= 0 ? k1 : NULL, order >= 0 ? k2 : NULL);
		if (order <= 0)
			k1 = k1->next;
		if (order >= 0)
			k2 = k2->next;
	}
}

int
json1_compose(const struct json1_edit *first,
    const struct json1_edit *second, struct json1_edit **edit_out,
    struct ot_err *err)
{
	struct composing c = { .op2 = second };
	struct json1_scratch s;
	struct json1_node *w;
	int rc;

	if (first->unsound || second->unsound)
		return ot_fail(err, OT_ETYPE,
		    "Picks and drops in the op do not match");
	if (json1_root(first) == NULL || json1_root(second) == NULL) {
		*edit_out = json1_edit_ref(json1_root(first) == NULL ?
		    second : first);
		return 0;
	}
	json1_scratch_init(&s, err);
	c.s = &s;
	if (first->still && second->still) {
		w = json1_node_new(&s);
		compose_still(&s, w, json1_root(first), json1_root(second));
	} else {
		w = compose(&c, first);
	}
	rc = json1_scratch_finish(&s, w, edit_out);
	json1_scratch_done(&s);
	return rc;
}
