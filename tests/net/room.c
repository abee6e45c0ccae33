#include "room.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/frame.h"
#include "base/list.h"
#include "base/mem.h"
#include "core/hub.h"
#include "core/session.h"

struct hub {
	struct list	sessions;	/* all of them */
	struct list	ready;		/* with something to send or to close */
	size_t		outbox_bytes, inbox_messages;	/* ceilings */
	unsigned	turns;
	uint64_t	last;		/* ordinal given */
};

struct letter {				/* in an inbox or an outbox */
	struct list	 node;
	char		*text;		/* inbox */
	size_t		 len;
	struct frame	*frame;		/* outbox */
};

struct session {
	struct list	 node, ready;
	uint64_t	 ordinal;
	void		*owner;
	struct list	 inbox, outbox;
	size_t		 n_inbox, outbox_bytes;
	size_t		 inbox_messages;	/* ceiling */
	bool		 slow;
	struct principal *who;		/* counted */
	char		*address;
	enum session_close closing;
	const char	*reason;
};

struct hub *
room_new(size_t outbox_bytes, size_t inbox_messages)
{
	struct hub *h = mem_get(sizeof(*h));

	list_init(&h->sessions);
	list_init(&h->ready);
	h->outbox_bytes = outbox_bytes;
	h->inbox_messages = inbox_messages;
	return h;
}

void
room_free(struct hub *h)
{
	if (!list_empty(&h->sessions))
		bug("room: somebody is left");
	free(h);
}

/* ---- sessions ---- */

static void
letter_free(struct letter *l)
{
	list_remove(&l->node);
	frame_unref(l->frame);
	free(l->text);
	free(l);
}

static void
letters_free(struct list *letters)
{
	struct list *node, *next;

	LIST_EACH(letters, node, next)
		letter_free(LIST_ITEM(node, struct letter, node));
}

static void
make_ready(struct hub *h, struct session *ss)
{
	list_remove(&ss->ready);
	list_push(&h->ready, &ss->ready);
}

static void
say(struct hub *h, struct session *ss, struct frame *f)
{
	struct letter *l;

	if (ss->closing != CLOSE_NONE)
		return;
	l = mem_get(sizeof(*l));
	l->frame = frame_ref(f);
	list_push(&ss->outbox, &l->node);
	ss->outbox_bytes += f->wire_len;
	make_ready(h, ss);
	if (ss->outbox_bytes > h->outbox_bytes) {
		letters_free(&ss->outbox);
		ss->outbox_bytes = 0;
		hub_close(h, ss, CLOSE_TRY_LATER, "too slow");
	}
}

static void
say_to_all(struct hub *h, const char *text, size_t len)
{
	struct frame *f = frame_new(text, len);
	struct list *node, *next;

	LIST_EACH(&h->sessions, node, next)
		say(h, LIST_ITEM(node, struct session, node), f);
	frame_unref(f);
}

/* The random bytes as they are. */
void
hub_client_id(const struct hub *h, const struct principal *who,
    const unsigned char random[SRC_RANDOM], char out[SRC_TEXT])
{
	(void)h;
	(void)who;
	for (int i = 0; i < SRC_RANDOM; i++)
		snprintf(out + 2 * i, 3, "%02x", random[i]);
}

struct session *
hub_open(struct hub *h, void *owner, const char *client_id,
    struct principal *who, unsigned flags)
{
	struct session *ss = mem_get(sizeof(*ss));
	char hello[64];
	struct frame *f;
	int n = snprintf(hello, sizeof(hello), "hello %s", client_id);

	(void)flags;
	ss->who = who;
	ss->ordinal = ++h->last;
	ss->owner = owner;
	ss->inbox_messages = h->inbox_messages;
	list_init(&ss->ready);
	list_init(&ss->inbox);
	list_init(&ss->outbox);
	list_push(&h->sessions, &ss->node);
	f = frame_new(hello, (size_t)n);
	say(h, ss, f);
	frame_unref(f);
	return ss;
}

bool
hub_receive(struct hub *h, struct session *ss, const char *bytes, size_t len)
{
	struct letter *l = mem_get(sizeof(*l));

	(void)h;
	if (session_is_full(ss))
		bug("room: net went on reading");
	l->text = mem_copy(bytes, len);
	l->len = len;
	list_push(&ss->inbox, &l->node);
	ss->n_inbox++;
	return ss->n_inbox < ss->inbox_messages;
}

void
hub_close(struct hub *h, struct session *ss, enum session_close code,
    const char *reason)
{
	if (ss->closing != CLOSE_NONE)
		return;
	ss->closing = code;
	ss->reason = reason;
	make_ready(h, ss);
}

void
hub_leave(struct hub *h, struct session *ss)
{
	(void)h;
	list_remove(&ss->node);
	list_remove(&ss->ready);
	letters_free(&ss->inbox);
	letters_free(&ss->outbox);
	principal_unref(ss->who);
	free(ss->address);
	free(ss);
}

struct session *
hub_next_ready(struct hub *h)
{
	struct list *node = list_shift(&h->ready);

	return node != NULL ? LIST_ITEM(node, struct session, ready) : NULL;
}

/* ---- what net sees of a session ---- */

void
session_set_address(struct session *ss, const char *address)
{
	ss->address = mem_copy(address, strlen(address));
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

struct frame *
session_peek(const struct session *ss)
{
	if (list_empty(&ss->outbox))
		return NULL;
	return LIST_ITEM(ss->outbox.next, struct letter, node)->frame;
}

struct frame *
session_shift(struct session *ss)
{
	struct letter *l;
	struct frame *f;

	if (list_empty(&ss->outbox))
		return NULL;
	l = LIST_ITEM(ss->outbox.next, struct letter, node);
	f = frame_ref(l->frame);
	ss->outbox_bytes -= f->wire_len;
	letter_free(l);
	return f;
}

size_t
session_waiting_bytes(const struct session *ss)
{
	return ss->outbox_bytes;
}

enum session_close
session_closing(const struct session *ss, const char **reason_out)
{
	*reason_out = ss->reason;
	return ss->closing;
}

bool
session_is_full(const struct session *ss)
{
	return ss->n_inbox >= ss->inbox_messages;
}

bool
session_is_answered(const struct session *ss)
{
	return ss->n_inbox == 0;
}

/* ---- work ---- */

static void
hear(struct hub *h, struct session *ss, const char *text, size_t len)
{
	unsigned n, bytes, code;
	struct frame *f;

	if (len >= 4 && memcmp(text, "all ", 4) == 0) {
		say_to_all(h, text + 4, len - 4);
	} else if (sscanf(text, "flood %u %u", &n, &bytes) == 2) {
		char *big = mem_get(bytes);

		memset(big, 'f', bytes);
		while (n-- > 0)
			say_to_all(h, big, bytes);
		free(big);
	} else if (strcmp(text, "who") == 0) {
		char all[256];

		f = frame_new(all, (size_t)snprintf(all, sizeof(all),
		    "%s %s %s", ss->who != NULL ? ss->who->subject : "nobody",
		    ss->who != NULL && ss->who->link != NULL ? ss->who->link :
		    "-", ss->address));
		say(h, ss, f);
		frame_unref(f);
	} else if (sscanf(text, "close %u", &code) == 1) {
		hub_close(h, ss, (enum session_close)code, "as you wish");
	} else {
		if (strcmp(text, "slow") == 0)
			ss->slow = true;
		if (strcmp(text, "empty") == 0)
			len = 0;
		f = frame_new(text, len);
		say(h, ss, f);
		frame_unref(f);
	}
}

static void
hear_next(struct hub *h, struct session *ss)
{
	struct letter *l = LIST_ITEM(ss->inbox.next, struct letter, node);

	ss->n_inbox--;
	if (ss->closing == CLOSE_NONE)
		hear(h, ss, l->text, l->len);
	letter_free(l);
}

bool
room_work(struct hub *h)
{
	struct list *node, *next;
	bool more = false;

	h->turns++;
	LIST_EACH(&h->sessions, node, next) {
		struct session *ss = LIST_ITEM(node, struct session, node);

		if (list_empty(&ss->inbox))
			continue;
		if (!ss->slow) {
			while (!list_empty(&ss->inbox))
				hear_next(h, ss);
		} else if (h->turns % 20 == 0) {
			hear_next(h, ss);
		}
		more = more || !list_empty(&ss->inbox);
		make_ready(h, ss);	/* its inbox has room */
	}
	return more;
}
