/* Merge patches: RFC 7396, section 2. */
#include "ot/json_value.h"
#include "ot/patch.h"

static int	merge(struct json **slot, struct json *patch);

static void
drop(struct json *object, struct json_key *key)
{
	struct json_member *m = json_object_find(object, key);
	struct json_gone gone;

	if (m == NULL)
		return;
	json_object_unlink(object, m, &gone);
	json_gone_free(&gone);
}

static int
merge_member(struct json *object, const struct json_member *change)
{
	struct json_member *m;

	if (json_kind(change->value) == JSON_NULL) {
		drop(object, change->key);
		return 0;
	}
	m = json_object_find(object, change->key);
	/* A place for what comes, whatever it is. */
	if (m == NULL && json_object_add(object, change->key, json_null_new(),
	    &m) != 0)
		return OT_ENOMEM;
	return merge(&m->value, change->value);
}

/* As deep as the patch is. */
static int
merge(struct json **slot, struct json *patch)
{
	const struct json_member *m;
	struct json *fresh;
	int rc;

	if (json_kind(patch) != JSON_OBJECT) {
		json_unref(*slot);
		*slot = json_ref(patch);
		return 0;
	}
	if (json_kind(*slot) != JSON_OBJECT) {
		if ((fresh = json_object_new()) == NULL)
			return OT_ENOMEM;
		json_unref(*slot);
		*slot = fresh;
	}
	if ((rc = json_own(slot)) != 0)
		return rc;
	for (m = json_object_first(patch); rc == 0 && m != NULL;
	    m = json_object_next(patch, m))
		rc = merge_member(*slot, m);
	return rc;
}

int
patch_merge(const struct json_slice *doc, const struct json_slice *patch,
    struct buf *out, struct ot_err *err)
{
	struct json *root = NULL, *change = NULL;
	int rc = 0;

	if (doc->p != NULL)
		rc = json_parse(doc->p, doc->len, 0, &root, err);
	if (rc == 0)
		rc = json_parse(patch->p, patch->len, 0, &change, err);
	if (rc == 0 && ((rc = merge(&root, change)) != 0 ||
	    (json_print(root, out), buf_failed(out))))
		rc = ot_fail(err, OT_ENOMEM, "out of memory");
	json_unref(root);
	json_unref(change);
	return rc;
}
