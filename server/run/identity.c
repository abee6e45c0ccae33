/*
 * identity: see identity.h.
 */
#include "run/identity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/gate.h"
#include "auth/users.h"
#include "base/list.h"
#include "base/mem.h"
#include "core/hub.h"
#include "run/secret.h"

struct identity {
	struct hub		*hub;
	struct gate		*gate;
	struct gate_settings	 settings;	/* of the gate */
	struct users		*users;		/* NULL: --users off */
	struct list		 renewals;	/* struct renewal */
};

/* A session that waits for the gate's word on its new token. */
struct renewal {
	struct list		 node;		/* identity->renewals */
	struct identity		*identity;
	uint64_t		 session;	/* ordinal: it may leave meanwhile */
	void			*wait;		/* the gate's */
};

static const char *
text_or_null(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

static void
settings_of(const struct config *c, uint64_t seed, struct gate_settings *out)
{
	*out = (struct gate_settings){
		.asks = c->auth == AUTH_JWT,
		.anonymous = c->anonymous,
		.keys = {
			.secret = text_or_null(c->jwt_secret),
			.pem_files = c->jwt_key.text,
			.n_pem_files = c->jwt_key.n,
			.jwks = text_or_null(c->jwt_jwks),
			.allowed = config_algorithms(c),
		},
		.issuer = text_or_null(c->jwt_issuer),
		.audiences = c->jwt_audience.text,
		.n_audiences = c->jwt_audience.n,
		/* A second is what tokens count in. */
		.leeway_s = (c->jwt_leeway + 999) / 1000,
		.remember = c->max_tokens,
		.poll_ms = c->access_poll,
		.seed = seed,
	};
}

void
identity_users_settings(const struct config *c, const char *secret,
    struct users_settings *out)
{
	*out = (struct users_settings){
		.signup = (enum users_signup)c->signup,
		.access_ms = c->access_ttl,
		.refresh_ms = c->refresh_ttl,
		.cost = { c->password_memory, c->password_passes },
		.tries = c->login_tries,
		.window_ms = c->login_window,
	};
	secret_derive(secret, "access token", out->key, sizeof(out->key));
}

static bool
start_users(struct identity *i, const struct identity_place *p, char *fault)
{
	struct users_settings settings;

	if (p->secret == NULL) {
		snprintf(fault, KEYS_WHY, "--users on wants the database's "
		    "secret, which cannot be read");
		return false;
	}
	identity_users_settings(p->config, p->secret, &settings);
	i->users = users_new(&settings, p->loop, p->seed);
	explicit_bzero(&settings, sizeof(settings));
	if (i->users == NULL) {
		snprintf(fault, KEYS_WHY, "--users on: the system refuses "
		    "threads, or --password-memory");
		return false;
	}
	i->settings.own_key = i->users->settings.key;
	return true;
}

struct identity *
identity_new(const struct identity_place *p, char *why, size_t why_size)
{
	struct identity *i = mem_get(sizeof(*i));
	char fault[KEYS_WHY];

	i->hub = p->hub;
	list_init(&i->renewals);
	settings_of(p->config, p->seed, &i->settings);
	if (!p->config->users || start_users(i, p, fault))
		i->gate = gate_new(&i->settings, p->desk, p->fetcher, fault);
	if (i->gate == NULL) {
		snprintf(why, why_size, "%s", fault);
		identity_free(i);
		return NULL;
	}
	return i;
}

static void
renewal_free(struct renewal *r)
{
	list_remove(&r->node);
	free(r);
}

void
identity_free(struct identity *i)
{
	if (i == NULL)
		return;
	while (!list_empty(&i->renewals))
		renewal_free(LIST_ITEM(i->renewals.next, struct renewal, node));
	gate_free(i->gate);
	users_free(i->users);
	free(i);
}

struct gate *
identity_gate(const struct identity *i)
{
	return i->gate;
}

struct users *
identity_users(const struct identity *i)
{
	return i->users;
}

void
identity_reload(struct identity *i)
{
	gate_reload(i->gate);
}

/* ---- sessions with a new token ---- */

static void
on_renewal(void *arg, enum gate_verdict verdict, struct principal *who,
    const char *why)
{
	struct renewal *r = arg;
	struct session *ss = hub_session(r->identity->hub, r->session);

	(void)verdict;
	if (ss != NULL)
		hub_renew(r->identity->hub, ss, who, why);
	else
		principal_unref(who);
	renewal_free(r);
}

static void
renew(struct identity *i, struct session *ss, const char *token)
{
	const struct gate_shown shown = { .token = token };
	struct renewal *r = mem_get(sizeof(*r));
	struct principal *who = NULL;
	const char *why = NULL;

	*r = (struct renewal){ .identity = i,
	    .session = session_ordinal(ss) };
	list_push(&i->renewals, &r->node);
	if (gate_check(i->gate, &shown, on_renewal, r, &who, &why,
	    &r->wait) == GATE_LATER)
		return;
	renewal_free(r);
	hub_renew(i->hub, ss, who, why);
}

/* ---- the turn ---- */

static void
tell(struct identity *i, const struct gate_change *change)
{
	switch (change->kind) {
	case GATE_REVOKED:
		hub_revoke(i->hub, change->token_id, change->subject,
		    change->before_s);
		break;
	case GATE_REGRANTED:
		hub_regrant(i->hub, change->collection, change->id,
		    change->subject);
		break;
	}
}

void
identity_turn(struct identity *i, uint64_t now_ms, int64_t wall_ms)
{
	struct gate_change change;
	struct session *ss;
	const char *token;

	gate_tick(i->gate, now_ms, wall_ms);
	while (gate_next_change(i->gate, &change)) {
		tell(i, &change);
		gate_change_done(&change);
	}
	while ((ss = hub_next_renewal(i->hub, &token)) != NULL)
		renew(i, ss, token);
}
