#include "core/session_in.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/doc.h"
#include "core/history.h"
#include "core/hub_in.h"
#include "core/presence_in.h"
#include "core/query.h"
#include "proto/reply.h"

/*
 * A full inbox holds so much and a message more, of whatever size it may be:
 * what comes next waits with its client and not in our memory.
 */
#define INBOX_BYTES	(256u << 10)

/* An idle session keeps a ring for so many frames, 24 bytes each. */
#define OUTBOX_KEPT	16

/* ---- the session ---- */

struct session *
session_new(struct hub *h, void *owner, const char *client_id,
    uint64_t ordinal)
{
	struct session *ss = mem_get(sizeof(*ss));

	ss->hub = h;
	ss->owner = owner;
	ss->ordinal = ordinal;
	ss->outbox = ss->few;
	ss->out_cap = OUTBOX_FEW;
	list_push(&h->sessions, &ss->node);
	list_init(&ss->in_work);
	list_init(&ss->in_ready);
	list_init(&ss->inbox);
	list_init(&ss->readers);
	list_init(&ss->requests);
	list_init(&ss->bulks);
	list_init(&ss->histories);
	list_init(&ss->in_history);
	list_init(&ss->subs);
	list_init(&ss->in_acks);
	list_init(&ss->in_renewing);
	list_init(&ss->in_denied);
	ss->client_id = mem_copy(client_id, strlen(client_id));
	presence_session_init(ss);
	payer_session_init(ss);
	h->counts.sessions++;
	return ss;
}

static void
outbox_free(struct session *ss)
{
	if (ss->outbox != ss->few)
		free(ss->outbox);
	ss->outbox = ss->few;
	ss->out_cap = OUTBOX_FEW;
	ss->out_first = 0;
}

/* The oldest, sure or not; the caller's.  NULL: none. */
static struct frame *
outbox_shift(struct session *ss)
{
	struct outgoing o;

	if (ss->out_n == 0)
		return NULL;
	o = ss->outbox[ss->out_first];
	owed_free(o.owed);
	ss->out_first = (ss->out_first + 1) & (ss->out_cap - 1);
	ss->out_bytes -= o.frame->wire_len;
	if (o.is_live)
		ss->live_bytes -= o.frame->wire_len;
	/* An idle connection keeps no large ring. */
	if (--ss->out_n == 0 && ss->out_cap > OUTBOX_KEPT)
		outbox_free(ss);
	return o.frame;
}

static void
outbox_clear(struct session *ss)
{
	struct frame *f;

	while ((f = outbox_shift(ss)) != NULL)
		frame_unref(f);
}

static void
readers_leave(struct session *ss)
{
	struct list *node, *next;

	LIST_EACH(&ss->readers, node, next)
		reader_leave(LIST_ITEM(node, struct reader, in_session));
}

void
session_free(struct session *ss)
{
	struct list *node;

	readers_leave(ss);
	payer_session_done(ss);
	presence_leave(ss);
	history_leave(ss);
	while (!list_empty(&ss->subs))
		sub_free(LIST_ITEM(ss->subs.next, struct sub, in_session));
	while ((node = list_shift(&ss->requests)) != NULL)
		LIST_ITEM(node, struct request, in_session)->ss = NULL;
	while ((node = list_shift(&ss->bulks)) != NULL)
		LIST_ITEM(node, struct bulk, in_session)->ss = NULL;
	session_forget_inbox(ss);
	query_ask_leave(ss);
	incoming_free(ss->renewal);
	session_acked(ss);
	outbox_clear(ss);
	outbox_free(ss);
	free(ss->late);
	list_remove(&ss->node);
	list_remove(&ss->in_work);
	list_remove(&ss->in_ready);
	list_remove(&ss->in_renewing);
	list_remove(&ss->in_denied);
	ss->hub->counts.sessions--;
	principal_unref(ss->who);
	free(ss->client_id);
	free(ss->src);
	free(ss->address);
	free(ss);
}

uint64_t
session_ordinal(const struct session *ss)
{
	return ss->ordinal;
}

void *
session_owner(const struct session *ss)
{
	return ss->owner;
}

void
session_set_address(struct session *ss, const char *address)
{
	free(ss->address);
	ss->address = mem_copy(address, strlen(address));
	payer_session_changed(ss);
}

const char *
session_src(const struct session *ss)
{
	return ss->src != NULL ? ss->src : ss->client_id;
}

void
session_set_src(struct session *ss, const char *src)
{
	free(ss->src);
	ss->src = mem_copy(src, strlen(src));
}

bool
session_is_full(const struct session *ss)
{
	return ss->n_inbox >= ss->hub->limits.inbox_messages ||
	    ss->inbox_bytes >= INBOX_BYTES;
}

bool
session_is_answered(const struct session *ss)
{
	return list_empty(&ss->inbox) && list_empty(&ss->requests) &&
	    list_empty(&ss->bulks) && ss->n_histories == 0 &&
	    ss->query_ask == NULL && ss->renewal == NULL;
}

void
session_wake(struct session *ss)
{
	list_remove(&ss->in_ready);
	list_push(&ss->hub->ready, &ss->in_ready);
}

/* ---- the inbox ---- */

bool
session_is_heard(const struct session *ss)
{
	return ss->waits == 0 && !session_is_behind(ss);
}

/* There may be something to listen to. */
static void
listen_on(struct session *ss)
{
	if (!list_empty(&ss->inbox) && list_empty(&ss->in_work) &&
	    session_is_heard(ss))
		list_push(&ss->hub->talking, &ss->in_work);
}

void
session_wait(struct session *ss)
{
	ss->waits++;
}

void
session_go_on(struct session *ss)
{
	if (--ss->waits == 0)
		listen_on(ss);
}

void
session_forget_inbox(struct session *ss)
{
	struct list *node;

	while ((node = list_shift(&ss->inbox)) != NULL)
		incoming_free(LIST_ITEM(node, struct incoming, node));
	ss->n_inbox = ss->inbox_bytes = 0;
	presence_forget_held(ss);
}

/* ---- the outbox ---- */

/* Is the right looked at again that the oldest was allowed by? */
static bool
is_in_doubt(const struct session *ss)
{
	const struct owed *o;

	if (list_empty(&ss->hub->regranting) || ss->out_n == 0)
		return false;
	o = session_owed(ss, 0);
	return o != NULL && !owed_is_sure(o, ss);
}

struct frame *
session_peek(const struct session *ss)
{
	return ss->out_n > 0 && !is_in_doubt(ss) ?
	    ss->outbox[ss->out_first].frame : NULL;
}

struct frame *
session_shift(struct session *ss)
{
	struct frame *f;

	if (is_in_doubt(ss) || (f = outbox_shift(ss)) == NULL)
		return NULL;
	listen_on(ss);		/* it may ask again */
	history_next(ss);
	return f;
}

const struct owed *
session_owed(const struct session *ss, uint32_t i)
{
	return ss->outbox[(ss->out_first + i) & (ss->out_cap - 1)].owed;
}

size_t
session_waiting_bytes(const struct session *ss)
{
	return ss->out_bytes;
}

static void
outbox_grow(struct session *ss)
{
	uint32_t cap = 2 * ss->out_cap, i;
	struct outgoing *grown = mem_grow(NULL, cap, sizeof(*grown));

	for (i = 0; i < ss->out_n; i++)
		grown[i] = ss->outbox[(ss->out_first + i) & (ss->out_cap - 1)];
	outbox_free(ss);
	ss->outbox = grown;
	ss->out_cap = cap;
}

static void
outbox_push(struct session *ss, struct frame *f, struct owed *owed,
    bool is_live)
{
	if (ss->closing != CLOSE_NONE) {
		frame_unref(f);
		owed_free(owed);
		return;
	}
	if (ss->out_n == ss->out_cap)
		outbox_grow(ss);
	ss->outbox[(ss->out_first + ss->out_n++) & (ss->out_cap - 1)] =
	    (struct outgoing){ f, owed, is_live };
	ss->out_bytes += f->wire_len;
	if (is_live)
		ss->live_bytes += f->wire_len;
	ss->hub->counts.frames_sent++;
	if (!is_live)
		session_wake(ss);
	else if (list_empty(&ss->in_ready))
		list_push(&ss->hub->fed, &ss->in_ready);
}

void
session_too_slow(struct session *ss)
{
	ss->hub->counts.slow_readers++;
	outbox_clear(ss);
	session_close_for(ss, CLOSE_TRY_LATER, "reads too slowly");
}

/*
 * Is there room for len more live bytes?  What goes out next does not count:
 * it may be an op larger than any ceiling.
 */
static bool
has_room(const struct session *ss, size_t len)
{
	size_t max = ss->hub->limits.outbox_bytes, waiting = ss->live_bytes;

	if (ss->out_n == 0)
		return true;
	if (ss->outbox[ss->out_first].is_live)
		waiting -= ss->outbox[ss->out_first].frame->wire_len;
	return waiting <= max && len <= max - waiting;
}

void
session_post(struct session *ss, struct frame *f)
{
	outbox_push(ss, f, NULL, false);
}

void
session_post_shown(struct session *ss, struct frame *f,
    const struct about *about, enum access_action action)
{
	outbox_push(ss, f, owed_new(ss->hub, about, action), false);
}

void
session_post_left(struct session *ss, struct frame *f,
    const struct about *about, enum access_action action)
{
	if (ss->live_bytes > 0)
		session_post_shown(ss, f, about, action);
	else
		session_post(ss, f);
}

void
session_post_live(struct session *ss, struct frame *f)
{
	if (ss->closing == CLOSE_NONE && !has_room(ss, f->wire_len))
		session_too_slow(ss);
	outbox_push(ss, f, NULL, true);
}

void
session_acks(struct session *ss)
{
	if (list_empty(&ss->in_acks))
		list_push(&ss->hub->acks, &ss->in_acks);
}

void
session_post_behind(struct session *ss, struct frame *f)
{
	if (list_empty(&ss->in_acks)) {
		session_post_live(ss, f);
		return;
	}
	if (ss->n_late == ss->cap_late) {
		ss->cap_late = ss->cap_late > 0 ? 2 * ss->cap_late : 4;
		ss->late = mem_grow(ss->late, ss->cap_late,
		    sizeof(struct frame *));
	}
	ss->late[ss->n_late++] = f;
}

void
session_acked(struct session *ss)
{
	size_t i;

	list_remove(&ss->in_acks);
	for (i = 0; i < ss->n_late; i++)
		session_post_live(ss, ss->late[i]);
	ss->n_late = 0;
}

bool
session_is_behind(const struct session *ss)
{
	return ss->out_bytes - ss->live_bytes >
	    ss->hub->limits.outbox_bytes / 2;
}

void
session_begin_answer(struct session *ss)
{
	/*
	 * Nothing more is taken from a session that is behind, but what stood
	 * in lines by then may come all at once.
	 */
	if (ss->closing == CLOSE_NONE && (ss->out_bytes - ss->live_bytes) / 4 >
	    ss->hub->limits.outbox_bytes)
		session_too_slow(ss);
}

enum session_close
session_closing(const struct session *ss, const char **reason_out)
{
	*reason_out = ss->reason;
	return ss->closing;
}

void
session_close_for(struct session *ss, enum session_close code,
    const char *reason)
{
	if (ss->closing == CLOSE_NONE) {
		ss->hub->counts.closed_renew += code == CLOSE_RENEW;
		ss->hub->counts.closed_access += code == CLOSE_ACCESS;
		ss->closing = code;
		ss->reason = reason;
		readers_leave(ss);
		presence_close(ss);
	}
	session_wake(ss);
}

void
session_shut(struct session *ss, enum session_close code, const char *reason)
{
	outbox_clear(ss);
	session_close_for(ss, code, reason);
}

/* ---- readers ---- */

struct reader_key {
	const struct session *ss;
	const struct view *w;
};

static uint64_t
reader_hash(const struct session *ss, const struct view *w)
{
	const uint64_t key[2] = { ss->ordinal, w->ordinal };

	return table_hash(&ss->hub->readers, key, sizeof(key));
}

static bool
reader_match(const struct table_node *node, const void *key)
{
	const struct reader *rd = LIST_ITEM(node, struct reader, in_hub);
	const struct reader_key *k = key;

	return rd->ss == k->ss && rd->view == k->w;
}

struct reader *
reader_find(const struct session *ss, const struct view *w)
{
	struct reader_key key = { ss, w };
	struct table_node *node = table_find(&ss->hub->readers,
	    reader_hash(ss, w), reader_match, &key);

	return node != NULL ? LIST_ITEM(node, struct reader, in_hub) : NULL;
}

struct reader *
reader_join(struct session *ss, struct view *w, uint64_t since,
    struct bulk *bulk)
{
	struct reader *rd = reader_find(ss, w);

	if (rd == NULL) {
		rd = mem_get(sizeof(*rd));
		rd->ss = ss;
		rd->view = w;
		list_init(&rd->in_bulk);
		list_push(&w->doc->readers, &rd->in_doc);
		list_push(&ss->readers, &rd->in_session);
		table_add(&ss->hub->readers, &rd->in_hub, reader_hash(ss, w));
		w->doc->n_readers++;
		ss->n_readers++;
		ss->hub->counts.readers++;
	}
	rd->since = since;
	/* Held back already: what waits there has to come first. */
	if (bulk != NULL && rd->bulk == NULL) {
		list_push(&bulk->readers, &rd->in_bulk);
		rd->bulk = bulk;
	}
	return rd;
}

void
reader_leave(struct reader *rd)
{
	struct doc *d = rd->view->doc;

	list_remove(&rd->in_doc);
	list_remove(&rd->in_session);
	list_remove(&rd->in_bulk);
	if (rd->bulk != NULL)
		bulk_drop(rd->bulk, rd);
	table_remove(&rd->ss->hub->readers, &rd->in_hub);
	d->n_readers--;
	rd->ss->n_readers--;
	rd->ss->hub->counts.readers--;
	free(rd);
	doc_rest(d);
}

void
reader_send(struct reader *rd, struct frame *f)
{
	if (rd->bulk != NULL)
		bulk_hold(rd->bulk, rd, f);
	else
		session_post_live(rd->ss, frame_ref(f));
}
