/*
 * One part after another: ot-json0 1.1.0, lib/json0.js, transformComponent.
 *
 * c is rewritten to come after o, which happened at the same time, and is
 * appended to a list or dropped.  The reference asks two things first:
 *
 *   at	  how deep in c's path lies the container that o works in: the index
 *	  of the segment of c that o's action concerns; -1 for the root
 *   same  do both work equally deep, that is, on the same container
 *
 * A field of c that o may touch is a segment, so that JavaScript's operators
 * apply to it (json0_path.c).
 */
#include <math.h>

#include "ot/json0.h"

#define NOWHERE	(-2)	/* o works in no container on c's path */
#define ROOT	(-1)	/* the segment before the first */

/* What a case says becomes of c. */
enum verdict { KEEP, DROP, DONE };	/* append it; not; something else was */

struct meeting {
	struct lift_list	*list;		/* gets the result */
	struct json0_part	 c;		/* a copy, being rewritten */
	const struct json0_part	*o;
	long			 at;
	bool			 same;
	enum ot_side		 side;
	struct ot_err		*err;
	int			 rc;		/* of the first step that failed */
};

static void
meeting_no_memory(struct meeting *m)
{
	m->rc = ot_fail(m->err, OT_ENOMEM, "out of memory");
}

/* ---- depths ---- */

/* The path's length, and one more if the part works inside the value there. */
static size_t
operand_depth(const struct json0_part *c)
{
	return c->path->n + ((c->kind == JSON0_ADD && !isnan(c->u.add)) ||
	    c->kind == JSON0_SUB);
}

/* commonLengthForOps: where on b's path lies the container that a works in? */
static long
common_depth(const struct json0_part *a, const struct json0_part *b)
{
	size_t a_depth = operand_depth(a), b_depth = operand_depth(b);

	if (a_depth == 0)
		return ROOT;
	if (b_depth == 0 || a_depth > b_depth ||
	    !json0_path_same(a->path, b->path, a_depth - 1))
		return NOWHERE;
	return (long)a_depth - 1;
}

/* Segment i, or NULL (undefined) where there is none. */
static const struct json0_seg *
seg_at(const struct json0_part *c, long i)
{
	return i >= 0 && (size_t)i < c->path->n ? &c->path->seg[i] : NULL;
}

/* ---- rewriting c ---- */

/* Put seg, whose count is taken, in the place of c's segment at. */
static void
set_segment(struct meeting *m, struct json0_seg seg)
{
	struct json0_path *path = m->c.path;

	if (m->at < 0 || (size_t)m->at >= path->n) {
		json0_seg_done(&seg);	/* a property of no consequence */
		return;
	}
	if (path->refs > 1) {
		if ((path = json0_path_new(path->seg, path->n)) == NULL) {
			json0_seg_done(&seg);
			meeting_no_memory(m);
			return;
		}
		json0_path_unref(m->c.path);
		m->c.path = path;
	}
	json0_seg_done(&path->seg[m->at]);
	path->seg[m->at] = seg;
}

/* Is arithmetic on seg possible?  JavaScript makes NaN, and null of that. */
static bool
can_step(struct meeting *m, const struct json0_seg *seg)
{
	if (isfinite(json0_seg_to_number(seg)))
		return true;
	m->rc = ot_fail(m->err, OT_ETYPE, "list index is not a number");
	return false;
}

/* c.p[at] += by */
static void
step_segment(struct meeting *m, double by)
{
	const struct json0_seg *seg = seg_at(&m->c, m->at);

	if (seg != NULL && can_step(m, seg))
		set_segment(m, json0_seg_number(json0_seg_to_number(seg) + by));
}

/* c.lm += by */
static void
step_target(struct meeting *m, double by)
{
	double number = json0_seg_to_number(&m->c.u.to);

	if (!can_step(m, &m->c.u.to))
		return;
	json0_seg_done(&m->c.u.to);
	m->c.u.to = json0_seg_number(number + by);
}

static void
set_target(struct meeting *m, const struct json0_seg *seg)
{
	struct json0_seg copy = json0_seg_ref(seg);

	json0_seg_done(&m->c.u.to);
	m->c.u.to = copy;
}

static void
set_cut(struct meeting *m, struct json *cut)
{
	json_ref(cut);
	json_unref(m->c.u.v.cut);
	m->c.u.v.cut = cut;
}

static bool
puts_only(const struct json0_part *c, enum json0_kind kind)
{
	return c->kind == kind && c->u.v.put != NULL && c->u.v.cut == NULL;
}

static bool
puts_any(const struct json0_part *c, enum json0_kind kind)
{
	return c->kind == kind && c->u.v.put != NULL;
}

/* ---- o is a text edit ---- */

static enum verdict
after_text(struct meeting *m)
{
	struct lift_list result;
	struct text0_part c, o;
	size_t i;

	if (m->c.kind != JSON0_TEXT)
		return KEEP;
	if ((m->rc = json0_text_part(&m->c, &c, m->err)) != 0 ||
	    (m->rc = json0_text_part(m->o, &o, m->err)) != 0)
		return DROP;
	lift_list_init(&result, &text0_lift);
	m->rc = text0_lift.transform(&result, &c, &o, m->side, m->err);
	for (i = 0; m->rc == 0 && i < result.n; i++)
		m->rc = json0_append_text(m->list, &m->c,
		    lift_list_at(&result, i), m->err);
	lift_list_done(&result);
	return DONE;
}

/*
 * The two ways to edit a string do not see each other, in the reference as
 * here: c passes unchanged.
 */
static enum verdict
after_sub(struct meeting *m)
{
	struct json0_sub *sub;

	if (m->c.kind != JSON0_SUB)
		return KEEP;
	if ((sub = json0_sub_new()) == NULL) {
		meeting_no_memory(m);
		return DROP;
	}
	m->rc = lift_transform(&m->c.u.sub->parts, &m->o->u.sub->parts,
	    m->side, &sub->parts, m->err);
	if (m->rc != 0 || sub->parts.n == 0) {
		json0_sub_unref(sub);
		return DROP;
	}
	json0_sub_unref(m->c.u.sub);
	m->c.u.sub = sub;
	return KEEP;
}

/* ---- o changes a list ---- */

static enum verdict
after_list_replace(struct meeting *m)
{
	if (!json0_seg_same(seg_at(m->o, m->at), seg_at(&m->c, m->at)))
		return KEEP;
	if (!m->same)
		return DROP;
	if (m->c.kind != JSON0_LIST || m->c.u.v.cut == NULL)
		return KEEP;
	/* Both take the same item away: one of two new ones can survive. */
	if (m->c.u.v.put == NULL || m->side == OT_RIGHT)
		return DROP;
	set_cut(m, m->o->u.v.put);
	return KEEP;
}

static enum verdict
after_list_insert(struct meeting *m)
{
	const struct json0_seg *x = seg_at(m->o, m->at);
	const struct json0_seg *own = seg_at(&m->c, m->at);

	if (puts_only(&m->c, JSON0_LIST) && m->same &&
	    json0_seg_same(own, x)) {
		if (m->side == OT_RIGHT)
			step_segment(m, 1);	/* left's item comes first */
	} else if (json0_seg_at_most(x, own)) {
		step_segment(m, 1);
	}
	if (m->c.kind == JSON0_MOVE && m->same &&
	    json0_seg_at_most(x, &m->c.u.to))
		step_target(m, 1);
	return KEEP;
}

static enum verdict
after_list_delete(struct meeting *m)
{
	const struct json0_seg *x = seg_at(m->o, m->at);
	const struct json0_seg *own = seg_at(&m->c, m->at);

	if (m->c.kind == JSON0_MOVE && m->same) {
		if (json0_seg_same(x, own))
			return DROP;
		if (json0_seg_less(x, &m->c.u.to) ||
		    (json0_seg_same(x, &m->c.u.to) &&
		    json0_seg_less(own, &m->c.u.to)))
			step_target(m, -1);
	}
	if (json0_seg_less(x, own)) {
		step_segment(m, -1);
		return KEEP;
	}
	if (!json0_seg_same(x, own))
		return KEEP;
	if (operand_depth(m->o) < operand_depth(&m->c))
		return DROP;		/* c works below what is gone */
	if (m->c.kind != JSON0_LIST || m->c.u.v.cut == NULL)
		return KEEP;
	if (m->c.u.v.put == NULL)
		return DROP;
	json0_forget(&m->c.u.v.cut);
	return KEEP;
}

/* ---- o moves an item of a list ---- */

/* Where does c's item start from now? */
static void
move_source(struct meeting *m, const struct json0_seg *from,
    const struct json0_seg *to, const struct json0_seg *other_from,
    const struct json0_seg *other_to)
{
	if (json0_seg_less(other_from, from))
		step_segment(m, -1);
	if (json0_seg_less(other_to, from)) {
		step_segment(m, 1);
	} else if (json0_seg_same(from, other_to) &&
	    json0_seg_less(other_to, other_from)) {
		step_segment(m, 1);
		if (json0_seg_same(from, to))
			step_target(m, 1);
	}
}

/* Where does c's item go now? */
static void
move_target(struct meeting *m, const struct json0_seg *from,
    const struct json0_seg *to, const struct json0_seg *other_from,
    const struct json0_seg *other_to)
{
	if (json0_seg_less(other_from, to))
		step_target(m, -1);
	else if (json0_seg_same(to, other_from) && json0_seg_less(from, to))
		step_target(m, -1);
	if (json0_seg_less(other_to, to)) {
		step_target(m, 1);
	} else if (json0_seg_same(to, other_to)) {
		if ((json0_seg_less(other_from, other_to) &&
		    json0_seg_less(from, to)) ||
		    (json0_seg_less(other_to, other_from) &&
		    json0_seg_less(to, from))) {
			if (m->side == OT_RIGHT)	/* both go the same way */
				step_target(m, 1);
		} else if (json0_seg_less(from, to)) {
			step_target(m, 1);
		} else if (json0_seg_same(to, other_from)) {
			step_target(m, -1);
		}
	}
}

static enum verdict
move_after_move(struct meeting *m)
{
	const struct json0_seg *other_from = seg_at(m->o, m->at);
	const struct json0_seg *other_to = &m->o->u.to;
	const struct json0_seg *own = seg_at(&m->c, m->at);
	struct json0_seg from, to;

	if (json0_seg_same(other_from, other_to))
		return KEEP;
	if (json0_seg_same(own, other_from)) {
		if (m->side == OT_RIGHT)
			return DROP;
		if (json0_seg_same(own, &m->c.u.to))
			set_target(m, other_to);
		set_segment(m, json0_seg_ref(other_to));
		return KEEP;
	}
	/* Every question below is about c as it was. */
	to = json0_seg_ref(&m->c.u.to);
	if (own != NULL)
		from = json0_seg_ref(own);
	move_source(m, own != NULL ? &from : NULL, &to, other_from, other_to);
	move_target(m, own != NULL ? &from : NULL, &to, other_from, other_to);
	if (own != NULL)
		json0_seg_done(&from);
	json0_seg_done(&to);
	return KEEP;
}

static enum verdict
after_move(struct meeting *m)
{
	const struct json0_seg *from = seg_at(m->o, m->at);
	const struct json0_seg *to = &m->o->u.to;
	const struct json0_seg *own = seg_at(&m->c, m->at);
	bool past_from, past_to;

	if (m->c.kind == JSON0_MOVE && m->same)
		return move_after_move(m);
	past_from = json0_seg_less(from, own);
	past_to = json0_seg_less(to, own);
	if (!(puts_only(&m->c, JSON0_LIST) && m->same)) {
		/* c follows the item that it is about. */
		if (json0_seg_same(own, from)) {
			set_segment(m, json0_seg_ref(to));
			return KEEP;
		}
		if (json0_seg_same(own, to) && json0_seg_less(to, from))
			past_to = true;
	}
	if (past_from)
		step_segment(m, -1);
	if (past_to)
		step_segment(m, 1);
	return KEEP;
}

/* ---- o changes an object ---- */

static enum verdict
after_object_replace(struct meeting *m)
{
	if (!json0_seg_same(seg_at(&m->c, m->at), seg_at(m->o, m->at)))
		return KEEP;
	if (!puts_any(&m->c, JSON0_OBJECT) || !m->same || m->side == OT_RIGHT)
		return DROP;
	set_cut(m, m->o->u.v.put);	/* c replaces what o put there */
	return KEEP;
}

static enum verdict
after_object_set(struct meeting *m)
{
	struct json0_part removal;

	/* Whatever c's depth: so the reference. */
	if (!puts_any(&m->c, JSON0_OBJECT) ||
	    !json0_seg_same(seg_at(&m->c, m->at), seg_at(m->o, m->at)))
		return KEEP;
	if (m->side == OT_RIGHT)
		return DROP;
	removal = (struct json0_part){ .kind = JSON0_OBJECT,
	    .path = m->c.path, .u.v = { NULL, m->o->u.v.put } };
	m->rc = json0_append(m->list, &removal, m->err);
	return KEEP;
}

static enum verdict
after_object_remove(struct meeting *m)
{
	if (!json0_seg_equal(seg_at(&m->c, m->at), seg_at(m->o, m->at)))
		return KEEP;
	if (!m->same || !puts_any(&m->c, JSON0_OBJECT))
		return DROP;
	json0_forget(&m->c.u.v.cut);
	return KEEP;
}

static enum verdict
after_any(struct meeting *m)
{
	const struct json0_part *o = m->o;

	switch (o->kind) {
	case JSON0_ADD:
		return KEEP;
	case JSON0_TEXT:
		return after_text(m);
	case JSON0_SUB:
		return after_sub(m);
	case JSON0_MOVE:
		return after_move(m);
	case JSON0_LIST:
		if (o->u.v.put == NULL)
			return after_list_delete(m);
		return o->u.v.cut == NULL ? after_list_insert(m) :
		    after_list_replace(m);
	case JSON0_OBJECT:
		if (o->u.v.put == NULL)
			return after_object_remove(m);
		return o->u.v.cut == NULL ? after_object_set(m) :
		    after_object_replace(m);
	}
	return KEEP;
}

/*
 * o acts inside what c removes: then it changes the value that c quotes, so
 * that inverting c brings back what was really there.
 */
static void
update_quoted(struct meeting *m)
{
	long at = common_depth(&m->c, m->o);
	size_t depth = operand_depth(&m->c);
	struct json *quoted;

	if (at == NOWHERE || operand_depth(m->o) <= depth ||
	    (m->c.kind != JSON0_LIST && m->c.kind != JSON0_OBJECT) ||
	    m->c.u.v.cut == NULL ||
	    !json0_seg_equal(seg_at(&m->c, at), seg_at(m->o, at)))
		return;
	quoted = json_ref(m->c.u.v.cut);
	m->rc = json0_apply_quoted(&quoted, m->o, depth, m->err);
	json_unref(m->c.u.v.cut);
	m->c.u.v.cut = quoted;
}

int
json0_transform(struct lift_list *list, const void *part, const void *other,
    enum ot_side side, struct ot_err *err)
{
	struct meeting m = { .list = list, .o = other, .side = side,
	    .err = err };
	enum verdict verdict = KEEP;

	json0_part_copy(&m.c, part);
	json0_part_clone_add(&m.c);
	m.at = common_depth(other, &m.c);
	m.same = operand_depth(&m.c) == operand_depth(m.o);
	update_quoted(&m);
	if (m.rc == 0 && m.at != NOWHERE)
		verdict = after_any(&m);
	if (m.rc == 0 && verdict == KEEP)
		m.rc = json0_append(list, &m.c, err);
	json0_part_done(&m.c);
	return m.rc;
}
