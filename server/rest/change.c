#include "rest/change.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "rest/etag.h"
#include "rest/rest_in.h"
#include "rest/trace.h"

#define TRIES_MAX	8	/* against others who create and delete it */

static void	 fetch_head(struct change *ch);

/* ---- the end ---- */

/* Contents of documents: a call may have many changes, one after the other. */
static void
let_go(struct change *ch)
{
	for (size_t i = 0; i < KEPT_N; i++) {
		free(ch->kept[i]);
		ch->kept[i] = NULL;
	}
}

void
change_end(struct change *ch)
{
	once_end(&ch->once);
	let_go(ch);
	buf_done(&ch->op);
	buf_done(&ch->answer);
}

static void
finish(struct change *ch, int status)
{
	ch->status = status;
	once_end(&ch->once);
	let_go(ch);
	ch->done(ch);
}

static void
refuse_code(struct change *ch, int status, const char *code,
    const char *detail)
{
	ch->code = code;
	ch->detail = arena_copy(&ch->call->arena, detail, strlen(detail));
	finish(ch, status);
}

static void
refuse_err(struct change *ch, enum err err, const char *detail)
{
	refuse_code(ch, err_http(err), err_wire(err),
	    detail != NULL ? detail : err_text(err));
}

static bool
refused_by_hub(struct change *ch, const struct rest_reply *reply)
{
	if (reply->status == 200)
		return false;
	refuse_code(ch, reply->status, reply->code, reply->message);
	return true;
}

/* ---- what is answered ---- */

static void
put_answer(struct change *ch, enum op_kind kind, bool is_changed)
{
	struct buf *b = &ch->answer;

	buf_reset(b);
	buf_putc(b, '{');
	rest_put_text(b, "collection", ch->collection);
	rest_put_text(b, "id", ch->id);
	rest_put_number(b, "version", (int64_t)ch->v);
	if (kind == OP_DELETE) {
		rest_put_bool(b, "deleted", true);
	} else if (kind == OP_CREATE) {
		rest_put_bool(b, "created", true);
	} else {
		rest_put_bool(b, "changed", is_changed);
		if (is_changed && ch->op.len > 0) {
			rest_put_number(b, "base", (int64_t)ch->from.v);
			buf_putc(b, ',');
			buf_put(b, ch->op.data, ch->op.len);
		}
	}
	buf_putc(b, '}');
}

static int
status_of(enum op_kind kind)
{
	return kind == OP_CREATE ? 201 : 200;
}

static void
kept(struct rest_call *call, struct job *job, void *whose)
{
	struct change *ch = whose;

	/*
	 * Not kept: the change is made all the same, and its op is the mark
	 * that a repeated request finds.
	 */
	(void)call;
	(void)job;
	finish(ch, ch->status);
}

/* The document is at ch->v now, and everybody may know. */
static void
succeed(struct change *ch, int status)
{
	if (buf_failed(&ch->answer)) {
		refuse_err(ch, ERR_UNKNOWN, NULL);
		return;
	}
	ch->status = status;
	if (ch->key == NULL) {
		finish(ch, status);
		return;
	}
	once_keep(&ch->once, ch->call, ch->collection, ch->id, status, ch->v,
	    &ch->answer, kept, ch);
}

/* ---- submitting ---- */

static enum op_kind
kind_of(const struct change *ch)
{
	if (ch->what == CHANGE_DELETE)
		return OP_DELETE;
	return ch->is_new ? OP_CREATE : OP_EDIT;
}

/* Did somebody create or delete it since it was fetched? */
static bool
is_overtaken(const struct change *ch, const struct rest_reply *reply)
{
	return !ch->is_strict && !ch->has_base && ch->what == CHANGE_PUT &&
	    ch->if_none_match == NULL && ch->tries < TRIES_MAX &&
	    (strcmp(reply->code, "ERR_DOC_ALREADY_CREATED") == 0 ||
	    strcmp(reply->code, "ERR_DOC_WAS_DELETED") == 0 ||
	    strcmp(reply->code, "ERR_DOC_DOES_NOT_EXIST") == 0);
}

static void
acknowledged(struct rest_call *call, const struct rest_reply *reply,
    void *whose)
{
	struct change *ch = whose;
	struct json_slice v;

	(void)call;
	if (reply->status != 200 && ch->is_blind) {
		refuse_err(ch, ERR_DENIED, NULL);
		return;
	}
	if (reply->status != 200 && is_overtaken(ch, reply)) {
		fetch_head(ch);
		return;
	}
	if (reply->status != 200 && ch->if_none_match != NULL &&
	    strcmp(reply->code, "ERR_DOC_ALREADY_CREATED") == 0) {
		refuse_err(ch, ERR_VERSION, "The document is there already");
		return;
	}
	if (refused_by_hub(ch, reply))
		return;
	v = rest_member(&reply->whole, "v");
	ch->v = (uint64_t)json_slice_number(&v) + 1;
	ch->is_merged = ch->v != ch->from.v + 1;
	put_answer(ch, kind_of(ch), true);
	succeed(ch, status_of(kind_of(ch)));
}

static void
submit(struct change *ch)
{
	struct buf m = BUF_INIT;

	rest_put_text(&m, "a", "op");
	rest_put_text(&m, "c", ch->collection);
	rest_put_text(&m, "d", ch->id);
	rest_put_number(&m, "v", (int64_t)ch->from.v);
	if (ch->key != NULL)
		rest_put_text(&m, "src", ch->once.src);
	else if (trace_src(ch->call) != NULL)
		rest_put_text(&m, "src", trace_src(ch->call));
	/* Else the session's own id signs; without a key they are counted. */
	rest_put_number(&m, "seq", ch->key != NULL ? 1 :
	    (int64_t)ch->call->ordinal + 1);
	if (ch->is_strict)
		rest_put_raw(&m, "x", "{\"strict\":true}", 15);
	buf_putc(&m, ',');
	buf_put(&m, ch->op.data, ch->op.len);
	if (buf_failed(&m) || buf_failed(&ch->op))
		refuse_err(ch, ERR_BODY_LIMIT, NULL);
	else
		rest_say(ch->call, &m, acknowledged, ch);
	buf_done(&m);
}

/* ---- from the base to the op ---- */

static void
refuse_ot_err(struct change *ch, const struct ot_err *err)
{
	const char *code = ot_wire_code(err->code);

	switch (err->code) {
	case OT_EJSON:		/* the body was JSON: something in it */
	case OT_EBADLY:
		refuse_code(ch, 400, "ERR_OT_OP_BADLY_FORMED", err->text);
		break;
	case OT_EUNSUP:
		refuse_err(ch, ERR_MEDIA, err->text);
		break;
	case OT_ELIMIT:
		refuse_code(ch, 413, code, err->text);
		break;
	case OT_ENOMEM:
		refuse_err(ch, ERR_UNKNOWN, NULL);
		break;
	case OT_ETEST:
		refuse_code(ch, 409, code, err->text);
		break;
	default:
		refuse_code(ch, 422, code, err->text);
		break;
	}
}

static void
make(struct change *ch)
{
	struct ot_err ot_err = { 0, "" };
	enum err err = ERR_NONE;

	buf_reset(&ch->op);
	switch (change_make(ch, &err, &ot_err)) {
	case CHANGE_MADE:
		submit(ch);
		break;
	case CHANGE_NOTHING:
		ch->v = ch->head.v;
		put_answer(ch, OP_EDIT, false);
		succeed(ch, 200);
		break;
	case CHANGE_REFUSED:
		if (err != ERR_NONE)
			refuse_err(ch, err, NULL);
		else
			refuse_ot_err(ch, &ot_err);
		break;
	}
}

/* ---- the past ---- */

static void
base_told(struct rest_call *call, const struct rest_reply *reply, void *whose)
{
	struct change *ch = whose;

	(void)call;
	if (refused_by_hub(ch, reply))
		return;
	ch->from = shot_keep(&reply->whole, &ch->kept[KEPT_FROM]);
	make(ch);
}

/* The content to restore is what a PUT would bring. */
static void
past_told(struct rest_call *call, const struct rest_reply *reply, void *whose)
{
	struct change *ch = whose;
	struct shot past;

	(void)call;
	if (refused_by_hub(ch, reply))
		return;
	past = shot_keep(&reply->whole, &ch->kept[KEPT_PAST]);
	if (past.type == NULL) {
		refuse_code(ch, 404, "ERR_DOC_DOES_NOT_EXIST",
		    "There was no document then");
		return;
	}
	ch->type = past.type->name;
	ch->body = past.data;
	make(ch);
}

static void
ask_past(struct change *ch, bool by_time, uint64_t v, rest_then *then)
{
	struct buf m = BUF_INIT;

	rest_put_text(&m, "a", by_time ? "nt" : "nf");
	rest_put_text(&m, "c", ch->collection);
	rest_put_text(&m, "d", ch->id);
	if (by_time)
		rest_put_number(&m, "ts", ch->past_ms);
	else
		rest_put_number(&m, "v", (int64_t)v);
	rest_say(ch->call, &m, then, ch);
	buf_done(&m);
}

/* ---- preconditions (RFC 9110, section 13.1) ---- */

/* False: it is refused. */
static bool
check_match(struct change *ch)
{
	bool is_there = ch->head.type != NULL, holds = false;

	switch (etag_kind(ch->if_match)) {
	case ETAG_NONE:
		return true;
	case ETAG_ANY:
		holds = is_there;
		break;
	case ETAG_LIST:
		holds = is_there && etag_has(ch->if_match, ch->head.v, false);
		ch->is_strict = true;
		break;
	case ETAG_BAD:
		refuse_err(ch, ERR_REQUEST,
		    "If-Match must be \"*\" or a version like \"v12\", quoted");
		return false;
	}
	if (!holds)
		refuse_err(ch, ERR_VERSION, NULL);
	return holds;
}

static bool
check_none_match(struct change *ch)
{
	switch (etag_kind(ch->if_none_match)) {
	case ETAG_NONE:
		return true;
	case ETAG_ANY:
		if (ch->head.type == NULL)
			return true;
		refuse_err(ch, ERR_VERSION, "The document is there already");
		return false;
	case ETAG_LIST:
		if (ch->head.type == NULL ||
		    !etag_has(ch->if_none_match, ch->head.v, true))
			return true;
		refuse_err(ch, ERR_VERSION, NULL);
		return false;
	case ETAG_BAD:
		break;
	}
	refuse_err(ch, ERR_REQUEST,
	    "If-None-Match must be \"*\" or a version like \"v12\", quoted");
	return false;
}

static bool
check_there(struct change *ch)
{
	bool may_be_new = ch->what == CHANGE_PUT ||
	    ch->what == CHANGE_CREATE || ch->what == CHANGE_RESTORE;

	if (ch->head.type != NULL && ch->what == CHANGE_CREATE) {
		refuse_code(ch, 409, "ERR_DOC_ALREADY_CREATED",
		    "Document already exists");
		return false;
	}
	if (ch->head.type != NULL || may_be_new)
		return true;
	refuse_code(ch, 404, "ERR_DOC_DOES_NOT_EXIST", ch->head.v > 0 ?
	    "The document was deleted" : "There is no such document");
	return false;
}

static void
go_on(struct change *ch)
{
	ch->is_strict = false;
	if (!check_match(ch) || !check_none_match(ch) || !check_there(ch))
		return;
	ch->from = ch->head;
	if (ch->has_base && ch->base > ch->head.v) {
		refuse_err(ch, ERR_NEWER, NULL);
		return;
	}
	if (ch->what == CHANGE_RESTORE)
		ask_past(ch, ch->by_time, ch->past_v, past_told);
	else if (ch->has_base && ch->base < ch->head.v)
		ask_past(ch, false, ch->base, base_told);
	else
		make(ch);
}

/* ---- was it carried out before? ---- */

static void
replay(struct change *ch, const struct once_found *found)
{
	struct json_slice answer = { found->answer, 0, JSON_OBJECT }, base;

	ch->is_replayed = true;
	ch->v = found->v;
	buf_reset(&ch->answer);
	if (found->answer != NULL) {
		buf_puts(&ch->answer, found->answer);
		answer.len = strlen(found->answer);
		base = rest_member(&answer, "base");
		ch->is_merged = base.kind == JSON_NUMBER &&
		    ch->v != (uint64_t)json_slice_number(&base) + 1;
	}
	finish(ch, found->status);
}

/*
 * Its op is there, but no answer: somebody fell between the two.  What it was
 * made against is not known any more, so it is told as it was applied.
 */
static void
answer_anew(struct change *ch, const struct once_found *found)
{
	ch->is_replayed = true;
	ch->v = found->op_v + 1;
	ch->is_merged = found->op_kind == OP_EDIT;	/* for all we know */
	ch->from.v = found->op_v;
	buf_reset(&ch->op);
	if (found->op_body != NULL)
		rest_put_raw(&ch->op, "op", found->op_body,
		    strlen(found->op_body));
	put_answer(ch, found->op_kind, true);
	succeed(ch, status_of(found->op_kind));
}

static void
found(struct rest_call *call, const struct once_found *found, void *whose)
{
	struct change *ch = whose;

	(void)call;
	if (found->err != ERR_NONE)
		refuse_err(ch, found->err, NULL);
	else if (found->is_other)
		refuse_err(ch, ERR_KEY_OTHER, NULL);
	else if (found->status != 0)
		replay(ch, found);
	else if (found->has_op)
		answer_anew(ch, found);
	else
		go_on(ch);
}

/* ---- the beginning ---- */

/*
 * Who may create a document need not be allowed to read it before: it becomes
 * theirs with that.  Then it is taken for one that never was; if there is one
 * after all, they hear that they are not allowed, and nothing else.
 */
static bool
may_be_blind(const struct change *ch, const struct rest_reply *reply)
{
	return reply->status == 403 && ch->if_match == NULL &&
	    !ch->has_base &&
	    (ch->what == CHANGE_PUT || ch->what == CHANGE_CREATE);
}

static void
head_told(struct rest_call *call, const struct rest_reply *reply, void *whose)
{
	struct change *ch = whose;
	struct json_slice data;

	ch->is_blind = may_be_blind(ch, reply);
	if (!ch->is_blind && refused_by_hub(ch, reply))
		return;
	data = rest_member(&reply->whole, "data");
	ch->head = ch->is_blind ? (struct shot){ 0 } :
	    shot_keep(&data, &ch->kept[KEPT_HEAD]);
	ch->v = ch->head.v;
	if (ch->key != NULL && ch->tries == 1)
		once_find(&ch->once, call, ch->collection, ch->id, found, ch);
	else
		go_on(ch);
}

static void
fetch_head(struct change *ch)
{
	struct buf m = BUF_INIT;

	ch->tries++;
	rest_put_text(&m, "a", "f");
	rest_put_text(&m, "c", ch->collection);
	rest_put_text(&m, "d", ch->id);
	rest_say(ch->call, &m, head_told, ch);
	buf_done(&m);
}

/* What makes it another request than one with the same key. */
static void
take_fingerprint(const struct change *ch, char hex_out[65])
{
	char facts[160];
	const char *texts[] = { ch->type, ch->if_match, ch->if_none_match };
	struct once_part parts[5];
	size_t i;
	int len;

	len = snprintf(facts, sizeof(facts), "%d %d %" PRIu64 " %d %" PRIu64
	    " %" PRId64, ch->what, ch->has_base, ch->base, ch->by_time,
	    ch->past_v, ch->past_ms);
	parts[0] = (struct once_part){ facts, (size_t)len };
	for (i = 0; i < 3; i++)
		parts[1 + i] = (struct once_part){ texts[i],
		    texts[i] != NULL ? strlen(texts[i]) : 0 };
	parts[4] = (struct once_part){ ch->body.p, ch->body.len };
	once_hash(parts, 5, hex_out);
}

void
change_begin(struct change *ch)
{
	char fingerprint[65];

	ch->code = ch->detail = "";
	buf_init(&ch->op, SIZE_MAX);
	buf_init(&ch->answer, SIZE_MAX);
	if (ch->key != NULL) {
		if (*ch->key == '\0' || strlen(ch->key) > ONCE_KEY_MAX) {
			refuse_err(ch, ERR_REQUEST,
			    "Idempotency-Key must have 1 to 255 bytes");
			return;
		}
		take_fingerprint(ch, fingerprint);
		if (!once_begin(&ch->once, ch->call, ch->key, ch->collection,
		    ch->id, fingerprint)) {
			refuse_err(ch, ERR_KEY_BUSY, NULL);
			return;
		}
	}
	fetch_head(ch);
}
