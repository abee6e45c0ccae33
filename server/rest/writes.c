/*
 * writes: PUT, PATCH, POST and DELETE of one document.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ot/utf.h"
#include "rest/change.h"
#include "rest/rest_in.h"
#include "rest/route.h"
#include "rest/writes.h"

#define PATCHES \
	"application/json-patch+json, application/merge-patch+json, " \
	"application/vnd.otd.op+json, application/vnd.otd.text-edit+json"

/* ---- the request ---- */

static void
leave(struct rest_call *call)
{
	change_end(call->own);
}

/* Prefer (RFC 7240, section 4.2). */
static bool
prefers(const struct rest_call *call, const char *what)
{
	const char *said = rest_asked(call, NET_PREFER), *at;
	size_t len = strlen(what);

	for (at = said; at != NULL && (at = strstr(at, what)) != NULL;
	    at += len)
		if ((at == said || strchr(" ,;", at[-1]) != NULL) &&
		    strchr(" ,;", at[len]) != NULL)
			return true;
	return false;
}

static void	 answer_change(struct change *ch);

struct change *
writes_change(struct rest_call *call, enum change_what what)
{
	struct change *ch = arena_get(&call->arena, sizeof(*ch));

	ch->call = call;
	ch->what = what;
	ch->collection = rest_param(call, "collection");
	ch->if_match = rest_asked(call, NET_IF_MATCH);
	ch->if_none_match = rest_asked(call, NET_IF_NONE_MATCH);
	ch->key = rest_asked(call, NET_IDEMPOTENCY_KEY);
	ch->done = answer_change;
	call->own = ch;
	call->leave = leave;
	return ch;
}

/* "base" and "type"; false: the call is answered. */
static bool
read_query(struct rest_call *call, struct change *ch)
{
	ch->type = rest_query(call, "type");
	ch->has_base = rest_query(call, "base") != NULL;
	if (!rest_query_number(call, "base", 0, OP_NUMBER_MAX, 0, &ch->base))
		return false;
	if (ch->has_base && ch->if_match != NULL) {
		rest_problem(call, ERR_REQUEST,
		    "\"base\" and If-Match exclude each other: merge, or insist");
		return false;
	}
	return true;
}

static bool
read_json(struct rest_call *call, struct json_slice *slice_out)
{
	struct json_reader r;
	struct ot_err err = { 0, "" };

	json_reader_init(&r, call->net->body, call->net->body_len, &err);
	if (json_skip(&r, slice_out) == 0 && json_finish(&r) == 0)
		return true;
	rest_problem(call, ERR_REQUEST, "the body is not JSON: %s", err.text);
	return false;
}

/* Plain text, as the content of a type of text. */
static bool
read_text(struct rest_call *call, struct json_slice *slice_out)
{
	struct buf b = BUF_INIT;
	const char *text = call->net->body;

	if (!utf_is_utf8(text, call->net->body_len)) {
		rest_problem(call, ERR_REQUEST, "the body is not UTF-8");
		return false;
	}
	json_put_string(&b, text, call->net->body_len);
	if (buf_failed(&b)) {
		rest_problem(call, ERR_UNKNOWN, NULL);
		return false;
	}
	*slice_out = (struct json_slice){
		arena_copy(&call->arena, b.data, b.len), b.len, JSON_STRING,
	};
	buf_done(&b);
	return true;
}

static bool
read_content(struct rest_call *call, struct json_slice *slice_out)
{
	if (rest_is_type(call, "application/json"))
		return read_json(call, slice_out);
	if (rest_is_type(call, "text/plain"))
		return read_text(call, slice_out);
	rest_problem(call, ERR_MEDIA,
	    "a document is application/json, or text/plain for types of text");
	return false;
}

/* ---- the answer ---- */

static void
put_location(const struct change *ch)
{
	struct buf b = BUF_INIT;

	buf_puts(&b, "/v1/collections/");
	rest_put_segment(&b, ch->collection);
	buf_puts(&b, "/docs/");
	rest_put_segment(&b, ch->id);
	if (b.len < 2000)	/* names of 1024 bytes may be more, escaped */
		rest_header(ch->call, "Location", "%.*s", (int)b.len, b.data);
	buf_done(&b);
}

static void
represent(struct rest_call *call, const struct rest_reply *reply, void *whose)
{
	const struct change *ch = whose;
	struct json_slice data;
	struct shot shot;

	if (rest_refused(call, reply))
		return;
	data = rest_member(&reply->whole, "data");
	shot = shot_read(&data);
	rest_header(call, "Preference-Applied", "return=representation");
	if (shot.type == NULL)
		rest_answer_empty(call, 204);	/* gone by now */
	else
		shot_answer(call, ch->status, &shot);
}

static void
ask_representation(struct change *ch)
{
	struct buf m = BUF_INIT;

	rest_put_text(&m, "a", "f");
	rest_put_text(&m, "c", ch->collection);
	rest_put_text(&m, "d", ch->id);
	rest_say(ch->call, &m, represent, ch);
	buf_done(&m);
}

static void
answer_refused(struct change *ch)
{
	struct rest_call *call = ch->call;
	char v[24];

	if (ch->status == 412) {
		snprintf(v, sizeof(v), "%" PRIu64, ch->v);
		rest_problem_member(call, "version", v, strlen(v));
	}
	if (ch->status == 415)
		rest_header(call, "Accept-Patch", "%s", PATCHES);
	rest_problem_code(call, ch->status, ch->code, ch->detail);
}

static void
answer_change(struct change *ch)
{
	struct rest_call *call = ch->call;
	bool is_there = ch->what != CHANGE_DELETE;

	if (ch->status >= 400) {
		answer_refused(ch);
		return;
	}
	if (ch->is_replayed)
		rest_header(call, "Idempotency-Replayed", "true");
	if (ch->status == 201)
		put_location(ch);
	if (is_there && prefers(call, "return=representation")) {
		ask_representation(ch);
		return;
	}
	/*
	 * RFC 9110, section 9.3.4: a PUT that was not stored as it came has no
	 * validator.
	 */
	if (is_there && !(ch->what == CHANGE_PUT && ch->is_merged))
		rest_header(call, "ETag", "\"v%" PRIu64 "\"", ch->v);
	rest_header(call, "Otd-Version", "%" PRIu64, ch->v);
	if (prefers(call, "return=minimal")) {
		rest_header(call, "Preference-Applied", "return=minimal");
		rest_answer_empty(call, ch->status == 201 ? 201 : 204);
	} else {
		rest_answer(call, ch->status, "application/json",
		    ch->answer.data, ch->answer.len);
	}
}

/* ---- handlers ---- */

void
docs_put(struct rest_call *call)
{
	struct change *ch = writes_change(call, CHANGE_PUT);

	ch->id = rest_param(call, "id");
	if (read_query(call, ch) && read_content(call, &ch->body))
		change_begin(ch);
}

void
docs_patch(struct rest_call *call)
{
	static const struct { const char *type; enum change_what what; }
	    types[] = {
		{ "application/json-patch+json", CHANGE_JSON_PATCH },
		{ "application/merge-patch+json", CHANGE_MERGE_PATCH },
		{ "application/vnd.otd.op+json", CHANGE_OP },
		{ "application/vnd.otd.text-edit+json", CHANGE_QUOTE },
	};
	struct change *ch;
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (!rest_is_type(call, types[i].type))
			continue;
		ch = writes_change(call, types[i].what);
		ch->id = rest_param(call, "id");
		if (read_query(call, ch) && read_json(call, &ch->body))
			change_begin(ch);
		return;
	}
	rest_header(call, "Accept-Patch", "%s", PATCHES);
	rest_problem(call, ERR_MEDIA, "a patch is one of " PATCHES);
}

void
docs_delete(struct rest_call *call)
{
	struct change *ch = writes_change(call, CHANGE_DELETE);

	ch->id = rest_param(call, "id");
	change_begin(ch);
}

/*
 * An id that nobody has; with a key the same whenever it comes, so that a
 * request that is repeated is about the same document.
 */
static const char *
make_id(struct rest_call *call, const struct change *ch)
{
	const char *subject = call->who != NULL ? call->who->subject : NULL;
	struct once_part parts[3];
	char hex[65];

	if (ch->key == NULL) {
		rest_random_id(hex);
		return arena_copy(&call->arena, hex, 32);
	}
	parts[0] = (struct once_part){ ch->key, strlen(ch->key) };
	parts[1] = (struct once_part){ ch->collection,
	    strlen(ch->collection) };
	parts[2] = (struct once_part){ subject,
	    subject != NULL ? strlen(subject) : 0 };
	once_hash(parts, 3, hex);
	return arena_copy(&call->arena, hex, 32);
}

void
docs_post(struct rest_call *call)
{
	struct change *ch = writes_change(call, CHANGE_CREATE);

	ch->if_match = ch->if_none_match = NULL;
	ch->type = rest_query(call, "type");
	ch->id = make_id(call, ch);
	if (read_content(call, &ch->body))
		change_begin(ch);
}
