#include "tests/sim/edits.h"

#include <string.h>

#include "base/mem.h"
#include "ot/json_value.h"

static const char *const letters[] = {
	"a", "b", "c", "de", "f g", "\xc3\xa9", "\xe4\xb8\xad", "1", "z",
};

/* Outside the first plane: one code point, two units of UTF-16. */
static const char astral[] = "\xf0\x9f\x98\x80";

static const char *
some_text(struct chance *chance, const struct ot_type *type)
{
	if (type == &ot_type_text_unicode && chance_below(chance, 6) == 0)
		return astral;
	return letters[chance_below(chance,
	    sizeof(letters) / sizeof(letters[0]))];
}

static void
put_quoted(struct buf *b, const char *text)
{
	json_put_string(b, text, strlen(text));
}

static void
put_number(struct buf *b, size_t n)
{
	buf_put_u64(b, n);
}

static const struct ot_type *const types[] = {
	&ot_type_json0, &ot_type_text, &ot_type_text_unicode, &ot_type_text0,
};

void
create_random(struct chance *chance, struct buf *b)
{
	const struct ot_type *type = types[chance_below(chance, 4)];

	buf_puts(b, "{\"type\":");
	put_quoted(b, chance_below(chance, 2) ? type->uri : type->name);
	if (type == &ot_type_json0) {
		buf_puts(b, ",\"data\":{\"n\":0,\"t\":\"ab\",\"l\":[1,\"x\"],"
		    "\"o\":{\"k1\":true}}");
	} else if (chance_below(chance, 3) > 0) {
		buf_puts(b, ",\"data\":");
		put_quoted(b, some_text(chance, type));
	}
	buf_putc(b, '}');
}

/* ---- texts; content of the first plane only, but for text-unicode ---- */

/* The byte at which character n begins. */
static size_t
byte_at(const struct buf *text, size_t n)
{
	size_t i;

	for (i = 0; i < text->len; i++)
		if (((unsigned char)text->data[i] & 0xc0) != 0x80 && n-- == 0)
			break;
	return i;
}

static size_t
length(const struct buf *text)
{
	size_t i, n = 0;

	for (i = 0; i < text->len; i++)
		n += ((unsigned char)text->data[i] & 0xc0) != 0x80;
	return n;
}

/* [skip, "insert" or {"d":n}], maybe twice. */
static void
put_components(struct chance *chance, const struct ot_type *type, size_t len,
    struct buf *b)
{
	size_t at = chance_below(chance, len + 1), n;
	unsigned more;

	buf_putc(b, '[');
	if (at > 0) {
		put_number(b, at);
		buf_putc(b, ',');
	}
	for (more = chance_below(chance, 4) == 0; ; more--) {
		if (at < len && chance_below(chance, 5) < 2) {
			n = 1 + chance_below(chance, len - at < 4 ?
			    len - at : 4);
			buf_puts(b, "{\"d\":");
			put_number(b, n);
			buf_putc(b, '}');
			at += n;
		} else {
			put_quoted(b, some_text(chance, type));
		}
		if (more == 0 || at == len)
			break;
		n = 1 + chance_below(chance, len - at);
		at += n;
		buf_putc(b, ',');
		put_number(b, n);
		buf_putc(b, ',');
	}
	buf_putc(b, ']');
}

/* {"p":..,"i" or "d":..} of a text; "si" and "sd" inside json0. */
static void
put_position_edit(struct chance *chance, const struct buf *text,
    const char *path, const char *insert, const char *delete, struct buf *b)
{
	size_t len = length(text), at = chance_below(chance, len + 1), n;
	size_t from;

	buf_puts(b, path);
	put_number(b, at);
	if (path[strlen(path) - 1] == ',')
		buf_putc(b, ']');
	if (at < len && chance_below(chance, 5) < 2) {
		n = 1 + chance_below(chance, len - at < 4 ? len - at : 4);
		buf_puts(b, delete);
		from = byte_at(text, at);
		json_put_string(b, text->data + from,
		    byte_at(text, at + n) - from);
	} else {
		buf_puts(b, insert);
		put_quoted(b, some_text(chance, &ot_type_json0));
	}
	buf_putc(b, '}');
}

static void
edit_text(struct chance *chance, const struct ot_type *type,
    const struct json *value, struct buf *b)
{
	struct buf text = BUF_INIT;

	json_string_put(value, &text, text.len);
	if (type == &ot_type_text0) {
		buf_putc(b, '[');
		put_position_edit(chance, &text, "{\"p\":", ",\"i\":",
		    ",\"d\":", b);
		buf_putc(b, ']');
	} else {
		put_components(chance, type, length(&text), b);
	}
	buf_done(&text);
}

/* ---- json0 ---- */

static struct json *
member(const struct json *object, const char *name)
{
	struct json_key *key = json_key_new(name, strlen(name));
	struct json_member *m = json_object_find(object, key);

	json_key_unref(key);
	return m != NULL ? m->value : NULL;
}

static void
edit_list(struct chance *chance, const struct json *list, struct buf *b)
{
	size_t len = json_list_len(list), at = chance_below(chance, len + 1);

	buf_puts(b, "{\"p\":[\"l\",");
	put_number(b, at);
	buf_putc(b, ']');
	if (at == len || chance_below(chance, 2) == 0) {
		buf_puts(b, ",\"li\":");
		put_number(b, chance_below(chance, 100));
	}
	if (at < len && chance_below(chance, 2) == 0) {
		if (b->data[b->len - 1] == ']' &&
		    chance_below(chance, 2) == 0) {
			buf_puts(b, ",\"lm\":");
			put_number(b, chance_below(chance, len));
		} else {
			buf_puts(b, ",\"ld\":");
			json_print(json_list_at(list, at), b);
		}
	}
	if (b->data[b->len - 1] == ']')
		buf_puts(b, ",\"li\":null");
	buf_putc(b, '}');
}

/* Put, replace or remove a member; path up to its name. */
static void
edit_member(struct chance *chance, const struct json *object,
    const char *path, const char *name, const char *value, struct buf *b)
{
	const struct json *old = member(object, name);

	buf_puts(b, path);
	put_quoted(b, name);
	buf_putc(b, ']');
	if (old != NULL) {
		buf_puts(b, ",\"od\":");
		json_print(old, b);
	}
	if (old == NULL || chance_below(chance, 3) > 0) {
		buf_puts(b, ",\"oi\":");
		buf_puts(b, value);
	}
	buf_putc(b, '}');
}

static void
edit_json0(struct chance *chance, const struct json *value, struct buf *b)
{
	static const char *const keys[] = { "k1", "k2", "k3" };
	static const char *const wholes[][2] = {
		{ "n", "5" }, { "t", "\"new\"" }, { "l", "[true]" },
		{ "o", "{}" },
	};
	const struct json *m;
	struct buf text = BUF_INIT;
	size_t i = chance_below(chance, 10);

	buf_putc(b, '[');
	if (i < 2 && (m = member(value, "n")) != NULL) {
		buf_puts(b, "{\"p\":[\"n\"],\"na\":");
		if (i == 0)
			buf_putc(b, '-');
		put_number(b, 1 + chance_below(chance, 9));
		buf_putc(b, '}');
	} else if (i < 5 && (m = member(value, "t")) != NULL) {
		json_string_put(m, &text, text.len);
		put_position_edit(chance, &text, "{\"p\":[\"t\",", ",\"si\":",
		    ",\"sd\":", b);
	} else if (i < 8 && (m = member(value, "l")) != NULL) {
		edit_list(chance, m, b);
	} else if (i < 9 && (m = member(value, "o")) != NULL) {
		edit_member(chance, m, "{\"p\":[\"o\",",
		    keys[chance_below(chance, 3)], "1", b);
	} else {
		i = chance_below(chance, 4);
		edit_member(chance, value, "{\"p\":[", wholes[i][0],
		    wholes[i][1], b);
	}
	buf_putc(b, ']');
	buf_done(&text);
}

void
edit_random(struct chance *chance, const struct ot_type *type,
    const struct ot_data *data, struct buf *b)
{
	struct buf content = BUF_INIT;
	struct json *value;
	struct ot_err err;

	type->print(data, &content);
	if (json_parse(content.data, content.len, 0, &value, &err) != 0)
		bug("content is not JSON");
	if (type == &ot_type_json0)
		edit_json0(chance, value, b);
	else
		edit_text(chance, type, value, b);
	json_unref(value);
	buf_done(&content);
}
