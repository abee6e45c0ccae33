#include "proto/check.h"

#include <math.h>
#include <string.h>

/* Own names of JavaScript's Object.prototype: sharedb lib/util.js. */
static const char *const dangerous[] = {
	"__defineGetter__", "__defineSetter__", "__lookupGetter__",
	"__lookupSetter__", "__proto__", "constructor", "hasOwnProperty",
	"isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString",
	"valueOf",
};

enum message_verdict
check_malformed(struct refusal *r, const char *sentence)
{
	refuse(r, ERR_MESSAGE, "%s", sentence);
	return MESSAGE_REFUSED;
}

bool
field_given(const struct json_slice *s)
{
	return s->kind != JSON_NONE && s->kind != JSON_NULL;
}

static bool
is_dangerous(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(dangerous) / sizeof(dangerous[0]); i++)
		if (*name == *dangerous[i] && strcmp(name, dangerous[i]) == 0)
			return true;
	return false;
}

/* WTF-8 writes a lone surrogate as ED A0..BF xx; UTF-8 never does. */
static bool
has_lone_surrogate(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i + 1 < len; i++)
		if ((unsigned char)s[i] == 0xed &&
		    (unsigned char)s[i + 1] >= 0xa0)
			return true;
	return false;
}

const char *
field_name(const struct json_slice *s, struct arena *arena)
{
	struct buf b;
	const char *name = NULL;

	if (s->kind != JSON_STRING)
		return NULL;
	/* Most are as they stand: UTF-8 that was checked. */
	if (s->len - 2 <= NAME_MAX_BYTES &&
	    memchr(s->p, '\\', s->len) == NULL) {
		name = arena_copy(arena, s->p + 1, s->len - 2);
		return is_dangerous(name) ? NULL : name;
	}
	buf_init(&b, NAME_MAX_BYTES);
	json_slice_string(s, &b);
	if (!buf_failed(&b) &&
	    (b.len == 0 || memchr(b.data, '\0', b.len) == NULL) &&
	    !has_lone_surrogate(b.data, b.len)) {
		name = arena_copy(arena, b.len > 0 ? b.data : "", b.len);
		if (is_dangerous(name))
			name = NULL;
	}
	buf_done(&b);
	return name;
}

const char *
field_text(const struct json_slice *s, struct arena *arena)
{
	struct buf b;
	const char *text = NULL;

	if (s->kind != JSON_STRING)
		return NULL;
	buf_init(&b, s->len);
	json_slice_string(s, &b);
	if (!buf_failed(&b) && b.len > 0 &&
	    memchr(b.data, '\0', b.len) == NULL)
		text = arena_copy(arena, b.data, b.len);
	buf_done(&b);
	return text;
}

struct json_slice
field_member(const struct json_slice *s, const char *name)
{
	struct json_slice key, value, found = { NULL, 0, JSON_NONE };
	struct json_reader reader;
	struct ot_err err;

	if (s->kind != JSON_OBJECT)
		return found;
	json_reader_init(&reader, s->p, s->len, &err);
	if (json_enter(&reader, JSON_OBJECT) != 0)
		return found;
	while (json_next_member(&reader, &key) > 0 &&
	    json_skip(&reader, &value) == 0)
		if (json_slice_is(&key, name))
			found = value;
	return found;
}

bool
field_number(const struct json_slice *s, uint64_t *number_out)
{
	double d;

	if (s->kind != JSON_NUMBER)
		return false;
	d = json_slice_number(s);
	if (!(d >= 0 && d <= (double)OP_NUMBER_MAX) || floor(d) != d)
		return false;
	*number_out = (uint64_t)d;
	return true;
}

bool
field_version(const struct json_slice *s, bool *has_out, uint64_t *v_out)
{
	*has_out = field_given(s);
	return !*has_out || field_number(s, v_out);
}
