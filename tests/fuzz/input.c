#include "fuzz/input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ot/json_value.h"
#include "ot/utf.h"

#define COPY	0x01		/* COPY len n */

static void
expand(struct buf *out, const uint8_t *bytes, size_t len)
{
	char piece[256];
	size_t i, size;
	unsigned n;

	for (i = 0; i < len; i++) {
		if (bytes[i] != COPY || i + 2 >= len) {
			buf_putc(out, (char)bytes[i]);
			continue;
		}
		size = (size_t)bytes[i + 1] + 1;
		n = (unsigned)bytes[i + 2] + 1;
		i += 2;
		if (size > out->len)
			size = out->len;
		if (size == 0)
			continue;
		memcpy(piece, out->data + out->len - size, size);
		for (; n > 0; n--)
			buf_put(out, piece, size);
	}
}

static void
split(struct input *in)
{
	char *p = in->bytes.data, *end = p + in->bytes.len, *newline;

	in->n = 0;
	while (in->n < INPUT_LINES - 1 &&
	    (newline = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		*newline = '\0';
		in->lines[in->n++] = (struct input_line){ p,
		    (size_t)(newline - p) };
		p = newline + 1;
	}
	in->lines[in->n++] = (struct input_line){ p, (size_t)(end - p) };
}

void
input_init(struct input *in, const uint8_t *bytes, size_t len)
{
	size_t i;

	buf_init(&in->bytes, SIZE_MAX);
	expand(&in->bytes, bytes, len < INPUT_MAX ? len : INPUT_MAX);
	if (in->bytes.len > INPUT_MAX)
		in->bytes.len = INPUT_MAX;
	buf_putc(&in->bytes, '\0');
	must(!buf_failed(&in->bytes), "memory for the input");
	in->bytes.len--;
	split(in);
	for (i = in->n; i < INPUT_LINES; i++)
		in->lines[i] = (struct input_line){
		    in->bytes.data + in->bytes.len, 0 };
}

void
input_done(struct input *in)
{
	buf_done(&in->bytes);
}

void
must(bool truth, const char *what)
{
	if (truth)
		return;
	fprintf(stderr, "wrong: %s\n", what);
	abort();
}

void
must_be_refusal(int rc, const struct ot_err *err)
{
	size_t len = strnlen(err->text, sizeof(err->text));

	must(rc < 0 && rc > OT_ERR_BEGIN, "a code that is none");
	must(rc != OT_ENOMEM, "refused for want of memory");
	must(rc == err->code, "two codes for one refusal");
	must(len > 0 && len < sizeof(err->text), "a refusal without words");
	must(utf_is_utf8(err->text, len), "a refusal that is not UTF-8");
}

static void
show(const struct buf *b)
{
	fprintf(stderr, "%.*s\n", (int)(b->len < 4096 ? b->len : 4096),
	    b->len > 0 ? b->data : "");
}

void
must_equal(const struct buf *a, const struct buf *b, const char *what)
{
	if (a->len == b->len &&
	    (a->len == 0 || memcmp(a->data, b->data, a->len) == 0))
		return;
	show(a);
	show(b);
	must(false, what);
}

void
must_equal_json(const struct buf *a, const struct buf *b, const char *what)
{
	struct json *x = NULL, *y = NULL;
	struct ot_err err;
	bool same = a->len == 0 || b->len == 0 ? a->len == b->len :
	    json_parse(a->data, a->len, 0, &x, &err) == 0 &&
	    json_parse(b->data, b->len, 0, &y, &err) == 0 && json_deep_equal(x, y);

	json_unref(x);
	json_unref(y);
	if (same)
		return;
	show(a);
	show(b);
	must(false, what);
}
