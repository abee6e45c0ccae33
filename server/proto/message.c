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

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "proto/fields.h"

static const struct {
	const char	*code;
	enum { MSG_ANY, MSG_DOC, MSG_BULK } needs;
} actions[] = {
	[ACTION_NONE] = { NULL, MSG_ANY },
#define ACTION(name, code, needs, handler) [name] = { code, needs },
#include "proto/actions.def"
#undef ACTION
};

#define N_ACTIONS	(sizeof(actions) / sizeof(actions[0]))

/* Own names of JavaScript's Object.prototype: sharedb lib/util.js. */
static const char *const dangerous[] = {
	"__defineGetter__", "__defineSetter__", "__lookupGetter__",
	"__lookupSetter__", "__proto__", "constructor", "hasOwnProperty",
	"isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString",
	"valueOf",
};

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

static enum message_verdict
malformed(struct refusal *r, const char *sentence)
{
	refuse(r, ERR_MESSAGE, "%s", sentence);
	return MESSAGE_REFUSED;
}

/* Is it there and not null? */
static bool
given(const struct json_slice *s)
{
	return s->kind != JSON_NONE && s->kind != JSON_NULL;
}

static bool
is_dangerous(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(dangerous) / sizeof(dangerous[0]); i++)
		if (strcmp(name, dangerous[i]) == 0)
			return true;
	return false;
}

/* WTF-8 writes a lone surrogate as ED A0..BF xx; UTF-8 never does. */
static bool
has_lone_surrogate(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i + 1 < len; i++)
		if ((unsigned char)s[i] == 0xed &&
		    (unsigned char)s[i + 1] >= 0xa0)
			return true;
	return false;
}

/* The name in the arena, or NULL if it cannot be one. */
static const char *
name_get(const struct json_slice *s, struct arena *arena)
{
	struct buf b;
	const char *name = NULL;

	if (s->kind != JSON_STRING)
		return NULL;
	buf_init(&b, NAME_MAX_BYTES);
	json_slice_string(s, &b);
	if (!buf_failed(&b) &&
	    (b.len == 0 || memchr(b.data, '\0', b.len) == NULL) &&
	    !has_lone_surrogate(b.data, b.len)) {
		name = arena_copy(arena, b.len > 0 ? b.data : "", b.len);
		if (is_dangerous(name))
			name = NULL;
	}
	buf_done(&b);
	return name;
}

/* A whole number from 0 to 2^53 - 1? */
static bool
number_get(const struct json_slice *s, uint64_t *number_out)
{
	double d;

	if (s->kind != JSON_NUMBER)
		return false;
	d = json_slice_number(s);
	if (!(d >= 0 && d <= (double)OP_NUMBER_MAX) || floor(d) != d)
		return false;
	*number_out = (uint64_t)d;
	return true;
}

static bool
version_get(const struct json_slice *s, bool *has_out, uint64_t *v_out)
{
	*has_out = given(s);
	return !*has_out || number_get(s, v_out);
}

/* ---- handshake ---- */

/* "1", 1, "1.2" and their like; protocol.js takes numbers and strings. */
static bool
protocol_get(const struct json_slice *s, unsigned *number_out)
{
	struct buf b;
	double d = 0;

	*number_out = 0;
	if (!given(s))
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
		return malformed(r, "Invalid protocol");
	if (json_slice_truthy(&f->id)) {
		msg->src = name_get(&f->id, arena);
		if (msg->src == NULL)
			return malformed(r, "Invalid id");
	}
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
		return malformed(r, "Invalid op message");
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
		    (msg->src = name_get(&f->src, arena)) == NULL) {
			refuse(r, ERR_OP_FORM, "src must be a string");
			return MESSAGE_REFUSED;
		}
	}
	if (!given(&f->seq)) {
		refuse(r, ERR_OP_FORM,
		    "Both src and seq must be set together");
		return MESSAGE_REFUSED;
	}
	if (!number_get(&f->seq, &msg->seq))
		return malformed(r, "Invalid seq");
	return MESSAGE_OK;
}

/* ---- bulk ---- */

static void
bulk_add(struct message *msg, struct arena *arena, size_t *cap,
    const struct bulk_item *item)
{
	struct bulk_item *grown;

	if (msg->n_bulk == *cap) {
		*cap = *cap > 0 ? *cap * 2 : 16;
		grown = arena_get(arena, *cap * sizeof(*grown));
		if (msg->n_bulk > 0)
			memcpy(grown, msg->bulk,
			    msg->n_bulk * sizeof(*grown));
		msg->bulk = grown;
	}
	msg->bulk[msg->n_bulk++] = *item;
}

struct bulk_place {
	const char	*id;
	size_t		 at;		/* in the message */
};

static int
bulk_order(const void *a, const void *b)
{
	const struct bulk_place *x = a, *y = b;
	int order = strcmp(x->id, y->id);

	if (order != 0)
		return order;
	return x->at < y->at ? -1 : x->at > y->at;
}

/*
 * Once each, as sharedb's uniqueIds: at the first place; of an object's
 * repeated names the last value counts.  A message may hold many thousands.
 */
static void
bulk_unique(struct message *msg, struct arena *arena)
{
	struct bulk_place *places = arena_get(arena,
	    msg->n_bulk * sizeof(*places));
	struct bulk_item *first = NULL;
	size_t i, n = 0;

	for (i = 0; i < msg->n_bulk; i++)
		places[i] = (struct bulk_place){ msg->bulk[i].id, i };
	qsort(places, msg->n_bulk, sizeof(*places), bulk_order);
	for (i = 0; i < msg->n_bulk; i++) {
		if (i == 0 || strcmp(places[i].id, places[i - 1].id) != 0) {
			first = &msg->bulk[places[i].at];
			continue;
		}
		*first = msg->bulk[places[i].at];
		msg->bulk[places[i].at].id = NULL;
	}
	for (i = 0; i < msg->n_bulk; i++)
		if (msg->bulk[i].id != NULL)
			msg->bulk[n++] = msg->bulk[i];
	msg->n_bulk = n;
}

static enum message_verdict
bulk_list(const struct json_slice *b, struct arena *arena,
    struct message *msg, struct refusal *r)
{
	struct json_reader reader;
	struct json_slice value;
	struct bulk_item item = { NULL, false, 0 };
	struct ot_err err;
	size_t cap = 0;

	json_reader_init(&reader, b->p, b->len, &err);
	if (json_enter(&reader, JSON_LIST) != 0)
		return malformed(r, "Invalid bulk subscribe data");
	while (json_next_item(&reader) > 0) {
		if (json_skip(&reader, &value) != 0 ||
		    (item.id = name_get(&value, arena)) == NULL)
			return malformed(r, "Invalid id");
		bulk_add(msg, arena, &cap, &item);
	}
	return MESSAGE_OK;
}

static enum message_verdict
bulk_map(const struct json_slice *b, struct arena *arena,
    struct message *msg, struct refusal *r)
{
	struct json_reader reader;
	struct json_slice key, value;
	struct bulk_item item;
	struct ot_err err;
	size_t cap = 0;

	json_reader_init(&reader, b->p, b->len, &err);
	if (json_enter(&reader, JSON_OBJECT) != 0)
		return malformed(r, "Invalid bulk subscribe data");
	while (json_next_member(&reader, &key) > 0) {
		if ((item.id = name_get(&key, arena)) == NULL)
			return malformed(r, "Invalid id");
		item.v = 0;
		if (json_skip(&reader, &value) != 0 ||
		    !version_get(&value, &item.has_v, &item.v))
			return malformed(r, "Invalid version");
		/*
		 * sharedb gives a document named with null all its ops, like
		 * one named with 0 (lib/db/memory.js, getOps).
		 */
		item.has_v = true;
		bulk_add(msg, arena, &cap, &item);
	}
	return MESSAGE_OK;
}

static enum message_verdict
check_bulk(const struct fields *f, struct arena *arena, struct message *msg,
    struct refusal *r)
{
	enum message_verdict verdict;

	msg->bulk_is_list = f->b.kind == JSON_LIST;
	if (msg->bulk_is_list)
		verdict = bulk_list(&f->b, arena, msg, r);
	else if (f->b.kind == JSON_OBJECT)
		verdict = bulk_map(&f->b, arena, msg, r);
	else
		return malformed(r, "Invalid bulk subscribe data");
	if (verdict == MESSAGE_OK && msg->n_bulk > 1)
		bulk_unique(msg, arena);
	return verdict;
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
	enum message_verdict verdict;

	if (actions[msg->action].needs == MSG_DOC) {
		if ((msg->d = name_get(&f->d, arena)) == NULL)
			return malformed(r, "Invalid id");
		if (!version_get(&f->v, &msg->has_v, &msg->v))
			return malformed(r, "Invalid version");
	} else if (actions[msg->action].needs == MSG_BULK) {
		if ((verdict = check_bulk(f, arena, msg, r)) != MESSAGE_OK)
			return verdict;
	} else if (msg->action == ACTION_HANDSHAKE) {
		if ((verdict = check_handshake(f, arena, msg, r)) !=
		    MESSAGE_OK)
			return verdict;
	}
	if (given(&f->c) || actions[msg->action].needs != MSG_ANY) {
		if ((msg->c = name_get(&f->c, arena)) == NULL)
			return malformed(r, "Invalid collection");
	}
	if (given(&f->ch) && name_get(&f->ch, arena) == NULL)
		return malformed(r, "Invalid presence channel");
	if (given(&f->seq) && f->seq.kind != JSON_NUMBER)
		return malformed(r, "Invalid seq");
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
message_decode(const char *text, size_t len, struct arena *arena,
    struct message *msg, struct refusal *r)
{
	struct fields f;
	struct ot_err err, limit = { 0, "" };
	enum message_verdict verdict;

	memset(&f, 0, sizeof(f));
	memset(msg, 0, sizeof(*msg));
	if (fields_read(text, len, &f, &limit, &err) != 0) {
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
		return malformed(r, "Invalid or unknown message");
	case ACTION_OP:
		return check_op(&f, arena, msg, r);
	default:
		return MESSAGE_OK;
	}
}
