/*
 * change_make: what is wished for, as an op against the base.
 */
#include "ot/diff.h"
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
make_content(struct change *ch, enum err *err_out, struct ot_err *err)
{
	if (ch->from.type == NULL) {
		make_create(ch);
		return CHANGE_MADE;
	}
	return make_diff(ch, ch->body.kind != JSON_NONE ? &ch->body : NULL,
	    err_out, err);
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
	case CHANGE_OP:
		rest_put_raw(&ch->op, "op", ch->body.p, ch->body.len);
		return CHANGE_MADE;
	case CHANGE_JSON_PATCH:
	case CHANGE_MERGE_PATCH:
	case CHANGE_QUOTE:
		ot_fail(err, OT_EUNSUP, "not yet");
		return CHANGE_REFUSED;
	case CHANGE_DELETE:
		rest_put_bool(&ch->op, "del", true);
		return CHANGE_MADE;
	}
	return CHANGE_REFUSED;
}
