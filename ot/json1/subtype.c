#include "ot/json1/subtype.h"

#include <math.h>

#include "ot/json1/apply.h"
#include "ot/text_edit.h"
#include "ot/text_transform.h"
#include "ot/utf.h"

/* Write what an operation on text ops came to. */
static void
put_result(struct json1_scratch *s, struct json1_node *node, int rc,
    struct ot_edit *edit, bool empty)
{
	if (rc != 0)
		s->rc = rc;	/* described already */
	else
		json1_put_text(s, node, json1_keep_text(s,
		    json1_text_new(edit)), empty);
}

static void
put_sum(struct json1_scratch *s, struct json1_node *node, double sum)
{
	if (isfinite(sum))
		json1_put_add(s, node, sum);
	else
		json1_scratch_fail(s, OT_ETYPE, "the sum is out of range");
}

/* After a failure nothing may fail again: it would describe itself instead. */
static bool
may_go_on(const struct json1_scratch *s, const struct json1_node *node)
{
	return node != NULL && !json1_scratch_failed(s);
}

void
json1_put_composed(struct json1_scratch *s, struct json1_node *node,
    const struct json1_comp *first, const struct json1_comp *second)
{
	struct ot_edit *edit = NULL;
	int rc;

	if (!may_go_on(s, node))
		return;
	if (first->change != second->change) {
		json1_scratch_fail(s, OT_ETYPE, "Composing edits of "
		    "different types");
	} else if (first->change == JSON1_ADD) {
		put_sum(s, node, first->u.add + second->u.add);
	} else {
		rc = text_compose(first->u.text->edit, second->u.text->edit,
		    &edit, s->err);
		put_result(s, node, rc, edit, false);
	}
}

void
json1_put_transformed(struct json1_scratch *s, struct json1_node *node,
    const struct json1_comp *comp, const struct json1_comp *other,
    enum ot_side side)
{
	struct ot_edit *edit = NULL;
	int rc;

	if (!may_go_on(s, node))
		return;
	if (comp->change != other->change) {
		json1_scratch_fail(s, OT_ETYPE,
		    "Transforming incompatible types");
	} else if (comp->change == JSON1_ADD) {
		json1_put_add(s, node, comp->u.add);
	} else {
		rc = text_transform(comp->u.text->edit, other->u.text->edit,
		    side, &edit, s->err);
		put_result(s, node, rc, edit, false);
	}
}

void
json1_put_inverted(struct json1_scratch *s, struct json1_node *node,
    const struct json1_comp *comp)
{
	struct ot_edit *edit = NULL;
	int rc;

	if (!may_go_on(s, node))
		return;
	if (comp->change == JSON1_ADD) {
		json1_put_add(s, node, -comp->u.add);
	} else {
		rc = text_invert(comp->u.text->edit, &edit, s->err);
		put_result(s, node, rc, edit, false);
	}
}

void
json1_put_normal(struct json1_scratch *s, struct json1_node *node,
    const struct json1_comp *comp)
{
	struct ot_edit *edit = NULL;
	int rc;

	if (!may_go_on(s, node))
		return;
	if (comp->change == JSON1_ADD) {
		json1_put_add(s, node, comp->u.add);
	} else {
		rc = text_normalize(comp->u.text->edit, &edit, s->err);
		put_result(s, node, rc, edit, false);
	}
}

/* Does every delete know its text? */
static bool
text_is_invertible(const struct text_edit *e)
{
	const struct text_part *part;

	for (part = e->part; part < e->part + e->n; part++)
		if (part->kind == TEXT_DELETE && part->size.of[ROPE_BYTES] == 0)
			return false;
	return true;
}

static int
make_invertible(const struct ot_edit *edit, const struct json *v,
    struct ot_edit **edit_out, struct ot_err *err)
{
	struct buf text = BUF_INIT;
	struct rope rope;
	int rc;

	json_string_put(v, &text, 0);
	if (buf_failed(&text) || text.len > ROPE_BYTES_MAX) {
		buf_done(&text);
		return ot_fail(err, OT_ENOMEM, "out of memory");
	}
	if (text.len > 0 && utf_has_surrogate(text.data, text.len)) {
		buf_done(&text);
		return ot_fail(err, OT_EAPPLY,
		    "Lone surrogates are not allowed");
	}
	rope_init(&rope);
	rc = rope_insert(&rope, ROPE_CP, 0, text.data,
	    rope_measure(text.data, text.len));
	if (rc != 0)
		ot_fail(err, rc, "out of memory");
	else
		rc = text_make_invertible(edit, &rope, edit_out, err);
	rope_done(&rope);
	buf_done(&text);
	return rc;
}

void
json1_put_invertible(struct json1_scratch *s, struct json1_node *node,
    const struct json1_comp *comp, const struct json *v)
{
	struct ot_edit *edit = NULL;
	int rc;

	if (!may_go_on(s, node))
		return;
	if (comp->change == JSON1_ADD) {
		json1_put_add(s, node, comp->u.add);
		return;
	}
	if (text_is_invertible(text_edit_of(comp->u.text->edit))) {
		rc = text_normalize(comp->u.text->edit, &edit, s->err);
	} else if (json_kind(v) == JSON_STRING) {
		rc = make_invertible(comp->u.text->edit, v, &edit, s->err);
	} else {
		rc = ot_fail(s->err, OT_EAPPLY,
		    "Text edits are for strings only");
	}
	put_result(s, node, rc, edit, true);
}

struct json *
json1_changed(struct json1_scratch *s, const struct json1_comp *comp,
    struct json *v)
{
	struct json *copy;

	if (json1_scratch_failed(s))
		return NULL;
	copy = json_ref(v);
	if ((s->rc = json1_apply_change(&copy, comp, s->err)) != 0) {
		json_unref(copy);
		return NULL;
	}
	return json1_keep(s, copy);
}
