#include "ot/fields.h"

#include <stdlib.h>
#include <string.h>

#include "ot/json_value.h"

struct ot_fields {
	size_t		  n;
	struct json_key	 *keys[];
};

struct ot_fields *
ot_fields_new(const char *const *names, size_t n)
{
	struct ot_fields *f;
	size_t i;

	if (n > SIZE_MAX / sizeof(f->keys[0]) - 1 ||
	    (f = malloc(sizeof(*f) + n * sizeof(f->keys[0]))) == NULL)
		return NULL;
	f->n = n;
	for (i = 0; i < n; i++) {
		f->keys[i] = json_key_new(names[i], strlen(names[i]));
		if (f->keys[i] == NULL) {
			f->n = i;
			ot_fields_free(f);
			return NULL;
		}
	}
	return f;
}

void
ot_fields_free(struct ot_fields *f)
{
	size_t i;

	if (f == NULL)
		return;
	for (i = 0; i < f->n; i++)
		json_key_unref(f->keys[i]);
	free(f);
}

bool
ot_fields_has(const struct ot_fields *f, const struct json_key *key)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		if (json_key_equal(f->keys[i], key))
			return true;
	return false;
}

bool
ot_fields_has_number(const struct ot_fields *f, double number)
{
	struct buf b = BUF_INIT;
	bool has = false;
	size_t i;

	json_put_number(&b, number);
	for (i = 0; i < f->n && !buf_failed(&b); i++)
		if (f->keys[i]->len == b.len &&
		    memcmp(f->keys[i]->text, b.data, b.len) == 0)
			has = true;
	buf_done(&b);
	return has;
}

bool
ot_fields_print(const struct ot_fields *f, const struct json *root,
    struct buf *b)
{
	const struct json_member *m;
	const char *before = "";
	size_t i;

	if (root == NULL)
		return false;
	if (json_kind(root) != JSON_OBJECT) {
		buf_puts(b, "null");
		return true;
	}
	buf_putc(b, '{');
	for (i = 0; i < f->n; i++) {
		if ((m = json_object_find(root, f->keys[i])) == NULL)
			continue;
		buf_puts(b, before);
		json_put_string(b, m->key->text, m->key->len);
		buf_putc(b, ':');
		json_print(m->value, b);
		before = ",";
	}
	buf_putc(b, '}');
	return true;
}

bool
ot_fields_cover(const struct ot_fields *f, const struct json *root)
{
	const struct json_member *m;

	if (root == NULL || json_kind(root) == JSON_NULL)
		return true;
	if (json_kind(root) != JSON_OBJECT)
		return false;
	for (m = json_object_first(root); m != NULL;
	    m = json_object_next(root, m))
		if (!ot_fields_has(f, m->key))
			return false;
	return true;
}

struct json *
ot_fields_pick(const struct ot_fields *f, const struct json *root)
{
	const struct json_member *m;
	struct json_member *added;
	struct json *out;
	size_t i;

	if (json_kind(root) != JSON_OBJECT)
		return json_null_new();
	if ((out = json_object_new()) == NULL)
		return NULL;
	for (i = 0; i < f->n; i++) {
		if ((m = json_object_find(root, f->keys[i])) == NULL)
			continue;
		if (json_object_add(out, m->key, json_ref(m->value),
		    &added) != 0) {
			json_unref(m->value);
			json_unref(out);
			return NULL;
		}
	}
	return out;
}
