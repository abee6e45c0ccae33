/*
 * node: a hub, what it asked of the store, and what the bus brings it.
 */
#include <stdio.h>
#include <string.h>

#include "tests/sim/world.h"

/* Jobs that the store takes before it is busy. */
#define STORE_BUSY	4

void
node_init(struct node *n, struct world *w, unsigned number)
{
	memset(n, 0, sizeof(*n));
	n->world = w;
	n->number = number;
	list_init(&n->asked);
	list_init(&n->answered);
	list_init(&n->heard);
	list_init(&n->regrants);
}

void
node_start(struct node *n)
{
	struct hub_limits limits = n->world->limits;

	limits.node = ++n->world->starts;
	n->hub = hub_new(&limits, n->world->seed + n->number);
	if (n->world->access != NULL)
		hub_set_access(n->hub, access_ref(n->world->access));
	hub_store_away(n->hub, n->store_is_away);
	hub_clock(n->hub, (int64_t)n->world->now_ms);
	hub_tick(n->hub, n->world->now_ms);
}

/* One of the list, by lot; NULL: it is empty. */
static struct list *
any_of(struct world *w, struct list *l)
{
	struct list *node, *next;
	size_t n = 0;

	LIST_EACH(l, node, next)
		n++;
	if (n == 0)
		return NULL;
	n = below(w, n);
	LIST_EACH(l, node, next)
		if (n-- == 0)
			break;
	list_remove(node);
	return node;
}

static void
words_drop(struct list *words)
{
	struct list *node;

	while ((node = list_shift(words)) != NULL)
		word_free(LIST_ITEM(node, struct word, node));
}

void
node_crash(struct node *n)
{
	struct world *w = n->world;
	struct list *node, *next;
	struct conn *c;
	struct job *job;

	trace(w, "node %u: ends", n->number);
	/* What was sent on its way arrives, or not. */
	LIST_EACH(&n->asked, node, next) {
		job = LIST_ITEM(node, struct job, node);
		if (job->kind == JOB_COMMIT && fault(w, 50))
			pretend_do(&w->store, job);
	}
	LIST_EACH(&w->conns, node, next) {
		c = LIST_ITEM(node, struct conn, in_world);
		if (c->at == n && c->ss != NULL)
			conn_dropped(c);
	}
	/* Alone with its store, it finds there what its predecessor sent. */
	while (!w->limits.shared_store && pretend_catch_up(&w->store))
		;
	hub_free(n->hub);
	n->hub = NULL;
	while ((node = list_shift(&n->asked)) != NULL)
		job_free(LIST_ITEM(node, struct job, node));
	while ((node = list_shift(&n->answered)) != NULL)
		job_free(LIST_ITEM(node, struct job, node));
	n->n_asked = 0;
	n->is_draining = false;
	words_drop(&n->heard);
	rights_drop(n);
	memset(n->follows, 0, sizeof(n->follows));
	memset(n->hears, 0, sizeof(n->hears));
}

void
node_drain(struct node *n)
{
	trace(n->world, "node %u: drains", n->number);
	n->is_draining = true;
	hub_drain(n->hub);
}

/* ---- the store ---- */

/* What becomes of a job, when there are faults. */
static enum err
fault_of(const struct node *n, const struct job *job)
{
	struct world *w = n->world;
	size_t lot = below(w, 100);

	if (n->store_is_away)
		return ERR_STORE_AWAY;
	if (!fault(w, 100))
		return ERR_NONE;
	if (job->kind == JOB_COMMIT)
		return lot < 4 ? ERR_STORE_AWAY : lot < 12 ? ERR_STORE_UNSURE :
		    lot < 14 ? ERR_STORE_BROKEN : ERR_NONE;
	return lot < 5 ? ERR_STORE_AWAY : lot < 6 ? ERR_STORE_BROKEN : ERR_NONE;
}

static const char *
job_name(const struct job *job)
{
	static const char *const names[] = {
		[JOB_LOAD] = "load", [JOB_OPS] = "ops",
		[JOB_COMMIT] = "commit", [JOB_CREATED] = "created",
		[JOB_HISTORY] = "history",
		[JOB_CHECKPOINT] = "checkpoint", [JOB_VERSIONS] = "versions",
		[JOB_FIND] = "find",
		[JOB_LACKING] = "lacking", [JOB_CONTENT] = "content",
		[JOB_ROWS] = "rows",
		[JOB_COMPACT] = "compact", [JOB_ERASE] = "erase",
	};

	return names[job->kind];
}

bool
node_store(struct node *n)
{
	struct world *w = n->world;
	struct list *node = any_of(w, &n->asked);
	struct job *job;
	enum err err;
	size_t lot;

	if (node == NULL)
		return false;
	job = LIST_ITEM(node, struct job, node);
	/* What can wait waits for long. */
	if (n->store_is_away && job->kind != JOB_COMMIT && !maybe(w, 10)) {
		list_push(&n->asked, node);
		return false;
	}
	n->n_asked--;
	err = fault_of(n, job);
	trace(w, "node %u: store: %s: %s", n->number, job_name(job),
	    err != ERR_NONE ? err_text(err) : "done");
	if (err == ERR_NONE) {
		pretend_do(&w->store, job);
	} else if (err == ERR_STORE_UNSURE) {
		w->was_unsure = true;
		lot = below(w, 3);
		if (lot == 0)
			pretend_do(&w->store, job);
		else if (lot == 1)
			pretend_delay(&w->store, job);
	}
	job->err = err;
	list_push(&n->answered, &job->node);
	return true;
}

bool
node_answer(struct node *n)
{
	struct list *node = any_of(n->world, &n->answered);
	struct job *job;

	if (node == NULL)
		return false;
	job = LIST_ITEM(node, struct job, node);
	trace(n->world, "node %u: answer to %s", n->number, job_name(job));
	hub_finish(n->hub, job);
	return true;
}

/* ---- the bus ---- */

static void
tell(struct node *n, const struct word *word)
{
	struct world *w = n->world;
	struct word *copy;
	unsigned times = fault(w, 10) ? 0 : fault(w, 10) ? 2 : 1;

	/* Most ops go unheard, calm or not; that the burst is over is heard. */
	if (w->is_lossy && word->topic == NULL)
		times = word->kind == WORD_HEAD || maybe(w, 30);
	while (times-- > 0) {
		copy = word_copy(word);
		list_push(&n->heard, &copy->node);
	}
}

/* "nodes" and "ch/" with the mates' channels come after those of documents. */
static unsigned
channel_of(const struct word *word)
{
	if (word->topic != NULL)
		return CLIENT_DOCS + 1 + (word->topic[0] == 'n' ? 0 :
		    1 + mate_channel_named(word->topic + 3));
	return word->id == NULL || word->for_collection ? CLIENT_DOCS :
	    (unsigned)(word->id[1] - '0');
}

/* The bus takes a word. */
static void
say(struct node *n, struct word *word)
{
	struct world *w = n->world;
	struct node *to;
	unsigned doc = channel_of(word);

	trace(w, "node %u: word %d of %s on channel %u", n->number,
	    word->kind, word->id != NULL ? word->id : "all", doc);
	switch (word->kind) {
	case WORD_FOLLOW:
		n->follows[doc] = true;
		break;
	case WORD_UNFOLLOW:
		n->follows[doc] = n->hears[doc] = false;
		break;
	default:
		for (to = w->nodes; to < w->nodes + w->n_nodes; to++)
			if (to->hub != NULL && to->hears[doc] &&
			    !n->bus_is_away && !to->bus_is_away)
				tell(to, word);
		break;
	}
	word_free(word);
}

static void
followed(struct node *n, unsigned channel)
{
	unsigned topic = channel - CLIENT_DOCS - 1;
	char name[16];

	snprintf(name, sizeof(name), "d%u", channel);
	if (channel <= CLIENT_DOCS) {
		hub_hear(n->hub, word_new(WORD_FOLLOWED, "c",
		    channel < CLIENT_DOCS ? name : NULL));
		return;
	}
	if (topic > 0)
		snprintf(name, sizeof(name), "ch/%s",
		    mate_channel_name(topic - 1));
	hub_hear(n->hub, word_new_topic(WORD_FOLLOWED,
	    topic == 0 ? "nodes" : name));
}

/* The bus has heard what the node wants to follow. */
static bool
follow(struct node *n)
{
	unsigned doc;

	for (doc = 0; doc < WORLD_CHANNELS; doc++) {
		if (!n->follows[doc] || n->hears[doc])
			continue;
		n->hears[doc] = true;
		trace(n->world, "node %u: follows channel %u", n->number, doc);
		followed(n, doc);
		return true;
	}
	return false;
}

bool
node_hear(struct node *n)
{
	struct list *node;
	struct word *word;

	if (n->bus_is_away)
		return false;
	if (maybe(n->world, 30) && follow(n))
		return true;
	if ((node = any_of(n->world, &n->heard)) == NULL)
		return follow(n);
	word = LIST_ITEM(node, struct word, node);
	trace(n->world, "node %u: hears word %d, ops %zu", n->number,
	    word->kind, word->ops.n);
	hub_hear(n->hub, word);
	return true;
}

void
node_bus_away(struct node *n)
{
	trace(n->world, "node %u: no bus", n->number);
	n->bus_is_away = true;
	words_drop(&n->heard);
}

void
node_bus_back(struct node *n)
{
	trace(n->world, "node %u: the bus is back", n->number);
	n->bus_is_away = false;
	memcpy(n->hears, n->follows, sizeof(n->hears));
	hub_hear(n->hub, word_new(WORD_BACK, NULL, NULL));
}

/* ---- without the store ---- */

void
node_store_away(struct node *n)
{
	struct list *node, *next;
	struct conn *c;

	trace(n->world, "node %u: no store", n->number);
	n->store_is_away = true;
	if (n->hub != NULL)
		hub_store_away(n->hub, true);
	LIST_EACH(&n->world->conns, node, next) {
		c = LIST_ITEM(node, struct conn, in_world);
		if (c->at == n && c->client != NULL)
			client_excuse(c->client);
	}
}

void
node_store_back(struct node *n)
{
	trace(n->world, "node %u: the store is back", n->number);
	n->store_is_away = false;
	if (n->hub != NULL)
		hub_store_away(n->hub, false);
}

/* ---- the turn ---- */

void
node_say(struct node *n)
{
	struct word *word;

	while ((word = hub_next_word(n->hub)) != NULL)
		say(n, word);
}

void
node_turn(struct node *n)
{
	struct session *ss;
	struct job *job;

	hub_work(n->hub);
	rights_renew(n);
	hub_check(n->hub);
	while (n->n_asked < STORE_BUSY &&
	    (job = hub_next_job(n->hub)) != NULL) {
		list_push(&n->asked, &job->node);
		n->n_asked++;
	}
	node_say(n);
	while ((ss = hub_next_ready(n->hub)) != NULL)
		conn_flush(session_owner(ss));
	hub_check(n->hub);
	if (n->is_draining && hub_is_quiet(n->hub))
		node_crash(n);
}
