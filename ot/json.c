#include "ot/json.h"

#include <stdlib.h>
#include <string.h>

#include "ot/json_number.h"
#include "ot/utf.h"

/* ---- the pull reader ---- */

void
json_reader_init(struct json_reader *r, const char *text, size_t len_bytes,
    struct ot_err *err)
{
	r->start = r->p = text;
	r->end = text + len_bytes;
	r->depth = 0;
	r->depth_max = JSON_DEPTH_MAX;
	r->first = true;
	r->over_limit = false;
	r->err = err;
}

static int
reader_fail(struct json_reader *r, const char *why)
{
	return ot_fail(r->err, OT_EJSON, "%s at byte %zu of the JSON text", why,
	    (size_t)(r->p - r->start));
}

static int
reader_unexpected(struct json_reader *r)
{
	if (r->p == r->end)
		return reader_fail(r, "unexpected end");
	return reader_fail(r, "unexpected character");
}

static inline void
skip_space(struct json_reader *r)
{
	while (r->p < r->end && *r->p <= ' ' && (*r->p == ' ' ||
	    *r->p == '\n' || *r->p == '\r' || *r->p == '\t'))
		r->p++;
}

/* The kind of a value by its first byte. */
static const unsigned char kinds[256] = {
	['{'] = JSON_OBJECT, ['['] = JSON_LIST, ['"'] = JSON_STRING,
	['t'] = JSON_TRUE, ['f'] = JSON_FALSE, ['n'] = JSON_NULL,
	['-'] = JSON_NUMBER, ['0'] = JSON_NUMBER, ['1'] = JSON_NUMBER,
	['2'] = JSON_NUMBER, ['3'] = JSON_NUMBER, ['4'] = JSON_NUMBER,
	['5'] = JSON_NUMBER, ['6'] = JSON_NUMBER, ['7'] = JSON_NUMBER,
	['8'] = JSON_NUMBER, ['9'] = JSON_NUMBER,
};

static inline enum json_kind
peek(struct json_reader *r)
{
	skip_space(r);
	return r->p < r->end ? (enum json_kind)kinds[(unsigned char)*r->p] :
	    JSON_NONE;
}

enum json_kind
json_peek(struct json_reader *r)
{
	return peek(r);
}

/* ---- numbers ---- */

static bool
skip_digits(struct json_reader *r)
{
	const char *p = r->p;

	while (r->p < r->end && *r->p >= '0' && *r->p <= '9')
		r->p++;
	return r->p > p;
}

/* Step over a number; may_overflow_out: its range has yet to be checked. */
static int
scan_number(struct json_reader *r, bool *may_overflow_out)
{
	const char *start = r->p;
	bool exponent = false;

	if (*r->p == '-')
		r->p++;
	if (r->p < r->end && *r->p == '0')
		r->p++;
	else if (!skip_digits(r))
		return reader_unexpected(r);
	if (r->p < r->end && *r->p == '.') {
		r->p++;
		if (!skip_digits(r))
			return reader_unexpected(r);
	}
	if (r->p < r->end && (*r->p == 'e' || *r->p == 'E')) {
		exponent = true;
		r->p++;
		if (r->p < r->end && (*r->p == '-' || *r->p == '+'))
			r->p++;
		if (!skip_digits(r))
			return reader_unexpected(r);
	}
	*may_overflow_out = exponent || r->p - start > 300;
	return 0;
}

static int
skip_number(struct json_reader *r)
{
	const char *start = r->p;
	bool may_overflow;
	int rc;

	if ((rc = scan_number(r, &may_overflow)) != 0)
		return rc;
	if (may_overflow &&
	    !json_number_parse(start, (size_t)(r->p - start), NULL)) {
		r->over_limit = true;
		return reader_fail(r, "number out of range");
	}
	return 0;
}

int
json_read_number(struct json_reader *r, double *number_out)
{
	const char *start;
	bool may_overflow;
	int rc;

	if (peek(r) != JSON_NUMBER)
		return reader_unexpected(r);
	start = r->p;
	if ((rc = scan_number(r, &may_overflow)) != 0)
		return rc;
	if (!json_number_parse(start, (size_t)(r->p - start), number_out))
		return reader_fail(r, "number out of range");
	return 0;
}

/* ---- strings ---- */

/*
 * Up to the next byte that is no plain part of a string; *any_out are the bits
 * of all bytes passed.
 */
static const char *
plain_run(const char *p, const char *end, unsigned *any_out)
{
	unsigned any = 0;

	for (; p < end && *p != '"' && *p != '\\' &&
	    (unsigned char)*p >= 0x20; p++)
		any |= (unsigned char)*p;
	*any_out = any;
	return p;
}

/* The value of four hex digits at p, or -1. */
static int
hex4(const char *p, const char *end)
{
	int value = 0, i;

	if (end - p < 4)
		return -1;
	for (i = 0; i < 4; i++) {
		char c = p[i];

		if (c >= '0' && c <= '9')
			value = value << 4 | (c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value << 4 | (c - 'a' + 10);
		else if (c >= 'A' && c <= 'F')
			value = value << 4 | (c - 'A' + 10);
		else
			return -1;
	}
	return value;
}

/*
 * Decode the escape at p, after its backslash; *p_out is what follows.  The
 * UTF-16 unit, or -1.
 */
static int
escape_decode(const char *p, const char *end, const char **p_out)
{
	int unit;

	if (p == end)
		return -1;
	*p_out = p + 1;
	switch (*p) {
	case '"': case '\\': case '/':
		return *p;
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	case 'u':
		if ((unit = hex4(p + 1, end)) < 0)
			return -1;
		*p_out = p + 5;
		return unit;
	default:
		return -1;
	}
}

/* Step over a string, checking it; r->p is at its quote. */
static int
skip_string(struct json_reader *r)
{
	const char *run;
	unsigned any;

	for (r->p++;;) {
		run = r->p;
		r->p = plain_run(r->p, r->end, &any);
		if (any >= 0x80 && !utf_is_utf8(run, (size_t)(r->p - run))) {
			r->p = run;
			return reader_fail(r, "string that is not UTF-8");
		}
		if (r->p == r->end)
			return reader_fail(r, "unexpected end in a string");
		if (*r->p == '"')
			break;
		if (*r->p != '\\')
			return reader_fail(r, "control character in a string");
		if (escape_decode(r->p + 1, r->end, &r->p) < 0)
			return reader_fail(r, "bad escape in a string");
	}
	r->p++;
	return 0;
}

/* Append the WTF-8 of a checked string, quotes included in text. */
static void
string_decode(const char *p, const char *end, struct buf *b)
{
	size_t start = b->len;
	const char *run;

	end--;
	for (p++;;) {
		run = p;
		if ((p = memchr(p, '\\', (size_t)(end - p))) == NULL)
			break;
		buf_put(b, run, (size_t)(p - run));
		utf_put_cp(b, start, (uint32_t)escape_decode(p + 1, end, &p));
	}
	buf_put(b, run, (size_t)(end - run));
}

int
json_read_string(struct json_reader *r, struct buf *b)
{
	const char *start;
	int rc;

	if (peek(r) != JSON_STRING)
		return reader_unexpected(r);
	start = r->p;
	if ((rc = skip_string(r)) != 0)
		return rc;
	string_decode(start, r->p, b);
	if (buf_failed(b))
		return ot_fail(r->err, OT_ENOMEM, "out of memory");
	return 0;
}

/* ---- containers and any value ---- */

int
json_enter(struct json_reader *r, enum json_kind kind)
{
	if (peek(r) != kind)
		return reader_unexpected(r);
	if (r->depth >= r->depth_max) {
		r->over_limit = true;
		return ot_fail(r->err, OT_ELIMIT,
		    "JSON is nested more than %u deep", r->depth_max);
	}
	r->depth++;
	r->p++;
	r->first = true;
	return 0;
}

/* 1 standing before a member or item, 0 having left the container. */
static int
container_next(struct json_reader *r, char closing)
{
	skip_space(r);
	if (r->p < r->end && *r->p == closing) {
		r->p++;
		r->depth--;
		r->first = false;
		return 0;
	}
	if (!r->first) {
		if (r->p == r->end || *r->p != ',')
			return reader_unexpected(r);
		r->p++;
	}
	r->first = false;
	return 1;
}

int
json_next_item(struct json_reader *r)
{
	return container_next(r, ']');
}

int
json_next_member(struct json_reader *r, struct json_slice *key_out)
{
	struct json_slice key = { NULL, 0, JSON_STRING };
	int rc;

	if ((rc = container_next(r, '}')) <= 0)
		return rc;
	if (peek(r) != JSON_STRING)
		return reader_unexpected(r);
	key.p = r->p;
	if ((rc = skip_string(r)) != 0)
		return rc;
	key.len = (size_t)(r->p - key.p);
	skip_space(r);
	if (r->p == r->end || *r->p != ':')
		return reader_unexpected(r);
	r->p++;
	*key_out = key;
	return 1;
}

static int
skip_word(struct json_reader *r, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(r->end - r->p) < len || memcmp(r->p, word, len) != 0)
		return reader_unexpected(r);
	r->p += len;
	return 0;
}

/* Recursion is bounded by JSON_DEPTH_MAX. */
static int
skip_container(struct json_reader *r, enum json_kind kind)
{
	struct json_slice key;
	int rc;

	if ((rc = json_enter(r, kind)) != 0)
		return rc;
	for (;;) {
		rc = kind == JSON_OBJECT ? json_next_member(r, &key) :
		    json_next_item(r);
		if (rc <= 0)
			return rc;
		if ((rc = json_skip(r, NULL)) != 0)
			return rc;
	}
}

int
json_skip(struct json_reader *r, struct json_slice *slice_out)
{
	enum json_kind kind = peek(r);
	const char *start = r->p;
	int rc;

	switch (kind) {
	case JSON_OBJECT:
	case JSON_LIST:
		rc = skip_container(r, kind);
		break;
	case JSON_STRING:
		rc = skip_string(r);
		break;
	case JSON_NUMBER:
		rc = skip_number(r);
		break;
	case JSON_TRUE:
		rc = skip_word(r, "true");
		break;
	case JSON_FALSE:
		rc = skip_word(r, "false");
		break;
	case JSON_NULL:
		rc = skip_word(r, "null");
		break;
	default:
		rc = reader_unexpected(r);
	}
	if (rc == 0 && slice_out != NULL)
		*slice_out = (struct json_slice){ start,
		    (size_t)(r->p - start), kind };
	return rc;
}

int
json_finish(struct json_reader *r)
{
	skip_space(r);
	if (r->p != r->end)
		return reader_fail(r, "unexpected character after the value");
	return 0;
}

/* ---- slices ---- */

void
json_slice_string(const struct json_slice *s, struct buf *b)
{
	string_decode(s->p, s->p + s->len, b);
}

bool
json_slice_is(const struct json_slice *s, const char *ascii)
{
	const char *p, *end;
	int unit;

	if (s->kind != JSON_STRING || (s->p[1] != *ascii && s->p[1] != '\\' &&
	    s->len > 2))
		return false;
	end = s->p + s->len - 1;
	for (p = s->p + 1; p < end; ascii++) {
		if (*p == '\\')
			unit = escape_decode(p + 1, end, &p);
		else
			unit = (unsigned char)*p++;
		if (*ascii == '\0' || unit != (unsigned char)*ascii)
			return false;
	}
	return *ascii == '\0';
}

double
json_slice_number(const struct json_slice *s)
{
	double number = 0;

	json_number_parse(s->p, s->len, &number);
	return number;
}

bool
json_slice_truthy(const struct json_slice *s)
{
	switch (s->kind) {
	case JSON_NONE:
	case JSON_NULL:
	case JSON_FALSE:
		return false;
	case JSON_NUMBER:
		return json_slice_number(s) != 0;
	case JSON_STRING:
		return s->len > 2;
	default:
		return true;
	}
}

/* ---- writing ---- */

static const char hex[] = "0123456789abcdef";

static void
put_unit_escape(struct buf *b, uint32_t unit)
{
	char text[6] = { '\\', 'u', hex[unit >> 12 & 15], hex[unit >> 8 & 15],
	    hex[unit >> 4 & 15], hex[unit & 15] };

	buf_put(b, text, sizeof(text));
}

/* Escape what stands at p; returns how many bytes it took. */
static size_t
put_escape(struct buf *b, const char *p)
{
	size_t size = 1;

	switch (*p) {
	case '"':
		buf_puts(b, "\\\"");
		break;
	case '\\':
		buf_puts(b, "\\\\");
		break;
	case '\b':
		buf_puts(b, "\\b");
		break;
	case '\f':
		buf_puts(b, "\\f");
		break;
	case '\n':
		buf_puts(b, "\\n");
		break;
	case '\r':
		buf_puts(b, "\\r");
		break;
	case '\t':
		buf_puts(b, "\\t");
		break;
	default:
		put_unit_escape(b, utf_decode(p, &size));
	}
	return size;
}

void
json_put_string_piece(struct buf *b, const char *wtf8, size_t len_bytes)
{
	const char *p = wtf8, *run = wtf8, *end = wtf8 + len_bytes;
	unsigned char c;

	while (p < end) {
		c = (unsigned char)*p;
		if (c >= 0x20 && c != '"' && c != '\\' &&
		    (c != 0xed || (unsigned char)p[1] < 0xa0)) {
			p++;
			continue;
		}
		buf_put(b, run, (size_t)(p - run));
		p += put_escape(b, p);
		run = p;
	}
	buf_put(b, run, (size_t)(end - run));
}

void
json_put_string(struct buf *b, const char *wtf8, size_t len_bytes)
{
	buf_putc(b, '"');
	json_put_string_piece(b, wtf8, len_bytes);
	buf_putc(b, '"');
}

void
json_put_number(struct buf *b, double number)
{
	char text[JSON_NUMBER_CHARS];

	buf_put(b, text, json_number_format(number, text));
}
