/*
 * change_make: what is wished for, as an op against the base.
 */
#include "ot/diff.h"
#include "ot/patch.h"
#include "ot/quote.h"
#include "rest/change.h"

static enum change_made
made(int rc)
{
	return rc > 0 ? CHANGE_MADE : rc == 0 ? CHANGE_NOTHING :
	    CHANGE_REFUSED;
}

/* The type that is said must be that of the document. */
static bool
is_its_type(const struct change *ch)
{
	return ch->type == NULL || ot_type_find(ch->type) == ch->from.type;
}

static void
make_create(struct change *ch)
{
	ch->is_new = true;
	rest_put_name(&ch->op, "create");
	buf_putc(&ch->op, '{');
	rest_put_text(&ch->op, "type",
	    ch->type != NULL ? ch->type : ot_type_json0.uri);
	if (ch->body.kind != JSON_NONE)
		rest_put_raw(&ch->op, "data", ch->body.p, ch->body.len);
	buf_putc(&ch->op, '}');
}

static const struct json_slice *
content_of(const struct shot *shot)
{
	return shot->data.kind != JSON_NONE ? &shot->data : NULL;
}

static enum change_made
make_diff(struct change *ch, const struct json_slice *to, enum err *err_out,
    struct ot_err *err)
{
	if (!is_its_type(ch)) {
		*err_out = ERR_TYPE_OTHER;
		return CHANGE_REFUSED;
	}
	rest_put_name(&ch->op, "op");
	return made(diff_edit(ch->from.type, content_of(&ch->from), to,
	    &ch->op, err));
}

static enum change_made
make_patched(struct change *ch, enum err *err_out, struct ot_err *err)
{
	static const struct json_slice null = { "null", 4, JSON_NULL };
	const struct json_slice *from = content_of(&ch->from);
	struct buf after = BUF_INIT;
	struct json_slice to;
	enum change_made result = CHANGE_REFUSED;
	int rc;

	if (ch->from.type != &ot_type_json0 &&
	    ch->from.type != &ot_type_json1) {
		ot_fail(err, OT_EUNSUP,
		    "Patches of JSON are for documents of json0 and json1");
		return CHANGE_REFUSED;
	}
	if (from == NULL)
		from = &null;
	rc = ch->what == CHANGE_JSON_PATCH ?
	    patch_json(from, &ch->body, &after, err) :
	    patch_merge(from, &ch->body, &after, err);
	if (rc >= 0 && buf_failed(&after))
		rc = ot_fail(err, OT_ENOMEM, "out of memory");
	if (rc >= 0) {
		/* Its kind is looked at by nobody but for being there. */
		to = (struct json_slice){ after.data, after.len, JSON_OBJECT };
		result = make_diff(ch, &to, err_out, err);
	}
	buf_done(&after);
	return result;
}

static enum change_made
make_content(struct change *ch, enum err *err_out, struct ot_err *err)
{
	if (ch->from.type == NULL) {
		make_create(ch);
		return CHANGE_MADE;
	}
	return make_diff(ch, ch->body.kind != JSON_NONE ? &ch->body : NULL,
	    err_out, err);
}

/* As it is, but for blanks: it is shown in the answer. */
static enum change_made
make_op(struct change *ch, struct ot_err *err)
{
	struct json *op;

	if (json_parse(ch->body.p, ch->body.len, 0, &op, err) != 0)
		return CHANGE_REFUSED;
	rest_put_name(&ch->op, "op");
	json_print(op, &ch->op);
	json_unref(op);
	return CHANGE_MADE;
}

enum change_made
change_make(struct change *ch, enum err *err_out, struct ot_err *err)
{
	ch->is_new = false;
	if (ch->from.type == NULL && ch->what != CHANGE_PUT &&
	    ch->what != CHANGE_CREATE && ch->what != CHANGE_RESTORE) {
		ot_fail(err, OT_ENODOC, "There was no document at the base");
		return CHANGE_REFUSED;
	}
	switch (ch->what) {
	case CHANGE_CREATE:
		make_create(ch);
		return CHANGE_MADE;
	case CHANGE_PUT:
	case CHANGE_RESTORE:
		return make_content(ch, err_out, err);
	case CHANGE_JSON_PATCH:
	case CHANGE_MERGE_PATCH:
		return make_patched(ch, err_out, err);
	case CHANGE_OP:
		return make_op(ch, err);
	case CHANGE_QUOTE:
		rest_put_name(&ch->op, "op");
		return made(quote_edit(ch->from.type, &ch->from.data,
		    &ch->body, &ch->op, err));
	case CHANGE_DELETE:
		rest_put_bool(&ch->op, "del", true);
		return CHANGE_MADE;
	}
	return CHANGE_REFUSED;
}
