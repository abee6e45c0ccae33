/*
 * Changing a document by parts: ot-json0 1.1.0, lib/json0.js, apply.
 *
 * An op is applied whole or not at all.  Each part changes the document in
 * place and leaves a step in a journal: exactly what it changed, with the old
 * value moved there, not copied.  A part that does not fit rolls the journal
 * back.  So the cost is that of the walk along the path and of the change
 * itself, whatever the document's size.
 *
 * Stricter than the reference: indices in range, object keys that are strings,
 * nothing that only JavaScript objects have (inherited names, "length"), sums
 * that are finite, text edits of strings only (or of anything, if empty).
 * An index spelt as a string counts as the number (json0_path.c).
 */
#include <math.h>

#include "ot/json0_journal.h"

/* A quoted list may be padded with nulls by so many; see json0_apply_quoted. */
#define PAD_MAX	65536

/* One run of json0_apply or json0_apply_quoted. */
struct applying {
	struct json		**root;
	struct json0_journal	 *journal;	/* NULL: what was is not kept */
	bool			  lax;		/* indices as JavaScript takes them */
	int			  code;		/* of refusals */
	ptrdiff_t		  grown;	/* bytes */
	struct ot_err		 *err;
};

/* Keep what a step needs to be taken back, or let it go. */
static void
record(struct applying *a, struct json0_step s)
{
	if (a->journal != NULL)
		a->journal->steps[a->journal->n++] = s;
	else
		json0_step_free(&s);
}

/* ---- refusing ---- */

static int
no_memory(struct applying *a)
{
	return ot_fail(a->err, OT_ENOMEM, "out of memory");
}

static int
fail(struct applying *a, const char *why)
{
	return ot_fail(a->err, a->code, "%s", why);
}

static int
fail_not_object(struct applying *a, const struct json *v)
{
	struct buf b;
	int rc;

	if (v == NULL)
		return fail(a, "Referenced element not an object "
		    "(it was undefined)");
	buf_init(&b, 120);	/* what is longer is left out, piece by piece */
	json_print(v, &b);
	rc = ot_fail(a->err, a->code,
	    "Referenced element not an object (it was %.*s)", (int)b.len,
	    b.len > 0 ? b.data : "");
	buf_done(&b);
	return rc;
}

/* A value put at the end of a path must not make the document too deep. */
static int
check_depth(struct applying *a, size_t path_n, const struct json *v)
{
	if (path_n + json_height(v) > JSON0_DEPTH_MAX)
		return ot_fail(a->err, a->code,
		    "the document would be nested more than %d deep",
		    JSON0_DEPTH_MAX);
	return 0;
}

static ptrdiff_t
size_of(struct applying *a, const struct json *v)
{
	return a->lax ? 0 : (ptrdiff_t)json_size(v);
}

/* ---- walking ---- */

/* One step down from container, which may be any value. */
static void
step_down(struct json *container, const struct json0_seg *seg,
    struct json_place *place)
{
	double index;

	if (seg->key != NULL && json_kind(container) != JSON_LIST)
		json_place_at(container, seg->key, 0, place);
	else if (json0_seg_index(seg, &index) && index < (double)SIZE_MAX)
		json_place_at(container, NULL, (size_t)index, place);
	else
		*place = (struct json_place){ .in = container };
}

/*
 * The place that n segments lead to, owning every container on the way and
 * the value itself.  It may hold nothing; on the way nothing may be missing.
 */
static int
walk(struct applying *a, const struct json0_seg *seg, size_t n,
    struct json_place *place)
{
	size_t i;

	*place = (struct json_place){ .slot = *a->root != NULL ? a->root : NULL };
	for (i = 0;; i++) {
		if (place->slot != NULL && json_own(place->slot) != 0)
			return no_memory(a);
		if (i == n)
			return 0;
		if (place->slot == NULL)
			return fail(a, "Path invalid");
		step_down(*place->slot, &seg[i], place);
	}
}

static struct json *
place_value(const struct json_place *place)
{
	return place->slot != NULL ? *place->slot : NULL;
}

/* Another value is in the place now; old, whose count is taken, was there. */
static void
record_replaced(struct applying *a, const struct json_place *place,
    struct json *old)
{
	record(a, (struct json0_step){ .kind = STEP_VALUE, .in = place->in,
	    .index = place->index, .key = json_place_key(place),
	    .old = old });
}

/* Put v, whose count is taken, in the place of the value that is there. */
static void
place_replace(struct applying *a, const struct json_place *place, struct json *v)
{
	struct json *old = *place->slot;

	a->grown += size_of(a, v) - size_of(a, old);
	*place->slot = v;
	record_replaced(a, place, old);
}

/* ---- scalars ---- */

static int
apply_add(struct applying *a, const struct json0_seg *seg, size_t n,
    double add)
{
	struct json_place place;
	struct json *sum;
	double number;
	int rc;

	if ((rc = walk(a, seg, n, &place)) != 0)
		return rc;
	if (json_kind(place_value(&place)) != JSON_NUMBER)
		return fail(a, "Referenced element not a number");
	number = json_number_get(*place.slot) + add;
	if (!isfinite(number))
		return fail(a, "the sum is out of range");
	if ((sum = json_number_new(number)) == NULL)
		return no_memory(a);
	place_replace(a, &place, sum);
	return 0;
}

static int
apply_text(struct applying *a, const struct json_place *place,
    const struct text0_part *t)
{
	ptrdiff_t size = size_of(a, *place->slot);
	struct json *before = NULL;
	size_t pos;
	int rc;

	if ((rc = text0_apply_part(place->slot, t, a->lax, &pos,
	    a->journal != NULL ? &before : NULL, a->err)) != 0) {
		if (rc == OT_EAPPLY)
			rc = a->err->code = a->code;
		return rc;
	}
	a->grown += size_of(a, *place->slot) - size;
	if (before != NULL)
		record_replaced(a, place, before);
	else if (a->journal != NULL)
		record(a, (struct json0_step){ .kind = STEP_TEXT,
		    .insert = t->insert, .in = *place->slot, .index = pos,
		    .old = json_ref(t->text) });
	return 0;
}

static int
apply_texts(struct applying *a, const struct json0_seg *seg, size_t n,
    const struct text0_part *t, size_t parts)
{
	struct json_place place;
	size_t i;
	int rc;

	if ((rc = walk(a, seg, n, &place)) != 0)
		return rc;
	if (place.slot == NULL)
		return fail(a, "text0 operations cannot be applied to a "
		    "missing value");
	if (parts > 0 && json_kind(*place.slot) != JSON_STRING)
		return fail(a, "text0 operations cannot be applied to a "
		    "value that is not a string");
	for (i = 0; i < parts; i++)
		if ((rc = apply_text(a, &place, &t[i])) != 0)
			return rc;
	return 0;
}

/* ---- lists ---- */

static int
walk_to_list(struct applying *a, const struct json0_seg *seg, size_t n,
    struct json **list_out)
{
	struct json_place place;
	int rc;

	if (n == 0)
		return fail(a, "Referenced element not a list");
	if ((rc = walk(a, seg, n - 1, &place)) != 0)
		return rc;
	if (json_kind(place_value(&place)) != JSON_LIST)
		return fail(a, "Referenced element not a list");
	*list_out = *place.slot;
	return 0;
}

/*
 * The index that seg means, at most max.  What lies beyond is refused, or
 * taken for max + 1 if lax.
 */
static int
list_index(struct applying *a, const struct json0_seg *seg, size_t max,
    size_t *index_out)
{
	double index;

	if (!json0_seg_index(seg, &index))
		return fail(a, "list index must be whole and not negative");
	if (index <= (double)max)
		*index_out = (size_t)index;
	else if (a->lax)
		*index_out = max + 1;
	else
		return fail(a, "list index out of range");
	return 0;
}

/* list[index] = v beyond the end: JavaScript leaves holes, which print as null. */
static int
list_pad(struct applying *a, struct json *list, const struct json0_seg *seg)
{
	size_t len = json_list_len(list);
	double index;

	if (!json0_seg_index(seg, &index) || index - (double)len > PAD_MAX)
		return fail(a, "list index out of range");
	if (json_list_reserve(list, (size_t)index - len) != 0)
		return no_memory(a);
	for (; (double)len < index; len++)
		json_list_insert(list, len, json_null_new());
	return 0;
}

static int
list_insert(struct applying *a, struct json *list, size_t index,
    struct json *put)
{
	if (json_list_reserve(list, 1) != 0)
		return no_memory(a);
	json_list_insert(list, index, json_ref(put));
	a->grown += (ptrdiff_t)JSON_ITEM_BYTES + size_of(a, put);
	record(a, (struct json0_step){ .kind = STEP_INSERTED, .in = list,
	    .index = index });
	return 0;
}

static void
list_delete(struct applying *a, struct json *list, size_t index)
{
	struct json *old = json_list_remove(list, index);

	a->grown -= (ptrdiff_t)JSON_ITEM_BYTES + size_of(a, old);
	record(a, (struct json0_step){ .kind = STEP_DELETED, .in = list,
	    .index = index, .old = old });
}

static int
apply_list(struct applying *a, const struct json0_seg *seg, size_t n,
    const struct json0_part *c)
{
	struct json *list, *put = c->u.v.put;
	struct json_place place;
	size_t index, len;
	int rc;

	if ((rc = walk_to_list(a, seg, n, &list)) != 0 ||
	    (rc = check_depth(a, n, put)) != 0)
		return rc;
	len = json_list_len(list);
	if (put != NULL && c->u.v.cut == NULL) {
		if ((rc = list_index(a, &seg[n - 1], len, &index)) != 0)
			return rc;
		return list_insert(a, list, index < len ? index : len, put);
	}
	step_down(list, &seg[n - 1], &place);
	if (place.slot != NULL && put != NULL)
		place_replace(a, &place, json_ref(put));
	else if (place.slot != NULL)
		list_delete(a, list, place.index);
	else if (!a->lax)
		return fail(a, "list index out of range");
	else if (put != NULL) {
		if ((rc = list_pad(a, list, &seg[n - 1])) != 0)
			return rc;
		return list_insert(a, list, json_list_len(list), put);
	}
	return 0;
}

/* JavaScript's splices: an item that is not there becomes null. */
static int
list_move_lax(struct applying *a, struct json *list, size_t from, size_t to)
{
	size_t len = json_list_len(list);

	if (from < len) {
		json_list_move(list, from, to < len ? to : len - 1);
		return 0;
	}
	return list_insert(a, list, to < len ? to : len, json_null_new());
}

static int
apply_move(struct applying *a, const struct json0_seg *seg, size_t n,
    const struct json0_seg *target)
{
	struct json *list;
	size_t from, to, len;
	int rc;

	if ((rc = walk_to_list(a, seg, n, &list)) != 0)
		return rc;
	if (a->lax && json0_seg_equal(&seg[n - 1], target))
		return 0;
	if ((len = json_list_len(list)) == 0 && !a->lax)
		return fail(a, "list index out of range");
	if ((rc = list_index(a, &seg[n - 1], len > 0 ? len - 1 : 0,
	    &from)) != 0 ||
	    (rc = list_index(a, target, len > 0 ? len - 1 : 0, &to)) != 0)
		return rc;
	if (a->lax)
		return list_move_lax(a, list, from, to);
	json_list_move(list, from, to);
	record(a, (struct json0_step){ .kind = STEP_MOVED, .in = list,
	    .index = from, .to = to });
	return 0;
}

/* ---- objects ---- */

/* The root is a value without a container: it may be missing. */
static int
apply_root(struct applying *a, struct json *put)
{
	struct json *old = *a->root;

	a->grown += size_of(a, put) - size_of(a, old);
	*a->root = json_ref(put);
	record(a, (struct json0_step){ .kind = STEP_VALUE, .old = old });
	return 0;
}

/* The reference knows an object by its "constructor", own ones too. */
static bool
is_object(const struct json *v)
{
	return json_kind(v) == JSON_OBJECT &&
	    !json_object_has(v, "constructor");
}

static int
object_add(struct applying *a, struct json *object, struct json_key *key,
    struct json *put)
{
	struct json_member *member;

	if (json_object_add(object, key, json_ref(put), &member) != 0) {
		json_unref(put);
		return no_memory(a);
	}
	a->grown += (ptrdiff_t)JSON_MEMBER_BYTES + size_of(a, put);
	record(a, (struct json0_step){ .kind = STEP_ADDED, .in = object,
	    .key = member->key });
	return 0;
}

static void
object_remove(struct applying *a, struct json *object,
    struct json_member *member)
{
	struct json_gone gone;

	json_object_unlink(object, member, &gone);
	a->grown -= (ptrdiff_t)JSON_MEMBER_BYTES + size_of(a, gone.m.value);
	record(a, (struct json0_step){ .kind = STEP_REMOVED, .in = object,
	    .key = gone.m.key, .after = gone.after, .old = gone.m.value });
}

static int
apply_object(struct applying *a, const struct json0_seg *seg, size_t n,
    struct json *put)
{
	struct json_place place;
	struct json *object;
	int rc;

	if ((rc = check_depth(a, n, put)) != 0)
		return rc;
	if (n == 0)
		return apply_root(a, put);
	if ((rc = walk(a, seg, n - 1, &place)) != 0)
		return rc;
	object = place_value(&place);
	if (!is_object(object))
		return fail_not_object(a, object);
	if (seg[n - 1].key == NULL)
		return fail(a, "object key must be a string");
	step_down(object, &seg[n - 1], &place);
	if (put != NULL && place.slot == NULL)
		return object_add(a, object, seg[n - 1].key, put);
	if (put != NULL)
		place_replace(a, &place, json_ref(put));
	else if (place.slot != NULL)
		object_remove(a, object, place.member);
	return 0;
}

/* ---- parts ---- */

static int
apply_part(struct applying *a, const struct json0_part *c, size_t skip)
{
	const struct json0_seg *seg = c->path->seg + skip;
	size_t n = c->path->n - skip;
	struct text0_part t;

	switch (c->kind) {
	case JSON0_ADD:
		return apply_add(a, seg, n, isfinite(c->u.add) ? c->u.add : 0);
	case JSON0_LIST:
		return apply_list(a, seg, n, c);
	case JSON0_MOVE:
		return apply_move(a, seg, n, &c->u.to);
	case JSON0_OBJECT:
		return apply_object(a, seg, n, c->u.v.put);
	case JSON0_TEXT:
		if (json0_text_part(c, &t, a->err) != 0)
			return a->err->code = a->code;
		return apply_texts(a, seg, n - 1, &t, 1);
	case JSON0_SUB:
		return apply_texts(a, seg, n, c->u.sub->parts.parts,
		    c->u.sub->parts.n);
	}
	return 0;
}

int
json0_apply_quoted(struct json **root, const struct json0_part *part,
    size_t skip, struct ot_err *err)
{
	struct applying a = { .root = root, .lax = true, .code = OT_ETYPE,
	    .err = err };

	return apply_part(&a, part, skip);
}

int
json0_apply(struct json **root, const struct lift_list *parts,
    struct json0_journal *journal, ptrdiff_t *grown_out, struct ot_err *err)
{
	struct applying a = { .root = root, .journal = journal,
	    .code = OT_EAPPLY, .err = err };
	size_t i;
	int rc;

	for (i = 0; i < parts->n; i++) {
		if ((rc = apply_part(&a, lift_list_at(parts, i), 0)) != 0) {
			if (journal != NULL)
				json0_rollback(root, journal);
			return rc;
		}
	}
	*grown_out = a.grown;
	return 0;
}
