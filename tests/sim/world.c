#include "tests/sim/world.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/sim/edits.h"
#include "tests/sim/watcher.h"

/* Rounds in which a calm world has to come to rest. */
#define REST_ROUNDS	400
/* And what its nodes may ask and hear in one. */
#define REST_MOVES	10000
/* Longer than any wait of the hub's: retries, sweeps. */
#define ROUND_MS	100
/* What queries take until they look for what they have not been told. */
#define QUERY_SWEEPS	4
#define QUERY_MS	2000

size_t
below(struct world *w, size_t n)
{
	return chance_below(&w->chance, n);
}

bool
maybe(struct world *w, unsigned percent)
{
	return chance_below(&w->chance, 100) < percent;
}

bool
fault(struct world *w, unsigned percent)
{
	return !w->is_calm && !w->is_mild && maybe(w, percent);
}

void
trace(const struct world *w, const char *fmt, ...)
{
	va_list ap;

	if (!w->is_verbose)
		return;
	printf("%4lu ", w->steps);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
}

void
violation(const struct world *w, const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fprintf(stderr, "seed %llu, step %lu: ", (unsigned long long)w->seed,
	    w->steps);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\nto see it: tests/sim/sim --seed %llu -v\n",
	    (unsigned long long)w->seed);
	exit(1);
}

/* The store complains without knowing of the world. */
static const struct world *the_world;

__attribute__((format(printf, 1, 2)))
static void
complain(const char *fmt, ...)
{
	char text[1000];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	violation(the_world, "%s", text);
}

/* ---- beginning and end ---- */

/* Ceilings so low that everything happens. */
static void
choose_limits(struct world *w)
{
	struct hub_limits *l = &w->limits;

	hub_limits_default(l);
	l->window_ops = 1 + below(w, 8);
	l->window_bytes = maybe(w, 20) ? 600 : 1 << 20;
	l->hot_bytes = maybe(w, 50) ? 1 : 1 << 20;
	l->idle_ms = below(w, 1000);
	l->content_ms = below(w, 2000);
	l->quiet_ms = below(w, 500);
	l->batch_ops = 1 + below(w, 5);
	l->batch_bytes = maybe(w, 20) ? 20 : 1 << 20;
	l->batches = 1 + (unsigned)below(w, 3);
	l->checkpoint_ops = 3;
	l->keep_every = 7;
	l->sweep_ms = 300;
	l->query_ms = below(w, 300);
	l->finds = 1 + (unsigned)below(w, 3);
	l->inbox_messages = 4;
	l->presence_rate = 2 + (unsigned)below(w, 40);
	l->presence_ttl_ms = 1000;
	if (maybe(w, 30))
		l->line_requests = 4 + below(w, 8);
	if (maybe(w, 10))
		l->document_bytes = 300 + below(w, 600);
	if (maybe(w, 50))
		l->outbox_bytes = 600 + below(w, 1000);
	if (maybe(w, 15))
		l->session_rate = (struct rate){ 20 + below(w, 60),
		    5000 + below(w, 20000) };
}

void
world_init(struct world *w, uint64_t seed, bool is_verbose)
{
	unsigned i, n_watchers, n_mates;

	memset(w, 0, sizeof(*w));
	w->seed = seed;
	w->is_verbose = is_verbose;
	w->chance.state = seed;
	the_world = w;
	list_init(&w->conns);
	pretend_init(&w->store);
	w->store.chance = &w->chance;
	w->store.complain = complain;
	w->n_nodes = 1 + (unsigned)below(w, WORLD_NODES);
	w->n_clients = 2 + (unsigned)below(w, WORLD_CLIENTS - 1);
	n_watchers = maybe(w, 60) ? 1 + (unsigned)below(w, WORLD_WATCHERS) : 0;
	n_mates = maybe(w, 60) ? 2 + (unsigned)below(w, WORLD_MATES - 1) : 0;
	w->has_rivals = maybe(w, 40);
	w->is_mild = maybe(w, 30);
	w->forgets = maybe(w, 15);
	w->is_lossy = w->n_nodes > 1 && maybe(w, 15);
	choose_limits(w);
	/* All of a channel say at once that they are there. */
	if (n_mates > 0)
		w->limits.outbox_bytes += 5000;
	if (w->is_lossy) {
		/* Nobody finds out later: a writer who ends, others' writes. */
		w->is_mild = true;
		w->has_rivals = w->forgets = false;
		w->limits.sweep_ms = 0;
	}
	w->limits.shared_store = w->n_nodes > 1 || w->has_rivals;
	for (i = 0; i < w->n_nodes; i++) {
		node_init(&w->nodes[i], w, i);
		node_start(&w->nodes[i]);
	}
	for (i = 0; i < w->n_clients; i++)
		client_init(&w->clients[i], w, i);
	w->clients[0].is_loose = w->n_clients > 2 && maybe(w, 30);
	for (i = w->n_clients; i < w->n_clients + n_watchers; i++) {
		client_init(&w->clients[i], w, i);
		w->clients[i].watcher = watcher_new(&w->clients[i]);
	}
	w->n_clients += n_watchers;
	for (i = w->n_clients; i < w->n_clients + n_mates; i++) {
		client_init(&w->clients[i], w, i);
		w->clients[i].mate = mate_new(&w->clients[i]);
	}
	w->n_clients += n_mates;
	rights_begin(w);
}

void
world_done(struct world *w)
{
	struct conn *c;
	unsigned i;

	w->is_calm = true;
	for (i = 0; i < w->n_nodes; i++)
		if (w->nodes[i].hub != NULL)
			node_crash(&w->nodes[i]);
	while (!list_empty(&w->conns)) {
		c = LIST_ITEM(w->conns.next, struct conn, in_world);
		conn_cut(c);
	}
	for (i = 0; i < w->n_clients; i++)
		client_done(&w->clients[i]);
	pretend_done(&w->store);
	rights_end(w);
}

void
world_send(struct client *c, const char *text, size_t len)
{
	struct letter *l = mem_get(sizeof(*l) + len);

	l->len = len;
	memcpy(l->text, text, len);
	list_push(&c->conn->to_server, &l->node);
}

/* ---- what may happen ---- */

static struct node *
any_node(struct world *w)
{
	return &w->nodes[below(w, w->n_nodes)];
}

static struct conn *
any_conn(struct world *w)
{
	struct list *node, *next;
	size_t n = 0;

	LIST_EACH(&w->conns, node, next)
		n++;
	if (n == 0)
		return NULL;
	n = below(w, n);
	LIST_EACH(&w->conns, node, next)
		if (n-- == 0)
			break;
	return LIST_ITEM(node, struct conn, in_world);
}

static void
connect(struct world *w, struct client *c)
{
	struct node *n = any_node(w);

	if (n->hub == NULL)
		return;
	trace(w, "%s comes to node %u", c->src, n->number);
	client_connected(c, conn_new(n, c));
}

static void
client_turn(struct world *w)
{
	struct client *c = &w->clients[below(w, w->n_clients)];

	if (c->conn == NULL && maybe(w, 60))
		connect(w, c);
	else
		client_act(c);
}

/* One message arrives somewhere. */
static void
network_turn(struct world *w)
{
	struct conn *c = any_conn(w);

	if (c == NULL)
		return;
	if (c->client == NULL || (c->ss != NULL && maybe(w, 50)))
		conn_to_server(c);
	else
		conn_to_client(c);
}

/* Somebody who shares the store, and is no otd. */
static void
rival_turn(struct world *w)
{
	const struct pretend_doc *d;
	struct snapshot none = { 0, NULL, NULL };
	const struct snapshot *head;
	struct op *op;
	struct buf b = BUF_INIT;
	char id[8];

	if (!w->has_rivals)
		return;
	snprintf(id, sizeof(id), "d%zu", below(w, CLIENT_DOCS));
	d = pretend_find(&w->store, "c", id);
	head = d != NULL ? &d->head : &none;
	w->rival_seq++;
	if (head->type == NULL) {
		create_random(&w->chance, &b);
		op = op_new(OP_CREATE, head->v, "rival", w->rival_seq, b.data,
		    b.len);
	} else if (maybe(w, 4)) {
		op = op_new(OP_DELETE, head->v, "rival", w->rival_seq, NULL, 0);
	} else {
		edit_random(&w->chance, head->type, head->data, &b);
		op = op_new(OP_EDIT, head->v, "rival", w->rival_seq, b.data,
		    b.len);
	}
	trace(w, "a rival writes %s at %llu", id, (unsigned long long)head->v);
	pretend_write(&w->store, "c", id, op);
	op_unref(op);
	buf_done(&b);
}

/* Old history goes, or little is left of it. */
static void
forget_turn(struct world *w)
{
	struct pretend_doc *d;
	uint64_t end;
	char id[8];

	if (!w->forgets)
		return;
	snprintf(id, sizeof(id), "d%zu", below(w, CLIENT_DOCS));
	d = pretend_find(&w->store, "c", id);
	if (maybe(w, 50) && d != NULL && d->v > d->horizon) {
		end = d->horizon + 1 + below(w, d->v - d->horizon);
		trace(w, "%s is compacted up to %llu", id,
		    (unsigned long long)end);
		pretend_compact(&w->store, d, end);
		return;
	}
	trace(w, "old history of %s is removed", id);
	pretend_forget(&w->store, "c", id);
}

/* The server lets a client go, or a whole node ends in good order. */
static void
close_turn(struct world *w)
{
	struct conn *c = any_conn(w);

	if (c == NULL || c->ss == NULL)
		return;
	if (w->is_lossy || maybe(w, 80))
		hub_close(c->at->hub, c->ss, CLOSE_RESTART, "for a change");
	else
		node_drain(c->at);
}

static void
cut_turn(struct world *w)
{
	struct conn *c = any_conn(w);

	if (c == NULL || c->client == NULL || !fault(w, 100))
		return;
	trace(w, "%s is cut off", c->client->src);
	conn_cut(c);
}

static void
slow_turn(struct world *w)
{
	struct conn *c = any_conn(w);

	if (c == NULL || c->ss == NULL)
		return;
	c->is_slow = !c->is_slow;
	if (!c->is_slow)
		conn_flush(c);
}

static void
time_turn(struct world *w)
{
	unsigned i;

	w->now_ms += 1 + below(w, 150);
	for (i = 0; i < w->n_nodes; i++) {
		if (w->nodes[i].hub == NULL)
			continue;
		hub_clock(w->nodes[i].hub, (int64_t)w->now_ms);
		hub_tick(w->nodes[i].hub, w->now_ms);
	}
}

/* The store is away, for one of them or all, and comes back. */
static void
store_turn(struct node *n)
{
	struct world *w = n->world;

	if (n->store_is_away && maybe(w, 40))
		node_store_back(n);
	else if (!n->store_is_away && w->limits.shared_store && maybe(w, 25))
		node_store_away(n);
}

/* Something about a node: mostly the store, its answers, the bus. */
static void
node_moves(struct world *w, struct node *n)
{
	size_t lot = below(w, 100);

	if (n->hub == NULL) {
		if (lot < 10)
			node_start(n);
		return;
	}
	if (lot < 40)
		node_store(n);
	else if (lot < 45 && rights_tell(n))
		return;
	else if (lot < 75)
		node_answer(n);
	else if (lot < 93)
		node_hear(n);
	else if (lot < 95)
		store_turn(n);
	else if (n->bus_is_away)
		node_bus_back(n);
	else if (fault(w, 5))
		node_bus_away(n);
	else if (fault(w, 5))
		node_crash(n);
}

void
world_step(struct world *w)
{
	struct node *n = any_node(w);
	size_t lot = below(w, 1000);

	w->steps++;
	if (lot < 200)
		client_turn(w);
	else if (lot < 550)
		network_turn(w);
	else if (lot < 900)
		node_moves(w, n);
	else if (lot < 940)
		time_turn(w);
	else if (lot < 960)
		rival_turn(w);
	else if (lot < 966)
		cut_turn(w);
	else if (lot < 980)
		slow_turn(w);
	else if (lot < 985)
		pretend_catch_up(&w->store);
	else if (lot < 990)
		forget_turn(w);
	else if (lot < 993)
		close_turn(w);
	else
		rights_turn(w);
	/* Most things are carried on at once; sometimes a few come together. */
	if (n->hub != NULL && maybe(w, 80))
		node_turn(n);
}

/* ---- coming to rest ---- */

/* Everything that is on its way arrives; false: no message was. */
static bool
round_of(struct world *w)
{
	struct list *node, *next;
	struct node *n;
	struct conn *c;
	unsigned i, moves = 0;
	bool moved = false;

	for (i = 0; i < w->n_nodes; i++) {
		n = &w->nodes[i];
		if (n->hub == NULL)
			node_start(n);
		node_turn(n);
		while (n->hub != NULL &&
		    (node_store(n) || node_answer(n) || node_hear(n) ||
		    rights_tell(n))) {
			node_turn(n);
			if (++moves > REST_MOVES)
				violation(w, "node %u asks on and on",
				    n->number);
		}
	}
	LIST_EACH(&w->conns, node, next) {
		c = LIST_ITEM(node, struct conn, in_world);
		if (c->ss == NULL || c->client == NULL) {
			if (c->client != NULL)
				moved |= conn_to_client(c);
			else
				moved |= conn_to_server(c);
			continue;
		}
		while (!list_empty(&c->to_server))
			moved |= conn_to_server(c);
		while (c->ss != NULL && !list_empty(&c->to_client))
			moved |= conn_to_client(c);
	}
	return moved;
}

static void
calm_down(struct world *w)
{
	struct list *node, *next;
	struct conn *c;
	unsigned i;

	w->is_calm = true;
	while (pretend_catch_up(&w->store))
		;
	for (i = 0; i < w->n_nodes; i++) {
		if (w->nodes[i].hub == NULL)
			node_start(&w->nodes[i]);
		if (w->nodes[i].bus_is_away)
			node_bus_back(&w->nodes[i]);
		if (w->nodes[i].store_is_away)
			node_store_back(&w->nodes[i]);
	}
	LIST_EACH(&w->conns, node, next) {
		c = LIST_ITEM(node, struct conn, in_world);
		c->is_slow = false;
		if (c->ss != NULL)
			conn_flush(c);
	}
}

void
world_settle(struct world *w)
{
	unsigned i, round, still = 0;
	bool is_settled;

	trace(w, "calm");
	calm_down(w);
	for (round = 0; round < REST_ROUNDS; round++) {
		is_settled = !round_of(w);
		w->now_ms += ROUND_MS;
		for (i = 0; i < w->n_nodes; i++) {
			if (w->nodes[i].hub == NULL)
				continue;
			hub_clock(w->nodes[i].hub, (int64_t)w->now_ms);
			hub_tick(w->nodes[i].hub, w->now_ms);
			node_say(&w->nodes[i]);	/* a sign of life, perhaps */
		}
		for (i = 0; i < w->n_clients; i++) {
			if (w->clients[i].conn == NULL)
				connect(w, &w->clients[i]);
			is_settled &= client_settle(&w->clients[i]);
		}
		for (i = 0; i < w->n_nodes; i++)
			is_settled &= w->nodes[i].hub != NULL &&
			    hub_is_quiet(w->nodes[i].hub);
		/* Still for longer than what is done by the clock takes. */
		still = is_settled ? still + 1 : 0;
		if (still > 2 + (QUERY_SWEEPS * w->limits.sweep_ms +
		    w->limits.echo_ms + QUERY_MS +
		    w->limits.presence_ttl_ms) / ROUND_MS)
			return;
	}
	for (i = 0; i < w->n_clients; i++)
		if (!client_settle(&w->clients[i]))
			violation(w, "%s does not come to rest",
			    w->clients[i].src);
	violation(w, "a node does not come to rest");
}
