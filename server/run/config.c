/*
 * config: the table, and the places that settings are taken from.
 *
 * File, environment and flags are applied in this order, each over what was
 * there; a list is replaced as a whole by the next place that names it.
 */
#include "run/config.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "run/config_catalog.h"
#include "run/config_table.h"
#include "run/file.h"

#define FILE_MAX	(1u << 20)	/* bytes of a settings file, or a secret */

static const struct setting settings[] = {
#define SETTING(field, kind, min, max, deflt, form, sentence)		\
	{ #field, KIND_##kind, min, max, deflt, form, sentence,		\
	  offsetof(struct config, field) },
#include "run/config.def"
#undef SETTING
};
#define N_SETTINGS	(sizeof(settings) / sizeof(settings[0]))

static const struct setting_table table = { settings, N_SETTINGS, "--" };

const struct setting_table *
config_settings_table(void)
{
	return &table;
}

void
config_init(struct config *c)
{
	const struct setting *s;
	char why[CONFIG_WHY];

	memset(c, 0, sizeof(*c));
	for (s = settings; s < settings + N_SETTINGS; s++)
		if (value_read(s, s->deflt, setting_slot(s, c), why) != 0)
			bug(why);
}

void
config_done(struct config *c)
{
	const struct setting *s;

	for (s = settings; s < settings + N_SETTINGS; s++)
		value_done(s, setting_slot(s, c));
	config_catalog_free(c->catalog);
	c->catalog = NULL;
}

/* ---- files ---- */

static int
load_object(struct config *c, const char *path, struct json_object *top,
    char *why)
{
	const struct setting *s;
	char place[128];
	int rc;

	json_object_object_foreach(top, name, value) {
		snprintf(place, sizeof(place), "\"%.40s\" in %.80s", name, path);
		if (strcmp(name, "$schema") == 0)
			continue;	/* for editors */
		rc = config_catalog_load(&c->catalog, path, name, value, why);
		if (rc < 0)
			return -1;
		if (rc > 0)
			continue;
		s = setting_find_in_file(&table, name);
		if (s == NULL)
			return setting_unknown(&table, place, name,
			    strlen(name), why);
		if (strcmp(s->name, "config") == 0) {
			snprintf(why, CONFIG_WHY, "%s: a file names no other",
			    place);
			return -1;
		}
		if (setting_set_json(s, place, value, c, why) != 0)
			return -1;
	}
	return 0;
}

static int
load_file(struct config *c, const char *path, char *why)
{
	struct json_tokener *tok = json_tokener_new();
	struct json_object *top = NULL;
	char *text = NULL;
	int rc = -1;

	if (tok == NULL)
		bug("out of memory");
	if ((text = file_read(path, FILE_MAX)) == NULL) {
		snprintf(why, CONFIG_WHY, "--config: could not read %s: %s", path,
		    strerror(errno));
		goto out;
	}
	json_tokener_set_flags(tok,
	    JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	/* With its NUL: a number or a word at the very end needs an end. */
	top = json_tokener_parse_ex(tok, text, (int)strlen(text) + 1);
	if (json_tokener_get_error(tok) == json_tokener_success &&
	    !json_object_is_type(top, json_type_object)) {
		snprintf(why, CONFIG_WHY, "--config: %s is not a JSON object",
		    path);
		goto out;
	}
	if (json_tokener_get_error(tok) != json_tokener_success) {
		snprintf(why, CONFIG_WHY, "--config: %s is not a JSON object: %s "
		    "at byte %zu", path,
		    json_tokener_error_desc(json_tokener_get_error(tok)),
		    json_tokener_get_parse_end(tok));
		goto out;
	}
	if ((rc = load_object(c, path, top, why)) == 0 &&
	    strstr(text, "\\u0000") != NULL) {
		/* In a name; json-c cuts it there. */
		snprintf(why, CONFIG_WHY, "--config: %s has a name with "
		    "\"\\u0000\" in it", path);
		rc = -1;
	}
out:
	json_object_put(top);
	json_tokener_free(tok);
	free(text);
	return rc;
}

/* ---- the environment ---- */

/* The value of a name in env, borrowed; NULL: not there. */
static const char *
env_value(char *const *env, const char *name)
{
	size_t len = strlen(name);

	for (; *env != NULL; env++)
		if (strncmp(*env, name, len) == 0 && (*env)[len] == '=')
			return *env + len + 1;
	return NULL;
}

/*
 * Names that begin with OTD_ and are nobody's mistake: those of our scripts,
 * and the links that Kubernetes and Docker set for services whose name begins
 * with otd (OTD_SERVICE_HOST, OTD_DB_PORT_5432_TCP).
 */
static bool
is_foreign(const char *name, size_t len)
{
	static const char *const parts[] = {
		"_SERVICE_HOST", "_SERVICE_PORT", "_PORT_",
	};
	static const char *const ours[] = { "OTD_BUILD", "OTD_TEST_" };
	const char *at;
	size_t i;

	for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (strncmp(name, ours[i], strlen(ours[i])) == 0)
			return true;
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if ((at = strstr(name, parts[i])) != NULL && at < name + len)
			return true;
	return len > 5 && memcmp(name + len - 5, "_PORT", 5) == 0;
}

/* Which setting this name of the environment is; NULL: none. */
static const struct setting *
find_env(const char *name, size_t len, bool *in_file_out)
{
	char env[SETTING_NAME + 16];
	size_t i, env_len;

	for (i = 0; i < N_SETTINGS; i++) {
		env_len = setting_env(&settings[i], env);
		if (len < env_len || memcmp(name, env, env_len) != 0)
			continue;
		*in_file_out = len != env_len;
		if (len == env_len)
			return &settings[i];
		if (len == env_len + 5 && memcmp(name + env_len, "_FILE", 5) == 0 &&
		    setting_is_text(&settings[i]))
			return &settings[i];
	}
	return NULL;
}

static int
set_from_secret(struct config *c, const struct setting *s, const char *place,
    const char *path, char *const *env, char *why)
{
	char name[SETTING_NAME + 16], *text;
	int rc;

	(void)setting_env(s, name);
	if (env_value(env, name) != NULL) {
		snprintf(why, CONFIG_WHY, "%s: %s is set too; only one may be",
		    place, name);
		return -1;
	}
	if ((text = file_read(path, FILE_MAX)) == NULL) {
		snprintf(why, CONFIG_WHY, "%s: could not read %s: %s", place, path,
		    strerror(errno));
		return -1;
	}
	text[strcspn(text, "\r\n")] = '\0';
	rc = setting_set(s, place, text, c, why);
	free(text);
	return rc;
}

static int
load_env(struct config *c, char *const *env, char *why)
{
	const struct setting *s;
	const char *value;
	bool in_file;
	char place[128];
	size_t i, len;
	int rc;

	for (i = 0; env[i] != NULL; i++) {
		if (strncmp(env[i], "OTD_", 4) != 0 ||
		    (value = strchr(env[i], '=')) == NULL)
			continue;
		len = (size_t)(value++ - env[i]);
		snprintf(place, sizeof(place), "%.*s",
		    (int)(len < 100 ? len : 100), env[i]);
		s = find_env(env[i], len, &in_file);
		if (s == NULL && is_foreign(env[i], len))
			continue;
		if (s == NULL) {
			snprintf(why, CONFIG_WHY, "%s: there is no such setting; "
			    "otd help lists them", place);
			return -1;
		}
		rc = in_file ? set_from_secret(c, s, place, value, env, why) :
		    setting_set(s, place, value, c, why);
		if (rc != 0)
			return -1;
	}
	return 0;
}

/* ---- flags ---- */

/*
 * One flag at args[i]: which setting, and its value, borrowed.  Returns how
 * many words it took, or -1 with why.
 */
static int
read_flag(char *const *args, int n_args, int i, const struct setting **s_out,
    const char **value_out, char *why)
{
	const char *name = args[i] + 2, *equals = strchr(name, '=');
	size_t len = equals == NULL ? strlen(name) : (size_t)(equals - name);
	const struct setting *s = setting_find(&table, name, len);
	char place[128];

	snprintf(place, sizeof(place), "--%.*s", (int)(len < 100 ? len : 100),
	    name);
	if (s == NULL)
		return setting_unknown(&table, place, name, len, why);
	*s_out = s;
	if (equals != NULL) {
		*value_out = equals + 1;
		return 1;
	}
	if (s->kind == KIND_BOOL) {
		*value_out = "true";
		return 1;
	}
	if (i + 1 >= n_args) {
		snprintf(why, CONFIG_WHY, "%s: a value is missing: %s", place,
		    s->form);
		return -1;
	}
	*value_out = args[i + 1];
	return 2;
}

static bool
is_flag(const char *word)
{
	return strncmp(word, "--", 2) == 0 && word[2] != '\0';
}

/* The last --config; NULL: none, or what comes is wrong (said later). */
static const char *
flag_of_config(char *const *args, int n_args)
{
	const struct setting *s;
	const char *value, *path = NULL;
	char why[CONFIG_WHY];
	int i, took;

	for (i = 0; i < n_args; i += took) {
		took = 1;
		if (!is_flag(args[i]))
			continue;
		took = read_flag(args, n_args, i, &s, &value, why);
		if (took < 0)
			return NULL;
		if (strcmp(s->name, "config") == 0)
			path = value;
	}
	return path;
}

static int
load_flags(struct config *c, char **args, int *n_args, char *why)
{
	bool listed[N_SETTINGS] = { false };
	const struct setting *s;
	const char *value;
	char place[SETTING_NAME + 2] = "--";
	int i, took, kept = 0;

	for (i = 0; i < *n_args; i += took) {
		took = 1;
		if (!is_flag(args[i])) {
			args[kept++] = args[i];
			continue;
		}
		took = read_flag(args, *n_args, i, &s, &value, why);
		if (took < 0)
			return -1;
		setting_flag(s, place + 2);
		/* The first of several replaces the list, the others add. */
		if (s->kind == KIND_LIST && listed[s - settings])
			value_add(setting_slot(s, c), value, strlen(value));
		else if (setting_set(s, place, value, c, why) != 0)
			return -1;
		listed[s - settings] = true;
	}
	*n_args = kept;
	return 0;
}

int
config_load(struct config *c, char **args, int *n_args, char *const *env,
    char *why)
{
	const char *path = flag_of_config(args, *n_args);

	if (path == NULL)
		path = env_value(env, "OTD_CONFIG");
	if (path != NULL && path[0] != '\0' && load_file(c, path, why) != 0)
		return -1;
	if (load_env(c, env, why) != 0)
		return -1;
	return load_flags(c, args, n_args, why);
}

/* ---- showing ---- */

void
config_help(FILE *out)
{
	const struct setting *s;
	char flag[SETTING_NAME];
	int width;

	for (s = settings; s < settings + N_SETTINGS; s++) {
		setting_flag(s, flag);
		width = fprintf(out, "  --%s %s", flag, s->form);
		fprintf(out, "%*s%s", width < 30 ? 30 - width : 1, "",
		    s->sentence);
		if (s->deflt[0] != '\0' && s->kind != KIND_BOOL)
			fprintf(out, " (%s)", s->deflt);
		fputc('\n', out);
	}
}

void
config_print(const struct config *c, FILE *out)
{
	struct json_object *top = json_object_new_object();
	const struct setting *s;
	char flag[SETTING_NAME];

	for (s = settings; s < settings + N_SETTINGS; s++) {
		if (strcmp(s->name, "config") == 0)
			continue;	/* so that the output can be a file */
		setting_flag(s, flag);
		json_object_object_add(top, flag,
		    value_json(s, setting_peek(s, c)));
	}
	config_catalog_print(c, top);
	fprintf(out, "%s\n", json_object_to_json_string_ext(top,
	    JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
	    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(top);
}
