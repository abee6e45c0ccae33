/*
 * config_table: settings by name, and how a refusal names them.
 *
 * A setting's value lies in a struct, at the setting's offset from its base;
 * place is where somebody said it: "--store", "OTD_STORE", "\"store\" in
 * otd.json".  Functions that return int give 0, or -1 with a sentence in why
 * (CONFIG_WHY bytes).
 */
#ifndef RUN_CONFIG_TABLE_H
#define RUN_CONFIG_TABLE_H

#include <stddef.h>

#include "run/config_value.h"

struct json_object;

struct setting_table {
	const struct setting	*rows;
	size_t			 n;
	const char		*before;	/* of a name when one is meant: "--" */
};

void		*setting_slot(const struct setting *s, void *base);
const void	*setting_peek(const struct setting *s, const void *base);

/* By its name in flags, "max-message"; NULL: there is none. */
const struct setting *setting_find(const struct setting_table *t,
		    const char *name, size_t len);
/* By its name in files, where "max_message" is the same. */
const struct setting *setting_find_in_file(const struct setting_table *t,
		    const char *name);
/* There is none of that name; which is perhaps meant?  Returns -1. */
int		 setting_unknown(const struct setting_table *t,
		    const char *place, const char *name, size_t len,
		    char *why);

int		 setting_set(const struct setting *s, const char *place,
		    const char *value, void *base, char *why);
int		 setting_set_json(const struct setting *s, const char *place,
		    struct json_object *value, void *base, char *why);
/* Returns -1. */
int		 setting_refuse(const struct setting *s, const char *place,
		    const char *value, const char *allowed, char *why);

#endif
