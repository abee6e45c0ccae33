#include "proto/fields.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static struct json_slice *
field_named(struct fields *f, const struct json_slice *key)
{
	static const struct {
		const char	*name;
		size_t		 at;
	} known[] = {
		{ "a", offsetof(struct fields, a) },
		{ "id", offsetof(struct fields, id) },
		{ "c", offsetof(struct fields, c) },
		{ "ch", offsetof(struct fields, ch) },
		{ "d", offsetof(struct fields, d) },
		{ "v", offsetof(struct fields, v) },
		{ "ts", offsetof(struct fields, ts) },
		{ "seq", offsetof(struct fields, seq) },
		{ "src", offsetof(struct fields, src) },
		{ "op", offsetof(struct fields, op) },
		{ "create", offsetof(struct fields, create) },
		{ "del", offsetof(struct fields, del) },
		{ "b", offsetof(struct fields, b) },
		{ "p", offsetof(struct fields, p) },
		{ "pv", offsetof(struct fields, pv) },
		{ "t", offsetof(struct fields, t) },
		{ "x", offsetof(struct fields, x) },
		{ "token", offsetof(struct fields, token) },
		{ "q", offsetof(struct fields, q) },
		{ "o", offsetof(struct fields, o) },
		{ "r", offsetof(struct fields, r) },
		{ "protocol", offsetof(struct fields, protocol) },
		{ "protocolMinor", offsetof(struct fields, protocol_minor) },
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if ((key->p[1] == *known[i].name || key->p[1] == '\\') &&
		    json_slice_is(key, known[i].name))
			return (struct json_slice *)(void *)
			    ((char *)f + known[i].at);
	return NULL;
}

/* The first byte behind the value at p, of whatever is well in it, or NULL. */
static const char *
value_end(const char *p, const char *end)
{
	size_t depth = 0;
	bool in_string = false;

	for (; p < end; p++) {
		if (in_string && *p == '\\')
			p++;
		else if (*p == '"')
			in_string = !in_string;
		else if (in_string)
			continue;
		else if (*p == '[' || *p == '{')
			depth++;
		else if (depth > 0 && (*p == ']' || *p == '}'))
			depth--;
		else if (depth == 0 && strchr(",} \t\r\n", *p) != NULL)
			return p;
	}
	return NULL;
}

/*
 * Step over a member's value.  One that is over a limit of ours counts as
 * absent, and limit keeps why: its message is answered with that.  Closing
 * would make a client say it again for ever.
 */
static int
member_skip(struct json_reader *r, struct json_slice *value,
    struct ot_err *limit)
{
	const char *start;
	unsigned depth = r->depth;
	int rc;

	json_peek(r);		/* past the blanks */
	start = r->p;
	*value = (struct json_slice){ NULL, 0, JSON_NONE };
	if ((rc = json_skip(r, value)) == 0 || !r->over_limit)
		return rc;
	r->over_limit = false;
	if ((start = value_end(start, r->end)) == NULL)
		return rc;
	r->p = start;
	r->depth = depth;
	r->first = false;
	*limit = *r->err;
	return 0;
}

int
fields_read(const char *text, size_t len, unsigned depth_max,
    struct fields *f, struct ot_err *limit, struct ot_err *err)
{
	struct json_reader r;
	struct json_slice key, value, *field;
	int more, rc;

	json_reader_init(&r, text, len, err);
	r.depth_max = depth_max;
	if (json_peek(&r) != JSON_OBJECT)
		return ot_fail(err, OT_EJSON, "Received non-object message");
	if ((rc = json_enter(&r, JSON_OBJECT)) != 0)
		return rc;
	while ((more = json_next_member(&r, &key)) > 0) {
		if ((rc = member_skip(&r, &value, limit)) != 0)
			return rc;
		if ((field = field_named(f, &key)) != NULL)
			*field = value;
	}
	return more < 0 ? more : json_finish(&r);
}

static void
put_field(struct buf *b, const char *name, const struct json_slice *s)
{
	if (s->kind == JSON_NONE || s->kind == JSON_LIST ||
	    s->kind == JSON_OBJECT || buf_failed(b))
		return;
	if (b->data[b->len - 1] != '{')
		buf_putc(b, ',');
	buf_putc(b, '"');
	buf_puts(b, name);
	buf_puts(b, "\":");
	buf_put(b, s->p, s->len);
}

void
fields_put(const struct fields *f, struct buf *b)
{
	buf_putc(b, '{');
	put_field(b, "a", &f->a);
	put_field(b, "id", &f->id);
	put_field(b, "c", &f->c);
	put_field(b, "ch", &f->ch);
	put_field(b, "d", &f->d);
	put_field(b, "v", &f->v);
	put_field(b, "pv", &f->pv);
	put_field(b, "seq", &f->seq);
	put_field(b, "src", &f->src);
	buf_putc(b, '}');
}
