#include "tests/sim/watcher.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/sim/heard.h"
#include "tests/sim/world.h"

#define JSON0	"\"http://sharejs.org/types/JSONv0\""

/* Versions come and go whatever the content; types with deletes and creates. */
static const struct {
	const char	*q;
	bool		 is_window, is_count;
} shapes[] = {
	{ "{}", false, false },
	{ "{\"_v\":{\"$in\":[1,2,4,5,7,8,10,11,13,14,16,17,19,20,22,23]}}",
	  false, false },
	{ "{\"_type\":" JSON0 "}", false, false },
	{ "{\"$sort\":{\"_v\":-1},\"$limit\":2}", true, false },
	{ "{\"_v\":{\"$gt\":2},\"$sort\":{\"_type\":1},\"$skip\":1}", true,
	  false },
	{ "{\"_type\":{\"$ne\":" JSON0 "},\"$count\":true}", true, true },
};

struct watcher *
watcher_new(struct client *c)
{
	struct watcher *wr = mem_get(sizeof(*wr));

	wr->client = c;
	wr->shape = (unsigned)below(c->world,
	    sizeof(shapes) / sizeof(shapes[0]));
	return wr;
}

static uint64_t
stored_v(const struct watcher *wr, unsigned doc)
{
	return pretend_version(&wr->client->world->store, "c",
	    wr->client->docs[doc].id);
}

/* ---- saying ---- */

static void
put_known(const struct watcher *wr, struct buf *b)
{
	unsigned i, doc;

	buf_puts(b, ",\"r\":[");
	for (i = 0; i < wr->n; i++) {
		doc = wr->order[i];
		buf_puts(b, i > 0 ? ",[\"" : "[\"");
		buf_puts(b, wr->client->docs[doc].id);
		buf_puts(b, "\",");
		buf_put_u64(b, wr->v[doc]);
		buf_putc(b, ']');
	}
	buf_putc(b, ']');
}

static void
ask(struct watcher *wr, const char *a)
{
	struct buf b = BUF_INIT;
	unsigned i;

	buf_puts(&b, "{\"a\":\"");
	buf_puts(&b, a);
	buf_puts(&b, "\",\"c\":\"c\",\"id\":");
	if (strcmp(a, "qs") == 0) {
		wr->reading = READING_ASKED;
		wr->names_it = wr->has_result && maybe(wr->client->world, 80);
		if (!wr->names_it)
			wr->has_result = false;
		wr->id++;
		buf_put_u64(&b, wr->id);
		if (wr->names_it)
			put_known(wr, &b);
	} else {
		wr->is_fetching = true;
		for (i = 0; i < CLIENT_DOCS; i++)
			wr->min[i] = stored_v(wr, i);
		buf_puts(&b, "0");
	}
	buf_puts(&b, ",\"q\":");
	buf_puts(&b, shapes[wr->shape].q);
	buf_putc(&b, '}');
	world_send(wr->client, b.data, b.len);
	buf_done(&b);
}

static void
leave(struct watcher *wr)
{
	char text[48];

	snprintf(text, sizeof(text), "{\"a\":\"qu\",\"id\":%u}", wr->id);
	wr->reading = READING_NOT;
	world_send(wr->client, text, strlen(text));
}

void
watcher_connected(struct watcher *wr)
{
	if (wr->reading == READING_ASKED)
		ask(wr, "qs");
}

void
watcher_lost(struct watcher *wr)
{
	if (wr->reading == READING)
		wr->reading = READING_ASKED;
	wr->is_fetching = false;
}

void
watcher_act(struct watcher *wr)
{
	if (wr->client->conn == NULL)
		return;
	if (maybe(wr->client->world, 30) && !wr->is_fetching)
		ask(wr, "qf");
	else if (wr->reading == READING_NOT)
		ask(wr, "qs");
	else if (wr->reading == READING && maybe(wr->client->world, 10))
		leave(wr);
}

bool
watcher_settle(struct watcher *wr)
{
	if (wr->client->conn == NULL)
		return false;
	if (wr->reading == READING_NOT)
		ask(wr, "qs");
	return wr->reading == READING;
}

/* ---- hearing ---- */

struct told {
	struct json_slice a, id, d, v, data, diff, extra, error, code, type,
	    index, how_many, from, to, values;
};

static void
read_told(const struct json_slice *object, struct told *t)
{
	static const struct {
		const char	*name;
		size_t		 at;
	} known[] = {
		{ "a", offsetof(struct told, a) },
		{ "id", offsetof(struct told, id) },
		{ "d", offsetof(struct told, d) },
		{ "v", offsetof(struct told, v) },
		{ "data", offsetof(struct told, data) },
		{ "diff", offsetof(struct told, diff) },
		{ "extra", offsetof(struct told, extra) },
		{ "error", offsetof(struct told, error) },
		{ "code", offsetof(struct told, code) },
		{ "type", offsetof(struct told, type) },
		{ "index", offsetof(struct told, index) },
		{ "howMany", offsetof(struct told, how_many) },
		{ "from", offsetof(struct told, from) },
		{ "to", offsetof(struct told, to) },
		{ "values", offsetof(struct told, values) },
	};
	struct json_reader r;
	struct json_slice key, value;
	struct ot_err err;
	size_t i;

	memset(t, 0, sizeof(*t));
	json_reader_init(&r, object->p, object->len, &err);
	if (json_enter(&r, JSON_OBJECT) != 0)
		bug("the server says what is no object");
	while (json_next_member(&r, &key) > 0) {
		if (json_skip(&r, &value) != 0)
			bug("the server says what is not JSON");
		for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			if (json_slice_is(&key, known[i].name))
				*(struct json_slice *)(void *)
				    ((char *)t + known[i].at) = value;
	}
}

static unsigned
number_in(const struct watcher *wr, const struct json_slice *s)
{
	if (s->kind != JSON_NUMBER)
		violation(wr->client->world, "%s: a number is missing",
		    wr->client->src);
	return (unsigned)json_slice_number(s);
}

/* A document comes into the list at index, as it is in a result. */
static void
put_in(struct watcher *wr, unsigned index, const struct json_slice *row)
{
	struct world *w = wr->client->world;
	struct told t;
	char id[8];
	unsigned doc, i;
	uint64_t v;

	read_told(row, &t);
	slice_string(&t.d, id, sizeof(id));
	doc = (unsigned)(id[1] - '0');
	v = number_in(wr, &t.v);
	for (i = 0; i < wr->n; i++)
		if (wr->order[i] == doc)
			violation(w, "%s: %s comes twice", wr->client->src,
			    id);
	if (index > wr->n || wr->n == CLIENT_DOCS)
		violation(w, "%s: %s comes at %u of %u", wr->client->src, id,
		    index, wr->n);
	if (v > stored_v(wr, doc))
		violation(w, "%s: %s is shown at %llu before it is stored",
		    wr->client->src, id, (unsigned long long)v);
	memmove(wr->order + index + 1, wr->order + index,
	    (wr->n - index) * sizeof(wr->order[0]));
	wr->order[index] = doc;
	wr->n++;
	/* What is known may be newer: sharedb's ingestSnapshot. */
	if (!wr->has_v[doc] || wr->v[doc] < v)
		wr->v[doc] = v;
	wr->has_v[doc] = true;
}

static void
put_rows(struct watcher *wr, unsigned index, const struct json_slice *rows)
{
	struct json_reader r;
	struct json_slice row;
	struct ot_err err;

	json_reader_init(&r, rows->p, rows->len, &err);
	if (json_enter(&r, JSON_LIST) != 0)
		violation(wr->client->world, "%s: no list of documents",
		    wr->client->src);
	while (json_next_item(&r) > 0 && json_skip(&r, &row) == 0)
		put_in(wr, index++, &row);
}

static void
take_out(struct watcher *wr, unsigned from, unsigned n)
{
	if (from + n > wr->n)
		violation(wr->client->world, "%s: %u go at %u of %u",
		    wr->client->src, n, from, wr->n);
	wr->n -= n;
	memmove(wr->order + from, wr->order + from + n,
	    (wr->n - from) * sizeof(wr->order[0]));
}

static void
move(struct watcher *wr, unsigned from, unsigned to, unsigned n)
{
	unsigned moved[CLIENT_DOCS];

	if (from + n > wr->n || to + n > wr->n)
		violation(wr->client->world, "%s: %u move from %u to %u of %u",
		    wr->client->src, n, from, to, wr->n);
	memcpy(moved, wr->order + from, n * sizeof(moved[0]));
	take_out(wr, from, n);
	memmove(wr->order + to + n, wr->order + to,
	    (wr->n - to) * sizeof(wr->order[0]));
	memcpy(wr->order + to, moved, n * sizeof(moved[0]));
	wr->n += n;
}

static void
hear_diff(struct watcher *wr, const struct json_slice *diff)
{
	struct json_reader r;
	struct json_slice step;
	struct told t;
	struct ot_err err;

	json_reader_init(&r, diff->p, diff->len, &err);
	if (json_enter(&r, JSON_LIST) != 0)
		violation(wr->client->world, "%s: a diff that is no list",
		    wr->client->src);
	while (json_next_item(&r) > 0 && json_skip(&r, &step) == 0) {
		read_told(&step, &t);
		if (json_slice_is(&t.type, "insert"))
			put_rows(wr, number_in(wr, &t.index), &t.values);
		else if (json_slice_is(&t.type, "remove"))
			take_out(wr, number_in(wr, &t.index),
			    number_in(wr, &t.how_many));
		else
			move(wr, number_in(wr, &t.from), number_in(wr, &t.to),
			    number_in(wr, &t.how_many));
	}
}

static bool
is_in(const struct watcher *wr, unsigned doc)
{
	unsigned i;

	for (i = 0; i < wr->n; i++)
		if (wr->order[i] == doc)
			return true;
	return false;
}

static void
hear_op(struct watcher *wr, const struct told *t)
{
	struct world *w = wr->client->world;
	char id[8];
	unsigned doc;
	uint64_t v = number_in(wr, &t->v);

	slice_string(&t->d, id, sizeof(id));
	doc = (unsigned)(id[1] - '0');
	if (!wr->has_v[doc] || v < wr->v[doc])
		return;
	if (v == wr->v[doc]) {
		wr->v[doc]++;
		return;
	}
	/* Of a former query, whose diffs it no longer looks at, perhaps. */
	if (wr->reading != READING)
		return;
	/* What is gone from history nobody can be told. */
	if (is_in(wr, doc) && !w->forgets)
		violation(w, "%s: %s: op at %llu, but it has %llu",
		    wr->client->src, id, (unsigned long long)v,
		    (unsigned long long)wr->v[doc]);
	wr->v[doc] = v + 1;
}

static void
forget(struct watcher *wr)
{
	wr->n = 0;
	wr->has_result = false;
	memset(wr->has_v, 0, sizeof(wr->has_v));
	wr->count = 0;
}

/* At least what was stored when it asked. */
static void
check_row(const struct watcher *wr, const struct json_slice *row)
{
	struct told t;
	char id[8];
	unsigned doc;
	uint64_t v;

	read_told(row, &t);
	slice_string(&t.d, id, sizeof(id));
	doc = (unsigned)(id[1] - '0');
	v = number_in(wr, &t.v);
	if (v < wr->min[doc] || v > stored_v(wr, doc))
		violation(wr->client->world, "%s: %s at %llu, though %llu was "
		    "stored when it was asked for, and %llu is now",
		    wr->client->src, id, (unsigned long long)v,
		    (unsigned long long)wr->min[doc],
		    (unsigned long long)stored_v(wr, doc));
}

static void
hear_fetched(struct watcher *wr, const struct told *t)
{
	struct json_reader r;
	struct json_slice row;
	struct ot_err err;

	wr->is_fetching = false;
	if (t->error.kind != JSON_NONE)
		return;
	json_reader_init(&r, t->data.p, t->data.len, &err);
	if (json_enter(&r, JSON_LIST) != 0)
		violation(wr->client->world, "%s: no list of documents",
		    wr->client->src);
	while (json_next_item(&r) > 0 && json_skip(&r, &row) == 0)
		check_row(wr, &row);
}

static void
hear_refused(struct watcher *wr, const struct told *t)
{
	struct told inside;
	char code[64];

	read_told(&t->error, &inside);
	slice_string(&inside.code, code, sizeof(code));
	if (strncmp(code, "ERR_OTD_", 8) != 0 &&
	    !(wr->client->world->forgets && strcmp(code,
	    "ERR_SUBMIT_TRANSFORM_OPS_NOT_FOUND") == 0))
		violation(wr->client->world, "%s is refused: %s",
		    wr->client->src, code);
	wr->reading = READING_NOT;
	forget(wr);
}

static void
hear_answer(struct watcher *wr, const struct told *t)
{
	if (t->data.kind == JSON_LIST) {
		forget(wr);
		put_rows(wr, 0, &t->data);
		if (t->extra.kind != JSON_NONE)
			wr->count = number_in(wr, &t->extra);
	} else if (!wr->names_it) {
		violation(wr->client->world, "%s: no result",
		    wr->client->src);
	}
	wr->has_result = true;
	wr->reading = READING;
}

void
watcher_hear(struct watcher *wr, const char *text, size_t len)
{
	const struct json_slice whole = { text, len, JSON_OBJECT };
	struct told t;

	read_told(&whole, &t);
	if (json_slice_is(&t.a, "op")) {
		hear_op(wr, &t);
		return;
	}
	if (json_slice_is(&t.a, "qf")) {
		hear_fetched(wr, &t);
		return;
	}
	if (t.id.kind != JSON_NUMBER || number_in(wr, &t.id) != wr->id ||
	    wr->reading == READING_NOT)
		return;		/* of a former one; init, hs, qu */
	if (t.error.kind != JSON_NONE) {
		hear_refused(wr, &t);
	} else if (json_slice_is(&t.a, "qs")) {
		hear_answer(wr, &t);
	} else if (json_slice_is(&t.a, "q")) {
		if (wr->reading != READING && !wr->names_it)
			violation(wr->client->world, "%s: told of a result "
			    "that it does not have", wr->client->src);
		if (t.diff.kind != JSON_NONE)
			hear_diff(wr, &t.diff);
		if (t.extra.kind != JSON_NONE)
			wr->count = number_in(wr, &t.extra);
	}
}

/* ---- at the end ---- */

static struct job *
truth(const struct watcher *wr)
{
	const char *q = shapes[wr->shape].q;
	const struct json_slice slice = { q, strlen(q), JSON_OBJECT };
	struct filter *filter;
	struct job *job;
	struct ot_err err;

	if (filter_parse(&slice, &filter, &err) != 0)
		bug("a query of the simulation cannot be parsed");
	job = job_new_find("c", filter, NULL);
	pretend_write_contents(&wr->client->world->store);
	pretend_query(&wr->client->world->store, job);
	return job;
}

void
watcher_check(const struct watcher *wr)
{
	struct world *w = wr->client->world;
	struct job *job = truth(wr);
	unsigned i, doc;

	if (wr->n != job->find.n || wr->count != job->find.count)
		violation(w, "%s: ends with %u and %llu of %s, the store "
		    "has %zu and %llu", wr->client->src, wr->n,
		    (unsigned long long)wr->count, shapes[wr->shape].q,
		    job->find.n, (unsigned long long)job->find.count);
	for (i = 0; i < job->find.n; i++) {
		doc = (unsigned)(job->find.found[i].id[1] - '0');
		if (shapes[wr->shape].is_window ? wr->order[i] != doc :
		    !is_in(wr, doc))
			violation(w, "%s: ends with d%u at %u of %s, the "
			    "store with d%u", wr->client->src, wr->order[i], i,
			    shapes[wr->shape].q, doc);
		if (wr->v[doc] != job->find.found[i].v && !w->forgets)
			violation(w, "%s: ends with d%u at %llu, the store "
			    "at %llu", wr->client->src, doc,
			    (unsigned long long)wr->v[doc],
			    (unsigned long long)job->find.found[i].v);
	}
	job_free(job);
}
