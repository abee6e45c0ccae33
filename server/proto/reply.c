#include "proto/reply_in.h"

#include <string.h>

#include "base/mem.h"

void
put_text(struct buf *b, const char *s)
{
	json_put_string(b, s, strlen(s));
}

static void
put_slice(struct buf *b, const char *name, const struct json_slice *s)
{
	buf_puts(b, name);
	buf_put(b, s->p, s->len);
}

struct frame *
reply_seal(struct buf *b)
{
	struct frame *f;

	if (buf_failed(b))
		bug("a reply could not be built");
	f = frame_new(b->data, b->len);
	buf_done(b);
	return f;
}

/* What an answer without an id repeats of its request. */
static void
put_names(struct buf *b, const struct message *req, bool has_data)
{
	if (json_slice_truthy(&req->c_raw))
		put_slice(b, ",\"c\":", &req->c_raw);
	if (json_slice_truthy(&req->d_raw))
		put_slice(b, ",\"d\":", &req->d_raw);
	if (!has_data && json_slice_truthy(&req->b_raw))
		put_slice(b, ",\"b\":", &req->b_raw);
}

void
reply_begin(struct buf *b, const struct message *req, bool has_data)
{
	put_slice(b, "{\"a\":", &req->a);
	if (json_slice_truthy(&req->id))
		put_slice(b, ",\"id\":", &req->id);
	else
		put_names(b, req, has_data);
}

/* No closing brace yet. */
static void
put_hello(struct buf *b, const char *action, const char *src)
{
	buf_puts(b, "{\"a\":\"");
	buf_puts(b, action);
	buf_puts(b, "\",\"protocol\":");
	buf_put_u64(b, PROTOCOL_MAJOR);
	buf_puts(b, ",\"protocolMinor\":");
	buf_put_u64(b, PROTOCOL_MINOR);
	buf_puts(b, ",\"id\":");
	put_text(b, src);
	buf_puts(b, ",\"type\":");
	put_text(b, ot_type_json0.uri);
}

struct frame *
reply_init(const char *src)
{
	struct buf b = BUF_INIT;

	put_hello(&b, "init", src);
	buf_putc(&b, '}');
	return reply_seal(&b);
}

struct frame *
reply_handshake(const struct message *req, const char *src,
    uint64_t expires_s, const char *epoch)
{
	struct buf b = BUF_INIT;
	bool is_known = *epoch != '\0';

	put_hello(&b, "hs", src);
	/* Its id, if it gave one, is the src by now. */
	if (!json_slice_truthy(&req->id))
		put_names(&b, req, false);
	if (expires_s > 0 || is_known)
		buf_puts(&b, ",\"x\":{");
	if (expires_s > 0) {
		buf_puts(&b, "\"exp\":");
		buf_put_u64(&b, expires_s);
	}
	if (is_known) {
		buf_puts(&b, expires_s > 0 ? ",\"epoch\":\"" :
		    "\"epoch\":\"");
		buf_puts(&b, epoch);
		buf_putc(&b, '"');
	}
	if (expires_s > 0 || is_known)
		buf_putc(&b, '}');
	buf_putc(&b, '}');
	return reply_seal(&b);
}

struct frame *
reply_plain(const struct message *req)
{
	struct buf b = BUF_INIT;

	reply_begin(&b, req, false);
	buf_putc(&b, '}');
	return reply_seal(&b);
}

struct frame *
reply_ack(const struct message *req, const char *src, uint64_t seq,
    uint64_t v)
{
	struct buf b = BUF_INIT;

	reply_begin(&b, req, false);
	buf_puts(&b, ",\"src\":");
	put_text(&b, src);
	buf_puts(&b, ",\"seq\":");
	buf_put_u64(&b, seq);
	buf_puts(&b, ",\"v\":");
	buf_put_u64(&b, v);
	buf_putc(&b, '}');
	return reply_seal(&b);
}

void
put_error(struct buf *b, const struct refusal *r)
{
	buf_putc(b, '{');
	if (r->code[0] != '\0') {
		buf_puts(b, "\"code\":");
		put_text(b, r->code);
		buf_putc(b, ',');
	}
	buf_puts(b, "\"message\":");
	put_text(b, r->text);
	buf_putc(b, '}');
}

struct frame *
reply_error(const struct refusal *r)
{
	struct buf b = BUF_INIT;

	buf_puts(&b, "{\"error\":");
	put_error(&b, r);
	buf_putc(&b, '}');
	return reply_seal(&b);
}

struct frame *
reply_refused(const struct message *req, const struct refusal *r)
{
	struct buf b = BUF_INIT;
	const char *p = req->whole.p, *end = p + req->whole.len;
	bool empty;

	/* As sent, up to its closing brace; ours comes last, so it counts. */
	while (end[-1] != '}')
		end--;
	end--;
	buf_put(&b, p, (size_t)(end - p));
	while (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\n' ||
	    end[-1] == '\r')
		end--;
	empty = end[-1] == '{';
	buf_puts(&b, empty ? "\"error\":" : ",\"error\":");
	put_error(&b, r);
	buf_putc(&b, '}');
	return reply_seal(&b);
}

/* The default type goes unsaid, a document that is not there says so. */
static void
put_type(struct buf *b, const struct ot_type *type)
{
	if (type == NULL) {
		buf_puts(b, ",\"type\":null");
	} else if (type != &ot_type_json0) {
		buf_puts(b, ",\"type\":");
		put_text(b, type->uri);
	}
	buf_putc(b, '}');
}

void
put_snapshot(struct buf *b, const struct snapshot *s)
{
	size_t before;

	buf_puts(b, "{\"v\":");
	buf_put_u64(b, s->v);
	if (s->data != NULL) {
		before = b->len;
		buf_puts(b, ",\"data\":");
		if (!s->type->print(s->data, b))
			b->len = before;	/* undefined is absence */
	}
	put_type(b, s->type);
}

void
put_shown(struct buf *b, uint64_t v, const struct ot_type *type,
    const struct buf *data)
{
	buf_puts(b, "{\"v\":");
	buf_put_u64(b, v);
	if (data != NULL) {
		buf_puts(b, ",\"data\":");
		buf_put(b, data->data, data->len);
	}
	put_type(b, type);
}

/* In sharedb the snapshot itself, so that id is its own unless asked by one. */
struct frame *
reply_history(const struct message *req, uint64_t v,
    const struct ot_type *type, const struct buf *data)
{
	struct buf b = BUF_INIT;

	reply_begin(&b, req, true);
	if (!json_slice_truthy(&req->id))
		put_slice(&b, ",\"id\":", &req->d_raw);
	buf_puts(&b, ",\"v\":");
	buf_put_u64(&b, v);
	if (data != NULL) {
		buf_puts(&b, ",\"data\":");
		buf_put(&b, data->data, data->len);
	}
	buf_puts(&b, ",\"type\":");
	if (type != NULL)
		put_text(&b, type->uri);
	else
		buf_puts(&b, "null");
	buf_puts(&b, ",\"m\":null}");
	return reply_seal(&b);
}

struct frame *
reply_snapshot(const struct message *req, const struct buf *shot)
{
	struct buf b = BUF_INIT;

	reply_begin(&b, req, true);
	buf_puts(&b, ",\"data\":");
	buf_put(&b, shot->data, shot->len);
	buf_putc(&b, '}');
	return reply_seal(&b);
}

static void
put_member(struct buf *members, const char *id)
{
	if (members->len > 0)
		buf_putc(members, ',');
	put_text(members, id);
	buf_putc(members, ':');
}

void
put_bulk_snapshot(struct buf *members, const char *id,
    const struct buf *shot)
{
	put_member(members, id);
	buf_put(members, shot->data, shot->len);
}

void
put_bulk_refusal(struct buf *members, const char *id, const struct refusal *r)
{
	put_member(members, id);
	buf_puts(members, "{\"error\":");
	put_error(members, r);
	buf_putc(members, '}');
}

struct frame *
reply_bulk(const struct message *req, const struct buf *members)
{
	struct buf b = BUF_INIT;

	reply_begin(&b, req, true);
	buf_puts(&b, ",\"data\":{");
	buf_put(&b, members->data, members->len);
	buf_puts(&b, "}}");
	return reply_seal(&b);
}

struct frame *
reply_op(const char *collection, const char *id, const struct op *op)
{
	struct buf b = BUF_INIT;

	buf_puts(&b, "{\"a\":\"op\",\"c\":");
	put_text(&b, collection);
	buf_puts(&b, ",\"d\":");
	put_text(&b, id);
	buf_puts(&b, ",\"v\":");
	buf_put_u64(&b, op->v);
	buf_puts(&b, ",\"src\":");
	put_text(&b, op->src);
	buf_puts(&b, ",\"seq\":");
	buf_put_u64(&b, op->seq);
	if (op->kind == OP_DELETE) {
		buf_puts(&b, ",\"del\":true");
	} else {
		buf_puts(&b, op->kind == OP_EDIT ? ",\"op\":" :
		    ",\"create\":");
		buf_put(&b, op->body, op->body_len);
	}
	buf_putc(&b, '}');
	return reply_seal(&b);
}
