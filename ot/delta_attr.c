#include "ot/delta_attr.h"

#include <stddef.h>

bool
delta_attr_equal(const struct json *a, const struct json *b)
{
	return a == b || (a != NULL && b != NULL && json_deep_equal(a, b));
}

static struct json_member *
find(const struct json *attrs, const struct json_key *name)
{
	return attrs == NULL ? NULL : json_object_find(attrs, name);
}

static struct json_member *
first(const struct json *attrs)
{
	return attrs == NULL ? NULL : json_object_first(attrs);
}

static bool
is_null(const struct json_member *m)
{
	return json_kind(m->value) == JSON_NULL;
}

/* Add to *attrs, which is made when there is something to add. */
static int
add(struct json **attrs, struct json_key *name, struct json *value)
{
	if (*attrs == NULL && (*attrs = json_object_new()) == NULL)
		return OT_ENOMEM;
	if (json_object_add(*attrs, name, json_ref(value), NULL) != 0) {
		json_unref(value);
		return OT_ENOMEM;
	}
	return 0;
}

static int
hand_out(int rc, struct json *attrs, struct json **attrs_out)
{
	if (rc != 0)
		json_unref(attrs);
	else
		*attrs_out = attrs;
	return rc;
}

int
delta_attr_compose(struct json *a, struct json *b, bool keep_null,
    struct json **attrs_out)
{
	struct json_member *m;
	struct json *attrs = NULL;
	int rc = 0;

	if (b == NULL || (a == NULL && keep_null)) {
		*attrs_out = delta_attr_ref(b == NULL ? a : b);
		return 0;
	}
	for (m = first(b); rc == 0 && m != NULL;
	    m = json_object_next(b, m))
		if (keep_null || !is_null(m))
			rc = add(&attrs, m->key, m->value);
	for (m = first(a); rc == 0 && m != NULL;
	    m = json_object_next(a, m))
		if (find(b, m->key) == NULL)
			rc = add(&attrs, m->key, m->value);
	return hand_out(rc, attrs, attrs_out);
}

int
delta_attr_transform(struct json *a, struct json *b, bool priority,
    struct json **attrs_out)
{
	struct json_member *m;
	struct json *attrs = NULL;
	int rc = 0;

	if (a == NULL || b == NULL || !priority) {
		*attrs_out = delta_attr_ref(b);
		return 0;
	}
	for (m = first(b); rc == 0 && m != NULL;
	    m = json_object_next(b, m))
		if (find(a, m->key) == NULL)
			rc = add(&attrs, m->key, m->value);
	return hand_out(rc, attrs, attrs_out);
}

int
delta_attr_invert(struct json *attrs, struct json *base,
    struct json **attrs_out)
{
	struct json_member *m, *other;
	struct json *back = NULL;
	int rc = 0;

	for (m = first(base); rc == 0 && m != NULL;
	    m = json_object_next(base, m)) {
		other = find(attrs, m->key);
		if (other != NULL && !json_same_scalar(m->value, other->value))
			rc = add(&back, m->key, m->value);
	}
	for (m = first(attrs); rc == 0 && m != NULL;
	    m = json_object_next(attrs, m))
		if (find(base, m->key) == NULL)
			rc = add(&back, m->key, json_null_new());
	return hand_out(rc, back, attrs_out);
}
