/*
 * config_table: see config_table.h.
 */
#include "run/config_table.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "run/config.h"
#include "run/mask.h"

void *
setting_slot(const struct setting *s, void *base)
{
	return (char *)base + s->offset;
}

const void *
setting_peek(const struct setting *s, const void *base)
{
	return (const char *)base + s->offset;
}

const struct setting *
setting_find(const struct setting_table *t, const char *name, size_t len)
{
	char flag[SETTING_NAME];
	size_t i;

	for (i = 0; i < t->n; i++) {
		setting_flag(&t->rows[i], flag);
		if (strlen(flag) == len && memcmp(flag, name, len) == 0)
			return &t->rows[i];
	}
	return NULL;
}

const struct setting *
setting_find_in_file(const struct setting_table *t, const char *name)
{
	char flag[SETTING_NAME];
	size_t i, len = strlen(name);

	if (len >= sizeof(flag))
		return NULL;
	for (i = 0; i < len; i++)
		flag[i] = name[i] == '_' ? '-' : name[i];
	return setting_find(t, flag, len);
}

/* ---- how errors name things ---- */

int
setting_refuse(const struct setting *s, const char *place, const char *value,
    const char *allowed, char *why)
{
	char *shown = s->kind == KIND_URL ? mask_url(value) :
	    s->kind == KIND_SECRET ? mem_copy(MASK_SECRET, strlen(MASK_SECRET)) :
	    mem_copy(value, strlen(value));

	snprintf(why, CONFIG_WHY, "%s: \"%.200s\" is not allowed: %s", place,
	    shown, allowed);
	free(shown);
	return -1;
}

/* Letters to change, add or drop to make one of the other (Levenshtein). */
static size_t
distance(const char *a, size_t a_len, const char *b)
{
	size_t row[SETTING_NAME], b_len = strlen(b), i, j, diagonal, above;

	if (a_len >= SETTING_NAME)
		return a_len;
	for (j = 0; j <= b_len; j++)
		row[j] = j;
	for (i = 1; i <= a_len; i++) {
		diagonal = row[0];
		row[0] = i;
		for (j = 1; j <= b_len; j++) {
			above = row[j];
			row[j] = diagonal + (a[i - 1] != b[j - 1]);
			if (above + 1 < row[j])
				row[j] = above + 1;
			if (row[j - 1] + 1 < row[j])
				row[j] = row[j - 1] + 1;
			diagonal = above;
		}
	}
	return row[b_len];
}

int
setting_unknown(const struct setting_table *t, const char *place,
    const char *name, size_t len, char *why)
{
	char flag[SETTING_NAME];
	size_t i;

	for (i = 0; i < t->n; i++) {
		setting_flag(&t->rows[i], flag);
		if (distance(name, len, flag) > 2)
			continue;
		snprintf(why, CONFIG_WHY, "%s: there is no such setting; did "
		    "you mean %s%s?", place, t->before, flag);
		return -1;
	}
	snprintf(why, CONFIG_WHY, "%s: there is no such setting; otd help "
	    "lists them", place);
	return -1;
}

/* ---- setting ---- */

int
setting_set(const struct setting *s, const char *place, const char *value,
    void *base, char *why)
{
	char allowed[CONFIG_WHY];

	if (value_read(s, value, setting_slot(s, base), allowed) != 0)
		return setting_refuse(s, place, value, allowed, why);
	return 0;
}

/* A JSON value as the text that a flag would have; NULL: it has none. */
static const char *
json_text(struct json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_string:
		/* A NUL within would cut it short. */
		return strlen(json_object_get_string(value)) ==
		    (size_t)json_object_get_string_len(value) ?
		    json_object_get_string(value) : NULL;
	case json_type_int:
	case json_type_boolean:
		return json_object_to_json_string_ext(value,
		    JSON_C_TO_STRING_PLAIN);
	default:
		return NULL;
	}
}

static int
set_list(const struct setting *s, const char *place, struct json_object *array,
    void *base, char *why)
{
	size_t i, n = json_object_array_length(array);
	struct json_object *item;
	const char *text;

	value_clear(s, setting_slot(s, base));
	for (i = 0; i < n; i++) {
		item = json_object_array_get_idx(array, i);
		if ((text = json_text(item)) == NULL)
			return setting_refuse(s, place,
			    json_object_to_json_string(item),
			    "a list is of strings", why);
		value_add(setting_slot(s, base), text, strlen(text));
	}
	return 0;
}

int
setting_set_json(const struct setting *s, const char *place,
    struct json_object *value, void *base, char *why)
{
	const char *text;

	if (s->kind == KIND_LIST && json_object_is_type(value, json_type_array))
		return set_list(s, place, value, base, why);
	if ((text = json_text(value)) == NULL)
		return setting_refuse(s, place,
		    json_object_to_json_string(value),
		    "a string, a whole number or a boolean is", why);
	return setting_set(s, place, text, base, why);
}
