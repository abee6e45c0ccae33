/*
 * rights: who may what in a world with rules, and that nobody is told more.
 *
 * The crew, all who are in a world anyway, may do everything.  Guests may do
 * what is granted to them, one document at a time; grants come, go and expire
 * while they read, and each node hears of that some time later.
 *
 * What a frame for a guest shows it must have the right to by what the store
 * holds; or its node was not told yet, or is asking.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/doc.h"
#include "tests/sim/heard.h"
#include "tests/sim/world.h"

#define RULES	"{\"rules\":[{\"name\":\"crew\",\"who\":{\"roles\":" \
		"[\"crew\"]},\"allow\":\"*\"},{\"name\":\"ask\"," \
		"\"who\":\"authenticated\",\"allow\":[\"query\"]," \
		"\"collections\":[\"c\"]}],\"grants\":[\"c\"]}"

/* A change of grants on its way to a node. */
struct regrant {
	struct list	 node;
	char		 id[8], subject[8];
};

/* ---- beginning and end ---- */

static struct world *the_world;

static void
regranted(const char *collection, const char *id, const char *subject)
{
	struct regrant *r;
	struct node *n;

	(void)collection;
	for (n = the_world->nodes; n < the_world->nodes + the_world->n_nodes;
	    n++) {
		if (n->hub == NULL)
			continue;
		r = mem_get(sizeof(*r));
		snprintf(r->id, sizeof(r->id), "%s", id);
		snprintf(r->subject, sizeof(r->subject), "%s", subject);
		list_push(&n->regrants, &r->node);
	}
}

void
rights_begin(struct world *w)
{
	struct ot_err err;
	unsigned i, n;

	if (!maybe(w, 40))
		return;
	the_world = w;
	if (access_parse(RULES, strlen(RULES), &w->access, &err) != 0)
		violation(w, "no rules: %s", err.text);
	w->store.regranted = regranted;
	for (i = 0; i < w->n_nodes; i++)
		hub_set_access(w->nodes[i].hub, access_ref(w->access));
	n = 1 + (unsigned)below(w, WORLD_GUESTS);
	for (i = w->n_clients; i < w->n_clients + n; i++) {
		client_init(&w->clients[i], w, i);
		w->clients[i].guest = guest_new(&w->clients[i]);
	}
	w->n_clients += n;
}

void
rights_end(struct world *w)
{
	unsigned i;

	for (i = 0; i < w->n_nodes; i++)
		rights_drop(&w->nodes[i]);
	access_unref(w->access);
	w->access = NULL;
}

struct principal *
rights_principal(const struct world *w, const struct client *c)
{
	struct principal *p;
	struct ot_err err;
	char claims[64];

	if (w->access == NULL)
		return NULL;
	p = mem_get(sizeof(*p));
	p->refs = 1;
	p->subject = mem_copy(c->src, strlen(c->src));
	snprintf(claims, sizeof(claims), "{\"roles\":[\"%s\"]}",
	    c->guest != NULL ? "guest" : "crew");
	if (json_parse(claims, strlen(claims), 0, &p->claims, &err) != 0)
		bug("claims that are not JSON");
	return p;
}

/* ---- grants come and go ---- */

void
rights_turn(struct world *w)
{
	struct client *c;
	struct node *n;
	char id[8];
	enum access_role role;
	int64_t expires_ms = 0;

	if (w->access == NULL)
		return;
	n = &w->nodes[below(w, w->n_nodes)];
	if (n->hub != NULL && maybe(w, 10)) {
		/* The same once more: everybody is looked at again. */
		trace(w, "node %u: rules", n->number);
		hub_set_access(n->hub, access_ref(w->access));
		return;
	}
	/* Guests come last. */
	c = &w->clients[w->n_clients - 1 - below(w, WORLD_GUESTS)];
	if (c->guest == NULL)
		return;
	if (n->hub != NULL && maybe(w, 5)) {
		trace(w, "node %u: %s is revoked", n->number, c->src);
		hub_revoke(n->hub, NULL, c->src, 0);
		return;
	}
	snprintf(id, sizeof(id), "d%zu", below(w, CLIENT_DOCS));
	role = (enum access_role)below(w, ROLE_OWNER + 1);
	if (maybe(w, 20))
		expires_ms = (int64_t)w->now_ms + 1 + (int64_t)below(w, 1000);
	trace(w, "%s is %s of %s until %lld", c->src, role == ROLE_NONE ?
	    "nobody" : access_role_name(role), id, (long long)expires_ms);
	pretend_grant(&w->store, "c", id, c->src, role, expires_ms);
}

void
rights_renew(struct node *n)
{
	struct world *w = n->world;
	struct principal *who;
	const struct conn *c;
	struct session *ss;
	const char *token;

	while ((ss = hub_next_renewal(n->hub, &token)) != NULL) {
		c = session_owner(ss);
		who = NULL;
		if (c->client != NULL && maybe(w, 80))
			who = rights_principal(w, maybe(w, 80) ? c->client :
			    &w->clients[0]);
		hub_renew(n->hub, ss, who, "not good");
	}
}

bool
rights_tell(struct node *n)
{
	struct list *node = list_shift(&n->regrants);
	struct regrant *r;

	if (node == NULL)
		return false;
	r = LIST_ITEM(node, struct regrant, node);
	trace(n->world, "node %u: grants of %s have changed for %s", n->number,
	    r->id, r->subject);
	hub_regrant(n->hub, "c", r->id, r->subject);
	free(r);
	return true;
}

void
rights_drop(struct node *n)
{
	struct list *node;

	while ((node = list_shift(&n->regrants)) != NULL)
		free(LIST_ITEM(node, struct regrant, node));
}

/* ---- the witness ---- */

/*
 * Is it on its way to the node, or is the node asking?  While it asks, no
 * answer is sent; what readers and followers hear of is.
 */
static bool
is_being_told(const struct node *n, const char *id, bool is_answer)
{
	const struct doc *d = hub_doc_here(n->hub, "c", id);
	struct list *node, *next;

	LIST_EACH(&n->regrants, node, next)
		if (strcmp(LIST_ITEM(node, struct regrant, node)->id, id) == 0)
			return true;
	return !is_answer && d != NULL &&
	    (d->must_recheck || d->is_rechecking);
}

static void
must_be_allowed(struct world *w, const struct conn *c, const char *id,
    enum access_action action, const struct frame *f, bool is_answer)
{
	struct principal *who = rights_principal(w, c->client);
	struct grants grants = { NULL, 0 };
	struct access_question q = {
		.who = who, .action = action, .collection = "c", .id = id,
		.grants = &grants, .now_ms = (int64_t)w->now_ms,
	};
	char why[ACCESS_WHY];

	pretend_grants_of(&w->store, "c", id, &grants);
	if (access_check(w->access, &q, why) != ACCESS_YES &&
	    !is_being_told(c->at, id, is_answer))
		violation(w, "node %u: %s may not %s %s (%s), and is told "
		    "%.*s", c->at->number, c->client->src,
		    access_action_name(action), id, why,
		    (int)frame_payload_len(f), frame_payload(f));
	grants_done(&grants);
	principal_unref(who);
}

/*
 * Every document that it shows is named d0, d1, ... in quotes; so may a
 * document's whole text be.
 */
static void
each_named(struct world *w, const struct conn *c, enum access_action action,
    const struct frame *f, bool is_answer)
{
	char *text = mem_copy(frame_payload(f), frame_payload_len(f));
	const char *at;
	char id[4] = "d0";

	for (at = strstr(text, "\"d"); at != NULL; at = strstr(at + 1, "\"d"))
		if (at[2] >= '0' && at[2] < '0' + CLIENT_DOCS &&
		    at[3] == '"' && strncmp(at + 4, ":{\"error", 8) != 0 &&
		    !(at - text > 7 && strncmp(at - 7, "\"data\":", 7) == 0)) {
			id[1] = at[2];
			must_be_allowed(w, c, id, action, f, is_answer);
		}
	free(text);
}

void
rights_witness(struct world *w, const struct conn *c, const struct frame *f)
{
	struct heard h;

	if (w->access == NULL || c->client == NULL || c->client->guest == NULL)
		return;
	heard_read(frame_payload(f), frame_payload_len(f), &h);
	if (h.is_error)
		return;
	if (h.a[0] == 'n')
		each_named(w, c, ACCESS_HISTORY, f, true);
	else if (strcmp(h.a, "p") == 0)
		each_named(w, c, ACCESS_PRESENCE, f, false);
	else if (strcmp(h.a, "op") == 0 || strcmp(h.a, "q") == 0)
		each_named(w, c, ACCESS_READ, f, false);
	else if (h.data.kind != JSON_NONE)
		each_named(w, c, ACCESS_READ, f, true);
}
