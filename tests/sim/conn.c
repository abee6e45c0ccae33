/*
 * conn: a connection, and what is on its way in it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/sim/world.h"

static struct letter *
letter_new(const char *text, size_t len)
{
	struct letter *l = mem_get(sizeof(*l) + len);

	l->len = len;
	memcpy(l->text, text, len);
	return l;
}

static void
letter_drop(struct list *node)
{
	list_remove(node);
	free(LIST_ITEM(node, struct letter, node));
}

static void
letters_drop(struct list *letters)
{
	while (!list_empty(letters))
		letter_drop(letters->next);
}

struct conn *
conn_new(struct node *n, struct client *c)
{
	struct conn *conn = mem_get(sizeof(*conn));
	char id[32];

	list_init(&conn->to_server);
	list_init(&conn->to_client);
	list_push(&n->world->conns, &conn->in_world);
	conn->at = n;
	conn->client = c;
	conn->is_guests = c->guest != NULL;
	snprintf(id, sizeof(id), "id%zu", below(n->world, 1000000));
	conn->ss = hub_open(n->hub, conn, id, rights_principal(n->world, c), 0);
	return conn;
}

void
conn_reap(struct conn *c)
{
	if (c->ss != NULL || c->client != NULL)
		return;
	letters_drop(&c->to_server);
	letters_drop(&c->to_client);
	list_remove(&c->in_world);
	free(c);
}

void
conn_cut(struct conn *c)
{
	struct world *w = c->at->world;

	client_lost(c->client);
	c->client = NULL;
	letters_drop(&c->to_client);
	/* The end of it may be lost; the server may notice only later. */
	while (!list_empty(&c->to_server) && maybe(w, 50))
		letter_drop(c->to_server.prev);
	conn_reap(c);
}

void
conn_dropped(struct conn *c)
{
	c->ss = NULL;
	letters_drop(&c->to_server);
	if (c->client != NULL && list_empty(&c->to_client)) {
		client_lost(c->client);
		c->client = NULL;
	}
	conn_reap(c);
}

bool
conn_to_server(struct conn *c)
{
	struct list *node = c->ss != NULL ? list_shift(&c->to_server) : NULL;
	struct node *at = c->at;
	struct letter *l;

	if (c->ss == NULL)
		return false;
	if (node == NULL) {
		if (c->client != NULL)
			return false;
		/* Gone, and everything it sent is here. */
		trace(at->world, "node %u: session leaves", at->number);
		hub_leave(at->hub, c->ss);
		c->ss = NULL;
		conn_reap(c);
		return true;
	}
	l = LIST_ITEM(node, struct letter, node);
	trace(at->world, "node %u: %s says %.*s", at->number, c->client != NULL ?
	    c->client->src : "one who left", (int)l->len, l->text);
	hub_receive(at->hub, c->ss, l->text, l->len);
	free(l);
	return true;
}

bool
conn_to_client(struct conn *c)
{
	struct list *node = list_shift(&c->to_client);
	struct letter *l;

	if (node == NULL || c->client == NULL)
		return false;
	l = LIST_ITEM(node, struct letter, node);
	trace(c->at->world, "%s hears %.*s", c->client->src, (int)l->len,
	    l->text);
	client_hear(c->client, l->text, l->len);
	free(l);
	if (c->ss == NULL && list_empty(&c->to_client)) {
		client_lost(c->client);
		c->client = NULL;
		conn_reap(c);
	}
	return true;
}

void
conn_flush(struct conn *c)
{
	struct world *w = c->at->world;
	struct frame *f;
	struct letter *l;
	const char *reason;

	while ((!c->is_slow || session_closing(c->ss, &reason) != CLOSE_NONE) &&
	    (f = session_shift(c->ss)) != NULL) {
		witness_frame(w, c, f);
		l = letter_new(frame_payload(f), frame_payload_len(f));
		if (c->client != NULL)
			list_push(&c->to_client, &l->node);
		else
			free(l);
		frame_unref(f);
	}
	if (session_closing(c->ss, &reason) == CLOSE_NONE)
		return;
	trace(w, "node %u: closes %s: %s", c->at->number, c->client != NULL ?
	    c->client->src : "one who left", reason);
	hub_leave(c->at->hub, c->ss);
	conn_dropped(c);
}
