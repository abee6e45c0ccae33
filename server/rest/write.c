/*
 * write: JSON that goes out, member by member, and slices that come in.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "rest/base64url.h"
#include "rest/call.h"
#include "rest/route.h"

struct json_slice
rest_member(const struct json_slice *object, const char *name)
{
	struct json_slice key, found = { NULL, 0, JSON_NONE };
	struct json_reader r;
	struct ot_err err;

	if (object->kind != JSON_OBJECT)
		return found;
	json_reader_init(&r, object->p, object->len, &err);
	if (json_enter(&r, JSON_OBJECT) != 0)
		return found;
	while (json_next_member(&r, &key) == 1) {
		struct json_slice value;

		if (json_skip(&r, &value) != 0)
			break;
		if (json_slice_is(&key, name))
			found = value;
	}
	return found;
}

/* A comma, but at the beginning and behind what opens. */
static void
put_comma(struct buf *b)
{
	if (b->len > 0 && strchr("{[,", b->data[b->len - 1]) == NULL)
		buf_putc(b, ',');
}

void
rest_put_name(struct buf *b, const char *name)
{
	put_comma(b);
	json_put_string(b, name, strlen(name));
	buf_putc(b, ':');
}

void
rest_put_raw(struct buf *b, const char *name, const char *json,
    size_t len_bytes)
{
	rest_put_name(b, name);
	buf_put(b, json, len_bytes);
}

void
rest_put_text(struct buf *b, const char *name, const char *text)
{
	rest_put_name(b, name);
	if (text == NULL)
		buf_puts(b, "null");
	else
		json_put_string(b, text, strlen(text));
}

void
rest_put_number(struct buf *b, const char *name, int64_t n)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRId64, n);
	rest_put_name(b, name);
	buf_puts(b, digits);
}

void
rest_put_bool(struct buf *b, const char *name, bool truth)
{
	rest_put_name(b, name);
	buf_puts(b, truth ? "true" : "false");
}

void
rest_put_time(struct buf *b, const char *name, int64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	char text[64];
	struct tm tm;

	if (ms < 0 || gmtime_r(&seconds, &tm) == NULL) {
		rest_put_raw(b, name, "null", 4);
		return;
	}
	snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
	    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
	    tm.tm_min, tm.tm_sec, (int)(ms % 1000));
	rest_put_text(b, name, text);
}

/* ---- paths ---- */

/* Would a path's reader change it, or take it for another? */
static bool
needs_base64url(const char *text)
{
	const char *p;
	size_t len;

	if (strpbrk(text, "\r\n") != NULL)
		return true;
	for (p = text; ; p += len + 1) {
		len = strcspn(p, "/");
		if (len == 0 || (len == 1 && p[0] == '.') ||
		    (len == 2 && p[0] == '.' && p[1] == '.'))
			return true;
		/* "a/ops" as an id would be the ops of "a". */
		if (p != text && route_has_piece(p, len))
			return true;
		if (p[len] == '\0')
			return *text == '~';
	}
}

void
rest_put_segment(struct buf *b, const char *text)
{
	static const char digits[] = "0123456789ABCDEF";

	if (needs_base64url(text)) {
		buf_putc(b, '~');
		base64url_put(b, text, strlen(text));
		return;
	}
	/* Unreserved of RFC 3986, section 2.3, and what parts segments. */
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
		    (c >= 'a' && c <= 'z') || strchr("-._~/", c) != NULL) {
			buf_putc(b, (char)c);
		} else {
			buf_putc(b, '%');
			buf_putc(b, digits[c >> 4]);
			buf_putc(b, digits[c & 15]);
		}
	}
}
