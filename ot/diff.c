#include "ot/diff.h"

#include "ot/diff/values.h"
#include "ot/json0.h"
#include "ot/json1/edit.h"

static int
no_memory(struct ot_err *err)
{
	return ot_fail(err, OT_ENOMEM, "out of memory");
}

/* ---- texts ---- */

static int
diff_texts(struct differ *d, const struct ot_type *type,
    const struct text_span *a, const struct text_span *b)
{
	struct hunks h = { NULL, 0, 0 };
	int rc;

	if ((rc = diff_text(a, b, &d->steps, &h)) != 0)
		goto out;
	/* text0 takes only so many components. */
	if (type == &ot_type_text0 && h.n > LIFT_PARTS_MAX / 2) {
		h.hunk[0] = diff_ends(a, b);
		h.n = 1;
	}
	if (h.n == 0)
		goto out;
	diff_put_text(type, d->out, a, b, &h);
	rc = buf_failed(d->out) ? OT_ENOMEM : 1;
out:
	diff_hunks_done(&h);
	return rc < 0 ? no_memory(d->err) : rc;
}

static int
edit_text(struct differ *d, const struct ot_type *type,
    const struct json_slice *from, const struct json_slice *to)
{
	struct buf a = BUF_INIT, b = BUF_INIT;
	struct text_span x, y;
	int rc;

	if ((rc = diff_read_text(type, from, &a, d->err)) == 0 &&
	    (rc = diff_read_text(type, to, &b, d->err)) == 0) {
		x = diff_span(&a);
		y = diff_span(&b);
		rc = diff_texts(d, type, &x, &y);
	}
	buf_done(&a);
	buf_done(&b);
	return rc;
}

/* ---- values ---- */

static int
read_value(const struct json_slice *json, unsigned flags, unsigned deepest,
    struct json **value_out, struct ot_err *err)
{
	int rc;

	if (json->p == NULL)
		return 0;
	if ((rc = json_parse(json->p, json->len, flags, value_out, err)) != 0)
		return rc;
	return json_height(*value_out) <= deepest ? 0 :
	    ot_fail(err, OT_ELIMIT, "nested more than %u deep", deepest);
}

static int
edit_value(struct differ *d, const struct ot_type *type,
    const struct json_slice *from, const struct json_slice *to)
{
	bool json0 = type == &ot_type_json0;
	struct json *a = NULL, *b = NULL;
	int rc;

	diff_hashes_init(&d->hashes);
	if ((rc = read_value(from, 0, JSON_DEPTH_MAX, &a, d->err)) == 0 &&
	    (rc = read_value(to, JSON_NO_PROTO, json0 ? JSON0_DEPTH_MAX :
	    JSON1_DEPTH_MAX, &b, d->err)) == 0)
		rc = json0 ? diff_json0(d, a, b) : diff_json1(d, a, b);
	diff_hashes_done(&d->hashes);
	json_unref(a);
	json_unref(b);
	return rc;
}

static int
edit_rich_text(struct differ *d, const struct json_slice *from,
    const struct json_slice *to)
{
	int rc;

	diff_hashes_init(&d->hashes);
	rc = diff_rich_text(d, from, to);
	diff_hashes_done(&d->hashes);
	return rc;
}

int
diff_edit(const struct ot_type *type, const struct json_slice *from,
    const struct json_slice *to, struct buf *edit_out, struct ot_err *err)
{
	static const struct json_slice undefined = { NULL, 0, JSON_NONE };
	struct differ d = { .out = edit_out, .err = err };

	if (from == NULL)
		from = &undefined;
	if (to == NULL)
		to = &undefined;
	d.steps = DIFF_STEPS((from->p != NULL ? from->len : 0) +
	    (to->p != NULL ? to->len : 0));
	if (type == &ot_type_text || type == &ot_type_text_unicode ||
	    type == &ot_type_text0)
		return edit_text(&d, type, from, to);
	if (type == &ot_type_json0 || type == &ot_type_json1 ||
	    type == &ot_type_json1_auto)
		return edit_value(&d, type, from, to);
	if (type == &ot_type_rich_text)
		return edit_rich_text(&d, from, to);
	return ot_fail(err, OT_EUNSUP, "no diff for the type %s", type->name);
}
