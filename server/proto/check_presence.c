/*
 * What p, ps, pu and pr carry.  Stricter than sharedb, which would use
 * "undefined" as a channel: ch has to be there; and p needs its p and its pv,
 * without which a client would take it, whatever came after, for the newest.
 */
#include "proto/check.h"

static bool
is_there(const struct json_slice *s)
{
	return s->kind != JSON_NONE;
}

enum message_verdict
check_channel(const struct fields *f, struct arena *arena,
    struct message *msg, struct refusal *r)
{
	(void)arena;
	if (msg->ch == NULL)
		return check_malformed(r, "Invalid presence channel");
	msg->ch_raw = f->ch;
	msg->seq_raw = f->seq;
	return MESSAGE_OK;
}

enum message_verdict
check_presence_first(const struct fields *f, struct arena *arena,
    struct message *msg, struct refusal *r)
{
	if (field_given(&f->d) && (msg->d = field_name(&f->d, arena)) == NULL)
		return check_malformed(r, "Invalid id");
	if (!field_version(&f->v, &msg->has_v, &msg->v))
		return check_malformed(r, "Invalid version");
	if ((msg->presence_id = field_name(&f->id, arena)) == NULL)
		return check_malformed(r, "Invalid presence ID");
	if (!field_number(&f->pv, &msg->pv))
		return check_malformed(r, "Invalid presence version");
	return MESSAGE_OK;
}

/* The type's name, of any length and alphabet: it is only looked up. */
static enum message_verdict
check_type(const struct json_slice *t, struct arena *arena,
    struct message *msg, struct refusal *r)
{
	if (!json_slice_truthy(t))
		return MESSAGE_OK;
	if (t->kind == JSON_STRING && (msg->t = field_name(t, arena)) != NULL)
		return MESSAGE_OK;
	refuse(r, ERR_NO_PRESENCE, "Type does not support presence: %.*s",
	    t->len < 100 ? (int)t->len : 100, t->p);
	return MESSAGE_REFUSED;
}

enum message_verdict
check_presence(const struct fields *f, struct arena *arena,
    struct message *msg, struct refusal *r)
{
	if (msg->ch == NULL)
		return check_malformed(r, "Invalid presence channel");
	if (!is_there(&f->p))
		return check_malformed(r, "Invalid presence value");
	msg->ch_raw = f->ch;
	msg->pv_raw = f->pv;
	msg->v_raw = f->v;
	msg->t_raw = f->t;
	msg->presence = f->p;
	return check_type(&f->t, arena, msg, r);
}

/* ---- the handshake ---- */

static unsigned
bit_of(const struct json_slice *name)
{
	const struct ot_type *type;
	unsigned i;

	for (i = 0; (type = ot_type_at(i)) != NULL; i++)
		if (json_slice_is(name, type->name) ||
		    json_slice_is(name, type->uri))
			return 1u << i;
	return 0;
}

/* What is not a list of types that we know counts for nothing. */
static unsigned
bits_of_list(const struct json_slice *list)
{
	struct json_reader reader;
	struct json_slice name;
	struct ot_err err;
	unsigned bits = 0;

	if (list->kind != JSON_LIST)
		return 0;
	json_reader_init(&reader, list->p, list->len, &err);
	if (json_enter(&reader, JSON_LIST) != 0)
		return 0;
	while (json_next_item(&reader) > 0 && json_skip(&reader, &name) == 0)
		if (name.kind == JSON_STRING)
			bits |= bit_of(&name);
	return bits;
}

unsigned
check_presence_types(const struct json_slice *x)
{
	struct json_slice list = field_member(x, "presence");

	return bits_of_list(&list);
}
