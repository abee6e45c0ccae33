#include "proto/reply_in.h"

/* ---- x-token ---- */

static void
put_exp(struct buf *b, uint64_t expires_s)
{
	if (expires_s == 0)
		return;
	buf_puts(b, ",\"exp\":");
	buf_put_u64(b, expires_s);
}

struct frame *
reply_token(const struct message *req, uint64_t expires_s)
{
	struct buf b = BUF_INIT;

	reply_begin(&b, req, false);
	put_exp(&b, expires_s);
	buf_putc(&b, '}');
	return reply_seal(&b);
}

struct frame *
reply_token_refused(const struct message *req, const struct refusal *r)
{
	struct buf b = BUF_INIT;

	reply_begin(&b, req, false);
	buf_puts(&b, ",\"error\":");
	put_error(&b, r);
	buf_putc(&b, '}');
	return reply_seal(&b);
}

struct frame *
reply_token_ends(uint64_t expires_s)
{
	struct buf b = BUF_INIT;

	buf_puts(&b, "{\"a\":\"x-token\",\"soon\":true");
	put_exp(&b, expires_s);
	buf_putc(&b, '}');
	return reply_seal(&b);
}

/* ---- x-may ---- */

struct frame *
reply_may(const struct message *req, const char *const *actions, size_t n,
    const struct snapshot *s)
{
	struct buf b = BUF_INIT;
	size_t i;

	reply_begin(&b, req, true);
	buf_puts(&b, ",\"may\":[");
	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_putc(&b, ',');
		put_text(&b, actions[i]);
	}
	buf_putc(&b, ']');
	if (s != NULL) {
		buf_puts(&b, ",\"v\":");
		buf_put_u64(&b, s->v);
		buf_puts(&b, ",\"type\":");
		if (s->type != NULL)
			put_text(&b, s->type->uri);
		else
			buf_puts(&b, "null");
	}
	buf_putc(&b, '}');
	return reply_seal(&b);
}
