#include "proto/reply_presence.h"

#include <string.h>

#include "proto/reply_in.h"

/* A member as it was sent, if it was. */
static void
put_raw(struct buf *b, const char *name, const struct json_slice *s)
{
	if (s->kind == JSON_NONE)
		return;
	buf_puts(b, name);
	buf_put(b, s->p, s->len);
}

bool
message_has_doc(const struct message *req)
{
	return req->c != NULL && req->c[0] != '\0' && req->d != NULL &&
	    req->d[0] != '\0';
}

void
put_presence(struct buf *b, const struct message *req, const char *src)
{
	put_raw(b, "{\"a\":\"p\",\"ch\":", &req->ch_raw);
	buf_puts(b, ",\"src\":");
	put_text(b, src);
	put_raw(b, ",\"id\":", &req->id);
	put_raw(b, ",\"pv\":", &req->pv_raw);
	put_raw(b, ",\"c\":", &req->c_raw);
	put_raw(b, ",\"d\":", &req->d_raw);
	put_raw(b, ",\"t\":", &req->t_raw);
	if (!message_has_doc(req))
		put_raw(b, ",\"v\":", &req->v_raw);
}

struct frame *
reply_presence(const struct buf *head, const char *p, size_t len, bool has_v,
    uint64_t v)
{
	struct buf b = BUF_INIT;

	buf_put(&b, head->data, head->len);
	buf_puts(&b, ",\"p\":");
	buf_put(&b, p, len);
	if (has_v) {
		buf_puts(&b, ",\"v\":");
		buf_put_u64(&b, v);
	}
	buf_putc(&b, '}');
	return reply_seal(&b);
}

struct frame *
reply_channel(const struct message *req)
{
	struct buf b = BUF_INIT;

	put_raw(&b, "{\"a\":", &req->a);
	put_raw(&b, ",\"ch\":", &req->ch_raw);
	put_raw(&b, ",\"seq\":", &req->seq_raw);
	if (json_slice_truthy(&req->id)) {
		put_raw(&b, ",\"id\":", &req->id);
	} else {
		if (json_slice_truthy(&req->c_raw))
			put_raw(&b, ",\"c\":", &req->c_raw);
		if (json_slice_truthy(&req->d_raw))
			put_raw(&b, ",\"d\":", &req->d_raw);
		if (json_slice_truthy(&req->b_raw))
			put_raw(&b, ",\"b\":", &req->b_raw);
	}
	buf_putc(&b, '}');
	return reply_seal(&b);
}

struct frame *
reply_presence_request(const char *ch)
{
	struct buf b = BUF_INIT;

	buf_puts(&b, "{\"a\":\"pr\",\"ch\":");
	json_put_string(&b, ch, strlen(ch));
	buf_putc(&b, '}');
	return reply_seal(&b);
}
