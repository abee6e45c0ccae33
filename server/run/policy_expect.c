/*
 * policy_expect: "otd policy test": a file of expectations, held against rules.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/mem.h"
#include "core/access.h"
#include "run/policy.h"
#include "run/policy_json.h"
#include "run/policy_tool.h"

/* An expectation of the file. */
struct expected {
	struct principal	*who;
	struct grants		 grants;
	char			*collection, *id, *channel;	/* NULL: not said */
	unsigned		 actions;	/* bits */
	bool			 allows;
	bool			 has_by;
	char			*by;		/* NULL: no rule */
};

struct test {
	const char	*path;
	size_t		 number;	/* of the case, from 1; 0: the whole */
	bool		 broken;	/* the file is not right: was said */
};

__attribute__((format(printf, 2, 3)))
static void
broken(struct test *t, const char *fmt, ...)
{
	va_list ap;

	if (t->broken)
		return;
	t->broken = true;
	fprintf(stderr, "otd: %s", t->path);
	if (t->number > 0)
		fprintf(stderr, ": case %zu", t->number);
	fprintf(stderr, ": ");
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n");
}

static void
take_text(struct test *t, char **slot, const struct json_member *m)
{
	if ((*slot = policy_json_text(m->value)) == NULL)
		broken(t, "\"%.*s\" must be a string",
		    KEY_ARGS(m->key));
}

static void
take_who(struct test *t, struct expected *e, const struct json_member *m)
{
	char why[POLICY_JSON_WHY], *link = e->who != NULL ? e->who->link : NULL;
	struct principal *p;

	if (json_kind(m->value) == JSON_NULL)
		return;
	if ((p = policy_json_who(m->value, why)) == NULL) {
		broken(t, "\"who\": %s", why);
		return;
	}
	/* The link was said before. */
	if (e->who != NULL)
		e->who->link = NULL;
	p->link = link;
	principal_unref(e->who);
	e->who = p;
}

static void
take_link(struct test *t, struct expected *e, const struct json_member *m)
{
	if (e->who == NULL) {
		e->who = mem_get(sizeof(*e->who));
		e->who->refs = 1;
	}
	take_text(t, &e->who->link, m);
}

static void
take_grants(struct test *t, struct expected *e, const struct json *v)
{
	const struct json_member *m;
	char *name, *subject;
	int role;

	if (json_kind(v) != JSON_OBJECT) {
		broken(t, "\"grants\" must be an object, a role for each subject");
		return;
	}
	for (m = json_object_first(v); m != NULL; m = json_object_next(v, m)) {
		name = policy_json_text(m->value);
		role = name != NULL ? access_role_named(name) : -1;
		free(name);
		if (role < 0) {
			broken(t, "\"grants\": a role is viewer, commenter, "
			    "editor or owner");
			continue;
		}
		subject = mem_copy(m->key->text, m->key->len);
		grants_add(&e->grants, subject, (enum access_role)role, 0);
		free(subject);
	}
}

static void
take_action(struct test *t, struct expected *e, const struct json *v)
{
	char *name = policy_json_text(v);
	int action = name != NULL ? access_action_named(name) : -1;

	free(name);
	if (action < 0)
		broken(t, "\"action\": one of read, create, edit, delete, "
		    "history, presence, query and admin, or a list of these");
	else
		e->actions |= 1u << action;
}

static void
take_actions(struct test *t, struct expected *e, const struct json *v)
{
	size_t i;

	if (json_kind(v) != JSON_LIST) {
		take_action(t, e, v);
		return;
	}
	for (i = 0; i < json_list_len(v); i++)
		take_action(t, e, json_list_at(v, i));
}

static void
take_expect(struct test *t, struct expected *e, const struct json *v)
{
	char *word = policy_json_text(v);

	if (word == NULL || (strcmp(word, "allow") != 0 &&
	    strcmp(word, "deny") != 0))
		broken(t, "\"expect\" is \"allow\" or \"deny\"");
	e->allows = word != NULL && strcmp(word, "allow") == 0;
	free(word);
}

static void
take_by(struct test *t, struct expected *e, const struct json_member *m)
{
	e->has_by = true;
	if (json_kind(m->value) != JSON_NULL)
		take_text(t, &e->by, m);
}

static void
take_member(struct test *t, struct expected *e, const struct json_member *m)
{
	const struct json_key *key = m->key;

	if (json_key_is(key, "who"))
		take_who(t, e, m);
	else if (json_key_is(key, "link"))
		take_link(t, e, m);
	else if (json_key_is(key, "grants"))
		take_grants(t, e, m->value);
	else if (json_key_is(key, "action"))
		take_actions(t, e, m->value);
	else if (json_key_is(key, "collection"))
		take_text(t, &e->collection, m);
	else if (json_key_is(key, "id"))
		take_text(t, &e->id, m);
	else if (json_key_is(key, "channel"))
		take_text(t, &e->channel, m);
	else if (json_key_is(key, "expect"))
		take_expect(t, e, m->value);
	else if (json_key_is(key, "by"))
		take_by(t, e, m);
	else if (!json_key_is(key, "comment"))
		broken(t, "there is no \"%.*s\"; a case has who, link, grants, "
		    "action, collection, id, channel, expect, by and comment",
		    KEY_ARGS(key));
}

static void
expected_take(struct test *t, struct expected *e, const struct json *v)
{
	const struct json_member *m;

	if (json_kind(v) != JSON_OBJECT) {
		broken(t, "a case is an object");
		return;
	}
	for (m = json_object_first(v); m != NULL && !t->broken;
	    m = json_object_next(v, m))
		take_member(t, e, m);
	if (e->actions == 0)
		broken(t, "\"action\" is missing");
	if (!json_object_has(v, "expect"))
		broken(t, "\"expect\" is missing");
	if (e->id != NULL && e->collection == NULL)
		broken(t, "\"id\" without \"collection\"");
	if (e->channel != NULL && e->collection != NULL)
		broken(t, "\"channel\" and \"collection\": it is about one");
}

/* ---- a test ---- */

static void
expected_done(struct expected *e)
{
	principal_unref(e->who);
	grants_done(&e->grants);
	free(e->collection);
	free(e->id);
	free(e->channel);
	free(e->by);
}

static void
print_case(const struct test *t, const struct expected *e,
    enum access_action action, FILE *out)
{
	const char *who = e->who == NULL ? "anybody" :
	    e->who->subject != NULL ? e->who->subject : e->who->link;

	fprintf(out, "case %zu: %s", t->number, access_action_name(action));
	if (e->collection != NULL)
		fprintf(out, " in \"%s\"", e->collection);
	if (e->id != NULL)
		fprintf(out, " of \"%s\"", e->id);
	if (e->channel != NULL)
		fprintf(out, " on the channel \"%s\"", e->channel);
	fprintf(out, " by \"%s\": ", who);
}

/* How many of its actions are not as expected. */
static size_t
expected_hold(const struct test *t, const struct expected *e,
    const struct access *a, FILE *out)
{
	struct access_question q = {
		.who = e->who, .collection = e->collection, .id = e->id,
		.channel = e->channel, .grants = &e->grants, .now_ms = 0,
	};
	enum access_verdict verdict;
	char why[ACCESS_WHY];
	const char *by;
	size_t failed = 0;
	bool same;

	for (q.action = 0; q.action < ACCESS_ACTIONS; q.action++) {
		if ((e->actions & 1u << q.action) == 0)
			continue;
		verdict = access_explain(a, &q, &by);
		same = by == NULL ? e->by == NULL :
		    e->by != NULL && strcmp(e->by, by) == 0;
		if ((verdict == ACCESS_YES) == e->allows &&
		    (!e->has_by || same))
			continue;
		failed++;
		access_check(a, &q, why);
		print_case(t, e, q.action, out);
		fprintf(out, "%s, expected %s", why, e->allows ? "allow" : "deny");
		if (e->by != NULL)
			fprintf(out, " by rule \"%s\"", e->by);
		else if (e->has_by)
			fprintf(out, " by no rule");
		fprintf(out, "\n");
	}
	return failed;
}

/* The rules that the file names, from where it is; NULL: said. */
static struct access *
rules_of(struct test *t, const struct json *top)
{
	char *name = policy_json_text(json_object_value(top, "rules"));
	const char *slash = strrchr(t->path, '/');
	char why[POLICY_JSON_WHY], *path = NULL;
	struct access *a = NULL;

	if (name == NULL)
		broken(t, "\"rules\" must be the path of a file of rules");
	else if (name[0] == '/' || slash == NULL)
		path = mem_copy(name, strlen(name));
	else if (asprintf(&path, "%.*s/%s", (int)(slash - t->path), t->path,
	    name) < 0)
		bug("out of memory");
	if (path != NULL && (a = policy_load(path, why, sizeof(why))) == NULL)
		broken(t, "%s", why);
	free(path);
	free(name);
	return a;
}

static const struct json *
cases_of(struct test *t, const struct json *top)
{
	const struct json *cases = json_object_value(top, "cases");
	const struct json_member *m;

	for (m = json_object_first(top); m != NULL; m = json_object_next(top, m))
		if (!json_key_is(m->key, "rules") &&
		    !json_key_is(m->key, "cases") &&
		    !json_key_is(m->key, "comment") &&
		    !json_key_is(m->key, "$schema"))
			broken(t, "there is no \"%.*s\"; expectations have "
			    "rules, cases and comment", KEY_ARGS(m->key));
	if (json_kind(cases) != JSON_LIST || json_list_len(cases) == 0)
		broken(t, "\"cases\" must be a list of at least one");
	return cases;
}

static int
run_cases(struct test *t, const struct json *cases, const struct access *a,
    FILE *out)
{
	size_t i, failed = 0, n = 0;
	struct expected e;

	for (i = 0; i < json_list_len(cases) && !t->broken; i++) {
		e = (struct expected){ .who = NULL };
		t->number = i + 1;
		expected_take(t, &e, json_list_at(cases, i));
		if (!t->broken) {
			failed += expected_hold(t, &e, a, out);
			n += (size_t)__builtin_popcount(e.actions);
		}
		expected_done(&e);
	}
	if (t->broken)
		return EX_DATAERR;
	fprintf(out, "%zu expectations, %zu failed\n", n, failed);
	return failed > 0;
}

int
policy_tool_test(const char *path, FILE *out)
{
	struct test t = { .path = path };
	char why[POLICY_JSON_WHY];
	struct json *top = policy_json_read(path, why);
	const struct json *cases = NULL;
	struct access *a = NULL;
	int code = EX_DATAERR;

	if (top == NULL) {
		fprintf(stderr, "otd: %s\n", why);
		return EX_DATAERR;
	}
	if (json_kind(top) != JSON_OBJECT)
		broken(&t, "expectations are an object");
	else if ((cases = cases_of(&t, top)) != NULL && !t.broken)
		a = rules_of(&t, top);
	if (a != NULL)
		code = run_cases(&t, cases, a, out);
	access_unref(a);
	json_unref(top);
	return code;
}
