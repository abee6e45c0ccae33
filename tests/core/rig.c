#include "tests/core/rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ot/json_value.h"
#include "tests/proto/quoted.h"

__attribute__((format(printf, 1, 2)))
static void
complain(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fail_msg("%s", "the store complains");
}

void
rig_init(struct rig *r)
{
	memset(r, 0, sizeof(*r));
	hub_limits_default(&r->limits);
	pretend_init(&r->store);
	r->store.complain = complain;
	list_init(&r->held);
	list_init(&r->words);
}

void
rig_start(struct rig *r)
{
	r->hub = hub_new(&r->limits, 1);
}

void
rig_done(struct rig *r)
{
	struct list *node;

	hub_check(r->hub);
	hub_free(r->hub);
	while ((node = list_shift(&r->held)) != NULL)
		job_free(LIST_ITEM(node, struct job, node));
	while ((node = list_shift(&r->words)) != NULL)
		word_free(LIST_ITEM(node, struct word, node));
	pretend_done(&r->store);
}

void
rig_run(struct rig *r)
{
	struct job *job;
	struct word *w;
	bool moved;

	do {
		moved = hub_work(r->hub);
		hub_check(r->hub);
		while ((job = hub_next_job(r->hub)) != NULL) {
			moved = true;
			r->loads += job->kind == JOB_LOAD;
			r->reads += job->kind == JOB_OPS;
			if (r->held_kinds & 1u << job->kind) {
				list_push(&r->held, &job->node);
				continue;
			}
			pretend_do(&r->store, job);
			if (job->kind == JOB_HISTORY)
				r->replayed += job->history.load.ops.n;
			hub_finish(r->hub, job);
			hub_check(r->hub);
		}
		while ((w = hub_next_word(r->hub)) != NULL)
			list_push(&r->words, &w->node);
	} while (moved);
}

void
rig_tick(struct rig *r, uint64_t ms)
{
	r->now_ms += ms;
	hub_tick(r->hub, r->now_ms);
	rig_run(r);
}

struct session *
rig_open(struct rig *r, const char *src)
{
	return rig_open_as(r, src, NULL, 0);
}

struct session *
rig_open_as(struct rig *r, const char *src, struct principal *who,
    unsigned flags)
{
	struct session *ss = hub_open(r->hub, NULL, src, who, flags);
	struct frame *f = session_shift(ss);

	assert_non_null(f);
	frame_unref(f);
	return ss;
}

void
rig_say(struct rig *r, struct session *ss, const char *text)
{
	char *message = quoted(text);

	hub_receive(r->hub, ss, message, strlen(message));
	free(message);
	rig_run(r);
}

void
rig_say_over(struct rig *r, struct session *ss, const char *text)
{
	struct frame *f;

	rig_say(r, ss, text);
	f = session_shift(ss);
	assert_non_null(f);
	frame_unref(f);
}

void
rig_insert(struct rig *r, struct session *ss, int seq)
{
	char text[100];

	snprintf(text, sizeof(text), "{'a':'op','c':'c','d':'x','seq':%d,"
	    "'op':['1']}", seq);
	rig_say_over(r, ss, text);
}

static struct json *
parsed(const char *text, size_t len)
{
	struct json *v;
	struct ot_err err;

	if (json_parse(text, len, 0, &v, &err) != 0)
		fail_msg("not JSON: %.*s", (int)len, text);
	return v;
}

void
rig_hear(struct session *ss, const char *text)
{
	struct frame *f = session_shift(ss);
	char *wanted = quoted(text);
	struct json *a, *b;

	if (f == NULL)
		fail_msg("heard nothing instead of %s", wanted);
	a = parsed(frame_payload(f), frame_payload_len(f));
	b = parsed(wanted, strlen(wanted));
	if (!json_deep_equal(a, b))
		fail_msg("heard  %.*s\nwanted %s", (int)frame_payload_len(f),
		    frame_payload(f), wanted);
	json_unref(a);
	json_unref(b);
	free(wanted);
	frame_unref(f);
}

void
rig_hear_nothing(struct session *ss)
{
	struct frame *f = session_peek(ss);

	if (f != NULL)
		fail_msg("heard %.*s", (int)frame_payload_len(f),
		    frame_payload(f));
}

char *
rig_hear_all(struct session *ss)
{
	struct buf b = BUF_INIT;
	struct frame *f;

	while ((f = session_shift(ss)) != NULL) {
		buf_put(&b, frame_payload(f), frame_payload_len(f));
		buf_putc(&b, '\n');
		frame_unref(f);
	}
	buf_putc(&b, '\0');
	return buf_take(&b, &(size_t){ 0 });
}

void
rig_drop(struct session *ss)
{
	free(rig_hear_all(ss));
}

void
rig_hear_error(struct session *ss, const char *code)
{
	struct frame *f = session_shift(ss);
	char wanted[128];
	char *text;

	if (f == NULL)
		fail_msg("heard nothing instead of %s", code);
	snprintf(wanted, sizeof(wanted), "\"error\":{\"code\":\"%s\"", code);
	text = mem_copy(frame_payload(f), frame_payload_len(f));
	if (strstr(text, wanted) == NULL)
		fail_msg("heard %s instead of %s", text, code);
	free(text);
	frame_unref(f);
}

/* ---- jobs ---- */

void
rig_hold(struct rig *r, enum job_kind kind)
{
	r->held_kinds |= 1u << kind;
}

struct job *
rig_held(struct rig *r, enum job_kind kind)
{
	struct list *node, *next;
	struct job *job;

	LIST_EACH(&r->held, node, next) {
		job = LIST_ITEM(node, struct job, node);
		if (job->kind == kind)
			return job;
	}
	fail_msg("no job of kind %d waits", kind);
	return NULL;
}

void
rig_settle(struct rig *r, enum job_kind kind, enum err err, bool is_done)
{
	r->held_kinds &= ~(1u << kind);
	rig_settle_on(r, kind, err, is_done);
}

void
rig_settle_on(struct rig *r, enum job_kind kind, enum err err, bool is_done)
{
	struct job *job = rig_held(r, kind);

	list_remove(&job->node);
	if (err == ERR_NONE || is_done)
		pretend_do(&r->store, job);
	job->err = err;
	hub_finish(r->hub, job);
	hub_check(r->hub);
	rig_run(r);
}

void
rig_rival(struct rig *r, const char *id, enum op_kind kind, const char *src,
    uint64_t seq, const char *body)
{
	char *text = body != NULL ? quoted(body) : NULL;
	struct op *op = op_new(kind, pretend_version(&r->store, "c", id), src,
	    seq, text, text != NULL ? strlen(text) : 0);

	pretend_write(&r->store, "c", id, op);
	op_unref(op);
	free(text);
}

void
rig_word(struct rig *r, const char *id, uint64_t from, uint64_t to)
{
	struct word *w = word_new(WORD_OPS, "c", id);
	const struct pretend_doc *d = pretend_find(&r->store, "c", id);

	for (; from < to; from++)
		op_list_add(&w->ops, pretend_copy(d->log[from]));
	hub_hear(r->hub, w);
	hub_check(r->hub);
	rig_run(r);
}
