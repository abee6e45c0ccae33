/*
 * Requests below /v1/, from their paths to their answers: with the real hub,
 * a store in memory, and a pretended net.
 *
 * A line is a request: parts with tabs between, "PUT /v1/...?query", then
 * headers, "name: value" of those that are asked for, and last a body.  Tables
 * beside documents are away.  Whatever comes in gets one answer, whose head is
 * lines and whose JSON is JSON; nothing is an error of our own.
 *
 * What lws reads before (the request line, lengths, chunks, escapes of the
 * path) is not in here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/desk.h"
#include "core/hub.h"
#include "fuzz/input.h"
#include "ot/json.h"
#include "ot/utf.h"
#include "rest/rest.h"
#include "tests/rest/pretend_net.h"
#include "tests/sim/pretend_store.h"

#define LATER_MS	120000	/* behind every wait of a call */

struct room {
	struct hub		*hub;
	struct pretend_store	 store;
	struct desk		 desk;
	struct rest		*rest;
	uint64_t		 now_ms;
};

static const struct { const char *name; enum net_method method; } methods[] = {
	{ "GET", NET_GET }, { "POST", NET_POST }, { "PUT", NET_PUT },
	{ "PATCH", NET_PATCH }, { "DELETE", NET_DELETE },
	{ "OPTIONS", NET_OPTIONS },
};

static const struct { const char *name; enum net_header header; } headers[] = {
	{ "accept: ", NET_ACCEPT }, { "content-type: ", NET_CONTENT_TYPE },
	{ "idempotency-key: ", NET_IDEMPOTENCY_KEY },
	{ "if-match: ", NET_IF_MATCH },
	{ "if-modified-since: ", NET_IF_MODIFIED_SINCE },
	{ "if-none-match: ", NET_IF_NONE_MATCH },
	{ "if-unmodified-since: ", NET_IF_UNMODIFIED_SINCE },
	{ "last-event-id: ", NET_LAST_EVENT_ID }, { "prefer: ", NET_PREFER },
	{ "traceparent: ", NET_TRACEPARENT },
};

/* ---- the room ---- */

__attribute__((format(printf, 1, 2)))
static void
complain(const char *fmt, ...)
{
	must(false, fmt);
}

static bool
jobs_done(struct room *room)
{
	struct job *job;
	bool any = false;

	while ((job = hub_next_job(room->hub)) != NULL) {
		any = true;
		pretend_do(&room->store, job);
		hub_finish(room->hub, job);
	}
	while ((job = desk_next(&room->desk)) != NULL) {
		any = true;
		if (job->kind == JOB_ROWS)
			job->err = ERR_STORE_AWAY;
		else
			pretend_do(&room->store, job);
		job->settle(job);
	}
	return any;
}

static void
turn(struct room *room)
{
	struct session *ss;
	struct word *w;
	bool moved;

	do {
		moved = hub_work(room->hub);
		hub_check(room->hub);
		moved = jobs_done(room) || moved;
		while ((w = hub_next_word(room->hub)) != NULL)
			word_free(w);
		while ((ss = hub_next_ready(room->hub)) != NULL) {
			moved = true;
			if (session_owner(ss) != NULL)
				((struct outlet *)session_owner(ss))->flush(ss);
		}
	} while (moved);
	rest_tick(room->rest, room->now_ms, (int64_t)room->now_ms);
}

static void
wait(struct room *room)
{
	room->now_ms += LATER_MS;
	hub_tick(room->hub, room->now_ms);
	rest_tick(room->rest, room->now_ms, (int64_t)room->now_ms);
	turn(room);
}

static void
create(struct room *room, const char *text)
{
	struct session *ss = hub_open(room->hub, NULL, "somebody", NULL, 0);

	hub_receive(room->hub, ss, text, strlen(text));
	turn(room);
	hub_leave(room->hub, ss);
	turn(room);
}

static void
room_init(struct room *room)
{
	struct rest_settings settings;
	struct hub_limits limits;

	memset(room, 0, sizeof(*room));
	hub_limits_default(&limits);
	pretend_init(&room->store);
	room->store.complain = complain;
	room->hub = hub_new(&limits, 1);
	desk_init(&room->desk);
	rest_settings_default(&settings);
	room->rest = rest_new(room->hub, &room->desk, NULL, &settings);
	rest_tick(room->rest, 0, 0);
	create(room, "{\"a\":\"op\",\"c\":\"c\",\"d\":\"t\",\"v\":0,\"seq\":1,"
	    "\"create\":{\"type\":\"rich-text\",\"data\":[{\"insert\":\"abc\"}]}}");
	create(room, "{\"a\":\"op\",\"c\":\"c\",\"d\":\"j\",\"v\":0,\"seq\":1,"
	    "\"create\":{\"type\":\"json1\",\"data\":{\"a\":1,\"b\":[2]}}}");
}

static void
room_done(struct room *room)
{
	rest_stop(room->rest);
	turn(room);
	rest_free(room->rest);
	hub_free(room->hub);
	desk_done(&room->desk);
	pretend_done(&room->store);
}

/* ---- a request ---- */

/* As net has it: decoded by then, and with a NUL at its end only. */
static void
target_read(struct pretend_call *p, char *line)
{
	char *target = line + strcspn(line, " "), *query;
	size_t i;

	if (*target != '\0')
		*target++ = '\0';
	p->call.method = NET_GET;
	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (strcmp(line, methods[i].name) == 0)
			p->call.method = methods[i].method;
	if ((query = strchr(target, '?')) != NULL)
		*query++ = '\0';
	p->call.path = target;
	p->call.query = query != NULL ? query : "";
}

/* The tab before it is gone. */
static void
part_read(struct pretend_call *p, char *part, size_t len)
{
	size_t i, n;

	for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		n = strlen(headers[i].name);
		if (strncasecmp(part, headers[i].name, n) == 0) {
			p->call.headers[headers[i].header] = part + n;
			return;
		}
	}
	p->call.body = part;
	p->call.body_len = len;
}

/* ---- its answer ---- */

static bool
is_json(const char *bytes, size_t len)
{
	struct json_reader r;
	struct ot_err err;

	json_reader_init(&r, bytes, len, &err);
	return json_skip(&r, NULL) == 0 && json_finish(&r) == 0;
}

static void
check_head(const struct pretend_call *p)
{
	const char *at = p->headers, *end;

	must(p->status >= 200 && p->status < 600, "no status");
	must(p->status != 500, "an error of our own");
	for (; *at != '\0'; at = end + 2) {
		end = strstr(at, "\r\n");
		must(end != NULL && end > at, "half a header");
		must(memchr(at, ':', (size_t)(end - at)) != NULL,
		    "a header without a name");
		for (; at < end; at++)
			must((unsigned char)*at >= ' ' && *at != 127,
			    "a control character in a header");
	}
}

static void
check_answer(struct pretend_call *p)
{
	size_t len = p->body.len;

	check_head(p);
	if (p->status == 204 || p->status == 304)
		must(len == 0, "a body where none may be");
	if (p->status >= 400)
		must(p->type != NULL &&
		    strcmp(p->type, "application/problem+json") == 0,
		    "a refusal that is no problem");
	if (len == 0)
		return;
	must(utf_is_utf8(p->body.data, len), "an answer that is no UTF-8");
	if (p->type != NULL && strstr(p->type, "json") != NULL)
		must(is_json(p->body.data, len), "an answer that is no JSON");
}

static void
ask(struct room *room, struct input_line *line)
{
	const struct net_api *api = rest_api(room->rest);
	char *part, *tab, *end = line->p + line->len;
	struct pretend_call p;

	pretend_call_init(&p, NET_GET, "", "");
	for (part = line->p; part <= end; part = tab + 1) {
		if ((tab = memchr(part, '\t', (size_t)(end - part))) == NULL)
			tab = end;
		*tab = '\0';
		if (part == line->p)
			target_read(&p, part);
		else
			part_read(&p, part, (size_t)(tab - part));
	}
	api->begin(&p.call, api->arg);
	turn(room);
	if (p.status == 0 || (p.is_stream && !p.is_ended))
		wait(room);
	must(p.status != 0, "no answer");
	if (p.is_stream && !p.is_ended) {
		check_head(&p);
		must(utf_is_utf8(p.body.data, p.body.len), "a stream, no UTF-8");
		api->gone(&p.call, api->arg);
		turn(room);
	} else {
		check_answer(&p);
	}
	pretend_call_done(&p);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct input in;
	struct room room;
	size_t i;

	input_init(&in, bytes, len);
	room_init(&room);
	for (i = 0; i < in.n; i++)
		ask(&room, &in.lines[i]);
	room_done(&room);
	input_done(&in);
	return 0;
}
