#include "bench/load/insert.h"

#include <string.h>

static const struct insert_type types[] = {
	{ .name = "text-unicode", .uri = "http://sharejs.org/types/text-unicode",
	    .head = "[", .neck = ",\"", .tail = "\"]", .at_zero = "[\"",
	    .open = "\"", .close = "\"" },
	{ .name = "text", .uri = "http://sharejs.org/types/textv1",
	    .head = "[", .neck = ",\"", .tail = "\"]", .at_zero = "[\"",
	    .open = "\"", .close = "\"" },
	{ .name = "text0", .uri = "http://sharejs.org/types/textv0",
	    .head = "[{\"p\":", .neck = ",\"i\":\"", .tail = "\"}]",
	    .place = "\"p\":", .text = "\"i\":\"",
	    .open = "\"", .close = "\"" },
	{ .name = "json0", .uri = "http://sharejs.org/types/JSONv0",
	    .head = "[{\"p\":[\"text\",", .neck = "],\"si\":\"", .tail = "\"}]",
	    .place = "\"p\":[\"text\",", .text = "\"si\":\"",
	    .open = "{\"text\":\"", .close = "\"}" },
};

const struct insert_type *
insert_type_at(size_t i)
{
	return i < sizeof(types) / sizeof(types[0]) ? &types[i] : NULL;
}

const struct insert_type *
insert_type_find(const char *name)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].name, name) == 0)
			return &types[i];
	return NULL;
}

void
insert_print(const struct insert_type *type, const struct insert *in,
    struct buf *b)
{
	if (in->pos == 0 && type->at_zero != NULL) {
		buf_puts(b, type->at_zero);
	} else {
		buf_puts(b, type->head);
		buf_put_u64(b, in->pos);
		buf_puts(b, type->neck);
	}
	buf_put(b, in->text, INSERT_LEN);
	buf_puts(b, type->tail);
}

static struct span
rest_from(struct span s, const char *at)
{
	return (struct span){ at, s.len - (size_t)(at - s.at) };
}

/* What follows the words in s; at NULL: they are not there. */
static struct span
after(struct span s, const char *words)
{
	size_t n = strlen(words);
	const char *at = memmem(s.at, s.len, words, n);

	return at == NULL ? (struct span){ NULL, 0 } : rest_from(s, at + n);
}

static bool
begins(struct span s, const char *words)
{
	size_t n = strlen(words);

	return s.len >= n && memcmp(s.at, words, n) == 0;
}

/* Exactly INSERT_LEN characters and a quote. */
static bool
scan_text(struct span s, struct insert *out)
{
	if (s.at == NULL || s.len <= INSERT_LEN || s.at[INSERT_LEN] != '"')
		return false;
	memcpy(out->text, s.at, INSERT_LEN);
	return true;
}

/* Digits; *s goes on behind them. */
static bool
scan_place(struct span *s, struct insert *out)
{
	struct span digits = { s->at, 0 };

	if (s->at == NULL)
		return false;
	while (digits.len < s->len && s->at[digits.len] >= '0' &&
	    s->at[digits.len] <= '9')
		digits.len++;
	*s = rest_from(*s, s->at + digits.len);
	return span_number(digits, &out->pos);
}

/* Members of an object, in whatever order; only one object of these two. */
static bool
scan_object(const struct insert_type *type, struct span op, struct insert *out)
{
	struct span place = after(op, type->place), text = after(op, type->text);

	return op.len <= strlen(type->head) + strlen(type->neck) +
	    strlen(type->tail) + INSERT_LEN + 20 &&
	    scan_place(&place, out) && scan_text(text, out);
}

bool
insert_scan(const struct insert_type *type, struct span op, struct insert *out)
{
	struct span rest;

	if (op.at == NULL)
		return false;
	if (type->place != NULL)
		return scan_object(type, op, out);
	out->pos = 0;
	if (begins(op, type->at_zero)) {
		rest = rest_from(op, op.at + strlen(type->at_zero));
	} else {
		if (!begins(op, type->head))
			return false;
		rest = rest_from(op, op.at + strlen(type->head));
		if (!scan_place(&rest, out) || !begins(rest, type->neck))
			return false;
		rest = rest_from(rest, rest.at + strlen(type->neck));
	}
	return scan_text(rest, out) && rest.len ==
	    INSERT_LEN + strlen(type->tail);
}

struct span
insert_text(const struct insert_type *type, struct span data)
{
	static const struct span none = { NULL, 0 };
	size_t open = strlen(type->open), close = strlen(type->close);

	if (data.at == NULL || data.len < open + close || !begins(data, type->open) ||
	    memcmp(data.at + data.len - close, type->close, close) != 0)
		return none;
	data = (struct span){ data.at + open, data.len - open - close };
	/* Letters and digits only: no quote ends it, no escape stands for more. */
	if (memchr(data.at, '"', data.len) != NULL ||
	    memchr(data.at, '\\', data.len) != NULL)
		return none;
	return data;
}
