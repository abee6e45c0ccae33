#include "core/presence_word.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define TOPIC_CHANNEL	"ch/"

char *
topic_of(const char *channel)
{
	size_t len = strlen(channel);
	char *topic = mem_get(sizeof(TOPIC_CHANNEL) + len);

	memcpy(topic, TOPIC_CHANNEL, strlen(TOPIC_CHANNEL));
	memcpy(topic + strlen(TOPIC_CHANNEL), channel, len + 1);
	return topic;
}

/* ---- writing ---- */

struct word *
presence_word_new(const struct hub *h, const char *topic,
    enum presence_word_kind kind, const char *channel)
{
	struct word *w = word_new_topic(WORD_PRESENCE, topic);

	presence_put_byte(w, (unsigned char)kind);
	presence_put_number(w, h->limits.node);
	presence_put_string(w, channel);
	return w;
}

void
presence_put_byte(struct word *w, unsigned char byte)
{
	buf_putc(&w->text, (char)byte);
}

static void
put_big_endian(struct word *w, uint64_t n, int bytes)
{
	while (bytes-- > 0)
		presence_put_byte(w, (unsigned char)(n >> 8 * bytes));
}

void
presence_put_number(struct word *w, uint64_t n)
{
	put_big_endian(w, n, 8);
}

static void
put_bytes(struct word *w, const char *s, size_t len)
{
	if (len > UINT32_MAX)
		bug("a presence over any limit");
	put_big_endian(w, len, 4);
	buf_put(&w->text, s, len);
}

void
presence_put_string(struct word *w, const char *s)
{
	put_bytes(w, s, strlen(s));
}

void
presence_put_said(struct word *w, const struct said *s)
{
	presence_put_string(w, s->src);
	presence_put_string(w, s->id);
	presence_put_number(w, s->pv);
	put_bytes(w, s->head.data, s->head.len);
	put_bytes(w, s->p.data, s->p.len);
	presence_put_string(w, s->type != NULL ? s->type->name : "");
	presence_put_byte(w, s->c != NULL);
	if (s->c == NULL)
		return;
	presence_put_string(w, s->c);
	presence_put_string(w, s->d);
	presence_put_number(w, s->v);
}

/* ---- reading ---- */

static const unsigned char *
take_bytes(struct presence_reader *r, size_t len)
{
	const unsigned char *at = r->at;

	if (r->bad || len > r->left) {
		r->bad = true;
		return NULL;
	}
	r->at += len;
	r->left -= len;
	return at;
}

static uint64_t
take_big_endian(struct presence_reader *r, size_t bytes)
{
	const unsigned char *at = take_bytes(r, bytes);
	uint64_t n = 0;

	while (at != NULL && bytes-- > 0)
		n = n << 8 | *at++;
	return n;
}

uint64_t
presence_take_number(struct presence_reader *r)
{
	return take_big_endian(r, 8);
}

unsigned char
presence_take_byte(struct presence_reader *r)
{
	return (unsigned char)take_big_endian(r, 1);
}

static void
take_buf(struct presence_reader *r, struct buf *b)
{
	size_t len = (size_t)take_big_endian(r, 4);
	const unsigned char *at = take_bytes(r, len);

	buf_init(b, SIZE_MAX);
	if (at != NULL)
		buf_put(b, at, len);
	if (buf_failed(b))
		bug("no memory for a word");
}

char *
presence_take_string(struct presence_reader *r)
{
	size_t len = (size_t)take_big_endian(r, 4);
	const unsigned char *at = take_bytes(r, len);

	if (at != NULL && memchr(at, '\0', len) == NULL)
		return mem_copy((const char *)at, len);
	r->bad = true;
	return NULL;
}

static bool
is_json(const struct buf *b)
{
	struct json_reader r;
	struct ot_err err;

	json_reader_init(&r, b->data, b->len, &err);
	return b->len > 0 && json_skip(&r, NULL) == 0 && json_finish(&r) == 0;
}

/* A presence without its last brace, as put_presence wrote it. */
static bool
is_head(const struct buf *b)
{
	struct buf closed = BUF_INIT;
	bool is_one;

	buf_put(&closed, b->data, b->len);
	buf_putc(&closed, '}');
	is_one = !buf_failed(&closed) && b->len > 0 && b->data[0] == '{' &&
	    is_json(&closed);
	buf_done(&closed);
	return is_one;
}

bool
presence_take_said(struct presence_reader *r, struct said *said_out)
{
	struct said s;
	char *type;

	memset(&s, 0, sizeof(s));
	s.src = presence_take_string(r);
	s.id = presence_take_string(r);
	s.pv = presence_take_number(r);
	take_buf(r, &s.head);
	take_buf(r, &s.p);
	type = presence_take_string(r);
	if (presence_take_byte(r) != 0) {
		s.c = presence_take_string(r);
		s.d = presence_take_string(r);
		s.v = presence_take_number(r);
	}
	/* A type that another version has and this has not moves nothing. */
	if (!r->bad)
		s.type = ot_type_find(type);
	free(type);
	if (!r->bad && is_json(&s.p) && is_head(&s.head)) {
		*said_out = s;
		return true;
	}
	r->bad = true;
	said_done(&s);
	return false;
}

bool
presence_reader_init(struct presence_reader *r, const struct word *w)
{
	memset(r, 0, sizeof(*r));
	r->at = (const unsigned char *)w->text.data;
	r->left = w->text.len;
	r->kind = (enum presence_word_kind)presence_take_byte(r);
	r->node = presence_take_number(r);
	r->channel = presence_take_string(r);
	return !r->bad;
}

void
presence_reader_done(struct presence_reader *r)
{
	free(r->channel);
}
