/*
 * Rules of access: five lines, rules, claims, a collection, an id and another.
 * What is understood decides every question one way, knows when grants would
 * make a difference, and its filter says of both ids what the rules say.
 */
#include <stdlib.h>
#include <string.h>

#include "core/access.h"
#include "core/filter.h"
#include "fuzz/input.h"
#include "ot/utf.h"

static struct access *
parse(const struct input_line *line)
{
	struct access *a = NULL;
	struct ot_err err;
	int rc = access_parse(line->p, line->len, &a, &err);

	if (rc != 0) {
		must_be_refusal(rc, &err);
		must(a == NULL, "refused rules");
	}
	return a;
}

/* Whoever has these claims; NULL: they are none. */
static struct principal *
somebody(const struct input_line *line, const char *link)
{
	struct principal *p = calloc(1, sizeof(*p));
	struct ot_err err;
	const struct json *sub;
	struct buf b = BUF_INIT;

	must(p != NULL, "memory");
	p->refs = 1;
	p->link = strdup(link);
	if (json_parse(line->p, line->len, 0, &p->claims, &err) != 0 ||
	    json_kind(p->claims) != JSON_OBJECT) {
		principal_unref(p);
		return NULL;
	}
	sub = json_object_value(p->claims, "sub");
	if (json_kind(sub) == JSON_STRING) {
		json_string_put(sub, &b, 0);
		buf_putc(&b, '\0');
		p->subject = strdup(b.data);
	}
	buf_done(&b);
	return p;
}

static bool
may_read(const struct access *a, struct access_question *q, const char *id,
    const struct grants *grants)
{
	const char *rule;
	enum access_verdict verdict;

	q->id = id;
	q->grants = grants;
	verdict = access_explain(a, q, &rule);
	must(verdict != ACCESS_ASK_GRANTS, "grants were told");
	must(verdict == ACCESS_NO || rule != NULL, "allowed by nobody");
	must(verdict == access_check(a, q, NULL), "decided otherwise");
	return verdict == ACCESS_YES;
}

/* Without knowing grants: what is decided stays so with them. */
static void
check_unknown(const struct access *a, struct access_question *q, bool none,
    bool owner)
{
	enum access_verdict verdict;

	q->grants = NULL;
	verdict = access_check(a, q, NULL);
	must(verdict == ACCESS_ASK_GRANTS ?
	    !none : none == (verdict == ACCESS_YES), "decided too early");
	must(verdict == ACCESS_ASK_GRANTS || none == owner,
	    "grants were not asked for");
	must(owner || !none, "a grant takes away");
}

static struct filter *
filter_of(const struct buf *b)
{
	struct json_slice q = { b->data, b->len,
	    b->len > 0 ? JSON_OBJECT : JSON_NONE };
	struct filter *f = NULL;
	struct ot_err err;

	/* There may be more conditions than a filter takes. */
	if (filter_parse(&q, &f, &err) != 0)
		must(err.code == OT_ELIMIT, "a filter that is none");
	return f;
}

static void
check_filter(const struct access *a, const struct principal *who,
    const char *collection, const char *const ids[2], const bool may[2])
{
	struct buf b = BUF_INIT;
	struct filter *f = NULL;
	int i;

	if (access_filter(a, who, collection, NULL, 0, &b)) {
		if ((f = filter_of(&b)) == NULL) {
			buf_done(&b);
			return;
		}
	} else {
		must(b.len == 0, "conditions on nothing");
	}
	for (i = 0; i < 2; i++)
		must((f != NULL && filter_match(f, &(struct filter_doc){
		    ids[i], 1, "type", NULL })) == may[i], "a filter that lies");
	filter_unref(f);
	buf_done(&b);
}

static void
check(const struct access *a, const struct principal *who,
    const char *collection, const char *const ids[2])
{
	struct access_question q = { .who = who, .action = ACCESS_READ,
	    .collection = collection };
	struct grant owned = { (char *)"link", ROLE_OWNER, 0 };
	const struct grants none = { NULL, 0 }, owner = { &owned, 1 };
	bool may[2];
	int i;

	for (i = 0; i < 2; i++) {
		may[i] = may_read(a, &q, ids[i], &none);
		check_unknown(a, &q, may[i], may_read(a, &q, ids[i], &owner));
		if (may_read(a, &q, ids[i], &owner) && !may[i])
			must(access_has_grants(a, collection), "no grants here");
	}
	check_filter(a, who, collection, ids, may);
}

/* Names of documents are checked before they come here. */
static bool
are_names(const struct input_line *lines)
{
	int i;

	for (i = 0; i < 3; i++)
		if (!utf_is_utf8(lines[i].p, strlen(lines[i].p)))
			return false;
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct principal *who;
	struct access *a;
	struct input in;

	input_init(&in, bytes, len);
	if ((a = parse(&in.lines[0])) != NULL && are_names(&in.lines[2])) {
		const char *const ids[2] = { in.lines[3].p, in.lines[4].p };

		who = somebody(&in.lines[1], "link");
		check(a, who, in.lines[2].p, ids);
		check(a, NULL, in.lines[2].p, ids);
		principal_unref(who);
	}
	access_unref(a);
	input_done(&in);
	return 0;
}
