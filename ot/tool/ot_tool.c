/*
 * ot-tool: the types on standard input and output.
 *
 * One request a line, one response a line, in order:
 *
 *	{"type": NAME-OR-URI, "fn": FN, "args": [...], "undef": [indices]?}
 *
 *	{"ok": RESULT}  {"ok": null, "undef": true}  {"error": "text"}
 *
 * undef lists positions in args that stand for JavaScript's undefined.
 * Unknown fields are ignored.  Functions: create [data], apply [snapshot,
 * op], transform [op, other, side], compose [op, op], invert [op]; and what a
 * type has beyond: normalize [op], makeInvertible and invertWithDoc [op,
 * doc], transformCursor [cursor, op, side or own], transformPresence
 * [presence, op, own], tryTransform [op, other, side], and transform with
 * "auto" as fourth argument, to resolve conflicts; and of json0 and json1
 * what some fields of the root show: projectData and dataIsWithin [data, list
 * of names], projectOp and opIsWithin [op, list of names].
 *
 * Whatever a line holds, it gets one response, and the next line is read.
 * Responses are written out before the tool waits for more requests.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ot/json.h"
#include "ot/tool/calls.h"
#include "ot/type.h"

#define ARGS_MAX	8
#define LINE_MAX_BYTES	((size_t)512 << 20)
#define READ_BYTES	((size_t)1 << 16)
#define NAME_MAX_BYTES	128	/* of a type or function */

struct request {
	char			 type[NAME_MAX_BYTES];
	char			 fn[NAME_MAX_BYTES];
	struct json_slice	 args[ARGS_MAX];	/* kind JSON_NONE: undefined or not given */
};

/* ---- reading a request ---- */

static int
read_name(const struct json_slice *slice, char name[NAME_MAX_BYTES],
    struct ot_err *err)
{
	struct buf b = BUF_INIT;
	int rc = 0;

	if (slice->kind != JSON_STRING)
		return ot_fail(err, OT_EJSON, "type and fn must be strings");
	json_slice_string(slice, &b);
	if (buf_failed(&b)) {
		rc = ot_fail(err, OT_ENOMEM, "out of memory");
	} else if (b.len >= NAME_MAX_BYTES ||
	    (b.len > 0 && memchr(b.data, '\0', b.len) != NULL)) {
		rc = ot_fail(err, OT_EJSON, "no such type or function");
	} else {
		if (b.len > 0)
			memcpy(name, b.data, b.len);
		name[b.len] = '\0';
	}
	buf_done(&b);
	return rc;
}

static int
read_args(const struct json_slice *slice, struct request *req,
    struct ot_err *err)
{
	struct json_slice arg;
	struct json_reader r;
	size_t n = 0;
	int rc;

	json_reader_init(&r, slice->p, slice->len, err);
	if ((rc = json_enter(&r, JSON_LIST)) != 0)
		return rc;
	while ((rc = json_next_item(&r)) > 0) {
		if ((rc = json_skip(&r, &arg)) != 0)
			return rc;
		if (n < ARGS_MAX)
			req->args[n++] = arg;
	}
	return rc;
}

static int
read_undef(const struct json_slice *slice, struct request *req,
    struct ot_err *err)
{
	struct json_reader r;
	double index;
	int rc;

	json_reader_init(&r, slice->p, slice->len, err);
	if ((rc = json_enter(&r, JSON_LIST)) != 0)
		return rc;
	while ((rc = json_next_item(&r)) > 0) {
		if ((rc = json_read_number(&r, &index)) != 0)
			return rc;
		if (index >= 0 && index < ARGS_MAX)
			req->args[(size_t)index] = (struct json_slice){
			    NULL, 0, JSON_NONE };
	}
	return rc;
}

static int
read_request(const char *line, size_t len, struct request *req,
    struct ot_err *err)
{
	struct json_slice key, value, type, fn, args, undef;
	struct json_reader r;
	int rc;

	memset(req, 0, sizeof(*req));
	type = fn = args = undef = (struct json_slice){ NULL, 0, JSON_NONE };
	json_reader_init(&r, line, len, err);
	if ((rc = json_enter(&r, JSON_OBJECT)) != 0)
		return rc;
	while ((rc = json_next_member(&r, &key)) > 0) {
		if ((rc = json_skip(&r, &value)) != 0)
			return rc;
		if (json_slice_is(&key, "type"))
			type = value;
		else if (json_slice_is(&key, "fn"))
			fn = value;
		else if (json_slice_is(&key, "args"))
			args = value;
		else if (json_slice_is(&key, "undef"))
			undef = value;
	}
	if (rc != 0 || (rc = json_finish(&r)) != 0 ||
	    (rc = read_name(&type, req->type, err)) != 0 ||
	    (rc = read_name(&fn, req->fn, err)) != 0)
		return rc;
	if (args.kind != JSON_LIST)
		return ot_fail(err, OT_EJSON, "args must be a list");
	if ((rc = read_args(&args, req, err)) != 0)
		return rc;
	return undef.kind == JSON_NONE ? 0 : read_undef(&undef, req, err);
}

/* ---- lines ---- */

static void
put_error(struct buf *out, const struct ot_err *err)
{
	const char *text = err->text[0] != '\0' ? err->text : "refused";

	buf_puts(out, "{\"error\":");
	json_put_string(out, text, strlen(text));
	buf_puts(out, "}\n");
}

static void
answer(const char *line, size_t len, struct buf *out)
{
	struct ot_err err = { .code = 0 };
	struct buf result = BUF_INIT;
	struct request req;
	struct call c = { .args = req.args, .out = &result, .err = &err };
	int rc;

	if ((rc = read_request(line, len, &req, &err)) == 0) {
		if ((c.type = ot_type_find(req.type)) == NULL)
			rc = ot_fail(&err, OT_EUNKNOWN, "no such type");
		else
			rc = call_function(req.fn, &c);
	}
	if (rc == 0 && buf_failed(&result))
		rc = ot_fail(&err, OT_ENOMEM, "out of memory");
	if (rc != 0) {
		put_error(out, &err);
	} else if (c.undefined) {
		buf_puts(out, "{\"ok\":null,\"undef\":true}\n");
	} else {
		buf_puts(out, "{\"ok\":");
		buf_put(out, result.data, result.len);
		buf_puts(out, "}\n");
	}
	buf_done(&result);
}

/* Write everything out and forget it; false when nobody listens. */
static bool
flush(struct buf *out)
{
	static const char none[] = "{\"error\":\"out of memory\"}\n";
	size_t at = 0;
	ssize_t n;

	while (at < out->len) {
		n = write(STDOUT_FILENO, out->data + at, out->len - at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += (size_t)n;
	}
	if (out->failed && write(STDOUT_FILENO, none, sizeof(none) - 1) < 0)
		return false;
	buf_reset(out);
	return true;
}

/*
 * Answer one line.  A response that does not fit into memory is given up
 * whole, for a short error: out holds no part of it.
 */
static bool
answer_line(const char *line, size_t len, struct buf *out)
{
	size_t before = out->len;

	answer(line, len, out);
	if (buf_failed(out))
		out->len = before;
	return !buf_failed(out) && out->len < READ_BYTES ? true : flush(out);
}

/* Answer the whole lines that in begins with; false when nobody listens. */
static bool
answer_lines(struct buf *in, struct buf *out)
{
	char *p = in->data, *end = in->data + in->len, *nl;

	while (p < end && (nl = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		if (!answer_line(p, (size_t)(nl - p), out))
			return false;
		p = nl + 1;
	}
	in->len = (size_t)(end - p);
	if (p > in->data)
		memmove(in->data, p, in->len);
	return true;
}

/* Read more into in: bytes read, 0 at the end, -1 when it does not fit. */
static ssize_t
read_more(struct buf *in)
{
	char *room = buf_room(in, READ_BYTES);
	ssize_t n;

	if (room == NULL)
		return -1;
	do {
		n = read(STDIN_FILENO, room, READ_BYTES);
	} while (n < 0 && errno == EINTR);
	if (n > 0)
		in->len += (size_t)n;
	return n < 0 ? 0 : n;
}

/* The line in is too long: pass over the rest of it. */
static void
pass_over_line(struct buf *in)
{
	char chunk[4096], *nl;
	ssize_t n;

	buf_done(in);
	while ((n = read(STDIN_FILENO, chunk, sizeof(chunk))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return;
		if ((nl = memchr(chunk, '\n', (size_t)n)) != NULL) {
			buf_put(in, nl + 1, (size_t)(chunk + n - (nl + 1)));
			return;
		}
	}
}

int
main(void)
{
	struct ot_err too_long = { OT_ELIMIT, "the request is too long" };
	struct buf in, out = BUF_INIT;
	ssize_t n = 1;
	int status = 0;

	buf_init(&in, LINE_MAX_BYTES);
	while (n != 0) {
		if (!flush(&out)) {
			status = 1;
			break;
		}
		if ((n = read_more(&in)) < 0) {
			pass_over_line(&in);
			put_error(&out, &too_long);
		}
		if (n == 0 && in.len > 0)	/* the last line has no end */
			buf_putc(&in, '\n');
		if (in.len > 0 && !answer_lines(&in, &out)) {
			status = 1;
			break;
		}
	}
	if (!flush(&out))
		status = 1;
	buf_done(&in);
	buf_done(&out);
	return status;
}
