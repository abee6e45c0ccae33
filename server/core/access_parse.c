/*
 * How a text becomes rules (docs/ACCESS.md).  Everything is checked, and what
 * is not known is an error.
 *
 * What can fail says so in the parser, once, and the rest goes through without
 * harm; what was begun belongs to its rule at once, so that giving up needs no
 * cleaning.
 */
#include "core/access_in.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ot/utf.h"

#define ROLES_CLAIM	"roles"		/* unless it is said otherwise */
#define PATH_MAX_BYTES	200		/* of a claim */
#define GRANT_RULES	4		/* that "grants" becomes */
#define ALL_ACTIONS	((1u << ACCESS_ACTIONS) - 1)
#define PLACE		140		/* room for where something is, bytes */

struct parser {
	struct access	*a;
	char		 place[PLACE];	/* which rule; "" outside of them */
	const char	*field;		/* in it; NULL: the whole */
	struct ot_err	*err;
	int		 rc;		/* 0: nothing is wrong so far */
};

typedef void parse_field(struct parser *ps, struct access_rule *r,
	    const struct json *v);

/* ---- failing ---- */

__attribute__((format(printf, 3, 4)))
static void
fail(struct parser *ps, int code, const char *fmt, ...)
{
	char what[sizeof(ps->err->text)];
	va_list ap;

	if (ps->rc != 0)
		return;
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	ps->rc = ot_fail(ps->err, code, "%s%s%s%s%s%s", ps->place,
	    ps->field != NULL && ps->place[0] != '\0' ? ", " : "",
	    ps->field != NULL ? "\"" : "", ps->field != NULL ? ps->field : "",
	    ps->field != NULL ? "\": " : ps->place[0] != '\0' ? ": " : "", what);
}

#define BAD(ps, ...)	fail(ps, OT_EBADLY, __VA_ARGS__)

/* ---- values ---- */

/* The string, NUL terminated, heap; NULL: failed.  what it is, for sentences. */
static char *
text_of(struct parser *ps, const struct json *v, const char *what, size_t max)
{
	struct buf b = BUF_INIT;
	char *text = NULL;

	if (json_kind(v) != JSON_STRING) {
		BAD(ps, "%s must be a string", what);
		return NULL;
	}
	json_string_put(v, &b, 0);
	if (b.len == 0)
		BAD(ps, "%s must not be empty", what);
	else if (b.len > max)
		fail(ps, OT_ELIMIT, "%s is longer than %zu bytes", what, max);
	else if (!utf_is_utf8(b.data, b.len) || memchr(b.data, '\0', b.len))
		BAD(ps, "%s holds half a character or NUL", what);
	else
		text = mem_copy(b.data, b.len);
	buf_done(&b);
	return text;
}

/* How many items; 0: failed, since none is an error too. */
static size_t
list_of(struct parser *ps, const struct json *v, const char *what)
{
	if (json_kind(v) != JSON_LIST)
		BAD(ps, "it must be a list of %s", what);
	else if (json_list_len(v) == 0)
		BAD(ps, "it names none; leave it out if all are meant");
	else if (json_list_len(v) > ACCESS_LIST_MAX)
		fail(ps, OT_ELIMIT, "it holds more than %d %s",
		    ACCESS_LIST_MAX, what);
	return ps->rc == 0 ? json_list_len(v) : 0;
}

static void
texts(struct parser *ps, struct access_texts *out, const struct json *v,
    const char *what)
{
	size_t i, n = list_of(ps, v, what);
	char *text;

	out->all = mem_get((n + 1) * sizeof(*out->all));
	for (i = 0; i < n && ps->rc == 0; i++)
		if ((text = text_of(ps, json_list_at(v, i), "each of them",
		    1024)) != NULL)
			out->all[out->n++] = text;
}

static void
patterns(struct parser *ps, struct access_patterns *out, const struct json *v,
    const char *what)
{
	size_t i, n = list_of(ps, v, what);
	struct ot_err why;
	char *text;
	int rc;

	out->all = mem_get((n + 1) * sizeof(*out->all));
	for (i = 0; i < n && ps->rc == 0; i++) {
		text = text_of(ps, json_list_at(v, i), "each of them",
		    ACCESS_PATTERN_MAX);
		if (text == NULL)
			return;
		rc = access_pattern_parse(text, strlen(text),
		    &out->all[out->n], &why);
		if (rc != 0)
			fail(ps, rc, "\"%.40s\": %s", text, why.text);
		else
			out->n++;
		free(text);
	}
}

/* ---- who ---- */

static void
claim(struct parser *ps, struct access_who *w, const struct json_member *m)
{
	struct access_claim *c = &w->claims[w->n_claims];
	enum json_kind kind;
	size_t i, n;

	if (m->key->len == 0 || m->key->len > PATH_MAX_BYTES ||
	    memchr(m->key->text, '\0', m->key->len) != NULL) {
		BAD(ps, "the name of a claim is 1 to %d bytes", PATH_MAX_BYTES);
		return;
	}
	n = list_of(ps, m->value, "values");
	for (i = 0; i < n; i++) {
		kind = json_kind(json_list_at(m->value, i));
		if (kind != JSON_STRING && kind != JSON_NUMBER &&
		    kind != JSON_TRUE && kind != JSON_FALSE)
			BAD(ps, "values of a claim are strings, numbers, true "
			    "and false");
	}
	if (ps->rc != 0)
		return;
	c->path = mem_copy(m->key->text, m->key->len);
	c->values = json_ref(m->value);
	w->n_claims++;
}

static void
claims(struct parser *ps, struct access_who *w, const struct json *v)
{
	const struct json_member *m;

	if (json_kind(v) != JSON_OBJECT || json_object_len(v) == 0) {
		BAD(ps, "it must be an object of claims, each with a list of "
		    "values");
		return;
	}
	w->claims = mem_get(json_object_len(v) * sizeof(*w->claims));
	for (m = json_object_first(v); m != NULL && ps->rc == 0;
	    m = json_object_next(v, m))
		claim(ps, w, m);
}

/* A role that grants give. */
static void
grant(struct parser *ps, struct access_who *w, const struct json *v)
{
	char *name = text_of(ps, v, "the role", 20);
	int role = name != NULL ? access_role_named(name) : -1;

	if (name != NULL && role < 0)
		BAD(ps, "\"%s\" is none of viewer, commenter, editor and owner",
		    name);
	else if (name != NULL)
		w->grant = (enum access_role)role;
	free(name);
}

static void
who_member(struct parser *ps, struct access_who *w,
    const struct json_member *m)
{
	if (json_key_is(m->key, "subjects")) {
		ps->field = "who.subjects";
		texts(ps, &w->subjects, m->value, "subjects");
	} else if (json_key_is(m->key, "roles")) {
		ps->field = "who.roles";
		texts(ps, &w->roles, m->value, "roles");
	} else if (json_key_is(m->key, "claims")) {
		ps->field = "who.claims";
		claims(ps, w, m->value);
	} else if (json_key_is(m->key, "grant")) {
		ps->field = "who.grant";
		grant(ps, w, m->value);
	} else {
		BAD(ps, "\"%.*s\" is none of subjects, roles, claims and grant",
		    KEY_ARGS(m->key));
	}
}

static void
parse_who(struct parser *ps, struct access_rule *r, const struct json *v)
{
	const struct json_member *m;
	char *word;

	if (json_kind(v) == JSON_OBJECT) {
		r->who.kind = WHO_THESE;
		if (json_object_len(v) == 0)
			BAD(ps, "it says nothing; \"anybody\" is everybody");
		for (m = json_object_first(v); m != NULL && ps->rc == 0;
		    m = json_object_next(v, m))
			who_member(ps, &r->who, m);
		return;
	}
	if ((word = text_of(ps, v, "what is no object", 40)) == NULL)
		return;
	if (strcmp(word, "anybody") == 0)
		r->who.kind = WHO_ANYBODY;
	else if (strcmp(word, "authenticated") == 0)
		r->who.kind = WHO_AUTHENTICATED;
	else
		BAD(ps, "\"%s\" is none of anybody, authenticated and an object",
		    word);
	free(word);
}

/* ---- the other fields of a rule ---- */

static unsigned
action(struct parser *ps, const struct json *v)
{
	char *name = text_of(ps, v, "an action", 40);
	int action = name != NULL ? access_action_named(name) : -1;

	if (name != NULL && action < 0)
		BAD(ps, "\"%s\" is none of read, create, edit, delete, history, "
		    "presence, query and admin", name);
	free(name);
	return action >= 0 ? 1u << action : 0;
}

static void
parse_actions(struct parser *ps, struct access_rule *r, const struct json *v)
{
	size_t i, n;
	char *word;

	if (r->actions != 0) {
		BAD(ps, "a rule either allows or denies");
		return;
	}
	r->denies = strcmp(ps->field, "deny") == 0;
	if (json_kind(v) == JSON_STRING) {
		if ((word = text_of(ps, v, "it", 40)) != NULL &&
		    strcmp(word, "*") != 0)
			BAD(ps, "it must be a list of actions, or \"*\" for all");
		free(word);
		r->actions = ALL_ACTIONS;
		return;
	}
	n = list_of(ps, v, "actions");
	for (i = 0; i < n && ps->rc == 0; i++)
		r->actions |= action(ps, json_list_at(v, i));
}

static void
parse_name(struct parser *ps, struct access_rule *r, const struct json *v)
{
	const struct access_rule *other;

	if ((r->name = text_of(ps, v, "it", ACCESS_NAME_MAX)) == NULL)
		return;
	for (other = ps->a->rules; other < r; other++)
		if (strcmp(other->name, r->name) == 0)
			BAD(ps, "another rule has this name");
}

/* A text that is passed over; NULL: there is none. */
static void
check_comment(struct parser *ps, const struct json *v)
{
	if (v != NULL && json_kind(v) != JSON_STRING)
		BAD(ps, "it must be a string");
}

static void
parse_comment(struct parser *ps, struct access_rule *r, const struct json *v)
{
	(void)r;
	check_comment(ps, v);
}

static void
parse_collections(struct parser *ps, struct access_rule *r,
    const struct json *v)
{
	patterns(ps, &r->collections, v, "names");
}

static void
parse_documents(struct parser *ps, struct access_rule *r, const struct json *v)
{
	patterns(ps, &r->documents, v, "names");
}

static void
parse_channels(struct parser *ps, struct access_rule *r, const struct json *v)
{
	patterns(ps, &r->channels, v, "names");
}

/* In the order in which they are read: a sentence has the name then. */
static const struct {
	const char	*name;
	parse_field	*parse;
	bool		 must;
} fields[] = {
	{ "name", parse_name, true },
	{ "comment", parse_comment, false },
	{ "who", parse_who, true },
	{ "allow", parse_actions, false },
	{ "deny", parse_actions, false },
	{ "collections", parse_collections, false },
	{ "documents", parse_documents, false },
	{ "channels", parse_channels, false },
};
#define N_FIELDS	(sizeof(fields) / sizeof(fields[0]))

/* ---- a rule ---- */

/* What is right by itself and means nothing together. */
static void
check_together(struct parser *ps, const struct access_rule *r)
{
	bool channels_only = r->channels.n > 0 && r->collections.n == 0;

	ps->field = NULL;
	if (r->actions == 0)
		BAD(ps, "it neither allows nor denies");
	if (r->documents.n > 0 && r->collections.n == 0)
		BAD(ps, "\"documents\" without \"collections\"; [\"*\"] is all "
		    "of them");
	if (r->channels.n > 0 && (r->actions & 1u << ACCESS_PRESENCE) == 0)
		BAD(ps, "\"channels\" without the action presence: on a channel "
		    "there is no other");
	if (r->who.grant != ROLE_NONE && r->denies)
		BAD(ps, "\"who.grant\" in a rule that denies: a grant only "
		    "gives");
	if (r->who.grant != ROLE_NONE && channels_only)
		BAD(ps, "\"who.grant\" with \"channels\" only: grants are of "
		    "documents");
}

static bool
is_field(const struct json_key *key)
{
	size_t i;

	for (i = 0; i < N_FIELDS; i++)
		if (json_key_is(key, fields[i].name))
			return true;
	return false;
}

static void
parse_rule(struct parser *ps, const struct json *v)
{
	struct access_rule *r = &ps->a->rules[ps->a->n++];
	const struct json_member *m;
	const struct json *value;
	size_t i;

	snprintf(ps->place, sizeof(ps->place), "rule %zu", ps->a->n);
	ps->field = NULL;
	if (json_kind(v) != JSON_OBJECT) {
		BAD(ps, "it must be an object");
		return;
	}
	for (i = 0; i < N_FIELDS && ps->rc == 0; i++) {
		ps->field = fields[i].name;
		value = json_object_value(v, fields[i].name);
		if (value != NULL)
			fields[i].parse(ps, r, value);
		else if (fields[i].must)
			BAD(ps, "it is missing");
		if (i == 0 && r->name != NULL)
			snprintf(ps->place, sizeof(ps->place), "rule \"%s\"",
			    r->name);
	}
	ps->field = NULL;
	for (m = json_object_first(v); m != NULL && ps->rc == 0;
	    m = json_object_next(v, m))
		if (!is_field(m->key))
			BAD(ps, "a rule has no member \"%.*s\"", KEY_ARGS(m->key));
	check_together(ps, r);
}

/*
 * "grants": in these collections a grant gives what its role says; a rule for
 * what each role adds to the one before.
 */
static void
parse_grants(struct parser *ps, const struct json *v)
{
	static const struct {
		const char		*name;
		enum access_role	 role;
		unsigned		 actions;
	} given[] = {
		{ "grants: viewer", ROLE_VIEWER,
		    1u << ACCESS_READ | 1u << ACCESS_QUERY },
		{ "grants: commenter", ROLE_COMMENTER, 1u << ACCESS_PRESENCE },
		{ "grants: editor", ROLE_EDITOR,
		    1u << ACCESS_EDIT | 1u << ACCESS_HISTORY },
		{ "grants: owner", ROLE_OWNER,
		    1u << ACCESS_DELETE | 1u << ACCESS_ADMIN },
	};
	struct access_rule *r;
	size_t i;

	_Static_assert(sizeof(given) / sizeof(given[0]) == GRANT_RULES,
	    "room is made for them");
	for (i = 0; i < GRANT_RULES && ps->rc == 0; i++) {
		r = &ps->a->rules[ps->a->n++];
		r->name = mem_copy(given[i].name, strlen(given[i].name));
		r->actions = given[i].actions;
		r->who.kind = WHO_THESE;
		r->who.grant = given[i].role;
		patterns(ps, &r->collections, v, "names");
	}
}

/* ---- the whole ---- */

static void
parse_rules(struct parser *ps, const struct json *v)
{
	size_t i, n = json_list_len(v);

	for (i = 0; i < n && ps->rc == 0; i++)
		parse_rule(ps, json_list_at(v, i));
	ps->place[0] = '\0';
	ps->field = NULL;
}

static void
parse_all(struct parser *ps, const struct json *top)
{
	const struct json *rules, *grants, *claim;
	const struct json_member *m;

	if (json_kind(top) != JSON_OBJECT) {
		BAD(ps, "rules are an object with \"rules\"");
		return;
	}
	for (m = json_object_first(top); m != NULL; m = json_object_next(top, m))
		if (!json_key_is(m->key, "rules") &&
		    !json_key_is(m->key, "grants") &&
		    !json_key_is(m->key, "roles_claim") &&
		    !json_key_is(m->key, "comment") &&
		    !json_key_is(m->key, "$schema"))
			BAD(ps, "\"%.*s\" is none of rules, grants, "
			    "roles_claim, comment and $schema", KEY_ARGS(m->key));
	rules = json_object_value(top, "rules");
	if (json_kind(rules) != JSON_LIST) {
		BAD(ps, "\"rules\" must be a list");
		return;
	}
	if (json_list_len(rules) > ACCESS_RULES_MAX) {
		fail(ps, OT_ELIMIT, "there are more than %d rules",
		    ACCESS_RULES_MAX);
		return;
	}
	ps->a->rules = mem_get((json_list_len(rules) + GRANT_RULES) *
	    sizeof(*ps->a->rules));
	ps->field = "comment";
	check_comment(ps, json_object_value(top, "comment"));
	ps->field = "$schema";
	check_comment(ps, json_object_value(top, "$schema"));
	ps->field = "roles_claim";
	claim = json_object_value(top, "roles_claim");
	ps->a->roles_claim = claim != NULL ?
	    text_of(ps, claim, "it", PATH_MAX_BYTES) :
	    mem_copy(ROLES_CLAIM, strlen(ROLES_CLAIM));
	ps->field = "grants";
	if ((grants = json_object_value(top, "grants")) != NULL)
		parse_grants(ps, grants);
	parse_rules(ps, rules);
}

int
access_parse(const char *json, size_t len, struct access **access_out,
    struct ot_err *err)
{
	struct parser ps = { .err = err };
	struct json *top = NULL;

	if ((ps.rc = access_read(json, len, &top, err)) == 0) {
		ps.a = mem_get(sizeof(*ps.a));
		ps.a->refs = 1;
		parse_all(&ps, top);
		json_unref(top);
	}
	if (ps.rc == 0) {
		*access_out = ps.a;
		return 0;
	}
	utf_mend(err->text);
	access_unref(ps.a);
	return ps.rc;
}
