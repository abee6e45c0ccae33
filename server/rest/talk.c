/*
 * talk: what a call says to the hub, and hears.
 *
 * A call that says something becomes a session of the hub, with the call's
 * principal, and speaks as a client does (docs/PROTOCOL.md).  Each message has
 * a number as "id", by which its answer is known; what comes without such an
 * id nobody asked for.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "core/catalog.h"
#include "core/hub.h"
#include "proto/reply.h"
#include "rest/rest_in.h"

/* A message that is not answered yet. */
struct said {
	struct list	 node;		/* call->said */
	uint64_t	 id;
	rest_then	*then;
	void		*whose;
};

/* ---- hearing ---- */

/* What of a message decides whom it is for. */
struct heard {
	struct json_slice whole, a, id, error;
};

static void
read_heard(const struct frame *f, struct heard *out)
{
	*out = (struct heard){ .whole = {
		frame_payload(f), frame_payload_len(f), JSON_OBJECT,
	} };
	out->a = rest_member(&out->whole, "a");
	out->id = rest_member(&out->whole, "id");
	out->error = rest_member(&out->whole, "error");
}

/* Whose answer is it?  NULL: nobody's. */
static struct said *
said_find(struct rest_call *call, const struct heard *heard)
{
	struct list *node, *next;

	/* A query's news have the query's id. */
	if (heard->id.kind != JSON_NUMBER || json_slice_is(&heard->a, "q"))
		return NULL;
	LIST_EACH(&call->said, node, next) {
		struct said *said = LIST_ITEM(node, struct said, node);

		if ((double)said->id == json_slice_number(&heard->id))
			return said;
	}
	return NULL;
}

static const char *
text_of(struct rest_call *call, const struct json_slice *slice)
{
	struct buf b = BUF_INIT;
	const char *text;

	if (slice->kind != JSON_STRING)
		return "";
	json_slice_string(slice, &b);
	text = arena_copy(&call->arena, b.data, b.len);
	buf_done(&b);
	return text;
}

static void
answer(struct rest_call *call, struct said *said, const struct heard *heard)
{
	struct rest_reply reply = { heard->whole, 200, "", "" };
	rest_then *then = said->then;
	void *whose = said->whose;
	struct json_slice part;

	list_remove(&said->node);
	free(said);
	if (heard->error.kind == JSON_OBJECT) {
		part = rest_member(&heard->error, "code");
		reply.code = text_of(call, &part);
		part = rest_member(&heard->error, "message");
		reply.message = text_of(call, &part);
		reply.status = rest_status_of(reply.code);
	}
	then(call, &reply, whose);
}

static void
hear(struct rest_call *call, const struct frame *f)
{
	struct heard heard;
	struct said *said;

	read_heard(f, &heard);
	if ((said = said_find(call, &heard)) != NULL)
		answer(call, said, &heard);
	else if (call->heard != NULL)
		call->heard(call, &heard.whole);
}

/* ---- the session's end ---- */

static void
answer_closed(struct rest_call *call, enum session_close code,
    const char *reason)
{
	if (call->is_stream) {
		rest_end(call);
		return;
	}
	switch (code) {
	case CLOSE_RENEW:
		rest_problem(call, ERR_TOKEN, "%s", reason);
		break;
	case CLOSE_ACCESS:
		rest_problem(call, ERR_DENIED, NULL);
		break;
	case CLOSE_RATE:
		rest_problem(call, ERR_RATE, NULL);
		break;
	case CLOSE_TOO_BIG:
		rest_problem(call, ERR_BODY_LIMIT, NULL);
		break;
	default:
		rest_problem(call, ERR_LEAVING, "%s", reason);
		break;
	}
}

/* The hub has something for the call's session. */
static void
talk_flush(struct session *ss)
{
	struct rest_call *call = session_owner(ss);
	enum session_close code;
	const char *reason;
	struct frame *f;

	while (call->session != NULL &&
	    (f = session_shift(call->session)) != NULL) {
		hear(call, f);
		frame_unref(f);
	}
	if (call->session == NULL ||
	    (code = session_closing(call->session, &reason)) == CLOSE_NONE)
		return;
	if (call->closed != NULL)
		call->closed(call, code, reason);
	else
		answer_closed(call, code, reason);
	talk_end(call);
}

void
talk_end(struct rest_call *call)
{
	struct session *ss = call->session;
	struct list *node;

	while ((node = list_shift(&call->said)) != NULL)
		free(LIST_ITEM(node, struct said, node));
	if (ss == NULL)
		return;
	call->session = NULL;
	hub_leave(call->rest->hub, ss);
}

/* ---- saying ---- */

static void
talk_begin(struct rest_call *call)
{
	char id[33];

	if (call->session != NULL)
		return;
	rest_random_id(id);
	call->outlet.flush = talk_flush;
	call->session = hub_open(call->rest->hub, call, id,
	    call->who != NULL ? principal_ref(call->who) : NULL, HUB_INSIDE);
	session_set_address(call->session, call->net->address);
}

/* id 0: none. */
static void
say(struct rest_call *call, uint64_t id, const struct buf *members)
{
	struct buf b = BUF_INIT;

	talk_begin(call);
	buf_putc(&b, '{');
	if (id > 0)
		rest_put_number(&b, "id", (int64_t)id);
	if (id > 0)
		buf_putc(&b, ',');
	buf_put(&b, members->data, members->len);
	buf_putc(&b, '}');
	if (buf_failed(&b) || buf_failed(members))
		bug("no memory for a message that was within its limit");
	hub_receive(call->rest->hub, call->session, b.data, b.len);
	buf_done(&b);
}

void
rest_say(struct rest_call *call, const struct buf *members, rest_then *then,
    void *whose)
{
	struct said *said;

	if (call->is_over)
		return;
	if (call->rest->is_stopped) {
		rest_problem(call, ERR_LEAVING, NULL);
		return;
	}
	said = mem_get(sizeof(*said));
	said->id = ++call->ordinal;
	said->then = then;
	said->whose = whose;
	list_push(&call->said, &said->node);
	say(call, said->id, members);
}

void
rest_say_only(struct rest_call *call, const struct buf *members)
{
	if (!call->is_over && !call->rest->is_stopped)
		say(call, 0, members);
}

bool
rest_refused(struct rest_call *call, const struct rest_reply *reply)
{
	if (reply->status == 200)
		return false;
	rest_problem_code(call, reply->status, reply->code, reply->message);
	return true;
}

/* ---- may it? ---- */

struct asked {
	const char	*action;
	rest_may_then	*then;
};

static bool
is_in_list(const struct json_slice *list, const char *name)
{
	struct json_slice item;
	struct json_reader r;
	struct ot_err err;

	if (list->kind != JSON_LIST)
		return false;
	json_reader_init(&r, list->p, list->len, &err);
	if (json_enter(&r, JSON_LIST) != 0)
		return false;
	while (json_next_item(&r) > 0 && json_skip(&r, &item) == 0)
		if (json_slice_is(&item, name))
			return true;
	return false;
}

static void
may_told(struct rest_call *call, const struct rest_reply *reply, void *whose)
{
	const struct asked *asked = whose;
	struct json_slice may;

	if (rest_refused(call, reply))
		return;
	may = rest_member(&reply->whole, "may");
	if (is_in_list(&may, asked->action))
		asked->then(call);
	else
		rest_problem(call, ERR_DENIED, NULL);
}

/*
 * What is kept beside a document is of all of it: operations that a projection
 * would not show, grants that give more than its fields.
 */
static bool
is_projection(struct rest_call *call, const char *collection)
{
	const struct catalog *catalog = call->rest->settings.catalog;
	struct named named;

	return catalog != NULL && catalog_resolve(catalog, collection,
	    &call->arena, &named) == ERR_NONE && named.projection != NULL;
}

void
rest_may(struct rest_call *call, const char *action, const char *collection,
    const char *id, rest_may_then *then)
{
	struct asked *asked = arena_get(&call->arena, sizeof(*asked));
	struct buf m = BUF_INIT;

	if (id != NULL && is_projection(call, collection)) {
		rest_problem(call, ERR_PROJECTION, NULL);
		return;
	}
	asked->action = action;
	asked->then = then;
	rest_put_text(&m, "a", "x-may");
	if (collection != NULL)
		rest_put_text(&m, "c", collection);
	if (id != NULL)
		rest_put_text(&m, "d", id);
	rest_say(call, &m, may_told, asked);
	buf_done(&m);
}
