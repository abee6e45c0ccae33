/*
 * How a question is decided.  A rule counts when its actions, its "who" and
 * what it is about all fit.  One that denies decides; else one that allows;
 * else nothing is allowed.
 *
 * Grants are a part of "who", and only of rules that allow.  So when they were
 * not looked up, everything else is decided without them, and it is worth
 * asking for them only if a rule that wants one is all that is left.
 */
#include "core/access_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/err.h"

static const char *const action_names[] = {
	[ACCESS_READ] = "read", [ACCESS_CREATE] = "create",
	[ACCESS_EDIT] = "edit", [ACCESS_DELETE] = "delete",
	[ACCESS_HISTORY] = "history", [ACCESS_PRESENCE] = "presence",
	[ACCESS_QUERY] = "query", [ACCESS_ADMIN] = "admin",
};

static const char *const role_names[] = {
	[ROLE_NONE] = NULL, [ROLE_VIEWER] = "viewer",
	[ROLE_COMMENTER] = "commenter", [ROLE_EDITOR] = "editor",
	[ROLE_OWNER] = "owner",
};

#define N_ROLES	(sizeof(role_names) / sizeof(role_names[0]))

/* ---- names ---- */

const char *
access_action_name(enum access_action action)
{
	return (unsigned)action < ACCESS_ACTIONS ? action_names[action] : NULL;
}

int
access_action_named(const char *name)
{
	int i;

	for (i = 0; i < ACCESS_ACTIONS; i++)
		if (strcmp(name, action_names[i]) == 0)
			return i;
	return -1;
}

const char *
access_role_name(enum access_role role)
{
	return (unsigned)role < N_ROLES ? role_names[role] : NULL;
}

int
access_role_named(const char *name)
{
	size_t i;

	for (i = ROLE_VIEWER; i < N_ROLES; i++)
		if (strcmp(name, role_names[i]) == 0)
			return (int)i;
	return -1;
}

/* ---- grants ---- */

void
grants_add(struct grants *g, const char *subject, enum access_role role,
    int64_t expires_ms)
{
	g->all = mem_grow(g->all, g->n + 1, sizeof(*g->all));
	g->all[g->n++] = (struct grant){ mem_copy(subject, strlen(subject)),
	    role, expires_ms };
}

void
grants_done(struct grants *g)
{
	size_t i;

	for (i = 0; i < g->n; i++)
		free(g->all[i].subject);
	free(g->all);
	*g = (struct grants){ NULL, 0 };
}

static bool
is_same(const char *a, const char *b)
{
	return a != NULL && strcmp(a, b) == 0;
}

/* The most that the principal is granted. */
static enum access_role
grants_role(const struct grants *g, const struct principal *who,
    int64_t now_ms)
{
	enum access_role most = ROLE_NONE;
	const struct grant *each;
	size_t i;

	for (i = 0; i < g->n; i++) {
		each = &g->all[i];
		if (each->role > most && (each->expires_ms == 0 ||
		    now_ms < each->expires_ms) &&
		    (is_same(who->subject, each->subject) ||
		    is_same(who->link, each->subject)))
			most = each->role;
	}
	return most;
}

/* ---- who ---- */

static bool
is_subject(const struct access_texts *subjects, const struct principal *who)
{
	size_t i;

	for (i = 0; i < subjects->n; i++)
		if (is_same(who->subject, subjects->all[i]))
			return true;
	return false;
}

static bool
has_role(const struct access_texts *roles, const char *claim,
    const struct principal *who)
{
	size_t i;

	for (i = 0; i < roles->n; i++)
		if (principal_has_role(who, claim, roles->all[i]))
			return true;
	return false;
}

static bool
is_among(const struct json *values, const struct json *v)
{
	size_t i;

	for (i = 0; i < json_list_len(values); i++)
		if (json_same_scalar(json_list_at(values, i), v))
			return true;
	return false;
}

/* A claim that is a list has a value when one of its items is. */
static bool
has_claim(const struct access_claim *c, const struct principal *who)
{
	const struct json *v = principal_claim(who, c->path);
	size_t i;

	if (json_kind(v) != JSON_LIST)
		return v != NULL && is_among(c->values, v);
	for (i = 0; i < json_list_len(v); i++)
		if (is_among(c->values, json_list_at(v, i)))
			return true;
	return false;
}

bool
access_is_who(const struct access *a, const struct access_rule *r,
    const struct principal *who)
{
	const struct access_who *w = &r->who;
	size_t i;

	if (w->kind == WHO_ANYBODY)
		return true;
	if (who == NULL)
		return false;
	if (w->kind == WHO_AUTHENTICATED)
		return who->subject != NULL;
	if (w->subjects.n > 0 && !is_subject(&w->subjects, who))
		return false;
	if (w->roles.n > 0 && !has_role(&w->roles, a->roles_claim, who))
		return false;
	for (i = 0; i < w->n_claims; i++)
		if (!has_claim(&w->claims[i], who))
			return false;
	return true;
}

/* ---- what about ---- */

bool
access_fits(const struct access_rule *r, const struct access_patterns *list,
    const struct principal *who, const char *name)
{
	struct access_filled filled;
	size_t i;

	for (i = 0; i < list->n; i++) {
		switch (access_pattern_fill(list->all[i], who, &filled)) {
		case FILL_DONE:
			if (access_filled_fits(&filled, name))
				return true;
			break;
		case FILL_ABSENT:
			break;
		case FILL_UNFIT:
			if (r->denies)
				return true;
		}
	}
	return false;
}

/*
 * Of the collection as a whole: does a rule that allows let something of it
 * be, or a rule that denies nothing?
 */
static bool
fits_whole(const struct access_rule *r, const struct principal *who)
{
	struct access_filled filled;
	enum access_fill fill;
	size_t i;

	for (i = 0; i < r->documents.n; i++) {
		if (access_pattern_is_all(r->documents.all[i]))
			return true;
		fill = access_pattern_fill(r->documents.all[i], who, &filled);
		if (fill == (r->denies ? FILL_UNFIT : FILL_DONE))
			return true;
	}
	return false;
}

bool
access_names(const struct access_rule *r, const struct principal *who,
    const char *collection, const char *projection)
{
	return access_fits(r, &r->collections, who, collection) ||
	    (projection != NULL &&
	    access_fits(r, &r->collections, who, projection));
}

static bool
is_about(const struct access_rule *r, const struct access_question *q)
{
	if (r->collections.n == 0 && r->channels.n == 0)
		return true;
	if (q->channel != NULL)
		return access_fits(r, &r->channels, q->who, q->channel);
	if (q->collection == NULL ||
	    !access_names(r, q->who, q->collection, q->projection))
		return false;
	if (r->documents.n == 0)
		return true;
	return q->id != NULL ? access_fits(r, &r->documents, q->who, q->id) :
	    fits_whole(r, q->who);
}

/* ---- the verdict ---- */

/* Has the principal the grant that the rule wants? */
static enum access_verdict
has_grant(const struct access_rule *r, const struct access_question *q)
{
	if (r->who.grant == ROLE_NONE)
		return ACCESS_YES;
	if (q->who == NULL || q->collection == NULL)
		return ACCESS_NO;
	if (q->id == NULL)
		return ACCESS_YES;		/* of some document, perhaps */
	if (q->grants == NULL)
		return ACCESS_ASK_GRANTS;
	return grants_role(q->grants, q->who, q->now_ms) >= r->who.grant ?
	    ACCESS_YES : ACCESS_NO;
}

enum access_verdict
access_explain(const struct access *a, const struct access_question *q,
    const char **rule_out)
{
	enum access_verdict verdict = ACCESS_NO, granted;
	const struct access_rule *r, *by = NULL;

	*rule_out = NULL;
	if (a == NULL)
		return ACCESS_YES;
	for (r = a->rules; r < a->rules + a->n; r++) {
		if ((r->actions & 1u << q->action) == 0 ||
		    (verdict == ACCESS_YES && !r->denies) ||
		    !access_is_who(a, r, q->who) || !is_about(r, q))
			continue;
		if (r->denies) {
			*rule_out = r->name;
			return ACCESS_NO;
		}
		granted = has_grant(r, q);
		if (granted == ACCESS_NO)
			continue;
		verdict = granted;
		by = granted == ACCESS_YES ? r : NULL;
	}
	if (by != NULL)
		*rule_out = by->name;
	return verdict;
}

enum access_verdict
access_check(const struct access *a, const struct access_question *q,
    char *why)
{
	const char *rule;
	enum access_verdict verdict = access_explain(a, q, &rule);

	if (why == NULL)
		return verdict;
	if (rule != NULL)
		snprintf(why, ACCESS_WHY, "%s by rule \"%s\"",
		    verdict == ACCESS_NO ? "denied" : "allowed", rule);
	else
		snprintf(why, ACCESS_WHY, "%s", verdict == ACCESS_NO ?
		    "no rule allows it" : verdict == ACCESS_YES ?
		    "there are no rules" : "grants decide it");
	return verdict;
}

bool
access_has_grants(const struct access *a, const char *collection)
{
	const struct access_rule *r;
	size_t i;

	if (a == NULL)
		return false;
	for (r = a->rules; r < a->rules + a->n; r++) {
		if (r->who.grant == ROLE_NONE)
			continue;
		if (r->collections.n == 0 && r->channels.n == 0)
			return true;
		for (i = 0; i < r->collections.n; i++)
			if (access_pattern_may_fit(r->collections.all[i],
			    collection))
				return true;
	}
	return false;
}

/* ---- the whole ---- */

struct access *
access_ref(struct access *a)
{
	a->refs++;
	return a;
}

static void
texts_done(struct access_texts *t)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		free(t->all[i]);
	free(t->all);
}

static void
patterns_done(struct access_patterns *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		access_pattern_free(p->all[i]);
	free(p->all);
}

static void
rule_done(struct access_rule *r)
{
	size_t i;

	for (i = 0; i < r->who.n_claims; i++) {
		free(r->who.claims[i].path);
		json_unref(r->who.claims[i].values);
	}
	free(r->who.claims);
	texts_done(&r->who.subjects);
	texts_done(&r->who.roles);
	patterns_done(&r->collections);
	patterns_done(&r->documents);
	patterns_done(&r->channels);
	free(r->name);
}

void
access_unref(struct access *a)
{
	size_t i;

	if (a == NULL || --a->refs > 0)
		return;
	for (i = 0; i < a->n; i++)
		rule_done(&a->rules[i]);
	free(a->rules);
	free(a->roles_claim);
	free(a);
}
