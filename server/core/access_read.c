/*
 * The text of rules as a tree.  A name that stands twice in one object is
 * refused: JSON takes the last of its values, and whoever reviews the text
 * might see the first.
 */
#include "core/access_in.h"

#include "ot/json.h"

#define DEPTH_MAX	8		/* rules need 5 */

/* Names of an object, so far. */
struct keys {
	struct json_key	*all[ACCESS_LIST_MAX];	/* counted */
	size_t		 n;
};

static int check_twice(struct json_reader *r, struct ot_err *err);

static int
check_member(struct json_reader *r, struct keys *seen,
    const struct json_slice *name, struct ot_err *err)
{
	struct json_key *key = json_key_from_slice(name);
	size_t i;

	if (key == NULL)
		return ot_fail(err, OT_ENOMEM, "out of memory");
	seen->all[seen->n++] = key;
	for (i = 0; i + 1 < seen->n; i++)
		if (json_key_equal(seen->all[i], key))
			return ot_fail(err, OT_EBADLY, "\"%.*s\" stands twice "
			    "in one object", KEY_ARGS(key));
	return check_twice(r, err);
}

static int
check_object(struct json_reader *r, struct ot_err *err)
{
	struct json_slice name;
	struct keys seen = { 0 };
	int rc = json_enter(r, JSON_OBJECT), more = 0;

	while (rc == 0 && (more = json_next_member(r, &name)) > 0)
		rc = seen.n < ACCESS_LIST_MAX ?
		    check_member(r, &seen, &name, err) :
		    ot_fail(err, OT_ELIMIT, "an object has more than %d "
		    "members", ACCESS_LIST_MAX);
	while (seen.n > 0)
		json_key_unref(seen.all[--seen.n]);
	return rc != 0 ? rc : more;
}

/* Is a name said twice in some object?  Then the value that counts is hidden. */
static int
check_twice(struct json_reader *r, struct ot_err *err)
{
	int rc, more;

	if (r->depth > DEPTH_MAX)
		return ot_fail(err, OT_ELIMIT, "more than %d lists and objects "
		    "in one another", DEPTH_MAX);
	switch (json_peek(r)) {
	case JSON_OBJECT:
		return check_object(r, err);
	case JSON_LIST:
		rc = json_enter(r, JSON_LIST);
		while (rc == 0 && (more = json_next_item(r)) != 0)
			rc = more < 0 ? more : check_twice(r, err);
		return rc;
	default:
		return json_skip(r, NULL);
	}
}

int
access_read(const char *json, size_t len, struct json **top_out,
    struct ot_err *err)
{
	struct json_reader r;
	int rc;

	if (len > ACCESS_BYTES_MAX)
		return ot_fail(err, OT_ELIMIT, "the rules are longer than %u "
		    "bytes", ACCESS_BYTES_MAX);
	json_reader_init(&r, json, len, err);
	if ((rc = check_twice(&r, err)) != 0)
		return rc;
	return json_parse(json, len, 0, top_out, err);
}

