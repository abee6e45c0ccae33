/*
 * config_catalog: see config_catalog.h.
 */
#include "run/config_catalog.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/catalog.h"
#include "run/config_table.h"

#define PLACE	256	/* room for where in the file something is */

static const struct setting settings[] = {
#define SETTING(field, kind, min, max, deflt, form, sentence)		\
	{ #field, KIND_##kind, min, max, deflt, form, sentence,		\
	  offsetof(struct config_collection, field) },
#include "run/collection.def"
#undef SETTING
};
#define N_SETTINGS	(sizeof(settings) / sizeof(settings[0]))

static const struct setting_table table = { settings, N_SETTINGS, "" };

const struct setting_table *
config_collection_table(void)
{
	return &table;
}

/* Places of the settings in the table. */
enum row {
#define SETTING(field, kind, min, max, deflt, form, sentence)	ROW_##field,
#include "run/collection.def"
#undef SETTING
};

static bool
is_given(const struct config_collection *e, enum row row)
{
	return (e->given & 1u << row) != 0;
}

static void
collection_done(struct config_collection *e)
{
	size_t i;

	for (i = 0; i < N_SETTINGS; i++)
		value_done(&settings[i], setting_slot(&settings[i], e));
	free(e->name);
}

static void
list_done(struct config_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		free(list->text[i]);
	free(list->text);
}

void
config_catalog_free(struct config_catalog *cat)
{
	size_t i;

	if (cat == NULL)
		return;
	for (i = 0; i < cat->n_collections; i++)
		collection_done(&cat->collections[i]);
	for (i = 0; i < cat->n_projections; i++) {
		free(cat->projections[i].name);
		free(cat->projections[i].of);
		list_done(&cat->projections[i].fields);
	}
	free(cat->collections);
	free(cat->projections);
	free(cat);
}

/* ---- where in the file ---- */

struct place {
	const char	*path;		/* of the file */
	const char	*section;	/* "collections" */
	const char	*name;		/* of the entry; NULL: the section itself */
};

static const char *
place_text(const struct place *p, const char *setting, char text[PLACE])
{
	snprintf(text, PLACE, "\"%s%s%.60s%s%.40s\" in %.80s", p->section,
	    p->name != NULL ? "." : "", p->name != NULL ? p->name : "",
	    setting != NULL ? "." : "", setting != NULL ? setting : "",
	    p->path);
	return text;
}

static int
complain(const struct place *p, const char *setting, const char *what,
    char *why)
{
	char text[PLACE];

	snprintf(why, CONFIG_WHY, "%s: %s", place_text(p, setting, text), what);
	return -1;
}

static int
check_object(const struct place *p, struct json_object *value, char *why)
{
	return json_object_is_type(value, json_type_object) ? 0 :
	    complain(p, NULL, "it must be a JSON object", why);
}

static int
check_name(const struct place *p, char *why)
{
	return catalog_name_is_good(p->name) ? 0 :
	    complain(p, NULL, "a name is 1 to 1024 bytes, with one * at most",
	    why);
}

/* ---- collections ---- */

static int
check_types(const struct place *p, const char *setting,
    const struct config_list *types, char *why)
{
	char text[PLACE], allowed[CONFIG_WHY] = "types are";
	size_t i, len;

	if (types->n == 0)
		return complain(p, setting, "at least one type has to be "
		    "named; without this setting all are allowed", why);
	for (i = 0; ot_type_at(i) != NULL; i++) {
		len = strlen(allowed);
		snprintf(allowed + len, sizeof(allowed) - len, "%s %s",
		    i > 0 ? "," : "", ot_type_at(i)->name);
	}
	for (i = 0; i < types->n; i++)
		if (ot_type_find(types->text[i]) == NULL)
			return setting_refuse(&settings[ROW_types], place_text(p,
			    setting, text), types->text[i], allowed, why);
	return 0;
}

static int
load_collection(struct config_collection *e, const struct place *p,
    struct json_object *value, char *why)
{
	const struct setting *s;
	char text[PLACE];

	if (check_object(p, value, why) != 0 || check_name(p, why) != 0)
		return -1;
	json_object_object_foreach(value, name, member) {
		place_text(p, name, text);
		if ((s = setting_find_in_file(&table, name)) == NULL)
			return setting_unknown(&table, text, name,
			    strlen(name), why);
		if (setting_set_json(s, text, member, e, why) != 0)
			return -1;
		e->given |= 1u << (s - settings);
		if (s == &settings[ROW_types] &&
		    check_types(p, name, &e->types, why) != 0)
			return -1;
	}
	return 0;
}

static int
load_collections(struct config_catalog *cat, struct place *p,
    struct json_object *value, char *why)
{
	struct config_collection *e;

	if (check_object(p, value, why) != 0)
		return -1;
	json_object_object_foreach(value, name, member) {
		cat->collections = mem_grow(cat->collections,
		    cat->n_collections + 1, sizeof(*e));
		e = &cat->collections[cat->n_collections++];
		*e = (struct config_collection){
			.name = mem_copy(name, strlen(name)),
		};
		p->name = name;
		if (load_collection(e, p, member, why) != 0)
			return -1;
	}
	return 0;
}

struct config_collection
config_collection_whole(const struct config *c,
    const struct config_collection *named)
{
	struct config_collection whole = *named;

	if (!is_given(named, ROW_queries))
		whole.queries = c->queries;
	if (!is_given(named, ROW_events))
		whole.events = c->events;
	if (!is_given(named, ROW_checkpoint_ops))
		whole.checkpoint_ops = c->checkpoint_ops;
	if (!is_given(named, ROW_keep_every))
		whole.keep_every = c->keep_every;
	if (!is_given(named, ROW_raw_days))
		whole.raw_days = c->raw_days;
	if (!is_given(named, ROW_max_document))
		whole.max_document = c->max_document;
	return whole;
}

/* ---- projections ---- */

static int
load_fields(struct config_projection *e, const struct place *p,
    struct json_object *value, char *why)
{
	size_t i, k, n;
	struct json_object *item;
	const char *text;

	if (!json_object_is_type(value, json_type_array))
		return complain(p, "fields", "it must be a list of names", why);
	n = json_object_array_length(value);
	for (i = 0; i < n; i++) {
		item = json_object_array_get_idx(value, i);
		text = json_object_is_type(item, json_type_string) ?
		    json_object_get_string(item) : NULL;
		if (text == NULL || strlen(text) !=
		    (size_t)json_object_get_string_len(item))
			return complain(p, "fields", "a field is a string "
			    "without NUL", why);
		for (k = 0; k < e->fields.n; k++)
			if (strcmp(e->fields.text[k], text) == 0)
				return complain(p, "fields", "a field is "
				    "named twice", why);
		value_add(&e->fields, text, strlen(text));
	}
	return 0;
}

static int
load_target(struct config_projection *e, const struct place *p,
    struct json_object *value, char *why)
{
	const char *text = json_object_is_type(value, json_type_string) ?
	    json_object_get_string(value) : "";

	if (!catalog_name_is_good(text))
		return complain(p, "of", "it must be the name of a "
		    "collection, with one * at most", why);
	if ((strchr(text, '*') != NULL) != (strchr(e->name, '*') != NULL))
		return complain(p, "of", "the projection and its "
		    "collection must both have a * in their names, or neither",
		    why);
	free(e->of);
	e->of = mem_copy(text, strlen(text));
	return 0;
}

static int
load_projection(struct config_projection *e, const struct place *p,
    struct json_object *value, char *why)
{
	bool has_fields = false;
	char text[PLACE];
	int rc;

	if (check_object(p, value, why) != 0 || check_name(p, why) != 0)
		return -1;
	json_object_object_foreach(value, name, member) {
		if (strcmp(name, "fields") == 0) {
			rc = load_fields(e, p, member, why);
			has_fields = true;
		} else if (strcmp(name, "of") == 0) {
			rc = load_target(e, p, member, why);
		} else {
			snprintf(why, CONFIG_WHY, "%s: there is no such "
			    "setting; a projection has of and fields",
			    place_text(p, name, text));
			rc = -1;
		}
		if (rc != 0)
			return rc;
	}
	if (e->of == NULL)
		return complain(p, NULL, "\"of\" is missing: which collection it shows", why);
	if (!has_fields)
		return complain(p, NULL, "\"fields\" is missing", why);
	return 0;
}

static int
load_projections(struct config_catalog *cat, struct place *p,
    struct json_object *value, char *why)
{
	struct config_projection *e;

	if (check_object(p, value, why) != 0)
		return -1;
	json_object_object_foreach(value, name, member) {
		cat->projections = mem_grow(cat->projections,
		    cat->n_projections + 1, sizeof(*e));
		e = &cat->projections[cat->n_projections++];
		*e = (struct config_projection){
			.name = mem_copy(name, strlen(name)),
		};
		p->name = name;
		if (load_projection(e, p, member, why) != 0)
			return -1;
	}
	return 0;
}

int
config_catalog_load(struct config_catalog **cat, const char *path,
    const char *name, struct json_object *value, char *why)
{
	struct place p = { path, name, NULL };
	int rc;

	if (strcmp(name, "collections") != 0 &&
	    strcmp(name, "projections") != 0)
		return 0;
	if (*cat == NULL)
		*cat = mem_get(sizeof(**cat));
	rc = name[0] == 'c' ? load_collections(*cat, &p, value, why) :
	    load_projections(*cat, &p, value, why);
	return rc == 0 ? 1 : rc;
}

/* ---- together ---- */

/* Is a name an entry of its own, or one that an entry with a star fits? */
static bool
is_known(const struct config_catalog *cat, const char *name)
{
	struct collection *entries = mem_get(cat->n_collections *
	    sizeof(*entries));
	struct catalog_plan plan = { .collections = entries,
	    .n_collections = cat->n_collections, .only_known = true };
	struct catalog *all;
	bool known;
	size_t i;

	for (i = 0; i < cat->n_collections; i++)
		entries[i].name = cat->collections[i].name;
	all = catalog_new(&plan);
	known = catalog_collection(all, name) != NULL;
	catalog_free(all);
	free(entries);
	return known;
}

static int
check_projection(const struct config *c, const struct config_projection *e,
    char *why)
{
	const struct config_catalog *cat = c->catalog;
	struct place p = { c->config, "projections", e->name };
	size_t i;

	for (i = 0; i < cat->n_projections; i++)
		if (strcmp(e->of, cat->projections[i].name) == 0)
			return complain(&p, "of", "this is a "
			    "projection itself; one projects a collection",
			    why);
	for (i = 0; i < cat->n_collections; i++)
		if (strcmp(e->name, cat->collections[i].name) == 0)
			return complain(&p, NULL, "\"collections\" has this "
			    "name too; a projection has the settings of its "
			    "collection", why);
	/* With a star it is known when a collection is named. */
	if (c->unknown_collections == UNKNOWN_REFUSE &&
	    strchr(e->of, '*') == NULL && !is_known(cat, e->of))
		return complain(&p, "of", "\"collections\" does not "
		    "have it, and --unknown-collections refuse", why);
	return 0;
}

int
config_catalog_check(const struct config *c, char *why)
{
	const struct config_catalog *cat = c->catalog;
	size_t i;

	if (c->unknown_collections == UNKNOWN_REFUSE &&
	    (cat == NULL || cat->n_collections == 0)) {
		snprintf(why, CONFIG_WHY, "--unknown-collections refuse: the "
		    "file that --config names has no \"collections\", so that "
		    "every collection is unknown");
		return -1;
	}
	if (cat == NULL)
		return 0;
	for (i = 0; i < cat->n_collections; i++)
		if (c->unknown_collections == UNKNOWN_REFUSE &&
		    strcmp(cat->collections[i].name, "*") == 0) {
			snprintf(why, CONFIG_WHY, "--unknown-collections "
			    "refuse: with \"*\" in \"collections\" none is "
			    "unknown");
			return -1;
		}
	for (i = 0; i < cat->n_projections; i++)
		if (check_projection(c, &cat->projections[i], why) != 0)
			return -1;
	return 0;
}

/* ---- showing ---- */

static struct json_object *
collection_json(const struct config *c, const struct config_collection *e)
{
	struct config_collection whole = config_collection_whole(c, e);
	struct json_object *json = json_object_new_object();
	char flag[SETTING_NAME];
	size_t i;

	for (i = 0; i < N_SETTINGS; i++) {
		if (settings[i].kind == KIND_LIST && whole.types.n == 0)
			continue;	/* all of them */
		setting_flag(&settings[i], flag);
		json_object_object_add(json, flag, value_json(&settings[i],
		    setting_peek(&settings[i], &whole)));
	}
	return json;
}

static struct json_object *
projection_json(const struct config_projection *e)
{
	struct json_object *json = json_object_new_object();
	struct json_object *fields = json_object_new_array();
	size_t i;

	for (i = 0; i < e->fields.n; i++)
		json_object_array_add(fields,
		    json_object_new_string(e->fields.text[i]));
	json_object_object_add(json, "of",
	    json_object_new_string(e->of));
	json_object_object_add(json, "fields", fields);
	return json;
}

void
config_catalog_print(const struct config *c, struct json_object *top)
{
	const struct config_catalog *cat = c->catalog;
	struct json_object *section;
	size_t i;

	if (cat == NULL)
		return;
	section = json_object_new_object();
	for (i = 0; i < cat->n_collections; i++)
		json_object_object_add(section, cat->collections[i].name,
		    collection_json(c, &cat->collections[i]));
	json_object_object_add(top, "collections", section);
	section = json_object_new_object();
	for (i = 0; i < cat->n_projections; i++)
		json_object_object_add(section, cat->projections[i].name,
		    projection_json(&cat->projections[i]));
	json_object_object_add(top, "projections", section);
}
