#include "tests/filter/asked.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* ---- answers ---- */

void
asked_put_count(struct buf *out, uint64_t n)
{
	buf_puts(out, "{\"count\":");
	buf_put_u64(out, n);
	buf_putc(out, '}');
}

void
asked_put_error(struct buf *out, const char *text)
{
	buf_puts(out, "{\"error\":");
	json_put_string(out, text, strlen(text));
	buf_putc(out, '}');
}

void
asked_begin_ids(struct buf *out)
{
	buf_puts(out, "{\"ids\":[");
}

void
asked_put_id(struct buf *out, const char *id)
{
	if (out->data[out->len - 1] != '[')
		buf_putc(out, ',');
	json_put_string(out, id, strlen(id));
}

void
asked_end_ids(struct buf *out)
{
	buf_puts(out, "]}");
}

/* ---- questions ---- */

static char *
string_of(const struct json_slice *slice)
{
	struct buf b = BUF_INIT;
	char *copy;

	json_slice_string(slice, &b);
	copy = mem_copy(b.data != NULL ? b.data : "", b.len);
	buf_done(&b);
	return copy;
}

static void
take_docs(const struct asked_of *whom, void *arg, struct json_reader *r,
    struct buf *out)
{
	struct json_slice key, value;
	size_t n = 0;
	char *id;

	whom->begin(arg);
	if (json_enter(r, JSON_OBJECT) != 0)
		bug(r->err->text);
	while (json_next_member(r, &key) == 1) {
		if (json_skip(r, &value) != 0)
			bug(r->err->text);
		id = string_of(&key);
		whom->put(arg, id, value.p, value.len);
		free(id);
		n++;
	}
	whom->end(arg);
	buf_puts(out, "{\"n\":");
	buf_put_u64(out, n);
	buf_putc(out, '}');
}

static void
take_filter(const struct asked_of *whom, void *arg, struct json_reader *r,
    struct buf *out)
{
	struct json_slice q;
	struct ot_err err;
	struct filter *f;

	if (json_skip(r, &q) != 0)
		bug(r->err->text);
	if (filter_parse(&q, &f, &err) != 0) {
		asked_put_error(out, err.text);
		return;
	}
	whom->ask(arg, f, out);
	filter_unref(f);
}

static void
take_line(const struct asked_of *whom, void *arg, const char *line,
    size_t len, struct buf *out)
{
	struct json_reader r;
	struct json_slice key;
	struct ot_err err;

	json_reader_init(&r, line, len, &err);
	if (json_enter(&r, JSON_OBJECT) != 0 ||
	    json_next_member(&r, &key) != 1)
		bug("a line is no question");
	if (json_slice_is(&key, "docs"))
		take_docs(whom, arg, &r, out);
	else
		take_filter(whom, arg, &r, out);
}

void
asked_run(const struct asked_of *whom, void *arg)
{
	struct buf out = BUF_INIT;
	char *line = NULL;
	size_t room = 0;
	ssize_t len;

	while ((len = getline(&line, &room, stdin)) > 0) {
		if (line[len - 1] == '\n')
			len--;
		buf_reset(&out);
		take_line(whom, arg, line, (size_t)len, &out);
		buf_putc(&out, '\n');
		if (buf_failed(&out))
			bug("out of memory");
		fwrite(out.data, 1, out.len, stdout);
		fflush(stdout);
	}
	buf_done(&out);
	free(line);
}
