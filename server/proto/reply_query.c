#include "proto/reply_query.h"

#include <string.h>

#include "base/mem.h"
#include "proto/reply_in.h"

void
put_result(struct buf *b, const char *id, uint64_t v, const char *type,
    const char *body, size_t len)
{
	if (b->len > 0)
		buf_putc(b, ',');
	buf_puts(b, "{\"d\":");
	put_text(b, id);
	buf_puts(b, ",\"v\":");
	buf_put_u64(b, v);
	if (body != NULL) {
		buf_puts(b, ",\"data\":");
		buf_put(b, body, len);
	}
	if (type == NULL) {
		buf_puts(b, ",\"type\":null");
	} else if (strcmp(type, ot_type_json0.uri) != 0) {
		buf_puts(b, ",\"type\":");
		put_text(b, type);
	}
	buf_putc(b, '}');
}

static void
put_extra(struct buf *b, const char *extra)
{
	if (extra == NULL)
		return;
	buf_puts(b, ",\"extra\":");
	buf_puts(b, extra);
}

struct frame *
reply_results(const struct message *req, const struct buf *results,
    const char *extra)
{
	struct buf b = BUF_INIT;

	reply_begin(&b, req, true);
	buf_puts(&b, ",\"data\":[");
	if (results->len > 0)
		buf_put(&b, results->data, results->len);
	buf_putc(&b, ']');
	put_extra(&b, extra);
	buf_putc(&b, '}');
	return reply_seal(&b);
}

struct frame *
reply_no_results(const struct message *req, const char *extra)
{
	struct buf b = BUF_INIT;

	reply_begin(&b, req, false);
	put_extra(&b, extra);
	buf_putc(&b, '}');
	return reply_seal(&b);
}

struct frame *
reply_query(double id, const struct buf *tail)
{
	struct buf b = BUF_INIT;

	if (buf_failed(tail))
		bug("a message could not be built");
	buf_puts(&b, "{\"a\":\"q\",\"id\":");
	json_put_number(&b, id);
	buf_put(&b, tail->data, tail->len);
	return reply_seal(&b);
}

void
put_diff_tail(struct buf *b, const struct buf *diff)
{
	buf_puts(b, ",\"diff\":[");
	buf_put(b, diff->data, diff->len);
	buf_puts(b, "]}");
}

void
put_extra_tail(struct buf *b, const char *extra)
{
	put_extra(b, extra);
	buf_putc(b, '}');
}

void
put_error_tail(struct buf *b, const struct refusal *r)
{
	buf_puts(b, ",\"error\":");
	put_error(b, r);
	buf_putc(b, '}');
}
