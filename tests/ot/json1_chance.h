/*
 * json1_chance: documents and ops of json1 from a seed, for tests.
 */
#ifndef TESTS_OT_JSON1_CHANCE_H
#define TESTS_OT_JSON1_CHANCE_H

#include "chance.h"
#include "edits.h"
#include "ot/json_value.h"
#include "ot/type_ext.h"
#include "ot/utf.h"

static const struct ot_type *const json1 = &ot_type_json1_auto;

/* ---- documents ---- */

static inline void
put_value(struct chance *c, struct buf *b, unsigned depth)
{
	static const char *const scalars[] = { "null", "true", "0", "1", "-7",
	    "\"\"", "\"abc\"", "\"x\\ud83d\\ude00y\"", "\"words, words\"",
	    "12" };
	size_t n, i;

	switch (depth == 0 ? 0 : chance_below(c, 3)) {
	case 0:
		buf_puts(b, scalars[chance_below(c, 10)]);
		return;
	case 1:
		n = chance_below(c, 5);
		buf_putc(b, '[');
		for (i = 0; i < n; i++) {
			if (i > 0)
				buf_putc(b, ',');
			put_value(c, b, depth - 1);
		}
		buf_putc(b, ']');
		return;
	default:
		n = chance_below(c, 12) == 0 ? 12 : chance_below(c, 4);
		buf_putc(b, '{');
		for (i = 0; i < n; i++) {
			buf_puts(b, i > 0 ? ",\"" : "\"");
			buf_putc(b, (char)('a' + i));
			buf_puts(b, "\":");
			put_value(c, b, depth - 1);
		}
		buf_putc(b, '}');
	}
}

static inline struct ot_data *
random_data(struct chance *c)
{
	struct buf b = BUF_INIT;
	struct ot_data *data;

	buf_puts(&b, "{\"a\":");
	put_value(c, &b, 3);
	buf_puts(&b, ",\"b\":");
	put_value(c, &b, 3);
	buf_puts(&b, "}");
	buf_putc(&b, '\0');
	data = edits_load(json1, b.data);
	buf_done(&b);
	return data;
}

static inline struct ot_data *
copy_data(const struct ot_data *data)
{
	char *text = edits_print(json1, data);
	struct ot_data *copy = edits_load(json1,
	    strcmp(text, "undefined") == 0 ? NULL : text);

	free(text);
	return copy;
}

/* The data as a value; NULL: undefined. */
static inline struct json *
value_of(const struct ot_data *data)
{
	char *text = edits_print(json1, data);
	struct json *v = NULL;
	struct ot_err err;

	if (strcmp(text, "undefined") != 0)
		assert_int_equal(json_parse(text, strlen(text), 0, &v, &err),
		    0);
	free(text);
	return v;
}

static inline void
assert_prints(const struct ot_data *data, const char *want)
{
	char *text = edits_print(json1, data);

	assert_string_equal(text, want);
	free(text);
}

/* ---- ops ---- */

/* A way down into a document: keys, each with a comma after it. */
struct way {
	struct buf		 keys;
	const struct json	*in;		/* container; NULL: v is the root */
	const struct json	*v;
};

static inline bool
has_children(const struct json *v)
{
	return (json_kind(v) == JSON_LIST && json_list_len(v) > 0) ||
	    (json_kind(v) == JSON_OBJECT && json_object_len(v) > 0);
}

static inline void
way_down(struct chance *c, const struct json *doc, struct way *way)
{
	const struct json_member *m;
	size_t at;

	*way = (struct way){ .keys = BUF_INIT, .v = doc };
	while (has_children(way->v) && chance_below(c, 4) > 0) {
		way->in = way->v;
		if (json_kind(way->v) == JSON_LIST) {
			at = chance_below(c, json_list_len(way->v));
			buf_put_u64(&way->keys, at);
			way->v = json_list_at(way->v, at);
		} else {
			m = json_object_first(way->v);
			at = chance_below(c, json_object_len(way->v));
			while (at-- > 0)
				m = json_object_next(way->v, m);
			json_put_string(&way->keys, m->key->text, m->key->len);
			way->v = m->value;
		}
		buf_putc(&way->keys, ',');
	}
}

/* A free place under the way's end, or false. */
static inline bool
way_to_free(struct chance *c, struct way *way)
{
	struct json_key *key;
	char name = (char)('a' + (int)chance_below(c, 6));
	bool is_free;

	if (json_kind(way->v) == JSON_LIST) {
		buf_put_u64(&way->keys,
		    chance_below(c, json_list_len(way->v) + 1));
		buf_putc(&way->keys, ',');
		return true;
	}
	if (json_kind(way->v) != JSON_OBJECT)
		return false;
	key = json_key_new(&name, 1);
	is_free = json_object_find(way->v, key) == NULL;
	json_key_unref(key);
	json_put_string(&way->keys, &name, 1);
	buf_putc(&way->keys, ',');
	return is_free;
}

static inline void
put_keys(struct buf *b, const struct way *way)
{
	buf_put(b, way->keys.data, way->keys.len);
}

static inline void
put_text(struct chance *c, struct buf *b, const struct json *s)
{
	struct buf text = BUF_INIT;
	size_t len, at;

	json_string_put(s, &text, 0);
	len = utf_len_cp(text.data, text.len);
	at = chance_below(c, len + 1);
	buf_puts(b, "{\"es\":[");
	if (at > 0) {
		buf_put_u64(b, at);
		buf_putc(b, ',');
	}
	if (at + 1 < len && chance_below(c, 2) == 0)
		buf_puts(b, "{\"d\":1}");
	else
		buf_puts(b, chance_below(c, 3) == 0 ? "\"\\u00e9\"" : "\"zz\"");
	buf_puts(b, "]}");
	buf_done(&text);
}

/* What doc, NULL being undefined, is after op, which is JSON. */
static inline struct json *
after_op(const struct json *doc, const char *op)
{
	struct buf b = BUF_INIT;
	struct ot_data *data;
	struct ot_edit *edit;
	struct ot_err err;
	struct json *v;

	json_print(doc, &b);
	buf_putc(&b, '\0');
	data = edits_load(json1, b.data);
	edit = edits_parse(json1, op);
	if (json1->apply(data, edit, NULL, &err) != 0)
		fail_msg("%s on %s: %s", op, b.data, err.text);
	v = value_of(data);
	json1->edit_free(edit);
	json1->data_free(data);
	buf_done(&b);
	return v;
}

/* The way's value moved to anywhere. */
static inline bool
put_move(struct chance *c, struct buf *b, const struct json *doc,
    const struct way *from)
{
	struct buf op = BUF_INIT;
	struct json *rest;
	struct way to;
	bool found;

	buf_putc(&op, '[');
	put_keys(&op, from);
	buf_puts(&op, "{\"r\":true}]");
	buf_putc(&op, '\0');
	rest = after_op(doc, op.data);
	way_down(c, rest, &to);
	found = way_to_free(c, &to);
	if (found) {
		buf_puts(b, "[[");
		put_keys(b, from);
		buf_puts(b, "{\"p\":0}],[");
		put_keys(b, &to);
		buf_puts(b, "{\"d\":0}]]");
	}
	buf_done(&to.keys);
	buf_done(&op);
	json_unref(rest);
	return found;
}

/* One thing done to doc, as loose JSON; false: nothing came to mind. */
static inline bool
put_part(struct chance *c, struct buf *b, const struct json *doc)
{
	struct way way;
	bool done = true;

	if (doc == NULL) {
		buf_puts(b, "[{\"i\":{\"a\":[1,2,3]}}]");
		return true;
	}
	way_down(c, doc, &way);
	switch (chance_below(c, 6)) {
	case 0:
		buf_putc(b, '[');
		put_keys(b, &way);
		buf_puts(b, "{\"r\":true}]");
		break;
	case 1:
		buf_putc(b, '[');
		put_keys(b, &way);
		buf_puts(b, "{\"r\":true,\"i\":");
		put_value(c, b, 2);
		buf_puts(b, "}]");
		break;
	case 2:
		if (!(done = way_to_free(c, &way)))
			break;
		buf_putc(b, '[');
		put_keys(b, &way);
		buf_puts(b, "{\"i\":");
		put_value(c, b, 2);
		buf_puts(b, "}]");
		break;
	case 3:
	case 4:
		done = way.in != NULL && put_move(c, b, doc, &way);
		break;
	default:
		done = json_kind(way.v) == JSON_NUMBER ||
		    json_kind(way.v) == JSON_STRING;
		if (!done)
			break;
		buf_putc(b, '[');
		put_keys(b, &way);
		if (json_kind(way.v) == JSON_NUMBER)
			buf_puts(b, "{\"ena\":3}");
		else
			put_text(c, b, way.v);
		buf_putc(b, ']');
	}
	buf_done(&way.keys);
	return done;
}

static inline struct ot_edit *
random_part(struct chance *c, const struct json *doc)
{
	struct buf loose = BUF_INIT, strict = BUF_INIT;
	struct json_slice slice;
	struct ot_edit *edit;
	struct ot_err err;

	while (!put_part(c, &loose, doc))
		buf_reset(&loose);
	slice = (struct json_slice){ loose.data, loose.len, JSON_LIST };
	if (json1->ext->normalize(&slice, &strict, &err) != 0)
		fail_msg("%s", err.text);
	buf_putc(&strict, '\0');
	edit = edits_parse(json1, strict.data);
	buf_done(&loose);
	buf_done(&strict);
	return edit;
}

/* An op of n parts that fits data, joined by compose. */
static inline struct ot_edit *
random_edit(struct chance *c, const struct ot_data *data, size_t n)
{
	struct ot_edit *edit = edits_parse(json1, "null"), *part, *both;
	struct ot_data *live = copy_data(data);
	struct ot_err err;
	struct json *doc;

	while (n-- > 0) {
		doc = value_of(live);
		part = random_part(c, doc);
		json_unref(doc);
		if (json1->apply(live, part, NULL, &err) != 0 ||
		    json1->compose(edit, part, &both, &err) != 0)
			fail_msg("%s", err.text);
		json1->edit_free(part);
		json1->edit_free(edit);
		edit = both;
	}
	json1->data_free(live);
	return edit;
}

#endif
