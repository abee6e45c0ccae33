/*
 * presence: who is at a document now.
 *
 * A follower of the document's channel (docs/PROTOCOL.md, section 10) is told
 * what its process knows, at once, and asks those at other processes to say
 * theirs anew.  So the call listens for a moment before it answers.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "rest/rest_in.h"
#include "rest/route.h"

/* Somebody; the newest that was heard of them. */
struct present {
	struct list	 node;		/* room->all */
	char		*who;		/* "src" and "id", as JSON with a comma */
	char		*json;		/* {"src":..}; NULL: left again */
};

struct room {
	struct list	 all;		/* struct present */
	struct rest_timer timer;
};

static void
leave(struct rest_call *call)
{
	struct room *room = call->own;
	struct list *node;

	rest_timer_stop(&room->timer);
	while ((node = list_shift(&room->all)) != NULL) {
		struct present *p = LIST_ITEM(node, struct present, node);

		free(p->who);
		free(p->json);
		free(p);
	}
}

static struct present *
present_of(struct room *room, const char *who)
{
	struct list *node, *next;
	struct present *p;

	LIST_EACH(&room->all, node, next) {
		p = LIST_ITEM(node, struct present, node);
		if (strcmp(p->who, who) == 0)
			return p;
	}
	p = mem_get(sizeof(*p));
	p->who = mem_copy(who, strlen(who));
	list_push(&room->all, &p->node);
	return p;
}

static void
put_present(struct buf *b, const struct json_slice *message,
    const struct json_slice *src, const struct json_slice *id,
    const struct json_slice *value)
{
	struct json_slice v = rest_member(message, "v");

	buf_putc(b, '{');
	rest_put_raw(b, "src", src->p, src->len);
	rest_put_raw(b, "id", id->p, id->len);
	if (v.kind == JSON_NUMBER)
		rest_put_raw(b, "version", v.p, v.len);
	rest_put_raw(b, "presence", value->p, value->len);
	buf_putc(b, '}');
}

static void
heard(struct rest_call *call, const struct json_slice *message)
{
	struct room *room = call->own;
	struct json_slice a = rest_member(message, "a");
	struct json_slice src = rest_member(message, "src");
	struct json_slice id = rest_member(message, "id");
	struct json_slice value = rest_member(message, "p");
	struct buf b = BUF_INIT;
	struct present *p;

	if (!json_slice_is(&a, "p") || src.kind != JSON_STRING ||
	    id.kind != JSON_STRING || value.kind == JSON_NONE)
		return;
	buf_put(&b, src.p, src.len);
	buf_putc(&b, ',');
	buf_put(&b, id.p, id.len);
	buf_putc(&b, '\0');
	p = present_of(room, b.data);
	free(p->json);
	p->json = NULL;
	buf_reset(&b);
	if (value.kind != JSON_NULL) {
		put_present(&b, message, &src, &id, &value);
		p->json = mem_copy(b.data, b.len);
	}
	buf_done(&b);
}

/* The moment is over. */
static void
answer(struct rest_call *call)
{
	struct room *room = call->own;
	struct buf b = BUF_INIT;
	struct list *node, *next;

	buf_puts(&b, "{\"presences\":[");
	LIST_EACH(&room->all, node, next) {
		const struct present *p =
		    LIST_ITEM(node, struct present, node);

		if (p->json == NULL)
			continue;
		if (b.data[b.len - 1] != '[')
			buf_putc(&b, ',');
		buf_puts(&b, p->json);
	}
	buf_puts(&b, "]}");
	rest_answer_json(call, 200, &b);
}

static void
followed(struct rest_call *call, const struct rest_reply *reply, void *whose)
{
	struct room *room = whose;

	if (!rest_refused(call, reply))
		rest_timer_start(&room->timer, call,
		    call->rest->settings.presence_ms, answer);
}

/* Those of all types are wanted, not only rich-text's. */
static void
greet(struct rest_call *call)
{
	struct buf m = BUF_INIT;
	const struct ot_type *type;
	size_t i;

	rest_put_text(&m, "a", "hs");
	rest_put_name(&m, "x");
	buf_puts(&m, "{\"presence\":[");
	for (i = 0; (type = ot_type_at(i)) != NULL; i++) {
		if (i > 0)
			buf_putc(&m, ',');
		json_put_string(&m, type->uri, strlen(type->uri));
	}
	buf_puts(&m, "]}");
	rest_say_only(call, &m);
	buf_done(&m);
}

void
presence_get(struct rest_call *call)
{
	struct room *room = arena_get(&call->arena, sizeof(*room));
	struct buf m = BUF_INIT, channel = BUF_INIT;

	list_init(&room->all);
	rest_timer_init(&room->timer);
	call->own = room;
	call->leave = leave;
	call->heard = heard;
	greet(call);
	/* As ShareDB's client calls a document's channel. */
	buf_puts(&channel, rest_param(call, "collection"));
	buf_putc(&channel, '.');
	buf_puts(&channel, rest_param(call, "id"));
	buf_putc(&channel, '\0');
	rest_put_text(&m, "a", "ps");
	rest_put_text(&m, "ch", channel.data);
	rest_put_number(&m, "seq", 1);
	rest_say(call, &m, followed, room);
	buf_done(&channel);
	buf_done(&m);
}
