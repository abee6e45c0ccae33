/*
 * hook: a webhook's events on their way through lines; see hook.h.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/log.h"
#include "base/mem.h"
#include "core/desk.h"
#include "core/rows.h"
#include "rest/call.h"
#include "rest/hook_in.h"

#define WAITING_MAX	1000	/* events of one hook that wait to be delivered */
#define WINDOW_MAX	2000	/* and with those that were, but an older one was not */
#define BREAKER_GROWTH	32	/* a receiver that stays ill rests so many times as long */

void
hook_settings_default(struct hook_settings *s)
{
	*s = (struct hook_settings){
		.timeout_ms = 10000,
		.attempts = 12,
		.retry_ms = 2000,
		.retry_max_ms = 1800000,
		.parallel = 8,
		.breaker = 20,
		.breaker_ms = 30000,
		.lease_ms = 20000,
	};
}

unsigned
hook_kind_bit(const char *kind)
{
	static const char *const kinds[] = { "created", "edited", "deleted" };

	for (unsigned i = 0; i < 3; i++)
		if (strcmp(kinds[i], kind) == 0)
			return 1u << i;
	return 0;
}

bool
hook_pattern_fits(const char *pattern, const char *name)
{
	const char *star = strchr(pattern, '*');
	size_t before, after, len = strlen(name);

	if (star == NULL)
		return strcmp(pattern, name) == 0;
	before = (size_t)(star - pattern);
	after = strlen(star + 1);
	return len >= before + after && memcmp(pattern, name, before) == 0 &&
	    strcmp(star + 1, name + len - after) == 0;
}

/* ---- errands ---- */

struct errand *
errand_new(struct hooks *hs, struct hook *h,
    void (*then)(struct errand *e, struct job *job))
{
	struct errand *e = mem_get(sizeof(*e));

	e->hooks = hs;
	e->hook = h;
	e->then = then;
	list_push(&hs->errands, &e->node);
	return e;
}

void
errand_settle(struct job *job)
{
	struct errand *e = job->whose;

	list_remove(&e->node);
	if (job->err != ERR_NONE && !e->hooks->is_broken)
		log_line(LOG_WARN, "hooks", "could not ask the store: %s",
		    err_text(job->err));
	e->hooks->is_broken = job->err != ERR_NONE;
	e->then(e, job);
	free(e);
	job_free(job);
}

/* ---- lines ---- */

struct line_key {
	const char	*collection, *id;
};

static bool
line_is(const struct table_node *node, const void *key)
{
	const struct line *line = LIST_ITEM(node, struct line, in_hook);
	const struct line_key *k = key;

	return strcmp(line->id, k->id) == 0 &&
	    strcmp(line->collection, k->collection) == 0;
}

static struct line *
line_of(struct hook *h, const char *collection, const char *id)
{
	const struct line_key key = { collection, id };
	uint64_t hash = table_hash_more(table_hash(&h->by_doc, collection,
	    strlen(collection)), id, strlen(id));
	struct table_node *node = table_find(&h->by_doc, hash, line_is, &key);
	struct line *line;

	if (node != NULL)
		return LIST_ITEM(node, struct line, in_hook);
	line = mem_get(sizeof(*line));
	line->hook = h;
	line->collection = mem_copy(collection, strlen(collection));
	line->id = mem_copy(id, strlen(id));
	list_init(&line->waiting);
	list_push(&h->lines, &line->node);
	table_add(&h->by_doc, &line->in_hook, hash);
	return line;
}

static void
line_free(struct line *line)
{
	table_remove(&line->hook->by_doc, &line->in_hook);
	list_remove(&line->node);
	free(line->collection);
	free(line->id);
	free(line);
}

/* ---- deliveries ---- */

static struct delivery *
delivery_new(const struct place *place)
{
	struct delivery *d = mem_get(sizeof(*d));

	d->place = *place;
	list_init(&d->in_line);
	list_init(&d->in_window);
	return d;
}

static void
delivery_free(struct delivery *d)
{
	list_remove(&d->in_line);
	list_remove(&d->in_window);
	free(d->payload);
	free(d->why);
	free(d);
}

static void
delivery_join(struct delivery *d, struct line *line, const char *payload,
    size_t len)
{
	struct hook *h = line->hook;

	d->line = line;
	d->payload = mem_copy(payload, len);
	list_push(&line->waiting, &d->in_line);
	h->n_waiting++;
	h->look_ms = 0;
}

/* All that is settled at the beginning of the window is behind us. */
static void
hook_advance(struct hook *h)
{
	while (!list_empty(&h->window)) {
		struct delivery *d = LIST_ITEM(h->window.next,
		    struct delivery, in_window);

		if (d->line != NULL)
			return;
		h->settled = d->place;
		h->n_window--;
		delivery_free(d);
	}
	h->settled = h->listener.place;
}

void
delivery_settle(struct delivery *d)
{
	struct line *line = d->line;
	struct hook *h = line->hook;
	bool is_replay = d->is_replay;

	list_remove(&d->in_line);
	list_init(&d->in_line);
	d->line = NULL;
	free(d->payload);
	d->payload = NULL;
	h->n_waiting--;
	h->look_ms = 0;
	line->is_flying = false;
	line->not_before_ms = 0;
	if (list_empty(&line->waiting))
		line_free(line);
	if (is_replay) {
		h->n_replaying--;
		delivery_free(d);
		return;
	}
	h->is_dirty = true;
	hook_advance(h);
	outbox_more(&h->listener);
}

void
hook_replay(struct hook *h, const struct place *place,
    const char *collection, const char *id, const char *payload)
{
	struct delivery *d = delivery_new(place);

	d->is_replay = true;
	h->n_replaying++;
	delivery_join(d, line_of(h, collection, id), payload,
	    strlen(payload));
}

/* ---- events ---- */

static bool
hook_wants(const struct hook *h, const struct event *e)
{
	size_t i;

	if (!(h->kinds & hook_kind_bit(e->kind)))
		return false;
	for (i = 0; i < h->n_patterns; i++)
		if (hook_pattern_fits(h->patterns[i], e->collection))
			return true;
	return false;
}

static bool
was_done(const struct hook *h, const struct place *place)
{
	for (size_t i = 0; i < h->n_done; i++)
		if (place_compare(&h->done[i], place) == 0)
			return true;
	return false;
}

static void
put_payload(struct buf *b, const struct event *e)
{
	char type[32];

	snprintf(type, sizeof(type), "document.%s", e->kind);
	buf_putc(b, '{');
	rest_put_text(b, "type", type);
	rest_put_time(b, "timestamp", e->at_ms);
	rest_put_name(b, "data");
	buf_putc(b, '{');
	rest_put_text(b, "collection", e->collection);
	rest_put_text(b, "id", e->id);
	rest_put_number(b, "from_v", (int64_t)e->from_v);
	rest_put_number(b, "to_v", (int64_t)e->to_v);
	buf_puts(b, "}}");
	if (buf_failed(b))
		bug("hook: no memory for a payload");
}

static void
take(struct listener *l, const struct event *e)
{
	struct hook *h = LIST_ITEM(l, struct hook, listener);
	struct buf payload = BUF_INIT;
	struct delivery *d;

	if (!hook_wants(h, e)) {
		h->has_drifted = true;
		hook_advance(h);
		return;
	}
	d = delivery_new(&e->place);
	list_push(&h->window, &d->in_window);
	h->n_window++;
	if (was_done(h, &e->place)) {
		hook_advance(h);
		return;
	}
	put_payload(&payload, e);
	delivery_join(d, line_of(h, e->collection, e->id), payload.data,
	    payload.len);
	buf_done(&payload);
}

static bool
has_room(const struct listener *l)
{
	const struct hook *h = LIST_ITEM(l, struct hook, listener);

	return h->n_waiting < WAITING_MAX && h->n_window < WINDOW_MAX;
}

static void
ready(struct listener *l)
{
	struct hook *h = LIST_ITEM(l, struct hook, listener);

	if (l->is_late)
		log_line(LOG_WARN, "hooks", "webhook \"%s\" has missed events:"
		    " they were older than --event-retention", h->id);
}

/* ---- one hook ---- */

struct hook *
hook_new(struct hooks *hs, const char *id)
{
	const struct breaker_settings receiver = {
		.failures = hs->settings.breaker,
		.first_ms = hs->settings.breaker_ms,
		.most_ms = hs->settings.breaker_ms * BREAKER_GROWTH,
	};
	struct hook *h = mem_get(sizeof(*h));
	uint64_t seed = 0;

	h->hooks = hs;
	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		seed = 0;		/* then it is in step with others */
	breaker_init(&h->receiver, &receiver, seed);
	h->id = mem_copy(id, strlen(id));
	list_init(&h->window);
	list_init(&h->lines);
	table_init(&h->by_doc, (uint64_t)(uintptr_t)h);
	h->listener.take = take;
	h->listener.has_room = has_room;
	h->listener.ready = ready;
	list_push(&hs->all, &h->node);
	return h;
}

void
hook_begin(struct hook *h)
{
	outbox_listen(h->hooks->outbox, &h->listener, &h->settled);
}

static void
lines_free(struct hook *h)
{
	struct list *node;

	while (!list_empty(&h->lines)) {
		struct line *line = LIST_ITEM(h->lines.next, struct line,
		    node);

		while ((node = list_shift(&line->waiting)) != NULL) {
			struct delivery *d = LIST_ITEM(node, struct delivery,
			    in_line);

			if (d->fetch != NULL)
				fetch_drop(d->fetch);
			delivery_free(d);
		}
		line_free(line);
	}
}

void
hook_free(struct hook *h)
{
	struct list *node, *next;

	outbox_leave(&h->listener);
	LIST_EACH(&h->hooks->errands, node, next) {
		struct errand *e = LIST_ITEM(node, struct errand, node);

		if (e->hook == h)
			e->hook = NULL;
	}
	lines_free(h);
	while ((node = list_shift(&h->window)) != NULL)
		delivery_free(LIST_ITEM(node, struct delivery, in_window));
	table_done(&h->by_doc);
	list_remove(&h->node);
	for (size_t i = 0; i < h->n_patterns; i++)
		free(h->patterns[i]);
	free(h->patterns);
	free(h->done);
	free(h->id);
	free(h->url);
	free(h->secret);
	free(h->old_secret);
	free(h);
}

/* ---- all of them ---- */

struct hooks *
hooks_new(struct desk *desk, struct outbox *outbox, struct fetcher *fetcher,
    uint64_t node, const struct hook_settings *settings)
{
	struct hooks *hs = mem_get(sizeof(*hs));

	hs->desk = desk;
	hs->outbox = outbox;
	hs->fetcher = fetcher;
	hs->settings = *settings;
	snprintf(hs->holder, sizeof(hs->holder), "%016" PRIx64, node);
	list_init(&hs->all);
	list_init(&hs->errands);
	return hs;
}

static void
nothing(struct errand *e, struct job *job)
{
	(void)e;
	(void)job;
}

static bool
is_flying(const struct hooks *hs)
{
	const struct list *node;

	for (node = hs->all.next; node != &hs->all; node = node->next)
		if (LIST_ITEM(node, struct hook, node)->n_flying > 0)
			return true;
	return false;
}

/* What was taken is kept, and others may have them. */
static void
let_go(struct hooks *hs)
{
	struct list *node, *next;

	hs->is_stopped = true;
	LIST_EACH(&hs->all, node, next) {
		struct hook *h = LIST_ITEM(node, struct hook, node);

		h->is_saving = false;	/* the last word counts */
		hook_save(h);
		hook_free(h);
	}
	desk_ask(hs->desk, rows_new(ROWS_HOOKS_RELEASE, errand_settle,
	    errand_new(hs, NULL, nothing), hs->holder));
}

void
hooks_tick(struct hooks *hs, uint64_t now_ms, int64_t wall_ms)
{
	struct list *node, *next;

	hs->now_ms = now_ms;
	hs->wall_ms = wall_ms;
	if (hs->is_stopped)
		return;
	if (hs->is_stopping) {
		if (!is_flying(hs))
			let_go(hs);
		return;
	}
	hooks_lease(hs);
	LIST_EACH(&hs->all, node, next)
		hook_send(LIST_ITEM(node, struct hook, node));
}

void
hooks_changed(struct hooks *hs)
{
	hs->lease_ms = 0;
}

void
hooks_stop(struct hooks *hs)
{
	hs->is_stopping = true;
}

bool
hooks_are_quiet(const struct hooks *hs)
{
	return hs->is_stopped && list_empty(&hs->errands);
}

void
hooks_free(struct hooks *hs)
{
	struct list *node, *next;

	if (hs == NULL)
		return;
	LIST_EACH(&hs->all, node, next)
		hook_free(LIST_ITEM(node, struct hook, node));
	while ((node = list_shift(&hs->errands)) != NULL)
		free(LIST_ITEM(node, struct errand, node));
	free(hs);
}

void
hooks_count(const struct hooks *hs, struct hook_counts *counts_out)
{
	const struct list *node;
	enum breaker_state state;

	*counts_out = hs->counts;
	for (node = hs->all.next; node != &hs->all; node = node->next) {
		const struct hook *h = LIST_ITEM(node, struct hook, node);

		counts_out->held++;
		counts_out->waiting += h->n_waiting;
		state = breaker_count(&h->receiver).state;
		counts_out->open += state != BREAKER_CLOSED;
		counts_out->half_open += state == BREAKER_HALF_OPEN;
	}
}
