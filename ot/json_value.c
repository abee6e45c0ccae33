#include "ot/json_value.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ot/json_node.h"

/* ---- nodes ---- */

/* Scalars without content are never counted and never written. */
static const struct json node_null = { .refs = 0, .kind = JSON_NULL };
static const struct json node_false = { .refs = 0, .kind = JSON_FALSE };
static const struct json node_true = { .refs = 0, .kind = JSON_TRUE };

struct json *
json_node_new(enum json_kind kind, enum json_form form, size_t body_bytes)
{
	struct json *v;

	if (body_bytes > SIZE_MAX - sizeof(*v) ||
	    (v = malloc(sizeof(*v) + body_bytes)) == NULL)
		return NULL;
	assert(!json_is_boxed(v));
	*v = (struct json){ .refs = 1, .kind = (uint8_t)kind,
	    .form = (uint8_t)form };
	return v;
}

enum json_kind
json_kind(const struct json *v)
{
	if (json_is_boxed(v))
		return json_is_boxed_text(v) ? JSON_STRING : JSON_NUMBER;
	return v == NULL ? JSON_NONE : (enum json_kind)v->kind;
}

struct json *
json_ref(struct json *v)
{
	if (v != NULL && !json_is_boxed(v) && v->refs > 0)
		v->refs++;
	return v;
}

/* Recursion is bounded by the depth that readers and edits allow. */
void
json_unref(struct json *v)
{
	if (v == NULL || json_is_boxed(v) || v->refs == 0 || --v->refs > 0)
		return;
	switch (v->kind) {
	case JSON_STRING:
		json_string_done(v);
		break;
	case JSON_LIST:
		json_list_done(v);
		break;
	case JSON_OBJECT:
		json_object_done(v);
		break;
	default:
		break;
	}
	free(v);
}

int
json_own(struct json **slot)
{
	struct json *v = *slot, *copy;

	if (json_is_boxed(v) || v->refs <= 1)
		return 0;
	switch (v->kind) {
	case JSON_STRING:
		copy = json_string_copy(v);
		break;
	case JSON_LIST:
		copy = json_list_copy(v);
		break;
	case JSON_OBJECT:
		copy = json_object_copy(v);
		break;
	default:
		return 0;	/* scalars are replaced, never changed */
	}
	if (copy == NULL)
		return OT_ENOMEM;
	v->refs--;
	*slot = copy;
	return 0;
}

struct json *
json_null_new(void)
{
	return (struct json *)&node_null;
}

struct json *
json_bool_new(bool truth)
{
	return (struct json *)(truth ? &node_true : &node_false);
}

struct json *
json_number_new(double number)
{
	struct json *v = json_box_number(number);

	if (v == NULL && (v = json_node_new(JSON_NUMBER, JSON_FEW,
	    sizeof(number))) != NULL)
		memcpy(json_body(v), &number, sizeof(number));
	return v;
}

double
json_number_get(const struct json *v)
{
	double number;

	if (json_is_boxed(v))
		return json_unbox_number(v);
	memcpy(&number, json_body(v), sizeof(number));
	return number;
}

/* ---- writing ---- */

static void
print_list(const struct json *list, struct buf *b)
{
	size_t i, n = json_list_len(list);

	buf_putc(b, '[');
	for (i = 0; i < n && !buf_failed(b); i++) {
		if (i > 0)
			buf_putc(b, ',');
		json_print(json_list_at(list, i), b);
	}
	buf_putc(b, ']');
}

static void
print_object(const struct json *object, struct buf *b)
{
	const struct json_member *m = json_object_first(object), *first = m;

	buf_putc(b, '{');
	for (; m != NULL && !buf_failed(b); m = json_object_next(object, m)) {
		if (m != first)
			buf_putc(b, ',');
		json_put_string(b, m->key->text, m->key->len);
		buf_putc(b, ':');
		json_print(m->value, b);
	}
	buf_putc(b, '}');
}

void
json_print(const struct json *v, struct buf *b)
{
	switch (json_kind(v)) {
	case JSON_NONE:
	case JSON_NULL:
		buf_puts(b, "null");
		break;
	case JSON_FALSE:
		buf_puts(b, "false");
		break;
	case JSON_TRUE:
		buf_puts(b, "true");
		break;
	case JSON_NUMBER:
		json_put_number(b, json_number_get(v));
		break;
	case JSON_STRING:
		json_string_print(v, b);
		break;
	case JSON_LIST:
		print_list(v, b);
		break;
	case JSON_OBJECT:
		print_object(v, b);
		break;
	}
}

/* ---- looking ---- */

bool
json_same_scalar(const struct json *a, const struct json *b)
{
	if (json_kind(a) != json_kind(b))
		return false;
	switch (json_kind(a)) {
	case JSON_NUMBER:
		return json_number_get(a) == json_number_get(b);
	case JSON_STRING:
		return json_string_equal(a, b);
	case JSON_LIST:
	case JSON_OBJECT:
		return false;
	default:
		return true;
	}
}

static bool
list_equal(const struct json *a, const struct json *b)
{
	size_t i, n = json_list_len(a);

	if (n != json_list_len(b))
		return false;
	for (i = 0; i < n; i++)
		if (!json_deep_equal(json_list_at(a, i), json_list_at(b, i)))
			return false;
	return true;
}

static bool
object_equal(const struct json *a, const struct json *b)
{
	const struct json_member *m, *other;

	if (json_object_len(a) != json_object_len(b))
		return false;
	for (m = json_object_first(a); m != NULL;
	    m = json_object_next(a, m)) {
		other = json_object_find(b, m->key);
		if (other == NULL || !json_deep_equal(m->value, other->value))
			return false;
	}
	return true;
}

bool
json_deep_equal(const struct json *a, const struct json *b)
{
	if (a == b)
		return true;
	if (json_kind(a) == JSON_LIST && json_kind(b) == JSON_LIST)
		return list_equal(a, b);
	if (json_kind(a) == JSON_OBJECT && json_kind(b) == JSON_OBJECT)
		return object_equal(a, b);
	return json_same_scalar(a, b);
}

unsigned
json_height(const struct json *v)
{
	const struct json_member *m;
	unsigned height, most = 0;
	size_t i;

	switch (json_kind(v)) {
	case JSON_LIST:
		for (i = 0; i < json_list_len(v); i++) {
			height = json_height(json_list_at(v, i));
			most = height > most ? height : most;
		}
		return most + 1;
	case JSON_OBJECT:
		for (m = json_object_first(v); m != NULL;
		    m = json_object_next(v, m)) {
			height = json_height(m->value);
			most = height > most ? height : most;
		}
		return most + 1;
	default:
		return 0;
	}
}

size_t
json_size(const struct json *v)
{
	const struct json_member *m;
	size_t size = sizeof(*v), i;

	switch (json_kind(v)) {
	case JSON_STRING:
		i = json_string_len_bytes(v);
		return i <= BOX_BYTES ? 0 : size + i;
	case JSON_LIST:
		for (i = 0; i < json_list_len(v); i++)
			size += JSON_ITEM_BYTES + json_size(json_list_at(v, i));
		return size;
	case JSON_OBJECT:
		for (m = json_object_first(v); m != NULL;
		    m = json_object_next(v, m))
			size += JSON_MEMBER_BYTES + json_size(m->value);
		return size;
	default:
		return 0;
	}
}

void
json_place_at(struct json *in, const struct json_key *name, size_t index,
    struct json_place *place_out)
{
	*place_out = (struct json_place){ .in = in, .index = index };
	if (in == NULL || json_is_boxed(in))
		return;
	if (name == NULL) {
		if (in->kind == JSON_LIST && index < json_list_len(in))
			place_out->slot = json_list_slot(in, index);
	} else if (in->kind == JSON_OBJECT) {
		place_out->member = json_object_find(in, name);
		if (place_out->member != NULL)
			place_out->slot = &place_out->member->value;
	}
}
