#include "ot/json_value.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ot/json_node.h"

/* ---- nodes ---- */

/* Scalars without content are never counted and never written. */
static const struct json node_null = { .refs = 0, .kind = JSON_NULL };
static const struct json node_false = { .refs = 0, .kind = JSON_FALSE };
static const struct json node_true = { .refs = 0, .kind = JSON_TRUE };

struct json *
json_node_new(enum json_kind kind, size_t extra_bytes)
{
	struct json *v;

	if (extra_bytes > SIZE_MAX - sizeof(*v) ||
	    (v = malloc(sizeof(*v) + extra_bytes)) == NULL)
		return NULL;
	memset(v, 0, sizeof(*v));
	v->refs = 1;
	v->kind = kind;
	return v;
}

enum json_kind
json_kind(const struct json *v)
{
	return v == NULL ? JSON_NONE : v->kind;
}

struct json *
json_ref(struct json *v)
{
	if (v != NULL && v->refs > 0)
		v->refs++;
	return v;
}

/* Recursion is bounded by the depth that readers and edits allow. */
void
json_unref(struct json *v)
{
	if (v == NULL || v->refs == 0 || --v->refs > 0)
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

	if (v->refs <= 1)
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
	struct json *v = json_node_new(JSON_NUMBER, 0);

	if (v != NULL)
		v->u.number = number;
	return v;
}

const char *
json_string_flat(const struct json *s, size_t *len_out)
{
	if (s->u.string.rope != NULL)
		return NULL;
	*len_out = s->u.string.len;
	return s->u.string.bytes;
}

double
json_number_get(const struct json *v)
{
	return v->u.number;
}

/* ---- reading ---- */

static int
no_memory(struct json_reader *r)
{
	return ot_fail(r->err, OT_ENOMEM, "out of memory");
}

/* Without escapes the WTF-8 is what stands between the quotes. */
static bool
slice_is_plain(const struct json_slice *slice)
{
	return memchr(slice->p, '\\', slice->len) == NULL;
}

static int
read_string(struct json_reader *r, unsigned flags, struct json **value_out)
{
	struct json *(*make)(const char *, size_t) =
	    (flags & JSON_TO_EDIT) != 0 ? json_string_new_edited :
	    json_string_new;
	struct json_slice slice;
	struct json *v = NULL;
	struct buf b = BUF_INIT;
	int rc;

	if ((rc = json_skip(r, &slice)) != 0)
		return rc;
	if (slice_is_plain(&slice)) {
		v = make(slice.p + 1, slice.len - 2);
	} else {
		json_slice_string(&slice, &b);
		if (!buf_failed(&b))
			v = make(b.data, b.len);
		buf_done(&b);
	}
	if (v == NULL)
		return no_memory(r);
	*value_out = v;
	return 0;
}

static int
read_number(struct json_reader *r, struct json **value_out)
{
	struct json *v;
	double number;
	int rc;

	if ((rc = json_read_number(r, &number)) != 0)
		return rc;
	if ((v = json_number_new(number)) == NULL)
		return no_memory(r);
	*value_out = v;
	return 0;
}

static int
read_list(struct json_reader *r, unsigned flags, struct json **value_out)
{
	struct json *list, *item;
	int rc;

	if ((rc = json_enter(r, JSON_LIST)) != 0)
		return rc;
	if ((list = json_list_new()) == NULL)
		return no_memory(r);
	while ((rc = json_next_item(r)) > 0) {
		if ((rc = json_read(r, flags, &item)) != 0)
			break;
		if (json_list_reserve(list, 1) != 0) {
			json_unref(item);
			rc = no_memory(r);
			break;
		}
		json_list_insert(list, json_list_len(list), item);
	}
	if (rc != 0)
		json_unref(list);
	else
		*value_out = list;
	return rc;
}

struct json_key *
json_key_from_slice(const struct json_slice *slice)
{
	struct json_key *key = NULL;
	struct buf b = BUF_INIT;

	if (slice_is_plain(slice))
		return json_key_new(slice->p + 1, slice->len - 2);
	json_slice_string(slice, &b);
	if (!buf_failed(&b))
		key = json_key_new(b.data, b.len);
	buf_done(&b);
	return key;
}

/* A repeated key: the last value, at the first place. */
static int
read_member(struct json_reader *r, unsigned flags, struct json *object,
    const struct json_slice *slice)
{
	struct json_key *key = NULL;
	struct json_member *member;
	struct json *value = NULL;
	int rc;

	if ((flags & JSON_NO_PROTO) != 0 && json_slice_is(slice, "__proto__"))
		return ot_fail(r->err, OT_EBADLY, "Invalid key");
	if ((rc = json_read(r, flags, &value)) != 0)
		return rc;
	if ((key = json_key_from_slice(slice)) == NULL) {
		rc = no_memory(r);
		goto out;
	}
	if ((member = json_object_find(object, key)) != NULL) {
		json_unref(member->value);
		member->value = value;
		value = NULL;
	} else if (json_object_add(object, key, value, &member) == 0) {
		value = NULL;
	} else {
		rc = no_memory(r);
	}
out:
	json_unref(value);
	json_key_unref(key);
	return rc;
}

static int
read_object(struct json_reader *r, unsigned flags, struct json **value_out)
{
	struct json *object;
	struct json_slice key;
	int rc;

	if ((rc = json_enter(r, JSON_OBJECT)) != 0)
		return rc;
	if ((object = json_object_new()) == NULL)
		return no_memory(r);
	while ((rc = json_next_member(r, &key)) > 0)
		if ((rc = read_member(r, flags, object, &key)) != 0)
			break;
	if (rc != 0)
		json_unref(object);
	else
		*value_out = object;
	return rc;
}

int
json_read(struct json_reader *r, unsigned flags, struct json **value_out)
{
	int rc;

	switch (json_peek(r)) {
	case JSON_OBJECT:
		return read_object(r, flags, value_out);
	case JSON_LIST:
		return read_list(r, flags, value_out);
	case JSON_STRING:
		return read_string(r, flags, value_out);
	case JSON_NUMBER:
		return read_number(r, value_out);
	case JSON_TRUE:
		if ((rc = json_skip(r, NULL)) == 0)
			*value_out = json_bool_new(true);
		return rc;
	case JSON_FALSE:
		if ((rc = json_skip(r, NULL)) == 0)
			*value_out = json_bool_new(false);
		return rc;
	case JSON_NULL:
		if ((rc = json_skip(r, NULL)) == 0)
			*value_out = json_null_new();
		return rc;
	default:
		return json_skip(r, NULL);	/* says what is wrong */
	}
}

int
json_parse(const char *text, size_t len_bytes, unsigned flags,
    struct json **value_out, struct ot_err *err)
{
	struct json_reader r;
	struct json *v;
	int rc;

	json_reader_init(&r, text, len_bytes, err);
	if ((rc = json_read(&r, flags, &v)) != 0)
		return rc;
	if ((rc = json_finish(&r)) != 0) {
		json_unref(v);
		return rc;
	}
	*value_out = v;
	return 0;
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
	for (; m != NULL && !buf_failed(b); m = m->next) {
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
	switch (v->kind) {
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
		json_put_number(b, v->u.number);
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
		return a->u.number == b->u.number;
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
	for (m = json_object_first(a); m != NULL; m = m->next) {
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
		for (m = json_object_first(v); m != NULL; m = m->next) {
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
	size_t size, i;

	if (v == NULL || v->refs == 0)
		return 0;
	size = sizeof(*v);
	switch (v->kind) {
	case JSON_STRING:
		return size + json_string_memory(v);
	case JSON_LIST:
		size += v->u.list.n * sizeof(v->u.list.items[0]);
		for (i = 0; i < v->u.list.n; i++)
			size += json_size(json_list_at(v, i));
		return size;
	case JSON_OBJECT:
		for (m = json_object_first(v); m != NULL; m = m->next)
			size += sizeof(*m) + sizeof(*m->key) + m->key->len +
			    json_size(m->value);
		return size;
	default:
		return size;
	}
}
