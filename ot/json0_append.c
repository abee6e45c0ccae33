/*
 * Lists of parts: appending with the rule that merges, composing, inverting.
 * ot-json0 1.1.0, lib/json0.js: append, compose, invertComponent.
 */
#include <math.h>

#include "ot/json0.h"

static int
no_memory(struct ot_err *err)
{
	return ot_fail(err, OT_ENOMEM, "out of memory");
}

/* ---- text ---- */

int
json0_text_part(const struct json0_part *c, struct text0_part *out,
    struct ot_err *err)
{
	const struct json0_seg *last = json0_path_last(c->path);

	if (last == NULL || last->key != NULL)
		return ot_fail(err, OT_ETYPE, "component missing position field");
	if (!(last->number >= 0) || last->number != floor(last->number))
		return ot_fail(err, OT_ETYPE, "position must be whole and not "
		    "negative");
	*out = (struct text0_part){ last->number, c->u.text.insert,
	    c->u.text.text };
	return 0;
}

/* c's path with another offset at its end. */
static struct json0_path *
path_with_offset(const struct json0_path *path, double offset)
{
	struct json0_path *copy = json0_path_new(path->seg, path->n);

	if (copy == NULL)
		return NULL;
	json0_seg_done(&copy->seg[path->n - 1]);
	copy->seg[path->n - 1] = json0_seg_number(offset);
	return copy;
}

/* Make part out of c and t; the caller has its counts. */
static int
part_from_text(const struct json0_part *c, const struct text0_part *t,
    struct json0_part *part, struct ot_err *err)
{
	part->kind = JSON0_TEXT;
	part->u.text.insert = t->insert;
	if (json0_path_last(c->path)->number == t->p)
		part->path = json0_path_ref(c->path);
	else if ((part->path = path_with_offset(c->path, t->p)) == NULL)
		return no_memory(err);
	part->u.text.text = json_ref(t->text);
	return 0;
}

int
json0_append_text(struct lift_list *list, const struct json0_part *c,
    const struct text0_part *t, struct ot_err *err)
{
	struct json0_part part;
	int rc;

	if ((rc = part_from_text(c, t, &part, err)) != 0)
		return rc;
	rc = json0_append(list, &part, err);
	json0_part_done(&part);
	return rc;
}

/*
 * Two text edits of one string: text0 merges them or not.  If not, both stay
 * as they were; an empty one vanishes.
 */
static int
append_text(struct lift_list *list, struct json0_part *last,
    const struct json0_part *c, struct ot_err *err)
{
	struct text0_part a, b, *first;
	struct lift_list both;
	struct json0_part part;
	int rc;

	if ((rc = json0_text_part(last, &a, err)) != 0 ||
	    (rc = json0_text_part(c, &b, err)) != 0)
		return rc;
	lift_list_init(&both, &text0_lift);
	if ((rc = lift_list_push(&both, &a, err)) != 0)
		goto out;
	/* Held once, the text grows in place, however many merge into it. */
	json_unref(last->u.text.text);
	last->u.text.text = NULL;
	rc = text0_lift.append(&both, &b, err);
	first = lift_list_at(&both, 0);
	last->u.text.text = json_ref(first->text);
	if (rc != 0)
		goto out;
	if (both.n == 2) {
		rc = lift_list_push(list, c, err);
	} else if ((rc = part_from_text(last, first, &part, err)) == 0) {
		json0_part_done(last);
		*last = part;
	}
out:
	lift_list_done(&both);
	return rc;
}

static int
append_sub(struct json0_part *last, const struct json0_part *c,
    struct ot_err *err)
{
	struct json0_sub *sub = json0_sub_new();
	int rc;

	if (sub == NULL)
		return no_memory(err);
	if ((rc = text0_compose(&last->u.sub->parts, &c->u.sub->parts,
	    &sub->parts, err)) != 0) {
		json0_sub_unref(sub);
		return rc;
	}
	json0_sub_unref(last->u.sub);
	last->u.sub = sub;
	return 0;
}

/* ---- append ---- */

/* Put c's value in the place of last's. */
static void
replace_put(struct json0_part *last, const struct json0_part *c)
{
	struct json *put = json_ref(c->u.v.put);

	json_unref(last->u.v.put);
	last->u.v.put = put;
}

/* What last put there goes again: at once, so it never was. */
static void
take_back_put(struct lift_list *list, struct json0_part *last)
{
	if (last->u.v.cut != NULL)
		json0_forget(&last->u.v.put);
	else
		lift_list_pop(list);
}

static int
append_same_path(struct lift_list *list, struct json0_part *last,
    const struct json0_part *c, struct ot_err *err)
{
	if (last->kind == JSON0_SUB && c->kind == JSON0_SUB)
		return append_sub(last, c, err);
	if (last->kind == JSON0_ADD && c->kind == JSON0_ADD &&
	    !isnan(last->u.add) && !isnan(c->u.add)) {
		last->u.add += c->u.add;
		return 0;
	}
	if (last->kind == JSON0_LIST && c->kind == JSON0_LIST &&
	    last->u.v.put != NULL && c->u.v.put == NULL &&
	    json_same_scalar(c->u.v.cut, last->u.v.put)) {
		take_back_put(list, last);
		return 0;
	}
	if (last->kind == JSON0_OBJECT && c->kind == JSON0_OBJECT) {
		if (last->u.v.put == NULL && c->u.v.cut == NULL) {
			replace_put(last, c);
			return 0;
		}
		if (last->u.v.put != NULL && c->u.v.cut != NULL) {
			if (c->u.v.put != NULL)
				replace_put(last, c);
			else
				take_back_put(list, last);
			return 0;
		}
	}
	/* A move onto itself vanishes here, and only here. */
	if (c->kind == JSON0_MOVE &&
	    json0_seg_same(json0_path_last(c->path), &c->u.to))
		return 0;
	return lift_list_push(list, c, err);
}

int
json0_append(struct lift_list *list, const void *part, struct ot_err *err)
{
	struct json0_part *last = lift_list_last(list);
	struct json0_part clone = *(const struct json0_part *)part;
	const struct json0_part *c = &clone;	/* borrows what part holds */
	size_t n = c->path->n;

	json0_part_clone_add(&clone);
	if (last == NULL || last->path->n != n)
		return lift_list_push(list, c, err);
	if (last->kind == JSON0_TEXT && c->kind == JSON0_TEXT) {
		if (json0_path_same(last->path, c->path, n - 1))
			return append_text(list, last, c, err);
		return lift_list_push(list, c, err);
	}
	if (json0_path_same(last->path, c->path, n))
		return append_same_path(list, last, c, err);
	return lift_list_push(list, c, err);
}

int
json0_compose(const struct lift_list *first, const struct lift_list *second,
    struct lift_list *out, struct ot_err *err)
{
	int rc;

	if ((rc = lift_list_extend(out, first, err)) != 0)
		return rc;
	return lift_list_append(out, second, err);
}

/* ---- invert ---- */

static int
invert_move(const struct json0_part *c, struct json0_part *inverse,
    struct ot_err *err)
{
	size_t n = c->path->n;
	struct json0_path *path;

	if (n == 0)
		return ot_fail(err, OT_ETYPE, "a move needs an index");
	if ((path = json0_path_new(c->path->seg, n)) == NULL)
		return no_memory(err);
	inverse->kind = JSON0_MOVE;
	inverse->u.to = path->seg[n - 1];	/* moves the count */
	path->seg[n - 1] = json0_seg_ref(&c->u.to);
	inverse->path = path;
	return 0;
}

static int
invert_sub(const struct json0_part *c, struct json0_part *inverse,
    struct ot_err *err)
{
	struct json0_sub *sub = json0_sub_new();
	int rc;

	if (sub == NULL)
		return no_memory(err);
	if ((rc = text0_invert(&c->u.sub->parts, &sub->parts, err)) != 0) {
		json0_sub_unref(sub);
		return rc;
	}
	inverse->kind = JSON0_SUB;
	inverse->path = json0_path_ref(c->path);
	inverse->u.sub = sub;
	return 0;
}

/* The caller has the counts of *inverse. */
static int
invert_part(const struct json0_part *c, struct json0_part *inverse,
    struct ot_err *err)
{
	switch (c->kind) {
	case JSON0_MOVE:
		return invert_move(c, inverse, err);
	case JSON0_SUB:
		return invert_sub(c, inverse, err);
	case JSON0_ADD:
		json0_part_copy(inverse, c);
		inverse->u.add = -c->u.add;
		return 0;
	case JSON0_LIST:
	case JSON0_OBJECT:
		json0_part_copy(inverse, c);
		inverse->u.v.put = c->u.v.cut;
		inverse->u.v.cut = c->u.v.put;
		return 0;
	case JSON0_TEXT:
		json0_part_copy(inverse, c);
		inverse->u.text.insert = !c->u.text.insert;
		return 0;
	}
	return 0;
}

int
json0_invert(const struct lift_list *parts, struct lift_list *out,
    struct ot_err *err)
{
	struct json0_part inverse;
	size_t i;
	int rc;

	for (i = parts->n; i > 0; i--) {
		if ((rc = invert_part(lift_list_at(parts, i - 1), &inverse,
		    err)) != 0)
			return rc;
		rc = lift_list_push(out, &inverse, err);
		json0_part_done(&inverse);
		if (rc != 0)
			return rc;
	}
	return 0;
}
