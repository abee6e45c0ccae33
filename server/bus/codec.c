/*
 * codec: see codec.h for the format.
 */
#include "bus/codec.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define TOPIC		":topic:"	/* between prefix and topic */
#define HEAD_LEN	9	/* format and sender */
#define OP_LEN_MIN	4	/* the least an op takes: kind, seq, src, body */

static void
put_number(struct buf *b, uint64_t n)
{
	while (n >= 0x80) {
		buf_putc(b, (char)(unsigned char)(n | 0x80));
		n >>= 7;
	}
	buf_putc(b, (char)(unsigned char)n);
}

static void
put_string(struct buf *b, const char *s)
{
	size_t len = strlen(s);

	put_number(b, len);
	buf_put(b, s, len);
}

static void
put_body(struct buf *b, const char *body, size_t len)
{
	if (body == NULL) {
		put_number(b, 0);
		return;
	}
	put_number(b, (uint64_t)len + 1);
	buf_put(b, body, len);
}

static void
put_op(struct buf *b, const struct op *op)
{
	buf_putc(b, (char)op->kind);
	put_number(b, op->seq);
	put_string(b, op->src);
	put_body(b, op->body, op->body_len);
}

static void
put_head(struct buf *b, char format, uint64_t sender)
{
	int shift;

	buf_putc(b, format);
	for (shift = 56; shift >= 0; shift -= 8)
		buf_putc(b, (char)(unsigned char)(sender >> shift));
}

void
codec_write_head(struct buf *b, uint64_t sender)
{
	put_head(b, CODEC_FORMAT, sender);
}

void
codec_write(struct buf *b, uint64_t sender, const struct word *w)
{
	size_t i;

	if (w->kind == WORD_PRESENCE) {
		codec_write_head(b, sender);
		buf_put(b, w->text.data, w->text.len);
		return;
	}
	if (w->kind != WORD_HEAD && (w->kind != WORD_OPS || w->ops.n == 0))
		bug("a word that does not go over the bus");
	put_head(b, w->has_content ? CODEC_WITH_CONTENT : CODEC_FORMAT,
	    sender);
	put_string(b, w->collection);
	put_string(b, w->id);
	put_number(b, w->ops.n > 0 ? w->ops.ops[0]->v : w->head_v);
	put_number(b, w->ops.n);
	for (i = 0; i < w->ops.n; i++)
		put_op(b, w->ops.ops[i]);
	if (!w->has_content)
		return;
	put_string(b, w->type != NULL ? w->type : "");
	put_body(b, w->body, w->len);
}

bool
codec_sender(const char *bytes, size_t len, uint64_t *sender_out)
{
	uint64_t sender = 0;
	int i;

	if (len < HEAD_LEN || (bytes[0] != CODEC_FORMAT &&
	    bytes[0] != CODEC_WITH_CONTENT))
		return false;
	for (i = 1; i < HEAD_LEN; i++)
		sender = sender << 8 | (unsigned char)bytes[i];
	*sender_out = sender;
	return true;
}

/* What is left to read.  Failure is sticky: later reads give nothing. */
struct reader {
	const unsigned char	*at;
	size_t			 left;	/* bytes */
	bool			 bad;
};

/* len bytes, borrowed; NULL and bad when there are not so many. */
static const char *
take_bytes(struct reader *r, uint64_t len)
{
	const unsigned char *at = r->at;

	if (r->bad || len > r->left) {
		r->bad = true;
		return NULL;
	}
	r->at += len;
	r->left -= (size_t)len;
	return (const char *)at;
}

static uint64_t
take_number(struct reader *r)
{
	const char *byte;
	uint64_t n = 0, bits;
	int shift;

	/* Versions and seq end at 2^53, and so does everything else here. */
	for (shift = 0; shift < 56; shift += 7) {
		if ((byte = take_bytes(r, 1)) == NULL)
			return 0;
		bits = (unsigned char)*byte & 0x7f;
		n |= bits << shift;
		if (((unsigned char)*byte & 0x80) != 0)
			continue;
		if ((bits == 0 && shift != 0) || n > OP_NUMBER_MAX)
			break;		/* longer than it need be, or too big */
		return n;
	}
	r->bad = true;
	return 0;
}

/* A string, on the heap; NULL when bad. */
static char *
take_string(struct reader *r)
{
	uint64_t len = take_number(r);
	const char *s = take_bytes(r, len);

	if (s == NULL)
		return NULL;
	if (memchr(s, '\0', (size_t)len) != NULL) {
		r->bad = true;
		return NULL;
	}
	return mem_copy(s, (size_t)len);
}

static struct op *
take_op(struct reader *r, uint64_t v)
{
	const char *kind = take_bytes(r, 1), *body = NULL;
	uint64_t seq = take_number(r), len;
	struct op *op = NULL;
	char *src = take_string(r);

	len = take_number(r);
	if (len != 0)
		body = take_bytes(r, --len);
	if (r->bad)
		goto out;
	/* A delete has no body, everything else has one. */
	if ((unsigned char)*kind > OP_DELETE ||
	    (body == NULL) != (*kind == OP_DELETE))
		goto out;
	op = op_new((enum op_kind)*kind, v, src, seq, body, (size_t)len);
out:
	free(src);
	if (op == NULL)
		r->bad = true;
	return op;
}

/* What the ops have made; what is gone has no body. */
static void
take_content(struct reader *r, struct word *w)
{
	char *type = take_string(r);
	uint64_t len = take_number(r);
	const char *body = len > 0 ? take_bytes(r, len - 1) : NULL;

	if (w->ops.n == 0 || (!r->bad && type[0] == '\0' && len > 0))
		r->bad = true;
	if (!r->bad)
		word_set_content(w, type[0] != '\0' ? type : NULL, body,
		    len > 0 ? (size_t)len - 1 : 0);
	free(type);
}

struct word *
codec_read(const char *bytes, size_t len)
{
	struct reader r = { (const unsigned char *)bytes, len, false };
	struct word *w = NULL;
	struct op *op;
	char *collection = NULL, *id = NULL;
	uint64_t sender, v, n;

	if (!codec_sender(bytes, len, &sender))
		return NULL;
	(void)take_bytes(&r, HEAD_LEN);
	collection = take_string(&r);
	id = take_string(&r);
	v = take_number(&r);
	n = take_number(&r);
	/* Before anything is allocated for them. */
	if (r.bad || n > r.left / OP_LEN_MIN || n > OP_NUMBER_MAX - v)
		goto out;
	w = word_new(n > 0 ? WORD_OPS : WORD_HEAD, collection, id);
	w->head_v = n > 0 ? 0 : v;
	for (; n > 0 && (op = take_op(&r, v)) != NULL; n--, v++)
		op_list_add(&w->ops, op);
	if (bytes[0] == CODEC_WITH_CONTENT)
		take_content(&r, w);
	if (r.bad || r.left != 0) {
		word_free(w);
		w = NULL;
	}
out:
	free(collection);
	free(id);
	return w;
}

void
codec_channel(struct buf *b, const char *prefix, const char *collection,
    const char *id)
{
	buf_puts(b, prefix);
	if (id == NULL) {
		buf_puts(b, ":col:");
		buf_puts(b, collection);
		return;
	}
	buf_puts(b, ":doc:");
	buf_put_u64(b, strlen(collection));
	buf_putc(b, ':');
	buf_puts(b, collection);
	buf_putc(b, '/');
	buf_puts(b, id);
}

struct word *
codec_read_topic(const char *topic, const char *bytes, size_t len)
{
	struct word *w;
	uint64_t sender;

	if (!codec_sender(bytes, len, &sender))
		return NULL;
	w = word_new_topic(WORD_PRESENCE, topic);
	buf_put(&w->text, bytes + HEAD_LEN, len - HEAD_LEN);
	if (buf_failed(&w->text))
		bug("out of memory");
	return w;
}

void
codec_word_channel(struct buf *b, const char *prefix, const struct word *w)
{
	if (w->topic == NULL) {
		codec_channel(b, prefix, w->collection,
		    w->for_collection ? NULL : w->id);
		return;
	}
	buf_puts(b, prefix);
	buf_puts(b, TOPIC);
	buf_puts(b, w->topic);
}

const char *
codec_topic(const char *prefix, const char *channel)
{
	const char *kind = channel + strlen(prefix);

	return strncmp(kind, TOPIC, strlen(TOPIC)) == 0 ?
	    kind + strlen(TOPIC) : NULL;
}

struct word *
codec_channel_word(enum word_kind kind, const char *prefix,
    const char *channel)
{
	const char *topic = codec_topic(prefix, channel);
	struct word *w;
	char *names, *collection, *id;
	size_t len;

	if (topic != NULL)
		return word_new_topic(kind, topic);
	channel += strlen(prefix);
	if (strncmp(channel, ":col:", strlen(":col:")) == 0)
		return word_new(kind, channel + strlen(":col:"), NULL);
	names = mem_copy(channel, strlen(channel));
	len = strtoul(names + strlen(":doc:"), &collection, 10);
	collection++;			/* the colon */
	collection[len] = '\0';		/* the slash */
	id = collection + len + 1;
	w = word_new(kind, collection, id);
	free(names);
	return w;
}
