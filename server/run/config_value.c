/*
 * config_value: see config_value.h.
 */
#include "run/config_value.h"

#include <ctype.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "run/config.h"
#include "run/mask.h"

void
setting_flag(const struct setting *s, char out[SETTING_NAME])
{
	size_t i, len = strlen(s->name);

	if (len >= SETTING_NAME)
		bug("a setting's name is too long");
	for (i = 0; i <= len; i++)
		out[i] = s->name[i] == '_' ? '-' : s->name[i];
}

size_t
setting_env(const struct setting *s, char out[SETTING_NAME + 16])
{
	size_t i, len = strlen(s->name);

	memcpy(out, "OTD_", 4);
	for (i = 0; i <= len; i++)
		out[4 + i] = (char)toupper((unsigned char)s->name[i]);
	return 4 + len;
}

bool
setting_is_text(const struct setting *s)
{
	return s->kind == KIND_TEXT || s->kind == KIND_URL ||
	    s->kind == KIND_SECRET;
}

/* ---- numbers ---- */

struct suffix {
	const char	*text;
	uint64_t	 times;
};

static const struct suffix no_suffixes[] = { { "", 1 }, { NULL, 0 } };
static const struct suffix byte_suffixes[] = {
	{ "", 1 }, { "K", 1u << 10 }, { "M", 1u << 20 }, { "G", 1u << 30 },
	{ "k", 1u << 10 }, { "m", 1u << 20 }, { "g", 1u << 30 }, { NULL, 0 },
};
static const struct suffix time_suffixes[] = {
	{ "", 1 }, { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 },
	{ NULL, 0 },
};

/* Digits and one of the suffixes; false: anything else, or over 2^63. */
static bool
read_number(const char *text, const struct suffix *suffix, uint64_t *out)
{
	uint64_t n = 0;
	const char *s;

	for (s = text; *s >= '0' && *s <= '9'; s++) {
		if (n > (INT64_MAX - 9) / 10)
			return false;
		n = n * 10 + (uint64_t)(*s - '0');
	}
	if (s == text)
		return false;
	for (; suffix->text != NULL; suffix++) {
		if (strcmp(s, suffix->text) != 0)
			continue;
		if (n > INT64_MAX / suffix->times)
			return false;
		*out = n * suffix->times;
		return true;
	}
	return false;
}

static int
set_number(const struct setting *s, const char *text, uint64_t *slot,
    char *allowed)
{
	const struct suffix *suffixes = no_suffixes;
	const char *behind = "";
	uint64_t n;

	if (s->kind == KIND_BYTES) {
		suffixes = byte_suffixes;
		behind = " bytes; K, M or G may stand behind";
	} else if (s->kind == KIND_TIME) {
		suffixes = time_suffixes;
		behind = " milliseconds; ms, s, m or h may stand behind";
	}
	if (!read_number(text, suffixes, &n) || n < s->min || n > s->max) {
		snprintf(allowed, CONFIG_WHY, "a number from %llu to %llu%s is",
		    (unsigned long long)s->min, (unsigned long long)s->max,
		    behind);
		return -1;
	}
	*slot = n;
	return 0;
}

/* ---- words ---- */

static int
set_bool(const char *text, bool *slot, char *allowed)
{
	if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0) {
		snprintf(allowed, CONFIG_WHY, "true or false is");
		return -1;
	}
	*slot = text[0] == 't';
	return 0;
}

static int
set_switch(const char *text, bool *slot, char *allowed)
{
	if (strcmp(text, "on") != 0 && strcmp(text, "off") != 0 &&
	    set_bool(text, slot, allowed) != 0) {
		snprintf(allowed, CONFIG_WHY, "on or off is");
		return -1;
	}
	*slot = strcmp(text, "on") == 0 || strcmp(text, "true") == 0;
	return 0;
}

/* The words of the form, "none|jwt", in their order. */
static int
set_choice(const struct setting *s, const char *text, unsigned *slot,
    char *allowed)
{
	const char *word = s->form;
	size_t len, text_len = strlen(text);
	unsigned i;

	for (i = 0; *word != '\0'; i++) {
		len = strcspn(word, "|");
		if (len == text_len && memcmp(word, text, len) == 0) {
			*slot = i;
			return 0;
		}
		word += len + (word[len] == '|');
	}
	snprintf(allowed, CONFIG_WHY, "one of %s is", s->form);
	return -1;
}

static void
set_text(const char *text, char **slot)
{
	free(*slot);
	*slot = mem_copy(text, strlen(text));
}

void
value_clear(const struct setting *s, void *slot)
{
	value_done(s, slot);
}

void
value_add(void *slot, const char *text, size_t len)
{
	struct config_list *list = slot;

	list->text = mem_grow(list->text, list->n + 1, sizeof(list->text[0]));
	list->text[list->n++] = mem_copy(text, len);
}

/* Several, separated by commas or blanks. */
static void
set_list(const struct setting *s, const char *text, void *slot)
{
	size_t len;

	value_clear(s, slot);
	for (;;) {
		text += strspn(text, ", \t");
		if ((len = strcspn(text, ", \t")) == 0)
			return;
		value_add(slot, text, len);
		text += len;
	}
}

int
value_read(const struct setting *s, const char *text, void *slot, char *allowed)
{
	switch (s->kind) {
	case KIND_TEXT:
	case KIND_URL:
	case KIND_SECRET:
		set_text(text, slot);
		return 0;
	case KIND_LIST:
		set_list(s, text, slot);
		return 0;
	case KIND_NUMBER:
	case KIND_BYTES:
	case KIND_TIME:
		return set_number(s, text, slot, allowed);
	case KIND_BOOL:
		return set_bool(text, slot, allowed);
	case KIND_SWITCH:
		return set_switch(text, slot, allowed);
	case KIND_CHOICE:
		return set_choice(s, text, slot, allowed);
	}
	bug("a kind of setting that is none");
}

void
value_done(const struct setting *s, void *slot)
{
	struct config_list *list = slot;
	char **text = slot;
	size_t i;

	if (s->kind == KIND_LIST) {
		for (i = 0; i < list->n; i++)
			free(list->text[i]);
		free(list->text);
		*list = (struct config_list){ NULL, 0 };
	} else if (setting_is_text(s)) {
		free(*text);
		*text = NULL;
	}
}

/* ---- JSON ---- */

static struct json_object *
choice_json(const struct setting *s, unsigned chosen)
{
	const char *word = s->form;

	for (; chosen > 0; chosen--)
		word += strcspn(word, "|") + 1;
	return json_object_new_string_len(word, (int)strcspn(word, "|"));
}

static struct json_object *
list_json(const struct config_list *list)
{
	struct json_object *array = json_object_new_array();
	size_t i;

	for (i = 0; i < list->n; i++)
		json_object_array_add(array,
		    json_object_new_string(list->text[i]));
	return array;
}

static struct json_object *
url_json(const char *url)
{
	char *shown = mask_url(url);
	struct json_object *json = json_object_new_string(shown);

	free(shown);
	return json;
}

struct json_object *
value_json(const struct setting *s, const void *slot)
{
	switch (s->kind) {
	case KIND_TEXT:
		return json_object_new_string(*(char *const *)slot);
	case KIND_URL:
		return url_json(*(char *const *)slot);
	case KIND_SECRET:
		return json_object_new_string(**(char *const *)slot == '\0' ?
		    "" : MASK_SECRET);
	case KIND_LIST:
		return list_json(slot);
	case KIND_NUMBER:
	case KIND_BYTES:
	case KIND_TIME:
		return json_object_new_int64((int64_t)*(const uint64_t *)slot);
	case KIND_BOOL:
	case KIND_SWITCH:
		return json_object_new_boolean(*(const bool *)slot);
	case KIND_CHOICE:
		return choice_json(s, *(const unsigned *)slot);
	}
	bug("a kind of setting that is none");
}
