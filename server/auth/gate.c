#include "auth/gate.h"

#include <stdlib.h>
#include <string.h>

#include "auth/gate_in.h"
#include "auth/link.h"
#include "base/mem.h"
#include "core/desk.h"

#define WAIT_MS		8000	/* more than a fetch takes */
#define WAITS_MAX	10000

static const char *const own_audience[] = { GATE_OWN_NAME };
static const char not_yet[] = "the server cannot tell yet whether the token "
    "was revoked; come again";

/* ---- beginning and ending ---- */

static void
take_keys(struct gate *g)
{
	struct keys keys;

	keys_init(&keys);
	keyring_copy(g->keyring, &keys);
	tokens_set_keys(g->tokens, &keys);
}

static void
make_own(struct gate *g)
{
	struct keys keys;
	char why[KEYS_WHY];

	g->own_rules = (struct token_rules){
		.issuer = GATE_OWN_NAME,
		.audiences = own_audience,
		.n_audiences = 1,
		.remember = g->settings->remember,
	};
	keys_init(&keys);
	if (!keys_add_secret(&keys, g->settings->own_key, GATE_OWN_KEY,
	    KEY_HS256, why))
		bug(why);
	keys.all[0].id = mem_copy(GATE_OWN_NAME, strlen(GATE_OWN_NAME));
	g->own = tokens_new(&g->own_rules, g->settings->seed);
	tokens_set_keys(g->own, &keys);
}

struct gate *
gate_new(const struct gate_settings *settings, struct desk *desk,
    struct fetcher *fetcher, char *why)
{
	struct gate *g = mem_get(sizeof(*g));

	g->settings = settings;
	g->desk = desk;
	list_init(&g->waits);
	list_init(&g->asked);
	g->rules = (struct token_rules){
		.issuer = settings->issuer,
		.audiences = (const char *const *)settings->audiences,
		.n_audiences = settings->n_audiences,
		.leeway_s = settings->leeway_s,
		.remember = settings->remember,
	};
	revoked_init(&g->revoked, settings->seed);
	changes_init(&g->changes, desk, &g->revoked, settings->poll_ms,
	    settings->seed);
	g->tokens = tokens_new(&g->rules, settings->seed);
	if (settings->own_key != NULL)
		make_own(g);
	g->keyring = keyring_new(&settings->keys, fetcher, why);
	if (g->keyring == NULL) {
		gate_free(g);
		return NULL;
	}
	take_keys(g);
	return g;
}

static void
wait_free(struct wait *w)
{
	list_remove(&w->node);
	free(w->token);
	free(w->link);
	free(w);
}

void
gate_free(struct gate *g)
{
	if (g == NULL)
		return;
	while (!list_empty(&g->waits))
		wait_free(LIST_ITEM(g->waits.next, struct wait, node));
	while (!list_empty(&g->asked))
		wait_free(LIST_ITEM(g->asked.next, struct wait, node));
	keyring_free(g->keyring);
	changes_done(&g->changes);
	revoked_done(&g->revoked);
	tokens_free(g->tokens);
	tokens_free(g->own);
	free(g);
}

void
gate_reload(struct gate *g)
{
	keyring_reload(g->keyring);
}

struct breaker_counts
gate_keys_breaker(const struct gate *g)
{
	return keyring_breaker(g->keyring);
}

void
gate_hurry(struct gate *g)
{
	changes_hurry(&g->changes);
}

/* ---- those who wait ---- */

struct wait *
wait_new(struct gate *g, bool has_job, gate_settle *settle, void *arg)
{
	struct wait *w = mem_get(sizeof(*w));

	list_push(has_job ? &g->asked : &g->waits, &w->node);
	w->has_job = has_job;
	w->gate = g;
	w->until_ms = g->now_ms + WAIT_MS;
	w->settle = settle;
	w->arg = arg;
	return w;
}

void
wait_settle(struct wait *w, enum gate_verdict verdict, struct principal *who,
    const char *why)
{
	gate_settle *settle = w->settle;
	void *arg = w->arg;

	wait_free(w);
	if (settle != NULL)
		settle(arg, verdict, who, why);
	else
		principal_unref(who);
}

void
gate_forget(struct gate *g, void *wait)
{
	struct wait *w = wait;

	w->settle = NULL;
	if (w->has_job)
		return;
	g->n_waits--;
	wait_free(w);
}

/* ---- who is it? ---- */

enum gate_verdict
gate_admit(struct gate *g, struct principal *who, const char *link,
    struct principal **who_out, const char **why_out)
{
	char subject[LINK_TEXT];

	if (revoked_has(&g->revoked, who, g->wall_ms)) {
		principal_unref(who);
		*why_out = "the token was revoked";
		return GATE_OUT;
	}
	*who_out = who;
	if (link != NULL) {
		link_subject(link, subject);
		*who_out = principal_with_link(who, subject);
		principal_unref(who);
	}
	return GATE_IN;
}

/*
 * Our own key first: what it has not signed is for the others.  *missed_out:
 * it names a key that is not known.
 */
static struct principal *
token_bearer(struct gate *g, const char *token, const char **why_out,
    bool *missed_out)
{
	uint64_t now_s = (uint64_t)(g->wall_ms / 1000);
	size_t len = strlen(token);
	struct principal *who;

	*missed_out = false;
	if (g->own != NULL) {
		who = tokens_check(g->own, token, len, now_s, why_out);
		if (who != NULL || tokens_fault(g->own) == TOKEN_BAD_CLAIMS)
			return who;
	}
	who = tokens_check(g->tokens, token, len, now_s, why_out);
	*missed_out = who == NULL && tokens_fault(g->tokens) == TOKEN_NO_KEY;
	/* Nobody else signs in our name: accounts are told by it. */
	if (who != NULL && g->own != NULL && who->issuer != NULL &&
	    strcmp(who->issuer, GATE_OWN_NAME) == 0) {
		principal_unref(who);
		who = NULL;
		*why_out = "the token is from another issuer";
	}
	return who;
}

/* GATE_LATER: it may be otherwise soon; *has_missed is for the next time. */
static enum gate_verdict
judge(struct gate *g, const char *token, const char *link, bool *has_missed,
    struct principal **who_out, const char **why_out)
{
	struct principal *who;
	bool missed;

	/* A revoked token must not slip in while the list is being read. */
	if (!g->changes.is_loaded) {
		*why_out = not_yet;
		return GATE_LATER;
	}
	who = token_bearer(g, token, why_out, &missed);
	if (who != NULL)
		return gate_admit(g, who, link, who_out, why_out);
	if (missed && (*has_missed ? keyring_is_asking(g->keyring) :
	    keyring_missed(g->keyring))) {
		*has_missed = true;
		return GATE_LATER;
	}
	return GATE_OUT;
}

static enum gate_verdict
token_check(struct gate *g, const struct gate_shown *shown,
    gate_settle *settle, void *arg, struct principal **who_out,
    const char **why_out, void **wait_out)
{
	bool has_missed = false;
	enum gate_verdict verdict = judge(g, shown->token, shown->link,
	    &has_missed, who_out, why_out);
	struct wait *w;

	if (verdict != GATE_LATER)
		return verdict;
	if (g->n_waits >= WAITS_MAX ||
	    strlen(shown->token) > TOKEN_BYTES_MAX) {
		*why_out = g->n_waits >= WAITS_MAX ?
		    "too many wait; come again" : "the token is too long";
		return GATE_OUT;
	}
	w = wait_new(g, false, settle, arg);
	w->token = mem_copy(shown->token, strlen(shown->token));
	w->link = shown->link == NULL ? NULL :
	    mem_copy(shown->link, strlen(shown->link));
	w->has_missed = has_missed;
	g->n_waits++;
	*wait_out = w;
	return GATE_LATER;
}

enum gate_verdict
gate_check(struct gate *g, const struct gate_shown *shown,
    gate_settle *settle, void *arg, struct principal **who_out,
    const char **why_out, void **wait_out)
{
	const char *link = shown->link;

	if (!g->settings->asks) {
		*who_out = NULL;
		return GATE_IN;
	}
	/* It stays good: it is good once, and was not asked about. */
	if (shown->ticket != NULL && !g->changes.is_loaded) {
		*why_out = not_yet;
		return GATE_OUT;
	}
	if (shown->ticket != NULL) {
		*wait_out = ticket_ask(g, shown->ticket, settle, arg);
		return GATE_LATER;
	}
	if (shown->token != NULL && !link_is(shown->token))
		return token_check(g, shown, settle, arg, who_out, why_out,
		    wait_out);
	if (shown->token != NULL)
		link = shown->token;
	if (link != NULL) {
		*wait_out = link_ask(g, link, settle, arg);
		return GATE_LATER;
	}
	*who_out = NULL;
	*why_out = "there is no token";
	return g->settings->anonymous ? GATE_IN : GATE_OUT;
}

/* ---- time ---- */

/* Judge once more those who wait; all when something has changed. */
static void
look_at_waits(struct gate *g, bool has_changed)
{
	struct list waiting;
	struct list *node;

	list_init(&waiting);
	list_splice(&waiting, &g->waits);
	while ((node = list_shift(&waiting)) != NULL) {
		struct wait *w = LIST_ITEM(node, struct wait, node);
		struct principal *who = NULL;
		const char *why = "the server could not check it in time; "
		    "come again";
		enum gate_verdict verdict = GATE_LATER;

		if (has_changed)
			verdict = judge(g, w->token, w->link, &w->has_missed,
			    &who, &why);
		if (verdict == GATE_LATER && g->now_ms >= w->until_ms)
			verdict = GATE_OUT;
		if (verdict == GATE_LATER) {
			list_push(&g->waits, &w->node);
			continue;
		}
		g->n_waits--;
		wait_settle(w, verdict, who, why);
	}
}

void
gate_tick(struct gate *g, uint64_t now_ms, int64_t wall_ms)
{
	bool has_changed;

	g->now_ms = now_ms;
	g->wall_ms = wall_ms;
	if (!g->settings->asks)
		return;
	has_changed = keyring_tick(g->keyring, now_ms);
	if (has_changed)
		take_keys(g);
	changes_tick(&g->changes, now_ms, wall_ms);
	look_at_waits(g, has_changed || g->changes.is_loaded != g->was_loaded);
	g->was_loaded = g->changes.is_loaded;
}

/* ---- what changed ---- */

bool
gate_next_change(struct gate *g, struct gate_change *change_out)
{
	return changes_next(&g->changes, change_out);
}

void
gate_change_done(struct gate_change *change)
{
	free(change->token_id);
	free(change->subject);
	free(change->collection);
	free(change->id);
}
