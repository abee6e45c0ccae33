/*
 * hook_lease: which webhooks are delivered here, and how far they are.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "core/desk.h"
#include "core/rows.h"
#include "ot/json_value.h"
#include "rest/hook_in.h"

#define LOOK_MS		2000	/* leases are asked for at least so often */
#define SAVE_MS		200	/* progress is saved so often */
#define DRIFT_MS	10000	/* what went by and was not wanted, so often */
#define REPLAYS		100	/* dead letters sent again at once */

/* ---- a row becomes a hook ---- */

/* Strings of a JSON list that we wrote; none when it is something else. */
static struct json *
list_parse(const char *text)
{
	struct json *list = NULL;
	struct ot_err err;

	if (text == NULL ||
	    json_parse(text, strlen(text), 0, &list, &err) != 0)
		return NULL;
	if (json_kind(list) == JSON_LIST)
		return list;
	json_unref(list);
	return NULL;
}

static char *
item_text(const struct json *list, size_t i)
{
	struct json *item = json_list_at(list, i);
	struct buf b = BUF_INIT;
	char *text;

	if (json_kind(item) == JSON_STRING)
		json_string_put(item, &b, 0);
	text = mem_copy(b.len > 0 ? b.data : "", b.len);
	buf_done(&b);
	return text;
}

static void
read_patterns(struct hook *h, const char *text)
{
	struct json *list = list_parse(text);
	size_t i, n = list != NULL ? json_list_len(list) : 0;

	for (i = 0; i < h->n_patterns; i++)
		free(h->patterns[i]);
	h->patterns = mem_grow(h->patterns, n + 1, sizeof(*h->patterns));
	for (i = 0; i < n; i++)
		h->patterns[i] = item_text(list, i);
	h->n_patterns = n;
	json_unref(list);
}

static void
read_kinds(struct hook *h, const char *text)
{
	struct json *list = list_parse(text);
	size_t i, n = list != NULL ? json_list_len(list) : 0;

	h->kinds = 0;
	for (i = 0; i < n; i++) {
		char *kind = item_text(list, i);

		h->kinds |= hook_kind_bit(kind);
		free(kind);
	}
	json_unref(list);
}

static void
set_text(char **slot, const char *text)
{
	free(*slot);
	*slot = text != NULL ? mem_copy(text, strlen(text)) : NULL;
}

/* What may change while we hold it; columns as ROWS_HOOKS_LEASE says. */
static void
hook_set(struct hook *h, const struct job *job, size_t row)
{
	set_text(&h->url, rows_cell(job, row, 1));
	set_text(&h->secret, rows_cell(job, row, 2));
	set_text(&h->old_secret, rows_cell(job, row, 3));
	h->old_until_ms = rows_number(job, row, 4, 0);
	read_patterns(h, rows_cell(job, row, 5));
	read_kinds(h, rows_cell(job, row, 6));
}

static struct place
row_place(const struct job *job, size_t row)
{
	return (struct place){
		(uint64_t)rows_number(job, row, 7, 0),
		(uint64_t)rows_number(job, row, 8, 0),
	};
}

static void
read_done(struct hook *h, const char *text)
{
	struct place place;
	const char *end;

	while (text != NULL && place_read(text, &place, &end)) {
		h->done = mem_grow(h->done, h->n_done + 1, sizeof(*h->done));
		h->done[h->n_done++] = place;
		text = end + (*end == ' ');
	}
}

static struct hook *
hook_take(struct hooks *hs, const struct job *job, size_t row)
{
	struct hook *h = hook_new(hs, rows_cell(job, row, 0));

	hook_set(h, job, row);
	h->settled = row_place(job, row);
	read_done(h, rows_cell(job, row, 9));
	breaker_restore(&h->receiver, (unsigned)rows_number(job, row, 10, 0),
	    (uint64_t)rows_number(job, row, 11, 0));
	hook_begin(h);
	return h;
}

static struct hook *
hook_find(struct hooks *hs, const char *id)
{
	struct list *node, *next;

	LIST_EACH(&hs->all, node, next) {
		struct hook *h = LIST_ITEM(node, struct hook, node);

		if (strcmp(h->id, id) == 0)
			return h;
	}
	return NULL;
}

/* ---- what is to be sent again ---- */

static void
got_replays(struct errand *e, struct job *job)
{
	struct hook *h = e->hook;
	size_t i;

	if (h == NULL)
		return;
	h->is_asking = false;
	if (job->err != ERR_NONE)
		return;
	for (i = 0; i < job->rows.n_rows; i++) {
		const struct place place = {
			(uint64_t)rows_number(job, i, 0, 0),
			(uint64_t)rows_number(job, i, 1, 0),
		};

		hook_replay(h, &place, rows_cell(job, i, 2),
		    rows_cell(job, i, 3), rows_cell(job, i, 4));
	}
}

static void
ask_replays(struct hook *h)
{
	char n[24];

	if (h->is_asking || h->n_replaying > 0)
		return;
	h->is_asking = true;
	snprintf(n, sizeof(n), "%d", REPLAYS);
	desk_ask(h->hooks->desk, rows_new(ROWS_HOOK_REPLAYS, errand_settle,
	    errand_new(h->hooks, h, got_replays), h->id, n));
}

/* ---- saving ---- */

/* What is settled behind the first that is not. */
static void
put_settled(struct buf *b, const struct hook *h)
{
	const struct list *node;
	char text[PLACE_TEXT];

	for (node = h->window.next; node != &h->window; node = node->next) {
		const struct delivery *d = LIST_ITEM(node, struct delivery,
		    in_window);

		if (d->line != NULL)
			continue;
		if (b->len > 0)
			buf_putc(b, ' ');
		place_print(&d->place, text);
		buf_puts(b, text);
	}
	buf_putc(b, '\0');
	if (buf_failed(b))
		bug("hook: no memory for its progress");
}

static void
saved(struct errand *e, struct job *job)
{
	struct hook *h = e->hook;

	if (h == NULL)
		return;
	h->is_saving = false;
	if (job->err != ERR_NONE) {
		h->is_dirty = true;
		return;
	}
	if (job->rows.n_rows > 0)
		return;
	log_line(LOG_INFO, "hooks", "webhook \"%s\" is delivered by another "
	    "process now", h->id);
	hook_free(h);
	hooks_changed(e->hooks);
}

void
hook_save(struct hook *h)
{
	struct hooks *hs = h->hooks;
	char xid[24], serial[24], failures[24], until[24];
	struct buf settled = BUF_INIT;

	if (h->is_saving || (!h->is_dirty && !h->has_drifted))
		return;
	h->is_dirty = h->has_drifted = false;
	h->is_saving = true;
	h->saved_ms = hs->now_ms;
	put_settled(&settled, h);
	snprintf(xid, sizeof(xid), "%" PRIu64, h->settled.xid);
	snprintf(serial, sizeof(serial), "%" PRIu64, h->settled.serial);
	snprintf(failures, sizeof(failures), "%u", h->receiver.failures);
	snprintf(until, sizeof(until), "%" PRIu64, h->receiver.until_ms);
	desk_ask(hs->desk, rows_new(ROWS_HOOK_SAVE, errand_settle,
	    errand_new(hs, h, saved), h->id, hs->holder, xid, serial,
	    settled.data, failures, h->receiver.until_ms > 0 ? until : NULL));
	buf_done(&settled);
}

/* ---- leases ---- */

static void
leased_one(struct hooks *hs, const struct job *job, size_t row,
    uint64_t until_ms)
{
	struct hook *h = hook_find(hs, rows_cell(job, row, 0));
	int64_t tenure = rows_number(job, row, 13, 0);

	/* Somebody else has had it meanwhile: what we know of it is old. */
	if (h != NULL && h->tenure != tenure) {
		hook_free(h);
		h = NULL;
	}
	if (h == NULL)
		h = hook_take(hs, job, row);
	else
		hook_set(h, job, row);
	h->is_seen = true;
	h->tenure = tenure;
	h->leased_ms = until_ms;
	if (rows_number(job, row, 12, 0) > 0)
		ask_replays(h);
}

static void
leased(struct errand *e, struct job *job)
{
	struct hooks *hs = e->hooks;
	uint64_t until_ms = hs->asked_ms + hs->settings.lease_ms;
	struct list *node, *next;
	size_t i;

	hs->is_leasing = false;
	if (job->err != ERR_NONE || hs->is_stopping)
		return;
	LIST_EACH(&hs->all, node, next)
		LIST_ITEM(node, struct hook, node)->is_seen = false;
	for (i = 0; i < job->rows.n_rows; i++)
		leased_one(hs, job, i, until_ms);
	LIST_EACH(&hs->all, node, next) {
		struct hook *h = LIST_ITEM(node, struct hook, node);

		if (!h->is_seen)	/* disabled, dropped, or another's */
			hook_free(h);
	}
}

void
hooks_lease(struct hooks *hs)
{
	uint64_t every_ms = hs->settings.lease_ms / 3 < LOOK_MS ?
	    hs->settings.lease_ms / 3 : LOOK_MS;
	struct list *node, *next;
	char lease[24];

	LIST_EACH(&hs->all, node, next) {
		struct hook *h = LIST_ITEM(node, struct hook, node);

		if (hs->now_ms - h->saved_ms >=
		    (h->is_dirty ? SAVE_MS : DRIFT_MS))
			hook_save(h);
	}
	if (hs->is_leasing || hs->now_ms < hs->lease_ms)
		return;
	hs->is_leasing = true;
	hs->asked_ms = hs->now_ms;
	hs->lease_ms = hs->now_ms + every_ms;
	snprintf(lease, sizeof(lease), "%" PRIu64, hs->settings.lease_ms);
	desk_ask(hs->desk, rows_new(ROWS_HOOKS_LEASE, errand_settle,
	    errand_new(hs, NULL, leased), hs->holder, lease));
}
