/*
 * query: documents of a collection that match a filter, a page at a time.
 *
 * The filter language is that of live queries (docs/PROTOCOL.md, section 15).
 * Without $sort results are in the order of ids, and a page begins behind an
 * id: what is created or deleted meanwhile moves nothing.  With $sort it
 * begins at a number, and may.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ot/utf.h"
#include "rest/base64url.h"
#include "rest/etag.h"
#include "rest/page.h"
#include "rest/route.h"
#include "rest/shot.h"

struct asked {
	struct json	*filter;	/* owned; NULL: all */
	const char	*fields;	/* with commas; NULL: all */
	const char	*after;		/* an id; NULL: from the first */
	uint64_t	 skip;		/* with $sort */
	uint64_t	 limit;
	bool		 is_sorted, is_count, is_whole;	/* $limit or $skip is the client's */
};

static void
leave(struct rest_call *call)
{
	struct asked *a = call->own;

	json_unref(a->filter);
}

/* ---- the question ---- */

static bool
is_condition(const struct json_key *key)
{
	static const char *const others[] = {
		"$sort", "$limit", "$skip", "$count", "$comment", "$hint",
	};
	size_t i;

	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (json_key_is(key, others[i]))
			return false;
	return true;
}

/* Members of the filter that are conditions, or those that are not. */
static void
put_members(struct buf *b, const struct json *filter, bool conditions)
{
	const struct json_member *m;

	if (filter == NULL)
		return;
	for (m = json_object_first(filter); m != NULL;
	    m = json_object_next(filter, m)) {
		if (is_condition(m->key) != conditions)
			continue;
		if (b->data[b->len - 1] != '{')
			buf_putc(b, ',');
		json_put_string(b, m->key->text, m->key->len);
		buf_putc(b, ':');
		json_print(m->value, b);
	}
}

/* One more than a page: then there is a next one. */
static void
put_question(struct buf *b, const struct asked *a)
{
	rest_put_name(b, "q");
	buf_putc(b, '{');
	if (a->after != NULL) {
		rest_put_name(b, "$and");
		buf_puts(b, "[{\"_id\":{");
		rest_put_text(b, "$gt", a->after);
		buf_puts(b, "}},{");
		put_members(b, a->filter, true);
		buf_puts(b, "}]");
	} else {
		put_members(b, a->filter, true);
	}
	put_members(b, a->filter, false);
	if (!a->is_whole && !a->is_count) {
		rest_put_number(b, "$limit", (int64_t)a->limit + 1);
		if (a->skip > 0)
			rest_put_number(b, "$skip", (int64_t)a->skip);
	}
	buf_putc(b, '}');
}

/* ---- the answer ---- */

static void
put_document(struct rest_call *call, struct buf *b, const struct asked *a,
    const struct json_slice *doc)
{
	struct shot shot = shot_read(doc);
	struct json_slice id = rest_member(doc, "d");

	(void)call;
	buf_putc(b, '{');
	rest_put_raw(b, "id", id.p, id.len);
	rest_put_number(b, "version", (int64_t)shot.v);
	if (shot.type != NULL)
		rest_put_text(b, "type", shot.type->name);
	rest_put_name(b, "data");
	shot_put_fields(b, &shot.data, a->fields);
	buf_putc(b, '}');
}

/* Where the next page begins. */
static void
put_next(struct rest_call *call, struct buf *b, const struct asked *a,
    const struct json_slice *last_id)
{
	struct buf place = BUF_INIT, cursor = BUF_INIT;

	if (a->is_sorted) {
		buf_putc(&place, 's');
		buf_put_u64(&place, a->skip + a->limit);
	} else {
		buf_putc(&place, 'i');
		json_slice_string(last_id, &place);
	}
	base64url_put(&cursor, place.data, place.len);
	buf_putc(&cursor, '\0');
	rest_put_text(b, "next", cursor.data);
	if (call->net->method == NET_GET)
		page_link(call, "cursor", cursor.data);
	buf_done(&place);
	buf_done(&cursor);
}

static void
put_documents(struct rest_call *call, struct buf *b, const struct asked *a,
    const struct json_slice *list)
{
	struct json_slice doc, id = { NULL, 0, JSON_NONE };
	struct json_reader r;
	struct ot_err err;
	uint64_t n = 0;

	buf_puts(b, "{\"docs\":[");
	json_reader_init(&r, list->p, list->len, &err);
	if (list->kind != JSON_LIST || json_enter(&r, JSON_LIST) != 0)
		return;
	while (json_next_item(&r) == 1 && json_skip(&r, &doc) == 0) {
		if (!a->is_whole && n++ == a->limit)
			break;
		if (id.kind != JSON_NONE)
			buf_putc(b, ',');
		id = rest_member(&doc, "d");
		put_document(call, b, a, &doc);
	}
	buf_putc(b, ']');
	if (!a->is_whole && n > a->limit)
		put_next(call, b, a, &id);
	buf_putc(b, '}');
}

static void
found(struct rest_call *call, const struct rest_reply *reply, void *whose)
{
	const struct asked *a = whose;
	struct json_slice part;
	struct buf b = BUF_INIT;

	if (rest_refused(call, reply))
		return;
	if (a->is_count) {
		part = rest_member(&reply->whole, "extra");
		buf_putc(&b, '{');
		rest_put_raw(&b, "count", part.p, part.len);
		buf_putc(&b, '}');
	} else {
		part = rest_member(&reply->whole, "data");
		put_documents(call, &b, a, &part);
	}
	rest_answer_json(call, 200, &b);
}

/* ---- the request ---- */

static bool
read_cursor(struct rest_call *call, struct asked *a, const char *cursor)
{
	size_t len = cursor != NULL ? strlen(cursor) : 0, n;
	char *place, *end;

	if (cursor == NULL)
		return true;
	place = arena_get(&call->arena, len + 1);
	if (base64url_read(cursor, len, place, &n) && n > 1 &&
	    memchr(place, '\0', n) == NULL && utf_is_utf8(place, n)) {
		place[n] = '\0';
		if (place[0] == 'i' && !a->is_sorted && !a->is_whole) {
			a->after = place + 1;
			return true;
		}
		a->skip = strtoull(place + 1, &end, 10);
		if (place[0] == 's' && *end == '\0' && a->is_sorted &&
		    !a->is_whole && a->skip <= INT32_MAX)
			return true;
	}
	rest_problem(call, ERR_REQUEST,
	    "\"cursor\" must be what \"next\" of a page with this filter says");
	return false;
}

static bool
take_filter(struct rest_call *call, struct asked *a, struct json *filter)
{
	struct json *count;

	if (json_kind(filter) != JSON_NONE && json_kind(filter) != JSON_NULL) {
		if (json_kind(filter) != JSON_OBJECT) {
			rest_problem(call, ERR_REQUEST,
			    "\"filter\" must be an object");
			return false;
		}
		a->filter = json_ref(filter);
		count = json_object_value(filter, "$count");
		a->is_count = json_kind(count) == JSON_TRUE;
		a->is_sorted = json_object_has(filter, "$sort");
		a->is_whole = json_object_has(filter, "$limit") ||
		    json_object_has(filter, "$skip");
	}
	return true;
}

static struct asked *
asked_new(struct rest_call *call)
{
	struct asked *a = arena_get(&call->arena, sizeof(*a));

	call->own = a;
	call->leave = leave;
	return a;
}

static void
ask(struct rest_call *call, struct asked *a)
{
	struct buf m = BUF_INIT;

	rest_put_text(&m, "a", "qf");
	rest_put_text(&m, "c", rest_param(call, "collection"));
	put_question(&m, a);
	rest_say(call, &m, found, a);
	buf_done(&m);
}

void
query_get(struct rest_call *call)
{
	struct asked *a = asked_new(call);
	const char *text = rest_query(call, "filter");
	struct json *filter = NULL;
	struct ot_err err;
	bool ok;

	if (text != NULL && json_parse(text, strlen(text), 0, &filter,
	    &err) != 0) {
		rest_problem(call, ERR_REQUEST, "\"filter\" is not JSON: %s",
		    err.text);
		return;
	}
	ok = take_filter(call, a, filter);
	json_unref(filter);
	a->fields = rest_query(call, "fields");
	if (ok && page_limit(call, &a->limit) &&
	    read_cursor(call, a, rest_query(call, "cursor")))
		ask(call, a);
}

/* "fields" of the body: a list of names, with commas between from here on. */
static bool
read_fields(struct rest_call *call, struct asked *a)
{
	struct json *list = json_object_value(call->json, "fields");
	struct buf b = BUF_INIT;
	size_t i;

	if (json_kind(list) == JSON_NONE || json_kind(list) == JSON_NULL)
		return true;
	for (i = 0; json_kind(list) == JSON_LIST && i < json_list_len(list);
	    i++) {
		struct json *name = json_list_at(list, i);

		if (json_kind(name) != JSON_STRING)
			break;
		if (i > 0)
			buf_putc(&b, ',');
		json_string_put(name, &b, b.len);
	}
	a->fields = arena_copy(&call->arena, b.len > 0 ? b.data : "", b.len);
	buf_done(&b);
	if (json_kind(list) == JSON_LIST && i == json_list_len(list))
		return true;
	rest_problem(call, ERR_REQUEST, "\"fields\" must be a list of names");
	return false;
}

void
query_post(struct rest_call *call)
{
	struct asked *a = asked_new(call);
	const char *cursor;
	int64_t limit;

	if (json_kind(call->json) != JSON_OBJECT) {
		rest_problem(call, ERR_REQUEST, "the body must be an object");
		return;
	}
	if (!take_filter(call, a, json_object_value(call->json, "filter")) ||
	    !read_fields(call, a) ||
	    !rest_json_text(call, "cursor", false, &cursor) ||
	    !rest_json_number(call, "limit", false, PAGE_MAX, &limit) ||
	    !page_limit(call, &a->limit) || !read_cursor(call, a, cursor))
		return;
	if (limit == 0) {
		rest_problem(call, ERR_REQUEST, "\"limit\" must be at least 1");
		return;
	}
	if (limit > 0)
		a->limit = (uint64_t)limit;
	ask(call, a);
}
