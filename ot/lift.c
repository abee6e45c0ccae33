#include "ot/lift.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NESTING_MAX	1000	/* crossings inside one another */

/* ---- lists ---- */

void
lift_list_init(struct lift_list *list, const struct lift_kind *kind)
{
	*list = (struct lift_list){ .kind = kind };
}

void
lift_list_init_lent(struct lift_list *list, const struct lift_kind *kind,
    void *part)
{
	*list = (struct lift_list){ .kind = kind, .parts = part, .cap = 1,
	    .lent = part };
}

void
lift_list_clear(struct lift_list *list)
{
	while (list->n > 0)
		lift_list_pop(list);
}

void
lift_list_done(struct lift_list *list)
{
	lift_list_clear(list);
	if (list->parts != list->lent)
		free(list->parts);
	lift_list_init(list, list->kind);
}

void *
lift_list_at(const struct lift_list *list, size_t i)
{
	return (char *)list->parts + i * list->kind->size;
}

void *
lift_list_last(const struct lift_list *list)
{
	return list->n > 0 ? lift_list_at(list, list->n - 1) : NULL;
}

static int
list_reserve(struct lift_list *list, size_t n, struct ot_err *err)
{
	size_t cap = list->cap;
	void *parts;

	if (n <= cap - list->n)
		return 0;
	if (n > SIZE_MAX / list->kind->size / 4 - list->n)
		return ot_fail(err, OT_ENOMEM, "out of memory");
	cap = cap * 2 < list->n + n ? list->n + n : cap * 2;
	parts = realloc(list->parts != list->lent ? list->parts : NULL,
	    cap * list->kind->size);
	if (parts == NULL)
		return ot_fail(err, OT_ENOMEM, "out of memory");
	if (list->parts == list->lent && list->n > 0)
		memcpy(parts, list->parts, list->n * list->kind->size);
	list->parts = parts;
	list->cap = cap;
	return 0;
}

int
lift_list_push(struct lift_list *list, const void *part, struct ot_err *err)
{
	int rc;

	if ((rc = list_reserve(list, 1, err)) != 0)
		return rc;
	list->kind->copy(lift_list_at(list, list->n), part);
	list->n++;
	return 0;
}

int
lift_list_take(struct lift_list *list, const void *part, struct ot_err *err)
{
	int rc;

	if ((rc = list_reserve(list, 1, err)) != 0)
		return rc;
	memcpy(lift_list_at(list, list->n), part, list->kind->size);
	list->n++;
	return 0;
}

void
lift_list_pop(struct lift_list *list)
{
	list->n--;
	list->kind->done(lift_list_at(list, list->n));
}

int
lift_list_extend(struct lift_list *list, const struct lift_list *from,
    struct ot_err *err)
{
	size_t i;
	int rc;

	if ((rc = list_reserve(list, from->n, err)) != 0)
		return rc;
	for (i = 0; i < from->n; i++)
		if ((rc = lift_list_push(list, lift_list_at(from, i),
		    err)) != 0)
			return rc;
	return 0;
}

int
lift_list_append(struct lift_list *list, const struct lift_list *from,
    struct ot_err *err)
{
	size_t i;
	int rc;

	for (i = 0; i < from->n; i++)
		if ((rc = list->kind->append(list, lift_list_at(from, i),
		    err)) != 0)
			return rc;
	return 0;
}

/* ---- crossing two lists ---- */

/*
 * left and right were made on the same document; left_out is left after
 * right, right_out is right after left.
 *
 *	left   l1 l2 l3 ...		each r crosses the whole of left, and
 *	r1     -->			left is rewritten behind it
 *	r2        -->
 */
struct crossing {
	const struct lift_kind	*kind;
	size_t			 pairs;		/* looked at so far */
	unsigned		 nesting;
	struct ot_err		*err;
};

/* A borrowed run of parts. */
struct run {
	const char	*parts;
	size_t		 n;
};

static const void *
run_at(const struct crossing *x, const struct run *run, size_t i)
{
	return run->parts + i * x->kind->size;
}

static int	cross(struct crossing *x, struct run left, struct run right,
		    struct lift_list *left_out, struct lift_list *right_out);

/*
 * r became several parts after l: cross those with the rest of left, and
 * append both results.
 */
static int
cross_rest(struct crossing *x, struct run rest, const struct lift_list *several,
    struct lift_list *left_out, struct lift_list *right_out)
{
	struct lift_list left, right;
	int rc;

	if (x->nesting == NESTING_MAX)
		return ot_fail(x->err, OT_ELIMIT,
		    "transforming these ops is too much work");
	lift_list_init(&left, x->kind);
	lift_list_init(&right, x->kind);
	x->nesting++;
	rc = cross(x, rest, (struct run){ several->parts, several->n }, &left,
	    &right);
	x->nesting--;
	if (rc == 0 &&
	    (rc = lift_list_append(left_out, &left, x->err)) == 0)
		rc = lift_list_append(right_out, &right, x->err);
	lift_list_done(&left);
	lift_list_done(&right);
	return rc;
}

/* Take one part of right, in r, over all of left. */
static int
cross_one(struct crossing *x, struct run left, struct lift_list *r,
    struct lift_list *left_out, struct lift_list *right_out)
{
	struct lift_list scratch, swap;
	const void *l;
	size_t i;
	int rc = 0;

	lift_list_init(&scratch, x->kind);
	for (i = 0; i < left.n && r->n == 1; i++) {
		l = run_at(x, &left, i);
		if (++x->pairs > LIFT_PAIRS_MAX) {
			rc = ot_fail(x->err, OT_ELIMIT,
			    "transforming these ops is too much work");
			goto out;
		}
		if ((rc = x->kind->transform(left_out, l, lift_list_at(r, 0),
		    OT_LEFT, x->err)) != 0 ||
		    (rc = x->kind->transform(&scratch, lift_list_at(r, 0), l,
		    OT_RIGHT, x->err)) != 0)
			goto out;
		swap = *r;
		*r = scratch;
		scratch = swap;
		lift_list_clear(&scratch);
	}
	if (i > 0)	/* no parts may be NULL, which nothing is added to */
		left.parts += i * x->kind->size;
	left.n -= i;
	if (r->n > 1) {
		rc = cross_rest(x, left, r, left_out, right_out);
		goto out;
	}
	for (i = 0; i < left.n; i++)
		if ((rc = x->kind->append(left_out, run_at(x, &left, i),
		    x->err)) != 0)
			goto out;
	if (r->n == 1)
		rc = x->kind->append(right_out, lift_list_at(r, 0), x->err);
out:
	lift_list_done(&scratch);
	return rc;
}

static int
cross(struct crossing *x, struct run left, struct run right,
    struct lift_list *left_out, struct lift_list *right_out)
{
	struct lift_list now, next, one;
	size_t i;
	int rc = 0;

	assert(left_out->n == 0);
	lift_list_init(&now, x->kind);
	lift_list_init(&next, x->kind);
	lift_list_init(&one, x->kind);
	for (i = 0; i < left.n; i++)
		if ((rc = lift_list_push(&now, run_at(x, &left, i),
		    x->err)) != 0)
			goto out;
	for (i = 0; i < right.n; i++) {
		lift_list_clear(&one);
		if ((rc = lift_list_push(&one, run_at(x, &right, i),
		    x->err)) != 0 ||
		    (rc = cross_one(x, (struct run){ now.parts, now.n }, &one,
		    &next, right_out)) != 0)
			goto out;
		lift_list_clear(&now);
		struct lift_list swap = now;
		now = next;
		next = swap;
	}
	lift_list_done(left_out);
	*left_out = now;
	lift_list_init(&now, x->kind);
out:
	lift_list_done(&one);
	lift_list_done(&next);
	lift_list_done(&now);
	return rc;
}

int
lift_transform(const struct lift_list *op, const struct lift_list *other,
    enum ot_side side, struct lift_list *out, struct ot_err *err)
{
	struct crossing x = { op->kind, 0, 0, err };
	struct run a = { op->parts, op->n }, b = { other->parts, other->n };
	struct lift_list dropped;
	int rc;

	if (other->n == 0)
		return lift_list_extend(out, op, err);
	if (op->n == 1 && other->n == 1)
		return op->kind->transform(out, op->parts, other->parts, side,
		    err);
	lift_list_init(&dropped, op->kind);
	rc = side == OT_LEFT ? cross(&x, a, b, out, &dropped) :
	    cross(&x, b, a, &dropped, out);
	lift_list_done(&dropped);
	return rc;
}
