/*
 * The actions p, ps, pu and pr (sharedb 7.0.0, lib/agent.js).
 */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "core/actions.h"
#include "core/doc.h"
#include "core/may.h"
#include "core/presence_in.h"
#include "proto/reply.h"
#include "proto/reply_presence.h"

#define GREET_MS	1000	/* at most until a ps is answered */

/* ---- p ---- */

static unsigned
bit_of(const struct ot_type *type)
{
	unsigned i;

	for (i = 0; ot_type_at(i) != NULL; i++)
		if (ot_type_at(i) == type)
			return 1u << i;
	return 0;
}

/*
 * A stock client has a transform for rich-text alone; others are for those
 * that said so in their handshake.
 */
static bool
may_use(const struct session *ss, const struct ot_type *type)
{
	return type != NULL && (type == &ot_type_rich_text ||
	    (ss->presence.types & bit_of(type)) != 0);
}

static void
said_read(struct said *s, const struct session *ss, const struct incoming *in,
    const struct ot_type *type)
{
	const struct message *msg = &in->msg;
	const char *src = session_src(ss);

	memset(s, 0, sizeof(*s));
	s->src = mem_copy(src, strlen(src));
	s->id = mem_copy(msg->presence_id, strlen(msg->presence_id));
	s->pv = msg->pv;
	s->type = type;
	buf_init(&s->head, SIZE_MAX);
	put_presence(&s->head, msg, src);
	buf_init(&s->p, SIZE_MAX);
	buf_put(&s->p, msg->presence.p, msg->presence.len);
	if (buf_failed(&s->head) || buf_failed(&s->p))
		bug("no memory for a message that was within its limit");
	if (message_has_doc(msg)) {
		s->c = mem_copy(in->named.collection,
		    strlen(in->named.collection));
		s->d = mem_copy(msg->d, strlen(msg->d));
		s->v = msg->v;
	}
}

/* Take it on; in is taken over. */
static void
say(struct session *ss, struct incoming *in)
{
	const struct message *msg = &in->msg;
	struct said said;

	/* Once more: it may have been held, and rules may have changed. */
	if (!presence_may_say(ss, in))
		return;
	said_read(&said, ss, in, msg->t != NULL ? ot_type_find(msg->t) : NULL);
	if (said.c != NULL) {
		presence_offer(hub_doc(ss->hub, said.c, said.d), OFFER_SAID,
		    ss, in, msg->ch, &said);
		return;
	}
	presence_say(ss, msg->ch, &said);
	session_post(ss, reply_presence(&said.head, said.p.data, said.p.len,
	    false, 0));
	said_done(&said);
	incoming_free(in);
}

/* ---- said too fast ---- */

static bool
is_allowed(struct session *ss)
{
	struct presence_session *ps = &ss->presence;
	double rate = ss->hub->limits.presence_rate;
	double past_ms = (double)(ss->hub->now_ms - ps->allowed_ms);

	ps->allowed_ms = ss->hub->now_ms;
	ps->allowance = fmin(rate, ps->allowance + past_ms * rate / 1000);
	if (ps->allowance < 1)
		return false;
	ps->allowance--;
	return true;
}

static bool
is_same_presence(const struct message *a, const struct message *b)
{
	return strcmp(a->presence_id, b->presence_id) == 0 &&
	    strcmp(a->ch, b->ch) == 0;
}

static struct incoming *
held_find(const struct session *ss, const struct message *msg)
{
	struct list *node, *next;
	struct incoming *in;

	LIST_EACH(&ss->presence.held, node, next) {
		in = LIST_ITEM(node, struct incoming, node);
		if (is_same_presence(&in->msg, msg))
			return in;
	}
	return NULL;
}

static void
held_take(struct session *ss, struct incoming *in)
{
	list_remove(&in->node);
	if (--ss->presence.n_held == 0)
		list_remove(&ss->presence.in_holding);
}

/* Another one came after it: it is acknowledged and told to nobody. */
static void
pass_over(struct session *ss, struct incoming *in)
{
	struct said said;

	said_read(&said, ss, in, NULL);
	session_post(ss, reply_presence(&said.head, said.p.data, said.p.len,
	    said.c != NULL, said.v));
	said_done(&said);
	incoming_free(in);
}

static void
hold(struct session *ss, struct incoming *in)
{
	struct presence_session *ps = &ss->presence;

	if (ps->n_held >= ss->hub->limits.presences) {
		action_error(ss, in, ERR_TOO_MANY_PRESENCES);
		return;
	}
	list_push(&ps->held, &in->node);
	if (ps->n_held++ == 0)
		list_push(&ss->hub->presence.holding, &ps->in_holding);
}

/* What is held of this channel goes now. */
static void
say_held(struct session *ss, const char *ch)
{
	struct list *node, *next;
	struct incoming *in;

	LIST_EACH(&ss->presence.held, node, next) {
		in = LIST_ITEM(node, struct incoming, node);
		if (strcmp(in->msg.ch, ch) != 0)
			continue;
		held_take(ss, in);
		say(ss, in);
	}
}

void
presence_go_on(struct hub *h)
{
	struct list *node, *next;
	struct session *ss;
	struct incoming *in;

	LIST_EACH(&h->presence.holding, node, next) {
		ss = LIST_ITEM(node, struct session, presence.in_holding);
		while (ss->presence.n_held > 0 && is_allowed(ss)) {
			in = LIST_ITEM(ss->presence.held.next, struct incoming,
			    node);
			held_take(ss, in);
			say(ss, in);
		}
	}
}

void
presence_forget_held(struct session *ss)
{
	struct incoming *in;

	while (ss->presence.n_held > 0) {
		in = LIST_ITEM(ss->presence.held.next, struct incoming, node);
		held_take(ss, in);
		incoming_free(in);
	}
}

void
action_presence(struct session *ss, struct incoming *in)
{
	const struct hub_limits *limits = &ss->hub->limits;
	const struct message *msg = &in->msg;
	struct incoming *before;
	struct refusal r;

	if (msg->t != NULL && !may_use(ss, ot_type_find(msg->t))) {
		refuse(&r, ERR_NO_PRESENCE,
		    "Type does not support presence: %s", msg->t);
		action_refuse(ss, in, &r);
		return;
	}
	if (msg->presence.len > limits->presence_bytes) {
		action_error(ss, in, ERR_PRESENCE_LIMIT);
		return;
	}
	if (msg->presence.kind != JSON_NULL &&
	    !payer_has_room(ss, PAYER_PRESENCES, 1)) {
		const struct channel *ch = channel_find(ss->hub, msg->ch);

		if (ch == NULL || presence_find(ch, NULL, session_src(ss),
		    msg->presence_id) == NULL) {
			action_error(ss, in, ERR_TOO_MANY_PRESENCES);
			return;
		}
	}
	before = ss->presence.n_held > 0 ? held_find(ss, msg) : NULL;
	if (before != NULL) {
		held_take(ss, before);
		pass_over(ss, before);
		hold(ss, in);
	} else if (is_allowed(ss)) {
		say(ss, in);
	} else {
		hold(ss, in);
	}
}

/* ---- ps, pu, pr ---- */

/* As JavaScript compares it: null is 0, and nothing is less than undefined. */
static double
seq_of(const struct message *msg)
{
	if (msg->seq_raw.kind == JSON_NONE)
		return NAN;
	return msg->seq_raw.kind == JSON_NUMBER ?
	    json_slice_number(&msg->seq_raw) : 0;
}

static void
ask_others(struct session *ss, const char *name)
{
	struct channel *ch = channel_find(ss->hub, name);

	/*
	 * By the id that was given to the connection, which is not what a
	 * client that came back goes by: so that one is asked too, and says
	 * again what ended with its former connection.
	 */
	if (ch == NULL) {
		ch = channel_get(ss->hub, name);
		presence_bus_request(ch, ss->client_id);
		channel_rest(ch);
		return;
	}
	channel_request(ch, ss->client_id);
	presence_bus_request(ch, ss->client_id);
}

/* A client that had another connection before. */
static bool
is_back(const struct session *ss)
{
	return ss->src != NULL && strcmp(ss->src, ss->client_id) != 0;
}

/* Its ps is answered, and then it is told who is there. */
static void
greet(struct follower *f)
{
	struct session *ss = f->ss;
	struct incoming *in = f->asked;

	f->asked = NULL;
	list_remove(&f->in_greeting);
	ask_others(ss, f->name);
	session_post(ss, reply_channel(&in->msg));
	/* Too slow by now, it has been taken off. */
	if (f->ch != NULL)
		channel_answer(f->ch, ss, is_back(ss));
	incoming_free(in);
}

void
presence_greet(struct channel *ch)
{
	struct list waiting = LIST_INIT(waiting);

	/* Who is too slow for the answer leaves, and the channel may go. */
	list_remove(&ch->in_greeting);
	list_splice(&waiting, &ch->greeting);
	while (!list_empty(&waiting))
		greet(LIST_ITEM(waiting.next, struct follower, in_greeting));
}

void
presence_greet_late(struct hub *h)
{
	struct channel *ch;

	while (!list_empty(&h->presence.greeting)) {
		ch = LIST_ITEM(h->presence.greeting.next, struct channel,
		    in_greeting);
		if (h->now_ms - ch->greet_ms < GREET_MS)
			break;
		presence_greet(ch);
	}
}

/*
 * As in sharedb, who is answered does follow: what is said anywhere from then
 * on is heard.  Where there are other processes, that takes the bus's word.
 */
void
presence_follow(struct session *ss, struct incoming *in,
    const struct about *about)
{
	const char *name = in->msg.ch;
	struct follower *f = follower_find(ss, name);
	double seq = seq_of(&in->msg);
	bool is_stale = f != NULL && f->ch == NULL && seq < f->seq;
	bool is_new = !is_stale && (f == NULL || f->ch == NULL) &&
	    ss->closing == CLOSE_NONE;

	if (is_new &&
	    ss->presence.n_followers >= ss->hub->limits.channels) {
		action_error(ss, in, ERR_TOO_MANY);
		return;
	}
	if (f != NULL && f->asked != NULL)
		greet(f);
	if (is_new)
		f = follower_on(ss, name);
	if (f != NULL && !is_stale)
		f->seq = seq;
	if (!is_new) {
		session_post(ss, reply_channel(&in->msg));
		incoming_free(in);
		return;
	}
	follower_allow(f, about);
	f->asked = in;
	list_push(&f->ch->greeting, &f->in_greeting);
	if (presence_bus_hears(f->ch)) {
		presence_bus_ask(f->ch);
		greet(f);
	} else if (list_empty(&f->ch->in_greeting)) {
		f->ch->greet_ms = ss->hub->now_ms;
		list_push(&ss->hub->presence.greeting, &f->ch->in_greeting);
	}
}

void
action_presence_subscribe(struct session *ss, struct incoming *in)
{
	if (ss->hub->access == NULL)
		presence_follow(ss, in, NULL);
	else
		presence_ask_follow(ss, in);
}

void
action_presence_unsubscribe(struct session *ss, struct incoming *in)
{
	static const struct about any;
	struct follower *f = follower_find(ss, in->msg.ch);

	if (f != NULL && f->asked != NULL)
		greet(f);
	say_held(ss, in->msg.ch);
	session_post_left(ss, reply_channel(&in->msg), &any, ACCESS_PRESENCE);
	if (f != NULL) {
		f->seq = seq_of(&in->msg);
		if (f->ch != NULL) {
			presence_withdraw(ss, f->name);
			presence_end(ss, f->ch);
			follower_off(f);
		}
	}
	incoming_free(in);
}

void
action_presence_request(struct session *ss, struct incoming *in)
{
	struct follower *f = follower_find(ss, in->msg.ch);

	if ((f == NULL || f->ch == NULL) && !may_channel(ss, in->msg.ch)) {
		ss->hub->counts.denied++;
		action_error(ss, in, ERR_DENIED);
		return;
	}
	ask_others(ss, in->msg.ch);
	session_post(ss, reply_plain(&in->msg));
	if ((f = follower_find(ss, in->msg.ch)) != NULL && f->ch != NULL)
		channel_answer(f->ch, ss, true);
	incoming_free(in);
}
