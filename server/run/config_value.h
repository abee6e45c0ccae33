/*
 * config_value: one row of the table of settings, and its value in each kind.
 */
#ifndef RUN_CONFIG_VALUE_H
#define RUN_CONFIG_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object;

enum setting_kind {
	KIND_TEXT, KIND_URL, KIND_SECRET, KIND_LIST, KIND_NUMBER, KIND_BYTES,
	KIND_TIME, KIND_BOOL, KIND_SWITCH, KIND_CHOICE,
};

struct setting {
	const char		*name;		/* the field, "max_message" */
	enum setting_kind	 kind;
	uint64_t		 min, max;	/* of numbers */
	const char		*deflt;
	const char		*form;
	const char		*sentence;
	size_t			 offset;	/* in struct config */
};

#define SETTING_NAME	32	/* room for any name, NUL included, bytes */

/* "max-message" */
void	 setting_flag(const struct setting *s, char out[SETTING_NAME]);
/* "OTD_MAX_MESSAGE"; returns its length. */
size_t	 setting_env(const struct setting *s, char out[SETTING_NAME + 16]);

/*
 * Read a value into its place in struct config, freeing what was there.  0,
 * or -1 with what is allowed in allowed (CONFIG_WHY bytes); then the value
 * stays.
 */
int	 value_read(const struct setting *s, const char *text, void *slot,
	    char *allowed);
/* Free it; the place is zero. */
void	 value_done(const struct setting *s, void *slot);

/* Of a LIST: empty it, add one. */
void	 value_clear(const struct setting *s, void *slot);
void	 value_add(void *slot, const char *text, size_t len);

/* Is it a text of one of the kinds? */
bool	 setting_is_text(const struct setting *s);

/* As JSON, the caller's; a URL's password and a secret are masked. */
struct json_object *value_json(const struct setting *s, const void *slot);

#endif
