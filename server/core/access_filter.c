/*
 * The documents that a principal may read, as a filter:
 *
 *	{"$or":[ allowed..., granted ],"$nor":[ denied... ]}
 *
 * It says of each id what access_check says of it, so that both have to be
 * changed together; tests/core/test_access_filter.c compares them.
 */
#include "core/access_in.h"

#include <string.h>

#include "ot/json.h"

/* Conditions, of which one has to hold. */
struct any {
	struct buf	text;		/* with commas between */
	bool		all;		/* everything is meant */
};

static void
comma(struct buf *b)
{
	if (b->len > 0)
		buf_putc(b, ',');
}

/* The documents that the rule means in a collection that it is about. */
static void
any_add(struct any *any, const struct access_rule *r,
    const struct principal *who)
{
	struct access_filled filled;
	enum access_fill fill;
	size_t i;

	if (r->documents.n == 0)
		any->all = true;
	for (i = 0; i < r->documents.n && !any->all; i++) {
		fill = access_pattern_fill(r->documents.all[i], who, &filled);
		if (access_pattern_is_all(r->documents.all[i]) ||
		    (fill == FILL_UNFIT && r->denies)) {
			any->all = true;
		} else if (fill == FILL_DONE) {
			comma(&any->text);
			access_filled_put(&filled, &any->text);
		}
	}
}

static void
any_add_ids(struct any *any, char *const *ids, size_t n)
{
	size_t i;

	if (n == 0)
		return;
	comma(&any->text);
	buf_puts(&any->text, "{\"_id\":{\"$in\":[");
	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_putc(&any->text, ',');
		json_put_string(&any->text, ids[i], strlen(ids[i]));
	}
	buf_puts(&any->text, "]}}");
}

/* Is the rule one about reading in the collection, without a grant? */
static bool
counts(const struct access *a, const struct access_rule *r,
    const struct principal *who, const char *collection,
    const char *projection)
{
	return (r->actions & 1u << ACCESS_READ) != 0 &&
	    r->who.grant == ROLE_NONE && access_is_who(a, r, who) &&
	    ((r->collections.n == 0 && r->channels.n == 0) ||
	    access_names(r, who, collection, projection));
}

static void
put(struct buf *out, const struct any *allowed, const struct any *denied)
{
	if (allowed->all && denied->text.len == 0)
		return;
	buf_putc(out, '{');
	if (!allowed->all) {
		buf_puts(out, "\"$or\":[");
		buf_put(out, allowed->text.data, allowed->text.len);
		buf_puts(out, denied->text.len > 0 ? "]," : "]");
	}
	if (denied->text.len > 0) {
		buf_puts(out, "\"$nor\":[");
		buf_put(out, denied->text.data, denied->text.len);
		buf_putc(out, ']');
	}
	buf_putc(out, '}');
}

bool
access_filter(const struct access *a, const struct principal *who,
    const char *collection, char *const *granted, size_t n_granted,
    struct buf *out)
{
	return access_filter_by(a, who, collection, NULL, granted, n_granted,
	    out);
}

bool
access_filter_by(const struct access *a, const struct principal *who,
    const char *collection, const char *projection, char *const *granted,
    size_t n_granted, struct buf *out)
{
	struct any allowed = { BUF_INIT, false }, denied = { BUF_INIT, false };
	const struct access_rule *r;
	bool sees;

	if (a == NULL)
		return true;
	for (r = a->rules; r < a->rules + a->n && !denied.all; r++)
		if (counts(a, r, who, collection, projection))
			any_add(r->denies ? &denied : &allowed, r, who);
	any_add_ids(&allowed, granted, n_granted);
	if (buf_failed(&allowed.text) || buf_failed(&denied.text))
		out->failed = true;
	sees = !denied.all && (allowed.all || allowed.text.len > 0);
	if (sees)
		put(out, &allowed, &denied);
	buf_done(&allowed.text);
	buf_done(&denied.text);
	return sees;
}
