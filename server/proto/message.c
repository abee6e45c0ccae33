/*
 * message: see message.h.
 *
 * Stricter than sharedb, which would store or crash on such input:
 *  - document actions need c and d, bulk actions c;
 *  - names hold no NUL and no lone surrogate (PostgreSQL's text cannot) and
 *    at most NAME_MAX_BYTES;
 *  - versions and seq are whole numbers up to 2^53 - 1, seq not negative.
 */
#include "proto/message.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "proto/check.h"
#include "proto/fields.h"

static const struct {
	const char	*code;
	enum {
		MSG_ANY, MSG_DOC, MSG_BULK, MSG_CHANNEL, MSG_PRESENCE,
		MSG_HISTORY, MSG_QUERY, MSG_QUERY_ID, MSG_TOKEN, MSG_MAY
	} needs;
} actions[] = {
	[ACTION_NONE] = { NULL, MSG_ANY },
#define ACTION(name, code, needs, handler) [name] = { code, needs },
#include "proto/actions.def"
#undef ACTION
};

#define N_ACTIONS	(sizeof(actions) / sizeof(actions[0]))

void
refuse(struct refusal *r, enum err err, const char *fmt, ...)
{
	va_list ap;

	r->err = err;
	r->code = err_wire(err);
	if (fmt == NULL) {
		snprintf(r->text, sizeof(r->text), "%s", err_text(err));
		return;
	}
	va_start(ap, fmt);
	vsnprintf(r->text, sizeof(r->text), fmt, ap);
	va_end(ap);
}

void
refuse_ot(struct refusal *r, const struct ot_err *e)
{
	refuse(r, ERR_NOT_APPLIED, "%s", e->text);
	r->code = ot_wire_code(e->code);
}

/* ---- handshake ---- */

/* "1", 1, "1.2" and their like; protocol.js takes numbers and strings. */
static bool
protocol_get(const struct json_slice *s, unsigned *number_out)
{
	struct buf b;
	double d = 0;

	*number_out = 0;
	if (!field_given(s))
		return true;
	if (s->kind == JSON_NUMBER) {
		d = json_slice_number(s);
	} else if (s->kind == JSON_STRING) {
		buf_init(&b, 16);
		json_slice_string(s, &b);
		for (size_t i = 0; i < b.len && b.data[i] >= '0' &&
		    b.data[i] <= '9' && i < 6; i++)
			d = d * 10 + (b.data[i] - '0');
		buf_done(&b);
	} else {
		return false;
	}
	if (d >= 0 && d <= 1000000)
		*number_out = (unsigned)d;
	return true;
}

static enum message_verdict
check_handshake(const struct fields *f, struct arena *arena,
    struct message *msg, struct refusal *r)
{
	if (!protocol_get(&f->protocol, &msg->protocol_major) ||
	    !protocol_get(&f->protocol_minor, &msg->protocol_minor))
		return check_malformed(r, "Invalid protocol");
	if (json_slice_truthy(&f->id)) {
		msg->src = field_name(&f->id, arena);
		if (msg->src == NULL)
			return check_malformed(r, "Invalid id");
	}
	msg->presence_types = check_presence_types(&f->x);
	msg->wants_word = field_member(&f->x, "token").kind == JSON_TRUE;
	msg->wants_epoch = field_member(&f->x, "epoch").kind == JSON_TRUE;
	return MESSAGE_OK;
}

/* ---- ops ---- */

static enum message_verdict
check_create(struct message *msg, struct refusal *r)
{
	struct json_reader reader;
	struct json_slice key, value, type = { NULL, 0, JSON_NONE };
	struct ot_err err;

	if (msg->body.kind != JSON_OBJECT && msg->body.kind != JSON_LIST) {
		refuse(r, ERR_OP_FORM, "Create data must be an object");
		return MESSAGE_REFUSED;
	}
	json_reader_init(&reader, msg->body.p, msg->body.len, &err);
	if (msg->body.kind == JSON_OBJECT &&
	    json_enter(&reader, JSON_OBJECT) == 0)
		while (json_next_member(&reader, &key) > 0 &&
		    json_skip(&reader, &value) == 0)
			if (json_slice_is(&key, "type"))
				type = value;
	if (type.kind != JSON_STRING) {
		refuse(r, ERR_OP_FORM, "Missing create type");
		return MESSAGE_REFUSED;
	}
	return MESSAGE_OK;
}

static enum message_verdict
check_op(const struct fields *f, struct arena *arena, struct message *msg,
    struct refusal *r)
{
	enum message_verdict verdict;

	/* "op" counts by being there, even as null: createClientOp. */
	if (f->op.kind != JSON_NONE) {
		msg->op_kind = OP_EDIT;
		msg->body = f->op;
	} else if (json_slice_truthy(&f->create)) {
		msg->op_kind = OP_CREATE;
		msg->body = f->create;
	} else if (json_slice_truthy(&f->del)) {
		msg->op_kind = OP_DELETE;
	} else {
		return check_malformed(r, "Invalid op message");
	}
	if (f->seq.kind == JSON_NUMBER &&
	    json_slice_number(&f->seq) >= (double)OP_NUMBER_MAX) {
		refuse(r, ERR_SEQ_OVERFLOW, NULL);
		return MESSAGE_REFUSED;
	}
	if (msg->op_kind == OP_CREATE &&
	    (verdict = check_create(msg, r)) != MESSAGE_OK)
		return verdict;
	if (msg->op_kind == OP_DELETE && f->del.kind != JSON_TRUE) {
		refuse(r, ERR_OP_FORM, "del value must be true");
		return MESSAGE_REFUSED;
	}
	if (json_slice_truthy(&f->src)) {
		if (f->src.kind != JSON_STRING ||
		    (msg->src = field_name(&f->src, arena)) == NULL) {
			refuse(r, ERR_OP_FORM, "src must be a string");
			return MESSAGE_REFUSED;
		}
	}
	if (!field_given(&f->seq)) {
		refuse(r, ERR_OP_FORM,
		    "Both src and seq must be set together");
		return MESSAGE_REFUSED;
	}
	if (!field_number(&f->seq, &msg->seq))
		return check_malformed(r, "Invalid seq");
	msg->is_strict = field_member(&f->x, "strict").kind == JSON_TRUE;
	if (msg->is_strict && !msg->has_v)
		return check_malformed(r, "A strict op must name its version");
	return MESSAGE_OK;
}

/* ---- all ---- */

static enum action
action_named(const struct json_slice *a)
{
	size_t i;

	if (a->kind == JSON_STRING)
		for (i = 1; i < N_ACTIONS; i++)
			if (json_slice_is(a, actions[i].code))
				return (enum action)i;
	return ACTION_NONE;
}

/* The checks before anything else, in sharedb's order. */
static enum message_verdict
check_common(const struct fields *f, struct arena *arena,
    struct message *msg, struct refusal *r)
{
	int needs = actions[msg->action].needs;
	enum message_verdict verdict;

	if (needs == MSG_DOC) {
		if ((msg->d = field_name(&f->d, arena)) == NULL)
			return check_malformed(r, "Invalid id");
		if (!field_version(&f->v, &msg->has_v, &msg->v))
			return check_malformed(r, "Invalid version");
	} else if (needs == MSG_HISTORY) {
		if ((verdict = check_history(f, arena, msg, r)) != MESSAGE_OK)
			return verdict;
	} else if (needs == MSG_BULK) {
		if ((verdict = check_bulk(f, arena, msg, r)) != MESSAGE_OK)
			return verdict;
	} else if (needs == MSG_PRESENCE) {
		if ((verdict = check_presence_first(f, arena, msg, r)) !=
		    MESSAGE_OK)
			return verdict;
	} else if (needs == MSG_QUERY || needs == MSG_QUERY_ID) {
		if ((verdict = check_query(f, arena, msg, r)) != MESSAGE_OK)
			return verdict;
	} else if (needs == MSG_MAY) {
		if (field_given(&f->d) &&
		    (msg->d = field_name(&f->d, arena)) == NULL)
			return check_malformed(r, "Invalid id");
	} else if (needs == MSG_TOKEN) {
		if ((msg->token = field_text(&f->token, arena)) == NULL)
			return check_malformed(r, "Invalid token");
	} else if (msg->action == ACTION_HANDSHAKE) {
		if ((verdict = check_handshake(f, arena, msg, r)) !=
		    MESSAGE_OK)
			return verdict;
	}
	if (field_given(&f->c) || needs == MSG_DOC || needs == MSG_BULK ||
	    needs == MSG_QUERY ||
	    (needs == MSG_MAY && msg->d != NULL)) {
		if ((msg->c = field_name(&f->c, arena)) == NULL)
			return check_malformed(r, "Invalid collection");
	}
	if (field_given(&f->ch) &&
	    (msg->ch = field_name(&f->ch, arena)) == NULL)
		return check_malformed(r, "Invalid presence channel");
	if (field_given(&f->seq) && f->seq.kind != JSON_NUMBER)
		return check_malformed(r, "Invalid seq");
	if (needs == MSG_CHANNEL)
		return check_channel(f, arena, msg, r);
	if (needs == MSG_PRESENCE)
		return check_presence(f, arena, msg, r);
	return MESSAGE_OK;
}

static enum message_verdict
refuse_over_limit(const struct fields *f, const struct ot_err *limit,
    struct arena *arena, struct message *msg, struct refusal *r)
{
	struct buf b = BUF_INIT;

	fields_put(f, &b);
	if (buf_failed(&b))
		bug("no memory for parts of a message");
	msg->whole = (struct json_slice){ arena_copy(arena, b.data, b.len),
	    b.len, JSON_OBJECT };
	buf_done(&b);
	refuse(r, ERR_MESSAGE, "%s", limit->text);
	return MESSAGE_REFUSED;
}

enum message_verdict
message_decode(const char *text, size_t len, unsigned depth_max,
    struct arena *arena, struct message *msg, struct refusal *r)
{
	struct fields f;
	struct ot_err err, limit = { 0, "" };
	enum message_verdict verdict;

	memset(&f, 0, sizeof(f));
	memset(msg, 0, sizeof(*msg));
	if (fields_read(text, len, depth_max, &f, &limit, &err) != 0) {
		refuse(r, ERR_MESSAGE, "%s", err.text);
		return MESSAGE_FATAL;
	}
	if (limit.code != 0)
		return refuse_over_limit(&f, &limit, arena, msg, r);
	msg->whole = (struct json_slice){ text, len, JSON_OBJECT };
	msg->a = f.a;
	msg->id = f.id;
	msg->c_raw = f.c;
	msg->d_raw = f.d;
	msg->b_raw = f.b;
	msg->action = action_named(&f.a);
	if ((verdict = check_common(&f, arena, msg, r)) != MESSAGE_OK)
		return verdict;
	switch (msg->action) {
	case ACTION_NONE:
		return check_malformed(r, "Invalid or unknown message");
	case ACTION_OP:
		return check_op(&f, arena, msg, r);
	default:
		return MESSAGE_OK;
	}
}
