/*
 * config_schema: see config_schema.h.
 */
#include "run/config_schema.h"

#include <json-c/json.h>
#include <string.h>

#include "ot/type.h"
#include "run/config.h"
#include "run/config_catalog.h"
#include "run/config_table.h"

#define TEXT_PATTERN	"^[^\\u0000]*$"
#define NAME_PATTERN	"^[^*\\u0000]*[*]?[^*\\u0000]*$"

static void
add_text(struct json_object *o, const char *name, const char *value)
{
	json_object_object_add(o, name, json_object_new_string(value));
}

/* {"type": type}, and a pattern unless it is NULL. */
static struct json_object *
of_type(const char *type, const char *pattern)
{
	struct json_object *o = json_object_new_object();

	add_text(o, "type", type);
	if (pattern != NULL)
		add_text(o, "pattern", pattern);
	return o;
}

/* Takes items. */
static struct json_object *
list_of(struct json_object *items)
{
	struct json_object *o = of_type("array", NULL);

	json_object_object_add(o, "items", items);
	return o;
}

static struct json_object *
number(const struct setting *s)
{
	struct json_object *o = of_type("integer", NULL);

	json_object_object_add(o, "minimum",
	    json_object_new_int64((int64_t)s->min));
	json_object_object_add(o, "maximum",
	    json_object_new_int64((int64_t)s->max));
	return o;
}

/* A number, or a text that says one. */
static struct json_object *
number_or(const struct setting *s, const char *pattern)
{
	struct json_object *o = json_object_new_object();
	struct json_object *any = json_object_new_array();

	json_object_array_add(any, number(s));
	json_object_array_add(any, of_type("string", pattern));
	json_object_object_add(o, "anyOf", any);
	return o;
}

/* Takes values. */
static struct json_object *
one_of(struct json_object *values)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "enum", values);
	return o;
}

/* As a list, those of a choice's form: "none|jwt". */
static struct json_object *
words(const char *form)
{
	struct json_object *values = json_object_new_array();
	size_t len;

	for (; *form != '\0'; form += len + (form[len] == '|')) {
		len = strcspn(form, "|");
		json_object_array_add(values,
		    json_object_new_string_len(form, (int)len));
	}
	return values;
}

static struct json_object *
switches(void)
{
	struct json_object *values = words("on|off");

	json_object_array_add(values, json_object_new_boolean(true));
	json_object_array_add(values, json_object_new_boolean(false));
	return values;
}

static struct json_object *
setting_schema(const struct setting *s)
{
	switch (s->kind) {
	case KIND_TEXT:
	case KIND_URL:
	case KIND_SECRET:
		return of_type("string", TEXT_PATTERN);
	case KIND_LIST:
		return list_of(of_type("string", TEXT_PATTERN));
	case KIND_NUMBER:
		return number(s);
	case KIND_BYTES:
		return number_or(s, "^[0-9]{1,18}[KMGkmg]?$");
	case KIND_TIME:
		return number_or(s, "^[0-9]{1,18}(ms|s|m|h)?$");
	case KIND_BOOL:
		return of_type("boolean", NULL);
	case KIND_SWITCH:
		return one_of(switches());
	case KIND_CHOICE:
		return one_of(words(s->form));
	}
	return json_object_new_object();
}

/* Each setting of a table by its name. */
static void
add_settings(struct json_object *properties, const struct setting_table *t)
{
	const struct setting *s;
	struct json_object *o;
	char flag[SETTING_NAME];

	for (s = t->rows; s < t->rows + t->n; s++) {
		if (strcmp(s->name, "config") == 0)
			continue;	/* a file names no other */
		setting_flag(s, flag);
		o = setting_schema(s);
		add_text(o, "description", s->sentence);
		json_object_object_add(properties, flag, o);
	}
}

/* An object with these properties (taken) and no others. */
static struct json_object *
object_of(struct json_object *properties)
{
	struct json_object *o = of_type("object", NULL);

	json_object_object_add(o, "additionalProperties",
	    json_object_new_boolean(false));
	json_object_object_add(o, "properties", properties);
	return o;
}

/* ---- collections and projections ---- */

static struct json_object *
collection_name(void)
{
	struct json_object *o = of_type("string", NAME_PATTERN);

	json_object_object_add(o, "minLength", json_object_new_int(1));
	return o;
}

/* An object of such (taken), by the names of collections. */
static struct json_object *
named(struct json_object *each)
{
	struct json_object *o = of_type("object", NULL);

	json_object_object_add(o, "propertyNames", collection_name());
	json_object_object_add(o, "additionalProperties", each);
	return o;
}

/* By short name, or by URI. */
static struct json_object *
types(void)
{
	struct json_object *values = json_object_new_array(), *o;
	const struct ot_type *type;
	size_t i;

	for (i = 0; (type = ot_type_at(i)) != NULL; i++) {
		json_object_array_add(values,
		    json_object_new_string(type->name));
		json_object_array_add(values,
		    json_object_new_string(type->uri));
	}
	o = list_of(one_of(values));
	json_object_object_add(o, "minItems", json_object_new_int(1));
	return o;
}

static struct json_object *
collection(void)
{
	struct json_object *properties = json_object_new_object();

	add_settings(properties, config_collection_table());
	json_object_object_add(properties, "types", types());
	return object_of(properties);
}

static struct json_object *
projection(void)
{
	struct json_object *properties = json_object_new_object();
	struct json_object *fields = list_of(of_type("string", TEXT_PATTERN));
	struct json_object *o;

	json_object_object_add(fields, "uniqueItems",
	    json_object_new_boolean(true));
	json_object_object_add(properties, "of", collection_name());
	json_object_object_add(properties, "fields", fields);
	o = object_of(properties);
	json_object_object_add(o, "required", words("of|fields"));
	return o;
}

void
config_schema(FILE *out)
{
	struct json_object *properties = json_object_new_object();
	struct json_object *top;

	json_object_object_add(properties, "$schema", of_type("string", NULL));
	add_settings(properties, config_settings_table());
	json_object_object_add(properties, "collections", named(collection()));
	json_object_object_add(properties, "projections", named(projection()));
	top = object_of(properties);
	add_text(top, "$schema", "http://json-schema.org/draft-07/schema#");
	add_text(top, "title", "Settings of otd");
	add_text(top, "description", "What the file that otd --config names "
	    "may say. Names of settings may also be spelt with _ for -.");
	fprintf(out, "%s\n", json_object_to_json_string_ext(top,
	    JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
	    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(top);
}
