/*
 * hook_send: deliveries: when, how, and what their answers mean.
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
#include "rest/hook_in.h"
#include "rest/hook_sign.h"

#define ANSWER_MAX	1048576	/* bytes of an answer, which nobody reads */
#define HTTP_GONE	410
#define LATEST_MS	3600000	/* a receiver may ask for so much patience */
#define DOUBLINGS_MAX	20
#define AGAIN_MS	1000	/* the store failed: again after this */
#define IDLE_MS		1000	/* look at all lines at least so often */
#define LEASE_LEFT_MS	20	/* less than this is no time to begin */

/* ---- the circuit breaker ---- */

static uint64_t
wall_ms(const struct hook *h)
{
	return (uint64_t)h->hooks->wall_ms;
}

static void
note_failure(struct hook *h)
{
	struct breaker *b = &h->receiver;
	bool was_open = breaker_is_open(b);

	h->hooks->counts.failed++;
	h->is_dirty = true;
	breaker_failed(b, wall_ms(h));
	if (was_open || !breaker_is_open(b))
		return;
	h->hooks->counts.opened++;
	log_line(LOG_WARN, "hooks", "webhook \"%s\" is left alone for a "
	    "while: %u attempts failed in a row", h->id, b->failures);
}

static void
note_success(struct hook *h)
{
	h->hooks->counts.delivered++;
	if (breaker_is_open(&h->receiver))
		log_line(LOG_INFO, "hooks", "webhook \"%s\" is well again",
		    h->id);
	breaker_worked(&h->receiver);
}

/* May a delivery begin?  Of a receiver that is ill, as the probe. */
static bool
may_try(struct hook *h)
{
	if (!breaker_try(&h->receiver, wall_ms(h)))
		return false;
	h->hooks->counts.probes += breaker_is_open(&h->receiver);
	return true;
}

/* ---- again, later ---- */

/*
 * Doubling, of which up to half by chance, so that what failed together does
 * not come back together.
 */
static uint64_t
retry_ms(const struct hook_settings *s, unsigned attempts)
{
	unsigned doublings = attempts - 1;
	uint64_t ms = s->retry_ms << (doublings < DOUBLINGS_MAX ? doublings :
	    DOUBLINGS_MAX);
	uint32_t chance = 0;

	if (ms > s->retry_max_ms)
		ms = s->retry_max_ms;
	if (getrandom(&chance, sizeof(chance), 0) != sizeof(chance))
		chance = 0;
	return ms - ms / 2 * chance / UINT32_MAX;
}

static void	 give_up(struct delivery *d);

static void
gave_up(struct errand *e, struct job *job)
{
	struct delivery *d = e->delivery;

	if (e->hook == NULL)
		return;
	if (job->err != ERR_NONE) {
		/* Its line stays as it is, and the next look tries again. */
		d->line->is_flying = false;
		d->line->not_before_ms = e->hooks->now_ms + AGAIN_MS;
		return;
	}
	e->hooks->counts.dead++;
	delivery_settle(d);
}

/* A dead letter: when that is written, its document goes on. */
static void
give_up(struct delivery *d)
{
	struct hook *h = d->line->hook;
	struct errand *e = errand_new(h->hooks, h, gave_up);
	char xid[24], serial[24], attempts[24], status[24];

	e->delivery = d;
	d->line->is_flying = true;
	snprintf(xid, sizeof(xid), "%" PRIu64, d->place.xid);
	snprintf(serial, sizeof(serial), "%" PRIu64, d->place.serial);
	snprintf(attempts, sizeof(attempts), "%u", d->attempts);
	snprintf(status, sizeof(status), "%d", d->status);
	desk_ask(h->hooks->desk, rows_new(ROWS_HOOK_DEAD_PUT, errand_settle,
	    e, h->id, xid, serial, d->line->collection, d->line->id,
	    d->payload, attempts, d->status > 0 ? status : NULL, d->why));
}

static void
replay_forgotten(struct errand *e, struct job *job)
{
	(void)job;			/* it failed: it is told once more */
	if (e->hook != NULL)
		delivery_settle(e->delivery);
}

/* A dead letter was delivered after all. */
static void
forget_replay(struct delivery *d)
{
	struct hook *h = d->line->hook;
	struct errand *e = errand_new(h->hooks, h, replay_forgotten);
	char xid[24], serial[24];

	e->delivery = d;
	d->line->is_flying = true;
	snprintf(xid, sizeof(xid), "%" PRIu64, d->place.xid);
	snprintf(serial, sizeof(serial), "%" PRIu64, d->place.serial);
	desk_ask(h->hooks->desk, rows_new(ROWS_HOOK_DEAD_DROP, errand_settle,
	    e, h->id, xid, serial));
}

/* ---- the answer ---- */

static void
disabled(struct errand *e, struct job *job)
{
	(void)job;			/* it failed: the next try says so again */
	hooks_changed(e->hooks);
}

/* 410 Gone: it wants no more, as Standard Webhooks has it. */
static void
disable(struct hook *h)
{
	log_line(LOG_WARN, "hooks", "webhook \"%s\" is disabled: its receiver "
	    "says that it is gone", h->id);
	desk_ask(h->hooks->desk, rows_new(ROWS_HOOK_CHANGE, errand_settle,
	    errand_new(h->hooks, h, disabled), h->id, NULL, NULL, NULL, "1"));
}

static void
failed(struct delivery *d, const struct fetch_answer *a)
{
	struct hook *h = d->line->hook;
	uint64_t wait_ms, asked_ms = a->retry_after_s < LATEST_MS / 1000 ?
	    a->retry_after_s * 1000 : LATEST_MS;

	free(d->why);
	d->why = a->why != NULL ? mem_copy(a->why, strlen(a->why)) : NULL;
	d->status = a->status;
	note_failure(h);
	if (a->status == HTTP_GONE)
		disable(h);
	if (d->attempts >= h->hooks->settings.attempts) {
		give_up(d);
		return;
	}
	wait_ms = retry_ms(&h->hooks->settings, d->attempts);
	d->line->not_before_ms = h->hooks->now_ms +
	    (wait_ms > asked_ms ? wait_ms : asked_ms);
}

static void
on_answer(void *arg, const struct fetch_answer *a)
{
	struct delivery *d = arg;
	struct hook *h = d->line->hook;

	d->fetch = NULL;
	d->attempts++;
	d->line->is_flying = false;
	h->n_flying--;
	h->look_ms = 0;
	if (a->status < 200 || a->status > 299) {
		failed(d, a);
		return;
	}
	note_success(h);
	if (d->is_replay)
		forget_replay(d);
	else
		delivery_settle(d);
}

/* ---- the request ---- */

struct fetch *
hook_post(struct hooks *hs, const char *url, const char *secret,
    const char *old_secret, const char *id, const char *payload,
    uint64_t timeout_ms, fetch_done *done, void *arg)
{
	int64_t now_s = hs->wall_ms / 1000;
	struct buf signature = BUF_INIT;
	char webhook_id[128], timestamp[64], signed_by[256];
	const char *headers[] = {
		"Content-Type: application/json", webhook_id, timestamp,
		signed_by,
	};
	struct fetch_request r = {
		.url = url, .method = "POST",
		.headers = headers, .n_headers = 4,
		.body = payload, .body_len = strlen(payload),
		.timeout_ms = timeout_ms, .max_bytes = ANSWER_MAX,
		.inside = hs->settings.inside,
	};

	hook_sign(&signature, secret, id, now_s, payload, r.body_len);
	if (old_secret != NULL)
		hook_sign(&signature, old_secret, id, now_s, payload,
		    r.body_len);
	snprintf(webhook_id, sizeof(webhook_id), "webhook-id: %s", id);
	snprintf(timestamp, sizeof(timestamp), "webhook-timestamp: %" PRId64,
	    now_s);
	snprintf(signed_by, sizeof(signed_by), "webhook-signature: %.*s",
	    (int)signature.len, signature.data);
	buf_done(&signature);
	return fetch_start(hs->fetcher, &r, done, arg);
}

static void
delivery_send(struct delivery *d, uint64_t timeout_ms)
{
	struct hook *h = d->line->hook;
	char place[PLACE_TEXT], id[PLACE_TEXT + 8];
	bool old_signs = h->old_secret != NULL &&
	    h->hooks->wall_ms < h->old_until_ms;

	place_print(&d->place, place);
	snprintf(id, sizeof(id), "evt_%s", place);
	d->line->is_flying = true;
	h->n_flying++;
	d->fetch = hook_post(h->hooks, h->url, h->secret,
	    old_signs ? h->old_secret : NULL, id, d->payload, timeout_ms,
	    on_answer, d);
}

/* How long a delivery that begins now may take; 0: none may begin. */
static uint64_t
hook_timeout(const struct hook *h)
{
	uint64_t left_ms = h->leased_ms > h->hooks->now_ms ?
	    h->leased_ms - h->hooks->now_ms : 0;

	if (left_ms < LEASE_LEFT_MS)
		return 0;
	return left_ms < h->hooks->settings.timeout_ms ? left_ms :
	    h->hooks->settings.timeout_ms;
}

/* Of a receiver that is ill one delivery at a time, as a probe. */
static unsigned
hook_parallel(const struct hook *h)
{
	return breaker_is_open(&h->receiver) ? 1 : h->hooks->settings.parallel;
}

/* Its first delivery, if that may begin; else *look_ms may come nearer. */
static void
line_send(struct line *line, uint64_t timeout_ms, uint64_t *look_ms)
{
	struct hooks *hs = line->hook->hooks;
	struct delivery *d;

	if (line->is_flying)
		return;
	if (line->not_before_ms > hs->now_ms) {
		if (line->not_before_ms < *look_ms)
			*look_ms = line->not_before_ms;
		return;
	}
	d = LIST_ITEM(line->waiting.next, struct delivery, in_line);
	if (d->attempts >= hs->settings.attempts)
		give_up(d);		/* that could not be written */
	else if (may_try(line->hook))
		delivery_send(d, timeout_ms);
}

void
hook_send(struct hook *h)
{
	uint64_t now_ms = h->hooks->now_ms, timeout_ms = hook_timeout(h);
	uint64_t look_ms = now_ms + IDLE_MS, rest_ms;
	struct list *node, *next;

	if (now_ms < h->look_ms || timeout_ms == 0)
		return;
	if ((rest_ms = breaker_wait_ms(&h->receiver, wall_ms(h))) > 0) {
		h->look_ms = rest_ms < IDLE_MS ? now_ms + rest_ms : look_ms;
		return;
	}
	LIST_EACH(&h->lines, node, next) {
		if (h->n_flying >= hook_parallel(h))
			break;
		line_send(LIST_ITEM(node, struct line, node), timeout_ms,
		    &look_ms);
	}
	h->look_ms = look_ms;
}
