/*
 * bulk: many documents read, or written, in one request.
 *
 * Each has its own answer.  Writes of one document are carried out in the
 * order of the list, one when the one before is answered; those of different
 * documents side by side.  They are no transaction.
 */
#include <inttypes.h>
#include <string.h>

#include "rest/change.h"
#include "rest/rest_in.h"
#include "rest/route.h"

/* ---- the list of both ---- */

/* The list of the body, which is an object; NULL: the call is answered. */
static struct json *
read_list(struct rest_call *call, const char *name)
{
	struct json *list = json_kind(call->json) == JSON_OBJECT ?
	    json_object_value(call->json, name) : NULL;

	if (json_kind(list) != JSON_LIST)
		rest_problem(call, ERR_REQUEST, "\"%s\" must be a list", name);
	else if (json_list_len(list) > call->rest->settings.bulk)
		rest_problem(call, ERR_REQUEST, "\"%s\" has more than %zu "
		    "items", name, call->rest->settings.bulk);
	else
		return list;
	return NULL;
}

/* A member of an item as text; false: it is there and is none. */
static bool
item_text(struct rest_call *call, const struct json *item, const char *name,
    const char **text_out)
{
	struct json *v = json_object_value(item, name);

	*text_out = NULL;
	if (json_kind(v) == JSON_NONE || json_kind(v) == JSON_NULL)
		return true;
	return json_kind(v) == JSON_STRING &&
	    (*text_out = rest_string(call, v)) != NULL;
}

/* What every item has; false: the call is answered. */
static bool
item_names(struct rest_call *call, const struct json *item, size_t place,
    const char **collection_out, const char **id_out)
{
	if (json_kind(item) == JSON_OBJECT &&
	    item_text(call, item, "collection", collection_out) &&
	    item_text(call, item, "id", id_out) && *collection_out != NULL &&
	    *id_out != NULL)
		return true;
	rest_problem(call, ERR_REQUEST, "item %zu must be an object with "
	    "\"collection\" and \"id\", strings", place);
	return false;
}

static void
put_names(struct buf *b, const char *collection, const char *id, int status)
{
	rest_put_text(b, "collection", collection);
	rest_put_text(b, "id", id);
	rest_put_number(b, "status", status);
}

static void
put_item_problem(struct buf *b, int status, const char *code,
    const char *detail)
{
	struct buf problem = BUF_INIT;

	rest_put_problem(&problem, status, code, detail, NULL);
	rest_put_raw(b, "problem", problem.data, problem.len);
	buf_done(&problem);
}

static void
answer_results(struct rest_call *call, const struct buf *results, size_t n)
{
	struct buf b = BUF_INIT;
	size_t i;

	buf_puts(&b, "{\"results\":[");
	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_putc(&b, ',');
		buf_put(&b, results[i].data, results[i].len);
	}
	buf_puts(&b, "]}");
	rest_answer_json(call, 200, &b);
}

/* ---- reading ---- */

struct gets;

struct get {
	struct gets	*all;
	const char	*collection, *id;
	struct buf	 result;
};

struct gets {
	struct get	*items;
	size_t		 n, waits;
	size_t		 bytes;		/* of the contents so far */
};

static void
leave_gets(struct rest_call *call)
{
	struct gets *all = call->own;
	size_t i;

	for (i = 0; i < all->n; i++)
		buf_done(&all->items[i].result);
}

static void
answer_gets(struct rest_call *call, const struct gets *all)
{
	struct buf *results = arena_get(&call->arena,
	    (all->n + 1) * sizeof(*results));
	size_t i;

	for (i = 0; i < all->n; i++)
		results[i] = all->items[i].result;
	answer_results(call, results, all->n);
}

/* Is there room for one more content? */
static bool
has_room(const struct rest_call *call, struct gets *all,
    const struct shot *shot)
{
	if (shot->data.len > call->rest->settings.bulk_bytes - all->bytes)
		return false;
	all->bytes += shot->data.len;
	return true;
}

static void
put_got(struct buf *b, const struct get *get, const struct shot *shot)
{
	put_names(b, get->collection, get->id, 200);
	rest_put_number(b, "version", (int64_t)shot->v);
	rest_put_text(b, "type", shot->type->name);
	rest_put_name(b, "data");
	shot_put_fields(b, &shot->data, NULL);
}

static void
put_not_got(struct buf *b, const struct get *get, int status,
    const char *code, const char *detail)
{
	put_names(b, get->collection, get->id, status);
	put_item_problem(b, status, code, detail);
}

static void
got(struct rest_call *call, const struct rest_reply *reply, void *whose)
{
	struct get *get = whose;
	struct json_slice data = rest_member(&reply->whole, "data");
	struct shot shot = shot_read(&data);
	struct buf *b = &get->result;

	buf_putc(b, '{');
	if (reply->status != 200)
		put_not_got(b, get, reply->status, reply->code,
		    reply->message);
	else if (shot.type == NULL)
		put_not_got(b, get, 404, "ERR_DOC_DOES_NOT_EXIST",
		    "There is no such document");
	else if (!has_room(call, get->all, &shot))
		put_not_got(b, get, err_http(ERR_FIND_MANY),
		    err_wire(ERR_FIND_MANY), err_text(ERR_FIND_MANY));
	else
		put_got(b, get, &shot);
	buf_putc(b, '}');
	if (--get->all->waits == 0)
		answer_gets(call, get->all);
}

static void
say_get(struct rest_call *call, struct get *get)
{
	struct buf m = BUF_INIT;

	rest_put_text(&m, "a", "f");
	rest_put_text(&m, "c", get->collection);
	rest_put_text(&m, "d", get->id);
	rest_say(call, &m, got, get);
	buf_done(&m);
}

void
bulk_post(struct rest_call *call)
{
	struct json *list = read_list(call, "gets");
	struct gets *all = arena_get(&call->arena, sizeof(*all));
	size_t i;

	if (list == NULL)
		return;
	call->own = all;
	call->leave = leave_gets;
	all->n = all->waits = json_list_len(list);
	all->items = arena_get(&call->arena,
	    (all->n + 1) * sizeof(*all->items));
	for (i = 0; i < all->n; i++) {
		struct get *get = &all->items[i];

		get->all = all;
		buf_init(&get->result, SIZE_MAX);
		if (!item_names(call, json_list_at(list, i), i,
		    &get->collection, &get->id))
			return;
	}
	if (all->n == 0)
		answer_gets(call, all);
	for (i = 0; i < all->n && !call->is_over; i++)
		say_get(call, &all->items[i]);
}

/* ---- writing ---- */

struct batch {
	struct change	*changes;
	size_t		 n, waits;
	bool		*is_begun;
	bool		 is_going;	/* begin_those is at work */
};

static void
leave_batch(struct rest_call *call)
{
	struct batch *batch = call->own;
	size_t i;

	for (i = 0; i < batch->n; i++)
		change_end(&batch->changes[i]);
}

static void
put_change(struct buf *b, const struct change *ch)
{
	if (ch->status >= 400) {
		buf_putc(b, '{');
		put_names(b, ch->collection, ch->id, ch->status);
		if (ch->status == 412)
			rest_put_number(b, "version", (int64_t)ch->v);
		put_item_problem(b, ch->status, ch->code, ch->detail);
		buf_putc(b, '}');
		return;
	}
	buf_putc(b, '{');
	rest_put_number(b, "status", ch->status);
	if (ch->is_replayed)
		rest_put_bool(b, "replayed", true);
	buf_putc(b, ',');
	buf_put(b, ch->answer.data + 1, ch->answer.len - 1);
}

static void
answer_batch(struct rest_call *call, const struct batch *batch)
{
	struct buf b = BUF_INIT;
	size_t i;

	buf_puts(&b, "{\"results\":[");
	for (i = 0; i < batch->n; i++) {
		if (i > 0)
			buf_putc(&b, ',');
		put_change(&b, &batch->changes[i]);
	}
	buf_puts(&b, "]}");
	rest_answer_json(call, 200, &b);
}

static bool
is_same_document(const struct change *a, const struct change *b)
{
	return strcmp(a->id, b->id) == 0 &&
	    strcmp(a->collection, b->collection) == 0;
}

/* Is one before it, of the same document, not answered yet? */
static bool
has_to_wait(const struct batch *batch, size_t place)
{
	size_t i;

	for (i = 0; i < place; i++)
		if (batch->changes[i].status == 0 && is_same_document(
		    &batch->changes[i], &batch->changes[place]))
			return true;
	return false;
}

/*
 * Begin all that need not wait.  One may be over at once, so that others need
 * not: the loop goes on until nothing moves.
 */
static void
begin_those(struct rest_call *call, struct batch *batch)
{
	bool moved;
	size_t i;

	if (batch->is_going)
		return;
	batch->is_going = true;
	do {
		moved = false;
		for (i = 0; i < batch->n && !call->is_over; i++) {
			if (batch->is_begun[i] || has_to_wait(batch, i))
				continue;
			batch->is_begun[i] = moved = true;
			change_begin(&batch->changes[i]);
		}
	} while (moved && !call->is_over);
	batch->is_going = false;
	if (batch->waits == 0 && !call->is_over)
		answer_batch(call, batch);
}

static void
change_done(struct change *ch)
{
	struct batch *batch = ch->whose;

	batch->waits--;
	begin_those(ch->call, batch);
}

/* What "method" and "patch" say. */
static bool
read_what(const char *method, const char *patch, enum change_what *what_out)
{
	static const struct {
		const char *method, *patch;
		enum change_what what;
	} all[] = {
		{ "PUT", "", CHANGE_PUT },
		{ "DELETE", "", CHANGE_DELETE },
		{ "POST", "", CHANGE_CREATE },
		{ "PATCH", "json-patch", CHANGE_JSON_PATCH },
		{ "PATCH", "merge-patch", CHANGE_MERGE_PATCH },
		{ "PATCH", "op", CHANGE_OP },
		{ "PATCH", "text-edit", CHANGE_QUOTE },
	};
	size_t i;

	for (i = 0; method != NULL && i < sizeof(all) / sizeof(all[0]); i++)
		if (strcmp(method, all[i].method) == 0 &&
		    strcmp(patch != NULL ? patch : "", all[i].patch) == 0) {
			*what_out = all[i].what;
			return true;
		}
	return false;
}

/* The body of a write, printed to the arena. */
static void
take_body(struct rest_call *call, struct change *ch, const struct json *item)
{
	const struct json *body = json_object_value(item, "body");
	struct buf b = BUF_INIT;

	if (json_kind(body) == JSON_NONE)
		return;
	json_print(body, &b);
	ch->body = (struct json_slice){
		arena_copy(&call->arena, b.data, b.len), b.len,
		json_kind(body),
	};
	buf_done(&b);
}

static bool
read_write(struct rest_call *call, const struct json *item, size_t place,
    struct change *ch)
{
	const char *method, *patch;
	const struct json *base;
	double v;

	if (!item_names(call, item, place, &ch->collection, &ch->id))
		return false;
	if (!item_text(call, item, "method", &method) ||
	    !item_text(call, item, "patch", &patch) ||
	    !read_what(method, patch, &ch->what)) {
		rest_problem(call, ERR_REQUEST, "item %zu: \"method\" must be "
		    "PUT, POST, DELETE, or PATCH with \"patch\" json-patch, "
		    "merge-patch, op or text-edit", place);
		return false;
	}
	if (!item_text(call, item, "type", &ch->type) ||
	    !item_text(call, item, "if_match", &ch->if_match) ||
	    !item_text(call, item, "if_none_match", &ch->if_none_match) ||
	    !item_text(call, item, "key", &ch->key)) {
		rest_problem(call, ERR_REQUEST, "item %zu: \"type\", "
		    "\"if_match\", \"if_none_match\" and \"key\" are strings",
		    place);
		return false;
	}
	base = json_object_value(item, "base");
	v = json_kind(base) == JSON_NUMBER ? json_number_get(base) : -1;
	ch->has_base = json_kind(base) != JSON_NONE;
	if (ch->has_base && (v < 0 || v > (double)OP_NUMBER_MAX ||
	    (double)(uint64_t)v != v || ch->if_match != NULL)) {
		rest_problem(call, ERR_REQUEST, "item %zu: \"base\" must be a "
		    "version, without \"if_match\"", place);
		return false;
	}
	ch->base = ch->has_base ? (uint64_t)v : 0;
	take_body(call, ch, item);
	if (ch->body.kind == JSON_NONE && ch->what != CHANGE_DELETE) {
		rest_problem(call, ERR_REQUEST, "item %zu: \"body\" is missing",
		    place);
		return false;
	}
	return true;
}

void
batch_post(struct rest_call *call)
{
	struct json *list = read_list(call, "writes");
	struct batch *batch = arena_get(&call->arena, sizeof(*batch));
	size_t i, n;

	if (list == NULL)
		return;
	n = json_list_len(list);
	batch->changes = arena_get(&call->arena,
	    (n + 1) * sizeof(*batch->changes));
	batch->is_begun = arena_get(&call->arena, n + 1);
	for (i = 0; i < n; i++) {
		struct change *ch = &batch->changes[i];

		ch->call = call;
		ch->done = change_done;
		ch->whose = batch;
		if (!read_write(call, json_list_at(list, i), i, ch))
			return;
	}
	batch->n = batch->waits = n;
	call->own = batch;
	call->leave = leave_batch;
	begin_those(call, batch);
}
