/* What of an op is shown: sharedb 7.0.0, lib/projections.js, projectEdit. */
#include "ot/json0.h"

static bool
part_is_within(const struct json0_part *c, const struct ot_fields *f)
{
	const struct json0_seg *first = &c->path->seg[0];

	if (c->path->n == 0)
		return false;
	return first->key != NULL ? ot_fields_has(f, first->key) :
	    ot_fields_has_number(f, first->number);
}

bool
json0_is_within(const struct lift_list *parts, const struct ot_fields *f)
{
	size_t i;

	for (i = 0; i < parts->n; i++)
		if (!part_is_within(lift_list_at(parts, i), f))
			return false;
	return true;
}

/* *field as it is shown; undefined stays so. */
static int
pick_value(struct json **field, const struct ot_fields *f, struct ot_err *err)
{
	struct json *picked;

	if (*field == NULL)
		return 0;
	if ((picked = ot_fields_pick(f, *field)) == NULL)
		return ot_fail(err, OT_ENOMEM, "out of memory");
	json_unref(*field);
	*field = picked;
	return 0;
}

/* The whole document is set or removed: so is what is shown of it. */
static int
pick_root(const struct json0_part *c, const struct ot_fields *f,
    struct lift_list *out, struct ot_err *err)
{
	struct json0_part shown;
	int rc;

	/* A list or a string is shown as null, which nothing changes. */
	if (c->kind != JSON0_OBJECT)
		return 0;
	json0_part_copy(&shown, c);
	if ((rc = pick_value(&shown.u.v.put, f, err)) == 0 &&
	    (rc = pick_value(&shown.u.v.cut, f, err)) == 0 &&
	    (rc = lift_list_take(out, &shown, err)) == 0)
		return 0;
	json0_part_done(&shown);
	return rc;
}

int
json0_pick(const struct lift_list *parts, const struct ot_fields *f,
    struct lift_list *out, struct ot_err *err)
{
	const struct json0_part *c;
	size_t i;
	int rc = 0;

	for (i = 0; i < parts->n && rc == 0; i++) {
		c = lift_list_at(parts, i);
		if (c->path->n == 0)
			rc = pick_root(c, f, out, err);
		else if (part_is_within(c, f))
			rc = lift_list_push(out, c, err);
	}
	return rc;
}
